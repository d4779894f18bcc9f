package web

import (
	_ "embed"

	"github.com/dop251/goja"
	"github.com/nlnwa/whatwg-url/url"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/web/urlpattern"
)

//go:embed urlpattern.js
var urlPatternSource string

var urlPatterns = newModule("urlpattern", urlPatternSource, []string{"URLPattern"}, []native.Member[*Globals]{
	{Name: "wellFormed", Call: (*Globals).wellFormed},
	{Name: "specialSchemes", Value: func(g *Globals) goja.Value { return g.texts(urlpattern.SpecialSchemes) }},
	{Name: "split", Call: (*Globals).splitPattern},
	{Name: "compile", Call: (*Globals).compilePattern},
	{Name: "parts", Call: (*Globals).patternInput},
	{Name: "complete", Call: (*Globals).completeInput},
})

// special asks JavaScript whether a regular expression matches a special scheme.
func (g *Globals) special(asked goja.Value) urlpattern.Special {
	call, _ := goja.AssertFunction(asked)
	return func(expression string) (bool, error) {
		answer, err := call(goja.Undefined(), g.rt.ToValue(expression))
		if err != nil {
			panic(err)
		}
		return answer.ToBoolean(), nil
	}
}

func (g *Globals) splitPattern(call goja.FunctionCall) goja.Value {
	parts, err := urlpattern.Split(call.Argument(0).String(), g.special(call.Argument(1)))
	if err != nil {
		panic(g.rt.NewTypeError("URLPattern: " + err.Error()))
	}
	return g.partsObject(parts)
}

// compilePattern gives for each component its normal form, the source of its
// regular expression, its groups and whether a person wrote some of it.
func (g *Globals) compilePattern(call goja.FunctionCall) goja.Value {
	components, err := urlpattern.Compile(g.patternParts(call.Argument(0)), g.special(call.Argument(1)))
	if err != nil {
		panic(g.rt.NewTypeError("URLPattern: " + err.Error()))
	}
	list := make([]any, len(components))
	for i, c := range components {
		groups := make([]any, len(c.Groups))
		for i, group := range c.Groups {
			groups[i] = g.rt.NewArray(group.Name, group.Optional)
		}
		list[i] = g.rt.NewArray(c.Pattern, c.Expression, g.rt.NewArray(groups...), c.HasRegexps)
	}
	return g.rt.NewArray(list...)
}

// patternInput is the parts of a URL and its base, null if it is not valid.
func (g *Globals) patternInput(call goja.FunctionCall) goja.Value {
	parse := func() (*url.Url, error) {
		if base := call.Argument(1); !goja.IsUndefined(base) {
			return urlParser.ParseRef(base.String(), call.Argument(0).String())
		}
		return urlParser.Parse(call.Argument(0).String())
	}
	u, err := parse()
	if err != nil {
		return goja.Null()
	}
	return g.partsObject(urlpattern.Parts{
		urlpattern.Protocol: u.Scheme(), urlpattern.Username: u.Username(), urlpattern.Password: u.Password(), urlpattern.Hostname: u.Hostname(),
		urlpattern.Port: u.Port(), urlpattern.Pathname: u.Pathname(), urlpattern.Search: u.Query(), urlpattern.Hash: u.Fragment(),
	})
}

// completeInput is the parts of a URL of which some are given, null if it is not
// valid.
func (g *Globals) completeInput(call goja.FunctionCall) goja.Value {
	parts, err := g.patternParts(call.Argument(0)).Match()
	if err != nil {
		return goja.Null()
	}
	return g.partsObject(parts)
}

// patternParts reads an object that has no other members.
func (g *Globals) patternParts(v goja.Value) urlpattern.Parts {
	object := v.ToObject(g.rt)
	parts := urlpattern.Parts{}
	for _, key := range object.Keys() {
		parts[urlpattern.Name(key)] = object.Get(key).String()
	}
	return parts
}

func (g *Globals) partsObject(parts urlpattern.Parts) *goja.Object {
	object := g.rt.NewObject()
	for name, value := range parts {
		_ = object.Set(string(name), value)
	}
	return object
}

func (g *Globals) texts(list []string) *goja.Object {
	values := make([]any, len(list))
	for i, text := range list {
		values[i] = text
	}
	return g.rt.NewArray(values...)
}
