package hatchet_test

import (
	"strings"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
)

func completed(outputs ...string) *hatchet.Result {
	result := &hatchet.Result{Status: hatchet.StatusCompleted}
	for i := 0; i < len(outputs); i += 2 {
		result.Tasks = append(result.Tasks, hatchet.TaskResult{Name: outputs[i], Status: hatchet.StatusCompleted, Output: []byte(outputs[i+1])})
	}
	return result
}

func clientRig(t *testing.T, body string, results map[string]*hatchet.Result) *rig {
	r := mustLoad(t, `
const double = workflow.task('double', (input) => input)
const pipeline = workflow('Pipeline').task('a', () => 1).task('b', () => 1)
workflow.task('t', async (input, ctx) => {
`+body+`
})`)
	r.host.results = results
	return r
}

func TestRunGivesTheOutput(t *testing.T) {
	r := clientRig(t, `return [await hatchet.run(double, { n: 1 }), await hatchet.run('double'), await double.run({ n: 3 }, { priority: 3 }),
  await hatchet.run('pipeline', { x: 1 }), await pipeline.run()]`, map[string]*hatchet.Result{
		"child-1": completed("double", `{"n":2}`), "child-2": completed("Double", `"text"`), "child-3": completed("double", ``),
		"child-4": completed("a", `1`, "b", `{"c":[]}`, "on-failure-task", `{"skipped":true}`), "child-5": completed("a", `1`),
	})
	r.expect("t:t", "", `[{"n":2},"text",null,{"a":1,"b":{"c":[]}},{"a":1}]`)
	r.host.expect(
		`trigger double {"n":1} child 0 of run-1/task-1`,
		`trigger double {} child 1 of run-1/task-1`,
		`trigger double {"n":3} priority 3 child 2 of run-1/task-1`,
		`trigger pipeline {"x":1} child 3 of run-1/task-1`,
		`trigger Pipeline {} child 4 of run-1/task-1`)
}

func TestChildrenAreCountedPerAttempt(t *testing.T) {
	r := clientRig(t, `await hatchet.runMany(double, [{}, {}]); await hatchet.runNoWait(double); return 1`, nil)
	for range 2 {
		r.expect("t:t", "", "1")
	}
	r.host.expect(
		"trigger many double {} child 0 of run-1/task-1", "trigger many double {} child 1 of run-1/task-1", "trigger double {} child 2 of run-1/task-1",
		"trigger many double {} child 0 of run-1/task-1", "trigger many double {} child 1 of run-1/task-1", "trigger double {} child 2 of run-1/task-1")
}

func TestReferences(t *testing.T) {
	r := clientRig(t, `
const ref = await double.runNoWait({ n: 1 }, { additionalMetadata: { a: 'b' }, sticky: true, key: 'k' })
const refs = await hatchet.runMany('pipeline', [{ i: 0 }, { i: 1 }], { priority: 1 })
await ref.cancel()
return [JSON.stringify(ref), ref.runId, ref.workflowRunId, await ref.result(), await ref.output, await ref.status(), refs.map((one) => one.runId),
  await refs[0].result(), await hatchet.result(ref), await hatchet.result('many-2'), await hatchet.status(ref), await hatchet.status('x'),
  await hatchet.cancel(['x', ref]), await hatchet.runMany('none', [])].map((v) => v === undefined ? null : v)`,
		map[string]*hatchet.Result{"child-1": completed("double", "2"), "many-1": completed("a", "1"), "many-2": completed("double", "3")})
	r.host.status = "RUNNING"
	r.expect("t:t", "", `["{\"runId\":\"child-1\",\"workflowRunId\":\"child-1\"}","child-1","child-1",2,2,"RUNNING",["many-1","many-2"],{"a":1},2,{"double":3},"RUNNING","RUNNING",null,[]]`)
	r.host.expect(
		`trigger double {"n":1} metadata {"a":"b"} sticky key k child 0 of run-1/task-1`,
		`trigger many pipeline {"i":0} priority 1 child 1 of run-1/task-1`, `trigger many pipeline {"i":1} priority 1 child 2 of run-1/task-1`,
		"cancel child-1", "status child-1", "status child-1", "status x", "cancel x child-1")
}

func TestRunsThatFailReject(t *testing.T) {
	failed := func(reported string) *hatchet.Result {
		return &hatchet.Result{Status: hatchet.StatusFailed, Tasks: []hatchet.TaskResult{
			{Name: "a", Status: hatchet.StatusCompleted, Output: []byte("1")}, {Name: "b", Status: hatchet.StatusFailed, Error: reported},
			{Name: "c", Status: hatchet.StatusCancelled},
		}}
	}
	r := clientRig(t, `
const seen = []
for (let i = 0; i < 3; i++) {
  try { await hatchet.run('pipeline', {}) } catch (e) {
    seen.push([e instanceof Error, e.name, e.message, e.runId, e.status, e.task ?? null, e.errors, /test\.js:8:/.test(e.stack), Object.keys(e)])
  }
}
return seen`, map[string]*hatchet.Result{
		"child-1": failed(`{"message":"card declined","stack":"Error: card declined\n    at pay.js:3:1"}`),
		"child-2": failed("Task exceeded timeout of 2s"),
		"child-3": {Status: hatchet.StatusCancelled},
	})
	r.expect("t:t", "", `[`+
		`[true,"RunFailedError","card declined","child-1","FAILED","b",[{"task":"b","message":"card declined","stack":"Error: card declined\n    at pay.js:3:1"}],true,[]],`+
		`[true,"RunFailedError","Task exceeded timeout of 2s","child-2","FAILED","b",[{"task":"b","message":"Task exceeded timeout of 2s","stack":""}],true,[]],`+
		`[true,"RunFailedError","run child-3 was cancelled","child-3","CANCELLED",null,[],true,[]]]`)
}

func TestAFailedChildFailsItsParent(t *testing.T) {
	r := clientRig(t, `return await hatchet.run('pipeline')`, map[string]*hatchet.Result{
		"child-1": {Status: hatchet.StatusFailed, Tasks: []hatchet.TaskResult{{Name: "b", Status: hatchet.StatusFailed, Error: `{"message":"declined"}`}}},
	})
	_, err := r.run("t:t", "")
	if failed := taskError(t, err); failed.Message != "declined" || !strings.HasPrefix(failed.Stack, "RunFailedError: declined\n    at ") {
		t.Errorf("%+v", failed)
	}
}

func TestIdempotencyCollisions(t *testing.T) {
	r := clientRig(t, `try { await hatchet.runNoWait('w') } catch (e) { return [e.name, e.runId, e.message] }`, nil)
	r.host.fail = &hatchet.IdempotencyCollisionError{RunID: "r-9"}
	r.expect("t:t", "", `["IdempotencyCollisionError","r-9","idempotency key collision: run r-9 holds the key"]`)
}

func TestChildrenByTheNamesOfTheSDK(t *testing.T) {
	r := clientRig(t, `
const refs = await ctx.bulkRunNoWaitChildren([{ workflow: double, input: { n: 1 }, options: { key: 'a' } }, { workflow: 'pipeline' }])
return [refs.map((ref) => ref.runId), await ctx.bulkRunChildren([{ workflow: double }, { workflow: pipeline }]), await ctx.bulkRunChildren([]),
  await ctx.runChild(double, { n: 2 }), (await ctx.runNoWaitChild('w')).runId, ctx.workflowNameV1()]`,
		map[string]*hatchet.Result{"many-1": completed("double", "5"), "many-2": completed("a", "1"), "child-1": completed("double", "7")})
	r.expect("t:t", "", `[["many-1","many-2"],[5,{"a":1}],[],7,"child-2","t"]`)
	r.host.expect(
		`trigger many double {"n":1} key a child 0 of run-1/task-1`, `trigger many pipeline {} child 1 of run-1/task-1`,
		`trigger many double {} child 2 of run-1/task-1`, `trigger many Pipeline {} child 3 of run-1/task-1`,
		`trigger double {"n":2} child 4 of run-1/task-1`, `trigger w {} child 5 of run-1/task-1`)
}

func TestEvents(t *testing.T) {
	r := clientRig(t, `return [
  await hatchet.events.push('user:new', { id: 1 }, { additionalMetadata: { a: 1 }, priority: 3, scope: 's' }), await hatchet.events.push('bare'),
  await hatchet.events.bulkPush('many', [{ payload: { n: 1 } }, { payload: { n: 2 }, scope: 'own', priority: 1, additionalMetadata: { b: 2 } }], { scope: 'shared', additionalMetadata: { a: 1 } }),
]`, nil)
	r.expect("t:t", "", `[{"eventId":"event-1","key":"user:new"},{"eventId":"event-1","key":"bare"},[{"eventId":"event-1","key":"many"},{"eventId":"event-2","key":"many"}]]`)
	source := `"hatchet__source_workflow_run_id":"run-1","hatchet__source_step_run_id":"task-1"}`
	r.host.expect(
		`push user:new {"id":1} {"a":1,`+source+` priority 3 scope "s"`,
		`push bare {} {`+source+` priority 0 scope ""`,
		`bulk many {"n":1} {"a":1,`+source+` priority 0 scope "shared"`,
		`bulk many {"n":2} {"b":2,`+source+` priority 1 scope "own"`)
}

func TestBadCalls(t *testing.T) {
	for call, want := range map[string]string{
		`hatchet.run()`:                                          `the workflow must be a name or what was declared, got undefined`,
		`hatchet.run('w', 5)`:                                    `run of w: the input must be an object, got a number`,
		`hatchet.run('w', Promise.resolve({}))`:                  `run of w: the input must be an object, got a Promise; await it first`,
		`hatchet.run('w', new Map([['a', 1]]))`:                  `run of w: the input must be an object, got a Map`,
		`hatchet.run('w', {}, { childKey: 'k', key: 'k' })`:      `childKey and key are one option; give one of them`,
		`hatchet.run('w', [1])`:                                  `the input must be an object, got a number`,
		`hatchet.run('w', [{}], { childKey: 'k' })`:              `a key would make all of them one run`,
		`hatchet.run('w', {}, { returnExceptions: true })`:       `unknown option "returnExceptions"; it goes with run and a list of inputs`,
		`hatchet.runMany('w', [{}], { returnExceptions: true })`: `returnExceptions goes with run`,
		`hatchet.run('w', { n: 1n })`:                            `the input: $.n is a BigInt`,
		`hatchet.run('w', { toJSON: () => 5 })`:                  `the input must be an object when written as JSON`,
		`hatchet.run('w', {}, { priorty: 1 })`:                   `run of w: unknown option "priorty", did you mean "priority"?`,
		`hatchet.run('w', {}, { metadata: {} })`:                 `unknown option "metadata"; it is called additionalMetadata`,
		`hatchet.run('w', {}, { priority: 4 })`:                  `priority must be 1 (low), 2 (medium) or 3 (high), got 4`,
		`hatchet.run('w', {}, { sticky: 'soft' })`:               `sticky must be true or false, got a string`,
		`hatchet.run('w', {}, {}, 1)`:                            `hatchet.run takes at most 3 arguments, got 4`,
		`hatchet.runMany('w', {})`:                               `the inputs must be an array, got an object`,
		`hatchet.runMany('w', [{}], { key: 'k' })`:               `a key would make all of them one run`,
		`hatchet.result()`:                                       `must be given the id of a run, or what runNoWait returned, got undefined`,
		`hatchet.cancel([])`:                                     `the list of runs is empty`,
		`hatchet.events.push()`:                                  `hatchet.events.push: the key must be a string, got undefined`,
		`hatchet.events.push('k', {}, { scop: 's' })`:            `unknown option "scop", did you mean "scope"?`,
		`hatchet.events.bulkPush('k', [])`:                       `the list of events is empty`,
		`hatchet.events.bulkPush('k', [{ payload: 5 }])`:         `the input must be an object, got a number`,
		`hatchet.events.bulkPush('k', [{ data: {} }])`:           `unknown option "data"`,
		`ctx.bulkRunChildren([{ input: {} }])`:                   `a child needs a workflow`,
		`ctx.bulkRunChildren([{ workflow: 'w', optons: {} }])`:   `unknown option "optons", did you mean "options"?`,
		`ctx.refreshTimeout('never')`:                            `ctx.refreshTimeout: duration "never": has no number before "never"`,
		`ctx.log('x', 'loud')`:                                   `the level must be DEBUG, INFO, WARN or ERROR, got "loud"`,
	} {
		_, _, err := body(t, call)
		failed := taskError(t, err)
		if !strings.Contains(failed.Message, want) || !strings.Contains(failed.Stack, "test.js:2:") {
			t.Errorf("%s: %s\n%s", call, failed.Message, failed.Stack)
		}
	}
}

// Methods that promise do not throw: their callers have one place for failures.
func TestBadCallsReject(t *testing.T) {
	for _, call := range []string{
		`hatchet.run('w', 5)`, `hatchet.runNoWait()`, `hatchet.runMany('w', {})`, `hatchet.result()`, `hatchet.status()`, `hatchet.cancel([])`,
		`hatchet.events.push()`, `hatchet.events.bulkPush('k', 5)`, `w.run(5)`, `w.runNoWait(5)`, `w.runMany(5)`, `ctx.runChild()`,
		`ctx.refreshTimeout('soon')`, `ctx.putStream(5)`, `ctx.memo('k')`, `ctx.sleepFor()`, `ctx.waitFor()`, `ctx.waitForEvent()`, `ctx.now()`,
	} {
		r := mustLoad(t, `const w = workflow('w').task('a', () => ({}))
workflow.task('t', async (input, ctx) => {
  let rejected
  const promise = `+call+`
  await promise.catch((e) => { rejected = e })
  return [promise instanceof Promise, rejected instanceof TypeError]
})`)
		r.expect("t:t", "", "[true,true]")
	}
}
