package client

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"github.com/hatchet-js/hatchet-js-worker/engine/transport"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	_ "google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// limit is how long a test waits for what must happen.
const limit = 30 * time.Second

// engine is a Hatchet server's memory: what it was asked and what it knows. It
// outlives the servers that serve it.
type engine struct {
	contract.UnimplementedDispatcherServer
	contract.UnimplementedWorkflowServiceServer
	contract.UnimplementedEventsServiceServer

	mu         sync.Mutex
	hostPort   string
	server     *grpc.Server
	served     chan struct{}
	metadata   metadata.MD // of the last unary call
	refuse     []error     // of the next unary calls
	bulks      []int       // sizes of the bulk requests
	triggers   []*v1.TriggerWorkflowRequest
	events     []*contract.PushEventRequest
	logs       []*contract.PutLogRequest
	streams    []*contract.PutStreamEventRequest
	refreshed  *contract.RefreshTimeoutRequest
	released   string
	cancelled  []string
	filter     *v1.TasksFilter // of the last cancel or replay
	limits     []*contract.PutRateLimitRequest
	chunks     [][]*contract.WorkflowEvent // of the next streams of events; nil drops the stream
	registered *v1.CreateWorkflowVersionRequest
	finished   map[string]*contract.WorkflowRunEvent
	details    map[string]*v1.GetRunDetailsResponse
	polled     map[string]int
	asked      map[string]int // how often streams were asked for a run
	opened     int            // streams of results
	open       map[int]*resultStream
	mute       bool          // streams answer nothing
	noStream   error         // refuses streams of results
	changed    chan struct{} // closed and replaced when something was asked
}

// resultStream is one open stream of results.
type resultStream struct {
	send  chan *contract.WorkflowRunEvent
	wants map[string]bool
}

func newEngine(t *testing.T) *engine {
	t.Helper()
	e := &engine{
		finished: map[string]*contract.WorkflowRunEvent{}, details: map[string]*v1.GetRunDetailsResponse{}, polled: map[string]int{},
		asked: map[string]int{}, open: map[int]*resultStream{}, changed: make(chan struct{}),
	}
	e.start(t, "127.0.0.1:0")
	t.Cleanup(e.stop)
	return e
}

// start serves the engine; stop ends that abruptly. Both may be repeated.
func (e *engine) start(t *testing.T, hostPort string) {
	t.Helper()
	listener, err := net.Listen("tcp", hostPort)
	if err != nil {
		t.Fatal(err)
	}
	server, served := grpc.NewServer(grpc.UnaryInterceptor(e.unary)), make(chan struct{})
	e.mu.Lock()
	e.hostPort, e.server, e.served = listener.Addr().String(), server, served
	e.mu.Unlock()
	contract.RegisterDispatcherServer(server, e)
	contract.RegisterWorkflowServiceServer(server, e)
	contract.RegisterEventsServiceServer(server, e)
	v1.RegisterAdminServiceServer(server, adminOf{engine: e})
	go func() {
		defer close(served)
		if err := server.Serve(listener); err != nil {
			t.Error(err)
		}
	}()
}

func (e *engine) stop() {
	e.server.Stop()
	<-e.served
}

func (e *engine) unary(ctx context.Context, request any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	e.mu.Lock()
	e.metadata, _ = metadata.FromIncomingContext(ctx)
	var err error
	if len(e.refuse) > 0 {
		err, e.refuse = e.refuse[0], e.refuse[1:]
	}
	e.mu.Unlock()
	if err != nil {
		return nil, err
	}
	return handle(ctx, request)
}

// note locks the engine for f and wakes those who wait for a change.
func (e *engine) note(f func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	f()
	close(e.changed)
	e.changed = make(chan struct{})
}

// until waits for something to become true of the engine.
func (e *engine) until(t *testing.T, what string, is func() bool) {
	t.Helper()
	deadline := time.After(limit)
	for {
		e.mu.Lock()
		now, changed := is(), e.changed
		e.mu.Unlock()
		if now {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("waited %v for %s", limit, what)
		}
	}
}

func (e *engine) TriggerWorkflow(_ context.Context, r *v1.TriggerWorkflowRequest) (*contract.TriggerWorkflowResponse, error) {
	e.note(func() { e.triggers = append(e.triggers, r) })
	return &contract.TriggerWorkflowResponse{WorkflowRunId: "run of " + r.Name}, nil
}

func (e *engine) BulkTriggerWorkflow(_ context.Context, r *contract.BulkTriggerWorkflowRequest) (*contract.BulkTriggerWorkflowResponse, error) {
	response := &contract.BulkTriggerWorkflowResponse{}
	e.note(func() {
		e.bulks = append(e.bulks, len(r.Workflows))
		for _, w := range r.Workflows {
			response.WorkflowRunIds = append(response.WorkflowRunIds, fmt.Sprint("run ", len(e.triggers)))
			e.triggers = append(e.triggers, w)
		}
	})
	return response, nil
}

func (e *engine) Push(_ context.Context, r *contract.PushEventRequest) (*contract.Event, error) {
	e.note(func() { e.events = append(e.events, r) })
	return &contract.Event{EventId: "event of " + r.Key}, nil
}

func (e *engine) BulkPush(_ context.Context, r *contract.BulkPushEventRequest) (*contract.Events, error) {
	out := &contract.Events{}
	e.note(func() {
		e.bulks = append(e.bulks, len(r.Events))
		for _, event := range r.Events {
			out.Events = append(out.Events, &contract.Event{EventId: fmt.Sprint("event ", len(e.events))})
			e.events = append(e.events, event)
		}
	})
	return out, nil
}

func (e *engine) PutLog(_ context.Context, r *contract.PutLogRequest) (*contract.PutLogResponse, error) {
	e.note(func() { e.logs = append(e.logs, r) })
	return &contract.PutLogResponse{}, nil
}

func (e *engine) PutStreamEvent(_ context.Context, r *contract.PutStreamEventRequest) (*contract.PutStreamEventResponse, error) {
	e.note(func() { e.streams = append(e.streams, r) })
	return &contract.PutStreamEventResponse{}, nil
}

func (e *engine) RefreshTimeout(_ context.Context, r *contract.RefreshTimeoutRequest) (*contract.RefreshTimeoutResponse, error) {
	e.note(func() { e.refreshed = r })
	return &contract.RefreshTimeoutResponse{TimeoutAt: timestamppb.New(time.Unix(100, 0))}, nil
}

func (e *engine) ReleaseSlot(_ context.Context, r *contract.ReleaseSlotRequest) (*contract.ReleaseSlotResponse, error) {
	e.note(func() { e.released = r.TaskRunExternalId })
	return &contract.ReleaseSlotResponse{}, nil
}

func (e *engine) PutRateLimit(_ context.Context, r *contract.PutRateLimitRequest) (*contract.PutRateLimitResponse, error) {
	e.note(func() { e.limits = append(e.limits, r) })
	return &contract.PutRateLimitResponse{}, nil
}

func (e *engine) SubscribeToWorkflowEvents(r *contract.SubscribeToWorkflowEventsRequest, stream grpc.ServerStreamingServer[contract.WorkflowEvent]) error {
	var events []*contract.WorkflowEvent
	e.note(func() { events, e.chunks = e.chunks[0], e.chunks[1:] })
	for _, event := range events {
		if event == nil {
			return status.Error(codes.Unavailable, "dropped")
		}
		if event.EventPayload == "refuse" {
			return status.Error(codes.NotFound, r.GetWorkflowRunId()+" is not there")
		}
		if err := stream.Send(event); err != nil {
			return err
		}
	}
	return nil
}

// adminOf is the engine's v1.AdminService, whose PutWorkflow is another one
// than that of WorkflowService.
type adminOf struct {
	v1.UnimplementedAdminServiceServer
	engine *engine
}

func (a adminOf) PutWorkflow(_ context.Context, r *v1.CreateWorkflowVersionRequest) (*v1.CreateWorkflowVersionResponse, error) {
	a.engine.note(func() { a.engine.registered = r })
	return &v1.CreateWorkflowVersionResponse{Id: "version", WorkflowId: "workflow"}, nil
}

func (a adminOf) CancelTasks(_ context.Context, r *v1.CancelTasksRequest) (*v1.CancelTasksResponse, error) {
	a.engine.note(func() {
		a.engine.cancelled = append(a.engine.cancelled, r.ExternalIds...)
		a.engine.filter = r.Filter
	})
	return &v1.CancelTasksResponse{CancelledTasks: r.ExternalIds}, nil
}

func (a adminOf) ReplayTasks(_ context.Context, r *v1.ReplayTasksRequest) (*v1.ReplayTasksResponse, error) {
	if r.Filter != nil {
		a.engine.note(func() { a.engine.filter = r.Filter })
		return &v1.ReplayTasksResponse{ReplayedTasks: []string{"some"}}, nil
	}
	return &v1.ReplayTasksResponse{ReplayedTasks: []string{"task of " + r.ExternalIds[0]}}, nil
}

func (a adminOf) GetRunDetails(_ context.Context, r *v1.GetRunDetailsRequest) (*v1.GetRunDetailsResponse, error) {
	e := a.engine
	var details *v1.GetRunDetailsResponse
	e.note(func() {
		e.polled[r.ExternalId]++
		if known := e.details[r.ExternalId]; known != nil {
			details = proto.CloneOf(known)
		}
	})
	if details == nil {
		return nil, status.Error(codes.NotFound, "workflow run not found")
	}
	return details, nil
}

// SubscribeToWorkflowRuns answers each run once it is final.
func (e *engine) SubscribeToWorkflowRuns(stream grpc.BidiStreamingServer[contract.SubscribeToWorkflowRunsRequest, contract.WorkflowRunEvent]) error {
	s := &resultStream{send: make(chan *contract.WorkflowRunEvent, 10_000), wants: map[string]bool{}}
	var number int
	var refused error
	e.note(func() {
		e.opened++
		number, refused = e.opened, e.noStream
		e.open[number] = s
	})
	defer e.note(func() { delete(e.open, number) })
	if refused != nil {
		return refused
	}
	ended := make(chan error, 1)
	go func() {
		for {
			request, err := stream.Recv()
			if err != nil {
				ended <- err
				return
			}
			e.note(func() {
				e.asked[request.WorkflowRunId]++
				s.wants[request.WorkflowRunId] = true
				e.tell(s, request.WorkflowRunId)
			})
		}
	}()
	for {
		select {
		case event := <-s.send:
			if event == nil {
				return status.Error(codes.Unavailable, "dropped")
			}
			if err := stream.Send(event); err != nil {
				return err
			}
		case err := <-ended:
			return err
		}
	}
}

// tell sends a run's event on a stream that wants it. The engine is locked.
func (e *engine) tell(s *resultStream, id string) {
	if event := e.finished[id]; event != nil && s.wants[id] && !e.mute {
		s.send <- event
	}
}

// finish makes a run final.
func (e *engine) finish(id string, results ...*contract.StepRunResult) {
	e.note(func() {
		e.finished[id] = &contract.WorkflowRunEvent{WorkflowRunId: id, Results: results}
		for _, s := range e.open {
			e.tell(s, id)
		}
	})
}

// drop breaks all streams of results.
func (e *engine) drop() {
	e.note(func() {
		for _, s := range e.open {
			s.send <- nil
		}
	})
}

func token(hostPort, serverURL string) string {
	payload, err := json.Marshal(map[string]any{"sub": "tenant-1", "grpc_broadcast_address": hostPort, "server_url": serverURL, "exp": 4102444800})
	if err != nil {
		panic(err)
	}
	return "e30." + base64.RawURLEncoding.EncodeToString(payload) + ".c2ln"
}

// connect returns a client of the engine that has quick retries.
func connect(t *testing.T, hostPort, serverURL string, options Options) *Client {
	t.Helper()
	conn, err := transport.Dial(transport.Config{
		Token: token(hostPort, serverURL), TLS: transport.TLSConfig{Strategy: transport.TLSNone},
		Retry: transport.Retry{InitialInterval: time.Millisecond, MaxJitter: time.Millisecond},
	}, transport.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	})
	return New(conn, options)
}

// running returns a client whose Run is under way until the test ends.
func running(t *testing.T, e *engine, options Options) *Client {
	t.Helper()
	if options.Rand == nil {
		options.Rand = func() float64 { return 0.1 }
	}
	c := connect(t, e.hostPort, "", options)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return c
}

func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	t.Cleanup(cancel)
	return ctx
}
