package worker

import "sync"

// slots is the accounting of slot units: the engine assigns no more than fit,
// but two registrations during a takeover, or another engine, might; what does
// not fit waits here in the order in which it came.
type slots struct {
	mu      sync.Mutex
	total   map[string]int
	used    map[string]int
	waiting []*claim
}

// claim is a wish for units of one or several slot types, granted at once for
// all of them.
type claim struct {
	need    map[string]int32
	granted chan struct{} // closed when granted; nil if that was at once
}

func newSlots(total map[string]int) *slots {
	return &slots{total: total, used: make(map[string]int, len(total))}
}

// take claims units. The claim is granted when its channel is nil or closed; it
// is given back with give either way.
func (s *slots) take(need map[string]int32) *claim {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &claim{need: need}
	if len(s.waiting) == 0 && s.fits(need) {
		s.book(need, 1)
		return c
	}
	c.granted = make(chan struct{})
	s.waiting = append(s.waiting, c)
	s.grant()
	return c
}

// give ends a claim, granted or not, and grants others what became free.
func (s *slots) give(c *claim) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, other := range s.waiting {
		if other == c {
			s.waiting = append(s.waiting[:i], s.waiting[i+1:]...)
			s.grant()
			return
		}
	}
	s.book(c.need, -1)
	s.grant()
}

// grant grants in order of arrival, passing over what does not fit: a claim on
// one slot type does not wait for another type.
func (s *slots) grant() {
	kept := s.waiting[:0]
	for _, c := range s.waiting {
		if s.fits(c.need) {
			s.book(c.need, 1)
			close(c.granted)
		} else {
			kept = append(kept, c)
		}
	}
	clear(s.waiting[len(kept):])
	s.waiting = kept
}

// fits lets a claim larger than the whole capacity pass when nothing else holds
// its type, for it would wait for ever otherwise.
func (s *slots) fits(need map[string]int32) bool {
	for name, units := range need {
		if used := s.used[name]; used > 0 && used+int(units) > s.total[name] {
			return false
		}
	}
	return true
}

func (s *slots) book(need map[string]int32, sign int) {
	for name, units := range need {
		s.used[name] += sign * int(units)
	}
}

// use is the state of every slot type.
func (s *slots) use() map[string]SlotUse {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make(map[string]SlotUse, len(s.total))
	for name, total := range s.total {
		out[name] = SlotUse{Used: s.used[name], Total: total}
	}
	return out
}
