package worker

import (
	"cmp"
	"sync"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

const (
	// leastStay is how long a run waits before it is evicted for want of slots,
	// and crowdedCheck how often one is looked for, as the SDKs do
	// (hatchet-protocol.md section 8.4).
	leastStay    = 10 * time.Second
	crowdedCheck = time.Second
)

// lounge holds the durable attempts that wait here. When they fill the durable
// slots, so that nothing else could run, those that may go are asked to.
type lounge struct {
	worker *Worker

	mu       sync.Mutex
	stays    map[*stay]struct{}
	watching bool
}

// stay is one attempt's wait.
type stay struct {
	policy workflow.EvictionPolicy
	since  time.Time
	asked  chan struct{} // the attempt should go
}

func (l *lounge) enter(policy workflow.EvictionPolicy) *stay {
	s := &stay{policy: policy, since: l.worker.clock.Now(), asked: make(chan struct{}, 1)}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stays == nil {
		l.stays = map[*stay]struct{}{}
	}
	l.stays[s] = struct{}{}
	if l.crowded() && !l.watching {
		l.watching = true
		l.worker.background.Go(l.watch)
	}
	return s
}

func (l *lounge) leave(s *stay) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.stays, s)
}

func (l *lounge) crowded() bool { return len(l.stays) >= l.worker.options.DurableSlots }

// watch asks attempts to go for as long as it is crowded.
func (l *lounge) watch() {
	for {
		timer := l.worker.clock.NewTimer(crowdedCheck)
		select {
		case <-timer.C():
		case <-l.worker.life.Done():
			timer.Stop()
			return
		}
		if !l.askOne() {
			return
		}
	}
}

// askOne asks the attempt to go whose policy has the lowest priority, and of
// those the one that waits the longest. It reports false, and ends the watch,
// when it is crowded no more.
func (l *lounge) askOne() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.crowded() {
		l.watching = false
		return false
	}
	var first *stay
	now := l.worker.clock.Now()
	for s := range l.stays {
		if s.policy.Capacity && now.Sub(s.since) >= leastStay && (first == nil || s.before(first)) {
			first = s
		}
	}
	if first != nil {
		select {
		case first.asked <- struct{}{}:
		default:
		}
	}
	return true
}

func (s *stay) before(other *stay) bool {
	return cmp.Or(cmp.Compare(s.policy.Priority, other.policy.Priority), s.since.Compare(other.since)) < 0
}
