package core

import (
	"strings"
	"testing"
	"time"
)

// hatchet-protocol.md section 6.1: all or nothing, with the real engine's texts.
func TestTriggerRefusals(t *testing.T) {
	h := newHarness(t, Config{})
	h.define(single("one"))
	tests := []struct {
		name string
		item TriggerItem
		code Code
		want string
	}{
		{"unknown", TriggerItem{Workflow: "nope"}, InvalidArgument, "workflow names not found: nope"},
		{"input", TriggerItem{Workflow: "one", Input: "{"}, InvalidArgument, "Invalid request: input"},
		{"nul", TriggerItem{Workflow: "one", Input: `{"a":"\u0000"}`}, InvalidArgument, "Invalid request: input"},
		{"metadata", TriggerItem{Workflow: "one", Metadata: "x"}, InvalidArgument, "Invalid request: additional_metadata"},
		{"metadata list", TriggerItem{Workflow: "one", Metadata: "[1]"}, InvalidArgument, "Invalid request: additional_metadata"},
		{"priority", TriggerItem{Workflow: "one", Priority: 4}, InvalidArgument, "priority"},
		{"worker", TriggerItem{Workflow: "one", DesiredWorkerID: "w"}, InvalidArgument, "desired_worker_id"},
		{"parent", TriggerItem{Workflow: "one", ParentTaskID: h.seed()}, NotFound, "parent task"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			items := []TriggerItem{{Workflow: "one"}, tt.item}
			if message := h.refused(Trigger{Seed: h.seed(), Items: items}, tt.code); !strings.Contains(message, tt.want) {
				t.Fatalf("message %q does not say %q", message, tt.want)
			}
			_, total := h.core.ListRuns(RunQuery{})
			equal(t, "runs", total, 0)
		})
	}
	message := h.refused(Trigger{Seed: h.seed(), Items: []TriggerItem{{Workflow: "a"}, {Workflow: "b"}, {Workflow: "a"}}}, InvalidArgument)
	equal(t, "message", message, "workflow names not found: a, b")
}

// hatchet-protocol.md section 4.1: what is no object is delivered as null.
func TestInputs(t *testing.T) {
	for input, want := range map[string]string{"": "null", `"text"`: "null", `[1]`: "null", ` {"a":1}`: ` {"a":1}`} {
		h, _ := withWorker(t, "one:one")
		h.define(single("one"))
		id := h.trigger("one", input)
		equal(t, "input", strings.TrimSpace(field(t, h.next().Payload, "input")), strings.TrimSpace(want))
		equal(t, "stored input", string(h.run(id).Input), input)
	}
}

// hatchet-protocol.md section 6.3: a retried parent gets its children back.
func TestChildRuns(t *testing.T) {
	h, _ := withWorker(t, "p:p", "k:k")
	h.define(single("p", retries(1)))
	h.define(single("k"))
	zero, one, name := int32(0), int32(1), "mine"
	h.do(Trigger{Seed: h.seed(), Items: []TriggerItem{{Workflow: "p", Metadata: `{"a":"1","hatchet__x":"2","b":"3"}`}}})
	parent := h.next()
	spawn := func() []string {
		return h.do(Trigger{Seed: h.seed(), Items: []TriggerItem{
			{Workflow: "k", ParentTaskID: parent.TaskID, ChildIndex: &zero, Metadata: `{"b":"own"}`},
			{Workflow: "k", ParentTaskID: parent.TaskID, ChildIndex: &one, ChildKey: &name},
			{Workflow: "k", ParentTaskID: parent.TaskID},
		}}).(TriggerReply).RunIDs
	}
	first := spawn()
	child := h.next()
	equal(t, "parent run", child.ParentRunID, parent.TaskID)
	equal(t, "child index", *child.ChildIndex, zero)
	equal(t, "own key", field(t, child.Metadata, "b"), `"own"`)
	equal(t, "inherited", field(t, child.Metadata, "a"), `"1"`)
	equal(t, "reserved", field(t, child.Metadata, "hatchet__x"), ``)
	equal(t, "trace", field(t, child.Metadata, "traceparent"), field(t, parent.Metadata, "traceparent"))
	equal(t, "parent", field(t, child.Metadata, "hatchet__parent_step_run_id"), `"`+parent.TaskID+`"`)
	equal(t, "parent run", field(t, child.Metadata, "hatchet__parent_workflow_run_id"), `"`+parent.RunID+`"`)
	equal(t, "child key", *h.next().ChildKey, name)
	h.next()
	h.fail(parent, "again")
	parent = h.next()
	second := spawn()
	equal(t, "by index", second[0], first[0])
	equal(t, "by key", second[1], first[1])
	if second[2] == first[2] {
		t.Fatal("a child without index was deduplicated")
	}
	h.do(Cancel{IDs: []string{parent.RunID}})
	h.status(first[0], Running)
	runs, _ := h.core.ListRuns(RunQuery{ParentTaskID: parent.TaskID})
	equal(t, "children", len(runs), 4)
}

// hatchet-protocol.md section 5.3: request, then workflow, then 1.
func TestPriorities(t *testing.T) {
	h, _ := withWorker(t, "one:one", "two:two")
	h.define(single("one"))
	two := single("two")
	two.DefaultPriority = 2
	h.define(two)
	for _, tt := range []struct {
		workflow  string
		priority  int32
		effective int32
	}{{"one", 0, 1}, {"one", 3, 3}, {"two", 0, 2}, {"two", 1, 1}} {
		h.do(Trigger{Seed: h.seed(), Items: []TriggerItem{{Workflow: tt.workflow, Priority: tt.priority}}})
		equal(t, "priority", h.next().Priority, tt.effective)
	}
}

// hatchet-protocol.md section 7.2.
func TestPatterns(t *testing.T) {
	tests := []struct {
		pattern, key string
		want         bool
	}{
		{"order:paid", "order:paid", true},
		{"order:paid", "order:paid2", false},
		{"order:*", "order:", true},
		{"order:*", "order:a:b", true},
		{"*:paid", "order:paid", true},
		{"*:paid", "order:paid:x", false},
		{"o*:p*d", "order:paid", true},
		{"a_c", "abc", true},
		{"a_c", "ac", false},
		{"a%", "a-anything", true},
		{"a\\_c", "abc", false},
		{"a\\_c", "a_c", true},
		{"Order", "order", false},
		{"*", "", true},
		{"*a*a*", "aa", true},
		{"*a*a*", "a", false},
		{"ü_", "üß", true},
	}
	for _, tt := range tests {
		if got := like(strings.ReplaceAll(tt.pattern, "*", "%"), tt.key); got != tt.want {
			t.Errorf("%q like %q: %v", tt.key, tt.pattern, got)
		}
	}
}

// hatchet-protocol.md sections 4.3 and 7.2.
func TestEventTriggers(t *testing.T) {
	h, _ := withWorker(t, "a:a", "b:b")
	a := single("a")
	a.EventTriggers = []string{"order:*", "order:paid"}
	h.define(a)
	b := single("b")
	b.EventTriggers = []string{"user:new"}
	h.define(b)
	ids := h.do(PushEvent{Seed: h.seed(), Events: []UserEvent{
		{Key: "order:paid", Payload: `{"n":1}`, Priority: 3,
			Metadata: `{"x":"1","hatchet__secret":"2","hatchet__source_workflow_run_id":"3"}`},
		{Key: "nobody"},
	}}).(PushEventReply).EventIDs
	equal(t, "ids", len(ids), 2)
	for range 2 {
		got := h.next()
		equal(t, "task", got.TaskName, "a")
		equal(t, "event", got.EventID, ids[0])
		equal(t, "key", got.EventKey, "order:paid")
		equal(t, "priority", got.Priority, int32(3))
		equal(t, "input", field(t, got.Payload, "input"), `{"n":1}`)
		equal(t, "user key", field(t, got.Metadata, "x"), `"1"`)
		equal(t, "reserved key", field(t, got.Metadata, "hatchet__secret"), ``)
		equal(t, "source", field(t, got.Metadata, "hatchet__source_workflow_run_id"), `"3"`)
		equal(t, "event id", field(t, got.Metadata, "hatchet__event_id"), `"`+ids[0]+`"`)
		equal(t, "event key", field(t, got.Metadata, "hatchet__event_key"), `"order:paid"`)
	}
	h.idle()
	a.EventTriggers = nil
	h.define(a)
	h.do(PushEvent{Seed: h.seed(), Events: []UserEvent{{Key: "order:paid"}, {Key: "user:new"}}})
	equal(t, "task", h.next().TaskName, "b")
	h.idle()
}

// hatchet-protocol.md section 7.1.
func TestEventRefusals(t *testing.T) {
	h := newHarness(t, Config{})
	equal(t, "message", h.refused(PushEvent{Seed: h.seed()}, InvalidArgument), "No events to ingest")
	equal(t, "message", h.refused(PushEvent{Seed: h.seed(), Events: make([]UserEvent, 1001)}, InvalidArgument),
		"too many events - 1001 is over maximum (1000)")
	for _, e := range []UserEvent{{}, {Key: "k", Payload: "{"}, {Key: "k", Metadata: "1"}, {Key: "k", Priority: 9}} {
		h.refused(PushEvent{Seed: h.seed(), Events: []UserEvent{e}}, InvalidArgument)
	}
}

// hatchet-protocol.md section 7.2: filters.
func TestFilters(t *testing.T) {
	h, _ := withCEL(t, "f:f")
	f := single("f")
	f.EventTriggers = []string{"e"}
	f.DefaultFilters = []Filter{
		{Scope: "s", Expression: "input.n == 1", Payload: []byte(`{"p":1}`)},
		{Scope: "s", Expression: "payload.p == 2", Payload: []byte(`{"p":2}`)},
		{Scope: "s", Expression: ""},
		{Scope: "other", Expression: "true"},
	}
	h.define(f)
	push := func(scope, payload string) {
		h.do(PushEvent{Seed: h.seed(), Events: []UserEvent{{Key: "e", Scope: scope, Payload: payload}}})
	}
	push("", `{"n":1}`)
	push("unknown", `{"n":1}`)
	h.idle()
	push("s", `{"n":1}`)
	equal(t, "filter payload", field(t, h.next().Payload, "triggers", "filter_payload"), `{"p":1}`)
	equal(t, "filter payload", field(t, h.next().Payload, "triggers", "filter_payload"), `{"p":2}`)
	push("s", `{"n":2}`)
	h.next()
	h.idle()
}

// hatchet-protocol.md sections 4.3 and 6.9.
func TestCrons(t *testing.T) {
	h, w := withWorker(t, "c:c")
	c := single("c")
	c.CronTriggers = []string{"*/10 * * * *", "CRON_TZ=Asia/Tokyo 0 30 21 * * *"}
	c.CronInput = `{"from":"cron"}`
	h.define(c)
	crons := h.core.Crons()
	equal(t, "crons", len(crons), 2)
	equal(t, "first", crons[0].Next, testStart.Add(10*time.Minute))
	equal(t, "second", crons[1].Next, testStart.Add(30*time.Minute))
	h.pass(10*time.Minute, w)
	a := h.next()
	h.idle()
	equal(t, "input", field(t, a.Payload, "input"), `{"from":"cron"}`)
	equal(t, "expression", field(t, a.Metadata, "hatchet__cron_expression"), `"*/10 * * * *"`)
	equal(t, "scheduled at", field(t, a.Metadata, "hatchet__cron_scheduled_at"), `"2026-03-01T12:10:00Z"`)
	h.pass(20*time.Minute, w)
	equal(t, "due", len(h.starts), 3)
	h.starts = nil

	h.now = h.now.Add(5 * time.Hour)
	h.do(EngineStarted{})
	h.do(Tick{})
	_, total := h.core.ListRuns(RunQuery{})
	equal(t, "runs after a break", total, 4)
	c.CronTriggers = []string{"0 0 30 2 *"}
	h.define(c)
	if next := h.core.Crons()[0].Next; !next.IsZero() {
		t.Fatalf("30 February is on %v", next)
	}
}
