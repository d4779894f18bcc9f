// Package fakeengine is an engine for tests of workers: a real gRPC server that
// does what it is told, records what it is sent, and can be cut off, stopped and
// started again. It schedules nothing by itself.
package fakeengine

import (
	"net"
	"sync"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	_ "google.golang.org/grpc/encoding/gzip" // accepted, as by every engine
	"google.golang.org/grpc/status"
)

// patience is how long a test waits for something that has to happen.
const patience = 30 * time.Second

// Engine is a scriptable engine. Its exported fields are set before Start.
type Engine struct {
	contract.UnimplementedDispatcherServer
	contract.UnimplementedEventsServiceServer
	v1.UnimplementedAdminServiceServer
	v1.UnimplementedV1DispatcherServer

	t       testing.TB
	address string

	mu        sync.Mutex
	version   string
	server    *grpc.Server
	conns     map[net.Conn]struct{}
	script    map[string]func(request any) error // by method name
	workers   map[string]*Worker
	order     []*Worker
	workflows []*v1.CreateWorkflowVersionRequest
	journal   []Entry
	requeued  []string
	durable   *durableStream
	onDurable func(*v1.DurableTaskRequest) []*v1.DurableTaskResponse
	asked     []*v1.DurableTaskRequest
	signals   signals
}

// Worker is a registration as the engine sees it.
type Worker struct {
	ID           string
	Request      *contract.WorkerRegisterRequest
	Heartbeats   int
	Unsubscribed bool
	Upserted     []map[string]*contract.WorkerLabels
	listened     bool // it had a stream once
	streams      []*stream
}

// stream is one open stream of assignments.
type stream struct {
	old  bool // opened with Listen
	send chan *contract.AssignedAction
	end  chan struct{}
	once sync.Once
}

func (s *stream) close() { s.once.Do(func() { close(s.end) }) }

// Entry is something that a worker reported about a task, in the order of
// arrival.
type Entry struct {
	Event *contract.StepActionEvent // or
	Batch *contract.BatchActionEvent
	Log   *contract.PutLogRequest
}

// Start runs an engine on a free port until the test ends.
func Start(t testing.TB) *Engine {
	e := &Engine{
		t: t, address: "127.0.0.1:0", version: "v0.101.27",
		script: map[string]func(any) error{}, workers: map[string]*Worker{},
	}
	e.Restart()
	t.Cleanup(e.Stop)
	return e
}

// Restart serves again, on the address of before. What it knew is still there.
func (e *Engine) Restart() {
	e.t.Helper()
	listener, err := e.listen()
	if err != nil {
		e.t.Fatalf("listen on %s: %v", e.address, err)
	}
	server := grpc.NewServer()
	contract.RegisterDispatcherServer(server, e)
	contract.RegisterEventsServiceServer(server, e)
	v1.RegisterAdminServiceServer(server, e)
	v1.RegisterV1DispatcherServer(server, e)
	e.mu.Lock()
	e.address, e.server, e.conns = listener.Addr().String(), server, map[net.Conn]struct{}{}
	e.mu.Unlock()
	go func() { _ = server.Serve(&recorded{listener, e}) }()
}

// listen takes the address again, which the system may still hold for a moment.
func (e *Engine) listen() (listener net.Listener, err error) {
	for limit := time.Now().Add(patience); time.Now().Before(limit); time.Sleep(5 * time.Millisecond) {
		if listener, err = net.Listen("tcp", e.address); err == nil {
			return listener, nil
		}
	}
	return nil, err
}

// Stop ends the server and every connection.
func (e *Engine) Stop() {
	e.mu.Lock()
	server := e.server
	e.server, e.durable = nil, nil
	for _, w := range e.order {
		w.closeStreams()
	}
	e.mu.Unlock()
	if server != nil {
		server.Stop()
	}
}

// Cut breaks every network connection; the server goes on.
func (e *Engine) Cut() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for conn := range e.conns {
		_ = conn.Close()
	}
}

// Forget makes the engine one that never knew any worker or workflow.
func (e *Engine) Forget() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, w := range e.order {
		w.closeStreams()
	}
	e.workers, e.workflows = map[string]*Worker{}, nil
}

// Silence makes the engine take every call and answer none, until the test ends.
func (e *Engine) Silence() {
	silent := make(chan struct{})
	e.t.Cleanup(func() { close(silent) })
	for _, method := range []string{"Heartbeat", "SendStepActionEvent", "PutLog", "Unsubscribe", "ListenV2"} {
		e.On(method, func(any) error { <-silent; return status.Error(codes.Unavailable, "silent") })
	}
}

// SetVersion changes what GetVersion answers.
func (e *Engine) SetVersion(version string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.version = version
}

// On has check called for every call of a method, such as "Heartbeat"; its error
// is the answer. A nil check ends that.
func (e *Engine) On(method string, check func(request any) error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.script[method] = check
}

// Refuse answers every call of a method with code until it is told otherwise.
func (e *Engine) Refuse(method string, code codes.Code) {
	e.On(method, func(any) error { return status.Errorf(code, "scripted") })
}

// scripted asks the script about a call.
func (e *Engine) scripted(method string, request any) error {
	e.mu.Lock()
	check := e.script[method]
	e.mu.Unlock()
	if check == nil {
		return nil
	}
	return check(request)
}

// Dial connects to the engine until the test ends, coming back quickly after it
// was gone.
func (e *Engine) Dial() *grpc.ClientConn {
	conn, err := grpc.NewClient(e.address,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: 5 * time.Millisecond, Multiplier: 1.5, MaxDelay: 50 * time.Millisecond},
			MinConnectTimeout: time.Second,
		}))
	if err != nil {
		e.t.Fatal(err)
	}
	e.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// Until waits for a condition on what the engine was sent.
func (e *Engine) Until(what string, condition func() bool) {
	e.t.Helper()
	Until(e.t, what, condition)
}

// Until waits for a condition that has to come true.
func Until(t testing.TB, what string, condition func() bool) {
	t.Helper()
	for limit := time.Now().Add(patience); time.Now().Before(limit); time.Sleep(2 * time.Millisecond) {
		if condition() {
			return
		}
	}
	t.Fatalf("waited in vain: %s", what)
}

// recorded is a listener that knows its connections.
type recorded struct {
	net.Listener
	engine *Engine
}

func (r *recorded) Accept() (net.Conn, error) {
	conn, err := r.Listener.Accept()
	if err != nil {
		return nil, err
	}
	r.engine.mu.Lock()
	defer r.engine.mu.Unlock()
	r.engine.conns[conn] = struct{}{}
	return conn, nil
}
