package core

import (
	"strconv"
	"time"
)

// Batch tasks (hatchet-protocol.md section 9.9). A task that holds its places
// and its rate limits' units joins the batchGroup of its step and key. When the
// group is ripe its first member stands in the queue for workers, with the
// others behind it; the worker that takes it gets them all, as one batch.

// Defaults and limits of a batch (hatchet-protocol.md section 5.3).
const (
	batchInterval     = time.Second
	batchGroupKey     = "'default'"
	batchGroupMaxRuns = 100
	maxBatchSize      = 100_000
	maxBatchInterval  = 86_400_000
	maxBatchGroupRuns = 10_000
)

const (
	// batchBytes bounds what the members of one batch weigh.
	batchBytes = 4_000_000
	// memberOverhead is what a member weighs beside its payload, at least.
	memberOverhead = 110
	// batchSettle is how long a group that was idle for longer than its interval
	// waits for others after its first member: servers look every 0.2 s.
	batchSettle = 200 * time.Millisecond
	// batchGroupForgotten is how long an idle group is remembered.
	batchGroupForgotten = time.Hour
)

// batching is how the tasks of a step are put together.
type batching struct {
	size     int
	interval time.Duration
	key      string // expression
	maxRuns  int
}

func newBatching(def *Batch) *batching {
	if def == nil {
		return nil
	}
	b := &batching{size: int(def.MaxSize), interval: batchInterval, key: def.GroupKey, maxRuns: batchGroupMaxRuns}
	if def.MaxIntervalMS != nil {
		b.interval = time.Duration(*def.MaxIntervalMS) * time.Millisecond
	}
	if b.key == "" {
		b.key = batchGroupKey
	}
	if def.GroupMaxRuns != nil {
		b.maxRuns = int(*def.GroupMaxRuns)
	}
	return b
}

// batchGroup is the members that wait to be run together: those of one step with
// one group key.
type batchGroup struct {
	id         string
	step       *step
	key        string // trimmed; "" = no limit of batches
	lanes      [maxPriority]list[*task]
	size       int
	bytes      int
	since      time.Time // of the last flush, or of the group itself
	flushAt    time.Time // when the interval has passed, while there are members
	lead       *task     // the member that stands in the queue; nil = not ripe
	unfinished int       // batches with members whose attempt goes on
	timer      timer
}

// batch is some members that a worker got together.
type batch struct {
	id       string
	group    *batchGroup
	worker   string
	reason   string
	at       time.Time
	members  []*task // in order; nil = its attempt is over
	open     int
	heirAt   int // before it no member has slots to inherit
	handouts int32
}

func batchGroupID(s *step, key string) string { return s.id + "\x00" + key }

// gather adds a task to its group.
func (c *Core) gather(t *task) {
	id := batchGroupID(t.step, t.batchKey)
	g := c.batchGroups[id]
	if g == nil {
		g = &batchGroup{id: id, step: t.step, key: t.batchKey, since: c.now}
		c.batchGroups[id] = g
	}
	t.phase, t.weight = phaseGathered, len(t.payload())+memberOverhead
	if g.put(t); g.size == 1 {
		interval := g.step.batch.interval
		g.flushAt = latest(g.since.Add(interval), c.now.Add(min(interval, batchSettle)))
		c.arm(&g.timer, g.flushAt, g)
	}
	c.lead(g)
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (g *batchGroup) put(t *task) {
	t.gathered = g
	g.lanes[t.queuePriority-1].insert(&t.member, t, queuedBefore)
	g.size++
	g.bytes += t.weight
}

func (g *batchGroup) take(t *task) {
	t.gathered = nil
	t.member.remove()
	g.size--
	g.bytes -= t.weight
	t.weight = 0
}

// ungather takes a task out of its group: it was cancelled, or waited too long.
func (c *Core) ungather(t *task) {
	g := t.gathered
	if g == nil {
		return
	}
	c.stand(g, nil)
	g.take(t)
	c.settleGroup(g)
}

// settleGroup sets the timer of a group that lost members and finds out who
// stands for it now.
func (c *Core) settleGroup(g *batchGroup) {
	if g.size > 0 {
		c.arm(&g.timer, g.flushAt, g)
	} else {
		c.arm(&g.timer, c.now.Add(batchGroupForgotten), g)
	}
	c.lead(g)
}

// lead puts the first member of a group into the queue if the group is ripe.
func (c *Core) lead(g *batchGroup) {
	first := g.first()
	if first == nil || !g.ripe(c.now) {
		first = nil
	}
	c.stand(g, first)
}

// stand lets a member stand in the queue for its group instead of another; nil is
// nobody.
func (c *Core) stand(g *batchGroup, t *task) {
	if g.lead == t {
		return
	}
	if g.lead != nil {
		c.unqueue(g.lead)
	}
	if g.lead = t; t != nil {
		c.putInQueue(t)
		c.refresh(t.queue)
	}
}

// ripe says whether members can go: there are enough of them, they weigh
// enough, or they have waited long enough.
func (g *batchGroup) ripe(now time.Time) bool {
	if g.key != "" && g.unfinished >= g.step.batch.maxRuns {
		return false
	}
	return g.size >= g.step.batch.size || g.bytes > batchBytes || !now.Before(g.flushAt)
}

func (g *batchGroup) first() *task {
	for i := len(g.lanes) - 1; i >= 0; i-- {
		if k := g.lanes[i].head; k != nil {
			return k.item
		}
	}
	return nil
}

// due is the end of the interval, or of a group that nobody joins.
func (g *batchGroup) due(c *Core) {
	switch {
	case g.size > 0:
		c.lead(g)
	case g.unfinished > 0:
		c.arm(&g.timer, c.now.Add(batchGroupForgotten), g)
	default:
		delete(c.batchGroups, g.id)
	}
}

// flush takes the members of the next batch out of a group, and says why they
// go.
func (g *batchGroup) flush() (members []*task, reason string) {
	bytes := 0
	for len(members) < g.step.batch.size && g.size > 0 {
		t := g.first()
		if bytes += t.weight; bytes > batchBytes && len(members) > 0 {
			return members, "batch max memory size reached"
		}
		g.take(t)
		members = append(members, t)
	}
	switch {
	case len(members) == g.step.batch.size:
		return members, "batch size threshold " + strconv.Itoa(len(members)) + " reached"
	case bytes > batchBytes:
		return members, "batch max memory size reached"
	}
	return members, "batch max interval " + g.step.batch.interval.String() + " elapsed"
}

// assignBatch gives the next batch of a group to a worker. It takes the slots of
// one member, which the last of them gives back.
func (c *Core) assignBatch(g *batchGroup, w *worker) {
	c.stand(g, nil)
	members, reason := g.flush()
	b := &batch{
		id: derive(members[0].id, "batch/"+strconv.Itoa(int(members[0].attempts))), group: g, worker: w.id,
		reason: reason, at: c.now, members: members, open: len(members),
	}
	c.batches[b.id] = b
	g.unfinished++
	w.take(g.step.slots)
	for i, t := range members {
		t.batch, t.place, t.holds = b, i, i == 0
		c.begin(t, w)
	}
	c.emit(b.handOut())
	g.since, g.flushAt = c.now, c.now.Add(g.step.batch.interval)
	c.settleGroup(g)
}

// heir is another member on w, to which the slots of the batch pass; nil if
// there is none, or no batch.
func (b *batch) heir(w *worker) *task {
	if b == nil {
		return nil
	}
	for ; b.heirAt < len(b.members); b.heirAt++ {
		if t := b.members[b.heirAt]; t != nil && t.worker == w {
			return t
		}
	}
	return nil
}

// leaveBatch ends the part of an attempt in its batch.
func (c *Core) leaveBatch(t *task) {
	b := t.batch
	if b == nil {
		return
	}
	b.members[t.place] = nil
	t.batch, t.place = nil, 0
	if b.open--; b.open > 0 {
		return
	}
	delete(c.batches, b.id)
	b.group.unfinished--
	c.lead(b.group)
}

// handOut gives a batch to its worker: the members whose attempts are there.
func (b *batch) handOut() AssignBatch {
	b.handouts++
	s := b.group.step
	out := AssignBatch{
		WorkerID: b.worker, Workflow: s.version.workflow.name, Reason: b.reason, At: b.at, Handout: b.handouts,
		Action: AssignedAction{
			StepID: s.id, TaskName: s.def.Name, ActionID: s.action,
			WorkflowID: s.version.workflow.id, WorkflowVersionID: s.version.id,
			Batch: &BatchPlace{ID: b.id, Key: b.group.key, Size: int32(len(b.members))},
		},
	}
	payload := []byte{'{'}
	for _, t := range b.members {
		if t == nil || t.worker == nil {
			continue
		}
		payload = appendMember(payload, t)
		out.Members = append(out.Members, t.cancelAction())
	}
	out.Action.Payload = append(payload, '}')
	return out
}

// appendMember writes one field of the payload of hatchet-protocol.md section
// 4.2.
func appendMember(out []byte, t *task) []byte {
	if len(out) > 1 {
		out = append(out, ',')
	}
	out = appendQuoted(out, t.id)
	out = append(out, `:{"workflow_run_id":`...)
	out = appendQuoted(out, t.run.id)
	out = append(out, `,"payload":`...)
	out = append(out, t.payload()...)
	return append(out, '}')
}

// batchPlace says which part of which batch the attempt is; nil = of none.
func (t *task) batchPlace() *BatchPlace {
	if t.batch == nil {
		return nil
	}
	return &BatchPlace{ID: t.batch.id, Key: t.batch.group.key, Size: int32(len(t.batch.members)), Index: int32(t.place)}
}
