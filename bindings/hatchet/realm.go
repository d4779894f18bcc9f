// Package hatchet is what scripts know of Hatchet: the builder that declares
// workflows, the object hatchet, the ctx of a running task and the console that
// writes to the task's log. It produces values of engine/workflow and reaches
// the world through two small interfaces, [Host] and [Durable].
package hatchet

import (
	"cmp"
	"context"
	"sync"
	"time"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/value"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
	"github.com/hatchet-js/hatchet-js-worker/bindings/web"
	"github.com/hatchet-js/hatchet-js-worker/bindings/web/console"
	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// Options of [Install].
type Options struct {
	// Console receives what a script writes while it loads, when there is no
	// task whose log it could go to. Nil hands it to the logger of the VM.
	Console func(level Level, message string)
	// Redact takes secrets out of that. Nil leaves it.
	Redact func(message string) string
	// Log is given each message that a running task writes, with the context of
	// the run and the place in the script, and returns the text to write in its
	// stead, or an error to throw. Nil writes messages as they are.
	Log func(ctx context.Context, at workflow.Position, text string) (string, error)
	// Linger measures how long a durable task that waits keeps its VM in case
	// that the engine answers at once. It is apart from the VM's clock because an
	// engine takes no virtual time to answer. Nil stands for the VM's.
	Linger clock.Clock
	// Grace is how long a script that takes notice of its end may tidy up; 0 =
	// [DefaultGrace].
	Grace time.Duration
}

// Realm is one VM's view of Hatchet. Its methods are called by whoever owns the
// VM, one at a time.
type Realm struct {
	vm      *vm.VM
	rt      *goja.Runtime
	options Options
	decoder *value.Decoder
	encoder *value.Encoder
	web     *web.Globals
	console *console.Console

	builder, context, ref *goja.Object            // prototypes
	logger, workerInfo    *goja.Object            // ctx.logger and ctx.worker
	features              map[string]*goja.Object // the clients on hatchet that were asked for, by section
	nonRetryable          *goja.Object            // prototype of NonRetryableError; nil until a script uses it

	declarations []*declaration
	byObject     map[*goja.Object]*declaration
	settings     *WorkerSettings
	workers      []*WorkerSettings // what the TypeScript SDK's face asks for
	middleware   middleware
	frozen       bool
	face         *face   // nil until a script uses it
	handed       int     // counts what workers were given
	loader       *loader // nil unless the face is used; of no use once frozen
	serves       bool    // the script waits for the end of its worker
	workflows    []*workflow.Workflow
	tasks        map[string]*task // by action, see workflow.ActionID

	current *run // the run in progress; nil between runs
	broken  error
}

// Install defines the globals of a new VM: the web platform's, the console, and
// workflow, hatchet and NonRetryableError. Evaluate the script next, then call
// [Realm.Freeze].
func Install(v *vm.VM, with ...Options) *Realm {
	r := &Realm{
		vm: v, rt: v.Runtime(), decoder: value.NewDecoder(v.Runtime()),
		byObject: map[*goja.Object]*declaration{}, tasks: map[string]*task{},
	}
	if len(with) > 0 {
		r.options = with[0]
	}
	if r.options.Linger == nil {
		r.options.Linger = v.Options().Clock
	}
	r.options.Grace = cmp.Or(r.options.Grace, DefaultGrace)
	r.broken = r.install()
	return r
}

func (r *Realm) install() (err error) {
	if err = value.Install(r.vm); err != nil {
		return err
	}
	if r.encoder, err = value.NewEncoder(r.rt); err != nil {
		return err
	}
	if r.web, err = web.Install(r.vm); err != nil {
		return err
	}
	if r.console, err = console.Install(r.vm, consoleSink{r}); err != nil {
		return err
	}
	r.ref = r.rt.NewObject()
	if err := native.Define(r.rt, r.ref, r, refMembers); err != nil {
		return err
	}
	return r.installObjects()
}

// installObjects makes the prototypes and the globals.
func (r *Realm) installObjects() error {
	for _, part := range []struct {
		object **goja.Object
		table  *native.Table[*Realm]
	}{
		{&r.builder, builderTable()}, {&r.context, contextTable()},
		{&r.logger, loggerTable()}, {&r.workerInfo, workerTable()},
	} {
		*part.object = r.rt.NewObject()
		if err := part.table.Define(r.rt, *part.object, r); err != nil {
			return err
		}
	}
	return globalTable().Define(r.rt, r.rt.GlobalObject(), r)
}

// Tables are indexed once and shared by all VMs.
var (
	builderTable = shared(builderMembers)
	contextTable = shared(func() []native.Member[*Realm] { return contextMembers })
	loggerTable  = shared(func() []native.Member[*Realm] { return loggerMembers })
	workerTable  = shared(func() []native.Member[*Realm] { return workerMembers })
	clientTable  = shared(func() []native.Member[*Realm] { return append(clientProperties(), clientMembers...) })
	globalTable  = shared(func() []native.Member[*Realm] { return globalMembers })
)

func shared(members func() []native.Member[*Realm]) func() *native.Table[*Realm] {
	return sync.OnceValue(func() *native.Table[*Realm] { return native.NewTable(members()) })
}

// globalMembers are the globals of this package.
var globalMembers = []native.Member[*Realm]{
	{Name: "workflow", Value: (*Realm).makeWorkflow},
	{Name: "hatchet", Value: (*Realm).makeClient},
	{Name: nonRetryableName, Value: (*Realm).makeNonRetryable},
}

func (r *Realm) makeWorkflow() goja.Value {
	declare := native.Function(r.rt, "workflow", 1, r.declareWorkflow)
	return r.with(declare, workflowMembers)
}

func (r *Realm) makeClient() goja.Value {
	client := r.rt.NewObject()
	if err := clientTable().Define(r.rt, client, r); err != nil {
		panic(r.rt.NewGoError(err))
	}
	return client
}

// with gives members to an object.
func (r *Realm) with(object *goja.Object, members []native.Member[*Realm]) *goja.Object {
	if err := native.Define(r.rt, object, r, members); err != nil {
		panic(r.rt.NewGoError(err))
	}
	return object
}

// define sets a property that is not enumerable. On objects made here that
// cannot fail.
func (r *Realm) define(object *goja.Object, name string, v goja.Value) {
	_ = object.DefineDataProperty(name, v, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE)
}

// Freeze ends the time of declarations: from now on declaring throws. Call it
// when the script has been evaluated, and before [Realm.Workflows] and
// [Realm.Invoke].
func (r *Realm) Freeze() {
	if r.frozen {
		return
	}
	r.frozen = true
	r.console.Reset()
	for _, d := range r.declarations {
		if d.stands() || r.standsBack(d) {
			continue
		}
		d.finish()
		r.workflows = append(r.workflows, d.Workflow)
		for _, t := range d.tasks {
			r.bind(t)
		}
		if d.onFailure != nil {
			r.bind(d.onFailure)
		}
	}
}

// bind makes a task callable.
func (r *Realm) bind(t *task) {
	t.described = t.label()
	t.call, _ = goja.AssertFunction(t.handler)
	if t.skip != nil {
		t.callSkip, _ = goja.AssertFunction(t.skip)
	}
	name := t.Name
	if t == t.workflow.onFailure {
		name = workflow.OnFailureTask
	}
	action := workflow.ActionID(t.workflow.Name, name)
	if r.tasks[action] == nil { // a second one is a problem that validation names
		r.tasks[action] = t
	}
}

// Workflows returns what the script declares, in order. They are not validated,
// see [workflow.Validate]; nothing in them refers to the VM.
func (r *Realm) Workflows() []*workflow.Workflow { return r.workflows }

// WorkerSettings are what hatchet.worker() asks for. The zero value of a field
// stands for not given.
type WorkerSettings struct {
	Name         string
	Slots        int
	DurableSlots int
	CustomSlots  map[string]int // units by slot type
	Labels       map[string]any // string or int32 values
	Position     workflow.Position
	// Shared marks one of the TypeScript SDK's workers, of which a process has
	// any number: here they are one.
	Shared bool
}

// Workers are what the script asked for with hatchet.worker().
func (r *Realm) Workers() []*WorkerSettings {
	if r.settings != nil {
		return append(r.workers[:len(r.workers):len(r.workers)], r.settings)
	}
	return r.workers
}

// loading refuses declarations after the script has loaded.
func (r *Realm) loading(what string) {
	if r.frozen {
		r.fail("%s: workflows and tasks are declared while the file loads, not while a task runs", what)
	}
}

// running returns the run in progress and refuses calls without one.
func (r *Realm) running(what string) *run {
	if r.current == nil && r.loader != nil && !r.frozen {
		return &r.loader.run
	}
	if r.current == nil {
		r.fail("%s is for running tasks; while the file loads there is no engine to talk to: call it inside a handler", what)
	}
	return r.current
}

// position is where the script called the native function that runs now.
func (r *Realm) position() workflow.Position {
	p := r.vm.Caller(0)
	return workflow.Position{File: p.File, Line: p.Line, Column: p.Column}
}
