package hatchet

import (
	"fmt"
	"math"
	"strings"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// task is a declared task with the functions that run it.
type task struct {
	*workflow.Task
	workflow     *declaration
	handler      goja.Value
	skip         goja.Value // nil unless skipIf is a function
	retriesGiven bool

	// Once the script has loaded:
	call, callSkip goja.Callable // handler and skip
	described      string        // the label
}

// label is what messages call the task.
func (t *task) label() string {
	if t == t.workflow.onFailure {
		return "onFailure of " + t.workflow.label()
	}
	return fmt.Sprintf("task %q", t.Name)
}

// taskOptions are the options of a task of a workflow. Standalone tasks have
// those of a workflow besides.
var taskOptions = []option[*task]{
	{"name", "string", "The task's name, unique within the workflow.", setTaskName},
	{"fn", "Handler<I, O, P>", "The function that does the work.", setHandler},
	{"parents", "TaskRef | TaskRef[]", "Tasks that must be done before this one starts.", setParents},
	{"retries", "number", "How often to try again after a failure. Default 0.", setRetries},
	{"backoff", "Backoff", "How long to wait before each retry. Default: not at all.", setBackoff},
	{"timeout", "Duration", "How long one attempt may take. Default 60s. The same as executionTimeout.", setExecutionTimeout},
	{"executionTimeout", "Duration", "How long one attempt may take. Default 60s.", setExecutionTimeout},
	{"scheduleTimeout", "Duration", "How long to wait for a free slot before giving up. Default 5m.", setScheduleTimeout},
	{"rateLimit", "RateLimit | RateLimit[]", "Limits on how often this task may start.", setRateLimits},
	{"rateLimits", "RateLimit | RateLimit[]", "Limits on how often this task may start.", setRateLimits},
	{"concurrency", "Concurrency | Concurrency[]", "Limits on how many of this task run at once.", setTaskConcurrency},
	{"workerLabels", "Record<string, WorkerLabel>", "Which workers this task may, or should, run on.", setWorkerLabels},
	{"desiredWorkerLabels", "Record<string, WorkerLabel>", "Which workers this task may, or should, run on.", setWorkerLabels},
	{"waitFor", "Conditions", "What to wait for, after the parents, before the task starts.", setWaitFor},
	{"skipIf", "Conditions | ((input: I, ctx: Context<I, P>) => boolean | Promise<boolean>)",
		"When to skip the task: conditions, or a function that the worker calls before the handler.", setSkipIf},
	{"cancelIf", "Conditions", "When to cancel the task, and with it what follows from it.", setCancelIf},
	{"slotCost", "number", "How many of the worker's slots one attempt takes. Default 1.", setSlotCost},
	{"slotRequests", "Record<string, number>", "Units of the worker's custom slot types that one attempt takes.", setSlotRequests},
	{"batch", "BatchOptions", "Batch tasks: when the runs that wait make a batch. Required for them.", setBatch},
	{"checkpointKey", "string", "Durable tasks: the key under which the whole result is remembered.", setCheckpointKey},
	{"evictionPolicy", "EvictionPolicy | null", "Durable tasks: when a run that waits is given back to Hatchet and frees its slot; null = never.", setEvictionPolicy},
}

func setTaskName(r *Realm, t *task, what string, v goja.Value) {
	t.Name = native.NonEmpty(r.rt, v, what)
}

func setHandler(r *Realm, t *task, what string, v goja.Value) {
	r.checkHandler(v, what)
	t.handler = v
}

// checkHandler refuses what cannot do a task's work.
func (r *Realm) checkHandler(v goja.Value, what string) {
	if _, ok := goja.AssertFunction(v); !ok {
		r.fail("%s must be a function (input, ctx) => output, got %s", what, native.Describe(v))
	}
	if strings.HasPrefix(v.String(), "class") {
		r.fail("%s is a class, which is not called but made; give a function (input, ctx) => output", what)
	}
	if tag := v.ToObject(r.rt).GetSymbol(goja.SymToStringTag); tag != nil && strings.HasSuffix(tag.String(), "GeneratorFunction") {
		r.fail("%s is a generator function, whose body would never run; leave out the asterisk", what)
	}
}

func setParents(r *Realm, t *task, what string, v goja.Value) {
	t.Parents = nil
	for _, parent := range oneOrMany(r, v, what) {
		t.Parents = append(t.Parents, r.nameOf(parent, what))
	}
}

func setRetries(r *Realm, t *task, what string, v goja.Value) {
	t.Retries, t.retriesGiven = native.Integer(r.rt, v, what, 0, math.MaxInt32), true
}

func setBackoff(r *Realm, t *task, what string, v goja.Value) {
	t.Backoff = r.backoff(v, what)
}

func setExecutionTimeout(r *Realm, t *task, what string, v goja.Value) {
	t.ExecutionTimeout, t.Written.ExecutionTimeout = r.duration(v, what), t.written(v)
}

func setScheduleTimeout(r *Realm, t *task, what string, v goja.Value) {
	t.ScheduleTimeout, t.Written.ScheduleTimeout = r.duration(v, what), t.written(v)
}

func setRateLimits(r *Realm, t *task, what string, v goja.Value) {
	for _, one := range oneOrMany(r, v, what) {
		t.RateLimits = append(t.RateLimits, r.rateLimit(one, what))
	}
}

func setTaskConcurrency(r *Realm, t *task, what string, v goja.Value) {
	for _, one := range oneOrMany(r, v, what) {
		t.Concurrency = append(t.Concurrency, r.concurrency(one, what))
	}
}

func setWaitFor(r *Realm, t *task, what string, v goja.Value) {
	t.WaitFor = append(t.WaitFor, t.asWritten(r.conditions(v, what, len(t.WaitFor)))...)
}

func setSkipIf(r *Realm, t *task, what string, v goja.Value) {
	if _, ok := goja.AssertFunction(v); ok {
		r.checkHandler(v, what)
		if t.skip != nil {
			r.fail("%s: this task has a skip function already", what)
		}
		t.skip, t.SkipFunction = v, true
		return
	}
	t.SkipIf = append(t.SkipIf, t.asWritten(r.conditions(v, what, len(t.SkipIf)))...)
}

func setCancelIf(r *Realm, t *task, what string, v goja.Value) {
	t.CancelIf = append(t.CancelIf, t.asWritten(r.conditions(v, what, len(t.CancelIf)))...)
}

func setSlotCost(r *Realm, t *task, what string, v goja.Value) {
	t.SlotCost = native.Integer(r.rt, v, what, 1, math.MaxInt32)
}

func setSlotRequests(r *Realm, t *task, what string, v goja.Value) {
	requests := native.Object(r.rt, v, what)
	t.SlotRequests = map[string]int32{}
	for _, kind := range requests.Keys() {
		t.SlotRequests[kind] = int32(native.Integer(r.rt, requests.Get(kind), what+"."+kind, 1, math.MaxInt32))
	}
}

func setCheckpointKey(r *Realm, t *task, what string, v goja.Value) {
	if !t.Durable {
		r.fail("%s is for durable tasks; declare it with durableTask, or use ctx.memo", what)
	}
	t.CheckpointKey = native.NonEmpty(r.rt, v, what)
}

// evictionOptions are the keys of an eviction policy, those of Hatchet's
// TypeScript SDK.
var evictionOptions = []option[*workflow.EvictionPolicy]{
	{"ttl", "Duration", "How long a wait may hold the slot. Without it no wait is too long.",
		func(r *Realm, p *workflow.EvictionPolicy, what string, v goja.Value) { p.TTL = r.duration(v, what) }},
	{"allowCapacityEviction", "boolean", "Whether a wait of 10 seconds may end when all durable slots are taken by runs that wait. Default true.",
		func(r *Realm, p *workflow.EvictionPolicy, what string, v goja.Value) {
			p.Capacity = native.Boolean(r.rt, v, what)
		}},
	{"priority", "number", "Then runs of a lower priority go first. Default 0.",
		func(r *Realm, p *workflow.EvictionPolicy, what string, v goja.Value) {
			p.Priority = native.Integer(r.rt, v, what, math.MinInt32, math.MaxInt32)
		}},
}

func setEvictionPolicy(r *Realm, t *task, what string, v goja.Value) {
	if !t.Durable {
		r.fail("%s is for durable tasks; declare it with durableTask", what)
	}
	t.Eviction = &workflow.EvictionPolicy{}
	if native.Missing(v) {
		return
	}
	t.Eviction.Capacity = true
	apply(r, t.Eviction, what, evictionOptions, native.Object(r.rt, v, what))
}

// oneOrMany returns the elements of an array, or a single value as the only one.
func oneOrMany(r *Realm, v goja.Value, what string) []goja.Value {
	if native.IsArray(v) {
		return native.Elements(r.rt, v, what)
	}
	return []goja.Value{v}
}
