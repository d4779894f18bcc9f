package client

import (
	"maps"
	"slices"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func TestDescribe(t *testing.T) {
	c, r := restClient(t, Options{Namespace: "dev_"},
		answerWith(200, `{"run":{},"tasks":[{"actionId":"dev_order:validate","workflowName":"dev_order","retryCount":0,"status":"COMPLETED","startedAt":"2026-01-02T03:04:05Z"},
			{"actionId":"dev_order:charge","retryCount":2,"status":"FAILED","startedAt":"2026-01-02T03:04:05Z","errorMessage":"{\"message\":\"no\"}"},
			{"actionId":"dev_order:ship","retryCount":0,"status":"CANCELLED"}]}`),
		answerWith(404, `{"errors":[{"description":"not found"}]}`))
	got, err := c.Describe(within(t), "run/1")
	if err != nil || got.Workflow != "order" || !maps.Equal(got.Attempts, map[string]int{"validate": 1, "charge": 3}) {
		t.Errorf("got %+v, %v", got, err)
	}
	for name, want := range map[string]TaskResult{
		"validate": {Status: StatusCompleted}, "charge": {Status: StatusFailed, Error: `{"message":"no"}`}, "ship": {Status: StatusCancelled},
	} {
		if task := got.Tasks[name]; task.Status != want.Status || task.Error != want.Error {
			t.Errorf("task %s: got %+v", name, task)
		}
	}
	if !slices.Equal(r.asked, []string{"/api/v1/stable/workflow-runs/run%2F1"}) {
		t.Errorf("asked for %q", r.asked)
	}
	if _, err := c.Describe(within(t), "x"); status.Code(err) != codes.NotFound || err.Error() != "describe run x: not found (HTTP 404)" {
		t.Errorf("got %v", err)
	}
}
