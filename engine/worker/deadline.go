package worker

import (
	"sync"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
)

// deadline is the execution deadline of one attempt. It can be moved until it
// has passed or was stopped.
type deadline struct {
	mu      sync.Mutex
	clock   clock.Clock
	at      time.Time
	timer   clock.Timer
	passed  func()
	fired   bool
	stopped bool
}

// headStart is how much sooner than the engine the worker ends an attempt: the
// engine began to count before the assignment was here, and only the worker can
// say where in the source the handler was.
func headStart(timeout time.Duration) time.Duration {
	return min(timeout/50, 100*time.Millisecond)
}

// arm starts the deadline; passed is called once, on a goroutine of its own,
// when it is over.
func (d *deadline) arm(c clock.Clock, at time.Time, passed func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.clock, d.at, d.passed = c, at, passed
	d.timer = c.AfterFunc(at.Sub(c.Now()), d.fire)
}

// rearm gives a deadline that has passed a second one, after which passed is
// called. It does nothing after stop.
func (d *deadline) rearm(in time.Duration, passed func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.stopped {
		return
	}
	d.at, d.passed, d.fired = d.clock.Now().Add(in), passed, false
	d.timer = d.clock.AfterFunc(in, d.fire)
}

func (d *deadline) fire() {
	d.mu.Lock()
	left := d.at.Sub(d.clock.Now())
	if d.stopped || d.fired || left > 0 {
		if !d.stopped && !d.fired {
			d.timer.Reset(left)
		}
		d.mu.Unlock()
		return
	}
	d.fired = true
	passed := d.passed
	d.mu.Unlock()
	passed()
}

// extend moves the deadline by by and returns when it is now.
func (d *deadline) extend(by time.Duration) time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.timer == nil || d.stopped || d.fired {
		return d.at
	}
	d.at = d.at.Add(by)
	d.timer.Reset(d.at.Sub(d.clock.Now()))
	return d.at
}

// left is the time until the deadline.
func (d *deadline) left() time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.at.Sub(d.clock.Now())
}

// stop makes sure that passed is not called any more, unless it already is.
func (d *deadline) stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stopped = true
	if d.timer != nil {
		d.timer.Stop()
	}
}
