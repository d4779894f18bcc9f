package scripttest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/value"
)

// doubles are the mocks of a test: what stands in for tasks and child runs.
type doubles struct {
	mu   sync.Mutex
	list []*double
}

// double is one mock.
type double struct {
	id     int
	kind   string // "task" or "child"
	name   string // of the task or workflow
	fn     goja.Callable
	values []answer
	list   bool // values are for one call each, in turn; the last one stays
	made   []doubleCall
}

// answer is what a mock answers: a value, or an error to throw.
type answer struct {
	Value json.RawMessage `json:"value"`
	Error *string         `json:"error"`
	Name  string          `json:"name"`
}

// doubleCall is one call of a mock, as tests see it.
type doubleCall struct {
	Input    json.RawMessage `json:"input"`
	Task     string          `json:"task"`
	Workflow string          `json:"workflow"`
	Attempt  int             `json:"attempt"`
}

// add keeps a mock; a later one of the same name wins.
func (d *doubles) add(one *double) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	one.id = len(d.list)
	d.list = append(d.list, one)
	return one.id
}

// calls lists the calls of a mock.
func (d *doubles) calls(id int) []doubleCall {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]doubleCall{}, d.list[id].made...)
}

// unused names the mocks that were never called.
func (d *doubles) unused() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var names []string
	for _, one := range d.list {
		if len(one.made) == 0 {
			names = append(names, one.kind+" "+one.name)
		}
	}
	return names
}

// take finds the mock for a task, notes the call and gives its answer.
func (d *doubles) take(workflow, task string, call doubleCall) (*double, answer) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, one := range slices.Backward(d.list) {
		if !one.standsFor(workflow, task) {
			continue
		}
		one.made = append(one.made, call)
		var given answer
		switch n := len(one.values); {
		case n == 0:
		case one.list:
			given = one.values[min(len(one.made), n)-1]
		default:
			given = one.values[0]
		}
		return one, given
	}
	return nil, answer{}
}

func (d *double) standsFor(workflow, task string) bool {
	switch name := d.name; {
	case d.kind == "child":
		return strings.EqualFold(name, workflow)
	case strings.Contains(name, ":"):
		return strings.EqualFold(name, workflow+":"+task)
	default:
		return strings.EqualFold(name, task)
	}
}

// mock is the module's native: (kind, name, function, values, list).
func (f *face) mock(call goja.FunctionCall) goja.Value {
	s := f.needSession("t.mock")
	one := &double{kind: call.Argument(0).String(), name: call.Argument(1).String(), list: call.Argument(4).ToBoolean()}
	one.fn, _ = goja.AssertFunction(call.Argument(2))
	if one.fn == nil {
		if err := json.Unmarshal(f.encode(call.Argument(3)), &one.values); err != nil {
			native.Throw(f.rt, "t.mock.%s(%q): the answer is not JSON: %v", one.kind, one.name, err)
		}
	}
	if err := s.known(one); err != nil {
		panic(f.vm.NewError(err))
	}
	return f.rt.ToValue(s.doubles.add(one))
}

// known refuses a mock of what the file does not have.
func (s *session) known(one *double) error {
	var names []string
	for _, w := range s.test.file.workflows {
		for _, t := range w.Tasks {
			if one.standsFor(w.Name, t.Name) {
				return s.single(one, w.Name, len(w.Tasks))
			}
			names = append(names, t.Name)
		}
		if w.OnFailure != nil && one.standsFor(w.Name, w.OnFailure.Name) {
			return nil
		}
	}
	return fmt.Errorf("t.mock.%s(%q): there is none of that name; the file and its imports declare %s", one.kind, one.name, strings.Join(names, ", "))
}

func (s *session) single(one *double, name string, tasks int) error {
	if one.kind == "child" && tasks > 1 {
		return fmt.Errorf("t.mock.child(%q): it has %d tasks; mock them one by one with t.mock.task", name, tasks)
	}
	return nil
}

// answer lets a mock stand in for a task; ok is false if there is none.
func (s *session) answer(ctx context.Context, inv *hatchet.Invocation) (output []byte, ok bool, err error) {
	workflow, task := names(inv)
	input := inputOf(inv.Payload)
	one, given := s.doubles.take(workflow, task, doubleCall{Input: input, Task: task, Workflow: workflow, Attempt: inv.RetryCount + 1})
	switch {
	case one == nil:
		return nil, false, nil
	case one.fn != nil:
		output, err = s.callTest(ctx, one.fn, input)
	case given.Error != nil:
		err = &hatchet.TaskError{Message: *given.Error, NonRetryable: given.Name == "NonRetryableError"}
	default:
		output = given.Value
	}
	return output, true, err
}

// names are those of the workflow and the task of an attempt.
func names(inv *hatchet.Invocation) (workflow, task string) {
	workflow, task, _ = strings.Cut(inv.Action, ":")
	if inv.TaskName != "" {
		task = inv.TaskName
	}
	return workflow, task
}

// inputOf reads the input out of an assignment's payload.
func inputOf(payload []byte) json.RawMessage {
	var fields struct {
		Input json.RawMessage `json:"input"`
	}
	if json.Unmarshal(payload, &fields) != nil || len(fields.Input) == 0 || string(fields.Input) == "null" {
		return json.RawMessage("{}")
	}
	return fields.Input
}

// callTest calls a function of the test with JSON and gives what it returns, or
// what its promise is fulfilled with, as JSON.
func (s *session) callTest(ctx context.Context, fn goja.Callable, input []byte) ([]byte, error) {
	f := s.face
	type result struct {
		text []byte
		err  error
	}
	done := make(chan result, 1)
	finish := func(v goja.Value) {
		if native.Missing(v) {
			done <- result{text: []byte("null")}
			return
		}
		text, err := value.Stringify(f.rt, v)
		done <- result{text, err}
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
			f.follow(v, finish, func(reason goja.Value) { done <- result{err: mockError(reason)} })
		})
		if thrown != nil {
			done <- result{err: mockError(thrown.Value())}
		}
		return nil
	})
	select {
	case r := <-done:
		return r.text, r.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// follow calls one of two functions with what v comes to.
func (f *face) follow(v goja.Value, fulfilled, rejected func(goja.Value)) {
	object, ok := v.(*goja.Object)
	if !ok {
		fulfilled(v)
		return
	}
	then, thenable := goja.AssertFunction(object.Get("then"))
	if !thenable {
		fulfilled(v)
		return
	}
	back := func(f func(goja.Value)) func(goja.FunctionCall) goja.Value {
		return func(call goja.FunctionCall) goja.Value { f(call.Argument(0)); return goja.Undefined() }
	}
	if _, err := then(object, f.rt.ToValue(back(fulfilled)), f.rt.ToValue(back(rejected))); err != nil {
		panic(err)
	}
}

func mockError(reason goja.Value) error {
	failed := &hatchet.TaskError{Message: "the mock failed"}
	object, ok := reason.(*goja.Object)
	if !ok {
		failed.Message = fmt.Sprint(reason)
		return failed
	}
	failed.Message = object.Get("message").String()
	failed.NonRetryable = object.Get("name").String() == "NonRetryableError"
	return failed
}

var errCrashed = errors.New("the worker was killed by a fault of the test")
