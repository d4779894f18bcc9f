package generation

import (
	"context"
	"fmt"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
)

// Solo is a VM in which the script was evaluated, for somebody who runs
// something else in it than the script's tasks. Nothing else uses it.
type Solo struct {
	VM    *vm.VM
	Realm *hatchet.Realm

	g *Generation
}

// Enter begins a run at the door: what is run in the VM takes the context. leave
// ends it, and waits for the work that it started.
func (s *Solo) Enter(ctx context.Context) (_ context.Context, leave func()) {
	return s.g.enterDoor(ctx, permit.Task{})
}

// Solo makes one. What the script writes to the console goes to console.
func (g *Generation) Solo(ctx context.Context, console func(hatchet.Level, string)) (*Solo, error) {
	s, err := g.build(ctx, console)
	if err != nil {
		return nil, fmt.Errorf("evaluate %s: %w", g.File(), err)
	}
	return &Solo{VM: s.vm, Realm: s.realm, g: g}, nil
}
