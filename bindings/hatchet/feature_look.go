package hatchet

import (
	"net/http"
	"strings"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

// listEvents is hatchet.events.list.
var listEvents = native.Member[*Realm]{
	Name: "list", Type: "(options?: ListEventsOptions): Promise<Page<Resource>>",
	Doc:  "Events that were pushed, newest first, with the runs that they started.",
	Call: rest("hatchet.events.list", http.MethodGet, 1, fixed("/api/v1/stable/tenants/{tenant}/events").with(0, listEventsOptions)),
}

var listEventsOptions = []option[*asked]{
	inQuery("keys", "keys", "string[]", "Only events of these keys.", readTexts),
	inQuery("since", "since", "Date | string", "Only events since.", readInstant),
	inQuery("until", "until", "Date | string", "Only events until then.", readInstant),
	byName("workflows", "workflowIds", "WorkflowRef[]", "Only events that started these workflows.", true),
	inQuery("workflowIds", "workflowIds", "string[]", "The same by the workflows' ids.", readTexts),
	inQuery("workflowRunStatuses", "workflowRunStatuses", "RunStatus[]", "Only events with runs in one of these statuses.", readStatuses),
	inQuery("eventIds", "eventIds", "string[]", "Only these events.", readTexts),
	inQuery("additionalMetadata", "additionalMetadata", "Record<string, string>", "Only events with this metadata.", readPairs),
	inQuery("scopes", "scopes", "string[]", "Only events of these scopes.", readTexts),
	inQuery("offset", "offset", "number", "How many to leave out at the beginning.", readNumber),
	inQuery("limit", "limit", "number", "How many at most.", readNumber),
}

// logsMembers are the methods of hatchet.logs.
var logsMembers = []native.Member[*Realm]{
	{Name: "list", Type: "(taskRunId: string, options?: ListLogsOptions): Promise<Page<JsonObject>>",
		Doc: "The log of a task.", Length: 1,
		Call: rest("hatchet.logs.list", http.MethodGet, 2, at("/api/v1/stable/tasks/%s/logs").with(1, listLogsOptions))},
}

var listLogsOptions = []option[*asked]{
	inQuery("limit", "limit", "number", "How many lines at most.", readNumber),
	inQuery("since", "since", "Date | string", "Only lines since.", readInstant),
	inQuery("until", "until", "Date | string", "Only lines until then.", readInstant),
	inQuery("search", "search", "string", "Only lines that contain this.", readText),
	inQuery("levels", "levels", "('DEBUG' | 'INFO' | 'WARN' | 'ERROR')[]", "Only lines of these levels.", readTexts),
	inQuery("orderByDirection", "order_by_direction", "'ASC' | 'DESC'", "Which way to sort by time.", readText),
	inQuery("attempt", "attempt", "number", "Only lines of this attempt, from 1.", readNumber),
}

// metricsMembers are the methods of hatchet.metrics.
var metricsMembers = []native.Member[*Realm]{
	{Name: "getTaskStatusMetrics", Type: "(options?: TaskMetricsOptions): Promise<TaskStatusMetrics>",
		Doc:  "How many tasks are in each status: { queued, running, completed, failed, cancelled }.",
		Call: rest("hatchet.metrics.getTaskStatusMetrics", http.MethodGet, 1, taskMetrics)},
	{Name: "getQueueMetrics", Type: "(): Promise<JsonObject>",
		Doc:  "How many tasks wait, by action.",
		Call: rest("hatchet.metrics.getQueueMetrics", http.MethodGet, 0, fixed("/api/v1/tenants/{tenant}/step-run-queue-metrics"))},
	{Name: "scrapePrometheusMetrics", Type: "(): Promise<string>",
		Doc:  "The engine's metrics of the tenant, in Prometheus' text format.",
		Call: rest("hatchet.metrics.scrapePrometheusMetrics", http.MethodGet, 0, fixed("/api/v1/tenants/{tenant}/prometheus-metrics"))},
	{Name: "getTaskStats", Type: "(): Promise<JsonObject>",
		Doc:  "How many tasks wait and run, by task and concurrency key.",
		Call: rest("hatchet.metrics.getTaskStats", http.MethodGet, 0, fixed("/api/v1/tenants/{tenant}/task-stats"))},
}

var taskMetricsOptions = []option[*asked]{
	inQuery("since", "since", "Date | string", "Only tasks that began since. Default: an hour ago.", readInstant),
	inQuery("until", "until", "Date | string", "Only tasks that began until then.", readInstant),
	byName("workflows", "workflow_ids", "WorkflowRef[]", "Only tasks of these workflows.", true),
	inQuery("workflow_ids", "workflow_ids", "string[]", "The same by the workflows' ids.", readTexts),
	inQuery("parent_task_external_id", "parent_task_external_id", "string", "Only the children of this task.", readText),
	inQuery("triggering_event_external_id", "triggering_event_external_id", "string", "Only tasks that this event started.", readText),
	inQuery("additional_metadata", "additional_metadata", "string[]", "Only tasks with this metadata, each as key:value.", readTexts),
}

func taskMetrics(r *Realm, what string, args []goja.Value, q *asked) {
	fixed("/api/v1/stable/tenants/{tenant}/task-metrics").with(0, taskMetricsOptions).shaped(countsByStatus)(r, what, args, q)
	if !q.Query.Has("since") {
		q.Query.Set("since", r.anHourAgo())
	}
}

// countsByStatus turns [{ status, count }] into { queued, … }.
func countsByStatus(r *Realm, answer goja.Value) (goja.Value, error) {
	counts := r.rt.NewObject()
	if !native.IsArray(answer) {
		return counts, nil
	}
	for _, one := range native.Elements(r.rt, answer, "the metrics") {
		if row, ok := one.(*goja.Object); ok && row.Get("status") != nil {
			_ = counts.Set(strings.ToLower(row.Get("status").String()), row.Get("count"))
		}
	}
	return counts, nil
}

// celMembers are the methods of hatchet.cel.
var celMembers = []native.Member[*Realm]{
	{Name: "debug", Type: "(what: CelDebugOptions): Promise<{ status: 'SUCCESS'; output: boolean } | { status: 'ERROR'; error: string }>",
		Doc: "Evaluates a filter's expression.", Length: 1,
		Call: rest("hatchet.cel.debug", http.MethodPost, 1,
			fixed("/api/v1/stable/tenants/{tenant}/cel/debug").with(0, celOptions).needing("an expression", "expression").sending(map[string]any{"input": struct{}{}}))},
}

var celOptions = []option[*asked]{
	inBody("expression", "expression", "string", "CEL over input, payload and additional_metadata, as in a filter.", readText),
	inBody("input", "input", "JsonObject", "The event's payload.", readObject),
	inBody("filterPayload", "filterPayload", "JsonObject", "The filter's payload.", readObject),
	inBody("additionalMetadata", "additionalMetadata", "Record<string, string>", "The event's metadata.", readObject),
}

// tenantMembers are the methods of hatchet.tenant.
var tenantMembers = []native.Member[*Realm]{
	{Name: "get", Type: "(): Promise<Resource>",
		Doc:  "The tenant that the worker belongs to.",
		Call: rest("hatchet.tenant.get", http.MethodGet, 0, fixed("/api/v1/tenants/{tenant}"))},
}

// apiMembers are the methods of hatchet.api.
var apiMembers = []native.Member[*Realm]{
	{Name: "request", Type: "<T = any>(request: ApiRequest): Promise<T>",
		Doc: "Makes a request and gives the body of the answer.", Length: 1, Call: apiRequest},
	{Name: "get", Type: "<T = any>(path: string, options?: { query?: ApiQuery }): Promise<T>",
		Doc: "A GET request.", Length: 1, Call: apiShort("get", http.MethodGet, false)},
	{Name: "post", Type: "<T = any>(path: string, body?: unknown, options?: { query?: ApiQuery }): Promise<T>",
		Doc: "A POST request with a JSON body.", Length: 1, Call: apiShort("post", http.MethodPost, true)},
	{Name: "put", Type: "<T = any>(path: string, body?: unknown, options?: { query?: ApiQuery }): Promise<T>",
		Doc: "A PUT request with a JSON body.", Length: 1, Call: apiShort("put", http.MethodPut, true)},
	{Name: "patch", Type: "<T = any>(path: string, body?: unknown, options?: { query?: ApiQuery }): Promise<T>",
		Doc: "A PATCH request with a JSON body.", Length: 1, Call: apiShort("patch", http.MethodPatch, true)},
	{Name: "delete", Type: "<T = any>(path: string, options?: { query?: ApiQuery }): Promise<T>",
		Doc: "A DELETE request.", Length: 1, Call: apiShort("delete", http.MethodDelete, false)},
}

var apiQueryOption = option[*asked]{"query", "ApiQuery", "What follows the path; a list repeats its key.",
	func(r *Realm, q *asked, what string, v goja.Value) {
		given := native.Object(r.rt, v, what)
		for _, key := range given.Keys() {
			for _, one := range oneOrMany(r, given.Get(key), what) {
				if !native.Missing(one) {
					q.Query.Add(key, one.String())
				}
			}
		}
	}}

// apiRequestOptions are the keys of hatchet.api.request.
var apiRequestOptions = []option[*asked]{
	{"method", "'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'", "Default 'GET'.",
		func(r *Realm, q *asked, what string, v goja.Value) {
			q.Method = strings.ToUpper(native.NonEmpty(r.rt, v, what))
			switch q.Method {
			case http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete:
			default:
				r.fail("%s must be GET, POST, PUT, PATCH or DELETE, got %s", what, native.Quote(v))
			}
		}},
	{"path", "string", "The path, which begins with /api/; {tenant} in it stands for the worker's tenant.",
		func(r *Realm, q *asked, what string, v goja.Value) { q.Path = r.apiPath(v, what) }},
	apiQueryOption,
	{"body", "unknown", "What is sent as JSON.", func(r *Realm, q *asked, what string, v goja.Value) { q.Body = r.json(v, what) }},
}

// apiPath reads a path of the REST face.
func (r *Realm) apiPath(v goja.Value, what string) string {
	path := native.NonEmpty(r.rt, v, what)
	if !strings.HasPrefix(path, "/api/") {
		r.fail("%s must begin with /api/, got %s", what, native.Quote(v))
	}
	return path
}

func apiRequest(r *Realm, call goja.FunctionCall) goja.Value {
	const what = "hatchet.api.request"
	return rest(what, http.MethodGet, 1, func(r *Realm, what string, args []goja.Value, q *asked) {
		apply(r, q, what, apiRequestOptions, native.Object(r.rt, argument(args, 0), what+": the request"))
		if q.Path == "" {
			r.fail("%s needs a path", what)
		}
	})(r, call)
}

func apiShort(name, method string, body bool) func(*Realm, goja.FunctionCall) goja.Value {
	most := 2
	if body {
		most = 3
	}
	return rest("hatchet.api."+name, method, most, func(r *Realm, what string, args []goja.Value, q *asked) {
		q.Path = r.apiPath(argument(args, 0), what+": the path")
		if body && !native.Missing(argument(args, 1)) {
			q.Body = r.json(argument(args, 1), what+": the body")
		}
		apply(r, q, what, []option[*asked]{apiQueryOption}, r.bag(argument(args, most-1), what+": the options"))
	})
}
