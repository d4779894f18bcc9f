package vm

import (
	"container/heap"
	"math"
	"time"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
)

// timer is one pending setTimeout or setInterval.
type timer struct {
	id       int64
	at       time.Time
	serial   uint64
	index    int // in the heap; -1 when not in it
	delay    time.Duration
	repeat   bool
	callback goja.Callable
	args     []goja.Value
	op       *operation
	object   *goja.Object
}

// timerSet holds the timers and immediates of a run. It belongs to the VM's
// goroutine.
type timerSet struct {
	serial     uint64
	queue      timerHeap
	byID       map[int64]*timer
	immediates []*timer
	until      time.Time // timers up to here run in this phase
	batch      []*timer  // immediates that run in this phase
}

func (s *timerSet) beginTimers(c clock.Clock) {
	if len(s.queue) > 0 {
		s.until = c.Now()
	}
}

func (s *timerSet) beginImmediates() {
	s.batch, s.immediates = s.immediates, nil
}

// due takes the next timer whose time had come when the phase began.
func (s *timerSet) due(r *run) func() error {
	if len(s.queue) == 0 || s.queue[0].at.After(s.until) {
		return nil
	}
	t := heap.Pop(&s.queue).(*timer)
	return func() error { return r.fire(t) }
}

// immediate takes the oldest immediate of the phase.
func (s *timerSet) immediate(r *run) func() error {
	for len(s.batch) > 0 {
		t := s.batch[0]
		s.batch = s.batch[1:]
		if s.byID[t.id] == t { // else it was cleared
			return func() error { return r.fire(t) }
		}
	}
	return nil
}

// arm returns a timer of the clock for the earliest deadline; nil if there is
// none.
func (s *timerSet) arm(r *run) clock.Timer {
	if len(s.queue) == 0 {
		return nil
	}
	c := r.vm.opts.Clock
	return c.NewTimer(s.queue[0].at.Sub(c.Now()))
}

// fire calls a timer's callback and arms an interval anew.
func (r *run) fire(t *timer) error {
	if t.repeat {
		t.at = r.vm.opts.Clock.Now().Add(t.delay)
		r.timers.push(t)
	} else {
		r.forget(t)
	}
	return r.inContext(t.op.context, func() error {
		return r.withTicks(func() error {
			_, err := t.callback(goja.Undefined(), t.args...)
			return err
		})
	})
}

func (s *timerSet) push(t *timer) {
	s.serial++
	t.serial = s.serial
	heap.Push(&s.queue, t)
}

// forget ends a timer, fired or not.
func (r *run) forget(t *timer) {
	if r.timers.byID[t.id] != t {
		return
	}
	delete(r.timers.byID, t.id)
	if t.index >= 0 {
		heap.Remove(&r.timers.queue, t.index)
	}
	r.finish(t.op) // an immediate stays in its list and is passed over
}

type timerHeap []*timer

func (h timerHeap) Len() int { return len(h) }
func (h timerHeap) Less(i, j int) bool {
	if h[i].at.Equal(h[j].at) {
		return h[i].serial < h[j].serial
	}
	return h[i].at.Before(h[j].at)
}
func (h timerHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}
func (h *timerHeap) Push(x any) {
	t := x.(*timer)
	t.index = len(*h)
	*h = append(*h, t)
}
func (h *timerHeap) Pop() any {
	last := len(*h) - 1
	t := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	t.index = -1
	return t
}

// installTimers defines the timer globals and queueMicrotask.
func (v *VM) installTimers() {
	global := v.rt.GlobalObject()
	v.method(global, "setTimeout", func(call goja.FunctionCall) goja.Value { return v.startTimer(call, "setTimeout", false) })
	v.method(global, "setInterval", func(call goja.FunctionCall) goja.Value { return v.startTimer(call, "setInterval", true) })
	v.method(global, "setImmediate", v.startImmediate)
	clear := v.function("clearTimeout", func(call goja.FunctionCall) goja.Value {
		return v.clearTimer(goja.FunctionCall{This: call.Argument(0)})
	})
	for _, name := range []string{"clearTimeout", "clearInterval", "clearImmediate"} {
		define(global, name, clear)
	}
	v.method(global, "queueMicrotask", v.queueMicrotask)
}

// timeoutPrototype is what the objects that setTimeout returns inherit from.
func (v *VM) timeoutPrototype() *goja.Object {
	if v.timeout == nil {
		v.timeout = v.rt.NewObject()
		chain := func(call goja.FunctionCall) goja.Value { return call.This }
		v.method(v.timeout, "ref", chain)
		v.method(v.timeout, "unref", chain)
		v.method(v.timeout, "hasRef", func(goja.FunctionCall) goja.Value { return v.rt.ToValue(true) })
		v.method(v.timeout, "close", v.clearTimer)
		v.method(v.timeout, "refresh", v.refreshTimer)
		v.method(v.timeout, "valueOf", func(call goja.FunctionCall) goja.Value { return call.This.ToObject(v.rt).Get("id") })
	}
	return v.timeout
}

func (v *VM) callback(call goja.FunctionCall, name string) goja.Callable {
	callback, ok := goja.AssertFunction(call.Argument(0))
	if !ok {
		panic(v.rt.NewTypeError("%s: the first argument must be a function", name))
	}
	return callback
}

func (v *VM) newTimer(call goja.FunctionCall, name string, skip int) (*run, *timer) {
	callback := v.callback(call, name)
	r := v.current
	if r == nil {
		panic(v.rt.NewTypeError("%s can only be called while a task runs or its file loads", name))
	}
	t := &timer{index: -1, callback: callback, op: r.begin(false)}
	if len(call.Arguments) > skip {
		t.args = append(t.args, call.Arguments[skip:]...)
	}
	t.id = int64(t.op.serial)
	if r.timers.byID == nil {
		r.timers.byID = make(map[int64]*timer)
	}
	r.timers.byID[t.id] = t
	t.object = v.rt.CreateObject(v.timeoutPrototype())
	define(t.object, "id", v.rt.ToValue(t.id))
	return r, t
}

func (v *VM) startTimer(call goja.FunctionCall, name string, repeat bool) goja.Value {
	r, t := v.newTimer(call, name, 2)
	t.delay, t.repeat = milliseconds(call.Argument(1)), repeat
	t.at = v.opts.Clock.Now().Add(t.delay)
	r.timers.push(t)
	return t.object
}

// milliseconds reads a delay as browsers and Node do: at least 1 ms, and what
// is no number, or too large for 32 bits, counts as 1.
func milliseconds(value goja.Value) time.Duration {
	ms := value.ToFloat()
	if math.IsNaN(ms) || ms < 1 || ms > math.MaxInt32 {
		ms = 1
	}
	return time.Duration(ms * float64(time.Millisecond))
}

func (v *VM) startImmediate(call goja.FunctionCall) goja.Value {
	r, t := v.newTimer(call, "setImmediate", 1)
	r.timers.immediates = append(r.timers.immediates, t)
	return t.object
}

// clearTimer ends the timer that This is, or whose number it is.
func (v *VM) clearTimer(call goja.FunctionCall) goja.Value {
	if t := v.timerOf(call.This); t != nil {
		v.current.forget(t)
	}
	return goja.Undefined()
}

func (v *VM) refreshTimer(call goja.FunctionCall) goja.Value {
	if t := v.timerOf(call.This); t != nil && t.index >= 0 {
		t.at = v.opts.Clock.Now().Add(t.delay)
		heap.Fix(&v.current.timers.queue, t.index)
	}
	return call.This
}

// timerOf finds the timer of the run in progress that value stands for; one of
// an earlier run is gone.
func (v *VM) timerOf(value goja.Value) *timer {
	if v.current == nil || value == nil {
		return nil
	}
	if object, ok := value.(*goja.Object); ok {
		value = object.Get("id")
		if value == nil {
			return nil
		}
		if t := v.current.timers.byID[value.ToInteger()]; t != nil && t.object == object {
			return t
		}
		return nil
	}
	return v.current.timers.byID[value.ToInteger()]
}

// queueMicrotask calls its argument after the running job; what it throws is an
// unhandled rejection.
func (v *VM) queueMicrotask(call goja.FunctionCall) goja.Value {
	callback := v.callback(call, "queueMicrotask")
	promise, resolve, _ := v.rt.NewPromise()
	then, _ := goja.AssertFunction(v.rt.ToValue(promise).ToObject(v.rt).Get("then"))
	job := v.rt.ToValue(func(goja.FunctionCall) goja.Value {
		if _, err := callback(goja.Undefined()); err != nil {
			panic(err)
		}
		return goja.Undefined()
	})
	if _, err := then(v.rt.ToValue(promise), job); err != nil {
		panic(err)
	}
	if err := resolve(goja.Undefined()); err != nil {
		panic(err)
	}
	return goja.Undefined()
}
