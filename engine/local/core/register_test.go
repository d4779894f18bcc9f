package core

import (
	"strings"
	"testing"
)

// hatchet-protocol.md section 5.1.
func TestVersions(t *testing.T) {
	h := newHarness(t, Config{})
	first := h.define(single("one"))
	if !first.Created {
		t.Fatal("the first registration created nothing")
	}
	same := single("one")
	same.Tasks[0].SlotRequests = map[string]int32{"default": 1}
	again := h.define(same)
	if again.Created || again.VersionID != first.VersionID || again.WorkflowID != first.WorkflowID {
		t.Fatalf("an unchanged definition gave %+v after %+v", again, first)
	}
	changed := h.define(single("one", retries(1)))
	if !changed.Created || changed.VersionID == first.VersionID || changed.WorkflowID != first.WorkflowID {
		t.Fatalf("a changed definition gave %+v after %+v", changed, first)
	}
	back := h.define(single("one"))
	if !back.Created || back.VersionID == first.VersionID {
		t.Fatalf("an old definition gave %+v after %+v", back, first)
	}
}

// hatchet-protocol.md section 5.1: or-group ids do not make a difference.
func TestGroupIDsAreNormalised(t *testing.T) {
	h := newHarness(t, Config{})
	put := func() PutWorkflowReply {
		group := h.seed()
		d := Definition{Name: "g", Tasks: []TaskDefinition{taskOf("g", "a", nil), taskOf("g", "b", nil)}}
		d.Tasks[1].Conditions = []Condition{
			{Kind: ConditionSleep, Action: ActionQueue, Key: "s", SleepFor: "1s", Group: group},
			{Kind: ConditionUserEvent, Action: ActionQueue, Key: "e", EventKey: "e", Group: group},
		}
		return h.define(d)
	}
	first := put()
	if again := put(); again.Created || again.VersionID != first.VersionID {
		t.Fatalf("another or-group id made a new version: %+v", again)
	}
}

// hatchet-protocol.md section 5.1: new runs use the newest version, running runs
// keep theirs.
func TestRunsKeepTheirVersion(t *testing.T) {
	h, _ := withWorker(t, "two:a", "two:b", "two:c")
	two := Definition{Name: "two", Tasks: []TaskDefinition{taskOf("two", "a", nil), taskOf("two", "b", []string{"a"})}}
	h.define(two)
	old := h.trigger("two", "")
	a := h.next()
	two.Tasks = append(two.Tasks[:1:1], taskOf("two", "c", []string{"a"}))
	h.define(two)
	h.complete(a, `{}`)
	equal(t, "next of the old run", h.next().TaskName, "b")
	h.trigger("two", "")
	h.complete(h.next(), `{}`)
	equal(t, "next of the new run", h.next().TaskName, "c")
	if _, ok := h.tasks(old)["c"]; ok {
		t.Fatal("the old run has a task of the new version")
	}
}

// hatchet-protocol.md sections 5.2 and 5.3.
func TestValidation(t *testing.T) {
	factor, seconds := float32(0.5), int32(86_401)
	queue := func(c Condition) func(*TaskDefinition) {
		return func(t *TaskDefinition) { t.Conditions = append(t.Conditions, c) }
	}
	pair := func(change ...func(*TaskDefinition)) Definition {
		return Definition{Name: "w", Tasks: []TaskDefinition{taskOf("w", "p", nil), taskOf("w", "x", []string{"p"}, change...)}}
	}
	tests := []struct {
		name string
		def  Definition
		code Code
		want string
	}{
		{"no name", Definition{Tasks: single("w").Tasks}, InvalidArgument, "workflow name"},
		{"bad name", Definition{Name: "a b", Tasks: single("w").Tasks}, InvalidArgument, "workflow name"},
		{"no tasks", Definition{Name: "w"}, InvalidArgument, "no tasks"},
		{"priority", Definition{Name: "w", DefaultPriority: 4, Tasks: single("w").Tasks}, InvalidArgument, "priority"},
		{"cron", Definition{Name: "w", CronTriggers: []string{"@daily"}, Tasks: single("w").Tasks}, InvalidArgument, "@daily"},
		{"cron fields", Definition{Name: "w", CronTriggers: []string{"* * *"}, Tasks: single("w").Tasks}, InvalidArgument, "* * *"},
		{"cron zone", Definition{Name: "w", CronTriggers: []string{"TZ=Nowhere/Land * * * * *"}, Tasks: single("w").Tasks}, InvalidArgument, "Nowhere"},
		{"cron input", Definition{Name: "w", CronInput: "{", Tasks: single("w").Tasks}, InvalidArgument, "cron_input"},
		{"task name", single("w", func(t *TaskDefinition) { t.Name = "a:b" }), InvalidArgument, "task name"},
		{"two of a name", Definition{Name: "w", Tasks: []TaskDefinition{taskOf("w", "x", nil), taskOf("w", "x", nil)}}, InvalidArgument, "two tasks"},
		{"action parts", single("w", func(t *TaskDefinition) { t.Action = "alone" }), InvalidArgument, "two or three parts"},
		{"action case", single("w", func(t *TaskDefinition) { t.Action = "myFlow:task" }), InvalidArgument, "lower case"},
		{"timeout", single("w", func(t *TaskDefinition) { t.Timeout = "1d" }), InvalidArgument, "timeout"},
		{"schedule timeout", single("w", func(t *TaskDefinition) { t.ScheduleTimeout = "soon" }), InvalidArgument, "schedule timeout"},
		{"retries", single("w", retries(-1)), InvalidArgument, "retries"},
		{"factor", single("w", func(t *TaskDefinition) { t.BackoffFactor = &factor }), InvalidArgument, "backoff factor"},
		{"seconds", single("w", func(t *TaskDefinition) { t.BackoffMaxSeconds = &seconds }), InvalidArgument, "backoff maximum"},
		{"slots", single("w", func(t *TaskDefinition) { t.SlotRequests = map[string]int32{"gpu": 0} }), InvalidArgument, "slot request gpu"},
		{"parent", Definition{Name: "w", Tasks: []TaskDefinition{taskOf("w", "x", []string{"y"})}}, InvalidArgument,
			"dag parent not found: parent step 'y' not found for step 'x'"},
		{"cycle", Definition{Name: "w", Tasks: []TaskDefinition{
			taskOf("w", "a", []string{"c"}), taskOf("w", "b", []string{"a"}), taskOf("w", "c", []string{"b"}),
		}}, InvalidArgument, "a -> c -> b -> a"},
		{"self", Definition{Name: "w", Tasks: []TaskDefinition{taskOf("w", "a", []string{"a"})}}, InvalidArgument, "a -> a"},
		{"create", pair(queue(Condition{Kind: ConditionSleep, Key: "s", SleepFor: "1s"})), InvalidArgument, "QUEUE, CANCEL or SKIP"},
		{"key", pair(queue(Condition{Kind: ConditionSleep, Action: ActionSkip, SleepFor: "1s"})), InvalidArgument, "readable data key"},
		{"group", pair(queue(Condition{Kind: ConditionSleep, Action: ActionSkip, Key: "s", SleepFor: "1s", Group: "g"})), InvalidArgument, "not a UUID"},
		{"sleep", pair(queue(Condition{Kind: ConditionSleep, Action: ActionSkip, Key: "s", SleepFor: "a while"})), InvalidArgument, "a while"},
		{"event", pair(queue(Condition{Kind: ConditionUserEvent, Action: ActionSkip, Key: "s"})), InvalidArgument, "event key"},
		{"kind", pair(queue(Condition{Kind: "moon", Action: ActionSkip, Key: "s"})), InvalidArgument, "moon"},
		{"no such parent", pair(queue(Condition{Kind: ConditionParent, Action: ActionSkip, Key: "s", Parent: "z"})), InvalidArgument, "none of its parents"},
		{"expression", pair(queue(Condition{Kind: ConditionParent, Action: ActionSkip, Key: "s", Parent: "p", Expression: "output.x > 1"})), Unimplemented, "no CEL"},
		{"lone condition", single("w", queue(Condition{Kind: ConditionSleep, Action: ActionQueue, Key: "s", SleepFor: "1s"})), Unimplemented, "never starts"},
		{"filter", Definition{Name: "w", Tasks: single("w").Tasks, DefaultFilters: []Filter{{Expression: "input.a", Scope: "s"}}}, Unimplemented, "no CEL"},
		{"filter payload", Definition{Name: "w", Tasks: single("w").Tasks, DefaultFilters: []Filter{{Expression: "true", Payload: []byte("1")}}}, InvalidArgument, "JSON object"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHarness(t, Config{})
			if message := h.refused(PutWorkflow{Definition: tt.def}, tt.code); !strings.Contains(message, tt.want) {
				t.Fatalf("message %q does not say %q", message, tt.want)
			}
			equal(t, "workflows", len(h.core.Workflows()), 0)
		})
	}
}

// hatchet-protocol.md section 5.2: what the real engine lower-cases by itself.
func TestActionsAreLowerCased(t *testing.T) {
	h, _ := withWorker(t, "flow:MyTask")
	h.define(Definition{Name: "flow", Tasks: []TaskDefinition{{Name: "MyTask", Action: "Flow:MyTask"}}})
	h.trigger("flow", "")
	a := h.next()
	equal(t, "action", a.ActionID, "flow:mytask")
	equal(t, "task", a.TaskName, "MyTask")
}
