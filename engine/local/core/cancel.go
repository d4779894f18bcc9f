package core

// cancel cancels runs and tasks (hatchet-protocol.md sections 6.7 and 9.4).
// Unknown ids and what is final already are passed over.
func (c *Core) cancel(cmd *Cancel) (*CancelReply, *Error) {
	if len(cmd.IDs) > 0 == (cmd.Filter != nil) {
		return nil, invalid("exactly one of external_ids and filter must be given")
	}
	if cmd.Filter == nil {
		for _, id := range cmd.IDs {
			c.cancelID(id)
		}
		return &CancelReply{IDs: cmd.IDs}, nil
	}
	var ids []string
	for _, r := range c.selectRuns(cmd.Filter) {
		for i := range r.steps {
			if t := r.steps[i].task; t != nil && !t.final() {
				ids = append(ids, t.id)
			}
		}
		c.cancelRun(r, "")
	}
	return &CancelReply{IDs: ids}, nil
}

func (c *Core) cancelID(id string) {
	if r := c.runs[id]; r != nil {
		c.cancelRun(r, "")
	} else if t := c.tasks[id]; t != nil {
		c.cancelFor(t, "")
	}
}

// cancelRun cancels the tasks of a run, and those that still wait for sleeps
// and events: nothing else would ever end them. What waits for other tasks
// follows by itself, and so does the on-failure task.
func (c *Core) cancelRun(r *run, reason string) {
	for i := range r.steps {
		if t := r.steps[i].task; t != nil {
			c.cancelFor(t, reason)
		}
		if m := r.steps[i].match; m != nil && len(m.waiters) > 0 {
			c.stopMatch(m)
			c.createTask(r, m.step, ActionCancel, m)
		}
	}
}

// cancelFor cancels one task unless it is final. Child runs go on. The reason is
// for people; results have none.
func (c *Core) cancelFor(t *task, reason string) {
	if t.final() || t.phase == phasePending {
		return
	}
	c.stopOnWorker(t)
	c.finish(t, Cancelled, nil, reason)
}
