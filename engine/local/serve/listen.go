package serve

import (
	"errors"
	"io"

	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// Listen implements hatchet-protocol.md section 3.4: the engine heartbeats for
// the worker.
func (d *dispatcher) Listen(req *contract.WorkerListenRequest, stream grpc.ServerStreamingServer[contract.AssignedAction]) error {
	return d.listen(core.WorkerConnected{WorkerID: req.WorkerId, Beats: true}, stream)
}

// ListenV2 implements hatchet-protocol.md section 3.4.
func (d *dispatcher) ListenV2(req *contract.WorkerListenRequest, stream grpc.ServerStreamingServer[contract.AssignedAction]) error {
	return d.listen(core.WorkerConnected{WorkerID: req.WorkerId}, stream)
}

func (d *dispatcher) listen(cmd core.WorkerConnected, stream grpc.ServerStreamingServer[contract.AssignedAction]) error {
	if err := checkUUID("worker_id", cmd.WorkerID); err != nil {
		return err
	}
	actions, err := d.engine.Actions(stream.Context(), cmd)
	if err != nil {
		return err
	}
	for {
		effect, err := actions.Next(stream.Context())
		if err != nil {
			actions.Close()
			return orderly(err)
		}
		if err := stream.Send(d.action(effect)); err != nil {
			actions.Close(effect)
			return err
		}
	}
}

// orderly is nil for the orderly end of a stream.
func orderly(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// action is the wire form of an assignment or a cancellation
// (hatchet-protocol.md section 3.6).
func (d *dispatcher) action(effect core.Effect) *contract.AssignedAction {
	switch e := effect.(type) {
	case core.Assign:
		return d.assigned(&e.Action, contract.ActionType_START_STEP_RUN)
	case core.AssignBatch:
		return d.batch(&e)
	case core.CancelAction:
		return d.assigned(&e.Action, contract.ActionType_CANCEL_STEP_RUN)
	}
	return nil
}

// batch is the wire form of a batch (hatchet-protocol.md section 4.2).
func (d *dispatcher) batch(e *core.AssignBatch) *contract.AssignedAction {
	action := d.assigned(&e.Action, contract.ActionType_START_BATCH)
	action.BatchStartPayload = &contract.BatchStartPayload{
		TriggerReason: e.Reason, TriggerTime: timestamppb.New(e.At), ExpectedSize: int32(len(e.Members)),
	}
	action.BatchSize, action.BatchIndex = nil, nil
	return action
}

func (d *dispatcher) assigned(a *core.AssignedAction, kind contract.ActionType) *contract.AssignedAction {
	action := &contract.AssignedAction{
		TenantId:                   d.options.TenantID,
		WorkflowRunId:              a.RunID,
		JobId:                      a.StepID,
		JobName:                    a.TaskName,
		JobRunId:                   a.TaskID,
		TaskId:                     a.StepID,
		TaskRunExternalId:          a.TaskID,
		ActionId:                   a.ActionID,
		ActionType:                 kind,
		ActionPayload:              string(a.Payload),
		TaskName:                   a.TaskName,
		RetryCount:                 a.RetryCount,
		AdditionalMetadata:         optional(string(a.Metadata)),
		ChildWorkflowIndex:         a.ChildIndex,
		ChildWorkflowKey:           a.ChildKey,
		ParentWorkflowRunId:        optional(a.ParentRunID),
		Priority:                   a.Priority,
		WorkflowId:                 &a.WorkflowID,
		WorkflowVersionId:          &a.WorkflowVersionID,
		DurableTaskInvocationCount: a.InvocationCount,
		TriggeringEventExternalId:  optional(a.EventID),
		TriggeringEventKey:         optional(a.EventKey),
	}
	if b := a.Batch; b != nil {
		action.BatchId, action.BatchSize, action.BatchIndex, action.BatchKey = &b.ID, &b.Size, &b.Index, optional(b.Key)
	}
	return action
}

// optional is a pointer to text, or nil for none.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
