package worker

import (
	"context"
	"sync"

	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"github.com/hatchet-js/hatchet-js-worker/engine/transport"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker/internal/reconnect"
)

const (
	// putAtOnce is how many workflows are registered side by side.
	putAtOnce = 8
	// putAttempts is how often the engine may fail to take a workflow before it
	// counts as refused: it hides what it has against one behind a general error
	// (hatchet-protocol.md section 5.2).
	putAttempts = 4
)

// registry remembers which workflows the engine has in which form.
type registry struct {
	mu    sync.Mutex
	known map[string]*v1.CreateWorkflowVersionRequest // by registered name
}

// put registers the entries that the engine does not know as they are, several
// at a time, and returns those it refused (hatchet-protocol.md section 5.1).
func (g *registry) put(ctx context.Context, w *Worker, entries map[string]*entry) ([]Refusal, error) {
	var group sync.WaitGroup
	places := make(chan struct{}, putAtOnce)
	var outcome putOutcome
	for _, e := range entries {
		if g.knows(e) {
			continue
		}
		places <- struct{}{}
		group.Go(func() {
			outcome.add(ctx, e, g.putOne(ctx, w, e))
			<-places
		})
	}
	group.Wait()
	return outcome.refusals, outcome.failure
}

// putOutcome is what became of the workflows of one generation.
type putOutcome struct {
	mu       sync.Mutex
	refusals []Refusal
	failure  error // of the engine or the caller, not of one workflow
}

func (o *putOutcome) add(ctx context.Context, e *entry, err error) {
	if err == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case ctx.Err() != nil:
		o.failure = context.Cause(ctx)
	case reconnect.Unauthorized(err) || transport.IsTLSMismatch(err):
		o.failure = err
	default:
		o.refusals = append(o.refusals, Refusal{Workflow: e.declared.Name, Position: e.declared.Position, Err: err})
	}
}

func (g *registry) putOne(ctx context.Context, w *Worker, e *entry) error {
	what := "register workflow " + e.declared.Name
	err := w.persist(ctx, what, putAttempts, func(ctx context.Context) error {
		_, err := w.rpc.admin.PutWorkflow(ctx, e.request)
		return err
	})
	if err != nil {
		return &callError{what, err}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.known == nil {
		g.known = map[string]*v1.CreateWorkflowVersionRequest{}
	}
	g.known[e.request.Name] = e.request
	return nil
}

// knows reports whether the engine has e as it is.
func (g *registry) knows(e *entry) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return e.unchanged(g.known)
}

// renew registers everything again: an engine that forgot the worker may have
// lost its data. What it refuses now was accepted before, so that is logged.
func (g *registry) renew(ctx context.Context, w *Worker) error {
	g.mu.Lock()
	g.known = nil
	g.mu.Unlock()
	c := w.catalogue.Load()
	if c == nil {
		return nil
	}
	refusals, err := g.put(ctx, w, c.entries)
	for _, r := range refusals {
		w.logger.Error("a workflow could not be registered again", keyWorkflow, r.Workflow, keyError, r.Err)
	}
	return err
}
