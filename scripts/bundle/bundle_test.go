package bundle_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dop251/goja"
	"github.com/rogpeppe/go-internal/txtar"
	"go.uber.org/goleak"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/scripts/bundle"
	"github.com/hatchet-js/hatchet-js-worker/scripts/diagnostic"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// folder unpacks a txtar archive; a file "a -> b" is made a symbolic link.
func folder(t testing.TB, archive string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range txtar.Parse([]byte(archive)).Files {
		name, target, link := strings.Cut(f.Name, " -> ")
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if link {
			err = os.Symlink(target, path)
		} else {
			err = os.WriteFile(path, f.Data, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// modules are what the scripts of these tests may import; natives serves them.
var modules = func() *native.Registry {
	function := func(*native.Host, goja.FunctionCall) goja.Value { return nil }
	registry, err := native.NewRegistry(nil,
		native.Module{
			Name: "node:path", Members: []native.Member[*native.Host]{{Name: "join", Call: function}, {Name: "sep", Call: function}},
			Missing: map[string]string{"matchesGlob": "use a regular expression"},
		},
		native.Module{Name: "node:net", Absent: "use fetch"},
		native.Module{Name: "hatchet:yaml", Members: []native.Member[*native.Host]{{Name: "parse", Call: function}}},
	)
	if err != nil {
		panic(err)
	}
	return registry
}()

func build(t testing.TB, dir, name string) (*bundle.Bundle, error) {
	t.Helper()
	return bundle.Build(filepath.Join(dir, filepath.FromSlash(name)), bundle.Options{Base: dir, Modules: modules})
}

func mustBuild(t testing.TB, dir, name string) *bundle.Bundle {
	t.Helper()
	b, err := build(t, dir, name)
	if err != nil {
		t.Fatal(describe(err))
	}
	return b
}

func describe(err error) string {
	var d *diagnostic.Error
	if errors.As(err, &d) {
		return d.Detail()
	}
	return err.Error()
}

// run evaluates a bundle and returns what the script reported and its end.
func run(t testing.TB, b *bundle.Bundle) (reported string, end *goja.Promise) {
	t.Helper()
	rt := goja.New()
	for _, symbol := range []string{"asyncIterator", "dispose", "asyncDispose"} {
		if _, err := rt.RunString(`Object.defineProperty(Symbol, '` + symbol + `', { value: Symbol.for('Symbol.` + symbol + `') })`); err != nil {
			t.Fatal(err)
		}
	}
	var out strings.Builder
	rt.Set("report", func(call goja.FunctionCall) goja.Value {
		out.WriteString(call.Argument(0).String() + "\n")
		return goja.Undefined()
	})
	natives := func(module, member string) goja.Value {
		called := func(a, b string) string { return module + ":" + a + "/" + b }
		if member != "" {
			return rt.ToValue(called)
		}
		o := rt.NewObject()
		o.Set("join", called)
		return o
	}
	value, err := b.Evaluate(rt, natives)
	if err != nil {
		t.Fatal(err)
	}
	return out.String(), value.Export().(*goja.Promise)
}

// expect builds and runs a script and compares what it reported.
func expect(t *testing.T, dir, name, want string) {
	t.Helper()
	got, end := run(t, mustBuild(t, dir, name))
	if end.State() != goja.PromiseStateFulfilled {
		t.Errorf("%s ended %v: %v", name, end.State(), end.Result())
	}
	if got != want {
		t.Errorf("%s reported\n%s\nwant\n%s", name, got, want)
	}
}

// stackOf runs a script that throws and returns the stack of its error.
func stackOf(t *testing.T, dir, name string) string {
	t.Helper()
	_, end := run(t, mustBuild(t, dir, name))
	if end.State() != goja.PromiseStateRejected {
		t.Fatalf("%s ended %v", name, end.State())
	}
	return end.Result().(*goja.Object).Get("stack").String()
}
