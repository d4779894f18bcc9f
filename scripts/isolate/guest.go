package isolate

import (
	"context"
	"sync"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// guest is a run in the child; it is its own [hatchet.Host], which asks the
// parent.
type guest struct {
	child   *child
	id      uint64
	cancel  context.CancelCauseFunc
	answers *queue[func()] // of the event log, to be delivered in order

	mu      sync.Mutex
	waiting map[uint64]*operation
	state   durableState // as the event log last said
}

// operation is one of the event log that has not been answered.
type operation struct {
	done  func(id uint64, body told)
	begun bool  // the parent has begun it
	early *told // answered before that
}

func newGuest(c *child, id uint64, cancel context.CancelCauseFunc) *guest {
	g := &guest{child: c, id: id, cancel: cancel, waiting: map[uint64]*operation{}, answers: newQueue[func()]()}
	c.running.Go(g.deliver)
	return g
}

// is reports whether it is the run of this number.
func (g *guest) is(id uint64) bool { return g != nil && g.id == id }

// end drops what is not answered.
func (g *guest) end() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting = nil
	g.answers.close()
}

// send tells the parent something that has no answer. That the parent is gone
// shows elsewhere.
func (g *guest) send(id uint64, body any) {
	_ = g.child.link.send(frame{Run: g.id, ID: id, Body: body})
}

// operate begins an operation of the event log. What the log answers at once is
// delivered before it returns: a run must not come to rest before it has that.
func (g *guest) operate(body any, done func(id uint64, body told)) {
	op := &operation{done: done}
	var id uint64
	_, _ = g.child.ask(context.Background(), g.id, body, func(made uint64) { // or the parent is gone
		id = made
		g.mu.Lock()
		defer g.mu.Unlock()
		if g.waiting != nil {
			g.waiting[id] = op
		}
	})
	g.mu.Lock()
	op.begun = true
	early := op.early
	g.mu.Unlock()
	if early != nil {
		done(id, *early)
	}
}

// tell takes an answer of the event log.
func (g *guest) tell(id uint64, body told) {
	g.mu.Lock()
	defer g.mu.Unlock()
	op := g.waiting[id]
	switch {
	case op == nil:
	case op.begun:
		g.answers.put(func() { op.done(id, body) })
	default:
		op.early = &body
	}
	delete(g.waiting, id)
}

// deliver delivers answers. It may begin further operations.
func (g *guest) deliver() {
	for {
		next, open := g.answers.take()
		if !open {
			return
		}
		next()
	}
}

// asked makes a call of which the answer is a T.
func asked[T any](ctx context.Context, g *guest, body any) (T, error) {
	got, err := g.child.ask(ctx, g.id, body, nil)
	value, _ := got.(T)
	return value, err
}

func (g *guest) do(ctx context.Context, body any) error {
	_, err := g.child.ask(ctx, g.id, body, nil)
	return err
}

// Trigger implements [hatchet.Host], and so do the methods below.
func (g *guest) Trigger(ctx context.Context, q hatchet.RunRequest) (string, error) {
	return asked[string](ctx, g, callTrigger{requestOf(q)})
}

func (g *guest) TriggerMany(ctx context.Context, list []hatchet.RunRequest) ([]string, error) {
	return asked[[]string](ctx, g, callTriggerMany{requestsOf(list)})
}

func (g *guest) Result(ctx context.Context, runID string) (*hatchet.Result, error) {
	got, err := asked[hatchet.Result](ctx, g, callResult{runID})
	return &got, err
}

func (g *guest) Status(ctx context.Context, runID string) (string, error) {
	return asked[string](ctx, g, callStatus{runID})
}

func (g *guest) Cancel(ctx context.Context, ids ...string) error {
	return g.do(ctx, callCancel{ids})
}

func (g *guest) PushEvent(ctx context.Context, event hatchet.Event) (string, error) {
	return asked[string](ctx, g, callPush{event})
}

func (g *guest) BulkPushEvents(ctx context.Context, events []hatchet.Event) ([]string, error) {
	return asked[[]string](ctx, g, callBulkPush{events})
}

func (g *guest) RefreshTimeout(ctx context.Context, d time.Duration) error {
	return g.do(ctx, callRefresh{d})
}

func (g *guest) ReleaseSlot(ctx context.Context) error { return g.do(ctx, callRelease{}) }

func (g *guest) PutStream(ctx context.Context, index int64, data []byte) error {
	return g.do(ctx, callStream{index, data})
}

func (g *guest) Log(level hatchet.Level, message string, fields []byte) {
	g.send(0, line{level, message, fields})
}

func (g *guest) Worker() hatchet.Worker {
	worker, _ := asked[hatchet.Worker](context.Background(), g, callWorker{})
	return worker
}

func (g *guest) UpsertLabels(ctx context.Context, labels map[string]any) error {
	return g.do(ctx, callLabels{labels})
}

func (g *guest) REST(ctx context.Context, q hatchet.APIRequest) (*hatchet.APIAnswer, error) {
	got, err := asked[hatchet.APIAnswer](ctx, g, callREST{q})
	return &got, err
}

func (g *guest) FindWorkflow(ctx context.Context, name string) ([]byte, error) {
	return asked[[]byte](ctx, g, callFind{name})
}

func (g *guest) WireName(workflow string) string {
	name, _ := asked[string](context.Background(), g, callWireName{workflow})
	return name
}

func (g *guest) Details(ctx context.Context, runID string) (*hatchet.Details, error) {
	got, err := asked[hatchet.Details](ctx, g, callDetails{runID})
	return &got, err
}

func (g *guest) PutRateLimit(ctx context.Context, key string, limit int, window string) error {
	return g.do(ctx, callRateLimit{key, limit, window})
}

// Follow hands events over on a goroutine of its own: each may wait for the
// script.
func (g *guest) Follow(ctx context.Context, runID string, each func(event hatchet.RunEvent) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	events := newQueue[hatchet.RunEvent]()
	var group sync.WaitGroup
	group.Go(func() {
		for {
			event, open := events.take()
			if !open {
				return
			}
			if err := each(event); err != nil {
				stop(err)
				return
			}
		}
	})
	_, err := g.child.ask(ctx, g.id, callFollow{runID}, func(id uint64) {
		g.child.listen(id, func(event hatchet.RunEvent) error {
			events.put(event)
			return nil
		})
	})
	events.close()
	group.Wait()
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

// log is the event log of a durable task in the child.
type log struct{ guest *guest }

// answer is what the script is given of an answer.
func (l *log) answer(id uint64, t told) hatchet.Answer {
	a := hatchet.Answer{Payload: t.Payload, Err: t.Err.error(), Exists: t.Exists, Took: func() { l.took(id) }}
	if t.Completes {
		a.Complete = func(value []byte) { l.guest.send(id, completed{value}) }
	}
	return a
}

// took says that the script runs on with an answer, and hears what the event log
// makes of that.
func (l *log) took(id uint64) {
	state, err := asked[durableState](context.Background(), l.guest, callTook{id})
	if err != nil {
		return // the parent is gone
	}
	l.guest.mu.Lock()
	defer l.guest.mu.Unlock()
	l.guest.state = state
}

func (l *log) now() durableState {
	l.guest.mu.Lock()
	defer l.guest.mu.Unlock()
	return l.guest.state
}

func (l *log) Memo(key []byte, done func(hatchet.Answer)) {
	l.guest.operate(memo{key}, func(id uint64, t told) { done(l.answer(id, t)) })
}

func (l *log) WaitFor(conditions []workflow.Condition, label, describe string, done func(hatchet.Answer)) {
	l.guest.operate(wait{conditions, label, describe}, func(id uint64, t told) { done(l.answer(id, t)) })
}

func (l *log) RunChildren(requests []hatchet.RunRequest, started func([]hatchet.DurableChild, error, func())) {
	l.guest.operate(spawn{requestsOf(requests)}, func(of uint64, t told) {
		children := make([]hatchet.DurableChild, len(t.RunIDs))
		for i, runID := range t.RunIDs {
			children[i] = hatchet.DurableChild{RunID: runID, Result: func(done func(hatchet.Answer)) {
				l.guest.operate(follow{of, i}, func(id uint64, t told) { done(l.answer(id, t)) })
			}}
		}
		started(children, t.Err.error(), func() { l.took(of) })
	})
}

func (l *log) KeepsRuns() bool { return l.now().KeepsRuns }

func (l *log) Linger() (release func(), ok bool) {
	var token uint64
	got, err := l.guest.child.ask(context.Background(), l.guest.id, callLinger{}, func(id uint64) { token = id })
	ok, _ = got.(bool)
	return func() { l.guest.send(token, released{}) }, ok && err == nil
}

func (l *log) Asking() bool {
	asking, _ := asked[bool](context.Background(), l.guest, callAsking{})
	return asking
}

func (l *log) Replaying() bool { return l.now().Replaying }

func (l *log) Unsure() bool { return l.now().Unsure }

func (l *log) CatchingUp() bool { return l.now().CatchingUp }

func (l *log) Behind() time.Duration { return l.now().Behind }
