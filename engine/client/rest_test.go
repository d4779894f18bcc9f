package client

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func TestREST(t *testing.T) {
	c, r := restClient(t, Options{}, answerWith(201, `{"a":1}`), answerWith(204, ""), answerWith(200, "# metrics"),
		answerWith(409, `{"errors":[{"description":"there already"}]}`))
	got, err := c.REST(within(t), Request{
		Method: http.MethodPost, Path: "/api/v1/tenants/{tenant}/x%2Fy?a=1", Query: url.Values{"b": {"2", "3"}}, Body: json.RawMessage(`{"n":1}`),
	})
	if err != nil || string(got.Body) != `{"a":1}` || !got.JSON {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err = c.REST(within(t), Request{Method: http.MethodDelete, Path: "/api/v1/x"}); err != nil || len(got.Body) != 0 || got.JSON {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err = c.REST(within(t), Request{Path: "/api/v1/metrics"}); err != nil || string(got.Body) != "# metrics" || got.JSON {
		t.Errorf("got %+v, %v", got, err)
	}
	var refused *RESTError
	if _, err = c.REST(within(t), Request{Method: http.MethodPatch, Path: "/api/v1/x"}); !errors.As(err, &refused) || refused.HTTP != 409 ||
		status.Code(err) != codes.AlreadyExists || err.Error() != "there already (HTTP 409)" {
		t.Errorf("got %v", err)
	}
	if want := []string{"/api/v1/tenants/tenant-1/x%2Fy?a=1&b=2&b=3", "/api/v1/x", "/api/v1/metrics", "/api/v1/x"}; !slices.Equal(r.asked, want) {
		t.Errorf("asked for %q", r.asked)
	}
	if want := []string{`POST {"n":1}`, "DELETE", "GET", "PATCH"}; !slices.Equal(r.sent, want) {
		t.Errorf("sent %q", r.sent)
	}
}

func TestRESTGoesNowhereElse(t *testing.T) {
	c, r := restClient(t, Options{})
	for _, path := range []string{"", "/", "/other", "//evil.example/api/", "http://evil.example/api/v1", "/api/v1/x#y", "api/v1", "/api/%zz", "@evil.example/api/"} {
		if _, err := c.REST(within(t), Request{Path: path}); err == nil || !strings.Contains(err.Error(), "begins with /api/") {
			t.Errorf("%q: %v", path, err)
		}
	}
	if len(r.asked) != 0 {
		t.Errorf("asked for %q", r.asked)
	}
}

// What changes something is not repeated when it may have been done.
func TestRESTChangesAreNotRepeated(t *testing.T) {
	c, r := restClient(t, Options{}, answerWith(503, ""), answerWith(429, ""), answerWith(200, "{}"))
	if _, err := c.REST(within(t), Request{Method: http.MethodPost, Path: "/api/v1/x"}); status.Code(err) != codes.Unavailable || len(r.asked) != 1 {
		t.Errorf("asked %d times, %v", len(r.asked), err)
	}
	if _, err := c.REST(within(t), Request{Method: http.MethodPost, Path: "/api/v1/x"}); err != nil || len(r.asked) != 3 {
		t.Errorf("asked %d times, %v", len(r.asked), err)
	}
}

func TestPlans(t *testing.T) {
	c, r := restClient(t, Options{Namespace: "dev_"}, answerWith(200, `{"metadata":{"id":"s1"}}`), answerWith(200, `{"metadata":{"id":"c1"}}`),
		answerWith(204, ""), answerWith(404, ""))
	id, err := c.Schedule(within(t), "Order", time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC), PlanOptions{Input: json.RawMessage(`{"n":1}`), Priority: 2})
	if err != nil || id != "s1" {
		t.Errorf("got %q, %v", id, err)
	}
	id, err = c.Cron(within(t), "order", "nightly", "0 3 * * *", PlanOptions{AdditionalMetadata: json.RawMessage(`{"m":"x"}`)})
	if err != nil || id != "c1" {
		t.Errorf("got %q, %v", id, err)
	}
	if err := c.DeleteCron(within(t), "c1"); err != nil {
		t.Error(err)
	}
	if err := c.Unschedule(within(t), "s1"); status.Code(err) != codes.NotFound {
		t.Errorf("got %v", err)
	}
	if want := []string{"/api/v1/tenants/tenant-1/workflows/dev_order/scheduled", "/api/v1/tenants/tenant-1/workflows/dev_order/crons",
		"/api/v1/tenants/tenant-1/workflows/crons/c1", "/api/v1/tenants/tenant-1/workflows/scheduled/s1"}; !slices.Equal(r.asked, want) {
		t.Errorf("asked for %q", r.asked)
	}
	if want := []string{`POST {"additionalMetadata":{},"input":{"n":1},"priority":2,"triggerAt":"2030-01-02T03:04:05Z"}`,
		`POST {"additionalMetadata":{"m":"x"},"cronExpression":"0 3 * * *","cronName":"nightly","input":{}}`, "DELETE", "DELETE"}; !slices.Equal(r.sent, want) {
		t.Errorf("sent %q", r.sent)
	}
	if _, err := c.Schedule(within(t), "w", time.Now(), PlanOptions{Priority: 4}); err == nil || !strings.Contains(err.Error(), "priority 4") {
		t.Errorf("got %v", err)
	}
}

func TestReadLogs(t *testing.T) {
	c, r := restClient(t, Options{}, answerWith(200, `{"rows":[{"createdAt":"2026-01-02T03:04:05Z","level":"WARN","message":"m","attempt":2,"metadata":{"a":1}}]}`))
	lines, err := c.Logs(within(t), "t1")
	if err != nil || len(lines) != 1 || lines[0].Level != "WARN" || lines[0].Message != "m" || lines[0].Attempt != 2 || lines[0].At.Second() != 5 {
		t.Errorf("got %+v, %v", lines, err)
	}
	if !slices.Equal(r.asked, []string{"/api/v1/stable/tasks/t1/logs?limit=1000&order_by_direction=ASC"}) {
		t.Errorf("asked for %q", r.asked)
	}
}

func TestCancelAndReplayMatching(t *testing.T) {
	e := newEngine(t)
	server := httptest.NewServer(&rest{answers: []func(http.ResponseWriter){answerWith(200, `{"rows":[{"name":"order","metadata":{"id":"w1"}}]}`)}})
	t.Cleanup(server.Close)
	c := connect(t, e.hostPort, server.URL, Options{})
	since, until := time.Unix(100, 0), time.Unix(200, 0)
	if _, err := c.CancelMatching(within(t), TaskFilter{
		Since: since, Until: until, Workflows: []string{"order"}, Statuses: []Status{StatusQueued}, AdditionalMetadata: map[string]string{"a": "1"},
	}); err != nil {
		t.Fatal(err)
	}
	f := e.filter
	if !f.Since.AsTime().Equal(since) || !f.Until.AsTime().Equal(until) || !slices.Equal(f.Statuses, []string{"QUEUED"}) ||
		!slices.Equal(f.WorkflowIds, []string{"w1"}) || !slices.Equal(f.AdditionalMetadata, []string{"a:1"}) {
		t.Errorf("got %v", f)
	}
	ids, err := c.ReplayMatching(within(t), TaskFilter{})
	if age := time.Since(e.filter.Since.AsTime()); err != nil || !slices.Equal(ids, []string{"some"}) || age < time.Hour || age > 2*time.Hour || e.filter.Until != nil {
		t.Errorf("got %v, since %v, %v", ids, age, err)
	}
}

// Servers take one of several metadata for enough; here all are meant.
func TestCancelMatchingAllMetadata(t *testing.T) {
	e := newEngine(t)
	r := &rest{answers: []func(http.ResponseWriter){answerWith(200, `{"rows":[{"workflowRunExternalId":"r1"},{"workflowRunExternalId":"r2"}]}`), answerWith(200, `{}`)}}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	c := connect(t, e.hostPort, server.URL, Options{})
	filter := TaskFilter{AdditionalMetadata: map[string]string{"b": "2", "a": "1"}}
	ids, err := c.CancelMatching(within(t), filter)
	if err != nil || !slices.Equal(ids, []string{"r1", "r2"}) || !slices.Equal(e.cancelled, ids) || e.filter != nil {
		t.Errorf("got %v, %v; cancelled %v, filter %v", ids, err, e.cancelled, e.filter)
	}
	if !strings.Contains(r.asked[0], "additional_metadata=a%3A1&additional_metadata=b%3A2&additional_metadata_operator=AND") {
		t.Errorf("asked for %q", r.asked)
	}
	if ids, err = c.ReplayMatching(within(t), filter); err != nil || len(ids) != 0 {
		t.Errorf("got %v, %v", ids, err)
	}
}

func TestPutRateLimit(t *testing.T) {
	e := newEngine(t)
	c := connect(t, e.hostPort, "", Options{})
	if err := errors.Join(c.PutRateLimit(within(t), "a", 5, "hour"), c.PutRateLimit(within(t), "b", 1, "")); err != nil {
		t.Fatal(err)
	}
	if a, b := e.limits[0], e.limits[1]; a.Key != "a" || a.Limit != 5 || a.Duration != contract.RateLimitDuration_HOUR || b.Duration != contract.RateLimitDuration_MINUTE {
		t.Errorf("got %v", e.limits)
	}
	if err := c.PutRateLimit(within(t), "a", 5, "fortnight"); err == nil || !strings.Contains(err.Error(), `the window "fortnight" is none of`) {
		t.Errorf("got %v", err)
	}
}

func TestListen(t *testing.T) {
	chunk := func(text string) *contract.WorkflowEvent {
		return &contract.WorkflowEvent{EventType: contract.ResourceEventType_RESOURCE_EVENT_TYPE_STREAM, EventPayload: text}
	}
	ended := &contract.WorkflowEvent{EventType: contract.ResourceEventType_RESOURCE_EVENT_TYPE_COMPLETED, EventPayload: "{}", Hangup: true}
	e := newEngine(t)
	e.chunks = [][]*contract.WorkflowEvent{{chunk("a"), nil}, {nil}, {chunk("b"), ended, chunk("never")}, {chunk("refuse")}, {chunk("a"), chunk("b")}}
	c := connect(t, e.hostPort, "", Options{})
	var got []string
	take := func(chunk []byte) error { got = append(got, string(chunk)); return nil }
	if err := c.Listen(within(t), "r", take); err != nil || !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("got %q, %v", got, err)
	}
	if err := c.Listen(within(t), "r", take); status.Code(err) != codes.NotFound || !strings.Contains(err.Error(), "stream of run r: ") {
		t.Errorf("got %v", err)
	}
	enough := errors.New("enough")
	if err := c.Listen(within(t), "r", func([]byte) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("got %v", err)
	}
}
