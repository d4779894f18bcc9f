package durable

import (
	"context"
	"errors"
	"time"

	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker/internal/reconnect"
)

// evictionWait is how long the answer to an eviction is awaited, as the SDKs do
// (hatchet-protocol.md section 8.4).
const evictionWait = 30 * time.Second

var (
	errDisconnected = errors.New("there is no stream to the engine")
	errNotWaiting   = errors.New("the run waits for nothing the engine knows of")
	errLeft         = errors.New("the run is over")
	errNoAnswer     = errors.New("the engine did not answer the eviction in time")
	errLostAnswer   = errors.New("the stream to the engine broke while it answered, and the run could not be given back")
)

// eviction is a request to give a run back that is not answered yet.
type eviction struct {
	done      chan error // gets one value
	completed bool       // something the run awaits was answered meanwhile
}

// Evict gives a parked run back to the engine and returns when that has taken
// it: the run is then no longer ours and nothing about it is reported
// (hatchet-protocol.md section 8.4).
func (r *Run) Evict(ctx context.Context, reason string) error {
	e, err := r.requestEviction(reason)
	if err != nil {
		return err
	}
	if err := r.awaitEviction(ctx, e); err != nil {
		return err
	}
	// What was answered just before the engine evicted the run would not wake it.
	if completed := r.completedSince(e); completed {
		return r.session.restore(ctx, r.key.TaskRunID)
	}
	return nil
}

// WaitsOn names what a parked run waits for: the first of it; "" if that is not
// known.
func (r *Run) WaitsOn() string {
	r.session.mu.Lock()
	defer r.session.mu.Unlock()
	if open := r.awaited(); len(open) > 0 {
		return open[0].describe
	}
	return ""
}

func (r *Run) requestEviction(reason string) (*eviction, error) {
	r.session.mu.Lock()
	defer r.session.mu.Unlock()
	switch {
	case r.session.engine.Old():
		return nil, errNotEvictable
	case !r.session.open:
		return nil, errDisconnected
	case r.pending != nil || len(r.queue) > 0 || len(r.awaited()) == 0:
		return nil, errNotWaiting
	}
	return r.pushEviction(reason), nil
}

func (r *Run) pushEviction(reason string) *eviction {
	e := &eviction{done: make(chan error, 1)}
	r.evict = e
	message := &v1.DurableTaskRequest{Message: &v1.DurableTaskRequest_EvictInvocation{
		EvictInvocation: &v1.DurableTaskEvictInvocationRequest{
			InvocationCount: r.key.Invocation, DurableTaskExternalId: r.key.TaskRunID, Reason: &reason}}}
	r.session.push(outgoing{message: message, run: r, passing: true})
	return e
}

func (r *Run) awaitEviction(ctx context.Context, e *eviction) error {
	timer := r.session.options.Clock.NewTimer(evictionWait)
	defer timer.Stop()
	select {
	case err := <-e.done:
		return err
	case <-timer.C():
		return errNoAnswer
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (r *Run) completedSince(e *eviction) bool {
	r.session.mu.Lock()
	defer r.session.mu.Unlock()
	return e.completed
}

// endEviction answers an eviction that is under way. The caller holds the lock.
func (r *Run) endEviction(err error) {
	if r.evict != nil {
		r.evict.done <- err
		r.evict = nil
	}
}

// giveBackLost gives a run back whose request may or may not have reached the
// engine over a stream that broke: asked again, it might stand in the log twice.
// The next invocation starts from a known place. The caller holds the lock.
func (r *Run) giveBackLost() {
	if r.pending != nil && r.pending.sent {
		r.giveBack("the stream broke while a request was under way")
	}
}

// giveBack gives a run back and has it assigned again. The caller holds the lock.
func (r *Run) giveBack(reason string) {
	ctx := r.session.ctx
	if r.evict != nil || ctx == nil {
		return
	}
	e := r.pushEviction(reason)
	r.session.group.Go(func() { r.awaitGivenBack(ctx, e) })
}

func (r *Run) awaitGivenBack(ctx context.Context, e *eviction) {
	err := r.awaitEviction(ctx, e)
	if errors.Is(err, errDisconnected) || errors.Is(err, errLeft) || ctx.Err() != nil {
		return // the next stream begins anew, or nobody is left to tell
	}
	if err == nil {
		err = r.session.restore(ctx, r.key.TaskRunID)
	}
	if err == nil {
		r.evicted("given back")
		return
	}
	s := r.session
	s.mu.Lock()
	var calls []func()
	if lost := r.pending; lost != nil {
		r.pending = nil
		for _, e := range lost.entries {
			calls = append(calls, r.answer(e, nil, errors.Join(errLostAnswer, err))...)
		}
	}
	s.mu.Unlock()
	each(calls)
}

// restore has an evicted run assigned again, trying for as long as the engine
// cannot be reached.
func (s *Session) restore(ctx context.Context, taskRunID string) error {
	backoff := reconnect.Backoff{Base: reconnectBase, Cap: reconnectCap, Part: s.options.Rand}
	for {
		err := s.engine.Restore(ctx, taskRunID)
		if err == nil || !reconnect.Unreachable(err) {
			return err
		}
		if err := reconnect.Wait(ctx, s.options.Clock, backoff.Next(), nil); err != nil {
			return err
		}
	}
}
