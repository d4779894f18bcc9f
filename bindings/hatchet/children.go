package hatchet

import (
	"context"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

// childMembers are the members of ctx that start runs, under the names of
// Hatchet's TypeScript SDK. They do what those of the object hatchet do.
var childMembers = []native.Member[*Realm]{
	{Name: "runChild", Type: "<I, O>(workflow: Runnable<I, O>, input?: NoInfer<I>, options?: RunOptions): Promise<O>",
		Doc: "The same as hatchet.run.", Length: 1, Call: named((*Realm).run)},
	{Name: "runNoWaitChild", Type: "<I, O>(workflow: Runnable<I, O>, input?: NoInfer<I>, options?: RunOptions): Promise<RunRef<O>>",
		Doc: "The same as hatchet.runNoWait.", Length: 1, Call: named((*Realm).runNoWait)},
	{Name: "bulkRunChildren", Type: "(children: Child[]): Promise<any[]>",
		Doc: "Starts runs of any workflows at once, waits for all and gives their outputs in order.", Length: 1, Call: bulkRun(true)},
	{Name: "bulkRunNoWaitChildren", Type: "(children: Child[]): Promise<RunRef<any>[]>",
		Doc: "Starts runs of any workflows at once and does not wait for them.", Length: 1, Call: bulkRun(false)},
}

// durableChildMembers are the names that durable tasks know besides.
var durableChildMembers = []native.Member[*Realm]{
	{Name: "spawnChild", Type: "<I, O>(workflow: Runnable<I, O>, input?: NoInfer<I>, options?: RunOptions): Promise<O>",
		Doc: "The same as hatchet.run.", Length: 1, Call: named((*Realm).run)},
	{Name: "spawnChildren", Type: "(children: Child[]): Promise<any[]>",
		Doc: "The same as bulkRunChildren.", Length: 1, Call: bulkRun(true)},
}

// child is one item of a bulk start as it is being read.
type child struct {
	workflow string
	input    goja.Value
	options  *goja.Object
}

// childOptions are the keys of one item.
var childOptions = []option[*child]{
	{"workflow", "Runnable", "What to run.",
		func(r *Realm, c *child, what string, v goja.Value) { c.workflow = r.nameOf(v, what) }},
	{"input", "object", "The run's input.",
		func(r *Realm, c *child, what string, v goja.Value) { c.input = v }},
	{"options", "RunOptions", "Options of the run.",
		func(r *Realm, c *child, what string, v goja.Value) { c.options = r.bag(v, what) }},
}

// bulkRun starts runs of several workflows; with wait it gives their outputs.
func bulkRun(wait bool) func(*Realm, goja.FunctionCall) goja.Value {
	return func(r *Realm, call goja.FunctionCall) goja.Value {
		const what = "ctx.bulkRunChildren"
		u := r.self(call, what)
		r.noMore(call, 1, what)
		started := u.startMany(what, u.childRequests(what, call.Argument(0)))
		if !wait {
			return started
		}
		return r.outputsOf(started, false)
	}
}

// childRequests reads a list of children.
func (u *run) childRequests(what string, children goja.Value) []RunRequest {
	r := u.realm
	var requests []RunRequest
	for _, item := range native.Elements(r.rt, children, what+": the children") {
		c := child{options: r.rt.NewObject()}
		apply(r, &c, what, childOptions, native.Object(r.rt, item, what+": a child"))
		if c.workflow == "" {
			r.fail("%s: a child needs a workflow", what)
		}
		requests = append(requests, u.request("run of "+c.workflow, c.workflow, c.input, c.options))
	}
	return requests
}

// startMany starts runs and gives a promise of references to them, in order.
func (u *run) startMany(what string, requests []RunRequest) goja.Value {
	if u.keepsRuns() {
		return u.spawn(what, requests)
	}
	r, host := u.realm, u.inv.Host
	return u.effect(what, func(ctx context.Context) (answer, error) {
		var ids []string
		if len(requests) > 0 {
			var err error
			if ids, err = host.TriggerMany(ctx, requests); err != nil {
				return nil, err
			}
		}
		return func() (goja.Value, error) {
			refs := make([]any, len(ids))
			for i, id := range ids {
				refs[i] = r.reference(id, requests[i].Workflow)
			}
			return r.rt.NewArray(refs...), nil
		}, nil
	})
}

// outputsOf turns a promise of references into one of their outputs; failures
// are among those, or else the first one rejects.
func (r *Realm) outputsOf(started goja.Value, failures bool) goja.Value {
	outputs, err := r.then(started, func(refs goja.Value) (goja.Value, error) {
		var waiting []any
		for _, ref := range native.Elements(r.rt, refs, "the references") {
			id, name := r.runID(ref, "the references")
			output := r.current.result(id, name)
			if failures {
				output = r.orFailure(output)
			}
			waiting = append(waiting, output)
		}
		promises := r.rt.Get("Promise").ToObject(r.rt)
		all, _ := goja.AssertFunction(promises.Get("all"))
		return all(promises, r.rt.NewArray(waiting...))
	})
	if err != nil {
		r.throw(err)
	}
	return outputs
}

// orFailure is a promise that is fulfilled with what another one rejects with.
func (r *Realm) orFailure(promise goja.Value) goja.Value {
	object := promise.ToObject(r.rt)
	then, _ := goja.AssertFunction(object.Get("then"))
	kept, err := then(object, goja.Undefined(), r.rt.ToValue(func(call goja.FunctionCall) goja.Value { return call.Argument(0) }))
	if err != nil {
		r.throw(err)
	}
	return kept
}
