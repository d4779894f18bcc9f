package native

import (
	"github.com/dop251/goja"
)

// Member is one method or accessor that Go gives to scripts. H is what the
// table's functions work on: one value per VM.
type Member[H any] struct {
	// Name is the property, and the name that stack traces show.
	Name string
	// Type is what follows the name in TypeScript: the signature of a method,
	// "(ms: number): void", or an accessor's type, ": AbortSignal".
	Type string
	// Doc is the reference text, the first line first.
	Doc string
	// Length is a method's number of required arguments, its "length" in JavaScript.
	Length int
	// Call makes the member a method.
	Call func(H, goja.FunctionCall) goja.Value
	// Async makes the member a method that returns a promise: it reads the
	// arguments and returns the work to be done on a goroutine of the run. Only
	// for members of modules, whose H is [*Host].
	Async func(H, goja.FunctionCall) Work
	// Get makes the member an accessor, read-only and computed on each read.
	Get func(H, goja.FunctionCall) goja.Value
	// Value makes the member a plain property with a value made once.
	Value func(H) goja.Value
}

// native reports whether Go gives the member.
func (m Member[H]) native() bool {
	return m.Call != nil || m.Async != nil || m.Get != nil || m.Value != nil
}

// Define puts members on target, not enumerable, as a class does with its own.
func Define[H any](rt *goja.Runtime, target *goja.Object, host H, members []Member[H]) error {
	for _, m := range members {
		if err := define(rt, target, host, m); err != nil {
			return err
		}
	}
	return nil
}

func define[H any](rt *goja.Runtime, target *goja.Object, host H, m Member[H]) error {
	if m.Value != nil {
		return target.DefineDataProperty(m.Name, m.Value(host), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE)
	}
	if m.Get != nil {
		getter := Function(rt, "get "+m.Name, 0, func(call goja.FunctionCall) goja.Value { return m.Get(host, call) })
		return target.DefineAccessorProperty(m.Name, getter, nil, goja.FLAG_TRUE, goja.FLAG_FALSE)
	}
	call := m.Call
	if m.Async != nil {
		call = async(m.Async)
	}
	method := Function(rt, m.Name, m.Length, func(fc goja.FunctionCall) goja.Value { return call(host, fc) })
	return target.DefineDataProperty(m.Name, method, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE)
}

// Function returns a function object with a fixed name, so that stack traces
// name it and not a Go symbol. A Go panic in call reaches the script as an
// Error: see [PanicError].
func Function(rt *goja.Runtime, name string, length int, call func(goja.FunctionCall) goja.Value) *goja.Object {
	f := rt.ToValue(guard(rt, name, call)).(*goja.Object)
	setFunctionProperty(f, "name", rt.ToValue(name))
	if length > 0 {
		setFunctionProperty(f, "length", rt.ToValue(length))
	}
	return f
}

// setFunctionProperty redefines a property that every new function has and that
// is configurable, so it cannot fail.
func setFunctionProperty(f *goja.Object, name string, v goja.Value) {
	_ = f.DefineDataProperty(name, v, goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE)
}
