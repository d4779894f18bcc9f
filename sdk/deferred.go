package sdk

import (
	"context"
	"errors"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker"
	"github.com/hatchet-js/hatchet-js-worker/scripts"
)

// deferredCalls are the calls that scripts made while they loaded and that
// nobody has made yet.
func deferredCalls(s *scripts.Snapshot) []hatchet.Deferred {
	var calls []hatchet.Deferred
	for _, file := range s.Files {
		if file.Serving != nil {
			calls = append(calls, file.Serving.TakeDeferred()...)
		}
	}
	return calls
}

// call makes them, one after another: what they need is registered. What becomes
// of them is logged, for the scripts do not hear of it.
func (w *Worker) call(ctx context.Context, calls []hatchet.Deferred) {
	for _, c := range calls {
		err := c.Do(ctx, &host{worker: w, assignment: &worker.Assignment{}})
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !errors.Is(err, context.Canceled):
			w.logger.Error("a call at the top level of a script failed", "call", c.Name, "at", c.Position.String(), "error", err.Error())
		default:
			w.logger.Info("made a call of a script's top level", "call", c.Name, "at", c.Position.String())
		}
	}
}
