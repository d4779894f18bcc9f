package hatchet

import (
	"math"
	"time"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// backoffOptions are the shapes a backoff may have. Hatchet's own is factor
// with maxSeconds; of the others the worker keeps the delays where the wire
// cannot express them.
var backoffOptions = []option[*workflow.Backoff]{
	{"exponential", "{ baseMs: number; maxMs?: number; factor?: number }",
		"Wait baseMs, then factor (default 2) times as long each time, at most maxMs.",
		shaped(workflow.BackoffExponential, exponentialOptions)},
	{"linear", "{ baseMs: number; stepMs?: number; maxMs?: number }",
		"Wait baseMs, then stepMs (default baseMs) longer each time, at most maxMs.",
		shaped(workflow.BackoffLinear, linearOptions)},
	{"constant", "number | { ms: number }", "The same wait before every retry, in milliseconds.", setConstantBackoff},
	{"factor", "number", "Hatchet's own: factor^n seconds before retry n, between 1 and 1000.",
		func(r *Realm, b *workflow.Backoff, what string, v goja.Value) {
			r.shape(b, workflow.BackoffFactor, what)
			b.Factor = native.Float(r.rt, v, what)
		}},
	{"maxSeconds", "number", "With factor: the longest wait in seconds.",
		func(r *Realm, b *workflow.Backoff, what string, v goja.Value) {
			r.shape(b, workflow.BackoffFactor, what)
			b.MaxSeconds = native.Integer(r.rt, v, what, 1, math.MaxInt32)
		}},
}

var (
	baseOption = option[*workflow.Backoff]{"baseMs", "number", "The first wait in milliseconds.",
		func(r *Realm, b *workflow.Backoff, what string, v goja.Value) { b.Base = r.milliseconds(v, what) }}
	maxOption = option[*workflow.Backoff]{"maxMs", "number", "The longest wait in milliseconds.",
		func(r *Realm, b *workflow.Backoff, what string, v goja.Value) { b.Max = r.milliseconds(v, what) }}

	exponentialOptions = []option[*workflow.Backoff]{baseOption, maxOption,
		{"factor", "number", "By what each wait is longer than the one before. Default 2.",
			func(r *Realm, b *workflow.Backoff, what string, v goja.Value) { b.Factor = native.Float(r.rt, v, what) }}}
	linearOptions = []option[*workflow.Backoff]{baseOption, maxOption,
		{"stepMs", "number", "By how much each wait is longer than the one before. Default baseMs.",
			func(r *Realm, b *workflow.Backoff, what string, v goja.Value) { b.Step = r.milliseconds(v, what) }}}
	constantOptions = []option[*workflow.Backoff]{
		{"ms", "number", "The wait in milliseconds.",
			func(r *Realm, b *workflow.Backoff, what string, v goja.Value) { b.Base = r.milliseconds(v, what) }}}
)

func shaped(kind workflow.BackoffKind, options []option[*workflow.Backoff]) func(*Realm, *workflow.Backoff, string, goja.Value) {
	return func(r *Realm, b *workflow.Backoff, what string, v goja.Value) {
		r.shape(b, kind, what)
		apply(r, b, what, options, native.Object(r.rt, v, what))
		if b.Base == 0 {
			r.fail("%s needs baseMs, the first wait in milliseconds", what)
		}
		if kind == workflow.BackoffLinear && b.Step == 0 {
			b.Step = b.Base
		}
	}
}

func setConstantBackoff(r *Realm, b *workflow.Backoff, what string, v goja.Value) {
	r.shape(b, workflow.BackoffConstant, what)
	if goja.IsNumber(v) {
		b.Base = r.milliseconds(v, what)
		return
	}
	if !native.IsPlain(v) {
		r.fail("%s must be a number of milliseconds or { ms }, got %s", what, native.Describe(v))
	}
	apply(r, b, what, constantOptions, v.(*goja.Object))
	if b.Base == 0 {
		r.fail("%s needs ms, the wait in milliseconds", what)
	}
}

// shape makes b a backoff of one kind.
func (r *Realm) shape(b *workflow.Backoff, kind workflow.BackoffKind, what string) {
	if b.Kind != "" && b.Kind != kind {
		r.fail("%s: the backoff is %s already; give one shape only", what, b.Kind)
	}
	b.Kind = kind
}

// backoff reads one of the shapes of backoffOptions.
func (r *Realm) backoff(v goja.Value, what string) *workflow.Backoff {
	if !native.IsPlain(v) {
		r.fail("%s must be an object like { exponential: { baseMs: 1000, maxMs: 60000 } }, got %s", what, native.Describe(v))
	}
	b := &workflow.Backoff{}
	apply(r, b, what, backoffOptions, v.(*goja.Object))
	switch {
	case b.Kind == "":
		r.fail("%s is empty; give { exponential: { baseMs } }, { linear: { baseMs } }, { constant: ms } or { factor, maxSeconds }", what)
	case b.Kind == workflow.BackoffFactor && b.Factor == 0:
		r.fail("%s: maxSeconds needs a factor beside it", what)
	case b.Base > workflow.MaxBackoff || b.Step > workflow.MaxBackoff || b.Max > workflow.MaxBackoff:
		r.fail("%s: no wait may be longer than 24h", what)
	case b.Max > 0 && b.Max < b.Base:
		r.fail("%s: maxMs %d is shorter than baseMs %d", what, b.Max/time.Millisecond, b.Base/time.Millisecond)
	}
	return b
}
