package worker

import (
	"context"
	"errors"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/worker/internal/reconnect"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// leastWait is the least time a durable attempt waits before it is evicted, and
// the least between two tries.
const leastWait = 100 * time.Millisecond

// runDurable runs the handler until it ends, again after each time it parked.
func (t *attempt) runDurable() ([]byte, error) {
	for {
		output, err := t.call()
		if !errors.Is(err, ErrParked) {
			return output, err
		}
		if err := t.park(); err != nil {
			return nil, err
		}
	}
}

// park waits until the log has news for the handler. What takes longer is given
// back to the engine, which takes no notice of the execution timeout meanwhile
// and assigns the run again when it can go on (hatchet-protocol.md section 8.4).
func (t *attempt) park() error {
	t.worker.counts.parked.Add(1)
	defer t.worker.counts.parked.Add(-1)
	t.Durable.Park()
	t.worker.observer.TaskParked(&t.Assignment)
	draining := t.worker.draining
	for wait := t.evictAfter(); ; wait = max(2*wait, leastWait) {
		news, err := t.awaitNews(wait, draining)
		if news || err != nil {
			return err
		}
		if draining != nil && t.worker.isDraining() {
			draining, wait = nil, 0 // what cannot be given back yet soon can
		}
		if err = t.evict(); err == nil {
			return ErrEvicted
		}
		if t.ctx.Err() == nil {
			t.worker.logger.Debug("a waiting durable run was not evicted", keyTask, t.TaskRunID, keyError, reconnect.Reason(err))
		}
	}
}

// awaitNews waits for the log until it is time to evict the run.
func (t *attempt) awaitNews(most time.Duration, draining <-chan struct{}) (news bool, err error) {
	timer := t.worker.clock.NewTimer(most)
	defer timer.Stop()
	select {
	case <-t.Durable.Woken():
		return true, nil
	case <-t.ctx.Done():
		return false, context.Cause(t.ctx)
	case <-draining:
	case <-timer.C():
	}
	return false, nil
}

// evict gives the run back to the engine. It fails when the engine cannot, or
// the run is not known to wait.
func (t *attempt) evict() error {
	reason := "waited " + workflow.FormatDuration(t.worker.options.EvictAfter)
	if t.worker.isDraining() {
		reason = "the worker stops"
	}
	if err := t.Durable.Evict(t.ctx, reason); err != nil {
		return err
	}
	t.stop(ErrEvicted)
	return nil
}

// evictAfter leaves ample time before the execution deadline.
func (t *attempt) evictAfter() time.Duration {
	return max(min(t.worker.options.EvictAfter, t.deadline.left()/2), leastWait)
}

func (w *Worker) isDraining() bool {
	select {
	case <-w.draining:
		return true
	default:
		return false
	}
}
