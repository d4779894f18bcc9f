package core

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// scheduledRun is a run that is to start at some time (hatchet-protocol.md
// section 6.9). It is gone once it has started.
type scheduledRun struct {
	id        string
	workflow  *workflow
	versionID string // newest when it was made
	at        time.Time
	input     string
	metadata  string
	priority  int32
	createdAt time.Time
	updatedAt time.Time
	timer     timer // not set while its workflow is paused and it is past due
	listed    link[*scheduledRun]
}

func (c *Core) scheduleRuns(cmd *ScheduleRuns) (*ScheduleRunsReply, *Error) {
	w := c.workflows[cmd.Workflow]
	if w == nil {
		return nil, errorf(NotFound, "workflow not found")
	}
	if err := firstError(
		func() *Error { return checkSeed(cmd.Seed) },
		func() *Error { return checkPriority(cmd.Priority) },
		func() *Error { return checkJSON("input", cmd.Input) },
		func() *Error { return checkObject("additional_metadata", cmd.Metadata) },
	); err != nil {
		return nil, err
	}
	reply := &ScheduleRunsReply{}
	for i, at := range cmd.Times {
		id := derive(cmd.Seed, "scheduled/"+strconv.Itoa(i))
		if c.scheduled[id] == nil {
			c.addScheduled(&scheduledRun{
				id: id, workflow: w, versionID: w.newest.id, at: at.UTC(), input: cmd.Input, metadata: cmd.Metadata,
				priority: max(cmd.Priority, 1), createdAt: c.now, updatedAt: c.now,
			})
		}
		reply.Scheduled = append(reply.Scheduled, c.scheduled[id].view())
	}
	return reply, nil
}

func checkPriority(p int32) *Error {
	if p < 0 || p > 3 {
		return errorf(InvalidArgument, "priority must be between 1 and 3, got %d", p)
	}
	return nil
}

func (c *Core) addScheduled(s *scheduledRun) {
	c.scheduled[s.id] = s
	c.toCome.push(&s.listed, s)
	c.arm(&s.timer, s.at, s)
}

func (c *Core) dropScheduled(s *scheduledRun) {
	c.disarm(&s.timer)
	s.listed.remove()
	delete(c.scheduled, s.id)
}

// due starts the run. A paused workflow that does not queue scheduled runs
// starts it when it goes on.
func (s *scheduledRun) due(c *Core) {
	w := s.workflow
	if p := w.pause; p != nil && p.Scheduled != behaviourQueue {
		return
	}
	c.dropScheduled(s)
	id := derive(s.id, "run")
	if c.runs[id] != nil {
		return
	}
	c.startUnlessTaken(&run{
		id: id, version: w.newest, input: rawOrNil(s.input), metadata: plainMetadata(id, s.metadata), priority: s.priority,
	})
}

func (c *Core) rescheduleRuns(cmd *RescheduleRuns) (*ScheduledReply, *Error) {
	reply := &ScheduledReply{}
	for _, u := range cmd.Updates {
		s := c.scheduled[u.ID]
		if s == nil {
			reply.Unknown = append(reply.Unknown, u.ID)
			continue
		}
		s.at, s.updatedAt = u.At.UTC(), c.now
		c.arm(&s.timer, s.at, s)
		reply.Done = append(reply.Done, u.ID)
	}
	return reply, nil
}

func (c *Core) unscheduleRuns(cmd *UnscheduleRuns) (*ScheduledReply, *Error) {
	reply := &ScheduledReply{}
	for _, id := range cmd.IDs {
		s := c.scheduled[id]
		if s == nil {
			reply.Unknown = append(reply.Unknown, id)
			continue
		}
		c.dropScheduled(s)
		reply.Done = append(reply.Done, id)
	}
	return reply, nil
}

// ScheduledView is one scheduled run.
type ScheduledView struct {
	ID         string
	WorkflowID string
	VersionID  string
	Workflow   string
	At         time.Time
	Input      []byte // nil = none
	Metadata   []byte // nil = none
	Priority   int32
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

func (s *scheduledRun) view() ScheduledView {
	return ScheduledView{
		ID: s.id, WorkflowID: s.workflow.id, VersionID: s.versionID, Workflow: s.workflow.name, At: s.at,
		Input: rawOrNil(s.input), Metadata: rawOrNil(s.metadata), Priority: s.priority, CreatedAt: s.createdAt, UpdatedAt: s.updatedAt,
	}
}

// ScheduledQuery selects scheduled runs.
type ScheduledQuery struct {
	WorkflowID string
	Metadata   []string // "key:value" pairs, all are required
	ByCreation bool     // orders by creation, not by time
	Ascending  bool
}

// Scheduled lists the scheduled runs that q selects.
func (c *Core) Scheduled(q ScheduledQuery) []ScheduledView {
	out := []ScheduledView{}
	for k := c.toCome.head; k != nil; k = k.next {
		s := k.item
		if (q.WorkflowID == "" || s.workflow.id == q.WorkflowID) && hasAll([]byte(s.metadata), q.Metadata) {
			out = append(out, s.view())
		}
	}
	key := func(v *ScheduledView) time.Time {
		if q.ByCreation {
			return v.CreatedAt
		}
		return v.At
	}
	slices.SortStableFunc(out, func(a, b ScheduledView) int {
		order := key(&a).Compare(key(&b))
		if !q.Ascending {
			order = -order
		}
		return cmp.Or(order, strings.Compare(a.ID, b.ID))
	})
	return out
}

// ScheduledRun gives a scheduled run by its id.
func (c *Core) ScheduledRun(id string) (ScheduledView, bool) {
	s := c.scheduled[id]
	if s == nil {
		return ScheduledView{}, false
	}
	return s.view(), true
}
