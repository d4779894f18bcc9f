package core

import (
	"fmt"
	"runtime"
	"testing"
	"time"
)

// growth is something that is done n times, in an engine that is made for it.
type growth struct {
	name string
	n    int
	do   func(x *bench, n int)
}

// BenchmarkGrowth does everything for some number of runs and for ten times as
// many: ns/each and B/each are of the larger number, and growth is by how much one
// of ten times as many costs more. Where nothing grows faster than n log n, that
// is about 1, and below 1.5 on a quiet machine.
//
//	go test ./engine/local/core -run - -bench Growth -benchtime 1x
func BenchmarkGrowth(b *testing.B) {
	for _, g := range growths {
		b.Run(g.name, func(b *testing.B) {
			for b.Loop() {
				small, _ := g.measure(g.n)
				large, bytes := g.measure(10 * g.n)
				b.ReportMetric(large, "ns/each")
				b.ReportMetric(bytes, "B/each")
				b.ReportMetric(large/small, "growth")
			}
		})
	}
}

// measure gives the time and the memory that one of n took.
func (g *growth) measure(n int) (nanos, bytes float64) {
	x := newBench(0, single("one"))
	x.core.config.KeepRuns = 1 << 30
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	at := time.Now()
	g.do(x, n)
	nanos = float64(time.Since(at).Nanoseconds()) / float64(n)
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(x)
	return nanos, (float64(after.HeapAlloc) - float64(before.HeapAlloc)) / float64(n)
}

// join connects a worker with slots for the actions of some workflows.
func (b *bench) join(slots int32, actions ...string) []Effect {
	id := b.apply(RegisterWorker{Seed: b.seed(), Name: "w", Actions: actions,
		Slots: map[string]int32{"default": slots, "durable": slots}})[0].(Reply).Value.(RegisterWorkerReply).WorkerID
	effects := b.apply(WorkerConnected{WorkerID: id, SessionID: id})
	b.apply(DurableConnected{SessionID: "s", WorkerID: id})
	return effects
}

func (b *bench) triggers(workflow string, n int) {
	for range n {
		b.trigger(workflow)
	}
}

func (b *bench) put(d Definition) { b.apply(PutWorkflow{Definition: d}) }

// rush lets n runs of a workflow queue up and a worker serve them.
func rush(change ...func(*TaskDefinition)) func(*bench, int) {
	return func(x *bench, n int) {
		x.put(single("it", change...))
		x.triggers("it", n)
		x.serve("it:it")
	}
}

// serve drains what waits for an action, whatever time it takes.
func (b *bench) serve(action string) {
	b.finishAll(b.join(100, action))
	for range 1_000_000 {
		at, due := b.core.NextWake()
		if !due || b.core.all.head == nil || b.core.done.size == b.core.all.size {
			return
		}
		b.now = at
		for _, cmd := range b.core.Due(at) {
			b.finishAll(b.apply(cmd))
		}
	}
}

// finishAll is finish for batches, too.
func (b *bench) finishAll(effects []Effect) {
	for len(effects) > 0 {
		var next []Effect
		for _, e := range effects {
			switch e := e.(type) {
			case Assign:
				next = append(next, b.apply(TaskCompleted{Report: attemptOf(e.Action), Output: `{"ok":true}`})...)
			case AssignBatch:
				cmd := BatchReport{Batch: e.Action.Batch.ID, Kind: BatchCompleted}
				for _, m := range e.Members {
					cmd.Items = append(cmd.Items, BatchReportItem{Report: Report{TaskID: m.TaskID}, Payload: `{"ok":true}`})
				}
				next = append(next, b.apply(cmd)...)
			}
		}
		effects = next
	}
}

func replyOf(effects []Effect) any {
	for _, e := range effects {
		if r, ok := e.(Reply); ok {
			return r.Value
		}
	}
	return nil
}

func limitedTo(n int32, strategy string) func(*TaskDefinition) {
	return func(t *TaskDefinition) {
		t.ScheduleTimeout = "1000h"
		t.Concurrency = []Concurrency{{Expression: "'k'", MaxRuns: n, Strategy: strategy}}
	}
}

var growths = []growth{
	{"queued runs", 10_000, func(x *bench, n int) { x.triggers("one", n) }},
	{"queued runs, drained", 10_000, rush()},
	{"queued runs, cancelled", 10_000, func(x *bench, n int) {
		x.triggers("one", n)
		x.apply(Cancel{Filter: &RunFilter{}})
	}},
	{"ended runs, replayed", 3_000, func(x *bench, n int) {
		x.triggers("one", n)
		x.finish(x.join(100, "one:one"))
		x.finish(x.apply(Replay{Filter: &RunFilter{}}))
	}},
	{"parked durable runs, woken", 1_000, func(x *bench, n int) {
		x.put(single("d", func(t *TaskDefinition) { t.Durable = true }))
		x.join(int32(n), "d:d")
		for range n {
			for _, e := range x.trigger("d") {
				if a, ok := e.(Assign); ok {
					x.park(a.Action.TaskID)
				}
			}
		}
		x.now = x.now.Add(2 * time.Hour)
		x.finish(x.apply(Tick{}))
	}},
	{"durable runs parked on one event, woken", 1_000, func(x *bench, n int) {
		x.put(single("d", func(t *TaskDefinition) { t.Durable = true }))
		x.join(int32(n), "d:d")
		for range n {
			for _, e := range x.trigger("d") {
				if a, ok := e.(Assign); ok {
					x.apply(DurableWaitFor{SessionID: "s", TaskID: a.Action.TaskID, Invocation: 1,
						Conditions: []Condition{{Kind: ConditionUserEvent, Key: "k", EventKey: "e"}}})
					x.apply(DurableEvict{SessionID: "s", TaskID: a.Action.TaskID, Invocation: 1})
				}
			}
		}
		x.finish(x.apply(PushEvent{Seed: x.seed(), Events: []UserEvent{{Key: "e", Payload: `{}`}}}))
	}},
	{"crons, one tick of each", 1_000, func(x *bench, n int) {
		for i := range n {
			d := single(fmt.Sprintf("cron%d", i))
			d.CronTriggers = []string{"*/5 * * * *"}
			x.put(d)
		}
		x.now = x.now.Add(6 * time.Minute)
		x.apply(Tick{})
	}},
	{"workers of 100 slots, all busy once", 50, func(x *bench, n int) {
		var effects []Effect
		for range n {
			x.join(100, "one:one")
		}
		for range 100 * n {
			effects = append(effects, x.trigger("one")...)
		}
		x.finish(effects)
	}},
	{"runs waiting for a place", 2_000, rush(limitedTo(10, groupRoundRobin))},
	{"runs cancelled for a newer one", 2_000, func(x *bench, n int) {
		x.put(single("it", limitedTo(10, cancelInProgress)))
		x.triggers("it", n)
	}},
	{"runs of which only the newest waits", 2_000, func(x *bench, n int) {
		x.put(single("it", limitedTo(10, keepNewestQueued)))
		x.triggers("it", n)
	}},
	{"runs waiting for a rate limit", 2_000, rush(func(t *TaskDefinition) {
		t.ScheduleTimeout = "1000h"
		t.RateLimits = []RateLimit{{Key: "r", LimitExpr: pointer("100"), Duration: "SECOND"}}
	})},
	{"runs in batches of 100", 5_000, rush(func(t *TaskDefinition) { t.Batch = &Batch{MaxSize: 100} })},
	{"runs in one batch", 1_000, rush(func(t *TaskDefinition) { t.Batch = &Batch{MaxSize: maxBatchSize} })},
	{"runs in batches of 2, one batch at a time", 2_000, rush(func(t *TaskDefinition) {
		t.ScheduleTimeout, t.Batch = "1000h", &Batch{MaxSize: 2, GroupMaxRuns: pointer(int32(1))}
	})},
	{"runs with labels of their own", 1_000, func(x *bench, n int) {
		for i := range n {
			x.apply(Trigger{Seed: x.seed(), Items: []TriggerItem{{Workflow: "one",
				DesiredWorkerLabels: map[string]DesiredLabel{"x": {Int: pointer(int32(i)), Required: true}}}}})
		}
	}},
	{"workflows registered", 1_000, func(x *bench, n int) {
		for i := range n {
			x.put(single(fmt.Sprintf("w%d", i)))
		}
	}},
	{"events with a workflow each", 500, func(x *bench, n int) {
		for i := range n {
			d := single(fmt.Sprintf("w%d", i))
			d.EventTriggers = []string{fmt.Sprintf("e%d", i)}
			x.put(d)
		}
		for i := range n {
			x.apply(PushEvent{Seed: x.seed(), Events: []UserEvent{{Key: fmt.Sprintf("e%d", i)}}})
		}
	}},
	{"children of one run", 1_000, func(x *bench, n int) {
		x.join(10, "one:one")
		parent := replyOf(x.trigger("one")).(TriggerReply).RunIDs[0]
		x.put(single("child"))
		for i := range n {
			index := int32(i)
			x.apply(Trigger{Seed: x.seed(), Items: []TriggerItem{{Workflow: "child", ParentTaskID: parent, ChildIndex: &index}}})
		}
	}},
	{"failing attempts, tried again", 2_000, func(x *bench, n int) {
		x.put(single("it", retries(1)))
		x.triggers("it", n)
		effects := x.join(100, "it:it")
		for len(effects) > 0 {
			var next []Effect
			for _, e := range effects {
				if a, ok := e.(Assign); ok {
					next = append(next, x.apply(TaskFailed{Report: attemptOf(a.Action), Error: "no"})...)
				}
			}
			effects = next
		}
	}},
}
