package hatchet

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// workflowsMembers are the methods of hatchet.workflows.
var workflowsMembers = []native.Member[*Realm]{
	{Name: "get", Type: "(workflow: WorkflowRef): Promise<Resource>",
		Doc: "What the engine knows of a workflow, by its name or id.", Length: 1,
		Call: aboutWorkflow("hatchet.workflows.get", http.MethodGet, "", nil)},
	{Name: "getWorkflowIdFromName", Type: "(workflow: WorkflowRef): Promise<string>",
		Doc: "The id of a workflow.", Length: 1, Call: workflowIDFromName},
	{Name: "list", Type: "(options?: ListWorkflowsOptions): Promise<Page<Resource>>",
		Doc: "The workflows.",
		Call: rest("hatchet.workflows.list", http.MethodGet, 1,
			fixed("/api/v1/tenants/{tenant}/workflows").with(0, listWorkflowsOptions))},
	{Name: "delete", Type: "(workflow: WorkflowRef): Promise<void>",
		Doc: "Deletes a workflow, with its crons and what waits of it.", Length: 1,
		Call: aboutWorkflow("hatchet.workflows.delete", http.MethodDelete, "", nil)},
	{Name: "pause", Type: "(workflow: WorkflowRef, options?: PauseOptions): Promise<Resource>",
		Doc: "Holds a workflow's runs back until it is unpaused.", Length: 1,
		Call: aboutWorkflow("hatchet.workflows.pause", http.MethodPatch, "pause", pauseOptions)},
	{Name: "unpause", Type: "(workflow: WorkflowRef): Promise<Resource>",
		Doc: "Lets a paused workflow's runs begin.", Length: 1,
		Call: aboutWorkflow("hatchet.workflows.unpause", http.MethodPatch, "unpause", nil)},
	{Name: "isPaused", Type: "(workflow: WorkflowRef): Promise<boolean>",
		Doc: "Whether a workflow is paused.", Length: 1,
		Call: aboutWorkflow("hatchet.workflows.isPaused", http.MethodGet, "", nil, field("isPaused"))},
}

var listWorkflowsOptions = []option[*asked]{
	{"name", "string", "Only workflows whose name contains this.", func(r *Realm, q *asked, what string, v goja.Value) {
		q.Query.Set("name", native.NonEmpty(r.rt, v, what))
	}},
	inQuery("offset", "offset", "number", "How many to leave out at the beginning.", readNumber),
	inQuery("limit", "limit", "number", "How many at most.", readNumber),
}

// Defaults of a pause: what crons and schedules would start meanwhile is
// dropped, and what waits is kept for a day.
const (
	pauseDrops = "DROP"
	pauseKeeps = "24h"
)

var pauseOptions = []option[*asked]{
	inBody("cronRuns", "pausedWorkflowCronRunQueueBehavior", "'QUEUE' | 'DROP'",
		"What becomes of runs that crons start meanwhile. Default 'DROP'.", readText),
	inBody("scheduledRuns", "pausedWorkflowScheduledRunQueueBehavior", "'QUEUE' | 'DROP'",
		"What becomes of planned runs that fall due meanwhile. Default 'DROP'.", readText),
	inBody("queueTTL", "pausedWorkflowQueueTTL", "Duration",
		"How long runs may wait for the end of the pause. Default 24h.",
		func(r *Realm, v goja.Value, what string) any { return workflow.WireDuration(r.duration(v, what)) }),
}

// aboutWorkflow makes a method for one workflow, which the REST face knows by
// its id. action is what a PATCH does to it, with options.
func aboutWorkflow(what, method, action string, options []option[*asked],
	shape ...func(*Realm, goja.Value) (goja.Value, error)) func(*Realm, goja.FunctionCall) goja.Value {
	return func(r *Realm, call goja.FunctionCall) goja.Value {
		u := r.running(what)
		r.noMore(call, 2, what)
		name := r.nameOf(call.Argument(0), what+": the workflow")
		q := &asked{APIRequest: APIRequest{Method: method, Query: url.Values{}}}
		if action != "" {
			q.body = map[string]any{"action": action}
		}
		if options != nil {
			q.body["pausedWorkflowCronRunQueueBehavior"], q.body["pausedWorkflowScheduledRunQueueBehavior"] = pauseDrops, pauseDrops
			q.body["pausedWorkflowQueueTTL"] = pauseKeeps
		}
		apply(r, q, what, options, r.bag(call.Argument(1), what+": the options"))
		if q.body != nil {
			q.body = map[string]any{"pause": q.body}
		}
		if len(shape) > 0 {
			q.shape = shape[0]
		}
		q.before = func(ctx context.Context, host Management) error {
			id, err := workflowID(ctx, host, name)
			q.Path = "/api/v1/workflows/" + url.PathEscape(id)
			return err
		}
		return u.ask(what, q)
	}
}

func workflowIDFromName(r *Realm, call goja.FunctionCall) goja.Value {
	const what = "hatchet.workflows.getWorkflowIdFromName"
	u := r.running(what)
	r.noMore(call, 1, what)
	name := r.nameOf(call.Argument(0), what)
	host := u.inv.Host
	return u.inquire(what, func(ctx context.Context) (answer, error) {
		id, err := workflowID(ctx, host, name)
		return func() (goja.Value, error) { return r.rt.ToValue(id), nil }, err
	})
}

// field gives one field of the answer; false where it is missing.
func field(name string) func(*Realm, goja.Value) (goja.Value, error) {
	return func(r *Realm, answer goja.Value) (goja.Value, error) {
		if o, ok := answer.(*goja.Object); ok {
			if v := o.Get(name); v != nil {
				return v, nil
			}
		}
		return r.rt.ToValue(false), nil
	}
}

// workersMembers are the methods of hatchet.workers.
var workersMembers = []native.Member[*Realm]{
	{Name: "list", Type: "(options?: ListWorkersOptions): Promise<Page<Resource>>",
		Doc:  "The workers.",
		Call: rest("hatchet.workers.list", http.MethodGet, 1, fixed("/api/v1/tenants/{tenant}/worker").with(0, listWorkersOptions))},
	{Name: "get", Type: "(worker: string | Resource): Promise<Resource>",
		Doc: "One worker; ctx.worker.id() is the id of this one.", Length: 1,
		Call: rest("hatchet.workers.get", http.MethodGet, 1, at("/api/v1/workers/%s"))},
	{Name: "isPaused", Type: "(worker: string | Resource): Promise<boolean>",
		Doc: "Whether a worker is paused.", Length: 1,
		Call: rest("hatchet.workers.isPaused", http.MethodGet, 1, at("/api/v1/workers/%s").shaped(isPaused))},
	{Name: "pause", Type: "(worker: string | Resource): Promise<Resource>",
		Doc: "Gives a worker no more tasks. What it runs goes on.", Length: 1,
		Call: rest("hatchet.workers.pause", http.MethodPatch, 1, at("/api/v1/workers/%s").sending(map[string]any{"isPaused": true}))},
	{Name: "unpause", Type: "(worker: string | Resource): Promise<Resource>",
		Doc: "Gives a paused worker tasks again.", Length: 1,
		Call: rest("hatchet.workers.unpause", http.MethodPatch, 1, at("/api/v1/workers/%s").sending(map[string]any{"isPaused": false}))},
}

var listWorkersOptions = []option[*asked]{
	inQuery("statuses", "statuses", "('ACTIVE' | 'INACTIVE' | 'PAUSED')[]", "Only workers in one of these statuses.", readTexts),
	inQuery("labels", "labels", "string[]", "Only workers with these labels, each as key:value.", readTexts),
	inQuery("offset", "offset", "number", "How many to leave out at the beginning.", readNumber),
	inQuery("limit", "limit", "number", "How many at most.", readNumber),
}

func isPaused(r *Realm, worker goja.Value) (goja.Value, error) {
	o, ok := worker.(*goja.Object)
	return r.rt.ToValue(ok && o.Get("status") != nil && o.Get("status").String() == "PAUSED"), nil
}

// rateLimitMembers are the methods of hatchet.ratelimits.
var rateLimitMembers = []native.Member[*Realm]{
	{Name: "upsert", Type: "(limit: RateLimitUpsert): Promise<string>",
		Doc: "Creates or changes a rate limit, and gives its key.", Length: 1, Call: putRateLimit},
	{Name: "list", Type: "(options?: ListRateLimitsOptions): Promise<Page<JsonObject>>",
		Doc:  "The rate limits.",
		Call: rest("hatchet.ratelimits.list", http.MethodGet, 1, fixed("/api/v1/tenants/{tenant}/rate-limits").with(0, listRateLimitsOptions))},
}

// rateWindows are the windows by their number on the wire, which is what
// Hatchet's own enum holds.
var rateWindows = []string{"SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "YEAR"}

var rateLimitUpsert = []option[*asked]{
	inBody("key", "key", "string", "The name of the limit.", readText),
	inBody("limit", "limit", "number", "How many units a window has.", readNumber),
	inBody("duration", "duration", "'second' | 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year'", "The window. Default 'minute'.",
		func(r *Realm, v goja.Value, what string) any {
			if goja.IsNumber(v) {
				return rateWindows[native.Integer(r.rt, v, what, 0, len(rateWindows)-1)]
			}
			return native.NonEmpty(r.rt, v, what)
		}),
}

var listRateLimitsOptions = []option[*asked]{
	inQuery("search", "search", "string", "Only limits whose key contains this.", readText),
	inQuery("orderByField", "orderByField", "'key' | 'value' | 'limitValue'", "What to sort by.", readText),
	inQuery("orderByDirection", "orderByDirection", "'asc' | 'desc'", "Which way to sort.", readText),
	inQuery("offset", "offset", "number", "How many to leave out at the beginning.", readNumber),
	inQuery("limit", "limit", "number", "How many at most.", readNumber),
}

const filtersPath = "/api/v1/stable/tenants/{tenant}/filters"

// filterMembers are the methods of hatchet.filters.
var filterMembers = []native.Member[*Realm]{
	{Name: "list", Type: "(options?: ListFiltersOptions): Promise<Page<Resource>>",
		Doc:  "The filters.",
		Call: rest("hatchet.filters.list", http.MethodGet, 1, fixed(filtersPath).with(0, listFiltersOptions))},
	{Name: "get", Type: "(filter: string | Resource): Promise<Resource>",
		Doc: "One filter.", Length: 1, Call: rest("hatchet.filters.get", http.MethodGet, 1, at(filtersPath+"/%s"))},
	{Name: "create", Type: "(options: CreateFilterOptions): Promise<Resource>",
		Doc: "Makes a filter: events of its scope start the workflow where its expression is true.", Length: 1,
		Call: rest("hatchet.filters.create", http.MethodPost, 1,
			fixed(filtersPath).with(0, createFilterOptions).needing("a workflow, an expression and a scope", "workflowId", "expression", "scope").sending(nil))},
	{Name: "update", Type: "(filter: string | Resource, options: UpdateFilterOptions): Promise<Resource>",
		Doc: "Changes a filter.", Length: 2,
		Call: rest("hatchet.filters.update", http.MethodPatch, 2, at(filtersPath+"/%s").with(1, updateFilterOptions).sending(nil))},
	{Name: "delete", Type: "(filter: string | Resource): Promise<Resource>",
		Doc: "Removes a filter.", Length: 1, Call: rest("hatchet.filters.delete", http.MethodDelete, 1, at(filtersPath+"/%s"))},
}

var updateFilterOptions = []option[*asked]{
	inBody("expression", "expression", "string", "CEL over input, the event's payload, and payload, the filter's.", readText),
	inBody("scope", "scope", "string", "Only events pushed with this scope are looked at.", readText),
	inBody("payload", "payload", "JsonObject", "What ctx.filterPayload() gives in the runs it starts.", readObject),
}

var createFilterOptions = append([]option[*asked]{
	byName("workflow", "workflowId", "WorkflowRef", "The workflow.", false),
	inBody("workflowId", "workflowId", "string", "The same by the workflow's id.", readText),
}, updateFilterOptions...)

var listFiltersOptions = []option[*asked]{
	byName("workflows", "workflowIds", "WorkflowRef[]", "Only filters of these workflows.", true),
	inQuery("workflowIds", "workflowIds", "string[]", "The same by the workflows' ids.", readTexts),
	inQuery("scopes", "scopes", "string[]", "Only filters of these scopes.", readTexts),
	inQuery("offset", "offset", "number", "How many to leave out at the beginning.", readNumber),
	inQuery("limit", "limit", "number", "How many at most.", readNumber),
}

const webhooksPath = "/api/v1/stable/tenants/{tenant}/webhooks"

// webhookMembers are the methods of hatchet.webhooks.
var webhookMembers = []native.Member[*Realm]{
	{Name: "list", Type: "(options?: ListWebhooksOptions): Promise<Page<Resource>>",
		Doc:  "The webhooks.",
		Call: rest("hatchet.webhooks.list", http.MethodGet, 1, fixed(webhooksPath).with(0, listWebhooksOptions))},
	{Name: "get", Type: "(name: string): Promise<Resource>",
		Doc: "One webhook.", Length: 1, Call: rest("hatchet.webhooks.get", http.MethodGet, 1, at(webhooksPath+"/%s"))},
	{Name: "create", Type: "(options: CreateWebhookOptions): Promise<Resource>",
		Doc: "Makes a webhook.", Length: 1,
		Call: rest("hatchet.webhooks.create", http.MethodPost, 1,
			fixed(webhooksPath).with(0, createWebhookOptions).needing("a name, a sourceName, an eventKeyExpression and auth", "name", "sourceName", "eventKeyExpression", "auth").sending(nil))},
	{Name: "update", Type: "(name: string, options: UpdateWebhookOptions): Promise<Resource>",
		Doc: "Changes a webhook.", Length: 2,
		Call: rest("hatchet.webhooks.update", http.MethodPatch, 2, at(webhooksPath+"/%s").with(1, updateWebhookOptions).sending(nil))},
	{Name: "delete", Type: "(name: string): Promise<Resource>",
		Doc: "Removes a webhook.", Length: 1, Call: rest("hatchet.webhooks.delete", http.MethodDelete, 1, at(webhooksPath+"/%s"))},
}

var updateWebhookOptions = []option[*asked]{
	inBody("eventKeyExpression", "eventKeyExpression", "string", "CEL over input and headers: the key of the event.", readText),
	inBody("scopeExpression", "scopeExpression", "string", "CEL over input and headers: the scope of the event.", readText),
	inBody("staticPayload", "staticPayload", "JsonObject", "What goes into every event besides.", readObject),
	inBody("returnEventAsResponsePayload", "returnEventAsResponsePayload", "boolean", "Whether the caller is answered with the event.", readBoolean),
}

var createWebhookOptions = append([]option[*asked]{
	inBody("name", "name", "string", "The webhook's name, part of its address.", readText),
	inBody("sourceName", "sourceName", "'GENERIC' | 'GITHUB' | 'STRIPE' | 'SLACK' | 'LINEAR' | 'SVIX'", "Who calls.", readText),
	{"auth", "WebhookAuth", "How the caller proves who it is: basic, an API key, or HMAC.", setWebhookAuth},
}, updateWebhookOptions...)

var listWebhooksOptions = []option[*asked]{
	inQuery("webhookNames", "webhookNames", "string[]", "Only these webhooks.", readTexts),
	inQuery("sourceNames", "sourceNames", "string[]", "Only webhooks of these callers.", readTexts),
	inQuery("offset", "offset", "number", "How many to leave out at the beginning.", readNumber),
	inQuery("limit", "limit", "number", "How many at most.", readNumber),
}

// setWebhookAuth reads { username, password }, { headerName, apiKey } and
// { algorithm, encoding, signatureHeaderName, signingSecret }; the kind follows
// from the keys.
func setWebhookAuth(r *Realm, q *asked, what string, v goja.Value) {
	auth := native.Object(r.rt, v, what)
	kinds := map[string][]string{
		"BASIC":   {"username", "password"},
		"API_KEY": {"headerName", "apiKey"},
		"HMAC":    {"algorithm", "encoding", "signatureHeaderName", "signingSecret"},
	}
	for kind, keys := range kinds {
		if auth.Get(keys[0]) == nil {
			continue
		}
		given := map[string]string{}
		for _, key := range keys {
			given[key] = native.NonEmpty(r.rt, auth.Get(key), what+"."+key)
		}
		if extra := len(auth.Keys()) - len(keys); extra != 0 {
			r.fail("%s: %s takes %s and nothing else", what, strings.ToLower(kind), list(keys))
		}
		q.body["auth"], q.body["authType"] = given, kind
		return
	}
	r.fail("%s must be { username, password }, { headerName, apiKey } or { algorithm, encoding, signatureHeaderName, signingSecret }", what)
}
