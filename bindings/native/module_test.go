package native_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
)

type tally struct{ calls int }

var sample = native.Module{
	Name: "node:sample",
	Members: []native.Member[*native.Host]{
		{Name: "double", Length: 1, Async: func(h *native.Host, call goja.FunctionCall) native.Work {
			n := native.Integer(h.Runtime, call.Argument(0), "double: the number", 0, 100)
			return func(context.Context) (any, error) { return 2 * n, nil }
		}},
		{Name: "missing", Async: func(*native.Host, goja.FunctionCall) native.Work {
			return func(context.Context) (any, error) { return os.ReadFile("/does/not/exist") }
		}},
		{Name: "panics", Async: func(*native.Host, goja.FunctionCall) native.Work {
			return func(context.Context) (any, error) { panic(errors.New("a Go error")) }
		}},
		{Name: "results", Async: func(h *native.Host, _ goja.FunctionCall) native.Work {
			return func(context.Context) (any, error) {
				return native.Record{{Name: "z", Value: []string{"a"}}, {Name: "a", Value: map[string]any{"k": nil}}, {Name: "f", Value: func() goja.Value { return h.Value(true) }}}, nil
			}
		}},
		{Name: "place", Async: func(*native.Host, goja.FunctionCall) native.Work {
			return func(ctx context.Context) (any, error) {
				return permit.From(ctx).Task().Task + " " + permit.PlaceOf(ctx).String(), nil
			}
		}},
		{Name: "calls", Call: func(h *native.Host, _ goja.FunctionCall) goja.Value {
			count := native.Local(h, func() *tally { return &tally{} })
			count.calls++
			return h.Value(count.calls)
		}},
		{Name: "scripted"},
	},
	Script:  `(function (native, require) { return { scripted: (n) => native.hidden() + n + require('sample').calls() } })`,
	Natives: []native.Member[*native.Host]{{Name: "hidden", Call: func(h *native.Host, _ goja.FunctionCall) goja.Value { return h.Value("hidden ") }}},
	Missing: map[string]string{"old": "use double"},
}

// runModule runs the body of an async function with sample as a parameter.
func runModule(t *testing.T, source string) (string, error) {
	t.Helper()
	registry, err := native.NewRegistry(map[string]string{"sample": "node:sample"}, sample)
	if err != nil {
		t.Fatal(err)
	}
	v := vm.New(vm.Options{})
	if _, err := registry.Install(v); err != nil {
		t.Fatal(err)
	}
	door, err := permit.NewDoor(permit.Options{Dir: "/"})
	if err != nil {
		t.Fatal(err)
	}
	run, ctx := door.Enter(t.Context(), permit.Task{Task: "a"})
	defer run.Leave()
	result := ""
	err = v.Run(ctx, vm.Call{
		Start: func() (goja.Value, error) {
			return v.Runtime().RunScript("test.js", "(async () => {\n"+source+"\n})().then((v) => JSON.stringify(v))")
		},
		Settle: func(value goja.Value) error { result = value.String(); return nil },
	})
	return result, err
}

func TestModules(t *testing.T) {
	for source, want := range map[string]string{
		`return await sample.double(21)`:                                       `42`,
		`return await sample.double('x').catch((e) => [e.name, e.message])`:    `["TypeError","double: the number must be a number, got a string"]`,
		`return await sample.missing().catch((e) => [e.code, e.stack])`:        `["ENOENT","Error: open /does/not/exist: no such file or directory\n    at test.js:2:28\n    at test.js:3:3"]`,
		`return await sample.panics().catch((e) => e.message)`:                 `"internal error in native code: a Go error"`,
		`return await sample.results()`:                                        `{"z":["a"],"a":{},"f":true}`,
		`return await sample.place()`:                                          `"a test.js:2"`,
		`sample.calls(); return sample.calls()`:                                `2`,
		`return [sample.scripted(5), sample.scripted.name, sample === sample]`: `["hidden 51","scripted",true]`,
		`try { sample.old } catch (e) { return e.message }`:                    `"node:sample has no old here; use double"`,
	} {
		if got, err := runModule(t, source); err != nil || got != want {
			t.Errorf("%s\ngave %s, %v; want %s", source, got, err, want)
		}
	}
}

func TestRegistriesThatContradictThemselves(t *testing.T) {
	call := func(*native.Host, goja.FunctionCall) goja.Value { return nil }
	member := native.Member[*native.Host]{Name: "a", Call: call}
	for want, modules := range map[string][]native.Module{
		"two built-in modules are named fs":                        {{Name: "node:fs"}, {Name: "fs"}},
		"x has two members named a":                                {{Name: "x", Members: []native.Member[*native.Host]{member, member}}},
		"x has no script that could give its member b":             {{Name: "x", Members: []native.Member[*native.Host]{{Name: "b"}}}},
		"x has the member a and says it is missing":                {{Name: "x", Members: []native.Member[*native.Host]{member}, Missing: map[string]string{"a": "b"}}},
		"x has no member b to be the default":                      {{Name: "x", Members: []native.Member[*native.Host]{member}, Default: "b"}},
		"the global process is to be the unknown module node:proc": {},
	} {
		globals := map[string]string{}
		if strings.HasPrefix(want, "the global") {
			globals["process"] = "node:proc"
		}
		if _, err := native.NewRegistry(globals, modules...); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
