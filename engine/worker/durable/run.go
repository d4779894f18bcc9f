package durable

import (
	"time"

	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
)

// Run is the event log of one invocation of a durable task, kept so that a
// parked handler replays without asking the engine again. Everything in it is
// guarded by the session's lock; callbacks are made without it.
type Run struct {
	session *Session
	key     Key
	evicted func(reason string)
	woken   chan struct{}

	entries []*entry
	byNode  map[node]*entry // entries the engine has acknowledged
	early   map[node]*v1.DurableTaskEventLogEntryCompletedResponse
	pending *entry   // asked, not acknowledged; one at a time, since acks name no request
	queue   []*entry // to be asked next
	evict   *eviction
	gone    bool // evicted
	left    bool

	pass   int // passes begun
	parked bool
	// late are the entries answered since the handler last asked for something:
	// they may have missed it, if it was coming to rest at that moment.
	late []*entry
}

// node is the address of an entry in the engine's log.
type node struct{ branch, id int64 }

type kind int

const (
	kindMemo kind = iota
	kindWait
)

// entry is one operation of a durable run.
type entry struct {
	step     int // place in the log, from 1
	kind     kind
	key      string // what has to be the same in every pass
	describe string
	request  func() *v1.DurableTaskRequest

	sent     bool // handed to a stream
	acked    bool
	ackedAt  time.Time
	node     node
	answered bool // payload or err is final
	payload  []byte
	err      error
	fromLog  bool // the engine had the answer before it was asked

	memoKey    []byte
	memoSent   bool // the computed value was handed to a stream
	memoStored bool // the engine confirmed it
	delivered  bool // a pass has seen the answer
	waiter     func(*entry)
}

// Begin starts a pass of the handler over the log from its first entry.
// Callbacks of earlier passes are dropped.
func (r *Run) Begin() *Replay {
	r.session.mu.Lock()
	defer r.session.mu.Unlock()
	r.pass++
	r.parked, r.late = false, nil
	r.dropWaiters()
	select {
	case <-r.woken:
	default:
	}
	return &Replay{run: r, pass: r.pass}
}

// Park ends the present pass: its handler holds nothing any more and waits for
// Woken.
func (r *Run) Park() {
	r.session.mu.Lock()
	defer r.session.mu.Unlock()
	r.parked = true
	r.dropWaiters()
	for _, e := range r.late {
		e.delivered = false
		r.wake()
	}
	r.late = nil
}

// Woken delivers when there is something new for a parked handler.
func (r *Run) Woken() <-chan struct{} { return r.woken }

func (r *Run) wake() {
	select {
	case r.woken <- struct{}{}:
	default:
	}
}

func (r *Run) dropWaiters() {
	for _, e := range r.entries {
		e.waiter = nil
	}
}

// Leave closes the log: the attempt is over.
func (r *Run) Leave() {
	s := r.session
	s.mu.Lock()
	defer s.mu.Unlock()
	r.left = true
	r.endEviction(errLeft)
	r.dropWaiters()
	if s.runs[r.key] == r {
		delete(s.runs, r.key)
	}
}

// awaited are the entries the engine has taken and not answered yet. The caller
// holds the lock.
func (r *Run) awaited() []*entry {
	var out []*entry
	for _, e := range r.entries {
		if e.acked && !e.answered && e.kind != kindMemo {
			out = append(out, e)
		}
	}
	return out
}

// ask puts a new entry to the engine, after those asked before.
func (r *Run) ask(e *entry) {
	r.queue = append(r.queue, e)
	r.askNext()
}

func (r *Run) askNext() {
	if r.pending != nil || len(r.queue) == 0 || r.left {
		return
	}
	e := r.queue[0]
	r.queue = r.queue[1:]
	r.pending = e
	r.session.push(outgoing{message: e.request(), run: r, sent: func() { e.sent = true }})
}

// answer settles an entry and returns the call that tells the handler. The
// caller holds the lock.
func (r *Run) answer(e *entry, payload []byte, err error) []func() {
	if e.answered {
		return nil
	}
	e.answered, e.payload, e.err = true, payload, err
	return r.tell(e)
}

// tell wakes a parked handler, or returns the call that tells one that is at
// work.
func (r *Run) tell(e *entry) []func() {
	if r.parked {
		r.wake()
		return nil
	}
	r.late = append(r.late, e)
	waiter := e.waiter
	if waiter == nil {
		return nil
	}
	e.waiter = nil
	return []func(){func() { waiter(e) }}
}

// failAll settles everything that is open with err. The caller holds the lock.
func (r *Run) failAll(err error) []func() {
	var calls []func()
	for _, e := range r.entries {
		calls = append(calls, r.answer(e, nil, err)...)
	}
	r.pending, r.queue = nil, nil
	return calls
}
