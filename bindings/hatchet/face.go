package hatchet

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// FaceModule is the name by which the TypeScript SDK's face, which is written in
// TypeScript, asks for its natives; see [Realm.Face].
const FaceModule = "@hatchet-dev/typescript-sdk"

// face is what the TypeScript SDK's face keeps in one VM. The face holds the
// SDK's classes and their quirks; what they stand for is declared and run by the
// same natives as what the builder declares.
type face struct {
	natives       *goja.Object
	task, durable *goja.Object // prototypes of ctx; nil until the face gives them
	hooks         map[*goja.Object]*middleware
}

// Face gives the natives of the TypeScript SDK's face.
func (r *Realm) Face() *goja.Object {
	if r.face == nil {
		r.face = &face{hooks: map[*goja.Object]*middleware{}}
		r.face.natives = r.with(r.rt.NewObject(), faceMembers)
		if !r.frozen {
			r.loader = r.newLoader()
		}
	}
	return r.face.natives
}

// faceMembers are the natives of the face. Their arguments come from there and
// are not checked again.
var faceMembers = []native.Member[*Realm]{
	{Name: "client", Value: (*Realm).makeClient},
	{Name: "context", Value: func(r *Realm) goja.Value { return r.context }},
	{Name: "contexts", Length: 2, Call: func(r *Realm, call goja.FunctionCall) goja.Value {
		r.face.task, r.face.durable = call.Argument(0).(*goja.Object), call.Argument(1).(*goja.Object)
		return goja.Undefined()
	}},
	{Name: "hooks", Call: faceHooks},
	{Name: "addHooks", Length: 2, Call: addFaceHooks},
	{Name: "declare", Length: 3, Call: faceDeclare},
	{Name: "add", Length: 3, Call: faceAdd},
	{Name: "hand", Length: 1, Call: faceHand},
	{Name: "finally", Length: 3, Call: faceFollow},
	{Name: "loading", Call: func(r *Realm, _ goja.FunctionCall) goja.Value { return r.rt.ToValue(!r.frozen) }},
	{Name: "durable", Call: func(r *Realm, _ goja.FunctionCall) goja.Value {
		return r.rt.ToValue(r.current != nil && r.current.keepsRuns())
	}},
	{Name: "spawn", Length: 1, Call: faceSpawn},
	{Name: "runMany", Length: 1, Call: faceRunMany},
	{Name: "payload", Length: 1, Call: facePayload},
	{Name: "action", Call: faceAction},
	{Name: "endpoint", Length: 1, Call: faceEndpoint},
	{Name: "follow", Length: 1, Call: func(r *Realm, call goja.FunctionCall) goja.Value {
		return r.follow(call, "stream()", anyEvent, eventOfRun)
	}},
	{Name: "tenant", Call: faceTenant},
	{Name: "thisWorker", Value: func(r *Realm) goja.Value { return r.workerInfo }},
	{Name: "worker", Length: 2, Call: faceWorker},
	{Name: "serves", Call: func(r *Realm, _ goja.FunctionCall) goja.Value {
		r.serves = true
		return goja.Undefined()
	}},
}

// faceHooks makes the middleware of one client.
func faceHooks(r *Realm, _ goja.FunctionCall) goja.Value {
	object := r.rt.NewObject()
	r.face.hooks[object] = &middleware{}
	return object
}

func addFaceHooks(r *Realm, call goja.FunctionCall) goja.Value {
	const what = "hatchet.withMiddleware()"
	r.loading(what)
	apply(r, r.hooksOf(call.Argument(0)), what, middlewareOptions, native.Object(r.rt, call.Argument(1), what+": the hooks"))
	return goja.Undefined()
}

func (r *Realm) hooksOf(v goja.Value) *middleware {
	object, _ := v.(*goja.Object)
	return r.face.hooks[object]
}

var faceKinds = map[string]workflow.Kind{
	"workflow": workflow.KindDAG, "task": workflow.KindTask, "durableTask": workflow.KindDurable, "batchTask": workflow.KindBatch,
}

// faceDeclare declares a workflow, or a standalone task: (kind, options, hooks).
func faceDeclare(r *Realm, call goja.FunctionCall) goja.Value {
	kind := faceKinds[call.Argument(0).String()]
	what := "hatchet." + call.Argument(0).String() + "()"
	r.loading(what)
	d := &declaration{
		Workflow: &workflow.Workflow{Kind: kind, Position: r.position(), Verbatim: true}, hooks: r.hooksOf(call.Argument(2)),
	}
	options := native.Object(r.rt, call.Argument(1), what+": the options")
	d.Name = native.NonEmpty(r.rt, options.Get("name"), what+": name")
	if kind == workflow.KindDAG {
		apply(r, d, d.label(), dagOptions, options)
		limit, limited := findKey(options, "concurrency")
		d.OneLimit = limited && !native.IsArray(limit)
		return r.declare(d)
	}
	t := &task{Task: newTask(kind, d.Position), workflow: d}
	t.Name = d.Name
	r.applyStandalone(d, t, options)
	r.setTaskFunction(t, nil)
	r.checkBatch(t)
	d.tasks, d.last = []*task{t}, t
	return r.declare(d)
}

// faceHand notes that a worker was given a declaration.
func faceHand(r *Realm, call goja.FunctionCall) goja.Value {
	if object, ok := call.Argument(0).(*goja.Object); ok && r.byObject[object] != nil {
		r.handed++
		r.byObject[object].handed, r.byObject[object].Handed = r.handed, true
	}
	return goja.Undefined()
}

// standsBack reports whether a declaration of the SDK's is not for this file to
// serve: the file hands others to its worker and not this one, or another one
// has the name and the better right to it. That is the one that a worker was
// given last, which the engine would keep, and else the first.
func (r *Realm) standsBack(d *declaration) bool {
	if d.Verbatim && r.handed > 0 && d.handed == 0 {
		if len(r.workers) > 0 && r.workers[0].Position.File == d.Position.File {
			r.loadLog(LevelWarn, fmt.Sprintf("%s: %s is not handed to the worker, and so it is not served", d.Position, d.label()))
		}
		return true
	}
	for _, other := range r.declarations {
		if other == d || !d.Verbatim || !other.Verbatim || other.stands() || !strings.EqualFold(other.Name, d.Name) {
			continue
		}
		if other.handed > d.handed || other.handed == d.handed && slices.Index(r.declarations, other) < slices.Index(r.declarations, d) {
			r.loadLog(LevelWarn, fmt.Sprintf("%s: %s is declared at %s as well, and that one is served; give one of the two another name",
				d.Position, d.label(), other.Position))
			return true
		}
	}
	return false
}

// faceAdd adds a task to a workflow: (declaration, kind, options).
func faceAdd(r *Realm, call goja.FunctionCall) goja.Value {
	kind := call.Argument(1).String()
	d := r.extensible(goja.FunctionCall{This: call.Argument(0)}, kind)
	r.add(d, r.taskArguments(call.Arguments[2:], d.label()+": "+kind), nil, faceKinds[kind])
	return goja.Undefined()
}

// faceFollow adds what runs after the tasks: (declaration, method, options).
func faceFollow(r *Realm, call goja.FunctionCall) goja.Value {
	follow := addOnFailure
	if call.Argument(1).String() == "onSuccess" {
		follow = addOnSuccess
	}
	return follow(r, goja.FunctionCall{This: call.Argument(0), Arguments: call.Arguments[2:]})
}

// facePayload is a member of the assignment's payload; of a batch all of it.
func facePayload(r *Realm, call goja.FunctionCall) goja.Value {
	u := r.running("ctx.data")
	member, err := u.payload.get(call.Argument(0).String())
	if err != nil {
		r.throw(err)
	}
	return member
}

// faceAction is what ctx.action tells of the assignment.
func faceAction(r *Realm, _ goja.FunctionCall) goja.Value {
	u := r.running("ctx.action")
	inv, action := u.inv, r.rt.NewObject()
	for name, v := range map[string]any{
		"actionId": inv.Action, "workflowRunId": inv.WorkflowRunID, "taskRunExternalId": inv.TaskRunID, "taskName": u.taskName(),
		"jobName": inv.JobName, "workflowId": inv.WorkflowID, "workflowVersionId": inv.WorkflowVersionID, "retryCount": inv.RetryCount,
		"priority": inv.Priority, "durableTaskInvocationCount": inv.InvocationCount, "parentWorkflowRunId": inv.ParentWorkflowRunID,
		"triggeringEventExternalId": inv.TriggeringEventID, "triggeringEventKey": inv.TriggeringEventKey,
		"actionPayload": string(inv.Payload), "additionalMetadata": string(inv.AdditionalMetadata), "childWorkflowKey": inv.ChildKey,
	} {
		_ = action.Set(name, v)
	}
	return action
}

// faceTenant is the id of the tenant. While a file loads it is not known yet, and
// is what stands for it in every request.
func faceTenant(r *Realm, _ goja.FunctionCall) goja.Value {
	if r.current == nil || r.current.inv.Host == nil {
		return r.rt.ToValue("{tenant}")
	}
	return r.rt.ToValue(r.current.inv.Host.Worker().Tenant)
}

// faceWorker takes down what hatchet.worker(name, options) asks for. A file may
// make several workers: all of them are this one.
func faceWorker(r *Realm, call goja.FunctionCall) goja.Value {
	const what = "hatchet.worker"
	r.loading(what + "()")
	w := &WorkerSettings{Name: native.NonEmpty(r.rt, call.Argument(0), what+": the name"), Position: r.position(), Shared: true}
	apply(r, w, what, workerOptions, r.bag(call.Argument(1), what+": the options"))
	r.workers = append(r.workers, w)
	return goja.Undefined()
}

// faceSpawn is run and runMany of a durable task: (list of children). It gives
// what the children gave as the engine tells it, which is what the SDK does.
func faceSpawn(r *Realm, call goja.FunctionCall) goja.Value {
	u := r.running("spawnChildren")
	requests := u.childRequests("spawnChildren", call.Argument(0))
	for i := range requests {
		requests[i].Bare = true
	}
	return r.outputsOf(u.startMany("spawnChildren", requests), false)
}

// faceRunMany starts runs with options of their own: (list of children).
func faceRunMany(r *Realm, call goja.FunctionCall) goja.Value {
	u := r.running("runMany")
	return u.startMany("runMany", u.childRequests("runMany", call.Argument(0)))
}

// prototypeOf is what the ctx of a task inherits from.
func (r *Realm) prototypeOf(t *task) *goja.Object {
	switch {
	case !t.workflow.Verbatim || r.face == nil || r.face.task == nil:
		return r.context
	case t.Durable:
		return r.face.durable
	}
	return r.face.task
}

// isContext reports whether a prototype is one of those of ctx.
func (r *Realm) isContext(prototype *goja.Object) bool {
	return prototype == r.context || r.face != nil && prototype != nil && (prototype == r.face.task || prototype == r.face.durable)
}
