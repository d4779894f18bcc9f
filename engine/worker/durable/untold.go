package durable

import (
	"context"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/worker/internal/reconnect"
)

// Of a child run in which a task gave something that is no object the engine
// never tells, and the handler would wait for ever (hatchet-protocol.md section
// 9.2). So child runs that are awaited for long are looked at.

const (
	// untoldFirst and untoldMost space the looks at a child run; each wait is twice
	// as long as the one before.
	untoldFirst = 5 * time.Second
	untoldMost  = 5 * time.Minute
	// untoldAtOnce is how many runs are looked at in one go.
	untoldAtOnce = 50
	// mostUntold bounds the runs that a session remembers never to be told of, and
	// the evicted ones that it looks after.
	mostUntold = 10_000
)

// look is an awaited child run.
type look struct {
	runID string
	next  time.Time     // when it is looked at
	wait  time.Duration // before that
	run   *Run
	entry *entry // of a run that is here
	away  string // the task run, of one that was given back
}

// due reports whether it is time for the next look, and plans the one after it.
func (l *look) due(now time.Time) bool {
	if now.Before(l.next) {
		return false
	}
	l.wait = min(2*l.wait, untoldMost)
	l.next = l.next.Add(l.wait)
	return true
}

// lookAfter goes on to look at what an evicted run awaits: nobody else would have
// it assigned again. The caller holds the lock.
func (s *Session) lookAfter(r *Run) {
	if s.engine.Untold == nil || len(s.away) >= mostUntold {
		return
	}
	for _, e := range r.awaited() {
		if e.look != nil {
			e.look.run, e.look.entry, e.look.away = nil, nil, r.key.TaskRunID
			s.away[r.key.TaskRunID] = append(s.away[r.key.TaskRunID], e.look)
		}
	}
}

// await begins to look at the run of a new entry, unless it is known that the
// engine will never tell. The caller holds the lock.
func (r *Run) await(e *entry) []func() {
	s := r.session
	if reason := s.untold[e.runID]; reason != "" {
		return r.answer(e, nil, e.failure(reason))
	}
	e.look = &look{runID: e.runID, next: e.ackedAt.Add(untoldFirst), wait: untoldFirst, run: r, entry: e}
	return nil
}

func (s *Session) lookForUntold() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx == nil || s.looking || s.engine.Untold == nil {
		return
	}
	if due := s.dueLooks(); len(due) > 0 {
		ctx := s.ctx
		s.looking = true
		s.group.Go(func() { s.lookAt(ctx, due) })
	}
}

// dueLooks are the runs to look at now. The caller holds the lock.
func (s *Session) dueLooks() []*look {
	var due []*look
	now := s.options.Clock.Now()
	add := func(l *look) {
		if l != nil && len(due) < untoldAtOnce && l.due(now) {
			due = append(due, l)
		}
	}
	for _, r := range s.runs {
		for _, e := range r.awaited() {
			add(e.look)
		}
	}
	for _, looks := range s.away {
		for _, l := range looks {
			add(l)
		}
	}
	return due
}

func (s *Session) lookAt(ctx context.Context, due []*look) {
	for _, l := range due {
		reason, err := s.engine.Untold(ctx, l.runID)
		if err != nil {
			s.options.Logger.Debug("a child run was not looked at", "run", l.runID, "error", reconnect.Reason(err))
		}
		if reason == "" {
			continue
		}
		if away := s.tellUntold(l, reason); away != "" {
			if err := s.restore(ctx, away); err != nil {
				s.options.Logger.Warn("a run that waits in vain was not restored", "task_run_id", away, "error", reconnect.Reason(err))
			}
		}
	}
	s.mu.Lock()
	s.looking = false
	s.mu.Unlock()
}

// tellUntold tells the run that waits, and returns the task run if that is away.
func (s *Session) tellUntold(l *look, reason string) (away string) {
	s.mu.Lock()
	if len(s.untold) >= mostUntold {
		clear(s.untold)
	}
	s.untold[l.runID] = reason
	var calls []func()
	if l.entry != nil {
		calls = l.run.answer(l.entry, nil, l.entry.failure(reason))
	} else {
		away = l.away
		delete(s.away, away)
	}
	s.mu.Unlock()
	each(calls)
	return away
}
