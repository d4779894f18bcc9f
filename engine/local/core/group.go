package core

import (
	"cmp"
	"container/heap"
	"slices"
)

// group is everything that has one key of one concurrency strategy: who holds a
// place and who waits for one (hatchet-protocol.md section 9.7).
type group struct {
	id       string
	strategy string // its name, and the limit: those of the member who joined last
	limit    int
	holders  list[*member]
	waiting  memberHeap
	touched  bool // is in Core.touched
}

// member is a task, or a run, in a group.
type member struct {
	group    *group
	task     *task // nil for a run
	run      *run
	key      placeKey
	age      uint64 // smaller = older
	priority int32
	seq      uint64 // of joining
	holding  bool
	holder   link[*member]
	index    int // in the heap + 1; 0 = not in it
}

// advance takes a task through its strategies, as far as it holds a place in
// each, and then to the workers' queue.
func (c *Core) advance(t *task) {
	for t.stage < len(t.step.strategies) {
		s := t.step.strategies[t.stage]
		m := t.memberFor(s)
		if m == nil {
			m = c.join(t, s)
		}
		if !m.holding {
			t.phase = phaseWaiting
			return
		}
		t.stage++
	}
	c.toQueue(t)
}

// memberFor is the membership that counts for a task at its present stage.
func (t *task) memberFor(s *strategy) *member {
	if s.perRun {
		return t.run.members[s.index]
	}
	if len(t.members) > t.stage {
		return t.members[t.stage]
	}
	return nil
}

// join makes a task, or its run, wait for a place.
func (c *Core) join(t *task, s *strategy) *member {
	m := &member{run: t.run, key: t.keys[t.stage], age: t.run.seq, seq: c.next()}
	if s.perRun {
		t.run.members[s.index] = m
	} else {
		m.task, m.age, m.priority = t, t.seq, t.queuePriority
		for len(t.members) < t.stage {
			t.members = append(t.members, nil)
		}
		t.members = append(t.members, m)
	}
	c.enter(m, s)
	c.touch(m.group)
	return m
}

// enter puts a member into the group of its key.
func (c *Core) enter(m *member, s *strategy) {
	id := s.scope + "\x00" + m.key.Key
	g := c.groups[id]
	if g == nil {
		g = &group{id: id}
		c.groups[id] = g
	}
	m.group, g.strategy, g.limit = g, s.name(), int(m.key.Limit)
	if m.holding {
		g.holders.push(&m.holder, m)
	} else {
		heap.Push(&g.waiting, m)
	}
}

func (c *Core) touch(g *group) {
	if !g.touched {
		g.touched = true
		c.touched = append(c.touched, g)
	}
}

// leave gives a place back, or gives up waiting for one.
func (c *Core) leave(m *member) {
	if m == nil || m.group == nil {
		return
	}
	g := m.group
	m.group = nil
	m.holder.remove()
	if m.index > 0 {
		heap.Remove(&g.waiting, m.index-1)
	}
	c.touch(g)
}

// leaveGroups gives back all places of a task's attempt.
func (c *Core) leaveGroups(t *task) {
	for _, m := range t.members {
		c.leave(m)
	}
	t.members, t.stage = nil, 0
}

// leaveRun gives back the places of a run.
func (c *Core) leaveRun(r *run) {
	for i, m := range r.members {
		c.leave(m)
		r.members[i] = nil
	}
}

// decideGroup grants the free places of a group and cancels what the strategy
// wants cancelled.
func (c *Core) decideGroup(g *group) {
	g.touched = false
	if g.holders.size == 0 && len(g.waiting) == 0 {
		delete(c.groups, g.id)
		return
	}
	var losers []*member
	switch g.strategy {
	case cancelInProgress:
		losers = c.keepBest(g)
	case groupRoundRobin:
		c.fillPlaces(g)
	case cancelNewest:
		c.fillPlaces(g)
		losers = g.waitingByAge()
	case keepNewestQueued:
		c.fillPlaces(g)
		losers = g.waitingByAge()
		losers = losers[:max(len(losers)-1, 0)]
	case keepOldestQueued:
		c.fillPlaces(g)
		losers = g.waitingByAge()
		losers = losers[min(1, len(losers)):]
	}
	c.dismiss(losers)
}

// dismiss cancels the members that a strategy does not want.
func (c *Core) dismiss(losers []*member) {
	for _, m := range losers {
		if m.task != nil {
			c.cancelFor(m.task, concurrencyMessage)
		} else {
			c.cancelRun(m.run, concurrencyMessage)
		}
	}
}

// fillPlaces grants free places by priority, then to the oldest.
func (c *Core) fillPlaces(g *group) {
	for g.holders.size < g.limit && len(g.waiting) > 0 {
		c.grant(heap.Pop(&g.waiting).(*member))
	}
}

// keepBest lets the best members hold the places, newer ones before older ones
// of the same priority, and gives the others.
func (c *Core) keepBest(g *group) []*member {
	all := append(g.holders.items(), g.waiting...)
	slices.SortFunc(all, func(a, b *member) int {
		return cmp.Or(cmp.Compare(b.priority, a.priority), cmp.Compare(b.age, a.age))
	})
	kept := min(g.limit, len(all))
	for _, m := range all[:kept] {
		if !m.holding {
			heap.Remove(&g.waiting, m.index-1)
			c.grant(m)
		}
	}
	return all[kept:]
}

func (g *group) waitingByAge() []*member {
	out := slices.Clone(g.waiting)
	slices.SortFunc(out, func(a, b *member) int { return cmp.Compare(a.age, b.age) })
	return out
}

// grant gives a member a place and lets the tasks that waited for it go on.
// Their schedule timeout starts anew.
func (c *Core) grant(m *member) {
	m.holding = true
	m.group.holders.push(&m.holder, m)
	if m.task != nil {
		c.goOn(m.task)
		return
	}
	for i := range m.run.steps {
		t := m.run.steps[i].task
		if t != nil && t.phase == phaseWaiting && t.memberFor(t.step.strategies[t.stage]) == m {
			c.goOn(t)
		}
	}
}

func (c *Core) goOn(t *task) {
	t.stage++
	c.arm(&t.timer, c.now.Add(t.step.scheduleTimeout), t)
	c.advance(t)
}

// memberHeap orders members by priority, then age, for heap.Interface.
type memberHeap []*member

func (h memberHeap) Len() int { return len(h) }

func (h memberHeap) Less(i, j int) bool {
	if h[i].priority != h[j].priority {
		return h[i].priority > h[j].priority
	}
	return h[i].age < h[j].age
}

func (h memberHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i+1, j+1
}

func (h *memberHeap) Push(x any) {
	m := x.(*member)
	*h = append(*h, m)
	m.index = len(*h)
}

func (h *memberHeap) Pop() any {
	old := *h
	m := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	m.index = 0
	return m
}
