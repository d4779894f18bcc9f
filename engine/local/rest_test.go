package local_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"github.com/hatchet-js/hatchet-js-worker/engine/local"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
)

// call does one REST request and decodes the answer.
func (r *rig) call(method, path string, body any, into any) int {
	r.t.Helper()
	return callAt(r.t, r.engine.HTTPAddr(), method, path, body, into)
}

// callAt does one REST request to an engine at an address.
func callAt(t testing.TB, addr, method, path string, body any, into any) int {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	path = strings.ReplaceAll(path, "{tenant}", local.DefaultTenantID)
	header := http.Header{"Authorization": {"Bearer " + local.New(local.Options{}).Token()}}
	code, data := send(t, method, "http://"+addr+path, header, string(text))
	if into != nil {
		if err := json.Unmarshal(data, into); err != nil {
			t.Fatalf("%s %s: %d %s: %v", method, path, code, data, err)
		}
	}
	return code
}

// send does one HTTP request.
func send(t testing.TB, method, url string, header http.Header, body string) (code int, data []byte) {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	res, err := (&http.Client{Transport: transport, Timeout: patience}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if data, err = io.ReadAll(res.Body); err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, data
}

func (r *rig) tenant(path string) string {
	return strings.ReplaceAll(path, "{tenant}", r.engine.TenantID())
}

type restRow struct {
	Metadata              struct{ ID string }
	Status, WorkflowName  string
	WorkflowRunExternalID string
	Output                json.RawMessage
	ErrorMessage          string
	Children              []restRow
	Type                  string
}

type restList struct {
	Rows       []restRow
	Pagination struct {
		NumPages int `json:"num_pages"`
	}
}

func startREST(t *testing.T) *rig {
	return start(t, local.Options{GRPCAddr: "127.0.0.1:0", HTTPAddr: "127.0.0.1:0"})
}

func TestRunsAreListedOverREST(t *testing.T) {
	r := startREST(t)
	r.put("one", "a")
	r.put("order", "a", "b<a")
	r.work(func(ctx context.Context, a *contract.AssignedAction) (string, error) {
		if strings.Contains(a.GetAdditionalMetadata(), `"fail"`) {
			return "", errFinal
		}
		return echo(ctx, a)
	}, "one:a", "order:a", "order:b")
	plain, dag := r.trigger("one", "{}"), r.triggerWith("order", `{"team":"blue","n":"1"}`)
	failed := r.triggerWith("one", `{"how":"fail","team":"red"}`)
	if _, err := r.results(r.ctx, plain, dag, failed); err != nil {
		t.Fatal(err)
	}
	since := url.QueryEscape(time.Now().Add(-time.Hour).Format(time.RFC3339))
	for query, want := range map[string][]string{
		"":                               {failed, dag, plain},
		"&limit=1&offset=1":              {dag},
		"&statuses=FAILED":               {failed},
		"&statuses=QUEUED":               {},
		"&additional_metadata=team:blue": {dag},
		"&additional_metadata=team:blue&additional_metadata=how:fail":                                  {failed, dag},
		"&additional_metadata=team:blue&additional_metadata=how:fail&additional_metadata_operator=AND": {},
		"&until=2001-01-01T00:00:00Z":              {},
		"&workflow_ids=" + r.workflowID("order"):   {dag},
		"&running_filter=EVICTED&statuses=RUNNING": {},
	} {
		var got restList
		code := r.call("GET", r.tenant("/api/v1/stable/tenants/{tenant}/workflow-runs?only_tasks=false&since="+since+query), nil, &got)
		var ids []string
		for _, row := range got.Rows {
			ids = append(ids, row.WorkflowRunExternalID)
		}
		if code != http.StatusOK || strings.Join(ids, ",") != strings.Join(want, ",") {
			t.Errorf("%s: %d %v, want %v", query, code, ids, want)
		}
	}
	var tasks restList
	r.call("GET", r.tenant("/api/v1/stable/tenants/{tenant}/workflow-runs?only_tasks=true&limit=2&since="+since), nil, &tasks)
	if len(tasks.Rows) != 2 || tasks.Rows[0].Type != "TASK" || tasks.Pagination.NumPages != 2 {
		t.Errorf("tasks %+v", tasks)
	}
	var errs struct {
		Errors []struct{ Description string }
	}
	code := r.call("GET", r.tenant("/api/v1/stable/tenants/{tenant}/workflow-runs?only_tasks=false"), nil, &errs)
	if code != http.StatusBadRequest || !strings.Contains(errs.Errors[0].Description, "since") {
		t.Errorf("%d %+v", code, errs)
	}
}

func (r *rig) workflowID(name string) string {
	r.t.Helper()
	var workflows struct {
		Rows []struct {
			Name     string
			Metadata struct{ ID string }
		}
	}
	r.call("GET", r.tenant("/api/v1/tenants/{tenant}/workflows?name="+name), nil, &workflows)
	if len(workflows.Rows) != 1 || workflows.Rows[0].Name != name {
		r.t.Fatalf("workflows named %s: %+v", name, workflows)
	}
	return workflows.Rows[0].Metadata.ID
}

func TestARunIsShownOverREST(t *testing.T) {
	r := startREST(t)
	r.put("order", "a", "b<a")
	r.work(echo, "order:a", "order:b")
	id := r.trigger("order", `{"x":1}`)
	r.result(id)
	var status string
	if code := r.call("GET", "/api/v1/stable/workflow-runs/"+id+"/status", nil, &status); code != http.StatusOK || status != "COMPLETED" {
		t.Errorf("%d %s", code, status)
	}
	var details struct {
		Run   restRow
		Tasks []restRow
		Shape []struct {
			TaskName, StepID, TaskExternalID string
			ChildrenStepIDs                  []string
		}
	}
	r.call("GET", "/api/v1/stable/workflow-runs/"+id, nil, &details)
	if string(details.Run.Output) != `{"task":"b"}` || len(details.Tasks) != 2 {
		t.Errorf("details %+v", details)
	}
	if len(details.Shape) != 2 || details.Shape[0].TaskName != "a" || details.Shape[0].ChildrenStepIDs[0] != details.Shape[1].StepID ||
		details.Shape[1].TaskExternalID != details.Tasks[1].Metadata.ID {
		t.Errorf("shape %+v", details.Shape)
	}
	var shape struct {
		JobRuns []struct {
			StepRuns []struct{ StepID, Output, Status string }
		}
	}
	r.call("GET", r.tenant("/api/v1/tenants/{tenant}/workflow-runs/"+id+"/shape"), nil, &shape)
	if got := shape.JobRuns[0].StepRuns; len(got) != 2 || got[0].Output != `{"task":"a"}` {
		t.Errorf("shape %+v", shape)
	}
	if code := r.call("GET", "/api/v1/stable/workflow-runs/11111111-2222-3333-4444-555555555555/status", nil, nil); code != http.StatusNotFound {
		t.Errorf("an unknown run: %d", code)
	}
}

func TestCancelPauseAndLogsOverREST(t *testing.T) {
	r := startREST(t)
	r.put("long", "wait")
	begun := make(chan *contract.AssignedAction, 10)
	w, _ := r.work(func(ctx context.Context, a *contract.AssignedAction) (string, error) {
		begun <- a
		<-ctx.Done()
		return "", nil
	}, "long:wait")
	id := r.trigger("long", "")
	a := <-begun
	for _, text := range []string{"first", "second"} {
		_, err := r.events.PutLog(r.ctx, &contract.PutLogRequest{TaskRunExternalId: a.TaskRunExternalId, Message: text, Level: proto.String("WARN")})
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := r.events.PutLog(r.ctx, &contract.PutLogRequest{TaskRunExternalId: "11111111-2222-3333-4444-555555555555", Message: "x"})
	expectCode(t, err, codes.NotFound, "task run not found")
	var logs struct {
		Rows []struct{ Message, Level string }
	}
	r.call("GET", "/api/v1/stable/tasks/"+id+"/logs?order_by_direction=DESC&levels=WARN", nil, &logs)
	if len(logs.Rows) != 2 || logs.Rows[0].Message != "second" || logs.Rows[0].Level != "WARN" {
		t.Errorf("logs %+v", logs)
	}
	var worker struct {
		Status     string
		SlotConfig map[string]struct{ Available, Limit int }
	}
	r.call("PATCH", "/api/v1/workers/"+w.id, map[string]bool{"isPaused": true}, &worker)
	if worker.Status != "PAUSED" || worker.SlotConfig["default"].Available != 999 {
		t.Errorf("worker %+v", worker)
	}
	held := r.trigger("long", "")
	var cancelled struct{ IDs []string }
	r.call("POST", r.tenant("/api/v1/stable/tenants/{tenant}/tasks/cancel"), map[string]any{"externalIds": []string{id}}, &cancelled)
	if len(cancelled.IDs) != 1 || r.result(id)["wait"] != "!" {
		t.Errorf("cancelled %+v", cancelled)
	}
	r.call("PATCH", "/api/v1/workers/"+w.id, map[string]bool{"isPaused": false}, &worker)
	if a := <-begun; worker.Status != "ACTIVE" || a.WorkflowRunId != held {
		t.Errorf("worker %+v, then %v", worker, a)
	}
}

func TestRESTRefusals(t *testing.T) {
	r := startREST(t)
	var errs struct {
		Errors []struct{ Description string }
	}
	for path, want := range map[string]int{
		"/api/v1/tenants/{tenant}/members":   http.StatusNotImplemented,
		"/elsewhere":                         http.StatusNotFound,
		"/api/v1/stable/workflow-runs/no-id": http.StatusBadRequest,
		"/api/v1/stable/tenants/11111111-2222-3333-4444-555555555555/workflow-runs?since=x": http.StatusNotFound,
		"/api/v1/stable/tenants/{tenant}/workflow-runs?since=yesterday":                     http.StatusBadRequest,
		"/api/v1/workers/11111111-2222-3333-4444-555555555555":                              http.StatusNotFound,
	} {
		var into any = &errs
		if !strings.HasPrefix(path, "/api") {
			into = nil
		}
		if code := r.call("GET", r.tenant(path), nil, into); code != want {
			t.Errorf("%s: %d %+v, want %d", path, code, errs, want)
		}
	}
	for path, want := range map[string]int{"/livez": http.StatusOK, "/readyz": http.StatusOK, "/api/v1/workers/x": http.StatusForbidden} {
		if code, _ := send(t, "GET", "http://"+r.engine.HTTPAddr()+path, http.Header{}, ""); code != want {
			t.Errorf("%s without a token: %d", path, code)
		}
	}
}

func TestRunsAreListedByIdempotencyKey(t *testing.T) {
	r := startREST(t)
	r.register(&v1.CreateWorkflowVersionRequest{
		Name: "once", Idempotency: &v1.IdempotencyConfig{Expression: "input.order", TtlMs: 60_000},
		Tasks: []*v1.CreateTaskOpts{{ReadableId: "a", Action: "once:a", Timeout: "60s"}},
	})
	r.trigger("once", `{"order":"A-16"}`)
	want := r.trigger("once", `{"order":"A-17"}`)
	var got restList
	r.call("GET", r.tenant("/api/v1/stable/tenants/{tenant}/workflow-runs?only_tasks=false&since=2000-01-01T00:00:00Z&idempotency_keys=A-17"), nil, &got)
	if len(got.Rows) != 1 || got.Rows[0].WorkflowRunExternalID != want {
		t.Errorf("listed %+v", got.Rows)
	}
}
