// Package generation holds one version of a script: its bundle, what it
// declares, and the VMs that run it. A generation never changes; a new version
// of the file is a new generation, and the old one serves its runs to the end.
package generation

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
	"github.com/hatchet-js/hatchet-js-worker/scripts/bundle"
)

// Defaults of [Options].
const (
	DefaultLoadTimeout = 5 * time.Second
	DefaultIdleAfter   = time.Minute
	DefaultSpare       = 1
	DefaultSpareCost   = 2 * time.Millisecond
)

// Options are shared by all generations of a set of scripts.
type Options struct {
	// Clock is what idle times are measured on. Nil stands for [clock.Real].
	Clock clock.Clock
	// Watchdog measures LoadTimeout: a loop at the top level holds the
	// processor in real time even when scripts run on virtual time. Nil stands
	// for [clock.Real].
	Watchdog clock.Clock
	// VM are the options of every VM.
	VM vm.Options
	// Prepare installs further globals into a new VM, before the script. Nil
	// installs none.
	Prepare func(*vm.VM) error
	// Modules are the built-in modules that bundles import from; see
	// [bundle.Options]. Nil = none.
	Modules *native.Registry
	// Native gives the object that a module of [bundle.Options.Sources] asks for
	// by name; nil if there is none of the name. Nil gives none.
	Native func(v *vm.VM, name string) goja.Value
	// Door is where runs, and scripts that load, ask for what is outside of
	// their VM. Nil refuses everything.
	Door *permit.Door
	// Console receives what a script writes to the console while it loads; nil
	// hands it to the logger of the VM. When a loaded script is evaluated again
	// for another VM, what it writes is dropped.
	Console func(file string, level hatchet.Level, message string)
	// Linger is that of hatchet.Options.
	Linger clock.Clock
	// LoadTimeout bounds the evaluation of a script's top level, awaits
	// included, when it is loaded; in further VMs it may take longer.
	// 0 = [DefaultLoadTimeout].
	LoadTimeout time.Duration
	// IdleAfter is how long a VM may be idle until [Generation.Sweep] lets it
	// go. 0 = [DefaultIdleAfter].
	IdleAfter time.Duration
	// Spare is how many idle VMs stay ready whatever their age.
	// 0 = [DefaultSpare]; negative = none.
	Spare int
	// SpareCost is how long the evaluation of a script must take for spare VMs
	// to be worth their memory. 0 = [DefaultSpareCost].
	SpareCost time.Duration
	// Isolate gives each run a VM that no other run has used.
	Isolate bool
	// Spawner evaluates scripts in processes of their own, whose VMs take the
	// place of those here; VM, Prepare, Modules, Native and Linger have no effect
	// then. Nil evaluates them in this process.
	Spawner Spawner
	// Join adds the tasks of a program to the workflows of a script, and says what
	// of it does not fit. Nil adds none.
	Join func([]*workflow.Workflow) []workflow.Problem
	// Low is called when a run has taken the last idle VM and there should be
	// spare ones, so that somebody may call [Generation.Refill]. It must not
	// block. May be nil.
	Low func(*Generation)
}

func (o Options) withDefaults() Options {
	if o.Clock == nil {
		o.Clock = clock.Real()
	}
	if o.Watchdog == nil {
		o.Watchdog = clock.Real()
	}
	if o.LoadTimeout == 0 {
		o.LoadTimeout = DefaultLoadTimeout
	}
	if o.IdleAfter == 0 {
		o.IdleAfter = DefaultIdleAfter
	}
	if o.Spare == 0 {
		o.Spare = DefaultSpare
	}
	if o.SpareCost == 0 {
		o.SpareCost = DefaultSpareCost
	}
	return o
}

// Generation is one version of a script. All methods are safe for concurrent
// use.
type Generation struct {
	// Number counts the versions of a file that loaded, from 1.
	Number int
	// Bundle is the compiled script.
	Bundle *bundle.Bundle
	// Workflows are what it declares, in order. They must not be changed.
	Workflows []*workflow.Workflow
	// Workers are what the script asks of the worker that runs it.
	Workers []*hatchet.WorkerSettings
	// Took is how long the evaluation of the script takes, as measured while
	// loading.
	Took time.Duration

	opts  Options
	turns chan struct{} // held by those that evaluate the script for a run

	loaded bool // set by Load

	mu       sync.Mutex
	deferred []hatchet.Deferred
	idle     []*slot // the longest idle first
	running  int
	retired  bool
	built    int
}

// slot is a VM in which the script was evaluated: one here, or that of a process.
type slot struct {
	vm      *vm.VM
	realm   *hatchet.Realm
	process Process
	since   time.Time // idle since
}

// Load evaluates a bundle in a fresh VM, takes down what it declares and
// checks it. The error, a [*diagnostic.Error], has positions. A load that fails
// leaves nothing behind.
func Load(ctx context.Context, b *bundle.Bundle, number int, opts Options) (*Generation, error) {
	opts = opts.withDefaults()
	if opts.Door == nil {
		door, err := closedDoor(b, opts.Clock)
		if err != nil {
			return nil, fmt.Errorf("close the door: %w", err)
		}
		opts.Door = door
	}
	g := &Generation{Number: number, Bundle: b, opts: opts, turns: make(chan struct{}, atOnce())}
	begun := opts.Watchdog.Now()
	s, err := g.loadSlot(ctx)
	if err != nil {
		return nil, err
	}
	g.Took, g.loaded = clock.Since(opts.Watchdog, begun), true
	if problems := g.joined(); len(problems) > 0 {
		s.close()
		return nil, g.invalid(problems)
	}
	if len(g.Workflows) > 0 && opts.Spare > 0 { // the first run may be near
		s.since = opts.Clock.Now()
		g.idle = []*slot{s}
	} else {
		s.close()
	}
	return g, nil
}

// joined adds the tasks of the program and checks the whole.
func (g *Generation) joined() []workflow.Problem {
	if g.opts.Join != nil {
		if problems := g.opts.Join(g.Workflows); len(problems) > 0 {
			return problems
		}
	}
	return workflow.Validate(g.Workflows)
}

// console is where the script writes while it loads.
func (g *Generation) console() func(hatchet.Level, string) {
	if g.opts.Console == nil {
		return nil
	}
	return func(level hatchet.Level, message string) { g.opts.Console(g.File(), level, message) }
}

// silent drops what a script writes while it is evaluated once more.
func silent(hatchet.Level, string) {}

// build makes a VM and evaluates the script in it.
func (g *Generation) build(ctx context.Context, console func(hatchet.Level, string)) (*slot, error) {
	limit := g.opts.LoadTimeout
	if g.loaded {
		limit *= patience
	}
	ctx, cancel := clock.WithTimeout(ctx, g.opts.Watchdog, limit, &loadTimeout{limit})
	defer cancel()
	s := &slot{vm: vm.New(g.opts.VM)}
	s.realm = hatchet.Install(s.vm, hatchet.Options{Console: console, Redact: g.opts.Door.Redact, Linger: g.opts.Linger, Log: g.logging(), Grace: g.opts.Door.Limits().Grace})
	if g.opts.Prepare != nil {
		if err := g.opts.Prepare(s.vm); err != nil {
			return nil, fmt.Errorf("prepare a VM: %w", err)
		}
	}
	modules, err := g.opts.Modules.Install(s.vm)
	if err != nil {
		return nil, fmt.Errorf("install the built-in modules: %w", err)
	}
	ctx, leave := g.enterDoor(ctx, permit.Task{})
	defer leave()
	err = s.vm.Run(ctx, vm.Call{Name: g.Bundle.Name, Start: func() (goja.Value, error) {
		return g.Bundle.Evaluate(s.vm.Runtime(), func(module, member string) goja.Value {
			if module == hatchet.FaceModule {
				return s.realm.Face()
			}
			if g.opts.Native != nil {
				if object := g.opts.Native(s.vm, module); object != nil {
					return object
				}
			}
			return modules.Import(module, member)
		})
	}})
	var stalled *vm.StalledError
	if err != nil && (!errors.As(err, &stalled) || !s.realm.Waits()) {
		return nil, err
	}
	s.realm.Freeze()
	return s, nil
}

// TakeDeferred gives the calls that the script made while it loaded, to whoever
// asks first.
func (g *Generation) TakeDeferred() []hatchet.Deferred {
	g.mu.Lock()
	defer g.mu.Unlock()
	calls := g.deferred
	g.deferred = nil
	return calls
}

// File is the script's name as shown to people.
func (g *Generation) File() string { return g.Bundle.Name }

// Path is the absolute path of the script.
func (g *Generation) Path() string { return g.Bundle.Entry }

// Runner is a generation as seen by whoever hands it work.
type Runner interface {
	// Run runs one attempt of one task that the script declares and returns
	// its output as JSON.
	Run(ctx context.Context, inv *hatchet.Invocation) (output []byte, err error)
}

var _ Runner = (*Generation)(nil)

// loadTimeout is the cause of a load that took too long.
type loadTimeout struct{ limit time.Duration }

func (e *loadTimeout) Error() string {
	return "the script did not finish loading within " + workflow.FormatDuration(e.limit)
}
