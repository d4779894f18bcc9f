package hatchet_test

import (
	"errors"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
)

// resume runs the task once more, as an invocation to which the log answers the
// first waits: it cannot tell which of them earlier invocations heard of.
func (r *rig) resume(t *testing.T, l *eventLog, answered int) error {
	t.Helper()
	for i := range l.entries {
		l.entries[i].told = false
	}
	l.satisfied(answered)
	return r.pass(l, true)
}

// satisfied answers the first waits from the engine's log.
func (l *eventLog) satisfied(first int) {
	for i := range first {
		if e := &l.entries[i]; !e.told {
			e.payload, e.done, e.before = []byte(`{}`), true, true
		}
	}
}

// pass runs the task once: the first pass of an invocation after the first, or
// another one.
func (r *rig) pass(l *eventLog, first bool) error {
	inv := r.invocation("d:d", "")
	p := l.begin()
	p.unsure = first
	inv.InvocationCount, inv.Durable = 1, p
	_, err := r.invoke(inv)
	return err
}

const threeSteps = `
console.log('A')
await ctx.sleepFor('1h')
console.log('B')
await ctx.sleepFor('2h')
console.log('C')`

func TestWhatAResumedTaskLogsIsNeitherLostNorRepeated(t *testing.T) {
	r := durableBody(t, threeSteps)
	l := &eventLog{}
	if _, err := r.durable(l, "d:d", ""); !errors.Is(err, vm.ErrParked) {
		t.Fatalf("not parked: %v", err)
	}
	r.host.expectLogs("INFO A")
	if err := r.resume(t, l, 1); !errors.Is(err, vm.ErrParked) {
		t.Fatalf("not parked: %v", err)
	}
	r.host.expectLogs("INFO A", "INFO B")
	if err := r.resume(t, l, 2); err != nil {
		t.Fatal(err)
	}
	r.host.expectLogs("INFO A", "INFO B", "INFO C")
}

// An engine may answer so late that the first pass of an invocation has parked:
// what it then answers from its log may be new to the handler all the same.
func TestWhatAResumedTaskLogsIsNotLostWhenTheEngineAnswersLate(t *testing.T) {
	r := durableBody(t, threeSteps)
	l := &eventLog{}
	parks := func(err error) {
		t.Helper()
		if !errors.Is(err, vm.ErrParked) {
			t.Fatalf("not parked: %v", err)
		}
	}
	parks(r.pass(l, false))
	parks(r.resume(t, l, 0)) // the engine holds its answer; A is written again
	l.satisfied(1)
	parks(r.pass(l, false)) // B is new
	parks(r.pass(l, false)) // and this pass has it from its own invocation
	r.host.expectLogs("INFO A", "INFO A", "INFO B")
	parks(r.resume(t, l, 0))
	l.satisfied(2)
	if err := r.pass(l, false); err != nil { // B was written when its pass parked
		t.Fatal(err)
	}
	r.host.expectLogs("INFO A", "INFO A", "INFO B", "INFO B", "INFO C")
}

// What an answer is for comes after the script has taken it, not before.
func TestWhatATaskLogsBeforeItWaitsIsOld(t *testing.T) {
	r := durableBody(t, `
const first = ctx.sleepFor('1h'), second = ctx.sleepFor('2h')
console.log('A')
await first
console.log('B')
await second
console.log('C')`)
	l := &eventLog{answers: map[string]string{}}
	for _, answered := range []string{"", "sleepFor(1h)", "sleepFor(2h)"} {
		l.answers[answered] = `{}`
		if _, err := r.durable(l, "d:d", ""); (err == nil) != (answered == "sleepFor(2h)") {
			t.Fatal(err)
		}
	}
	r.host.expectLogs("INFO A", "INFO B", "INFO C")
}

// A chunk of a stream is neither lost nor sent twice, right after a wake-up too.
func TestWhatAResumedTaskStreamsIsNeitherLostNorRepeated(t *testing.T) {
	r := durableBody(t, `
await ctx.putStream('A')
await ctx.sleepFor('1h')
await ctx.putStream('B')
ctx.putStream('b')
await ctx.sleepFor('2h')
await ctx.putStream('C')
await ctx.memo('m', () => 1)
await ctx.putStream('D')`)
	l := &eventLog{}
	if _, err := r.durable(l, "d:d", ""); !errors.Is(err, vm.ErrParked) {
		t.Fatalf("not parked: %v", err)
	}
	if err := r.resume(t, l, 1); !errors.Is(err, vm.ErrParked) {
		t.Fatalf("not parked: %v", err)
	}
	if err := r.resume(t, l, 2); err != nil {
		t.Fatal(err)
	}
	r.host.expect("stream 0 A", "stream 1 B", "stream 2 b", "stream 3 C", "stream 4 D")
}

func TestWhatAResumedTaskLogsBeforeItStopsIsWritten(t *testing.T) {
	for name, end := range map[string]string{
		"throw": `throw new Error('no')`,
		"loop":  `for (let i = 0; ; i++) if (i === 1e4) null.x`,
		"new":   `await ctx.memo('m', () => 1)`,
	} {
		t.Run(name, func(t *testing.T) {
			r := durableBody(t, "console.log('A')\nawait ctx.sleepFor('1h')\nconsole.log('B')\nconsole.warn('b')\n"+end)
			l := &eventLog{}
			if _, err := r.durable(l, "d:d", ""); !errors.Is(err, vm.ErrParked) {
				t.Fatalf("not parked: %v", err)
			}
			if err := r.resume(t, l, 1); (err == nil) != (name == "new") {
				t.Fatal(err)
			}
			r.host.expectLogs("INFO A", "INFO B", "WARN b")
		})
	}
}
