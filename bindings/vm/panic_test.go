package vm_test

import (
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
)

// A Go panic ends the run and the VM wherever it happens, and nothing else.
func TestGoPanics(t *testing.T) {
	cause := errors.New("index out of range")
	for name, test := range map[string]struct {
		source string
		call   vm.Call
	}{
		"in a native":        {source: `try { boom() } catch { return 'caught' }`},
		"after an await":     {source: `await null; const f = async () => { await null; try { boom() } catch {} }; await f()`},
		"in a callback":      {source: `await host(1); [1].forEach(() => boom())`},
		"in a timer":         {source: `setTimeout(boom, 1); await new Promise((r) => setTimeout(r, 1000))`},
		"in a microtask":     {source: `queueMicrotask(boom); await new Promise((r) => setTimeout(r, 1000))`},
		"in a completion":    {source: `await late()`},
		"while settling":     {source: `return boomer`, call: vm.Call{Settle: func(goja.Value) error { panic(cause) }}},
		"while asking":       {source: `await wait()`, call: vm.Call{Parkable: func() bool { panic(cause) }}},
		"in a getter":        {source: `return boomer.x`},
		"in a promise's job": {source: `Promise.resolve().then(boom); await null; await null; await null`},
	} {
		v := vm.New(vm.Options{})
		install(v)
		rt := v.Runtime()
		boom := func(goja.FunctionCall) goja.Value { panic(cause) }
		_ = rt.Set("boom", boom)
		boomer := rt.NewObject()
		_ = boomer.DefineAccessorProperty("x", rt.ToValue(boom), nil, goja.FLAG_TRUE, goja.FLAG_TRUE)
		_ = rt.Set("boomer", boomer)
		_ = rt.Set("late", func(goja.FunctionCall) goja.Value {
			promise, settle := v.NewPromise()
			go settle(func() (goja.Value, error) { panic(cause) })
			return promise
		})
		_ = rt.Set("wait", func(goja.FunctionCall) goja.Value { promise, _ := v.NewWait(); return promise })
		program := goja.MustCompile("test.js", "(async () => {"+test.source+"})()", true)
		test.call.Start = func() (goja.Value, error) { return rt.RunProgram(program) }
		err := v.Run(t.Context(), test.call)
		var panicked *vm.PanicError
		if !errors.As(err, &panicked) || !errors.Is(err, cause) || !v.Dead() {
			t.Errorf("%s: %v, dead %v", name, err, v.Dead())
			continue
		}
		if !strings.Contains(string(panicked.Stack), "panic_test.go") {
			t.Errorf("%s: the stack does not show where:\n%s", name, panicked.Stack)
		}
	}
}

func TestAGoroutineThatExits(t *testing.T) {
	v := vm.New(vm.Options{})
	_ = v.Runtime().Set("exit", func(goja.FunctionCall) goja.Value { runtime.Goexit(); return nil })
	if _, err := run(t.Context(), v, `await null; exit()`); err == nil || !v.Dead() {
		t.Errorf("%v, dead %v", err, v.Dead())
	}
}

func TestTheEndOfARun(t *testing.T) {
	v := vm.New(vm.Options{})
	install(v)
	var order []string
	note := func(name string) func() { return func() { order = append(order, name) } }
	call := vm.Call{Start: func() (goja.Value, error) {
		ctx := v.RunContext()
		if v.RunContext() != ctx || ctx.Err() != nil {
			t.Error("the context of a run is not one and alive")
		}
		v.OnEnd(note("first"))
		v.OnEnd(func() {
			if ctx.Err() == nil {
				t.Error("the run's context is alive at its end")
			}
			v.OnEnd(note("during the end"))
			panic(errors.New("in a hook"))
		})
		v.OnEnd(note("last"))
		return v.Runtime().RunString(`host(1)`)
	}}
	err := v.Run(t.Context(), call)
	if want := []string{"last", "during the end", "first"}; !slices.Equal(order, want) {
		t.Errorf("hooks ran in the order %v", order)
	}
	var panicked *vm.PanicError
	if !errors.As(err, &panicked) || v.Dead() {
		t.Errorf("a panic in a hook: %v, dead %v", err, v.Dead())
	}
	if v.RunContext().Err() == nil {
		t.Error("between runs the context is alive")
	}
	v.OnEnd(note("at once"))
	if order[len(order)-1] != "at once" {
		t.Error("a hook between runs did not run")
	}
}
