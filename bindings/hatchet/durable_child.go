package hatchet

import (
	"context"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

// A durable task starts runs through its event log, by whatever name it does so:
// a replay finds them there, and waiting for them holds no VM
// (hatchet-protocol.md section 8.5).

// keepsRuns reports whether the runs that the task starts are kept in its event
// log. Otherwise they are started like those of any task.
func (u *run) keepsRuns() bool { return u.inv.Durable != nil && u.inv.Durable.KeepsRuns() }

// spawn starts child runs of a durable task and gives a promise of references to
// them, in order. The runs are started even if the script ends without waiting.
func (u *run) spawn(what string, requests []RunRequest) goja.Value {
	r := u.realm
	if len(requests) == 0 {
		return r.resolved(r.rt.NewArray())
	}
	promise, settle := r.vm.NewPromise()
	at, answered, ctx := r.trace(), make(chan struct{}), u.ctx
	op := &operation{name: what}
	u.inv.Durable.RunChildren(requests, func(children []DurableChild, err error, took func()) {
		if err != nil {
			u.note(op, err)
		}
		close(answered)
		settle(func() (goja.Value, error) {
			u.hear(op)
			took()
			if err != nil {
				return nil, r.durableError(err, at)
			}
			return u.spawned(requests, children, at), nil
		})
	})
	u.operations.Go(func() { awaitAnswer(answered, ctx) })
	return promise
}

// awaitAnswer returns when something has been started for good, or cannot be any
// more.
func awaitAnswer(answered <-chan struct{}, ctx context.Context) {
	select {
	case <-answered:
	case <-ctx.Done():
	}
}

// spawned is a child run and where the script started it.
type spawned struct {
	DurableChild
	at trace
}

// spawned makes references to child runs, and has the run remember them.
func (u *run) spawned(requests []RunRequest, children []DurableChild, at trace) goja.Value {
	if u.spawns == nil {
		u.spawns = map[string]spawned{}
	}
	refs := make([]any, len(children))
	for i, child := range children {
		u.spawns[child.RunID] = spawned{child, at}
		refs[i] = u.realm.reference(child.RunID, requests[i].Workflow)
	}
	u.steps += len(children)
	return u.realm.rt.NewArray(refs...)
}

// spawnOne starts one child run and calls next with the reference to it.
func (u *run) spawnOne(what string, request RunRequest, next func(ref goja.Value) (goja.Value, error)) goja.Value {
	r := u.realm
	result, err := r.then(u.spawn(what, []RunRequest{request}), func(refs goja.Value) (goja.Value, error) {
		return next(native.Elements(r.rt, refs, what)[0])
	})
	if err != nil {
		r.throw(err)
	}
	return result
}

// spawnResult waits durably for a child run and gives its output.
func (u *run) spawnResult(child spawned) goja.Value {
	r := u.realm
	promise, settle := r.vm.NewWait()
	at := r.trace()
	if at.place() == "" { // asked for by native code
		at = child.at
	}
	u.progress++
	child.Result(func(a Answer) {
		settle(func() (goja.Value, error) {
			u.progress++
			a.Took()
			if a.Err != nil {
				return nil, r.rejection(a.Err, at)
			}
			return r.decoder.Decode(a.Payload)
		})
	})
	return promise
}
