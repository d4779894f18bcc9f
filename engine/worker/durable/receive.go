package durable

import (
	"errors"
	"slices"
	"strings"
	"time"

	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
)

// logAnswer is how soon after its ack an answer comes if the engine had it
// before it was asked (hatchet-protocol.md section 8.2).
const logAnswer = time.Second

// receive acts on one message of the engine (hatchet-protocol.md section 8.2).
func (s *Session) receive(in *v1.DurableTaskResponse) {
	s.mu.Lock()
	var calls []func()
	switch m := in.Message.(type) {
	case *v1.DurableTaskResponse_MemoAck:
		calls = s.memoAck(m.MemoAck)
	case *v1.DurableTaskResponse_WaitForAck:
		calls = s.waitAck(m.WaitForAck)
	case *v1.DurableTaskResponse_TriggerRunsAck:
		calls = s.runsAck(m.TriggerRunsAck)
	case *v1.DurableTaskResponse_EntryCompleted:
		calls = s.completed(m.EntryCompleted)
	case *v1.DurableTaskResponse_Error:
		calls = s.failed(m.Error)
	case *v1.DurableTaskResponse_EvictionAck:
		if r := s.runs[Key{m.EvictionAck.DurableTaskExternalId, m.EvictionAck.InvocationCount}]; r != nil {
			r.gone = true
			s.lookAfter(r)
			if r.parked {
				s.remember(r)
			}
			r.endEviction(nil)
		}
	case *v1.DurableTaskResponse_ServerEvict:
		calls = s.serverEvict(m.ServerEvict)
	}
	s.mu.Unlock()
	each(calls)
}

func (s *Session) run(ref *v1.DurableEventLogEntryRef) *Run {
	return s.runs[Key{ref.GetDurableTaskExternalId(), ref.GetInvocationCount()}]
}

// take ends the outstanding request of a run, if it is a single entry of kind k.
// What the engine says twice is taken once.
func (r *Run) take(k kind, ref *v1.DurableEventLogEntryRef) *entry {
	at := node{ref.GetBranchId(), ref.GetNodeId()}
	if r.pending == nil || r.pending.kind() != k || r.byNode[at] != nil {
		return nil
	}
	e := r.pending.entries[0]
	r.pending = nil
	r.locate(e, at)
	r.askNext()
	return e
}

// locate notes where the engine keeps an entry.
func (r *Run) locate(e *entry, at node) {
	e.acked, e.ackedAt, e.node = true, r.session.options.Clock.Now(), at
	r.recall(e)
	r.byNode[at] = e
	r.reached = max(r.reached, at.id)
}

func (s *Session) memoAck(ack *v1.DurableTaskEventMemoAckResponse) []func() {
	r := s.run(ack.Ref)
	if r == nil {
		return nil
	}
	e := r.take(kindMemo, ack.Ref)
	if e == nil {
		return nil
	}
	if ack.MemoAlreadyExisted && ack.MemoResultPayload != nil {
		e.fromLog, e.memoStored = true, true
		return r.answer(e, ack.MemoResultPayload, nil)
	}
	return r.tell(e)
}

func (s *Session) waitAck(ack *v1.DurableTaskEventWaitForAckResponse) []func() {
	r := s.run(ack.Ref)
	if r == nil {
		return nil
	}
	e := r.take(kindWait, ack.Ref)
	if e == nil {
		return nil
	}
	return r.completeEarly(e)
}

// completeEarly answers an entry whose completion came before its ack.
func (r *Run) completeEarly(e *entry) []func() {
	early := r.early[e.node]
	delete(r.early, e.node)
	if early == nil {
		return nil
	}
	return r.complete(e, early)
}

func (s *Session) completed(done *v1.DurableTaskEventLogEntryCompletedResponse) []func() {
	r := s.run(done.Ref)
	if r == nil || r.gone {
		s.wakeLate(done.Ref)
		return nil
	}
	at := node{done.Ref.GetBranchId(), done.Ref.GetNodeId()}
	e := r.byNode[at]
	switch {
	case e == nil:
		if r.early == nil {
			r.early = map[node]*v1.DurableTaskEventLogEntryCompletedResponse{}
		}
		r.early[at] = done
		return nil
	case e.kind == kindMemo:
		e.memoStored = true
		return nil
	}
	return r.complete(e, done)
}

func (r *Run) complete(e *entry, done *v1.DurableTaskEventLogEntryCompletedResponse) []func() {
	soon := r.session.options.Clock.Now().Sub(e.ackedAt) < logAnswer
	e.fromLog = e.fromLog || soon && r.key.Invocation > 1
	if r.evict != nil {
		r.evict.completed = true
	}
	if done.IsFailure {
		return r.answer(e, nil, e.failure(done.GetErrorMessage()))
	}
	return r.answer(e, done.Payload, nil)
}

// failed ends the outstanding request of a run with the engine's refusal, or an
// eviction that the engine did not do.
func (s *Session) failed(refusal *v1.DurableTaskErrorResponse) []func() {
	r := s.run(refusal.Ref)
	if r == nil {
		return nil
	}
	err := errors.New(refusal.ErrorMessage)
	if r.evict != nil && refusal.Ref.GetNodeId() == 0 {
		r.endEviction(err)
		return nil
	}
	q := r.pending
	if q == nil {
		return nil
	}
	r.pending = nil
	if refusal.ErrorType == v1.DurableTaskErrorType_DURABLE_TASK_ERROR_TYPE_NONDETERMINISM {
		err = r.nonDeterminism(q, refusal)
	}
	var calls []func()
	for _, e := range q.entries {
		calls = append(calls, r.answer(e, nil, err)...)
	}
	r.askNext()
	return calls
}

// stalled is in the reason for which an engine ends an invocation whose
// completions it cannot order any more, after a stream broke
// (hatchet-protocol.md section 8.2).
const stalled = "stalled"

// serverEvict drops the invocation named, and older ones of the task. Of one
// that stalled nobody but its worker would ever have the engine start another:
// it is given back.
func (s *Session) serverEvict(notice *v1.DurableTaskServerEvictNotice) []func() {
	var calls []func()
	for key, r := range s.runs {
		switch {
		case key.TaskRunID != notice.DurableTaskExternalId || key.Invocation > notice.InvocationCount:
		case key.Invocation == notice.InvocationCount && strings.Contains(notice.Reason, stalled):
			r.giveBack(notice.Reason)
		default:
			calls = append(calls, func() { r.evicted(notice.Reason) })
		}
	}
	return calls
}

// completeMemo remembers the value of a memo here and has the engine remember
// it. The first value counts.
func (r *Run) completeMemo(e *entry, value []byte) {
	s := r.session
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.answered {
		return
	}
	e.answered, e.payload, e.delivered, e.takenAt = true, value, true, r.session.options.Clock.Now()
	if !e.memoStored {
		r.sendMemo(e)
	}
}

func (r *Run) sendMemo(e *entry) {
	message := &v1.DurableTaskRequest{Message: &v1.DurableTaskRequest_CompleteMemo{
		CompleteMemo: &v1.DurableTaskCompleteMemoRequest{Payload: e.payload, MemoKey: e.memoKey, Ref: r.ref(e.node)}}}
	r.session.push(outgoing{message: message, sent: func() { e.memoSent = true }})
}

func (r *Run) ref(at node) *v1.DurableEventLogEntryRef {
	return &v1.DurableEventLogEntryRef{
		DurableTaskExternalId: r.key.TaskRunID, InvocationCount: r.key.Invocation, BranchId: at.branch, NodeId: at.id}
}

// repeatMemos sends values again that an earlier stream may have lost; the
// engine takes them as often as they come.
func (r *Run) repeatMemos() {
	for _, e := range r.entries {
		if e.unstored() && e.memoSent {
			e.memoSent = false
			r.sendMemo(e)
		}
	}
}

// unstored reports whether the engine may not have the value of a memo yet.
func (e *entry) unstored() bool {
	return e.kind == kindMemo && e.answered && e.err == nil && !e.memoStored
}

func (r *Run) unstored() bool { return slices.ContainsFunc(r.entries, (*entry).unstored) }
