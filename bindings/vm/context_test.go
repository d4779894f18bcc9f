package vm_test

import (
	"context"
	"testing"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
)

func TestAsyncValuesDoNotDisturbEachOther(t *testing.T) {
	v := vm.New(vm.Options{})
	rt := v.Runtime()
	_ = rt.Set("set", func(call goja.FunctionCall) goja.Value {
		v.SetAsyncValue(call.Argument(0).String(), call.Argument(1).Export())
		return nil
	})
	_ = rt.Set("get", func(call goja.FunctionCall) goja.Value { return rt.ToValue(v.AsyncValue(call.Argument(0).String())) })
	got, err := run(context.Background(), v, `
		const flow = async (name) => { set('a', name); await null; set('b', name + name); await new Promise((r) => setTimeout(r, 1)); return [get('a'), get('b')] }
		const flows = await Promise.all([flow('x'), flow('y')])
		set('a', null)
		return JSON.stringify([...flows, get('a') ?? 'none'])`)
	if err != nil || got != `[["x","xx"],["y","yy"],"none"]` {
		t.Errorf("%q %v", got, err)
	}
}
