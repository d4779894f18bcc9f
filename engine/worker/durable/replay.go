package durable

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

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

// Answer is what the log gives to one operation.
type Answer struct {
	Payload []byte
	Err     error
	// Exists is of a memo whose value is remembered. Of another, the handler
	// computes it and hands its JSON to Complete, which is safe to call from any
	// goroutine, also after the pass.
	Exists   bool
	Complete func(payload []byte)
	// Took tells that the handler runs on with the answer. What it does from then
	// on comes after it; what it does before, and what it does in a pass that came
	// to rest just when the answer came, does not.
	Took func()
}

// Replay is one pass of a handler over the log of its run. Each done is called
// exactly once unless the pass was dropped, from any goroutine and possibly
// before the asking method has returned.
type Replay struct {
	run   *Run
	pass  int
	asked int  // operations of this pass
	live  bool // an operation was answered that no pass had seen before
	// behind is how much earlier it was when the first pass was here.
	behind time.Duration
	// unsure is set while an invocation before may or may not have come as far:
	// at first in the first pass of a later invocation, and in any of its passes
	// once it gets an answer that the engine's log had and no pass here has seen;
	// never if that invocation was here, see past.
	unsure bool
}

// Memo asks for the value remembered under key.
func (p *Replay) Memo(key []byte, done func(Answer)) {
	wanted := &entry{kind: kindMemo, key: string(key), memoKey: key, describe: describeMemo(key)}
	message := func() *v1.DurableTaskRequest { return p.run.memoRequest(key) }
	p.perform(wanted, message, func(e *entry) {
		a := p.answer(e)
		if !a.Exists && a.Err == nil {
			a.Complete = func(value []byte) { p.run.completeMemo(e, value) }
		}
		done(a)
	})
}

// WaitFor waits for conditions. label is shown to people; describe names the
// wait in a NonDeterminismError, as in "sleepFor(24h)". The payload is the JSON
// of hatchet-protocol.md section 8.2.
func (p *Replay) WaitFor(conditions []workflow.Condition, label, describe string, done func(Answer)) {
	wanted := &entry{kind: kindWait, key: waitKey(conditions), describe: describe}
	message := func() *v1.DurableTaskRequest { return p.run.waitRequest(wanted.step, conditions, label) }
	p.perform(wanted, message, func(e *entry) { done(p.answer(e)) })
}

// answer is what the handler of this pass is told of e.
func (p *Replay) answer(e *entry) Answer {
	p.run.session.mu.Lock()
	defer p.run.session.mu.Unlock()
	computes := !e.answered
	return Answer{Exists: e.answered && e.err == nil, Payload: e.payload, Err: e.err, Took: func() { p.took(e, computes) }}
}

// Replaying reports whether every operation of the pass so far was answered from
// the log: what the handler did up to here it has done before.
func (p *Replay) Replaying() bool {
	p.run.session.mu.Lock()
	defer p.run.session.mu.Unlock()
	return !p.live && (p.run.pass > 1 || p.run.key.Invocation > 1)
}

// Unsure reports whether only the next operation will show if what the handler
// does now is a repetition. Only the engine knows how far the invocations before
// came: what it answers from its log may have been answered while nobody
// listened. That an earlier pass of this invocation has seen the same answer
// makes sure; that there was an earlier pass does not, since it may have parked
// before the engine answered.
func (p *Replay) Unsure() bool {
	p.run.session.mu.Lock()
	defer p.run.session.mu.Unlock()
	return p.isUnsure()
}

func (p *Replay) isUnsure() bool { return p.unsure && !p.live }

// CatchingUp reports whether the handler does what an invocation before did, for
// sure or perhaps, and has to ask for it all again: the engine answers soon.
func (p *Replay) CatchingUp() bool {
	p.run.session.mu.Lock()
	defer p.run.session.mu.Unlock()
	return p.isCatchingUp()
}

func (p *Replay) isCatchingUp() bool {
	return p.isUnsure() || p.run.past != nil && p.pass == 1 && !p.live
}

// Behind tells how much earlier it was when the first pass of this invocation to
// come as far did: 0 once the handler does what no pass has done.
func (p *Replay) Behind() time.Duration {
	p.run.session.mu.Lock()
	defer p.run.session.mu.Unlock()
	if p.live {
		return 0
	}
	return p.behind
}

// reach notes that the handler is where the first pass was at that time. Its
// time does not run backwards. The caller holds the lock.
func (p *Replay) reach(at time.Time) {
	p.behind = max(min(p.behind, p.run.session.options.Clock.Now().Sub(at)), 0)
}

// maxLingering is how many handlers may keep what they hold while they wait, in
// case the answer comes soon.
const maxLingering = 32

// Linger asks whether a handler that waits may keep what it holds for a short
// while, and not park at once. release ends that. One that catches up may, for the
// engine is about to repeat what it has answered before; of the others, so many.
func (p *Replay) Linger() (release func(), ok bool) {
	s := p.run.session
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.isCatchingUp() {
		return func() {}, true
	}
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

// goesOn reports whether the handler of this pass is at work. The caller holds
// the lock.
func (p *Replay) goesOn() bool {
	r := p.run
	return r.pass == p.pass && !r.parked && !r.left
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
		if had.kind != wanted.kind || had.key != wanted.key {
			wanted.answered, wanted.err = true, mismatch(wanted, had.describe)
			return wanted, false
		}
		if had.answered || r.over == nil {
			return had, false
		}
	}
	if r.over != nil {
		wanted.answered, wanted.err = true, r.over
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

// took notes that the handler of this pass has the answer of e, or computes it.
func (p *Replay) took(e *entry, computes bool) {
	r := p.run
	r.session.mu.Lock()
	defer r.session.mu.Unlock()
	if r.pass != p.pass || r.parked {
		return
	}
	r.late = slices.DeleteFunc(r.late, func(late *entry) bool { return late == e })
	if !e.delivered {
		e.takenAt = r.session.options.Clock.Now()
	}
	p.reach(e.takenAt)
	switch {
	case computes:
		p.live = true
	case e.delivered:
	case e.fromLog && r.past == nil:
		p.unsure = true
	default:
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
