package vm

import (
	"slices"
	"strconv"

	"github.com/dop251/goja"
)

// Natives that walk or build something as long as a number says hold the VM
// where no interrupt reaches them. They are bounded before they begin, as arrays
// are; what takes longer all the same is abandoned.
var (
	growingMethods = []string{"repeat", "padStart", "padEnd"}
	walkingMethods = []string{"fill", "indexOf", "lastIndexOf", "includes", "join"}
	// These make as much room as the length says before they begin, however
	// empty the array is.
	copyingMethods = []string{"map", "sort", "toSorted", "toReversed", "toSpliced", "with"}
)

func (v *VM) installGuards() {
	_, text := v.class("String")
	for _, name := range growingMethods {
		v.guard(text, name, func(call goja.FunctionCall) { v.checkGrowth(name, call) })
	}
	_, list := v.class("Array")
	for _, name := range slices.Concat(walkingMethods, copyingMethods) {
		what := "Array.prototype." + name
		v.guard(list, name, func(call goja.FunctionCall) { v.checkLength(what, call.This) })
	}
	v.guard(list, "join", v.checkJoin)
	v.replaceMethod(list, "join", v.counted)
	v.replaceMethod(list, "fill", v.inPieces)
	v.guard(list, "flat", v.checkFlat)
	v.installArgumentGuards()
	v.installBigIntGuards()
	v.installIterationGuard()
}

// installIterationGuard lets interrupts through while natives walk an array by
// its iterator, as [...list], f(...list) and Promise.all(list) do: an array may
// be longer than memory is.
func (v *VM) installIterationGuard() {
	list := v.rt.NewArray()
	values, ok := goja.AssertFunction(list.GetSymbol(goja.SymIterator))
	if !ok {
		return
	}
	if iterator, err := values(list); err == nil {
		v.replaceMethod(iterator.(*goja.Object).Prototype(), "next", v.stepped)
	}
}

// stepsBetween is after how many steps interrupts are let through.
const stepsBetween = 1 << 7

func (v *VM) stepped(next native) native {
	return func(call goja.FunctionCall) goja.Value {
		if v.steps++; v.steps%stepsBetween == 0 {
			v.Checkpoint()
		}
		return next(call)
	}
}

// installArgumentGuards bounds the lists that calls take their arguments from.
func (v *VM) installArgumentGuards() {
	_, function := v.class("Function")
	reflect := v.rt.Get("Reflect").(*goja.Object)
	for _, list := range []struct {
		target   *goja.Object
		name     string
		argument int
	}{{function, "apply", 1}, {reflect, "apply", 2}, {reflect, "construct", 1}} {
		what := list.name
		if list.target == reflect {
			what = "Reflect." + what
		}
		v.guard(list.target, list.name, func(call goja.FunctionCall) { v.checkLength(what, call.Argument(list.argument)) })
	}
}

// installBigIntGuards bounds the bits of numbers that are made as long as asked.
func (v *VM) installBigIntGuards() {
	bigInt, _ := v.class("BigInt")
	for _, name := range []string{"asIntN", "asUintN"} {
		v.guard(bigInt, name, func(call goja.FunctionCall) {
			v.bound("BigInt."+name, call.Argument(0).ToFloat()/8, float64(v.opts.MaxBytes), "bytes")
		})
	}
}

// checkJoin bounds what the separators alone come to.
func (v *VM) checkJoin(call goja.FunctionCall) {
	object, isObject := call.This.(*goja.Object)
	separator, isText := call.Argument(0).(goja.String)
	if isObject && isText {
		v.bound("Array.prototype.join", lengthOf(object)*float64(separator.Length()), float64(v.opts.MaxBytes), "bytes")
	}
}

// fillPiece is how many elements are filled before interrupts are let through:
// some 50 ms of work.
const fillPiece = 1 << 16

// inPieces fills a long array piece by piece.
func (v *VM) inPieces(fill native) native {
	return func(call goja.FunctionCall) goja.Value {
		object, ok := call.This.(*goja.Object)
		if !ok || object.ClassName() != "Array" || lengthOf(object) <= fillPiece {
			return fill(call)
		}
		length := int64(lengthOf(object))
		from, to := within(call.Argument(1), 0, length), within(call.Argument(2), length, length)
		for ; from < to; from += fillPiece {
			v.Checkpoint()
			fill(goja.FunctionCall{This: object, Arguments: []goja.Value{
				call.Argument(0), v.rt.ToValue(from), v.rt.ToValue(min(from+fillPiece, to)),
			}})
		}
		return object
	}
}

// within reads an index that counts from the end if it is negative.
func within(value goja.Value, otherwise, length int64) int64 {
	if goja.IsUndefined(value) {
		return otherwise
	}
	index := value.ToInteger()
	if index < 0 {
		return max(index+length, 0)
	}
	return min(index, length)
}

// checkFlat refuses to flatten what is nested very deeply or contains itself:
// goja recurses once per level, on a stack of which the end is the end of the
// process.
func (v *VM) checkFlat(call goja.FunctionCall) {
	object, ok := call.This.(*goja.Object)
	if ok && !goja.IsUndefined(call.Argument(0)) && call.Argument(0).ToInteger() > maxNesting {
		v.checkNesting(object, 0)
	}
}

func (v *VM) checkNesting(list *goja.Object, depth int) {
	if depth > maxNesting {
		panic(v.rangeError("Array.prototype.flat: nested deeper than %d levels, or the array contains itself", maxNesting))
	}
	v.checkLength("Array.prototype.flat", list)
	for i := range int64(lengthOf(list)) {
		if i%1024 == 0 {
			v.Checkpoint()
		}
		if inner, ok := list.Get(strconv.FormatInt(i, 10)).(*goja.Object); ok && inner.ClassName() == "Array" {
			v.checkNesting(inner, depth+1)
		}
	}
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
	if object, ok := value.(*goja.Object); ok {
		v.bound(what, lengthOf(object), float64(v.opts.MaxElements), "elements")
	}
}
