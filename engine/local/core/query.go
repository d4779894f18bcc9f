package core

import (
	"maps"
	"slices"
	"strings"
)

// Run gives a run by its id.
func (c *Core) Run(id string) (RunView, bool) {
	r := c.runs[id]
	if r == nil {
		return RunView{}, false
	}
	return r.view(), true
}

// RunOfTask gives the id of the run that a task belongs to.
func (c *Core) RunOfTask(taskID string) (string, bool) {
	t := c.tasks[taskID]
	if t == nil {
		return "", false
	}
	return t.run.id, true
}

// Result gives what a run came to; ok is false while it is not final or if it
// is unknown.
func (c *Core) Result(runID string) (result RunResult, ok bool) {
	r := c.runs[runID]
	if r == nil || !r.final() {
		return RunResult{}, false
	}
	return r.result(), true
}

func (r *run) view() RunView {
	v := RunView{
		RunID: r.id, WorkflowID: r.version.workflow.id, WorkflowVersionID: r.version.id, Workflow: r.version.workflow.name,
		Status: r.shown(), Done: r.final(), Input: r.input, Metadata: r.metadata, Priority: r.priority,
		ChildIndex: indexOf(r.childIndex),
		CreatedAt:  r.createdAt, StartedAt: r.startedAt, ParentTaskID: r.parentTask, EventID: r.eventID, EventKey: r.eventKey,
		IdempotencyKey: r.claim,
	}
	if r.final() {
		v.FinishedAt = r.finishedAt
	}
	for i := range r.steps {
		if t := r.steps[i].task; t != nil {
			v.Tasks = append(v.Tasks, t.view())
			v.Evicted = v.Evicted || t.phase == phaseEvicted
		}
	}
	return v
}

// shown is the status that people see: QUEUED until the first assignment,
// RUNNING until all is over (hatchet-protocol.md section 6.6).
func (r *run) shown() Status {
	switch {
	case r.final():
		return r.status
	case r.startedAt.IsZero():
		return Queued
	}
	return Running
}

func (t *task) view() TaskView {
	v := TaskView{
		TaskID: t.id, RunID: t.run.id, Name: t.step.def.Name, ActionID: t.step.action, Status: t.shown(),
		Evicted: t.phase == phaseEvicted, Output: t.output, Error: t.errorText, RetryCount: t.retryCount, Attempts: t.attempts,
		CreatedAt: t.createdAt, StartedAt: t.startedAt, Durable: t.durable != nil,
		Number: t.seq, StepID: t.step.id, Children: len(t.children),
	}
	if t.final() {
		v.FinishedAt, v.Skipped = t.finishedAt, t.status == Completed && t.attempts == 0
	}
	if t.worker != nil {
		v.WorkerID = t.worker.id
	}
	return v
}

// defaultListLimit is the length of a list of runs that gives none.
const defaultListLimit = 50

// ListRuns gives the runs that q selects, newest first, and how many there are
// without its limits.
func (c *Core) ListRuns(q RunQuery) (runs []RunView, total int) {
	limit := q.Limit
	if limit <= 0 {
		limit = defaultListLimit
	}
	for k := c.all.tail; k != nil; k = k.prev {
		r := k.item
		if !q.selects(r) {
			continue
		}
		if total++; total > q.Offset && len(runs) < limit {
			runs = append(runs, r.view())
		}
	}
	return runs, total
}

// selects says whether the query is about a run.
func (q *RunQuery) selects(r *run) bool {
	return (q.ParentTaskID == "" || r.parentTask == q.ParentTaskID) &&
		(q.EventID == "" || r.eventID == q.EventID) &&
		(len(q.IdempotencyKeys) == 0 || slices.Contains(q.IdempotencyKeys, r.claim)) &&
		q.Filter.selects(r)
}

// selects says whether a filter lets a run pass.
func (f *RunFilter) selects(r *run) bool {
	switch {
	case len(f.Statuses) > 0 && !slices.Contains(f.Statuses, r.shown()):
		return false
	case r.createdAt.Before(f.Since):
		return false
	case f.Until != nil && r.createdAt.After(*f.Until):
		return false
	case len(f.WorkflowIDs) > 0 && !slices.Contains(f.WorkflowIDs, r.version.workflow.id):
		return false
	}
	return hasAll(r.metadata, f.Metadata) && (len(f.AnyMetadata) == 0 || hasAny(r.metadata, f.AnyMetadata))
}

// selectRuns gives the runs that a filter selects, oldest first.
func (c *Core) selectRuns(f *RunFilter) []*run {
	var out []*run
	for k := c.all.head; k != nil; k = k.next {
		if f.selects(k.item) {
			out = append(out, k.item)
		}
	}
	return out
}

// Workers lists the known workers in order of registration.
func (c *Core) Workers() []WorkerView {
	var out []WorkerView
	for w := range c.eachWorker {
		out = append(out, w.view())
	}
	return out
}

// Worker gives a worker by its id.
func (c *Core) Worker(id string) (WorkerView, bool) {
	w := c.workers[id]
	if w == nil {
		return WorkerView{}, false
	}
	return w.view(), true
}

func (w *worker) view() WorkerView {
	v := WorkerView{
		WorkerID: w.id, Name: w.name, Actions: slices.Clone(w.actions), Labels: maps.Clone(w.labels),
		Connected: len(w.sessions) > 0, Paused: w.paused, RegisteredAt: w.registeredAt, LastHeartbeat: w.life.lastBeat,
		Runtime: w.runtime, RunningTasks: w.onIt.size,
	}
	for _, s := range w.slots {
		v.Slots = append(v.Slots, SlotView{Type: s.Type, Capacity: s.Capacity, Used: s.used})
	}
	return v
}

// Workflows lists the registered workflows by name.
func (c *Core) Workflows() []WorkflowView {
	out := make([]WorkflowView, 0, len(c.workflowList))
	for _, w := range c.workflowList {
		out = append(out, w.view())
	}
	slices.SortFunc(out, func(a, b WorkflowView) int { return strings.Compare(a.Name, b.Name) })
	return out
}

func (w *workflow) view() WorkflowView {
	v := WorkflowView{
		WorkflowID: w.id, VersionID: w.newest.id, Name: w.name, CreatedAt: w.createdAt, UpdatedAt: w.updatedAt,
		Definition: w.newest.def, Number: w.newest.number,
	}
	if w.pause != nil {
		p := *w.pause
		v.Pause = &p
	}
	return v
}

// Logs gives the kept log lines of a task, oldest first.
func (c *Core) Logs(taskID string) ([]LogLine, bool) {
	t := c.tasks[taskID]
	if t == nil {
		return nil, false
	}
	return slices.Clone(t.logs), true
}

func indexOf(index *int32) int32 {
	if index == nil {
		return 0
	}
	return *index
}
