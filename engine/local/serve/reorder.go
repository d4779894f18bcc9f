package serve

import (
	"maps"
	"slices"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
)

// reorder puts numbered stream events of each attempt in the order of their
// numbers, from 0: calls that send them run concurrently. An event that comes
// before its turn is held until those before it have come, but not longer than
// holdFor (hatchet-protocol.md section 6.8). The zero value is ready.
type reorder struct {
	attempts map[attemptKey]*held
}

type attemptKey struct {
	task  string
	retry int32
}

// held is what waits of one attempt.
type held struct {
	next   int64 // the number whose turn it is
	events map[int64]core.TaskEvent
	since  time.Time // when the oldest hold began
}

// add takes one event and returns what may go out now.
func (r *reorder) add(e core.TaskEvent, now time.Time) []core.TaskEvent {
	switch {
	case e.Final:
		return append(r.flush(), e)
	case e.Kind == core.EventStream && e.Index != nil:
		return r.numbered(e, now)
	case e.Kind == core.EventStarted || e.Kind == core.EventStream:
		return []core.TaskEvent{e}
	}
	return append(r.flushTask(e.TaskID), e)
}

func (r *reorder) numbered(e core.TaskEvent, now time.Time) []core.TaskEvent {
	key := attemptKey{e.TaskID, e.RetryCount}
	h := r.attempts[key]
	if h == nil {
		h = &held{events: map[int64]core.TaskEvent{}}
		if r.attempts == nil {
			r.attempts = map[attemptKey]*held{}
		}
		r.attempts[key] = h
	}
	if *e.Index < h.next {
		return []core.TaskEvent{e} // its turn is over; better late than never
	}
	if len(h.events) == 0 {
		h.since = now
	}
	h.events[*e.Index] = e
	return h.ready(now)
}

// ready takes out what is next, without gaps.
func (h *held) ready(now time.Time) []core.TaskEvent {
	var out []core.TaskEvent
	for {
		e, ok := h.events[h.next]
		if !ok {
			break
		}
		delete(h.events, h.next)
		h.next++
		out = append(out, e)
	}
	if len(out) > 0 {
		h.since = now
	}
	return out
}

// all takes out everything in order, over the gaps.
func (h *held) all() []core.TaskEvent {
	var out []core.TaskEvent
	for _, index := range slices.Sorted(maps.Keys(h.events)) {
		out = append(out, h.events[index])
		h.next = index + 1
	}
	clear(h.events)
	return out
}

// flush takes out everything.
func (r *reorder) flush() []core.TaskEvent {
	var out []core.TaskEvent
	for _, h := range r.attempts {
		out = append(out, h.all()...)
	}
	return out
}

// flushTask takes out everything of one task.
func (r *reorder) flushTask(task string) []core.TaskEvent {
	var out []core.TaskEvent
	for key, h := range r.attempts {
		if key.task == task {
			out = append(out, h.all()...)
		}
	}
	return out
}

// holding says whether something waits.
func (r *reorder) holding() bool {
	for _, h := range r.attempts {
		if len(h.events) > 0 {
			return true
		}
	}
	return false
}

// patience is how long to wait before the next call of expire.
func (r *reorder) patience(now time.Time) time.Duration {
	least := holdFor
	for _, h := range r.attempts {
		if len(h.events) > 0 {
			least = min(least, h.since.Add(holdFor).Sub(now))
		}
	}
	return max(least, 0)
}

// expire gives up on what did not come in time.
func (r *reorder) expire(now time.Time) []core.TaskEvent {
	var out []core.TaskEvent
	for _, h := range r.attempts {
		if len(h.events) > 0 && now.Sub(h.since) >= holdFor {
			out = append(out, h.all()...)
		}
	}
	return out
}
