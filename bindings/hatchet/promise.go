package hatchet

import (
	"strings"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

// promising makes the methods of a table that return a promise reject with what
// they would throw, as async functions do: a catch or Promise.allSettled gets a
// bad argument like any other failure. While the file loads they throw, for
// there nobody waits for the promise.
func promising(members []native.Member[*Realm]) []native.Member[*Realm] {
	for i, m := range members {
		if m.Call != nil && strings.Contains(m.Type, "): Promise<") {
			members[i].Call = rejecting(m.Call)
		}
	}
	return members
}

func rejecting(method func(*Realm, goja.FunctionCall) goja.Value) func(*Realm, goja.FunctionCall) goja.Value {
	return func(r *Realm, call goja.FunctionCall) (result goja.Value) {
		if r.current == nil {
			return method(r, call)
		}
		thrown := r.rt.Try(func() { result = method(r, call) })
		if thrown == nil {
			return result
		}
		promise, _, reject := r.rt.NewPromise()
		if err := reject(thrown.Value()); err != nil {
			panic(err)
		}
		return r.rt.ToValue(promise)
	}
}
