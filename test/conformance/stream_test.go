package conformance

import (
	"context"
	"errors"
	"io"
	"slices"

	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	"github.com/rogpeppe/go-internal/testscript"
)

// listener collects the chunks of one run's stream.
type listener struct {
	stop   context.CancelFunc
	heard  chan struct{} // closed by the first chunk
	ended  chan error
	chunks []string // read after ended
}

// still is the chunk that a script repeats until somebody listens.
const still = "."

func (l *listener) close() {
	if l != nil {
		l.stop()
		<-l.ended
	}
}

func listen(ts *testscript.TestScript, neg bool, args []string) {
	args = arguments(ts, neg, args, 1, 1, nil)
	s, id := of(ts), named(ts, args[0])
	s.listen.close()
	ctx, stop := s.within()
	stream, err := contract.NewDispatcherClient(s.conn.Grpc()).SubscribeToWorkflowEvents(ctx,
		&contract.SubscribeToWorkflowEventsRequest{WorkflowRunId: &id})
	if err != nil {
		stop()
		ts.Fatalf("subscribe: %v", err)
	}
	l := &listener{stop: stop, heard: make(chan struct{}), ended: make(chan error, 1)}
	s.listen = l
	go func() {
		defer stop()
		l.ended <- l.receive(stream)
		close(l.ended)
	}()
	select {
	case <-l.heard:
	case err := <-l.ended:
		ts.Fatalf("the stream ended before it began: %v", err)
	}
}

func (l *listener) receive(stream interface {
	Recv() (*contract.WorkflowEvent, error)
}) error {
	for {
		e, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if e.EventType == contract.ResourceEventType_RESOURCE_EVENT_TYPE_STREAM {
			if len(l.chunks) == 0 {
				close(l.heard)
			}
			l.chunks = append(l.chunks, e.EventPayload)
		}
	}
}

func streamed(ts *testscript.TestScript, neg bool, args []string) {
	args = arguments(ts, neg, args, 1, 100, nil)
	l := of(ts).listen
	if l == nil {
		ts.Fatalf("nobody listens")
	}
	ts.Check(<-l.ended)
	got := slices.DeleteFunc(l.chunks, func(chunk string) bool { return chunk == still })
	if !slices.Equal(got, args) {
		ts.Fatalf("the stream gave %q, want %q", got, args)
	}
}
