package worker

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
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
		w.refuseBatch(r, in)
	default:
		w.logger.Warn("an action of the engine is not supported and ignored",
			keyAction, in.ActionId, keyKind, in.ActionType.String())
	}
}

func (w *Worker) start(r *registration, in *contract.AssignedAction) {
	t := newAttempt(w, r, in)
	replaced, ok := w.attempts.admit(t)
	if !ok {
		w.logger.Debug("an assignment was delivered again and ignored", keyTask, t.key.task, keyRetry, t.key.retry)
		t.drop(ErrReplaced)
		return
	}
	r.assigned.Add(1)
	if t.action = w.lookup(in, replaced); t.action != nil {
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
	if t == nil || t.key.retry != in.RetryCount ||
		in.DurableTaskInvocationCount != nil && t.key.invocation != *in.DurableTaskInvocationCount {
		w.logger.Debug("a cancellation came for an attempt that is not here", keyTask, in.TaskRunExternalId, keyRetry, in.RetryCount)
		return
	}
	t.drop(ErrCancelled)
}

// refuseBatch fails every member of a batch, which this worker never registers
// tasks for (hatchet-protocol.md section 4.2).
func (w *Worker) refuseBatch(r *registration, in *contract.AssignedAction) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(in.ActionPayload), &members); err != nil {
		w.logger.Error("a batch cannot be read and is ignored", keyAction, in.ActionId, keyError, err)
		return
	}
	message := failurePayload(fmt.Sprintf("batch tasks are not supported: %s", in.ActionId), "")
	event := &contract.BatchActionEvent{
		WorkerId: r.workerID(), JobId: in.JobId, ActionId: in.ActionId, BatchId: in.BatchId,
		EventTimestamp: timestamppb.New(w.clock.Now()),
		EventType:      contract.StepActionEventType_STEP_EVENT_TYPE_FAILED,
	}
	for id := range members {
		event.Items = append(event.Items, &contract.BatchActionEventItem{
			TaskRunExternalId: id, EventPayload: message, ShouldNotRetry: proto.Bool(true)})
	}
	w.background.Go(func() {
		err := w.persist(w.life, "report a batch", endless, func(ctx context.Context) error {
			_, err := w.rpc.dispatcher.SendBatchActionEvent(ctx, event)
			return err
		})
		if err != nil && w.life.Err() == nil {
			w.logger.Error("a batch could not be reported", keyAction, in.ActionId, keyError, err)
		}
	})
}
