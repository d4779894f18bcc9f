package hatchet

import (
	"context"
	"math"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// clientMembers are the methods of the global object hatchet.
var clientMembers = promising([]native.Member[*Realm]{
	{Name: "run", Type: "<I, O>(workflow: Runnable<I, O>, input?: NoInfer<I>, options?: RunOptions): Promise<O>",
		Doc:    "Starts a run, waits for it and gives its output: of a task by its own name the task's, of other workflows an object of outputs by task.",
		Length: 1, Call: named((*Realm).run)},
	{Name: "runNoWait", Type: "<I, O>(workflow: Runnable<I, O>, input?: NoInfer<I>, options?: RunOptions): Promise<RunRef<O>>",
		Doc:    "Starts a run and does not wait for it.",
		Length: 1, Call: named((*Realm).runNoWait)},
	{Name: "runMany", Type: "<I, O>(workflow: Runnable<I, O>, inputs: NoInfer<I>[], options?: Omit<RunOptions, 'key'>): Promise<RunRef<O>[]>",
		Doc:    "Starts a run for each input, in order.",
		Length: 2, Call: named((*Realm).runMany)},
	{Name: "result", Type: "<O = any>(run: string | RunRef<O>): Promise<O>",
		Doc:    "Waits for a run and gives its output, by task if the run is given by its id.",
		Length: 1, Call: clientResult},
	{Name: "status", Type: "(run: string | RunRef<any>): Promise<RunStatus>",
		Doc:    "A run's status now.",
		Length: 1, Call: clientStatus},
	{Name: "cancel", Type: "(runs: string | RunRef<any> | (string | RunRef<any>)[]): Promise<void>",
		Doc:    "Cancels runs.",
		Length: 1, Call: clientCancel},
	{Name: "withMiddleware", Type: "(hooks: Middleware): this",
		Doc:    "Puts hooks around every handler of this file, while it loads.",
		Length: 1, Call: clientWithMiddleware},
	{Name: "worker", Type: "(options: WorkerOptions): void",
		Doc:    "Sets up the worker that serves this file. Flags of the command win.",
		Length: 1, Call: clientWorker},
})

// runOptions are the options of run, runNoWait and runMany.
var runOptions = []option[*RunRequest]{
	{"additionalMetadata", "JsonObject", "Metadata of the run, shown in Hatchet and given to its tasks.",
		func(r *Realm, q *RunRequest, what string, v goja.Value) {
			q.AdditionalMetadata = r.json(native.Object(r.rt, v, what), what)
		}},
	{"priority", "1 | 2 | 3", "1 low, 2 medium, 3 high. Default: the workflow's own.",
		func(r *Realm, q *RunRequest, what string, v goja.Value) { q.Priority = r.priority(v, what) }},
	{"desiredWorkerLabels", "Record<string, WorkerLabel>", "Which workers the tasks of the run may, or should, run on; it wins over what they say themselves.",
		func(r *Realm, q *RunRequest, what string, v goja.Value) {
			q.WorkerLabels = r.workerLabels(nil, v, what)
		}},
	{"sticky", "boolean", "Whether the run goes to this worker. The workflow must be sticky, too.",
		func(r *Realm, q *RunRequest, what string, v goja.Value) { q.Sticky = native.Boolean(r.rt, v, what) }},
	{"key", "string", "Of the runs that one task starts, those with an equal key are one run.",
		func(r *Realm, q *RunRequest, what string, v goja.Value) { q.Key = native.NonEmpty(r.rt, v, what) }},
	{"childKey", "string", "The same as key.",
		func(r *Realm, q *RunRequest, what string, v goja.Value) { q.Key = native.NonEmpty(r.rt, v, what) }},
}

// manyOptions are the options of runs that are started from a list of inputs.
var manyOptions = append([]option[*RunRequest]{
	{"returnExceptions", "boolean", "With a list of inputs and run: whether failures are given as errors in the list, and do not reject.",
		func(r *Realm, q *RunRequest, what string, v goja.Value) {
			q.returnExceptions = native.Boolean(r.rt, v, what)
		}},
}, runOptions...)

// starter starts runs of the workflow called name with (input, options).
type starter func(r *Realm, u *run, what, name string, args []goja.Value) goja.Value

// named makes a method of a starter whose first argument is the workflow.
func named(start starter) func(*Realm, goja.FunctionCall) goja.Value {
	return func(r *Realm, call goja.FunctionCall) goja.Value {
		u := r.running("hatchet.run")
		name := r.nameOf(call.Argument(0), "hatchet.run: the workflow")
		r.noMore(call, 3, "hatchet.run")
		return start(r, u, "run of "+name, name, call.Arguments[1:])
	}
}

// declaredRun makes a method of a declaration of a starter.
func declaredRun(start starter) func(*Realm, goja.FunctionCall) goja.Value {
	return func(r *Realm, call goja.FunctionCall) goja.Value {
		d := r.declared(call, "run")
		u := r.running(".run()")
		r.noMore(call, 2, ".run()")
		return start(r, u, "run of "+d.Name, d.Name, call.Arguments)
	}
}

// request reads the input and the options of one run and counts it as a child.
func (u *run) request(what, name string, input goja.Value, options *goja.Object) RunRequest {
	return u.requestWith(runOptions, what, name, input, options)
}

func (u *run) requestWith(known []option[*RunRequest], what, name string, input goja.Value, options *goja.Object) RunRequest {
	r := u.realm
	q := RunRequest{Workflow: name, Input: r.inputOf(input, what)}
	apply(r, &q, what, known, options)
	if u.inv.Batch == nil && u.loader == nil { // of the many runs of a batch none is the parent
		q.Parent = &Parent{WorkflowRunID: u.inv.WorkflowRunID, TaskRunID: u.inv.TaskRunID, ChildIndex: u.children}
	}
	u.children++
	return q
}

// inputOf encodes the input of a run, an object; without one it is empty.
func (r *Realm) inputOf(v goja.Value, what string) []byte {
	if native.Missing(v) {
		return []byte("{}")
	}
	text := r.json(native.Object(r.rt, v, what+": the input"), what+": the input")
	if len(text) == 0 || text[0] != '{' {
		r.fail("%s: the input must be an object when written as JSON", what)
	}
	return text
}

// run is hatchet.run(workflow, input, options): the output; of a list of inputs
// the outputs in order.
func (r *Realm) run(u *run, what, name string, args []goja.Value) goja.Value {
	if native.IsArray(argument(args, 0)) {
		requests := r.requests(u, what, name, args)
		return r.outputsOf(u.startMany("hatchet.run: "+what, requests), len(requests) > 0 && requests[0].returnExceptions)
	}
	request := u.request(what, name, argument(args, 0), r.bag(argument(args, 1), what+": the options"))
	if u.keepsRuns() {
		return u.spawnOne("hatchet.run: "+what, request, func(ref goja.Value) (goja.Value, error) {
			return refResult(r, goja.FunctionCall{This: ref}), nil
		})
	}
	host, whileRunning := u.inv.Host, r.vm.RunContext()
	return u.effect("hatchet.run: "+what, func(ctx context.Context) (answer, error) {
		id, err := host.Trigger(ctx, request)
		if err != nil {
			return nil, err
		}
		return r.await(whileRunning, host, id, name)
	})
}

// runNoWait is hatchet.runNoWait(workflow, input, options): a reference; of a
// list of inputs references in order.
func (r *Realm) runNoWait(u *run, what, name string, args []goja.Value) goja.Value {
	if native.IsArray(argument(args, 0)) {
		return r.runMany(u, what, name, args)
	}
	request := u.request(what, name, argument(args, 0), r.bag(argument(args, 1), what+": the options"))
	if u.keepsRuns() {
		return u.spawnOne("hatchet.runNoWait: "+what, request, func(ref goja.Value) (goja.Value, error) { return ref, nil })
	}
	host := u.inv.Host
	return u.effect("hatchet.runNoWait: "+what, func(ctx context.Context) (answer, error) {
		id, err := host.Trigger(ctx, request)
		return func() (goja.Value, error) { return r.reference(id, name), nil }, err
	})
}

// runMany is hatchet.runMany(workflow, inputs, options): references in order.
func (r *Realm) runMany(u *run, what, name string, args []goja.Value) goja.Value {
	requests := r.requests(u, what, name, args)
	if len(requests) > 0 && requests[0].returnExceptions {
		r.fail("%s: returnExceptions goes with run, which waits for the outputs; here each reference tells by itself", what)
	}
	return u.startMany("hatchet.runMany: "+what, requests)
}

// requests reads a list of inputs and the options that they share.
func (r *Realm) requests(u *run, what, name string, args []goja.Value) []RunRequest {
	options := r.bag(argument(args, 1), what+": the options")
	for _, key := range []string{"key", "childKey"} {
		if _, found := findKey(options, key); found {
			r.fail("%s: a key would make all of them one run; leave it out", what)
		}
	}
	var requests []RunRequest
	for _, input := range native.Elements(r.rt, argument(args, 0), what+": the inputs") {
		requests = append(requests, u.requestWith(manyOptions, what, name, input, options))
	}
	return requests
}

// result waits for a run and gives its output. name is its workflow, "" if not
// known.
func (u *run) result(id, name string) goja.Value {
	if child, ours := u.spawns[id]; ours {
		return u.spawnResult(child)
	}
	r, host := u.realm, u.inv.Host
	return u.inquire("the result of run "+id, func(ctx context.Context) (answer, error) {
		return r.await(ctx, host, id, name)
	})
}

// await waits for a run until ctx is done.
func (r *Realm) await(ctx context.Context, host Host, id, name string) (answer, error) {
	result, err := host.Result(ctx, id)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err == nil {
		err = outcome(id, result)
	}
	return func() (goja.Value, error) { return r.outputs(name, result) }, err
}

func (u *run) status(id string) goja.Value {
	r, host := u.realm, u.inv.Host
	return u.inquire("the status of run "+id, func(ctx context.Context) (answer, error) {
		word, err := host.Status(ctx, id)
		return func() (goja.Value, error) { return r.rt.ToValue(word), nil }, err
	})
}

func (u *run) cancel(ids ...string) goja.Value {
	host := u.inv.Host
	return u.effect("hatchet.cancel", func(ctx context.Context) (answer, error) {
		return nil, host.Cancel(ctx, ids...)
	})
}

func clientResult(r *Realm, call goja.FunctionCall) goja.Value {
	u := r.running("hatchet.result")
	r.noMore(call, 1, "hatchet.result")
	id, name := r.runID(call.Argument(0), "hatchet.result")
	return u.result(id, name)
}

func clientStatus(r *Realm, call goja.FunctionCall) goja.Value {
	u := r.running("hatchet.status")
	r.noMore(call, 1, "hatchet.status")
	id, _ := r.runID(call.Argument(0), "hatchet.status")
	return u.status(id)
}

func clientCancel(r *Realm, call goja.FunctionCall) goja.Value {
	u := r.running("hatchet.cancel")
	r.noMore(call, 1, "hatchet.cancel")
	var ids []string
	for _, one := range oneOrMany(r, call.Argument(0), "hatchet.cancel") {
		id, _ := r.runID(one, "hatchet.cancel")
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		r.fail("hatchet.cancel: the list of runs is empty")
	}
	return u.cancel(ids...)
}

var workerOptions = []option[*WorkerSettings]{
	{"name", "string", "The worker's name.",
		func(r *Realm, w *WorkerSettings, what string, v goja.Value) { w.Name = native.NonEmpty(r.rt, v, what) }},
	{"slots", "number", "How many tasks may run at once.",
		func(r *Realm, w *WorkerSettings, what string, v goja.Value) {
			w.Slots = native.Integer(r.rt, v, what, 1, math.MaxInt32)
		}},
	{"durableSlots", "number", "How many durable tasks may run or wait at once.",
		func(r *Realm, w *WorkerSettings, what string, v goja.Value) {
			w.DurableSlots = native.Integer(r.rt, v, what, 1, math.MaxInt32)
		}},
	{"customSlots", "Record<string, number>", "Units of slot types of your own, for the slotRequests of tasks.",
		func(r *Realm, w *WorkerSettings, what string, v goja.Value) {
			given := native.Object(r.rt, v, what)
			w.CustomSlots = map[string]int{}
			for _, kind := range given.Keys() {
				if kind == workflow.SlotDefault || kind == workflow.SlotDurable {
					r.fail("%s.%s: these are given as slots and durableSlots", what, kind)
				}
				w.CustomSlots[kind] = native.Integer(r.rt, given.Get(kind), what+"."+kind, 1, math.MaxInt32)
			}
		}},
	{"labels", "Record<string, string | number>", "Labels that tasks may ask for.",
		func(r *Realm, w *WorkerSettings, what string, v goja.Value) {
			w.Labels = r.labels(v, what)
		}},
}

// labels reads worker labels: string or int32 values.
func (r *Realm) labels(v goja.Value, what string) map[string]any {
	given := native.Object(r.rt, v, what)
	labels := make(map[string]any, 4)
	for _, key := range given.Keys() {
		labels[key] = r.label(given.Get(key), what+"."+key)
	}
	return labels
}

func (r *Realm) label(v goja.Value, what string) any {
	if goja.IsString(v) {
		return v.String()
	}
	return int32(native.Integer(r.rt, v, what, math.MinInt32, math.MaxInt32))
}

// clientWorker is hatchet.worker({ name, slots, … }) and hatchet.worker(name, { … }).
func clientWorker(r *Realm, call goja.FunctionCall) goja.Value {
	r.loading("hatchet.worker()")
	if r.settings != nil {
		r.fail("hatchet.worker() was called already, at %s", r.settings.Position)
	}
	r.noMore(call, 2, "hatchet.worker()")
	w := &WorkerSettings{Position: r.position()}
	options := call.Argument(0)
	if goja.IsString(options) {
		w.Name = native.NonEmpty(r.rt, options, "hatchet.worker: the name")
		options = call.Argument(1)
	} else if len(call.Arguments) > 1 {
		r.fail("hatchet.worker() takes its options, or a name and options")
	}
	apply(r, w, "hatchet.worker", workerOptions, r.bag(options, "hatchet.worker: the options"))
	r.settings = w
	return goja.Undefined()
}
