package hatchet

import (
	"fmt"
	"slices"

	"github.com/dop251/goja"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// OnSuccessTask is the name of the task that onSuccess declares, as Hatchet's
// TypeScript SDK names it (hatchet-protocol.md section 5.4).
const OnSuccessTask = "on-success-task"

// declaration is one workflow as it is being declared.
type declaration struct {
	*workflow.Workflow
	tasks     []*task
	onFailure *task
	onSuccess *task
	last      *task              // what modifiers apply to
	defaults  *workflow.Task     // from taskDefaults
	handed    int                // when a worker was given it, counted from 1; 0 = none was
	hooks     *middleware        // of the client it was declared with; nil = the file's
	schema    *jsonschema.Schema // checks inputs; nil = none are
}

func (d *declaration) label() string {
	if d.Kind != workflow.KindDAG {
		return fmt.Sprintf("task %q", d.Name)
	}
	return fmt.Sprintf("workflow %q", d.Name)
}

// declare makes the JavaScript object of a new workflow.
func (r *Realm) declare(d *declaration) *goja.Object {
	object := r.rt.CreateObject(r.builder)
	r.define(object, "name", r.rt.ToValue(d.Name))
	r.declarations = append(r.declarations, d)
	r.byObject[object] = d
	return object
}

// declareWorkflow is workflow(name, options?).
func (r *Realm) declareWorkflow(call goja.FunctionCall) goja.Value {
	r.loading("workflow()")
	d := &declaration{Workflow: &workflow.Workflow{Kind: workflow.KindDAG, Position: r.position()}}
	options := call.Argument(1)
	if native.IsPlain(call.Argument(0)) {
		options = call.Argument(0)
	} else {
		d.Name = native.NonEmpty(r.rt, call.Argument(0), "the name of a workflow")
	}
	r.noMore(call, 2, "workflow()")
	if bag := r.bag(options, d.label()+": the options"); len(bag.Keys()) > 0 {
		apply(r, d, d.label(), dagOptions, bag)
	}
	if d.Name == "" {
		r.fail("a workflow needs a name: workflow('order-processing')")
	}
	return r.declare(d)
}

// newTask is a task of a kind, without its name.
func newTask(kind workflow.Kind, at workflow.Position) *workflow.Task {
	t := &workflow.Task{Durable: kind == workflow.KindDurable, Position: at}
	if kind == workflow.KindBatch {
		t.Batch = &workflow.Batch{}
	}
	return t
}

// standalone returns workflow.task, workflow.durableTask or workflow.batchTask.
func standalone(kind workflow.Kind) func(*Realm, goja.FunctionCall) goja.Value {
	return func(r *Realm, call goja.FunctionCall) goja.Value {
		r.loading("workflow." + methodOf(kind))
		d := &declaration{Workflow: &workflow.Workflow{Kind: kind, Position: r.position()}}
		t := &task{Task: newTask(kind, d.Position), workflow: d}
		given := r.taskArguments(call.Arguments, "workflow."+methodOf(kind))
		d.Name, t.Name = given.name, given.name
		r.applyStandalone(d, t, given.options)
		r.setTaskFunction(t, given.handler)
		r.checkBatch(t)
		d.tasks, d.last = []*task{t}, t
		return r.declare(d)
	}
}

func methodOf(kind workflow.Kind) string {
	switch kind {
	case workflow.KindDurable:
		return "durableTask"
	case workflow.KindBatch:
		return "batchTask"
	}
	return "task"
}

// applyStandalone sets the options of a standalone task: those of a task, and
// those of a workflow.
func (r *Realm) applyStandalone(d *declaration, t *task, bag *goja.Object) {
	subject := d.label()
	for _, key := range r.given(bag, subject) {
		v, found := findKey(bag, key)
		if !found {
			continue
		}
		what := subject + ": " + key
		forTask, forWorkflow := findOption(taskOptions, key), findOption(workflowOptions, key)
		switch {
		case key == "name":
		case key == "parents":
			r.fail("%s: a standalone task has no parents; declare workflow(name) with several tasks", what)
		case forTask != nil:
			forTask.set(r, t, what, v)
		case forWorkflow != nil:
			forWorkflow.set(r, d, what, v)
		default:
			r.fail("%s: %s", subject, unknownOption(key, append(optionNames(taskOptions), optionNames(workflowOptions)...)))
		}
	}
}

// taskGiven is what the arguments of a task say.
type taskGiven struct {
	name    string
	options *goja.Object
	handler goja.Value // nil if not given as an argument
}

// taskArguments reads (name, fn), (name, options, fn), (name, { …, fn }) and
// ({ name, …, fn }).
func (r *Realm) taskArguments(args []goja.Value, what string) taskGiven {
	var given taskGiven
	if len(args) > 0 && native.IsPlain(args[0]) {
		given.options = args[0].(*goja.Object)
		if name := given.options.Get("name"); name != nil {
			given.name = native.NonEmpty(r.rt, name, what+": name")
		}
		args = args[1:]
	} else {
		given.name = native.NonEmpty(r.rt, argument(args, 0), what+": the name of a task")
		args = args[1:]
		if len(args) > 1 && native.Missing(args[0]) { // options that are not given
			args = args[1:]
		}
		if len(args) > 0 && native.IsPlain(args[0]) {
			given.options = args[0].(*goja.Object)
			if _, twice := findKey(given.options, "name"); twice {
				r.fail("task %q: the name is given twice; leave it out of the options", given.name)
			}
			args = args[1:]
		}
	}
	if given.name == "" {
		r.fail("%s: a task needs a name", what)
	}
	if given.options == nil {
		given.options = r.rt.NewObject()
	}
	return r.handlerArgument(given, args)
}

func (r *Realm) handlerArgument(given taskGiven, args []goja.Value) taskGiven {
	if len(args) == 0 {
		return given
	}
	r.checkHandler(args[0], fmt.Sprintf("task %q: the handler", given.name))
	given.handler = args[0]
	if len(args) > 1 {
		r.fail("task %q: the handler is the last argument, %s follows it; options come before it", given.name, native.Describe(args[1]))
	}
	return given
}

func argument(args []goja.Value, i int) goja.Value {
	if i < len(args) {
		return args[i]
	}
	return goja.Undefined()
}

func findKey(o *goja.Object, key string) (goja.Value, bool) {
	v := o.Get(key)
	return v, v != nil && !goja.IsUndefined(v)
}

// setTaskFunction gives a task its handler, which must come from one place.
func (r *Realm) setTaskFunction(t *task, handler goja.Value) {
	switch {
	case handler == nil && t.handler == nil:
		r.fail("%s has no handler; give a function (input, ctx) => output as the last argument", t.label())
	case handler != nil && t.handler != nil:
		r.fail("%s has two handlers; give either fn or the last argument", t.label())
	case handler != nil:
		t.handler = handler
	}
}

// finish completes what is only known when the whole workflow is declared.
func (d *declaration) finish() {
	if d.onSuccess != nil {
		d.onSuccess.Parents = d.leaves()
		d.tasks = append(d.tasks, d.onSuccess)
	}
	if d.Verbatim { // in the order of the TypeScript SDK: durable ones last
		slices.SortStableFunc(d.tasks, func(a, b *task) int { return order(a.Durable) - order(b.Durable) })
	}
	for _, t := range d.tasks {
		t.inherit(d.defaults)
		d.Tasks = append(d.Tasks, t.Task)
	}
	if d.onFailure != nil {
		d.onFailure.inherit(d.defaults)
		d.OnFailure = d.onFailure.Task
	}
}

func order(last bool) int {
	if last {
		return 1
	}
	return 0
}

// stands reports whether d only stands for a workflow that is declared
// elsewhere, as the TypeScript SDK's do that have no task.
func (d *declaration) stands() bool { return d.Verbatim && len(d.tasks) == 0 }

// leaves are the tasks that no other waits for.
func (d *declaration) leaves() []string {
	var leaves []string
	for _, t := range d.tasks {
		awaited := slices.ContainsFunc(d.tasks, func(other *task) bool { return slices.Contains(other.Parents, t.Name) })
		if !awaited {
			leaves = append(leaves, t.Name)
		}
	}
	return leaves
}

// inherit takes over the defaults for what the task does not say itself.
func (t *task) inherit(defaults *workflow.Task) {
	if defaults == nil {
		return
	}
	if !t.retriesGiven && t.Batch == nil {
		t.Retries = defaults.Retries
	}
	if t.Backoff == nil {
		t.Backoff = defaults.Backoff
	}
	if t.ExecutionTimeout == 0 {
		t.ExecutionTimeout, t.Written.ExecutionTimeout = defaults.ExecutionTimeout, defaults.Written.ExecutionTimeout
	}
	if t.ScheduleTimeout == 0 {
		t.ScheduleTimeout, t.Written.ScheduleTimeout = defaults.ScheduleTimeout, defaults.Written.ScheduleTimeout
	}
	if t.RateLimits == nil {
		t.RateLimits = defaults.RateLimits
	}
	if t.WorkerLabels == nil {
		t.WorkerLabels = defaults.WorkerLabels
	}
	if t.Concurrency == nil {
		t.Concurrency = defaults.Concurrency
	}
}

// nameOf reads the name of a workflow or task, or what was declared as one.
func (r *Realm) nameOf(v goja.Value, what string) string {
	if o, ok := v.(*goja.Object); ok {
		if d := r.byObject[o]; d != nil {
			return d.Name
		}
		_, function := goja.AssertFunction(o)
		if name, found := findKey(o, "name"); found && !function && goja.IsString(name) {
			return native.NonEmpty(r.rt, name, what)
		}
	}
	if !goja.IsString(v) {
		r.fail("%s must be a name or what was declared, got %s", what, native.Describe(v))
	}
	return native.NonEmpty(r.rt, v, what)
}
