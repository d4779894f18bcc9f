package core

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
)

// harness drives a core by hand: its own clock, seeds, and a record of the
// commands for tests that apply them again.
type harness struct {
	t       testing.TB
	core    *Core
	now     time.Time
	seeds   int
	events  []TaskEvent
	ends    []RunResult
	starts  []AssignedAction // assignments not yet taken by next
	batches []AssignBatch    // not yet taken by nextBatch
	stops   []CancelAction   // cancellations
	stream  []Durable        // durable messages
	missed  []AttemptFailed
	placed  map[string]string // worker by task
	record  []recorded
	beat    time.Time
}

type recorded struct {
	at  time.Time
	cmd []byte
}

var testStart = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func newHarness(t testing.TB, config Config) *harness {
	return &harness{t: t, core: New(config), now: testStart, beat: testStart, placed: map[string]string{}}
}

// withWorker is a harness with a connected worker "w" for the given actions.
func withWorker(t testing.TB, actions ...string) (*harness, string) {
	h := newHarness(t, Config{})
	return h, h.worker(nil, actions...)
}

func (h *harness) seed() string {
	h.seeds++
	return uuid.NewSHA1(uuid.NameSpaceOID, fmt.Appendf(nil, "seed %d", h.seeds)).String()
}

// apply applies a command and sorts its effects; it returns the reply.
func (h *harness) apply(cmd Command) Reply {
	h.t.Helper()
	data, err := Encode(cmd)
	if err != nil {
		h.t.Fatal(err)
	}
	if h.core.Journals(cmd) {
		h.record = append(h.record, recorded{h.now, data})
	}
	var reply *Reply
	for _, e := range h.core.Apply(h.now, cmd) {
		if r, ok := e.(Reply); !ok {
			h.sort(e)
		} else if reply != nil {
			h.t.Fatalf("%T has two replies", cmd)
		} else {
			reply = &r
		}
	}
	if reply == nil {
		h.t.Fatalf("%T has no reply", cmd)
	}
	return *reply
}

func (h *harness) sort(e Effect) {
	h.t.Helper()
	switch e := e.(type) {
	case Assign:
		h.starts = append(h.starts, e.Action)
		h.placed[e.Action.TaskID] = e.WorkerID
		if !json.Valid(e.Action.Payload) {
			h.t.Fatalf("payload is not JSON: %s", e.Action.Payload)
		}
	case AssignBatch:
		h.batches = append(h.batches, e)
		for _, m := range e.Members {
			h.placed[m.TaskID] = e.WorkerID
		}
		if !json.Valid(e.Action.Payload) {
			h.t.Fatalf("payload is not JSON: %s", e.Action.Payload)
		}
	case CancelAction:
		h.stops = append(h.stops, e)
	case TaskEvent:
		h.events = append(h.events, e)
	case AttemptFailed:
		h.missed = append(h.missed, e)
	case RunFinished:
		h.ends = append(h.ends, e.Result)
	case Durable:
		h.stream = append(h.stream, e)
	}
}

// do applies a command that must succeed.
func (h *harness) do(cmd Command) any {
	h.t.Helper()
	r := h.apply(cmd)
	if r.Err != nil {
		h.t.Fatalf("%T: %v", cmd, r.Err)
	}
	return r.Value
}

// refused applies a command that must be refused with the code.
func (h *harness) refused(cmd Command, code Code) string {
	h.t.Helper()
	r := h.apply(cmd)
	if r.Err == nil {
		h.t.Fatalf("%T was accepted, want code %d", cmd, code)
	}
	if r.Err.Code != code {
		h.t.Fatalf("%T: code %d (%s), want %d", cmd, r.Err.Code, r.Err.Message, code)
	}
	return r.Err.Message
}

func (h *harness) worker(slots map[string]int32, actions ...string) string {
	h.t.Helper()
	id := h.do(RegisterWorker{Seed: h.seed(), Name: "w", Actions: actions, Slots: slots}).(RegisterWorkerReply).WorkerID
	h.do(WorkerConnected{WorkerID: id, SessionID: "s-" + id})
	h.do(Heartbeat{WorkerID: id})
	return id
}

// pass lets time go by, with a tick at every wake-up and heartbeats of the
// given workers every 4 s.
func (h *harness) pass(d time.Duration, workers ...string) {
	h.t.Helper()
	end := h.now.Add(d)
	for {
		next := end
		if len(workers) > 0 {
			if next = h.beat.Add(4 * time.Second); next.After(end) {
				next = end
			}
		}
		if wake, ok := h.core.NextWake(); ok && wake.Before(next) {
			next = wake
		}
		if next.After(h.now) {
			h.now = next
		}
		for _, cmd := range h.core.Due(h.now) {
			h.do(cmd)
		}
		if len(workers) > 0 && !h.now.Before(h.beat.Add(4*time.Second)) {
			h.beat = h.now
			for _, w := range workers {
				h.do(Heartbeat{WorkerID: w})
			}
		}
		if !h.now.Before(end) {
			return
		}
	}
}

// next takes the oldest assignment that was not looked at yet.
func (h *harness) next() AssignedAction {
	h.t.Helper()
	if len(h.starts) == 0 {
		h.t.Fatal("no assignment")
	}
	a := h.starts[0]
	h.starts = h.starts[1:]
	return a
}

// nextNamed takes the assignment of a task by name.
func (h *harness) nextNamed(name string) AssignedAction {
	h.t.Helper()
	for i, a := range h.starts {
		if a.TaskName == name {
			h.starts = append(h.starts[:i:i], h.starts[i+1:]...)
			return a
		}
	}
	h.t.Fatalf("no assignment of %s among %d", name, len(h.starts))
	return AssignedAction{}
}

func (h *harness) idle() {
	h.t.Helper()
	if len(h.starts) > 0 {
		h.t.Fatalf("unexpected assignment of %s", h.starts[0].TaskName)
	}
}

func attemptOf(a AssignedAction) Report {
	retry := a.RetryCount
	return Report{TaskID: a.TaskID, RetryCount: &retry}
}

func (h *harness) complete(a AssignedAction, output string) {
	h.t.Helper()
	h.do(TaskCompleted{Report: attemptOf(a), Output: output})
}

func (h *harness) fail(a AssignedAction, message string) {
	h.t.Helper()
	h.do(TaskFailed{Report: attemptOf(a), Error: message})
}

// trigger starts one run of a workflow.
func (h *harness) trigger(workflow, input string) string {
	h.t.Helper()
	return h.do(Trigger{Seed: h.seed(), Items: []TriggerItem{{Workflow: workflow, Input: input}}}).(TriggerReply).RunIDs[0]
}

func (h *harness) run(id string) RunView {
	h.t.Helper()
	v, ok := h.core.Run(id)
	if !ok {
		h.t.Fatalf("run %s is unknown", id)
	}
	return v
}

func (h *harness) status(id string, want Status) {
	h.t.Helper()
	if got := h.run(id).Status; got != want {
		h.t.Fatalf("run is %s, want %s", got, want)
	}
}

// tasks gives the statuses of a run's tasks by name.
func (h *harness) tasks(id string) map[string]TaskView {
	out := map[string]TaskView{}
	for _, t := range h.run(id).Tasks {
		out[t.Name] = t
	}
	return out
}

func (h *harness) taskStatus(id, name string, want Status) {
	h.t.Helper()
	t, ok := h.tasks(id)[name]
	if !ok {
		h.t.Fatalf("task %s does not exist yet", name)
	}
	if t.Status != want {
		h.t.Fatalf("task %s is %s, want %s", name, t.Status, want)
	}
}

// define registers a workflow.
func (h *harness) define(d Definition) PutWorkflowReply {
	h.t.Helper()
	return h.do(PutWorkflow{Definition: d}).(PutWorkflowReply)
}

// single is a workflow of one task named like it.
func single(name string, change ...func(*TaskDefinition)) Definition {
	return Definition{Name: name, Tasks: []TaskDefinition{taskOf(name, name, nil, change...)}}
}

func taskOf(workflow, name string, parents []string, change ...func(*TaskDefinition)) TaskDefinition {
	t := TaskDefinition{Name: name, Action: workflow + ":" + name, Timeout: "60s", Parents: parents}
	for _, f := range change {
		f(&t)
	}
	return t
}

func retries(n int32) func(*TaskDefinition) {
	return func(t *TaskDefinition) { t.Retries = n }
}

// field reads a field of a payload by path.
func field(t testing.TB, payload []byte, path ...string) string {
	t.Helper()
	raw := json.RawMessage(payload)
	for _, name := range path {
		var object map[string]json.RawMessage
		if err := json.Unmarshal(raw, &object); err != nil {
			t.Fatalf("%s: %v", raw, err)
		}
		raw = object[name]
	}
	return string(raw)
}

func equal[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("%s: got %v, want %v", what, got, want)
	}
}
