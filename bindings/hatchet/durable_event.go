package hatchet

import (
	"time"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// eventWait is what ctx.waitForEvent is asked for.
type eventWait struct {
	workflow.Condition
	lookback time.Duration
	label    string
}

// eventWaitOptions are the options of ctx.waitForEvent.
var eventWaitOptions = []option[*eventWait]{
	{"expression", "string", "CEL over input, the event's payload, that must be true.",
		func(r *Realm, w *eventWait, what string, v goja.Value) { w.Expression = native.NonEmpty(r.rt, v, what) }},
	{"scope", "string", "Only events of this scope.",
		func(r *Realm, w *eventWait, what string, v goja.Value) { w.Scope = native.NonEmpty(r.rt, v, what) }},
	{"lookback", "Duration", "With a scope: events pushed this long before count, too.",
		func(r *Realm, w *eventWait, what string, v goja.Value) { w.lookback = r.duration(v, what) }},
	{"label", "string", "What the wait is for, shown in Hatchet.",
		func(r *Realm, w *eventWait, what string, v goja.Value) { w.label = native.NonEmpty(r.rt, v, what) }},
}

// contextWaitForEvent is ctx.waitForEvent(key, expression?) and
// ctx.waitForEvent(key, options): the event's payload.
func contextWaitForEvent(r *Realm, call goja.FunctionCall) goja.Value {
	u := r.durable(call, "ctx.waitForEvent")
	asked := r.eventWait(call, "ctx.waitForEvent")
	w := r.newWait(u, asked.label)
	give := func(payload []byte) (goja.Value, error) { return r.firstEvent(payload, asked.EventKey) }
	if asked.lookback == 0 {
		w.forConditions([]workflow.Condition{asked.Condition}, give)
		return w.promise
	}
	post := r.vm.Reserve()
	u.instant(func(now time.Time, err error, took func()) {
		post(func() error {
			took()
			if err != nil {
				w.settle(func() (goja.Value, error) { return nil, r.durableError(err, w.at) })
				return nil
			}
			since := now.Add(-asked.lookback)
			asked.Since = &since
			w.forConditions([]workflow.Condition{asked.Condition}, give)
			return nil
		})
	})
	return w.promise
}

// eventWait reads the arguments of waitForEvent.
func (r *Realm) eventWait(call goja.FunctionCall, what string) eventWait {
	r.noMore(call, 2, what)
	asked := eventWait{Condition: workflow.Condition{Kind: workflow.ConditionEvent}}
	asked.EventKey = native.NonEmpty(r.rt, call.Argument(0), what+": the event key")
	if options := call.Argument(1); goja.IsString(options) {
		asked.Expression = native.NonEmpty(r.rt, options, what+": the expression")
	} else {
		apply(r, &asked, what, eventWaitOptions, r.bag(options, what+": the options"))
	}
	if asked.lookback > 0 && asked.Scope == "" {
		r.fail("%s: a lookback needs a scope, which Hatchet finds earlier events by", what)
	}
	return asked
}

// firstEvent takes the event out of {"CREATE": {key: [event]}}.
func (r *Realm) firstEvent(payload []byte, key string) (goja.Value, error) {
	decoded, err := r.decoder.Decode(payload)
	if err != nil {
		return nil, err
	}
	at := decoded
	for _, step := range []string{"CREATE", key, "0"} {
		object, ok := at.(*goja.Object)
		if !ok {
			return decoded, nil
		}
		if at = object.Get(step); at == nil {
			return decoded, nil
		}
	}
	return at, nil
}
