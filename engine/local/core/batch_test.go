package core

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

func batched(name string, b Batch, change ...func(*TaskDefinition)) Definition {
	return single(name, append([]func(*TaskDefinition){func(t *TaskDefinition) { t.Batch = &b }}, change...)...)
}

// nextBatch takes the oldest batch that was not looked at yet.
func (h *harness) nextBatch() AssignBatch {
	h.t.Helper()
	if len(h.batches) == 0 {
		h.t.Fatal("no batch")
	}
	b := h.batches[0]
	h.batches = h.batches[1:]
	return b
}

func (h *harness) noBatch() {
	h.t.Helper()
	if len(h.batches) > 0 {
		h.t.Fatalf("unexpected batch of %d", len(h.batches[0].Members))
	}
}

// report reports about members of a batch by their place.
func (h *harness) report(b AssignBatch, kind BatchReportKind, payload string, places ...int) {
	h.t.Helper()
	cmd := BatchReport{Batch: b.Action.Batch.ID, Kind: kind}
	for _, i := range places {
		cmd.Items = append(cmd.Items, BatchReportItem{Report: Report{TaskID: b.Members[i].TaskID}, Payload: payload})
	}
	h.do(cmd)
	checkInvariants(h.t, h.core)
}

func ids(b AssignBatch) string {
	var out []string
	for _, m := range b.Members {
		out = append(out, m.TaskID)
	}
	return strings.Join(out, ",")
}

// hatchet-protocol.md sections 4.2 and 9.9: a batch goes when it is full, with
// everything that a worker needs to know; members end one by one.
func TestBatchBySize(t *testing.T) {
	h, _ := withWorker(t, "b:b")
	h.define(batched("b", Batch{MaxSize: 2}))
	first := h.trigger("b", `{"n":1}`)
	h.noBatch()
	h.status(first, Queued)
	second := h.trigger("b", `{"n":2}`)
	b := h.nextBatch()
	equal(t, "members", ids(b), first+","+second)
	equal(t, "reason", b.Reason, "batch size threshold 2 reached")
	equal(t, "key", b.Action.Batch.Key, "default")
	equal(t, "size", b.Action.Batch.Size, 2)
	equal(t, "task", b.Action.TaskName, "b")
	equal(t, "index", b.Members[1].Batch.Index, 1)
	equal(t, "input", field(t, b.Action.Payload, second, "payload", "input"), `{"n":2}`)
	equal(t, "run", field(t, b.Action.Payload, second, "workflow_run_id"), fmt.Sprintf("%q", second))
	h.report(b, BatchStarted, "", 0, 1)
	h.status(first, Running)
	h.report(b, BatchCompleted, `{"ok":1}`, 0)
	h.report(b, BatchFailed, "boom", 1)
	h.status(first, Completed)
	h.status(second, Failed)
	h.report(b, BatchCompleted, `{"ok":2}`, 0, 1) // answers twice
	h.status(second, Failed)
}

// Section 9.9: what does not fill a batch goes when the interval has passed since
// the group's first member, or since its last batch.
func TestBatchByInterval(t *testing.T) {
	h, w := withWorker(t, "b:b")
	h.define(batched("b", Batch{MaxSize: 10, MaxIntervalMS: pointer(int32(3000))}))
	h.trigger("b", `{}`)
	h.pass(2999*time.Millisecond, w)
	h.noBatch()
	h.trigger("b", `{}`)
	h.pass(time.Millisecond, w)
	b := h.nextBatch()
	equal(t, "members", len(b.Members), 2)
	equal(t, "reason", b.Reason, "batch max interval 3s elapsed")
	h.pass(time.Second, w)
	h.trigger("b", `{}`)
	h.pass(1999*time.Millisecond, w)
	h.noBatch()
	h.pass(time.Millisecond, w)
	equal(t, "members", len(h.nextBatch().Members), 1)
	h.pass(time.Minute, w)
	h.trigger("b", `{}`) // the interval passed long ago
	h.pass(batchSettle-time.Millisecond, w)
	h.noBatch()
	h.pass(time.Millisecond, w)
	equal(t, "members", len(h.nextBatch().Members), 1)
}

// Section 9.9: 4,000,000 bytes are enough, and one member may be more.
func TestBatchByWeight(t *testing.T) {
	h, w := withWorker(t, "b:b")
	h.define(batched("b", Batch{MaxSize: 100, MaxIntervalMS: pointer(int32(10_000))}))
	input := `{"data":"` + strings.Repeat("x", 100_000) + `"}`
	for range 100 {
		h.trigger("b", input)
	}
	h.pass(10*time.Second, w)
	var sizes []int
	for len(h.batches) > 0 {
		b := h.nextBatch()
		sizes = append(sizes, len(b.Members))
		if len(b.Action.Payload) > batchBytes {
			t.Fatalf("a batch weighs %d bytes", len(b.Action.Payload))
		}
	}
	equal(t, "sizes", fmt.Sprint(sizes), "[39 39 22]")
	big := h.trigger("b", `{"data":"`+strings.Repeat("x", 4_100_000)+`"}`)
	b := h.nextBatch()
	equal(t, "members", ids(b), big)
	equal(t, "reason", b.Reason, "batch max memory size reached")
}

// Section 9.9: members of different keys do not meet, a key that is no string
// fails its task alone.
func TestBatchByKey(t *testing.T) {
	h, _ := withCEL(t, "b:b")
	h.define(batched("b", Batch{MaxSize: 2, GroupKey: "input.customer"}))
	a1 := h.trigger("b", `{"customer":"a"}`)
	bad := h.trigger("b", `{"customer":3}`)
	b1 := h.trigger("b", `{"customer":"b"}`)
	h.noBatch()
	a2 := h.trigger("b", `{"customer":" a "}`)
	b2 := h.trigger("b", `{"customer":"b"}`)
	first, second := h.nextBatch(), h.nextBatch()
	equal(t, "members", ids(first), a1+","+a2)
	equal(t, "key", first.Action.Batch.Key, "a")
	equal(t, "members", ids(second), b1+","+b2)
	h.status(bad, Failed)
	if message := h.tasks(bad)["b"].Error; !strings.HasPrefix(message, "failed to parse batch group key expression (input.customer): ") {
		t.Errorf("error %q", message)
	}
}

// Section 9.9: no more batches of a key than group_max_runs at a time; the next
// goes when all members of one have ended.
func TestBatchGroupMaxRuns(t *testing.T) {
	h, w := withWorker(t, "b:b")
	h.define(batched("b", Batch{MaxSize: 2, GroupMaxRuns: pointer(int32(1))}))
	for range 4 {
		h.trigger("b", `{}`)
	}
	b := h.nextBatch()
	h.pass(5*time.Second, w)
	h.noBatch()
	h.report(b, BatchCompleted, `{}`, 0)
	h.noBatch()
	h.report(b, BatchCompleted, `{}`, 1)
	equal(t, "members", len(h.nextBatch().Members), 2)
}

// Section 9.6: a batch takes the slots of one member until the last has ended.
func TestBatchSlots(t *testing.T) {
	h := newHarness(t, Config{})
	h.worker(map[string]int32{"default": 3}, "b:b", "one:one")
	h.define(batched("b", Batch{MaxSize: 3}, func(t *TaskDefinition) { t.SlotRequests = map[string]int32{"default": 2} }))
	h.define(single("one"))
	for range 6 {
		h.trigger("b", `{}`)
	}
	b := h.nextBatch()
	h.noBatch()
	h.trigger("one", `{}`)
	h.next()
	h.trigger("one", `{}`)
	h.idle()
	h.report(b, BatchCompleted, `{}`, 0)
	h.do(ReleaseSlot{TaskID: b.Members[2].TaskID})
	h.noBatch()
	h.report(b, BatchFailed, "no", 1)
	equal(t, "members", len(h.nextBatch().Members), 3)
	h.status(b.Members[2].RunID, Running)
}

// Section 9.9: each member can be cancelled, waits no longer than its schedule
// timeout, and runs no longer than its execution timeout.
func TestBatchMembersEnd(t *testing.T) {
	h, w := withWorker(t, "b:b")
	h.define(batched("b", Batch{MaxSize: 3, MaxIntervalMS: pointer(int32(60_000))},
		func(t *TaskDefinition) { t.ScheduleTimeout, t.Timeout = "10s", "30s" }))
	late := h.trigger("b", `{}`)
	h.pass(9*time.Second, w)
	gone := h.trigger("b", `{}`)
	h.do(Cancel{IDs: []string{gone}})
	h.pass(time.Second, w)
	h.status(late, Cancelled)
	h.status(gone, Cancelled)
	h.noBatch()
	var runs []string
	for range 3 {
		runs = append(runs, h.trigger("b", `{}`))
	}
	b := h.nextBatch()
	equal(t, "members", ids(b), strings.Join(runs, ","))
	h.do(Cancel{IDs: runs[1:2]})
	equal(t, "stopped", h.stops[0].Action.TaskID, runs[1])
	equal(t, "batch", *h.stops[0].Action.Batch, BatchPlace{ID: b.Action.Batch.ID, Key: "default", Size: 3, Index: 1})
	h.report(b, BatchCompleted, `{}`, 0, 1)
	h.status(runs[0], Completed)
	h.status(runs[1], Cancelled)
	h.pass(30*time.Second, w)
	h.status(runs[2], Failed)
	equal(t, "stops", len(h.stops), 2)
}

// Sections 3.5 and 9.5: a batch that gets lost is put together again from what
// is left, and an old report does not count.
func TestBatchLost(t *testing.T) {
	h, w := withWorker(t, "b:b")
	h.define(batched("b", Batch{MaxSize: 2}, retries(1)))
	h.trigger("b", `{}`)
	h.trigger("b", `{}`)
	lost := h.nextBatch()
	h.do(BatchSendFailed{BatchID: lost.Action.Batch.ID, WorkerID: w, Handout: lost.Handout + 1})
	h.noBatch()
	h.do(BatchSendFailed{BatchID: lost.Action.Batch.ID, WorkerID: w, Handout: lost.Handout})
	h.pass(time.Second, w)
	b := h.nextBatch()
	equal(t, "members", ids(b), ids(lost))
	equal(t, "retries", b.Members[0].RetryCount, 1)
	h.report(lost, BatchCompleted, `{}`, 0, 1)
	h.status(b.Members[0].RunID, Running)
	h.do(WorkerConnected{WorkerID: w, SessionID: "again"})
	again := h.nextBatch()
	equal(t, "batch", again.Action.Batch.ID, b.Action.Batch.ID)
	equal(t, "again", again.Again, true)
	h.report(b, BatchFailed, "once more", 1)
	h.report(b, BatchCompleted, `{}`, 0)
	h.pass(2*time.Second, w)
	retried := h.nextBatch()
	equal(t, "members", ids(retried), b.Members[1].TaskID)
	h.report(retried, BatchCancelled, "", 0)
	h.status(b.Members[1].RunID, Cancelled)
	if r := h.apply(BatchReport{Kind: BatchCompleted, Items: []BatchReportItem{{Report: Report{TaskID: h.seed()}}}}); r.Err == nil || r.Err.Code != NotFound {
		t.Errorf("a report about unknown tasks: %v", r.Err)
	}
}

// Section 9.9 with 9.7, 9.8 and 9.6: members hold their places and units before
// they wait for each other, and go by priority.
func TestBatchAfterLimits(t *testing.T) {
	h, w := withWorker(t, "b:b")
	h.define(batched("b", Batch{MaxSize: 3}, func(t *TaskDefinition) {
		t.RateLimits = []RateLimit{{Key: "r", LimitExpr: pointer("2"), Duration: "MINUTE"}}
		t.Concurrency = []Concurrency{{Expression: "'k'", MaxRuns: 3, Strategy: groupRoundRobin}}
	}))
	item := func(priority int32) string {
		return h.do(Trigger{Seed: h.seed(), Items: []TriggerItem{{Workflow: "b", Priority: priority}}}).(TriggerReply).RunIDs[0]
	}
	low, high := item(1), item(3)
	item(1)
	item(1)
	h.pass(time.Second, w)
	b := h.nextBatch()
	equal(t, "members", ids(b), high+","+low)
	h.report(b, BatchCompleted, `{}`, 0, 1)
	h.pass(time.Minute, w)
	equal(t, "members", len(h.nextBatch().Members), 2)
}

// Section 5.3: what is out of range is refused.
func TestBatchValidation(t *testing.T) {
	h, _ := withCEL(t)
	for name, change := range map[string]func(*TaskDefinition){
		"size 0":     func(t *TaskDefinition) { t.Batch.MaxSize = 0 },
		"size":       func(t *TaskDefinition) { t.Batch.MaxSize = 100_001 },
		"interval 0": func(t *TaskDefinition) { t.Batch.MaxIntervalMS = pointer(int32(0)) },
		"interval":   func(t *TaskDefinition) { t.Batch.MaxIntervalMS = pointer(int32(86_400_001)) },
		"runs 0":     func(t *TaskDefinition) { t.Batch.GroupMaxRuns = pointer(int32(0)) },
		"runs":       func(t *TaskDefinition) { t.Batch.GroupMaxRuns = pointer(int32(10_001)) },
		"key":        func(t *TaskDefinition) { t.Batch.GroupKey = "(" },
		"durable":    func(t *TaskDefinition) { t.Durable = true },
	} {
		if r := h.apply(PutWorkflow{Definition: batched("b", Batch{MaxSize: 1}, change)}); r.Err == nil || r.Err.Code != InvalidArgument {
			t.Errorf("%s: %v", name, r.Err)
		}
	}
}

// A group is forgotten when nothing comes for long, and with it its interval.
func TestBatchGroupForgotten(t *testing.T) {
	h, w := withWorker(t, "b:b")
	h.define(batched("b", Batch{MaxSize: 1}))
	h.trigger("b", `{}`)
	b := h.nextBatch()
	h.report(b, BatchCompleted, `{}`, 0)
	equal(t, "groups", len(h.core.batchGroups), 1)
	h.pass(batchGroupForgotten, w)
	equal(t, "groups", len(h.core.batchGroups), 0)
}

// A restored engine goes on with the same groups and batches.
func TestBatchSnapshot(t *testing.T) {
	h, w := withWorker(t, "b:b")
	h.define(batched("b", Batch{MaxSize: 2}))
	for range 3 {
		h.trigger("b", `{}`)
	}
	b := h.nextBatch()
	data, err := h.core.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(data) {
		t.Fatal("the snapshot is no JSON")
	}
	if h.core, err = Restore(Config{}, data); err != nil {
		t.Fatal(err)
	}
	checkInvariants(t, h.core)
	h.do(Heartbeat{WorkerID: w})
	h.report(b, BatchCompleted, `{}`, 0, 1)
	h.pass(time.Second, w)
	equal(t, "members", len(h.nextBatch().Members), 1)
}
