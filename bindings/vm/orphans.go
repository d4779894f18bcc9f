package vm

import "sync"

// Orphans counts abandoned runs: those whose goroutine was still held by native
// code when [VM.Run] returned. One Orphans serves any number of VMs. The zero
// value is ready. Safe for concurrent use.
type Orphans struct {
	mu     sync.Mutex
	total  int
	living int
	gone   chan struct{} // closed when living falls to 0; nil while it is 0
}

// Total returns how many runs were abandoned so far.
func (o *Orphans) Total() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.total
}

// Living returns how many abandoned runs still hold a goroutine.
func (o *Orphans) Living() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.living
}

// Gone returns a channel that is closed as soon as no abandoned run holds a
// goroutine any more. Runs abandoned after the call do not delay it once it was
// closed.
func (o *Orphans) Gone() <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.gone != nil {
		return o.gone
	}
	none := make(chan struct{})
	close(none)
	return none
}

func (o *Orphans) add() {
	if o == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.total++
	o.living++
	if o.gone == nil {
		o.gone = make(chan struct{})
	}
}

func (o *Orphans) end() {
	if o == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.living--
	if o.living == 0 {
		close(o.gone)
		o.gone = nil
	}
}
