package web

import (
	"github.com/dop251/goja"
	"github.com/dop251/goja_nodejs/buffer"
	"github.com/dop251/goja_nodejs/url"
)

// nodeMembers are the globals that come from goja's Node modules.
var nodeMembers = []Member{
	{Name: "URL", Value: exported("URL", url.Require)},
	{Name: "URLSearchParams", Value: exported("URLSearchParams", url.Require)},
	{Name: "Buffer", Value: exported("Buffer", buffer.Require)},
}

// exported makes a module, all of whose globals are defined at once, for they
// know each other.
func exported(name string, require func(*goja.Runtime, *goja.Object)) func(*Globals) goja.Value {
	return func(g *Globals) goja.Value {
		module, exports := g.rt.NewObject(), g.rt.NewObject()
		_ = module.Set("exports", exports)
		require(g.rt, module)
		for _, other := range []string{"URL", "URLSearchParams"} {
			if made := exports.Get(other); made != nil && other != name {
				_ = g.rt.GlobalObject().DefineDataProperty(other, made, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE)
			}
		}
		return exports.Get(name)
	}
}
