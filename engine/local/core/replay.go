package core

import "time"

// replay runs tasks and their descendants again (hatchet-protocol.md section
// 6.7). What is still active is passed over.
func (c *Core) replay(cmd *Replay) (*ReplayReply, *Error) {
	if len(cmd.IDs) > 0 == (cmd.Filter != nil) {
		return nil, invalid("exactly one of external_ids and filter must be given")
	}
	want := wanted{steps: map[*run]map[int]bool{}}
	for _, id := range cmd.IDs {
		if r := c.runs[id]; r != nil {
			want.all(r)
		} else if t := c.tasks[id]; t != nil {
			want.add(t.run, t.step.index)
		}
	}
	if cmd.Filter != nil {
		for _, r := range c.selectRuns(cmd.Filter) {
			want.all(r)
		}
	}
	reply := &ReplayReply{}
	for _, r := range want.runs {
		reply.TaskIDs = append(reply.TaskIDs, c.replayRun(r, want.steps[r])...)
	}
	return reply, nil
}

// wanted collects the steps to replay by run, in order of asking.
type wanted struct {
	runs  []*run
	steps map[*run]map[int]bool
}

func (w *wanted) add(r *run, index int) {
	if w.steps[r] == nil {
		w.steps[r] = map[int]bool{}
		w.runs = append(w.runs, r)
	}
	w.steps[r][index] = true
}

func (w *wanted) all(r *run) {
	for i := range r.steps {
		w.add(r, i)
	}
}

// replayRun replays some steps of a run, and gives the ids of the tasks.
func (c *Core) replayRun(r *run, wanted map[int]bool) []string {
	again := c.subtree(r, wanted)
	if again == nil {
		return nil
	}
	if r.final() {
		r.done.remove()
		r.status = ""
	}
	var ids []string
	for _, s := range r.version.steps {
		if again[s.index] {
			ids = append(ids, r.steps[s.index].task.id)
			c.rearmTask(r.steps[s.index].task)
			r.open++
		}
	}
	for _, s := range r.version.steps {
		if again[s.index] {
			c.startAgain(r, s, again)
		}
	}
	return ids
}

// subtree is the set of steps to replay: the wanted ones, their descendants,
// and the on-failure task. nil = nothing can be replayed.
func (c *Core) subtree(r *run, wanted map[int]bool) map[int]bool {
	for i := range r.steps {
		if r.steps[i].task == nil || r.steps[i].match != nil {
			return nil
		}
	}
	again := map[int]bool{}
	for i := range r.steps {
		if wanted[i] && r.steps[i].task.final() {
			again[i] = true
		}
	}
	r.version.growDown(again)
	for i := range again {
		if !r.steps[i].task.final() {
			return nil
		}
	}
	if len(again) == 0 {
		return nil
	}
	return again
}

// growDown adds the descendants of the steps in a set, and the on-failure step
// if there are others.
func (v *version) growDown(set map[int]bool) {
	others := false
	for grown := true; grown; {
		grown = false
		for _, s := range v.steps {
			if set[s.index] {
				others = others || !s.onFailure
			} else if s.onFailure && others || anyOf(s.parents, set) {
				set[s.index] = true
				grown = true
			}
		}
	}
}

func anyOf(steps []*step, set map[int]bool) bool {
	for _, s := range steps {
		if set[s.index] {
			return true
		}
	}
	return false
}

// rearmTask makes a final task wait for its new start.
func (c *Core) rearmTask(t *task) {
	t.phase, t.status = phasePending, ""
	t.retryCount++
	c.note(t, noteReplayed, "Task was replayed, resetting task result.")
	t.appRetries, t.internalRetries = 0, 0
	t.output, t.errorText = nil, ""
	t.withFilter = false
	t.restored, t.confirmed = false, false
	t.attemptAt = time.Time{}
}

// startAgain queues a replayed task, or lets it wait for those that are
// replayed before it. Tasks that are not replayed count with how they ended.
func (c *Core) startAgain(r *run, s *step, again map[int]bool) {
	if !s.onFailure && !anyOf(s.parents, again) || s.onFailure && len(again) == 1 {
		t := r.steps[s.index].task
		c.launch(t)
		return
	}
	m := newMatch(s.first)
	m.run, m.step = r, s
	r.steps[s.index].match = m
	for i := range s.first.conditions {
		if p := s.first.conditions[i].parent; p != nil && !again[p.index] {
			c.checkParent(m, i, r.steps[p.index].task)
		}
	}
	c.decide(m)
}

// durableBranch opens a new branch of a log at a node and runs the task again
// on it (hatchet-protocol.md section 8.4).
func (c *Core) durableBranch(cmd *DurableBranch) (*DurableBranchReply, *Error) {
	t, err := c.taskByID(cmd.TaskID)
	if err != nil {
		return nil, err
	}
	l := t.durable
	switch {
	case l == nil:
		return nil, errorf(InvalidArgument, "task %s is not durable", t.id)
	case t.phase != phaseEvicted && !t.final():
		return nil, errorf(FailedPrecondition, "task %s is %s: only a task that ended or is evicted can branch", t.id, t.shown())
	case cmd.BranchID == 0: // no branch's nodes are shared
	case l.branch(cmd.BranchID) == nil:
		return nil, errorf(NotFound, "task %s has no branch %d", t.id, cmd.BranchID)
	case l.entries[entryKey{cmd.BranchID, cmd.NodeID}] == nil:
		return nil, errorf(NotFound, "task %s has no node %d on branch %d", t.id, cmd.NodeID, cmd.BranchID)
	}
	if t.phase == phaseEvicted {
		c.branchAt(l, cmd)
		c.restore(t)
	} else {
		if c.subtree(t.run, map[int]bool{t.step.index: true}) == nil {
			return nil, errorf(FailedPrecondition, "task %s cannot run again while others of its run are active", t.id)
		}
		c.branchAt(l, cmd)
		c.replayRun(t.run, map[int]bool{t.step.index: true})
	}
	return &DurableBranchReply{TaskID: t.id, NodeID: cmd.NodeID, BranchID: l.current}, nil
}

func (c *Core) branchAt(l *durableLog, cmd *DurableBranch) {
	id := int64(len(l.branches) + 1)
	l.branches = append(l.branches, branch{ID: id, Parent: cmd.BranchID, From: cmd.NodeID})
	l.current = id
}
