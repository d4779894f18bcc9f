package core

import "fmt"

// broken is what must never be, thrown through the functions of this file.
type broken struct{ what error }

func fail(format string, args ...any) { panic(broken{fmt.Errorf(format, args...)}) }

// Check looks at the whole state for what must always hold between commands, for
// tests of what uses a core. It takes time in proportion to the state.
func (c *Core) Check() (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case broken:
			err = p.what
		default:
			panic(p)
		}
	}()
	c.check()
	return nil
}

func (c *Core) check() {
	if len(c.ended)+len(c.fresh)+len(c.freed)+len(c.touched) > 0 {
		fail("work is left over")
	}
	for name, h := range map[string]timerHeap{"timer": c.timers, "alarm": c.alarms} {
		for i, timer := range h {
			if timer.index != i+1 {
				fail("%s %d has index %d", name, i, timer.index)
			}
		}
	}
	counted := census{used: map[*worker]map[string]int32{}, onIt: map[*worker]int{}, queued: map[*class]int{}}
	for k := c.all.head; k != nil; k = k.next {
		if err := checkRun(c, k.item); err != nil {
			fail("%w", err)
		}
		counted.count(k.item)
	}
	if counted.runs != len(c.runs) {
		fail("%d runs are listed, %d known", counted.runs, len(c.runs))
	}
	checkWorkers(c, &counted)
	checkQueues(c, counted.queued)
	checkGroups(c)
	checkTriggers(c)
	checkBatches(c)
}

// census is what the tasks of all runs add up to.
type census struct {
	runs   int
	used   map[*worker]map[string]int32
	onIt   map[*worker]int
	queued map[*class]int
}

func (n *census) count(r *run) {
	n.runs++
	for i := range r.steps {
		task := r.steps[i].task
		if task == nil {
			continue
		}
		if task.queue != nil {
			n.queued[task.queue]++
		}
		if task.worker == nil {
			continue
		}
		n.onIt[task.worker]++
		if n.used[task.worker] == nil {
			n.used[task.worker] = map[string]int32{}
		}
		if task.holds {
			for _, u := range task.step.slots {
				n.used[task.worker][u.Type] += u.Units
			}
		}
	}
}

func checkWorkers(c *Core, counted *census) {
	for w := range c.eachWorker {
		if w.onIt.size != counted.onIt[w] {
			fail("worker %s has %d tasks listed, %d assigned", w.id, w.onIt.size, counted.onIt[w])
		}
		for _, s := range w.slots {
			if s.used != counted.used[w][s.Type] || s.used < 0 || s.used > s.Capacity {
				fail("worker %s: %d of %d slots %s used, %d by tasks", w.id, s.used, s.Capacity, s.Type, counted.used[w][s.Type])
			}
		}
	}
}

func checkQueues(c *Core, queued map[*class]int) {
	for name, a := range c.actions {
		total := 0
		for _, q := range a.classes {
			n := 0
			for i := range q.lanes {
				n += q.lanes[i].size
			}
			total += n
			if a.byKey[q.key] != q || a.classes[q.place] != q {
				fail("queue %s: a class is not where it says", name)
			}
			if n != q.size || n != queued[q] {
				fail("queue %s: size %d, %d in lanes, %d tasks", name, q.size, n, queued[q])
			}
			if q.size == 0 {
				continue
			}
			if !a.waiting.listed() {
				fail("queue %s has %d tasks and nobody knows", name, q.size)
			}
			for _, w := range a.workers {
				if c.eligible(w) && c.workerCould(w, q) {
					fail("queue %s has %d tasks and worker %s has room", name, q.size, w.id)
				}
			}
		}
		if total != a.queued || len(a.byKey) != len(a.classes) {
			fail("queue %s: %d queued, counted %d", name, a.queued, total)
		}
		if a.queued == 0 && a.waiting.listed() {
			fail("queue %s is empty but listed as waiting", name)
		}
	}
}

func checkRun(c *Core, r *run) error {
	open := 0
	for i := range r.steps {
		t := r.steps[i].task
		if t == nil || !t.final() {
			open++
		}
		if t == nil && r.steps[i].match == nil {
			return fmt.Errorf("step %d of run %s has neither task nor match", i, r.id)
		}
		if t == nil {
			continue
		}
		if c.tasks[t.id] != t {
			return fmt.Errorf("task %s is not known", t.id)
		}
		if err := checkTask(t, r.steps[i].match); err != nil {
			return fmt.Errorf("task %s of run %s in phase %d: %w", t.step.def.Name, r.id, t.phase, err)
		}
	}
	if open != r.open || r.final() != (open == 0) {
		return fmt.Errorf("run %s: open %d, counted %d, final %v", r.id, r.open, open, r.final())
	}
	return nil
}

func checkTask(t *task, m *match) error {
	timed := t.timer.set()
	switch t.phase {
	case phaseQueued:
		return when(t.queue != nil && timed && t.worker == nil)
	case phaseGathered:
		g := t.gathered
		return when(g != nil && timed && t.worker == nil && t.batch == nil && (t.queue != nil) == (g.lead == t))
	case phaseParked:
		return when(t.queue == nil && timed && t.worker == nil && t.parkedOn != nil)
	case phaseHeld:
		return when(t.queue == nil && t.worker == nil && t.queued.listed() && t.run.version.workflow.pause != nil)
	case phaseWaiting:
		return when(t.queue == nil && timed && t.worker == nil && t.stage < len(t.step.strategies))
	case phaseDelayed:
		return when(t.queue == nil && timed && t.worker == nil)
	case phaseRunning:
		return when(t.queue == nil && timed)
	case phaseEvicted:
		return when(t.queue == nil && !timed && t.worker == nil && t.durable != nil)
	case phasePending:
		return when(t.queue == nil && !timed && t.worker == nil && m != nil)
	case phaseFinal:
		return when(t.queue == nil && !timed && t.worker == nil && m == nil && t.status.Final())
	}
	return when(false)
}

func when(ok bool) error {
	if ok {
		return nil
	}
	return fmt.Errorf("its parts do not fit its phase")
}

func (c *Core) workerCould(w *worker, q *class) bool {
	_, ok := q.demand.weigh(w)
	return ok && w.fits(q.demand.slots)
}

func checkGroups(c *Core) {
	for id, g := range c.groups {
		if g.holders.size > g.limit || g.holders.size+len(g.waiting) == 0 {
			fail("group %q: %d holders of %d, %d waiting", id, g.holders.size, g.limit, len(g.waiting))
		}
		if len(g.waiting) > 0 && g.holders.size < g.limit {
			fail("group %q has %d waiting and a free place", id, len(g.waiting))
		}
		for _, m := range append(g.holders.items(), g.waiting...) {
			if m.group != g || m.holding != m.holder.listed() || m.run.final() || m.task != nil && m.task.final() {
				fail("group %q has a member that does not belong there", id)
			}
		}
	}
}

func checkBatches(c *Core) {
	unfinished := map[*batchGroup]int{}
	for id, b := range c.batches {
		open := 0
		for i, m := range b.members {
			if m == nil {
				continue
			}
			if open++; m.batch != b || m.place != i || m.phase != phaseRunning {
				fail("member %d of batch %s is in phase %d", i, id, m.phase)
			}
		}
		if open == 0 || open != b.open {
			fail("batch %s: open %d, counted %d", id, b.open, open)
		}
		unfinished[b.group]++
	}
	for id, g := range c.batchGroups {
		checkBatchGroup(c, id, g, unfinished[g])
	}
}

func checkBatchGroup(c *Core, id string, g *batchGroup, unfinished int) {
	size, bytes := 0, 0
	for i := range g.lanes {
		for k := g.lanes[i].head; k != nil; k = k.next {
			size, bytes = size+1, bytes+k.item.weight
			if k.item.gathered != g || k.item.phase != phaseGathered {
				fail("batch group %q has a member that does not belong there", id)
			}
		}
	}
	if size != g.size || bytes != g.bytes || unfinished != g.unfinished {
		fail("batch group %q: %d members of %d bytes and %d batches, counted %d, %d, %d", id, g.size, g.bytes, g.unfinished, size, bytes, unfinished)
	}
	if g.key != "" && g.unfinished > g.step.batch.maxRuns {
		fail("batch group %q has %d unfinished batches", id, g.unfinished)
	}
	if !g.timer.set() && !(g.size > 0 && !c.now.Before(g.flushAt)) {
		fail("batch group %q sleeps for ever", id)
	}
	if g.lead != nil && (g.lead != g.first() || g.lead.queue == nil) || g.lead == nil && g.size > 0 && g.ripe(c.now) && !g.timer.set() {
		fail("batch group %q: the wrong member stands for it", id)
	}
}

// checkTriggers looks at what starts runs for what must always hold.
func checkTriggers(c *Core) {
	crons, filters, held := 0, 0, 0
	for _, w := range c.workflowList {
		if c.workflows[w.name] != w || w.deleted {
			fail("workflow %s is listed and not known", w.name)
		}
		for _, cron := range w.crons {
			if c.crons[cron.id] != cron || cron.workflow != w || cron.disabled && cron.timer.set() {
				fail("cron %s of workflow %s is out of order", cron.expression, w.name)
			}
		}
		for _, f := range w.filters {
			if c.filters[f.id] != f || f.workflow != w {
				fail("filter %s of workflow %s is out of order", f.id, w.name)
			}
		}
		crons, filters, held = crons+len(w.crons), filters+len(w.filters), held+w.held.size
		if w.pause == nil && w.held.size > 0 {
			fail("workflow %s holds %d tasks and is not paused", w.name, w.held.size)
		}
	}
	c.openTasks(func(x *task) {
		if x.phase == phaseHeld {
			held--
		}
	})
	if len(c.workflows) != len(c.workflowList) || len(c.crons) != crons || len(c.filters) != filters || len(c.scheduled) != c.toCome.size || held != 0 {
		fail("%d crons of %d, %d filters of %d, %d scheduled of %d, %d tasks held by nobody",
			crons, len(c.crons), filters, len(c.filters), c.toCome.size, len(c.scheduled), -held)
	}
	for _, s := range c.scheduled {
		if c.workflows[s.workflow.name] != s.workflow || !s.timer.set() && (s.workflow.pause == nil || s.workflow.pause.Scheduled == behaviourQueue) {
			fail("scheduled run %s is out of order", s.id)
		}
	}
}
