package worker

import "context"

// handover is a generation on its way into the worker.
type handover struct {
	ctx        context.Context
	cancel     context.CancelCauseFunc
	generation Generation
	done       chan struct{}
	err        error
}

func (h *handover) finish(err error) {
	h.err = err
	close(h.done)
}

// Serve hands over a new generation and returns when it is in force: its changed
// workflows are registered and, if the set of actions or slot types changed, a
// new registration has taken over from the one before. It keeps trying while the
// engine cannot be reached. A later Serve ends an earlier one with ErrSuperseded.
// Before Run it waits for Run. A *RefusedError means that the rest is in force.
func (w *Worker) Serve(ctx context.Context, g Generation) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	h := &handover{ctx: ctx, cancel: cancel, generation: g, done: make(chan struct{})}
	select {
	case w.handovers <- h:
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-w.stopped:
		return ErrStopped
	}
	<-h.done
	return h.err
}

// adopt puts a generation in force.
func (w *Worker) adopt(ctx context.Context, g Generation) error {
	before := w.catalogue.Load()
	if before == nil {
		w.note(StateRegistering, "")
	}
	entries, refusals := compile(g, w.options.Namespace, w.offers)
	refused, err := w.registry.put(ctx, w, entries)
	if err != nil {
		return err
	}
	refusals = append(refusals, refused...)
	w.keepRefused(entries, refusals, before)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	next := assemble(entries, before)
	w.catalogue.Store(next)
	w.state.update(func(k *keeper) { k.generation++ })
	if err := w.await(ctx, w.crew.ensure(next)); err != nil {
		return err
	}
	if len(refusals) > 0 {
		return &RefusedError{refusals}
	}
	return nil
}

// offers reports whether the worker has slots of a type.
func (w *Worker) offers(slotType string) bool { return w.options.capacity()[slotType] > 0 }

// keepRefused leaves the version before in the place of a refused workflow.
func (w *Worker) keepRefused(entries map[string]*entry, refusals []Refusal, before *catalogue) {
	for _, r := range refusals {
		name := w.options.Namespace.Workflow(r.Workflow)
		if e := entries[name]; e != nil && e.declared.Position != r.Position {
			continue // a second workflow of that name was refused, not this one
		}
		delete(entries, name)
		if before != nil && before.entries[name] != nil {
			entries[name] = before.entries[name]
		}
	}
}

// await returns when r serves.
func (w *Worker) await(ctx context.Context, r *registration) error {
	if r == nil {
		w.note(StateStarting, "no workflows")
		return nil
	}
	select {
	case <-r.established:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-r.done:
		if r.failure != nil {
			return r.failure
		}
		return ErrStopped
	}
}
