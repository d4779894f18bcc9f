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
	reached int64           // the highest node among them
	early   map[node]*v1.DurableTaskEventLogEntryCompletedResponse
	pending *request   // sent, not acknowledged; one at a time, since acks name no request
	queue   []*request // to be sent next
	evict   *eviction
	gone    bool  // evicted
	past    *past // of the invocation before, if that was here
	left    bool
	over    error // what is not answered fails with, since the run is dismissed

	pass   int       // passes begun
	began  time.Time // the first of them
	parked bool
	// late are the answers that the handler was told and has not taken: if it
	// comes to rest, they have missed it.
	late []*entry
}

// node is the address of an entry in the engine's log.
type node struct{ branch, id int64 }

type kind int

const (
	kindMemo kind = iota
	kindWait
	kindRun
)

// request is one message that asks for entries: those of one kind, and several
// only for child runs.
type request struct {
	entries []*entry
	message func() *v1.DurableTaskRequest
	sent    bool // handed to a stream
}

func (q *request) kind() kind { return q.entries[0].kind }

// entry is one operation of a durable run.
type entry struct {
	step     int // place in the log, from 1
	kind     kind
	key      string // what has to be the same in every pass
	describe string

	acked    bool
	ackedAt  time.Time
	node     node
	answered bool // payload or err is final
	payload  []byte
	err      error
	fromLog  bool // the engine had the answer before it was asked

	memoKey    []byte
	memoSent   bool      // the computed value was handed to a stream
	memoStored bool      // the engine confirmed it
	delivered  bool      // a pass has seen the answer
	takenAt    time.Time // when it did

	keyed   bool      // a child run with an explicit key
	runID   string    // of a child run, once it is acknowledged
	look    *look     // at the child run, see lookForUntold
	begun   bool      // a pass has seen that the child run was started
	begunAt time.Time // when it did
	starter func()    // told when the child run was started, or cannot be
	twins   []*entry  // later steps that the engine answered with the same child run

	waiter func(*entry)
	wanted bool // the handler waited for it when it parked
}

// open reports whether the handler waits for an answer that only the engine has.
func (e *entry) open() bool {
	return e.acked && !e.answered && e.kind != kindMemo && (e.wanted || e.waiter != nil)
}

// Begin starts a pass of the handler over the log from its first entry.
// Callbacks of earlier passes are dropped.
func (r *Run) Begin() *Replay {
	r.session.mu.Lock()
	defer r.session.mu.Unlock()
	now := r.session.options.Clock.Now()
	if r.pass++; r.pass == 1 {
		r.began = now
		if r.past != nil {
			r.began = r.past.began
		}
	}
	r.parked, r.late = false, nil
	r.dropWaiters()
	for _, e := range r.entries {
		e.wanted = false
	}
	select {
	case <-r.woken:
	default:
	}
	return &Replay{run: r, pass: r.pass, behind: now.Sub(r.began), unsure: r.pass == 1 && r.key.Invocation > 1 && r.past == nil}
}

// Park ends the present pass: its handler holds nothing any more and waits for
// Woken.
func (r *Run) Park() {
	r.session.mu.Lock()
	defer r.session.mu.Unlock()
	r.parked = true
	for _, e := range r.entries {
		e.wanted = e.waiter != nil
	}
	r.dropWaiters()
	if len(r.late) > 0 {
		r.wake()
	}
	r.late = nil
}

// Dismiss ends all waiting: from now on what has no answer fails with err, and
// the engine is asked for nothing more.
func (r *Run) Dismiss(err error) {
	r.session.mu.Lock()
	var calls []func()
	if r.over == nil {
		r.over = err
		calls = r.failAll(err)
	}
	r.session.mu.Unlock()
	for _, call := range calls {
		call()
	}
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
		e.waiter, e.starter = nil, nil
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

// awaited are the entries the engine has taken and not answered yet, of those
// that the handler waits for. The caller holds the lock.
func (r *Run) awaited() []*entry {
	var out []*entry
	for _, e := range r.entries {
		if e.open() {
			out = append(out, e)
		}
	}
	return out
}

// ask puts new entries to the engine, after those asked before.
func (r *Run) ask(message func() *v1.DurableTaskRequest, entries ...*entry) {
	r.queue = append(r.queue, &request{entries: entries, message: message})
	r.askNext()
}

func (r *Run) askNext() {
	if r.pending != nil || len(r.queue) == 0 || r.left {
		return
	}
	q := r.queue[0]
	r.queue[0], r.queue = nil, r.queue[1:]
	r.pending = q
	r.session.push(outgoing{message: q.message(), run: r, sent: func() { q.sent = true }})
}

// answer settles an entry and returns the calls that tell the handler. The
// caller holds the lock.
func (r *Run) answer(e *entry, payload []byte, err error) []func() {
	if e.answered {
		return nil
	}
	e.answered, e.payload, e.err = true, payload, err
	calls := append(e.started(), r.tell(e)...)
	for _, twin := range e.twins {
		calls = append(calls, r.answer(twin, payload, err)...)
	}
	return calls
}

// started returns the call that tells a handler of a child run that began, or
// cannot.
func (e *entry) started() []func() {
	starter := e.starter
	if starter == nil {
		return nil
	}
	e.starter = nil
	return []func(){starter}
}

// tell wakes a parked handler that waits for e, or returns the call that tells
// one that is at work.
func (r *Run) tell(e *entry) []func() {
	if r.parked {
		if e.wanted {
			r.wake()
		}
		return nil
	}
	waiter := e.waiter
	if waiter == nil {
		return nil
	}
	e.waiter = nil
	r.late = append(r.late, e)
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
