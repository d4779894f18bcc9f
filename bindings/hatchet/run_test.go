package hatchet_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/bindings/value"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
)

func TestOutputs(t *testing.T) {
	for source, want := range map[string]string{
		`() => ({ a: [1, 'x', null, undefined], u: undefined })`: `{"a":[1,"x",null,null]}`,
		`async () => { await null; return { late: true } }`:      `{"late":true}`,
		`() => {}`:                              `null`,
		`() => 0`:                               `null`, // as Hatchet's own SDK does
		`() => ''`:                              `null`,
		`() => false`:                           `null`,
		`() => NaN`:                             `null`,
		`() => 7`:                               `7`,
		`() => 'text'`:                          `"text"`,
		`() => new Date(0)`:                     `"1970-01-01T00:00:00.000Z"`,
		`() => ({ toJSON: () => 'me' })`:        `"me"`,
		`() => ({ toJSON() {} })`:               `null`,
		`() => ({ text: 'a\\u0000b' })`:         `{"text":"a\\u0000b"}`, // a backslash, not NUL
		`(input) => input`:                      `{"b":1,"a":2}`,
		`() => ({ then(f) { f('thenable') } })`: `"thenable"`,
		`function () { return this === undefined }`: `true`,
	} {
		mustLoad(t, `workflow.task('t', `+source+`)`).expect("t:t", `{"b":1,"a":2}`, want)
	}
}

func TestInputs(t *testing.T) {
	r := mustLoad(t, `workflow.task('t', (input, ctx) => ({ input, same: ctx.input === input }))`)
	r.expect("t:t", "null", `{"input":{},"same":true}`)
	r.expect("t:t", `{"a":{"b":"ü"}}`, `{"input":{"a":{"b":"ü"}},"same":true}`)
	inv := r.invocation("t:t", "")
	inv.Payload = []byte(`{"input":` + strings.Repeat("[", 2000))
	_, err := r.invoke(inv)
	if failed := taskError(t, err); !failed.NonRetryable || !strings.Contains(failed.Message, "the input cannot be read: ") {
		t.Errorf("%+v", failed)
	}
}

func TestOutputsThatAreNoJSON(t *testing.T) {
	for source, want := range map[string]string{
		`10n`:                  "the output cannot be reported: $ is a BigInt",
		`0n`:                   "$ is a BigInt",
		`{ a: [{ b: 1n }] }`:   "$.a[0].b is a BigInt, which JSON cannot express: use Number(…) or String(…)",
		`circular`:             "$.list[0] is a reference back to $, which contains it",
		`() => 1`:              "$ is a function, which JSON cannot express",
		`Symbol('s')`:          "$ is a symbol",
		`{ text: 'a\u0000b' }`: "the output contains the character U+0000",
		`{ toJSON() { throw new Error('own') } }`: "own",
	} {
		r := mustLoad(t, "const circular = { list: [] }\ncircular.list.push(circular)\n"+`workflow.task('t', () => { return (`+source+`) })`)
		_, err := r.run("t:t", "")
		if failed := taskError(t, err); !strings.Contains(failed.Message, want) || !strings.Contains(failed.Stack, "test.js:3") {
			t.Errorf("%s: %s\n%s", source, failed.Message, failed.Stack)
		}
	}
	var part *value.NotJSONError
	if _, err := mustLoad(t, `workflow.task('t', () => ({ a: 1n }))`).run("t:t", ""); !errors.As(err, &part) || part.Path != "$.a" {
		t.Errorf("%v", err)
	}
}

func TestTheLargestOutput(t *testing.T) {
	r := mustLoad(t, `workflow.task('t', (input) => 'x'.repeat(input.n))`)
	fits := hatchet.MaxOutput - 2
	if got, err := r.run("t:t", fmt.Sprintf(`{"n":%d}`, fits)); err != nil || len(got) != hatchet.MaxOutput {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	_, err := r.run("t:t", fmt.Sprintf(`{"n":%d}`, fits+1))
	failed := taskError(t, err)
	if want := fmt.Sprintf("the output has %d bytes (4.0 MiB), and Hatchet takes at most %d", fits+3, hatchet.MaxOutput); !failed.NonRetryable || !strings.Contains(failed.Message, want) {
		t.Errorf("%+v", failed)
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct{ source, message, stack string }{
		{`throw new Error('plain')`, "plain", "Error: plain\n    at test.js:2:"},
		{`throw new TypeError('typed')`, "typed", "TypeError: typed\n    at test.js:2:"},
		{`null.x`, "Cannot read property 'x' of", "TypeError: Cannot read"},
		{`throw 'text'`, "text", "text"},
		{`throw { code: 5 }`, `{"code":5}`, `{"code":5}`},
		{`throw new Error('outer', { cause: new Error('inner') })`, "outer", "caused by: Error: inner\n    at test.js:2:"},
		{`await Promise.reject(new RangeError('late'))`, "late", "RangeError: late"},
		{`Promise.reject(new Error('unseen')); await null`, "unhandled rejection: unseen", "Error: unseen"},
		{`await new Promise(() => {})`, "has nothing left to wait for", "at task \"t\" (test.js:1:14)"},
		{`throw undefined`, "undefined was thrown", ""},
		{`setTimeout(() => { throw new Error('in a timer') }, 1); await new Promise((r) => setTimeout(r, 1000))`, "in a timer", "in a timer"},
		{`throw new Error()`, "the task threw an error without a message", ""},
	} {
		_, _, err := body(t, c.source)
		failed := taskError(t, err)
		if !strings.Contains(failed.Message, c.message) || !strings.Contains(failed.Stack, c.stack) || failed.NonRetryable {
			t.Errorf("%s: %+v", c.source, failed)
		}
	}
}

func TestNonRetryableErrors(t *testing.T) {
	for source, want := range map[string]bool{
		`throw new NonRetryableError('no')`:                                                     true,
		`class Refused extends NonRetryableError { name = 'Refused' }; throw new Refused('no')`: true,
		`const e = new Error('no'); e.name = 'NonRetryableError'; throw e`:                      true,
		`throw new Error('no', { cause: new NonRetryableError('why') })`:                        false,
	} {
		_, _, err := body(t, source)
		if failed := taskError(t, err); failed.NonRetryable != want || failed.Message != "no" {
			t.Errorf("%s: %+v", source, failed)
		}
	}
	expectBody(t, `const e = new NonRetryableError('m', { cause: 'c' }); return [e instanceof Error, e.name, e.message, e.cause, String(e)]`,
		`[true,"NonRetryableError","m","c","NonRetryableError: m"]`)
}

func TestSkipFunctions(t *testing.T) {
	r := mustLoad(t, `
workflow('w')
  .task('sync', { skipIf: (input, ctx) => input.skip && ctx.taskName() === 'sync' }, () => 'ran')
  .task('async', () => 'ran').skipIf(async (input) => { await null; return input.skip })
  .task('throws', { skipIf() { throw new Error('in skipIf') } }, () => 'ran')
  .task('both', { skipIf: { eventKey: 'e' } }, () => 'ran').skipIf(() => true)`)
	for _, name := range []string{"sync", "async"} {
		inv := r.invocation("w:"+name, `{"skip":true}`)
		inv.TaskName = name
		if got, err := r.invoke(inv); err != nil || got != `{"skipped":true}` {
			t.Errorf("%s: %s, %v", name, got, err)
		}
		r.expect("w:"+name, `{}`, `"ran"`)
	}
	if _, err := r.run("w:throws", ""); taskError(t, err).Message != "in skipIf" {
		t.Errorf("%v", err)
	}
	r.expect("w:both", "", `{"skipped":true}`)
	for _, task := range r.realm.Workflows()[0].Tasks {
		if !task.SkipFunction || len(task.SkipIf) != map[string]int{"both": 1}[task.Name] {
			t.Errorf("%+v", task)
		}
	}
}

func TestUnknownActions(t *testing.T) {
	_, err := mustLoad(t, "").run("no:pe", "")
	var unknown *hatchet.UnknownActionError
	if !errors.As(err, &unknown) || unknown.Action != "no:pe" {
		t.Errorf("%v", err)
	}
}

func TestNamesAreFoundInLowerCase(t *testing.T) {
	r := mustLoad(t, `workflow('Order').task('Pay', (i, ctx) => ({ names: [ctx.workflowName(), ctx.taskName()] })).onFailure((i, ctx) => ctx.taskName())`)
	r.expect("order:pay", "", `{"names":["Order","Pay"]}`)
	r.expect("order:on-failure-task", "", `"on-failure-task"`)
}

func TestTheSignalFiresBeforeTheInterrupt(t *testing.T) {
	var cancel context.CancelCauseFunc
	cause := errors.New("enough")
	v := vm.New(vm.Options{Clock: clock.NewVirtual(time.Unix(0, 0))}) // the grace is over only when all that is left waits longer
	_ = v.Runtime().Set("enough", func(goja.FunctionCall) goja.Value { cancel(cause); return nil })
	r, err := loadIn(t, v, `
workflow.task('polite', async (input, ctx) => {
  enough()
  await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve))
  return [ctx.cancelled, ctx.signal.reason.name, ctx.signal.reason.message]
})
workflow.task('deaf', async (input, ctx) => { enough(); await new Promise((r) => setTimeout(r, 1e6)) })`)
	if err != nil {
		t.Fatal(err)
	}
	run := func(action string) (string, error) {
		var ctx context.Context
		ctx, cancel = context.WithCancelCause(context.Background())
		output, err := r.realm.Invoke(ctx, r.invocation(action, ""))
		return string(output), err
	}
	if got, err := run("polite:polite"); err != nil || got != `[true,"AbortError","enough"]` {
		t.Errorf("%s, %v", got, err)
	}
	_, err = run("deaf:deaf")
	var interrupt *vm.InterruptError
	if !errors.Is(err, cause) || !errors.As(err, &interrupt) || interrupt.Position.Line != 7 {
		t.Errorf("%v", err)
	}
}

// What a handler does at its end still reaches the engine.
func TestAHandlerTidiesUpAfterItsCancellation(t *testing.T) {
	var cancel context.CancelCauseFunc
	v := vm.New(vm.Options{Clock: clock.NewVirtual(time.Unix(0, 0))}) // whose grace has no end
	_ = v.Runtime().Set("enough", func(goja.FunctionCall) goja.Value { cancel(errors.New("enough")); return nil })
	r, err := loadIn(t, v, `
workflow.task('tidy', async (input, ctx) => {
  try {
    enough()
    await new Promise((_, reject) => ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason)))
  } finally {
    await hatchet.events.push('tidied', { by: await hatchet.run('helper') })
  }
})`)
	if err != nil {
		t.Fatal(err)
	}
	r.host.results = map[string]*hatchet.Result{"child-1": completed("helper", `{"n":1}`)}
	var ctx context.Context
	ctx, cancel = context.WithCancelCause(context.Background())
	defer cancel(nil)
	if _, err = r.realm.Invoke(ctx, r.invocation("tidy:tidy", "")); err == nil || !strings.Contains(err.Error(), "enough") {
		t.Errorf("%v", err)
	}
	notes := strings.Join(r.host.notes, "\n")
	if !strings.HasPrefix(notes, "trigger helper {}") || !strings.Contains(notes, "\npush tidied {\"by\":{\"n\":1}}") {
		t.Errorf("the host was asked for\n%s", notes)
	}
}

// A ctx kept beyond its run says so instead of speaking for another run.
func TestAKeptContextIsRefused(t *testing.T) {
	r := mustLoad(t, `let kept; workflow.task('t', (input, ctx) => {
  if (input.keep) { kept = ctx; return ctx.workflowRunId() }
  const { taskRunId } = ctx
  let refused = ''
  try { kept.workflowRunId() } catch (e) { refused = e.message }
  return [kept.input, refused, taskRunId(), ctx.taskRunId()]
})`)
	r.expect("t:t", `{"keep":true}`, `"run-1"`)
	r.expect("t:t", "", `[{"keep":true},"ctx: this ctx belongs to a run that is over; a handler must not keep its ctx","task-1","task-1"]`)
}

// A thenable is not a promise: what its then returns means nothing.
func TestSkipFunctionsMayGiveThenables(t *testing.T) {
	r := mustLoad(t, `
workflow('w')
  .task('runs', { skipIf: () => ({ then(resolve) { resolve(false) } }) }, () => 'ran')
  .task('skips', { skipIf: () => ({ then(resolve) { resolve(true) } }) }, () => 'ran')
  .task('fails', { skipIf: () => ({ then(_, reject) { reject(new Error('no answer')) } }) }, () => 'ran')`)
	r.expect("w:runs", "", `"ran"`)
	r.expect("w:skips", "", `{"skipped":true}`)
	if _, err := r.run("w:fails", ""); taskError(t, err).Message != "no answer" {
		t.Errorf("%v", err)
	}
}

func TestAFailureHasNoOutput(t *testing.T) {
	_, output, err := body(t, `Promise.reject(new Error('lost')); return 'done'`)
	if output != "" || taskError(t, err).Message != "unhandled rejection: lost" {
		t.Errorf("%q, %v", output, err)
	}
}

// What was thrown is looked at after the run, when nothing could stop its code.
func TestThrownProxiesAreNotAsked(t *testing.T) {
	_, _, err := body(t, `
NonRetryableError
throw new Proxy(new Error('behind'), { getPrototypeOf() { for (;;); } })`)
	if err == nil {
		t.Error("no error")
	}
}
