package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker/internal/reconnect"
)

const (
	completedEvent = contract.StepActionEventType_STEP_EVENT_TYPE_COMPLETED
	failedEvent    = contract.StepActionEventType_STEP_EVENT_TYPE_FAILED

	// itemOverhead is more than what an item weighs beside its payload.
	itemOverhead = 64
)

// reportBatch tells the engine how each member ended: first those that
// completed, then those that failed (hatchet-protocol.md section 3.7). It
// reports false when the attempt's life ended before that.
func (t *attempt) reportBatch(f Finish) bool {
	completed, failed := t.outcomes(f)
	return t.deliverItems(completedEvent, completed) && t.deliverItems(failedEvent, failed)
}

// outcomes sorts the members by how they ended. Those that the engine took away
// meanwhile are left out.
func (t *attempt) outcomes(f Finish) (completed, failed []*contract.BatchActionEventItem) {
	outputs, whole := map[string]json.RawMessage{}, f.Err
	var each MemberErrors
	errors.As(f.Err, &each)
	if whole == nil || each != nil {
		whole = nil
		err := eachMember(orEmpty(f.Output), func(id string, text json.RawMessage) error {
			outputs[id] = text
			return nil
		})
		if err != nil {
			whole = fmt.Errorf("the outputs of the batch cannot be read: %w", err)
		}
	}
	for _, id := range t.Batch.open() {
		output, has := outputs[id]
		switch err := each[id]; {
		case whole != nil:
			failed = append(failed, t.failedItem(id, whole, f.Outcome == OutcomeFailed))
		case err != nil:
			failed = append(failed, t.failedItem(id, err, true))
		case !has:
			failed = append(failed, t.failedItem(id, errors.New("the batch has no output for this run"), true))
		case len(output) > MaxOutput:
			failed = append(failed, t.failedItem(id, outputTooLarge(len(output)), true))
		default:
			completed = append(completed, &contract.BatchActionEventItem{
				TaskRunExternalId: id, EventPayload: strings.ToValidUTF8(string(output), "\uFFFD"),
			})
		}
	}
	return completed, failed
}

func orEmpty(output []byte) []byte {
	if len(output) == 0 {
		return []byte("{}")
	}
	return output
}

func (t *attempt) failedItem(id string, err error, handler bool) *contract.BatchActionEventItem {
	event := t.failed(err, handler)
	return &contract.BatchActionEventItem{TaskRunExternalId: id, EventPayload: event.EventPayload, ShouldNotRetry: event.ShouldNotRetry}
}

// deliverItems sends as many reports as the items need, each as large as a
// message may be.
func (t *attempt) deliverItems(kind contract.StepActionEventType, items []*contract.BatchActionEventItem) bool {
	for len(items) > 0 {
		n := fitting(items)
		if !t.deliverSome(kind, items[:n]) {
			return false
		}
		items = items[n:]
	}
	return true
}

// fitting is how many of the first items fit one message, at least 1.
func fitting(items []*contract.BatchActionEventItem) int {
	size := 0
	for i, item := range items {
		if size += len(item.EventPayload) + itemOverhead; size > MaxOutput && i > 0 {
			return i
		}
	}
	return len(items)
}

// deliverSome sends one report. If the engine finds it too large it is sent in
// halves, and a single output as a failure.
func (t *attempt) deliverSome(kind contract.StepActionEventType, items []*contract.BatchActionEventItem) bool {
	event := t.batchEvent(kind)
	event.Items = items
	err, ok := t.insist(func(ctx context.Context) error { return t.sendBatch(ctx, event) })
	switch {
	case !ok:
		return false
	case err == nil:
		return true
	case reconnect.TooLarge(err) && len(items) > 1:
		half := len(items) / 2
		return t.deliverSome(kind, items[:half]) && t.deliverSome(kind, items[half:])
	case reconnect.TooLarge(err) && kind == completedEvent:
		item := t.failedItem(items[0].TaskRunExternalId, outputTooLarge(len(items[0].EventPayload)), true)
		return t.deliverSome(failedEvent, []*contract.BatchActionEventItem{item})
	}
	t.worker.logger.Warn("the engine does not take the results of a batch; they are given up",
		keyAction, t.ActionID, "members", len(items), keyError, reconnect.Reason(err))
	return true
}

func (t *attempt) sendBatch(ctx context.Context, event *contract.BatchActionEvent) error {
	_, err := t.worker.rpc.dispatcher.SendBatchActionEvent(ctx, event)
	return err
}

// cancelBatch has the engine cancel all members (hatchet-protocol.md section
// 3.7).
func (t *attempt) cancelBatch(ctx context.Context) error {
	return t.sayOfAll(ctx, contract.StepActionEventType_STEP_EVENT_TYPE_CANCELLED, "")
}

// misplaced is an error if the engine's idea of whether the task is a batch
// task is not that of the code here.
func (t *attempt) misplaced() error {
	switch {
	case t.Batch != nil && t.action.task.Batch == nil:
		return &TaskError{Message: fmt.Sprintf("task %s is no batch task here, and was assigned as one", t.ActionID)}
	case t.Batch == nil && t.action.task.Batch != nil:
		return &TaskError{Message: fmt.Sprintf("task %s is a batch task here, and was assigned by itself", t.ActionID)}
	}
	return nil
}
