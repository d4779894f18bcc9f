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
		if i < answered {
			l.entries[i].payload, l.entries[i].done, l.entries[i].told = []byte(`{}`), true, true
		}
	}
	inv := r.invocation("d:d", "")
	p := l.begin()
	p.resumed = true
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
