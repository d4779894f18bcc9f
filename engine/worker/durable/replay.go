package durable

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// NonDeterminismError says that a handler, run again, asked for something else
// than its log holds (hatchet-protocol.md section 8.3).
type NonDeterminismError struct {
	Step     int // place in the log, from 1
	Was, Now string
}

func (e *NonDeterminismError) Error() string {
	return fmt.Sprintf("NonDeterminism: step %d was %s, now %s", e.Step, e.Was, e.Now)
}

// Replay is one pass of a handler over the log of its run. Each done is called
// exactly once unless the pass was dropped, from any goroutine and possibly
// before the asking method has returned.
type Replay struct {
	run   *Run
	pass  int
	asked int  // operations of this pass
	live  bool // an operation was answered that no pass had seen before
}

// Memo asks for the value remembered under key. If there is none, exists is
// false and the caller hands its JSON to complete; complete is safe to call from
// any goroutine, also after the pass.
func (p *Replay) Memo(key []byte, done func(exists bool, payload []byte, complete func(payload []byte), err error)) {
	s := p.run.session
	wanted := &entry{kind: kindMemo, key: string(key), memoKey: key, describe: describeMemo(key)}
	message := func() *v1.DurableTaskRequest { return p.run.memoRequest(key) }
	p.perform(wanted, message, func(e *entry) {
		s.mu.Lock()
		exists, payload, err := e.answered && e.err == nil, e.payload, e.err
		p.see(e)
		s.mu.Unlock()
		if err != nil || exists {
			done(exists, payload, nil, err)
			return
		}
		done(false, nil, func(value []byte) { p.run.completeMemo(e, value) }, nil)
	})
}

// WaitFor waits for conditions. label is shown to people; describe names the
// wait in a NonDeterminismError, as in "sleepFor(24h)". The payload is the JSON
// of hatchet-protocol.md section 8.2.
func (p *Replay) WaitFor(conditions []workflow.Condition, label, describe string, done func(payload []byte, err error)) {
	s := p.run.session
	wanted := &entry{kind: kindWait, key: waitKey(conditions), describe: describe}
	message := func() *v1.DurableTaskRequest { return p.run.waitRequest(wanted.step, conditions, label) }
	p.perform(wanted, message, func(e *entry) {
		s.mu.Lock()
		payload, err := e.payload, e.err
		p.see(e)
		s.mu.Unlock()
		done(payload, err)
	})
}

// Replaying reports whether every operation of the pass so far was answered from
// the log: what the handler did up to here it has done before.
func (p *Replay) Replaying() bool {
	p.run.session.mu.Lock()
	defer p.run.session.mu.Unlock()
	return !p.live && (p.run.pass > 1 || p.run.key.Invocation > 1)
}

// Resumed reports whether the pass is the first of an invocation after the
// first. Only the engine then knows how far the invocations before it came: an
// answer from the log may have come while nobody listened, so that what the
// handler does next shows to be old or new with its next operation, not earlier.
func (p *Replay) Resumed() bool { return p.pass == 1 && p.run.key.Invocation > 1 }

// maxLingering is how many handlers may keep what they hold while they wait, in
// case the answer comes soon.
const maxLingering = 32

// Linger asks whether a handler that waits may keep what it holds for a short
// while, and not park at once. release ends that. One that is resumed may, for
// the engine is about to repeat what it has answered before; of the others, so
// many.
func (p *Replay) Linger() (release func(), ok bool) {
	if p.Resumed() {
		return func() {}, true
	}
	s := p.run.session
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lingers >= maxLingering {
		return nil, false
	}
	s.lingers++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.lingers--
	}, true
}

// Asking reports whether the engine has not yet acknowledged everything that the
// run asked for.
func (p *Replay) Asking() bool {
	p.run.session.mu.Lock()
	defer p.run.session.mu.Unlock()
	return p.run.pending != nil || len(p.run.queue) > 0
}

// perform takes the next place in the log: the entry that is there, or wanted as
// a new one, for which message asks. tell is called with the lock not held.
func (p *Replay) perform(wanted *entry, message func() *v1.DurableTaskRequest, tell func(*entry)) {
	s := p.run.session
	s.mu.Lock()
	if !p.goesOn() {
		s.mu.Unlock()
		return
	}
	e, fresh := p.place(wanted)
	if fresh {
		p.run.ask(message, e)
	}
	ready := e.answered || e.kind == kindMemo && e.acked
	if !ready {
		e.waiter = tell
	}
	s.mu.Unlock()
	if ready {
		tell(e)
	}
}

// goesOn reports whether the handler of this pass is at work. That it asks for
// something shows that it has got what it was told before. The caller holds the
// lock.
func (p *Replay) goesOn() bool {
	r := p.run
	if r.pass != p.pass || r.parked || r.left {
		return false
	}
	r.late = slices.DeleteFunc(r.late, func(e *entry) bool { return e.told })
	return true
}

// place finds or makes the entry of the next step. What does not fit is an entry
// of its own, answered with the reason and never part of the log; fresh are
// those that the engine is to be asked for.
func (p *Replay) place(wanted *entry) (e *entry, fresh bool) {
	r := p.run
	p.asked++
	wanted.step = p.asked
	if wanted.step <= len(r.entries) {
		had := r.entries[wanted.step-1]
		if had.kind == wanted.kind && had.key == wanted.key {
			return had, false
		}
		wanted.answered = true
		wanted.err = mismatch(wanted, had.describe)
		return wanted, false
	}
	r.entries = append(r.entries, wanted)
	if err := r.session.refusal; err != nil {
		wanted.answered, wanted.err = true, err
		return wanted, false
	}
	if wanted.kind == kindMemo && r.session.engine.Old() {
		r.keep(wanted)
		return wanted, false
	}
	return wanted, true
}

// see notes that the handler of this pass gets the answer of e, unless it has
// come to rest meanwhile. The caller holds the lock.
func (p *Replay) see(e *entry) {
	if p.run.pass != p.pass || p.run.parked {
		return
	}
	if !e.delivered && !e.fromLog {
		p.live = true
	}
	e.delivered = e.answered
}

func (r *Run) memoRequest(key []byte) *v1.DurableTaskRequest {
	return &v1.DurableTaskRequest{Message: &v1.DurableTaskRequest_Memo{Memo: &v1.DurableTaskMemoRequest{
		InvocationCount: r.key.Invocation, DurableTaskExternalId: r.key.TaskRunID, Key: key}}}
}

func (r *Run) waitRequest(step int, conditions []workflow.Condition, label string) *v1.DurableTaskRequest {
	seed := r.key.TaskRunID + "/" + strconv.Itoa(step)
	request := &v1.DurableTaskWaitForRequest{
		InvocationCount: r.key.Invocation, DurableTaskExternalId: r.key.TaskRunID,
		WaitForConditions: workflow.DurableConditions(r.session.options.Namespace, seed, conditions),
	}
	if label != "" {
		request.Label = &label
	}
	return &v1.DurableTaskRequest{Message: &v1.DurableTaskRequest_WaitFor{WaitFor: request}}
}

// waitKey is what makes two waits the same: their conditions in any order,
// without groups and scopes, as the engine compares them (hatchet-protocol.md
// section 8.3).
func waitKey(conditions []workflow.Condition) string {
	parts := make([]string, len(conditions))
	for i := range conditions {
		c := &conditions[i]
		parts[i] = strings.Join([]string{c.Expression, c.DataKey(), string(c.Kind), c.SleepFor.String(), c.EventKey}, "\x00")
	}
	sort.Strings(parts)
	return strings.Join(parts, "\x01")
}
