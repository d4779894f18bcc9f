package hatchet

import (
	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

// refMembers are the methods of a reference to a run. What they need to know
// are properties of the reference, so that one prototype serves all.
var refMembers = promising([]native.Member[*Realm]{
	{Name: "result", Type: "(): Promise<O>",
		Doc:  "Waits for the run and gives its output. It rejects if the run failed or was cancelled.",
		Call: refResult},
	{Name: "output", Type: ": Promise<O>",
		Doc: "The same as result().",
		Get: refResult},
	{Name: "status", Type: "(): Promise<RunStatus>",
		Doc: "The run's status now.",
		Call: func(r *Realm, call goja.FunctionCall) goja.Value {
			u := r.running("status()")
			id, _ := r.runID(call.This, "status()")
			return u.status(id)
		}},
	{Name: "cancel", Type: "(): Promise<void>",
		Doc: "Cancels the run.",
		Call: func(r *Realm, call goja.FunctionCall) goja.Value {
			u := r.running("cancel()")
			id, _ := r.runID(call.This, "cancel()")
			return u.cancel(id)
		}},
})

func refResult(r *Realm, call goja.FunctionCall) goja.Value {
	u := r.running("result()")
	id, name := r.runID(call.This, "result()")
	return u.result(id, name)
}

// refWorkflow is where a reference keeps the name of its workflow.
var refWorkflow = goja.NewSymbol("workflow")

// reference makes the reference to a run.
func (r *Realm) reference(id, workflow string) *goja.Object {
	ref := r.rt.CreateObject(r.ref)
	text := r.rt.ToValue(id)
	_ = ref.DefineDataProperty("runId", text, goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_TRUE)
	_ = ref.DefineDataProperty("workflowRunId", text, goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_TRUE)
	_ = ref.DefineDataPropertySymbol(refWorkflow, r.rt.ToValue(workflow), goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_FALSE)
	return ref
}

// runID reads a run's id: a string or a reference.
func (r *Realm) runID(v goja.Value, what string) (id, workflow string) {
	if o, ok := v.(*goja.Object); ok {
		if name := o.GetSymbol(refWorkflow); name != nil {
			workflow = name.String()
		}
		v = o.Get("runId")
	}
	if v == nil || !goja.IsString(v) {
		r.fail("%s: must be given the id of a run, or what runNoWait returned, got %s", what, native.Describe(v))
	}
	return native.NonEmpty(r.rt, v, what+": the id of the run"), workflow
}
