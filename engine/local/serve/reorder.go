package serve

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
)

// Patience of hatchet-protocol.md section 6.8.
const (
	// holdFor is how long a stream event waits for those before it.
	holdFor = 5 * time.Second
	// lingerFor is how long the end of a run waits for stream events which the
	// report of their task's end overtook: calls that workers do not wait for
	// run concurrently.
	lingerFor = 200 * time.Millisecond
)

// reorder puts numbered stream events of each attempt in the order of their
// numbers, from 0. An event that comes before its turn is held until those
// before it have come, and the end of its task with it, but not for ever. The
// zero value is ready.
type reorder struct {
	attempts map[attemptKey]*held
	finals   []heldFinal
}

type attemptKey struct {
	run, task string
	retry     int32
}

// held is what waits of one attempt.
type held struct {
	key    attemptKey
	next   int64 // the number whose turn it is
	events map[int64]core.TaskEvent
	end    *core.TaskEvent // the end of the task
	due    time.Time       // when to wait no longer
}

func (h *held) waiting() bool { return len(h.events) > 0 || h.end != nil }

// heldFinal is the end of a run.
type heldFinal struct {
	event core.TaskEvent
	due   time.Time
}

// add takes one event and returns what may go out now.
func (r *reorder) add(e core.TaskEvent, now time.Time) []core.TaskEvent {
	switch {
	case e.Final:
		r.finals = append(r.finals, heldFinal{e, now.Add(lingerFor)})
		return nil
	case e.Kind == core.EventStream && e.Index != nil:
		return r.numbered(e, now)
	case e.Kind == core.EventStarted || e.Kind == core.EventStream:
		return []core.TaskEvent{e}
	}
	for _, h := range r.attempts {
		if h.key.task == e.TaskID && h.key.retry == e.RetryCount && h.waiting() {
			h.end, h.due = &e, now.Add(lingerFor)
			return nil
		}
	}
	return []core.TaskEvent{e}
}

func (r *reorder) numbered(e core.TaskEvent, now time.Time) []core.TaskEvent {
	key := attemptKey{e.RunID, e.TaskID, e.RetryCount}
	h := r.attempts[key]
	if h == nil {
		h = &held{key: key, events: map[int64]core.TaskEvent{}}
		if r.attempts == nil {
			r.attempts = map[attemptKey]*held{}
		}
		r.attempts[key] = h
	}
	if *e.Index < h.next {
		return []core.TaskEvent{e} // its turn is over; better late than never
	}
	if !h.waiting() {
		h.due = now.Add(holdFor)
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
	switch {
	case len(h.events) == 0:
		out = append(out, h.all()...)
	case len(out) > 0 && h.end == nil:
		h.due = now.Add(holdFor)
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
	if h.end != nil {
		out = append(out, *h.end)
		h.end = nil
	}
	return out
}

// patience is how long to wait before the next call of expire, if anything is
// held.
func (r *reorder) patience(now time.Time) (time.Duration, bool) {
	var first time.Time
	note := func(due time.Time) {
		if first.IsZero() || due.Before(first) {
			first = due
		}
	}
	for _, h := range r.attempts {
		if h.waiting() {
			note(h.due)
		}
	}
	for _, f := range r.finals {
		note(f.due)
	}
	return max(first.Sub(now), 0), !first.IsZero()
}

// expire takes out what has waited for long enough.
func (r *reorder) expire(now time.Time) []core.TaskEvent {
	out := r.take(func(h *held) bool { return !h.due.After(now) })
	for len(r.finals) > 0 && !r.finals[0].due.After(now) {
		f := r.finals[0].event
		r.finals = r.finals[1:]
		out = append(out, r.take(func(h *held) bool { return h.key.run == f.RunID })...)
		out = append(out, f)
	}
	return out
}

// take takes out everything of the attempts that match, attempt by attempt.
func (r *reorder) take(match func(*held) bool) []core.TaskEvent {
	matching := slices.SortedFunc(maps.Values(r.attempts), func(a, b *held) int {
		return cmp.Or(cmp.Compare(a.key.task, b.key.task), cmp.Compare(a.key.retry, b.key.retry))
	})
	var out []core.TaskEvent
	for _, h := range matching {
		if h.waiting() && match(h) {
			out = append(out, h.all()...)
		}
	}
	return out
}
