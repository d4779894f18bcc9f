package node

import (
	_ "embed"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/web/inspect"
)

//go:embed util.js
var utilScript string

//go:embed equal.js
var equalSource string

//go:embed kinds.js
var kindsSource string

//go:embed parse_args.js
var parseArgsSource string

// What util and assert share.
var (
	equalities = newShared("equal", equalSource)
	kinds      = newShared("kinds", kindsSource)
	parseArgs  = newShared("parseArgs", parseArgsSource)
)

// inspectorOf is the inspector of a VM.
func inspectorOf(h *native.Host) *inspect.Inspector {
	return native.Local(h, func() *inspect.Inspector {
		made, err := inspect.New(h.Runtime)
		if err != nil {
			panic(h.Runtime.NewGoError(err))
		}
		return made
	})
}

// inspectValue takes a value, depth, width, how many elements and units, how many
// levels share a line, whether to sort, and a function that colours, or undefined.
func inspectValue(h *native.Host, call goja.FunctionCall) goja.Value {
	number := func(i int) int { return int(call.Argument(i).ToInteger()) }
	some := func(n int) int { // 0 is none, which is negative in Options
		if n == 0 {
			return -1
		}
		return n
	}
	options := inspect.Options{
		Depth: number(1), Width: number(2), Elements: some(number(3)), Units: some(number(4)), Levels: some(number(5)), Sorted: call.Argument(6).ToBoolean(),
	}
	if paint, ok := goja.AssertFunction(call.Argument(7)); ok {
		options.Style = func(kind, text string) string {
			painted, err := paint(goja.Undefined(), h.Runtime.ToValue(kind), h.Runtime.ToValue(text))
			if err != nil {
				panic(err)
			}
			return painted.String()
		}
	}
	return h.Value(inspectorOf(h).Inspect(call.Argument(0), options))
}

// inspecting and formatting are natives of several scripts.
var (
	inspecting = member{Name: "inspect", Call: inspectValue}
	formatting = member{Name: "format", Call: func(h *native.Host, call goja.FunctionCall) goja.Value {
		return h.Value(inspectorOf(h).Format(call.Arguments...))
	}}
)

// classOf is what an object is inside; "" for what is none.
func classOf(h *native.Host, call goja.FunctionCall) goja.Value {
	object, ok := call.Argument(0).(*goja.Object)
	if !ok {
		return h.Value("")
	}
	if kind := object.ExportType(); kind != nil {
		switch kind.String() {
		case "goja.Proxy":
			return h.Value("Proxy")
		case "goja.ArrayBuffer":
			return h.Value("ArrayBuffer")
		case "*goja.Promise":
			return h.Value("Promise")
		}
	}
	return h.Value(object.ClassName())
}

var typesMember = member{Name: "types", Value: func(h *native.Host) goja.Value {
	make, _ := goja.AssertFunction(kinds.value(h))
	made, err := make(goja.Undefined(), native.Function(h.Runtime, "classOf", 1, func(call goja.FunctionCall) goja.Value { return classOf(h, call) }))
	if err != nil {
		panic(err)
	}
	return made
}}

// promisedTimers gives what promisify makes of a timer of the globals, undefined
// for any other function.
func promisedTimers(h *native.Host, call goja.FunctionCall) goja.Value {
	for _, name := range []string{"setTimeout", "setImmediate"} {
		if h.Runtime.Get(name) == call.Argument(0) {
			return h.Import("node:timers/promises", name)
		}
	}
	return goja.Undefined()
}
