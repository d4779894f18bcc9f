package scripttest

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/value"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
	"github.com/hatchet-js/hatchet-js-worker/bindings/web/inspect"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// face is what the module hatchet:test asks of Go, in one VM. The module is
// evaluated in every VM of a test: in the one that runs the test, which alone
// has a session, and in those that run tasks, where nothing of it is called.
type face struct {
	vm        *vm.VM
	rt        *goja.Runtime
	dir       string // of the test file, for fixtures
	inspector *inspect.Inspector

	list, run goja.Callable // of the registry
	session   *session
	world     *session // of any VM of a test; nil while the file loads
	realm     *hatchet.Realm
}

// faceMembers are the natives; the module's own text says what they are for.
var faceMembers = native.NewTable([]native.Member[*face]{
	{Name: "registry", Length: 1, Call: (*face).registry},
	{Name: "here", Call: (*face).here},
	{Name: "wanted", Call: (*face).wanted},
	{Name: "inspect", Length: 1, Call: (*face).inspect},
	{Name: "nameOf", Length: 1, Call: (*face).nameOf},
	{Name: "duration", Length: 1, Call: (*face).duration},
	{Name: "fixtures", Length: 1, Call: (*face).readFixtures},
	{Name: "call", Length: 2, Call: (*face).call},
	{Name: "query", Length: 2, Call: (*face).query},
	{Name: "mock", Length: 6, Call: (*face).mock},
	{Name: "stand", Length: 2, Call: (*face).stand},
	{Name: "replace", Length: 3, Call: (*face).replace},
	{Name: "replaced", Length: 2, Call: (*face).replaced},
	{Name: "usedModule", Length: 2, Call: (*face).usedModule},
	{Name: "ask", Length: 3, Call: (*face).ask},
	{Name: "isDriver", Call: (*face).isDriver},
	{Name: "record", Length: 1, Call: (*face).record},
	{Name: "fault", Length: 2, Call: (*face).fault},
	{Name: "snapshot", Length: 2, Call: (*face).snapshot},
	{Name: "log", Length: 1, Call: (*face).log},
})

// object makes the native object of the module.
func (f *face) object() goja.Value {
	object := f.rt.NewObject()
	if err := faceMembers.Define(f.rt, object, f); err != nil {
		panic(f.rt.NewGoError(err))
	}
	return object
}

// registry keeps the functions with which the runner lists and runs tests.
func (f *face) registry(call goja.FunctionCall) goja.Value {
	object := call.Argument(0).ToObject(f.rt)
	f.list, _ = goja.AssertFunction(object.Get("list"))
	f.run, _ = goja.AssertFunction(object.Get("run"))
	return goja.Undefined()
}

// wanted is which test of the file the VM is for: the file declares all of them
// in every VM of each. It is -1 in those that run tasks, and undefined while the
// file loads to be listed, where all are.
func (f *face) wanted(goja.FunctionCall) goja.Value {
	switch {
	case f.world == nil:
		return goja.Undefined()
	case f.world.face == f:
		return f.rt.ToValue(f.world.test.ID)
	}
	return f.rt.ToValue(-1)
}

// here is the place in the script that called the module.
func (f *face) here(goja.FunctionCall) goja.Value {
	at := f.vm.Caller(0)
	return f.rt.ToValue(map[string]any{"file": at.File, "line": at.Line, "column": at.Column})
}

func (f *face) inspect(call goja.FunctionCall) goja.Value {
	if f.inspector == nil {
		inspector, err := inspect.New(f.rt)
		if err != nil {
			panic(f.rt.NewGoError(err))
		}
		f.inspector = inspector
	}
	return f.rt.ToValue(f.inspector.Inspect(call.Argument(0), inspect.Options{Depth: inspectDepth}))
}

// inspectDepth is how deep values are shown in messages.
const inspectDepth = 12

func (f *face) nameOf(call goja.FunctionCall) goja.Value {
	f.needSession("this")
	return f.rt.ToValue(f.realm.NameOf(call.Argument(0), "the workflow or task"))
}

// duration gives milliseconds; zero is a duration here.
func (f *face) duration(call goja.FunctionCall) goja.Value {
	f.needSession("this")
	v := call.Argument(0)
	if goja.IsNumber(v) && v.ToFloat() == 0 || goja.IsString(v) && (v.String() == "0" || v.String() == "0s") {
		return f.rt.ToValue(0)
	}
	return f.rt.ToValue(f.realm.Duration(v, "the duration").Milliseconds())
}

func (f *face) log(call goja.FunctionCall) goja.Value {
	f.needSession("t.log").write(hatchet.LevelInfo, call.Argument(0).String())
	return goja.Undefined()
}

// needSession refuses what only a running test may do.
func (f *face) needSession(what string) *session {
	if f.session == nil {
		native.Throw(f.rt, "%s is for running tests; while the file loads there is no engine to talk to", what)
	}
	return f.session
}

// call does something that takes time, as seen by the test: it gives a promise.
func (f *face) call(call goja.FunctionCall) goja.Value {
	s, name := f.needSession("this"), call.Argument(0).String()
	args := f.encode(call.Argument(1))
	do := calls[name]
	if do == nil {
		native.Throw(f.rt, "hatchet:test: no operation %s", name)
	}
	if err := s.available(name); err != nil {
		panic(f.vm.NewError(err))
	}
	promise, settle := f.vm.NewPromise()
	turn := s.turn(name)
	s.work.Go(func() {
		err := turn()
		var result any
		if err == nil {
			result, err = do(s, args)
		}
		settle(func() (goja.Value, error) {
			if err != nil {
				return nil, err
			}
			return f.decode(result)
		})
	})
	return promise
}

// query answers from the state of the world at once.
func (f *face) query(call goja.FunctionCall) goja.Value {
	s, name := f.needSession("this"), call.Argument(0).String()
	ask := queries[name]
	if ask == nil {
		native.Throw(f.rt, "hatchet:test: no query %s", name)
	}
	err := s.available(name)
	var result any
	if err == nil {
		result, err = ask(s, f.encode(call.Argument(1)))
	}
	if err != nil {
		panic(f.vm.NewError(err))
	}
	v, err := f.decode(result)
	if err != nil {
		panic(f.vm.NewError(err))
	}
	return v
}

// encode writes what the module passes as JSON, as the wire would.
func (f *face) encode(v goja.Value) []byte {
	if native.Missing(v) {
		return []byte("{}")
	}
	text, err := value.Stringify(f.rt, v)
	if err != nil {
		panic(f.vm.NewError(fmt.Errorf("not JSON: %w", err)))
	}
	return text
}

// decode reads what an operation gave; nil is undefined.
func (f *face) decode(result any) (goja.Value, error) {
	if result == nil {
		return goja.Undefined(), nil
	}
	text, err := json.Marshal(result)
	if err != nil {
		return nil, fmt.Errorf("hatchet:test: %w", err)
	}
	return value.Decode(f.rt, text)
}

// declared is one test as the file declares it.
type declared struct {
	ID      int               `json:"id"`
	Names   []string          `json:"names"`
	Modes   []string          `json:"modes"`
	Options testOptions       `json:"options"`
	At      workflow.Position `json:"at"`
	Fixture string            `json:"fixture"`
}

// tests lists what the file declares.
func (f *face) tests() ([]declared, error) {
	if f.list == nil {
		return nil, nil
	}
	v, err := f.list(goja.Undefined())
	if err != nil {
		return nil, err
	}
	text, err := value.Stringify(f.rt, v)
	if err != nil {
		return nil, err
	}
	var list []declared
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("options of a test: %w", err)
	}
	for _, d := range list {
		if d.Options.Start != nil && beginning(d.Options.Start).IsZero() {
			return nil, fmt.Errorf("%s: the option start is no time; write it like 2026-01-31T09:00:00Z", d.At)
		}
		if err := d.Options.Permissions.check(); err != nil {
			return nil, fmt.Errorf("%s: %w", d.At, err)
		}
	}
	return list, nil
}

var errNoTests = errors.New("the file declares no test")
