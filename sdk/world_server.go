package sdk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/engine/client"
	"github.com/hatchet-js/hatchet-js-worker/engine/transport"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
	"github.com/hatchet-js/hatchet-js-worker/scripts/scripttest"
)

// serverWorlds gives each test a worker of its own at a server, in a namespace
// of its own.
type serverWorlds struct {
	natives *natives
	server  Server
	prefix  string // of the namespaces of this run of tests
	tests   atomic.Int64
}

// OnServer implements scripttest.RealWorlds.
func (*serverWorlds) OnServer() {}

// serverWorld is what one test has at a server. What a server tells late, or not
// at all, is known from the worker: which runs there are, and what their tasks
// did.
type serverWorld struct {
	natives *natives
	options scripttest.WorldOptions
	client  *client.Client
	face    *Client

	mu    sync.Mutex
	order []string // runs, oldest first
	runs  map[string]*seenRun
	owner map[string]string // run by task
}

// seenRun is what is known of a run beside what the server tells.
type seenRun struct {
	workflow string
	parent   string
	final    *scripttest.Run // once it is over
	tasks    map[string]*scripttest.Task
	logs     []scripttest.LogLine
	chunks   []string
}

// Open implements scripttest.Worlds.
func (s *serverWorlds) Open(ctx context.Context, options scripttest.WorldOptions, f func(scripttest.World) error) error {
	config := s.server.config
	config.Namespace = fmt.Sprintf("%s%s_%d", string(s.server.namespace), s.prefix, s.tests.Add(1))
	server, err := newServer(config, s.server.engine)
	if err != nil {
		return err
	}
	conn, err := server.dial(transport.Options{Clock: options.Clock})
	if err != nil {
		return err
	}
	defer conn.Close()
	w := &serverWorld{natives: s.natives, options: options, runs: map[string]*seenRun{}, owner: map[string]string{}}
	w.client = client.New(conn, client.Options{Clock: options.Clock, Namespace: server.namespace})
	w.face = &Client{client: w.client, clock: options.Clock, address: server.Address(), namespace: server.namespace}
	host := &Worker{
		options: Options{Server: server, Name: "test", Slots: options.Slots}, clock: options.Clock, logger: slog.New(slog.DiscardHandler),
		conn: conn, client: w.client, observer: w.logged, natives: s.natives,
	}
	host.worker = worker.New(conn.Grpc(), worker.Options{
		Name: "test", Slots: options.Slots, Clock: options.Clock, Namespace: server.namespace, Drain: -1, Observer: observing{host},
	})
	working, stop := context.WithCancel(ctx)
	defer stop()
	group, working := errgroup.WithContext(working)
	group.Go(func() error { return untilOver(working, w.client.Run(working)) })
	group.Go(func() error { return untilOver(working, host.worker.Run(working)) })
	if err = serveTests(working, host, w.workflows(), w.attempt(host)); err == nil {
		err = f(w)
	}
	stop()
	return errors.Join(err, group.Wait(), w.remove(context.WithoutCancel(ctx)))
}

// untilOver is err unless ctx has ended: then whoever ended it knows.
func untilOver(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// workflows are what the worker registers: without crons.
func (w *serverWorld) workflows() []*workflow.Workflow {
	own, _ := w.natives.alone(w.options.Workflows) // as in an embedded world
	served := slices.Concat(w.options.Workflows, own)
	list := make([]*workflow.Workflow, len(served))
	for i, declared := range served {
		copied := *declared
		copied.Crons = nil
		list[i] = &copied
	}
	return list
}

// removal bounds the clearing up after a test.
const removal = 30 * time.Second

// remove deletes the workflows from the server.
func (w *serverWorld) remove(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, removal)
	defer cancel()
	var errs []error
	for _, declared := range w.workflows() {
		id, err := w.client.WorkflowID(ctx, declared.Name)
		if errors.Is(err, client.ErrNotRegistered) {
			continue
		}
		if err == nil {
			_, err = w.client.REST(ctx, client.Request{Method: http.MethodDelete, Path: "/api/v1/workflows/" + url.PathEscape(id)})
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("delete workflow %s of the test from the server: %w", declared.Name, err))
		}
	}
	return errors.Join(errs...)
}

// attempt runs the attempts of the test's tasks and notes what they did.
func (w *serverWorld) attempt(host *Worker) func(context.Context, *worker.Assignment) ([]byte, error) {
	return func(ctx context.Context, a *worker.Assignment) ([]byte, error) {
		inv := host.invocation(a, nil)
		inv.Host = recording{inv.Host, func(chunk string) {
			w.mu.Lock()
			defer w.mu.Unlock()
			run := w.run(a.WorkflowRunID)
			run.chunks = append(run.chunks, chunk)
		}}
		event := w.begun(inv)
		w.options.Observe(event)
		output, err := w.options.Run(ctx, inv)
		event.At, event.Kind, event.Status, event.RetryIn = w.options.Clock.Now(), scripttest.TaskFinished, StatusCompleted, -1
		if err != nil {
			event.Status, event.Text = StatusFailed, err.Error()
		}
		if cause := context.Cause(ctx); cause == nil || !errors.Is(cause, worker.ErrEvicted) {
			w.options.Observe(event)
		}
		w.ended(inv)
		return output, err
	}
}

// run is what is known of a run, which is noted if it is new. The caller holds mu.
func (w *serverWorld) run(id string) *seenRun {
	run := w.runs[id]
	if run == nil {
		run = &seenRun{tasks: map[string]*scripttest.Task{}}
		w.runs[id] = run
		w.order = append(w.order, id)
	}
	return run
}

// begun notes that an attempt has begun.
func (w *serverWorld) begun(inv *hatchet.Invocation) scripttest.Event {
	w.mu.Lock()
	defer w.mu.Unlock()
	action, _, _ := strings.Cut(inv.Action, ":")
	run, now := w.run(inv.WorkflowRunID), w.options.Clock.Now()
	for _, declared := range w.options.Workflows {
		if strings.EqualFold(declared.Name, action) {
			run.workflow = declared.Name
		}
	}
	w.owner[inv.TaskRunID] = inv.WorkflowRunID
	if inv.ParentWorkflowRunID != "" {
		run.parent = w.owner[inv.ParentWorkflowRunID]
	}
	task := run.tasks[inv.TaskRunID]
	if task == nil {
		task = &scripttest.Task{Started: now}
		run.tasks[inv.TaskRunID] = task
	}
	task.Attempts = max(task.Attempts, inv.RetryCount+1)
	return scripttest.Event{
		At: now, Kind: scripttest.TaskStarted, RunID: inv.WorkflowRunID, Workflow: run.workflow, Task: inv.TaskName, Attempt: inv.RetryCount + 1,
	}
}

func (w *serverWorld) ended(inv *hatchet.Invocation) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.run(inv.WorkflowRunID).tasks[inv.TaskRunID].Finished = w.options.Clock.Now()
}

// logged keeps what tasks log.
func (w *serverWorld) logged(n Notice) {
	l, ok := n.(TaskLogged)
	if !ok {
		return
	}
	now := w.options.Clock.Now()
	w.mu.Lock()
	run := w.run(l.RunID)
	run.logs = append(run.logs, scripttest.LogLine{At: now, Task: l.Task, Level: l.Level, Message: l.Message})
	w.mu.Unlock()
	w.options.Observe(scripttest.Event{At: now, Kind: scripttest.TaskLogged, RunID: l.RunID, Workflow: l.Workflow, Task: l.Task, Text: l.Message, Status: l.Level})
}

// Trigger implements scripttest.World.
func (w *serverWorld) Trigger(ctx context.Context, t scripttest.Trigger) (string, error) {
	declared := func(d *workflow.Workflow) bool { return strings.EqualFold(d.Name, t.Workflow) }
	if !slices.ContainsFunc(w.workflows(), declared) { // a server may take it, and never run it
		return "", fmt.Errorf("no workflow %s: the test file declares none and imports no file that does", t.Workflow)
	}
	id, err := w.client.Trigger(ctx, t.Workflow, t.Input, client.RunOptions{AdditionalMetadata: t.Metadata, Priority: t.Priority, Key: t.Key})
	if err != nil {
		return id, triggerError(err)
	}
	w.mu.Lock()
	w.run(id).workflow = t.Workflow
	w.mu.Unlock()
	w.options.Observe(scripttest.Event{At: w.options.Clock.Now(), Kind: scripttest.RunStarted, RunID: id, Workflow: t.Workflow, Text: "manual", Input: t.Input})
	return id, nil
}

// Push implements scripttest.World.
func (w *serverWorld) Push(ctx context.Context, e scripttest.Push) error {
	_, err := w.client.PushEvent(ctx, client.Event{Key: e.Key, Payload: e.Data, AdditionalMetadata: e.Metadata, Priority: e.Priority, Scope: e.Scope})
	return err
}

// Cancel implements scripttest.World.
func (w *serverWorld) Cancel(ctx context.Context, runID string) error {
	return w.client.Cancel(ctx, runID)
}

// Replay implements scripttest.World.
func (w *serverWorld) Replay(ctx context.Context, runID, task string) error {
	id := runID
	if task != "" {
		run, _ := w.Run(runID)
		at := slices.IndexFunc(run.Tasks, func(t scripttest.Task) bool { return strings.EqualFold(t.Name, task) })
		if at < 0 {
			return fmt.Errorf("run.replay: run of %s has no task %s", run.Workflow, task)
		}
		id = run.Tasks[at].ID
	}
	w.mu.Lock()
	w.run(runID).final = nil
	w.mu.Unlock()
	_, err := w.client.Replay(ctx, id)
	return err
}

// Await implements scripttest.RealWorld.
func (w *serverWorld) Await(ctx context.Context, runID string) error {
	_, err := w.client.Result(ctx, runID)
	return err
}

// Run implements scripttest.World.
func (w *serverWorld) Run(id string) (scripttest.Run, bool) {
	w.mu.Lock()
	seen := *w.run(id)
	w.mu.Unlock()
	if seen.final != nil {
		return *seen.final, true
	}
	ctx, cancel := context.WithTimeout(context.Background(), removal)
	defer cancel()
	details, err := w.client.Details(ctx, id)
	if err != nil {
		return scripttest.Run{}, false
	}
	run := w.shown(details, seen)
	if run.Done {
		w.mu.Lock()
		w.runs[id].final = &run
		w.mu.Unlock()
	}
	return run, true
}

// shown is a run as tests see it.
func (w *serverWorld) shown(details *client.RunDetails, seen seenRun) scripttest.Run {
	run := scripttest.Run{
		ID: details.RunID, Workflow: seen.workflow, Status: string(details.Status), Done: details.Done, Input: inputIn(details.Input), Parent: seen.parent,
	}
	composed := &Run{ID: run.ID, Workflow: run.Workflow, Status: run.Status}
	for _, t := range details.Tasks {
		message, _ := client.ErrorText(t.Error)
		task := scripttest.Task{ID: t.TaskRunID, Name: t.Name, Status: string(t.Status), Parked: t.Evicted, Output: t.Output, Error: message}
		w.mu.Lock()
		if own := seen.tasks[t.TaskRunID]; own != nil {
			task.Attempts, task.Started, task.Finished = own.Attempts, own.Started, own.Finished
		}
		w.mu.Unlock()
		task.Skipped = task.Status == StatusCompleted && isSkipped(t.Output)
		run.Tasks = append(run.Tasks, task)
		composed.Tasks = append(composed.Tasks, TaskRun{Name: t.Name, Status: task.Status, Output: t.Output, Error: message})
	}
	composed.finish()
	run.Output, run.Error = composed.Output, composed.Error
	if _, text, found := strings.Cut(run.Error, ": "); found && len(run.Tasks) == 1 {
		run.Error = text
	}
	return run
}

// inputIn takes a run's input out of what the server keeps with it.
func inputIn(kept json.RawMessage) json.RawMessage {
	var payload struct{ Input json.RawMessage }
	if json.Unmarshal(kept, &payload) == nil && len(payload.Input) > 0 {
		return payload.Input
	}
	return kept
}

// Runs implements scripttest.World.
func (w *serverWorld) Runs() (runs []scripttest.Run) {
	w.mu.Lock()
	ids := slices.Clone(w.order)
	w.mu.Unlock()
	for _, id := range ids {
		if run, ok := w.Run(id); ok {
			runs = append(runs, run)
		}
	}
	return runs
}

// Logs implements scripttest.World.
func (w *serverWorld) Logs(runID string) []scripttest.LogLine {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.run(runID).logs)
}

// Stream implements scripttest.World.
func (w *serverWorld) Stream(runID string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string{}, w.run(runID).chunks...)
}

// errEmbedded is the answer to what only the embedded engine can do. The runner
// refuses it before.
var errEmbedded = errors.New("it needs the embedded engine")

// Evict implements scripttest.World.
func (*serverWorld) Evict(context.Context, string) error { return errEmbedded }

// SpendRateLimit implements scripttest.World.
func (*serverWorld) SpendRateLimit(context.Context, string) error { return errEmbedded }

// EnableCrons implements scripttest.World.
func (*serverWorld) EnableCrons(context.Context, string) error { return errEmbedded }

// StartWorker implements scripttest.World.
func (*serverWorld) StartWorker(context.Context, int, map[string]any) error { return errEmbedded }

// StopWorker implements scripttest.World.
func (*serverWorld) StopWorker(context.Context) error { return errEmbedded }

// KillWorker implements scripttest.World.
func (*serverWorld) KillWorker() {}

// DropStream implements scripttest.World.
func (*serverWorld) DropStream() {}

// CutStream implements scripttest.World.
func (*serverWorld) CutStream() {}

// MendStream implements scripttest.World.
func (*serverWorld) MendStream() {}

// Waits implements scripttest.World: a server does not tell them.
func (*serverWorld) Waits(string) []scripttest.Wait { return nil }
