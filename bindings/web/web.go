// Package web gives scripts the globals of the web platform that make sense
// without a document: events, abort signals, text encoding, URLs, fetch,
// performance, crypto. What a script never touches costs nothing: each global is made when it
// is first used.
package web

import (
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
	"github.com/hatchet-js/hatchet-js-worker/bindings/web/intl"
)

// Globals are the globals of one VM.
type Globals struct {
	vm     *vm.VM
	rt     *goja.Runtime
	host   *native.Host
	origin time.Time // of performance.now

	modules   map[*module]*goja.Object
	exchanges *goja.Object          // what exchanges inherit from; nil until there is one
	addresses map[string]goja.Value // of requests, by what the script wrote
	intl      *intl.Realm

	run  *permit.Run // the last that was asked for, see runNumber
	runs int
}

// Member is one global.
type Member = native.Member[*Globals]

// Members are all globals, in the order of the reference.
var Members = slices.Concat(events.members(), text.members(), base64Members, urls.members(), urlPatterns.members(), streamMembers(), blobs.members(), headers.members(),
	fetching.members(), platformMembers, cryptoKeys.members(), subtleCrypto.members(), intlMembers,
	messages.members(), channels.members(), sockets.members(), eventSources.members())

var intlMembers = []Member{{Name: "Intl", Value: func(g *Globals) goja.Value { return g.intl.Object() }}}

var table = sync.OnceValue(func() *native.Table[*Globals] { return native.NewTable(Members) })

// Install defines the globals in a new VM.
func Install(v *vm.VM) (*Globals, error) {
	g := &Globals{
		vm: v, rt: v.Runtime(), host: &native.Host{VM: v, Runtime: v.Runtime()}, origin: v.Options().Clock.Now(), modules: map[*module]*goja.Object{},
	}
	locales, err := intl.Install(v)
	if err != nil {
		return nil, err
	}
	g.intl = locales
	return g, table().Define(g.rt, g.rt.GlobalObject(), g)
}

// module is a part written in JavaScript: a function expression that takes the
// natives it needs and returns an object of its globals.
type module struct {
	program func() *goja.Program
	names   []string
	natives []native.Member[*Globals]
}

func newModule(name, source string, names []string, natives []native.Member[*Globals]) *module {
	return &module{
		// A name in angle brackets keeps the frames out of the stacks people see.
		program: sync.OnceValue(func() *goja.Program { return goja.MustCompile("<"+name+">", source, true) }),
		names:   names, natives: natives,
	}
}

// members are the module's globals.
func (m *module) members() []Member {
	var list []Member
	for _, name := range m.names {
		list = append(list, Member{Name: name, Value: func(g *Globals) goja.Value { return g.load(m).Get(name) }})
	}
	return list
}

// load evaluates a module once.
func (g *Globals) load(m *module) *goja.Object {
	if exports := g.modules[m]; exports != nil {
		return exports
	}
	evaluated, err := g.rt.RunProgram(m.program())
	if err != nil {
		panic(err)
	}
	construct, ok := goja.AssertFunction(evaluated)
	if !ok {
		panic(g.rt.NewGoError(errors.New("a module of the web platform is no function")))
	}
	natives := g.rt.NewObject()
	if err := native.Define(g.rt, natives, g, m.natives); err != nil {
		panic(g.rt.NewGoError(err))
	}
	result, err := construct(goja.Undefined(), natives)
	if err != nil {
		panic(err)
	}
	exports := result.ToObject(g.rt)
	g.modules[m] = exports
	return exports
}

// construct makes an instance of a class of a module.
func (g *Globals) construct(m *module, class string, args ...goja.Value) *goja.Object {
	object, err := g.rt.New(g.load(m).Get(class), args...)
	if err != nil {
		panic(err)
	}
	return object
}

// Bytes returns the bytes of an ArrayBuffer or of a view of one, not copied.
func (g *Globals) Bytes(v goja.Value) (data []byte, ok bool) { return native.Bytes(v) }

// uint8Array makes a Uint8Array of data, which it takes over.
func (g *Globals) uint8Array(data []byte) *goja.Object {
	array, err := g.rt.New(g.rt.Get("Uint8Array"), g.rt.ToValue(g.rt.NewArrayBuffer(data)))
	if err != nil {
		panic(err)
	}
	return array
}
