package sdk

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
	"github.com/hatchet-js/hatchet-js-worker/engine/client"
	"github.com/hatchet-js/hatchet-js-worker/engine/local"
	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
	"github.com/hatchet-js/hatchet-js-worker/engine/transport"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
	"github.com/hatchet-js/hatchet-js-worker/scripts/scripttest"
)

// embeddedWorlds gives each test an embedded engine of its own.
type embeddedWorlds struct{ natives *natives }

// embeddedWorld is the world of one test: everything in this process, on no
// port, on the test's clock.
type embeddedWorld struct {
	options scripttest.WorldOptions
	natives *natives
	engine  *local.Engine
	server  Server
	client  *client.Client
	group   *errgroup.Group
	ctx     context.Context // of the world

	mu      sync.Mutex
	crew    *crew // the worker now; nil = none
	enabled map[string]bool
	chunks  map[string][]string // streamed, by run
}

// recording keeps what tasks stream.
type recording struct {
	hatchet.Host
	keep func(chunk string)
}

func (r recording) PutStream(ctx context.Context, index int64, chunk []byte) error {
	r.keep(string(chunk))
	return r.Host.PutStream(ctx, index, chunk)
}

// Open implements scripttest.Worlds.
func (e embeddedWorlds) Open(ctx context.Context, options scripttest.WorldOptions, f func(scripttest.World) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	w := &embeddedWorld{options: options, natives: e.natives, ctx: ctx, group: &errgroup.Group{}, enabled: map[string]bool{}, chunks: map[string][]string{}}
	w.engine = local.New(local.Options{
		Clock: options.Clock, Observer: w.observed, NewID: options.NewID,
		// Nobody sends heartbeats on virtual time: a worker is there while its
		// stream is.
		Core: core.Config{HeartbeatFresh: -1, HeartbeatDead: -1, KeepRuns: math.MaxInt},
	})
	engineCtx, stopEngine := context.WithCancel(context.WithoutCancel(ctx))
	defer stopEngine()
	var below errgroup.Group
	below.Go(func() error { return w.engine.Run(engineCtx) })
	<-w.engine.Started()
	err := w.serve(ctx, f)
	stop()
	err = errors.Join(err, w.group.Wait())
	stopEngine()
	return errors.Join(err, below.Wait())
}

// serve connects a client and a worker, and calls f.
func (w *embeddedWorld) serve(ctx context.Context, f func(scripttest.World) error) error {
	server, err := newServer(embeddedConfig(w.engine.Token(), "embedded:1", "", ""), w.engine)
	if err != nil {
		return err
	}
	w.server = server
	conn, err := server.dial(transport.Options{Clock: w.options.Clock, Rand: halfway})
	if err != nil {
		return err
	}
	defer conn.Close()
	w.client = client.New(conn, client.Options{Clock: w.options.Clock, PollEvery: -1, Rand: halfway})
	w.group.Go(func() error { return w.client.Run(ctx) })
	if err := w.StartWorker(ctx, w.options.Slots, nil); err != nil {
		return err
	}
	err = f(w)
	w.KillWorker()
	return err
}

// workflows are what the worker registers: without crons that are not enabled.
func (w *embeddedWorld) workflows() []*workflow.Workflow {
	w.mu.Lock()
	defer w.mu.Unlock()
	own, _ := w.natives.alone(w.options.Workflows) // without those whose scripts the test does not have
	served := slices.Concat(w.options.Workflows, own)
	list := make([]*workflow.Workflow, len(served))
	for i, declared := range served {
		copied := *declared
		if !w.enabled[strings.ToLower(declared.Name)] {
			copied.Crons = nil
		}
		list[i] = &copied
	}
	return list
}

// Trigger implements scripttest.World.
func (w *embeddedWorld) Trigger(ctx context.Context, t scripttest.Trigger) (string, error) {
	id, err := w.client.Trigger(ctx, t.Workflow, t.Input, client.RunOptions{
		AdditionalMetadata: t.Metadata, Priority: t.Priority, Key: t.Key,
	})
	if err != nil && strings.Contains(err.Error(), "workflow names not found") {
		return "", fmt.Errorf("no workflow %s: the test file declares none and imports no file that does", t.Workflow)
	}
	return id, triggerError(err)
}

// Push implements scripttest.World.
func (w *embeddedWorld) Push(ctx context.Context, e scripttest.Push) error {
	_, err := w.client.PushEvent(ctx, client.Event{
		Key: e.Key, Payload: e.Data, AdditionalMetadata: e.Metadata, Priority: e.Priority, Scope: e.Scope,
	})
	return err
}

// Cancel implements scripttest.World.
func (w *embeddedWorld) Cancel(ctx context.Context, runID string) error {
	_, err := w.engine.Do(ctx, core.Cancel{IDs: []string{runID}})
	return err
}

// Replay implements scripttest.World.
func (w *embeddedWorld) Replay(ctx context.Context, runID, task string) error {
	id := runID
	if task != "" {
		run, _ := w.Run(runID)
		for _, t := range run.Tasks {
			if strings.EqualFold(t.Name, task) {
				id = t.ID
			}
		}
		if id == runID {
			return fmt.Errorf("run.replay: run of %s has no task %s", run.Workflow, task)
		}
	}
	_, err := w.engine.Do(ctx, core.Replay{IDs: []string{id}})
	return err
}

// EnableCrons implements scripttest.World.
func (w *embeddedWorld) EnableCrons(ctx context.Context, name string) error {
	found := false
	for _, declared := range w.options.Workflows {
		found = found || strings.EqualFold(declared.Name, name) && len(declared.Crons) > 0
	}
	if !found {
		return fmt.Errorf("t.cron.enable: no workflow %s with a cron", name)
	}
	w.mu.Lock()
	w.enabled[strings.ToLower(name)] = true
	crew := w.crew
	w.mu.Unlock()
	if crew == nil {
		return errors.New("t.cron.enable: there is no worker that could register it")
	}
	return crew.serve(ctx, w)
}

// startedBy says what started a run, without ids.
func startedBy(e local.RunStarted) string {
	if e.ParentTask != "" {
		return "child of " + e.ParentTask
	}
	return e.Trigger
}

// observed passes on what happens in the engine.
func (w *embeddedWorld) observed(event local.Event) {
	tell := w.options.Observe
	switch e := event.(type) {
	case local.RunStarted:
		tell(scripttest.Event{At: e.At, Kind: scripttest.RunStarted, RunID: e.RunID, Workflow: e.Workflow, Text: startedBy(e), Input: e.Input, Parent: e.ParentRunID, Task: e.ParentTask, Index: int(e.ChildIndex)})
	case local.TaskStarted:
		tell(scripttest.Event{At: e.At, Kind: scripttest.TaskStarted, RunID: e.RunID, Workflow: e.Workflow, Task: e.Task, Attempt: e.Attempt})
	case local.TaskParked:
		tell(scripttest.Event{At: e.At, Kind: scripttest.TaskParked, RunID: e.RunID, Workflow: e.Workflow, Task: e.Task, Text: e.Reason})
	case local.TaskFinished:
		message, _ := client.ErrorText(e.Error)
		retry := time.Duration(-1)
		if e.Retrying {
			retry = e.RetryIn
		}
		tell(scripttest.Event{
			At: e.At, Kind: scripttest.TaskFinished, RunID: e.RunID, Workflow: e.Workflow, Task: e.Task, Status: string(e.Status),
			Attempt: e.Attempt, Text: message, RetryIn: retry, Skipped: e.Skipped,
		})
	case local.RunFinished:
		tell(scripttest.Event{At: e.At, Kind: scripttest.RunFinished, RunID: e.RunID, Workflow: e.Workflow, Status: string(e.Status)})
	}
}

// crew is one worker of a world, from its start to its end.
type crew struct {
	worker *Worker
	conn   *transport.Conn
	pipe   *pipe
	stop   context.CancelFunc
	done   chan struct{}
	run    scripttest.Runner
}

// StartWorker implements scripttest.World.
func (w *embeddedWorld) StartWorker(ctx context.Context, slots int, labels map[string]any) error {
	w.mu.Lock()
	there := w.crew != nil
	w.mu.Unlock()
	if there {
		return errors.New("the worker runs already")
	}
	if slots == 0 {
		slots = w.options.Slots
	}
	c, err := w.hire(slots, labels)
	if err != nil {
		return err
	}
	w.mu.Lock()
	w.crew = c
	w.mu.Unlock()
	return c.serve(ctx, w)
}

// halfway spreads what is to be tried again: there is one worker, and what it does
// is to be the same each time.
func halfway() float64 { return 0.5 }

// hire makes a worker and lets it run.
func (w *embeddedWorld) hire(slots int, labels map[string]any) (*crew, error) {
	line := &pipe{}
	conn, err := transport.Dial(w.server.config, transport.Options{
		Clock:  w.options.Clock,
		Rand:   halfway,
		Dialer: line.dialer(func(ctx context.Context) (net.Conn, error) { return w.engine.Dial(ctx, "") }),
	})
	if err != nil {
		return nil, err
	}
	host := &Worker{
		options: Options{Server: w.server, Name: "test", Slots: slots, Labels: labels}, clock: w.options.Clock,
		logger: slog.New(slog.DiscardHandler), conn: conn, client: w.client, observer: w.logged,
		natives: w.natives, linger: w.options.Linger,
	}
	evictAfter := worker.DefaultEvictAfter + time.Nanosecond // never at the moment at which a sleep ends
	if w.options.EvictAtOnce {
		evictAfter = time.Millisecond
	}
	host.worker = worker.New(conn.Grpc(), worker.Options{
		EvictAfter: evictAfter, Rand: halfway,
		Name: "test", Slots: slots, Labels: workerLabels(labels), Clock: w.options.Clock, Drain: -1, LastWords: time.Nanosecond,
		Heartbeat: math.MaxInt64 / 4, TellsAll: true, Observer: observing{host}, Grace: hatchet.DefaultGrace + vm.DefaultAbandonAfter,
	})
	ctx, stop := context.WithCancel(w.ctx)
	c := &crew{worker: host, conn: conn, pipe: line, stop: stop, done: make(chan struct{}), run: w.options.Run}
	w.group.Go(func() error {
		defer close(c.done)
		defer conn.Close()
		if err := host.worker.Run(ctx); err != nil && ctx.Err() == nil {
			return err
		}
		return nil
	})
	return c, nil
}

// logged passes on what tasks log.
func (w *embeddedWorld) logged(n Notice) {
	if l, ok := n.(TaskLogged); ok {
		w.options.Observe(scripttest.Event{
			At: w.options.Clock.Now(), Kind: scripttest.TaskLogged, RunID: l.RunID, Workflow: l.Workflow, Task: l.Task, Text: l.Message, Status: l.Level,
		})
	}
}

// serve registers what the world has to serve.
func (c *crew) serve(ctx context.Context, w *embeddedWorld) error {
	return serveTests(ctx, c.worker, w.workflows(), func(ctx context.Context, a *worker.Assignment) ([]byte, error) {
		inv := c.worker.invocation(a, nil)
		inv.Host = recording{inv.Host, func(chunk string) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.chunks[a.WorkflowRunID] = append(w.chunks[a.WorkflowRunID], chunk)
		}}
		return c.run(ctx, inv)
	})
}

// serveTests registers the workflows of a test with its worker.
func serveTests(ctx context.Context, host *Worker, workflows []*workflow.Workflow, attempt func(context.Context, *worker.Assignment) ([]byte, error)) error {
	g := worker.Generation{Workflows: workflows, Runners: map[string]worker.Runner{}}
	run := worker.RunnerFunc(func(ctx context.Context, a *worker.Assignment) ([]byte, error) {
		output, err := attempt(ctx, a)
		return output, reportError(err)
	})
	names := make([]string, len(workflows))
	for i, declared := range workflows {
		names[i] = declared.Name
		for _, task := range declared.Tasks {
			g.Runners[workflow.ActionID(declared.Name, task.Name)] = run
		}
		if declared.OnFailure != nil {
			g.Runners[workflow.ActionID(declared.Name, workflow.OnFailureTask)] = run
		}
	}
	host.runNatives(&g)
	host.mu.Lock()
	host.names = names
	host.mu.Unlock()
	return host.worker.Serve(ctx, g)
}

// take removes the worker from the world.
func (w *embeddedWorld) take() *crew {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.crew
	w.crew = nil
	return c
}

// StopWorker implements scripttest.World.
func (w *embeddedWorld) StopWorker(context.Context) error {
	c := w.take()
	if c == nil {
		return errors.New("there is no worker to stop")
	}
	c.stop()
	<-c.done
	return nil
}

// KillWorker implements scripttest.World.
func (w *embeddedWorld) KillWorker() {
	if c := w.take(); c != nil {
		_ = c.conn.Close() // first, so that nothing is reported
		c.stop()
		<-c.done
	}
}

// DropStream implements scripttest.World.
func (w *embeddedWorld) DropStream() {
	w.mu.Lock()
	c := w.crew
	w.mu.Unlock()
	if c != nil {
		c.pipe.cut()
	}
}

// CutStream implements scripttest.World.
func (w *embeddedWorld) CutStream() {
	w.broken(true)
	w.DropStream()
}

// MendStream implements scripttest.World.
func (w *embeddedWorld) MendStream() { w.broken(false) }

// broken says whether the worker of now can connect.
func (w *embeddedWorld) broken(is bool) {
	w.mu.Lock()
	c := w.crew
	w.mu.Unlock()
	if c != nil {
		c.pipe.broken.Store(is)
	}
}

// pipe remembers the worker's newest connection.
type pipe struct {
	broken atomic.Bool // nothing can connect
	mu     sync.Mutex
	conn   net.Conn
}

var errCutOff = errors.New("the connection was cut by a fault of the test")

// dialer keeps what dial connects.
func (p *pipe) dialer(dial func(context.Context) (net.Conn, error)) func(context.Context) (net.Conn, error) {
	return func(ctx context.Context) (net.Conn, error) {
		if p.broken.Load() {
			return nil, errCutOff
		}
		conn, err := dial(ctx)
		p.mu.Lock()
		defer p.mu.Unlock()
		p.conn = conn
		return conn, err
	}
}

func (p *pipe) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.conn != nil {
		_ = p.conn.Close()
	}
}

// Evict implements scripttest.World.
func (w *embeddedWorld) Evict(ctx context.Context, runID string) error {
	run, _ := w.Run(runID)
	evicted := false
	for _, t := range run.Tasks {
		if t.Status == StatusRunning && !t.Parked && len(w.waitsOf(t.ID)) > 0 {
			evicted = true
			if _, err := w.engine.Do(ctx, core.DurableEvict{TaskID: t.ID, Reason: "the test evicts it"}); err != nil {
				return err
			}
		}
	}
	if !evicted {
		return fmt.Errorf("t.fault.evict: no durable task of the run of %s waits on a worker", run.Workflow)
	}
	return nil
}

// SpendRateLimit implements scripttest.World. A limit that is lowered loses what
// is left of it, and keeps that when it is raised again.
func (w *embeddedWorld) SpendRateLimit(ctx context.Context, key string) error {
	var limit *core.RateLimitView
	w.look(func(c *core.Core) {
		for _, view := range c.RateLimits() {
			if view.Key == key {
				limit = &view
			}
		}
	})
	if limit == nil {
		return fmt.Errorf("t.fault.rateLimit: no rate limit %q is set yet", key)
	}
	for _, value := range []int32{0, limit.Limit} {
		if _, err := w.engine.Do(ctx, core.PutRateLimit{Key: key, Limit: value, Window: limit.Window}); err != nil {
			return err
		}
	}
	return nil
}
