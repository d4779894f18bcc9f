package core

import "time"

// TaskStat counts the tasks of one name that have not ended.
type TaskStat struct {
	Queued, Running StatusStat
}

// StatusStat counts tasks of one name in one status.
type StatusStat struct {
	Total         int
	Oldest        time.Time        // creation of the oldest; zero = none
	OldestAttempt time.Time        // of those in their first attempt
	Queues        map[string]int   // by action, of those that wait for a worker or a retry
	Concurrency   []ConcurrencyUse // by strategy, in order of meeting
}

// ConcurrencyUse counts the tasks that wait for, or hold, places of one
// strategy.
type ConcurrencyUse struct {
	Expression string
	Strategy   string
	Keys       map[string]int
}

// openTasks calls f for every task that has not ended, by age of its run.
func (c *Core) openTasks(f func(*task)) {
	for k := c.all.head; k != nil; k = k.next {
		if k.item.final() {
			continue
		}
		for i := range k.item.steps {
			if t := k.item.steps[i].task; t != nil && !t.final() {
				f(t)
			}
		}
	}
}

// QueueCounts counts the tasks that are queued for workers by action, and those
// that wait for places of concurrency by workflow and key.
func (c *Core) QueueCounts() (queued map[string]int, waiting map[string]map[string]int) {
	queued, waiting = map[string]int{}, map[string]map[string]int{}
	c.openTasks(func(t *task) {
		switch t.phase {
		case phaseQueued:
			queued[t.step.action]++
		case phaseWaiting:
			name := t.run.version.workflow.name
			if waiting[name] == nil {
				waiting[name] = map[string]int{}
			}
			waiting[name][t.keys[t.stage].Key]++
		}
	})
	return queued, waiting
}

// TaskStats counts the tasks that have not ended, by name.
func (c *Core) TaskStats() map[string]*TaskStat {
	out := map[string]*TaskStat{}
	c.openTasks(func(t *task) {
		s := out[t.step.def.Name]
		if s == nil {
			s = &TaskStat{}
			out[t.step.def.Name] = s
		}
		switch t.phase {
		case phaseRunning:
			s.Running.add(t)
			for i := range t.step.strategies {
				s.Running.use(t, i)
			}
		case phaseWaiting:
			s.Queued.add(t)
			s.Queued.use(t, t.stage)
		case phaseQueued, phaseDelayed, phaseParked, phaseGathered, phaseHeld:
			s.Queued.add(t)
			if s.Queued.Queues == nil {
				s.Queued.Queues = map[string]int{}
			}
			s.Queued.Queues[t.step.action]++
		}
	})
	return out
}

func (s *StatusStat) add(t *task) {
	s.Total++
	if s.Oldest.IsZero() || t.createdAt.Before(s.Oldest) {
		s.Oldest = t.createdAt
	}
	if t.retryCount == 0 && (s.OldestAttempt.IsZero() || t.createdAt.Before(s.OldestAttempt)) {
		s.OldestAttempt = t.createdAt
	}
}

// use counts a task for one of its strategies.
func (s *StatusStat) use(t *task, stage int) {
	d := t.step.strategies[stage]
	key := t.keys[stage].Key
	for i := range s.Concurrency {
		if use := &s.Concurrency[i]; use.Expression == d.def.Expression && use.Strategy == d.name() {
			use.Keys[key]++
			return
		}
	}
	s.Concurrency = append(s.Concurrency, ConcurrencyUse{Expression: d.def.Expression, Strategy: d.name(), Keys: map[string]int{key: 1}})
}

// ShapeItem is one step of the graph of a run.
type ShapeItem struct {
	StepID   string
	Name     string
	TaskID   string   // "" = the task does not exist yet
	Children []string // ids of the steps that it is a parent of
}

// Shape gives the graph of a run, in the order of the definition.
func (c *Core) Shape(runID string) []ShapeItem {
	r := c.runs[runID]
	if r == nil {
		return nil
	}
	out := make([]ShapeItem, len(r.steps))
	for i, s := range r.version.steps {
		out[i].StepID, out[i].Name = s.id, s.def.Name
		if t := r.steps[i].task; t != nil {
			out[i].TaskID = t.id
		}
		for _, p := range s.parents {
			out[p.index].Children = append(out[p.index].Children, s.id)
		}
	}
	return out
}
