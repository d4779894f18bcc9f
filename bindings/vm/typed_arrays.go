package vm

import "github.com/dop251/goja"

var typedArrays = []string{
	"Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array", "Int32Array", "Uint32Array",
	"Float32Array", "Float64Array", "BigInt64Array", "BigUint64Array",
}

// installTypedArrays bounds the memory that one typed array can take: goja asks
// for whatever length a script names, and the end of the memory is the end of
// the process. Few scripts use more than one kind, so each is wrapped when its
// name is first used.
func (v *VM) installTypedArrays() {
	var kind *goja.Object // what they all inherit from
	for _, name := range typedArrays {
		old := v.rt.Get(name).(*goja.Object)
		kind = old.Prototype()
		v.lazily(name, func() goja.Value { return v.boundTypedArray(name, old) })
	}
	v.replaceMethod(kind, "from", func(from native) native {
		return func(call goja.FunctionCall) goja.Value {
			v.checkLength("TypedArray.from", call.Argument(0))
			if goja.IsString(call.Argument(0)) { // goja takes objects alone
				call.Arguments = append([]goja.Value{call.Arguments[0].ToObject(v.rt)}, call.Arguments[1:]...)
			}
			return from(call)
		}
	})
}

func (v *VM) boundTypedArray(name string, old *goja.Object) goja.Value {
	make, _ := goja.AssertConstructor(old)
	size := old.Get("BYTES_PER_ELEMENT").ToFloat()
	limit := float64(v.opts.MaxBytes)
	var wrapper *goja.Object
	wrapper = v.replace(old, func(call goja.ConstructorCall) *goja.Object {
		first := call.Argument(0)
		amount := 0.0
		if object, ok := first.(*goja.Object); ok {
			amount = lengthOf(object)
		} else if goja.IsNumber(first) || goja.IsString(first) {
			amount = first.ToFloat()
		}
		v.bound(name, amount*size, limit, "bytes")
		return construct(make, newTarget(call, wrapper), call.Arguments...)
	})
	_ = wrapper.SetPrototype(old.Prototype())
	shortCut(wrapper, old)
	return wrapper
}

// lengthOf is the length that an array or what looks like one has; 0 if it has
// none.
func lengthOf(object *goja.Object) float64 {
	if length := object.Get("length"); length != nil && goja.IsNumber(length) {
		return length.ToFloat()
	}
	return 0
}
