package hatchet

import (
	"context"
	"net/http"
	"time"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

// runsMembers are the methods of hatchet.runs.
var runsMembers = []native.Member[*Realm]{
	{Name: "get", Type: "(run: string | RunRef<any>): Promise<JsonObject>",
		Doc:    "Everything that the engine tells of a run: { run, tasks, taskEvents, shape }.",
		Length: 1, Call: rest("hatchet.runs.get", http.MethodGet, 1, atRun("/api/v1/stable/workflow-runs/%s"))},
	{Name: "getStatus", Type: "(run: string | RunRef<any>): Promise<RunStatus>",
		Doc: "A run's status now, from the engine's own books.", Length: 1, Call: runsStatus},
	{Name: "get_status", Type: "(run: string | RunRef<any>): Promise<RunStatus>",
		Doc: "The same as getStatus.", Length: 1, Call: runsStatus},
	{Name: "getDetails", Type: "(run: string | RunRef<any>): Promise<RunDetails>",
		Doc:    "A run's status, input and metadata, and the status, output and error of each task.",
		Length: 1, Call: runsDetails},
	{Name: "list", Type: "(options?: ListRunsOptions): Promise<Page<JsonObject>>",
		Doc:  "Runs, newest first: { rows, pagination }.",
		Call: rest("hatchet.runs.list", http.MethodGet, 1, listRuns)},
	{Name: "cancel", Type: "(which: { ids?: (string | RunRef<any>)[]; filters?: RunFilters }): Promise<{ ids: string[] }>",
		Doc:    "Cancels runs and tasks, by their ids, or all that filters select, at most 20,000.",
		Length: 1, Call: rest("hatchet.runs.cancel", http.MethodPost, 1, manyRuns("cancel"))},
	{Name: "replay", Type: "(which: { ids?: (string | RunRef<any>)[]; filters?: RunFilters }): Promise<{ ids: string[] }>",
		Doc:    "Runs runs and tasks again, by their ids, or all that filters select, at most 1,000.",
		Length: 1, Call: rest("hatchet.runs.replay", http.MethodPost, 1, manyRuns("replay"))},
	{Name: "restoreTask", Type: "(taskRunId: string): Promise<JsonObject>",
		Doc:    "Has a durable task that was evicted while it waited come back to a worker.",
		Length: 1, Call: rest("hatchet.runs.restoreTask", http.MethodPost, 1, at("/api/v1/stable/tasks/%s/restore"))},
	{Name: "branchDurableTask", Type: "(taskRunId: string, nodeId: number, branchId?: number): Promise<JsonObject>",
		Doc:    "Runs a durable task again from one of the steps of its log. The first branch is 1.",
		Length: 2, Call: rest("hatchet.runs.branchDurableTask", http.MethodPost, 3, branchDurable)},
	{Name: "getTaskExternalId", Type: "(run: string | RunRef<any>): Promise<string>",
		Doc: "The id of the first task of a run.", Length: 1,
		Call: rest("hatchet.runs.getTaskExternalId", http.MethodGet, 1, atRun("/api/v1/stable/workflow-runs/%s").shaped(firstTask))},
	{Name: "runRef", Type: "<O = any>(id: string): RunRef<O>",
		Doc: "The reference to a run that is known by its id.", Length: 1, Call: runsRef},
	{Name: "subscribeToStream", Type: "(run: string | RunRef<any>): AsyncIterableIterator<string>",
		Doc:    "What the run streams from now on, to be taken by for await; it ends with the run.",
		Length: 1, Call: subscribe},
}

// runFilters are the filters of cancel and replay.
var runFilters = []option[*asked]{
	inBody("since", "since", "Date | string", "Only what began since. Default: an hour ago.", readInstant),
	inBody("until", "until", "Date | string", "Only what began until then.", readInstant),
	inBody("statuses", "statuses", "RunStatus[]", "Only what is in one of these statuses.", readStatuses),
	byName("workflowNames", "workflowIds", "WorkflowRef[]", "Only runs of these workflows.", true),
	inBody("additionalMetadata", "additionalMetadata", "Record<string, string>", "Only runs with any of this metadata.", readPairs),
}

// listRunsOptions are the options of list.
var listRunsOptions = []option[*asked]{
	inQuery("since", "since", "Date | string", "Only what began since. Default: an hour ago.", readInstant),
	inQuery("until", "until", "Date | string", "Only what began until then.", readInstant),
	inQuery("statuses", "statuses", "RunStatus[]", "Only what is in one of these statuses.", readStatuses),
	byName("workflowNames", "workflow_ids", "WorkflowRef[]", "Only runs of these workflows.", true),
	{"additionalMetadata", "Record<string, string>", "Only runs with all of this metadata.", setListMetadata},
	inQuery("offset", "offset", "number", "How many to leave out at the beginning.", readNumber),
	inQuery("limit", "limit", "number", "How many at most.", readNumber),
	inQuery("workerId", "worker_id", "string", "Only what ran on this worker.", readText),
	inQuery("onlyTasks", "only_tasks", "boolean", "Whether to list tasks and not runs. Default false.", readBoolean),
	inQuery("parentTaskExternalId", "parent_task_external_id", "string", "Only the children of this task.", readText),
	inQuery("parentTaskRunExternalId", "parent_task_external_id", "string", "The same as parentTaskExternalId.", readText),
	inQuery("triggeringEventExternalId", "triggering_event_external_id", "string", "Only runs that this event started.", readText),
	inQuery("includePayloads", "include_payloads", "boolean", "Whether rows have inputs and outputs.", readBoolean),
}

func setListMetadata(r *Realm, q *asked, what string, v goja.Value) {
	q.Query["additional_metadata"] = readPairs(r, v, what).([]string)
	q.Query.Set("additional_metadata_operator", "AND")
}

func readStatuses(r *Realm, v goja.Value, what string) any {
	words := readTexts(r, v, what).([]string)
	for _, word := range words {
		switch word {
		case StatusQueued, StatusRunning, StatusCompleted, StatusFailed, StatusCancelled:
		default:
			r.fail("%s: %q is no status; there are QUEUED, RUNNING, COMPLETED, FAILED and CANCELLED", what, word)
		}
	}
	return words
}

// lastHour is how far back the engine looks unless told, as in Hatchet's SDK.
const lastHour = time.Hour

func (r *Realm) anHourAgo() string { return wireTime(r.vm.Options().Clock.Now().Add(-lastHour)) }

func listRuns(r *Realm, what string, args []goja.Value, q *asked) {
	fixed("/api/v1/stable/tenants/{tenant}/workflow-runs").with(0, listRunsOptions)(r, what, args, q)
	if !q.Query.Has("since") {
		q.Query.Set("since", r.anHourAgo())
	}
	if !q.Query.Has("only_tasks") {
		q.Query.Set("only_tasks", "false")
	}
}

// atRun is the path of a run, given by its id or a reference to it.
func atRun(format string) reader {
	return func(r *Realm, what string, args []goja.Value, q *asked) {
		id, _ := r.runID(argument(args, 0), what)
		at(format)(r, what, []goja.Value{r.rt.ToValue(id)}, q)
	}
}

// runSelection are the keys of what cancel and replay are given.
var runSelection = []option[*asked]{
	{"ids", "(string | RunRef<any>)[]", "The runs, or tasks.", func(r *Realm, q *asked, what string, v goja.Value) {
		var ids []string
		for _, one := range native.Elements(r.rt, v, what) {
			id, _ := r.runID(one, what)
			ids = append(ids, id)
		}
		if len(ids) > 0 {
			q.body["externalIds"] = ids
		}
	}},
	{"filters", "RunFilters", "What the runs are like.", func(r *Realm, q *asked, what string, v goja.Value) {
		q.within = &asked{body: map[string]any{"since": r.anHourAgo()}, ids: map[string]lookup{}}
		apply(r, q.within, what, runFilters, native.Object(r.rt, v, what))
	}},
}

// manyRuns selects runs to cancel or replay.
func manyRuns(verb string) reader {
	return func(r *Realm, what string, args []goja.Value, q *asked) {
		q.Path, q.body = "/api/v1/stable/tenants/{tenant}/tasks/"+verb, map[string]any{}
		apply(r, q, what, runSelection, native.Object(r.rt, argument(args, 0), what+": what is selected"))
		if (q.body["externalIds"] == nil) == (q.within == nil) {
			r.fail("%s: give either ids, at least one, or filters", what)
		}
	}
}

func branchDurable(r *Realm, what string, args []goja.Value, q *asked) {
	q.Path = "/api/v1/stable/tenants/{tenant}/durable-tasks/branch"
	branch := 0
	if v := argument(args, 2); !native.Missing(v) {
		branch = native.Integer(r.rt, v, what+": the branch", 0, maxNumber)
	}
	q.body = map[string]any{
		"taskExternalId": r.id(argument(args, 0), what),
		"nodeId":         native.Integer(r.rt, argument(args, 1), what+": the node", 0, maxNumber),
		"branchId":       branch,
	}
}

// firstTask takes the id of the first task out of what a run is told as.
func firstTask(r *Realm, answer goja.Value) (goja.Value, error) {
	if run, ok := answer.(*goja.Object); ok {
		if tasks, ok := run.Get("tasks").(*goja.Object); ok {
			if first, ok := tasks.Get("0").(*goja.Object); ok {
				return first.Get("taskExternalId"), nil
			}
		}
	}
	return nil, &APIError{Status: http.StatusNotFound, Message: "the engine does not know any task of the run yet"}
}

func runsStatus(r *Realm, call goja.FunctionCall) goja.Value {
	const what = "hatchet.runs.getStatus"
	u := r.running(what)
	r.noMore(call, 1, what)
	id, _ := r.runID(call.Argument(0), what)
	return u.status(id)
}

func runsRef(r *Realm, call goja.FunctionCall) goja.Value {
	id, name := r.runID(call.Argument(0), "hatchet.runs.runRef")
	return r.reference(id, name)
}

// runsDetails is hatchet.runs.getDetails(run).
func runsDetails(r *Realm, call goja.FunctionCall) goja.Value {
	const what = "hatchet.runs.getDetails"
	u := r.running(what)
	r.noMore(call, 1, what)
	id, _ := r.runID(call.Argument(0), what)
	host := u.inv.Host
	return u.inquire(what, func(ctx context.Context) (answer, error) {
		details, err := host.Details(ctx, id)
		if err != nil {
			return nil, err
		}
		return func() (goja.Value, error) { return r.details(details) }, nil
	})
}

// details is where a run stands, in the shape of Hatchet's TypeScript SDK.
func (r *Realm) details(d *Details) (goja.Value, error) {
	tasks := r.rt.NewObject()
	for _, t := range d.Tasks {
		one := r.rt.NewObject()
		output, err := r.decodedOrNull(t.Output)
		if err != nil {
			return nil, err
		}
		_ = one.Set("externalId", t.TaskRunID)
		_ = one.Set("readableId", t.Name)
		_ = one.Set("status", t.Status)
		_ = one.Set("output", output)
		if t.Error != "" {
			_ = one.Set("error", t.Error)
		}
		_ = one.Set("isEvicted", t.Evicted)
		_ = tasks.DefineDataProperty(t.Name, one, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE)
	}
	input, err := r.decodedOrNull(d.Input)
	if err != nil {
		return nil, err
	}
	metadata, err := r.decodedOrNull(d.AdditionalMetadata)
	if err != nil {
		return nil, err
	}
	object := r.rt.NewObject()
	_ = object.Set("status", d.Status)
	_ = object.Set("done", d.Done)
	_ = object.Set("input", input)
	_ = object.Set("additionalMetadata", metadata)
	_ = object.Set("isEvicted", d.Evicted)
	_ = object.Set("taskRuns", tasks)
	return object, nil
}

func (r *Realm) decodedOrNull(text []byte) (goja.Value, error) {
	if len(text) == 0 {
		return goja.Null(), nil
	}
	return r.decoder.Decode(text)
}
