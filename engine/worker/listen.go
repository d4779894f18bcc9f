package worker

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker/internal/reconnect"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
)

const (
	// leaveLinger is how long assignments that were on their way are awaited
	// after the engine was told to send no more.
	leaveLinger = 500 * time.Millisecond
	// oddErrors is how often the engine may refuse the stream for a reason that
	// says nothing, before the worker registers anew.
	oddErrors = 5
)

// errLeft ends the stream of a registration that leaves.
var errLeft = errors.New("the worker leaves")

// streamState is what the heartbeats need to know of the stream.
type streamState struct {
	mu     sync.Mutex
	cancel context.CancelCauseFunc // nil while there is no stream
	opened time.Time
	proof  bool          // a heartbeat was accepted or an action came while it was open
	broken bool          // one that worked ended, and none has worked since
	ended  chan struct{} // one signal per end of a stream
	mended *atomic.Int64 // counts streams that work after a broken one
}

func (s *streamState) open(cancel context.CancelCauseFunc, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cancel, s.opened, s.proof = cancel, now, false
}

// proved notes a sign that the engine knows of the stream, if there is one.
func (s *streamState) proved() (open bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cancel == nil {
		return false
	}
	s.proof = true
	if s.broken {
		s.broken = false
		s.mended.Add(1)
	}
	return true
}

// worked reports whether there was such a sign for the last stream.
func (s *streamState) worked() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	worked := s.proof
	s.proof, s.broken = false, s.broken || worked
	return worked
}

func (s *streamState) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cancel = nil
	poke(s.ended)
}

// since returns when the stream was opened; false while there is none.
func (s *streamState) since() (time.Time, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.opened, s.cancel != nil
}

// close ends the stream, if there is one, with a reason.
func (s *streamState) close(reason error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cancel != nil {
		s.cancel(reason)
	}
}

// listen keeps a stream of assignments open until ctx ends or the registration
// leaves; it returns errForgotten when the engine does not know the worker
// (hatchet-protocol.md section 3.4).
func (r *registration) listen(ctx context.Context) error {
	w := r.worker
	backoff := w.pacing
	for odd := 0; ctx.Err() == nil && !r.leaving.Load(); {
		err := r.receiveAll(ctx)
		if ctx.Err() != nil || r.leaving.Load() {
			return nil
		}
		if r.stream.worked() {
			backoff.Reset() // the loss of a stream that worked is the first again
			odd = 0
		}
		if isOdd(err) {
			odd++
		}
		switch {
		case reconnect.Code(err) == codes.Unimplemented && w.oldListen.CompareAndSwap(false, true):
			continue
		case reconnect.Code(err) == codes.NotFound || odd >= oddErrors:
			return errForgotten
		}
		delay := w.pace(&backoff, err)
		r.trouble("listen for work", err, delay)
		_ = reconnect.Wait(ctx, w.clock, delay, r.wake)
		w.rpc.retryNow()
	}
	return nil
}

// isOdd reports whether a stream ended for a reason that neither waiting nor a
// person is known to help against.
func isOdd(err error) bool {
	return !errors.Is(err, errReopen) && !reconnect.Unreachable(err) && !reconnect.Unauthorized(err)
}

// receiveAll opens one stream and hands on what it delivers until it ends.
func (r *registration) receiveAll(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stream, err := r.openStream(ctx)
	if err != nil {
		return err
	}
	r.stream.open(cancel, r.worker.clock.Now())
	defer r.stream.end()
	if r.leaving.Load() {
		return errLeft
	}
	poke(r.beatNow)
	for {
		in, err := stream.Recv()
		if err != nil {
			if cause := context.Cause(ctx); errors.Is(cause, errReopen) || errors.Is(cause, errLeft) {
				return cause
			}
			return err
		}
		r.stream.proved()
		r.worker.receive(r, in)
	}
}

// openStream falls back to the older call for good once the engine turned out
// not to know the newer one.
func (r *registration) openStream(ctx context.Context) (grpc.ServerStreamingClient[contract.AssignedAction], error) {
	request := &contract.WorkerListenRequest{WorkerId: r.workerID()}
	if r.worker.oldListen.Load() {
		return r.worker.rpc.dispatcher.Listen(ctx, request)
	}
	return r.worker.rpc.dispatcher.ListenV2(ctx, request)
}
