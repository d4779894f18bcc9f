package vm

import (
	"slices"
	"sync"

	"github.com/dop251/goja"
)

// callerProgram is a function that calls: goja runs promise jobs when the
// outermost function of a script returns, and a native function is none.
var callerProgram = sync.OnceValue(func() *goja.Program { return goja.MustCompile("<caller>", "(f) => { f() }", true) })

// tick is one call of [VM.NextTick].
type tick struct {
	callback goja.Callable
	args     []goja.Value
	context  any // the async context to go on in
}

// NextTick calls back when Node's process.nextTick does: after the callback of a
// timer before the promise jobs that it has queued, and after all promise jobs
// where they are what runs. Without a run in progress it throws.
func (v *VM) NextTick(callback goja.Callable, args ...goja.Value) {
	r := v.current
	if r == nil {
		panic(v.rt.NewTypeError("this can only be called while a task runs or its file loads"))
	}
	r.ticks = append(r.ticks, tick{callback, slices.Clone(args), v.async}) // goja's stack is theirs
}

// withTicks calls f, and after it the ticks there are, before any promise job.
func (r *run) withTicks(f func() error) error {
	if r.vm.caller == nil {
		value, err := r.vm.rt.RunProgram(callerProgram())
		if err != nil {
			return err
		}
		r.vm.caller, _ = goja.AssertFunction(value)
	}
	_, err := r.vm.caller(goja.Undefined(), r.vm.rt.ToValue(func(goja.FunctionCall) goja.Value {
		if err := f(); err != nil {
			panic(err)
		}
		for len(r.ticks) > 0 {
			t := r.ticks[0]
			r.ticks = r.ticks[1:]
			r.vm.async = t.context
			if _, err := t.callback(goja.Undefined(), t.args...); err != nil {
				panic(err)
			}
		}
		r.vm.async = nil
		return goja.Undefined()
	}))
	return err
}

// step runs one thing and the ticks that come of it.
func (r *run) step(job func() error) error {
	err := r.try(job)
	for err == nil && len(r.ticks) > 0 {
		err = r.try(func() error { return r.withTicks(func() error { return nil }) })
	}
	return err
}
