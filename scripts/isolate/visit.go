package isolate

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
)

// visit is a run in a child as the parent sees it: it does for the run what only
// the parent can.
type visit struct {
	process *Process
	id      uint64
	inv     *hatchet.Invocation
	ctx     context.Context // of the run
	calling context.Context // of its calls, which the child ends; done after the run
	hangUp  context.CancelFunc
	orders  *queue[frame] // what takes effect in order
	group   sync.WaitGroup
	over    chan struct{} // closed when end is set, and all that came before was done
	end     finished

	mu        sync.Mutex
	calls     map[uint64]context.CancelFunc
	tooks     map[uint64]func()       // of answers of the event log
	completes map[uint64]func([]byte) // of memos
	children  map[uint64][]hatchet.DurableChild
	lingers   map[uint64]func()
}

func (p *Process) begin(ctx context.Context, inv *hatchet.Invocation) *visit {
	v := &visit{
		process: p, inv: inv, ctx: ctx, orders: newQueue[frame](), over: make(chan struct{}),
		calls: map[uint64]context.CancelFunc{}, tooks: map[uint64]func(){}, completes: map[uint64]func([]byte){},
		children: map[uint64][]hatchet.DurableChild{}, lingers: map[uint64]func(){},
	}
	v.calling, v.hangUp = context.WithCancel(context.WithoutCancel(ctx))
	p.mu.Lock()
	p.runs++
	v.id, p.current = p.runs, v
	p.mu.Unlock()
	v.group.Go(v.obey)
	return v
}

// leave ends the visit and waits for what it has begun.
func (v *visit) leave() {
	p := v.process
	p.mu.Lock()
	p.current = nil
	p.mu.Unlock()
	v.hangUp()
	v.orders.close()
	v.group.Wait()
	for _, release := range v.lingers {
		release()
	}
}

// opening is what the child needs to know of the run.
func (v *visit) opening() begin {
	b := begin{Invocation: *v.inv}
	b.Invocation.Host, b.Invocation.Durable, b.Invocation.ChildIndex = nil, nil, nil
	if index := v.inv.ChildIndex; index != nil {
		b.Index, b.HasIndex = *index, true
	}
	if v.inv.Durable != nil {
		state := v.state()
		b.Durable = &state
	}
	return b
}

// label names the task in messages.
func (v *visit) label() string {
	if v.inv.TaskName != "" {
		return v.inv.TaskName
	}
	_, task, _ := strings.Cut(v.inv.Action, ":")
	return task
}

// handle takes a frame from the child. It does not wait.
func (v *visit) handle(f frame) {
	switch f.Body.(type) {
	case memo, wait, spawn, follow, completed, line, callLinger, callAsking, callTook, released, finished:
		v.orders.put(f)
	case cancelCall:
		v.mu.Lock()
		if cancel := v.calls[f.ID]; cancel != nil {
			cancel()
		}
		v.mu.Unlock()
	default:
		v.call(f)
	}
}

// call makes a call of the host on a goroutine of its own.
func (v *visit) call(f frame) {
	ctx, cancel := context.WithCancel(v.calling)
	v.mu.Lock()
	v.calls[f.ID] = cancel
	v.mu.Unlock()
	v.group.Go(func() {
		defer cancel()
		value, err := v.perform(ctx, f)
		v.mu.Lock()
		delete(v.calls, f.ID)
		v.mu.Unlock()
		v.process.answer(f, value, err)
	})
}

// perform makes a call of the host.
func (v *visit) perform(ctx context.Context, f frame) (any, error) {
	h := v.inv.Host
	if h == nil {
		return nil, fmt.Errorf("there is no engine to talk to")
	}
	switch c := f.Body.(type) {
	case callTrigger:
		q, err := c.Request.restore()
		if err != nil {
			return nil, err
		}
		return h.Trigger(ctx, q)
	case callTriggerMany:
		list, err := restoreRequests(c.Requests)
		if err != nil {
			return nil, err
		}
		return h.TriggerMany(ctx, list)
	case callResult:
		return value(h.Result(ctx, c.RunID))
	case callStatus:
		return h.Status(ctx, c.RunID)
	case callCancel:
		return nil, h.Cancel(ctx, c.IDs...)
	case callPush:
		return h.PushEvent(ctx, c.Event)
	case callBulkPush:
		return h.BulkPushEvents(ctx, c.Events)
	case callRefresh:
		return nil, h.RefreshTimeout(ctx, c.By)
	case callRelease:
		return nil, h.ReleaseSlot(ctx)
	case callStream:
		return nil, h.PutStream(ctx, c.Index, c.Chunk)
	case callWorker:
		return h.Worker(), nil
	case callLabels:
		return nil, h.UpsertLabels(ctx, c.Labels)
	}
	return v.manage(ctx, f)
}

// manage makes a call of [hatchet.Management].
func (v *visit) manage(ctx context.Context, f frame) (any, error) {
	h := v.inv.Host
	switch c := f.Body.(type) {
	case callREST:
		return value(h.REST(ctx, c.Request))
	case callFind:
		return h.FindWorkflow(ctx, c.Name)
	case callWireName:
		return h.WireName(c.Workflow), nil
	case callDetails:
		return value(h.Details(ctx, c.RunID))
	case callRateLimit:
		return nil, h.PutRateLimit(ctx, c.Key, c.Limit, c.Window)
	case callFollow:
		return nil, h.Follow(ctx, c.RunID, func(event hatchet.RunEvent) error {
			return v.process.link.send(frame{Run: f.Run, ID: f.ID, Body: event})
		})
	}
	return nil, fmt.Errorf("%T is no call", f.Body)
}

// value is what a pointer points to; nothing if there was an error.
func value[T any](p *T, err error) (any, error) {
	if err != nil || p == nil {
		return nil, err
	}
	return *p, nil
}

// obey does one after the other what the child wants done in order.
func (v *visit) obey() {
	for {
		f, open := v.orders.take()
		if !open {
			return
		}
		if end, last := f.Body.(finished); last {
			v.end = end
			close(v.over)
			return
		}
		v.order(f)
	}
}
