package fakeengine

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
)

// Log answers the stream of durable tasks as an engine does: it keeps one log
// per task, whose cursor starts anew with every invocation, and evicts when
// asked (hatchet-protocol.md section 8). Give its Answer to Engine.OnDurable.
type Log struct {
	mu      sync.Mutex
	tasks   map[string]*taskLog
	evicted []string
	reasons map[string]string // of the last eviction, by task
	memos   int               // requests for memos
	waits   int               // requests to wait
	bulks   []int             // requests for child runs: how many each
	// Deaf, if set, makes the log take a request and answer nothing.
	Deaf func(*v1.DurableTaskRequest) bool
}

type taskLog struct {
	entries []*logEntry
	cursors map[int32]int // by invocation
}

type logEntry struct {
	kind, key string
	payload   []byte // nil until satisfied
	run       string // of a child: its id
}

// NewLog returns an empty log.
func NewLog() *Log { return &Log{tasks: map[string]*taskLog{}, reasons: map[string]string{}} }

// Answer answers one message of a worker.
func (l *Log) Answer(in *v1.DurableTaskRequest) []*v1.DurableTaskResponse {
	l.mu.Lock()
	defer l.mu.Unlock()
	deaf := l.Deaf != nil && l.Deaf(in)
	var out []*v1.DurableTaskResponse
	switch m := in.Message.(type) {
	case *v1.DurableTaskRequest_Memo:
		l.memos++
		out = l.memo(m.Memo)
	case *v1.DurableTaskRequest_CompleteMemo:
		l.task(m.CompleteMemo.Ref.DurableTaskExternalId).entries[m.CompleteMemo.Ref.NodeId-1].payload = m.CompleteMemo.Payload
	case *v1.DurableTaskRequest_WaitFor:
		l.waits++
		out = l.wait(m.WaitFor)
	case *v1.DurableTaskRequest_TriggerRuns:
		l.bulks = append(l.bulks, len(m.TriggerRuns.TriggerOpts))
		out = l.runs(m.TriggerRuns)
	case *v1.DurableTaskRequest_WorkerStatus:
		out = l.status(m.WorkerStatus)
	case *v1.DurableTaskRequest_EvictInvocation:
		l.evicted = append(l.evicted, m.EvictInvocation.DurableTaskExternalId)
		l.reasons[m.EvictInvocation.DurableTaskExternalId] = m.EvictInvocation.GetReason()
		out = []*v1.DurableTaskResponse{{Message: &v1.DurableTaskResponse_EvictionAck{EvictionAck: &v1.DurableTaskEvictionAckResponse{
			InvocationCount: m.EvictInvocation.InvocationCount, DurableTaskExternalId: m.EvictInvocation.DurableTaskExternalId}}}}
	}
	if deaf {
		return nil
	}
	return out
}

func (l *Log) task(id string) *taskLog {
	t := l.tasks[id]
	if t == nil {
		t = &taskLog{cursors: map[int32]int{}}
		l.tasks[id] = t
	}
	return t
}

// next moves the cursor and returns the entry there, a new one at the end, or
// the refusal of an entry that is another.
func (l *Log) next(task string, invocation int32, kind, key string) (*logEntry, *v1.DurableEventLogEntryRef, *v1.DurableTaskResponse) {
	t := l.task(task)
	at := t.cursors[invocation]
	t.cursors[invocation]++
	ref := &v1.DurableEventLogEntryRef{DurableTaskExternalId: task, InvocationCount: invocation, BranchId: 1, NodeId: int64(at + 1)}
	if at == len(t.entries) {
		t.entries = append(t.entries, &logEntry{kind: kind, key: key})
	}
	e := t.entries[at]
	if e.kind != kind || e.key != key {
		return nil, nil, &v1.DurableTaskResponse{Message: &v1.DurableTaskResponse_Error{Error: &v1.DurableTaskErrorResponse{
			Ref: ref, ErrorType: v1.DurableTaskErrorType_DURABLE_TASK_ERROR_TYPE_NONDETERMINISM,
			ErrorMessage: "non-determinism error in task " + task + " at node 1:1\n  expected: " + e.kind + "\n  received: " + kind}}}
	}
	return e, ref, nil
}

func (l *Log) memo(m *v1.DurableTaskMemoRequest) []*v1.DurableTaskResponse {
	e, ref, refusal := l.next(m.DurableTaskExternalId, m.InvocationCount, "memo", string(m.Key))
	if refusal != nil {
		return []*v1.DurableTaskResponse{refusal}
	}
	return []*v1.DurableTaskResponse{{Message: &v1.DurableTaskResponse_MemoAck{MemoAck: &v1.DurableTaskEventMemoAckResponse{
		Ref: ref, MemoAlreadyExisted: e.payload != nil, MemoResultPayload: e.payload}}}}
}

func (l *Log) wait(m *v1.DurableTaskWaitForRequest) []*v1.DurableTaskResponse {
	kind, key := "wait", ""
	for _, c := range m.WaitForConditions.SleepConditions {
		kind, key = "sleep("+c.SleepFor+")", key+c.SleepFor+";"
	}
	for _, c := range m.WaitForConditions.UserEventConditions {
		kind, key = "event("+c.UserEventKey+")", key+c.UserEventKey+";"
	}
	e, ref, refusal := l.next(m.DurableTaskExternalId, m.InvocationCount, kind, key)
	if refusal != nil {
		return []*v1.DurableTaskResponse{refusal}
	}
	out := []*v1.DurableTaskResponse{{Message: &v1.DurableTaskResponse_WaitForAck{WaitForAck: &v1.DurableTaskEventWaitForAckResponse{Ref: ref}}}}
	if e.payload != nil {
		out = append(out, completedEntry(ref, e.payload))
	}
	return out
}

// runs starts child runs, whose ids are run-<node>; one with the key of an
// earlier one is that.
func (l *Log) runs(m *v1.DurableTaskTriggerRunsRequest) []*v1.DurableTaskResponse {
	ack := &v1.DurableTaskEventTriggerRunsAckResponse{DurableTaskExternalId: m.DurableTaskExternalId, InvocationCount: m.InvocationCount}
	out := []*v1.DurableTaskResponse{{Message: &v1.DurableTaskResponse_TriggerRunsAck{TriggerRunsAck: ack}}}
	for _, opts := range m.TriggerOpts {
		node := l.keyed(m.DurableTaskExternalId, opts.GetChildKey())
		if node == 0 {
			e, ref, refusal := l.next(m.DurableTaskExternalId, m.InvocationCount, "run("+opts.Name+")", opts.Input+"/"+opts.GetChildKey())
			if refusal != nil {
				return []*v1.DurableTaskResponse{refusal}
			}
			node, e.run = int(ref.NodeId), "run-"+strconv.Itoa(int(ref.NodeId))
		}
		e := l.task(m.DurableTaskExternalId).entries[node-1]
		ack.RunEntries = append(ack.RunEntries, &v1.DurableTaskRunAckEntry{NodeId: int64(node), BranchId: 1, WorkflowRunExternalId: e.run})
		if e.payload != nil {
			out = append(out, completedEntry(&v1.DurableEventLogEntryRef{DurableTaskExternalId: m.DurableTaskExternalId,
				InvocationCount: m.InvocationCount, BranchId: 1, NodeId: int64(node)}, e.payload))
		}
	}
	return out
}

// keyed is the node of an earlier child with a key; 0 = there is none.
func (l *Log) keyed(task, key string) int {
	for i, e := range l.task(task).entries {
		if key != "" && strings.HasSuffix(e.key, "/"+key) {
			return i + 1
		}
	}
	return 0
}

// Bulks are the sizes of the requests for child runs.
func (l *Log) Bulks() []int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.bulks)
}

// Reason is why a task was evicted last.
func (l *Log) Reason(task string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.reasons[task]
}

func (l *Log) status(m *v1.DurableTaskWorkerStatusRequest) []*v1.DurableTaskResponse {
	var out []*v1.DurableTaskResponse
	for _, w := range m.WaitingEntries {
		t := l.task(w.DurableTaskExternalId)
		if int(w.NodeId) > len(t.entries) || t.entries[w.NodeId-1].payload == nil {
			continue
		}
		out = append(out, completedEntry(&v1.DurableEventLogEntryRef{DurableTaskExternalId: w.DurableTaskExternalId,
			InvocationCount: w.InvocationCount, BranchId: w.BranchId, NodeId: w.NodeId}, t.entries[w.NodeId-1].payload))
	}
	return out
}

func completedEntry(ref *v1.DurableEventLogEntryRef, payload []byte) *v1.DurableTaskResponse {
	return &v1.DurableTaskResponse{Message: &v1.DurableTaskResponse_EntryCompleted{
		EntryCompleted: &v1.DurableTaskEventLogEntryCompletedResponse{Ref: ref, Payload: payload}}}
}

// Satisfy satisfies an entry, counted from 1, and returns the message that tells
// an invocation of it.
func (l *Log) Satisfy(task string, invocation int32, entry int, payload string) *v1.DurableTaskResponse {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.task(task).entries[entry-1].payload = []byte(payload)
	return completedEntry(&v1.DurableEventLogEntryRef{DurableTaskExternalId: task, InvocationCount: invocation, BranchId: 1, NodeId: int64(entry)}, []byte(payload))
}

// Entries is how many entries the log of a task has.
func (l *Log) Entries(task string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.task(task).entries)
}

// Remembered is the value of a task's entry; "" while it is not satisfied.
func (l *Log) Remembered(task string, entry int) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.task(task).entries[entry-1].payload)
}

// Evicted is how often a task was evicted.
func (l *Log) Evicted(task string) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range l.evicted {
		if id == task {
			n++
		}
	}
	return n
}

// Requests is how often anything was asked of the log.
func (l *Log) Requests() (memos, waits int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.memos, l.waits
}
