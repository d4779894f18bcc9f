package worker

import (
	"context"
	"errors"
	"maps"
	"sync"

	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
)

// labels are the worker's own: those it began with and what was set since.
type labels struct {
	mu  sync.Mutex
	now map[string]Label
}

func (l *labels) all() map[string]Label {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.now)
}

func (l *labels) set(changed map[string]Label) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.now == nil {
		l.now = make(map[string]Label, len(changed))
	}
	maps.Copy(l.now, changed)
}

// Labels are the labels that the worker has now.
func (w *Worker) Labels() map[string]Label { return w.labels.all() }

// UpsertLabels sets labels of the worker, in the engine and for every later
// registration; labels that are not named keep their value. It tells the engine
// of each registration that is alive (hatchet-protocol.md section 3.3).
func (w *Worker) UpsertLabels(ctx context.Context, changed map[string]Label) error {
	w.labels.set(changed)
	wire := wireLabels(changed)
	var failed []error
	for _, id := range w.crew.workerIDs() {
		err := w.persist(ctx, "set worker labels", userAttempts, func(ctx context.Context) error {
			_, err := w.rpc.dispatcher.UpsertWorkerLabels(ctx, &contract.UpsertWorkerLabelsRequest{WorkerId: id, Labels: wire})
			return err
		})
		if err != nil {
			failed = append(failed, &callError{"set the worker's labels", err})
		}
	}
	return errors.Join(failed...)
}

// workerIDs are the ids of all registrations that the engine has taken and that
// are not over.
func (c *crew) workerIDs() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var ids []string
	for r := range c.members {
		if id := r.workerID(); id != "" && !r.leaving.Load() {
			ids = append(ids, id)
		}
	}
	return ids
}
