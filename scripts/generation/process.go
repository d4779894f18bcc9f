package generation

import (
	"context"
	"errors"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
	"github.com/hatchet-js/hatchet-js-worker/scripts/bundle"
	"github.com/hatchet-js/hatchet-js-worker/scripts/diagnostic"
)

// Spawner evaluates scripts in processes of their own.
type Spawner interface {
	// Spawn starts a process and evaluates the script in it. The error is a
	// [*diagnostic.Error] if the script does not load.
	Spawn(ctx context.Context, script Script) (Process, *Declared, error)
}

// Script is what a process is to evaluate.
type Script struct {
	Bundle      *bundle.Bundle
	Number      int // of the generation
	Door        *permit.Door
	LoadTimeout time.Duration
	Console     func(level hatchet.Level, message string) // while it loads
}

// Declared is what a script declares.
type Declared struct {
	Workflows []*workflow.Workflow
	Workers   []*hatchet.WorkerSettings
	// Deferred are calls that the script made while it loaded, see
	// [Process.Defer].
	Deferred []Deferred
}

// Deferred is one of them.
type Deferred struct {
	Name     string
	Position workflow.Position
}

// ErrGone is returned by a [Process] that had ended before it took the run.
var ErrGone = errors.New("the process has ended")

// Process is a process in which a script was evaluated. It runs one attempt at
// a time; the error is ErrGone if it did not even begin.
type Process interface {
	Runner
	// Defer makes one of the calls that the script made while it loaded.
	Defer(ctx context.Context, index int, host hatchet.Host) error
	// Dead reports whether the process is of no more use after a run.
	Dead() bool
	// Close ends the process. It does not wait for that.
	Close()
}

// spawn has the script evaluated in a new process.
func (g *Generation) spawn(ctx context.Context, console func(hatchet.Level, string)) (*slot, *Declared, error) {
	if console == nil {
		console = silent
	}
	process, declared, err := g.opts.Spawner.Spawn(ctx, Script{
		Bundle: g.Bundle, Number: g.Number, Door: g.opts.Door, LoadTimeout: g.opts.LoadTimeout, Console: console,
	})
	if err != nil {
		return nil, nil, err
	}
	return &slot{process: process}, declared, nil
}

// evaluate makes a slot for one more run.
func (g *Generation) evaluate(ctx context.Context) (*slot, error) {
	if g.opts.Spawner == nil {
		return g.build(ctx, silent)
	}
	s, _, err := g.spawn(ctx, silent)
	return s, err
}

// loadSlot makes the first slot and takes down what the script declares.
func (g *Generation) loadSlot(ctx context.Context) (*slot, error) {
	if g.opts.Spawner == nil {
		s, err := g.build(ctx, g.console())
		if err != nil {
			return nil, g.loadError(err)
		}
		g.Workflows, g.Workers, g.deferred = s.realm.Workflows(), s.realm.Workers(), s.realm.Deferred()
		return s, nil
	}
	s, declared, err := g.spawn(ctx, g.console())
	var failed *diagnostic.Error
	switch {
	case errors.As(err, &failed):
		return nil, failed
	case err != nil:
		return nil, g.loadError(err)
	}
	g.Workflows, g.Workers = declared.Workflows, declared.Workers
	for i, call := range declared.Deferred {
		g.deferred = append(g.deferred, hatchet.Deferred{Name: call.Name, Position: call.Position, Do: g.deferredCall(i)})
	}
	return s, nil
}

// deferredCall makes a call that the script made while it loaded, in a process
// for it: the others have runs to serve.
func (g *Generation) deferredCall(index int) func(context.Context, hatchet.Host) error {
	return func(ctx context.Context, host hatchet.Host) error {
		s, _, err := g.spawn(ctx, silent)
		if err != nil {
			return err
		}
		defer s.close()
		return s.process.Defer(ctx, index, host)
	}
}

// dead reports whether the slot can run nothing more.
func (s *slot) dead() bool {
	if s.process != nil {
		return s.process.Dead()
	}
	return s.vm.Dead()
}

// close lets go of the slot. A VM is left to the garbage collector.
func (s *slot) close() {
	if s.process != nil {
		s.process.Close()
	}
}

func closeAll(slots []*slot) {
	for _, s := range slots {
		s.close()
	}
}
