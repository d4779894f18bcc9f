package core

import "time"

// startRun puts a new run into the state and decides about the start of each of
// its tasks. r has an id, a version, and what came with the trigger.
func (c *Core) startRun(r *run) {
	r.seq = c.next()
	r.createdAt = c.now
	r.steps = make([]runStep, len(r.version.steps))
	r.open = len(r.steps)
	r.members = make([]*member, len(r.version.def.Concurrency))
	c.runs[r.id] = r
	c.all.push(&r.all, r)
	for _, s := range r.version.steps {
		if s.first == nil {
			c.createTask(r, s, ActionQueue, nil)
			continue
		}
		m := newMatch(s.first)
		m.run, m.step = r, s
		r.steps[s.index].match = m
		c.startMatch(m)
	}
}

// taskID gives the id that a step's task has in a run, also before there is the
// task (hatchet-protocol.md section 6.2).
func (r *run) taskID(s *step) string {
	if !r.version.dag() {
		return r.id
	}
	return derive(r.id, "task/"+s.def.Name)
}

// createTask makes the task of a step, or wakes the one that was replayed, and
// queues, skips or cancels it as action says.
func (c *Core) createTask(r *run, s *step, action Action, m *match) {
	t := r.steps[s.index].task
	if t == nil {
		t = &task{id: r.taskID(s), seq: c.next(), run: r, step: s, createdAt: c.now}
		t.withFilter = len(s.parents) == 0 && s.first == nil
		if s.def.Durable {
			t.durable = newDurableLog(t)
		}
		r.steps[s.index].task = t
		c.tasks[t.id] = t
	}
	r.steps[s.index].match = nil
	if m != nil {
		t.triggers, t.stepErrors = m.triggerData(), m.stepErrors()
	}
	switch action {
	case ActionSkip:
		c.skip(t)
	case ActionCancel:
		c.finish(t, Cancelled, nil, "")
	default:
		c.launch(t)
	}
}

// launch queues a task that is to run, unless its expressions cannot be
// evaluated.
func (c *Core) launch(t *task) {
	keys, failure := c.keysOf(t)
	if failure != "" {
		c.finish(t, Failed, nil, failure)
		return
	}
	rates, failure := c.ratesOf(t)
	if failure != "" {
		c.finish(t, Failed, nil, failure)
		return
	}
	key, failure := c.batchKeyOf(t)
	if failure != "" {
		c.finish(t, Failed, nil, failure)
		return
	}
	t.keys, t.rates, t.batchKey = keys, rates, key
	c.emit(t.event(EventStarted, nil, c.now))
	c.enqueue(t, t.run.priority)
}

// skip ends a task that is not to run.
func (c *Core) skip(t *task) {
	c.note(t, noteSkipped, "")
	c.end(t, Completed, []byte(`{"skipped":true}`), "")
	event := t.event(EventCompleted, t.output, c.now)
	event.Skipped = true
	c.emit(event)
}

// finish ends a task for good.
func (c *Core) finish(t *task, status Status, output []byte, errorText string) {
	c.noteEnd(t, status, errorText)
	c.end(t, status, output, errorText)
	switch status {
	case Completed:
		c.emit(t.event(EventCompleted, output, c.now))
	case Failed:
		c.emit(t.event(EventFailed, []byte(errorText), c.now))
	default:
		c.emit(t.event(EventCancelled, nil, c.now))
	}
}

// end makes a task final.
func (c *Core) end(t *task, status Status, output []byte, errorText string) {
	c.dequeue(t)
	c.leaveWorker(t)
	c.leaveBatch(t)
	c.leaveGroups(t)
	c.disarm(&t.timer)
	t.phase, t.status, t.output, t.errorText = phaseFinal, status, output, errorText
	t.finishedAt = c.now
	if t.durable != nil {
		c.closeLog(t.durable)
	}
	c.closeSignals(t)
	c.freeKey(t)
	c.ended = append(c.ended, t)
}

// tellEnd tells the other tasks of the run that t ended, and ends the run with
// its last task.
func (c *Core) tellEnd(t *task) {
	r := t.run
	r.open--
	for _, w := range t.step.watches {
		m := r.steps[w.step.index].match
		if m == nil || m.tmpl != w.step.first {
			continue
		}
		for _, i := range w.conditions {
			c.checkParent(m, i, t)
		}
		c.decide(m)
	}
	if r.open == 0 {
		c.finishRun(r)
	}
}

// finishRun ends a run.
func (c *Core) finishRun(r *run) {
	r.status = r.outcome()
	r.finishedAt = c.now
	r.doneSeq = c.next()
	c.done.push(&r.done, r)
	c.leaveRun(r)
	result := r.result()
	final := map[Status]EventKind{Completed: EventCompleted, Failed: EventFailed, Cancelled: EventCancelled}
	c.emit(TaskEvent{Kind: final[r.status], RunID: r.id, Workflow: r.version.workflow.name, At: c.now, Metadata: r.metadata, Final: true})
	c.emit(RunFinished{Result: result})
	waiting := r.waiting
	r.waiting = nil
	for _, e := range waiting {
		c.childEnded(e, r)
	}
	c.forgetRuns()
}

// outcome is the status of a final run (hatchet-protocol.md section 6.6).
func (r *run) outcome() Status {
	status := Completed
	for i := range r.steps {
		switch r.steps[i].task.status {
		case Failed:
			return Failed
		case Cancelled:
			status = Cancelled
		}
	}
	return status
}

// final says whether r has ended.
func (r *run) final() bool { return r.done.listed() }

// result gives what a final run came to, with the tasks in the order of the
// definition.
func (r *run) result() RunResult {
	out := RunResult{RunID: r.id, Status: r.status, FinishedAt: r.finishedAt}
	for i := range r.steps {
		t := r.steps[i].task
		result := TaskResult{TaskID: t.id, Name: t.step.def.Name, Status: t.status, Output: t.output}
		if t.status == Failed {
			result.Error = t.errorText
		}
		out.Tasks = append(out.Tasks, result)
	}
	return out
}

// forgetRuns drops the oldest final runs beyond Config.KeepRuns.
func (c *Core) forgetRuns() {
	for c.done.size > c.config.KeepRuns {
		r := c.done.head.item
		r.done.remove()
		r.all.remove()
		delete(c.runs, r.id)
		for i := range r.steps {
			t := r.steps[i].task
			delete(c.tasks, t.id)
			if t.durable != nil {
				t.durable.forgotten = true
			}
		}
	}
}

// event is something that happened to the task in its current attempt.
func (t *task) event(kind EventKind, payload []byte, at time.Time) TaskEvent {
	return TaskEvent{
		Kind: kind, RunID: t.run.id, Workflow: t.run.version.workflow.name, TaskID: t.id, TaskName: t.step.def.Name, At: at,
		Payload: payload, RetryCount: t.retryCount, Retries: t.step.def.Retries, MaxAttempts: t.maxAttempts(), AssignedAt: t.attemptAt,
		Metadata: t.run.metadata,
	}
}
