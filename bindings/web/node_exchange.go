package web

import (
	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

// Exchange begins a request that is made as fetch makes its own, for the modules
// of Node: an object with send, read, all, write, end and close.
func Exchange(h *native.Host) goja.Value {
	g := native.Local(h, func() *Globals {
		return &Globals{vm: h.VM, rt: h.Runtime, host: h, origin: h.VM.Options().Clock.Now(), modules: map[*module]*goja.Object{}}
	})
	return g.exchange(goja.FunctionCall{})
}
