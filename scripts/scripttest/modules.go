package scripttest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/value"
)

// mockedModule finds the modules that a test file mocks. A program is made of
// its modules when it is bundled, so they must be known before any test runs.
var mockedModule = regexp.MustCompile("\\bmock\\s*\\.\\s*module\\s*\\(\\s*(?:'([^'\\n]+)'|\"([^\"\\n]+)\"|`([^`$\\n]+)`)")

// standInsOf are the modules that stand in front of those that a test file
// mocks; nil = none. A file that cannot be read is told of by who bundles it.
func standInsOf(path string, builtin *native.Registry) map[string]string {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	var sources map[string]string
	for _, match := range mockedModule.FindAllStringSubmatch(string(text), -1) {
		name := match[1] + match[2] + match[3]
		quoted, _ := json.Marshal(name) // a string always can be
		if sources == nil {
			sources = map[string]string{}
		}
		exports := "undefined"
		if module, is := builtin.Lookup(name); is {
			names, _ := json.Marshal(module.Exports())
			exports = string(names)
		}
		sources[name] = fmt.Sprintf("module.exports = require(%q).standIn(%s, require(%s), %s)\n", Module+"/module", quoted, quoted, exports)
	}
	return sources
}

// replacement is what stands in for a module: its shape as the module
// hatchet:test/module reads it.
type replacement struct {
	Version int             `json:"version"`
	Shape   json.RawMessage `json:"shape"`

	double *double
}

// preparedFor refuses a mock of a module that nothing was put in front of.
func (s *session) preparedFor(name string) error {
	names := s.test.file.standIns
	if slices.Contains(names, name) {
		return nil
	}
	known := "none"
	if len(names) > 0 {
		known = strings.Join(names, ", ")
	}
	return fmt.Errorf("t.mock.module(%q): write the name as a text in the test file itself, t.mock.module('./name', …): modules are prepared when the file loads, here %s", name, known)
}

// replace is the module's native: (mock, name, shape).
func (f *face) replace(call goja.FunctionCall) goja.Value {
	d := &f.needSession("t.mock.module").doubles
	shape := f.encode(call.Argument(2))
	d.mu.Lock()
	defer d.mu.Unlock()
	name := call.Argument(1).String()
	one := &replacement{Version: 1, Shape: shape, double: d.list[call.Argument(0).ToInteger()]}
	if before := d.modules[name]; before != nil {
		one.Version = before.Version + 1
	}
	if d.modules == nil {
		d.modules = map[string]*replacement{}
	}
	d.modules[name] = one
	return goja.Undefined()
}

// replaced is the module's native: (name, version that is known). It gives what
// stands in for the module now, null if that is known, and undefined if nothing does.
func (f *face) replaced(call goja.FunctionCall) goja.Value {
	if f.world == nil {
		return goja.Undefined()
	}
	d := &f.world.doubles
	d.mu.Lock()
	one := d.modules[call.Argument(0).String()]
	d.mu.Unlock()
	switch {
	case one == nil:
		return goja.Undefined()
	case int64(one.Version) == call.Argument(1).ToInteger():
		return goja.Null()
	}
	v, err := f.decode(one)
	if err != nil {
		panic(f.vm.NewError(err))
	}
	return v
}

// isDriver reports whether the VM is the one that runs the test.
func (f *face) isDriver(goja.FunctionCall) goja.Value { return f.rt.ToValue(f.session != nil) }

// usedModule is the module's native: (name, call or undefined). It notes that a
// mocked module was used.
func (f *face) usedModule(call goja.FunctionCall) goja.Value {
	d := &f.world.doubles
	given := call.Argument(1)
	var made json.RawMessage
	if !native.Missing(given) {
		made = f.encode(given)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	one := d.modules[call.Argument(0).String()].double
	one.touched = true
	if made != nil {
		one.made = append(one.made, made)
	}
	return goja.Undefined()
}

// errOver is the answer of a mock whose test has ended.
var errOver = errors.New("the test is over, and with it the mock of the module")

// ask is the module's native: (name, index of the function, arguments). It calls a
// function of the test and gives what it returns; a promise if that is one.
func (f *face) ask(call goja.FunctionCall) goja.Value {
	s := f.world
	s.doubles.mu.Lock()
	one := s.doubles.modules[call.Argument(0).String()].double
	s.doubles.mu.Unlock()
	request, err := json.Marshal(map[string]any{"fn": call.Argument(1).ToInteger(), "args": json.RawMessage(f.encode(call.Argument(2)))})
	if err != nil {
		panic(f.vm.NewError(err))
	}
	ctx := f.vm.RunContext()
	first, later := make(chan mockReply, 1), make(chan mockReply, 1)
	s.postTest(one.fn, request, first, later)
	var reply mockReply
	select {
	case reply = <-first:
	case <-s.over:
		reply.err = errOver
	case <-ctx.Done():
		reply.err = context.Cause(ctx)
	}
	if !reply.pending {
		return f.reply(reply)
	}
	return f.promised(ctx, later)
}

// promised is a promise of what a function of the test comes to.
func (f *face) promised(ctx context.Context, later <-chan mockReply) goja.Value {
	promise, settle := f.vm.NewPromise()
	go func() { // the test's world waits for it, as for all that it starts
		reply := mockReply{err: errOver}
		select {
		case reply = <-later:
		case <-f.world.over:
		case <-ctx.Done():
			reply.err = context.Cause(ctx)
		}
		settle(func() (goja.Value, error) {
			if reply.err != nil {
				return nil, reply.err
			}
			return value.Decode(f.rt, reply.text)
		})
	}()
	return promise
}

// reply is what a function of the test has returned.
func (f *face) reply(r mockReply) goja.Value {
	err := r.err
	if err == nil {
		var v goja.Value
		if v, err = value.Decode(f.rt, r.text); err == nil {
			return v
		}
	}
	panic(f.vm.NewError(err))
}

// mockReply is what a function of the test came to, as JSON. One that is pending
// is a promise, which comes to another reply.
type mockReply struct {
	text    []byte
	err     error
	pending bool
}

// postTest calls a function of the test with JSON. What it returns goes to first,
// and what its promise is fulfilled with to later; both have room for it.
func (s *session) postTest(fn goja.Callable, input []byte, first, later chan<- mockReply) {
	f := s.face
	failed := func(to chan<- mockReply) func(goja.Value) {
		return func(reason goja.Value) { to <- mockReply{err: mockError(reason)} }
	}
	s.driver.VM.Post(func() error {
		thrown := f.rt.Try(func() {
			argument, err := value.Decode(f.rt, input)
			if err != nil {
				panic(f.rt.NewGoError(err))
			}
			v, err := fn(goja.Undefined(), argument)
			if err != nil {
				panic(err)
			}
			to := first
			if isThenable(v) {
				to = later
				first <- mockReply{pending: true}
			}
			f.follow(v, func(v goja.Value) { to <- f.stringified(v) }, failed(to))
		})
		if thrown != nil {
			failed(first)(thrown.Value())
		}
		return nil
	})
}

func (f *face) stringified(v goja.Value) mockReply {
	if native.Missing(v) {
		return mockReply{text: []byte("null")}
	}
	text, err := value.Stringify(f.rt, v)
	return mockReply{text: text, err: err}
}

func isThenable(v goja.Value) bool {
	object, ok := v.(*goja.Object)
	if !ok {
		return false
	}
	_, thenable := goja.AssertFunction(object.Get("then"))
	return thenable
}
