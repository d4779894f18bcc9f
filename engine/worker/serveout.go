package worker

import (
	"maps"
	"slices"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/worker/internal/reconnect"
)

const (
	// serveOutLooks is how many looks in a row have to find nothing unfinished,
	// since a server's list of runs lags behind what happens, and serveOutErrors
	// how many may fail.
	serveOutLooks  = 2
	serveOutErrors = 3
	// serveOutSlowest bounds the time between two looks, which grows: a durable
	// run may be parked for days.
	serveOutSlowest = 15 * time.Second
)

// serveOut keeps a registration that was taken over at work as long as there are
// runs that may need tasks which only it has: those that a run in flight has not
// come to yet. It returns when there are none.
func (c *crew) serveOut(r *registration) {
	w := c.worker
	if w.options.Unfinished == nil {
		return
	}
	pause, clear, failed := retireCheck, 0, 0
	for clear < serveOutLooks && failed < serveOutErrors {
		names := c.onlyOf(r)
		select {
		case <-r.done:
			return
		default:
		}
		if len(names) == 0 {
			return
		}
		left, err := w.options.Unfinished(w.life, names)
		switch {
		case err != nil:
			failed++
			w.logger.Debug("the runs of withdrawn tasks could not be listed", keyError, reconnect.Reason(err))
		case left:
			clear, failed = 0, 0
		default:
			clear++
			failed = 0
		}
		if reconnect.Wait(w.life, w.clock, pause, r.done) != nil {
			return
		}
		if left {
			pause = min(pause+retireCheck/2, serveOutSlowest)
		} else {
			pause = retireCheck
		}
	}
}

// onlyOf are the workflows with tasks for which r is registered and no
// generation since has any more.
func (c *crew) onlyOf(r *registration) []string {
	now := c.worker.catalogue.Load()
	names := map[string]bool{}
	for _, id := range r.actions {
		if gone := now.withdrawn[id]; gone != nil {
			names[gone.workflow] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}
