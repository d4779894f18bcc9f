package hatchet

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

var errCancelledBySelf = errors.New("the task cancelled itself")

// workerMembers are the methods of ctx.worker.
var workerMembers = promising([]native.Member[*Realm]{
	{Name: "id", Type: "(): string",
		Doc: "The worker's id.",
		Call: func(r *Realm, call goja.FunctionCall) goja.Value {
			return r.rt.ToValue(r.thisWorker("ctx.worker.id").ID)
		}},
	{Name: "name", Type: "(): string",
		Doc: "The worker's name.",
		Call: func(r *Realm, call goja.FunctionCall) goja.Value {
			return r.rt.ToValue(r.thisWorker("ctx.worker.name").Name)
		}},
	{Name: "hasWorkflow", Type: "(workflow: WorkflowRef): boolean",
		Doc:    "Whether this worker serves a workflow.",
		Length: 1, Call: func(r *Realm, call goja.FunctionCall) goja.Value {
			w := r.thisWorker("ctx.worker.hasWorkflow")
			name := r.nameOf(call.Argument(0), "ctx.worker.hasWorkflow: the workflow")
			return r.rt.ToValue(slices.ContainsFunc(w.Workflows, func(known string) bool { return strings.EqualFold(known, name) }))
		}},
	{Name: "labels", Type: "(): Record<string, string | number>",
		Doc:  "The worker's labels.",
		Call: workerLabels},
	{Name: "upsertLabels", Type: "(labels: Record<string, string | number>): Promise<void>",
		Doc:    "Sets labels of the worker; others keep their value.",
		Length: 1, Call: upsertLabels},
})

func (r *Realm) thisWorker(what string) Worker {
	u := r.running(what)
	if u.inv.Host == nil {
		r.fail("%s: no worker runs this task", what)
	}
	return u.inv.Host.Worker()
}

// upsertLabels is ctx.worker.upsertLabels(labels).
func upsertLabels(r *Realm, call goja.FunctionCall) goja.Value {
	const what = "ctx.worker.upsertLabels"
	u := r.running(what)
	r.noMore(call, 1, what)
	labels := r.labels(call.Argument(0), what)
	host := u.inv.Host
	return u.effect(what, func(ctx context.Context) (answer, error) {
		return nil, host.UpsertLabels(ctx, labels)
	})
}

func workerLabels(r *Realm, _ goja.FunctionCall) goja.Value {
	labels := r.rt.NewObject()
	for key, value := range r.thisWorker("ctx.worker.labels").Labels {
		v := goja.Value(goja.Null())
		switch value := value.(type) {
		case string:
			v = r.rt.ToValue(value)
		case int32:
			v = r.rt.ToValue(value)
		case int:
			v = r.rt.ToValue(value)
		}
		_ = labels.Set(key, v)
	}
	return labels
}
