package core

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

type (
	batchGroupState struct {
		Step    string     `json:"step"`
		Key     string     `json:"key"`
		Since   time.Time  `json:"since"`
		FlushAt time.Time  `json:"flush,omitzero"`
		Timer   timerState `json:"timer"`
	}
	batchState struct {
		ID       string    `json:"id"`
		Step     string    `json:"step"`
		Key      string    `json:"key"`
		Worker   string    `json:"worker"`
		Reason   string    `json:"reason"`
		At       time.Time `json:"at"`
		Size     int       `json:"size"`
		Handouts int32     `json:"handouts"`
	}
)

// writeBatches leaves out what is idle and of a version that is gone.
func (c *Core) writeBatches(s *snapshot, kept map[*version]int) {
	for _, g := range c.batchGroups {
		if _, ok := kept[g.step.version]; !ok {
			continue
		}
		s.BatchGroups = append(s.BatchGroups, batchGroupState{
			Step: g.step.id, Key: g.key, Since: g.since, FlushAt: g.flushAt, Timer: g.timer.state(),
		})
	}
	slices.SortFunc(s.BatchGroups, func(a, b batchGroupState) int {
		return cmp.Or(strings.Compare(a.Step, b.Step), strings.Compare(a.Key, b.Key))
	})
	for _, b := range c.batches {
		s.Batches = append(s.Batches, batchState{
			ID: b.id, Step: b.group.step.id, Key: b.group.key, Worker: b.worker, Reason: b.reason, At: b.at,
			Size: len(b.members), Handouts: b.handouts,
		})
	}
	slices.SortFunc(s.Batches, func(a, b batchState) int { return strings.Compare(a.ID, b.ID) })
}

// batchGroups brings groups and batches back, still without members.
func (r *restorer) batchGroups(s *snapshot) {
	c := r.core
	steps := map[string]*step{}
	for _, v := range r.versions {
		for _, st := range v.steps {
			steps[st.id] = st
		}
	}
	for _, gs := range s.BatchGroups {
		st := steps[gs.Step]
		if st == nil || st.batch == nil {
			continue
		}
		g := &batchGroup{id: batchGroupID(st, gs.Key), step: st, key: gs.Key, since: gs.Since, flushAt: gs.FlushAt}
		c.batchGroups[g.id] = g
		c.rearm(&g.timer, gs.Timer, g)
	}
	for _, bs := range s.Batches {
		st := steps[bs.Step]
		if st == nil || c.batchGroups[batchGroupID(st, bs.Key)] == nil {
			continue
		}
		g := c.batchGroups[batchGroupID(st, bs.Key)]
		g.unfinished++
		c.batches[bs.ID] = &batch{
			id: bs.ID, group: g, worker: bs.Worker, reason: bs.Reason, at: bs.At,
			members: make([]*task, bs.Size), handouts: bs.Handouts,
		}
	}
}

// gather puts tasks back into the groups that they wait in.
func (r *restorer) gather() {
	slices.SortFunc(r.gathered, func(a, b *task) int { return cmp.Compare(a.queueSeq, b.queueSeq) })
	for _, t := range r.gathered {
		g := r.core.batchGroups[batchGroupID(t.step, t.batchKey)]
		g.put(t)
	}
	for _, t := range r.queued {
		if t.gathered != nil {
			t.gathered.lead = t
		}
	}
}
