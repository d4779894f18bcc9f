package node

import (
	_ "embed"
	"errors"
	"sync"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

//go:embed streams.js
var streamsSource string

var streamsProgram = sync.OnceValue(func() *goja.Program { return goja.MustCompile("<streams>", streamsSource, true) })

type streamClasses struct{ classes goja.Value }

// streams gives the scripts of modules the classes Emitter, Readable and
// Writable, the same to all of a VM.
var streams = member{Name: "streams", Value: func(h *native.Host) goja.Value {
	return native.Local(h, func() streamClasses {
		made, err := h.Runtime.RunProgram(streamsProgram())
		if err != nil {
			panic(err)
		}
		make, ok := goja.AssertFunction(made)
		if !ok {
			panic(h.Runtime.NewGoError(errors.New("streams.js is no function")))
		}
		classes, err := make(goja.Undefined())
		if err != nil {
			panic(err)
		}
		return streamClasses{classes}
	}).classes
}}
