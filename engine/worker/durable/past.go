package durable

import "time"

// mostPastSteps bounds how many steps of runs that were given back a session
// remembers, of all runs together; each run counts as one more.
const mostPastSteps = 100_000

// past is how far an invocation came that was parked here when the engine took
// it back. If the next invocation comes here, too, it is sure of what it repeats
// and at what time that was; any other has to infer it from how soon the engine
// answers.
type past struct {
	invocation int32
	began      time.Time
	steps      []pastStep // by place in the log
}

// pastStep is what the handler knew of an entry.
type pastStep struct {
	node      node
	delivered bool
	takenAt   time.Time
	begun     bool
	begunAt   time.Time
}

func (p *past) cost() int { return len(p.steps) + 1 }

// remember keeps how far a parked run came. Of too many, some are forgotten. The
// caller holds the lock.
func (s *Session) remember(r *Run) {
	p := &past{invocation: r.key.Invocation, began: r.began, steps: make([]pastStep, len(r.entries))}
	for i, e := range r.entries {
		p.steps[i] = pastStep{node: e.node, delivered: e.delivered, takenAt: e.takenAt, begun: e.begun, begunAt: e.begunAt}
	}
	s.forget(r.key.TaskRunID)
	for id := range s.pasts {
		if s.pastSteps+p.cost() <= s.mostPast {
			break
		}
		s.forget(id)
	}
	if p.cost() > s.mostPast {
		return
	}
	s.pasts[r.key.TaskRunID] = p
	s.pastSteps += p.cost()
}

// forget drops what is remembered of a run and returns it; nil if there is none.
func (s *Session) forget(taskRunID string) *past {
	p := s.pasts[taskRunID]
	if p != nil {
		delete(s.pasts, taskRunID)
		s.pastSteps -= p.cost()
	}
	return p
}

// recall has an entry that the engine has located be as it was when the run was
// given back. From the first one that is elsewhere, since the run was reset to a
// step before it, all is new (hatchet-protocol.md section 8.5).
func (r *Run) recall(e *entry) {
	if r.past == nil || e.step > len(r.past.steps) {
		return
	}
	was := &r.past.steps[e.step-1]
	if was.node != e.node {
		r.past.steps = r.past.steps[:e.step-1]
		return
	}
	e.delivered, e.takenAt, e.begun, e.begunAt = was.delivered, was.takenAt, was.begun, was.begunAt
}
