package hatchet

import (
	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

var filterOptions = []option[*workflow.Filter]{
	{"expression", "string", "CEL over input, the event's payload: whether the event starts a run.",
		func(r *Realm, f *workflow.Filter, what string, v goja.Value) {
			f.Expression = native.NonEmpty(r.rt, v, what)
		}},
	{"scope", "string", "Only events pushed with this scope are looked at.",
		func(r *Realm, f *workflow.Filter, what string, v goja.Value) {
			f.Scope = native.NonEmpty(r.rt, v, what)
		}},
	{"payload", "JsonObject", "What ctx.filterPayload() gives in the runs it starts.",
		func(r *Realm, f *workflow.Filter, what string, v goja.Value) {
			f.Payload = r.json(native.Object(r.rt, v, what), what)
		}},
}

func addFilters(r *Realm, d *declaration, what string, v goja.Value) {
	for _, one := range oneOrMany(r, v, what) {
		var f workflow.Filter
		apply(r, &f, what, filterOptions, native.Object(r.rt, one, what))
		if f.Expression == "" || f.Scope == "" {
			r.fail("%s needs an expression and a scope", what)
		}
		d.DefaultFilters = append(d.DefaultFilters, f)
	}
}

var idempotencyOptions = []option[*workflow.Idempotency]{
	{"expression", "string", "CEL over input and additional_metadata: the key.",
		func(r *Realm, i *workflow.Idempotency, what string, v goja.Value) {
			i.Expression = native.NonEmpty(r.rt, v, what)
		}},
	{"strategy", "'ttl' | 'status'", "When the key is free again: after ttlMs, or when the run is final. Default 'ttl'.",
		func(r *Realm, i *workflow.Idempotency, what string, v goja.Value) {
			i.Strategy = native.NonEmpty(r.rt, v, what)
			if i.Strategy != workflow.IdempotencyTTL && i.Strategy != workflow.IdempotencyStatus {
				r.fail("%s must be 'ttl' or 'status', got %s", what, native.Quote(v))
			}
		}},
	{"ttlMs", "number", "How long the key is held, in milliseconds.", setIdempotencyTTL},
	{"fallbackTtlMs", "number", "With 'status': how long the key is held at most, in milliseconds.", setIdempotencyTTL},
}

func setIdempotencyTTL(r *Realm, i *workflow.Idempotency, what string, v goja.Value) {
	i.TTL = r.milliseconds(v, what)
}

func setIdempotency(r *Realm, d *declaration, what string, v goja.Value) {
	i := &workflow.Idempotency{Strategy: workflow.IdempotencyTTL}
	apply(r, i, what, idempotencyOptions, native.Object(r.rt, v, what))
	if i.Expression == "" || i.TTL == 0 {
		r.fail("%s needs an expression, and ttlMs or, with strategy 'status', fallbackTtlMs", what)
	}
	d.Idempotency = i
}
