package hatchet

import (
	"math"
	"time"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// duration reads "1h30m", a number of milliseconds, or { hours, minutes,
// seconds, milliseconds }.
func (r *Realm) duration(v goja.Value, what string) time.Duration {
	switch {
	case goja.IsString(v):
		d, err := workflow.ParseDuration(v.String())
		if err != nil {
			r.fail("%s: %v", what, err)
		}
		return d
	case goja.IsNumber(v):
		return r.milliseconds(v, what)
	case native.IsPlain(v):
		var d time.Duration
		apply(r, &d, what, durationOptions, v.(*goja.Object))
		if d <= 0 {
			r.fail("%s must be longer than zero", what)
		}
		return d
	}
	r.fail("%s must be a duration like '30s', or a number of milliseconds, got %s", what, native.Describe(v))
	return 0
}

// written is a duration's own text, if the registration says it as it is written.
func (t *task) written(v goja.Value) string {
	if t.workflow.Verbatim && goja.IsString(v) {
		return v.String()
	}
	return ""
}

// asWritten keeps the texts of durations in conditions for such a registration.
func (t *task) asWritten(conditions []workflow.Condition) []workflow.Condition {
	for i := range conditions {
		if !t.workflow.Verbatim {
			conditions[i].Written = ""
		}
	}
	return conditions
}

var durationOptions = []option[*time.Duration]{
	{"days", "number", "Days of 24 hours.", addUnit(24 * time.Hour)},
	{"hours", "number", "Hours.", addUnit(time.Hour)},
	{"minutes", "number", "Minutes.", addUnit(time.Minute)},
	{"seconds", "number", "Seconds.", addUnit(time.Second)},
	{"milliseconds", "number", "Milliseconds.", addUnit(time.Millisecond)},
}

func addUnit(unit time.Duration) func(*Realm, *time.Duration, string, goja.Value) {
	return func(r *Realm, d *time.Duration, what string, v goja.Value) {
		*d += r.timeSpan(native.Float(r.rt, v, what), unit, what)
	}
}

// milliseconds reads a positive number of milliseconds.
func (r *Realm) milliseconds(v goja.Value, what string) time.Duration {
	ms := native.Float(r.rt, v, what)
	if ms <= 0 {
		r.fail("%s must be longer than zero, got %s", what, v)
	}
	return r.timeSpan(ms, time.Millisecond, what)
}

func (r *Realm) timeSpan(n float64, unit time.Duration, what string) time.Duration {
	span := n * float64(unit)
	if span < 0 || span >= math.MaxInt64 {
		r.fail("%s must be between zero and 292 years", what)
	}
	return time.Duration(span)
}

// priority reads 1, 2 or 3.
func (r *Realm) priority(v goja.Value, what string) int {
	if !goja.IsNumber(v) || v.ToFloat() != math.Trunc(v.ToFloat()) || v.ToInteger() < 1 || v.ToInteger() > 3 {
		r.fail("%s must be 1 (low), 2 (medium) or 3 (high), got %s", what, native.Quote(v))
	}
	return int(v.ToInteger())
}
