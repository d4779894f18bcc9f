package core

import "time"

type (
	taskState struct {
		Seq             uint64            `json:"seq"`
		Phase           phase             `json:"phase"`
		Status          Status            `json:"status,omitempty"`
		RetryCount      int32             `json:"retry,omitempty"`
		AppRetries      int32             `json:"app,omitempty"`
		InternalRetries int32             `json:"internal,omitempty"`
		Attempts        int32             `json:"attempts,omitempty"`
		Handouts        int32             `json:"handouts,omitempty"`
		Worker          string            `json:"worker,omitempty"`
		Holds           bool              `json:"holds,omitempty"`
		Confirmed       bool              `json:"confirmed,omitempty"`
		Restored        bool              `json:"restored,omitempty"`
		AssignSeq       uint64            `json:"assignSeq,omitempty"`
		AttemptAt       time.Time         `json:"attempt,omitzero"`
		Deadline        time.Time         `json:"deadline,omitzero"`
		Timer           timerState        `json:"timer"`
		Output          []byte            `json:"output"`
		ErrorText       string            `json:"error,omitempty"`
		WithFilter      bool              `json:"withFilter,omitempty"`
		Triggers        []datum           `json:"triggers,omitempty"`
		StepErrors      []datum           `json:"stepErrors,omitempty"`
		Children        map[string]string `json:"children,omitempty"`
		Durable         *logState         `json:"durable,omitempty"`
		Signals         []signalState     `json:"signals,omitempty"`
		Logs            []LogLine         `json:"logs,omitempty"`
		Notes           []note            `json:"notes,omitempty"`
		CreatedAt       time.Time         `json:"created"`
		StartedAt       time.Time         `json:"started,omitzero"`
		FinishedAt      time.Time         `json:"finished,omitzero"`
		Keys            []placeKey        `json:"keys,omitempty"`
		Rates           []rateUnits       `json:"rates,omitempty"`
		ParkedOn        string            `json:"parkedOn,omitempty"`
		RanOn           string            `json:"ranOn,omitempty"`
		Stage           int               `json:"stage,omitempty"`
		Members         []*memberState    `json:"members,omitempty"`
		BatchKey        string            `json:"batchKey,omitempty"`
		Weight          int               `json:"weight,omitempty"`
		Batch           string            `json:"batch,omitempty"`
		Place           int               `json:"place,omitempty"`
		Queued          bool              `json:"queued,omitempty"`
		QueuePriority   int32             `json:"queuePriority,omitempty"`
		QueueSeq        uint64            `json:"queueSeq,omitempty"`
	}
	memberState struct {
		Key      placeKey `json:"key"`
		Priority int32    `json:"priority,omitempty"`
		Seq      uint64   `json:"seq"`
		Holding  bool     `json:"holding,omitempty"`
	}
	logState struct {
		Invocation int32        `json:"inv"`
		Branches   []branch     `json:"branches"`
		Current    int64        `json:"current"`
		Cursor     int64        `json:"cursor"`
		Satisfied  int64        `json:"satisfied"`
		Session    string       `json:"session,omitempty"`
		Released   int64        `json:"released"`
		Heard      bool         `json:"heard"`
		Stall      timerState   `json:"stall"`
		Entries    []entryState `json:"entries,omitempty"`
	}
	entryState struct {
		Branch    int64       `json:"branch"`
		Node      int64       `json:"node"`
		Kind      entryKind   `json:"kind"`
		Key       string      `json:"key"`
		Call      string      `json:"call"`
		ChildKey  string      `json:"childKey,omitempty"`
		Run       string      `json:"run,omitempty"`
		Wait      []Condition `json:"wait,omitempty"`
		Match     *matchState `json:"match,omitempty"`
		Satisfied bool        `json:"satisfied,omitempty"`
		Order     int64       `json:"order,omitempty"`
		Payload   []byte      `json:"payload"`
		Failed    bool        `json:"failed,omitempty"`
		Message   string      `json:"message,omitempty"`
		Requested int32       `json:"requested,omitempty"`
		Ready     bool        `json:"ready,omitempty"`
	}
)

func (t *task) state() *taskState {
	s := &taskState{
		Seq: t.seq, Keys: t.keys, Rates: t.rates, RanOn: t.ranOn, Stage: t.stage, Phase: t.phase, Status: t.status, RetryCount: t.retryCount, AppRetries: t.appRetries, InternalRetries: t.internalRetries,
		Attempts: t.attempts, Handouts: t.handouts, Holds: t.holds, Confirmed: t.confirmed, Restored: t.restored, AssignSeq: t.assignSeq, AttemptAt: t.attemptAt,
		Deadline: t.deadline, Timer: t.timer.state(), Output: t.output, ErrorText: t.errorText, WithFilter: t.withFilter,
		Triggers: t.triggers, StepErrors: t.stepErrors, Children: t.children, Signals: t.signalStates(), Logs: t.logs,
		Notes: t.notes, CreatedAt: t.createdAt,
		StartedAt: t.startedAt, FinishedAt: t.finishedAt, BatchKey: t.batchKey, Weight: t.weight, Place: t.place, Queued: t.queue != nil, QueuePriority: t.queuePriority, QueueSeq: t.queueSeq,
	}
	for _, m := range t.members {
		s.Members = append(s.Members, m.state())
	}
	if t.parkedOn != nil {
		s.ParkedOn = t.parkedOn.key
	}
	if t.batch != nil {
		s.Batch = t.batch.id
	}
	if t.worker != nil {
		s.Worker = t.worker.id
	}
	if t.durable != nil {
		s.Durable = t.durable.state()
	}
	return s
}

func (m *member) state() *memberState {
	if m == nil {
		return nil
	}
	return &memberState{Key: m.key, Priority: m.priority, Seq: m.seq, Holding: m.holding}
}

func (l *durableLog) state() *logState {
	s := &logState{
		Invocation: l.invocation, Branches: l.branches, Current: l.current, Cursor: l.cursor, Satisfied: l.satisfied,
		Session: l.session, Released: l.released, Heard: l.heard, Stall: l.stall.state(),
	}
	for _, e := range l.order {
		x := entryState{
			Branch: e.at.branch, Node: e.at.node, Kind: e.kind, Key: e.key, Call: e.call, ChildKey: e.childKey, Run: e.run,
			Wait: e.wait, Satisfied: e.satisfied, Order: e.order, Payload: e.payload, Failed: e.failed, Message: e.message,
			Requested: e.requested, Ready: e.order > 0 && l.ready[e.order] == e,
		}
		if e.match != nil {
			x.Match = e.match.state()
		}
		s.Entries = append(s.Entries, x)
	}
	return s
}
