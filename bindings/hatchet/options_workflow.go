package hatchet

import (
	"encoding/json"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// workflowOptions are the options of a workflow, and of a standalone task
// besides those of a task.
var workflowOptions = []option[*declaration]{
	{"description", "string", "What the workflow is for, shown in Hatchet.", setDescription},
	{"version", "string", "A version of yours, shown in Hatchet.", setVersion},
	{"events", "string | string[]", "Keys of events that start a run; * stands for any run of characters.", addEvents},
	{"onEvents", "string | string[]", "The same as events.", addEvents},
	{"cron", "string | string[]", "Cron expressions, five or six fields, UTC unless they begin with TZ=<zone>.", addCrons},
	{"onCrons", "string | string[]", "The same as cron.", addCrons},
	{"cronInput", "JsonObject", "The input of runs that a cron starts.", setCronInput},
	{"on", "{ event?: string | string[]; cron?: string | string[] }", "Events and crons in one.", setOn},
	{"sticky", "'soft' | 'hard'", "Whether the tasks of a run go to one worker.", setSticky},
	{"priority", "1 | 2 | 3", "The runs' default priority: 1 low, 2 medium, 3 high.", setPriority},
	{"defaultPriority", "1 | 2 | 3", "The same as priority.", setPriority},
	{"input", "JsonObject", "The same as inputSchema.", setInputSchema},
	{"inputSchema", "JsonObject", "JSON Schema of the input, shown in Hatchet.", setInputSchema},
	{"validateInput", "boolean", "Whether each task checks its input against the schema before it runs. Default false.", setValidateInput},
	{"defaultFilters", "Filter | Filter[]", "Which of the events start a run.", addFilters},
	{"idempotency", "Idempotency", "Runs with an equal key collide: only one of them starts.", setIdempotency},
}

// dagOptions are the options of workflow(name, options).
var dagOptions = append([]option[*declaration]{
	{"name", "string", "The workflow's name.", setWorkflowName},
	{"concurrency", "Concurrency | Concurrency[]", "Limits on how many runs go on at once.", addConcurrency},
	{"taskDefaults", "TaskDefaults", "Options for every task that does not give its own.", setTaskDefaults},
}, workflowOptions...)

func setWorkflowName(r *Realm, d *declaration, what string, v goja.Value) {
	d.Name = native.NonEmpty(r.rt, v, what)
}

func setDescription(r *Realm, d *declaration, what string, v goja.Value) {
	d.Description = native.String(r.rt, v, what)
}

func setVersion(r *Realm, d *declaration, what string, v goja.Value) {
	d.Version = native.String(r.rt, v, what)
}

func addEvents(r *Realm, d *declaration, what string, v goja.Value) {
	for _, one := range oneOrMany(r, v, what) {
		d.Events = append(d.Events, native.NonEmpty(r.rt, one, what))
	}
}

func addCrons(r *Realm, d *declaration, what string, v goja.Value) {
	for _, one := range oneOrMany(r, v, what) {
		expression := native.NonEmpty(r.rt, one, what)
		if _, err := workflow.ParseCron(expression); err != nil {
			r.fail("%s: %v", what, err)
		}
		d.Crons = append(d.Crons, expression)
	}
}

func setCronInput(r *Realm, d *declaration, what string, v goja.Value) {
	d.CronInput = r.json(native.Object(r.rt, v, what), what)
}

var onOptions = []option[*declaration]{
	{"event", "string | string[]", "Keys of events that start a run.", addEvents},
	{"cron", "string | string[]", "Cron expressions that start a run.", addCrons},
}

func setOn(r *Realm, d *declaration, what string, v goja.Value) {
	apply(r, d, what, onOptions, native.Object(r.rt, v, what))
}

var stickies = map[string]workflow.Sticky{
	"soft": workflow.StickySoft, "SOFT": workflow.StickySoft, "0": workflow.StickySoft,
	"hard": workflow.StickyHard, "HARD": workflow.StickyHard, "1": workflow.StickyHard,
}

func setSticky(r *Realm, d *declaration, what string, v goja.Value) {
	sticky, ok := stickies[v.String()]
	if !ok {
		r.fail("%s must be 'soft' or 'hard', got %s", what, native.Quote(v))
	}
	d.Sticky = sticky
}

func setPriority(r *Realm, d *declaration, what string, v goja.Value) {
	d.DefaultPriority = r.priority(v, what)
}

func setInputSchema(r *Realm, d *declaration, what string, v goja.Value) {
	d.InputSchema = r.json(native.Object(r.rt, v, what), what)
	r.compileSchema(d, what)
}

func addConcurrency(r *Realm, d *declaration, what string, v goja.Value) {
	for _, one := range oneOrMany(r, v, what) {
		d.Concurrency = append(d.Concurrency, r.concurrency(one, what))
	}
}

func setTaskDefaults(r *Realm, d *declaration, what string, v goja.Value) {
	defaults := &task{Task: &workflow.Task{}, workflow: d}
	apply(r, defaults, what, taskDefaultOptions(), native.Object(r.rt, v, what))
	d.defaults = defaults.Task
}

// taskDefaultOptions are the options that taskDefaults may give.
func taskDefaultOptions() []option[*task] {
	var allowed []option[*task]
	for _, name := range []string{
		"retries", "backoff", "timeout", "executionTimeout", "scheduleTimeout",
		"rateLimit", "rateLimits", "workerLabels", "desiredWorkerLabels", "concurrency",
	} {
		allowed = append(allowed, *findOption(taskOptions, name))
	}
	return allowed
}

// json returns v as JSON text.
func (r *Realm) json(v goja.Value, what string) json.RawMessage {
	text, err := r.encoder.Encode(v)
	if err != nil {
		r.fail("%s: %v", what, err)
	}
	return text
}
