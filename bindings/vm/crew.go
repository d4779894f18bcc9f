package vm

import (
	"errors"
	"iter"
	"sync"
)

// Crew keeps the goroutines of runs for further runs. Starting a goroutine and
// growing its stack for the interpreter takes longer than a small handler does.
// One Crew serves any number of VMs and keeps as many goroutines as runs were in
// progress at once. The zero value is ready. Safe for concurrent use.
//
// A run is handed to its goroutine, and comes back, as a coroutine is resumed: the
// thread goes over from one goroutine to the other. With channels the scheduler
// is asked, which wakes a second thread each time, if a processor is idle: a third
// of the time of a small handler.
//
// The caller of [VM.Run] is thus asleep until the run hands back. If the run's
// context is done before, an alarm takes the run's place: it hands back in its
// stead, sleeps in the place of the caller until the run is over, and the caller
// goes on to watch a run that now has a goroutine of its own. This rests on any
// goroutine being able to yield for a coroutine that was resumed, which the test
// of the crew would show to be no longer so.
type Crew struct {
	mu     sync.Mutex
	idle   []*hand // the one used last at the end: its stack is warm
	closed bool
	hands  sync.WaitGroup // and alarms; but those that were abandoned
}

// The turns of a run on a hand.
const (
	turnRuns  int32 = iota // the caller sleeps until the run hands back
	turnOver               // the run has handed back at its end
	turnTaken              // something else hands back while the run goes on
)

// hand is one goroutine of a crew.
type hand struct {
	resume func() (struct{}, bool) // switches to it until something yields
	stop   func()                  // ends it while it is idle
	yield  func(struct{}) bool
	run    *run
	// For a run that did not hand back itself, once each.
	taken, done chan struct{}
}

// carry has r.main called on a goroutine of the crew's, or, if there is none or
// the call does not ask for one, on a new one, and gives the outcome.
func (c *Crew) carry(r *run) error {
	if c == nil || !r.call.Crewed {
		r.done = make(chan struct{}, 1)
		go r.main()
		return r.watch()
	}
	h := c.take()
	h.run, r.hand, r.done = r, h, h.done
	h.resume()
	if r.handed.Load() == turnOver {
		return r.err
	}
	c.hands.Add(1) // the alarm
	h.taken <- struct{}{}
	return r.watch()
}

func (c *Crew) take() *hand {
	c.mu.Lock()
	defer c.mu.Unlock()
	if last := len(c.idle) - 1; last >= 0 {
		h := c.idle[last]
		c.idle[last] = nil
		c.idle = c.idle[:last]
		return h
	}
	h := &hand{taken: make(chan struct{}, 1), done: make(chan struct{}, 1)}
	h.resume, h.stop = iter.Pull(func(yield func(struct{}) bool) { c.serve(h, yield) })
	c.hands.Add(1)
	return h
}

// serve is a hand's goroutine. A run that did not hand back itself is its last.
func (c *Crew) serve(h *hand, yield func(struct{}) bool) {
	defer func() { c.leaves(h.run) }()
	h.yield = yield
	for {
		h.run.main()
		if h.run.handed.Load() == turnTaken {
			return
		}
		h.run = nil
		if !yield(struct{}{}) {
			return
		}
	}
}

// leaves ends a goroutine of the crew's; nobody waits for one whose run was
// abandoned.
func (c *Crew) leaves(r *run) {
	if r == nil || !r.abandoned.Load() {
		c.hands.Done()
	}
}

// alarm wakes the caller of a run whose context is done. It returns when the run
// is over.
func (r *run) alarm() {
	if r.handed.CompareAndSwap(turnRuns, turnTaken) {
		r.standIn()
	}
}

// standIn hands back in place of the run and sleeps in place of the caller.
func (r *run) standIn() {
	crew := r.vm.opts.Crew
	r.hand.yield(struct{}{})
	crew.leaves(r)
}

// handsBack reports whether the run hands back itself. If not, it waits for the
// caller to have gone on: only then may the hand end, which wakes who sleeps in
// the caller's place.
func (r *run) handsBack() bool {
	// A goroutine that ends early would take with it whoever it hands back to.
	if errors.Is(r.err, errUnfinished) {
		if r.handed.CompareAndSwap(turnRuns, turnTaken) {
			go r.standIn()
		}
	} else if r.handed.CompareAndSwap(turnRuns, turnOver) {
		r.unwatch()
		return true
	}
	<-r.hand.taken
	return false
}

// release takes back the hand of a run that is over.
func (c *Crew) release(r *run) {
	switch {
	case r.hand == nil:
		return
	case r.abandoned.Load(): // what else r holds is not ours any more
		c.hands.Add(-2) // the hand and the alarm
		return
	case r.handed.Load() != turnOver: // its goroutine ends
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		r.hand.stop()
		return
	}
	c.idle = append(c.idle, r.hand)
}

// Close ends the goroutines that wait for work and waits for those that work,
// except the abandoned ones, see [Orphans]. Runs that begin afterwards are
// given goroutines that end with them.
func (c *Crew) Close() {
	c.mu.Lock()
	c.closed = true
	idle := c.idle
	c.idle = nil
	c.mu.Unlock()
	c.hands.Go(func() { // not on the caller's goroutine, which may be locked to its thread
		for _, h := range idle {
			h.stop()
		}
	})
	c.hands.Wait()
}
