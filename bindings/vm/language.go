package vm

import (
	_ "embed"
	"fmt"
	"sync"

	"github.com/dop251/goja"
)

//go:embed language.js
var languageSource string

// languageProgram is compiled once and shared by all VMs. Its name begins with
// "<", which keeps its frames out of stacks.
var languageProgram = sync.OnceValue(func() *goja.Program {
	return goja.MustCompile("<language>", languageSource, true)
})

// installLanguage runs the prelude: see language.js.
func (v *VM) installLanguage() {
	value, err := v.rt.RunProgram(languageProgram())
	if err == nil {
		prelude, _ := goja.AssertFunction(value)
		native := v.rt.NewObject()
		v.method(native, "unicode", v.unicodePattern)
		v.method(native, "source", v.checkSource)
		v.method(native, "bytes", v.checkBytes)
		_, err = prelude(goja.Undefined(), native)
	}
	if err != nil {
		// The prelude is part of this program: a failure is a defect of it, not
		// something a caller could handle.
		panic(fmt.Sprintf("vm: the language prelude failed: %v", err))
	}
}

func (v *VM) unicodePattern(call goja.FunctionCall) goja.Value {
	pattern := call.Argument(0).String()
	expanded, err := expandUnicode(pattern)
	if err != nil {
		panic(v.rt.NewTypeError("invalid regular expression /%s/: %s", pattern, err))
	}
	return v.rt.ToValue(expanded)
}

// maxNesting bounds the brackets in source text given to eval and the function
// constructors: goja's parser recurses once per level.
const maxNesting = 500

func (v *VM) checkSource(call goja.FunctionCall) goja.Value {
	source := call.Argument(0).String()
	if len(source) > v.opts.MaxSource {
		panic(v.rangeError("source text of %d bytes: the limit is %d", len(source), v.opts.MaxSource))
	}
	depth := 0
	for i := range len(source) {
		switch source[i] {
		case '(', '[', '{':
			if depth++; depth > maxNesting {
				panic(v.rangeError("source text nested deeper than %d levels", maxNesting))
			}
		case ')', ']', '}':
			depth--
		}
	}
	return goja.Undefined()
}

func (v *VM) checkBytes(call goja.FunctionCall) goja.Value {
	v.bound(call.Argument(0).String(), call.Argument(1).ToFloat(), float64(v.opts.MaxBytes), "bytes")
	return goja.Undefined()
}

// bound throws when one native call is asked for more than the limit.
func (v *VM) bound(what string, amount, limit float64, unit string) {
	if amount > limit {
		panic(v.rangeError("%s of %.0f %s: the limit for one call is %.0f", what, amount, unit, limit))
	}
}

func (v *VM) rangeError(format string, args ...any) goja.Value {
	object, err := v.rt.New(v.rt.Get("RangeError"), v.rt.ToValue(fmt.Sprintf(format, args...)))
	if err != nil {
		return v.rt.NewTypeError(fmt.Sprintf(format, args...))
	}
	return object
}
