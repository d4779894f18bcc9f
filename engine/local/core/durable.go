package core

import (
	"fmt"
)

// durableLog is the event log of a durable task (hatchet-protocol.md section
// 8.1). It outlives attempts and invocations.
type durableLog struct {
	task       *task
	invocation int32 // assignments so far
	branches   []branch
	current    int64 // branch
	cursor     int64 // node of the last request of this invocation
	entries    map[entryKey]*entry
	order      []*entry // in order of creation
	satisfied  int64    // entries with an order so far
	session    string   // stream that completions go to
	// Completions of this invocation go out in the order in which entries were
	// satisfied, each once it was requested.
	released int64
	ready    map[int64]*entry // requested and satisfied, but not yet their turn
	// heard is false while something that the handler waited for came after its
	// last request, and after its worker last told what it waits for: the worker
	// may not know of it yet.
	heard bool
	stall timer
	// forgotten is set when the run is no longer kept.
	forgotten bool
}

// branch is a line of a log that shares the nodes before from with its parent.
type branch struct {
	ID     int64 `json:"id"`
	Parent int64 `json:"parent,omitempty"`
	From   int64 `json:"from,omitempty"`
}

type entryKey struct{ branch, node int64 }

// entryKind is what an entry of a log stands for.
type entryKind string

const (
	entryRun  entryKind = "RUN"
	entryWait entryKind = "WAIT_FOR"
	entryMemo entryKind = "MEMO"
)

// entry is one entry of a durable task's log.
type entry struct {
	log       *durableLog
	at        entryKey
	kind      entryKind
	key       string      // what must be the same when it is requested again, hex
	call      string      // for people
	childKey  string      // of a RUN with an explicit key
	run       string      // of a RUN: the child
	wait      []Condition // of a WAIT_FOR
	match     *match      // of a WAIT_FOR that is not over
	satisfied bool
	order     int64 // of satisfaction, from 1; 0 for memos
	payload   []byte
	failed    bool
	message   string
	requested int32 // last invocation that asked for it
}

func newDurableLog(t *task) *durableLog {
	return &durableLog{task: t, branches: []branch{{ID: 1}}, current: 1, entries: map[entryKey]*entry{}, ready: map[int64]*entry{}, heard: true}
}

// begin starts an invocation: its requests are mapped to the log from node 1
// on.
func (l *durableLog) begin() {
	l.invocation++
	l.rewind()
}

func (l *durableLog) rewind() {
	l.cursor, l.released, l.heard = 0, 0, true
	clear(l.ready)
}

// visible finds the entry of a node on the current branch or on what it shares
// with those before.
func (l *durableLog) visible(node int64) *entry {
	for id := l.current; id != 0; {
		if e := l.entries[entryKey{id, node}]; e != nil {
			return e
		}
		b := l.branch(id)
		if b == nil || node >= b.From {
			return nil
		}
		id = b.Parent
	}
	return nil
}

func (l *durableLog) branch(id int64) *branch {
	for i := range l.branches {
		if l.branches[i].ID == id {
			return &l.branches[i]
		}
	}
	return nil
}

// nextOrder is the order of the next visible completion after the one that was
// released last. Completions of abandoned branches are passed over.
func (l *durableLog) nextOrder() int64 {
	n := l.released + 1
	if len(l.branches) == 1 {
		return n
	}
	for ; n <= l.satisfied; n++ {
		for _, e := range l.order {
			if e.order == n && l.visible(e.at.node) == e {
				return n
			}
		}
	}
	return n
}

func (l *durableLog) ref(e *entry) EntryRef {
	return EntryRef{TaskID: l.task.id, Invocation: l.invocation, BranchID: e.at.branch, NodeID: e.at.node}
}

// add appends an entry for the next node on the current branch.
func (l *durableLog) add(e *entry) *entry {
	e.log = l
	e.at = entryKey{l.current, l.cursor}
	l.entries[e.at] = e
	l.order = append(l.order, e)
	return e
}

func (c *Core) durableConnected(cmd *DurableConnected) *Error {
	w, err := c.workerByID(cmd.WorkerID)
	if err != nil {
		return err
	}
	w.durable = cmd.SessionID
	c.sessions[cmd.SessionID] = cmd.WorkerID
	c.send(cmd.SessionID, DurableRegistered{WorkerID: cmd.WorkerID})
	return nil
}

func (c *Core) send(session string, m DurableMessage) {
	c.emit(Durable{SessionID: session, Message: m})
}

// request finds the log that a request is for and binds its completions to the
// stream. A refusal is sent there; the result is nil then.
func (c *Core) request(session, taskID string, invocation int32) *durableLog {
	t := c.tasks[taskID]
	switch {
	case t == nil:
		c.refuse(session, taskID, invocation, "task run not found: "+taskID)
	case t.durable == nil:
		c.refuse(session, taskID, invocation, fmt.Sprintf("task %s is not durable", taskID))
	case t.durable.invocation != invocation:
		c.send(session, DurableServerEvict{TaskID: taskID, Invocation: invocation, Reason: fmt.Sprintf(
			"invocation count mismatch for task %s: server has %d, worker sent %d", taskID, t.durable.invocation, invocation)})
	default: // also of a task that is over: its worker may not have heard of that yet
		t.durable.session = session
		t.confirmed = true // it is running, whether it said so or not
		return t.durable
	}
	return nil
}

func (c *Core) refuse(session, taskID string, invocation int32, message string) {
	c.send(session, DurableError{Ref: EntryRef{TaskID: taskID, Invocation: invocation}, Message: message})
}

// asked notes that the handler asked for e, and sends its completion if it is
// there and its turn has come. Of a task that is over nothing is waited for, until
// it is replayed and asks again.
func (c *Core) asked(e *entry) {
	l := e.log
	e.requested = l.invocation
	over := l.task.final()
	switch {
	case !e.satisfied && !over:
		c.wait(e)
	case !e.satisfied:
	case over || e.kind == entryMemo:
		c.complete(e)
	default:
		l.ready[e.order] = e
		c.release(l)
	}
}

// wait takes up the waiting for an entry where the end of an earlier attempt of
// the task had stopped it.
func (c *Core) wait(e *entry) {
	switch {
	case e.kind == entryWait && e.match == nil:
		c.startWait(e)
	case e.kind == entryRun:
		if r := c.runs[e.run]; r == nil {
			c.satisfy(e, nil, true, "the child run is no longer kept")
		} else if r.final() {
			c.childEnded(e, r)
		}
	}
}

// satisfy ends the waiting of an entry.
func (c *Core) satisfy(e *entry, payload []byte, failed bool, message string) {
	l := e.log
	if e.satisfied || l.task.final() {
		return
	}
	l.satisfied++
	e.satisfied, e.order, e.payload, e.failed, e.message = true, l.satisfied, payload, failed, message
	e.match = nil
	if l.task.phase == phaseEvicted {
		c.restore(l.task)
		return
	}
	if e.requested == l.invocation {
		l.heard = false
		l.ready[e.order] = e
		c.release(l)
	}
}

// release sends the completions whose turn has come. One that is held back too
// long is the sign of a handler that took another way.
func (c *Core) release(l *durableLog) {
	for {
		n := l.nextOrder()
		e := l.ready[n]
		if e == nil {
			break
		}
		delete(l.ready, n)
		l.released = n
		c.complete(e)
	}
	if len(l.ready) == 0 {
		c.disarm(&l.stall)
	} else if !l.stall.set() {
		c.arm(&l.stall, c.now.Add(releaseStall), l)
	}
}

// due gives up on an invocation that never asked for what was satisfied first.
func (l *durableLog) due(c *Core) {
	if session := c.sessionOf(l); session != "" && len(l.ready) > 0 {
		c.send(session, DurableServerEvict{TaskID: l.task.id, Invocation: l.invocation,
			Reason: "ordered durable completion release stalled on a missing entry"})
	}
}

// complete sends the completion of an entry. Without a stream it is lost; the
// worker asks for it by worker_status.
func (c *Core) complete(e *entry) {
	if session := c.sessionOf(e.log); session != "" {
		c.send(session, completion(e))
	}
}

func completion(e *entry) DurableEntryCompleted {
	return DurableEntryCompleted{Ref: e.log.ref(e), Payload: e.payload, Failed: e.failed, ErrorMessage: e.message}
}

// sessionOf is the stream for a task's completions: the one it used last, else
// the newest of its worker; "" = none is open.
func (c *Core) sessionOf(l *durableLog) string {
	if _, ok := c.sessions[l.session]; ok {
		return l.session
	}
	if w := l.task.worker; w != nil {
		if _, ok := c.sessions[w.durable]; ok {
			return w.durable
		}
	}
	return ""
}

// closeLog ends all waiting of a task that is over.
func (c *Core) closeLog(l *durableLog) {
	c.disarm(&l.stall)
	clear(l.ready)
	for _, e := range l.order {
		if e.match != nil {
			c.stopMatch(e.match)
			e.match = nil
		}
	}
}
