package core

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
)

// fakeCEL understands "<variable>.<field> == <JSON>", "input.<field>" and
// nothing else.
type fakeCEL struct{}

func (fakeCEL) split(expression string) (variable, field, value string, err error) {
	path, value, ok := strings.Cut(expression, " == ")
	variable, field, dotted := strings.Cut(path, ".")
	if !ok || !dotted {
		return "", "", "", errors.New("not understood: " + expression)
	}
	return variable, field, value, nil
}

func (f fakeCEL) Check(_ Environment, expression string) error {
	if strings.Contains(expression, "==") {
		_, _, _, err := f.split(expression)
		return err
	}
	if !strings.HasPrefix(expression, "input.") {
		return errors.New("not understood: " + expression)
	}
	return nil
}

func (f fakeCEL) Eval(_ Environment, expression string, variables map[string]json.RawMessage) (any, error) {
	if name, ok := strings.CutPrefix(expression, "input."); ok && !strings.Contains(name, "==") {
		return f.field(variables["input"], name)
	}
	variable, field, value, err := f.split(expression)
	if err != nil {
		return nil, err
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(variables[variable], &object); err != nil {
		return nil, err
	}
	if object[field] == nil {
		return nil, errors.New("no such field")
	}
	return string(object[field]) == value, nil
}

// field gives a field of an object as a string or int64.
func (fakeCEL) field(text []byte, name string) (any, error) {
	var object map[string]any
	if err := json.Unmarshal(text, &object); err != nil {
		return nil, err
	}
	switch value := object[name].(type) {
	case string:
		return value, nil
	case float64:
		return int64(value), nil
	}
	return nil, errors.New("no such key: " + name)
}

// chain is a -> b with conditions on b.
func chain(conditions ...Condition) Definition {
	d := Definition{Name: "c", Tasks: []TaskDefinition{taskOf("c", "a", nil), taskOf("c", "b", []string{"a"})}}
	d.Tasks[1].Conditions = conditions
	return d
}

func withCEL(t testing.TB, actions ...string) (*harness, string) {
	h := newHarness(t, Config{Evaluator: fakeCEL{}})
	return h, h.worker(nil, actions...)
}

func parentCondition(action Action, expression string) Condition {
	return Condition{Kind: ConditionParent, Action: action, Key: "parent-a", Parent: "a", Expression: expression}
}

// hatchet-protocol.md section 9.2: the table of generated conditions and what
// overrides do to it.
func TestParentConditions(t *testing.T) {
	tests := []struct {
		name       string
		conditions []Condition
		output     string // of a; "" = it fails
		want       string // of b: "runs", "skipped", "cancelled" or "undecided"
	}{
		{"default", nil, `{}`, "runs"},
		{"default failed", nil, "", "cancelled"},
		{"parent skipped", nil, `{"skipped":true}`, "skipped"},
		{"parent not skipped", nil, `{"skipped":"no"}`, "runs"},
		{"skip holds", []Condition{parentCondition(ActionSkip, "output.x == 1")}, `{"x":1}`, "skipped"},
		{"skip does not hold", []Condition{parentCondition(ActionSkip, "output.x == 1")}, `{"x":2}`, "runs"},
		{"skip replaces the default", []Condition{parentCondition(ActionSkip, "output.x == 1")}, `{"skipped":true}`, "runs"},
		{"skip cannot be evaluated", []Condition{parentCondition(ActionSkip, "output.x == 1")}, `[]`, "runs"},
		{"skip wins over queue", []Condition{parentCondition(ActionSkip, ""), parentCondition(ActionQueue, "")}, `{}`, "skipped"},
		{"cancel holds", []Condition{parentCondition(ActionCancel, "output.x == 1")}, `{"x":1}`, "cancelled"},
		{"cancel does not hold", []Condition{parentCondition(ActionCancel, "output.x == 1")}, `{"x":2}`, "runs"},
		{"cancel still on failure", []Condition{parentCondition(ActionCancel, "output.x == 1")}, "", "cancelled"},
		{"queue holds", []Condition{parentCondition(ActionQueue, "output.x == 1")}, `{"x":1}`, "runs"},
		{"queue does not hold", []Condition{parentCondition(ActionQueue, "output.x == 1")}, `{"x":2}`, "undecided"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h, _ := withCEL(t, "c:a", "c:b")
			h.define(chain(tt.conditions...))
			id := h.trigger("c", "")
			if tt.output == "" {
				h.fail(h.next(), "no")
			} else {
				h.complete(h.next(), tt.output)
			}
			equal(t, "b", h.fate(id, "b"), tt.want)
		})
	}
}

// fate says in a word what became of a task.
func (h *harness) fate(id, name string) string {
	task, ok := h.tasks(id)[name]
	switch {
	case !ok:
		return "undecided"
	case task.Status == Cancelled:
		return "cancelled"
	case task.Status == Completed && string(task.Output) == `{"skipped":true}`:
		return "skipped"
	}
	return "runs"
}

// hatchet-protocol.md section 9.2: skipped and completed parents mixed.
func TestMixedParents(t *testing.T) {
	h, _ := withWorker(t, diamondActions...)
	h.define(diamond())
	id := h.trigger("dia", "")
	h.complete(h.next(), `{}`)
	b, c := h.nextNamed("b"), h.nextNamed("c")
	h.complete(b, `{"skipped":true}`)
	h.complete(c, `{"y":1}`)
	d := h.next()
	equal(t, "parents", field(t, d.Payload, "parents"), `{"a":{},"b":{"skipped":true},"c":{"y":1}}`)
	h.complete(d, `{}`)
	h.status(id, Completed)
}

func TestAllParentsSkipped(t *testing.T) {
	h, _ := withWorker(t, diamondActions...)
	h.define(diamond())
	id := h.trigger("dia", "")
	h.complete(h.next(), `{"skipped":true}`)
	h.idle()
	for _, name := range []string{"b", "c", "d"} {
		equal(t, name, h.fate(id, name), "skipped")
	}
	h.status(id, Completed)
}

// hatchet-protocol.md section 9.2, the quirk: with one cancel override of two
// parents, cancelling needs both groups.
func TestCancelOverrideQuirk(t *testing.T) {
	h, _ := withCEL(t, "q:a", "q:b", "q:c")
	d := Definition{Name: "q", Tasks: []TaskDefinition{taskOf("q", "a", nil), taskOf("q", "b", nil), taskOf("q", "c", []string{"a", "b"})}}
	d.Tasks[2].Conditions = []Condition{parentCondition(ActionCancel, "output.x == 1")}
	h.define(d)
	id := h.trigger("q", "")
	a, b := h.nextNamed("a"), h.nextNamed("b")
	h.fail(b, "no")
	equal(t, "c", h.fate(id, "c"), "undecided")
	h.fail(a, "no")
	equal(t, "c", h.fate(id, "c"), "cancelled")
	h.status(id, Failed)
}

// hatchet-protocol.md sections 4.1 and 9.2: sleeps and events begin when the
// parents are done, and the task gets their data.
func TestSleepAndEventAfterParents(t *testing.T) {
	h, w := withWorker(t, "c:a", "c:b")
	group := h.seed()
	h.define(chain(
		Condition{Kind: ConditionSleep, Action: ActionQueue, Key: "sleep-10s", SleepFor: "10s", Group: group},
		Condition{Kind: ConditionUserEvent, Action: ActionQueue, Key: "go", EventKey: "go", Group: group},
		Condition{Kind: ConditionUserEvent, Action: ActionSkip, Key: "no", EventKey: "no"},
	))
	push := func(key, payload string) {
		h.do(PushEvent{Seed: h.seed(), Events: []UserEvent{{Key: key, Payload: payload}}})
	}
	first, second, third := h.trigger("c", ""), h.trigger("c", ""), h.trigger("c", "")
	push("go", `{"early":true}`)
	h.pass(15*time.Second, w)
	h.complete(h.next(), `{"a":1}`)
	equal(t, "b", h.fate(first, "b"), "undecided")
	h.pass(10*time.Second, w)
	b := h.nextNamed("b")
	equal(t, "run", b.RunID, first)
	equal(t, "triggers", field(t, b.Payload, "triggers"), `{"filter_payload":null,"sleep-10s":{"sleep_duration":"10s"}}`)
	equal(t, "parents", field(t, b.Payload, "parents"), `{"a":{"a":1}}`)

	h.complete(h.next(), `{}`)
	push("go", `{"n":1}`)
	b = h.nextNamed("b")
	equal(t, "run", b.RunID, second)
	equal(t, "triggers", field(t, b.Payload, "triggers", "go"), `{"n":1}`)

	h.complete(h.next(), `{}`)
	push("no", `{}`)
	equal(t, "b", h.fate(third, "b"), "skipped")
	h.status(third, Completed)
}

// hatchet-protocol.md sections 4.1 and 9.2: a root task waits from the trigger
// on and sees none of the data.
func TestRootWaits(t *testing.T) {
	h, w := withCEL(t, "c:a", "c:b")
	d := Definition{Name: "c", Tasks: []TaskDefinition{taskOf("c", "a", nil), taskOf("c", "b", nil)}}
	d.Tasks[0].Conditions = []Condition{
		{Kind: ConditionSleep, Action: ActionQueue, Key: "s", SleepFor: "5s"},
		{Kind: ConditionUserEvent, Action: ActionQueue, Key: "e", EventKey: "e", Expression: "input.ok == true"},
	}
	h.define(d)
	id := h.trigger("c", "")
	h.complete(h.next(), `{}`)
	h.pass(5*time.Second, w)
	h.do(PushEvent{Seed: h.seed(), Events: []UserEvent{{Key: "e", Payload: `{"ok":false}`}}})
	h.idle()
	h.do(PushEvent{Seed: h.seed(), Events: []UserEvent{{Key: "e", Payload: `{"ok":true}`}}})
	a := h.next()
	equal(t, "triggers", field(t, a.Payload, "triggers"), `{"filter_payload":null}`)
	h.complete(a, `{}`)
	h.status(id, Completed)
}

// A cancelled run does not wait for sleeps and events any more.
func TestCancelWaitingRun(t *testing.T) {
	h, w := withWorker(t, "c:a", "c:b")
	h.define(chain(Condition{Kind: ConditionSleep, Action: ActionQueue, Key: "s", SleepFor: "1h"}))
	id := h.trigger("c", "")
	h.complete(h.next(), `{}`)
	h.do(Cancel{IDs: []string{id}})
	h.status(id, Cancelled)
	h.pass(2*time.Hour, w)
	h.idle()
}
