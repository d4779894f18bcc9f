package core

import (
	"cmp"
	"slices"
)

// schedule brings queued tasks and workers with room together. It looks only at
// queues that got work and workers that got room since the last time.
func (c *Core) schedule() {
	for len(c.fresh) > 0 || len(c.freed) > 0 {
		fresh, freed := c.fresh, c.freed
		c.fresh, c.freed = nil, nil
		for _, w := range freed {
			w.freed = false
		}
		for _, q := range fresh {
			q.fresh = false
		}
		// Workers first: tasks that wait already go before new ones of the
		// same class, and a new head is offered below.
		for _, w := range freed {
			c.fill(w)
		}
		for _, q := range fresh {
			c.drain(q)
		}
	}
}

// drain gives the tasks of a class to workers in turn until none has room.
func (c *Core) drain(q *class) {
	for q.size > 0 {
		w := c.workerFor(q)
		if w == nil {
			if !q.action.waiting.listed() {
				c.block(q.action)
			}
			return
		}
		if t := q.head(); c.mayStart(t) {
			c.assign(t, w)
		}
	}
	q.drop()
}

// workerFor is the best worker for the tasks of a class; the next in turn of
// those that are equally good. nil = none can take one now.
func (c *Core) workerFor(q *class) *worker {
	a, d := q.action, &q.demand
	if w := c.workers[d.soft]; w != nil && w.serves[a.name] && c.canTake(w, d) {
		return w
	}
	best, most := -1, int64(0)
	for i := range a.workers {
		at := (a.cursor + i) % len(a.workers)
		if !c.canTake(a.workers[at], d) {
			continue
		}
		weight, ok := d.weigh(a.workers[at])
		if ok && (best < 0 || weight > most) {
			best, most = at, weight
			if len(d.labels) == 0 {
				break
			}
		}
	}
	if best < 0 {
		return nil
	}
	a.cursor = (best + 1) % len(a.workers)
	return a.workers[best]
}

func (c *Core) canTake(w *worker, d *demand) bool {
	return c.eligible(w) && w.fits(d.slots)
}

// fill gives waiting tasks to one worker until it has no room. Actions take
// turns, task by task.
func (c *Core) fill(w *worker) {
	if !c.eligible(w) {
		return
	}
	for took := true; took; {
		took = false
		for _, a := range c.waitingFor(w) {
			if !w.hasRoom() {
				return
			}
			if t := a.bestFor(w); t != nil {
				took = true
				if !c.mayStart(t) {
					continue
				}
				c.assign(t, w)
				if a.waiting.listed() {
					a.waiting.remove()
					c.block(a)
				}
			}
		}
	}
}

// block puts an action at the end of those whose tasks no worker could take.
func (c *Core) block(a *action) {
	c.turns++
	a.turn = c.turns
	c.blocked.push(&a.waiting, a)
}

// waitingFor lists the blocked actions that w may serve, in their turn. It looks
// at whichever are fewer, those that are blocked or those of the worker.
func (c *Core) waitingFor(w *worker) []*action {
	if c.blocked.size <= len(w.actions) {
		return c.blocked.items()
	}
	var out []*action
	for _, name := range w.actions {
		if a := c.actions[name]; a.waiting.listed() {
			out = append(out, a)
		}
	}
	slices.SortFunc(out, func(a, b *action) int { return cmp.Compare(a.turn, b.turn) })
	return out
}

// bestFor is the first waiting task of an action that fits on w.
func (a *action) bestFor(w *worker) *task {
	if !w.serves[a.name] {
		return nil
	}
	var best *task
	for _, q := range a.classes {
		if q.size == 0 || !w.fits(q.demand.slots) {
			continue
		}
		if _, ok := q.demand.weigh(w); !ok {
			continue
		}
		if t := q.head(); best == nil || t.before(best) {
			best = t
		}
	}
	return best
}

// assign starts an attempt of a task on a worker, or a whole batch.
func (c *Core) assign(t *task, w *worker) {
	if t.gathered != nil {
		c.assignBatch(t.gathered, w)
		return
	}
	c.dequeue(t)
	resumed := t.restored
	t.holds = true
	w.take(t.step.slots)
	c.begin(t, w)
	assign := t.handOut()
	assign.Resumed = resumed
	c.emit(assign)
}

// begin puts an attempt on a worker.
func (c *Core) begin(t *task, w *worker) {
	t.phase = phaseRunning
	t.worker, t.confirmed, t.restored = w, false, false
	t.assignSeq = c.next()
	t.attempts++
	t.ranOn = w.id
	w.onIt.push(&t.onWorker, t)
	setDefault(&t.attemptAt, c.now)
	setDefault(&t.startedAt, c.now)
	setDefault(&t.run.startedAt, c.now)
	if c.config.HeartbeatFresh < 0 {
		c.heardOf(w) // nobody asks it for heartbeats
	}
	if w.onIt.size == 1 {
		c.watchLife(w)
	}
	t.deadline = c.now.Add(t.step.timeout)
	c.arm(&t.timer, t.deadline.Add(c.config.TimeoutSlack), t)
	if t.durable != nil {
		t.durable.begin()
	}
	c.note(t, noteAssigned, "")
}

// leaveWorker takes a task off its worker and gives the slots back.
func (c *Core) leaveWorker(t *task) {
	w := t.worker
	if w == nil {
		return
	}
	t.onWorker.remove()
	t.worker = nil
	if t.holds {
		t.holds = false
		if heir := t.batch.heir(w); heir != nil {
			heir.holds = true
		} else {
			w.give(t.step.slots)
			c.free(w)
		}
	}
	if w.onIt.size == 0 {
		c.watchWorker(w)
	}
}

// free notes that a worker may have room for waiting tasks.
func (c *Core) free(w *worker) {
	if !w.freed && c.blocked.size > 0 {
		w.freed = true
		c.freed = append(c.freed, w)
	}
}
