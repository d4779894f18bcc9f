// Package moduletest runs pieces of JavaScript with all built-in modules, for
// the tests of those modules.
package moduletest

import (
	"context"
	"errors"
	"testing"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/builtin"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
	"github.com/hatchet-js/hatchet-js-worker/bindings/web"
	"github.com/hatchet-js/hatchet-js-worker/bindings/web/console"
)

// Machine is one VM with the web's globals, a console and the built-in modules.
type Machine struct {
	VM *vm.VM
	// Log are the lines written to the console.
	Log []string

	door *permit.Door
}

// Write takes a line of the console.
func (m *Machine) Write(_ console.Level, text string) { m.Log = append(m.Log, text) }

// New makes a machine whose scripts are permitted what options say. A folder
// that options leave out is the test's own.
func New(t testing.TB, options permit.Options) *Machine {
	t.Helper()
	if options.Dir == "" {
		options.Dir = t.TempDir()
	}
	door, err := permit.NewDoor(options)
	if err != nil {
		t.Fatal(err)
	}
	m := &Machine{VM: vm.New(vm.Options{}), door: door}
	if err := m.install(); err != nil {
		t.Fatal(err)
	}
	return m
}

func (m *Machine) install() error {
	if _, err := web.Install(m.VM); err != nil {
		return err
	}
	if _, err := console.Install(m.VM, m); err != nil {
		return err
	}
	registry, err := builtin.Registry()
	if err != nil {
		return err
	}
	host, err := registry.Install(m.VM)
	if err != nil {
		return err
	}
	return m.VM.Runtime().Set("require", func(name string) goja.Value { return host.Import(name, "") })
}

// Run runs the body of an async function, in which require gives the default
// export of a module, as a run of the task a of the workflow w. It returns the
// result as JSON. When it returns, all that the run opened is closed.
func (m *Machine) Run(ctx context.Context, source string) (string, error) {
	run, ctx := m.door.Enter(ctx, permit.Task{Workflow: "w", Task: "a", Run: "r"})
	defer run.Leave()
	result := ""
	err := m.VM.Run(ctx, vm.Call{
		Name: "the script",
		Start: func() (goja.Value, error) {
			return m.VM.Runtime().RunScript("test.js", "(async () => {\n"+source+"\n})().then((v) => JSON.stringify(v))")
		},
		Settle: func(value goja.Value) error { result = value.String(); return nil },
	})
	return result, err
}

// Expect runs source and compares its result, as JSON.
func (m *Machine) Expect(t testing.TB, source, want string) {
	t.Helper()
	if got, err := m.Run(t.Context(), source); err != nil || got != want {
		t.Errorf("%s\ngave %s, %v; want %s", source, got, detail(err), want)
	}
}

// Refused runs source, which must fail, and compares the error's text.
func (m *Machine) Refused(t testing.TB, source, want string) {
	t.Helper()
	if got, err := m.Run(t.Context(), source); err == nil || err.Error() != want {
		t.Errorf("%s\ngave %s, %v; want the error %s", source, got, detail(err), want)
	}
}

// detail is an error with its stack.
func detail(err error) any {
	var script *vm.ScriptError
	if errors.As(err, &script) {
		return script.Stack
	}
	return err
}
