package core

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"

	declared "github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// node finds or refuses the entry for the next request of an invocation. found
// is nil for a new node. ok is false if the handler does something else there
// than it did before (hatchet-protocol.md section 8.3).
func (c *Core) node(session string, l *durableLog, kind entryKind, key, call string) (found *entry, ok bool) {
	found = l.visible(l.cursor + 1)
	if found != nil && (found.kind != kind || found.key != key) {
		c.send(session, DurableError{
			Ref: l.ref(found), NonDeterminism: true,
			Message: fmt.Sprintf("non-determinism error in task %s at node %d:%d\n  expected: %s\n  received: %s",
				l.task.id, found.at.node, found.at.branch, found.call, call),
		})
		return nil, false
	}
	l.cursor++
	l.heard = true
	return found, true
}

func hexSum(parts ...[]byte) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write(p)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func (c *Core) durableMemo(cmd *DurableMemo) {
	l := c.request(cmd.SessionID, cmd.TaskID, cmd.Invocation)
	if l == nil {
		return
	}
	e, ok := c.node(cmd.SessionID, l, entryMemo, hex.EncodeToString(cmd.Key), "memo")
	if !ok {
		return
	}
	existed := e != nil && e.satisfied
	if e == nil {
		e = l.add(&entry{kind: entryMemo, key: hex.EncodeToString(cmd.Key), call: "memo"})
	}
	if cmd.Payload != nil && !e.satisfied {
		e.satisfied, e.payload = true, cmd.Payload
	}
	ack := DurableMemoAck{Ref: l.ref(e), Existed: existed}
	if existed {
		ack.Payload = e.payload
	}
	c.send(cmd.SessionID, ack)
	c.asked(e)
}

// durableCompleteMemo stores a memo's value, once. It has no answer, not even
// when it is refused.
func (c *Core) durableCompleteMemo(cmd *DurableCompleteMemo) {
	t := c.tasks[cmd.Ref.TaskID]
	if t == nil || t.durable == nil {
		return
	}
	e := t.durable.entries[entryKey{cmd.Ref.BranchID, cmd.Ref.NodeID}]
	if e == nil || e.kind != entryMemo || e.satisfied || e.key != hex.EncodeToString(cmd.Key) {
		return
	}
	e.satisfied, e.payload = true, cmd.Payload
}

func (c *Core) durableWaitFor(cmd *DurableWaitFor) {
	l := c.request(cmd.SessionID, cmd.TaskID, cmd.Invocation)
	if l == nil {
		return
	}
	if err := c.checkWait(cmd.Conditions); err != nil {
		c.refuse(cmd.SessionID, cmd.TaskID, cmd.Invocation, err.Message)
		return
	}
	e, ok := c.node(cmd.SessionID, l, entryWait, waitKey(cmd.Conditions), waitCall(cmd.Conditions))
	if !ok {
		return
	}
	if e == nil {
		e = l.add(&entry{kind: entryWait, key: waitKey(cmd.Conditions), call: waitCall(cmd.Conditions), wait: cmd.Conditions})
	}
	c.send(cmd.SessionID, DurableWaitForAck{Ref: l.ref(e)})
	c.asked(e)
}

func (c *Core) checkWait(conditions []Condition) *Error {
	if len(conditions) == 0 {
		return invalid("a durable wait has no conditions")
	}
	for i := range conditions {
		d := &conditions[i]
		if d.Kind == ConditionParent || d.Action != ActionCreate {
			return invalid("condition %q of a durable wait must be a sleep or a user event with the action CREATE", d.Key)
		}
		if d.Since != nil && d.Scope == "" {
			return invalid("condition %q looks back, which needs an event scope", d.Key)
		}
		if err := d.check("a durable wait", c.config.Evaluator); err != nil {
			return err
		}
	}
	return nil
}

func (c *Core) startWait(e *entry) {
	m := newMatch(e.template())
	m.entry, e.match = e, m
	c.startMatch(m)
	for _, w := range append([]*waiter(nil), m.waiters...) {
		c.lookBack(w)
	}
}

func (e *entry) template() *template { return waitTemplate(e.wait) }

func waitTemplate(conditions []Condition) *template {
	b := newTemplateBuilder()
	b.waitConditions(conditions)
	return b.build()
}

// lookBack shows a condition the events since its time, newest first.
func (c *Core) lookBack(w *waiter) {
	cond := &w.match.tmpl.conditions[w.index]
	if cond.since == nil {
		return
	}
	for i := len(c.history) - 1; i >= 0; i-- {
		past := &c.history[i]
		if past.At.Before(*cond.since) {
			return
		}
		if past.Key == cond.eventKey && past.Scope == cond.scope && c.offer(w, past.Scope, past.Payload) {
			return
		}
	}
}

// created is the data of the conditions of a wait that were met, by key.
func (m *match) created() []byte {
	out := []byte(`{"CREATE":{`)
	first := true
	for _, key := range m.metKeys() {
		list := []byte{'['}
		for _, met := range m.met {
			if m.tmpl.conditions[met.Index].key != key {
				continue
			}
			if len(list) > 1 {
				list = append(list, ',')
			}
			list = append(list, rawOr(met.Data, `null`)...)
		}
		out = appendField(out, first, key, append(list, ']'))
		first = false
	}
	return append(out, '}', '}')
}

// metKeys lists the data keys that were met, each once.
func (m *match) metKeys() []string {
	var keys []string
	for _, met := range m.met {
		if key := m.tmpl.conditions[met.Index].key; !contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys
}

func (c *Core) durableTriggerRuns(cmd *DurableTriggerRuns) {
	l := c.request(cmd.SessionID, cmd.TaskID, cmd.Invocation)
	if l == nil {
		return
	}
	items := make([]TriggerItem, len(cmd.Items))
	for i, item := range cmd.Items {
		item.ParentTaskID = l.task.id
		items[i] = item
	}
	if err := c.checkItems(items); err != nil {
		c.refuse(cmd.SessionID, cmd.TaskID, cmd.Invocation, err.Message)
		return
	}
	ack := DurableTriggerRunsAck{TaskID: cmd.TaskID, Invocation: cmd.Invocation}
	var entries []*entry
	for i := range items {
		e := c.childEntry(cmd.SessionID, l, &items[i])
		if e == nil {
			return
		}
		entries = append(entries, e)
		ack.Entries = append(ack.Entries, RunAckEntry{NodeID: e.at.node, BranchID: e.at.branch, RunID: e.run})
	}
	c.send(cmd.SessionID, ack)
	for _, e := range entries {
		c.asked(e)
	}
}

// childEntry is the entry of one child: an earlier one of the same explicit
// key, that of the next node, or a new one. nil = refused.
func (c *Core) childEntry(session string, l *durableLog, item *TriggerItem) *entry {
	explicit := ""
	if item.ChildKey != nil {
		explicit = *item.ChildKey
	}
	key := hexSum([]byte(entryRun), []byte(item.Input), []byte(item.Workflow))
	call := "run(" + item.Workflow + ")"
	if e := l.childOf(explicit); e != nil {
		return e
	}
	e, ok := c.node(session, l, entryRun, key, call)
	if !ok || e != nil {
		return e
	}
	e = l.add(&entry{kind: entryRun, key: key, call: call, childKey: explicit})
	id := derive(l.task.id, "child/"+strconv.FormatInt(e.at.branch, 10)+"/"+strconv.FormatInt(e.at.node, 10))
	run, holder := c.triggerItem(item, l.task, id)
	if e.run = run; holder != "" {
		e.run = holder
		c.satisfy(e, nil, true, "idempotency key collision with run "+holder)
	}
	if r := c.runs[e.run]; r != nil && !r.final() {
		r.waiting = append(r.waiting, e)
	}
	return e
}

// childOf is the entry of a child with an explicit key, unless it is that of the
// next node.
func (l *durableLog) childOf(key string) *entry {
	if key == "" {
		return nil
	}
	if next := l.visible(l.cursor + 1); next != nil && next.childKey == key {
		return nil
	}
	for _, e := range l.order {
		if e.childKey == key && l.visible(e.at.node) == e {
			return e
		}
	}
	return nil
}

// childEnded ends the waiting for a child run (hatchet-protocol.md section 8.2).
func (c *Core) childEnded(e *entry, r *run) {
	switch r.status {
	case Completed:
		if reason := r.untold(); reason != "" {
			c.satisfy(e, nil, true, reason)
			return
		}
		c.satisfy(e, r.childOutput(), false, "")
	case Failed:
		c.satisfy(e, nil, true, r.firstError())
	default:
		c.satisfy(e, nil, true, "task was cancelled")
	}
}

// childOutput is the raw output of a standalone task, else an object of the
// outputs by task.
func (r *run) childOutput() []byte {
	if !r.version.dag() {
		return rawOr(r.steps[0].task.output, `{}`)
	}
	out := []byte{'{'}
	for i := range r.steps {
		t := r.steps[i].task
		out = appendField(out, i == 0, t.step.def.Name, rawOr(t.output, `{}`))
	}
	return append(out, '}')
}

// untold is why a server would never end the waiting for a run; it is failed here
// instead. "" = it would.
func (r *run) untold() string {
	for i := range r.steps {
		t := r.steps[i].task
		if reason := declared.Untold(t.step.def.Name, t.output); reason != "" {
			return reason
		}
	}
	return ""
}

func (r *run) firstError() string {
	for i := range r.steps {
		if t := r.steps[i].task; t.status == Failed {
			return t.errorText
		}
	}
	return ""
}
