package core

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// limited is a single-task workflow with one limit per customer.
func limited(strategy string, n int32) Definition {
	return single("l", retries(1), func(t *TaskDefinition) {
		t.Concurrency = []Concurrency{{Expression: "input.customer", MaxRuns: n, Strategy: strategy}}
	})
}

// start triggers runs named for people: "a1" is the first run of customer a,
// "a2!" has priority 3.
func (h *harness) start(workflow string, names ...string) map[string]string {
	h.t.Helper()
	ids := map[string]string{}
	for _, name := range names {
		item := TriggerItem{Workflow: workflow, Input: fmt.Sprintf(`{"customer":%q}`, name[:1])}
		if strings.HasSuffix(name, "!") {
			item.Priority = 3
		}
		ids[name] = h.do(Trigger{Seed: h.seed(), Items: []TriggerItem{item}}).(TriggerReply).RunIDs[0]
	}
	return ids
}

// picture lists the runs by state, in order of the names.
func (h *harness) picture(ids map[string]string, names ...string) string {
	h.t.Helper()
	var out []string
	for _, name := range names {
		out = append(out, name+" "+strings.ToLower(string(h.run(ids[name]).Status)))
	}
	return strings.Join(out, ", ")
}

// hatchet-protocol.md section 9.7: the table of strategies.
func TestConcurrencyStrategies(t *testing.T) {
	tests := []struct {
		strategy string
		runs     []string
		want     string
	}{
		{"GROUP_ROUND_ROBIN", []string{"a1", "a2", "a3", "b1"}, "a1 running, a2 queued, a3 queued, b1 running"},
		{"CANCEL_IN_PROGRESS", []string{"a1", "a2", "a3", "b1"}, "a1 cancelled, a2 cancelled, a3 running, b1 running"},
		{"", []string{"a1", "a2"}, "a1 cancelled, a2 running"},
		{"CANCEL_IN_PROGRESS", []string{"a1!", "a2"}, "a1! running, a2 cancelled"},
		{"CANCEL_NEWEST", []string{"a1", "a2", "a3", "b1"}, "a1 running, a2 cancelled, a3 cancelled, b1 running"},
		{"CANCEL_NEWEST", []string{"a1", "a2!"}, "a1 running, a2! cancelled"},
		{"CANCEL_QUEUED_EXCEPT_NEWEST", []string{"a1", "a2", "a3", "a4"}, "a1 running, a2 cancelled, a3 cancelled, a4 queued"},
		{"CANCEL_QUEUED_EXCEPT_OLDEST", []string{"a1", "a2", "a3", "a4"}, "a1 running, a2 queued, a3 cancelled, a4 cancelled"},
	}
	for _, tt := range tests {
		t.Run(tt.strategy+" "+strings.Join(tt.runs, " "), func(t *testing.T) {
			h, _ := withCEL(t, "l:l")
			h.define(limited(tt.strategy, 1))
			ids := h.start("l", tt.runs...)
			equal(t, "runs", h.picture(ids, tt.runs...), tt.want)
			checkInvariants(t, h.core)
		})
	}
}

// hatchet-protocol.md section 9.7: free places go by priority, then to the
// oldest; a retry asks for its place again, ahead of everybody.
func TestPlacesAreHandedOn(t *testing.T) {
	h, _ := withCEL(t, "l:l")
	h.define(limited("GROUP_ROUND_ROBIN", 2))
	names := []string{"a1", "a2", "a3", "a4", "a5!"}
	ids := h.start("l", names...)
	a1, a2 := h.next(), h.next()
	h.complete(a1, `{}`)
	equal(t, "runs", h.picture(ids, names...), "a1 completed, a2 running, a3 queued, a4 queued, a5! running")
	h.next()
	h.fail(a2, "again")
	retry := h.next()
	equal(t, "retried", retry.TaskID, ids["a2"])
	equal(t, "runs", h.picture(ids, "a3", "a4"), "a3 queued, a4 queued")
	h.do(Cancel{IDs: []string{ids["a2"]}})
	equal(t, "runs", h.picture(ids, "a2", "a3", "a4"), "a2 cancelled, a3 running, a4 queued")
	h.do(Cancel{IDs: []string{ids["a4"]}})
	h.complete(h.next(), `{}`)
	equal(t, "runs", h.picture(ids, names...), "a1 completed, a2 cancelled, a3 completed, a4 cancelled, a5! running")
}

// hatchet-protocol.md section 9.7: running tasks that are cancelled are told to
// stop, and their result carries an empty error.
func TestCancelInProgressTellsTheWorker(t *testing.T) {
	h, w := withCEL(t, "l:l")
	h.define(limited("CANCEL_IN_PROGRESS", 1))
	ids := h.start("l", "a1", "a2")
	equal(t, "stops", len(h.stops), 1)
	equal(t, "worker", h.stops[0].WorkerID, w)
	equal(t, "stopped", h.stops[0].Action.TaskID, ids["a1"])
	equal(t, "error", h.ends[0].Tasks[0].Error, "")
	equal(t, "reason", h.tasks(ids["a1"])["l"].Error, "Cancelled due to concurrency strategy")
}

// hatchet-protocol.md sections 9.5 and 9.7: waiting for a place counts for the
// schedule timeout, which starts again when the place is granted.
func TestWaitingForAPlaceTimesOut(t *testing.T) {
	h, w := withCEL(t, "l:l")
	d := limited("GROUP_ROUND_ROBIN", 1)
	d.Tasks[0].ScheduleTimeout = "10s"
	h.define(d)
	ids := h.start("l", "a1", "a2")
	h.pass(9*time.Second, w)
	ids3 := h.start("l", "a3")
	h.pass(time.Second, w)
	equal(t, "runs", h.picture(ids, "a1", "a2"), "a1 running, a2 cancelled")
	h.do(PauseWorker{WorkerID: w, Paused: true})
	h.complete(h.next(), `{}`)
	h.pass(9999*time.Millisecond, w)
	equal(t, "runs", h.picture(ids3, "a3"), "a3 queued")
	h.pass(time.Millisecond, w)
	equal(t, "runs", h.picture(ids3, "a3"), "a3 cancelled")
}

// hatchet-protocol.md section 9.7: strategies in sequence, a place in each.
func TestSeveralStrategies(t *testing.T) {
	h, _ := withCEL(t, "l:l")
	d := limited("GROUP_ROUND_ROBIN", 1)
	d.Concurrency = []Concurrency{{Expression: "'all'", MaxRuns: 2, Strategy: "GROUP_ROUND_ROBIN"}}
	h.define(d)
	names := []string{"a1", "a2", "b1"}
	ids := h.start("l", names...)
	equal(t, "runs", h.picture(ids, names...), "a1 running, a2 queued, b1 queued")
	h.complete(h.next(), `{}`)
	equal(t, "runs", h.picture(ids, names...), "a1 completed, a2 running, b1 running")
}

// hatchet-protocol.md section 9.7: on a workflow of several tasks the place
// belongs to the run, from its first task to its end.
func TestWorkflowConcurrency(t *testing.T) {
	two := func(strategy string) Definition {
		return Definition{Name: "w", Tasks: []TaskDefinition{taskOf("w", "a", nil), taskOf("w", "b", []string{"a"})},
			Concurrency: []Concurrency{{Expression: "input.customer", Strategy: strategy}}}
	}
	t.Run("queue", func(t *testing.T) {
		h, _ := withCEL(t, "w:a", "w:b")
		h.define(two("GROUP_ROUND_ROBIN"))
		ids := h.start("w", "a1", "a2")
		h.complete(h.next(), `{}`)
		b := h.next()
		equal(t, "task", b.TaskName, "b")
		h.idle()
		h.complete(b, `{}`)
		equal(t, "runs", h.picture(ids, "a1", "a2"), "a1 completed, a2 running")
	})
	t.Run("cancel in progress", func(t *testing.T) {
		h, _ := withCEL(t, "w:a", "w:b")
		h.define(two("CANCEL_IN_PROGRESS"))
		ids := h.start("w", "a1!", "a2")
		equal(t, "runs", h.picture(ids, "a1!", "a2"), "a1! cancelled, a2 running")
		equal(t, "b", h.fate(ids["a1!"], "b"), "cancelled")
	})
	t.Run("cancel newest", func(t *testing.T) {
		h, _ := withCEL(t, "w:a", "w:b")
		h.define(two("CANCEL_NEWEST"))
		ids := h.start("w", "a1", "a2!")
		equal(t, "runs", h.picture(ids, "a1", "a2!"), "a1 running, a2! cancelled")
	})
}

// hatchet-protocol.md section 9.7: a new version has places of its own.
func TestPlacesOfAVersion(t *testing.T) {
	h, _ := withCEL(t, "l:l")
	h.define(limited("GROUP_ROUND_ROBIN", 1))
	ids := h.start("l", "a1", "a2")
	d := limited("GROUP_ROUND_ROBIN", 1)
	d.Description = "new"
	h.define(d)
	equal(t, "runs", h.picture(ids, "a1", "a2"), "a1 running, a2 queued")
	ids = h.start("l", "a3")
	equal(t, "runs", h.picture(ids, "a3"), "a3 running")
}

// hatchet-protocol.md section 10: limits by expression, and limits that
// workflows share by name.
func TestDynamicAndSharedLimits(t *testing.T) {
	h, _ := withCEL(t, "x:x", "y:y")
	for _, name := range []string{"x", "y"} {
		h.define(single(name, func(t *TaskDefinition) {
			t.Concurrency = []Concurrency{{Expression: "'shared'", MaxRunsExpression: "input.n", Strategy: "GROUP_ROUND_ROBIN", Name: "s", TenantScoped: true}}
		}))
	}
	first, second := h.trigger("x", `{"n":1}`), h.trigger("y", `{"n":1}`)
	h.status(first, Running)
	h.status(second, Queued)
	h.trigger("y", `{"n":2}`)
	h.status(second, Running)
}

// hatchet-protocol.md section 5.5: an expression that fails makes a failed task
// that never ran.
func TestConcurrencyKeyFails(t *testing.T) {
	h, _ := withCEL(t, "l:l")
	h.define(limited("GROUP_ROUND_ROBIN", 1))
	for _, input := range []string{`{}`, `{"customer":7}`} {
		id := h.trigger("l", input)
		h.idle()
		h.status(id, Failed)
		if message := h.tasks(id)["l"].Error; !strings.HasPrefix(message, "failed to parse step expression (input.customer): ") {
			t.Fatalf("error: %s", message)
		}
	}
}

// hatchet-protocol.md section 5.3.
func TestConcurrencyValidation(t *testing.T) {
	h := newHarness(t, Config{Evaluator: fakeCEL{}})
	for name, limit := range map[string]Concurrency{
		"no expression": {}, "bad expression": {Expression: "what"}, "negative": {Expression: "'a'", MaxRuns: -1},
		"strategy": {Expression: "'a'", Strategy: "DROP_NEWEST"}, "no name": {Expression: "'a'", TenantScoped: true},
	} {
		t.Run(name, func(t *testing.T) {
			h.refused(PutWorkflow{Definition: single("l", func(t *TaskDefinition) { t.Concurrency = []Concurrency{limit} })}, InvalidArgument)
		})
	}
	bare := newHarness(t, Config{})
	bare.refused(PutWorkflow{Definition: limited("", 1)}, Unimplemented)
}

// An evicted durable task keeps its place (hatchet-protocol.md sections 8.4 and
// 9.7).
func TestEvictedTaskKeepsItsPlace(t *testing.T) {
	d := withDurable(t)
	d.define(single("d", func(t *TaskDefinition) {
		t.Durable, t.Concurrency = true, []Concurrency{{Expression: "'one'", Strategy: "GROUP_ROUND_ROBIN"}}
	}))
	d.trigger("d", "")
	waiting := d.trigger("d", "")
	d.action = d.next()
	d.sleep("1s")
	d.stream = nil
	d.evict()
	d.status(waiting, Queued)
	d.pass(time.Second, d.worker)
	d.complete(d.next(), `{}`)
	d.status(waiting, Running)
}
