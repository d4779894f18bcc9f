package core

import (
	"math"
	"slices"
	"strconv"
)

// wish is what one rate limit entry of a step came to for a task.
type wish struct {
	rateUnits
	set    bool // the entry sets the limit too
	limit  int32
	window string
}

// ratesOf evaluates the rate limits of a new task and sets those that the task
// defines itself (hatchet-protocol.md section 5.6). failure is the text with
// which the task fails.
func (c *Core) ratesOf(t *task) (units []rateUnits, failure string) {
	var wishes []wish
	for i := range t.step.def.RateLimits {
		w, failure := c.wishOf(t, &t.step.def.RateLimits[i])
		if failure != "" {
			return nil, failure
		}
		wishes = append(wishes, w)
	}
	for i := range wishes {
		w := &wishes[i]
		at := slices.IndexFunc(units, func(u rateUnits) bool { return u.Key == w.Key })
		if at < 0 {
			units = append(units, w.rateUnits)
		} else {
			units[at].Units = w.Units
		}
	}
	for _, u := range units {
		if limit, window, ok := agree(wishes, u.Key); ok {
			c.setRate(u.Key, limit, window)
		}
	}
	return units, ""
}

// agree gives the smallest limit and the longest window that wishes for one key
// set.
func agree(wishes []wish, key string) (limit int32, window string, ok bool) {
	limit = math.MaxInt32
	longest := 0
	for _, w := range wishes {
		if w.Key == key && w.set {
			ok = true
			limit = min(limit, w.limit)
			longest = max(longest, slices.Index(windows, w.window))
		}
	}
	return limit, windows[longest], ok
}

// wishOf evaluates one entry. Without any expression it refers to a limit that
// was set elsewhere.
func (c *Core) wishOf(t *task, d *RateLimit) (w wish, failure string) {
	w = wish{rateUnits: rateUnits{Key: d.Key, Units: 1}, window: windowOr(d.Duration)}
	if d.Units != nil {
		w.Units = *d.Units
	}
	if d.KeyExpr == nil && d.UnitsExpr == nil && d.LimitExpr == nil {
		return w, ""
	}
	if d.KeyExpr != nil {
		if w.Key, failure = c.evalString(t, *d.KeyExpr); failure != "" {
			return w, failure
		}
	}
	if d.UnitsExpr != nil {
		n, failure := c.evalInt(t, *d.UnitsExpr)
		if failure != "" {
			return w, failure
		}
		w.Units = clampInt32(n)
	}
	limit := int64(0) // an absent limit sets 0
	if d.LimitExpr != nil {
		if limit, failure = c.evalInt(t, *d.LimitExpr); failure != "" {
			return w, failure
		}
	}
	w.set, w.limit = limit >= 0, clampInt32(limit)
	return w, ""
}

func clampInt32(n int64) int32 {
	return int32(min(max(n, 0), math.MaxInt32))
}

func (v *validator) rateLimits(t *TaskDefinition) *Error {
	where := "task " + t.Name
	for i := range t.RateLimits {
		d := &t.RateLimits[i]
		switch {
		case d.Key == "" && d.KeyExpr == nil:
			return invalid("a rate limit of %s has no key", where)
		case d.Units != nil && *d.Units < 0:
			return invalid("the units %d of rate limit %s of %s must not be negative", *d.Units, d.Key, where)
		case d.Duration != "" && !slices.Contains(windows, d.Duration):
			return invalid("the window %q of rate limit %s of %s is not known", d.Duration, d.Key, where)
		}
		for n, expression := range []*string{d.KeyExpr, d.UnitsExpr, d.LimitExpr} {
			if expression == nil {
				continue
			}
			if err := checkStepExpression(v.evaluator, *expression, where+", rate limit "+strconv.Itoa(i)+", expression "+strconv.Itoa(n)); err != nil {
				return err
			}
		}
	}
	return nil
}
