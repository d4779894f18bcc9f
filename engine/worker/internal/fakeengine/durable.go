package fakeengine

import (
	"slices"
	"sync"

	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"google.golang.org/grpc"
)

// durableStream is the open stream of durable tasks.
type durableStream struct {
	mu   sync.Mutex
	out  grpc.BidiStreamingServer[v1.DurableTaskRequest, v1.DurableTaskResponse]
	end  chan struct{}
	once sync.Once
}

func (s *durableStream) send(messages ...*v1.DurableTaskResponse) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range messages {
		_ = s.out.Send(m)
	}
}

// OnDurable has answer called for every message on the stream of durable tasks;
// what it returns is sent back.
func (e *Engine) OnDurable(answer func(*v1.DurableTaskRequest) []*v1.DurableTaskResponse) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.onDurable = answer
}

// DurableTask implements v1.V1DispatcherServer.
func (e *Engine) DurableTask(stream grpc.BidiStreamingServer[v1.DurableTaskRequest, v1.DurableTaskResponse]) error {
	if err := e.scripted("DurableTask", nil); err != nil {
		return err
	}
	s := &durableStream{out: stream, end: make(chan struct{})}
	received := make(chan error, 1)
	go func() { received <- e.converse(s, stream) }()
	select {
	case err := <-received:
		return err
	case <-s.end:
		return nil
	}
}

func (e *Engine) converse(s *durableStream, stream grpc.BidiStreamingServer[v1.DurableTaskRequest, v1.DurableTaskResponse]) error {
	for {
		in, err := stream.Recv()
		if err != nil {
			return err
		}
		e.mu.Lock()
		e.durable = s
		e.asked = append(e.asked, in)
		answer := e.onDurable
		e.mu.Unlock()
		if hello := in.GetRegisterWorker(); hello != nil {
			s.send(&v1.DurableTaskResponse{Message: &v1.DurableTaskResponse_RegisterWorker{
				RegisterWorker: &v1.DurableTaskResponseRegisterWorker{WorkerId: hello.WorkerId}}})
		}
		if answer != nil {
			s.send(answer(in)...)
		}
	}
}

// SendDurable sends messages on the open stream of durable tasks.
func (e *Engine) SendDurable(messages ...*v1.DurableTaskResponse) {
	e.mu.Lock()
	s := e.durable
	e.mu.Unlock()
	if s != nil {
		s.send(messages...)
	}
}

// EndDurable ends the stream of durable tasks.
func (e *Engine) EndDurable() {
	e.mu.Lock()
	s := e.durable
	e.durable = nil
	e.mu.Unlock()
	if s != nil {
		s.once.Do(func() { close(s.end) })
	}
}

// Asked returns every message on the streams of durable tasks.
func (e *Engine) Asked() []*v1.DurableTaskRequest {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.asked)
}
