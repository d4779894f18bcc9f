// Package web gives scripts the globals of the web platform that make sense
// without a document: events, abort signals, text encoding, URLs, performance,
// crypto. What a script may never touch costs nothing: each part is made when it
// is first used.
package web

import (
	_ "embed"
	"errors"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
)

// Globals are the installed parts that Go code works with.
type Globals struct {
	vm *vm.VM
	rt *goja.Runtime

	modules map[*module]*goja.Object
}

// module is a part written in JavaScript: a function expression that takes the
// natives it needs and returns an object of its globals.
type module struct {
	program *goja.Program
	names   []string
	natives func(*Globals) *goja.Object
}

//go:embed events.js
var eventsSource string

var events = &module{
	program: goja.MustCompile("<events>", eventsSource, true),
	names:   []string{"Event", "CustomEvent", "EventTarget", "AbortSignal", "AbortController", "DOMException"},
	natives: noNatives,
}

// modules are all parts written in JavaScript.
var modules = []*module{events}

func noNatives(g *Globals) *goja.Object { return g.rt.NewObject() }

// Install defines the globals in a new VM.
func Install(v *vm.VM) (*Globals, error) {
	g := &Globals{vm: v, rt: v.Runtime(), modules: map[*module]*goja.Object{}}
	global := g.rt.GlobalObject()
	for _, m := range modules {
		for _, name := range m.names {
			if err := native.Lazy(g.rt, global, name, func() goja.Value { return g.load(m).Get(name) }); err != nil {
				return nil, err
			}
		}
	}
	return g, nil
}

// load evaluates a module once.
func (g *Globals) load(m *module) *goja.Object {
	if exports := g.modules[m]; exports != nil {
		return exports
	}
	value, err := g.rt.RunProgram(m.program)
	if err != nil {
		panic(err)
	}
	make, ok := goja.AssertFunction(value)
	if !ok {
		panic(g.rt.NewGoError(errors.New("a web module is no function")))
	}
	value, err = make(goja.Undefined(), m.natives(g))
	if err != nil {
		panic(err)
	}
	exports := value.ToObject(g.rt)
	g.modules[m] = exports
	return exports
}

// NewAbortController makes an AbortController, whatever the script did to the
// global of that name.
func (g *Globals) NewAbortController() *goja.Object {
	controller, err := g.rt.New(g.load(events).Get("AbortController"))
	if err != nil {
		panic(err)
	}
	return controller
}

// Abort fires a controller's signal with an AbortError of a message.
func (g *Globals) Abort(controller *goja.Object, message string) {
	exports := g.load(events)
	reason, err := g.rt.New(exports.Get("DOMException"), g.rt.ToValue(message), g.rt.ToValue("AbortError"))
	if err != nil {
		panic(err)
	}
	abort, _ := goja.AssertFunction(exports.Get("AbortController").ToObject(g.rt).Get("prototype").ToObject(g.rt).Get("abort"))
	if _, err := abort(controller, reason); err != nil {
		panic(err)
	}
}

// Aborted reports whether a controller's signal has fired.
func (g *Globals) Aborted(controller *goja.Object) bool {
	return controller.Get("signal").ToObject(g.rt).Get("aborted").ToBoolean()
}

// Bytes returns the bytes of an ArrayBuffer or a view of one, not copied.
func (g *Globals) Bytes(v goja.Value) (data []byte, ok bool) {
	object, ok := v.(*goja.Object)
	if !ok {
		return nil, false
	}
	if buffer, ok := object.Export().(goja.ArrayBuffer); ok {
		return buffer.Bytes(), true
	}
	view, ok := object.Get("buffer").(*goja.Object)
	if !ok {
		return nil, false
	}
	buffer, ok := view.Export().(goja.ArrayBuffer)
	if !ok {
		return nil, false
	}
	from, size := object.Get("byteOffset").ToInteger(), object.Get("byteLength").ToInteger()
	all := buffer.Bytes()
	if from < 0 || size < 0 || from+size > int64(len(all)) {
		return nil, false
	}
	return all[from : from+size], true
}
