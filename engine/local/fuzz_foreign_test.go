package local_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/dynamicpb"
)

// checkState holds the state to what must always be so.
func (x *fuzzer) checkState(after string) {
	x.t.Helper()
	var broken error
	if err := x.engine.View(x.ctx, func(c *core.Core) { broken = c.Check() }); err != nil {
		x.t.Fatalf("after %s: %v", after, err)
	}
	if broken != nil {
		x.t.Fatalf("after %s: %v", after, broken)
	}
}

// foreign is a worker that comes, takes what it gets, and dies, lies about it or
// answers twice.
func (x *fuzzer) foreign() {
	reply, err := x.dispatcher.Register(x.ctx, &contract.WorkerRegisterRequest{
		WorkerName: "foreign", Actions: []string{"bulk:many", "job:work", "chain:a", "chain:b"},
		SlotConfig: map[string]int32{"default": int32(1 + x.rand.IntN(3))},
	})
	if err != nil {
		x.t.Fatal(err)
	}
	ctx, die := context.WithTimeout(x.ctx, 300*time.Millisecond) // others may have got everything
	defer die()
	stream, err := x.dispatcher.ListenV2(ctx, &contract.WorkerListenRequest{WorkerId: reply.WorkerId})
	if err != nil {
		x.t.Fatal(err)
	}
	x.until("a foreign worker is heard", func() bool {
		_, err := x.dispatcher.Heartbeat(x.ctx, &contract.HeartbeatRequest{WorkerId: reply.WorkerId})
		return err == nil
	})
	for range 1 + x.rand.IntN(3) {
		x.ids = append(x.ids, x.trigger([]string{"bulk", "job", "chain"}[x.rand.IntN(3)], `{"a":1}`))
	}
	action, err := stream.Recv() // a batch is full, or its interval passes
	if err != nil {
		return
	}
	for range x.rand.IntN(4) {
		x.reportOn(action)
		x.checkState("a report about " + action.ActionId)
	}
	if x.rand.IntN(2) == 0 {
		_, err := x.dispatcher.Unsubscribe(x.ctx, &contract.WorkerUnsubscribeRequest{WorkerId: reply.WorkerId})
		x.judge("Unsubscribe", nil, err)
	}
}

func (x *fuzzer) until(what string, condition func() bool) { x.eventually(what, condition) }

// reportOn says something about an assignment, true or not.
func (x *fuzzer) reportOn(action *contract.AssignedAction) {
	ids := []string{action.TaskRunExternalId}
	var members map[string]json.RawMessage
	if action.ActionType == contract.ActionType_START_BATCH {
		if err := json.Unmarshal([]byte(action.ActionPayload), &members); err != nil || len(members) == 0 {
			x.t.Fatalf("batch %s: %v", action.ActionPayload, err)
		}
		ids = ids[:0]
		for id := range members {
			ids = append(ids, id)
		}
		slices.Sort(ids)
	}
	if x.rand.IntN(5) == 0 {
		ids = append(ids, x.oneOf(x.ids))
	}
	kind := contract.StepActionEventType(x.rand.IntN(7))
	payload := x.oneOf([]string{`{"a":1}`, "null", "", "{", `"\u0000"`, "[]"})
	if x.rand.IntN(2) == 0 {
		event := &contract.BatchActionEvent{EventType: kind, BatchId: action.BatchId}
		if x.rand.IntN(4) == 0 {
			event.BatchId = proto.String(uuid.NewString())
		}
		for _, id := range ids {
			event.Items = append(event.Items, &contract.BatchActionEventItem{TaskRunExternalId: id, EventPayload: payload})
		}
		_, err := x.dispatcher.SendBatchActionEvent(x.ctx, event)
		x.judge("SendBatchActionEvent", event, err)
		return
	}
	retry := int32(x.rand.IntN(2))
	event := &contract.StepActionEvent{EventType: kind, TaskRunExternalId: ids[x.rand.IntN(len(ids))], EventPayload: payload, RetryCount: &retry}
	_, err := x.dispatcher.SendStepActionEvent(x.ctx, event)
	x.judge("SendStepActionEvent", event, err)
}

// stranger calls with a token that is none, or that is of another tenant: it is
// told nothing, whatever it asks.
func (x *fuzzer) stranger() {
	tokens := []string{"", "x", "a.b.c", strings.Replace(x.engine.Token(), ".", ".x", 1), otherTenant}
	conn, err := grpc.NewClient(x.engine.Addr(), grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithPerRPCCredentials(bearer(x.oneOf(tokens))))
	if err != nil {
		x.t.Fatal(err)
	}
	defer conn.Close()
	m := x.calls[x.rand.IntN(len(x.calls))]
	in, out := dynamicpb.NewMessage(m.Input()), dynamicpb.NewMessage(m.Output())
	x.fill(in, 0)
	ctx, cancel := context.WithTimeout(x.ctx, patience)
	defer cancel()
	err = conn.Invoke(ctx, "/"+string(m.Parent().FullName())+"/"+string(m.Name()), in, out)
	if status.Code(err) != codes.Unauthenticated && !strings.Contains(err.Error(), "UTF-8") {
		x.t.Errorf("%s with a foreign token: %v", m.FullName(), err)
	}
}

// otherTenant is a token, as they are signed nowhere, for a tenant that this
// engine does not serve: its subject is another UUID.
const otherTenant = "eyJhbGciOiJub25lIn0.eyJzdWIiOiIwMDAwMDAwMC0wMDAwLTQwMDAtODAwMC0wMDAwMDAwMDAwMDAifQ."

// oversized sends more than a message may hold.
func (x *fuzzer) oversized() {
	ctx, cancel := context.WithTimeout(x.ctx, patience)
	defer cancel()
	_, err := x.workflows.TriggerWorkflow(ctx, &v1.TriggerWorkflowRequest{Name: "job", Input: `{"a":"` + strings.Repeat("x", 5<<20) + `"}`})
	if code := status.Code(err); code != codes.ResourceExhausted {
		x.t.Errorf("an input of 5 MiB: %v", err)
	}
}

// bulk is a workflow of a batch task.
func bulk() *v1.CreateWorkflowVersionRequest {
	interval := int32((20 * time.Millisecond).Milliseconds())
	return &v1.CreateWorkflowVersionRequest{Name: "bulk", Tasks: []*v1.CreateTaskOpts{{
		ReadableId: "many", Action: "bulk:many", Timeout: "60s", Inputs: "{}",
		Batch: &v1.TaskBatchConfig{BatchMaxSize: 2, BatchMaxIntervalMs: &interval},
	}}}
}
