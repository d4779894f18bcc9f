package vm

import (
	"fmt"

	"github.com/dop251/goja"
)

// installConstructors puts checks in front of the constructors that goja gets
// wrong or that could end the process.
func (v *VM) installConstructors() {
	v.installRegExp()
	v.installFunction()
	v.installArrayBuffer()
	v.installTypedArrays()
	v.installArray()
}

// installFunction wraps Function, its async and generator kinds, and eval: goja's
// parser recurses into source text without any limit of its own.
func (v *VM) installFunction() {
	plain, _ := v.class("Function")
	kinds := []*goja.Object{plain}
	examples, err := v.rt.RunProgram(kindsProgram())
	if err == nil {
		for _, index := range []string{"0", "1"} {
			prototype := examples.(*goja.Object).Get(index).(*goja.Object).Prototype()
			kinds = append(kinds, prototype.Get("constructor").(*goja.Object))
			if generators, ok := prototype.Get("prototype").(*goja.Object); ok {
				v.replaceMethod(generators, "next", v.counted)
			}
		}
	}
	for _, kind := range kinds {
		wrapper := v.checked(kind)
		if kind == plain {
			define(v.rt.GlobalObject(), "Function", wrapper)
		}
	}
	global := v.rt.GlobalObject()
	evaluate := original(global, "eval")
	v.method(global, "eval", func(call goja.FunctionCall) goja.Value {
		if text := call.Argument(0); goja.IsString(text) {
			v.checkSource(text.String())
		}
		return evaluate(call)
	})
}

// checked wraps a function constructor.
func (v *VM) checked(kind *goja.Object) (wrapper *goja.Object) {
	make, _ := goja.AssertConstructor(kind)
	wrapper = v.replace(kind, func(call goja.ConstructorCall) *goja.Object {
		parts := []goja.Value(nil)
		for _, part := range call.Arguments {
			text := part.ToString() // once: what was checked is what is compiled
			v.checkSource(text.String())
			parts = append(parts, text)
		}
		return construct(make, newTarget(call, wrapper), parts...)
	})
	return wrapper
}

// goja's parser recurses once per level of brackets, on a stack of which the end
// is the end of the process. Brackets in strings and comments are counted too;
// those that close there hide levels, hence the bound on the sum.
const (
	maxNesting  = 500
	maxBrackets = 120_000
)

func (v *VM) checkSource(source string) {
	if len(source) > v.opts.MaxSource {
		panic(v.rangeError("source text of %d bytes: the limit is %d", len(source), v.opts.MaxSource))
	}
	depth, sum := 0, 0
	for i := range len(source) {
		switch source[i] {
		case '(', '[', '{':
			depth++
			sum++
		case ')', ']', '}':
			depth = max(depth-1, 0)
		}
		if depth > maxNesting {
			panic(v.rangeError("source text nested deeper than %d levels", maxNesting))
		}
	}
	if sum > maxBrackets {
		panic(v.rangeError("source text with %d brackets: the limit is %d", sum, maxBrackets))
	}
}

// installArrayBuffer bounds the memory that one call can take.
func (v *VM) installArrayBuffer() {
	old, _ := v.class("ArrayBuffer")
	make, _ := goja.AssertConstructor(old)
	var wrapper *goja.Object
	wrapper = v.replace(old, func(call goja.ConstructorCall) *goja.Object {
		v.bound("ArrayBuffer", call.Argument(0).ToFloat(), float64(v.opts.MaxBytes), "bytes")
		return construct(make, newTarget(call, wrapper), call.Arguments...)
	})
	shortCut(wrapper, old)
	define(v.rt.GlobalObject(), "ArrayBuffer", wrapper)
	v.installTransfer(wrapper.Get("prototype").(*goja.Object))
}

// installTransfer adds what goja lacks of moving the bytes of an ArrayBuffer.
func (v *VM) installTransfer(prototype *goja.Object) {
	if names := []string{"transfer", "transferToFixedLength"}; prototype.Get(names[0]) == nil {
		v.installSpare(prototype, names, func(name string) goja.Value { return v.function(name, v.transfer) })
	}
	_ = prototype.DefineAccessorProperty("detached", v.function("get detached", func(call goja.FunctionCall) goja.Value {
		buffer := v.arrayBuffer(call.This)
		return v.rt.ToValue(buffer.Detached())
	}), nil, goja.FLAG_TRUE, goja.FLAG_FALSE)
}

// transfer moves the bytes of an ArrayBuffer to a new one, of another length if
// one is given, and detaches the old one.
func (v *VM) transfer(call goja.FunctionCall) goja.Value {
	buffer := v.arrayBuffer(call.This)
	if buffer.Detached() {
		panic(v.rt.NewTypeError("ArrayBuffer.prototype.transfer: the buffer is detached"))
	}
	data := buffer.Bytes()
	if length := call.Argument(0); !goja.IsUndefined(length) {
		amount := length.ToFloat()
		if amount != amount || amount < 0 {
			panic(v.rangeError("ArrayBuffer.prototype.transfer: the length must be a number from 0"))
		}
		v.bound("ArrayBuffer", amount, float64(v.opts.MaxBytes), "bytes")
		resized := make([]byte, int(amount))
		copy(resized, data)
		data = resized
	}
	moved := v.rt.NewArrayBuffer(data)
	buffer.Detach()
	return v.rt.ToValue(moved)
}

// arrayBuffer is value if it is an ArrayBuffer, and throws otherwise.
func (v *VM) arrayBuffer(value goja.Value) goja.ArrayBuffer {
	if object, ok := value.(*goja.Object); ok {
		if buffer, ok := object.Export().(goja.ArrayBuffer); ok {
			return buffer
		}
	}
	panic(v.rt.NewTypeError("this is no ArrayBuffer"))
}

// installArray bounds arrays that are born long: Array(1e9).map(…) and the like
// hold the VM, and the memory, in native code.
func (v *VM) installArray() {
	old, _ := v.class("Array")
	make, _ := goja.AssertConstructor(old)
	plain, _ := old.Export().(native)
	var wrapper *goja.Object
	wrapper = v.replace(old, func(call goja.ConstructorCall) *goja.Object {
		if len(call.Arguments) == 1 && goja.IsNumber(call.Arguments[0]) {
			v.bound("Array", call.Arguments[0].ToFloat(), float64(v.opts.MaxElements), "elements")
		}
		if target := newTarget(call, wrapper); target != nil || plain == nil {
			return construct(make, target, call.Arguments...)
		}
		return plain(goja.FunctionCall{Arguments: call.Arguments}).(*goja.Object)
	})
	species := v.function("get [Symbol.species]", func(call goja.FunctionCall) goja.Value {
		if call.This == wrapper {
			return old
		}
		return call.This
	})
	_ = wrapper.DefineAccessorPropertySymbol(goja.SymSpecies, species, nil, goja.FLAG_TRUE, goja.FLAG_FALSE)
	v.replaceMethod(wrapper, "from", func(from native) native {
		return func(call goja.FunctionCall) goja.Value {
			v.checkLength("Array.from", call.Argument(0))
			if call.This == wrapper {
				call.This = old
			}
			return from(call)
		}
	})
	define(v.rt.GlobalObject(), "Array", wrapper)
}

// bound throws when one native call is asked for more than the limit.
func (v *VM) bound(what string, amount, limit float64, unit string) {
	if amount > limit {
		panic(v.rangeError("%s of %.0f %s: the limit for one call is %.0f", what, amount, unit, limit))
	}
}

func (v *VM) rangeError(format string, args ...any) goja.Value {
	return v.newError("RangeError", format, args...)
}

func (v *VM) syntaxError(format string, args ...any) goja.Value {
	return v.newError("SyntaxError", format, args...)
}

func (v *VM) newError(class, format string, args ...any) goja.Value {
	object, err := v.rt.New(v.rt.Get(class), v.rt.ToValue(fmt.Sprintf(format, args...)))
	if err != nil {
		return v.rt.NewTypeError(fmt.Sprintf(format, args...))
	}
	return object
}
