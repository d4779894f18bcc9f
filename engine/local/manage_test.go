package local_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"github.com/hatchet-js/hatchet-js-worker/engine/local"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// Paths of hatchet-protocol.md section 6.10.
const (
	scheduledPath = "/api/v1/tenants/{tenant}/workflows/scheduled"
	cronsPath     = "/api/v1/tenants/{tenant}/workflows/crons"
	filtersPath   = "/api/v1/stable/tenants/{tenant}/filters"
	webhooksPath  = "/api/v1/stable/tenants/{tenant}/webhooks"
	eventsPath    = "/api/v1/stable/tenants/{tenant}/events"
)

// anything is JSON of any form.
type anything = map[string]any

// at reads a part of JSON by its path, as text.
func at(v any, path ...any) string {
	for _, p := range path {
		switch p := p.(type) {
		case string:
			object, _ := v.(anything)
			v = object[p]
		case int:
			list, _ := v.([]any)
			if p >= len(list) {
				return "(none)"
			}
			v = list[p]
		}
	}
	if text, ok := v.(string); ok {
		return text
	}
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// ask does a REST request that must be answered with a code.
func (r *rig) ask(want int, method, path string, body any) anything {
	r.t.Helper()
	var raw json.RawMessage
	got := anything{}
	var into any
	if want != http.StatusNoContent {
		into = &raw
	}
	code := r.call(method, path, body, into)
	if code != want {
		r.t.Fatalf("%s %s: %d %s, want %d", method, path, code, raw, want)
	}
	if len(raw) > 0 && raw[0] == '{' {
		if err := json.Unmarshal(raw, &got); err != nil {
			r.t.Fatal(err)
		}
	}
	return got
}

func (r *rig) expect(what, got, want string) {
	r.t.Helper()
	if got != want {
		r.t.Errorf("%s: %s, want %s", what, got, want)
	}
}

// hatchet-protocol.md section 6.9.
func TestScheduledRunsOverREST(t *testing.T) {
	r := startREST(t)
	r.put("job", "a")
	r.work(echo, "job:a")
	create := "/api/v1/tenants/{tenant}/workflows/job/scheduled"
	later := time.Now().Add(time.Hour).UTC()
	row := r.ask(200, "POST", create, anything{
		"triggerAt": later, "input": anything{"n": 1}, "additionalMetadata": anything{"team": "blue"}, "priority": 3,
	})
	id := at(row, "metadata", "id")
	r.expect("row", at(row, "workflowName")+at(row, "method")+at(row, "priority")+at(row, "input")+at(row, "additionalMetadata"), `jobAPI3{"n":1}{"team":"blue"}`)
	other := at(r.ask(200, "POST", create, anything{"triggerAt": later.Add(time.Hour)}), "metadata", "id")
	r.expect("latest first", at(r.ask(200, "GET", scheduledPath, nil), "rows", 0, "metadata", "id"), other)
	for query, want := range map[string]string{
		"?orderByDirection=ASC&limit=1":    id,
		"?orderByField=createdAt&offset=1": id,
		"?additionalMetadata=team:blue":    id,
		"?workflowId=" + r.workflowID("job") + "&statuses=SCHEDULED&orderByDirection=ASC": id,
		"?statuses=FAILED": "(none)",
		"?workflowId=11111111-2222-3333-4444-555555555555": "(none)",
	} {
		rows := r.ask(200, "GET", scheduledPath+query, nil)["rows"]
		if list, _ := rows.([]any); len(list) == 0 {
			r.expect(query, "(none)", want)
			continue
		}
		r.expect(query, at(rows, 0, "metadata", "id"), want)
	}
	r.ask(400, "GET", scheduledPath+"?additionalMetadata=team", nil)
	r.ask(400, "GET", scheduledPath+"?orderByField=name", nil)
	moved := r.ask(200, "PATCH", scheduledPath+"/"+id, anything{"triggerAt": later.Add(time.Minute)})
	r.expect("moved", at(moved, "triggerAt"), later.Add(time.Minute).Format(time.RFC3339Nano))
	r.ask(400, "PATCH", scheduledPath+"/"+id, anything{})
	unknown := "11111111-1111-4111-8111-111111111111"
	bulk := r.ask(200, "POST", scheduledPath+"/bulk-update", anything{"updates": []any{
		anything{"id": id, "triggerAt": later}, anything{"id": unknown, "triggerAt": later},
	}})
	r.expect("bulk", at(bulk, "updatedIds")+at(bulk, "errors"), `["`+id+`"][{"error":"Scheduled workflow not found.","id":"`+unknown+`"}]`)
	gone := r.ask(200, "POST", scheduledPath+"/bulk-delete", anything{"scheduledWorkflowRunIds": []string{id, unknown}})
	r.expect("gone", at(gone, "deletedIds")+at(gone, "errors", 0, "error"), `["`+id+`"]Failed to delete scheduled workflow.`)
	gone = r.ask(200, "POST", scheduledPath+"/bulk-delete", anything{"filter": anything{"workflowId": r.workflowID("job")}})
	r.expect("by filter", at(gone, "deletedIds"), `["`+other+`"]`)
	r.ask(400, "POST", scheduledPath+"/bulk-delete", anything{})
	r.ask(400, "POST", scheduledPath+"/bulk-delete", anything{"scheduledWorkflowRunIds": []string{id}, "filter": anything{}})
	r.ask(404, "GET", scheduledPath+"/"+id, nil)
	r.ask(404, "DELETE", scheduledPath+"/"+id, nil)
	r.ask(400, "POST", create, anything{"triggerAt": later, "priority": 4})
	r.ask(400, "POST", create, anything{"triggerAt": later, "input": []int{1}})
	r.ask(400, "POST", create, anything{"input": anything{}})
	refusal := r.ask(400, "POST", "/api/v1/tenants/{tenant}/workflows/nope/scheduled", anything{"triggerAt": later})
	r.expect("unknown workflow", at(refusal, "errors", 0, "description"), "workflow not found")

	third := at(r.ask(200, "POST", create, anything{"triggerAt": later}), "metadata", "id")
	r.ask(204, "DELETE", scheduledPath+"/"+third, nil)
	r.ask(200, "POST", create, anything{"triggerAt": time.Now(), "additionalMetadata": anything{"due": "now"}})
	r.eventually("the scheduled run", func() bool { return r.count("additional_metadata=due:now&statuses=COMPLETED") == 1 })
}

// count counts the runs that a list with a query has.
func (r *rig) count(query string) int {
	r.t.Helper()
	var got restList
	r.call("GET", "/api/v1/stable/tenants/{tenant}/workflow-runs?only_tasks=false&since=2000-01-01T00:00:00Z&"+query, nil, &got)
	return len(got.Rows)
}

// hatchet-protocol.md section 6.9.
func TestScheduleWorkflow(t *testing.T) {
	r := start(t, local.Options{GRPCAddr: "127.0.0.1:0", HTTPAddr: "127.0.0.1:0"})
	r.put("job", "a")
	at := time.Now().Add(time.Hour)
	reply, err := r.workflows.ScheduleWorkflow(r.ctx, &contract.ScheduleWorkflowRequest{
		Name: "job", Input: `{"n":1}`, Schedules: []*timestamppb.Timestamp{timestamppb.New(at), timestamppb.New(at)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(reply.ScheduledWorkflows) != 2 || reply.WorkflowId != r.workflowID("job") || !reply.ScheduledWorkflows[1].TriggerAt.AsTime().Equal(at) {
		t.Errorf("reply %v", reply)
	}
	parent := "11111111-2222-3333-4444-555555555555"
	for want, req := range map[codes.Code]*contract.ScheduleWorkflowRequest{
		codes.NotFound:        {Name: "nope"},
		codes.InvalidArgument: {Name: "job", ParentId: &parent},
	} {
		_, err := r.workflows.ScheduleWorkflow(r.ctx, req)
		expectCode(t, err, want, "")
	}
}

// hatchet-protocol.md section 6.9.
func TestCronsOverREST(t *testing.T) {
	r := startREST(t)
	r.register(&v1.CreateWorkflowVersionRequest{
		Name: "job", CronTriggers: []string{"0 0 1 1 *"},
		Tasks: []*v1.CreateTaskOpts{{ReadableId: "a", Action: "job:a", Timeout: "60s"}},
	})
	r.work(echo, "job:a")
	create := "/api/v1/tenants/{tenant}/workflows/job/crons"
	body := anything{"cronName": "nightly", "cronExpression": "@daily", "input": anything{"n": 1}, "additionalMetadata": anything{"team": "blue"}, "priority": 2}
	row := r.ask(200, "POST", create, body)
	id := at(row, "metadata", "id")
	r.expect("row", at(row, "name")+at(row, "cron")+at(row, "method")+at(row, "enabled")+at(row, "priority")+at(row, "additionalMetadata"), `nightly@dailyAPItrue2{"team":"blue"}`)
	refusal := r.ask(400, "POST", create, body)
	r.expect("twice", at(refusal, "errors", 0, "description"), "cron trigger with that name-expression pair already exists")
	for _, bad := range []anything{
		{"cronName": "", "cronExpression": "* * * * *"}, {"cronName": "a", "cronExpression": "* *"}, {"cronExpression": "* * * * *"},
		{"cronName": "a"}, {"cronName": "a", "cronExpression": "* * * * *", "priority": 0},
		{"cronName": "a", "cronExpression": "* * * * *", "input": "text"},
	} {
		r.ask(400, "POST", create, bad)
	}
	r.ask(400, "POST", "/api/v1/tenants/{tenant}/workflows/nope/crons", anything{"cronName": "a", "cronExpression": "* * * * *"})
	r.expect("listed", at(r.ask(200, "GET", cronsPath, nil), "rows", 1, "method"), "DEFAULT")
	for query, want := range map[string]int{
		"?cronName=nightly": 1, "?additionalMetadata=team:blue": 1, "?additionalMetadata=team:red": 0, "?workflowName=job": 2,
		"?workflowName=x": 0, "?orderByField=name&orderByDirection=ASC&limit=1": 1, "?workflowId=" + r.workflowID("job"): 2,
	} {
		if rows, _ := r.ask(200, "GET", cronsPath+query, nil)["rows"].([]any); len(rows) != want {
			t.Errorf("%s: %d rows, want %d", query, len(rows), want)
		}
	}
	r.ask(204, "PATCH", cronsPath+"/"+id, anything{"enabled": false})
	r.expect("switched off", at(r.ask(200, "GET", cronsPath+"/"+id, nil), "enabled"), "false")
	r.ask(204, "DELETE", cronsPath+"/"+id, nil)
	r.ask(404, "GET", cronsPath+"/"+id, nil)
	r.ask(404, "PATCH", cronsPath+"/"+id, anything{"enabled": true})
	r.ask(400, "GET", cronsPath+"/x", nil)

	every := r.ask(200, "POST", create, anything{"cronName": "often", "cronExpression": "* * * * * *", "additionalMetadata": anything{"often": "yes"}})
	r.eventually("a tick", func() bool { return r.count("additional_metadata=often:yes&statuses=COMPLETED") > 0 })
	r.ask(204, "DELETE", cronsPath+"/"+at(every, "metadata", "id"), nil)
}

// hatchet-protocol.md section 7.2.
func TestFiltersAndEventsOverREST(t *testing.T) {
	r := startREST(t)
	reply := r.register(&v1.CreateWorkflowVersionRequest{
		Name: "job", EventTriggers: []string{"order:*"},
		Tasks: []*v1.CreateTaskOpts{{ReadableId: "a", Action: "job:a", Timeout: "60s"}},
	})
	payloads := make(chan string, 10)
	r.work(func(_ context.Context, a *contract.AssignedAction) (string, error) {
		payloads <- a.ActionPayload
		return "{}", nil
	}, "job:a")
	made := r.ask(200, "POST", filtersPath, anything{"workflowId": reply.WorkflowId, "scope": "blue", "expression": "input.n > payload.min", "payload": anything{"min": 1}})
	id := at(made, "metadata", "id")
	r.expect("made", at(made, "isDeclarative")+at(made, "payload"), `false{"min":1}`)
	push := func(n int, scope string) {
		t.Helper()
		_, err := r.events.Push(r.ctx, &contract.PushEventRequest{Key: "order:new", Payload: fmt.Sprintf(`{"n":%d}`, n), Scope: &scope})
		if err != nil {
			t.Fatal(err)
		}
	}
	push(1, "blue")
	push(2, "green")
	push(2, "blue")
	if payload := <-payloads; !strings.Contains(payload, `"filter_payload":{"min":1}`) {
		t.Errorf("payload %s", payload)
	}
	r.expect("runs", fmt.Sprint(r.count("")), "1")
	r.eventually("the run ends", func() bool { return r.count("statuses=COMPLETED") == 1 })
	events := r.ask(200, "GET", eventsPath+"?keys=order:new", nil)
	r.expect("newest", at(events, "rows", 0, "triggeredRuns", 0, "filterId")+at(events, "rows", 0, "workflowRunSummary", "succeeded"), id+"1")
	for query, want := range map[string]int{
		"": 3, "?scopes=green": 1, "?keys=x": 0, "?workflowIds=" + reply.WorkflowId: 1, "?workflowRunStatuses=FAILED": 0,
		"?until=2001-01-01T00:00:00Z&since=2000-01-01T00:00:00Z": 0, "?limit=2&offset=2": 1,
		"?eventIds=" + at(events, "rows", 2, "metadata", "id"): 1,
	} {
		if rows, _ := r.ask(200, "GET", eventsPath+query, nil)["rows"].([]any); len(rows) != want {
			t.Errorf("%s: %d events, want %d", query, len(rows), want)
		}
	}
	one := at(events, "rows", 0, "metadata", "id")
	r.expect("one", at(r.ask(200, "GET", eventsPath+"/"+one, nil), "payload"), `{"n":2}`)
	r.ask(404, "GET", eventsPath+"/"+id, nil)
	r.expect("keys", at(r.ask(200, "GET", eventsPath+"/keys", nil), "rows"), `["order:new"]`)

	r.ask(400, "POST", filtersPath, anything{"workflowId": reply.WorkflowId, "scope": "blue", "expression": "input.n > payload.min", "payload": anything{"min": 1}})
	r.ask(400, "POST", filtersPath, anything{"workflowId": id, "scope": "blue", "expression": "true"})
	r.ask(400, "POST", filtersPath, anything{"workflowId": "x", "scope": "blue", "expression": "true"})
	r.ask(400, "POST", filtersPath, anything{"workflowId": reply.WorkflowId, "expression": "true"})
	changed := r.ask(200, "PATCH", filtersPath+"/"+id, anything{"scope": "green"})
	r.expect("changed", at(changed, "scope")+at(changed, "expression"), "greeninput.n > payload.min")
	listed := r.ask(200, "GET", filtersPath+"?scopes=green&workflowIds="+reply.WorkflowId, nil)
	r.expect("listed", at(listed, "rows", 0, "metadata", "id")+at(listed, "pagination"), id+`{"current_page":0,"next_page":1,"num_pages":1}`)
	r.expect("deleted", at(r.ask(200, "DELETE", filtersPath+"/"+id, nil), "scope"), "green")
	r.ask(404, "GET", filtersPath+"/"+id, nil)
	push(1, "")
	<-payloads // without filters every event starts a run
}

func TestMetricsOverREST(t *testing.T) {
	r := startREST(t)
	r.register(&v1.CreateWorkflowVersionRequest{
		Name: "one", Concurrency: &v1.Concurrency{Expression: "'k'", MaxRuns: ptr(int32(1)), LimitStrategy: ptr(v1.ConcurrencyLimitStrategy_GROUP_ROUND_ROBIN)},
		Tasks: []*v1.CreateTaskOpts{{ReadableId: "a", Action: "one:a", Timeout: "60s"}},
	})
	r.put("two", "b")
	r.trigger("one", "{}")
	r.trigger("one", "{}")
	r.trigger("two", "{}")
	begun, end := make(chan struct{}, 10), make(chan struct{})
	r.work(func(context.Context, *contract.AssignedAction) (string, error) {
		begun <- struct{}{}
		<-end
		return "{}", nil
	}, "one:a")
	<-begun
	r.expect("queues", at(r.ask(200, "GET", "/api/v1/tenants/{tenant}/step-run-queue-metrics", nil), "queues"), `{"one":{"k":1},"two:b":1}`)
	stats := r.ask(200, "GET", "/api/v1/tenants/{tenant}/task-stats?taskNames=b,zero", nil)
	r.expect("running", at(stats, "a", "running", "total")+at(stats, "a", "queued", "total"), "11")
	r.expect("keys", at(stats, "a", "running", "concurrency", 0, "keys")+at(stats, "a", "queued", "concurrency", 0, "type"), `{"k":1}GROUP_ROUND_ROBIN`)
	r.expect("queued", at(stats, "b", "queued", "queues")+at(stats, "b", "running", "total")+at(stats, "zero", "queued", "total"), `{"two:b":1}00`)
	var counts []struct {
		Status string
		Count  int
	}
	path := "/api/v1/stable/tenants/{tenant}/task-metrics?since=2000-01-01T00:00:00Z&workflow_ids=" + r.workflowID("one")
	if code := r.call("GET", path, nil, &counts); code != 200 || fmt.Sprint(counts) != "[{CANCELLED 0} {COMPLETED 0} {FAILED 0} {QUEUED 1} {RUNNING 1}]" {
		t.Errorf("%d %v", code, counts)
	}
	close(end)
	r.ask(400, "GET", "/api/v1/stable/tenants/{tenant}/task-metrics", nil)
	r.ask(400, "GET", "/api/v1/tenants/{tenant}/prometheus-metrics", nil)
	r.ask(400, "GET", "/api/v1/tenants/{tenant}/queue-metrics", nil)
}

func ptr[T any](v T) *T { return &v }

func TestRateLimitsTenantAndCELOverREST(t *testing.T) {
	r := startREST(t)
	for i, key := range []string{"b", "a", "other"} {
		if _, err := r.workflows.PutRateLimit(r.ctx, &contract.PutRateLimitRequest{Key: key, Limit: int32(i + 1), Duration: contract.RateLimitDuration_HOUR}); err != nil {
			t.Fatal(err)
		}
	}
	const limits = "/api/v1/tenants/{tenant}/rate-limits"
	rows := r.ask(200, "GET", limits, nil)
	r.expect("limits", at(rows, "rows", 0, "key")+at(rows, "rows", 0, "limitValue")+at(rows, "rows", 0, "value")+at(rows, "rows", 0, "window"), "a221 HOUR")
	r.expect("ordered", at(r.ask(200, "GET", limits+"?orderByField=limitValue&orderByDirection=desc", nil), "rows", 0, "key"), "other")
	r.expect("searched", at(r.ask(200, "GET", limits+"?search=the", nil), "rows", 0, "key"), "other")
	r.ask(204, "DELETE", limits+"?key=a", nil)
	r.expect("deleted", at(r.ask(200, "GET", limits, nil), "rows", 0, "key"), "b")
	r.ask(400, "DELETE", limits, nil)

	r.expect("tenant", at(r.ask(200, "GET", "/api/v1/tenants/{tenant}", nil), "metadata", "id"), local.DefaultTenantID)
	r.expect("version", at(r.ask(200, "GET", "/api/v1/version", nil), "version"), local.DefaultVersion)

	const cel = "/api/v1/stable/tenants/{tenant}/cel/debug"
	for expression, want := range map[string]string{
		"input.n > payload.n": "SUCCESS true", "additional_metadata.m == 'x'": "SUCCESS false",
		"input.n": "ERROR null", "input.": "ERROR null", "input.missing == 1": "ERROR null",
	} {
		got := r.ask(200, "POST", cel, anything{
			"expression": expression, "input": anything{"n": 2}, "filterPayload": anything{"n": 1}, "additionalMetadata": anything{"m": "y"},
		})
		r.expect(expression, at(got, "status")+" "+at(got, "output"), want)
	}
	r.ask(400, "POST", cel, anything{"expression": "true"})
	r.ask(400, "POST", cel, anything{"input": anything{}})
}

func TestWorkflowsOverREST(t *testing.T) {
	r := startREST(t)
	r.put("job", "a")
	r.work(echo, "job:a")
	id := r.workflowID("job")
	path := "/api/v1/workflows/" + id
	paused := r.ask(200, "PATCH", path, anything{"pause": anything{
		"action": "pause", "pausedWorkflowCronRunQueueBehavior": "DROP", "pausedWorkflowScheduledRunQueueBehavior": "QUEUE", "pausedWorkflowQueueTTL": "1d",
	}})
	r.expect("paused", at(paused, "isPaused")+at(paused, "pausedWorkflowScheduledRunQueueBehavior"), "trueQUEUE")
	held := r.trigger("job", "{}")
	var status string
	r.call("GET", "/api/v1/stable/workflow-runs/"+held+"/status", nil, &status)
	r.expect("held", status, "QUEUED")
	r.ask(400, "PATCH", path, anything{"pause": anything{"action": "halt"}})
	r.ask(400, "PATCH", path, anything{"pause": anything{"action": "pause"}})
	r.expect("goes on", at(r.ask(200, "PATCH", path, anything{"pause": anything{"action": "unpause"}}), "isPaused"), "false")
	r.result(held)
	version := r.ask(200, "GET", path+"/versions", nil)
	r.expect("version", at(version, "workflowId")+at(version, "order"), id+"1")
	r.ask(404, "GET", path+"/versions?version=11111111-2222-3333-4444-555555555555", nil)

	details := r.ask(200, "GET", "/api/v1/stable/workflow-runs/"+held, nil)
	r.expect("newest event", at(details, "taskEvents", 0, "eventType")+at(details, "taskEvents", 0, "output"), `FINISHED{"task":"a"}`)
	events := r.ask(200, "GET", "/api/v1/stable/tasks/"+held+"/task-events?limit=1&offset=1", nil)
	r.expect("one before", at(events, "rows", 0, "eventType"), "STARTED")
	r.expect("of the run", at(r.ask(200, "GET", "/api/v1/stable/workflow-runs/"+held+"/task-events", nil), "rows", 0, "taskId"), held)
	if at(details, "run", "taskId") == "0" || at(details, "tasks", 0, "stepId") != at(details, "shape", 0, "stepId") {
		t.Errorf("details %s", at(details))
	}
	var ids []string
	r.call("GET", "/api/v1/stable/tenants/{tenant}/workflow-runs/external-ids?since=2000-01-01T00:00:00Z", nil, &ids)
	r.expect("ids", strings.Join(ids, ","), held)

	r.ask(204, "DELETE", path, nil)
	r.ask(404, "GET", path, nil)
	r.ask(404, "DELETE", path, nil)
	_, err := r.workflows.TriggerWorkflow(r.ctx, &v1.TriggerWorkflowRequest{Name: "job"})
	expectCode(t, err, codes.InvalidArgument, "not found")
	r.expect("its runs stay", fmt.Sprint(r.count("")), "1")
}

func TestBranchOverREST(t *testing.T) {
	r := startREST(t)
	const path = "/api/v1/stable/tenants/{tenant}/durable-tasks/branch"
	unknown := "11111111-2222-3333-4444-555555555555"
	r.ask(404, "POST", path, anything{"taskExternalId": unknown, "nodeId": 1, "branchId": 1})
	r.ask(400, "POST", path, anything{"taskExternalId": "x", "nodeId": 1, "branchId": 1})
	r.ask(400, "POST", path, anything{"taskExternalId": unknown, "branchId": 1})
	r.ask(400, "POST", path, anything{"taskExternalId": unknown, "nodeId": 1})
}
