package core

import "slices"

// action is what workers register for: a name with its workers and the tasks
// that wait for one of them.
type action struct {
	name    string
	workers []*worker // by registration
	cursor  int       // of the round robin over workers
	classes []*class  // in any order
	byKey   map[string]*class
	queued  int // tasks in all classes
	waiting link[*action]
	turn    uint64 // in Core.blocked
}

// class is a queue of tasks of one action that the same workers can run, so
// that if its head fits nowhere nothing of it does. Within it order is priority,
// then insertion (hatchet-protocol.md section 9.6).
type class struct {
	action *action
	place  int // in action.classes
	key    string
	demand demand
	lanes  [maxPriority]list[*task]
	size   int
	fresh  bool // is in Core.fresh
}

// maxPriority is that of retries and restores; users have 1 to 3.
const maxPriority = 4

func (c *Core) actionNamed(name string) *action {
	a := c.actions[name]
	if a == nil {
		a = &action{name: name, byKey: map[string]*class{}}
		c.actions[name] = a
	}
	return a
}

func (a *action) classOf(t *task) *class {
	d := demandOf(t)
	key := d.key(t.step.class)
	q := a.byKey[key]
	if q == nil {
		q = &class{action: a, place: len(a.classes), key: key, demand: d}
		a.classes = append(a.classes, q)
		a.byKey[key] = q
	}
	return q
}

// drop lets go of an empty class that is for few tasks only.
func (q *class) drop() {
	if q.size > 0 || q.fresh || q.demand.plain() {
		return
	}
	q.action.remove(q)
}

// remove takes a class out, if it is still there.
func (a *action) remove(q *class) {
	if a.byKey[q.key] != q {
		return
	}
	delete(a.byKey, q.key)
	last := len(a.classes) - 1
	moved := a.classes[last]
	a.classes[q.place], moved.place = moved, q.place
	a.classes[last] = nil
	a.classes = a.classes[:last]
}

// dropUnused lets go of actions and classes that nothing uses.
func (c *Core) dropUnused(a *action) {
	for _, q := range slices.Clone(a.classes) {
		if q.size == 0 && !q.fresh {
			a.remove(q)
		}
	}
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
	c.note(t, noteQueued, "")
	c.arm(&t.timer, c.now.Add(t.step.scheduleTimeout), t)
	c.advance(t)
}

// toQueue puts a task into the queue for workers, or holds it while its
// workflow is paused.
func (c *Core) toQueue(t *task) {
	t.queueSeq = c.next()
	if t.run.version.workflow.pause != nil {
		c.hold(t)
		return
	}
	c.queueUp(t)
}

// queueUp puts a task into the queue for workers. One of a batch step takes its
// rate limits' units now, before it joins others.
func (c *Core) queueUp(t *task) {
	if t.step.batch == nil {
		t.phase = phaseQueued
		c.putInQueue(t)
		c.refresh(t.queue)
	} else if c.takeRates(t) {
		c.gather(t)
	}
}

// mayStart says whether a task that a worker could take has what its rate limits
// ask for; otherwise it is parked.
func (c *Core) mayStart(t *task) bool { return t.gathered != nil || c.takeRates(t) }

// refresh notes that a class has work to offer. If it had some before, no
// worker could take it, and cannot take more of the same.
func (c *Core) refresh(q *class) {
	if !q.fresh && q.size == 1 {
		q.fresh = true
		c.fresh = append(c.fresh, q)
	}
}

func (c *Core) putInQueue(t *task) {
	q := c.actionNamed(t.step.action).classOf(t)
	t.queue = q
	q.lanes[t.queuePriority-1].insert(&t.queued, t, queuedBefore)
	q.size++
	q.action.queued++
}

func queuedBefore(a, b *task) bool { return a.queueSeq < b.queueSeq }

// dequeue takes a task out of the queue, if it is in one, or from its batch
// group, from a rate limit where it is parked, or from those that its workflow
// holds.
func (c *Core) dequeue(t *task) {
	if t.parkedOn != nil {
		t.parkedOn = nil
		t.queued.remove()
		return
	}
	c.ungather(t)
	c.unqueue(t)
}

// unqueue takes a task out of the queue for workers, if it is there.
func (c *Core) unqueue(t *task) {
	q := t.queue
	t.queued.remove()
	if q == nil {
		return // it was held, or in no queue
	}
	t.queue = nil
	q.size--
	q.action.queued--
	if q.action.queued == 0 {
		q.action.waiting.remove()
		if len(q.action.workers) == 0 {
			c.dropUnused(q.action)
		}
	}
	q.drop()
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
