package hatchet_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
)

// durable runs a durable task, again and again while the log learns something,
// until it is done or parked for good.
func (r *rig) durable(l *eventLog, action, input string) (string, error) {
	for {
		inv := r.invocation(action, input)
		p := l.begin()
		inv.InvocationCount, inv.Durable = 1, p
		output, err := r.invoke(inv)
		if !errors.Is(err, vm.ErrParked) || l.begin().old == p.old {
			return output, err
		}
	}
}

func durableBody(t *testing.T, source string) *rig {
	return mustLoad(t, "workflow.durableTask('d', async (input, ctx) => {\n"+source+"\n})")
}

func TestADurableTaskParksAndReplays(t *testing.T) {
	r := durableBody(t, `
console.log('begin')
const n = await ctx.memo('n', () => { console.log('computing'); return 41 })
console.log('memo', n)
await ctx.putStream('before')
const slept = await ctx.sleepFor('24h', 'a day')
console.log('slept', slept)
await ctx.putStream('after')
return n + 1`)
	l := &eventLog{answers: map[string]string{}}
	if _, err := r.durable(l, "d:d", ""); !errors.Is(err, vm.ErrParked) {
		t.Fatalf("not parked: %v", err)
	}
	if _, err := r.durable(l, "d:d", ""); !errors.Is(err, vm.ErrParked) {
		t.Fatalf("not parked: %v", err)
	}
	l.answers["sleepFor(24h)"] = `{"CREATE":{"sleep-24h":[{"sleep_duration":"24h"}]}}`
	if got, err := r.durable(l, "d:d", ""); err != nil || got != "42" {
		t.Fatalf("%s, %v", got, err)
	}
	r.host.expectLogs("INFO begin", "INFO computing", "INFO memo 41", "INFO slept { durationMs: 86400000 }")
	r.host.expect("stream 0 before", "stream 1 after")
	if want := "label a day|sleep  24h0m0s"; !strings.HasPrefix(strings.Join(l.asked, "|"), want) {
		t.Errorf("%q", l.asked)
	}
	if r.vm.Dead() {
		t.Error("parking killed the VM")
	}
}

func TestMemo(t *testing.T) {
	r := durableBody(t, `
const date = await ctx.memo('date', () => new Date(0))
const late = await ctx.memo('late', async () => { await null; return { a: undefined, b: 1 } })
const none = await ctx.memo('none', () => {})
const thenable = await ctx.memo('thenable', () => ({ then(resolve) { resolve({ then: 5 }) } }))
let failed = ''
try { await ctx.memo('fails', () => { throw new Error('not remembered') }) } catch (e) { failed = e.message }
return [date, late, none, thenable, failed]`)
	l := &eventLog{}
	const want = `["1970-01-01T00:00:00.000Z",{"b":1},null,{"then":5},"not remembered"]`
	for range 2 { // what is remembered and what is computed look the same
		if got, err := r.durable(l, "d:d", ""); err != nil || got != want {
			t.Errorf("%s, %v", got, err)
		}
	}
	if len(l.entries) != 5 || l.entries[4].done || string(l.entries[2].payload) != "null" {
		t.Errorf("%+v", l.entries)
	}
	for call, message := range map[string]string{
		`ctx.memo('', () => 1)`:         "the key must not be empty",
		`ctx.memo('k', 5)`:              "the second argument must be a function that gives the value, got a number",
		`await ctx.memo('k', () => 1n)`: `ctx.memo("k"): $ is a BigInt`,
	} {
		_, err := durableBody(t, call).durable(&eventLog{}, "d:d", "")
		if !strings.Contains(taskError(t, err).Message, message) {
			t.Errorf("%s: %v", call, err)
		}
	}
}

func TestNowAndSleepUntil(t *testing.T) {
	c := clock.NewVirtual(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	r, err := loadIn(t, vm.New(vm.Options{Clock: c}), `workflow.durableTask('d', async (input, ctx) => {
  const now = await ctx.now()
  await ctx.sleepUntil(new Date(now.getTime() + 90_000))
  const again = await ctx.sleepUntil(now)
  return [now instanceof Date, now, again, ctx.invocationCount]
})`)
	if err != nil {
		t.Fatal(err)
	}
	l := &eventLog{answers: map[string]string{}}
	if _, err := r.durable(l, "d:d", ""); !errors.Is(err, vm.ErrParked) {
		t.Fatalf("%v", err)
	}
	c.Advance(time.Hour)
	l.answers["sleepFor(1m30s)"] = `{"CREATE":{}}`
	if got, err := r.durable(l, "d:d", ""); err != nil || got != `[true,"2026-01-02T03:04:05.000Z",{"durationMs":0},1]` {
		t.Errorf("%s, %v", got, err)
	}
	if string(l.entries[0].payload) != `{"ts":"2026-01-02T03:04:05Z"}` {
		t.Errorf("%s", l.entries[0].payload)
	}
}

func TestAReplayMeasuresWhatTheFirstPassWaited(t *testing.T) {
	r := durableBody(t, `
const start = Date.now()
await ctx.sleepFor('1h')
return [Date.now() - start, new Date().getTime() - start]`)
	l := &eventLog{}
	if _, err := r.durable(l, "d:d", ""); !errors.Is(err, vm.ErrParked) {
		t.Fatalf("not parked: %v", err)
	}
	l.answers = map[string]string{"sleepFor(1h)": `{"CREATE":{}}`}
	output, err := "", vm.ErrParked
	for errors.Is(err, vm.ErrParked) { // the answer may come just after it parked
		inv, p := r.invocation("d:d", ""), l.begin()
		p.behind = time.Hour
		inv.InvocationCount, inv.Durable = 1, p
		output, err = r.invoke(inv)
	}
	var waited [2]time.Duration
	if err != nil || json.Unmarshal([]byte(output), &waited) != nil {
		t.Fatalf("%s, %v", output, err)
	}
	for _, d := range waited {
		if d *= time.Millisecond; d < time.Hour || d > 2*time.Hour {
			t.Errorf("waited %v, want an hour", d)
		}
	}
}

func TestWaitFor(t *testing.T) {
	r := durableBody(t, `
const answer = await ctx.waitFor({ or: [{ eventKey: 'paid', expression: 'input.ok' }, { sleepFor: '1h' }] }, 'payment')
const both = await ctx.waitFor([{ eventKey: 'a', scope: 's' }, { eventKey: 'b' }])
return [answer, both.CREATE.a[0].n, await ctx.waitForEvent('c', 'input.n > 1'), await ctx.waitForEvent('d', { label: 'last' })]`)
	l := &eventLog{answers: map[string]string{
		`waitFor("paid" or sleep 1h)`: `{"CREATE":{"paid":[{"by":"Ada"}]}}`,
		`waitFor("a" and "b")`:        `{"CREATE":{"a":[{"n":1}],"b":[{}]}}`,
		`waitFor("c")`:                `{"CREATE":{"c":[{"n":2}]}}`,
		`waitFor("d")`:                `{"CREATE":{"other":[]}}`,
	}}
	want := `[{"CREATE":{"paid":[{"by":"Ada"}]}},1,{"n":2},{"CREATE":{"other":[]}}]`
	if got, err := r.durable(l, "d:d", ""); err != nil || got != want {
		t.Errorf("%s, %v", got, err)
	}
	asked := strings.Join(l.asked, "|")
	if asked != "label payment|event paid 0s input.ok  or-1|sleep  1h0m0s   or-1|event a 0s  s|event b 0s|event c 0s input.n > 1|label last|event d 0s" {
		t.Errorf("%q", asked)
	}
}

func TestLookback(t *testing.T) {
	c := clock.NewVirtual(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	r, err := loadIn(t, vm.New(vm.Options{Clock: c}), `workflow.durableTask('d', (input, ctx) => ctx.waitForEvent('paid', { scope: 'eu', lookback: '1h' }))`)
	if err != nil {
		t.Fatal(err)
	}
	l := &eventLog{answers: map[string]string{`waitFor("paid")`: `{"CREATE":{"paid":[{"n":1}]}}`}}
	if got, err := r.durable(l, "d:d", ""); err != nil || got != `{"n":1}` {
		t.Errorf("%s, %v", got, err)
	}
	if strings.Join(l.asked, "|") != "event paid 0s  eu|since 2026-01-02T02:04:05Z" {
		t.Errorf("%q", l.asked)
	}
}

func TestBadWaits(t *testing.T) {
	for call, want := range map[string]string{
		`ctx.sleepFor()`:                               `ctx.sleepFor must be a duration like '30s', or a number of milliseconds, got undefined`,
		`ctx.sleepUntil('tomorrow')`:                   `ctx.sleepUntil must be a Date, got a string`,
		`ctx.sleepUntil(new Date(NaN))`:                `ctx.sleepUntil is an invalid Date`,
		`ctx.waitFor({ parent: 'a' })`:                 `a running task has its parents' outputs already`,
		`ctx.waitFor('paid')`:                          `ctx.waitFor must be a condition like`,
		`ctx.waitFor({ sleepFor: '1s' }, 5)`:           `the label must be a string, got a number`,
		`ctx.waitForEvent('k', { lookback: '1h' })`:    `a lookback needs a scope`,
		`ctx.waitForEvent('k', { lookBack: '1h' })`:    `unknown option "lookBack", did you mean "lookback"?`,
		`ctx.waitFor({ eventKey: 'a', sleepFr: 1 })`:   `unknown option "sleepFr", did you mean "sleepFor"?`,
		`ctx.waitFor({ sleepFor: 5, expression: '' })`: `expression must not be empty`,
	} {
		_, err := durableBody(t, call).durable(&eventLog{}, "d:d", "")
		if !strings.Contains(taskError(t, err).Message, want) {
			t.Errorf("%s: %v", call, err)
		}
	}
}

func TestNonDeterminism(t *testing.T) {
	r := mustLoad(t, `let changed = false
workflow.durableTask('d', async (input, ctx) => {
  await ctx.memo('first', () => 1)
  if (input.changed) {
    await ctx.waitFor({ eventKey: 'paid' })
  }
  await ctx.sleepFor('24h')
})`)
	l := &eventLog{answers: map[string]string{}}
	if _, err := r.durable(l, "d:d", ""); !errors.Is(err, vm.ErrParked) {
		t.Fatalf("%v", err)
	}
	_, err := r.durable(l, "d:d", `{"changed":true}`)
	failed := taskError(t, err)
	if want := `NonDeterminism: step 2 was sleepFor(24h), now waitFor("paid") (test.js:5)`; failed.Message != want || !strings.Contains(failed.Stack, "NonDeterminismError: "+want+"\n    at ") {
		t.Errorf("%s\n%s", failed.Message, failed.Stack)
	}
	var mismatch *hatchet.NonDeterminismError
	if !errors.As(err, &mismatch) || mismatch.Step != 2 {
		t.Errorf("%v", err)
	}
}

func TestACheckpointKeepsTheOutput(t *testing.T) {
	r := mustLoad(t, `let runs = 0
workflow.durableTask('d', { checkpointKey: 'result' }, async (input, ctx) => {
  runs++
  if (input.fail) throw new Error('not remembered')
  return { runs, at: ctx.taskRunId() }
})`)
	l := &eventLog{}
	if _, err := r.durable(l, "d:d", `{"fail":true}`); taskError(t, err).Message != "not remembered" {
		t.Error(err)
	}
	for range 2 {
		if got, err := r.durable(l, "d:d", ""); err != nil || got != `{"runs":2,"at":"task-1"}` {
			t.Errorf("%s, %v", got, err)
		}
	}
	if len(l.entries) != 1 || l.entries[0].describe != "memo result" {
		t.Errorf("%+v", l.entries)
	}
}

func TestErrorsOfTheLogReject(t *testing.T) {
	for _, call := range []string{`ctx.memo('k', () => 1)`, `ctx.now()`, `ctx.sleepFor('1s')`, `ctx.sleepUntil(new Date(0))`, `ctx.waitForEvent('e', { scope: 's', lookback: '1s' })`} {
		r := durableBody(t, `try { await `+call+` } catch (e) { return [e.message, e.stack.includes('test.js:2:')] }`)
		l := &eventLog{fail: errors.New("durable tasks need a newer engine")}
		if got, err := r.durable(l, "d:d", ""); err != nil || got != `["durable tasks need a newer engine",true]` {
			t.Errorf("%s: %s, %v", call, got, err)
		}
	}
}

func TestAWaitThatIsCancelledRejects(t *testing.T) {
	for _, call := range []string{`ctx.sleepFor('1h')`, `ctx.memo('k', () => 1)`, `hatchet.run('w', {})`, `ctx.waitFor({ eventKey: 'e' })`} {
		r := durableBody(t, `const before = ctx.cancelled
try { await `+call+` } catch (e) { return [e.name, e.message, before, ctx.cancelled, ctx.signal.aborted] }`)
		l := &eventLog{fail: &hatchet.CancelledError{}}
		if got, err := r.durable(l, "d:d", ""); err != nil || got != `["AbortError","the task was cancelled",false,true,true]` {
			t.Errorf("%s: %s, %v", call, got, err)
		}
	}
}

// After a restart the answers come from the engine, soon but not at once: the
// handler goes on with them instead of beginning again for each.
func TestALaterInvocationIsNotParkedAtOnce(t *testing.T) {
	r := durableBody(t, `console.log('pass'); for (let i = 1; i < 6; i++) await ctx.waitForEvent('e' + i); return 'done'`)
	l := &eventLog{answers: map[string]string{}}
	for i := range 5 {
		l.answers[fmt.Sprintf(`waitFor("e%d")`, i+1)] = `{"CREATE":{}}`
	}
	resumed := l.begin()
	resumed.unsure = true
	inv := r.invocation("d:d", "")
	inv.InvocationCount, inv.Durable = 2, resumed
	if got, err := r.invoke(inv); err != nil || got != `"done"` {
		t.Fatalf("%s, %v", got, err)
	}
	inv.Durable = &pass{log: &eventLog{}, unsure: true}
	if _, err := r.invoke(inv); !errors.Is(err, vm.ErrParked) {
		t.Fatalf("%v", err)
	}
	r.host.expectLogs("INFO pass", "INFO pass")
}

// Nothing is known of a resumed run until the engine has taken its request.
func TestAResumedRunWaitsForTheEngineToTakeItsRequest(t *testing.T) {
	r := durableBody(t, `await ctx.sleepFor('24h')`)
	inv := r.invocation("d:d", "")
	p := &pass{log: &eventLog{}, unsure: true}
	p.asking.Store(3)
	inv.InvocationCount, inv.Durable = 2, p
	if _, err := r.invoke(inv); !errors.Is(err, vm.ErrParked) || p.asking.Load() >= 0 {
		t.Errorf("%v, asked %d times less", err, p.asking.Load())
	}
}

// Waiting for something else as well keeps the VM.
func TestADurableTaskWithATimerIsNotParked(t *testing.T) {
	r := durableBody(t, `return await Promise.race([ctx.sleepFor('24h').then(() => 'slept'), new Promise((r) => setTimeout(r, 5, 'timer'))])`)
	if got, err := r.durable(&eventLog{}, "d:d", ""); err != nil || got != `"timer"` {
		t.Errorf("%s, %v", got, err)
	}
}

// A run that may keeps its VM for a moment: what is answered at once costs no
// replay, however many waits there are.
func TestQuickWaitsAreOnePass(t *testing.T) {
	r := durableBody(t, `console.log('pass')
for (let i = 0; i < 300; i++) await ctx.waitForEvent('e')
return 'done'`)
	l := &eventLog{answers: map[string]string{`waitFor("e")`: `{"CREATE":{}}`}}
	var released atomic.Int32
	p := l.begin()
	p.lingers = func() { released.Add(1) }
	inv := r.invocation("d:d", "")
	inv.InvocationCount, inv.Durable = 1, p
	if got, err := r.invoke(inv); err != nil || got != `"done"` {
		t.Fatalf("%s, %v", got, err)
	}
	r.host.expectLogs("INFO pass")
	if released.Load() == 0 {
		t.Error("the run never lingered")
	}
}

// A sleep that is known to be long is not waited for with the VM in hand.
func TestALongSleepParksAtOnce(t *testing.T) {
	r := durableBody(t, `await ctx.sleepFor('24h')`)
	p := (&eventLog{}).begin()
	p.lingers = func() { t.Error("the run lingered") }
	inv := r.invocation("d:d", "")
	inv.InvocationCount, inv.Durable = 1, p
	if _, err := r.invoke(inv); !errors.Is(err, vm.ErrParked) {
		t.Error(err)
	}
}

// By whatever name a durable task starts runs, it does so through its log.
