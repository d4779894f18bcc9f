package core

import (
	"fmt"
	"strings"
	"testing"
	"time"

	declared "github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// durableHarness is a harness with a durable task "d" under way and its stream.
type durableHarness struct {
	*harness
	worker  string
	session string
	action  AssignedAction
}

func withDurable(t testing.TB) *durableHarness {
	h := newHarness(t, Config{})
	h.define(single("d", retries(1), func(t *TaskDefinition) { t.Durable, t.Timeout = true, "1000h" }))
	h.define(single("k"))
	w := h.do(RegisterWorker{Seed: h.seed(), Name: "w", Actions: []string{"d:d", "k:k"},
		Slots: map[string]int32{"default": 5, "durable": 5}}).(RegisterWorkerReply).WorkerID
	h.do(WorkerConnected{WorkerID: w, SessionID: "s"})
	h.do(Heartbeat{WorkerID: w})
	d := &durableHarness{harness: h, worker: w, session: "1"}
	h.do(DurableConnected{SessionID: "1", WorkerID: w})
	d.want(DurableRegistered{WorkerID: w})
	h.trigger("d", `{}`)
	d.action = h.next()
	return d
}

// want takes the next message of the stream and compares it.
func (d *durableHarness) want(want DurableMessage) {
	d.t.Helper()
	got := d.message()
	if g, w := fmt.Sprintf("%T %+v", got, got), fmt.Sprintf("%T %+v", want, want); g != w {
		d.t.Fatalf("message:\n got %s\nwant %s", g, w)
	}
}

func (d *durableHarness) message() DurableMessage {
	d.t.Helper()
	if len(d.stream) == 0 {
		d.t.Fatal("no message on the stream")
	}
	m := d.stream[0]
	d.stream = d.stream[1:]
	equal(d.t, "stream", m.SessionID, d.session)
	return m.Message
}

func (d *durableHarness) quiet() {
	d.t.Helper()
	if len(d.stream) > 0 {
		d.t.Fatalf("unexpected message %T %+v", d.stream[0].Message, d.stream[0].Message)
	}
}

func (d *durableHarness) ref(node int64) EntryRef {
	return EntryRef{TaskID: d.action.TaskID, Invocation: *d.action.InvocationCount, BranchID: 1, NodeID: node}
}

func (d *durableHarness) memo(key string) {
	d.t.Helper()
	d.do(DurableMemo{SessionID: d.session, TaskID: d.action.TaskID, Invocation: *d.action.InvocationCount, Key: []byte(key)})
}

func (d *durableHarness) sleep(length string) {
	d.t.Helper()
	d.wait(Condition{Kind: ConditionSleep, Key: "sleep-" + length, SleepFor: length})
}

func (d *durableHarness) wait(conditions ...Condition) {
	d.t.Helper()
	d.do(DurableWaitFor{SessionID: d.session, TaskID: d.action.TaskID, Invocation: *d.action.InvocationCount, Conditions: conditions})
}

func (d *durableHarness) spawn(items ...TriggerItem) DurableTriggerRunsAck {
	d.t.Helper()
	d.do(DurableTriggerRuns{SessionID: d.session, TaskID: d.action.TaskID, Invocation: *d.action.InvocationCount, Items: items})
	ack, ok := d.message().(DurableTriggerRunsAck)
	if !ok {
		d.t.Fatalf("no ack: %T", ack)
	}
	return ack
}

func (d *durableHarness) push(key, scope, payload string) {
	d.t.Helper()
	d.do(PushEvent{Seed: d.seed(), Events: []UserEvent{{Key: key, Scope: scope, Payload: payload}}})
}

func (d *durableHarness) evict() {
	d.t.Helper()
	n := *d.action.InvocationCount
	d.do(DurableEvict{SessionID: d.session, TaskID: d.action.TaskID, Invocation: n})
	d.want(DurableEvictionAck{TaskID: d.action.TaskID, Invocation: n})
}

func sleepOver(ref EntryRef, length string) DurableEntryCompleted {
	return DurableEntryCompleted{Ref: ref, Payload: fmt.Appendf(nil, `{"CREATE":{"sleep-%s":[{"sleep_duration":"%s"}]}}`, length, length)}
}

// hatchet-protocol.md section 8.2: sleep.
func TestDurableSleep(t *testing.T) {
	d := withDurable(t)
	equal(t, "invocation", *d.action.InvocationCount, int32(1))
	d.sleep("1h")
	d.want(DurableWaitForAck{Ref: d.ref(1)})
	d.pass(59*time.Minute, d.worker)
	d.quiet()
	d.pass(time.Minute, d.worker)
	d.want(sleepOver(d.ref(1), "1h"))
	d.complete(d.action, `{"slept":true}`)
	equal(t, "ends", len(d.ends), 1)
}

// hatchet-protocol.md section 8.2: groups are all required, their members are
// alternatives; only what fired is in the payload.
func TestDurableWaitGroups(t *testing.T) {
	d := withDurable(t)
	group := d.seed()
	d.wait(
		Condition{Kind: ConditionSleep, Key: "s", SleepFor: "1h", Group: group},
		Condition{Kind: ConditionUserEvent, Key: "e", EventKey: "e", Group: group},
		Condition{Kind: ConditionUserEvent, Key: "f", EventKey: "f"},
	)
	d.want(DurableWaitForAck{Ref: d.ref(1)})
	d.push("f", "", `{"n":1}`)
	d.push("f", "", `{"n":2}`)
	d.quiet()
	d.push("e", "", `{"n":3}`)
	d.want(DurableEntryCompleted{Ref: d.ref(1), Payload: []byte(`{"CREATE":{"f":[{"n":1}],"e":[{"n":3}]}}`)})
	d.pass(2*time.Hour, d.worker)
	d.quiet()
}

// hatchet-protocol.md sections 7.2 and 8.2: scope, and events of the past.
func TestDurableLookback(t *testing.T) {
	d := withDurable(t)
	d.push("e", "s", `{"n":1}`)
	d.pass(time.Minute, d.worker)
	since := d.now.Add(-time.Second)
	d.push("e", "s", `{"n":2}`)
	d.push("e", "other", `{"n":3}`)
	d.wait(Condition{Kind: ConditionUserEvent, Key: "e", EventKey: "e", Scope: "s", Since: &since})
	d.want(DurableWaitForAck{Ref: d.ref(1)})
	d.want(DurableEntryCompleted{Ref: d.ref(1), Payload: []byte(`{"CREATE":{"e":[{"n":2}]}}`)})
	d.wait(Condition{Kind: ConditionUserEvent, Key: "e", EventKey: "e", Scope: "s"})
	d.want(DurableWaitForAck{Ref: d.ref(2)})
	d.push("e", "", `{"n":4}`)
	d.quiet()
	d.push("e", "s", `{"n":5}`)
	d.want(DurableEntryCompleted{Ref: d.ref(2), Payload: []byte(`{"CREATE":{"e":[{"n":5}]}}`)})
}

// hatchet-protocol.md section 8.2: memos.
func TestDurableMemo(t *testing.T) {
	d := withDurable(t)
	d.memo("a")
	d.want(DurableMemoAck{Ref: d.ref(1)})
	complete := DurableCompleteMemo{SessionID: "1", Ref: d.ref(1), Key: []byte("a"), Payload: []byte(`1`)}
	d.do(complete)
	complete.Payload = []byte(`2`)
	d.do(complete)
	d.quiet()
	d.memo("b")
	d.want(DurableMemoAck{Ref: d.ref(2)})
	d.fail(d.action, "retry me")
	d.action = d.next()
	equal(t, "invocation", *d.action.InvocationCount, int32(2))
	d.memo("a")
	d.want(DurableMemoAck{Ref: d.ref(1), Existed: true, Payload: []byte(`1`)})
	d.want(DurableEntryCompleted{Ref: d.ref(1), Payload: []byte(`1`)})
	d.memo("b")
	d.want(DurableMemoAck{Ref: d.ref(2)})
	d.quiet()
}

// hatchet-protocol.md sections 8.2 and 8.4: children.
func TestDurableChildren(t *testing.T) {
	d := withDurable(t)
	zero, one, key := int32(0), int32(1), "key"
	ack := d.spawn(TriggerItem{Workflow: "k", Input: `{"n":1}`, ChildIndex: &zero}, TriggerItem{Workflow: "k", ChildIndex: &one, ChildKey: &key})
	equal(t, "nodes", fmt.Sprint(ack.Entries[0].NodeID, ack.Entries[1].NodeID), "1 2")
	again := d.spawn(TriggerItem{Workflow: "k", ChildIndex: &one, ChildKey: &key})
	equal(t, "run by key", again.Entries[0], ack.Entries[1])
	first, second := d.next(), d.next()
	equal(t, "parent", first.ParentRunID, d.action.TaskID)
	d.fail(second, "child failed")
	d.want(DurableEntryCompleted{Ref: d.ref(2), Failed: true, ErrorMessage: "child failed"})
	d.complete(first, `{"r":1}`)
	d.want(DurableEntryCompleted{Ref: d.ref(1), Payload: []byte(`{"r":1}`)})
	list := d.spawn(TriggerItem{Workflow: "k", Input: `{"n":3}`})
	d.complete(d.next(), `[1]`)
	d.want(DurableEntryCompleted{Ref: d.ref(list.Entries[0].NodeID), Failed: true, ErrorMessage: declared.Untold("k", []byte(`[1]`))})
	third := d.spawn(TriggerItem{Workflow: "k"})
	d.do(Cancel{IDs: []string{third.Entries[0].RunID}})
	d.want(DurableEntryCompleted{Ref: d.ref(4), Failed: true, ErrorMessage: "task was cancelled"})
	d.do(DurableTriggerRuns{SessionID: "1", TaskID: d.action.TaskID, Invocation: 1, Items: []TriggerItem{{Workflow: "nope"}}})
	d.want(DurableError{Ref: EntryRef{TaskID: d.action.TaskID, Invocation: 1}, Message: "workflow names not found: nope"})
}

// hatchet-protocol.md section 8.2: the payload of a child that is a DAG.
func TestDurableDAGChild(t *testing.T) {
	d := withDurable(t)
	d.define(Definition{Name: "k2", Tasks: []TaskDefinition{
		{Name: "a", Action: "k:k"}, {Name: "b", Action: "k:k", Parents: []string{"a"}},
	}})
	d.spawn(TriggerItem{Workflow: "k2"})
	d.complete(d.next(), `{"a":1}`)
	d.complete(d.next(), ``)
	d.want(DurableEntryCompleted{Ref: d.ref(1), Payload: []byte(`{"a":{"a":1},"b":{}}`)})
}

// hatchet-protocol.md sections 8.2 and 8.4: eviction, restoration, and
// completions in the order of satisfaction.
func TestEvictionAndOrder(t *testing.T) {
	d := withDurable(t)
	d.sleep("2h")
	d.want(DurableWaitForAck{Ref: d.ref(1)})
	d.sleep("1h")
	d.want(DurableWaitForAck{Ref: d.ref(2)})
	d.evict()
	v, _ := d.core.Worker(d.worker)
	for _, s := range v.Slots {
		equal(t, "used "+s.Type, s.Used, int32(0))
	}
	equal(t, "evicted", d.run(d.action.RunID).Evicted, true)
	d.pass(time.Hour, d.worker)
	d.quiet()
	d.action = d.next()
	equal(t, "invocation", *d.action.InvocationCount, int32(2))
	equal(t, "retry count", d.action.RetryCount, int32(0))
	d.sleep("2h")
	d.want(DurableWaitForAck{Ref: d.ref(1)})
	d.sleep("1h")
	d.want(DurableWaitForAck{Ref: d.ref(2)})
	d.want(sleepOver(d.ref(2), "1h"))
	d.pass(time.Hour, d.worker)
	d.want(sleepOver(d.ref(1), "2h"))
	d.fail(d.action, "again")
	d.action = d.next()
	d.sleep("2h")
	d.want(DurableWaitForAck{Ref: d.ref(1)})
	d.quiet()
	d.sleep("1h")
	d.want(DurableWaitForAck{Ref: d.ref(2)})
	d.want(sleepOver(d.ref(2), "1h"))
	d.want(sleepOver(d.ref(1), "2h"))
}

// A completion that crosses an eviction is not lost, and an eviction after a
// replay does not bounce.
func TestEvictionCrossing(t *testing.T) {
	d := withDurable(t)
	d.sleep("2h")
	d.sleep("1h")
	d.pass(time.Hour, d.worker)
	d.stream = nil
	d.evict()
	d.action = d.next()
	d.sleep("2h")
	d.sleep("1h")
	d.stream = nil
	d.evict()
	d.idle()
	equal(t, "restored", d.do(RestoreTask{TaskID: d.action.TaskID}).(RestoreTaskReply).Requeued, true)
	equal(t, "restored", d.do(RestoreTask{TaskID: d.action.TaskID}).(RestoreTaskReply).Requeued, false)
	equal(t, "invocation", *d.next().InvocationCount, int32(3))
}

// A worker that has told what it still waits for knows what it does not wait
// for any more: its eviction is no crossing.
func TestEvictionAfterStatus(t *testing.T) {
	for what, waiting := range map[string][]int64{"of the other": {1}, "of both": {1, 2}, "of nothing": nil} {
		d := withDurable(t)
		d.sleep("2h")
		d.sleep("1h")
		d.pass(time.Hour, d.worker)
		var refs []EntryRef
		for _, node := range waiting {
			refs = append(refs, d.ref(node))
		}
		d.do(DurableWorkerStatus{SessionID: "1", WorkerID: d.worker, Waiting: refs})
		d.stream = nil
		d.evict()
		if what == "of the other" {
			d.idle()
			d.pass(time.Hour, d.worker)
		}
		equal(t, "status "+what+": invocation", *d.next().InvocationCount, int32(2))
	}
}

// hatchet-protocol.md section 8.4: evicted tasks neither time out nor move.
func TestEvictedTasksDoNotTimeOut(t *testing.T) {
	d := withDurable(t)
	d.sleep("2000h")
	d.stream = nil
	d.evict()
	d.pass(1500 * time.Hour)
	d.idle()
	equal(t, "status", d.run(d.action.RunID).Status, Running)
	d.do(Cancel{IDs: []string{d.action.RunID}})
	equal(t, "status", d.run(d.action.RunID).Status, Cancelled)
	equal(t, "stops", len(d.stops), 0)
	d.pass(1000 * time.Hour)
	d.idle()
}

// hatchet-protocol.md sections 8.1 and 8.2: requests of another invocation.
func TestStaleInvocation(t *testing.T) {
	d := withDurable(t)
	id := d.action.TaskID
	d.do(DurableMemo{SessionID: "1", TaskID: id, Invocation: 7})
	d.want(DurableServerEvict{TaskID: id, Invocation: 7, Reason: "invocation count mismatch for task " + id + ": server has 1, worker sent 7"})
	d.do(DurableWorkerStatus{SessionID: "1", WorkerID: d.worker, Waiting: []EntryRef{{TaskID: id, Invocation: 0, BranchID: 1, NodeID: 1}}})
	d.want(DurableServerEvict{TaskID: id, Invocation: 0, Reason: "stale invocation: server has 1, worker sent 0"})
	unknown := d.seed()
	d.do(DurableMemo{SessionID: "1", TaskID: unknown, Invocation: 1})
	d.want(DurableError{Ref: EntryRef{TaskID: unknown, Invocation: 1}, Message: "task run not found: " + unknown})
}

// What a handler asks for before its worker knows that the task is over is taken:
// the worker would drop the invocation without a word otherwise, and not tell the
// handler of its end. Nothing comes of it until the task is replayed.
func TestRequestsOfATaskThatIsOver(t *testing.T) {
	d := withDurable(t)
	d.memo("m")
	d.want(DurableMemoAck{Ref: d.ref(1)})
	d.do(Cancel{IDs: []string{d.action.RunID}})
	d.do(DurableCompleteMemo{Ref: d.ref(1), Key: []byte("m"), Payload: []byte(`1`)})
	d.sleep("1h")
	d.want(DurableWaitForAck{Ref: d.ref(2)})
	child := d.spawn(TriggerItem{Workflow: "k"}).Entries[0].RunID
	d.complete(d.next(), `{"k":1}`)
	equal(t, "child", d.run(child).Status, Completed)
	d.pass(2*time.Hour, d.worker)
	d.quiet()
	equal(t, "status", d.run(d.action.RunID).Status, Cancelled)

	again := func() {
		d.do(Replay{IDs: []string{d.action.TaskID}})
		d.action = d.next()
		d.memo("m")
		d.want(DurableMemoAck{Ref: d.ref(1), Existed: true, Payload: []byte(`1`)})
		d.want(DurableEntryCompleted{Ref: d.ref(1), Payload: []byte(`1`)})
		d.sleep("1h")
		d.want(DurableWaitForAck{Ref: d.ref(2)})
	}
	again()
	d.spawn(TriggerItem{Workflow: "k"})
	d.want(DurableEntryCompleted{Ref: d.ref(3), Payload: []byte(`{"k":1}`)})
	d.do(Cancel{IDs: []string{d.action.RunID}})
	again()
	d.do(Cancel{IDs: []string{d.action.RunID}})
	d.spawn(TriggerItem{Workflow: "k"})
	d.want(DurableEntryCompleted{Ref: d.ref(3), Payload: []byte(`{"k":1}`)})
	d.pass(2*time.Hour, d.worker)
	d.quiet()
}

// hatchet-protocol.md section 8.3.
func TestNonDeterminism(t *testing.T) {
	d := withDurable(t)
	group := d.seed()
	d.wait(Condition{Kind: ConditionSleep, Key: "s", SleepFor: "60s", Group: group},
		Condition{Kind: ConditionUserEvent, Key: "e", EventKey: "paid", Group: group})
	d.want(DurableWaitForAck{Ref: d.ref(1)})
	d.fail(d.action, "again")
	d.action = d.next()
	d.spawn2("k")
	d.want(DurableError{Ref: d.ref(1), NonDeterminism: true, Message: "non-determinism error in task " + d.action.TaskID +
		" at node 1:1\n  expected: any of: sleep(1m0s), event(paid)\n  received: run(k)"})
	d.memo("x")
	if m := d.message().(DurableError); !strings.HasSuffix(m.Message, "received: memo") {
		t.Fatalf("message: %s", m.Message)
	}
	d.wait(Condition{Kind: ConditionUserEvent, Key: "e", EventKey: "paid"}, Condition{Kind: ConditionSleep, Key: "s", SleepFor: "60s"})
	d.want(DurableWaitForAck{Ref: d.ref(1)}) // groups are no part of the key
}

func (d *durableHarness) spawn2(workflow string) {
	d.do(DurableTriggerRuns{SessionID: "1", TaskID: d.action.TaskID, Invocation: *d.action.InvocationCount, Items: []TriggerItem{{Workflow: workflow}}})
}

// hatchet-protocol.md section 8.2: what was lost with a stream comes again when
// the worker says that it waits for it.
func TestDurableReconnect(t *testing.T) {
	d := withDurable(t)
	d.sleep("10s")
	d.want(DurableWaitForAck{Ref: d.ref(1)})
	d.sleep("20s")
	d.want(DurableWaitForAck{Ref: d.ref(2)})
	d.do(DurableDisconnected{SessionID: "1"})
	d.pass(15*time.Second, d.worker)
	d.quiet()
	d.session = "2"
	d.do(DurableConnected{SessionID: "2", WorkerID: d.worker})
	d.want(DurableRegistered{WorkerID: d.worker})
	d.do(DurableWorkerStatus{SessionID: "2", WorkerID: d.worker, Waiting: []EntryRef{d.ref(2), d.ref(1)}})
	d.want(sleepOver(d.ref(1), "10s"))
	d.quiet()
	d.pass(5*time.Second, d.worker)
	d.want(sleepOver(d.ref(2), "20s"))
}

// hatchet-protocol.md section 8.2: an invocation that does not ask for what was
// satisfied first.
func TestStalledRelease(t *testing.T) {
	d := withDurable(t)
	d.sleep("2s")
	d.sleep("1s")
	d.pass(2*time.Second, d.worker)
	d.fail(d.action, "again")
	d.action = d.next()
	d.stream = nil
	d.sleep("2s")
	d.want(DurableWaitForAck{Ref: d.ref(1)})
	d.pass(60*time.Second, d.worker)
	d.want(DurableServerEvict{TaskID: d.action.TaskID, Invocation: 2, Reason: "ordered durable completion release stalled on a missing entry"})
}

// hatchet-protocol.md section 8.2: refusals have an answer.
func TestDurableRefusals(t *testing.T) {
	d := withDurable(t)
	since := d.now
	for _, conditions := range [][]Condition{
		nil,
		{{Kind: ConditionSleep, Key: "s", SleepFor: "soon"}},
		{{Kind: ConditionSleep, Key: "s", SleepFor: "1s", Group: "g"}},
		{{Kind: ConditionSleep, Key: "s", SleepFor: "1s", Action: ActionQueue}},
		{{Kind: ConditionParent, Key: "s", Parent: "p"}},
		{{Kind: ConditionUserEvent, Key: "s", EventKey: "e", Since: &since}},
		{{Kind: ConditionUserEvent, Key: "s", EventKey: "e", Expression: "input.x"}},
	} {
		d.wait(conditions...)
		if m, ok := d.message().(DurableError); !ok || m.NonDeterminism || m.Message == "" {
			t.Fatalf("conditions %+v: %+v", conditions, m)
		}
	}
	d.sleep("1s")
	d.want(DurableWaitForAck{Ref: d.ref(1)})
}
