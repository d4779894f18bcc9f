package worker

import (
	"context"
	"errors"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/worker/internal/reconnect"
)

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
	left := make(chan struct{})
	w.background.Go(func() {
		defer close(left)
		w.crew.leave()
	})
	if !w.finished(left, deadline.C()) {
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

// finished waits until the engine sends no more and every attempt is over. It
// reports false when the deadline came first.
func (w *Worker) finished(left <-chan struct{}, deadline <-chan time.Time) bool {
	select {
	case <-left:
	case <-deadline:
		return false
	case <-w.life.Done():
		return true
	}
	select {
	case <-w.attempts.empty():
	case <-deadline:
		return false
	case <-w.life.Done():
	}
	return true
}

// interruptAll ends every handler at the drain deadline and gives the results
// that are there a last chance.
func (w *Worker) interruptAll() {
	for _, t := range w.attempts.all() {
		t.stop(ErrDraining)
	}
	w.awaitAttempts(w.options.LastWords)
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
