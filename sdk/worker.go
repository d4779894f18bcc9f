package sdk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
	"github.com/hatchet-js/hatchet-js-worker/engine/client"
	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/transport"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
	"github.com/hatchet-js/hatchet-js-worker/scripts"
	"github.com/hatchet-js/hatchet-js-worker/scripts/isolate"
	"github.com/hatchet-js/hatchet-js-worker/scripts/watch"
	"github.com/hatchet-js/hatchet-js-worker/sdk/health"
	"github.com/hatchet-js/hatchet-js-worker/sdk/tracing"
	"golang.org/x/sync/errgroup"
)

// Options of a [Worker].
type Options struct {
	// Server is the engine to serve, see [ServerFromEnv] and [Embedded].
	Server Server
	// Paths are the script files and folders to serve.
	Paths []string
	// Files are further scripts, such as an [embed.FS], or [Sources]: those that
	// are in it anywhere, with the packages of its node_modules and its
	// hatchet-js.json. They are copied to a temporary folder for as long as the
	// worker runs, and shown by their names in the file system. Nil = none.
	Files fs.FS
	// Modules are Go functions that the scripts may import.
	Modules []NativeModule
	// Tasks are tasks of Go, beside those of the scripts or without any.
	Tasks []NativeTask

	Name         string         // "" = the host's name
	Slots        int            // tasks that may run at once; 0 = 100
	DurableSlots int            // durable tasks that may run or wait here; 0 = 1000
	CustomSlots  map[string]int // units of slot types of the tasks' own
	Labels       map[string]any // string or int32 values
	// Permissions say what scripts may reach outside of their VM.
	Permissions Permissions
	// Isolation says what runs share with each other.
	Isolation Isolation
	// LoadTimeout bounds what a script does while it loads, awaits included;
	// 0 = 5 s.
	LoadTimeout time.Duration
	// Drain is how long running tasks may go on after Run's context ended;
	// 0 = 30 s.
	Drain time.Duration

	// Watch reloads files of Paths that change; Poll looks for changes by scanning.
	Watch bool
	Poll  bool
	// KeepWaiting goes on when no script loads at first, for a person who is
	// about to mend them; otherwise that is ErrScripts.
	KeepWaiting bool

	// HealthAddress is the host:port of the probes /livez, /readyz and /health
	// and of Prometheus' /metrics; port 0 takes any free one, "" = none. The
	// notice [HealthListening] tells the one that was taken.
	HealthAddress string
	// Tracing says where OpenTelemetry spans go.
	Tracing Tracing

	Version  string
	Clock    clock.Clock  // nil = the real one
	Logger   *slog.Logger // nil = none
	Observer Observer     // nil = none
}

// Worker serves script files to a Hatchet engine.
type Worker struct {
	options  Options
	clock    clock.Clock
	logger   *slog.Logger
	observer Observer
	natives  *natives
	linger   clock.Clock // of what waits a moment; nil = clock
	set      *scripts.Set
	door     *permit.Door
	heap     *vm.Heap // nil = not watched
	permits  *renewal // nil = not watched
	orphans  vm.Orphans
	tally    vm.Tally
	health   *health.Server  // nil = none
	tracer   *tracing.Tracer // nil = none
	loaded   bool            // the first snapshot was taken; only the follower touches it

	conn   *transport.Conn
	client *client.Client
	worker *worker.Worker
	hired  chan struct{} // closed when worker is made

	mu      sync.Mutex
	names   []string // workflows served now
	actions []string // their tasks, as registered
	// only is the task of each of them that has one of another name, and nothing
	// besides.
	only map[string]string
}

// New returns a worker; nothing is read or dialled before Run.
func New(options Options) (*Worker, error) {
	if len(options.Paths) == 0 && options.Files == nil && len(options.Tasks) == 0 {
		return nil, withKind(errors.New("no script path given"), ErrConfig)
	}
	if _, err := registry(options.Modules); err != nil {
		return nil, err
	}
	natives, err := newNatives(options.Tasks)
	if err != nil {
		return nil, err
	}
	if err := options.Isolation.check(); err != nil {
		return nil, err
	}
	if options.LoadTimeout < 0 {
		return nil, withKind(fmt.Errorf("a load timeout of %s: it is positive, or 0 for the default", options.LoadTimeout), ErrConfig)
	}
	if options.Server.none() {
		return nil, withKind(errors.New("no server given: see sdk.ServerFromEnv and sdk.Embedded"), ErrConfig)
	}
	if options.Clock == nil {
		options.Clock = clock.Real()
	}
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	return &Worker{
		natives: natives, options: options, clock: options.Clock, logger: options.Logger, observer: options.Observer, hired: make(chan struct{}),
	}, nil
}

// hostName is the machine's name with what Hatchet does not take in a worker's
// name replaced (hatchet-protocol.md section 3.3).
func hostName() string {
	name, err := os.Hostname()
	if err != nil || name == "" {
		return "hatchet-js-worker"
	}
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '.' || r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
			return r
		}
		return '-'
	}, name)
}

// Run loads the scripts, joins the engine and serves until ctx ends; then it
// drains. A worker runs once. Errors: ErrConfig, ErrScripts, ErrUnauthorized at
// the start; ErrDrainDeadline when work was abandoned.
func (w *Worker) Run(ctx context.Context) error {
	return w.options.Server.with(ctx, func(ctx context.Context, server Server) error {
		w.options.Server = server
		return w.run(ctx)
	})
}

func (w *Worker) run(ctx context.Context) error {
	var crew vm.Crew
	defer crew.Close()
	loaded, err := scriptSet(loading{
		paths: w.options.Paths, files: w.options.Files, modules: w.options.Modules, natives: w.natives, permissions: w.options.Permissions, decided: w.decided, clock: w.clock, logger: w.logger,
		isolation: w.options.Isolation, loadTimeout: w.options.LoadTimeout, vm: vm.Options{Orphans: &w.orphans, Tally: &w.tally, Crew: &crew},
		spawning: isolate.Options{Logger: w.logger, Tally: &w.tally},
	})
	if err != nil {
		return err
	}
	defer loaded.close()
	w.set, w.door, w.heap = loaded.set, loaded.door, loaded.heap
	w.tracer = tracing.New(w.options.Tracing, w.clock, w.door.Redact)
	if w.options.Watch {
		w.permits = w.renewal(loaded)
	}
	return w.besideHealth(ctx, w.join)
}

// join connects to the engine and serves.
func (w *Worker) join(ctx context.Context) error {
	options := transport.Options{Clock: w.clock, Logger: w.logger}
	if w.health != nil {
		options.Called = w.health.Calls().Called
	}
	conn, err := w.options.Server.dial(options)
	if err != nil {
		return err
	}
	defer conn.Close()
	w.conn = conn
	w.client = client.New(conn, client.Options{Clock: w.clock, Logger: w.logger, Namespace: w.options.Server.namespace})
	return w.serve(ctx)
}

// hire makes the worker once the scripts have said what they ask of it.
func (w *Worker) hire(first *scripts.Snapshot) error {
	options, err := w.options.settle(first)
	if err != nil {
		return err
	}
	w.options = options
	for _, text := range joined(first) {
		w.logger.Warn(text)
	}
	w.worker = worker.New(w.conn.Grpc(), worker.Options{
		Name: options.Name, Slots: options.Slots, DurableSlots: options.DurableSlots, CustomSlots: options.CustomSlots,
		Labels: workerLabels(options.Labels), Namespace: options.Server.namespace, Version: options.Version,
		Clock: w.clock, Logger: w.logger, Observer: w.observers(), Drain: options.Drain,
		Grace:      cmp.Or(w.door.Limits().Grace, hatchet.DefaultGrace) + vm.DefaultAbandonAfter,
		Unfinished: w.unfinished,
	})
	close(w.hired)
	return nil
}

// clientFace is the worker's client as programs see it.
func (w *Worker) clientFace() *Client {
	face := w.options.Server.face(w.client, w.clock)
	face.tracer = w.tracer
	return face
}

// lingering is the clock of what waits a moment.
func (w *Worker) lingering() clock.Clock {
	if w.linger != nil {
		return w.linger
	}
	return w.clock
}

// unfinishedSince is how far back runs that are not over are looked for.
const unfinishedSince = 30 * 24 * time.Hour

// unfinished reports whether there are runs of one of the workflows that are
// not over.
func (w *Worker) unfinished(ctx context.Context, workflows []string) (bool, error) {
	for _, name := range workflows {
		found, err := w.client.ListRuns(ctx, client.ListFilter{
			Workflows: []string{name}, Statuses: []client.Status{client.StatusQueued, client.StatusRunning},
			Since: w.clock.Now().Add(-unfinishedSince), Limit: 1,
		})
		if errors.Is(err, client.ErrNotRegistered) {
			continue
		}
		if err != nil || len(found) > 0 {
			return len(found) > 0, err
		}
	}
	return false, nil
}

func workerLabels(labels map[string]any) map[string]worker.Label {
	converted := make(map[string]worker.Label, len(labels))
	for key, value := range labels {
		switch v := value.(type) {
		case int32:
			converted[key] = worker.Label{Number: &v}
		default:
			converted[key] = worker.Label{Text: fmt.Sprint(v)}
		}
	}
	return converted
}

// serve starts, in this order, the script pools, the client, the worker and the
// watcher, and ends them in the reverse order.
func (w *Worker) serve(ctx context.Context) error {
	// What running tasks need lives until the worker has drained.
	inner, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var below errgroup.Group
	below.Go(func() error { return w.set.Run(inner) })
	if w.permits != nil {
		below.Go(func() error { return w.permits.run(inner) })
	}
	if w.heap != nil {
		below.Go(func() error { return w.heap.Run(inner) })
	}
	below.Go(func() error { return w.client.Run(inner) })

	above, running := errgroup.WithContext(ctx)
	above.Go(func() error {
		select {
		case <-w.hired:
			return classify(w.worker.Run(running))
		case <-running.Done():
			return nil
		}
	})
	above.Go(func() error {
		handover := &handover{worker: w}
		defer handover.wait()
		return pathError(w.follow(running, handover))
	})
	err := above.Wait()
	stop()
	return errors.Join(err, below.Wait())
}

// follow loads the scripts and hands them over, and again whatever changes, until
// ctx ends.
func (w *Worker) follow(ctx context.Context, handover *handover) error {
	if w.options.Watch {
		failed := make(chan error, 1)
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		err := w.set.Follow(ctx, w.watching(), func(s *scripts.Snapshot) {
			if err := w.take(ctx, handover, s); err != nil {
				failed <- err
				stop()
			}
		})
		select {
		case err := <-failed:
			return err
		default:
			return err
		}
	}
	snapshot, err := w.set.Load(ctx)
	if err != nil {
		return err
	}
	if err := w.take(ctx, handover, snapshot); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

func (w *Worker) watching() watch.Options {
	options := watch.Options{Clock: w.clock, Logger: w.logger}
	if w.options.Poll {
		options.Poll = watch.DefaultPoll
	}
	return options
}

// take tells of a snapshot and hands it over to the worker. Only the first one
// can be an error: when nothing of it serves and nobody is there to mend it.
func (w *Worker) take(ctx context.Context, handover *handover, s *scripts.Snapshot) error {
	now := w.clock.Now()
	if w.loaded {
		failed, changed := splitFailed(changedFiles(s, now))
		if len(failed) > 0 {
			w.observer.tell(ScriptsLoaded{Files: failed, Reload: true})
		}
		if len(changed) > 0 {
			served, problems := w.served(s)
			if len(problems) > 0 {
				w.observer.tell(ScriptsRefused{problemError(problems)})
			}
			handover.start(ctx, w.generation(s, served), changed, deferredCalls(s))
		}
		return nil
	}
	w.loaded = true
	files := allFiles(s, now)
	w.observer.tell(ScriptsLoaded{Files: files})
	served, problems := w.served(s)
	switch {
	case len(problems) > 0:
		return withKind(problemError(problems), ErrConfig)
	case len(served) == 0 && !w.options.KeepWaiting:
		return nothingServes(files)
	}
	if err := w.hire(s); err != nil {
		return err
	}
	handover.start(ctx, w.generation(s, served), nil, deferredCalls(s))
	return nil
}

// served are the workflows of the scripts and those of tasks of Go alone.
func (w *Worker) served(s *scripts.Snapshot) ([]*workflow.Workflow, []workflow.Problem) {
	own, problems := w.natives.alone(s.Workflows)
	return slices.Concat(s.Workflows, own), problems
}

// splitFailed sets apart the files that do not load, for which nothing is handed
// over.
func splitFailed(files []File) (failed, changed []File) {
	for _, file := range files {
		if file.Status == FileFailed {
			failed = append(failed, file)
		} else {
			changed = append(changed, file)
		}
	}
	return failed, changed
}

// generation turns what is loaded into what the worker serves.
func (w *Worker) generation(s *scripts.Snapshot, served []*workflow.Workflow) worker.Generation {
	g := worker.Generation{Workflows: served, Runners: make(map[string]worker.Runner, len(s.Runners))}
	for action, runner := range s.Runners {
		g.Runners[action] = worker.RunnerFunc(func(ctx context.Context, a *worker.Assignment) ([]byte, error) {
			attempt := w.tracer.Attempt(a)
			output, err := runner.Run(attempt.Within(ctx), w.invocation(a, attempt))
			return output, redacted(w.door, reportError(err))
		})
	}
	w.runNatives(&g)
	names, only := make([]string, len(served)), map[string]string{}
	for i, declared := range served {
		names[i] = declared.Name
		if len(declared.Tasks) == 1 && declared.OnFailure == nil && !strings.EqualFold(declared.Tasks[0].Name, declared.Name) {
			only[strings.ToLower(declared.Name)] = declared.Tasks[0].Name
		}
	}
	actions := w.countLoaded(served)
	w.mu.Lock()
	w.names, w.only, w.actions = names, only, actions
	w.mu.Unlock()
	return g
}

func (w *Worker) workflowNames() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.names
}

// onlyTask is the task of a workflow that has a single one of another name; ""
// of others.
func (w *Worker) onlyTask(workflow string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.only[strings.ToLower(workflow)]
}

// handover gives generations to the worker one at a time; a newer one ends the
// wait for an older one.
type handover struct {
	worker  *Worker
	cancel  context.CancelFunc
	done    chan struct{}
	untold  []File             // changes not yet in force
	calls   []hatchet.Deferred // of the scripts of these generations
	settled bool               // the last one came into force; read after done
}

// start hands over g and, once it is in force, tells of the files that changed,
// along with those of generations that never came into force.
func (h *handover) start(ctx context.Context, g worker.Generation, changed []File, calls []hatchet.Deferred) {
	h.wait()
	if h.settled {
		h.untold, h.calls = nil, nil
	}
	h.untold, h.calls = append(h.untold, changed...), append(h.calls, calls...)
	h.settled = false
	ctx, h.cancel = context.WithCancel(ctx)
	h.done = make(chan struct{})
	go func() {
		defer close(h.done)
		h.serve(ctx, g)
	}()
}

func (h *handover) serve(ctx context.Context, g worker.Generation) {
	err := h.worker.worker.Serve(ctx, g)
	var refused *worker.RefusedError
	if err != nil && !errors.As(err, &refused) {
		return // superseded, or the worker stops
	}
	h.settled = true
	if len(h.untold) > 0 {
		h.worker.observer.tell(ScriptsLoaded{Files: h.untold, Reload: true})
	}
	if refused != nil {
		h.worker.observer.tell(ScriptsRefused{Err: refused})
	}
	h.worker.call(ctx, h.calls)
}

func (h *handover) wait() {
	if h.cancel != nil {
		h.cancel()
		<-h.done
	}
}
