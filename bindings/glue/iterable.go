package glue

import (
	_ "embed"
	"errors"
	"sync"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

//go:embed iterable.js
var iterableSource string

var iterableProgram = sync.OnceValue(func() *goja.Program { return goja.MustCompile("<iterable>", iterableSource, true) })

type iterables struct{ functions goja.Value }

// iterable gives the scripts of modules the functions iterable and iteratorOf.
var iterable = member{Name: "iterables", Value: func(h *native.Host) goja.Value {
	return native.Local(h, func() iterables {
		made, err := h.Runtime.RunProgram(iterableProgram())
		if err != nil {
			panic(err)
		}
		construct, ok := goja.AssertFunction(made)
		if !ok {
			panic(h.Runtime.NewGoError(errors.New("iterable.js is no function")))
		}
		functions, err := construct(goja.Undefined())
		if err != nil {
			panic(err)
		}
		return iterables{functions}
	}).functions
}}
