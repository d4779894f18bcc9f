package scripttest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// Limits of one test.
const (
	DefaultMaxJumps   = 10_000
	DefaultMaxVirtual = 10 * 365 * 24 * time.Hour
)

// drive moves a test's clock. Time stands still while anything in the test's
// world is busy, and while the test waits for nothing; otherwise it jumps from
// deadline to deadline until what the test waits for has come.
type drive struct {
	clock    *clock.Virtual
	linger   *clock.Virtual // of what waits only until nothing is busy
	start    time.Time
	maxJumps int
	maxSpan  time.Duration
	settle   func()      // see clock.Sealed
	expired  func() bool // the wall timeout of the test has passed
	stuck    func() string
	busiest  func() string
	happened func() int // how much has happened in the world so far
	// real waits on real time, where there is no clock to move; nil elsewhere.
	real func(*wait) error

	mu     sync.Mutex
	waits  []*wait
	paused bool
	jumps  int // after which something had happened
	steps  int // all of them
	seen   int // what happened before the last jump
}

// wait is something that the test awaits.
type wait struct {
	what  func() string // for messages
	until time.Time     // time moves at most to here; zero = as far as it takes
	ready func() bool   // asked when nothing is busy
	// prompt is for what comes before anything that only waits until nothing is busy
	// any more.
	prompt bool
	done   chan error // capacity 1
}

// await waits for w on the goroutine of an operation.
func (d *drive) await(w *wait) error {
	if d.real != nil {
		return d.real(w)
	}
	d.enter(w)
	return <-w.done
}

// enter takes in what the test waits for.
func (d *drive) enter(w *wait) {
	w.done = make(chan error, 1)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.waits = append(d.waits, w)
}

// pause makes time stand still unless the test moves it.
func (d *drive) pause(paused bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.paused = paused
}

// errExpired ends a drive whose test took too long on the wall clock.
var errExpired = errors.New("expired")

// until drives until over holds.
func (d *drive) until(over func() bool) error {
	for {
		d.settle()
		switch {
		case over():
			return nil
		case d.expired():
			return errExpired
		case d.resolve(true), d.linger.Step(), d.resolve(false):
			continue
		}
		d.settle() // to ask whether a wait is ready keeps the engine busy for a moment
		if err := d.jump(); err != nil && !d.fail(err) {
			return err
		}
	}
}

// resolve settles the first wait that is ready, of all or of the prompt ones.
func (d *drive) resolve(prompt bool) bool {
	d.mu.Lock()
	waits := slices.Clone(d.waits)
	d.mu.Unlock()
	for _, w := range waits {
		if (w.prompt || !prompt) && w.ready() {
			d.end(w, nil)
			return true
		}
	}
	return false
}

func (d *drive) end(w *wait, err error) {
	d.mu.Lock()
	d.waits = slices.DeleteFunc(d.waits, func(other *wait) bool { return other == w })
	d.mu.Unlock()
	w.done <- err
}

// jump fires the next timer, at most up to where the waits allow.
func (d *drive) jump() error {
	limit, limited := d.limit()
	next, pending := d.deadline()
	switch {
	case limited && (!pending || next.After(limit)):
		d.clock.AdvanceTo(limit)
		return nil
	case d.standsStill():
		return errors.New("ClockPaused: " + d.stuck() + "; time stands still until t.clock.advance() or t.clock.auto()")
	case !pending:
		return errors.New("Deadlock: " + d.stuck() + "; no timer, no pending event")
	}
	if next.After(d.clock.Now()) {
		if err := d.count(next); err != nil {
			return err
		}
	}
	d.clock.Step()
	return nil
}

// deadline is what the clock may jump to next. What lies further away than a
// test may last is not waited for.
func (d *drive) deadline() (time.Time, bool) {
	next, pending := d.clock.Next()
	return next, pending && next.Sub(d.clock.Now()) <= d.maxSpan
}

// limit is the earliest time that a wait allows.
func (d *drive) limit() (time.Time, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var earliest time.Time
	for _, w := range d.waits {
		if !w.until.IsZero() && (earliest.IsZero() || w.until.Before(earliest)) {
			earliest = w.until
		}
	}
	return earliest, !earliest.IsZero()
}

func (d *drive) standsStill() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.paused && !slices.ContainsFunc(d.waits, func(w *wait) bool { return !w.until.IsZero() })
}

// idleSteps is how many timers may fire without anything to show for it, for
// each jump that is allowed.
const idleSteps = 20

// count counts the jumps after which something happened. A worker also looks
// around now and then, and how often it did is nobody's business.
func (d *drive) count(next time.Time) error {
	d.steps++
	if now := d.happened(); now != d.seen {
		d.seen = now
		d.jumps++
	}
	span := next.Sub(d.start)
	if d.jumps <= d.maxJumps && d.steps <= idleSteps*d.maxJumps && span <= d.maxSpan {
		return nil
	}
	return fmt.Errorf("ClockRunaway: %d jumps in %s; busiest: %s", min(d.jumps, d.maxJumps), shortSpan(d.clock.Now().Sub(d.start)), d.busiest())
}

// fail ends all waits with err, if there are any: the test hears of it.
func (d *drive) fail(err error) bool {
	d.mu.Lock()
	waits := d.waits
	d.waits = nil
	d.mu.Unlock()
	for _, w := range waits {
		w.done <- err
	}
	return len(waits) > 0
}

// describe names what the waits are for.
func (d *drive) describe() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var names []string
	for _, w := range d.waits {
		names = append(names, w.what())
	}
	if len(names) == 0 {
		return "the test waits for a promise that nothing in it settles"
	}
	return strings.Join(names, "; ")
}

// shortSpan is a span of virtual time for people: 3d, 36h, 1h30m, 250ms.
func shortSpan(d time.Duration) string {
	const day = 24 * time.Hour
	d = d.Round(time.Millisecond)
	switch {
	case d >= 365*day:
		return fmt.Sprintf("%dy %dd", d/(365*day), d%(365*day)/day)
	case d >= 2*day && d%day == 0:
		return fmt.Sprintf("%dd", d/day)
	}
	return workflow.FormatDuration(d)
}
