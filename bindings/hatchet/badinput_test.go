package hatchet_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
)

// badInput is what must not load: the source, the words of the error in order,
// and the line it is at.
var badInput = []struct {
	source, want string
	line         int
}{
	// Unknown options, wherever they may stand.
	{`workflow.task('w', { retriess: 1 }, () => 1)`, `task "w": unknown option "retriess", did you mean "retries"?`, 1},
	{"workflow('w')\n  .task('t', { parent: ['a'] }, () => 1)", `task "t": unknown option "parent", did you mean "parents"?`, 2},
	{`workflow('w', { descripton: 'x' })`, `workflow "w": unknown option "descripton", did you mean "description"?`, 1},
	{`workflow('w').concurrency({ expression: 'a', maxRun: 1 })`, `workflow "w": concurrency: unknown option "maxRun", did you mean "maxRuns"?`, 1},
	{`workflow.task('w', { backoff: { exponental: { baseMs: 1 } } }, () => 1)`, `task "w": backoff: unknown option "exponental", did you mean "exponential"?`, 1},
	{`workflow.task('w', { backoff: { linear: { base: 1 } } }, () => 1)`, `task "w": backoff: linear: unknown option "base"`, 1},
	{`workflow.task('w', { rateLimit: { key: 'a', unit: 1 } }, () => 1)`, `unknown option "unit", did you mean "units"?`, 1},
	{`workflow('w').task('t', { waitFor: { sleep: '1s' } }, () => 1)`, `task "t": waitFor: unknown option "sleep"`, 1},
	{`workflow('w').task('t', { waitFor: [{ or: [{ sleepFor: '1s' }, { event: 'a' }] }] }, () => 1)`, `waitFor[0].or[1]: unknown option "event", did you mean "eventKey"?`, 1},
	{`workflow.task('w', { workerLabels: { gpu: { val: 1 } } }, () => 1)`, `workerLabels.gpu: unknown option "val", did you mean "value"?`, 1},
	{`workflow('w').idempotency({ expression: 'a', ttl: 1 })`, `idempotency: unknown option "ttl", did you mean "ttlMs"?`, 1},
	{`workflow('w').defaultFilters([{ expr: 'a' }])`, `defaultFilters: unknown option "expr"`, 1},
	{`workflow('w', { on: { evnt: 'a' } })`, `on: unknown option "evnt", did you mean "event"?`, 1},
	{`workflow('w', { taskDefaults: { parents: ['a'] } })`, `taskDefaults: unknown option "parents"`, 1},
	{`hatchet.worker({ slot: 5 })`, `hatchet.worker: unknown option "slot", did you mean "slots"?`, 1},
	{`workflow.task('w', { batch: { maxSize: 1 } }, () => 1)`, `batch is for batch tasks; declare it with batchTask`, 1},
	{`workflow.task('w', { maxSize: 1 }, () => 1)`, `unknown option "maxSize"; it belongs into the option batch of a batchTask`, 1},
	{`workflow.batchTask('w', () => 1)`, `task "w": a batch task needs the option batch, like { batch: { maxSize: 100, maxInterval: '1s' } }`, 1},
	{`workflow.batchTask('w', { batch: {} }, () => 1)`, `batch needs a maxSize: how many runs make a full batch`, 1},
	{`workflow.batchTask('w', { batch: { maxSize: 0 } }, () => 1)`, `batch: maxSize must be between 1 and 100000, got 0`, 1},
	{`workflow.batchTask('w', { batch: { size: 1 } }, () => 1)`, `batch: unknown option "size"`, 1},
	{`workflow('w').batchTask('b', { batch: 5 }, () => 1)`, `batch must be an object`, 1},
	{`workflow.task('w', { timeout: { hour: 1 } }, () => 1)`, `timeout: unknown option "hour", did you mean "hours"?`, 1},
	{`workflow.task('w', { completelyDifferent: 1 }, () => 1)`, `unknown option "completelyDifferent"; known are backoff, `, 1},

	// Values.
	{`workflow.task('w', { retries: -1 }, () => 1)`, `task "w": retries must be at least 0, got -1`, 1},
	{`workflow.task('w', { retries: 1.5 }, () => 1)`, `retries must be a whole number, got 1.5`, 1},
	{`workflow.task('w', { retries: '3' }, () => 1)`, `retries must be a number, got a string`, 1},
	{`workflow('w').priority(7)`, `workflow "w": priority must be 1 (low), 2 (medium) or 3 (high), got 7`, 1},
	{`workflow('w').priority('high')`, `got "high"`, 1},
	{`workflow.task('w', { executionTimeout: 'soon' }, () => 1)`, `executionTimeout: duration "soon": has no number before "soon"`, 1},
	{`workflow.task('w', { executionTimeout: 0 }, () => 1)`, `executionTimeout must be longer than zero, got 0`, 1},
	{`workflow.task('w', { executionTimeout: true }, () => 1)`, `executionTimeout must be a duration like '30s', or a number of milliseconds, got a boolean`, 1},
	{`workflow.task('w', { cron: '99 * * * *' }, () => 1)`, `task "w": cron: cron "99 * * * *": `, 1},
	{"workflow('w')\n  .cron('@daily')", `Hatchet takes no descriptors such as @daily`, 2},
	{`workflow('w').events('')`, `events must not be empty`, 1},
	{`workflow('w').sticky('firm')`, `sticky must be 'soft' or 'hard', got "firm"`, 1},
	{`workflow('w').concurrency({ strategy: 'newest' })`, `concurrency: strategy: concurrency strategy "newest" is unknown`, 1},
	{`workflow('w').concurrency({ maxRuns: 0 })`, `concurrency: maxRuns must be at least 1, got 0`, 1},
	{`workflow('w').concurrency('5')`, `concurrency must be an object like`, 1},
	{`workflow('w').concurrency({ maxRuns: 1 }, 'queue')`, `a strategy as the second argument goes with a number`, 1},
	{`workflow.task('w', { backoff: {} }, () => 1)`, `backoff is empty`, 1},
	{`workflow.task('w', { backoff: { constant: 5, factor: 2 } }, () => 1)`, `the backoff is constant already`, 1},
	{`workflow.task('w', { backoff: { maxSeconds: 2 } }, () => 1)`, `maxSeconds needs a factor`, 1},
	{`workflow.task('w', { backoff: { linear: {} } }, () => 1)`, `linear needs baseMs`, 1},
	{`workflow.task('w', { backoff: { exponential: { baseMs: 9, maxMs: 3 } } }, () => 1)`, `maxMs 3 is shorter than baseMs 9`, 1},
	{`workflow.task('w', { backoff: 5 }, () => 1)`, `backoff must be an object like`, 1},
	{`workflow('w').task('t', { waitFor: {} }, () => 1)`, `waitFor must have a sleepFor, an eventKey or a parent`, 1},
	{`workflow('w').task('t', { waitFor: [] }, () => 1)`, `waitFor is an empty list`, 1},
	{`workflow('w').task('t', { waitFor: { sleepFor: '1s', eventKey: 'a' } }, () => 1)`, `a condition is either a sleepFor, an eventKey or a parent`, 1},
	{`workflow('w').task('t', { waitFor: { or: [{ sleepFor: '1s' }], sleepFor: '1s' } }, () => 1)`, `or stands alone`, 1},
	{`workflow('w').task('t', { skipIf: 'yes' }, () => 1)`, `skipIf must be a condition like`, 1},
	{`workflow.task('w', { checkpointKey: 'k' }, () => 1)`, `checkpointKey is for durable tasks; declare it with durableTask, or use ctx.memo`, 1},
	{`workflow.task('w', { slotRequests: { gpu: 0 } }, () => 1)`, `slotRequests.gpu must be at least 1, got 0`, 1},

	// Handlers, names and calls.
	{`workflow.task('w', { retries: 1 }, 'not a function')`, `task "w": the handler must be a function (input, ctx) => output, got a string`, 1},
	{`workflow.task('w')`, `task "w" has no handler`, 1},
	{`workflow.task('w', { fn: 5 })`, `task "w": fn must be a function (input, ctx) => output, got a number`, 1},
	{`workflow.task('w', { fn() {} }, () => 1)`, `task "w" has two handlers`, 1},
	{`workflow.task('w', () => 1, { retries: 1 })`, `the handler is the last argument, an object follows it`, 1},
	{`workflow.task()`, `the name of a task must be a string, got undefined`, 1},
	{`workflow('')`, `the name of a workflow must not be empty`, 1},
	{`workflow({})`, `a workflow needs a name`, 1},
	{`workflow.task('w', { name: 'v' }, () => 1)`, `the name is given twice`, 1},
	{`workflow.task('w', { parents: ['a'] }, () => 1)`, `a standalone task has no parents`, 1},
	{`workflow.task('w', () => 1).task('v', () => 1)`, `task "w" stands alone and takes no further tasks`, 1},
	{"workflow('w')\n  .retries(3)", `workflow "w": .retries() applies to the task added last, and there is none yet; add a task before it`, 2},
	{`workflow('w').task('t', () => 1).retries(1, 2)`, `retries takes at most 1 arguments, got 2`, 1},
	{`workflow('w').taskAfter('t', () => 1)`, `the second argument lists the parents, like ['validate'], got a function`, 1},
	{`workflow('w').taskAfter('t', ['a'], { parents: ['b'] }, () => 1)`, `the parents are given twice`, 1},
	{"workflow('w').task('t', () => 1).onFailure(() => 1)\n  .onFailure(() => 1)", `workflow "w" has an onFailure already, at test.js:1:43`, 2},
	{`workflow('w').task('t', () => 1).onFailure({ parents: ['t'] }, () => 1)`, `parents are not given here`, 1},
	{`const { retries } = workflow('w').task('t', () => 1); retries(3)`, `.retries() must be called on what workflow() or workflow.task() returned`, 1},
	{`hatchet.worker({}); hatchet.worker({})`, `hatchet.worker() was called already, at test.js:1:15`, 1},

	{`workflow.task('w', class Charge {})`, `task "w": the handler is a class, which is not called but made`, 1},
	{`workflow.task('w', { skipIf: class {} }, () => 1)`, `task "w": skipIf is a class`, 1},
	{`workflow('w').task('t', () => 1).skipIf(function* () {})`, `task "t": skipIf is a generator function`, 1},
	{`workflow.task('w', new Map([['retries', 1]]), () => 1)`, `task "w": the handler must be a function (input, ctx) => output, got a Map`, 1},
	{`workflow('w', Promise.resolve({ version: '1' }))`, `workflow "w": the options must be an object, got a Promise; await it first`, 1},
	{`workflow('w').cronInput(new Date())`, `workflow "w": cronInput must be an object, got a Date`, 1},
	{`workflow.task('w', function* () {})`, `task "w": the handler is a generator function, whose body would never run`, 1},
	{`workflow.task('w', { timeout: 1, executionTimeout: 2 }, () => 1)`, `task "w": timeout and executionTimeout are one option; give one of them`, 1},
	{`workflow('w', { priority: 1, defaultPriority: 2 })`, `priority and defaultPriority are one option`, 1},

	// What only running tasks can do.
	{`hatchet.run('w', {})`, `hatchet.run is for running tasks; while the file loads there is no engine to talk to`, 1},
	{`workflow.task('w', () => 1).run({})`, `.run() is for running tasks`, 1},
	{"\nhatchet.events.push('a', {})", `hatchet.events.push is for running tasks`, 2},
}

func TestBadInput(t *testing.T) {
	for _, c := range badInput {
		_, err := load(t, c.source)
		var script *vm.ScriptError
		if !errors.As(err, &script) {
			t.Errorf("%s\nloaded: %v", c.source, err)
			continue
		}
		if !strings.Contains(script.Message, c.want) || script.Position.Line != c.line || script.Position.File != "test.js" {
			t.Errorf("%s\n%v: %s\nwant line %d: %s", c.source, script.Position, script.Message, c.line, c.want)
		}
	}
}

func TestDeclaringWhileATaskRuns(t *testing.T) {
	for _, call := range []string{
		`workflow('late')`, `workflow.task('late', () => 1)`, `w.task('late', () => 1)`, `w.events('late')`, `w.retries(1)`,
		`w.concurrency(1)`, `w.onFailure(() => 1)`, `hatchet.worker({})`,
	} {
		r := mustLoad(t, `const w = workflow('w').task('t', () => { `+call+` })`)
		_, err := r.run("w:t", "")
		if failed := taskError(t, err); !strings.Contains(failed.Message, "declared while the file loads, not while a task runs") {
			t.Errorf("%s: %v", call, failed)
		}
	}
}
