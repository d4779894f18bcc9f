package isolate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"sync"

	"github.com/hatchet-js/hatchet-js-worker/bindings/builtin"
	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
	"github.com/hatchet-js/hatchet-js-worker/scripts/bundle"
	"github.com/hatchet-js/hatchet-js-worker/scripts/diagnostic"
	"github.com/hatchet-js/hatchet-js-worker/scripts/generation"
)

// processors is how many threads of a child run Go code at once: one for the VM
// and one for everything else.
const processors = 2

// child is the process that [Serve] is.
type child struct {
	link  *link
	ready chan struct{} // closed when the script was loaded, or could not be
	door  *permit.Door
	gen   *generation.Generation
	// deferred are the calls that the script made while it loaded.
	deferred []hatchet.Deferred

	mu      sync.Mutex
	current *guest // the run in progress, or nil
	calls   map[uint64]chan answer
	streams map[uint64]func(event hatchet.RunEvent) error // of calls that follow
	next    uint64

	running sync.WaitGroup
}

// Serve is a child: it reads what the parent wants from in and writes to out,
// until in ends. It limits the memory of this process and is of no use in one
// that has other work. The error says that what was read made no sense, or that
// the process cannot be limited.
func Serve(ctx context.Context, in io.Reader, out io.Writer) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	runtime.GOMAXPROCS(processors)
	c := &child{link: newLink(in, out), ready: make(chan struct{}), calls: map[uint64]chan answer{}, streams: map[uint64]func(hatchet.RunEvent) error{}}
	first, err := c.link.receive()
	if errors.Is(err, io.EOF) {
		return nil
	}
	start, ok := first.Body.(setup)
	if err != nil || !ok {
		return fmt.Errorf("the first frame is %T, not a setup: %w", first.Body, err)
	}
	c.running.Go(func() { c.setUp(ctx, start) })
	err = c.read(ctx)
	cancel(errParentGone)
	c.hangUp()
	c.running.Wait()
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

var errParentGone = errors.New("the worker has ended")

// read handles frames until the parent hangs up. It never waits for anything
// but frames.
func (c *child) read(ctx context.Context) error {
	for {
		f, err := c.link.receive()
		if err != nil {
			return err
		}
		c.mu.Lock()
		now, waiting, listener := c.current, c.calls[f.ID], c.streams[f.ID]
		c.mu.Unlock()
		switch body := f.Body.(type) {
		case begin:
			c.begin(ctx, f.Run, body)
		case beginDeferred:
			c.start(ctx, f.Run, func(ctx context.Context, g *guest) ([]byte, error) { return nil, c.makeDeferred(ctx, g, body.Index) })
		case stop:
			if now.is(f.Run) {
				now.cancel(errors.New(body.Cause))
			}
		case answer:
			if waiting != nil {
				waiting <- body // has room
			}
		case hatchet.RunEvent:
			if listener != nil {
				_ = listener(body)
			}
		case told:
			if now.is(f.Run) {
				now.tell(f.ID, body)
			}
		case renew:
			<-c.ready // soon: loading waits for nothing that comes later
			if c.door != nil {
				_ = c.door.Renew(body.Plan.Rules, body.Plan.Workflows) // the parent has tried them
			}
		}
	}
}

// setUp loads the script and says how that went.
func (c *child) setUp(ctx context.Context, start setup) {
	defer close(c.ready)
	var out loaded
	err := c.load(ctx, start, &out)
	var failed *diagnostic.Error
	switch {
	case errors.As(err, &failed):
		out.Failed = &loadFailure{failed.File, failed.Diagnostics}
	case err != nil:
		out.Failed = &loadFailure{start.Bundle.Name, []diagnostic.Diagnostic{{Text: err.Error()}}}
	}
	_ = c.link.send(frame{Body: out}) // or the parent is gone
}

// load makes the door and evaluates the script.
func (c *child) load(ctx context.Context, start setup, out *loaded) error {
	if err := limitMemory(start.Memory); err != nil {
		return err
	}
	options := start.Plan.Options()
	options.Tied = true
	if start.Plan.Audited {
		options.Audit = permit.NewAudit(auditor{c})
	}
	if start.Plan.Asks {
		options.Asker = asker{c}
	}
	var err error
	if c.door, err = permit.NewDoor(options); err != nil {
		return err
	}
	if c.gen, err = c.evaluate(ctx, start, slog.New(&relay{link: c.link})); err != nil {
		return err
	}
	out.Workers = c.gen.Workers
	c.deferred = c.gen.TakeDeferred()
	for _, call := range c.deferred {
		out.Deferred = append(out.Deferred, generation.Deferred{Name: call.Name, Position: call.Position})
	}
	return out.declare(c.gen.Workflows)
}

func (c *child) evaluate(ctx context.Context, start setup, logger *slog.Logger) (*generation.Generation, error) {
	b, err := bundle.Restore(start.Bundle)
	if err != nil {
		return nil, err
	}
	modules, err := builtin.Registry()
	if err != nil {
		return nil, err
	}
	var heap *vm.Heap
	if start.Memory > 0 { // stops most runs at a line, before the cap ends the process
		heap = vm.NewHeap(start.Memory/8*5, nil, func(name string) error { return permit.MemoryError(name, start.Memory, false) })
		c.running.Go(func() { _ = heap.Run(ctx) }) // nil
	}
	return generation.Load(ctx, b, start.Number, generation.Options{
		VM: vm.Options{Logger: logger, MaxCPU: start.Plan.Limits.CPU, CPUAdvice: permit.LimitAdvice("cpu"), Heap: heap}, Modules: modules, Door: c.door, LoadTimeout: start.LoadTimeout,
		Console: func(_ string, level hatchet.Level, message string) {
			_ = c.link.send(frame{Body: console{level, message}}) // or the parent is gone
		},
	})
}

// begin runs an attempt.
func (c *child) begin(ctx context.Context, id uint64, body begin) {
	inv := body.Invocation
	if body.HasIndex {
		inv.ChildIndex = &body.Index
	}
	c.start(ctx, id, func(ctx context.Context, g *guest) ([]byte, error) {
		inv.Host = g
		if body.Durable != nil {
			inv.Durable = &log{g}
			g.state = *body.Durable
		}
		return c.gen.Run(ctx, &inv)
	})
}

func (c *child) makeDeferred(ctx context.Context, g *guest, index int) error {
	if index >= len(c.deferred) {
		return fmt.Errorf("the script made no call %d while it loaded", index)
	}
	return c.deferred[index].Do(ctx, g)
}

// start has something done for the parent that is like a run.
func (c *child) start(ctx context.Context, id uint64, do func(context.Context, *guest) ([]byte, error)) {
	<-c.ready // long since: the parent was told
	ctx, cancel := context.WithCancelCause(ctx)
	g := newGuest(c, id, cancel)
	c.mu.Lock()
	c.current = g
	c.mu.Unlock()
	c.running.Go(func() {
		defer cancel(nil)
		output, err := do(ctx, g)
		g.end()
		c.mu.Lock()
		c.current = nil
		c.mu.Unlock()
		_ = c.link.send(frame{Run: id, Body: outcomeOf(output, err, c.gen.Stats().Idle == 0)})
	})
}

// ask makes a call of the parent and waits for its answer, or the end of ctx, of
// which the parent is told. prepare, which may be nil, is given the number of the
// call before the parent hears of it.
func (c *child) ask(ctx context.Context, run uint64, body any, prepare func(id uint64)) (any, error) {
	id, answered := c.expect()
	if answered == nil {
		return nil, errParentGone
	}
	defer c.forget(id)
	if prepare != nil {
		prepare(id)
	}
	if err := c.link.send(frame{Run: run, ID: id, Body: body}); err != nil {
		return nil, err
	}
	select {
	case got, open := <-answered:
		if !open {
			return nil, errParentGone
		}
		return got.Value, got.Err.error()
	case <-ctx.Done():
		_ = c.link.send(frame{Run: run, ID: id, Body: cancelCall{}})
		return nil, context.Cause(ctx)
	}
}

// expect reserves the number of a call; nil if nobody will answer.
func (c *child) expect() (id uint64, answered chan answer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.calls == nil {
		return 0, nil
	}
	c.next++
	answered = make(chan answer, 1)
	c.calls[c.next] = answered
	return c.next, answered
}

func (c *child) forget(id uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.calls, id)
	delete(c.streams, id)
}

// listen has events that come with a call handed to each.
func (c *child) listen(id uint64, each func(event hatchet.RunEvent) error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.streams[id] = each
}

// hangUp ends the calls that nobody will answer.
func (c *child) hangUp() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, waiting := range c.calls {
		close(waiting)
	}
	c.calls = nil
	if c.current != nil {
		c.current.cancel(errParentGone)
	}
}

// auditor has the parent write the audit log.
type auditor struct{ child *child }

func (a auditor) Write(line []byte) (int, error) {
	if _, err := a.child.ask(context.Background(), 0, callRecord{line}, nil); err != nil {
		return 0, err
	}
	return len(line), nil
}

// asker has the parent ask a person.
type asker struct{ child *child }

func (a asker) Ask(ctx context.Context, question permit.Question) permit.Answer {
	got, err := a.child.ask(ctx, 0, callAsk{question}, nil)
	if answer, ok := got.(permit.Answer); ok && err == nil {
		return answer
	}
	return permit.No
}

// relay hands log records to the parent.
type relay struct {
	link  *link
	pairs []string
}

func (r *relay) Enabled(context.Context, slog.Level) bool { return true }

func (r *relay) Handle(_ context.Context, record slog.Record) error {
	pairs := append([]string(nil), r.pairs...)
	record.Attrs(func(a slog.Attr) bool {
		pairs = append(pairs, a.Key, a.Value.String())
		return true
	})
	return r.link.send(frame{Body: logged{int(record.Level), record.Message, pairs}})
}

func (r *relay) WithAttrs(attrs []slog.Attr) slog.Handler {
	pairs := append([]string(nil), r.pairs...)
	for _, a := range attrs {
		pairs = append(pairs, a.Key, a.Value.String())
	}
	return &relay{r.link, pairs}
}

func (r *relay) WithGroup(string) slog.Handler { return r }
