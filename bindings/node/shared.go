package node

import (
	_ "embed"
	"errors"
	"sync"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

// sharedScript is a part in JavaScript that the scripts of several modules use: a
// function expression without arguments. It is evaluated once per VM.
type sharedScript struct {
	name    string
	program func() *goja.Program
}

func newShared(name, source string) *sharedScript {
	return &sharedScript{name, sync.OnceValue(func() *goja.Program { return goja.MustCompile("<"+name+">", source, true) })}
}

// sharedValues are those of a VM.
type sharedValues map[*sharedScript]goja.Value

// member gives the scripts of modules what the shared script returns.
func (s *sharedScript) member() member {
	return member{Name: s.name, Value: s.value}
}

func (s *sharedScript) value(h *native.Host) goja.Value {
	values := native.Local(h, func() sharedValues { return sharedValues{} })
	if made := values[s]; made != nil {
		return made
	}
	evaluated, err := h.Runtime.RunProgram(s.program())
	if err != nil {
		panic(err)
	}
	construct, ok := goja.AssertFunction(evaluated)
	if !ok {
		panic(h.Runtime.NewGoError(errors.New(s.name + ".js is no function")))
	}
	made, err := construct(goja.Undefined())
	if err != nil {
		panic(err)
	}
	values[s] = made
	return made
}

//go:embed errors.js
var errorsSource string

// nodeErrors makes the errors that Node's modules throw and checks arguments.
var nodeErrors = newShared("errors", errorsSource)
