package local_test

import (
	"context"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"github.com/hatchet-js/hatchet-js-worker/engine/local"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// An expression over a parent's output decides whether a task is skipped.
func TestExpressionsAreEvaluated(t *testing.T) {
	r := start(t, local.Options{})
	skipIf := func(expression string) *v1.CreateWorkflowVersionRequest {
		return &v1.CreateWorkflowVersionRequest{Name: "order", Tasks: []*v1.CreateTaskOpts{
			{ReadableId: "check", Action: "order:check"},
			{ReadableId: "ship", Action: "order:ship", Parents: []string{"check"}, Conditions: &v1.TaskConditions{
				ParentOverrideConditions: []*v1.ParentOverrideMatchCondition{{
					Base:             &v1.BaseMatchCondition{ReadableDataKey: "parent-check", Action: v1.Action_SKIP, Expression: expression},
					ParentReadableId: "check",
				}},
			}},
		}}
	}
	_, err := r.admin.PutWorkflow(r.ctx, skipIf("output.amount >"))
	expectCode(t, err, codes.InvalidArgument, "output.amount >")
	r.register(skipIf("output.amount > 100"))
	amount := "7"
	r.work(func(_ context.Context, a *contract.AssignedAction) (string, error) {
		return `{"amount":` + amount + `}`, nil
	}, "order:check", "order:ship")
	if got := r.result(r.trigger("order", "")); got["ship"] != `{"amount":7}` {
		t.Errorf("results %v", got)
	}
	amount = "101"
	if got := r.result(r.trigger("order", "")); got["ship"] != `{"skipped":true}` {
		t.Errorf("results %v", got)
	}
}

func TestCollisionsNameTheRunThatHoldsTheKey(t *testing.T) {
	r := start(t, local.Options{})
	r.register(&v1.CreateWorkflowVersionRequest{
		Name: "pay", Tasks: []*v1.CreateTaskOpts{{ReadableId: "charge", Action: "pay:charge"}},
		Idempotency: &v1.IdempotencyConfig{Expression: "input.order", TtlMs: 60_000},
	})
	holder := r.trigger("pay", `{"order":"A"}`)
	_, err := r.workflows.TriggerWorkflow(r.ctx, &v1.TriggerWorkflowRequest{Name: "pay", Input: `{"order":"A"}`})
	expectCode(t, err, codes.AlreadyExists, "idempotency key collision")
	detail, ok := status.Convert(err).Details()[0].(*v1.IdempotencyCollisionError)
	if !ok || detail.ExistingRunExternalId != holder {
		t.Errorf("details %v", status.Convert(err).Details())
	}
	_, err = r.workflows.BulkTriggerWorkflow(r.ctx, &contract.BulkTriggerWorkflowRequest{Workflows: []*v1.TriggerWorkflowRequest{
		{Name: "pay", Input: `{"order":"B"}`}, {Name: "pay", Input: `{"order":"A"}`}}})
	expectCode(t, err, codes.AlreadyExists, "")
	bulk, ok := status.Convert(err).Details()[0].(*v1.BulkTriggerIdempotencyCollisionError)
	if !ok || len(bulk.SuccessfulWorkflowRunExternalIds) != 1 || bulk.Collisions[0].ExistingRunExternalId != holder {
		t.Errorf("details %v", status.Convert(err).Details())
	}
	if _, err := r.admin.GetRunDetails(r.ctx, &v1.GetRunDetailsRequest{ExternalId: bulk.SuccessfulWorkflowRunExternalIds[0]}); err != nil {
		t.Errorf("the run that did not collide: %v", err)
	}
}

func TestARateLimitHoldsTasksBack(t *testing.T) {
	virtual := clock.NewVirtual(epoch)
	r := start(t, onVirtualTime(virtual))
	if _, err := r.workflows.PutRateLimit(r.ctx, &contract.PutRateLimitRequest{Key: "api", Limit: 1, Duration: contract.RateLimitDuration_MINUTE}); err != nil {
		t.Fatal(err)
	}
	r.register(&v1.CreateWorkflowVersionRequest{Name: "job", Tasks: []*v1.CreateTaskOpts{{
		ReadableId: "call", Action: "job:call", RateLimits: []*v1.CreateTaskRateLimit{{Key: "api"}}}}})
	r.work(echo, "job:call")
	first, second := r.trigger("job", ""), r.trigger("job", "")
	r.result(first)
	if d, err := r.admin.GetRunDetails(r.ctx, &v1.GetRunDetailsRequest{ExternalId: second}); err != nil || d.Status != v1.RunStatus_QUEUED {
		t.Errorf("%v %v", d, err)
	}
	virtual.Advance(time.Minute)
	if got := r.result(second); got["call"] == "" {
		t.Errorf("results %v", got)
	}
}
