package durable

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"

	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker/internal/reconnect"
)

// Engines before v0.80.0 keep no event log. Of all that a durable run asks for
// they know waits only: each is registered under a signal key, which is the same
// in every pass of an attempt, and then listened for. What a memo gives is kept
// here for as long as the attempt is, and runs cannot be given back
// (hatchet-protocol.md section 8.6).

// signalPrefix begins the signal keys, as those of Hatchet's TypeScript SDK do.
const signalPrefix = "waitFor-"

var errNotEvictable = errors.New("engines before v0.80.0 take no run back")

// converseOld opens one stream of signals and serves it until it breaks.
func (s *Session) converseOld(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	var sender sync.WaitGroup
	defer sender.Wait()
	defer cancel()
	stream, err := s.engine.Dispatcher.ListenForDurableEvent(ctx)
	if err != nil {
		return err
	}
	listen := func(taskRunID string, step int64) error {
		return stream.Send(&v1.ListenForDurableEventRequest{TaskId: taskRunID, SignalKey: signalPrefix + strconv.FormatInt(step, 10)})
	}
	for _, open := range s.connectedOld() {
		if listen(open.DurableTaskExternalId, open.NodeId) != nil {
			_, err = stream.Recv() // the error of a Send is only that the stream is over
			return err
		}
	}
	sender.Go(func() {
		s.send(ctx, func(message *v1.DurableTaskRequest) error { return s.register(ctx, message, listen) })
		cancel()
	})
	for {
		signal, err := stream.Recv()
		if err != nil {
			return err
		}
		s.signalled(signal)
	}
}

// connectedOld repeats the request that an earlier stream may have lost, which is
// harmless here, and returns the waits to listen for again.
func (s *Session) connectedOld() []*v1.DurableEventLogEntryRef {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open, s.refusal = true, nil
	var open []*v1.DurableEventLogEntryRef
	for _, r := range s.runs {
		if q := r.pending; q != nil && q.sent {
			q.sent = false
			s.push(outgoing{message: q.message(), run: r, sent: func() { q.sent = true }})
		}
		for _, e := range r.awaited() {
			open = append(open, r.ref(e.node))
		}
	}
	s.poke()
	return open
}

// register registers a wait and listens for it. Everything else is unknown to
// these engines.
func (s *Session) register(ctx context.Context, message *v1.DurableTaskRequest, listen func(taskRunID string, step int64) error) error {
	wait := message.GetWaitFor()
	if wait == nil {
		return nil
	}
	step := s.stepOf(wait)
	if step == 0 {
		return nil
	}
	ref := &v1.DurableEventLogEntryRef{
		DurableTaskExternalId: wait.DurableTaskExternalId, InvocationCount: wait.InvocationCount, BranchId: 1, NodeId: step}
	_, err := s.engine.Dispatcher.RegisterDurableEvent(ctx, &v1.RegisterDurableEventRequest{
		TaskId: wait.DurableTaskExternalId, SignalKey: signalPrefix + strconv.FormatInt(step, 10), Conditions: wait.WaitForConditions})
	switch {
	case err == nil:
	case reconnect.Refused(err):
		s.receive(&v1.DurableTaskResponse{Message: &v1.DurableTaskResponse_Error{Error: &v1.DurableTaskErrorResponse{
			Ref: ref, ErrorMessage: reconnect.Reason(err)}}})
		return nil
	default:
		return err
	}
	s.receive(&v1.DurableTaskResponse{Message: &v1.DurableTaskResponse_WaitForAck{WaitForAck: &v1.DurableTaskEventWaitForAckResponse{Ref: ref}}})
	return listen(wait.DurableTaskExternalId, step)
}

// stepOf is the step of a run's outstanding request; 0 if there is none.
func (s *Session) stepOf(wait *v1.DurableTaskWaitForRequest) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.runs[Key{wait.DurableTaskExternalId, wait.InvocationCount}]
	if r == nil || r.pending == nil {
		return 0
	}
	return int64(r.pending.entries[0].step)
}

// signalled completes the wait that a signal is for, of the newest attempt here.
func (s *Session) signalled(signal *v1.DurableEvent) {
	number, ours := strings.CutPrefix(signal.SignalKey, signalPrefix)
	step, err := strconv.ParseInt(number, 10, 64)
	if !ours || err != nil {
		return
	}
	s.mu.Lock()
	var ref *v1.DurableEventLogEntryRef
	for key, r := range s.runs {
		if key.TaskRunID == signal.TaskId && (ref == nil || key.Invocation > ref.InvocationCount) {
			ref = r.ref(node{1, step})
		}
	}
	s.mu.Unlock()
	if ref != nil {
		s.receive(&v1.DurableTaskResponse{Message: &v1.DurableTaskResponse_EntryCompleted{
			EntryCompleted: &v1.DurableTaskEventLogEntryCompletedResponse{Ref: ref, Payload: signal.Data}}})
	}
}

// keep takes a memo without asking an engine that would not know it. The caller
// holds the lock.
func (r *Run) keep(e *entry) { e.acked, e.memoStored = true, true }
