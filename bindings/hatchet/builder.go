package hatchet

import (
	"slices"
	"strings"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// workflowMembers are the properties of the global function workflow.
var workflowMembers = []native.Member[*Realm]{
	{Name: "task", Length: 2, Call: standalone(workflow.KindTask)},
	{Name: "durableTask", Length: 2, Call: standalone(workflow.KindDurable)},
	{Name: "batchTask", Length: 2, Call: standalone(workflow.KindBatch)},
}

// builderMembers are the methods of a declared workflow. The chain of modifiers
// comes from the tables of options.
func builderMembers() []native.Member[*Realm] {
	members := []native.Member[*Realm]{
		{Name: "task", Length: 2, Call: addTask(workflow.KindTask)},
		{Name: "durableTask", Length: 2, Call: addTask(workflow.KindDurable)},
		{Name: "batchTask", Length: 2, Call: addTask(workflow.KindBatch)},
		{Name: "taskAfter", Length: 3, Call: addTaskAfter},
		{Name: "onFailure", Type: "(handler: Handler<I, any, P>): this",
			Doc:    "Adds what runs when a task of the workflow has failed for good.",
			Length: 1, Call: addOnFailure},
		{Name: "onSuccess", Type: "(handler: Handler<I, any, P>): this",
			Doc:    "Adds a task that runs after all others.",
			Length: 1, Call: addOnSuccess},
		{Name: "concurrency", Type: "(limit: number | Concurrency | Concurrency[], strategy?: Strategy): this",
			Doc:    "Limits how many runs of the workflow go on at once. A strategy of its own goes with a number.",
			Length: 1, Call: addConcurrencyShort},
	}
	members = append(members, declaredRuns...)
	for _, o := range workflowOptions {
		members = append(members, workflowModifier(o))
	}
	members = append(members, workflowModifier(*findOption(dagOptions, "taskDefaults")))
	for _, o := range taskOptions {
		if !slices.Contains(notModifiers, o.name) {
			members = append(members, taskModifier(o))
		}
	}
	return promising(members)
}

// declaredRuns are the methods of a declared workflow for running tasks.
var declaredRuns = []native.Member[*Realm]{
	{Name: "run", Type: "(input?: I, options?: RunOptions): Promise<P>",
		Doc:    "Starts a run, waits for it and gives its output. For running tasks only.",
		Length: 1, Call: declaredRun((*Realm).run)},
	{Name: "runNoWait", Type: "(input?: I, options?: RunOptions): Promise<RunRef<P>>",
		Doc:    "Starts a run and does not wait for it.",
		Length: 1, Call: declaredRun((*Realm).runNoWait)},
	{Name: "runMany", Type: "(inputs: I[], options?: Omit<RunOptions, 'key'>): Promise<RunRef<P>[]>",
		Doc:    "Starts a run for each input, in order.",
		Length: 1, Call: declaredRun((*Realm).runMany)},
	{Name: "schedule", Type: "(at: Date | string, input?: I, options?: PlanOptions): Promise<Resource>",
		Doc:    "Plans a run for a time. For running tasks only; the same as hatchet.schedules.create.",
		Length: 1, Call: later("schedule", (*Realm).instant)},
	{Name: "delay", Type: "(by: Duration, input?: I, options?: PlanOptions): Promise<Resource>",
		Doc:    "Plans a run that begins so much later.",
		Length: 1, Call: later("delay", (*Realm).afterNow)},
}

// notModifiers are the task options that have a method of another meaning, or
// that only make sense where a task is added.
var notModifiers = []string{"name", "fn", "parents", "concurrency", "batch"}

// repeatable are the workflow options whose method takes several values.
var repeatable = []string{"events", "onEvents", "cron", "onCrons"}

// declared returns the workflow that a method is called on.
func (r *Realm) declared(call goja.FunctionCall, method string) *declaration {
	if o, ok := call.This.(*goja.Object); ok {
		if d := r.byObject[o]; d != nil {
			return d
		}
	}
	r.fail(".%s() must be called on what workflow() or workflow.task() returned", method)
	return nil
}

func workflowModifier(o option[*declaration]) native.Member[*Realm] {
	call := func(r *Realm, call goja.FunctionCall) goja.Value {
		r.loading("." + o.name + "()")
		d := r.declared(call, o.name)
		what := d.label() + ": " + o.name
		if slices.Contains(repeatable, o.name) && len(call.Arguments) > 0 {
			for _, v := range call.Arguments {
				o.set(r, d, what, v)
			}
			return call.This
		}
		r.noMore(call, 1, what)
		o.set(r, d, what, call.Argument(0))
		return call.This
	}
	typ := "(value: " + o.typ + "): this"
	if slices.Contains(repeatable, o.name) {
		typ = "(...values: (" + o.typ + ")[]): this"
	}
	return native.Member[*Realm]{Name: o.name, Type: typ, Doc: o.doc, Length: 1, Call: call}
}

func taskModifier(o option[*task]) native.Member[*Realm] {
	call := func(r *Realm, call goja.FunctionCall) goja.Value {
		r.loading("." + o.name + "()")
		d := r.declared(call, o.name)
		if d.last == nil {
			r.fail("%s: .%s() applies to the task added last, and there is none yet; add a task before it", d.label(), o.name)
		}
		what := d.last.label() + ": " + o.name
		r.noMore(call, 1, what)
		o.set(r, d.last, what, call.Argument(0))
		return call.This
	}
	return native.Member[*Realm]{
		Name: o.name, Type: "(value: " + o.typ + "): this", Doc: "Of the task added last: " + lowerFirst(o.doc), Length: 1, Call: call,
	}
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }

// noMore refuses arguments that would have no effect.
func (r *Realm) noMore(call goja.FunctionCall, most int, what string) {
	if len(call.Arguments) > most {
		r.fail("%s takes at most %d arguments, got %d", what, most, len(call.Arguments))
	}
}

// addConcurrencyShort is .concurrency(limit) and .concurrency(maxRuns, strategy).
func addConcurrencyShort(r *Realm, call goja.FunctionCall) goja.Value {
	r.loading(".concurrency()")
	d := r.declared(call, "concurrency")
	what := d.label() + ": concurrency"
	limit := call.Argument(0)
	r.noMore(call, 2, what)
	if !native.Missing(call.Argument(1)) {
		if !goja.IsNumber(limit) {
			r.fail("%s: a strategy as the second argument goes with a number; put it into the object", what)
		}
		c := r.concurrency(limit, what)
		setStrategy(r, &c, what+": strategy", call.Argument(1))
		d.Concurrency = append(d.Concurrency, c)
		return call.This
	}
	addConcurrency(r, d, what, limit)
	return call.This
}

// addTask is .task(…), .durableTask(…) and .batchTask(…).
func addTask(kind workflow.Kind) func(*Realm, goja.FunctionCall) goja.Value {
	method := methodOf(kind)
	return func(r *Realm, call goja.FunctionCall) goja.Value {
		d := r.extensible(call, method)
		given := r.taskArguments(call.Arguments, d.label()+": "+method)
		r.add(d, given, nil, kind)
		return call.This
	}
}

// addTaskAfter is .taskAfter(name, parents, options?, fn).
func addTaskAfter(r *Realm, call goja.FunctionCall) goja.Value {
	d := r.extensible(call, "taskAfter")
	what := d.label() + ": taskAfter"
	if len(call.Arguments) < 2 {
		r.fail("%s takes a name, a list of parents, options if any, and a function", what)
	}
	parents := call.Arguments[1]
	if !native.IsArray(parents) && !goja.IsString(parents) {
		r.fail("%s: the second argument lists the parents, like ['validate'], got %s", what, native.Describe(parents))
	}
	given := r.taskArguments(append([]goja.Value{call.Arguments[0]}, call.Arguments[2:]...), what)
	if _, twice := findKey(given.options, "parents"); twice {
		r.fail("task %q: the parents are given twice; leave them out of the options", given.name)
	}
	r.add(d, given, parents, workflow.KindTask)
	return call.This
}

// extensible returns the workflow that a task is added to.
func (r *Realm) extensible(call goja.FunctionCall, method string) *declaration {
	r.loading("." + method + "()")
	d := r.declared(call, method)
	if d.Kind != workflow.KindDAG {
		r.fail("%s stands alone and takes no further tasks; declare workflow(name) for several", d.label())
	}
	return d
}

func (r *Realm) add(d *declaration, given taskGiven, parents goja.Value, kind workflow.Kind) {
	t := &task{Task: newTask(kind, r.position()), workflow: d}
	t.Name = given.name
	if parents != nil {
		setParents(r, t, t.label()+": parents", parents)
	}
	apply(r, t, t.label(), taskOptions, given.options)
	r.setTaskFunction(t, given.handler)
	r.checkBatch(t)
	d.tasks, d.last = append(d.tasks, t), t
}

// addOnFailure is .onFailure(fn), .onFailure(options, fn) and .onFailure({ …, fn }).
func addOnFailure(r *Realm, call goja.FunctionCall) goja.Value {
	d, t := r.extra(call, "onFailure", workflow.OnFailureTask)
	if d.onFailure != nil {
		r.fail("%s has an onFailure already, at %s", d.label(), d.onFailure.Position)
	}
	d.onFailure, d.last = t, t
	return call.This
}

// addOnSuccess is .onSuccess, in the shapes of .onFailure.
func addOnSuccess(r *Realm, call goja.FunctionCall) goja.Value {
	d, t := r.extra(call, "onSuccess", OnSuccessTask)
	if d.onSuccess != nil {
		r.fail("%s has an onSuccess already, at %s", d.label(), d.onSuccess.Position)
	}
	d.onSuccess, d.last = t, t
	return call.This
}

// extra makes the task of onFailure or onSuccess.
func (r *Realm) extra(call goja.FunctionCall, method, name string) (*declaration, *task) {
	r.loading("." + method + "()")
	d := r.declared(call, method)
	args := append([]goja.Value{r.rt.ToValue(name)}, call.Arguments...)
	given := r.taskArguments(args, d.label()+": "+method)
	t := &task{Task: &workflow.Task{Name: name, Position: r.position()}, workflow: d}
	what := method + " of " + d.label()
	if _, found := findKey(given.options, "parents"); found {
		r.fail("%s: parents are not given here; it comes after all other tasks", what)
	}
	apply(r, t, what, taskOptions, given.options)
	r.setTaskFunction(t, given.handler)
	return d, t
}
