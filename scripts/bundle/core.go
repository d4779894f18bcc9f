package bundle

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

// Core is code that is compiled once for all bundles that use it, and evaluated
// in a VM when something of it is first asked for: a bundle has no part of it. Its
// frames do not show in stacks.
type Core struct {
	name, source string
	program      func() (*goja.Program, error)
}

// NewCore makes a core. Modules ask for a member of it by $native(name, member);
// its source is a function expression, ($native) => (member) => value, that is
// given what [Bundle.Evaluate] is.
func NewCore(name, source string) *Core {
	return &Core{name: name, source: source, program: sync.OnceValues(func() (*goja.Program, error) {
		return goja.Compile("<"+name+">", source, true)
	})}
}

// Compile compiles the core, unless that is done. The error says where it is
// wrong.
func (c *Core) Compile() error {
	_, err := c.program()
	return err
}

// evaluate gives the function from the members of the core to their values.
func (c *Core) evaluate(rt *goja.Runtime, modules func(module, member string) goja.Value) (goja.Callable, error) {
	program, err := c.program()
	if err != nil {
		return nil, fmt.Errorf("compile %s: %w", c.name, err)
	}
	value, err := rt.RunProgram(program)
	if err != nil {
		return nil, err
	}
	construct, ok := goja.AssertFunction(value)
	if !ok {
		return nil, errors.New(c.name + " is no function")
	}
	if value, err = construct(goja.Undefined(), importer(rt, modules)); err != nil {
		return nil, err
	}
	members, ok := goja.AssertFunction(value)
	if !ok {
		return nil, errors.New(c.name + " has no members")
	}
	return members, nil
}

// importer is $native.
func importer(rt *goja.Runtime, modules func(module, member string) goja.Value) goja.Value {
	return native.Function(rt, "import", 1, func(call goja.FunctionCall) goja.Value {
		member := ""
		if len(call.Arguments) > 1 {
			member = call.Argument(1).String()
		}
		return modules(call.Argument(0).String(), member)
	})
}

// withCores also serves the members of cores, each of which it evaluates once.
func withCores(rt *goja.Runtime, cores []*Core, modules func(module, member string) goja.Value) func(module, member string) goja.Value {
	made := make(map[string]goja.Callable, len(cores))
	return func(module, member string) goja.Value {
		for _, c := range cores {
			if c.name != module {
				continue
			}
			if made[module] == nil {
				members, err := c.evaluate(rt, modules)
				throw(rt, err)
				made[module] = members
			}
			value, err := made[module](goja.Undefined(), rt.ToValue(member))
			throw(rt, err)
			return value
		}
		return modules(module, member)
	}
}

// throw throws err in the VM; nil does nothing.
func throw(rt *goja.Runtime, err error) {
	switch err.(type) {
	case nil:
	case *goja.Exception, *goja.InterruptedError, *goja.StackOverflowError:
		panic(err) // of the VM itself
	default:
		panic(rt.NewGoError(err))
	}
}

// used are the cores that code asks for members of.
func (b *build) used(code string) []*Core {
	all := slices.Clone(b.opts.Cores)
	for _, p := range b.opts.Packages {
		all = append(all, p.Cores...)
	}
	return slices.DeleteFunc(all, func(c *Core) bool { return !strings.Contains(code, "$native("+quote(c.name)+",") })
}
