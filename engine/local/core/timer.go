package core

import (
	"container/heap"
	"time"
)

// timed is what a timer wakes.
type timed interface {
	due(c *Core)
}

// timer is one entry of the heap of all timers, kept inside the thing that it
// wakes. Timers of one time fire in the order in which they were set.
type timer struct {
	at    time.Time
	seq   uint64
	owner timed
	index int // place in the heap + 1; 0 = not set
}

func (t *timer) set() bool { return t.index > 0 }

// arm sets t, which may be set already, to wake owner at the given time.
func (c *Core) arm(t *timer, at time.Time, owner timed) {
	c.seq++
	c.timers.put(t, timer{at: at, seq: c.seq, owner: owner})
}

// rearm puts back a timer that a snapshot held.
func (c *Core) rearm(t *timer, s timerState, owner timed) {
	if s.Seq > 0 {
		c.timers.put(t, timer{at: s.At, seq: s.Seq, owner: owner})
	}
}

func (c *Core) disarm(t *timer) { c.timers.remove(t) }

// NextWake is the time at which [Core.Due] next has something to say, and
// whether there is one.
func (c *Core) NextWake() (time.Time, bool) {
	var at time.Time
	for _, h := range []timerHeap{c.timers, c.alarms} {
		if len(h) > 0 && (at.IsZero() || h[0].at.Before(at)) {
			at = h[0].at
		}
	}
	return at, !at.IsZero()
}

// Due gives the commands that the passing of time asks for at now. They are to
// be applied at once, in their order: Due does not give them again.
func (c *Core) Due(now time.Time) []Command {
	out := c.silent(now) // first, so that a lost worker is not taken for a slow task
	if len(c.timers) > 0 && !c.timers[0].at.After(now) {
		out = append(out, Tick{})
	}
	return out
}

// tick wakes everything that is due. What is set for the present while this
// goes on is woken too.
func (c *Core) tick() {
	for len(c.timers) > 0 && !c.timers[0].at.After(c.now) {
		t := heap.Pop(&c.timers).(*timer)
		t.owner.due(c)
		c.settle()
	}
}

// timerState is a timer in a snapshot; Seq 0 = not set.
type timerState struct {
	At  time.Time `json:"at,omitzero"`
	Seq uint64    `json:"seq,omitempty"`
}

func (t *timer) state() timerState {
	if !t.set() {
		return timerState{}
	}
	return timerState{At: t.at, Seq: t.seq}
}

// timerHeap implements heap.Interface.
type timerHeap []*timer

// put adds t, or moves it if it is there, and sets it as set says.
func (h *timerHeap) put(t *timer, set timer) {
	set.index = t.index
	*t = set
	if t.set() {
		heap.Fix(h, t.index-1)
		return
	}
	heap.Push(h, t)
}

// remove takes t out if it is set.
func (h *timerHeap) remove(t *timer) {
	if t.set() {
		heap.Remove(h, t.index-1)
	}
}

func (h timerHeap) Len() int { return len(h) }

func (h timerHeap) Less(i, j int) bool {
	if !h[i].at.Equal(h[j].at) {
		return h[i].at.Before(h[j].at)
	}
	return h[i].seq < h[j].seq
}

func (h timerHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i+1, j+1
}

func (h *timerHeap) Push(x any) {
	t := x.(*timer)
	*h = append(*h, t)
	t.index = len(*h)
}

func (h *timerHeap) Pop() any {
	old := *h
	t := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	t.index = 0
	return t
}
