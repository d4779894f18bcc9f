package conformance

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
)

// An invocation of a durable task that is not the engine's current one, and no
// other, is ended by the engine, whether it asks for something or only waits
// (hatchet-protocol.md sections 8.1 and 8.2). No script brings that about: it takes a worker that comes
// back after its work was given to another.
func TestStaleInvocationsEmbedded(t *testing.T) { staleInvocations(t, embedded{}) }

func TestStaleInvocationsServer(t *testing.T) {
	if os.Getenv("HATCHET_CLIENT_TOKEN") == "" {
		t.Skip("HATCHET_CLIENT_TOKEN is not set")
	}
	staleInvocations(t, server{})
}

func staleInvocations(t *testing.T, on target) {
	a := newAsker(t, on)
	ctx, cancel := context.WithTimeout(authorized(context.Background(), a.token), patience)
	defer cancel()
	worker, action := a.assigned(ctx, t)
	task, current := action.TaskRunExternalId, action.GetDurableTaskInvocationCount()
	stream, err := v1.NewV1DispatcherClient(a.conn).DurableTask(ctx)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(in *v1.DurableTaskRequest) *v1.DurableTaskResponse {
		t.Helper()
		if err := stream.Send(in); err != nil {
			t.Fatal(err)
		}
		out, err := stream.Recv()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	ask(&v1.DurableTaskRequest{Message: &v1.DurableTaskRequest_RegisterWorker{
		RegisterWorker: &v1.DurableTaskRequestRegisterWorker{WorkerId: worker}}})
	memo := func(invocation int32) *v1.DurableTaskRequest {
		return &v1.DurableTaskRequest{Message: &v1.DurableTaskRequest_Memo{Memo: &v1.DurableTaskMemoRequest{
			InvocationCount: invocation, DurableTaskExternalId: task, Key: []byte("k")}}}
	}
	if ack := ask(memo(current)).GetMemoAck(); ack.GetRef().GetNodeId() != 1 {
		t.Errorf("the current invocation got %v", ack)
	}
	waiting := &v1.DurableTaskAwaitedCompletedEntry{DurableTaskExternalId: task, InvocationCount: current - 1, BranchId: 1, NodeId: 1}
	for what, in := range map[string]*v1.DurableTaskRequest{
		"that asks": memo(current - 1),
		"that waits": {Message: &v1.DurableTaskRequest_WorkerStatus{WorkerStatus: &v1.DurableTaskWorkerStatusRequest{
			WorkerId: worker, WaitingEntries: []*v1.DurableTaskAwaitedCompletedEntry{waiting}}}},
	} {
		evict := ask(in).GetServerEvict()
		if evict.GetDurableTaskExternalId() != task || evict.GetInvocationCount() != current-1 ||
			!strings.Contains(evict.GetReason(), "server has 1, worker sent 0") {
			t.Errorf("an older invocation %s got %v", what, evict)
		}
	}
	// The current one is still that after its end: its worker hears of a
	// cancellation on another stream, maybe later.
	if _, err := v1.NewAdminServiceClient(a.conn).CancelTasks(ctx, &v1.CancelTasksRequest{ExternalIds: []string{task}}); err != nil {
		t.Fatal(err)
	}
	if ack := ask(memo(current)).GetMemoAck(); ack.GetRef().GetNodeId() != 2 {
		t.Errorf("the current invocation, cancelled, got %v", ack)
	}
}

// assigned makes a worker of its own that gets one durable run.
func (a *asker) assigned(ctx context.Context, t *testing.T) (workerID string, action *contract.AssignedAction) {
	t.Helper()
	name := a.fill("$NAME-durable")
	definition := &v1.CreateWorkflowVersionRequest{Name: name, Tasks: []*v1.CreateTaskOpts{{
		ReadableId: "t", Action: name + ":t", IsDurable: true, SlotRequests: map[string]int32{"durable": 1}}}}
	made, err := v1.NewAdminServiceClient(a.conn).PutWorkflow(ctx, definition)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.request(t, row{method: "DELETE", path: "/api/v1/workflows/" + made.WorkflowId}, a.token) })
	dispatcher := contract.NewDispatcherClient(a.conn)
	worker, err := dispatcher.Register(ctx, &contract.WorkerRegisterRequest{
		WorkerName: name, Actions: []string{name + ":t"}, SlotConfig: map[string]int32{"durable": 1}})
	if err != nil {
		t.Fatal(err)
	}
	stream, err := dispatcher.ListenV2(ctx, &contract.WorkerListenRequest{WorkerId: worker.WorkerId})
	if err != nil {
		t.Fatal(err)
	}
	for ; ; time.Sleep(20 * time.Millisecond) { // the engine has to have the stream before it takes a heartbeat
		if _, err = dispatcher.Heartbeat(ctx, &contract.HeartbeatRequest{WorkerId: worker.WorkerId}); err == nil {
			break
		}
		if ctx.Err() != nil {
			t.Fatal(err)
		}
	}
	if _, err := contract.NewWorkflowServiceClient(a.conn).TriggerWorkflow(ctx, &v1.TriggerWorkflowRequest{Name: name, Input: "{}"}); err != nil {
		t.Fatal(err)
	}
	if action, err = stream.Recv(); err != nil {
		t.Fatal(err)
	}
	return worker.WorkerId, action
}
