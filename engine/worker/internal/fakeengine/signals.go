package fakeengine

import (
	"context"
	"slices"

	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"google.golang.org/grpc"
)

// signals are what engines before v0.80.0 have for durable tasks.
type signals struct {
	registered []*v1.RegisterDurableEventRequest
	listened   map[string]int // by task/signal
	out        grpc.BidiStreamingServer[v1.ListenForDurableEventRequest, v1.DurableEvent]
	end        chan struct{}
}

// RegisterDurableEvent implements v1.V1DispatcherServer.
func (e *Engine) RegisterDurableEvent(_ context.Context, in *v1.RegisterDurableEventRequest) (*v1.RegisterDurableEventResponse, error) {
	if err := e.scripted("RegisterDurableEvent", in); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.signals.registered = append(e.signals.registered, in)
	return &v1.RegisterDurableEventResponse{}, nil
}

// ListenForDurableEvent implements v1.V1DispatcherServer.
func (e *Engine) ListenForDurableEvent(stream grpc.BidiStreamingServer[v1.ListenForDurableEventRequest, v1.DurableEvent]) error {
	if err := e.scripted("ListenForDurableEvent", nil); err != nil {
		return err
	}
	end, received := make(chan struct{}), make(chan error, 1)
	e.mu.Lock()
	e.signals.out, e.signals.end = stream, end
	e.mu.Unlock()
	go func() {
		for {
			in, err := stream.Recv()
			if err != nil {
				received <- err
				return
			}
			e.mu.Lock()
			if e.signals.listened == nil {
				e.signals.listened = map[string]int{}
			}
			e.signals.listened[in.TaskId+"/"+in.SignalKey]++
			e.mu.Unlock()
		}
	}()
	select {
	case err := <-received:
		return err
	case <-end:
		return nil
	}
}

// Registered are the waits that were registered.
func (e *Engine) Registered() []*v1.RegisterDurableEventRequest {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.signals.registered)
}

// Listened is how often a signal, given as task/key, was listened for.
func (e *Engine) Listened(signal string) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.signals.listened[signal]
}

// Signal satisfies a wait.
func (e *Engine) Signal(task, key, data string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	_ = e.signals.out.Send(&v1.DurableEvent{TaskId: task, SignalKey: key, Data: []byte(data)})
}

// EndSignals ends the stream of signals.
func (e *Engine) EndSignals() {
	e.mu.Lock()
	defer e.mu.Unlock()
	close(e.signals.end)
}
