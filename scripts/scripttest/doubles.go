package scripttest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
)

// doubles are the mocks of a test that are called: what stands in for tasks,
// child runs, servers and programs.
type doubles struct {
	mu       sync.Mutex
	list     []*double
	recorder *recorder               // of t.record; nil = none
	modules  map[string]*replacement // mocked ones
}

// double is one mock.
type double struct {
	id     int
	kind   string // "task", "child", "fetch", "exec", "module" or "record"
	name   string // of the task or workflow, or a pattern
	fn     goja.Callable
	values []answer
	list   bool // values are for one call each, in turn; the last one stays
	delay  time.Duration
	made   []any
	// touched says that a mocked module was used, if only by a value of it.
	touched bool

	method  string         // of fetch; "" = any
	pattern *regexp.Regexp // of fetch and exec
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
func (d *doubles) calls(id int) []any {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]any{}, d.list[id].made...)
}

// unused names the mocks that were never called.
func (d *doubles) unused() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var names []string
	for _, one := range d.list {
		if len(one.made) == 0 && !one.touched {
			names = append(names, one.kind+" "+one.name)
		}
	}
	return names
}

// take finds the mock for a task, notes the call and gives its answer.
func (d *doubles) take(workflow, task string, call doubleCall) (*double, answer) {
	one := d.find(func(one *double) bool { return one.standsFor(workflow, task) })
	if one == nil {
		return nil, answer{}
	}
	return one, d.note(one, call)
}

// find finds the mock that fits; the one made last comes first.
func (d *doubles) find(fits func(*double) bool) *double {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, one := range slices.Backward(d.list) {
		if fits(one) {
			return one
		}
	}
	return nil
}

// note keeps a call of a mock and gives the answer to it.
func (d *doubles) note(one *double, call any) answer {
	d.mu.Lock()
	defer d.mu.Unlock()
	one.made = append(one.made, call)
	return one.next()
}

// next is the answer to the call that was noted last.
func (d *double) next() answer {
	switch n := len(d.values); {
	case n == 0:
		return answer{}
	case d.list:
		return d.values[min(len(d.made), n)-1]
	}
	return d.values[0]
}

// replyTo has a mock answer a call that is no task's: into takes what it answers.
func (s *session) replyTo(ctx context.Context, one *double, call, into any) error {
	given := s.doubles.note(one, call)
	if err := clock.Sleep(ctx, s.clock, one.delay); err != nil {
		return err
	}
	text := []byte(given.Value)
	switch {
	case one.fn != nil:
		input, err := json.Marshal(call)
		if err != nil {
			return err
		}
		if text, err = s.callTest(ctx, one.fn, input); err != nil {
			return err
		}
	case given.Error != nil:
		return errors.New(*given.Error)
	}
	return json.Unmarshal(text, into)
}

func (d *double) standsFor(workflow, task string) bool {
	switch name := d.name; {
	case d.kind != "task" && d.kind != "child":
		return false
	case d.kind == "child":
		return strings.EqualFold(name, workflow)
	case strings.Contains(name, ":"):
		return strings.EqualFold(name, workflow+":"+task)
	default:
		return strings.EqualFold(name, task)
	}
}

// mock is the module's native: (kind, name, function, values, list, delay in
// milliseconds).
func (f *face) mock(call goja.FunctionCall) goja.Value {
	s := f.needSession("t.mock")
	one := &double{kind: call.Argument(0).String(), name: call.Argument(1).String(), list: call.Argument(4).ToBoolean()}
	one.fn, _ = goja.AssertFunction(call.Argument(2))
	one.delay = milliseconds(call.Argument(5).ToFloat())
	if one.fn == nil {
		if err := json.Unmarshal(f.encode(call.Argument(3)), &one.values); err != nil {
			native.Throw(f.rt, "t.mock.%s(%q): the answer is not JSON: %v", one.kind, one.name, err)
		}
	}
	if err := s.check(one); err != nil {
		panic(f.vm.NewError(err))
	}
	return f.rt.ToValue(s.doubles.add(one))
}

// check refuses a mock that could never be called.
func (s *session) check(one *double) error {
	switch one.kind {
	case "task", "child":
		return s.known(one)
	case "exec":
		one.pattern = glob(one.name)
		return nil
	case "module":
		return s.preparedFor(one.name)
	}
	target := one.name
	if method, rest, found := strings.Cut(one.name, " "); found {
		one.method, target = method, rest
	}
	if one.method != strings.ToUpper(one.method) || !strings.HasPrefix(target, "http") && !strings.HasPrefix(target, "*") {
		return fmt.Errorf("t.mock.fetch(%q): write a URL, with * for anything, after a method if need be: 'POST https://api.example.com/*'", one.name)
	}
	one.pattern = glob(target)
	return nil
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
	first, later := make(chan mockReply, 1), make(chan mockReply, 1)
	s.postTest(fn, input, first, later)
	for {
		select {
		case r := <-first:
			if !r.pending {
				return r.text, r.err
			}
		case r := <-later:
			return r.text, r.err
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
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
