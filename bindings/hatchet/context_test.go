package hatchet_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
)

func TestContextTellsAboutTheRun(t *testing.T) {
	r := mustLoad(t, `workflow('Orders').task('first', () => 1).taskAfter('pay', ['first'], (input, ctx) => [
  ctx.workflowRunId(), ctx.taskRunId(), ctx.taskRunExternalId(), ctx.taskName(), ctx.workflowName(), ctx.workflowId(),
  ctx.workflowVersionId(), ctx.retryCount(), ctx.priority(), ctx.childIndex(), ctx.childKey(), ctx.parentWorkflowRunId(),
  ctx.additionalMetadata(), ctx.additionalMetadata() === ctx.additionalMetadata(), ctx.triggers(), ctx.filterPayload(),
  ctx.triggeredByEvent(), ctx.triggeringEventId(), ctx.triggeringEventKey(), ctx.cancelled, ctx.parentOutputs, ctx.errors(),
].map((v) => v === undefined ? 'undefined' : v))`)
	inv := r.invocation("orders:pay", "")
	r2, err := r.invoke(inv)
	if want := `["run-1","task-1","task-1","pay","Orders","undefined","undefined",0,"undefined","undefined","undefined","undefined",{},true,` +
		`{"filter_payload":null},"undefined",false,"undefined","undefined",false,{},{}]`; err != nil || r2 != want {
		t.Errorf("%s, %v", r2, err)
	}
	index := int32(4)
	full := &hatchet.Invocation{
		Action: "orders:pay", WorkflowRunID: "r", TaskRunID: "t", TaskName: "pay", WorkflowID: "wf", WorkflowVersionID: "v",
		ParentWorkflowRunID: "p", RetryCount: 2, Priority: 3, ChildIndex: &index, ChildKey: "k",
		TriggeringEventID: "e", TriggeringEventKey: "user:new", AdditionalMetadata: []byte(`{"m":1}`), Host: r.host,
		Payload: []byte(`{"input":{},"parents":{"first":{"a":1}},"triggers":{"filter_payload":{"f":1},"sleep-1h":{"x":1}}}`),
	}
	got, err := r.invoke(full)
	if want := `["r","t","t","pay","Orders","wf","v",2,3,4,"k","p",{"m":1},true,{"filter_payload":{"f":1},"sleep-1h":{"x":1}},{"f":1},` +
		`true,"e","user:new",false,{"first":{"a":1}},{}]`; err != nil || got != want {
		t.Errorf("%s, %v", got, err)
	}
}

func TestParentOutput(t *testing.T) {
	r := mustLoad(t, `
const first = { name: 'first', fn: () => ({ n: 1 }) }
workflow('w').task(first).task('other', () => 1)
  .taskAfter('t', ['first', 'other'], (input, ctx) => input.of ? ctx.parentOutput(input.of) : ctx.parentOutput(first).n)`)
	payload := func(input string) *hatchet.Invocation {
		inv := r.invocation("w:t", "")
		inv.Payload = []byte(`{"input":` + input + `,"parents":{"first":{"n":5}}}`)
		return inv
	}
	if got, err := r.invoke(payload(`{}`)); err != nil || got != "5" {
		t.Errorf("%s, %v", got, err)
	}
	for input, want := range map[string]string{
		`{"of":"other"}`: `parent "other" left no output`,
		`{"of":"frist"}`: `"frist" is no parent of task "t"; its parents are first, other`,
		`{"of":5}`:       `the parent must be a name or what was declared, got a number`,
	} {
		if _, err := r.invoke(payload(input)); !strings.Contains(taskError(t, err).Message, want) {
			t.Errorf("%s: %v", input, err)
		}
	}
	if _, err := r.run("w:first", ""); err != nil {
		t.Error(err)
	}
}

func TestOnFailureKnowsWhatFailed(t *testing.T) {
	r := mustLoad(t, `workflow('w').task('t', () => 1).onFailure((input, ctx) => [ctx.failedTask, ctx.error, ctx.errors(), input.a])`)
	for reported, want := range map[string]string{
		`{"charge":"{\"message\":\"declined\",\"stack\":\"Error: declined\\n at x\"}"}`: `["charge","declined",{"charge":"declined"},1]`,
		`{"charge":"\"as a Go worker says it\""}`:                                       `["charge","as a Go worker says it",{"charge":"as a Go worker says it"},1]`,
		`{"charge":"Task exceeded timeout of 2s","b":"{\"no\":1}"}`:                     `["charge","Task exceeded timeout of 2s",{"charge":"Task exceeded timeout of 2s","b":"{\"no\":1}"},1]`,
	} {
		inv := r.invocation("w:on-failure-task", "")
		inv.Payload = []byte(`{"input":{"a":1},"step_run_errors":` + reported + `}`)
		if got, err := r.invoke(inv); err != nil || got != want {
			t.Errorf("%s: %s, %v", reported, got, err)
		}
	}
}

func TestContextActs(t *testing.T) {
	r := expectBody(t, `
const out = []
out.push(await ctx.refreshTimeout('90s'), await ctx.releaseSlot(), await ctx.cancel(), ctx.cancelled, ctx.signal.reason.message)
return out.map((v) => v === undefined ? 'undefined' : v)`, `["undefined","undefined","undefined",true,"the task cancelled itself"]`)
	r.host.expect("refresh 1m30s", "release", "cancel task-1")
	expectBody(t, `const w = ctx.worker; return [w.id(), w.name(), w.hasWorkflow('Orders'), w.hasWorkflow('no'), Object.entries(w.labels()).sort()]`,
		`["w-1","tester",true,false,[["cores",8],["gpu","yes"]]]`)
	expectBody(t, `return [ctx.abortController.signal === ctx.signal, ctx.signal.aborted, (ctx.abortController.abort('why'), ctx.signal.reason), ctx.cancelled]`,
		`[true,false,"why",true]`)
}

func TestRethrowIfCancelled(t *testing.T) {
	expectBody(t, `
const out = []
try { ctx.rethrowIfCancelled(new Error('a')); out.push('went on') } catch { out.push('thrown') }
try { ctx.rethrowIfCancelled(new DOMException('b', 'AbortError')) } catch (e) { out.push(e.message) }
ctx.abortController.abort()
try { ctx.rethrowIfCancelled(new Error('c')) } catch (e) { out.push(e.message) }
return out`, `["went on","b","c"]`)
}

func TestStreamsKeepTheirOrder(t *testing.T) {
	r := expectBody(t, `
ctx.putStream('a')
ctx.putStream(new TextEncoder().encode('b'))
const p = ctx.putStream(new Uint8Array([120, 99, 121]).subarray(1, 2))
ctx.putStream(new Uint8Array([100]).buffer)
await p
return 1`, "1")
	r.host.expect("stream 0 a", "stream 1 b", "stream 2 c", "stream 3 d")
	_, _, err := body(t, `await ctx.putStream({})`)
	if !strings.Contains(taskError(t, err).Message, "a chunk must be a string or a Uint8Array, got an object") {
		t.Error(err)
	}
}

// What a script starts happens even if it ends without waiting for it.
func TestEffectsOutliveTheScript(t *testing.T) {
	r := mustLoad(t, `workflow.task('t', (input, ctx) => {
  hatchet.events.push('k', {})
  hatchet.runNoWait('w', {})
  ctx.putStream('a')
  hatchet.run('v', {})
  return 'done'
})`)
	r.host.hold = make(chan struct{})
	done := make(chan error, 1)
	go func() {
		_, err := r.realm.Invoke(context.Background(), r.invocation("t:t", ""))
		done <- err
	}()
	select {
	case err := <-done:
		t.Fatalf("the run ended before what it started: %v", err)
	default:
	}
	close(r.host.hold)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if len(r.host.notes) != 4 {
		t.Errorf("%v", r.host.notes)
	}
	r.host.expectLogs()
}

func TestFailuresThatNobodyWaitedForAreLogged(t *testing.T) {
	r := mustLoad(t, `workflow.task('t', () => { hatchet.events.push('k', {}); return 1 })`)
	r.host.hold, r.host.fail = make(chan struct{}), errors.New("the engine is gone")
	go func() { close(r.host.hold) }()
	r.expect("t:t", "", "1")
	if len(r.host.logs) == 1 {
		r.host.expectLogs("ERROR hatchet.events.push failed after the task had ended without waiting for it: the engine is gone")
	}
}

func TestHostFailuresReject(t *testing.T) {
	r := mustLoad(t, `workflow.task('t', async (input, ctx) => {
  const caught = []
  for (const call of [() => hatchet.run('w'), () => hatchet.events.push('k', {}), () => ctx.releaseSlot(), () => hatchet.status('id')]) {
    try { await call() } catch (e) { caught.push(e instanceof Error && e.message, e.stack.includes('test.js:3:')) }
  }
  return caught
})`)
	r.host.fail = errors.New("no engine")
	r.expect("t:t", "", `["no engine",true,"no engine",true,"no engine",true,"no engine",true]`)
}

func TestDurableMembersElsewhere(t *testing.T) {
	for _, call := range []string{`ctx.sleepFor('1s')`, `ctx.memo('k', () => 1)`, `ctx.now()`, `ctx.waitFor({ sleepFor: '1s' })`, `ctx.waitForEvent('k')`,
		`ctx.sleepUntil(new Date())`, `ctx.invocationCount`} {
		_, _, err := body(t, call)
		if !strings.Contains(taskError(t, err).Message, "is for durable tasks; declare this one with durableTask") {
			t.Errorf("%s: %v", call, err)
		}
	}
}

func TestWithoutAHost(t *testing.T) {
	var lines []string
	r, err := load(t, `console.log('loading')
workflow.task('t', () => { console.warn('running'); return 1 })
workflow.task('u', () => hatchet.run('t'))`, hatchet.Options{Console: func(level hatchet.Level, message string) {
		lines = append(lines, string(level)+" "+message)
	}})
	if err != nil {
		t.Fatal(err)
	}
	inv := r.invocation("t:t", "")
	inv.Host = nil
	if got, err := r.invoke(inv); err != nil || got != "1" {
		t.Errorf("%s, %v", got, err)
	}
	if strings.Join(lines, "|") != "INFO loading|WARN running" {
		t.Errorf("%q", lines)
	}
	inv = r.invocation("u:u", "")
	inv.Host = nil
	if _, err := r.invoke(inv); !strings.Contains(taskError(t, err).Message, "there is no engine to talk to") {
		t.Error(err)
	}
}
