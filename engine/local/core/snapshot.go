package core

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// snapshotVersion is the version of the format of snapshots.
//
//	1: without schedules, crons of their own, filters of their own, webhooks,
//	   pauses and histories
//	2: with them
const snapshotVersion = 2

// The types of a snapshot mirror the state without its derived parts: what is
// shared is named by id or number, queues and lists are rebuilt from the numbers
// that order them.
type (
	snapshot struct {
		Version     int               `json:"version"`
		Now         time.Time         `json:"now"`
		Seq         uint64            `json:"seq"`
		Versions    []versionState    `json:"versions"`
		Workflows   []workflowState   `json:"workflows"`
		Runs        []runState        `json:"runs"`
		Workers     []workerState     `json:"workers"`
		Cursors     []cursorState     `json:"cursors"`
		Blocked     []string          `json:"blocked"` // actions
		Groups      []groupState      `json:"groups,omitempty"`
		BatchGroups []batchGroupState `json:"batchGroups,omitempty"`
		Batches     []batchState      `json:"batches,omitempty"`
		Rates       []rateState       `json:"rates,omitempty"`
		Claims      []claimState      `json:"claims,omitempty"`
		History     []pastEvent       `json:"history,omitempty"`
		Sessions    map[string]string `json:"sessions,omitempty"`
		Scheduled   []scheduledState  `json:"scheduled,omitempty"`
		Webhooks    []Webhook         `json:"webhooks,omitempty"`
		Deletions   map[string]int    `json:"deletions,omitempty"`
		Events      []*eventRecord    `json:"events,omitempty"`
	}
	groupState struct {
		ID       string `json:"id"`
		Strategy string `json:"strategy"`
		Limit    int    `json:"limit"`
	}
	rateState struct {
		Key      string     `json:"key"`
		Known    bool       `json:"known,omitempty"`
		Limit    int32      `json:"limit"`
		Window   string     `json:"window"`
		Value    int32      `json:"value"`
		FilledAt time.Time  `json:"filled,omitzero"`
		Timer    timerState `json:"timer"`
	}
	claimState struct {
		Key     string     `json:"key"`
		Run     string     `json:"run"`
		Expires time.Time  `json:"expires"`
		Timer   timerState `json:"timer"`
	}
	versionState struct {
		Workflow string     `json:"wf"`             // its name
		Deleted  string     `json:"gone,omitempty"` // the id of a workflow that was deleted
		Number   int        `json:"n"`
		Checksum string     `json:"sum"`
		Def      Definition `json:"def"`
	}
	workflowState struct {
		ID        string        `json:"id"`
		Name      string        `json:"name"`
		CreatedAt time.Time     `json:"created"`
		UpdatedAt time.Time     `json:"updated"`
		Versions  int           `json:"versions"`
		Newest    int           `json:"newest"` // index of versions
		Crons     []cronState   `json:"crons,omitempty"`
		Filters   []filterState `json:"filters,omitempty"`
		Pause     *Pause        `json:"pause,omitempty"`
	}
	cronState struct {
		ID         string     `json:"id,omitempty"`
		Expression string     `json:"expr"`
		Disabled   bool       `json:"off,omitempty"`
		CreatedAt  time.Time  `json:"created,omitzero"`
		Made       *madeCron  `json:"made,omitempty"`
		Timer      timerState `json:"timer"`
	}
	cursorState struct {
		Action string `json:"action"`
		At     int    `json:"at"`
	}
	workerState struct {
		ID           string           `json:"id"`
		Seq          uint64           `json:"seq"`
		Name         string           `json:"name"`
		Services     []string         `json:"services"`
		Actions      []string         `json:"actions"`
		Slots        []slot           `json:"slots"`
		Labels       map[string]Label `json:"labels,omitempty"`
		Runtime      *RuntimeInfo     `json:"runtime,omitempty"`
		RegisteredAt time.Time        `json:"registered"`
		Sessions     []session        `json:"sessions,omitempty"`
		Listened     bool             `json:"listened,omitempty"`
		Paused       bool             `json:"paused,omitempty"`
		Beaten       bool             `json:"beaten,omitempty"`
		Fresh        bool             `json:"fresh,omitempty"`
		Durable      string           `json:"durable,omitempty"`
		Timer        timerState       `json:"timer"`
	}
	runState struct {
		ID            string                  `json:"id"`
		Seq           uint64                  `json:"seq"`
		Version       int                     `json:"version"`
		Input         []byte                  `json:"input"`
		Metadata      []byte                  `json:"meta"`
		FilterPayload []byte                  `json:"filter,omitempty"`
		Priority      int32                   `json:"priority"`
		CreatedAt     time.Time               `json:"created"`
		StartedAt     time.Time               `json:"started,omitzero"`
		FinishedAt    time.Time               `json:"finished,omitzero"`
		ParentTask    string                  `json:"parentTask,omitempty"`
		ParentRun     string                  `json:"parentRun,omitempty"`
		ChildIndex    *int32                  `json:"childIndex,omitempty"`
		ChildKey      *string                 `json:"childKey,omitempty"`
		EventID       string                  `json:"eventID,omitempty"`
		EventKey      string                  `json:"eventKey,omitempty"`
		DesiredWorker string                  `json:"desired,omitempty"`
		DesiredLabels map[string]DesiredLabel `json:"desiredLabels,omitempty"`
		Claim         string                  `json:"claim,omitempty"`
		Steps         []runStepState          `json:"steps"`
		Open          int                     `json:"open"`
		Status        Status                  `json:"status,omitempty"`
		Done          bool                    `json:"done,omitempty"`
		DoneSeq       uint64                  `json:"doneSeq,omitempty"`
		Waiting       []EntryRef              `json:"waiting,omitempty"`
		Members       []*memberState          `json:"members,omitempty"` // null = none
	}
	runStepState struct {
		Task   *taskState  `json:"task,omitempty"`
		Match  *matchState `json:"match,omitempty"`
		Second bool        `json:"second,omitempty"`
	}
	matchState struct {
		Met     []metCondition `json:"met,omitempty"`
		Waiters []waiterState  `json:"waiters,omitempty"`
	}
	waiterState struct {
		Index int        `json:"i"`
		Seq   uint64     `json:"seq"`
		Timer timerState `json:"timer"`
	}
)

// Snapshot serialises the whole state, for [Restore].
func (c *Core) Snapshot() ([]byte, error) {
	out, err := json.Marshal(c.capture())
	if err != nil {
		return nil, fmt.Errorf("write a snapshot: %w", err)
	}
	return out, nil
}

// capture lists the whole state. What it gives shares much with the core.
func (c *Core) capture() *snapshot {
	s := &snapshot{
		Version: snapshotVersion, Now: c.now, Seq: c.seq, History: c.history, Sessions: c.sessions,
		Deletions: c.deletions, Events: c.events, Webhooks: c.Webhooks(), Scheduled: c.scheduledStates(),
		Runs: make([]runState, 0, c.all.size),
	}
	numbers := map[*version]int{}
	number := func(v *version) int {
		n, ok := numbers[v]
		if !ok {
			n = len(s.Versions)
			numbers[v] = n
			s.Versions = append(s.Versions, v.state())
		}
		return n
	}
	for _, w := range c.workflowList {
		s.Workflows = append(s.Workflows, w.state(number(w.newest)))
	}
	for k := c.all.head; k != nil; k = k.next {
		s.Runs = append(s.Runs, k.item.state(number(k.item.version)))
	}
	for w := range c.eachWorker {
		s.Workers = append(s.Workers, w.state())
	}
	c.writeQueues(s)
	c.writeBatches(s, numbers)
	return s
}

func (c *Core) writeQueues(s *snapshot) {
	for name, a := range c.actions {
		if a.cursor != 0 {
			s.Cursors = append(s.Cursors, cursorState{Action: name, At: a.cursor})
		}
	}
	slices.SortFunc(s.Cursors, func(a, b cursorState) int { return strings.Compare(a.Action, b.Action) })
	for id, g := range c.groups {
		s.Groups = append(s.Groups, groupState{ID: id, Strategy: g.strategy, Limit: g.limit})
	}
	slices.SortFunc(s.Groups, func(a, b groupState) int { return strings.Compare(a.ID, b.ID) })
	for _, r := range c.rates {
		s.Rates = append(s.Rates, rateState{Key: r.key, Known: r.known, Limit: r.limit, Window: r.window, Value: r.value, FilledAt: r.filledAt, Timer: r.timer.state()})
	}
	slices.SortFunc(s.Rates, func(a, b rateState) int { return strings.Compare(a.Key, b.Key) })
	for _, x := range c.claims {
		s.Claims = append(s.Claims, claimState{Key: x.key, Run: x.run, Expires: x.expires, Timer: x.timer.state()})
	}
	slices.SortFunc(s.Claims, func(a, b claimState) int { return strings.Compare(a.Key, b.Key) })
	for k := c.blocked.head; k != nil; k = k.next {
		s.Blocked = append(s.Blocked, k.item.name)
	}
}

func (w *workflow) state(newest int) workflowState {
	s := workflowState{ID: w.id, Name: w.name, CreatedAt: w.createdAt, UpdatedAt: w.updatedAt, Versions: w.versions, Newest: newest}
	s.Pause = w.pause
	for _, t := range w.crons {
		s.Crons = append(s.Crons, cronState{
			ID: t.id, Expression: t.expression, Disabled: t.disabled, CreatedAt: t.createdAt, Made: t.made, Timer: t.timer.state(),
		})
	}
	for _, f := range w.filters {
		s.Filters = append(s.Filters, f.state())
	}
	return s
}

func (v *version) state() versionState {
	s := versionState{Workflow: v.workflow.name, Number: v.number, Checksum: v.checksum, Def: v.def}
	if v.workflow.deleted {
		s.Deleted = v.workflow.id
	}
	return s
}

func (w *worker) state() workerState {
	return workerState{
		ID: w.id, Seq: w.seq, Name: w.name, Services: w.services, Actions: w.actions, Slots: w.slots, Labels: w.labels,
		Runtime: w.runtime, RegisteredAt: w.registeredAt, Sessions: w.sessions, Listened: w.listened, Paused: w.paused,
		Beaten: w.beaten, Fresh: w.fresh, Durable: w.durable, Timer: w.timer.state(),
	}
}

func (r *run) state(version int) runState {
	s := runState{
		ID: r.id, Seq: r.seq, Version: version, Input: r.input, Metadata: r.metadata, FilterPayload: r.filterPayload,
		Priority: r.priority, CreatedAt: r.createdAt, StartedAt: r.startedAt, FinishedAt: r.finishedAt, ParentTask: r.parentTask,
		ParentRun: r.parentRun, ChildIndex: r.childIndex, ChildKey: r.childKey, EventID: r.eventID, EventKey: r.eventKey,
		DesiredWorker: r.desiredWorker, DesiredLabels: r.desiredLabels, Claim: r.claim, Open: r.open, Status: r.status, Done: r.final(), DoneSeq: r.doneSeq,
	}
	s.Steps = make([]runStepState, len(r.steps))
	for i := range r.steps {
		step := &s.Steps[i]
		if t := r.steps[i].task; t != nil {
			step.Task = t.state()
		}
		if m := r.steps[i].match; m != nil {
			step.Match = m.state()
			step.Second = m.tmpl == m.step.second
		}
	}
	for _, m := range r.members {
		s.Members = append(s.Members, m.state())
	}
	for _, e := range r.waiting {
		if !e.log.forgotten {
			s.Waiting = append(s.Waiting, e.log.ref(e))
		}
	}
	return s
}

func (m *match) state() *matchState {
	s := &matchState{Met: m.met}
	for _, w := range m.waiters {
		if w.timer.set() || w.listener.listed() {
			s.Waiters = append(s.Waiters, waiterState{Index: w.index, Seq: w.seq, Timer: w.timer.state()})
		}
	}
	return s
}
