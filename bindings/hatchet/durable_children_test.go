package hatchet_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
)

func TestChildrenOfADurableTask(t *testing.T) {
	r := durableBody(t, `const one = await hatchet.run('child', { n: 1 })
const ref = await hatchet.runNoWait('child', { n: 2 })
const refs = await hatchet.runMany('child', [{ n: 3 }, { n: 4 }])
const [a, b] = await ctx.spawnChildren([{ workflow: 'child', input: { n: 5 } }, { workflow: 'other', input: { n: 6 } }])
const none = await ctx.spawnChildren([])
const two = await ref.result()
return { one, two, twice: await ref.output, ids: [ref.runId, ...refs.map((r) => r.runId)], a, b, none, spawned: await ctx.spawnChild('child', { n: 7 }) }`)
	l := &eventLog{answers: map[string]string{}}
	for i := range 7 {
		l.answers[fmt.Sprintf(`run(child) {"n":%d}`, i+1)] = fmt.Sprintf(`{"got":%d}`, i+1)
	}
	l.answers[`run(other) {"n":6}`] = `"other"`
	const want = `{"one":{"got":1},"two":{"got":2},"twice":{"got":2},"ids":["child-2","child-3","child-4"],"a":{"got":5},"b":"other","none":[],"spawned":{"got":7}}`
	if got, err := r.durable(l, "d:d", ""); err != nil || got != want {
		t.Errorf("%s, %v", got, err)
	}
	const asked = `run(child) {"n":1} #0 of 1
run(child) {"n":2} #1 of 1
run(child) {"n":3} #2 of 2
run(child) {"n":4} #3 of 2
run(child) {"n":5} #4 of 2
run(other) {"n":6} #5 of 2
run(child) {"n":7} #6 of 1`
	if got := strings.Join(l.asked, "\n"); got != asked {
		t.Errorf("the log was asked for\n%s", got)
	}
	r.host.expect()
}

// While a child runs its parent holds no VM.
func TestWaitingForAChildParks(t *testing.T) {
	r := durableBody(t, `return await Promise.race([hatchet.run('child'), ctx.sleepFor('1h').then(() => 'slept')])`)
	l := &eventLog{answers: map[string]string{}}
	if _, err := r.durable(l, "d:d", ""); !errors.Is(err, vm.ErrParked) {
		t.Fatalf("%v", err)
	}
	l.answers["sleepFor(1h)"] = `{}`
	if got, err := r.durable(l, "d:d", ""); err != nil || got != `"slept"` {
		t.Errorf("%s, %v", got, err)
	}
}

func TestAChildOfADurableTaskFails(t *testing.T) {
	r := durableBody(t, `try { await hatchet.run('child') } catch (e) {
  return [e.name, e.message, e.runId, e.status, e.errors.map((f) => f.message), e.stack.includes('test.js:2')]
}`)
	l := &eventLog{answers: map[string]string{`run(child) {}`: `!{"message":"out of stock","stack":"Error: out of stock"}`}}
	if got, err := r.durable(l, "d:d", ""); err != nil || got != `["RunFailedError","out of stock","child-1","FAILED",["out of stock"],true]` {
		t.Errorf("%s, %v", got, err)
	}
	l = &eventLog{answers: map[string]string{`run(child) {}`: `!task was cancelled`}}
	if got, err := r.durable(l, "d:d", ""); err != nil || !strings.HasPrefix(got, `["RunFailedError","run child-1 was cancelled","child-1","CANCELLED",[]`) {
		t.Errorf("%s, %v", got, err)
	}
}

// A run that nobody waits for is started all the same, and what keeps it from
// being started is told.
func TestAChildThatNobodyWaitsFor(t *testing.T) {
	r := durableBody(t, `hatchet.runNoWait('child', { n: 1 }); return 'done'`)
	l := &eventLog{}
	if got, err := r.durable(l, "d:d", ""); err != nil || got != `"done"` || len(l.asked) != 1 {
		t.Errorf("%s, %v; asked %v", got, err, l.asked)
	}
}

// An engine that keeps no child runs is asked for them as for any others.
func TestChildrenWithoutALog(t *testing.T) {
	r := durableBody(t, `return (await hatchet.runNoWait('child')).runId`)
	l := &eventLog{old: true}
	if got, err := r.durable(l, "d:d", ""); err != nil || got != `"child-1"` || len(l.asked) != 0 || len(r.host.notes) != 1 {
		t.Errorf("%s, %v; the log was asked for %v", got, err, l.asked)
	}
}
