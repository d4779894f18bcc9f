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
	t.at, t.seq, t.owner = at, c.seq, owner
	if t.set() {
		heap.Fix(&c.timers, t.index-1)
		return
	}
	heap.Push(&c.timers, t)
}

// rearm puts back a timer that a snapshot held.
func (c *Core) rearm(t *timer, s timerState, owner timed) {
	if s.Seq == 0 {
		return
	}
	t.at, t.seq, t.owner = s.At, s.Seq, owner
	heap.Push(&c.timers, t)
}

func (c *Core) disarm(t *timer) {
	if t.set() {
		heap.Remove(&c.timers, t.index-1)
	}
}

// NextWake is the time at which a [Tick] has something to do, and whether there
// is one.
func (c *Core) NextWake() (time.Time, bool) {
	if len(c.timers) == 0 {
		return time.Time{}, false
	}
	return c.timers[0].at, true
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
