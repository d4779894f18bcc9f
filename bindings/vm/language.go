package vm

import (
	_ "embed"
	"fmt"
	"sync"

	"github.com/dop251/goja"
)

//go:embed library.js
var librarySource string

// Programs of this package are compiled once and shared by all VMs. Their names
// begin with "<", which keeps their frames out of stacks.
var (
	libraryProgram = sync.OnceValue(func() *goja.Program {
		return goja.MustCompile("<library>", librarySource, true)
	})
	kindsProgram = sync.OnceValue(func() *goja.Program {
		return goja.MustCompile("<kinds>", "[async function () {}, function* () {}]", true)
	})
)

// Places where the language has members that goja lacks.
const (
	onPromise  = "Promise"
	onObject   = "Object"
	onMap      = "Map"
	onArray    = "Array"
	onRegExp   = "RegExp"
	onString   = "String.prototype"
	onIterator = "Iterator.prototype"
	onGlobal   = "globalThis"
)

// additions are methods that library.js writes, by the place they go to. A
// method that goja has by itself stays as it is.
var additions = []struct{ place, name string }{
	{onPromise, "withResolvers"}, {onPromise, "try"},
	{onObject, "groupBy"}, {onMap, "groupBy"}, {onArray, "fromAsync"}, {onRegExp, "escape"},
	{onString, "isWellFormed"}, {onString, "toWellFormed"}, {onGlobal, "structuredClone"},
}

// iteratorHelpers are the methods that library.js writes for all iterators.
var iteratorHelpers = []string{
	"map", "filter", "take", "drop", "flatMap", "reduce", "toArray", "forEach", "some", "every", "find",
}

// lazyClasses are globals that library.js writes.
var lazyClasses = []string{"WeakRef", "FinalizationRegistry", "Iterator"}

// installLanguage adds what goja lacks of the language. A script uses little of
// it, so there is no more at first than one native function for each name; the
// library behind them is evaluated when the first of them is called.
func (v *VM) installLanguage() {
	v.installSymbols()
	places := v.places()
	for _, added := range additions {
		target := places[added.place]
		if target.Get(added.name) == nil {
			define(target, added.name, v.fromLibrary(added.place, added.name))
		}
	}
	if iterator := v.iteratorPrototype(); iterator.Get(iteratorHelpers[0]) == nil {
		v.installSpare(iterator, iteratorHelpers, func(name string) goja.Value { return v.fromLibrary(onIterator, name) })
	}
	for _, name := range lazyClasses {
		if v.rt.Get(name) == nil {
			v.lazily(name, func() goja.Value { return v.library().Get(name) })
		}
	}
	define(v.errorClass, "captureStackTrace", v.function("captureStackTrace", v.captureStackTrace))
	define(v.errorClass, "stackTraceLimit", v.rt.ToValue(maxFrames))
}

// installSymbols defines the symbols that goja lacks as the registered ones that
// code lowered by the bundler falls back to.
func (v *VM) installSymbols() {
	symbol := v.rt.Get("Symbol").(*goja.Object)
	registered := original(symbol, "for")
	for _, name := range []string{"asyncIterator", "dispose", "asyncDispose"} {
		if symbol.Get(name) == nil {
			made := registered(goja.FunctionCall{Arguments: []goja.Value{v.rt.ToValue("Symbol." + name)}})
			_ = symbol.DefineDataProperty(name, made, goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_FALSE)
		}
	}
}

func (v *VM) places() map[string]*goja.Object {
	places := map[string]*goja.Object{onGlobal: v.rt.GlobalObject()}
	for _, name := range []string{onPromise, onObject, onMap, onArray, onRegExp} {
		places[name] = v.rt.Get(name).(*goja.Object)
	}
	_, places[onString] = v.class("String")
	return places
}

// iteratorPrototype is what all built-in iterators inherit from; goja has no
// name for it.
func (v *VM) iteratorPrototype() *goja.Object {
	list := v.rt.NewArray()
	values := list.GetSymbol(goja.SymIterator).(*goja.Object).Export().(native)
	return values(goja.FunctionCall{This: list}).(*goja.Object).Prototype().Prototype()
}

// fromLibrary is a function that is in truth the library's.
func (v *VM) fromLibrary(place, name string) *goja.Object {
	return v.function(name, func(call goja.FunctionCall) goja.Value {
		return original(v.library(), place+"."+name)(call)
	})
}

// library evaluates library.js, once.
func (v *VM) library() *goja.Object {
	if v.libraryObject != nil {
		return v.libraryObject
	}
	value, err := v.rt.RunProgram(libraryProgram())
	if err != nil {
		// The library is part of this program: a failure is a defect of it, not
		// something a caller could handle.
		panic(fmt.Sprintf("vm: library.js failed: %v", err))
	}
	v.libraryObject = value.(*goja.Object)
	return v.libraryObject
}

// captureStackTrace gives its argument the stack of the caller, without the
// function given and what it called. As in Node, Error.prepareStackTrace may make
// something else of it; the stacks of errors are made before it could.
func (v *VM) captureStackTrace(call goja.FunctionCall) goja.Value {
	target, ok := call.Argument(0).(*goja.Object)
	if !ok {
		panic(v.rt.NewTypeError("Error.captureStackTrace needs an object"))
	}
	frames := framesOf(v.rt.CaptureCallStack(maxFrames, nil))
	if hidden, ok := call.Argument(1).(*goja.Object); ok {
		frames = below(frames, hidden.Get("name"))
	}
	if prepare, ok := goja.AssertFunction(v.errorClass.Get("prepareStackTrace")); ok {
		define(target, "stack", v.prepared(prepare, target, frames))
		return goja.Undefined()
	}
	define(target, "stack", v.rt.ToValue(head(target)+stackText(frames)))
	return goja.Undefined()
}

// head is the first line of the stack of an object.
func head(target *goja.Object) string {
	text := "Error"
	if name := target.Get("name"); name != nil {
		text = name.String()
	}
	if message := target.Get("message"); message != nil && message.String() != "" {
		text += ": " + message.String()
	}
	return text
}

// below is what called the function of a name.
func below(frames []frame, name goja.Value) []frame {
	if name == nil || name.String() == "" {
		return frames
	}
	for i, f := range frames {
		if f.function == name.String() {
			return frames[i+1:]
		}
	}
	return frames
}

// prepared is what prepare makes of a stack.
func (v *VM) prepared(prepare goja.Callable, target *goja.Object, frames []frame) goja.Value {
	list := make([]any, len(frames))
	for i, f := range frames {
		list[i] = v.rt.NewArray(f.function, f.File, f.Line, f.Column)
	}
	callSites, _ := goja.AssertFunction(v.library().Get("callSites"))
	sites, err := callSites(goja.Undefined(), v.rt.NewArray(list...))
	if err != nil {
		panic(err)
	}
	made, err := prepare(v.errorClass, target, sites)
	if err != nil {
		panic(err)
	}
	return made
}
