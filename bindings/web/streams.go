package web

import (
	_ "embed"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

//go:embed stream/base.js
var streamBaseSource string

//go:embed stream/readable.js
var readableSource string

//go:embed stream/bytes.js
var byteStreamSource string

//go:embed stream/writable.js
var writableSource string

//go:embed stream/pipe.js
var pipeSource string

//go:embed stream/transform.js
var transformSource string

// streamBase, and readable streams, are what bodies need; the other parts are
// loaded when a script comes to them.
var streamBase = newModule("streams", streamBaseSource, []string{"CountQueuingStrategy", "ByteLengthQueuingStrategy"}, nil)

var streams = newModule("streams", readableSource,
	[]string{"ReadableStream", "ReadableStreamDefaultReader", "ReadableStreamDefaultController"}, []native.Member[*Globals]{
		part("base", streamBase),
		later("bytes"),
		later("pipe"),
	})

var byteStreams = newModule("streams", byteStreamSource,
	[]string{"ReadableByteStreamController", "ReadableStreamBYOBRequest", "ReadableStreamBYOBReader"}, []native.Member[*Globals]{
		part("base", streamBase), part("readable", streams),
		{Name: "transfer", Call: (*Globals).transfer},
		{Name: "detached", Call: (*Globals).detached},
	})

var pipes = newModule("streams", pipeSource, nil, []native.Member[*Globals]{
	part("base", streamBase), part("readable", streams), part("writable", writables), part("events", events),
})

// lateModules are those that streams refers to and that refer to it.
var lateModules map[string]*module

func init() { lateModules = map[string]*module{"bytes": byteStreams, "pipe": pipes} }

var writables = newModule("streams", writableSource,
	[]string{"WritableStream", "WritableStreamDefaultWriter", "WritableStreamDefaultController"}, []native.Member[*Globals]{
		part("base", streamBase), part("events", events),
	})

var transforms = newModule("streams", transformSource,
	[]string{"TransformStream", "TransformStreamDefaultController"}, []native.Member[*Globals]{
		part("base", streamBase), part("readable", streams), part("writable", writables),
	})

func streamMembers() []Member {
	var list []Member
	for _, m := range []*module{streamBase, streams, byteStreams, writables, transforms, codings} {
		list = append(list, m.members()...)
	}
	return list
}

// later gives a module a function that loads a late one.
func later(name string) native.Member[*Globals] {
	return native.Member[*Globals]{Name: name, Call: func(g *Globals, _ goja.FunctionCall) goja.Value { return g.load(lateModules[name]) }}
}

// transfer moves the bytes of an ArrayBuffer to a new one and leaves the old
// one empty.
func (g *Globals) transfer(call goja.FunctionCall) goja.Value {
	buffer, ok := call.Argument(0).Export().(goja.ArrayBuffer)
	if !ok || buffer.Detached() {
		native.Throw(g.rt, "the buffer is detached, or no ArrayBuffer")
	}
	moved := g.rt.NewArrayBuffer(buffer.Bytes())
	buffer.Detach()
	return g.rt.ToValue(moved)
}

func (g *Globals) detached(call goja.FunctionCall) goja.Value {
	buffer, ok := call.Argument(0).Export().(goja.ArrayBuffer)
	return g.rt.ToValue(ok && buffer.Detached())
}
