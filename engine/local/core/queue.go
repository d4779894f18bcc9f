package core

// action is what workers register for: a name with its workers and the tasks
// that wait for one of them.
type action struct {
	name    string
	workers []*worker // by registration
	cursor  int       // of the round robin over workers
	classes []*class  // by first use
	waiting link[*action]
}

// class is a queue of tasks of one action that the same workers can run, so
// that if its head fits nowhere nothing of it does. Within it order is priority,
// then insertion (hatchet-protocol.md section 9.6).
type class struct {
	action *action
	key    string
	step   *step // whose demands are those of the class
	lanes  [maxPriority]list[*task]
	size   int
	fresh  bool // is in Core.fresh
}

// maxPriority is that of retries and restores; users have 1 to 3.
const maxPriority = 4

func (c *Core) actionNamed(name string) *action {
	a := c.actions[name]
	if a == nil {
		a = &action{name: name}
		c.actions[name] = a
	}
	return a
}

func (a *action) classOf(s *step) *class {
	for _, q := range a.classes {
		if q.key == s.class {
			return q
		}
	}
	q := &class{action: a, key: s.class, step: s}
	a.classes = append(a.classes, q)
	return q
}

// dropUnused lets go of actions and classes that nothing uses.
func (c *Core) dropUnused(a *action) {
	kept := a.classes[:0]
	for _, q := range a.classes {
		if q.size > 0 || q.fresh {
			kept = append(kept, q)
		}
	}
	clear(a.classes[len(kept):])
	a.classes = kept
	if len(a.classes) == 0 && len(a.workers) == 0 {
		a.waiting.remove()
		delete(c.actions, a.name)
	}
}

// enqueue starts the way of an attempt to a worker: first through the
// concurrency strategies of the task, then through the queue for workers. It
// starts the schedule timeout.
func (c *Core) enqueue(t *task, priority int32) {
	t.queuePriority = min(max(priority, 1), maxPriority)
	c.arm(&t.timer, c.now.Add(t.step.scheduleTimeout), t)
	c.advance(t)
}

// toQueue puts a task into the queue for workers.
func (c *Core) toQueue(t *task) {
	t.phase = phaseQueued
	t.queueSeq = c.next()
	c.putInQueue(t)
	q := t.queue
	if !q.fresh && !(q.size > 1) {
		q.fresh = true
		c.fresh = append(c.fresh, q)
	}
}

func (c *Core) putInQueue(t *task) {
	q := c.actionNamed(t.step.action).classOf(t.step)
	t.queue = q
	q.lanes[t.queuePriority-1].push(&t.queued, t)
	q.size++
}

// dequeue takes a task out of the queue, if it is in one.
func (c *Core) dequeue(t *task) {
	q := t.queue
	if q == nil {
		return
	}
	t.queued.remove()
	t.queue = nil
	q.size--
	if q.size == 0 && q.action.backlog() == 0 {
		q.action.waiting.remove()
		if len(q.action.workers) == 0 {
			c.dropUnused(q.action)
		}
	}
}

// backlog counts the queued tasks of all classes.
func (a *action) backlog() int {
	n := 0
	for _, q := range a.classes {
		n += q.size
	}
	return n
}

// head is the task whose turn it is.
func (q *class) head() *task {
	for i := len(q.lanes) - 1; i >= 0; i-- {
		if k := q.lanes[i].head; k != nil {
			return k.item
		}
	}
	return nil
}

// before says whether t is to run before other.
func (t *task) before(other *task) bool {
	if t.queuePriority != other.queuePriority {
		return t.queuePriority > other.queuePriority
	}
	return t.queueSeq < other.queueSeq
}
