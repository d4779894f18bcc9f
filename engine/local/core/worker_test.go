package core

import (
	"testing"
	"time"
)

// hatchet-protocol.md section 3.3.
func TestRegistration(t *testing.T) {
	tests := []struct {
		name string
		cmd  RegisterWorker
		code Code
	}{
		{"name", RegisterWorker{Name: "a b"}, InvalidArgument},
		{"service", RegisterWorker{Name: "w", Services: []string{"a b"}}, InvalidArgument},
		{"action", RegisterWorker{Name: "w", Actions: []string{"alone"}}, InvalidArgument},
		{"slots", RegisterWorker{Name: "w", Slots: map[string]int32{"default": -1}}, InvalidArgument},
		{"language", RegisterWorker{Name: "w", Runtime: &RuntimeInfo{Language: "COBOL"}}, InvalidArgument},
	}
	h := newHarness(t, Config{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.cmd.Seed = h.seed()
			h.refused(tt.cmd, tt.code)
		})
	}
	h.refused(RegisterWorker{Seed: "x", Name: "w"}, Internal)
	a := h.do(RegisterWorker{Seed: h.seed(), Name: "w", Actions: []string{"A:b"}}).(RegisterWorkerReply)
	b := h.do(RegisterWorker{Seed: h.seed(), Name: "w"}).(RegisterWorkerReply)
	if a.WorkerID == b.WorkerID {
		t.Fatal("two registrations gave one worker")
	}
	v, _ := h.core.Worker(a.WorkerID)
	if v.Slots[0] != (SlotView{Type: "default", Capacity: 100}) || v.Actions[0] != "a:b" {
		t.Fatalf("worker: %+v", v)
	}
}

// hatchet-protocol.md section 3.5: work needs a stream and a heartbeat that is
// not older than 5 s.
func TestEligibility(t *testing.T) {
	h := newHarness(t, Config{})
	h.define(single("e"))
	w := h.do(RegisterWorker{Seed: h.seed(), Name: "w", Actions: []string{"e:e"}}).(RegisterWorkerReply).WorkerID
	h.trigger("e", "")
	h.do(Heartbeat{WorkerID: w})
	h.idle()
	h.do(WorkerConnected{WorkerID: w, SessionID: "1"})
	h.next()
	h.pass(5 * time.Second)
	h.trigger("e", "")
	h.idle()
	h.do(Heartbeat{WorkerID: w})
	h.next()
	h.do(PauseWorker{WorkerID: w, Paused: true})
	h.trigger("e", "")
	h.idle()
	h.do(PauseWorker{WorkerID: w})
	h.next()
	h.do(WorkerDisconnected{WorkerID: w, SessionID: "1"})
	h.refused(Heartbeat{WorkerID: w}, FailedPrecondition)
	h.refused(Heartbeat{WorkerID: h.seed()}, NotFound)
	h.refused(WorkerConnected{WorkerID: h.seed()}, NotFound)
	h.trigger("e", "")
	h.idle()
}

// hatchet-protocol.md section 3.4: an old stream that ends does not take the
// worker down; for the old Listen call the engine heartbeats.
func TestSessions(t *testing.T) {
	h := newHarness(t, Config{})
	h.define(single("e"))
	w := h.do(RegisterWorker{Seed: h.seed(), Name: "w", Actions: []string{"e:e"}}).(RegisterWorkerReply).WorkerID
	h.do(WorkerConnected{WorkerID: w, SessionID: "1"})
	h.do(WorkerConnected{WorkerID: w, SessionID: "2", Beats: true})
	h.do(WorkerDisconnected{WorkerID: w, SessionID: "1"})
	h.pass(time.Hour)
	id := h.trigger("e", "")
	h.next()
	h.pass(50 * time.Second)
	h.status(id, Running)
	equal(t, "retries", h.tasks(id)["e"].RetryCount, int32(0))
	h.do(Unsubscribe{WorkerID: w})
	h.trigger("e", "")
	h.idle()
}

// What was assigned but never confirmed goes out again, unchanged, when the
// worker comes back; what was confirmed does not.
func TestRedelivery(t *testing.T) {
	h, w := withWorker(t, "e:e")
	h.define(single("e"))
	h.trigger("e", `{"lost":false}`)
	h.do(TaskStarted{Report: attemptOf(h.next())})
	lost := h.trigger("e", `{"lost":true}`)
	before := h.next()
	h.do(WorkerDisconnected{WorkerID: w, SessionID: "s-" + w})
	h.idle()
	h.do(WorkerConnected{WorkerID: w, SessionID: "new"})
	again := h.next()
	h.idle()
	equal(t, "task", again.TaskID, lost)
	equal(t, "retry count", again.RetryCount, before.RetryCount)
	h.complete(before, `{}`)
	h.complete(again, `{}`)
	equal(t, "ends", len(h.ends), 1)
}

// hatchet-protocol.md section 3.4: what could not be sent is retried, but not
// when it went out on another stream before that was known.
func TestAFailedSendThatWasRepeated(t *testing.T) {
	h, w := withWorker(t, "e:e")
	h.define(single("e"))
	id := h.trigger("e", "")
	h.next()
	h.do(WorkerConnected{WorkerID: w, SessionID: "new"})
	h.next()
	failed := SendFailed{TaskID: id, WorkerID: w, Handout: 1, Reason: "gone"}
	h.do(failed)
	equal(t, "retries", h.tasks(id)["e"].RetryCount, int32(0))
	failed.Handout = 2
	h.do(failed)
	equal(t, "retries", h.tasks(id)["e"].RetryCount, int32(1))
	equal(t, "told", h.missed[0].Error, "Could not send task to worker. gone")
	h.pass(time.Second, w)
	a := h.next()
	h.do(TaskStarted{Report: attemptOf(a)})
	h.do(SendFailed{TaskID: id, WorkerID: w, RetryCount: 1, Handout: 3})
	h.complete(a, `{}`)
	h.status(id, Completed)
}

// hatchet-protocol.md section 3.5: the task of a silent worker goes to another
// after 30 s, without using up the task's own retries.
func TestReassignment(t *testing.T) {
	h, w := withWorker(t, "e:e")
	h.define(single("e"))
	id := h.trigger("e", "")
	a := h.next()
	other := h.worker(nil, "e:e")
	h.pass(29*time.Second, other)
	h.idle()
	h.pass(time.Second, other)
	b := h.next()
	equal(t, "retry count", b.RetryCount, int32(1))
	equal(t, "worker", h.placed[id], other)
	h.complete(a, `{"old":true}`)
	h.status(id, Running)
	h.complete(b, `{}`)
	h.status(id, Completed)
	if v, _ := h.core.Worker(w); v.Slots[0].Used != 0 {
		t.Fatalf("slots of the dead worker: %+v", v.Slots)
	}
	h.do(WorkerDisconnected{WorkerID: w, SessionID: "s-" + w})
	h.pass(2*time.Hour, other)
	if _, ok := h.core.Worker(w); ok {
		t.Fatal("a worker that is long gone is still known")
	}
}

// After a restart of the engine workers are known, keep their tasks, and have
// the whole liveness window to come back.
func TestEngineRestart(t *testing.T) {
	h, w := withWorker(t, "e:e")
	h.define(single("e", func(t *TaskDefinition) { t.Timeout = "10s" }))
	id := h.trigger("e", "")
	a := h.next()
	h.do(TaskStarted{Report: attemptOf(a)})
	h.now = h.now.Add(time.Hour)
	h.do(EngineStarted{})
	h.refused(Heartbeat{WorkerID: w}, FailedPrecondition)
	h.pass(29 * time.Second)
	h.status(id, Running)
	h.do(WorkerConnected{WorkerID: w, SessionID: "new"})
	h.idle()
	h.complete(a, `{}`)
	h.status(id, Completed)
	equal(t, "retries", h.tasks(id)["e"].RetryCount, int32(0))
}

// The same, when the worker does not come back.
func TestEngineRestartWithoutWorker(t *testing.T) {
	h, _ := withWorker(t, "e:e")
	h.define(single("e"))
	id := h.trigger("e", "")
	h.next()
	h.now = h.now.Add(time.Hour)
	h.do(EngineStarted{})
	other := h.worker(nil, "e:e")
	h.idle()
	h.pass(30*time.Second, other)
	equal(t, "retry count", h.next().RetryCount, int32(1))
	equal(t, "worker", h.placed[id], other)
}

// hatchet-protocol.md section 9.6: priority first, then insertion order.
func TestQueueOrder(t *testing.T) {
	h := newHarness(t, Config{})
	h.define(single("q"))
	var want []string
	ids := map[int][]string{}
	for i := range 9 {
		p := i%3 + 1
		id := h.do(Trigger{Seed: h.seed(), Items: []TriggerItem{{Workflow: "q", Priority: int32(p)}}}).(TriggerReply).RunIDs[0]
		ids[p] = append(ids[p], id)
	}
	for p := 3; p > 0; p-- {
		want = append(want, ids[p]...)
	}
	h.worker(map[string]int32{"default": 1}, "q:q")
	for i, id := range want {
		a := h.next()
		equal(t, "place", a.TaskID, id)
		equal(t, "priority", a.Priority, int32(3-i/3))
		h.complete(a, `{}`)
	}
}

// hatchet-protocol.md section 9.6: workers take turns, and all units come from
// one worker.
func TestSlots(t *testing.T) {
	h := newHarness(t, Config{})
	h.define(single("s", func(t *TaskDefinition) { t.SlotRequests = map[string]int32{"default": 1, "gpu": 2} }))
	h.worker(map[string]int32{"default": 9, "gpu": 1}, "s:s")
	a := h.worker(map[string]int32{"default": 9, "gpu": 4}, "s:s")
	b := h.worker(map[string]int32{"default": 1, "gpu": 9}, "s:s")
	used := map[string]int{}
	var last AssignedAction
	for range 4 {
		h.trigger("s", "")
	}
	for len(h.starts) > 0 {
		last = h.next()
		used[h.placed[last.TaskID]]++
	}
	if used[a] != 2 || used[b] != 1 || len(used) != 2 {
		t.Fatalf("tasks by worker: %v", used)
	}
	h.complete(last, `{}`)
	h.next()
	h.idle()
}

func TestWorkersTakeTurns(t *testing.T) {
	h := newHarness(t, Config{})
	h.define(single("s"))
	workers := []string{h.worker(nil, "s:s"), h.worker(nil, "s:s"), h.worker(nil, "s:s")}
	for i := range 9 {
		h.trigger("s", "")
		equal(t, "worker", h.placed[h.next().TaskID], workers[i%3])
	}
}

// Actions take turns when a worker gets room, so that one cannot starve the
// others.
func TestActionsTakeTurns(t *testing.T) {
	h := newHarness(t, Config{})
	for _, name := range []string{"a", "b"} {
		h.define(single(name))
		for range 4 {
			h.trigger(name, "")
		}
	}
	h.worker(map[string]int32{"default": 4}, "a:a", "b:b")
	got := map[string]int{}
	for len(h.starts) > 0 {
		got[h.next().TaskName]++
	}
	if got["a"] != 2 || got["b"] != 2 {
		t.Fatalf("assigned: %v", got)
	}
}

// hatchet-protocol.md section 3.3: labels are merged by key.
func TestLabels(t *testing.T) {
	h, w := withWorker(t, "e:e")
	one, two := "1", int32(2)
	h.do(UpsertLabels{WorkerID: w, Labels: map[string]Label{"a": {String: &one}}})
	h.do(UpsertLabels{WorkerID: w, Labels: map[string]Label{"b": {Int: &two}}})
	v, _ := h.core.Worker(w)
	if len(v.Labels) != 2 || *v.Labels["a"].String != "1" || *v.Labels["b"].Int != 2 {
		t.Fatalf("labels: %+v", v.Labels)
	}
	h.refused(UpsertLabels{WorkerID: h.seed()}, NotFound)
}

// Without heartbeats, as tests on virtual time use it, the stream alone says
// that a worker lives.
func TestWithoutHeartbeats(t *testing.T) {
	h := newHarness(t, Config{HeartbeatFresh: -1, HeartbeatDead: -1})
	h.define(single("e", func(t *TaskDefinition) { t.Timeout = "100h" }))
	w := h.do(RegisterWorker{Seed: h.seed(), Name: "w", Actions: []string{"e:e"}}).(RegisterWorkerReply).WorkerID
	h.do(WorkerConnected{WorkerID: w, SessionID: "1"})
	h.trigger("e", "")
	h.next()
	h.pass(24 * time.Hour)
	h.idle()
	h.do(WorkerDisconnected{WorkerID: w, SessionID: "1"})
	h.pass(0)
	h.do(WorkerConnected{WorkerID: w, SessionID: "2"})
	equal(t, "retry count", h.next().RetryCount, int32(1))
}

// Heartbeats are journaled only when they tell something new, and silence is
// judged once.
func TestHeartbeatsStayOutOfTheJournal(t *testing.T) {
	h, w := withWorker(t, "e:e")
	h.define(single("e", func(t *TaskDefinition) { t.Timeout = "10h" }))
	h.trigger("e", "")
	h.next()
	before := len(h.record)
	h.pass(time.Hour, w)
	equal(t, "records of an hour of heartbeats", len(h.record)-before, 0)
	v, _ := h.core.Worker(w)
	equal(t, "last heartbeat is known", h.now.Sub(v.LastHeartbeat) < 5*time.Second, true)
	h.pass(5 * time.Second)
	equal(t, "records of its silence", len(h.record)-before, 1)
	h.do(Heartbeat{WorkerID: w})
	h.do(Heartbeat{WorkerID: w})
	equal(t, "records of its return", len(h.record)-before, 2)
	h.refused(Heartbeat{WorkerID: h.seed()}, NotFound)
	equal(t, "records of a stranger", len(h.record)-before, 2)
	h.pass(5 * time.Minute)
	equal(t, "records of its loss", len(h.record)-before, 4)
	if at, ok := h.core.NextWake(); ok && at.Before(h.now) {
		t.Fatalf("something stays due at %v", at)
	}
}

// A worker for which the engine itself heartbeats has the whole window to come
// back once its stream is gone.
func TestTheOldListenCallHasTheWindowToo(t *testing.T) {
	h := newHarness(t, Config{})
	h.define(single("e", func(t *TaskDefinition) { t.Timeout = "10h" }))
	w := h.do(RegisterWorker{Seed: h.seed(), Name: "w", Actions: []string{"e:e"}}).(RegisterWorkerReply).WorkerID
	h.do(WorkerConnected{WorkerID: w, SessionID: "1", Beats: true})
	id := h.trigger("e", "")
	h.next()
	h.pass(time.Hour)
	h.do(WorkerDisconnected{WorkerID: w, SessionID: "1"})
	h.pass(29 * time.Second)
	equal(t, "retries", h.tasks(id)["e"].RetryCount, int32(0))
	h.pass(time.Second)
	equal(t, "retries", h.tasks(id)["e"].RetryCount, int32(1))
}
