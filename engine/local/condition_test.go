package local_test

import (
	"context"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"github.com/hatchet-js/hatchet-js-worker/engine/local"
	"google.golang.org/grpc/codes"
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
