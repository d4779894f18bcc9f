package hatchet

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

const (
	schedulesPath = "/api/v1/tenants/{tenant}/workflows/scheduled"
	cronsPath     = "/api/v1/tenants/{tenant}/workflows/crons"
)

// scheduleMembers are the methods of hatchet.schedules.
var scheduleMembers = []native.Member[*Realm]{
	{Name: "create", Type: "(workflow: WorkflowRef, options: ScheduleOptions): Promise<Resource>",
		Doc: "Plans one run of a workflow.", Length: 2,
		Call: rest("hatchet.schedules.create", http.MethodPost, 2, planOf("scheduled").with(1, scheduleOptions).needing("triggerAt, a Date", "triggerAt"))},
	{Name: "list", Type: "(options?: ListSchedulesOptions): Promise<Page<Resource>>",
		Doc:  "The planned runs.",
		Call: rest("hatchet.schedules.list", http.MethodGet, 1, fixed(schedulesPath).with(0, listSchedulesOptions))},
	{Name: "get", Type: "(schedule: string | Resource): Promise<Resource>",
		Doc: "One planned run.", Length: 1,
		Call: rest("hatchet.schedules.get", http.MethodGet, 1, at(schedulesPath+"/%s"))},
	{Name: "update", Type: "(schedule: string | Resource, options: { triggerAt: Date | string }): Promise<Resource>",
		Doc: "Moves a planned run to another time.", Length: 2,
		Call: rest("hatchet.schedules.update", http.MethodPatch, 2,
			at(schedulesPath+"/%s").with(1, triggerAtOption).needing("triggerAt, a Date", "triggerAt").sending(nil))},
	{Name: "delete", Type: "(schedule: string | Resource): Promise<void>",
		Doc: "Removes a planned run.", Length: 1,
		Call: rest("hatchet.schedules.delete", http.MethodDelete, 1, at(schedulesPath+"/%s"))},
	{Name: "bulkDelete", Type: "(which: { scheduledRuns?: (string | Resource)[]; filter?: ScheduleFilter }): Promise<JsonObject>",
		Doc: "Removes planned runs, by their ids or all that a filter selects.", Length: 1,
		Call: rest("hatchet.schedules.bulkDelete", http.MethodPost, 1, deleteSchedules)},
	{Name: "bulkUpdate", Type: "(updates: { scheduledRun: string | Resource; triggerAt: Date | string }[]): Promise<JsonObject>",
		Doc: "Moves planned runs to other times.", Length: 1,
		Call: rest("hatchet.schedules.bulkUpdate", http.MethodPost, 1, updateSchedules)},
}

// cronMembers are the methods of hatchet.crons.
var cronMembers = []native.Member[*Realm]{
	{Name: "create", Type: "(workflow: WorkflowRef, options: CronOptions): Promise<Resource>",
		Doc: "Has a workflow run whenever a cron expression says.", Length: 2,
		Call: rest("hatchet.crons.create", http.MethodPost, 2, planOf("crons").with(1, cronOptions).needing("a name and an expression", "cronName", "cronExpression"))},
	{Name: "list", Type: "(options?: ListCronsOptions): Promise<Page<Resource>>",
		Doc:  "The crons, those that workflows declare among them.",
		Call: rest("hatchet.crons.list", http.MethodGet, 1, fixed(cronsPath).with(0, listCronsOptions))},
	{Name: "get", Type: "(cron: string | Resource): Promise<Resource>",
		Doc: "One cron.", Length: 1,
		Call: rest("hatchet.crons.get", http.MethodGet, 1, at(cronsPath+"/%s"))},
	{Name: "update", Type: "(cron: string | Resource, options: { enabled: boolean }): Promise<void>",
		Doc: "Turns a cron off, or on again.", Length: 2,
		Call: rest("hatchet.crons.update", http.MethodPatch, 2, at(cronsPath+"/%s").with(1, enabledOption).needing("enabled, true or false", "enabled").sending(nil))},
	{Name: "delete", Type: "(cron: string | Resource): Promise<void>",
		Doc: "Removes a cron.", Length: 1,
		Call: rest("hatchet.crons.delete", http.MethodDelete, 1, at(cronsPath+"/%s"))},
}

// planned is what runs to come are given.
var planned = []option[*asked]{
	inBody("input", "input", "JsonObject", "The input of the runs.", readObject),
	inBody("additionalMetadata", "additionalMetadata", "JsonObject", "Metadata of the runs.", readObject),
	inBody("priority", "priority", "1 | 2 | 3", "The priority of the runs. Default: the workflow's own.", readPriority),
}

var triggerAtOption = []option[*asked]{
	inBody("triggerAt", "triggerAt", "Date | string", "When the run is to begin.", readInstant),
}

var scheduleOptions = append(triggerAtOption[:1:1], planned...)

var cronOptions = append([]option[*asked]{
	inBody("name", "cronName", "string", "The name of the cron.", readText),
	inBody("expression", "cronExpression", "string", "Five or six fields, UTC unless it begins with TZ=<zone>.", readCron),
}, planned...)

var enabledOption = []option[*asked]{
	inBody("enabled", "enabled", "boolean", "Whether the cron starts runs.", readBoolean),
}

func readCron(r *Realm, v goja.Value, what string) any {
	expression := native.NonEmpty(r.rt, v, what)
	if _, err := workflow.ParseCron(expression); err != nil {
		r.fail("%s: %v", what, err)
	}
	return expression
}

// planOf is the path under which a workflow's schedules or crons are made.
func planOf(kind string) reader {
	return func(r *Realm, what string, args []goja.Value, q *asked) {
		name := r.nameOf(argument(args, 0), what+": the workflow")
		q.before = func(_ context.Context, host Management) error {
			q.Path = fmt.Sprintf("/api/v1/tenants/{tenant}/workflows/%s/%s", url.PathEscape(host.WireName(name)), kind)
			return nil
		}
		q.body = map[string]any{"input": struct{}{}, "additionalMetadata": struct{}{}}
	}
}

var listSchedulesOptions = append([]option[*asked]{
	byName("workflow", "workflowId", "WorkflowRef", "Only runs of this workflow.", false),
	inQuery("workflowId", "workflowId", "string", "The same by the workflow's id.", readText),
	inQuery("parentWorkflowRunId", "parentWorkflowRunId", "string", "Only what this run has planned.", readText),
	inQuery("parentStepRunId", "parentStepRunId", "string", "Only what this task has planned.", readText),
	inQuery("statuses", "statuses", "string[]", "Only what is in one of these statuses, SCHEDULED among them.", readTexts),
	inQuery("orderByField", "orderByField", "'triggerAt' | 'createdAt'", "What to sort by.", readText),
}, paged...)

var listCronsOptions = append([]option[*asked]{
	byName("workflow", "workflowId", "WorkflowRef", "Only crons of this workflow.", false),
	inQuery("workflowId", "workflowId", "string", "The same by the workflow's id.", readText),
	inQuery("workflowName", "workflowName", "string", "Only crons of workflows of this name.", readText),
	inQuery("cronName", "cronName", "string", "Only crons of this name.", readText),
	inQuery("orderByField", "orderByField", "'name' | 'createdAt'", "What to sort by.", readText),
}, paged...)

// paged are the options that lists share.
var paged = []option[*asked]{
	inQuery("additionalMetadata", "additionalMetadata", "Record<string, string>", "Only those with this metadata.", readPairs),
	inQuery("orderByDirection", "orderByDirection", "'ASC' | 'DESC'", "Which way to sort.", readText),
	inQuery("offset", "offset", "number", "How many to leave out at the beginning.", readNumber),
	inQuery("limit", "limit", "number", "How many at most.", readNumber),
}

// scheduleFilter selects planned runs to remove.
var scheduleFilter = []option[*asked]{
	byName("workflow", "workflowId", "WorkflowRef", "Only runs of this workflow.", false),
	inBody("workflowId", "workflowId", "string", "The same by the workflow's id.", readText),
	inBody("parentWorkflowRunId", "parentWorkflowRunId", "string", "Only what this run has planned.", readText),
	inBody("parentStepRunId", "parentStepRunId", "string", "Only what this task has planned.", readText),
	inBody("additionalMetadata", "additionalMetadata", "Record<string, string>", "Only those with this metadata.", readPairs),
}

// scheduleSelection are the keys of what bulkDelete is given.
var scheduleSelection = []option[*asked]{
	{"scheduledRuns", "(string | Resource)[]", "The planned runs.", func(r *Realm, q *asked, what string, v goja.Value) {
		q.body["scheduledWorkflowRunIds"] = r.ids(v, what)
	}},
	{"filter", "ScheduleFilter", "What they are like.", func(r *Realm, q *asked, what string, v goja.Value) {
		q.within = &asked{body: map[string]any{}, ids: map[string]lookup{}}
		apply(r, q.within, what, scheduleFilter, native.Object(r.rt, v, what))
	}},
}

func (r *Realm) ids(v goja.Value, what string) []string {
	ids := []string{}
	for _, one := range native.Elements(r.rt, v, what) {
		ids = append(ids, r.id(one, what))
	}
	return ids
}

func deleteSchedules(r *Realm, what string, args []goja.Value, q *asked) {
	q.Path, q.body = schedulesPath+"/bulk-delete", map[string]any{}
	apply(r, q, what, scheduleSelection, native.Object(r.rt, argument(args, 0), what+": what is selected"))
	if (q.body["scheduledWorkflowRunIds"] == nil) == (q.within == nil) {
		r.fail("%s: give either scheduledRuns or a filter", what)
	}
}

func updateSchedules(r *Realm, what string, args []goja.Value, q *asked) {
	q.Path = schedulesPath + "/bulk-update"
	updates := []map[string]any{}
	for _, one := range native.Elements(r.rt, argument(args, 0), what+": the updates") {
		bag := native.Object(r.rt, one, what+": an update")
		update := asked{body: map[string]any{}}
		apply(r, &update, what, scheduleUpdate, bag)
		if len(update.body) != 2 {
			r.fail("%s: an update needs a scheduledRun and triggerAt", what)
		}
		updates = append(updates, update.body)
	}
	q.body = map[string]any{"updates": updates}
}

var scheduleUpdate = []option[*asked]{
	{"scheduledRun", "string | Resource", "The planned run.", func(r *Realm, q *asked, what string, v goja.Value) {
		q.body["id"] = r.id(v, what)
	}},
	triggerAtOption[0],
}

// later makes .schedule(date, input?, options?) of a declaration, and with a
// reader of durations .delay(duration, input?, options?).
func later(method string, when func(r *Realm, v goja.Value, what string) time.Time) func(*Realm, goja.FunctionCall) goja.Value {
	return func(r *Realm, call goja.FunctionCall) goja.Value {
		d := r.declared(call, method)
		what := "." + method + "()"
		u := r.running(what)
		r.noMore(call, 3, what)
		q := &asked{APIRequest: APIRequest{Method: http.MethodPost, Query: url.Values{}}, ids: map[string]lookup{}}
		planOf("scheduled").with(2, planned[1:])(r, what, []goja.Value{r.rt.ToValue(d.Name), nil, call.Argument(2)}, q)
		q.body["triggerAt"] = wireTime(when(r, call.Argument(0), what))
		if input := call.Argument(1); !native.Missing(input) {
			q.body["input"] = readObject(r, input, what+": the input")
		}
		return u.ask(what, q)
	}
}

func (r *Realm) afterNow(v goja.Value, what string) time.Time {
	return r.vm.Options().Clock.Now().Add(r.duration(v, what))
}

// putRateLimit is hatchet.ratelimits.upsert({ key, limit, duration }).
func putRateLimit(r *Realm, call goja.FunctionCall) goja.Value {
	const what = "hatchet.ratelimits.upsert"
	u := r.running(what)
	r.noMore(call, 1, what)
	q := &asked{body: map[string]any{}}
	apply(r, q, what, rateLimitUpsert, native.Object(r.rt, call.Argument(0), what+": the limit"))
	key, named := q.body["key"].(string)
	limit, limited := q.body["limit"].(int)
	if !named || !limited {
		r.fail("%s needs a key and a limit", what)
	}
	window, _ := q.body["duration"].(string)
	host := u.inv.Host
	return u.effect(what, func(ctx context.Context) (answer, error) {
		err := host.PutRateLimit(ctx, key, limit, window)
		return func() (goja.Value, error) { return r.rt.ToValue(key), nil }, err
	})
}
