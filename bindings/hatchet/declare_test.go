package hatchet_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

func declared(t *testing.T, source string) []*workflow.Workflow {
	t.Helper()
	all := mustLoad(t, source).realm.Workflows()
	if problems := workflow.Validate(all); len(problems) > 0 {
		t.Errorf("%s\nis not valid: %v", source, problems)
	}
	return all
}

func one(t *testing.T, source string) *workflow.Workflow {
	t.Helper()
	all := declared(t, source)
	if len(all) != 1 {
		t.Fatalf("%d workflows", len(all))
	}
	return all[0]
}

// same compares without positions, which have a test of their own.
func same(t *testing.T, got, want *workflow.Workflow) {
	t.Helper()
	got.Position = workflow.Position{}
	for _, task := range append(got.Tasks, got.OnFailure) {
		if task != nil {
			task.Position = workflow.Position{}
		}
	}
	if !reflect.DeepEqual(got, want) {
		a, _ := json.MarshalIndent(got, "", " ")
		b, _ := json.MarshalIndent(want, "", " ")
		t.Errorf("got %s\nwant %s", a, b)
	}
}

func TestTheWholeChain(t *testing.T) {
	got := one(t, `
workflow('order-processing')
  .description('Process customer orders')
  .version('1.0.0')
  .events('order:created').events(['a:*', 'b:*'], 'c')
  .cron('0 9 * * 1').cron('TZ=Europe/Paris 0 3 * * *').cronInput({ from: 'cron' })
  .concurrency({ expression: 'input.customer', maxRuns: 5, strategy: 'queue' })
  .concurrency(7, 'drop-newest')
  .sticky('soft')
  .priority(2)
  .inputSchema({ type: 'object' })
  .defaultFilters({ expression: 'input.ok', scope: 's', payload: { p: 1 } })
  .idempotency({ expression: 'input.id', ttlMs: 60000 })
  .task('validate', async (input, ctx) => ({ ok: input.total > 0 }))
  .taskAfter('charge', ['validate'], async (input, ctx) => 1)
  .retries(3).backoff({ exponential: { baseMs: 1000, maxMs: 60000 } }).timeout('30s').scheduleTimeout('10m')
  .rateLimit({ key: 'api', units: 2, limit: 10, duration: 'hour' })
  .waitFor({ sleepFor: '1h' }).skipIf({ parent: 'validate', expression: 'output.skip' }).cancelIf({ eventKey: 'stop', scope: 's' })
  .workerLabels({ gpu: 'yes', memory: { value: 16, comparator: 'greater_than', required: true, weight: 5 } })
  .slotCost(2)
  .taskAfter('fulfil', 'charge', { retries: 1 }, (input, ctx) => ({ shipped: true }))
  .onFailure((input, ctx) => {}).retries(2)
`)
	yes, sixteen := "yes", int32(16)
	same(t, got, &workflow.Workflow{
		Name: "order-processing", Kind: workflow.KindDAG, Description: "Process customer orders", Version: "1.0.0",
		Events: []string{"order:created", "a:*", "b:*", "c"}, Crons: []string{"0 9 * * 1", "TZ=Europe/Paris 0 3 * * *"},
		CronInput: json.RawMessage(`{"from":"cron"}`),
		Concurrency: []workflow.Concurrency{
			{Expression: "input.customer", MaxRuns: 5, Strategy: workflow.GroupRoundRobin},
			{Expression: `"all"`, MaxRuns: 7, Strategy: workflow.CancelNewest},
		},
		Sticky: workflow.StickySoft, DefaultPriority: 2, InputSchema: json.RawMessage(`{"type":"object"}`),
		DefaultFilters: []workflow.Filter{{Expression: "input.ok", Scope: "s", Payload: json.RawMessage(`{"p":1}`)}},
		Idempotency:    &workflow.Idempotency{Expression: "input.id", Strategy: "ttl", TTL: time.Minute},
		Tasks: []*workflow.Task{
			{Name: "validate"},
			{
				Name: "charge", Parents: []string{"validate"}, Retries: 3,
				Backoff:          &workflow.Backoff{Kind: workflow.BackoffExponential, Base: time.Second, Max: time.Minute},
				ExecutionTimeout: 30 * time.Second, ScheduleTimeout: 10 * time.Minute,
				RateLimits: []workflow.RateLimit{{StaticKey: "api", Units: 2, Limit: 10, HasLimit: true, Duration: "HOUR"}},
				WaitFor:    []workflow.Condition{{Kind: workflow.ConditionSleep, SleepFor: time.Hour}},
				SkipIf:     []workflow.Condition{{Kind: workflow.ConditionParent, Parent: "validate", Expression: "output.skip"}},
				CancelIf:   []workflow.Condition{{Kind: workflow.ConditionEvent, EventKey: "stop", Scope: "s"}},
				WorkerLabels: map[string]workflow.DesiredLabel{
					"gpu": {String: &yes}, "memory": {Int: &sixteen, Required: true, Comparator: "GREATER_THAN", Weight: 5, SaidRequired: true, SaidWeight: true},
				},
				SlotCost: 2,
			},
			{Name: "fulfil", Parents: []string{"charge"}, Retries: 1},
		},
		OnFailure: &workflow.Task{Name: workflow.OnFailureTask, Retries: 2},
	})
}

// Everything that the chain can say, an object can say as well.
func TestOptionsAsObjects(t *testing.T) {
	chain := `workflow('w').description('d').events('e').cron('0 9 * * 1').concurrency({ maxRuns: 2 }).sticky('hard').defaultPriority(3)
  .task('a', () => 1)
  .taskAfter('b', ['a'], () => 2).retries(2).backoff({ linear: { baseMs: 10 } }).executionTimeout(1500).waitFor([{ sleepFor: 1000 }, { or: [{ eventKey: 'x' }, { sleepFor: '2s' }] }])`
	object := `workflow({ name: 'w', description: 'd', on: { event: ['e'], cron: '0 9 * * 1' }, concurrency: 2, sticky: 'HARD', priority: 3 })
  .task({ name: 'a', fn: () => 1 })
  .task('b', { parents: ['a'], retries: 2, backoff: { linear: { baseMs: 10, stepMs: 10 } }, timeout: { seconds: 1.5 },
    waitFor: [{ sleepFor: '1s' }, { or: [{ eventKey: 'x' }, { sleepFor: { seconds: 2 } }] }], fn: () => 2 })`
	a, b := one(t, chain), one(t, object)
	for _, w := range []*workflow.Workflow{a, b} {
		w.Position = workflow.Position{}
	}
	a.Tasks[0].Position, a.Tasks[1].Position = workflow.Position{}, workflow.Position{}
	same(t, b, a)
	if got := a.Tasks[1].WaitFor; len(got) != 3 || got[0].Group != "" || got[1].Group == "" || got[1].Group != got[2].Group {
		t.Errorf("groups of %+v", got)
	}
}

func TestStandaloneTasks(t *testing.T) {
	all := declared(t, `
const a = workflow.task('rotate-keys', { cron: '0 3 * * *', retries: 2, events: ['x', 'y'], concurrency: 3 }, () => 1)
workflow.durableTask('dunning', { checkpointKey: 'dun' }, async () => 1)
workflow.task({ name: 'object', fn() { return 1 } })
workflow.task('plain', () => 1).retries(4).description('d')
`)
	same(t, all[0], &workflow.Workflow{
		Name: "rotate-keys", Kind: workflow.KindTask, Crons: []string{"0 3 * * *"}, Events: []string{"x", "y"},
		Tasks: []*workflow.Task{{Name: "rotate-keys", Retries: 2, Concurrency: []workflow.Concurrency{{Expression: `"all"`, MaxRuns: 3}}}},
	})
	same(t, all[1], &workflow.Workflow{
		Name: "dunning", Kind: workflow.KindDurable,
		Tasks: []*workflow.Task{{Name: "dunning", Durable: true, CheckpointKey: "dun"}},
	})
	same(t, all[2], &workflow.Workflow{Name: "object", Kind: workflow.KindTask, Tasks: []*workflow.Task{{Name: "object"}}})
	same(t, all[3], &workflow.Workflow{
		Name: "plain", Kind: workflow.KindTask, Description: "d", Tasks: []*workflow.Task{{Name: "plain", Retries: 4}},
	})
}

func TestBackoffs(t *testing.T) {
	for source, want := range map[string]workflow.Backoff{
		`{ exponential: { baseMs: 100 } }`:                           {Kind: workflow.BackoffExponential, Base: 100 * time.Millisecond},
		`{ exponential: { baseMs: 1000, maxMs: 60000, factor: 3 } }`: {Kind: workflow.BackoffExponential, Base: time.Second, Max: time.Minute, Factor: 3},
		`{ linear: { baseMs: 100 } }`:                                {Kind: workflow.BackoffLinear, Base: 100 * time.Millisecond, Step: 100 * time.Millisecond},
		`{ linear: { baseMs: 100, stepMs: 50, maxMs: 1000 } }`:       {Kind: workflow.BackoffLinear, Base: 100 * time.Millisecond, Step: 50 * time.Millisecond, Max: time.Second},
		`{ constant: 250 }`:                                          {Kind: workflow.BackoffConstant, Base: 250 * time.Millisecond},
		`{ constant: { ms: 250 } }`:                                  {Kind: workflow.BackoffConstant, Base: 250 * time.Millisecond},
		`{ factor: 2, maxSeconds: 30 }`:                              {Kind: workflow.BackoffFactor, Factor: 2, MaxSeconds: 30},
	} {
		w := one(t, `workflow.task('t', { retries: 1, backoff: `+source+` }, () => 1)`)
		if got := w.Tasks[0].Backoff; !reflect.DeepEqual(*got, want) {
			t.Errorf("%s: %+v, want %+v", source, *got, want)
		}
	}
}

func TestOnSuccessComesAfterTheLeaves(t *testing.T) {
	w := one(t, `workflow('w').task('a', () => 1).onSuccess(() => 2).taskAfter('b', ['a'], () => 1).taskAfter('c', ['a'], () => 1)`)
	last := w.Tasks[len(w.Tasks)-1]
	if last.Name != hatchet.OnSuccessTask || strings.Join(last.Parents, ",") != "b,c" {
		t.Errorf("%+v", last)
	}
}

func TestTaskDefaults(t *testing.T) {
	w := one(t, `workflow('w', { taskDefaults: { retries: 5, executionTimeout: '10s', backoff: { constant: 5 }, rateLimits: [{ key: 'k' }] } })
  .task('a', () => 1)
  .task('b', { retries: 0, timeout: '1s' }, () => 1)
  .onFailure(() => 1)`)
	a, b := w.Tasks[0], w.Tasks[1]
	if a.Retries != 5 || a.ExecutionTimeout != 10*time.Second || a.Backoff == nil || len(a.RateLimits) != 1 {
		t.Errorf("%+v", a)
	}
	if b.Retries != 0 || b.ExecutionTimeout != time.Second || w.OnFailure.Retries != 5 {
		t.Errorf("%+v, %+v", b, w.OnFailure)
	}
}

func TestParentsMayBeWhatWasDeclared(t *testing.T) {
	w := one(t, `const a = { name: 'a', fn: () => 1 }; workflow('w').task(a).task('b', { parents: a }, () => 1).taskAfter('c', [a, 'b'], () => 1)`)
	if strings.Join(w.Tasks[1].Parents, ",") != "a" || strings.Join(w.Tasks[2].Parents, ",") != "a,b" {
		t.Errorf("%+v", w.Tasks)
	}
}

func TestPositions(t *testing.T) {
	w := one(t, "\n\nworkflow('w')\n  .task('a', () => 1)\n  .onFailure(() => 1)")
	at := w.Position.String() + " " + w.Tasks[0].Position.String() + " " + w.OnFailure.Position.String()
	if at != "test.js:3:9 test.js:4:8 test.js:5:13" {
		t.Error(at)
	}
}

func TestWorkerSettings(t *testing.T) {
	r := mustLoad(t, `hatchet.worker({ name: 'big', slots: 5, durableSlots: 50, labels: { gpu: 'a', cores: 8 } })`)
	got := *r.realm.Workers()[0]
	got.Position = workflow.Position{}
	want := hatchet.WorkerSettings{Name: "big", Slots: 5, DurableSlots: 50, Labels: map[string]any{"gpu": "a", "cores": int32(8)}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	if mustLoad(t, "").realm.Workers() != nil {
		t.Error("settings out of nothing")
	}
}

func TestOptionsMayBeUndefined(t *testing.T) {
	r := mustLoad(t, `
const options = undefined
workflow.task('alone', options, () => 1)
workflow('w', options).task('a', options, () => ({})).taskAfter('b', ['a'], null, () => ({ n: 2 })).onFailure(options, () => 3)`)
	r.expect("alone:alone", "", "1")
	r.expect("w:b", "", `{"n":2}`)
	r.expect("w:on-failure-task", "", "3")
}
