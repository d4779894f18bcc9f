package web

import (
	_ "embed"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

//go:embed events.js
var eventsSource string

var events = newModule("events", eventsSource,
	[]string{"Event", "CustomEvent", "EventTarget", "AbortSignal", "AbortController", "DOMException"},
	[]native.Member[*Globals]{{Name: "now", Call: (*Globals).now}})

// NewAbortController makes an AbortController, whatever the script did to the
// global of that name. watch is told whenever it may have changed whether
// somebody listens to a signal that has not fired.
func (g *Globals) NewAbortController(watch func(listening bool)) *goja.Object {
	make, _ := goja.AssertFunction(g.load(events).Get("watchedController"))
	controller, err := make(goja.Undefined(), g.rt.ToValue(func(call goja.FunctionCall) goja.Value {
		watch(call.Argument(0).ToBoolean())
		return goja.Undefined()
	}))
	if err != nil {
		panic(err)
	}
	return controller.ToObject(g.rt)
}

// Abort fires a controller's signal with an AbortError of a message.
func (g *Globals) Abort(controller *goja.Object, message string) {
	reason := g.exception(message, "AbortError")
	prototype := g.load(events).Get("AbortController").ToObject(g.rt).Get("prototype").ToObject(g.rt)
	abort, _ := goja.AssertFunction(prototype.Get("abort"))
	if _, err := abort(controller, reason); err != nil {
		panic(err)
	}
}

// Aborted reports whether a controller's signal has fired.
func (g *Globals) Aborted(controller *goja.Object) bool {
	return controller.Get("signal").ToObject(g.rt).Get("aborted").ToBoolean()
}

// exception makes a DOMException.
func (g *Globals) exception(message, name string) *goja.Object {
	return g.construct(events, "DOMException", g.rt.ToValue(message), g.rt.ToValue(name))
}
