package core

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// rate is one rate limit of the tenant (hatchet-protocol.md section 9.8): a
// window that starts full, and is full again some time after it was last filled.
type rate struct {
	key      string
	known    bool // false: tasks ask for it, but nobody has set it
	limit    int32
	window   string // SECOND .. YEAR
	value    int32
	filledAt time.Time
	parked   [maxPriority]list[*task] // for which it had not enough, in queue order
	timer    timer
}

// rateUnits is what a task takes of one limit.
type rateUnits struct {
	Key   string `json:"k"`
	Units int32  `json:"n"`
}

// windows lists the windows from short to long.
var windows = []string{"SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "YEAR"}

// refillSlack is how much early a refill may be.
const refillSlack = 10 * time.Millisecond

// after gives the end of a window.
func after(t time.Time, window string) time.Time {
	switch window {
	case "SECOND":
		return t.Add(time.Second)
	case "HOUR":
		return t.Add(time.Hour)
	case "DAY":
		return t.AddDate(0, 0, 1)
	case "WEEK":
		return t.AddDate(0, 0, 7)
	case "MONTH":
		return t.AddDate(0, 1, 0)
	case "YEAR":
		return t.AddDate(1, 0, 0)
	}
	return t.Add(time.Minute)
}

func (c *Core) putRateLimit(cmd *PutRateLimit) *Error {
	switch {
	case cmd.Key == "":
		return invalid("a rate limit needs a key")
	case cmd.Limit < 0:
		return invalid("the limit %d of rate limit %s must not be negative", cmd.Limit, cmd.Key)
	case cmd.Window != "" && !slices.Contains(windows, cmd.Window):
		return invalid("the window %q of rate limit %s is not known", cmd.Window, cmd.Key)
	}
	c.setRate(cmd.Key, cmd.Limit, windowOr(cmd.Window))
	return nil
}

func windowOr(window string) string {
	if window == "" {
		return "MINUTE"
	}
	return window
}

// setRate makes a limit, or changes it: what is left is lowered to a lower
// limit.
func (c *Core) setRate(key string, limit int32, window string) {
	r := c.rateNamed(key)
	if !r.known {
		r.known, r.value, r.filledAt = true, limit, c.now
	}
	r.limit, r.window, r.value = limit, window, min(r.value, limit)
	c.disarm(&r.timer)
	c.unpark(r)
}

func (c *Core) rateNamed(key string) *rate {
	r := c.rates[key]
	if r == nil {
		r = &rate{key: key}
		c.rates[key] = r
	}
	return r
}

func (c *Core) refill(r *rate) {
	if r.known && !c.now.Add(refillSlack).Before(after(r.filledAt, r.window)) {
		r.value, r.filledAt = r.limit, c.now
	}
}

// takeRates takes the units of all limits of a task, or none: then the task is
// parked until the first limit that it lacks is filled again.
func (c *Core) takeRates(t *task) bool {
	for _, u := range t.rates {
		r := c.rateNamed(u.Key)
		c.refill(r)
		if !r.known || r.value < u.Units {
			c.note(t, noteRateLimited, fmt.Sprintf(
				"Rate limit exceeded for key %s, attempting to consume %d units, but only had %d remaining", u.Key, u.Units, r.value))
			c.park(t, r)
			return false
		}
	}
	for _, u := range t.rates {
		c.rates[u.Key].value -= u.Units
	}
	return true
}

func (c *Core) park(t *task, r *rate) {
	c.dequeue(t)
	t.phase = phaseParked
	r.add(t)
	c.watchRate(r)
}

func (r *rate) add(t *task) {
	t.parkedOn = r
	r.parked[t.queuePriority-1].insert(&t.queued, t, queuedBefore)
}

func (c *Core) watchRate(r *rate) {
	if r.known && r.head() != nil && !r.timer.set() {
		c.arm(&r.timer, after(r.filledAt, r.window), r)
	}
}

func (r *rate) head() *task {
	for i := len(r.parked) - 1; i >= 0; i-- {
		if k := r.parked[i].head; k != nil {
			return k.item
		}
	}
	return nil
}

// due fills the limit again and lets tasks go on.
func (r *rate) due(c *Core) {
	c.refill(r)
	c.unpark(r)
}

// unpark puts as many parked tasks back into the queue as the limit has units
// for. Tasks that want more than is there do not hold up others.
func (c *Core) unpark(r *rate) {
	left := r.value
	for i := len(r.parked) - 1; i >= 0 && left > 0; i-- {
		for _, t := range r.parked[i].items() {
			if left <= 0 {
				break
			}
			if units := t.unitsOf(r.key); units <= left {
				left -= units
				c.dequeue(t)
				c.queueUp(t)
			}
		}
	}
	c.watchRate(r)
}

func (t *task) unitsOf(key string) int32 {
	for _, u := range t.rates {
		if u.Key == key {
			return u.Units
		}
	}
	return 0
}

// RateLimits lists the rate limits by key.
func (c *Core) RateLimits() []RateLimitView {
	out := []RateLimitView{}
	for _, r := range c.rates {
		if r.known {
			out = append(out, RateLimitView{Key: r.key, Limit: r.limit, Value: r.value, Window: r.window, LastRefill: r.filledAt})
		}
	}
	slices.SortFunc(out, func(a, b RateLimitView) int { return strings.Compare(a.Key, b.Key) })
	return out
}

// At is what a limit is at a time, if nothing is taken of it until then.
func (v RateLimitView) At(now time.Time) RateLimitView {
	if !now.Before(after(v.LastRefill, v.Window)) {
		v.Value, v.LastRefill = v.Limit, now.UTC()
	}
	return v
}

// deleteRateLimit makes a limit unknown. What waits for it goes on waiting until
// it is set again.
func (c *Core) deleteRateLimit(cmd *DeleteRateLimit) *Error {
	r := c.rates[cmd.Key]
	if r == nil || !r.known {
		return nil
	}
	c.disarm(&r.timer)
	r.known, r.value = false, 0
	if r.head() == nil {
		delete(c.rates, cmd.Key)
	}
	return nil
}
