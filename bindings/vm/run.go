package vm

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
)

// Call is one thing to run. All its functions are called on the VM's goroutine.
type Call struct {
	// Name says what is run, for errors: "task charge".
	Name string
	// Start begins the run, usually by calling into the script. The run lasts
	// until the value it returns settles: a promise (or thenable) when it is
	// fulfilled or rejected, anything else at once. An error ends the run.
	Start func() (goja.Value, error)
	// Settle receives the fulfilled value, for instance to encode it. It may be
	// nil. Its error becomes the error of the run.
	Settle func(goja.Value) error
	// Abort is called when the context of the run is done, with its cause,
	// before the grace period: fire an AbortSignal here. It may be nil. It is
	// not called while the script holds the VM without ever returning to the
	// loop, nor when Grace is 0.
	Abort func(cause error)
	// Grace is the time the run has to end by itself after the context was
	// done; 0 interrupts at once. It is cut short where it cannot help: for code
	// that does not come back to the loop, when nothing but timers beyond it
	// is waited for, and after deafPatience for a run that takes no notice.
	Grace time.Duration
	// Heeds is asked whether the script has asked for what Abort fires. A run
	// for which it is false takes notice only of what it waits for at the host, if
	// that fails once the context is done. It is called from any goroutine. Nil
	// stands for true.
	Heeds func() bool
	// Listening is asked when nothing is left that could settle the promise but
	// what Abort fires. If it returns true, because the script listens for that,
	// the run waits for the end of its context; otherwise, or if it is nil or
	// Grace is 0, the run ends with a [StalledError].
	Listening func() bool
	// Parkable is asked when the run waits for nothing but waits made with
	// [VM.NewWait]. If it returns true the run ends with [ErrParked]; otherwise,
	// or if it is nil, the run goes on waiting.
	Parkable func() bool
	// Now is the time that Date tells the script during the run; nil = that of
	// [Options.Clock]. Timers go by that clock in any case.
	Now func() time.Time
	// Crewed lets the run take place on a goroutine of [Options.Crew], which saves
	// it a third of the time of a small handler. Run must then not be called on a
	// goroutine that is locked to its thread.
	Crewed bool
}

// Run runs call until the promise it starts is settled, and returns nil if it
// was fulfilled and [Call.Settle] agreed. A rejection that nobody handled by the
// end of the run and an error thrown by a timer's callback fail it as well.
//
// When ctx is done, Run calls [Call.Abort], waits for [Call.Grace], interrupts,
// and, when native code does not come back within [Options.AbandonAfter],
// returns without waiting any longer. If the run ends by itself within the
// grace period its own outcome is returned.
//
// Errors: [*ScriptError], [*InterruptError], [*AbandonedError],
// [*StalledError], [*PanicError], [ErrParked], [ErrDead], [ErrBusy], or what a
// function of call returned. After Run, ask [VM.Dead].
func (v *VM) Run(ctx context.Context, call Call) error {
	if v.Dead() { // an abandoned run never ends being one
		return fmt.Errorf("%s: %w", call.Name, ErrDead)
	}
	if ctx.Err() != nil {
		return &InterruptError{Cause: context.Cause(ctx), Waiting: true}
	}
	if !v.running.CompareAndSwap(false, true) {
		return fmt.Errorf("%s: %w", call.Name, ErrBusy)
	}
	if v.Dead() {
		v.running.Store(false)
		return fmt.Errorf("%s: %w", call.Name, ErrDead)
	}
	r := newRun(v, ctx, call)
	r.cpu.left = v.opts.MaxCPU
	if v.opts.MaxCPU > 0 || v.opts.Heap != nil {
		r.ctx, r.exceed = context.WithCancelCause(ctx)
		defer r.exceed(nil)
	}
	v.current = r
	defer v.opts.Halt.enter(r)()
	defer v.opts.Heap.enter(r)()
	err := v.opts.Crew.carry(r)
	v.opts.Tally.ended(err)
	hookErr := r.end()
	v.opts.Crew.release(r)
	if !r.abandoned.Load() {
		v.current, v.async = nil, nil
		v.running.Store(false)
	}
	if hookErr == nil {
		return err
	}
	return errors.Join(err, hookErr)
}

// run is the state of one call of Run. What is not under mu belongs to the VM's
// goroutine.
type run struct {
	vm   *VM
	ctx  context.Context
	call Call

	hand      *hand         // whose goroutine it is; nil for one of its own
	handed    atomic.Int32  // how the caller of Run gets on again, see [Crew]
	unwatch   func() bool   // ends the alarm of a run on a hand
	done      chan struct{} // main sends once, at its end, if the caller waits for it
	err       error         // the outcome; read after done
	abandoned atomic.Bool
	stop      atomic.Pointer[stopCause] // set: end as soon as possible
	wake      chan struct{}             // capacity 1
	waiting   atomic.Bool               // no code runs
	told      atomic.Bool               // abort was called
	hears     atomic.Bool               // what it waits for has failed since its context is done
	graceEnd  time.Time                 // set before abort is posted
	exceed    context.CancelCauseFunc   // ends ctx when a limit is used up; nil if there is none

	mu      sync.Mutex
	over    bool
	inbox   []func() error
	hooks   []func()
	hostCtx context.Context
	cancel  context.CancelFunc

	phase      phase
	spare      []func() error // the inbox's other half
	work       []func() error // taken from the inbox, not yet run
	aborting   bool
	pending    pendingSet
	timers     timerSet
	ticks      []tick
	rejections rejectionSet
	goErrors   map[*goja.Object]error
	cpu        cpu
}

type stopCause struct{ err error }

func newRun(v *VM, ctx context.Context, call Call) *run {
	return &run{
		vm:   v,
		ctx:  ctx,
		call: call,
		wake: make(chan struct{}, 1),
		err:  errUnfinished,
	}
}

// errUnfinished is what is left when the VM's goroutine ended without an
// outcome, as runtime.Goexit does.
var errUnfinished = errors.New("the goroutine of the run ended early")

// stackReserve is about what goja's frames take for a small handler.
const stackReserve = 24 << 10

// reserveStack makes a new goroutine's stack large enough in one step while it
// is still empty. Left to itself it would grow in four, each copying the frames
// of the interpreter, which took a quarter of the time of a short run. Entering
// the function is enough: the frame is neither cleared nor used.
//
//go:noinline
func reserveStack(i int) byte {
	if i < 0 {
		return 0
	}
	var frame [stackReserve]byte
	return frame[i]
}

// main is the VM's goroutine.
func (r *run) main() {
	reserveStack(-1)
	defer r.leave()
	if r.hand != nil {
		r.unwatch = context.AfterFunc(r.ctx, r.alarm)
	}
	defer func() {
		if x := recover(); x != nil {
			r.err = r.recovered(x)
		}
	}()
	r.err = r.loop()
}

func (r *run) leave() {
	if errors.Is(r.err, errUnfinished) {
		r.vm.dead.Store(true)
	}
	if r.hand != nil && r.handsBack() {
		return
	}
	r.mu.Lock()
	orphan := r.abandoned.Load()
	r.done <- struct{}{}
	r.mu.Unlock()
	if orphan {
		r.vm.opts.Orphans.end()
	}
}

// recovered turns a recovered panic into an error. goja lets its uncatchable
// errors out of promise jobs and [goja.Runtime.Try] as panics.
func (r *run) recovered(x any) error {
	switch x := x.(type) {
	case *goja.InterruptedError, *goja.StackOverflowError, *goja.Exception:
		return r.convert(x.(error))
	case goja.Value:
		return r.convert(r.vm.rt.Try(func() { panic(x) }))
	}
	r.vm.dead.Store(true)
	return &PanicError{Value: x, Stack: debug.Stack()}
}

// watch waits for the run on the goroutine that called Run and is the only
// place that interrupts. Because the same goroutine interrupts, waits and then
// clears, no interrupt can be left over for the next run.
func (r *run) watch() error {
	select {
	case <-r.done:
		return r.err
	case <-r.ctx.Done():
	}
	cause := context.Cause(r.ctx)
	if r.call.Grace > 0 && r.endsGracefully(cause) {
		return r.err
	}
	r.stop.Store(&stopCause{cause})
	r.endHost()
	r.vm.rt.Interrupt(cause)
	r.wakeUp()
	if r.doneWithin(r.vm.opts.Watchdog, r.vm.opts.AbandonAfter) {
		r.vm.rt.ClearInterrupt()
		return r.err
	}
	return r.abandon(cause)
}

// hogPatience is how long code that runs when its time is up has to come back to
// the loop, where it hears of that. What does not come back is a loop without an
// end: nothing is won by waiting for longer.
const hogPatience = 100 * time.Millisecond

// deafPatience is how long a run that takes no notice of its time being up may
// go on: long enough for the code between two waits. With
// [DefaultAbandonAfter] it stays below a second.
const deafPatience = 250 * time.Millisecond

// endsGracefully has the run told that its time is up, and reports whether it
// ended within its grace.
func (r *run) endsGracefully(cause error) bool {
	clock := r.vm.opts.Clock
	r.graceEnd = clock.Now().Add(r.call.Grace)
	returns := r.waiting.Load()
	r.post(func() error { return r.abort(cause) })
	hog, deaf := min(hogPatience, r.call.Grace), min(deafPatience, r.call.Grace)
	switch {
	case r.doneWithin(clock, hog):
		return true
	case !returns && !r.told.Load():
		return false
	case r.doneWithin(clock, deaf-hog):
		return true
	}
	heeds := r.call.Heeds == nil || r.call.Heeds() || r.hears.Load()
	return heeds && r.doneWithin(clock, r.call.Grace-deaf)
}

func (r *run) abandon(cause error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	select {
	case <-r.done: // came back in the last moment
		r.vm.rt.ClearInterrupt()
		return r.err
	default:
	}
	r.vm.dead.Store(true)
	r.abandoned.Store(true)
	r.vm.opts.Orphans.add()
	return &AbandonedError{Cause: cause}
}

func (r *run) doneWithin(c clock.Clock, d time.Duration) bool {
	timer := c.NewTimer(d)
	defer timer.Stop()
	select {
	case <-r.done:
		return true
	case <-timer.C():
		return false
	}
}

// hear notes that the script is told of a failure, which is how a run hears of
// its end that has not asked for it.
func (r *run) hear() {
	if r.ctx.Err() != nil {
		r.hears.Store(true)
	}
}

// abort runs on the VM's goroutine.
func (r *run) abort(cause error) error {
	r.aborting = true
	r.told.Store(true)
	r.renewHost()
	if r.call.Abort != nil {
		r.call.Abort(cause)
	}
	return nil
}

// end marks the run as over and cleans up, on the goroutine that called Run.
func (r *run) end() (err error) {
	r.mu.Lock()
	r.over = true
	hooks := r.hooks
	r.hooks, r.inbox = nil, nil
	r.mu.Unlock()
	r.endHost()
	for i := len(hooks) - 1; i >= 0; i-- {
		err = errors.Join(err, callHook(hooks[i]))
	}
	return err
}

func callHook(hook func()) (err error) {
	defer func() {
		if x := recover(); x != nil {
			err = &PanicError{Value: x, Stack: debug.Stack()}
		}
	}()
	hook()
	return nil
}

// RunContext returns the context of the run in progress: done when the context
// given to [VM.Run] is done and when the run is over. Give it to everything that
// works for the run. Once [Call.Abort] was called it is another, done when the
// grace is over: so what the script does to tidy up can still be done. Between
// runs it is a context that is done.
func (v *VM) RunContext() context.Context {
	r := v.current
	if r == nil {
		return doneContext
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.hostCtx == nil {
		r.hostCtx, r.cancel = context.WithCancel(r.ctx)
		if r.over {
			r.cancel()
		}
	}
	return r.hostCtx
}

// renewHost gives the grace a context of its own.
func (r *run) renewHost() {
	r.endHost()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hostCtx, r.cancel = context.WithCancel(context.WithoutCancel(r.ctx))
	if r.over || r.stop.Load() != nil {
		r.cancel()
	}
}

// endHost ends what works for the run.
func (r *run) endHost() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cancel != nil {
		r.cancel()
	}
}

var doneContext = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// OnEnd registers f to be called once when the run in progress is over, however
// it ends; later registrations are called first. f runs on the goroutine that
// called [VM.Run] and must not touch the VM, which native code may still hold.
// Without a run in progress, or after its end, f is called at once.
func (v *VM) OnEnd(f func()) {
	if r := v.current; r != nil {
		r.mu.Lock()
		if !r.over {
			r.hooks = append(r.hooks, f)
			r.mu.Unlock()
			return
		}
		r.mu.Unlock()
	}
	f()
}
