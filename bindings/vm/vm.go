// Package vm runs scripts on one goja runtime: the event loop, timers, host
// promises, limits, and the one recipe for interrupting code that does not come
// back. It is the only package that calls [goja.Runtime.Interrupt] and the only
// one that recovers Go panics out of a runtime.
//
// The rules that everything here follows:
//
//   - One goroutine touches a VM at a time. [VM.Run] has a goroutine of its own
//     for the run (the VM's goroutine, see [Crew]) and waits for it, so that it
//     can return even when native code never comes back. The functions of [Call],
//     natives and completions run on the VM's goroutine and nowhere else.
//   - Work outside the VM is announced with [VM.Reserve], [VM.NewPromise] or
//     [VM.NewWait] and comes back through the function those return, which is
//     safe to call from any goroutine. What comes back after the run is over is
//     dropped: it never reaches a later run.
//   - A promise that is pending while nothing is announced can never settle;
//     the run ends at once with a [StalledError].
//   - An interrupt, a stack overflow or a Go panic that unwinds through an async
//     function leaves a goja runtime on which no later await ever continues.
//     So after any of them the VM is [VM.Dead] and must be thrown away; making
//     a new one costs well under a millisecond.
package vm

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/dlclark/regexp2/v2"
	"github.com/dop251/goja"
	"github.com/dop251/goja/parser"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
)

// Defaults of [Options].
const (
	DefaultMaxCallStack = 2000
	DefaultMaxBytes     = 256 << 20
	DefaultMaxElements  = 10_000_000
	DefaultMaxSource    = 1 << 20
	DefaultAbandonAfter = 500 * time.Millisecond
)

// regexpTimeout bounds one match of a pattern that goja hands to regexp2, that
// is one with lookaround or backreferences.
const regexpTimeout = 200 * time.Millisecond

// Patterns with lookaround or backreferences backtrack without limit, inside
// native code that no interrupt reaches. The only bound on offer is this
// variable of the library, read when a pattern is compiled. Patterns of regular
// expression literals are compiled with the program, possibly before the first
// VM exists, hence init and not New. On timeout the operation reports "no
// match".
func init() {
	regexp2.DefaultMatchTimeout = regexpTimeout
	regexp2.SetTimeoutCheckPeriod(regexpTick)
}

// Options configure a VM. The zero value is usable.
type Options struct {
	// Clock is what scripts see as the time and what their timers and the grace
	// period run on. Nil stands for [clock.Real].
	Clock clock.Clock
	// Watchdog measures AbandonAfter. It is apart from Clock because a native
	// function that holds the processor does so in real time even when scripts
	// run on virtual time. Nil stands for [clock.Real].
	Watchdog clock.Clock
	// Logger receives what has nowhere else to go. Nil discards.
	Logger *slog.Logger
	// Rand gives the source of Math.random and [VM.Random] for what happens with the
	// context of the run in progress. Nil stands for sources that nobody can repeat.
	Rand func(ctx context.Context) rand.Source
	// MaxCallStack is the depth of JavaScript calls after which a run fails
	// with a RangeError. 0 stands for [DefaultMaxCallStack].
	MaxCallStack int
	// MaxBytes is the size in bytes of the largest string or buffer that one
	// native call may build (repeat, padStart, padEnd, join, ArrayBuffer, typed
	// arrays). 0 stands for [DefaultMaxBytes].
	MaxBytes int64
	// MaxElements is the length of the largest array that one native call may
	// make, walk or fill. 0 stands for [DefaultMaxElements].
	MaxElements int64
	// MaxSource is the length in bytes of the longest text that eval and the
	// function constructors accept. 0 stands for [DefaultMaxSource].
	MaxSource int
	// MaxCPU is how long a run may hold the VM in all, waiting not counted,
	// measured by Watchdog. 0 is no limit.
	MaxCPU time.Duration
	// CPUAdvice says in the error of that limit what sets it; "" is nothing.
	CPUAdvice string
	// AbandonAfter is how long after an interrupt native code may hold the VM
	// before the run is abandoned. 0 stands for [DefaultAbandonAfter].
	AbandonAfter time.Duration
	// Orphans counts abandoned runs. Nil counts nothing.
	Orphans *Orphans
	// Tally counts VMs and interrupts. Nil counts nothing.
	Tally *Tally
	// Halt stops the VM from outside. Nil is none.
	Halt *Halt
	// Heap stops runs when the heap grows too large. Nil lets it grow.
	Heap *Heap
	// Crew lends the goroutines that runs with [Call.Crewed] take place on. Nil starts a new one
	// for each run.
	Crew *Crew
}

func (o Options) withDefaults() Options {
	if o.Clock == nil {
		o.Clock = clock.Real()
	}
	if o.Watchdog == nil {
		o.Watchdog = clock.Real()
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.MaxCallStack == 0 {
		o.MaxCallStack = DefaultMaxCallStack
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	if o.MaxElements == 0 {
		o.MaxElements = DefaultMaxElements
	}
	if o.MaxSource == 0 {
		o.MaxSource = DefaultMaxSource
	}
	if o.AbandonAfter == 0 {
		o.AbandonAfter = DefaultAbandonAfter
	}
	return o
}

// VM is one goja runtime with its event loop. Unless a method says otherwise it
// may only be called on the VM's goroutine, or, while no run is in progress, by
// the one goroutine that owns the VM.
type VM struct {
	rt         *goja.Runtime
	opts       Options
	running    atomic.Bool
	dead       atomic.Bool
	current    *run          // the run in progress; nil between runs
	async      any           // current async context, see [VM.AsyncContext]
	depth      int           // of natives within natives, see counted
	steps      uint          // through arrays, see stepped
	caller     goja.Callable // see callerProgram; nil until it is needed
	errorClass *goja.Object  // the constructor Error as it was at the start

	// Made on first use.
	timeout       *goja.Object // prototype of what setTimeout returns
	libraryObject *goja.Object // what library.js gives
}

// New makes a VM: the runtime with its limits, the timer globals and the parts
// of the language that goja lacks. It starts nothing.
func New(opts Options) *VM {
	v := &VM{rt: goja.New(), opts: opts.withDefaults()}
	v.rt.SetMaxCallStackSize(v.opts.MaxCallStack)
	v.rt.SetTimeSource(v.now)
	if v.opts.Rand != nil {
		v.rt.SetRandSource(func() float64 { return rand.New(v.opts.Rand(v.RunContext())).Float64() })
	}
	// Text given to eval could otherwise name a source map on disk.
	v.rt.SetParserOptions(parser.WithDisableSourceMaps)
	v.rt.SetPromiseRejectionTracker(v.trackRejection)
	v.rt.SetAsyncContextTracker(asyncTracker{v})
	v.errorClass = v.rt.Get("Error").ToObject(v.rt)
	v.installTimers()
	v.installLanguage()
	v.installConstructors()
	v.installGuards()
	v.opts.Tally.made()
	return v
}

// now is the time that Date tells.
func (v *VM) now() time.Time {
	if r := v.current; r != nil && r.call.Now != nil {
		return r.call.Now()
	}
	return v.opts.Clock.Now()
}

// Runtime returns the goja runtime. Use it under the rules of [VM]; never call
// Interrupt or ClearInterrupt on it.
func (v *VM) Runtime() *goja.Runtime { return v.rt }

// Options returns the options in force, defaults filled in.
func (v *VM) Options() Options { return v.opts }

// Dead reports whether the VM must be thrown away: a run on it was interrupted,
// overflowed the stack, panicked or was abandoned. A dead VM refuses to run.
// Safe for concurrent use.
func (v *VM) Dead() bool { return v.dead.Load() }
