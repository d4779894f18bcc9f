package durable

import (
	"context"

	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker/internal/reconnect"
)

// wakeLate has a run assigned again of which the engine tells an answer though
// it is no longer here. The engine looks whether a run is evicted when an answer
// comes, and tells of the answer later: a run that was evicted in between is
// neither woken nor assigned again by itself (hatchet-protocol.md section 8.4).
// Asking for one that is not evicted changes nothing. The caller holds the lock.
func (s *Session) wakeLate(ref *v1.DurableEventLogEntryRef) {
	key := Key{ref.GetDurableTaskExternalId(), ref.GetInvocationCount()}
	if _, again := s.runs[Key{key.TaskRunID, key.Invocation + 1}]; again || s.ctx == nil {
		return
	}
	s.late = append(s.late, key.TaskRunID)
	if len(s.late) == 1 {
		ctx := s.ctx
		s.group.Go(func() { s.restoreLate(ctx) })
	}
}

// restoreLate works off what wakeLate asks for, one after the other.
func (s *Session) restoreLate(ctx context.Context) {
	for {
		s.mu.Lock()
		id := s.late[0]
		s.mu.Unlock()
		if err := s.restore(ctx, id); err != nil {
			s.options.Logger.Debug("a run with a late answer was not restored", "task_run_id", id, "error", reconnect.Reason(err))
		}
		s.mu.Lock()
		s.late = s.late[1:]
		done := len(s.late) == 0 || ctx.Err() != nil
		if done {
			s.late = nil
		}
		s.mu.Unlock()
		if done {
			return
		}
	}
}
