package workflow

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// at is a position in the test's one file.
func at(line int) Position { return Position{File: "flow.js", Line: line, Column: 3} }

// dag is a valid workflow of the named tasks, declared a line each.
func dag(tasks ...*Task) *Workflow {
	for i, t := range tasks {
		t.Position = at(i + 2)
	}
	return &Workflow{Name: "order", Kind: KindDAG, Tasks: tasks, Position: at(1)}
}

func task(name string, parents ...string) *Task { return &Task{Name: name, Parents: parents} }

func TestValidWorkflowsHaveNoProblems(t *testing.T) {
	label, weight := "eu", int32(3)
	w := dag(task("validate"), task("charge", "validate"), task("fulfil", "charge", "validate"))
	w.Events, w.Crons = []string{"order:*"}, []string{"0 9 * * 1", "30 0 9 * * 1", "TZ=Europe/Berlin 0 9 * * *"}
	w.CronInput = json.RawMessage(`{"a":1}`)
	w.Sticky, w.DefaultPriority = StickyHard, 3
	w.Concurrency = []Concurrency{{Expression: "input.customer", MaxRuns: 5, Strategy: GroupRoundRobin}}
	w.DefaultFilters = []Filter{{Expression: "true", Scope: "a", Payload: json.RawMessage(`{}`)}}
	w.Idempotency = &Idempotency{Expression: "input.id", Strategy: IdempotencyStatus, TTL: time.Minute}
	w.OnFailure = &Task{Name: "anything", Retries: 2}
	charge := w.Tasks[1]
	charge.Retries, charge.Backoff = 3, &Backoff{Kind: BackoffExponential, Base: time.Second, Max: time.Minute}
	charge.RateLimits = []RateLimit{{StaticKey: "api"}, {DynamicKey: "input.user", Limit: 5, HasLimit: true, Duration: "HOUR"}}
	charge.WorkerLabels = map[string]DesiredLabel{"zone": {String: &label}, "cores": {Int: &weight, Comparator: "GREATER_THAN"}}
	charge.WaitFor = []Condition{{Kind: ConditionSleep, SleepFor: time.Second}, {Kind: ConditionEvent, EventKey: "go"}}
	charge.SkipIf = []Condition{{Kind: ConditionParent, Parent: "validate", Expression: "output.skip"}}
	charge.SlotCost = 2
	if problems := w.Validate(); len(problems) > 0 {
		t.Errorf("problems: %v", problems)
	}
	durable := &Workflow{Name: "dunning", Kind: KindDurable, Tasks: []*Task{{Name: "dunning", Durable: true, CheckpointKey: "k"}}}
	if problems := Validate([]*Workflow{w, durable}); len(problems) > 0 {
		t.Errorf("problems: %v", problems)
	}
}

func TestProblemsOfTheGraph(t *testing.T) {
	for name, c := range map[string]struct {
		workflow *Workflow
		want     string
	}{
		"no task":   {dag(), `flow.js:1:3: workflow "order": has no task; add one with .task(name, handler)`},
		"duplicate": {dag(task("a"), task("b"), task("a")), `flow.js:4:3: task "a" of workflow "order": is already declared at flow.js:2:3; give one of the two another name`},
		"duplicate but for case": {dag(task("Charge"), task("charge")),
			`flow.js:3:3: task "charge" of workflow "order": is already declared as "Charge" (case does not count) at flow.js:2:3; give one of the two another name`},
		"unknown parent": {dag(task("a"), task("b", "c")),
			`flow.js:3:3: task "b" of workflow "order": parent "c" is unknown; tasks of this workflow: a`},
		"unknown parent alone": {dag(task("a", "c")),
			`flow.js:2:3: task "a" of workflow "order": parent "c" is unknown; there are no other tasks of this workflow`},
		"parent twice": {dag(task("a"), task("b", "a", "a")), `flow.js:3:3: task "b" of workflow "order": names parent "a" twice`},
		"cycle": {dag(task("a", "b"), task("b", "a")),
			`flow.js:2:3: task "a" of workflow "order": waits for itself: a → b → a; remove one of these parents`},
		"cycle of one": {dag(task("a", "a")),
			`flow.js:2:3: task "a" of workflow "order": waits for itself: a → a; remove one of these parents`},
		"cycle behind a tail": {dag(task("root"), task("end", "c"), task("a", "root", "c"), task("b", "a"), task("c", "b")),
			`flow.js:6:3: task "c" of workflow "order": waits for itself: c → a → b → c; remove one of these parents`},
	} {
		problems := c.workflow.Validate()
		if len(problems) != 1 || problems[0].Error() != c.want {
			t.Errorf("%s: got %v, want %s", name, problems, c.want)
		}
	}
}

// TestProblemsOfSettings changes one thing of a valid workflow and looks for
// what the only problem says.
func TestProblemsOfSettings(t *testing.T) {
	minusOne := int32(-1)
	for want, change := range map[string]func(*Workflow, *Task){
		`workflow "": the name is empty`:            func(w *Workflow, _ *Task) { w.Name = "" },
		`the name must not contain ':'`:             func(_ *Workflow, t *Task) { t.Name = "a:b" },
		`the name may only contain letters, digits`: func(w *Workflow, _ *Task) { w.Name = "my flow" },
		"an event key is empty":                     func(w *Workflow, _ *Task) { w.Events = []string{""} },
		"cron input must be a JSON object":          func(w *Workflow, _ *Task) { w.CronInput = json.RawMessage(`[1]`) },
		"input schema must be a JSON object":        func(w *Workflow, _ *Task) { w.InputSchema = json.RawMessage(`nul`) },
		"default filter 1 needs an expression and":  func(w *Workflow, _ *Task) { w.DefaultFilters = []Filter{{Scope: "s"}} },
		"filter 1: the payload must be a JSON obj":  func(w *Workflow, _ *Task) { w.DefaultFilters = []Filter{{"e", "s", json.RawMessage(`null`)}} },
		"priority 4: must be 1 (low)":               func(w *Workflow, _ *Task) { w.DefaultPriority = 4 },
		"priority -1: must be":                      func(w *Workflow, _ *Task) { w.DefaultPriority = -1 },
		`sticky "firm": must be 'soft' or 'hard'`:   func(w *Workflow, _ *Task) { w.Sticky = "firm" },
		"idempotency needs an expression":           func(w *Workflow, _ *Task) { w.Idempotency = &Idempotency{TTL: time.Second} },
		"idempotency needs a ttl":                   func(w *Workflow, _ *Task) { w.Idempotency = &Idempotency{Expression: "e", TTL: time.Microsecond} },
		`idempotency strategy "x"`:                  func(w *Workflow, _ *Task) { w.Idempotency = &Idempotency{"e", "x", time.Second} },
		"concurrency needs an expression":           func(w *Workflow, _ *Task) { w.Concurrency = []Concurrency{{MaxRuns: 1}} },
		"maxRuns must be 1 or more":                 func(_ *Workflow, t *Task) { t.Concurrency = []Concurrency{{Expression: "e", MaxRuns: -1}} },
		"maxRuns as a number or as an expression": func(_ *Workflow, t *Task) {
			t.Concurrency = []Concurrency{{Expression: "e", MaxRuns: 1, MaxRunsExpression: "2"}}
		},
		"shared by the whole tenant needs a name":        func(_ *Workflow, t *Task) { t.Concurrency = []Concurrency{{Expression: "e", TenantScoped: true}} },
		`concurrency strategy "queue" is unknown`:        func(_ *Workflow, t *Task) { t.Concurrency = []Concurrency{{Expression: "e", Strategy: "queue"}} },
		"is a standalone task and cannot have 2 tasks":   func(w *Workflow, _ *Task) { w.Kind = KindTask; w.Tasks = append(w.Tasks, task("b")) },
		"retries -1: must be 0 or more":                  func(_ *Workflow, t *Task) { t.Retries = -1 },
		"execution timeout must be longer than zero":     func(_ *Workflow, t *Task) { t.ExecutionTimeout = -1 },
		"schedule timeout must be longer than zero":      func(_ *Workflow, t *Task) { t.ScheduleTimeout = -1 },
		"backoff: the factor must be between 1 and 1000": func(_ *Workflow, t *Task) { t.Backoff = &Backoff{Kind: BackoffFactor, Factor: 0.5} },
		"backoff: delays cannot be negative":             func(_ *Workflow, t *Task) { t.Backoff = &Backoff{Kind: BackoffConstant, Base: -1} },
		"backoff: no delay may be longer than 24h":       func(_ *Workflow, t *Task) { t.Backoff = &Backoff{Kind: BackoffFactor, Factor: 2, MaxSeconds: 90000} },
		"an exponential backoff needs a base delay":      func(_ *Workflow, t *Task) { t.Backoff = &Backoff{Kind: BackoffExponential} },
		"a linear backoff needs":                         func(_ *Workflow, t *Task) { t.Backoff = &Backoff{Kind: BackoffLinear} },
		"a constant backoff needs a delay":               func(_ *Workflow, t *Task) { t.Backoff = &Backoff{Kind: BackoffConstant} },
		`backoff: unknown kind "x"`:                      func(_ *Workflow, t *Task) { t.Backoff = &Backoff{Kind: "x"} },
		"the longest delay is shorter than the first":    func(_ *Workflow, t *Task) { t.Backoff = &Backoff{Kind: BackoffConstant, Base: 2, Max: 1} },
		"checkpointKey is for durable tasks":             func(_ *Workflow, t *Task) { t.CheckpointKey = "k" },
		"either a static key or a dynamic key":           func(_ *Workflow, t *Task) { t.RateLimits = []RateLimit{{}} },
		"rate limit: units must be":                      func(_ *Workflow, t *Task) { t.RateLimits = []RateLimit{{StaticKey: "a", Units: -1}} },
		"units as a number or as an expression":          func(_ *Workflow, t *Task) { t.RateLimits = []RateLimit{{StaticKey: "a", Units: 1, UnitsExpr: "1"}} },
		"a dynamic key needs a limit":                    func(_ *Workflow, t *Task) { t.RateLimits = []RateLimit{{DynamicKey: "a"}} },
		"the limit as a number or as an expression": func(_ *Workflow, t *Task) {
			t.RateLimits = []RateLimit{{StaticKey: "a", HasLimit: true, LimitExpr: "1"}}
		},
		"the limit must be 0 or more":     func(_ *Workflow, t *Task) { t.RateLimits = []RateLimit{{StaticKey: "a", HasLimit: true, Limit: -2}} },
		`duration "FORTNIGHT" is unknown`: func(_ *Workflow, t *Task) { t.RateLimits = []RateLimit{{StaticKey: "a", Duration: "FORTNIGHT"}} },
		`worker label "a": needs a value`: func(_ *Workflow, t *Task) { t.WorkerLabels = map[string]DesiredLabel{"a": {}} },
		"a worker label has no name":      func(_ *Workflow, t *Task) { t.WorkerLabels = map[string]DesiredLabel{"": {Int: &minusOne}} },
		`comparator "LIKE" is unknown`: func(_ *Workflow, t *Task) {
			t.WorkerLabels = map[string]DesiredLabel{"a": {Int: &minusOne, Comparator: "LIKE"}}
		},
		"batch: maxSize 0: must be between 1 and 100000":     func(_ *Workflow, t *Task) { t.Batch = &Batch{} },
		"batch: maxInterval 100h0m0s: must be":               func(_ *Workflow, t *Task) { t.Batch = &Batch{MaxSize: 1, MaxInterval: 100 * time.Hour} },
		"batch: groupMaxRuns 10001: must be":                 func(_ *Workflow, t *Task) { t.Batch = &Batch{MaxSize: 1, GroupMaxRuns: 10001} },
		"batch: a durable task cannot":                       func(_ *Workflow, t *Task) { t.Batch, t.Durable, t.SlotCost = &Batch{MaxSize: 1}, true, 0 },
		"batch: a batch task has no retries":                 func(_ *Workflow, t *Task) { t.Batch, t.Retries = &Batch{MaxSize: 1}, 2 },
		"batch: a batch task has no skipIf function":         func(_ *Workflow, t *Task) { t.Batch, t.SkipFunction, t.Retries = &Batch{MaxSize: 1}, true, 0 },
		"slotCost -1: must be 1 or more":                     func(_ *Workflow, t *Task) { t.SlotCost = -1 },
		"slotCost has no effect on a durable task":           func(_ *Workflow, t *Task) { t.SlotCost, t.Durable = 2, true },
		`slot request "gpu": must have a name and`:           func(_ *Workflow, t *Task) { t.SlotRequests = map[string]int32{"gpu": 0} },
		"waitFor: a sleep must be longer than zero":          func(_ *Workflow, t *Task) { t.WaitFor = []Condition{{Kind: ConditionSleep}} },
		"skipIf: an event condition needs an event key":      func(_ *Workflow, t *Task) { t.SkipIf = []Condition{{Kind: ConditionEvent}} },
		"cancelIf: a parent condition needs the name":        func(_ *Workflow, t *Task) { t.CancelIf = []Condition{{Kind: ConditionParent}} },
		`waitFor: unknown kind of condition "x"`:             func(_ *Workflow, t *Task) { t.WaitFor = []Condition{{Kind: "x"}} },
		`looks at task "b", which is not one of its parents`: func(_ *Workflow, t *Task) { t.SkipIf = []Condition{{Kind: ConditionParent, Parent: "b"}} },
		`onFailure of workflow "order": cannot have parents`: func(w *Workflow, _ *Task) { w.OnFailure = task("f", "a") },
		"onFailure of workflow \"order\": cannot be durable": func(w *Workflow, _ *Task) { w.OnFailure = &Task{Durable: true} },
		"onFailure of workflow \"order\": cannot have condit": func(w *Workflow, _ *Task) {
			w.OnFailure = &Task{WaitFor: []Condition{{Kind: ConditionEvent, EventKey: "e"}}}
		},
		"onFailure of workflow \"order\": retries -2":         func(w *Workflow, _ *Task) { w.OnFailure = &Task{Retries: -2} },
		`task "on-failure-task" of workflow "order": is alre`: func(w *Workflow, t *Task) { w.OnFailure = task("f"); t.Name = OnFailureTask },
	} {
		w := dag(task("a"))
		change(w, w.Tasks[0])
		problems := w.Validate()
		if len(problems) != 1 || !strings.Contains(problems[0].Error(), want) {
			t.Errorf("want one problem with %q, got %v", want, problems)
			continue
		}
		if problems[0].Position.Line == 0 {
			t.Errorf("%v has no position", problems[0])
		}
	}
}

func TestValidateFindsWorkflowsDeclaredTwice(t *testing.T) {
	a, b := dag(task("x")), dag(task("x"))
	b.Name, b.Position = "Order", Position{File: "other.ts", Line: 9}
	problems := Validate([]*Workflow{a, b})
	want := `other.ts:9: workflow "Order" is already declared as "order" (case does not count) at flow.js:1:3; give one of the two another name`
	if len(problems) != 1 || problems[0].Error() != want {
		t.Errorf("got %v", problems)
	}
}

func TestAllProblemsAreReportedAtOnce(t *testing.T) {
	w := dag(task("a", "nobody"), task("b:c"), &Task{Name: "c", Retries: -1})
	w.Crons = []string{"never"}
	if problems := w.Validate(); len(problems) != 4 {
		t.Errorf("got %d problems: %v", len(problems), problems)
	}
}

func TestParseCron(t *testing.T) {
	start := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for expression, want := range map[string]string{
		"0 9 * * 1":                      "2026-03-09T09:00:00Z",
		"30 0 9 * * *":                   "2026-03-04T09:00:30Z",
		"TZ=Asia/Tokyo 0 9 * * *":        "2026-03-05T00:00:00Z",
		"CRON_TZ=America/Lima 0 9 * * *": "2026-03-04T14:00:00Z",
		"  */5 * * * *  ":                "2026-03-04T05:10:00Z",
	} {
		schedule, err := ParseCron(expression)
		if err != nil {
			t.Errorf("%q: %v", expression, err)
		} else if got := schedule.Next(start).UTC().Format(time.RFC3339); got != want {
			t.Errorf("%q: next tick %s, want %s", expression, got, want)
		}
	}
}

func TestParseCronRefuses(t *testing.T) {
	for expression, why := range map[string]string{
		"":                       "is empty",
		"@daily":                 "no descriptors",
		"@every 5m":              "no descriptors",
		"TZ=UTC":                 "has a time zone and nothing else",
		"TZ=":                    "has a time zone and nothing else",
		"TZ=Mars/Base 0 9 * * *": "Mars/Base",
		"0 9 * *":                "fields",
		"0 9 * * 1 2 3":          "fields",
		"61 9 * * *":             "61",
		"0 0 30 2 *":             "never comes",
		"hello":                  "fields",
	} {
		if _, err := ParseCron(expression); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%q: got %v, want it to say %q", expression, err, why)
		}
	}
}
