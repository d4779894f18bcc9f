package core

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"
)

var seeds = flag.Uint64("seeds", 20, "how many random sequences of commands TestRandomCommands applies")

// model applies random commands to an engine and to a shadow of it that is
// never restored from a snapshot, and holds both to the same effects.
type model struct {
	*harness
	rand      *rand.Rand
	shadow    *Core
	workers   []string
	connected map[string]int // sessions so far, by worker; negative = not connected
	running   []AssignedAction
	waits     map[string]int32 // invocation by durable task under way
	runs      []string
	final     map[string]string // what a final task was, by id
	finished  map[string]int
	replays   bool
	sessions  int
	durable   string
}

func (m *model) do(cmd Command) Reply {
	m.t.Helper()
	data, err := Encode(cmd)
	if err != nil {
		m.t.Fatal(err)
	}
	decoded, err := Decode(data)
	if err != nil {
		m.t.Fatal(err)
	}
	journals := m.core.Journals(cmd)
	if journals != m.shadow.Journals(cmd) {
		m.t.Fatalf("%T: one of two equal engines journals it", cmd)
	}
	if journals {
		m.record = append(m.record, recorded{m.now, data})
	}
	want := m.shadow.Apply(m.now, decoded)
	got := m.core.Apply(m.now, cmd)
	if !reflect.DeepEqual(got, want) {
		m.t.Fatalf("%T: effects differ after a restore:\n got %+v\nwant %+v", cmd, got, want)
	}
	checkInvariants(m.t, m.core)
	var reply Reply
	for _, e := range got {
		m.see(e, &reply)
	}
	return reply
}

func (m *model) see(e Effect, reply *Reply) {
	switch e := e.(type) {
	case Reply:
		*reply = e
	case Assign:
		m.running = append(m.running, e.Action)
		if e.Action.InvocationCount != nil {
			m.waits[e.Action.TaskID] = *e.Action.InvocationCount
		}
		if m.final[e.Action.TaskID] != "" && !m.replays {
			m.t.Fatalf("final task %s is assigned", e.Action.TaskID)
		}
	case AssignBatch:
		for _, a := range e.Members {
			if m.final[a.TaskID] != "" && !m.replays {
				m.t.Fatalf("final task %s is assigned", a.TaskID)
			}
			m.running = append(m.running, a)
		}
	case TaskEvent:
		if e.TaskID != "" && e.Kind != EventStarted && e.Kind != EventStream {
			if was := m.final[e.TaskID]; was != "" && !m.replays {
				m.t.Fatalf("task %s was %s and becomes %s", e.TaskID, was, e.Kind)
			}
			m.final[e.TaskID] = string(e.Kind)
		}
	case RunFinished:
		m.finished[e.Result.RunID]++
		if m.finished[e.Result.RunID] > 1 && !m.replays {
			m.t.Fatalf("run %s finished twice", e.Result.RunID)
		}
	}
}

var modelWorkflows = []string{"single", "retry", "durable", "queue", "newest", "progress", "rated", "sticky", "once", "batch", "batchone", "batchrated", "dag0", "dag1", "dag2"}

func (m *model) define() {
	factor := float32(2)
	m.do(PutWorkflow{Definition: single("single")})
	m.do(PutWorkflow{Definition: single("retry", retries(2), func(t *TaskDefinition) { t.BackoffFactor = &factor; t.Timeout = "10s" })})
	m.do(PutWorkflow{Definition: single("durable", retries(1), func(t *TaskDefinition) { t.Durable = true })})
	limited := func(strategy string) func(*TaskDefinition) {
		return func(t *TaskDefinition) {
			t.Concurrency = []Concurrency{{Expression: "'k'", MaxRuns: 2, Strategy: strategy}, {Expression: "'x'", MaxRuns: 3, Strategy: "GROUP_ROUND_ROBIN"}}
		}
	}
	m.do(PutWorkflow{Definition: single("queue", retries(1), limited("GROUP_ROUND_ROBIN"))})
	m.do(PutWorkflow{Definition: single("newest", limited("CANCEL_NEWEST"))})
	m.do(PutWorkflow{Definition: single("progress", retries(1), limited("CANCEL_IN_PROGRESS"))})
	m.do(PutWorkflow{Definition: single("rated", retries(1), func(t *TaskDefinition) {
		t.RateLimits = []RateLimit{{Key: "a", LimitExpr: pointer("2"), Duration: "SECOND"}, {Key: "b"}}
	})})
	m.do(PutRateLimit{Key: "b", Limit: 3, Window: "MINUTE"})
	sticky := single("sticky", func(t *TaskDefinition) { t.WorkerLabels = map[string]DesiredLabel{"x": {Int: pointer(int32(1))}} })
	m.do(PutWorkflow{Definition: sticky})
	m.do(PutWorkflow{Definition: single("batch", retries(1), func(t *TaskDefinition) {
		t.Batch, t.Timeout = &Batch{MaxSize: 3, MaxIntervalMS: pointer(int32(2000)), GroupMaxRuns: pointer(int32(2))}, "20s"
	})})
	m.do(PutWorkflow{Definition: single("batchone", func(t *TaskDefinition) {
		t.Batch = &Batch{MaxSize: 2, GroupMaxRuns: pointer(int32(1))}
		t.Concurrency = []Concurrency{{Expression: "'k'", MaxRuns: 5, Strategy: "GROUP_ROUND_ROBIN"}}
	})})
	m.do(PutWorkflow{Definition: single("batchrated", func(t *TaskDefinition) {
		t.Batch, t.RateLimits = &Batch{MaxSize: 4}, []RateLimit{{Key: "a", LimitExpr: pointer("2"), Duration: "SECOND"}}
	})})
	once := single("once")
	once.Idempotency = &Idempotency{Expression: "'k'", TTLMillis: 3000, Status: true}
	m.do(PutWorkflow{Definition: once})
	for i := range 3 {
		m.do(PutWorkflow{Definition: m.randomDAG(fmt.Sprintf("dag%d", i))})
	}
}

func (m *model) randomDAG(name string) Definition {
	d := Definition{Name: name, EventTriggers: []string{name + ":*"}, CronTriggers: []string{"*/5 * * * *"},
		Sticky: []Sticky{"", StickySoft, StickyHard}[m.rand.IntN(3)]}
	for i := range 2 + m.rand.IntN(5) {
		var parents []string
		for p := range i {
			if m.rand.IntN(3) == 0 {
				parents = append(parents, fmt.Sprintf("t%d", p))
			}
		}
		d.Tasks = append(d.Tasks, taskOf(name, fmt.Sprintf("t%d", i), parents, retries(m.rand.Int32N(2)), m.randomConditions))
	}
	if m.rand.IntN(2) == 0 {
		d.Concurrency = []Concurrency{{Expression: "'all'", MaxRuns: 1 + m.rand.Int32N(3), Strategy: strategyNames[m.rand.IntN(len(strategyNames))]}}
	}
	if m.rand.IntN(2) == 0 {
		onFailure := taskOf(name, "on-failure", nil)
		d.OnFailure = &onFailure
	}
	return d
}

func (m *model) randomConditions(t *TaskDefinition) {
	switch m.rand.IntN(6) {
	case 0:
		t.Conditions = append(t.Conditions, Condition{Kind: ConditionSleep, Action: ActionQueue, Key: "s", SleepFor: "3s"})
	case 1:
		group := m.seed()
		t.Conditions = append(t.Conditions,
			Condition{Kind: ConditionSleep, Action: ActionQueue, Key: "s", SleepFor: "20s", Group: group},
			Condition{Kind: ConditionUserEvent, Action: ActionQueue, Key: "e", EventKey: "go", Group: group},
			Condition{Kind: ConditionUserEvent, Action: ActionSkip, Key: "e", EventKey: "skip"})
	}
}

func (m *model) addWorker() {
	var actions []string
	for _, wf := range m.core.Workflows() {
		for _, t := range wf.Definition.Tasks {
			actions = append(actions, t.Action)
		}
		if f := wf.Definition.OnFailure; f != nil {
			actions = append(actions, f.Action)
		}
	}
	r := m.do(RegisterWorker{Seed: m.seed(), Name: "w", Actions: actions, Slots: map[string]int32{"default": 3, "durable": 2}})
	id := r.Value.(RegisterWorkerReply).WorkerID
	m.workers = append(m.workers, id)
	m.connect(id)
}

func (m *model) connect(id string) {
	m.sessions++
	m.connected[id] = m.sessions
	m.do(WorkerConnected{WorkerID: id, SessionID: fmt.Sprint("s", m.sessions)})
	m.do(Heartbeat{WorkerID: id})
	m.durable = fmt.Sprint("d", m.sessions)
	m.do(DurableConnected{SessionID: m.durable, WorkerID: id})
}

func (m *model) someWorker() string { return m.workers[m.rand.IntN(len(m.workers))] }

// step applies one random command.
func (m *model) step() {
	switch n := m.rand.IntN(100); {
	case n < 25:
		m.trigger()
	case n < 60:
		m.report()
	case n < 65:
		m.do(PushEvent{Seed: m.seed(), Events: []UserEvent{{Key: []string{"go", "skip", "dag1:x", "wake"}[m.rand.IntN(4)], Payload: `{"e":1}`}}})
	case n < 68 && len(m.runs) > 0:
		m.do(Cancel{IDs: []string{m.runs[m.rand.IntN(len(m.runs))]}})
	case n < 70 && m.replays && len(m.runs) > 0:
		m.do(Replay{IDs: []string{m.runs[m.rand.IntN(len(m.runs))]}})
	case n < 72:
		w := m.someWorker()
		m.do(WorkerDisconnected{WorkerID: w, SessionID: fmt.Sprint("s", m.connected[w])})
	case n < 75:
		m.connect(m.someWorker())
	case n < 80:
		m.durableStep()
	case n < 81:
		m.do(EngineStarted{})
		for _, w := range m.workers {
			m.connect(w)
		}
	case n < 83:
		m.swap()
	case n < 84:
		m.let(time.Duration(m.rand.IntN(3)) * time.Minute)
	case n < 85:
		m.do(UpsertLabels{WorkerID: m.someWorker(), Labels: map[string]Label{"x": {Int: pointer(m.rand.Int32N(2))}}})
	case n < 86:
		m.do(PauseWorker{WorkerID: m.someWorker(), Paused: m.rand.IntN(2) == 0})
	case n < 87:
		m.do(PutRateLimit{Key: "b", Limit: m.rand.Int32N(5), Window: windows[m.rand.IntN(2)]})
	case n < 92:
		m.manage()
	default:
		m.let(time.Duration(m.rand.IntN(3000)) * time.Millisecond)
	}
}

func (m *model) trigger() {
	item := TriggerItem{Workflow: modelWorkflows[m.rand.IntN(len(modelWorkflows))], Input: `{}`, Priority: m.rand.Int32N(4)}
	if m.rand.IntN(4) == 0 && len(m.running) > 0 {
		parent := m.running[m.rand.IntN(len(m.running))]
		index := m.rand.Int32N(3)
		item.ParentTaskID, item.ChildIndex = parent.TaskID, &index
	}
	if r := m.do(Trigger{Seed: m.seed(), Items: []TriggerItem{item}}); r.Err == nil {
		m.runs = append(m.runs, r.Value.(TriggerReply).RunIDs[0])
	}
}

// report reports about an attempt, perhaps about one that is long over.
func (m *model) report() {
	if len(m.running) == 0 {
		return
	}
	i := m.rand.IntN(len(m.running))
	a := m.running[i]
	if m.rand.IntN(10) > 0 {
		m.running = append(m.running[:i], m.running[i+1:]...)
	}
	switch m.rand.IntN(12) {
	case 0:
		m.do(TaskFailed{Report: attemptOf(a), Error: "boom", ShouldNotRetry: m.rand.IntN(3) == 0})
	case 1:
		m.do(TaskCancelled{Report: attemptOf(a)})
	case 2:
		if b := a.Batch; b != nil {
			m.do(BatchSendFailed{BatchID: b.ID, WorkerID: m.someWorker(), Handout: m.rand.Int32N(3)})
			break
		}
		m.do(SendFailed{TaskID: a.TaskID, RetryCount: a.RetryCount, WorkerID: m.someWorker(), Handout: m.rand.Int32N(3)})
	case 3:
		m.do(ReleaseSlot{TaskID: a.TaskID})
		m.running = append(m.running, a)
	case 4:
		m.do(TaskCompleted{Report: attemptOf(a), Output: `{broken`})
	case 5:
		m.do(TaskStarted{Report: attemptOf(a)})
		m.running = append(m.running, a)
	case 6:
		m.do(TaskCompleted{Report: attemptOf(a), Output: `{"skipped":true}`})
	default:
		m.do(TaskCompleted{Report: attemptOf(a), Output: `{"ok":1}`})
	}
}

func (m *model) durableStep() {
	for _, a := range m.running {
		if a.InvocationCount == nil || m.rand.IntN(2) == 0 {
			continue
		}
		id, n := a.TaskID, m.waits[a.TaskID]
		switch m.rand.IntN(4) {
		case 0:
			m.do(DurableMemo{SessionID: m.durable, TaskID: id, Invocation: n, Key: []byte("k")})
			m.do(DurableCompleteMemo{SessionID: m.durable, Ref: EntryRef{TaskID: id, Invocation: n, BranchID: 1, NodeID: 1}, Key: []byte("k"), Payload: []byte("1")})
		case 1:
			m.do(DurableWaitFor{SessionID: m.durable, TaskID: id, Invocation: n, Conditions: []Condition{{Kind: ConditionSleep, Key: "s", SleepFor: "2s"}}})
		case 2:
			m.do(DurableTriggerRuns{SessionID: m.durable, TaskID: id, Invocation: n, Items: []TriggerItem{{Workflow: "single"}}})
		default:
			m.do(DurableEvict{SessionID: m.durable, TaskID: id, Invocation: n})
		}
		return
	}
}

// let lets time pass with the heartbeats of most workers.
func (m *model) let(d time.Duration) {
	end := m.now.Add(d)
	for {
		wake, ok := m.shadow.NextWake() // it also knows of heartbeats before a restore
		if !ok || wake.After(end) {
			break
		}
		if wake.After(m.now) {
			m.now = wake
		}
		for _, cmd := range m.shadow.Due(m.now) {
			m.do(cmd)
		}
	}
	m.now = end
	for _, w := range m.workers {
		if m.rand.IntN(8) > 0 {
			m.do(Heartbeat{WorkerID: w})
		}
	}
}

// swap replaces the engine by one restored from its snapshot.
func (m *model) swap() {
	data, err := m.core.Snapshot()
	if err != nil {
		m.t.Fatal(err)
	}
	restored, err := Restore(m.core.config, data)
	if err != nil {
		m.t.Fatal(err)
	}
	again, err := restored.Snapshot()
	if err != nil {
		m.t.Fatal(err)
	}
	if !bytes.Equal(data, again) {
		m.t.Fatalf("a restored engine has another snapshot: %s", difference(data, again))
	}
	m.core = restored
}

// difference shows where two texts part.
func difference(a, b []byte) string {
	at := 0
	for at < min(len(a), len(b)) && a[at] == b[at] {
		at++
	}
	from := max(at-200, 0)
	return fmt.Sprintf("\n%s\n%s", a[from:min(at+200, len(a))], b[from:min(at+200, len(b))])
}

// drain reports everything until nothing is left to do.
func (m *model) drain() {
	m.do(PutRateLimit{Key: "b", Limit: 9})
	m.letGo()
	for range 2000 {
		for _, w := range m.workers {
			m.do(PauseWorker{WorkerID: w})
			m.connect(w)
		}
		for len(m.running) > 0 {
			a := m.running[0]
			m.running = m.running[1:]
			m.do(TaskCompleted{Report: attemptOf(a), Output: `{}`})
		}
		m.do(PushEvent{Seed: m.seed(), Events: []UserEvent{{Key: "go"}}})
		for _, v := range m.views() {
			for _, t := range v.Tasks {
				if t.Evicted {
					m.do(RestoreTask{TaskID: t.TaskID})
				}
			}
		}
		m.let(3 * time.Second)
		open := 0
		for _, v := range m.views() {
			if !v.Done && v.EventID == "" {
				open++
			}
		}
		if open == 0 {
			return
		}
	}
	for _, v := range m.views() {
		if !v.Done {
			m.t.Errorf("run of %s is still %s: %+v", v.Workflow, v.Status, v.Tasks)
		}
	}
	m.t.Fatal("some runs never finish")
}

func (m *model) views() []RunView {
	runs, _ := m.core.ListRuns(RunQuery{Limit: 1 << 20})
	return runs
}

// Random commands leave the state in order, every run finishes once everything
// is reported, a final task stays as it is, and restored or replayed engines do
// the same (hatchet-protocol.md section 9).
func TestRandomCommands(t *testing.T) {
	for seed := range *seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			runModel(t, seed, 400)
		})
	}
}

func runModel(t testing.TB, seed uint64, steps int) {
	config := Config{KeepRuns: 50, KeepLogLines: 5}
	m := &model{
		harness: newHarness(t, config), shadow: New(config), rand: rand.New(rand.NewPCG(seed, 1)),
		connected: map[string]int{}, waits: map[string]int32{}, final: map[string]string{}, finished: map[string]int{},
		replays: seed%3 == 2,
	}
	m.define()
	for range 3 {
		m.addWorker()
	}
	for range steps {
		m.step()
	}
	m.drain()
	again := New(config)
	for _, r := range m.record {
		cmd, err := Decode(r.cmd)
		if err != nil {
			t.Fatal(err)
		}
		again.Apply(r.at, cmd)
	}
	want, _ := m.core.Snapshot()
	got, err := again.Snapshot()
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("replaying the journal gives another state (%v): %s", err, difference(got, want))
	}
}
