package workflow

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
)

// Names of an Idempotency's strategies.
const (
	IdempotencyTTL    = "ttl"    // the key is free again when its time is up
	IdempotencyStatus = "status" // the key is free again when the run is final
)

// rateLimitDurations are the windows of a rate limit, as on the wire.
var rateLimitDurations = []string{"SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "YEAR"}

// labelComparators are the comparators of a desired worker label, as on the
// wire.
var labelComparators = []string{
	"EQUAL", "NOT_EQUAL", "GREATER_THAN", "GREATER_THAN_OR_EQUAL", "LESS_THAN", "LESS_THAN_OR_EQUAL",
}

// checkTask checks all of a task but its name and its place in the graph.
func (c *checker) checkTask(t *Task) {
	if t.Retries < 0 || t.Retries > math.MaxInt32 {
		c.task(t, "retries %d: must be 0 or more", t.Retries)
	}
	if t.ExecutionTimeout < 0 {
		c.task(t, "the execution timeout must be longer than zero")
	}
	if t.ScheduleTimeout < 0 {
		c.task(t, "the schedule timeout must be longer than zero")
	}
	if why := t.Backoff.problem(); why != "" {
		c.task(t, "backoff: %s", why)
	}
	if t.CheckpointKey != "" && !t.Durable {
		c.task(t, "checkpointKey is for durable tasks; declare it with durableTask, or use ctx.memo")
	}
	if why := t.Batch.problem(t); why != "" {
		c.task(t, "batch: %s", why)
	}
	c.checkLimits(t)
	c.checkLabels(t)
	c.checkSlots(t)
	c.checkConditions(t, "waitFor", t.WaitFor)
	c.checkConditions(t, "skipIf", t.SkipIf)
	c.checkConditions(t, "cancelIf", t.CancelIf)
}

func (c *checker) checkLimits(t *Task) {
	for _, limit := range t.Concurrency {
		if why := badConcurrency(limit); why != "" {
			c.task(t, "%s", why)
		}
	}
	for _, limit := range t.RateLimits {
		if why := badRateLimit(limit); why != "" {
			c.task(t, "rate limit: %s", why)
		}
	}
}

func (c *checker) checkLabels(t *Task) {
	for _, key := range sortedKeys(t.WorkerLabels) {
		label := t.WorkerLabels[key]
		switch {
		case key == "":
			c.task(t, "a worker label has no name")
		case (label.String == nil) == (label.Int == nil):
			c.task(t, "worker label %s: needs a value, either a string or a whole number", quoteShort(key))
		case label.Comparator != "" && !slices.Contains(labelComparators, label.Comparator):
			c.task(t, "worker label %s: comparator %s is unknown; use one of %s",
				quoteShort(key), quoteShort(label.Comparator), strings.Join(labelComparators, ", "))
		}
	}
}

func (c *checker) checkSlots(t *Task) {
	if t.SlotCost < 0 || t.SlotCost > math.MaxInt32 {
		c.task(t, "slotCost %d: must be 1 or more", t.SlotCost)
	}
	if t.SlotCost > 0 && t.Durable {
		c.task(t, "slotCost has no effect on a durable task, which takes one durable slot")
	}
	for _, kind := range sortedKeys(t.SlotRequests) {
		if kind == "" || t.SlotRequests[kind] < 1 {
			c.task(t, "slot request %s: must have a name and ask for 1 or more", quoteShort(kind))
		}
	}
}

// checkConditions checks one list of conditions; what is the option's name.
func (c *checker) checkConditions(t *Task, what string, conditions []Condition) {
	for _, condition := range conditions {
		if why := condition.problem(); why != "" {
			c.task(t, "%s: %s", what, why)
		} else if condition.Kind == ConditionParent && !slices.Contains(t.Parents, condition.Parent) {
			c.task(t, "%s: looks at task %s, which is not one of its parents; add it to parents",
				what, quoteShort(condition.Parent))
		}
	}
}

// problem says what is wrong with a condition by itself; "" is nothing.
func (c *Condition) problem() string {
	switch c.Kind {
	case ConditionSleep:
		if c.SleepFor <= 0 {
			return "a sleep must be longer than zero"
		}
	case ConditionEvent:
		if c.EventKey == "" {
			return "an event condition needs an event key"
		}
	case ConditionParent:
		if c.Parent == "" {
			return "a parent condition needs the name of a task"
		}
	default:
		return "unknown kind of condition " + quoteShort(string(c.Kind))
	}
	return ""
}

// problem says what is wrong with a backoff; "" is nothing.
func (b *Backoff) problem() string {
	if b == nil {
		return ""
	}
	if b.Base < 0 || b.Step < 0 || b.Max < 0 || b.MaxSeconds < 0 {
		return "delays cannot be negative"
	}
	if longest := max(b.Base, b.Step, b.Max, time.Duration(b.MaxSeconds)*time.Second); longest > MaxBackoff {
		return "no delay may be longer than 24h"
	}
	switch b.Kind {
	case BackoffFactor:
		if !(b.Factor >= 1 && b.Factor <= maxWireFactor) {
			return "the factor must be between 1 and 1000"
		}
	case BackoffExponential:
		if b.Base == 0 || !(b.factor() >= 1 && b.factor() <= maxWireFactor) {
			return "an exponential backoff needs a base delay, and a factor between 1 and 1000"
		}
	case BackoffLinear:
		if b.Base == 0 && b.Step == 0 {
			return "a linear backoff needs a base delay or a step"
		}
	case BackoffConstant:
		if b.Base == 0 {
			return "a constant backoff needs a delay"
		}
	default:
		return "unknown kind " + quoteShort(string(b.Kind))
	}
	if b.Max > 0 && b.Max < b.Base {
		return "the longest delay is shorter than the first"
	}
	return ""
}

func badConcurrency(limit Concurrency) string {
	switch {
	case limit.Expression == "":
		return "concurrency needs an expression, like 'input.customer'"
	case limit.MaxRuns < 0 || limit.MaxRuns > math.MaxInt32:
		return "concurrency: maxRuns must be 1 or more"
	case limit.MaxRuns > 0 && limit.MaxRunsExpression != "":
		return "concurrency: give maxRuns as a number or as an expression, not both"
	case limit.TenantScoped && limit.Name == "":
		return "concurrency: a limit shared by the whole tenant needs a name"
	case limit.Strategy != "":
		if known, err := ParseStrategy(string(limit.Strategy)); err != nil || known != limit.Strategy {
			return "concurrency strategy " + quoteShort(string(limit.Strategy)) + " is unknown"
		}
	}
	return ""
}

func badRateLimit(limit RateLimit) string {
	switch {
	case (limit.StaticKey == "") == (limit.DynamicKey == ""):
		return "needs either a static key or a dynamic key"
	case limit.Units < 0 || limit.Units > math.MaxInt32:
		return "units must be 0 or more"
	case limit.Units > 0 && limit.UnitsExpr != "":
		return "give units as a number or as an expression, not both"
	case limit.HasLimit && limit.LimitExpr != "":
		return "give the limit as a number or as an expression, not both"
	case limit.HasLimit && limit.Limit < -1:
		return "the limit must be 0 or more"
	case limit.DynamicKey != "" && !limit.HasLimit && limit.LimitExpr == "":
		return "a dynamic key needs a limit"
	case limit.Duration != "" && !slices.Contains(rateLimitDurations, limit.Duration):
		return "duration " + quoteShort(limit.Duration) + " is unknown; use one of " + strings.Join(rateLimitDurations, ", ")
	}
	return ""
}

// emptyOrObject reports whether raw is absent or one JSON object.
func emptyOrObject(raw json.RawMessage) bool {
	if len(raw) == 0 {
		return true
	}
	var object map[string]json.RawMessage
	return json.Unmarshal(raw, &object) == nil && object != nil
}

func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
