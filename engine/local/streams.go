package local

import (
	"context"

	"github.com/google/uuid"
	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
	"github.com/hatchet-js/hatchet-js-worker/engine/local/serve"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// stream is what all streams have in common.
type stream[T any] struct {
	loop *loop
	box  *mailbox[T]
}

func (s *stream[T]) Next(ctx context.Context) (T, error) { return s.box.next(ctx) }

func (s *stream[T]) end(err error) { s.box.close(err) }

// leave runs f on the hub, together with cmd if there is one. A stream leaves
// also when its own context is done, but not when the loop has ended: nobody is
// left then to be told.
func (s *stream[T]) leave(cmd core.Command, f func(*hub)) {
	ctx, err := context.Background(), error(nil)
	if cmd != nil {
		_, err = s.loop.do(ctx, cmd, f)
	}
	if cmd == nil || err != nil {
		_ = s.loop.touch(ctx, f)
	}
	s.box.close(nil)
}

// actionStream carries assignments and cancellations to a worker.
type actionStream struct {
	stream[core.Effect]
	workerID, session string
}

// openActions connects the worker; the stream is in place before the first
// assignment that this brings about.
func openActions(ctx context.Context, l *loop, cmd core.WorkerConnected) (serve.Stream[core.Effect], error) {
	cmd.SessionID = uuid.NewString()
	s := &actionStream{
		stream:   stream[core.Effect]{loop: l, box: newMailbox[core.Effect](maxActions)},
		workerID: cmd.WorkerID,
		session:  cmd.SessionID,
	}
	_, err := l.do(ctx, cmd, func(h *hub) {
		h.add(s)
		h.workers[s.workerID] = append(h.workers[s.workerID], s)
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Close disconnects the worker from this stream and reports the assignments
// that did not get through. Those that a newer stream got meanwhile the core
// knows of; when the engine stops the worker will get them from the next one.
func (s *actionStream) Close(unsent ...core.Effect) {
	closing := false
	s.leave(core.WorkerDisconnected{WorkerID: s.workerID, SessionID: s.session}, func(h *hub) {
		closing = h.closed
		removeFrom(h.workers, s.workerID, s)
		delete(h.open, s)
	})
	if closing {
		return
	}
	for _, e := range append(unsent, s.box.drain()...) {
		if failed := sendFailed(e); failed != nil {
			_, _ = s.loop.do(context.Background(), failed, nil) // an attempt that is over is no matter
		}
	}
}

// durableStream carries messages to the durable tasks of one worker process.
type durableStream struct {
	stream[core.DurableMessage]
	session string
}

func openDurable(ctx context.Context, l *loop, cmd core.DurableConnected) (serve.Stream[core.DurableMessage], error) {
	s := &durableStream{
		stream:  stream[core.DurableMessage]{loop: l, box: newMailbox[core.DurableMessage](maxDurable)},
		session: cmd.SessionID,
	}
	_, err := l.do(ctx, cmd, func(h *hub) {
		h.add(s)
		h.durable[s.session] = s
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Close forgets the stream; what it did not deliver is asked for again by the
// worker on its next one.
func (s *durableStream) Close(...core.DurableMessage) {
	s.leave(core.DurableDisconnected{SessionID: s.session}, func(h *hub) {
		delete(h.durable, s.session)
		delete(h.open, s)
	})
}

// resultStream carries the results that one client asked for. It is bounded by
// what was asked for.
type resultStream struct {
	stream[core.RunResult]
	waiting map[string]struct{} // the loop's: run ids
	told    bool                // the loop's: a result went out
}

func openResults(ctx context.Context, l *loop) (serve.ResultStream, error) {
	s := &resultStream{
		stream:  stream[core.RunResult]{loop: l, box: newMailbox[core.RunResult](0)},
		waiting: map[string]struct{}{},
	}
	if err := l.touch(ctx, func(h *hub) { h.add(s) }); err != nil {
		return nil, err
	}
	return s, nil
}

// Add implements [serve.ResultStream].
func (s *resultStream) Add(ctx context.Context, runID string) error {
	return s.loop.look(ctx, func(c *core.Core) {
		h := s.loop.hub
		_, open := h.open[s]
		_, twice := s.waiting[runID]
		if !open || twice {
			return // closed meanwhile, or asked already
		}
		if result, ok := c.Result(runID); ok {
			s.put(result)
			return
		}
		s.waiting[runID] = struct{}{}
		h.results[runID] = append(h.results[runID], s)
	})
}

func (s *resultStream) put(result core.RunResult) {
	s.told = true
	s.box.put(result)
	delete(s.waiting, result.RunID)
}

// Close drops what is still waited for.
func (s *resultStream) Close(...core.RunResult) {
	s.leave(nil, func(h *hub) {
		for runID := range s.waiting {
			removeFrom(h.results, runID, s)
		}
		delete(h.open, s)
	})
}

// eventStream carries what happens inside runs to one subscriber.
type eventStream struct {
	stream[core.TaskEvent]
	selection serve.EventSelection
}

func openEvents(ctx context.Context, l *loop, selection serve.EventSelection) (serve.Stream[core.TaskEvent], error) {
	s := &eventStream{
		stream:    stream[core.TaskEvent]{loop: l, box: newMailbox[core.TaskEvent](maxEvents)},
		selection: selection,
	}
	err := l.touch(ctx, func(h *hub) {
		h.add(s)
		if selection.RunID != "" {
			h.runEvents[selection.RunID] = append(h.runEvents[selection.RunID], s)
			return
		}
		h.metadata[s] = struct{}{}
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

func (s *eventStream) put(e core.TaskEvent) {
	if !s.box.put(e) {
		s.end(status.Error(codes.ResourceExhausted, "the event stream is read too slowly"))
	}
}

// Close implements [serve.Stream].
func (s *eventStream) Close(...core.TaskEvent) {
	s.leave(nil, func(h *hub) {
		removeFrom(h.runEvents, s.selection.RunID, s)
		delete(h.metadata, s)
		delete(h.open, s)
	})
}

// signalStream carries the signals that one worker waits for. It is bounded by
// what was asked for.
type signalStream struct {
	stream[core.SignalMet]
	waiting map[serve.SignalKey]struct{} // the loop's
}

func openSignals(ctx context.Context, l *loop) (serve.SignalStream, error) {
	s := &signalStream{
		stream:  stream[core.SignalMet]{loop: l, box: newMailbox[core.SignalMet](0)},
		waiting: map[serve.SignalKey]struct{}{},
	}
	if err := l.touch(ctx, func(h *hub) { h.add(s) }); err != nil {
		return nil, err
	}
	return s, nil
}

// Add implements [serve.SignalStream].
func (s *signalStream) Add(ctx context.Context, key serve.SignalKey) error {
	return s.loop.look(ctx, func(c *core.Core) {
		h := s.loop.hub
		_, open := h.open[s]
		_, twice := s.waiting[key]
		if !open || twice {
			return // closed meanwhile, or asked already
		}
		if met, ok := c.Signal(key.TaskID, key.Key); ok {
			s.box.put(met)
			return
		}
		s.waiting[key] = struct{}{}
		h.signals[key] = append(h.signals[key], s)
	})
}

// Close drops what is still waited for.
func (s *signalStream) Close(...core.SignalMet) {
	s.leave(nil, func(h *hub) {
		for key := range s.waiting {
			removeFrom(h.signals, key, s)
		}
		delete(h.open, s)
	})
}
