package vm

import "github.com/dop251/goja"

// Natives that walk or build something as long as a number says hold the VM
// where no interrupt reaches them. They are bounded before they begin, as arrays
// are; what takes longer all the same is abandoned.
var (
	growingMethods = []string{"repeat", "padStart", "padEnd"}
	walkingMethods = []string{"fill", "indexOf", "lastIndexOf", "includes", "join"}
)

func (v *VM) installGuards() {
	_, text := v.class("String")
	for _, name := range growingMethods {
		v.guard(text, name, func(call goja.FunctionCall) { v.checkGrowth(name, call) })
	}
	_, list := v.class("Array")
	for _, name := range walkingMethods {
		what := "Array.prototype." + name
		v.guard(list, name, func(call goja.FunctionCall) { v.checkLength(what, call.This) })
	}
	v.replaceMethod(list, "join", v.counted)
}

// guard puts a check in front of a native method.
func (v *VM) guard(target *goja.Object, name string, check func(goja.FunctionCall)) {
	v.replaceMethod(target, name, func(old native) native {
		return func(call goja.FunctionCall) goja.Value {
			check(call)
			return old(call)
		}
	})
}

// replaceMethod puts another function in the place of a native method.
func (v *VM) replaceMethod(target *goja.Object, name string, wrap func(native) native) {
	old := original(target, name)
	if old == nil {
		return
	}
	function := v.function(name, wrap(old))
	fix(function, "length", target.Get(name).(*goja.Object).Get("length"))
	define(target, name, function)
}

// counted bounds how deeply a native calls itself through other natives: no
// JavaScript call is in between that would count. A generator that delegates to
// another one does so, and an array that holds another one when it is joined.
func (v *VM) counted(old native) native {
	return func(call goja.FunctionCall) goja.Value {
		if v.depth >= v.opts.MaxCallStack {
			panic(v.rangeError("%s", overflowMessage(v.opts.MaxCallStack)))
		}
		v.depth++
		defer func() { v.depth-- }()
		return old(call)
	}
}

func (v *VM) checkGrowth(name string, call goja.FunctionCall) {
	if call.This == nil || goja.IsUndefined(call.This) || goja.IsNull(call.This) {
		return // the original throws
	}
	amount := call.Argument(0).ToFloat()
	if name == "repeat" {
		length := 0
		if text, ok := call.This.(goja.String); ok {
			length = text.Length()
		} else {
			length = len(call.This.String())
		}
		amount *= float64(length)
	}
	v.bound("String.prototype."+name, amount, float64(v.opts.MaxBytes), "bytes")
}

func (v *VM) checkLength(what string, value goja.Value) {
	object, ok := value.(*goja.Object)
	if !ok {
		return
	}
	if length := object.Get("length"); length != nil && goja.IsNumber(length) {
		v.bound(what, length.ToFloat(), float64(v.opts.MaxElements), "elements")
	}
}
