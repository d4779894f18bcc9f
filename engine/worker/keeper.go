package worker

import (
	"sync"
	"sync/atomic"
	"time"
)

// counts are the attempts by what they do, and the streams that came back.
type counts struct{ running, queued, parked, reporting, reconnects atomic.Int64 }

// keeper holds the part of the status that changes by events.
type keeper struct {
	mu            sync.Mutex
	state         State
	detail        string
	since         time.Time
	workerID      string
	engineVersion string
	lastHeartbeat time.Time
	generation    int
	noHeartbeats  bool
}

// set changes state and detail and reports whether that was a change. What a
// worker on its way out still hears changes nothing any more.
func (k *keeper) set(state State, detail string, now time.Time) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	leaving := k.state == StateDraining && state != StateStopped || k.state == StateStopped
	if leaving || k.state == state && k.detail == detail {
		return false
	}
	k.state, k.detail, k.since = state, detail, now
	return true
}

// update changes other parts of the status.
func (k *keeper) update(change func(*keeper)) {
	k.mu.Lock()
	defer k.mu.Unlock()
	change(k)
}

// note makes a change of state known.
func (w *Worker) note(state State, detail string) {
	if !w.state.set(state, detail, w.clock.Now()) {
		return
	}
	w.logger.Debug("the worker's state changed", keyState, state, keyReason, detail)
	w.observer.WorkerChanged(w.Status())
}

// Status tells what the worker is doing.
func (w *Worker) Status() Status {
	k := &w.state
	k.mu.Lock()
	s := Status{
		State: k.state, Detail: k.detail, Since: k.since, Name: w.options.Name, WorkerID: k.workerID,
		EngineVersion: k.engineVersion, LastHeartbeat: k.lastHeartbeat, Generation: k.generation,
		NoHeartbeats: k.noHeartbeats,
	}
	k.mu.Unlock()
	s.Reconnects = int(w.counts.reconnects.Load())
	s.Slots = w.slots.use()
	s.Running = int(w.counts.running.Load())
	s.Queued = int(w.counts.queued.Load())
	s.Parked = int(w.counts.parked.Load())
	s.Reporting = int(w.counts.reporting.Load())
	return s
}
