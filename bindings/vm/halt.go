package vm

import "sync"

// Halt stops the runs of all VMs that were made with it, from any goroutine:
// also from one that must not touch their channels and timers, as that of a
// watchdog on real time for scripts on sealed virtual time (see clock.Sealed).
// It reaches only a run that executes code; one that waits is not woken.
type Halt struct {
	mu      sync.Mutex
	running map[*run]struct{}
	cause   error
}

// Fire stops what runs and refuses what is to run, with cause.
func (h *Halt) Fire(cause error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.cause = cause
	for r := range h.running {
		r.halt(cause)
	}
}

// enter notes a run, and stops it at once after Fire. Nil is fine.
func (h *Halt) enter(r *run) (leave func()) {
	if h == nil {
		return func() {}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.cause != nil {
		r.halt(h.cause)
	}
	if h.running == nil {
		h.running = make(map[*run]struct{})
	}
	h.running[r] = struct{}{}
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.running, r)
	}
}

func (r *run) halt(cause error) {
	r.stop.Store(&stopCause{cause})
	r.vm.rt.Interrupt(cause)
}
