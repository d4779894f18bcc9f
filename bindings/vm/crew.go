package vm

import (
	"errors"
	"sync"
)

// Crew keeps the goroutines of runs for further runs. Starting a goroutine and
// growing its stack for the interpreter takes longer than a small handler does;
// one that waits for work is handed it in a fraction of that. One Crew serves
// any number of VMs and keeps as many goroutines as runs were in progress at
// once. The zero value is ready. Safe for concurrent use.
type Crew struct {
	mu     sync.Mutex
	idle   []*hand // the one used last at the end: its stack is warm
	closed bool
	hands  sync.WaitGroup // but those that were abandoned
}

// hand is one goroutine of a crew. Both channels hold one element, so that
// neither side waits for the other to take it.
type hand struct {
	work chan *run
	done chan struct{}
}

// start has r.main called on a goroutine of the crew's, or, if there is no
// crew, on a new one.
func (c *Crew) start(r *run) {
	if c == nil {
		r.done = make(chan struct{}, 1)
		go r.main()
		return
	}
	r.hand = c.take()
	r.done = r.hand.done
	r.hand.work <- r
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
	h := &hand{work: make(chan *run, 1), done: make(chan struct{}, 1)}
	c.hands.Add(1)
	go c.serve(h)
	return h
}

// serve is a hand's goroutine. A run that was abandoned is its last, and then
// nobody waits for it.
func (c *Crew) serve(h *hand) {
	var r *run
	defer func() {
		if r == nil || !r.abandoned.Load() {
			c.hands.Done()
		}
	}()
	for r = range h.work {
		r.main()
		if r.abandoned.Load() {
			return
		}
	}
}

// release takes back the hand of a run that is over.
func (c *Crew) release(r *run) {
	switch {
	case c == nil:
		return
	case r.abandoned.Load(): // what else r holds is not ours any more
		c.hands.Done()
		return
	case errors.Is(r.err, errUnfinished): // its goroutine has ended
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		close(r.hand.work)
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
	for _, h := range idle {
		close(h.work)
	}
	c.hands.Wait()
}
