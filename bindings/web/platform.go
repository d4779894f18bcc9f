package web

import (
	"reflect"
	"time"

	"github.com/dop251/goja"
	"github.com/google/uuid"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

// platformMembers are the globals that are objects with a few functions.
var platformMembers = []Member{
	{Name: "performance", Value: object(performanceMembers)},
	{Name: "crypto", Value: object(cryptoMembers)},
	{Name: "navigator", Value: object(navigatorMembers)},
}

func object(members []native.Member[*Globals]) func(*Globals) goja.Value {
	return func(g *Globals) goja.Value {
		o := g.rt.NewObject()
		if err := native.Define(g.rt, o, g, members); err != nil {
			panic(g.rt.NewGoError(err))
		}
		return o
	}
}

var performanceMembers = []native.Member[*Globals]{
	{Name: "now", Call: (*Globals).now},
	{Name: "timeOrigin", Get: func(g *Globals, _ goja.FunctionCall) goja.Value {
		return g.rt.ToValue(float64(g.origin.UnixMicro()) / 1000)
	}},
}

// now is the time since the VM was made, in milliseconds, on the clock that the
// script lives by.
func (g *Globals) now(goja.FunctionCall) goja.Value {
	passed := g.vm.Options().Clock.Now().Sub(g.origin)
	return g.rt.ToValue(float64(passed) / float64(time.Millisecond))
}

var cryptoMembers = []native.Member[*Globals]{
	{Name: "randomUUID", Call: func(g *Globals, _ goja.FunctionCall) goja.Value {
		var id uuid.UUID
		g.vm.Random(id[:])
		id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80 // version 4, the variant of RFC 9562
		return g.rt.ToValue(id.String())
	}},
	{Name: "getRandomValues", Length: 1, Call: (*Globals).getRandomValues},
	{Name: "subtle", Get: func(g *Globals, _ goja.FunctionCall) goja.Value {
		return g.load(subtleCrypto).Get("subtle")
	}},
}

// maxRandom is how many bytes one call may ask for, as everywhere.
const maxRandom = 65536

func (g *Globals) getRandomValues(call goja.FunctionCall) goja.Value {
	target := call.Argument(0)
	data, ok := g.Bytes(target)
	if !ok || !integers(target) {
		panic(g.exception("crypto.getRandomValues: the argument must be a typed array of integers", "TypeMismatchError"))
	}
	if len(data) > maxRandom {
		panic(g.exception("crypto.getRandomValues: at most 65536 bytes may be asked for at once", "QuotaExceededError"))
	}
	g.vm.Random(data)
	return target
}

// integers reports whether a view of a buffer is of integers.
func integers(v goja.Value) bool {
	kind := v.ExportType()
	if kind == nil || kind.Kind() != reflect.Slice {
		return false
	}
	switch kind.Elem().Kind() {
	case reflect.Float32, reflect.Float64, reflect.Interface:
		return false
	}
	return true
}
