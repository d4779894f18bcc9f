package core

import (
	"testing"
	"time"
)

func (h *harness) labelled(labels map[string]Label, slots int32, actions ...string) string {
	h.t.Helper()
	id := h.worker(map[string]int32{"default": slots}, actions...)
	h.do(UpsertLabels{WorkerID: id, Labels: labels})
	return id
}

func textLabel(s string) Label { return Label{String: &s} }

func numberLabel(n int32) Label { return Label{Int: &n} }

// hatchet-protocol.md section 9.6: a hard wish waits for its worker, a soft one
// takes another.
func TestSticky(t *testing.T) {
	for _, tt := range []struct {
		sticky Sticky
		want   Status // of a run whose worker is full
	}{{StickyHard, Queued}, {StickySoft, Running}, {"", Running}} {
		t.Run(string(tt.sticky), func(t *testing.T) {
			h := newHarness(t, Config{})
			d := single("s")
			d.Sticky = tt.sticky
			h.define(d)
			wanted := h.worker(map[string]int32{"default": 1}, "s:s")
			h.worker(nil, "s:s")
			start := func() string {
				return h.do(Trigger{Seed: h.seed(), Items: []TriggerItem{{Workflow: "s", DesiredWorkerID: wanted}}}).(TriggerReply).RunIDs[0]
			}
			first, second := start(), start()
			if tt.sticky != "" {
				equal(t, "worker", h.placed[first], wanted)
			}
			h.status(second, tt.want)
			if tt.want == Queued {
				h.status(h.trigger("s", ""), Running) // without a wish it is free
				h.complete(h.next(), `{}`)
				equal(t, "worker", h.placed[second], wanted)
			}
		})
	}
}

// hatchet-protocol.md section 9.6: the tasks of a run stay where a parent ran.
func TestStickyDAG(t *testing.T) {
	h := newHarness(t, Config{})
	d := diamond()
	d.Sticky = StickyHard
	h.define(d)
	for range 3 {
		h.worker(nil, diamondActions...)
	}
	for range 3 {
		id := h.trigger("dia", "")
		a := h.next()
		h.complete(a, `{}`)
		b, c := h.next(), h.next()
		h.complete(b, `{}`)
		h.complete(c, `{}`)
		e := h.next()
		for _, task := range []AssignedAction{b, c, e} {
			equal(t, "worker of "+task.TaskName, h.placed[task.TaskID], h.placed[a.TaskID])
		}
		h.complete(e, `{}`)
		h.status(id, Completed)
	}
}

// hatchet-protocol.md sections 5.3 and 9.6: comparators, weights, required
// labels.
func TestAffinity(t *testing.T) {
	ten, text, weight := int32(10), "a", int32(30)
	tests := []struct {
		name   string
		wishes map[string]DesiredLabel
		labels map[string]Label
		weight int64
		ok     bool
	}{
		{"nothing", nil, nil, 0, true},
		{"equal", map[string]DesiredLabel{"x": {String: &text}}, map[string]Label{"x": textLabel("a")}, 100, true},
		{"not equal", map[string]DesiredLabel{"x": {String: &text}}, map[string]Label{"x": textLabel("b")}, 0, true},
		{"required", map[string]DesiredLabel{"x": {String: &text, Required: true}}, map[string]Label{"x": textLabel("b")}, 0, false},
		{"missing", map[string]DesiredLabel{"x": {String: &text, Required: true}}, nil, 0, false},
		{"other type", map[string]DesiredLabel{"x": {String: &text, Required: true}}, map[string]Label{"x": numberLabel(1)}, 0, false},
		{"weight", map[string]DesiredLabel{"x": {Int: &ten, Weight: &weight}, "y": {String: &text}},
			map[string]Label{"x": numberLabel(10), "y": textLabel("a")}, 130, true},
		{"different", map[string]DesiredLabel{"x": {String: &text, Comparator: "NOT_EQUAL", Required: true}}, map[string]Label{"x": textLabel("b")}, 100, true},
		{"greater", map[string]DesiredLabel{"x": {Int: &ten, Comparator: "GREATER_THAN", Required: true}}, map[string]Label{"x": numberLabel(10)}, 0, false},
		{"greater or equal", map[string]DesiredLabel{"x": {Int: &ten, Comparator: "GREATER_THAN_OR_EQUAL"}}, map[string]Label{"x": numberLabel(10)}, 100, true},
		{"less", map[string]DesiredLabel{"x": {Int: &ten, Comparator: "LESS_THAN"}}, map[string]Label{"x": numberLabel(9)}, 100, true},
		{"less or equal", map[string]DesiredLabel{"x": {Int: &ten, Comparator: "LESS_THAN_OR_EQUAL"}}, map[string]Label{"x": numberLabel(11)}, 0, true},
		{"ordered texts", map[string]DesiredLabel{"x": {String: &text, Comparator: "LESS_THAN"}}, map[string]Label{"x": textLabel("0")}, 0, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := demand{labels: mergeLabels(tt.wishes, nil)}
			weight, ok := d.weigh(&worker{labels: tt.labels})
			if weight != tt.weight || ok != tt.ok {
				t.Fatalf("weight %d, ok %v, want %d, %v", weight, ok, tt.weight, tt.ok)
			}
		})
	}
}

// hatchet-protocol.md section 9.6: the heaviest worker with room; the labels of
// a run go over those of the task.
func TestAffinityChoosesWorkers(t *testing.T) {
	h := newHarness(t, Config{})
	eu, us := "eu", "us"
	h.define(single("s", func(t *TaskDefinition) {
		t.WorkerLabels = map[string]DesiredLabel{"region": {String: &eu}, "gpu": {String: &eu, Required: true}}
	}))
	hasGPU := textLabel("eu")
	h.labelled(map[string]Label{"region": textLabel("eu")}, 9, "s:s")
	inUS := h.labelled(map[string]Label{"region": textLabel("us"), "gpu": hasGPU}, 9, "s:s")
	inEU := h.labelled(map[string]Label{"region": textLabel("eu"), "gpu": hasGPU}, 1, "s:s")
	equal(t, "first", h.placed[h.trigger("s", "")], inEU)
	equal(t, "second", h.placed[h.trigger("s", "")], inUS)
	h.complete(h.next(), `{}`)
	over := TriggerItem{Workflow: "s", DesiredWorkerLabels: map[string]DesiredLabel{"region": {String: &us, Required: true}}}
	for range 2 {
		id := h.do(Trigger{Seed: h.seed(), Items: []TriggerItem{over}}).(TriggerReply).RunIDs[0]
		equal(t, "with labels of its own", h.placed[id], inUS)
	}
	over.DesiredWorkerLabels = map[string]DesiredLabel{"region": {String: &us, Comparator: "LIKE"}}
	h.refused(Trigger{Seed: h.seed(), Items: []TriggerItem{over}}, InvalidArgument)
}

// A worker whose labels change can get what waits.
func TestLabelsLetTasksGo(t *testing.T) {
	h := newHarness(t, Config{})
	yes := "yes"
	h.define(single("s", func(t *TaskDefinition) {
		t.WorkerLabels = map[string]DesiredLabel{"ready": {String: &yes, Required: true}}
	}))
	w := h.worker(nil, "s:s")
	id := h.trigger("s", "")
	h.status(id, Queued)
	h.do(UpsertLabels{WorkerID: w, Labels: map[string]Label{"ready": textLabel("yes")}})
	h.status(id, Running)
}

func pointer[T any](value T) *T { return &value }

// rateLimited is a workflow whose task takes units of the key "api".
func rateLimited(units int32) Definition {
	return single("r", func(t *TaskDefinition) {
		t.ScheduleTimeout = "1h"
		t.RateLimits = []RateLimit{{Key: "api", Units: &units}}
	})
}

// hatchet-protocol.md section 9.8: windows that start full and are filled
// again; units are taken on assignment and never given back.
func TestStaticRateLimit(t *testing.T) {
	h, w := withWorker(t, "r:r")
	h.define(rateLimited(2))
	id := h.trigger("r", "")
	h.status(id, Queued) // the key does not exist
	h.do(PutRateLimit{Key: "api", Limit: 5, Window: "MINUTE"})
	h.status(id, Running)
	for range 4 {
		h.trigger("r", "")
	}
	equal(t, "started", len(h.starts), 2)
	h.complete(h.next(), `{}`)
	h.complete(h.next(), `{}`)
	h.pass(59*time.Second, w)
	h.idle()
	h.pass(time.Second, w)
	equal(t, "started", len(h.starts), 2)
	limits := h.core.RateLimits()
	if len(limits) != 1 || limits[0].Key != "api" || limits[0].Value != 1 || limits[0].Limit != 5 || limits[0].Window != "MINUTE" {
		t.Fatalf("limits: %+v", limits)
	}
}

// hatchet-protocol.md section 9.8: what is queued keeps its order, and what
// wants too much holds up nobody.
func TestRateLimitOrder(t *testing.T) {
	h, w := withCEL(t, "r:r")
	h.define(single("r", func(t *TaskDefinition) {
		t.ScheduleTimeout = "1h"
		t.RateLimits = []RateLimit{{Key: "api", UnitsExpr: pointer("input.units"), LimitExpr: pointer("-1")}}
	}))
	h.do(PutRateLimit{Key: "api", Limit: 3, Window: "SECOND"})
	h.trigger("r", `{"units":3}`)
	h.next()
	big := h.trigger("r", `{"units":7}`)
	first, second, third := h.trigger("r", `{"units":2}`), h.trigger("r", `{"units":2}`), h.trigger("r", `{"units":1}`)
	h.idle()
	h.pass(time.Second, w)
	equal(t, "first", h.next().TaskID, first)
	equal(t, "then", h.next().TaskID, third)
	h.idle()
	h.pass(time.Second, w)
	equal(t, "last", h.next().TaskID, second)
	h.pass(time.Hour, w)
	h.status(big, Cancelled)
}

// hatchet-protocol.md section 5.6: limits that a task defines itself.
func TestDynamicRateLimit(t *testing.T) {
	h, w := withCEL(t, "r:r")
	h.define(single("r", func(t *TaskDefinition) {
		t.ScheduleTimeout = "1h"
		t.RateLimits = []RateLimit{{Key: "user", KeyExpr: pointer("input.user"), LimitExpr: pointer("2"), Duration: "HOUR"}}
	}))
	for _, user := range []string{"a", "a", "a", "b"} {
		h.trigger("r", `{"user":"`+user+`"}`)
	}
	equal(t, "started", len(h.starts), 3)
	h.pass(59*time.Minute, w)
	equal(t, "limits", len(h.core.RateLimits()), 2)
	failed := h.trigger("r", `{"user":5}`)
	h.status(failed, Failed)
}

// hatchet-protocol.md section 5.6: an absent limit is 0, a lower one lowers what
// is left.
func TestRateLimitUpdates(t *testing.T) {
	h, _ := withWorker(t, "r:r")
	h.do(PutRateLimit{Key: "api", Limit: 9})
	h.do(PutRateLimit{Key: "api", Limit: 4, Window: "DAY"})
	h.do(PutRateLimit{Key: "api", Limit: 8, Window: "DAY"})
	equal(t, "left", h.core.RateLimits()[0].Value, int32(4))
	d := single("r", func(t *TaskDefinition) { t.RateLimits = []RateLimit{{Key: "api", UnitsExpr: pointer("1")}} })
	h.define(d)
	h.status(h.trigger("r", ""), Queued)
	equal(t, "limit", h.core.RateLimits()[0].Limit, int32(0))
	for _, bad := range []PutRateLimit{{Limit: 1}, {Key: "a", Limit: -1}, {Key: "a", Window: "FORTNIGHT"}} {
		h.refused(bad, InvalidArgument)
	}
	for name, limit := range map[string]RateLimit{
		"key": {}, "units": {Key: "a", Units: pointer(int32(-1))}, "window": {Key: "a", Duration: "AEON"},
	} {
		t.Run(name, func(t *testing.T) {
			h.refused(PutWorkflow{Definition: single("x", func(t *TaskDefinition) { t.RateLimits = []RateLimit{limit} })}, InvalidArgument)
		})
	}
}

// idempotent is a workflow whose runs collide by customer.
func idempotent(status bool) Definition {
	d := single("i")
	d.Idempotency = &Idempotency{Expression: "input.customer", TTLMillis: 60_000, Status: status}
	d.EventTriggers = []string{"e"}
	return d
}

// hatchet-protocol.md section 6.4.
func TestIdempotency(t *testing.T) {
	h, w := withCEL(t, "i:i")
	h.define(idempotent(false))
	input := func(c string) TriggerItem { return TriggerItem{Workflow: "i", Input: `{"customer":"` + c + `"}`} }
	first := h.do(Trigger{Seed: h.seed(), Items: []TriggerItem{input("a")}}).(TriggerReply).RunIDs[0]
	reply := h.apply(Trigger{Seed: h.seed(), Items: []TriggerItem{input("a"), input("b"), input("b")}})
	if reply.Err == nil || reply.Err.Code != AlreadyExists || reply.Err.Message != "idempotency key collision" ||
		len(reply.Err.Collisions) != 2 || reply.Err.Collisions[0].Existing != first || len(reply.Err.Started) != 1 {
		t.Fatalf("reply: %+v", reply.Err)
	}
	equal(t, "the second holder", reply.Err.Collisions[1].Existing, reply.Err.Started[0])
	h.do(PushEvent{Seed: h.seed(), Events: []UserEvent{{Key: "e", Payload: `{"customer":"a"}`}, {Key: "e", Payload: `{"customer":"c"}`}, {Key: "e"}}})
	_, total := h.core.ListRuns(RunQuery{})
	equal(t, "runs", total, 3)
	h.complete(h.next(), `{}`)
	h.refused(Trigger{Seed: h.seed(), Items: []TriggerItem{input("a")}}, AlreadyExists)
	h.pass(time.Minute, w)
	h.do(Trigger{Seed: h.seed(), Items: []TriggerItem{input("a")}})
	h.refused(Trigger{Seed: h.seed(), Items: []TriggerItem{{Workflow: "i", Input: `{}`}}}, InvalidArgument)
	h.refused(Trigger{Seed: h.seed(), Items: []TriggerItem{input("hatchet_internal_x")}}, InvalidArgument)
}

// hatchet-protocol.md section 6.4: by status, the end of the task frees the key.
func TestIdempotencyByStatus(t *testing.T) {
	h, _ := withCEL(t, "i:i")
	h.define(idempotent(true))
	item := TriggerItem{Workflow: "i", Input: `{"customer":"a"}`}
	h.do(Trigger{Seed: h.seed(), Items: []TriggerItem{item}})
	h.refused(Trigger{Seed: h.seed(), Items: []TriggerItem{item}}, AlreadyExists)
	h.complete(h.next(), `{}`)
	h.do(Trigger{Seed: h.seed(), Items: []TriggerItem{item}})
	bad := idempotent(true)
	bad.Idempotency.TTLMillis = 0
	h.refused(PutWorkflow{Definition: bad}, InvalidArgument)
	bad.Idempotency = &Idempotency{TTLMillis: 1}
	h.refused(PutWorkflow{Definition: bad}, InvalidArgument)
}
