package worker

import (
	"context"
	"errors"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/worker/internal/reconnect"
)

// lastWords is how long results may still be sent after the drain deadline.
const lastWords = 5 * time.Second

// drain ends Run in order: no more work is taken, what runs and what is to be
// reported goes on until the deadline, then handlers are ended, then reports,
// then streams and heartbeats. Nothing in it waits for an answer of the engine
// without a bound.
func (w *Worker) drain() error {
	w.note(StateDraining, "")
	deadline := w.clock.NewTimer(max(w.options.Drain, 0))
	defer deadline.Stop()
	close(w.draining)
	w.crew.stopTaking()
	w.crew.leave()
	select {
	case <-w.attempts.empty():
	case <-w.life.Done():
	case <-deadline.C():
		w.interruptAll()
	}
	w.cutoff(ErrDraining)
	w.leave()
	switch {
	case errors.Is(context.Cause(w.life), ErrAborted):
		return ErrAborted
	case w.abandoned.Load() > 0:
		return ErrDrainDeadline
	}
	return nil
}

// interruptAll ends every handler at the drain deadline and gives the results
// that are there a last chance.
func (w *Worker) interruptAll() {
	for _, t := range w.attempts.all() {
		t.stop(ErrDraining)
	}
	w.awaitAttempts(lastWords)
}

// leave waits for everything that ends with the worker's life. A handler that
// does not return is left behind after the grace.
func (w *Worker) leave() {
	w.crew.stopTaking()
	w.crew.disband()
	w.background.Wait()
	w.awaitAttempts(w.options.Grace)
	for range w.attempts.all() {
		w.abandoned.Add(1)
	}
}

func (w *Worker) awaitAttempts(most time.Duration) {
	_ = reconnect.Wait(context.Background(), w.clock, most, w.attempts.empty())
}
