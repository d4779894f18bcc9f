package core

import (
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
)

// bench drives a core without the checks of harness.
type bench struct {
	core *Core
	now  time.Time
	n    uint64
}

func (b *bench) seed() string {
	b.n++
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[8:], b.n)
	return id.String()
}

func (b *bench) apply(cmd Command) []Effect {
	b.now = b.now.Add(time.Microsecond)
	return b.core.Apply(b.now, cmd)
}

func newBench(workers int, d Definition) *bench {
	b := &bench{core: New(Config{HeartbeatFresh: -1, KeepRuns: 1000}), now: testStart}
	b.apply(PutWorkflow{Definition: d})
	var actions []string
	for _, t := range d.Tasks {
		actions = append(actions, t.Action)
	}
	for range workers {
		id := b.apply(RegisterWorker{Seed: b.seed(), Name: "w", Actions: actions})[0].(Reply).Value.(RegisterWorkerReply).WorkerID
		b.apply(WorkerConnected{WorkerID: id, SessionID: id})
	}
	return b
}

// finish completes everything that the effects assign, and what follows.
func (b *bench) finish(effects []Effect) {
	for len(effects) > 0 {
		var next []Effect
		for _, e := range effects {
			if a, ok := e.(Assign); ok {
				next = append(next, b.apply(TaskCompleted{Report: attemptOf(a.Action), Output: `{"ok":true}`})...)
			}
		}
		effects = next
	}
}

func (b *bench) trigger(workflow string) []Effect {
	return b.apply(Trigger{Seed: b.seed(), Items: []TriggerItem{{Workflow: workflow, Input: `{"n":1}`}}})
}

// BenchmarkSingleRun is trigger, assignment and completion of one task, with a
// backlog of other runs that must not matter.
func BenchmarkSingleRun(b *testing.B) {
	for _, backlog := range []int{0, 10_000, 100_000} {
		b.Run(fmt.Sprint(backlog), func(b *testing.B) {
			x := newBench(10, single("one"))
			x.apply(PutWorkflow{Definition: single("other")})
			for range backlog {
				x.trigger("other")
			}
			b.ReportAllocs()
			for b.Loop() {
				x.finish(x.trigger("one"))
			}
		})
	}
}

func BenchmarkDiamondRun(b *testing.B) {
	d := diamond()
	d.OnFailure = nil
	x := newBench(10, d)
	b.ReportAllocs()
	for b.Loop() {
		x.finish(x.trigger("dia"))
	}
}

// BenchmarkDrain is the cost of one of 100,000 queued runs when a worker with
// 100 slots drains them.
func BenchmarkDrain(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		x := newBench(0, single("one"))
		for range 100_000 {
			x.trigger("one")
		}
		id := x.apply(RegisterWorker{Seed: x.seed(), Name: "w", Actions: []string{"one:one"}})[0].(Reply).Value.(RegisterWorkerReply).WorkerID
		x.finish(x.apply(WorkerConnected{WorkerID: id, SessionID: id}))
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100_000, "ns/run")
}

func BenchmarkSnapshot(b *testing.B) {
	x := newBench(10, single("one"))
	for range 1000 {
		x.finish(x.trigger("one"))
	}
	for b.Loop() {
		if _, err := x.core.Snapshot(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkBlockedActions is a run while many other actions have tasks and no
// worker.
func BenchmarkBlockedActions(b *testing.B) {
	x := newBench(1, single("one"))
	for i := range 10_000 {
		name := fmt.Sprintf("w%d", i)
		x.apply(PutWorkflow{Definition: single(name)})
		x.trigger(name)
	}
	for b.Loop() {
		x.finish(x.trigger("one"))
	}
}

// BenchmarkWake is the life of one of 10,000 durable tasks that sleep while
// they are evicted.
func BenchmarkWake(b *testing.B) {
	const parked = 10_000
	for b.Loop() {
		x := newBench(0, single("d", func(t *TaskDefinition) { t.Durable = true }))
		id := x.apply(RegisterWorker{Seed: x.seed(), Name: "w", Actions: []string{"d:d"},
			Slots: map[string]int32{"durable": parked}})[0].(Reply).Value.(RegisterWorkerReply).WorkerID
		x.apply(WorkerConnected{WorkerID: id, SessionID: id})
		x.apply(DurableConnected{SessionID: "s", WorkerID: id})
		for range parked {
			for _, e := range x.trigger("d") {
				if a, ok := e.(Assign); ok {
					x.park(a.Action.TaskID)
				}
			}
		}
		x.now = x.now.Add(2 * time.Hour)
		x.finish(x.apply(Tick{}))
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/parked, "ns/task")
}

func (b *bench) park(id string) {
	b.apply(DurableWaitFor{SessionID: "s", TaskID: id, Invocation: 1, Conditions: []Condition{{Kind: ConditionSleep, Key: "k", SleepFor: "1h"}}})
	b.apply(DurableEvict{SessionID: "s", TaskID: id, Invocation: 1})
}

// BenchmarkSnapshotOfQueued is the snapshot of so many queued runs.
func BenchmarkSnapshotOfQueued(b *testing.B) {
	for _, queued := range []int{10_000, 100_000} {
		x := newBench(0, single("one"))
		x.triggers("one", queued)
		b.Run(fmt.Sprint(queued), func(b *testing.B) {
			for b.Loop() {
				if _, err := x.core.Snapshot(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
