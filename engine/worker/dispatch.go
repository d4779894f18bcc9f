package worker

import (
	"strings"

	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
)

// receive acts on one message of the engine. It runs on the goroutine that
// reads the stream and never blocks (hatchet-protocol.md section 3.6).
func (w *Worker) receive(r *registration, in *contract.AssignedAction) {
	switch in.ActionType {
	case contract.ActionType_START_STEP_RUN:
		w.start(r, in)
	case contract.ActionType_CANCEL_STEP_RUN:
		w.cancelAttempt(in)
	case contract.ActionType_START_BATCH:
		w.startBatch(r, in)
	default:
		w.logger.Warn("an action of the engine is not supported and ignored",
			keyAction, in.ActionId, keyKind, in.ActionType.String())
	}
}

func (w *Worker) start(r *registration, in *contract.AssignedAction) {
	w.take(newAttempt(w, r, in))
}

// take takes an attempt up unless it is known already.
func (w *Worker) take(t *attempt) {
	replaced, ok := w.attempts.admit(t)
	if !ok {
		w.logger.Debug("an assignment was delivered again and ignored", keyTask, t.key.task, keyRetry, t.key.retry)
		t.drop(ErrReplaced)
		return
	}
	t.registration.assigned.Add(1)
	if t.action = w.lookup(t.wire, replaced); t.action != nil {
		t.claim = w.slots.take(t.action.slots) // here, so that slots go by arrival
	}
	if replaced != nil {
		replaced.drop(ErrReplaced)
	}
	go t.run()
}

// lookup finds what an assignment is to run: a durable attempt that goes on
// here goes on with the code it began with, everything else takes the newest.
func (w *Worker) lookup(in *contract.AssignedAction, replaced *attempt) *action {
	if in.GetDurableTaskInvocationCount() > 1 {
		if replaced != nil && replaced.key.retry == in.RetryCount && replaced.action != nil {
			return replaced.action
		}
		if pinned := w.pins.take(pinKey{in.TaskRunExternalId, in.RetryCount}); pinned != nil {
			return pinned
		}
	}
	if c := w.catalogue.Load(); c != nil {
		return c.find(strings.ToLower(in.ActionId))
	}
	return nil
}

// cancelAttempt ends the attempt that the engine means. An engine that names no
// invocation means whichever runs.
func (w *Worker) cancelAttempt(in *contract.AssignedAction) {
	t := w.attempts.find(in.TaskRunExternalId)
	if t == nil && w.cancelMember(in) {
		return
	}
	if t == nil || t.key.retry != in.RetryCount ||
		in.DurableTaskInvocationCount != nil && t.key.invocation != *in.DurableTaskInvocationCount {
		w.logger.Debug("a cancellation came for an attempt that is not here", keyTask, in.TaskRunExternalId, keyRetry, in.RetryCount)
		return
	}
	t.drop(ErrCancelled)
}
