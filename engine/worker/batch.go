package worker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker/internal/reconnect"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// Batch is the runs that one call of a batch task's handler serves
// (hatchet-protocol.md section 4.2).
type Batch struct {
	ID      string
	Key     string // group key; "" = none
	Reason  string // why the engine began it, in words
	BegunAt time.Time
	Members []BatchMember // in the order of the engine's message

	mu   sync.Mutex
	gone map[string]bool // members that are not ours to report any more
}

// BatchMember is one run of a batch.
type BatchMember struct {
	TaskRunID     string
	WorkflowRunID string
	Payload       []byte // JSON object of hatchet-protocol.md section 4.1
}

// MemberErrors is what the Runner of a batch task returns, beside the outputs,
// when only some runs of the batch failed: their errors by task run id.
type MemberErrors map[string]error

func (e MemberErrors) Error() string {
	return fmt.Sprintf("%d runs of the batch failed", len(e))
}

// readBatch reads a START_BATCH action.
func readBatch(in *contract.AssignedAction) (*Batch, error) {
	b := &Batch{ID: in.GetBatchId(), Key: in.GetBatchKey(), Reason: in.GetBatchStartPayload().GetTriggerReason(), gone: map[string]bool{}}
	if at := in.GetBatchStartPayload().GetTriggerTime(); at != nil {
		b.BegunAt = at.AsTime()
	}
	err := eachMember([]byte(in.ActionPayload), func(id string, text json.RawMessage) error {
		var member struct {
			WorkflowRunID string          `json:"workflow_run_id"`
			Payload       json.RawMessage `json:"payload"`
		}
		if err := json.Unmarshal(text, &member); err != nil {
			return err
		}
		b.Members = append(b.Members, BatchMember{TaskRunID: id, WorkflowRunID: member.WorkflowRunID, Payload: member.Payload})
		return nil
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("read a batch: %w", err)
	case len(b.Members) == 0:
		return nil, errors.New("read a batch: it has no members")
	case b.ID == "":
		b.ID = b.Members[0].TaskRunID
	}
	return b, nil
}

// eachMember walks over a JSON object in its order.
func eachMember(object []byte, use func(key string, text json.RawMessage) error) error {
	d := json.NewDecoder(bytes.NewReader(object))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return errors.Join(errors.New("it is no JSON object"), err)
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		var text json.RawMessage
		if err := d.Decode(&text); err != nil {
			return err
		}
		if err := use(key.(string), text); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}

// drop notes that a member is not ours to report; found is whether it was, left
// how many still are.
func (b *Batch) drop(id string) (found bool, left int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range b.Members {
		switch member := b.Members[i].TaskRunID; {
		case b.gone[member]:
		case member == id:
			found = true
			b.gone[id] = true
		default:
			left++
		}
	}
	return found, left
}

// open are the members that are ours to report, in order.
func (b *Batch) open() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var ids []string
	for i := range b.Members {
		if id := b.Members[i].TaskRunID; !b.gone[id] {
			ids = append(ids, id)
		}
	}
	return ids
}

// startBatch takes a batch up as one attempt.
func (w *Worker) startBatch(r *registration, in *contract.AssignedAction) {
	batch, err := readBatch(in)
	if err != nil {
		w.logger.Error("a batch cannot be read and is ignored", keyAction, in.ActionId, keyError, err)
		return
	}
	t := newAttempt(w, r, in)
	t.Batch, t.key = batch, attemptKey{task: batch.ID}
	w.take(t)
}

// cancelMember takes a member out of the batch that it is in, if that is here;
// with the last one the attempt ends.
func (w *Worker) cancelMember(in *contract.AssignedAction) bool {
	for _, t := range w.attempts.all() {
		if t.Batch == nil {
			continue
		}
		found, left := t.Batch.drop(in.TaskRunExternalId)
		if found && left == 0 {
			t.drop(ErrCancelled)
		}
		if found {
			return true
		}
	}
	return false
}

// batchEvent is a report about members of the batch without its items.
func (t *attempt) batchEvent(kind contract.StepActionEventType) *contract.BatchActionEvent {
	return &contract.BatchActionEvent{
		WorkerId: t.registration.workerID(), JobId: t.wire.JobId, ActionId: t.wire.ActionId, BatchId: t.wire.BatchId,
		EventTimestamp: timestamppb.New(t.worker.clock.Now()), EventType: kind,
	}
}

// sayOfAll reports the same of all members that are ours.
func (t *attempt) sayOfAll(ctx context.Context, kind contract.StepActionEventType, payload string) error {
	var items []*contract.BatchActionEventItem
	for _, id := range t.Batch.open() {
		items = append(items, &contract.BatchActionEventItem{TaskRunExternalId: id, EventPayload: payload})
	}
	for len(items) > 0 {
		n := fitting(items)
		event := t.batchEvent(kind)
		event.Items, items = items[:n], items[n:]
		if err := t.sendBatch(ctx, event); err != nil {
			return err
		}
	}
	return nil
}

// eachTask calls the engine about every task run that the attempt is for. Those
// members of a batch that have just ended there do not matter.
func (t *attempt) eachTask(call func(taskRunID string) error) error {
	if t.Batch == nil {
		return call(t.TaskRunID)
	}
	for _, id := range t.Batch.open() {
		if err := call(id); err != nil && reconnect.Code(err) != codes.NotFound {
			return err
		}
	}
	return nil
}

// logTask is the task run whose log the attempt writes: of a batch the first.
func (t *attempt) logTask() string {
	if t.Batch != nil {
		return t.Batch.Members[0].TaskRunID
	}
	return t.TaskRunID
}

// retry is the retry count for the wire; nil for a batch, whose members each
// have their own, which only the engine knows.
func (t *attempt) retry() *int32 {
	if t.Batch != nil {
		return nil
	}
	n := t.wire.RetryCount
	return &n
}
