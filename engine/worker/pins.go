package worker

import "sync"

// maxPins bounds how many evicted runs are remembered; each holds on to its
// generation. The oldest is forgotten first and goes on with the newest code.
const maxPins = 100_000

// pins remembers which action an evicted durable run began with, so that it goes
// on with the code it started on while this process lives.
type pins struct {
	mu    sync.Mutex
	byKey map[pinKey]*action
	order []pinKey // oldest first; may hold keys that are gone
}

type pinKey struct {
	task  string
	retry int32
}

// put remembers the action of an evicted run.
func (p *pins) put(key pinKey, a *action) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.byKey == nil {
		p.byKey = map[pinKey]*action{}
	}
	if p.byKey[key] == nil {
		p.order = append(p.order, key)
	}
	p.byKey[key] = a
	for len(p.byKey) > maxPins {
		delete(p.byKey, p.order[0])
		p.order = p.order[1:]
	}
	if len(p.order) > 2*len(p.byKey)+64 {
		p.compact()
	}
}

// compact drops the keys that are gone from the order.
func (p *pins) compact() {
	kept := make([]pinKey, 0, len(p.byKey))
	seen := make(map[pinKey]bool, len(p.byKey))
	for _, key := range p.order {
		if p.byKey[key] != nil && !seen[key] {
			seen[key] = true
			kept = append(kept, key)
		}
	}
	p.order = kept
}

// take returns the action that was remembered and forgets it; nil if there is
// none.
func (p *pins) take(key pinKey) *action {
	p.mu.Lock()
	defer p.mu.Unlock()
	a := p.byKey[key]
	delete(p.byKey, key)
	return a
}
