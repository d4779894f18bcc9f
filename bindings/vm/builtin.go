package vm

import "github.com/dop251/goja"

// native is a function of goja's own, or one that stands in for it.
type native = func(goja.FunctionCall) goja.Value

// define sets a property that is not enumerable; on a fresh object that cannot
// fail.
func define(object *goja.Object, name string, value goja.Value) {
	_ = object.DefineDataProperty(name, value, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE)
}

// fix sets a property that is neither writable nor enumerable, such as the name
// of a function.
func fix(object *goja.Object, name string, value goja.Value) {
	_ = object.DefineDataProperty(name, value, goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE)
}

// function makes a native function with a name that stacks can show. Each costs
// about a microsecond and a kilobyte, so what scripts seldom use is better made
// on first use: see [VM.lazily].
func (v *VM) function(name string, call native) *goja.Object {
	function := v.rt.ToValue(call).(*goja.Object)
	fix(function, "name", v.rt.ToValue(name))
	return function
}

// method defines a native function on target.
func (v *VM) method(target *goja.Object, name string, call native) {
	define(target, name, v.function(name, call))
}

// original is a function that target has, to be called without leaving the
// running job: what it throws goes on to the caller. Nil if there is none.
func original(target *goja.Object, name string) native {
	object, ok := target.Get(name).(*goja.Object)
	if !ok {
		return nil
	}
	call, _ := object.Export().(native)
	return call
}

// class is a constructor and its prototype.
func (v *VM) class(name string) (constructor, prototype *goja.Object) {
	constructor = v.rt.Get(name).(*goja.Object)
	return constructor, constructor.Get("prototype").(*goja.Object)
}

// replace puts a native function in the place of a constructor: with the same
// prototype and the same static members, and instances name it as theirs.
func (v *VM) replace(old *goja.Object, construct func(goja.ConstructorCall) *goja.Object) *goja.Object {
	wrapper := v.rt.ToValue(construct).(*goja.Object)
	for _, key := range old.GetOwnPropertyNames() {
		switch key {
		case "prototype":
		case "name", "length":
			fix(wrapper, key, old.Get(key))
		default:
			define(wrapper, key, old.Get(key))
		}
	}
	prototype := old.Get("prototype").(*goja.Object)
	_ = wrapper.DefineDataProperty("prototype", prototype, goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_FALSE)
	define(prototype, "constructor", wrapper)
	return wrapper
}

// shortCut gives wrapper the species of old: methods that make another instance
// (split, matchAll, slice) go on with goja's own constructor and its short cuts.
// Those of a subclass do so too, and give no instance of the subclass.
func shortCut(wrapper, old *goja.Object) {
	_ = wrapper.DefineDataPropertySymbol(goja.SymSpecies, old, goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE)
}

// newTarget is what the constructor behind wrapper has to be told: nil unless a
// subclass is made.
func newTarget(call goja.ConstructorCall, wrapper *goja.Object) *goja.Object {
	if call.NewTarget == wrapper {
		return nil
	}
	return call.NewTarget
}

// construct calls a constructor and throws what it throws.
func construct(constructor goja.Constructor, target *goja.Object, args ...goja.Value) *goja.Object {
	object, err := constructor(target, args...)
	if err != nil {
		panic(err)
	}
	return object
}

// lazily defines a global whose value is made on first use and is a plain
// property from then on; assigning to it before replaces it.
func (v *VM) lazily(name string, make func() goja.Value) {
	global := v.rt.GlobalObject()
	settle := func(value goja.Value) goja.Value {
		define(global, name, value)
		return value
	}
	// One function for both: a getter is called without arguments, a setter
	// with one.
	accessor := v.function(name, func(call goja.FunctionCall) goja.Value {
		if len(call.Arguments) > 0 {
			return settle(call.Arguments[0])
		}
		return settle(make())
	})
	_ = global.DefineAccessorProperty(name, accessor, accessor, goja.FLAG_TRUE, goja.FLAG_FALSE)
}
