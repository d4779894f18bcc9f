package worker_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker/internal/fakeengine"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

const cancelled = contract.StepActionEventType_STEP_EVENT_TYPE_CANCELLED

func inBatches(t *workflow.Task) { t.Batch = &workflow.Batch{MaxSize: 10} }

// batchOf is an assignment of a batch of n runs of a task named like its
// workflow, and their ids.
func batchOf(name string, n int) (*contract.AssignedAction, []string) {
	action := fakeengine.Action(name, name)
	action.ActionType, action.TaskRunExternalId, action.WorkflowRunId = contract.ActionType_START_BATCH, "", ""
	action.BatchId, action.BatchKey = proto.String(uuid.NewString()), proto.String("k")
	action.BatchStartPayload = &contract.BatchStartPayload{TriggerReason: "batch size threshold 2 reached", ExpectedSize: int32(n)}
	var ids, members []string
	for i := range n {
		id := uuid.NewString()
		ids = append(ids, id)
		members = append(members, fmt.Sprintf(`%q:{"workflow_run_id":"run-%d","payload":{"input":{"n":%d}}}`, id, i, i))
	}
	action.ActionPayload = "{" + strings.Join(members, ",") + "}"
	return action, ids
}

// reports are what the engine was told about each member, in order.
func (r *rig) reports() map[string]string {
	out := map[string]string{}
	for _, entry := range r.engine.Journal() {
		for _, item := range entry.Batch.GetItems() {
			word := map[contract.StepActionEventType]string{started: "S", completed: "C ", failed: "F ", cancelled: "X "}[entry.Batch.EventType]
			if entry.Batch.EventType != started {
				word += item.EventPayload
			}
			if item.GetShouldNotRetry() {
				word += " for good"
			}
			out[item.TaskRunExternalId] += word
		}
	}
	return out
}

// told waits until something final was told about all members.
func (r *rig) told(ids []string) []string {
	r.Helper()
	var out []string
	r.until("the reports about a batch", func() bool {
		out = nil
		reports := r.reports()
		for _, id := range ids {
			if report := strings.TrimPrefix(reports[id], "S"); report != "" {
				out = append(out, report)
			}
		}
		return len(out) == len(ids)
	})
	return out
}

// hatchet-protocol.md sections 3.7 and 4.2: one call of the handler has all
// inputs; what it gives is reported member by member.
func TestBatchIsOneCallAndReportedByMember(t *testing.T) {
	r := start(t, quick())
	action, ids := batchOf("a", 5)
	calls := make(chan *worker.Assignment, 2)
	r.serve(serving().with(task("a", func(_ context.Context, a *worker.Assignment) ([]byte, error) {
		calls <- a
		output := fmt.Sprintf(`{%q:{"x":1},%q:null,"stranger":1,%q:%q}`, ids[0], ids[1], ids[4], strings.Repeat("x", worker.MaxOutput))
		return []byte(output), worker.MemberErrors{ids[2]: &worker.TaskError{Message: "no", NonRetryable: true}}
	}, inBatches)).Generation)
	r.engine.MustAssign(action)
	got := r.told(ids)
	want := []string{
		`C {"x":1}`, `C null`, `F {"message":"no","stack":""} for good`, `F {"message":"the batch has no output for this run","stack":""}`,
	}
	if !slices.Equal(got[:4], want) {
		t.Errorf("told %q, want %q", got[:4], want)
	}
	if !strings.Contains(got[4], "the output has") {
		t.Errorf("a large output is reported as %.100s", got[4])
	}
	if slices.Contains(r.seen(), "stranger") {
		t.Error("an output that belongs to no member was reported")
	}
	a := <-calls
	b := a.Batch
	if b.ID != *action.BatchId || b.Key != "k" || b.Reason != "batch size threshold 2 reached" || a.TaskRunID != "" {
		t.Errorf("the batch is %+v", b)
	}
	if m := b.Members[3]; m.TaskRunID != ids[3] || m.WorkflowRunID != "run-3" || string(m.Payload) != `{"input":{"n":3}}` {
		t.Errorf("a member is %+v", m)
	}
	r.engine.MustAssign(action) // delivered again
	if err := r.drain(); err != nil || len(calls) != 0 {
		t.Errorf("drained with %v, %d more calls", err, len(calls))
	}
}

func TestBatchThatFailsFailsForAll(t *testing.T) {
	r := start(t, quick())
	r.serve(serving().with(task("a", func(context.Context, *worker.Assignment) ([]byte, error) {
		return nil, &worker.TaskError{Message: "boom", Stack: "at a"}
	}, inBatches)).with(task("b", answering(`[]`), inBatches)).with(task("c", answering("1"))).Generation)
	for name, want := range map[string]string{
		"a": `F {"message":"boom","stack":"at a"}`,
		"b": "the outputs of the batch cannot be read",
		"c": "task c:c is no batch task here",
		"d": "no task d:d on this worker",
	} {
		action, ids := batchOf(name, 2)
		r.engine.MustAssign(action)
		r.until("the batch to fail", func() bool {
			reports := r.reports()
			return strings.Contains(reports[ids[0]], want) && strings.Contains(reports[ids[1]], want)
		})
	}
	single := fakeengine.Action("a", "a")
	r.engine.MustAssign(single)
	if end := r.engine.End(single.TaskRunExternalId); end.EventType != failed || !strings.Contains(end.EventPayload, "is a batch task here") {
		t.Errorf("a single assignment of a batch task is reported as %v", end)
	}
}

// seen are the members that anything was reported about.
func (r *rig) seen() (ids []string) {
	for _, entry := range r.engine.Journal() {
		for _, item := range entry.Batch.GetItems() {
			ids = append(ids, item.TaskRunExternalId)
		}
	}
	return ids
}

// hatchet-protocol.md section 9.9: a member that is cancelled is not reported;
// the handler goes on for the others, and ends with the last.
func TestBatchMembersAreCancelledOneByOne(t *testing.T) {
	r := start(t, quick())
	release := make(chan struct{})
	r.serve(serving().with(task("a", func(ctx context.Context, a *worker.Assignment) ([]byte, error) {
		select {
		case <-release:
			return fmt.Appendf(nil, `{%q:1,%q:2}`, a.Batch.Members[0].TaskRunID, a.Batch.Members[1].TaskRunID), nil
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}, inBatches)).Generation)
	stop := func(action *contract.AssignedAction, id string) {
		c := fakeengine.Cancellation(action)
		c.ActionPayload, c.TaskRunExternalId, c.BatchStartPayload = "", id, nil
		r.engine.MustAssign(c)
	}
	first, ids := batchOf("a", 2)
	r.engine.MustAssign(first)
	r.until("the batch to run", func() bool { return r.worker.Status().Running == 1 })
	stop(first, ids[1])
	second, others := batchOf("a", 2)
	r.engine.MustAssign(second)
	r.until("both to run", func() bool { return r.worker.Status().Running == 2 })
	stop(second, others[0])
	stop(second, others[1])
	r.until("the cancelled batch to end", func() bool { return r.worker.Status().Running == 1 })
	close(release)
	if got := r.told(ids[:1])[0]; got != "C 1" {
		t.Errorf("told %q", got)
	}
	if err := r.drain(); err != nil {
		t.Error(err)
	}
	reports := r.reports()
	for _, id := range []string{ids[1], others[0], others[1]} {
		if got := strings.TrimPrefix(reports[id], "S"); got != "" {
			t.Errorf("a cancelled member is reported: %s", got)
		}
	}
}

// hatchet-protocol.md section 3.7: a batch that cancels itself cancels all
// members, and what a handler asks for is asked for all.
func TestBatchCallsAreForAllMembers(t *testing.T) {
	r := start(t, quick())
	action, ids := batchOf("a", 2)
	refreshed, freed := make(chan string, 2), make(chan string, 2)
	r.engine.On("RefreshTimeout", func(in any) error {
		refreshed <- in.(*contract.RefreshTimeoutRequest).TaskRunExternalId
		return nil
	})
	r.engine.On("ReleaseSlot", func(in any) error {
		id := in.(*contract.ReleaseSlotRequest).TaskRunExternalId
		freed <- id
		if id == ids[0] {
			return status.Error(codes.NotFound, "ended")
		}
		return nil
	})
	result := make(chan error, 1)
	r.serve(serving().with(task("a", func(ctx context.Context, a *worker.Assignment) ([]byte, error) {
		_, err := a.RefreshTimeout(ctx, time.Minute)
		result <- errors.Join(err, a.ReleaseSlot(ctx), a.Cancel(ctx))
		return []byte(`{}`), nil
	}, inBatches)).Generation)
	r.engine.MustAssign(action)
	if err := <-result; err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if got := <-refreshed; got != id {
			t.Errorf("refreshed %s, want %s", got, id)
		}
		if got := <-freed; got != id {
			t.Errorf("freed %s, want %s", got, id)
		}
	}
	if err := r.drain(); err != nil {
		t.Error(err)
	}
	if got := r.told(ids); got[0] != "X " || got[1] != "X " {
		t.Errorf("told %q", got)
	}
}

// Results that do not fit one message go in several.
func TestBatchReportsFitMessages(t *testing.T) {
	r := start(t, quick())
	action, ids := batchOf("a", 5)
	most := 3
	r.engine.On("SendBatchActionEvent", func(in any) error {
		event := in.(*contract.BatchActionEvent)
		if proto.Size(event) > 4<<20 || event.EventType == completed && len(event.Items) > most {
			return status.Error(codes.ResourceExhausted, "grpc: received message larger than max")
		}
		return nil
	})
	r.serve(serving().with(task("a", func(_ context.Context, a *worker.Assignment) ([]byte, error) {
		var outputs []string
		for i := range a.Batch.Members {
			outputs = append(outputs, fmt.Sprintf(`%q:"%s"`, a.Batch.Members[i].TaskRunID, strings.Repeat("x", 1<<20)))
		}
		return []byte("{" + strings.Join(outputs, ",") + "}"), nil
	}, inBatches)).Generation)
	r.engine.MustAssign(action)
	for _, report := range r.told(ids) {
		if len(report) != 1<<20+4 {
			t.Errorf("told %.100q", report)
		}
	}
}

func TestBatchThatCannotBeReadIsIgnored(t *testing.T) {
	r := start(t, quick())
	r.serve(serving().with(task("a", answering("{}"), inBatches)).Generation)
	for _, payload := range []string{"", "[]", "{}", `{"x":1}`, `{"x":{"payload":`} {
		action, _ := batchOf("a", 1)
		action.ActionPayload = payload
		r.engine.MustAssign(action)
	}
	action, ids := batchOf("a", 1)
	r.engine.MustAssign(action)
	r.told(ids)
	if seen := r.seen(); slices.ContainsFunc(seen, func(id string) bool { return id != ids[0] }) {
		t.Errorf("reports about %v", seen)
	}
}
