package native

import (
	"github.com/dop251/goja"
)

// Table is a list of members with an index. It is made once and shared by all
// VMs.
type Table[H any] struct {
	Members []Member[H]
	index   map[string]int
}

// NewTable indexes members.
func NewTable[H any](members []Member[H]) *Table[H] {
	t := &Table[H]{Members: members, index: make(map[string]int, len(members))}
	for i, m := range members {
		t.index[m.Name] = i
	}
	return t
}

// Define gives target the members of the table as [Define] does, each when a
// script first asks for it: making all of them would cost every VM more time
// and memory than most scripts take. The prototype that target has by then
// stays its prototype.
func (t *Table[H]) Define(rt *goja.Runtime, target *goja.Object, host H) error {
	return behind(rt, target, &spare[H]{rt: rt, target: target, host: host, table: t, made: make([]bool, len(t.Members))})
}

func behind(rt *goja.Runtime, target *goja.Object, members goja.DynamicObject) error {
	object := rt.NewDynamicObject(members)
	if err := object.SetPrototype(target.Prototype()); err != nil {
		return err
	}
	return target.SetPrototype(object)
}

// spare stands behind an object and gives it its members one by one. Nothing
// else of it shows: it has no keys, and other look-ups pass through it.
type spare[H any] struct {
	rt     *goja.Runtime
	target *goja.Object
	host   H
	table  *Table[H]
	made   []bool
}

// Get makes a member and gives it to the target.
func (s *spare[H]) Get(name string) goja.Value {
	i, known := s.table.index[name]
	if !known || s.made[i] {
		return nil
	}
	s.made[i] = true
	if err := define(s.rt, s.target, s.host, s.table.Members[i]); err != nil {
		panic(s.rt.NewGoError(err))
	}
	return s.target.Get(name)
}

// Has reports whether a member is still to be made.
func (s *spare[H]) Has(name string) bool {
	i, known := s.table.index[name]
	return known && !s.made[i]
}

// Set refuses: assigning to the target sets a property of the target.
func (s *spare[H]) Set(string, goja.Value) bool { return false }

// Delete has nothing to delete.
func (s *spare[H]) Delete(string) bool { return true }

// Keys are none, so that enumerating passes through.
func (s *spare[H]) Keys() []string { return nil }
