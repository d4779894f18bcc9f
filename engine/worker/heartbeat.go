package worker

import (
	"context"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker/internal/reconnect"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/timestamppb"
)

const (
	// briefTimeout bounds a heartbeat, and calls that are not worth more.
	briefTimeout = 5 * time.Second
	// heartbeatRetry is the wait after a heartbeat that was not accepted.
	heartbeatRetry = time.Second
	// quietHeartbeat keeps the tasks of a registration that was taken over: an
	// engine gives no work to a worker silent for 5 s and takes the tasks of one
	// silent for 30 s away (hatchet-protocol.md section 3.5).
	quietHeartbeat = 14 * time.Second
	// eligible is how long after a heartbeat the engine may still send work, with
	// a second for the way.
	eligible = 6 * time.Second
	// deafAfter is how many heartbeats in a row may get no answer before the
	// stream is taken for dead as well.
	deafAfter = 3
)

// brief makes a call that is not repeated.
func (w *Worker) brief(ctx context.Context, call func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, briefTimeout)
	defer cancel()
	return call(ctx)
}

// beat sends heartbeats from the moment the first stream is open until ctx ends.
// Nothing a handler does can delay it. It returns errForgotten when the engine
// does not know the worker (hatchet-protocol.md section 3.5).
func (r *registration) beat(ctx context.Context) error {
	select {
	case <-r.beatNow:
	case <-ctx.Done():
	}
	unanswered, trouble := 0, false
	for {
		began := r.worker.clock.Now()
		err := r.heartbeat(ctx, began)
		if ctx.Err() != nil {
			return nil
		}
		switch reconnect.Code(err) {
		case codes.OK:
			r.accepted(began, trouble)
			unanswered, trouble = 0, false
		case codes.NotFound:
			return errForgotten
		case codes.Unimplemented:
			r.accepted(began, false)
			r.worker.state.update(func(k *keeper) { k.noHeartbeats = true })
			return nil
		case codes.FailedPrecondition:
			r.reopen(began)
			unanswered, trouble = 0, true
		default:
			unanswered++
			trouble = true
			r.unanswered(unanswered, err)
		}
		if reconnect.Wait(ctx, r.worker.clock, r.interval(began, err), r.beatNow) != nil {
			return nil
		}
	}
}

func (r *registration) heartbeat(ctx context.Context, at time.Time) error {
	return r.worker.brief(ctx, func(ctx context.Context) error {
		_, err := r.worker.rpc.dispatcher.Heartbeat(ctx, &contract.HeartbeatRequest{
			WorkerId: r.workerID(), HeartbeatAt: timestamppb.New(at)})
		return err
	})
}

// interval is the wait until the next heartbeat, so that they begin at a steady
// pace.
func (r *registration) interval(began time.Time, err error) time.Duration {
	pace := r.worker.options.Heartbeat
	if err != nil && !r.leaving.Load() {
		return min(pace, heartbeatRetry)
	}
	if r.quiet.Load() {
		pace = max(pace, quietHeartbeat)
	}
	return max(pace-r.worker.clock.Now().Sub(began), time.Millisecond)
}

// accepted notes a heartbeat. With a stream that was open before it, the worker
// is connected.
func (r *registration) accepted(at time.Time, again bool) {
	w := r.worker
	w.state.update(func(k *keeper) {
		k.noHeartbeats = false
		if at.After(k.lastHeartbeat) {
			k.lastHeartbeat = at
		}
	})
	r.lastBeat.Store(at.UnixNano())
	if r.stream.proved() {
		r.once.Do(func() { close(r.established) })
		r.note(StateConnected, "")
	}
	if again {
		w.pulse.Beat()
	}
}

// reopen renews a stream that the engine does not consider open: a worker that
// only kept beating would look alive and never get work. A stream opened a
// moment ago may just not have arrived yet.
func (r *registration) reopen(began time.Time) {
	r.worker.pulse.Beat() // it answers, so results need not wait for the stream
	if r.leaving.Load() {
		return
	}
	opened, open := r.stream.since()
	switch {
	case !open:
		poke(r.wake)
	case began.Sub(opened) >= min(r.worker.options.Heartbeat, heartbeatRetry):
		r.stream.close(errReopen)
	}
}

// unanswered notes heartbeats in a row that the engine did not take. If it does
// not answer at all, the stream is as dead as they are.
func (r *registration) unanswered(times int, err error) {
	r.trouble("heartbeat", err, 0)
	if times >= deafAfter && reconnect.Unreachable(err) && !r.leaving.Load() {
		r.stream.close(errReopen)
	}
}
