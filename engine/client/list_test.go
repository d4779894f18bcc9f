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
			{"actionId":"dev_order:charge","retryCount":2,"status":"RUNNING","startedAt":"2026-01-02T03:04:05Z"},
			{"actionId":"dev_order:ship","retryCount":0,"status":"CANCELLED"}]}`),
		answerWith(404, `{"errors":[{"description":"not found"}]}`))
	got, err := c.Describe(within(t), "run/1")
	if err != nil || got.Workflow != "order" || !maps.Equal(got.Attempts, map[string]int{"validate": 1, "charge": 3}) {
		t.Errorf("got %+v, %v", got, err)
	}
	if want := map[string]bool{"validate": true, "charge": false, "ship": true}; !maps.Equal(got.Ended, want) {
		t.Errorf("ended: got %v", got.Ended)
	}
	if !slices.Equal(r.asked, []string{"/api/v1/stable/workflow-runs/run%2F1"}) {
		t.Errorf("asked for %q", r.asked)
	}
	if _, err := c.Describe(within(t), "x"); status.Code(err) != codes.NotFound || err.Error() != "describe run x: not found (HTTP 404)" {
		t.Errorf("got %v", err)
	}
}
