package worker

import "sync"

// maxRecent is how many finished attempts are remembered, so that an assignment
// delivered again after its end is not run again.
const maxRecent = 8192

// attemptKey tells the attempts of all tasks apart. Later attempts of a task
// have a higher retry count, later invocations of an attempt a higher
// invocation count (hatchet-protocol.md section 3.6).
type attemptKey struct {
	task              string
	retry, invocation int32
}

// after reports whether k is a later attempt than other of the same task.
func (k attemptKey) after(other attemptKey) bool {
	if k.retry != other.retry {
		return k.retry > other.retry
	}
	return k.invocation > other.invocation
}

// table holds the attempts that are not over: waiting, running, or reporting.
type table struct {
	mu     sync.Mutex
	latest map[string]*attempt // by task
	holds  map[*attempt]int    // goroutines that work for an attempt
	idle   chan struct{}       // closed while holds is empty

	recent     map[attemptKey]struct{}
	recentRing []attemptKey
	recentNext int
}

func newTable() *table {
	t := &table{
		latest: map[string]*attempt{},
		holds:  map[*attempt]int{},
		idle:   make(chan struct{}),
		recent: map[attemptKey]struct{}{},
	}
	close(t.idle)
	return t
}

// admit takes an attempt up, holding it once, and returns the earlier attempt of
// the same task that it replaces, if one is left. It is refused when it is a
// duplicate of one that is known or older than one that is.
func (t *table) admit(a *attempt) (replaced *attempt, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, done := t.recent[a.key]; done {
		return nil, false
	}
	known := t.latest[a.key.task]
	if known != nil && !a.key.after(known.key) {
		return nil, false
	}
	t.latest[a.key.task] = a
	t.add(a)
	return known, true
}

// hold registers one more goroutine that works for an attempt. It fails when
// the attempt is over.
func (t *table) hold(a *attempt) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.holds[a] == 0 {
		return false
	}
	t.add(a)
	return true
}

func (t *table) add(a *attempt) {
	if len(t.holds) == 0 {
		t.idle = make(chan struct{})
	}
	t.holds[a]++
}

// release ends a hold; with the last one the attempt is over.
func (t *table) release(a *attempt) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.holds[a]--; t.holds[a] > 0 {
		return
	}
	delete(t.holds, a)
	if t.latest[a.key.task] == a {
		delete(t.latest, a.key.task)
	}
	t.remember(a.key)
	a.over()
	if len(t.holds) == 0 {
		close(t.idle)
	}
}

func (t *table) remember(key attemptKey) {
	if len(t.recentRing) < maxRecent {
		t.recentRing = append(t.recentRing, key)
	} else {
		delete(t.recent, t.recentRing[t.recentNext])
		t.recentRing[t.recentNext] = key
		t.recentNext = (t.recentNext + 1) % maxRecent
	}
	t.recent[key] = struct{}{}
}

// find returns the latest attempt of a task, or nil.
func (t *table) find(task string) *attempt {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.latest[task]
}

// all returns every attempt that is not over.
func (t *table) all() []*attempt {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]*attempt, 0, len(t.holds))
	for a := range t.holds {
		out = append(out, a)
	}
	return out
}

// empty returns a channel that is closed once no attempt is left.
func (t *table) empty() <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.idle
}
