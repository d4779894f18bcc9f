package native

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/dop251/goja"
)

// Module is a built-in module, as data: what scripts may import from it, what
// they may not and why. See the package's text for an example.
type Module struct {
	// Name is what scripts import: "node:fs", "hatchet:yaml". Modules of Node
	// are found without "node:" as well.
	Name string
	// Doc is the reference text, the first line first.
	Doc string
	// Members are the named exports. One that has neither Call, Async, Get nor
	// Value is a property of what Script returns.
	Members []Member[*Host]
	// Script is a part written in JavaScript; "" is none. It is a function
	// expression, (function (native, require) { … }), that is given Natives and
	// a function from a module's name to its exports, and returns an object. It
	// is evaluated when a script first uses a member of it, and does not show in
	// stacks.
	Script string
	// Natives are for Script alone.
	Natives []Member[*Host]
	// Default names the member that is the default export; "" = an object of
	// all members.
	Default string
	// Missing are members that people will look for and that are not there: what
	// to use instead, as in "use readFile and a timer". Importing one is an error
	// when the script loads; reading one off the default export throws.
	Missing map[string]string
	// Absent makes the module one that people will look for and that is not there:
	// what to use instead. It has nothing else but its name.
	Absent string
	// Example is a script for the reference, which a test runs: imports first,
	// then the body of a task. Each line that logs ends in what it logs, as in
	// "console.log(1 + 1) // -> 2". "" is none.
	Example string
	// Types are TypeScript declarations that the members' types refer to, each a
	// whole declaration, as in "interface Stats { size: number }".
	Types string

	table   func() *Table[*Host]
	program func() *goja.Program
}

// Registry are the built-in modules of a program. It is made once, shared by
// all VMs and never changes.
type Registry struct {
	modules []*Module
	byName  map[string]*Module
	globals []Member[*Host]
	absent  map[string]string // by name, what to use instead
}

// NewRegistry makes a registry of modules. globals are further globals, each
// by its name the exports of a module, "process" of "node:process", or one of
// them, "Buffer" of "node:buffer Buffer". The error names what contradicts itself.
func NewRegistry(globals map[string]string, modules ...Module) (*Registry, error) {
	r, err := (&Registry{byName: map[string]*Module{}, absent: map[string]string{}}).With(modules...)
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(globals)) {
		from, member, _ := strings.Cut(globals[name], " ")
		module := r.byName[from]
		if module == nil || member != "" && !slices.Contains(module.Exports(), member) {
			return nil, fmt.Errorf("the global %s is to be the unknown module %s", name, globals[name])
		}
		r.globals = append(r.globals, Member[*Host]{Name: name, Value: func(h *Host) goja.Value { return h.Import(from, member) }})
	}
	return r, nil
}

// With is a registry that has further modules; r stays as it is. The error names
// what contradicts itself, or what is there already.
func (r *Registry) With(modules ...Module) (*Registry, error) {
	more := &Registry{modules: slices.Clone(r.modules), byName: maps.Clone(r.byName), globals: slices.Clone(r.globals), absent: maps.Clone(r.absent)}
	for i := range modules {
		m := modules[i]
		if m.Absent != "" {
			for _, name := range m.names() {
				more.absent[name] = m.Absent
			}
			continue
		}
		if err := m.check(); err != nil {
			return nil, err
		}
		m.index()
		more.modules = append(more.modules, &m)
		for _, name := range m.names() {
			if more.byName[name] != nil {
				return nil, fmt.Errorf("two built-in modules are named %s", name)
			}
			more.byName[name] = &m
		}
	}
	return more, nil
}

func (m *Module) check() error {
	seen := map[string]bool{}
	for _, member := range m.Members {
		switch {
		case seen[member.Name]:
			return fmt.Errorf("%s has two members named %s", m.Name, member.Name)
		case m.Missing[member.Name] != "":
			return fmt.Errorf("%s has the member %s and says it is missing", m.Name, member.Name)
		case !member.native() && m.Script == "":
			return fmt.Errorf("%s has no script that could give its member %s", m.Name, member.Name)
		}
		seen[member.Name] = true
	}
	if m.Default != "" && !seen[m.Default] {
		return fmt.Errorf("%s has no member %s to be the default", m.Name, m.Default)
	}
	return nil
}

func (m *Module) index() {
	m.table = sync.OnceValue(func() *Table[*Host] {
		members := slices.Clone(m.Members)
		for i := range members {
			members[i] = m.scripted(members[i])
		}
		for _, name := range slices.Sorted(maps.Keys(m.Missing)) {
			members = append(members, Member[*Host]{Name: name, Get: func(h *Host, _ goja.FunctionCall) goja.Value {
				Throw(h.Runtime, "%s", m.MissingText(name))
				return nil
			}})
		}
		return NewTable(members)
	})
	m.program = sync.OnceValue(func() *goja.Program {
		return goja.MustCompile("<"+m.Name+">", m.Script, true)
	})
}

// scripted fills in a member that the script gives.
func (m *Module) scripted(member Member[*Host]) Member[*Host] {
	if !member.native() {
		member.Value = func(h *Host) goja.Value { return h.script(m).Get(member.Name) }
	}
	return member
}

// names are all under which the module can be imported.
func (m *Module) names() []string {
	if bare, node := strings.CutPrefix(m.Name, "node:"); node {
		return []string{m.Name, bare}
	}
	return []string{m.Name}
}

// Exports are the names that can be imported, sorted.
func (m *Module) Exports() []string {
	names := make([]string, len(m.Members))
	for i, member := range m.Members {
		names[i] = member.Name
	}
	slices.Sort(names)
	return names
}

// MissingText says that a member is not there, and what to use instead.
func (m *Module) MissingText(member string) string {
	if instead := m.Missing[member]; instead != "" {
		return fmt.Sprintf("%s has no %s here; %s", m.Name, member, instead)
	}
	return fmt.Sprintf("%s has no %s; it has %s", m.Name, member, strings.Join(m.Exports(), ", "))
}

// Lookup finds a module by the name that a script imports.
func (r *Registry) Lookup(specifier string) (*Module, bool) {
	if r == nil {
		return nil, false
	}
	m, ok := r.byName[specifier]
	return m, ok
}

// Absent says what to use instead of a module that is not there on purpose; "" is
// any other.
func (r *Registry) Absent(specifier string) string {
	if r == nil {
		return ""
	}
	return r.absent[specifier]
}

// AbsentNames are the names of the modules that are not there on purpose, sorted.
func (r *Registry) AbsentNames() []string {
	if r == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(r.absent))
}

// Names are all names that can be imported, sorted.
func (r *Registry) Names() []string {
	if r == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(r.byName))
}

// Modules are all modules in the order of the reference.
func (r *Registry) Modules() []*Module {
	if r == nil {
		return nil
	}
	return r.modules
}
