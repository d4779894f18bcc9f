package generation

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
)

// Run implements [Runner]: on an idle VM, the one used last, or else on a new
// one. A VM that comes out of the run dead is thrown away; one whose run is
// parked is as good as before, for a parked run holds nothing of it.
func (g *Generation) Run(ctx context.Context, inv *hatchet.Invocation) ([]byte, error) {
	for {
		output, err := g.runOnce(ctx, inv)
		if !errors.Is(err, ErrGone) {
			return output, err
		}
	}
}

func (g *Generation) runOnce(ctx context.Context, inv *hatchet.Invocation) ([]byte, error) {
	s := g.enter()
	defer func() { g.leave(s) }()
	if s == nil {
		var err error
		if s, err = g.another(ctx); err != nil {
			return nil, fmt.Errorf("evaluate %s for the run: %w", g.File(), err)
		}
	}
	if s.process != nil { // it enters a door of its own
		return s.process.Run(ctx, inv)
	}
	return g.invoke(ctx, s, inv)
}

// enter begins a run and takes an idle VM, if there is one.
func (g *Generation) enter() *slot {
	g.mu.Lock()
	g.running++
	taken := g.takeIdle()
	low := len(g.idle) < g.spare() && !g.retired
	g.mu.Unlock()
	if low && g.opts.Low != nil {
		g.opts.Low(g)
	}
	return taken
}

// takeIdle takes the idle VM used last; nil if there is none. The caller holds mu.
func (g *Generation) takeIdle() *slot {
	var taken *slot
	for last := len(g.idle) - 1; last >= 0 && taken == nil; last-- {
		taken, g.idle[last] = g.idle[last], nil
		g.idle = g.idle[:last]
		if taken.dead() { // a process that somebody killed meanwhile
			taken.close()
			taken = nil
		}
	}
	return taken
}

// atOnce is how many VMs of a generation evaluate its script at a time. More
// would only make all of them late, the first included, and the last too late
// for LoadTimeout.
func atOnce() int { return max(4, 2*runtime.GOMAXPROCS(0)) }

// patience is how many times LoadTimeout a script may take that has loaded before:
// it is known to end, and a busy machine is no reason to fail a run.
const patience = 10

// another gives a VM for one more run, when it is its turn: a new one, or one that
// has become idle meanwhile.
func (g *Generation) another(ctx context.Context) (*slot, error) {
	select {
	case g.turns <- struct{}{}:
		defer func() { <-g.turns }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	g.mu.Lock()
	s := g.takeIdle()
	g.mu.Unlock()
	if s != nil {
		return s, nil
	}
	s, err := g.evaluate(ctx)
	if err == nil {
		g.count()
	}
	return s, err
}

// leave ends a run and gives its VM back; s is nil if there never was one.
func (g *Generation) leave(s *slot) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.running--
	switch {
	case s == nil:
	case g.opts.Isolate:
		s.close()
	default:
		g.keep(s)
	}
	if g.retired && g.running == 0 {
		g.dismiss()
	}
}

// dismiss lets go of the idle VMs. The caller holds mu.
func (g *Generation) dismiss() {
	closeAll(g.idle)
	g.idle = nil
}

// keep makes a VM idle, unless it is dead. The caller holds mu.
func (g *Generation) keep(s *slot) {
	if s.dead() {
		s.close()
		return
	}
	s.since = g.opts.Clock.Now()
	g.idle = append(g.idle, s)
}

// spare is how many idle VMs should stay ready.
func (g *Generation) spare() int {
	if g.Took < g.opts.SpareCost {
		return 0
	}
	return max(0, g.opts.Spare)
}

func (g *Generation) count() {
	g.mu.Lock()
	g.built++
	g.mu.Unlock()
}

// Refill builds an idle VM if there are fewer than the spare ones.
func (g *Generation) Refill(ctx context.Context) error {
	if s := g.Stats(); s.Retired || s.Idle >= g.spare() {
		return nil
	}
	s, err := g.evaluate(ctx)
	if err != nil {
		return fmt.Errorf("prepare a VM for %s: %w", g.File(), err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.built++
	if g.retired {
		s.close()
		return nil
	}
	g.keepUnused(s)
	return nil
}

// keepUnused makes idle a VM on which nothing ran yet: behind those that were
// used, which are warm. The caller holds mu.
func (g *Generation) keepUnused(s *slot) {
	s.since = g.opts.Clock.Now()
	if len(g.idle) > 0 { // the oldest come first, see Sweep
		s.since = g.idle[0].since
	}
	g.idle = slices.Insert(g.idle, 0, s)
}

// Sweep lets go of the VMs that have been idle for too long, except the spare
// ones.
func (g *Generation) Sweep() {
	g.mu.Lock()
	defer g.mu.Unlock()
	old := 0
	for old < len(g.idle)-g.spare() && clock.Since(g.opts.Clock, g.idle[old].since) >= g.opts.IdleAfter {
		old++
	}
	if old > 0 {
		closeAll(g.idle[:old])
		g.idle = append([]*slot(nil), g.idle[old:]...)
	}
}

// Retire says that the generation was replaced: its runs go on, but it lets go
// of its VMs as soon as none is left. It still runs what it is handed.
func (g *Generation) Retire() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.retired = true
	if g.running == 0 {
		g.dismiss()
	}
}

// Stats are figures of one moment.
type Stats struct {
	Running int  // runs in progress
	Idle    int  // VMs that wait for a run
	Built   int  // VMs made so far, the one of Load included
	Retired bool // see Retire
}

// Stats returns the figures of this moment.
func (g *Generation) Stats() Stats {
	g.mu.Lock()
	defer g.mu.Unlock()
	return Stats{Running: g.running, Idle: len(g.idle), Built: g.built + 1, Retired: g.retired}
}
