package serve

import (
	"context"

	"github.com/google/uuid"
	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// durable is the service v1.V1Dispatcher.
type durable struct {
	v1.UnimplementedV1DispatcherServer
	*Faces
}

type durableStream = grpc.BidiStreamingServer[v1.DurableTaskRequest, v1.DurableTaskResponse]

// DurableTask implements hatchet-protocol.md section 8.2. The first message
// must be register_worker, since everything else is answered on the stream of
// a worker.
func (d *durable) DurableTask(stream durableStream) error {
	first, err := stream.Recv()
	if err != nil {
		return orderly(err)
	}
	register := first.GetRegisterWorker()
	if register == nil {
		return status.Error(codes.FailedPrecondition, "the first message of a DurableTask stream must be register_worker")
	}
	session := uuid.NewString()
	replies, err := d.engine.Durable(stream.Context(), core.DurableConnected{SessionID: session, WorkerID: register.WorkerId})
	if err != nil {
		return err
	}
	defer replies.Close()
	ctx := receiving(stream.Context(), d.Faces, stream.Recv, func(ctx context.Context, req *v1.DurableTaskRequest) error {
		return d.request(ctx, session, req)
	})
	for {
		message, err := replies.Next(ctx)
		if err != nil {
			return hungUp(err)
		}
		if err := stream.Send(durableResponse(message)); err != nil {
			return err
		}
	}
}

// request hands one message of the worker to the engine. What the engine
// refuses it refuses on the stream; an error here ends the stream.
func (d *durable) request(ctx context.Context, session string, req *v1.DurableTaskRequest) error {
	cmd, err := durableCommand(session, req)
	if err != nil {
		return err
	}
	_, err = d.engine.Do(ctx, cmd)
	return err
}

func durableCommand(session string, req *v1.DurableTaskRequest) (core.Command, error) {
	switch m := req.Message.(type) {
	case *v1.DurableTaskRequest_RegisterWorker:
		return core.DurableConnected{SessionID: session, WorkerID: m.RegisterWorker.WorkerId}, nil
	case *v1.DurableTaskRequest_Memo:
		return core.DurableMemo{
			SessionID: session, TaskID: m.Memo.DurableTaskExternalId, Invocation: m.Memo.InvocationCount,
			Key: m.Memo.Key, Payload: m.Memo.Payload,
		}, nil
	case *v1.DurableTaskRequest_CompleteMemo:
		return core.DurableCompleteMemo{
			SessionID: session, Ref: entryRef(m.CompleteMemo.Ref), Key: m.CompleteMemo.MemoKey, Payload: m.CompleteMemo.Payload,
		}, nil
	case *v1.DurableTaskRequest_TriggerRuns:
		return core.DurableTriggerRuns{
			SessionID: session, TaskID: m.TriggerRuns.DurableTaskExternalId, Invocation: m.TriggerRuns.InvocationCount,
			Items: triggerItems(m.TriggerRuns.TriggerOpts),
		}, nil
	case *v1.DurableTaskRequest_WaitFor:
		return core.DurableWaitFor{
			SessionID: session, TaskID: m.WaitFor.DurableTaskExternalId, Invocation: m.WaitFor.InvocationCount,
			Conditions: waitConditions(m.WaitFor.WaitForConditions), Label: m.WaitFor.GetLabel(),
		}, nil
	case *v1.DurableTaskRequest_EvictInvocation:
		return core.DurableEvict{
			SessionID: session, TaskID: m.EvictInvocation.DurableTaskExternalId,
			Invocation: m.EvictInvocation.InvocationCount, Reason: m.EvictInvocation.GetReason(),
		}, nil
	case *v1.DurableTaskRequest_WorkerStatus:
		return core.DurableWorkerStatus{
			SessionID: session, WorkerID: m.WorkerStatus.WorkerId, Waiting: waitingEntries(m.WorkerStatus.WaitingEntries),
		}, nil
	}
	return nil, status.Errorf(codes.InvalidArgument, "unknown message type: %T", req.Message)
}

func entryRef(ref *v1.DurableEventLogEntryRef) core.EntryRef {
	return core.EntryRef{
		TaskID: ref.GetDurableTaskExternalId(), Invocation: ref.GetInvocationCount(),
		BranchID: ref.GetBranchId(), NodeID: ref.GetNodeId(),
	}
}

func waitingEntries(entries []*v1.DurableTaskAwaitedCompletedEntry) []core.EntryRef {
	var out []core.EntryRef
	for _, e := range entries {
		out = append(out, core.EntryRef{
			TaskID: e.DurableTaskExternalId, Invocation: e.InvocationCount, BranchID: e.BranchId, NodeID: e.NodeId,
		})
	}
	return out
}

func waitConditions(in *v1.DurableEventListenerConditions) []core.Condition {
	var out []core.Condition
	for _, c := range in.GetSleepConditions() {
		out = append(out, sleepCondition(c))
	}
	for _, c := range in.GetUserEventConditions() {
		condition := eventCondition(c)
		condition.Scope = c.GetEventScope()
		if c.ConsiderEventsSince != nil {
			since := c.ConsiderEventsSince.AsTime()
			condition.Since = &since
		}
		out = append(out, condition)
	}
	return out
}

// durableResponse is the wire form of a message to a worker.
func durableResponse(message core.DurableMessage) *v1.DurableTaskResponse {
	switch m := message.(type) {
	case core.DurableRegistered:
		return &v1.DurableTaskResponse{Message: &v1.DurableTaskResponse_RegisterWorker{
			RegisterWorker: &v1.DurableTaskResponseRegisterWorker{WorkerId: m.WorkerID}}}
	case core.DurableMemoAck:
		return &v1.DurableTaskResponse{Message: &v1.DurableTaskResponse_MemoAck{
			MemoAck: &v1.DurableTaskEventMemoAckResponse{Ref: wireRef(m.Ref), MemoAlreadyExisted: m.Existed, MemoResultPayload: m.Payload}}}
	case core.DurableTriggerRunsAck:
		return &v1.DurableTaskResponse{Message: &v1.DurableTaskResponse_TriggerRunsAck{TriggerRunsAck: triggerRunsAck(m)}}
	case core.DurableWaitForAck:
		return &v1.DurableTaskResponse{Message: &v1.DurableTaskResponse_WaitForAck{
			WaitForAck: &v1.DurableTaskEventWaitForAckResponse{Ref: wireRef(m.Ref)}}}
	case core.DurableEntryCompleted:
		return &v1.DurableTaskResponse{Message: &v1.DurableTaskResponse_EntryCompleted{EntryCompleted: entryCompleted(m)}}
	case core.DurableError:
		return &v1.DurableTaskResponse{Message: &v1.DurableTaskResponse_Error{Error: durableError(m)}}
	case core.DurableEvictionAck:
		return &v1.DurableTaskResponse{Message: &v1.DurableTaskResponse_EvictionAck{
			EvictionAck: &v1.DurableTaskEvictionAckResponse{InvocationCount: m.Invocation, DurableTaskExternalId: m.TaskID}}}
	case core.DurableServerEvict:
		return &v1.DurableTaskResponse{Message: &v1.DurableTaskResponse_ServerEvict{
			ServerEvict: &v1.DurableTaskServerEvictNotice{DurableTaskExternalId: m.TaskID, InvocationCount: m.Invocation, Reason: m.Reason}}}
	}
	return &v1.DurableTaskResponse{}
}

func wireRef(ref core.EntryRef) *v1.DurableEventLogEntryRef {
	return &v1.DurableEventLogEntryRef{
		DurableTaskExternalId: ref.TaskID, InvocationCount: ref.Invocation, BranchId: ref.BranchID, NodeId: ref.NodeID,
	}
}

func triggerRunsAck(m core.DurableTriggerRunsAck) *v1.DurableTaskEventTriggerRunsAckResponse {
	ack := &v1.DurableTaskEventTriggerRunsAckResponse{DurableTaskExternalId: m.TaskID, InvocationCount: m.Invocation}
	for _, e := range m.Entries {
		ack.RunEntries = append(ack.RunEntries,
			&v1.DurableTaskRunAckEntry{NodeId: e.NodeID, BranchId: e.BranchID, WorkflowRunExternalId: e.RunID})
	}
	return ack
}

func entryCompleted(m core.DurableEntryCompleted) *v1.DurableTaskEventLogEntryCompletedResponse {
	completed := &v1.DurableTaskEventLogEntryCompletedResponse{Ref: wireRef(m.Ref), Payload: m.Payload, IsFailure: m.Failed}
	if m.Failed {
		completed.ErrorMessage = &m.ErrorMessage
	}
	return completed
}

func durableError(m core.DurableError) *v1.DurableTaskErrorResponse {
	kind := v1.DurableTaskErrorType_DURABLE_TASK_ERROR_TYPE_UNSPECIFIED
	if m.NonDeterminism {
		kind = v1.DurableTaskErrorType_DURABLE_TASK_ERROR_TYPE_NONDETERMINISM
	}
	return &v1.DurableTaskErrorResponse{Ref: wireRef(m.Ref), ErrorType: kind, ErrorMessage: m.Message}
}
