package hatchet

import (
	"math"
	"strings"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// everyRun is the concurrency key of a limit that was given without an
// expression: one group for all runs (CEL).
const everyRun = `"all"`

var concurrencyOptions = []option[*workflow.Concurrency]{
	{"expression", "string", "CEL over input and additional_metadata: runs with an equal value share the limit. Default: all runs share it.",
		func(r *Realm, c *workflow.Concurrency, what string, v goja.Value) {
			c.Expression = native.NonEmpty(r.rt, v, what)
		}},
	{"maxRuns", "number | string", "How many may run at once: a number, or CEL. Default 1.", setMaxRuns},
	{"strategy", "Strategy", "What happens to runs beyond the limit. Default 'cancel-in-progress'.", setStrategy},
	{"limitStrategy", "Strategy", "The same as strategy.", setStrategy},
	{"name", "string", "A name for the limit.",
		func(r *Realm, c *workflow.Concurrency, what string, v goja.Value) {
			c.Name = native.NonEmpty(r.rt, v, what)
		}},
	{"isTenantScoped", "boolean", "Whether limits of the same name are shared across workflows.",
		func(r *Realm, c *workflow.Concurrency, what string, v goja.Value) {
			c.TenantScoped, c.SaidScope = native.Boolean(r.rt, v, what), true
		}},
}

func setMaxRuns(r *Realm, c *workflow.Concurrency, what string, v goja.Value) {
	if goja.IsString(v) {
		c.MaxRunsExpression = native.NonEmpty(r.rt, v, what)
		return
	}
	c.MaxRuns = native.Integer(r.rt, v, what, 1, math.MaxInt32)
}

// numberedStrategies are the strategies by their number on the wire, which is
// what Hatchet's own enum holds.
var numberedStrategies = map[int]workflow.Strategy{
	0: workflow.CancelInProgress, 3: workflow.GroupRoundRobin, 4: workflow.CancelNewest,
	5: workflow.CancelQueuedExceptNewest, 6: workflow.CancelQueuedExceptOldest,
}

func setStrategy(r *Realm, c *workflow.Concurrency, what string, v goja.Value) {
	if goja.IsNumber(v) {
		if strategy, ok := numberedStrategies[int(v.ToInteger())]; ok {
			c.Strategy = strategy
			return
		}
	}
	strategy, err := workflow.ParseStrategy(native.String(r.rt, v, what))
	if err != nil {
		r.fail("%s: %v", what, err)
	}
	c.Strategy = strategy
}

// concurrency reads a limit: an object, or the number of runs.
func (r *Realm) concurrency(v goja.Value, what string) workflow.Concurrency {
	c := workflow.Concurrency{Expression: everyRun}
	if goja.IsNumber(v) {
		setMaxRuns(r, &c, what, v)
		return c
	}
	if !native.IsPlain(v) {
		r.fail("%s must be an object like { expression: 'input.customer', maxRuns: 5 } or a number of runs, got %s", what, native.Describe(v))
	}
	apply(r, &c, what, concurrencyOptions, v.(*goja.Object))
	return c
}

var rateLimitOptions = []option[*workflow.RateLimit]{
	{"key", "string", "The name of the limit. The same as staticKey.", setStaticKey},
	{"staticKey", "string", "The name of the limit.", setStaticKey},
	{"dynamicKey", "string", "CEL that gives the name of the limit, like 'input.customer'. Needs a limit.",
		func(r *Realm, l *workflow.RateLimit, what string, v goja.Value) {
			l.DynamicKey = native.NonEmpty(r.rt, v, what)
		}},
	{"units", "number | string", "How much of the limit one run takes: a number, or CEL. Default 1.", setUnits},
	{"limit", "number | string", "The limit itself: a number, or CEL. Default: as stored in Hatchet.", setLimit},
	{"duration", "'second' | 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year'", "The window of the limit. Default 'minute'.",
		func(r *Realm, l *workflow.RateLimit, what string, v goja.Value) {
			l.Duration = strings.ToUpper(native.NonEmpty(r.rt, v, what))
		}},
}

func setStaticKey(r *Realm, l *workflow.RateLimit, what string, v goja.Value) {
	l.StaticKey = native.NonEmpty(r.rt, v, what)
}

func setUnits(r *Realm, l *workflow.RateLimit, what string, v goja.Value) {
	if goja.IsString(v) {
		l.UnitsExpr = native.NonEmpty(r.rt, v, what)
		return
	}
	l.Units = native.Integer(r.rt, v, what, 0, math.MaxInt32)
}

func setLimit(r *Realm, l *workflow.RateLimit, what string, v goja.Value) {
	if goja.IsString(v) {
		l.LimitExpr = native.NonEmpty(r.rt, v, what)
		return
	}
	l.Limit, l.HasLimit = native.Integer(r.rt, v, what, 0, math.MaxInt32), true
}

// rateLimit reads a rate limit: an object, or the limit's name.
func (r *Realm) rateLimit(v goja.Value, what string) workflow.RateLimit {
	var l workflow.RateLimit
	if goja.IsString(v) {
		setStaticKey(r, &l, what, v)
		return l
	}
	if !native.IsPlain(v) {
		r.fail("%s must be an object like { key: 'api', units: 1, limit: 100, duration: 'minute' }, got %s", what, native.Describe(v))
	}
	apply(r, &l, what, rateLimitOptions, v.(*goja.Object))
	return l
}

var labelOptions = []option[*workflow.DesiredLabel]{
	{"value", "string | number", "The value to compare with.", setLabelValue},
	{"required", "boolean", "Whether other workers are out of the question. Default false.",
		func(r *Realm, l *workflow.DesiredLabel, what string, v goja.Value) {
			l.Required, l.SaidRequired = native.Boolean(r.rt, v, what), true
		}},
	{"weight", "number", "How much this label counts among others. Default 100.",
		func(r *Realm, l *workflow.DesiredLabel, what string, v goja.Value) {
			l.Weight, l.SaidWeight = int32(native.Integer(r.rt, v, what, math.MinInt32, math.MaxInt32)), true
		}},
	{"comparator", "'EQUAL' | 'NOT_EQUAL' | 'GREATER_THAN' | 'GREATER_THAN_OR_EQUAL' | 'LESS_THAN' | 'LESS_THAN_OR_EQUAL'",
		"How to compare. Default 'EQUAL'.",
		func(r *Realm, l *workflow.DesiredLabel, what string, v goja.Value) {
			l.Comparator = strings.ToUpper(native.NonEmpty(r.rt, v, what))
		}},
}

func setLabelValue(r *Realm, l *workflow.DesiredLabel, what string, v goja.Value) {
	if goja.IsString(v) {
		text := v.String()
		l.String = &text
		return
	}
	number := int32(native.Integer(r.rt, v, what, math.MinInt32, math.MaxInt32))
	l.Int = &number
}

// setWorkerLabels reads { gpu: 'yes', memory: { value: 16, comparator: … } }.
func setWorkerLabels(r *Realm, t *task, what string, v goja.Value) {
	t.WorkerLabels = r.workerLabels(t.WorkerLabels, v, what)
}

// workerLabels adds wishes for labels to those there are.
func (r *Realm) workerLabels(wishes map[string]workflow.DesiredLabel, v goja.Value, what string) map[string]workflow.DesiredLabel {
	labels := native.Object(r.rt, v, what)
	if wishes == nil {
		wishes = map[string]workflow.DesiredLabel{}
	}
	for _, name := range labels.Keys() {
		var l workflow.DesiredLabel
		if given := labels.Get(name); native.IsPlain(given) {
			apply(r, &l, what+"."+name, labelOptions, given.(*goja.Object))
		} else {
			setLabelValue(r, &l, what+"."+name, given)
		}
		wishes[name] = l
	}
	return wishes
}
