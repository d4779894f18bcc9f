package vm

import (
	"context"
	"runtime"
	"runtime/metrics"
	"sync"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
)

// Heap watches the heap of the process and stops runs when it grows too large.
// No VM knows what it holds, so the heap's growth is put down to the runs that
// executed code meanwhile: a guess where several did, and the truth where one
// did. What is taken at one stroke, in native code, it does not see in time.
//
// One Heap serves any number of VMs. Its methods are safe for concurrent use.
type Heap struct {
	limit   int64
	clock   clock.Clock
	exceed  func(name string) error
	started chan struct{} // capacity 1: a run has begun

	mu      sync.Mutex
	running map[*run]*share
}

// share is what a run has to do with the growth of the heap.
type share struct {
	ticks float64 // at which it executed code, since the last collection
	bytes float64
}

// idleTick is how much a tick counts at which a run waited: it may have executed
// code in between.
const idleTick = 1.0 / 64

// NewHeap returns a Heap for at most limit bytes of live objects. exceed makes the
// cause of the [InterruptError] of a run that is stopped, of which it is given
// [Call.Name]. Nil for c is the real clock.
func NewHeap(limit int64, c clock.Clock, exceed func(name string) error) *Heap {
	if c == nil {
		c = clock.Real()
	}
	return &Heap{limit: limit, clock: c, exceed: exceed, started: make(chan struct{}, 1), running: map[*run]*share{}}
}

// heapTick is how often the heap is looked at while something runs, and
// heapRest how long after a collection that it forced the next one may be.
const (
	heapTick = 20 * time.Millisecond
	heapRest = 200 * time.Millisecond
)

// Names of metrics in package runtime/metrics.
const (
	metricObjects = "/memory/classes/heap/objects:bytes" // also those that are garbage
	metricLive    = "/gc/heap/live:bytes"                // after the last collection
	metricCycles  = "/gc/cycles/total:gc-cycles"
)

// Run watches until ctx is done, and returns nil. While nothing runs it sleeps.
func (h *Heap) Run(ctx context.Context) error {
	look := newHeapLook()
	timer := h.clock.NewTimer(heapTick)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C():
		}
		if !h.busy() {
			select {
			case <-ctx.Done():
				return nil
			case <-h.started:
			}
		}
		h.tick(look)
		timer.Reset(heapTick)
	}
}

func (h *Heap) busy() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.running) > 0
}

// heapLook is what the watcher saw last.
type heapLook struct {
	samples []metrics.Sample
	live    int64
	cycles  uint64
	rests   time.Time // no collection is forced before
}

func newHeapLook() *heapLook {
	look := &heapLook{samples: []metrics.Sample{{Name: metricObjects}, {Name: metricLive}, {Name: metricCycles}}}
	_, look.live, look.cycles = look.read()
	return look
}

func (l *heapLook) read() (objects, live int64, cycles uint64) {
	metrics.Read(l.samples)
	return int64(l.samples[0].Value.Uint64()), int64(l.samples[1].Value.Uint64()), l.samples[2].Value.Uint64()
}

// tick notes who executes code, and looks at the heap.
func (h *Heap) tick(look *heapLook) {
	h.mu.Lock()
	for r, s := range h.running {
		if r.waiting.Load() {
			s.ticks += idleTick
		} else {
			s.ticks++
		}
	}
	h.mu.Unlock()
	objects, live, cycles := look.read()
	if now := h.clock.Now(); objects > h.limit && now.After(look.rests) {
		runtime.GC()
		look.rests = h.clock.Now().Add(heapRest)
		_, live, cycles = look.read()
	}
	if cycles == look.cycles {
		return
	}
	h.attribute(float64(live - look.live))
	look.live, look.cycles = live, cycles
	if live > h.limit {
		h.stopLargest()
	}
}

// attribute puts a change of the live heap down to the runs that executed code
// since the last collection. What was let go of is nobody's gain: it is not known
// whose it was.
func (h *Heap) attribute(change float64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	ticks := 0.0
	for _, s := range h.running {
		ticks += s.ticks
	}
	for _, s := range h.running {
		if ticks > 0 && change > 0 {
			s.bytes += change * s.ticks / ticks
		}
		s.ticks = 0
	}
}

// stopLargest stops the run that has most to do with the heap's growth.
func (h *Heap) stopLargest() {
	h.mu.Lock()
	defer h.mu.Unlock()
	var largest *run
	for r, s := range h.running {
		if s.bytes > 0 && (largest == nil || s.bytes > h.running[largest].bytes) {
			largest = r
		}
	}
	if largest != nil {
		largest.exceed(h.exceed(largest.call.Name))
		delete(h.running, largest) // the next one, if that does not help
	}
}

// enter notes a run. Nil is fine.
func (h *Heap) enter(r *run) (leave func()) {
	if h == nil {
		return func() {}
	}
	h.mu.Lock()
	h.running[r] = &share{}
	h.mu.Unlock()
	select {
	case h.started <- struct{}{}:
	default:
	}
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.running, r)
	}
}
