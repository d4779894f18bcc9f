package clock

import (
	"container/heap"
	"sync"
	"time"
)

// Virtual is a clock that stands still until it is moved. Timers fire in the
// order of their deadlines, those with equal deadlines in the order in which
// they were made.
type Virtual struct {
	mu     sync.Mutex
	now    time.Time
	serial uint64
	queue  timerQueue
}

// NewVirtual returns a clock that shows start.
func NewVirtual(start time.Time) *Virtual { return &Virtual{now: start} }

// Now returns the time the clock was last moved to.
func (v *Virtual) Now() time.Time {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.now
}

// NewTimer implements [Clock].
func (v *Virtual) NewTimer(d time.Duration) Timer {
	t := &virtualTimer{clock: v, c: make(chan time.Time, 1), index: -1}
	t.Reset(d)
	return t
}

// AfterFunc implements [Clock].
func (v *Virtual) AfterFunc(d time.Duration, f func()) Timer {
	t := &virtualTimer{clock: v, f: f, index: -1}
	t.Reset(d)
	return t
}

// Next returns the earliest deadline that is waited for; false when nothing
// waits.
func (v *Virtual) Next() (time.Time, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.queue) == 0 {
		return time.Time{}, false
	}
	return v.queue[0].at, true
}

// Waiting returns how many timers are pending.
func (v *Virtual) Waiting() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.queue)
}

// Advance moves the clock by d and fires everything that falls due on the way,
// each timer at its own deadline.
func (v *Virtual) Advance(d time.Duration) { v.AdvanceTo(v.Now().Add(d)) }

// Step moves the clock to the earliest deadline and fires that one timer; false
// when nothing waits.
func (v *Virtual) Step() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.queue) == 0 {
		return false
	}
	v.fireFirst()
	return true
}

// fireFirst fires the earliest timer at its deadline. The caller holds mu.
func (v *Virtual) fireFirst() {
	due := heap.Pop(&v.queue).(*virtualTimer)
	if due.at.After(v.now) {
		v.now = due.at
	}
	due.fire(v.now)
}

// AdvanceTo moves the clock to t, firing everything that falls due on the way.
// A time in the past moves nothing.
func (v *Virtual) AdvanceTo(t time.Time) {
	for {
		v.mu.Lock()
		if len(v.queue) == 0 || v.queue[0].at.After(t) {
			if t.After(v.now) {
				v.now = t
			}
			v.mu.Unlock()
			return
		}
		v.fireFirst()
		v.mu.Unlock()
	}
}

type virtualTimer struct {
	clock  *Virtual
	at     time.Time
	serial uint64
	index  int // in the queue; -1 when not pending
	c      chan time.Time
	f      func()
}

func (t *virtualTimer) C() <-chan time.Time { return t.c }

func (t *virtualTimer) Stop() bool {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	return t.disarm()
}

func (t *virtualTimer) Reset(d time.Duration) bool {
	v := t.clock
	v.mu.Lock()
	defer v.mu.Unlock()
	pending := t.disarm()
	t.at = v.now.Add(d)
	v.serial++
	t.serial = v.serial
	if d <= 0 {
		t.fire(v.now)
		return pending
	}
	heap.Push(&v.queue, t)
	return pending
}

// disarm takes the timer off the queue and drops a value nobody received, as
// timers of the standard library do.
func (t *virtualTimer) disarm() bool {
	if t.c != nil {
		select {
		case <-t.c:
		default:
		}
	}
	if t.index < 0 {
		return false
	}
	heap.Remove(&t.clock.queue, t.index)
	return true
}

func (t *virtualTimer) fire(now time.Time) {
	if t.f != nil {
		go t.f()
		return
	}
	t.c <- now
}

type timerQueue []*virtualTimer

func (q timerQueue) Len() int { return len(q) }
func (q timerQueue) Less(i, j int) bool {
	if q[i].at.Equal(q[j].at) {
		return q[i].serial < q[j].serial
	}
	return q[i].at.Before(q[j].at)
}
func (q timerQueue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}
func (q *timerQueue) Push(x any) {
	t := x.(*virtualTimer)
	t.index = len(*q)
	*q = append(*q, t)
}
func (q *timerQueue) Pop() any {
	last := len(*q) - 1
	t := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	t.index = -1
	return t
}
