package serve

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// SendStepActionEvent implements hatchet-protocol.md section 3.7.
func (d *dispatcher) SendStepActionEvent(ctx context.Context, req *contract.StepActionEvent) (*contract.ActionEventResponse, error) {
	err := d.report(ctx, req.EventType, attempt{
		id: req.TaskRunExternalId, retry: req.RetryCount, payload: req.EventPayload, final: req.GetShouldNotRetry(),
	})
	return &contract.ActionEventResponse{TenantId: d.options.TenantID, WorkerId: req.WorkerId}, err
}

// SendBatchActionEvent implements hatchet-protocol.md section 3.7.
func (d *dispatcher) SendBatchActionEvent(ctx context.Context, req *contract.BatchActionEvent) (*contract.ActionEventResponse, error) {
	answer := &contract.ActionEventResponse{TenantId: d.options.TenantID, WorkerId: req.WorkerId}
	kind, known := batchKinds[req.EventType]
	switch {
	case len(req.Items) == 0 || req.EventType == contract.StepActionEventType_STEP_EVENT_TYPE_ACKNOWLEDGED:
		return answer, nil
	case !known:
		return nil, invalid("event_type %s is not known", req.EventType)
	}
	cmd := core.BatchReport{Batch: req.GetBatchId(), Kind: kind}
	for _, item := range req.Items {
		if err := checkUUID("task_run_external_id", item.TaskRunExternalId); err != nil {
			return nil, err
		}
		cmd.Items = append(cmd.Items, core.BatchReportItem{
			Report:  core.Report{TaskID: item.TaskRunExternalId, RetryCount: item.RetryCount},
			Payload: item.EventPayload, ShouldNotRetry: item.GetShouldNotRetry(),
		})
	}
	if _, err := d.engine.Do(ctx, cmd); err != nil && !unknown(err) {
		return nil, err
	}
	return answer, nil // also if none of the tasks is known
}

var batchKinds = map[contract.StepActionEventType]core.BatchReportKind{
	contract.StepActionEventType_STEP_EVENT_TYPE_STARTED:   core.BatchStarted,
	contract.StepActionEventType_STEP_EVENT_TYPE_COMPLETED: core.BatchCompleted,
	contract.StepActionEventType_STEP_EVENT_TYPE_FAILED:    core.BatchFailed,
	contract.StepActionEventType_STEP_EVENT_TYPE_CANCELLED: core.BatchCancelled,
}

// attempt is what a worker reports of one attempt.
type attempt struct {
	id      string
	retry   *int32
	payload string
	final   bool // should not be retried
}

func (d *dispatcher) report(ctx context.Context, kind contract.StepActionEventType, a attempt) error {
	if err := checkUUID("task_run_external_id", a.id); err != nil {
		return err
	}
	about := core.Report{TaskID: a.id, RetryCount: a.retry}
	var cmd core.Command
	switch kind {
	case contract.StepActionEventType_STEP_EVENT_TYPE_STARTED:
		cmd = core.TaskStarted{Report: about}
	case contract.StepActionEventType_STEP_EVENT_TYPE_COMPLETED:
		cmd = core.TaskCompleted{Report: about, Output: a.payload}
	case contract.StepActionEventType_STEP_EVENT_TYPE_FAILED:
		cmd = core.TaskFailed{Report: about, Error: a.payload, ShouldNotRetry: a.final}
	case contract.StepActionEventType_STEP_EVENT_TYPE_CANCELLED:
		cmd = core.TaskCancelled{Report: about}
	case contract.StepActionEventType_STEP_EVENT_TYPE_ACKNOWLEDGED:
		return nil
	default:
		return invalid("event_type %s is not known", kind)
	}
	_, err := d.engine.Do(ctx, cmd)
	if unknown(err) {
		return status.Errorf(codes.InvalidArgument, "invalid task external run id %s: no such task", a.id)
	}
	return err
}

// unknown reports whether the core does not know what a command is about.
func unknown(err error) bool {
	var refusal *core.Error
	return errors.As(err, &refusal) && refusal.Code == core.NotFound
}

func checkUUID(field, text string) error {
	if len(text) != 36 || uuid.Validate(text) != nil {
		return invalid("%s %q is not a UUID", field, text)
	}
	return nil
}

func checkUUIDs(field string, texts []string) error {
	for _, text := range texts {
		if err := checkUUID(field, text); err != nil {
			return err
		}
	}
	return nil
}
