package client

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"github.com/hatchet-js/hatchet-js-worker/engine/transport"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func TestPushEvents(t *testing.T) {
	e := newEngine(t)
	c := connect(t, e.hostPort, "", Options{Namespace: "dev_"})
	id, err := c.PushEvent(within(t), Event{
		Key: "Order:Paid", Payload: json.RawMessage(`{"a":1}`), AdditionalMetadata: json.RawMessage(`{"m":1}`), Priority: 2, Scope: "s",
	})
	if err != nil || id != "event of dev_Order:Paid" {
		t.Fatalf("%q, %v", id, err)
	}
	got := e.events[0]
	if got.Payload != `{"a":1}` || got.GetAdditionalMetadata() != `{"m":1}` || got.GetPriority() != 2 || got.GetScope() != "s" || got.EventTimestamp == nil {
		t.Errorf("got %v", got)
	}
	e.events = nil
	events := slices.Repeat([]Event{{Key: "k"}}, 2100)
	ids, err := c.BulkPushEvents(within(t), events)
	if err != nil || len(ids) != 2100 || ids[2099] != "event 2099" || !slices.Equal(e.bulks, []int{1000, 1000, 100}) {
		t.Errorf("%d ids, requests %v, %v", len(ids), e.bulks, err)
	}
	if e.events[5].Key != "dev_k" || e.events[5].Payload != "{}" || e.events[5].AdditionalMetadata != nil {
		t.Errorf("got %v", e.events[5])
	}
	for want, event := range map[string]Event{
		"it has no key":                        {},
		"must be a JSON object, it is a str":   {Key: "k", Payload: json.RawMessage(`"x"`)},
		"priority 9":                           {Key: "k", Priority: 9},
		"and an event may have":                {Key: "k", Payload: json.RawMessage(`{"a":"` + strings.Repeat("x", transport.MaxMessage) + `"}`)},
		"additional metadata must be a JSON o": {Key: "k", AdditionalMetadata: json.RawMessage(`[]`)},
	} {
		if _, err := c.PushEvent(within(t), event); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
		if _, err := c.BulkPushEvents(within(t), []Event{{Key: "ok"}, event}); err == nil || !strings.Contains(err.Error(), "item 1") {
			t.Errorf("want item 1, got %v", err)
		}
	}
}

func TestLogs(t *testing.T) {
	e := newEngine(t)
	c := connect(t, e.hostPort, "", Options{})
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	long := strings.Repeat("ä", 2*MaxLogMessage+5)
	for _, message := range []string{"hello", "", "a\x00b\xff", long} {
		if err := c.PutLog(within(t), "task", 2, "WARN", message, at); err != nil {
			t.Fatal(err)
		}
	}
	var whole strings.Builder
	for i, line := range e.logs {
		if n := utf8.RuneCountInString(line.Message); n < 1 || n > MaxLogMessage {
			t.Errorf("line %d has %d characters", i, n)
		}
		if line.GetLevel() != "WARN" || line.GetTaskRetryCount() != 2 || line.TaskRunExternalId != "task" {
			t.Errorf("line %d: %v", i, line)
		}
		if i >= 3 {
			whole.WriteString(line.Message)
		}
	}
	if len(e.logs) != 6 || e.logs[0].Message != "hello" || e.logs[1].Message != " " || e.logs[2].Message != "a\uFFFDb\uFFFD" || whole.String() != long {
		t.Errorf("%d lines", len(e.logs))
	}
	if got := e.logs[5].CreatedAt.AsTime(); !got.Equal(at.Add(2 * time.Microsecond)) {
		t.Errorf("the last part is of %v", got)
	}
}

func TestTaskCalls(t *testing.T) {
	e := newEngine(t)
	c := connect(t, e.hostPort, "", Options{})
	ctx := within(t)
	if err := c.PutStreamEvent(ctx, "task", 3, []byte{0, 1}); err != nil || *e.streams[0].EventIndex != 3 || len(e.streams[0].Message) != 2 {
		t.Errorf("stream: %v, %v", e.streams, err)
	}
	if at, err := c.RefreshTimeout(ctx, "task", 90*time.Second); err != nil || at.Unix() != 100 || e.refreshed.IncrementTimeoutBy != "90s" {
		t.Errorf("refresh: %v, %v, %v", at, e.refreshed, err)
	}
	if _, err := c.RefreshTimeout(ctx, "task", 0); err == nil {
		t.Error("a timeout was refreshed by nothing")
	}
	if err := c.ReleaseSlot(ctx, "task"); err != nil || e.released != "task" {
		t.Errorf("release: %q, %v", e.released, err)
	}
	if err := c.Cancel(ctx, "a", "b"); err != nil || !slices.Equal(e.cancelled, []string{"a", "b"}) {
		t.Errorf("cancel: %v, %v", e.cancelled, err)
	}
	if err := c.Cancel(ctx); err == nil {
		t.Error("nothing was cancelled without complaint")
	}
	if ids, err := c.Replay(ctx, "a"); err != nil || !slices.Equal(ids, []string{"task of a"}) {
		t.Errorf("replay: %v, %v", ids, err)
	}
	if _, err := c.Replay(ctx); err == nil {
		t.Error("nothing was replayed without complaint")
	}
	workflow, version, err := c.PutWorkflow(ctx, &v1.CreateWorkflowVersionRequest{Name: "w"})
	if err != nil || workflow != "workflow" || version != "version" || e.registered.Name != "w" {
		t.Errorf("register: %q, %q, %v", workflow, version, err)
	}
	e.refuse = []error{status.Error(codes.InvalidArgument, "dag parent not found")}
	if _, _, err = c.PutWorkflow(ctx, &v1.CreateWorkflowVersionRequest{Name: "w"}); err == nil ||
		err.Error() != `register workflow "w": dag parent not found (InvalidArgument)` {
		t.Errorf("register: %v", err)
	}
}

// rest answers the REST requests of a test in turn and keeps their addresses.
type rest struct {
	answers []func(http.ResponseWriter)
	asked   []string
	sent    []string // what they did, and their bodies
}

func (r *rest) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	r.asked = append(r.asked, request.URL.String())
	body, _ := io.ReadAll(request.Body)
	r.sent = append(r.sent, strings.TrimSpace(request.Method+" "+string(body)))
	if request.Header.Get("Authorization") == "" || len(r.answers) == 0 {
		w.WriteHeader(http.StatusTeapot)
		return
	}
	r.answers[0](w)
	r.answers = r.answers[1:]
}

func answerWith(code int, body string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.WriteHeader(code)
		fmt.Fprint(w, body)
	}
}

func restClient(t *testing.T, options Options, answers ...func(http.ResponseWriter)) (*Client, *rest) {
	t.Helper()
	r := &rest{answers: answers}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	return connect(t, "localhost:1", server.URL, options), r
}

func TestListRuns(t *testing.T) {
	c, r := restClient(t, Options{Namespace: "dev_"},
		answerWith(200, `{"rows":[{"name":"dev_order-old","metadata":{"id":"w0"}},{"name":"dev_order","metadata":{"id":"w1"}}]}`),
		answerWith(200, `{"pagination":{},"rows":[{"metadata":{"id":"1"},"workflowRunExternalId":"run-1","workflowName":"dev_order","displayName":"d",
			"status":"FAILED","createdAt":"2026-01-02T03:04:05Z","startedAt":"2026-01-02T03:04:06Z","duration":1500,"errorMessage":"boom",
			"input":{"a":1},"output":{},"additionalMetadata":{"m":"x"}}]}`))
	runs, err := c.ListRuns(within(t), ListFilter{
		Workflows: []string{"Order"}, Statuses: []Status{StatusFailed, StatusQueued}, Since: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		Until: time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC), AdditionalMetadata: map[string]string{"m": "x", "a": "b c"}, Limit: 7, Offset: 3,
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"/api/v1/tenants/tenant-1/workflows?limit=200&name=dev_order",
		"/api/v1/stable/tenants/tenant-1/workflow-runs?additional_metadata=a%3Ab+c&additional_metadata=m%3Ax&additional_metadata_operator=AND" +
			"&limit=7&offset=3&only_tasks=false&since=2026-01-01T00%3A00%3A00Z&statuses=FAILED&statuses=QUEUED&until=2026-02-01T00%3A00%3A00Z&workflow_ids=w1",
	}
	if !slices.Equal(r.asked, want) {
		t.Errorf("asked for %q", r.asked)
	}
	if len(runs) != 1 {
		t.Fatalf("%d runs", len(runs))
	}
	got := runs[0]
	if got.ID != "run-1" || got.Workflow != "dev_order" || got.Status != StatusFailed || got.Duration != 1500*time.Millisecond ||
		got.CreatedAt.Second() != 5 || got.StartedAt.Second() != 6 || !got.FinishedAt.IsZero() || got.Error != "boom" ||
		string(got.Input) != `{"a":1}` || string(got.AdditionalMetadata) != `{"m":"x"}` {
		t.Errorf("got %+v", got)
	}
}

func TestListRunsFails(t *testing.T) {
	c, _ := restClient(t, Options{}, answerWith(200, `{"rows":[]}`))
	if _, err := c.ListRuns(within(t), ListFilter{Workflows: []string{"x"}}); err == nil || err.Error() != `list runs: workflow "x": no workflow of that name is registered` {
		t.Errorf("got %v", err)
	}
	c, _ = restClient(t, Options{}, answerWith(403, `{"errors":[{"description":"no"}]}`))
	if _, err := c.ListRuns(within(t), ListFilter{}); !transport.IsUnauthorized(err) || !strings.Contains(err.Error(), "refused the token (no); check HATCHET_CLIENT_TOKEN") {
		t.Errorf("got %v", err)
	}
	c, _ = restClient(t, Options{}, answerWith(400, `{"errors":[{"field":"since","description":"is wrong"},{"description":"b"}]}`))
	if _, err := c.ListRuns(within(t), ListFilter{}); status.Code(err) != codes.InvalidArgument || err.Error() != "list runs: since: is wrong; b (HTTP 400)" {
		t.Errorf("got %v", err)
	}
	c, _ = restClient(t, Options{}, answerWith(200, `<html>`))
	if _, err := c.ListRuns(within(t), ListFilter{}); err == nil || !strings.Contains(err.Error(), "is HATCHET_CLIENT_SERVER_URL right?") {
		t.Errorf("got %v", err)
	}
	c = connect(t, "localhost:1", "", Options{})
	if _, err := c.ListRuns(within(t), ListFilter{}); err == nil || !strings.Contains(err.Error(), "set HATCHET_CLIENT_SERVER_URL") {
		t.Errorf("got %v", err)
	}
}

func TestRESTIsRepeated(t *testing.T) {
	later := func(w http.ResponseWriter) {
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(429)
	}
	c, r := restClient(t, Options{}, answerWith(503, ""), later, answerWith(200, `{"rows":[]}`))
	started := time.Now()
	if _, err := c.ListRuns(within(t), ListFilter{}); err != nil || len(r.asked) != 3 {
		t.Errorf("asked %d times, %v", len(r.asked), err)
	}
	if waited := time.Since(started); waited < time.Second {
		t.Errorf("Retry-After was not heeded: %v", waited)
	}
}
