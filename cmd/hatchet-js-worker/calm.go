package main

import (
	"strings"
	"sync"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
)

// troubleRepeat is how often a trouble that lasts is told again.
const troubleRepeat = time.Minute

// calm picks the states of a worker that are worth a line. While an engine is
// away, every workflow to register, every heartbeat and every attempt fails for
// the same reason: that is told once, and again each minute.
type calm struct {
	mu    sync.Mutex
	state string
	told  map[string]bool // the reasons told since the state changed
	last  time.Time
}

// worth reports whether a state is to be told at now.
func (c *calm) worth(e sdk.WorkerState, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	reason := troubleReason(e.Detail)
	switch {
	case e.State != c.state:
		c.state, c.told = e.State, map[string]bool{}
	case c.told[reason] && now.Sub(c.last) < troubleRepeat:
		return false
	}
	c.told[reason], c.last = true, now
	return true
}

// troubleReason is a detail without what was tried ("register workflow a: ") and
// when it will be tried again.
func troubleReason(detail string) string {
	detail, _, _ = strings.Cut(detail, "; next attempt in ")
	if _, reason, found := strings.Cut(detail, ": "); found {
		return reason
	}
	return detail
}
