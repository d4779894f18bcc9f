package core

import (
	"testing"
	"time"
)

// hatchet-protocol.md section 6.7: a task and its descendants run again, the
// others count with how they ended.
func TestReplayTask(t *testing.T) {
	h, _ := withWorker(t, diamondActions...)
	h.define(diamond())
	id := h.trigger("dia", `{"n":1}`)
	h.complete(h.next(), `{"a":1}`)
	b, c := h.nextNamed("b"), h.nextNamed("c")
	h.fail(b, "boom")
	h.complete(h.nextNamed("on-failure-task"), `{}`)
	h.complete(c, `{"c":1}`)
	h.status(id, Failed)

	replayed := h.do(Replay{IDs: []string{b.TaskID}}).(ReplayReply).TaskIDs
	equal(t, "replayed", len(replayed), 3)
	h.status(id, Running)
	b = h.next()
	h.idle()
	equal(t, "retry count", b.RetryCount, int32(1))
	equal(t, "parents", field(t, b.Payload, "parents"), `{"a":{"a":1},"c":{"c":1}}`)
	h.complete(b, `{"b":1}`)
	d := h.next()
	equal(t, "task", d.TaskName, "d")
	equal(t, "parents", field(t, d.Payload, "parents"), `{"a":{"a":1},"b":{"b":1},"c":{"c":1}}`)
	h.complete(d, `{}`)
	h.status(id, Completed)
	equal(t, "on-failure", h.fate(id, "on-failure-task"), "skipped")
	equal(t, "ends", len(h.ends), 2)
}

// hatchet-protocol.md section 6.7: a whole run, with fresh retries.
func TestReplayRun(t *testing.T) {
	h, _ := withWorker(t, "r:r")
	h.define(single("r", retries(1)))
	id := h.trigger("r", "")
	h.fail(h.next(), "one")
	h.fail(h.next(), "two")
	h.status(id, Failed)
	h.do(Replay{IDs: []string{id}})
	equal(t, "retry count", h.next().RetryCount, int32(2))
	h.do(Replay{IDs: []string{id}}) // active: passed over
	h.idle()
	h.do(TaskFailed{Report: Report{TaskID: id}, Error: "three"})
	h.do(TaskCompleted{Report: attemptOf(h.next()), Output: `{}`})
	h.status(id, Completed)
	h.refused(Replay{}, InvalidArgument)
	equal(t, "unknown", len(h.do(Replay{IDs: []string{h.seed()}}).(ReplayReply).TaskIDs), 0)
	equal(t, "by filter", len(h.do(Replay{Filter: &RunFilter{Statuses: []Status{Completed}}}).(ReplayReply).TaskIDs), 1)
}

// hatchet-protocol.md sections 6.7 and 8.4: a durable task keeps its log, and
// waits that its end had stopped go on.
func TestReplayDurable(t *testing.T) {
	d := withDurable(t)
	d.sleep("10s")
	d.spawn2("k")
	d.pass(10*time.Second, d.worker)
	d.do(Cancel{IDs: []string{d.action.TaskID}})
	child := d.next()
	d.complete(child, `{"k":1}`)
	d.stream = nil
	d.do(Replay{IDs: []string{d.action.TaskID}})
	d.action = d.next()
	d.sleep("10s")
	d.want(DurableWaitForAck{Ref: d.ref(1)})
	d.want(sleepOver(d.ref(1), "10s"))
	ack := d.spawn(TriggerItem{Workflow: "k"})
	equal(t, "child", ack.Entries[0].RunID, child.RunID)
	d.want(DurableEntryCompleted{Ref: d.ref(2), Payload: []byte(`{"k":1}`)})
	d.sleep("5s")
	d.want(DurableWaitForAck{Ref: d.ref(3)})
	d.do(Cancel{IDs: []string{d.action.TaskID}})
	d.do(Replay{IDs: []string{d.action.TaskID}})
	d.action = d.next()
	d.sleep("10s")
	d.spawn2("k")
	d.stream = nil
	d.sleep("5s")
	d.want(DurableWaitForAck{Ref: d.ref(3)})
	d.pass(5*time.Second, d.worker)
	d.want(sleepOver(d.ref(3), "5s"))
}

// hatchet-protocol.md section 8.4: branching.
func TestDurableBranch(t *testing.T) {
	d := withDurable(t)
	id := d.action.TaskID
	d.memo("a")
	d.do(DurableCompleteMemo{SessionID: "1", Ref: d.ref(1), Key: []byte("a"), Payload: []byte(`1`)})
	d.sleep("1s")
	d.pass(time.Second, d.worker)
	d.memo("b")
	d.refused(DurableBranch{TaskID: id, NodeID: 2, BranchID: 1}, FailedPrecondition)
	d.complete(d.action, `{}`)
	d.refused(DurableBranch{TaskID: id, NodeID: 9, BranchID: 1}, NotFound)
	d.refused(DurableBranch{TaskID: id, NodeID: 1, BranchID: 9}, NotFound)
	reply := d.do(DurableBranch{TaskID: id, NodeID: 2, BranchID: 1}).(DurableBranchReply)
	equal(t, "branch", reply.BranchID, int64(2))
	d.action = d.next()
	d.stream = nil
	d.memo("a")
	d.want(DurableMemoAck{Ref: d.ref(1), Existed: true, Payload: []byte(`1`)})
	d.want(DurableEntryCompleted{Ref: d.ref(1), Payload: []byte(`1`)})
	d.sleep("2s") // something else than before, on its own branch
	ref := d.ref(2)
	ref.BranchID = 2
	d.want(DurableWaitForAck{Ref: ref})
	d.pass(2*time.Second, d.worker)
	d.want(sleepOver(ref, "2s"))
}

// Branch 0 has no nodes: everything runs again, from whichever node.
func TestDurableBranchOfNothing(t *testing.T) {
	d := withDurable(t)
	d.sleep("1s")
	d.pass(time.Second, d.worker)
	d.refused(DurableBranch{TaskID: d.action.TaskID, NodeID: 2}, FailedPrecondition)
	d.complete(d.action, `{}`)
	equal(t, "branch", d.do(DurableBranch{TaskID: d.action.TaskID, NodeID: 2}).(DurableBranchReply).BranchID, int64(2))
	d.action = d.next()
	d.stream = nil
	ref := d.ref(1)
	ref.BranchID = 2
	d.sleep("1s")
	d.want(DurableWaitForAck{Ref: ref})
	d.pass(time.Second, d.worker)
	d.want(sleepOver(ref, "1s"))
	d.evict()
	d.action = d.next() // its completion crossed the eviction
	ref.Invocation = *d.action.InvocationCount
	d.sleep("1s")
	d.want(DurableWaitForAck{Ref: ref})
	d.want(sleepOver(ref, "1s"))
}
