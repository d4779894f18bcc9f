package web

import (
	_ "embed"

	"github.com/dop251/goja"
	"github.com/dop251/goja_nodejs/buffer"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

//go:embed buffer.js
var bufferSource string

// buffers is the one global of Node that scripts for it take for granted.
var buffers = newModule("buffer", bufferSource, []string{"Buffer"}, []native.Member[*Globals]{
	{Name: "base", Call: func(g *Globals, _ goja.FunctionCall) goja.Value {
		return named(g.rt, g.require(buffer.Require).Get("Buffer"), "Buffer")
	}},
})

// require makes the exports of one of goja's Node modules.
func (g *Globals) require(make func(*goja.Runtime, *goja.Object)) *goja.Object {
	module, exports := g.rt.NewObject(), g.rt.NewObject()
	_ = module.Set("exports", exports)
	make(g.rt, module)
	return exports
}

// named gives a class, and its methods, the names that scripts and stacks
// should see instead of Go's.
func named(rt *goja.Runtime, class goja.Value, name string) goja.Value {
	object, ok := class.(*goja.Object)
	if !ok {
		return class
	}
	rename(rt, object, name)
	for _, methods := range []goja.Value{object, object.Get("prototype")} {
		owner, ok := methods.(*goja.Object)
		if !ok {
			continue
		}
		for _, key := range owner.GetOwnPropertyNames() {
			if method, ok := owner.Get(key).(*goja.Object); ok && key != "constructor" {
				if _, callable := goja.AssertFunction(method); callable {
					rename(rt, method, key)
				}
			}
		}
	}
	return class
}

func rename(rt *goja.Runtime, function *goja.Object, name string) {
	_ = function.DefineDataProperty("name", rt.ToValue(name), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE)
}
