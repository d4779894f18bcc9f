package core

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
)

// restorer rebuilds a state from a snapshot.
type restorer struct {
	core     *Core
	versions []*version
	gone     map[string]*workflow // deleted ones, by id
	queued   []*task
	held     []*task
	assigned []*task
	waiters  []*waiter // for events
	members  []joined
	gathered []*task
}

// joined is a member of a concurrency group that is to enter it again.
type joined struct {
	member   *member
	strategy *strategy
}

// Restore makes an engine from what [Core.Snapshot] wrote. It goes on exactly as
// the engine that was written would have, but does not know when workers sent
// their last heartbeats: [EngineStarted] starts their time anew.
func Restore(config Config, data []byte) (*Core, error) {
	var s snapshot
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, fmt.Errorf("read a snapshot: %w", err)
	}
	if s.Version < 1 || s.Version > snapshotVersion {
		return nil, fmt.Errorf("read a snapshot: version %d is not known, this engine reads versions 1 to %d", s.Version, snapshotVersion)
	}
	r := &restorer{core: New(config), gone: map[string]*workflow{}}
	c := r.core
	c.now, c.seq, c.history = s.Now, s.Seq, s.History
	if s.Sessions != nil {
		c.sessions = s.Sessions
	}
	if err := r.workflows(&s); err != nil {
		return nil, fmt.Errorf("read a snapshot: %w", err)
	}
	r.triggers(&s)
	r.workers(&s)
	r.rates(&s)
	r.batchGroups(&s)
	if err := r.runs(&s); err != nil {
		return nil, fmt.Errorf("read a snapshot: %w", err)
	}
	r.lists(&s)
	return c, nil
}

func (r *restorer) workflows(s *snapshot) error {
	c := r.core
	for i, ws := range s.Workflows {
		w := &workflow{id: ws.ID, name: ws.Name, order: i, createdAt: ws.CreatedAt, updatedAt: ws.UpdatedAt, versions: ws.Versions}
		c.workflows[w.name] = w
		c.workflowList = append(c.workflowList, w)
	}
	for _, vs := range s.Versions {
		w := c.workflows[vs.Workflow]
		if vs.Deleted != "" {
			w = r.deleted(vs)
		}
		if w == nil {
			return fmt.Errorf("a version belongs to the unknown workflow %q", vs.Workflow)
		}
		r.versions = append(r.versions, newVersion(w, vs.Number, vs.Def, vs.Checksum))
	}
	for i, ws := range s.Workflows {
		if ws.Newest >= len(r.versions) {
			return fmt.Errorf("workflow %s has no version %d", ws.Name, ws.Newest)
		}
		if err := r.newest(c.workflowList[i], ws); err != nil {
			return fmt.Errorf("workflow %s: %w", ws.Name, err)
		}
		r.filters(c.workflowList[i], ws, s.Version)
	}
	return nil
}

// deleted is the workflow, deleted but with runs, that a version belongs to.
func (r *restorer) deleted(s versionState) *workflow {
	w := r.gone[s.Deleted]
	if w == nil {
		w = &workflow{id: s.Deleted, name: s.Workflow, deleted: true}
		r.gone[w.id] = w
	}
	return w
}

func (r *restorer) newest(w *workflow, s workflowState) error {
	w.newest, w.pause = r.versions[s.Newest], s.Pause
	for _, cs := range s.Crons {
		schedule, err := parseAnyCron(cs.Expression)
		if err != nil {
			return fmt.Errorf("cron trigger %q: %w", cs.Expression, err)
		}
		t := &cronTrigger{
			id: cs.ID, workflow: w, expression: cs.Expression, schedule: schedule, disabled: cs.Disabled, createdAt: cs.CreatedAt, made: cs.Made,
		}
		if t.id == "" { // before version 2
			t.id, t.createdAt = derive(w.newest.id, "cron/"+t.expression), w.updatedAt
		}
		r.core.addCron(t)
		r.core.rearm(&t.timer, cs.Timer, t)
	}
	r.core.triggers.replace(w)
	return nil
}

func (r *restorer) workers(s *snapshot) {
	for _, ws := range s.Workers {
		w := &worker{
			id: ws.ID, seq: ws.Seq, name: ws.Name, services: ws.Services, actions: ws.Actions, slots: ws.Slots, labels: ws.Labels,
			runtime: ws.Runtime, registeredAt: ws.RegisteredAt, sessions: ws.Sessions, listened: ws.Listened, paused: ws.Paused,
			beaten: ws.Beaten, fresh: ws.Fresh, durable: ws.Durable, serves: map[string]bool{},
		}
		for _, name := range w.actions {
			w.serves[name] = true
		}
		r.core.addWorker(w)
		r.core.rearm(&w.timer, ws.Timer, w)
	}
}

func (r *restorer) rates(s *snapshot) {
	c := r.core
	for _, rs := range s.Rates {
		x := c.rateNamed(rs.Key)
		x.known, x.limit, x.window, x.value, x.filledAt = rs.Known, rs.Limit, rs.Window, rs.Value, rs.FilledAt
		c.rearm(&x.timer, rs.Timer, x)
	}
	for _, cs := range s.Claims {
		x := &claim{key: cs.Key, run: cs.Run, expires: cs.Expires}
		c.claims[x.key] = x
		c.rearm(&x.timer, cs.Timer, x)
	}
}

func (r *restorer) runs(s *snapshot) error {
	c := r.core
	var done []*run
	for i := range s.Runs {
		rs := &s.Runs[i]
		if rs.Version >= len(r.versions) || len(rs.Steps) != len(r.versions[rs.Version].steps) {
			return fmt.Errorf("run %s does not fit its version", rs.ID)
		}
		x := r.run(rs)
		c.runs[x.id] = x
		c.all.push(&x.all, x)
		if rs.Done {
			done = append(done, x)
		}
	}
	slices.SortFunc(done, func(a, b *run) int { return cmp.Compare(a.doneSeq, b.doneSeq) })
	for _, x := range done {
		c.done.push(&x.done, x)
	}
	for i := range s.Runs {
		r.awaited(c.runs[s.Runs[i].ID], s.Runs[i].Waiting)
	}
	return nil
}

// awaited finds the durable log entries that wait for a run.
func (r *restorer) awaited(x *run, refs []EntryRef) {
	for _, ref := range refs {
		t := r.core.tasks[ref.TaskID]
		if t == nil || t.durable == nil {
			continue // its run is no longer kept
		}
		if e := t.durable.entries[entryKey{ref.BranchID, ref.NodeID}]; e != nil {
			x.waiting = append(x.waiting, e)
		}
	}
}

func (r *restorer) run(s *runState) *run {
	x := &run{
		id: s.ID, seq: s.Seq, version: r.versions[s.Version], input: s.Input, metadata: s.Metadata, filterPayload: s.FilterPayload,
		priority: s.Priority, createdAt: s.CreatedAt, startedAt: s.StartedAt, finishedAt: s.FinishedAt, parentTask: s.ParentTask,
		parentRun: s.ParentRun, childIndex: s.ChildIndex, childKey: s.ChildKey, eventID: s.EventID, eventKey: s.EventKey,
		desiredWorker: s.DesiredWorker, desiredLabels: s.DesiredLabels, claim: s.Claim, open: s.Open, status: s.Status, doneSeq: s.DoneSeq, steps: make([]runStep, len(s.Steps)),
	}
	for i, ms := range s.Members {
		m := r.member(ms, x.version.steps[0].strategies, i)
		if m != nil {
			m.run, m.age = x, x.seq
		}
		x.members = append(x.members, m)
	}
	r.steps(x, s)
	return x
}

func (r *restorer) steps(x *run, s *runState) {
	for i := range s.Steps {
		step := x.version.steps[i]
		if ts := s.Steps[i].Task; ts != nil {
			x.steps[i].task = r.task(x, step, ts)
		}
		if ms := s.Steps[i].Match; ms != nil {
			tmpl := step.first
			if s.Steps[i].Second {
				tmpl = step.second
			}
			m := r.match(tmpl, ms)
			m.run, m.step = x, step
			x.steps[i].match = m
		}
	}
}

func (r *restorer) task(x *run, st *step, s *taskState) *task {
	c := r.core
	t := &task{
		id: x.taskID(st), seq: s.Seq, keys: s.Keys, rates: s.Rates, ranOn: s.RanOn, stage: s.Stage, run: x, step: st, phase: s.Phase, status: s.Status, retryCount: s.RetryCount, appRetries: s.AppRetries,
		internalRetries: s.InternalRetries, attempts: s.Attempts, handouts: s.Handouts, holds: s.Holds, confirmed: s.Confirmed, restored: s.Restored,
		assignSeq: s.AssignSeq, attemptAt: s.AttemptAt, deadline: s.Deadline, output: s.Output, errorText: s.ErrorText, withFilter: s.WithFilter,
		triggers: s.Triggers, stepErrors: s.StepErrors, children: s.Children, logs: s.Logs, notes: s.Notes, createdAt: s.CreatedAt,
		startedAt: s.StartedAt, finishedAt: s.FinishedAt, batchKey: s.BatchKey, weight: s.Weight, queuePriority: s.QueuePriority, queueSeq: s.QueueSeq,
	}
	c.tasks[t.id] = t
	c.rearm(&t.timer, s.Timer, t)
	if s.Durable != nil {
		t.durable = r.log(t, s.Durable)
	}
	r.signals(t, s.Signals)
	r.place(t, s)
	return t
}

// place puts a task back on its worker, into its queue and its groups.
func (r *restorer) place(t *task, s *taskState) {
	for i, ms := range s.Members {
		m := r.member(ms, t.step.strategies, i)
		if m != nil {
			m.run, m.task, m.age = t.run, t, t.seq
		}
		t.members = append(t.members, m)
	}
	if s.Phase == phaseGathered {
		r.gathered = append(r.gathered, t)
	}
	if b := r.core.batches[s.Batch]; b != nil {
		t.batch, t.place = b, s.Place
		b.members[t.place] = t
		b.open++
	}
	if s.Queued {
		r.queued = append(r.queued, t)
	}
	if t.phase == phaseHeld {
		r.held = append(r.held, t)
	}
	if s.ParkedOn != "" {
		r.core.rateNamed(s.ParkedOn).add(t)
	}
	if w := r.core.workers[s.Worker]; w != nil {
		t.worker = w
		r.assigned = append(r.assigned, t)
		if t.holds {
			w.take(t.step.slots)
		}
	}
}

func (r *restorer) member(s *memberState, strategies []*strategy, index int) *member {
	if s == nil || index >= len(strategies) {
		return nil
	}
	m := &member{key: s.Key, priority: s.Priority, seq: s.Seq, holding: s.Holding}
	r.members = append(r.members, joined{m, strategies[index]})
	return m
}

func (r *restorer) log(t *task, s *logState) *durableLog {
	l := newDurableLog(t)
	l.invocation, l.branches, l.current, l.cursor = s.Invocation, s.Branches, s.Current, s.Cursor
	l.satisfied, l.session, l.released, l.heard = s.Satisfied, s.Session, s.Released, s.Heard
	r.core.rearm(&l.stall, s.Stall, l)
	for i := range s.Entries {
		x := &s.Entries[i]
		e := &entry{
			log: l, at: entryKey{x.Branch, x.Node}, kind: x.Kind, key: x.Key, call: x.Call, childKey: x.ChildKey, run: x.Run,
			wait: x.Wait, satisfied: x.Satisfied, order: x.Order, payload: x.Payload, failed: x.Failed, message: x.Message,
			requested: x.Requested,
		}
		l.entries[e.at] = e
		l.order = append(l.order, e)
		if x.Ready {
			l.ready[e.order] = e
		}
		if x.Match != nil {
			e.match = r.match(e.template(), x.Match)
			e.match.entry = e
		}
	}
	return l
}

func (r *restorer) match(t *template, s *matchState) *match {
	m := newMatch(t)
	for _, met := range s.Met {
		m.met = append(m.met, met)
		cond := &t.conditions[met.Index]
		if !m.groups[cond.group] {
			m.groups[cond.group] = true
			m.left[cond.action]--
		}
	}
	for _, ws := range s.Waiters {
		w := &waiter{match: m, index: ws.Index, seq: ws.Seq}
		m.waiters = append(m.waiters, w)
		r.core.rearm(&w.timer, ws.Timer, w)
		if ws.Timer.Seq == 0 {
			r.waiters = append(r.waiters, w)
		}
	}
	return m
}

// lists rebuilds the queues and lists in their order.
func (r *restorer) lists(s *snapshot) {
	c := r.core
	slices.SortFunc(r.assigned, func(a, b *task) int { return cmp.Compare(a.assignSeq, b.assignSeq) })
	for _, t := range r.assigned {
		t.worker.onIt.push(&t.onWorker, t)
	}
	slices.SortFunc(r.waiters, func(a, b *waiter) int { return cmp.Compare(a.seq, b.seq) })
	for _, w := range r.waiters {
		c.listen(w, w.match.tmpl.conditions[w.index].eventKey)
	}
	r.gather()
	r.queues(s)
	r.groups(s)
}

func (r *restorer) queues(s *snapshot) {
	c := r.core
	slices.SortFunc(r.queued, func(a, b *task) int { return cmp.Compare(a.queueSeq, b.queueSeq) })
	for _, t := range r.queued {
		c.putInQueue(t)
	}
	slices.SortFunc(r.held, func(a, b *task) int { return cmp.Compare(a.queueSeq, b.queueSeq) })
	for _, t := range r.held {
		t.run.version.workflow.held.push(&t.queued, t)
	}
	for _, cs := range s.Cursors {
		if a := c.actions[cs.Action]; a != nil {
			a.cursor = cs.At
		}
	}
	for _, name := range s.Blocked {
		if a := c.actions[name]; a != nil {
			c.block(a)
		}
	}
}

func (r *restorer) groups(s *snapshot) {
	c := r.core
	slices.SortFunc(r.members, func(a, b joined) int { return cmp.Compare(a.member.seq, b.member.seq) })
	for _, j := range r.members {
		c.enter(j.member, j.strategy)
	}
	for _, gs := range s.Groups {
		if g := c.groups[gs.ID]; g != nil {
			g.strategy, g.limit = gs.Strategy, gs.Limit
		}
	}
}
