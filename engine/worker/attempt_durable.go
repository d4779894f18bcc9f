package worker

import (
	"context"
	"errors"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker/internal/reconnect"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// leastWait is the least time a durable attempt waits before it is evicted, and
// the least between two tries.
const leastWait = 100 * time.Millisecond

// runDurable runs the handler until it ends, again after each time it parked.
// What it waits for when its context ends fails.
func (t *attempt) runDurable() ([]byte, error) {
	dismissed := make(chan struct{})
	stop := context.AfterFunc(t.ctx, func() {
		defer close(dismissed)
		if cause := context.Cause(t.ctx); !errors.Is(cause, ErrEvicted) {
			t.Durable.Dismiss(cause)
		}
	})
	defer func() {
		if !stop() {
			<-dismissed
		}
	}()
	for {
		output, err := t.call(t.ctx)
		if !errors.Is(err, ErrParked) {
			return output, err
		}
		if err := t.park(); err != nil {
			var timeout *TimeoutError
			if errors.Is(err, ErrCancelled) || errors.As(err, &timeout) {
				t.farewell(err)
			}
			return nil, err
		}
	}
}

// farewell runs the handler of an attempt that waits and is over, as cause says,
// once more, so that it can tidy up: what it waits for fails. What comes of that
// counts for nothing.
func (t *attempt) farewell(cause error) {
	t.Durable.Dismiss(cause)
	ctx, cancel := clock.WithTimeout(t.worker.life, t.worker.clock, t.worker.options.Grace, cause)
	defer cancel()
	if _, err := t.call(ctx); err != nil {
		t.worker.logger.Debug("a run that waited was told of its end", keyTask, t.TaskRunID, keyError, err)
	}
}

// park waits until the log has news for the handler. What takes longer is given
// back to the engine, which takes no notice of the execution timeout meanwhile
// and assigns the run again when it can go on (hatchet-protocol.md section 8.4).
func (t *attempt) park() error {
	t.worker.counts.parked.Add(1)
	defer t.worker.counts.parked.Add(-1)
	t.Durable.Park()
	t.tell(t.worker.observer.TaskParked)
	policy := t.evictionPolicy()
	stay := t.worker.lounge.enter(policy)
	defer t.worker.lounge.leave(stay)
	draining := t.worker.draining
	for wait := t.evictAfter(policy); ; {
		reason, err := t.awaitNews(stay, wait, draining)
		if reason == "" || err != nil {
			return err
		}
		if draining != nil && t.worker.isDraining() {
			draining, wait = nil, 0 // what cannot be given back yet soon can
		}
		if err = t.evict(reason); err == nil {
			return ErrEvicted
		}
		if t.ctx.Err() == nil {
			t.worker.logger.Debug("a waiting durable run was not evicted", keyTask, t.TaskRunID, keyError, reconnect.Reason(err))
		}
		wait = max(2*wait, leastWait)
	}
}

// awaitNews waits for the log until the run is to be evicted, and says why that
// is; "" if there is news. A wait of 0 has no end.
func (t *attempt) awaitNews(stay *stay, most time.Duration, draining <-chan struct{}) (reason string, err error) {
	var late <-chan time.Time
	if most > 0 {
		timer := t.worker.clock.NewTimer(most)
		defer timer.Stop()
		late = timer.C()
	}
	select {
	case <-t.Durable.Woken():
		return "", context.Cause(t.ctx) // nil unless it is over, too
	case <-t.ctx.Done():
		return "", context.Cause(t.ctx)
	case <-draining:
		return "Worker shutdown", nil
	case <-stay.asked:
		return "Worker at capacity", nil
	case <-late:
		if t.worker.isDraining() {
			return "Worker shutdown", nil
		}
		return "Wait TTL (" + workflow.FormatDuration(most) + ") exceeded", nil
	}
}

// evict gives the run back to the engine. It fails when the engine cannot, or
// the run is not known to wait.
func (t *attempt) evict(reason string) error {
	if on := t.Durable.WaitsOn(); on != "" {
		reason += " while waiting on " + on
	}
	if err := t.Durable.Evict(t.ctx, reason); err != nil {
		return err
	}
	t.stop(ErrEvicted)
	return nil
}

// evictionPolicy is the task's own, or the worker's.
func (t *attempt) evictionPolicy() workflow.EvictionPolicy {
	if own := t.action.task.Eviction; own != nil {
		return *own
	}
	return workflow.EvictionPolicy{TTL: t.worker.options.EvictAfter, Capacity: true}
}

// evictAfter is how long the run may wait here: it leaves ample time before the
// execution deadline. 0 = as long as it takes.
func (t *attempt) evictAfter(policy workflow.EvictionPolicy) time.Duration {
	if policy.TTL == 0 {
		return 0
	}
	return max(min(policy.TTL, t.deadline.left()/2), leastWait)
}

func (w *Worker) isDraining() bool {
	select {
	case <-w.draining:
		return true
	default:
		return false
	}
}
