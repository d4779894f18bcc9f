package worker_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker/internal/fakeengine"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	started   = contract.StepActionEventType_STEP_EVENT_TYPE_STARTED
	completed = contract.StepActionEventType_STEP_EVENT_TYPE_COMPLETED
	failed    = contract.StepActionEventType_STEP_EVENT_TYPE_FAILED
)

// rig is a worker against a scripted engine.
type rig struct {
	*testing.T
	engine *fakeengine.Engine
	worker *worker.Worker
	watch  *watcher
	stop   context.CancelFunc
	ended  chan error
}

// options of tests: heartbeats often, so that what depends on them comes soon.
func quick() worker.Options {
	return worker.Options{Name: "w", Heartbeat: 20 * time.Millisecond, Grace: 200 * time.Millisecond, LastWords: 300 * time.Millisecond}
}

// start runs a worker. Its first generation is handed over by serve.
func start(t *testing.T, options worker.Options) *rig {
	r := &rig{T: t, engine: fakeengine.Start(t), watch: &watcher{}, ended: make(chan error, 1)}
	options.Observer = r.watch
	r.worker = worker.New(r.engine.Dial(), options)
	r.worker.Hasten()
	var ctx context.Context
	ctx, r.stop = context.WithCancel(context.Background())
	go func() { r.ended <- r.worker.Run(ctx) }()
	t.Cleanup(func() {
		r.stop()
		r.worker.Abort()
		<-r.worker.Stopped()
	})
	return r
}

func (r *rig) until(what string, condition func() bool) {
	r.Helper()
	fakeengine.Until(r.T, what, condition)
}

func (r *rig) serve(g worker.Generation) {
	r.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := r.worker.Serve(ctx, g); err != nil {
		r.Fatalf("serve: %v", err)
	}
}

// drain ends the worker and returns what Run returned.
func (r *rig) drain() error {
	r.Helper()
	r.stop()
	select {
	case err := <-r.ended:
		return err
	case <-time.After(30 * time.Second):
		r.Fatal("the worker did not stop")
		return nil
	}
}

// task is a standalone task with a handler.
func task(name string, run worker.RunnerFunc, change ...func(*workflow.Task)) (*workflow.Workflow, worker.Runner) {
	t := &workflow.Task{Name: name}
	for _, c := range change {
		c(t)
	}
	kind := workflow.KindTask
	if t.Durable {
		kind = workflow.KindDurable
	}
	return &workflow.Workflow{Name: name, Kind: kind, Tasks: []*workflow.Task{t}}, run
}

// generation is made of pairs from task.
type generation struct{ worker.Generation }

func serving() *generation {
	return &generation{worker.Generation{Runners: map[string]worker.Runner{}}}
}

func (g *generation) with(w *workflow.Workflow, r worker.Runner) *generation {
	g.Workflows = append(g.Workflows, w)
	for _, t := range w.Tasks {
		g.Runners[workflow.ActionID(w.Name, t.Name)] = r
	}
	if w.OnFailure != nil {
		g.Runners[workflow.ActionID(w.Name, workflow.OnFailureTask)] = r
	}
	return g
}

// answering is a handler that returns output.
func answering(output string) worker.RunnerFunc {
	return func(context.Context, *worker.Assignment) ([]byte, error) { return []byte(output), nil }
}

// watcher remembers what a worker told.
type watcher struct {
	mu       sync.Mutex
	states   []worker.Status
	started  int
	parked   int
	finished []finished
}

type finished struct {
	task string
	worker.Finish
}

func (w *watcher) WorkerChanged(s worker.Status) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.states = append(w.states, s)
}

func (w *watcher) TaskStarted(*worker.Assignment) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.started++
}

func (w *watcher) TaskParked(*worker.Assignment) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.parked++
}

func (w *watcher) TaskFinished(a *worker.Assignment, f worker.Finish) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.finished = append(w.finished, finished{a.TaskRunID, f})
}

// outcome returns how a task ended, once it did.
func (w *watcher) outcome(task string) (worker.Finish, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, f := range w.finished {
		if f.task == task {
			return f.Finish, true
		}
	}
	return worker.Finish{}, false
}

// count is how many attempts ended in a certain way.
func (w *watcher) count(o worker.Outcome) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, f := range w.finished {
		if f.Outcome == o {
			n++
		}
	}
	return n
}

func (w *watcher) starts() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.started
}

func (w *watcher) saw(state worker.State) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.states {
		if s.State == state {
			return true
		}
	}
	return false
}

func (r *rig) ends(task string, want worker.Outcome) worker.Finish {
	r.Helper()
	r.until("the end of "+task, func() bool { _, ended := r.watch.outcome(task); return ended })
	got, _ := r.watch.outcome(task)
	if got.Outcome != want {
		r.Fatalf("the task ended %s (%v), want %s", got.Outcome, got.Err, want)
	}
	return got
}
