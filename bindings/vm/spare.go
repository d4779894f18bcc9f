package vm

import (
	"slices"

	"github.com/dop251/goja"
)

// spareMethods stands behind a prototype and makes its methods when they are
// first looked up: from then on they are the prototype's own. Nothing else of it
// shows: it has no keys, and all other look-ups pass through it.
type spareMethods struct {
	target *goja.Object
	names  []string // those that are still to be made
	make   func(name string) goja.Value
}

// installSpare puts the methods behind target.
func (v *VM) installSpare(target *goja.Object, names []string, make func(name string) goja.Value) {
	spare := v.rt.NewDynamicObject(&spareMethods{target: target, names: names, make: make})
	_ = spare.SetPrototype(target.Prototype())
	_ = target.SetPrototype(spare)
}

// Get makes a method.
func (s *spareMethods) Get(name string) goja.Value {
	i := slices.Index(s.names, name)
	if i < 0 {
		return nil
	}
	method := s.make(name)
	define(s.target, name, method)
	s.names = slices.Concat(s.names[:i], s.names[i+1:]) // the list is shared at first
	return method
}

// Has reports whether the method is still to be made.
func (s *spareMethods) Has(name string) bool { return slices.Contains(s.names, name) }

// Set refuses: assigning to an object sets a property of that object.
func (s *spareMethods) Set(string, goja.Value) bool { return false }

// Delete has nothing to delete.
func (s *spareMethods) Delete(string) bool { return true }

// Keys are none, so that enumerating passes through.
func (s *spareMethods) Keys() []string { return nil }
