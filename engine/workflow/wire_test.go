package workflow

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"
	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
)

// sample is a workflow that uses everything the wire can carry.
func sample() *Workflow {
	zone, cores := "eu", int32(4)
	charge := &Task{
		Name: "Charge", Parents: []string{"validate"}, Retries: 3,
		Backoff:          &Backoff{Kind: BackoffFactor, Factor: 2, MaxSeconds: 60},
		ExecutionTimeout: 90 * time.Second, ScheduleTimeout: time.Hour, SlotCost: 2,
		RateLimits: []RateLimit{
			{StaticKey: "api"},
			{StaticKey: "mail", Units: 3, Limit: 10, HasLimit: true, Duration: "HOUR"},
			{DynamicKey: "input.user", UnitsExpr: "input.n", LimitExpr: "input.max"},
		},
		Concurrency:  []Concurrency{{Expression: "input.a", MaxRunsExpression: "2", Name: "n", TenantScoped: true, Strategy: CancelQueuedExceptNewest}},
		WorkerLabels: map[string]DesiredLabel{"zone": {String: &zone, Required: true}, "cores": {Int: &cores, Comparator: "GREATER_THAN", Weight: 7}},
		WaitFor: []Condition{
			{Kind: ConditionSleep, SleepFor: 90 * time.Minute, Group: "g"},
			{Kind: ConditionEvent, EventKey: "order:paid", Expression: "input.ok", Group: "g"},
		},
		SkipIf:   []Condition{{Kind: ConditionParent, Parent: "validate", Expression: "output.skip"}},
		CancelIf: []Condition{{Kind: ConditionEvent, EventKey: "stop", Key: "mine"}},
	}
	return &Workflow{
		Name: "Order-Processing", Kind: KindDAG, Description: "d", Version: "1",
		Events: []string{"order:*", "dev_seen"}, Crons: []string{"0 9 * * 1"}, CronInput: json.RawMessage(`{"a":1}`),
		Concurrency: []Concurrency{{Expression: "input.customer", MaxRuns: 5, Strategy: GroupRoundRobin}},
		Sticky:      StickyHard, DefaultPriority: 2, InputSchema: json.RawMessage(`{"type":"object"}`),
		DefaultFilters: []Filter{{Expression: "true", Scope: "s", Payload: json.RawMessage(`{"p":1}`)}},
		Idempotency:    &Idempotency{Expression: "input.id", Strategy: IdempotencyStatus, TTL: time.Minute},
		Tasks:          []*Task{{Name: "validate"}, charge},
		OnFailure:      &Task{Name: "whatever", Retries: 1},
	}
}

// group is the or-group id the request has at a place; the test only cares
// which are equal.
func groups(t *testing.T, c *v1.TaskConditions) (sleep, event, skip, cancel string) {
	t.Helper()
	sleep, event = c.SleepConditions[0].Base.OrGroupId, c.UserEventConditions[0].Base.OrGroupId
	skip, cancel = c.ParentOverrideConditions[0].Base.OrGroupId, c.UserEventConditions[1].Base.OrGroupId
	for _, id := range []string{sleep, event, skip, cancel} {
		if _, err := uuid.Parse(id); err != nil {
			t.Errorf("or-group %q: %v", id, err)
		}
	}
	return sleep, event, skip, cancel
}

func TestRequest(t *testing.T) {
	request := sample().Request("dev_")
	charge := request.Tasks[1]
	sleep, event, skip, cancel := groups(t, charge.Conditions)
	if sleep != event || skip == cancel || skip == sleep {
		t.Error("conditions share a group exactly if they name the same")
	}
	for _, c := range []*v1.BaseMatchCondition{charge.Conditions.SleepConditions[0].Base, charge.Conditions.UserEventConditions[0].Base,
		charge.Conditions.UserEventConditions[1].Base, charge.Conditions.ParentOverrideConditions[0].Base} {
		c.OrGroupId = ""
	}
	want := &v1.CreateWorkflowVersionRequest{}
	if err := prototext.Unmarshal([]byte(sampleRequest), want); err != nil {
		t.Fatal(err)
	}
	if !proto.Equal(request, want) {
		t.Errorf("got\n%s\nwant\n%s", prototext.Format(request), prototext.Format(want))
	}
}

const sampleRequest = `
name: "dev_order-processing" description: "d" version: "1"
event_triggers: "dev_order:*" event_triggers: "dev_seen"
cron_triggers: "0 9 * * 1" cron_input: "{\"a\":1}"
tasks {
  readable_id: "validate" action: "dev_order-processing:validate" timeout: "1m" inputs: "{}" conditions {}
  slot_requests { key: "default" value: 1 }
}
tasks {
  readable_id: "Charge" action: "dev_order-processing:charge" timeout: "90s" inputs: "{}" parents: "validate" retries: 3
  backoff_factor: 2 backoff_max_seconds: 60 schedule_timeout: "1h"
  rate_limits { key: "api" units: 1 limit_values_expr: "-1" }
  rate_limits { key: "mail" units: 3 limit_values_expr: "10" duration: HOUR }
  rate_limits { key: "input.user" key_expr: "input.user" units_expr: "input.n" limit_values_expr: "input.max" }
  worker_labels { key: "zone" value { str_value: "eu" required: true } }
  worker_labels { key: "cores" value { int_value: 4 comparator: GREATER_THAN weight: 7 } }
  concurrency { expression: "input.a" max_runs: 1 limit_strategy: CANCEL_QUEUED_EXCEPT_NEWEST name: "n" is_tenant_scoped: true max_runs_expression: "2" }
  conditions {
    sleep_conditions { base { readable_data_key: "sleep-1h30m" action: QUEUE } sleep_for: "90m" }
    user_event_conditions { base { readable_data_key: "order:paid" action: QUEUE expression: "input.ok" } user_event_key: "dev_order:paid" }
    user_event_conditions { base { readable_data_key: "mine" action: CANCEL } user_event_key: "dev_stop" }
    parent_override_conditions { base { readable_data_key: "parent-validate" action: SKIP expression: "output.skip" } parent_readable_id: "validate" }
  }
  slot_requests { key: "default" value: 2 }
}
on_failure_task {
  readable_id: "on-failure-task" action: "dev_order-processing:on-failure-task" timeout: "1m" inputs: "{}" retries: 1
  slot_requests { key: "default" value: 1 }
}
sticky: HARD default_priority: 2
concurrency_arr { expression: "input.customer" max_runs: 5 limit_strategy: GROUP_ROUND_ROBIN }
default_filters { expression: "true" scope: "s" payload: "{\"p\":1}" }
input_json_schema: "{\"type\":\"object\"}"
idempotency { expression: "input.id" ttl_ms: 60000 method: STATUS }
`

func TestRequestIsTheSameEveryTime(t *testing.T) {
	if !proto.Equal(sample().Request("dev_"), sample().Request("dev_")) {
		t.Error("two registrations of one workflow differ")
	}
	other := sample()
	other.Name = "refund"
	a, _, _, _ := groups(t, sample().Request("").Tasks[1].Conditions)
	b, _, _, _ := groups(t, other.Request("").Tasks[1].Conditions)
	if a == b {
		t.Error("two workflows share an or-group")
	}
}

func TestRequestOfStandaloneTasks(t *testing.T) {
	w := &Workflow{
		Name: "dunning", Kind: KindDurable, Concurrency: []Concurrency{{Expression: "a"}},
		Tasks: []*Task{{Name: "dunning", Durable: true, Concurrency: []Concurrency{{Expression: "b"}}}},
	}
	request := w.Request("")
	if len(request.ConcurrencyArr) != 0 || request.Concurrency != nil {
		t.Error("the limit of a standalone task is registered on the workflow too")
	}
	only := request.Tasks[0]
	if len(only.Concurrency) != 2 || only.Concurrency[0].Expression != "a" || only.Concurrency[1].Expression != "b" {
		t.Errorf("concurrency of the task: %v", only.Concurrency)
	}
	if !only.IsDurable || only.SlotRequests[SlotDurable] != 1 || len(only.SlotRequests) != 1 {
		t.Errorf("durable %v, slots %v", only.IsDurable, only.SlotRequests)
	}
	if only.ScheduleTimeout != nil || only.BackoffFactor != nil || request.CronInput != nil {
		t.Errorf("what was not given is on the wire: %v", request)
	}
}

func TestSlots(t *testing.T) {
	gpu := map[string]int32{"gpu": 2}
	for want, task := range map[string]*Task{
		`{"default":1}`:         {},
		`{"default":5}`:         {SlotCost: 5},
		`{"durable":1}`:         {Durable: true},
		`{"gpu":2}`:             {SlotRequests: gpu},
		`{"default":3,"gpu":2}`: {SlotRequests: gpu, SlotCost: 3},
	} {
		if got, _ := json.Marshal(task.Slots()); string(got) != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if len(gpu) != 1 {
		t.Error("the declaration was changed")
	}
}

func TestDurableConditions(t *testing.T) {
	since := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	conditions := []Condition{
		{Kind: ConditionSleep, SleepFor: time.Minute, Group: "or"},
		{Kind: ConditionEvent, EventKey: "paid", Scope: "s", Since: &since, Group: "or"},
		{Kind: ConditionEvent, EventKey: "other"},
	}
	got := DurableConditions("ns_", "run 1", conditions)
	sleep, paid, other := got.SleepConditions[0], got.UserEventConditions[0], got.UserEventConditions[1]
	if sleep.SleepFor != "1m" || sleep.Base.ReadableDataKey != "sleep-1m" || sleep.Base.Action != v1.Action_CREATE {
		t.Errorf("sleep: %v", sleep)
	}
	if paid.UserEventKey != "ns_paid" || paid.GetEventScope() != "s" || !paid.ConsiderEventsSince.AsTime().Equal(since) {
		t.Errorf("event: %v", paid)
	}
	if sleep.Base.OrGroupId != paid.Base.OrGroupId || paid.Base.OrGroupId == other.Base.OrGroupId {
		t.Error("or-groups do not follow the declaration")
	}
	if !proto.Equal(got, DurableConditions("ns_", "run 1", conditions)) {
		t.Error("a replayed wait differs from the first")
	}
}

// hatchet-protocol.md section 5.4: what is not given is left to the engine.
func TestBatchRequest(t *testing.T) {
	batch := &Batch{MaxSize: 5, MaxInterval: 1500 * time.Millisecond, GroupKey: "input.customer", GroupMaxRuns: 2, BroadcastOutput: true}
	w := &Workflow{Name: "mail", Kind: KindBatch, Tasks: []*Task{{Name: "mail", Batch: batch}},
		Concurrency: []Concurrency{{Expression: "'k'"}}}
	if problems := Validate([]*Workflow{w}); len(problems) > 0 {
		t.Fatal(problems)
	}
	request := w.Request("")
	got := request.Tasks[0].Batch
	if got.BatchMaxSize != 5 || got.GetBatchMaxIntervalMs() != 1500 || got.GetBatchGroupKey() != "input.customer" ||
		got.GetBatchGroupMaxRuns() != 2 || !got.GetBroadcastOutput() {
		t.Errorf("batch %v", got)
	}
	if len(request.ConcurrencyArr) != 0 || len(request.Tasks[0].Concurrency) != 1 {
		t.Error("the concurrency of a standalone batch task belongs on the task")
	}
	w.Tasks[0].Batch = &Batch{MaxSize: 1}
	got = w.Request("").Tasks[0].Batch
	if got.BatchMaxIntervalMs != nil || got.BatchGroupKey != nil || got.BatchGroupMaxRuns != nil || got.BroadcastOutput != nil {
		t.Errorf("batch %v", got)
	}
}
