package native

import (
	"context"
	"errors"
	"reflect"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
)

// Host is what the members of modules work on: one VM and the modules made in
// it. It belongs to whoever owns the VM.
type Host struct {
	VM      *vm.VM
	Runtime *goja.Runtime

	registry *Registry
	exports  map[*Module]*goja.Object
	scripts  map[*Module]*goja.Object
	locals   map[reflect.Type]any
}

// Install gives a new VM the modules of a registry and its globals.
func (r *Registry) Install(v *vm.VM) (*Host, error) {
	h := &Host{
		VM: v, Runtime: v.Runtime(), registry: r,
		exports: map[*Module]*goja.Object{}, scripts: map[*Module]*goja.Object{}, locals: map[reflect.Type]any{},
	}
	if r == nil || len(r.globals) == 0 {
		return h, nil
	}
	return h, NewTable(r.globals).Define(h.Runtime, h.Runtime.GlobalObject(), h)
}

// Import gives the export of a module that a bundle asks for; "" stands for the
// default export. It throws if there is none.
func (h *Host) Import(module, member string) goja.Value {
	m, known := h.registry.Lookup(module)
	if instead := h.registry.Absent(module); !known && instead != "" {
		Throw(h.Runtime, "%s is not available here; %s", module, instead)
	}
	if !known {
		Throw(h.Runtime, "there is no built-in module %q", module)
	}
	if member == "" {
		return h.Default(m)
	}
	value := h.object(m).Get(member)
	if value == nil {
		Throw(h.Runtime, "%s", m.MissingText(member))
	}
	return value
}

// Default gives the default export of a module.
func (h *Host) Default(m *Module) goja.Value {
	if m.Default != "" {
		return h.object(m).Get(m.Default)
	}
	return h.object(m)
}

// object makes the object of all members once.
func (h *Host) object(m *Module) *goja.Object {
	if object := h.exports[m]; object != nil {
		return object
	}
	object := h.Runtime.NewObject()
	if err := m.table().Define(h.Runtime, object, h); err != nil {
		panic(h.Runtime.NewGoError(err))
	}
	h.exports[m] = object
	return object
}

// script evaluates a module's JavaScript once.
func (h *Host) script(m *Module) *goja.Object {
	if object := h.scripts[m]; object != nil {
		return object
	}
	evaluated, err := h.Runtime.RunProgram(m.program())
	if err != nil {
		panic(err)
	}
	construct, ok := goja.AssertFunction(evaluated)
	if !ok {
		panic(h.Runtime.NewGoError(errors.New("the script of " + m.Name + " is no function")))
	}
	natives := h.Runtime.NewObject()
	if err := Define(h.Runtime, natives, h, m.Natives); err != nil {
		panic(h.Runtime.NewGoError(err))
	}
	require := Function(h.Runtime, "require", 1, func(call goja.FunctionCall) goja.Value {
		return h.Import(call.Argument(0).String(), "")
	})
	result, err := construct(goja.Undefined(), natives, require)
	if err != nil {
		panic(err)
	}
	object := result.ToObject(h.Runtime)
	h.scripts[m] = object
	return object
}

// Script gives what the script of a built-in module returns, which may be more
// than the module's members: for the scripts of other modules.
func (h *Host) Script(module string) *goja.Object {
	m, known := h.registry.Lookup(module)
	if !known || m.Script == "" {
		Throw(h.Runtime, "there is no built-in module %q with a script", module)
	}
	return h.script(m)
}

// Context is the context of the run in progress, with the place in the script
// that called the native function that runs now. Everything done for the call
// takes it: [permit.From] finds the run's permissions in it. It is done when the
// run is over.
func (h *Host) Context() context.Context {
	at := h.VM.Caller(0)
	return permit.WithPlace(h.VM.RunContext(), permit.Place{File: at.File, Line: at.Line})
}

// Local is a value that a module keeps per VM, made on first use; T tells the
// modules' values apart, so it should be a type of the module's own.
func Local[T any](h *Host, make func() T) T {
	key := reflect.TypeFor[T]()
	if kept, ok := h.locals[key]; ok {
		return kept.(T)
	}
	made := make()
	h.locals[key] = made
	return made
}
