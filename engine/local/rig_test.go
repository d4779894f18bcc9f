package local_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"github.com/hatchet-js/hatchet-js-worker/engine/local"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// patience is how long a test waits for what must happen.
const patience = 30 * time.Second

// rig is a running engine with a client of every service.
type rig struct {
	t      testing.TB
	engine *local.Engine
	conn   *grpc.ClientConn
	ctx    context.Context // ends with the test
	stop   func() error    // ends the engine, once

	dispatcher contract.DispatcherClient
	workflows  contract.WorkflowServiceClient
	events     contract.EventsServiceClient
	admin      v1.AdminServiceClient
	durable    v1.V1DispatcherClient
}

// start runs an engine until the test ends.
func start(t testing.TB, options local.Options) *rig {
	t.Helper()
	if testing.Verbose() && options.Logger == nil {
		options.Logger = slog.New(slog.NewTextHandler(testWriter{t}, nil))
	}
	engine := local.New(options)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- engine.Run(ctx) }()
	select {
	case <-engine.Started():
	case err := <-ended:
		cancel()
		t.Fatalf("the engine did not start: %v", err)
	}
	stop := sync.OnceValue(func() error { cancel(); return <-ended })
	r := &rig{t: t, engine: engine, stop: stop}
	r.dial(engine.Token())
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Errorf("the engine ended with %v", err)
		}
	})
	testCtx, endTest := context.WithCancel(context.Background())
	t.Cleanup(endTest)
	r.ctx = testCtx
	return r
}

type testWriter struct{ t testing.TB }

func (w testWriter) Write(p []byte) (int, error) {
	w.t.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}

// dial connects over TCP if the engine has a port, else in process.
func (r *rig) dial(token string) {
	r.t.Helper()
	target := r.engine.Addr()
	options := []grpc.DialOption{
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithPerRPCCredentials(bearer(token)),
		grpc.WithDefaultCallOptions(grpc.UseCompressor(gzip.Name)),
	}
	if target == "" {
		target = "passthrough:///engine"
		options = append(options, grpc.WithContextDialer(r.engine.Dial))
	}
	conn, err := grpc.NewClient(target, options...)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = conn.Close() })
	r.use(conn)
}

func (r *rig) use(conn *grpc.ClientConn) {
	r.conn = conn
	r.dispatcher = contract.NewDispatcherClient(conn)
	r.workflows = contract.NewWorkflowServiceClient(conn)
	r.events = contract.NewEventsServiceClient(conn)
	r.admin = v1.NewAdminServiceClient(conn)
	r.durable = v1.NewV1DispatcherClient(conn)
}

type bearer string

func (b bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "bearer " + string(b)}, nil
}
func (bearer) RequireTransportSecurity() bool { return false }

// put registers a workflow of tasks given as "name", "name<parent,parent" or,
// for durable ones, "*name".
func (r *rig) put(name string, tasks ...string) {
	r.t.Helper()
	req := &v1.CreateWorkflowVersionRequest{Name: name}
	for _, text := range tasks {
		text, durable := strings.CutPrefix(text, "*")
		task, parents, _ := strings.Cut(text, "<")
		opts := &v1.CreateTaskOpts{ReadableId: task, Action: name + ":" + task, Timeout: "60s", Inputs: "{}", IsDurable: durable}
		if parents != "" {
			opts.Parents = strings.Split(parents, ",")
		}
		req.Tasks = append(req.Tasks, opts)
	}
	r.register(req)
}

func (r *rig) register(req *v1.CreateWorkflowVersionRequest) *v1.CreateWorkflowVersionResponse {
	r.t.Helper()
	reply, err := r.admin.PutWorkflow(r.ctx, req)
	if err != nil {
		r.t.Fatal(err)
	}
	return reply
}

func (r *rig) trigger(workflow, input string) string {
	r.t.Helper()
	reply, err := r.workflows.TriggerWorkflow(r.ctx, &v1.TriggerWorkflowRequest{Name: workflow, Input: input})
	if err != nil {
		r.t.Fatal(err)
	}
	return reply.WorkflowRunId
}

func (r *rig) triggerWith(workflow, metadata string) string {
	r.t.Helper()
	reply, err := r.workflows.TriggerWorkflow(r.ctx, &v1.TriggerWorkflowRequest{Name: workflow, AdditionalMetadata: &metadata})
	if err != nil {
		r.t.Fatal(err)
	}
	return reply.WorkflowRunId
}

// result waits for a run to be final: task name to output, or to "!" and the
// error.
func (r *rig) result(runID string) map[string]string {
	r.t.Helper()
	results, err := r.results(r.ctx, runID)
	if err != nil {
		r.t.Fatal(err)
	}
	return results[runID]
}

// results waits for several runs on one subscription.
func (r *rig) results(ctx context.Context, runIDs ...string) (map[string]map[string]string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	stream, err := r.dispatcher.SubscribeToWorkflowRuns(ctx)
	if err != nil {
		return nil, err
	}
	for _, id := range runIDs {
		if err := stream.Send(&contract.SubscribeToWorkflowRunsRequest{WorkflowRunId: id}); err != nil {
			return nil, err
		}
	}
	all := map[string]map[string]string{}
	for range runIDs {
		event, err := stream.Recv()
		if err != nil {
			return nil, fmt.Errorf("%d of %d results: %w", len(all), len(runIDs), err)
		}
		tasks := map[string]string{}
		for _, task := range event.Results {
			tasks[task.TaskName] = task.GetOutput()
			if task.Error != nil {
				tasks[task.TaskName] = "!" + *task.Error
			}
		}
		if all[event.WorkflowRunId] != nil {
			return nil, fmt.Errorf("run %s was answered twice", event.WorkflowRunId)
		}
		all[event.WorkflowRunId] = tasks
	}
	return all, nil
}

// eventually waits for a condition.
func (r *rig) eventually(what string, condition func() bool) {
	r.t.Helper()
	for deadline := time.Now().Add(patience); !condition(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			r.t.Fatalf("waited in vain: %s", what)
		}
	}
}

func expectCode(t testing.TB, err error, code codes.Code, text string) {
	t.Helper()
	if status.Code(err) != code || !strings.Contains(status.Convert(err).Message(), text) {
		t.Errorf("got %v, want %s %q", err, code, text)
	}
}

// fakeWorker is a worker as the wire sees it.
type fakeWorker struct {
	rig     *rig
	id      string
	run     func(context.Context, *contract.AssignedAction) (string, error)
	running sync.WaitGroup

	mu      sync.Mutex
	cancels map[string]context.CancelCauseFunc
	seen    []*contract.AssignedAction
	silent  bool // receives and does nothing
}

var errFinal = errors.New("not to be retried")

// work registers a worker for the actions and serves it until the test ends or
// the returned function is called.
func (r *rig) work(run func(context.Context, *contract.AssignedAction) (string, error), actions ...string) (*fakeWorker, func()) {
	r.t.Helper()
	w := &fakeWorker{rig: r, run: run, cancels: map[string]context.CancelCauseFunc{}}
	reply, err := r.dispatcher.Register(r.ctx, &contract.WorkerRegisterRequest{
		WorkerName: "fake", Actions: actions, SlotConfig: map[string]int32{"default": 1000, "durable": 1000},
	})
	if err != nil {
		r.t.Fatal(err)
	}
	w.id = reply.WorkerId
	return w, w.connect(r)
}

// connect listens and heartbeats on the rig, which may be a later one.
func (w *fakeWorker) connect(r *rig) (stop func()) {
	r.t.Helper()
	w.rig = r
	ctx, cancel := context.WithCancel(r.ctx)
	stream, err := r.dispatcher.ListenV2(ctx, &contract.WorkerListenRequest{WorkerId: w.id})
	if err != nil {
		r.t.Fatal(err)
	}
	w.running.Add(2)
	go w.listen(ctx, stream)
	go w.beat(ctx)
	stop = func() { cancel(); w.running.Wait() }
	r.t.Cleanup(stop)
	return stop
}

func (w *fakeWorker) beat(ctx context.Context) {
	defer w.running.Done()
	for wait := time.Millisecond; ctx.Err() == nil; wait = time.Second {
		_, err := w.rig.dispatcher.Heartbeat(ctx, &contract.HeartbeatRequest{WorkerId: w.id})
		if status.Code(err) == codes.FailedPrecondition {
			wait = time.Millisecond
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

func (w *fakeWorker) listen(ctx context.Context, stream grpc.ServerStreamingClient[contract.AssignedAction]) {
	defer w.running.Done()
	for {
		action, err := stream.Recv()
		if err != nil {
			return
		}
		w.mu.Lock()
		w.seen = append(w.seen, action)
		silent, key := w.silent, fmt.Sprint(action.TaskRunExternalId, action.RetryCount, action.GetDurableTaskInvocationCount())
		switch {
		case silent:
		case action.ActionType == contract.ActionType_CANCEL_STEP_RUN:
			if cancel := w.cancels[key]; cancel != nil {
				cancel(errCancelled)
			}
		default:
			attempt, cancel := context.WithCancelCause(ctx)
			w.cancels[key] = cancel
			w.running.Add(1)
			go w.attempt(attempt, action)
		}
		w.mu.Unlock()
	}
}

var errCancelled = errors.New("cancelled by the engine")

func (w *fakeWorker) attempt(ctx context.Context, a *contract.AssignedAction) {
	defer w.running.Done()
	w.report(ctx, a, contract.StepActionEventType_STEP_EVENT_TYPE_STARTED, "", false)
	output, err := w.run(ctx, a)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		w.report(ctx, a, contract.StepActionEventType_STEP_EVENT_TYPE_FAILED, err.Error(), errors.Is(err, errFinal))
	default:
		w.report(ctx, a, contract.StepActionEventType_STEP_EVENT_TYPE_COMPLETED, output, false)
	}
}

func (w *fakeWorker) report(ctx context.Context, a *contract.AssignedAction, kind contract.StepActionEventType, payload string, final bool) {
	_, err := w.rig.dispatcher.SendStepActionEvent(ctx, &contract.StepActionEvent{
		WorkerId: "fake", JobId: a.JobId, JobRunId: a.JobRunId, TaskId: a.TaskId, TaskRunExternalId: a.TaskRunExternalId,
		ActionId: a.ActionId, EventType: kind, EventPayload: payload, RetryCount: &a.RetryCount, ShouldNotRetry: &final,
	})
	if err != nil && ctx.Err() == nil && status.Code(err) != codes.Unavailable {
		w.rig.t.Errorf("report %s: %v", kind, err)
	}
}

// actions lists what the worker has received.
func (w *fakeWorker) actions() []*contract.AssignedAction {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]*contract.AssignedAction(nil), w.seen...)
}

func withToken(ctx context.Context, header string) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "authorization", header)
}

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
