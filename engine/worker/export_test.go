package worker

import "time"

// Hasten makes the waits between attempts to reach the engine short.
func (w *Worker) Hasten() {
	w.pacing.Base, w.pacing.Cap = 5*time.Millisecond, 50*time.Millisecond
}

// Slacken makes the waits between attempts so long that only a sign of the
// engine ends them.
func (w *Worker) Slacken() { w.pacing.Base, w.pacing.Cap = 24*time.Hour, 24*time.Hour }

// Pinned is how many evicted runs are remembered.
func (w *Worker) Pinned() int {
	w.pins.mu.Lock()
	defer w.pins.mu.Unlock()
	return len(w.pins.byKey)
}

// Withdrawn is how many actions are kept only for earlier registrations.
func (w *Worker) Withdrawn() int { return len(w.catalogue.Load().withdrawn) }

// BoundLines sets how many log lines of an attempt may wait.
func (w *Worker) BoundLines(most int) { w.mostLines = most }

// ParseVersion reports what a worker would conclude from an engine's version.
func ParseVersion(text string) (slotTypes, durable bool) {
	v := parseVersion(text)
	return v.knowsSlotTypes(), v.knowsDurable()
}
