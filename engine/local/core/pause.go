package core

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// What a paused workflow does with cron ticks and scheduled runs.
const (
	behaviourDrop  = "DROP"
	behaviourQueue = "QUEUE"
)

func (c *Core) workflowByID(id string) (*workflow, *Error) {
	at := slices.IndexFunc(c.workflowList, func(w *workflow) bool { return w.id == id })
	if at < 0 {
		return nil, errorf(NotFound, "workflow not found: %s", id)
	}
	return c.workflowList[at], nil
}

func (c *Core) pauseWorkflow(cmd *PauseWorkflow) (*WorkflowView, *Error) {
	w, err := c.workflowByID(cmd.WorkflowID)
	if err != nil {
		return nil, err
	}
	if cmd.Pause == nil {
		c.unpause(w)
	} else if err := c.pause(w, *cmd.Pause); err != nil {
		return nil, err
	}
	w.updatedAt = c.now
	view := w.view()
	return &view, nil
}

// pause holds what is queued for workers. What runs goes on.
func (c *Core) pause(w *workflow, p Pause) *Error {
	for _, behaviour := range []string{p.Crons, p.Scheduled} {
		if behaviour != behaviourDrop && behaviour != behaviourQueue {
			return invalid("the queue behaviour %q of a paused workflow must be DROP or QUEUE", behaviour)
		}
	}
	if _, ok := longDuration(p.TTL); !ok && p.TTL != "" {
		return invalid("the queue TTL %q of a paused workflow must be a duration such as 1d7h30m", p.TTL)
	}
	w.pause = &p
	for k := w.held.head; k != nil; k = k.next {
		c.watchHeld(k.item)
	}
	for _, t := range c.queuedOf(w) {
		c.dequeue(t)
		c.hold(t)
	}
	c.startScheduled(w)
	return nil
}

// queuedOf lists the tasks of a workflow that are queued, in their order.
func (c *Core) queuedOf(w *workflow) []*task {
	var out []*task
	c.openTasks(func(t *task) {
		if t.run.version.workflow == w && (t.phase == phaseQueued || t.phase == phaseParked || t.phase == phaseGathered) {
			out = append(out, t)
		}
	})
	slices.SortFunc(out, func(a, b *task) int { return cmp.Compare(a.queueSeq, b.queueSeq) })
	return out
}

// hold keeps a task from the workers' queue while its workflow is paused. It has
// no schedule timeout meanwhile.
func (c *Core) hold(t *task) {
	t.phase = phaseHeld
	t.run.version.workflow.held.push(&t.queued, t)
	c.watchHeld(t)
}

func (c *Core) watchHeld(t *task) {
	p := t.run.version.workflow.pause
	if ttl, ok := longDuration(p.TTL); ok {
		c.arm(&t.timer, t.createdAt.Add(ttl), t)
		return
	}
	c.disarm(&t.timer)
}

// unpause queues what was held, oldest first, with fresh schedule timeouts.
func (c *Core) unpause(w *workflow) {
	if w.pause == nil {
		return
	}
	w.pause = nil
	for _, t := range w.held.items() {
		t.queued.remove()
		c.arm(&t.timer, c.now.Add(t.step.scheduleTimeout), t)
		c.toQueue(t)
	}
	c.startScheduled(w)
}

// startScheduled starts the scheduled runs that fell due while their workflow
// was paused, if it starts such runs now.
func (c *Core) startScheduled(w *workflow) {
	for k := c.toCome.head; k != nil; k = k.next {
		if s := k.item; s.workflow == w && !s.timer.set() {
			c.arm(&s.timer, s.at, s)
		}
	}
}

var longDurationPattern = regexp.MustCompile(`^(?:([0-9]+)w)?(?:([0-9]+)d)?((?:[0-9]+(?:\.[0-9]+)?(?:ms|s|m|h))*)$`)

// longDuration reads duration text that may begin with weeks and days.
func longDuration(text string) (time.Duration, bool) {
	m := longDurationPattern.FindStringSubmatch(text)
	if m == nil || text == "" {
		return 0, false
	}
	weeks, _ := strconv.Atoi("0" + m[1]) // digits
	days, _ := strconv.Atoi("0" + m[2])
	rest := time.Duration(0)
	if m[3] != "" {
		d, err := time.ParseDuration(m[3])
		if err != nil {
			return 0, false
		}
		rest = d
	}
	const day = 24 * time.Hour
	if total := float64(weeks*7+days)*float64(day) + float64(rest); total > float64(1<<62) {
		return 0, false
	}
	return time.Duration(weeks*7+days)*day + rest, true
}

// deleteWorkflow deletes a workflow with everything that starts runs of it. Its
// runs go on.
func (c *Core) deleteWorkflow(cmd *DeleteWorkflow) *Error {
	w, err := c.workflowByID(cmd.WorkflowID)
	if err != nil {
		return err
	}
	c.unpause(w)
	c.dropCrons(w, func(*cronTrigger) bool { return true })
	c.dropFilters(w, func(*eventFilter) bool { return true })
	for k := c.toCome.head; k != nil; {
		s := k.item
		k = k.next
		if s.workflow == w {
			c.dropScheduled(s)
		}
	}
	c.triggers.remove(w)
	delete(c.workflows, w.name)
	c.workflowList = slices.DeleteFunc(c.workflowList, func(other *workflow) bool { return other == w })
	w.deleted = true
	c.deletions[w.name]++
	return nil
}

// newWorkflow makes the workflow of a name. One that was deleted before gets
// another id than it had.
func (c *Core) newWorkflow(name string) *workflow {
	id := deriveNamed("workflow/" + name)
	if n := c.deletions[name]; n > 0 {
		id = derive(id, "again/"+strconv.Itoa(n))
	}
	w := &workflow{id: id, name: name, createdAt: c.now}
	if n := len(c.workflowList); n > 0 {
		w.order = c.workflowList[n-1].order + 1
	}
	c.workflows[name] = w
	c.workflowList = append(c.workflowList, w)
	return w
}
