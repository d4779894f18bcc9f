package hatchet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/value"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// durableMembers are the members of ctx that only durable tasks have; elsewhere
// they say so.
var durableMembers = slices.Concat([]native.Member[*Realm]{
	{Name: "memo", Type: "<T>(key: string, compute: () => T | Promise<T>): Promise<T>",
		Doc:    "Computes a value once: replays get the value that was remembered. It passes through JSON.",
		Length: 2, Call: contextMemo},
	{Name: "now", Type: "(): Promise<Date>",
		Doc:  "The time, remembered: the same in every replay.",
		Call: contextNow},
	{Name: "sleepFor", Type: "(duration: Duration, label?: string): Promise<{ durationMs: number }>",
		Doc:    "Sleeps. The worker may restart meanwhile.",
		Length: 1, Call: contextSleepFor},
	{Name: "sleepUntil", Type: "(date: Date, label?: string): Promise<{ durationMs: number }>",
		Doc:    "Sleeps until a time.",
		Length: 1, Call: contextSleepUntil},
	{Name: "waitFor", Type: "(conditions: Conditions, label?: string): Promise<{ CREATE?: Record<string, any[]> }>",
		Doc:    "Waits for conditions. What satisfied them is in CREATE, a list by event key, or sleep-<duration>.",
		Length: 1, Call: contextWaitFor},
	{Name: "waitForEvent", Type: "<T = any>(key: string, options?: string | WaitForEventOptions): Promise<T>",
		Doc:    "Waits for an event and gives its payload. A string stands for the expression.",
		Length: 1, Call: contextWaitForEvent},
	{Name: "invocationCount", Type: ": number",
		Doc: "How often the task was started or woken, from 1.",
		Get: func(r *Realm, call goja.FunctionCall) goja.Value {
			return r.rt.ToValue(r.durable(call, "ctx.invocationCount").inv.InvocationCount)
		}},
}, durableChildMembers)

// durable returns the run if its task is durable.
func (r *Realm) durable(call goja.FunctionCall, what string) *run {
	u := r.self(call, what)
	if u.inv.Durable == nil {
		r.fail("%s is for durable tasks; declare this one with durableTask", what)
	}
	return u
}

// remember asks for the value under key and hands it to settle, or has compute
// give it: on the VM's goroutine, called exactly once unless the value is known.
func (u *run) remember(key string, compute func(complete func([]byte)) (goja.Value, error)) goja.Value {
	r := u.realm
	promise, settle := r.vm.NewPromise()
	at := r.trace()
	u.inv.Durable.Memo([]byte(key), func(a Answer) {
		settle(func() (goja.Value, error) {
			a.Took()
			switch {
			case a.Err != nil:
				return nil, r.durableError(a.Err, at)
			case a.Exists:
				return r.decoder.Decode(a.Payload)
			}
			return compute(a.Complete)
		})
	})
	return promise
}

// contextMemo is ctx.memo(key, fn). What it gives has always been through JSON,
// so that the first pass sees what replays see.
func contextMemo(r *Realm, call goja.FunctionCall) goja.Value {
	u := r.durable(call, "ctx.memo")
	r.noMore(call, 2, "ctx.memo")
	key := native.NonEmpty(r.rt, call.Argument(0), "ctx.memo: the key")
	compute, ok := goja.AssertFunction(call.Argument(1))
	if !ok {
		r.fail("ctx.memo: the second argument must be a function that gives the value, got %s", native.Describe(call.Argument(1)))
	}
	return u.remember(key, func(complete func([]byte)) (goja.Value, error) {
		computed, err := compute(goja.Undefined())
		if err != nil {
			return nil, err
		}
		return r.then(computed, func(computed goja.Value) (goja.Value, error) {
			payload, err := r.encoder.Encode(computed)
			if err != nil {
				return nil, fmt.Errorf("ctx.memo(%q): %w", key, err)
			}
			if payload == nil {
				payload = []byte("null")
			}
			payload = value.Ordered(payload) // as replays get it
			complete(payload)
			return r.decoder.Decode(payload)
		})
	})
}

// instant is how a remembered time is kept, the shape of Hatchet's TypeScript
// SDK (hatchet-protocol.md section 8.5).
type instant struct {
	TS time.Time `json:"ts"`
}

const nowKey = "now"

// contextNow is ctx.now(): the time, remembered.
func contextNow(r *Realm, call goja.FunctionCall) goja.Value {
	u := r.durable(call, "ctx.now")
	promise, settle := r.vm.NewPromise()
	at := r.trace()
	u.instant(func(now time.Time, err error, took func()) {
		settle(func() (goja.Value, error) {
			took()
			if err != nil {
				return nil, r.durableError(err, at)
			}
			return r.rt.New(r.rt.Get("Date"), r.rt.ToValue(now.UnixMilli()))
		})
	})
	return promise
}

// instant gives the remembered time to done, from any goroutine. took is that of
// [Answer].
func (u *run) instant(done func(now time.Time, err error, took func())) {
	clock := u.realm.vm.Options().Clock
	u.inv.Durable.Memo([]byte(nowKey), func(a Answer) {
		err := a.Err
		now := instant{clock.Now().UTC().Truncate(time.Millisecond)}
		switch {
		case err != nil:
		case a.Exists:
			err = json.Unmarshal(a.Payload, &now)
		default:
			var payload []byte
			if payload, err = json.Marshal(now); err == nil {
				a.Complete(payload)
			}
		}
		done(now.TS, err, a.Took)
	})
}

// contextSleepFor is ctx.sleepFor(duration).
func contextSleepFor(r *Realm, call goja.FunctionCall) goja.Value {
	u := r.durable(call, "ctx.sleepFor")
	r.noMore(call, 2, "ctx.sleepFor")
	d := r.duration(call.Argument(0), "ctx.sleepFor")
	wait := r.newWait(u, r.waitLabel(call.Argument(1), "ctx.sleepFor"))
	wait.forDuration(d)
	return wait.promise
}

// contextSleepUntil is ctx.sleepUntil(date): the time is remembered first, so
// that every replay sleeps as long.
func contextSleepUntil(r *Realm, call goja.FunctionCall) goja.Value {
	u := r.durable(call, "ctx.sleepUntil")
	r.noMore(call, 2, "ctx.sleepUntil")
	until := r.date(call.Argument(0), "ctx.sleepUntil")
	wait := r.newWait(u, r.waitLabel(call.Argument(1), "ctx.sleepUntil"))
	post := r.vm.Reserve()
	u.instant(func(now time.Time, err error, took func()) {
		post(func() error {
			took()
			switch d := until.Sub(now); {
			case err != nil:
				wait.settle(func() (goja.Value, error) { return nil, r.durableError(err, wait.at) })
			case d <= 0:
				wait.settle(func() (goja.Value, error) { return r.slept(0), nil })
			default:
				wait.forDuration(d)
			}
			return nil
		})
	})
	return wait.promise
}

// contextWaitFor is ctx.waitFor(conditions, label?).
func contextWaitFor(r *Realm, call goja.FunctionCall) goja.Value {
	u := r.durable(call, "ctx.waitFor")
	r.noMore(call, 2, "ctx.waitFor")
	conditions := r.conditions(call.Argument(0), "ctx.waitFor", 0)
	for _, c := range conditions {
		if c.Kind == workflow.ConditionParent {
			r.fail("ctx.waitFor: a running task has its parents' outputs already; wait for a sleepFor or an eventKey")
		}
	}
	wait := r.newWait(u, r.waitLabel(call.Argument(1), "ctx.waitFor"))
	wait.forConditions(conditions, func(payload []byte) (goja.Value, error) { return r.decoder.Decode(payload) })
	return wait.promise
}

// waitLabel reads the label of a wait, or an object that has it.
func (r *Realm) waitLabel(v goja.Value, what string) string {
	if native.Missing(v) {
		return ""
	}
	return native.NonEmpty(r.rt, v, what+": the label")
}

// wait is one durable wait of a script.
type wait struct {
	realm   *Realm
	run     *run
	label   string
	promise goja.Value
	settle  func(func() (goja.Value, error))
	at      trace
}

func (r *Realm) newWait(u *run, label string) *wait {
	w := &wait{realm: r, run: u, label: label, at: r.trace()}
	w.promise, w.settle = r.vm.NewWait()
	return w
}

func (w *wait) forDuration(d time.Duration) {
	conditions := []workflow.Condition{{Kind: workflow.ConditionSleep, SleepFor: d}}
	w.forConditions(conditions, func([]byte) (goja.Value, error) { return w.realm.slept(d), nil })
}

// forConditions asks for the wait; give makes its value of what fired.
func (w *wait) forConditions(conditions []workflow.Condition, give func(payload []byte) (goja.Value, error)) {
	w.run.steps++
	if w.run.maySoonBeOver(conditions) {
		w.run.progress++
	}
	w.run.inv.Durable.WaitFor(conditions, w.label, DescribeConditions(conditions), func(a Answer) {
		w.settle(func() (goja.Value, error) {
			w.run.progress++
			a.Took()
			if a.Err != nil {
				return nil, w.realm.durableError(a.Err, w.at)
			}
			return give(a.Payload)
		})
	})
}

// shortSleep is a sleep for which it is worth to keep the VM.
const shortSleep = lingerFor

// maySoonBeOver reports whether a wait may end before a run would park. What a
// run waits for that repeats others may be over already.
func (u *run) maySoonBeOver(conditions []workflow.Condition) bool {
	return u.inv.Durable.CatchingUp() || slices.ContainsFunc(conditions, func(c workflow.Condition) bool {
		return c.Kind != workflow.ConditionSleep || c.SleepFor <= shortSleep
	})
}

// durableError is what a promise is rejected with for an error of the log. A
// mismatch also says where the script asked for what did not match. Once a wait
// fails because the task was cancelled, its signal has fired.
func (r *Realm) durableError(err error, at trace) error {
	if errors.Is(err, context.Canceled) {
		var cancelled *CancelledError
		if !errors.As(err, &cancelled) {
			cancelled = &CancelledError{}
		}
		err = cancelled
		r.current.abort(err)
	}
	var mismatch *NonDeterminismError
	if errors.As(err, &mismatch) {
		err = &NonDeterminismError{Step: mismatch.Step, Was: mismatch.Was, Now: mismatch.Now + at.place()}
	}
	return r.rejection(err, at)
}

// slept is what a sleep gives.
func (r *Realm) slept(d time.Duration) goja.Value {
	o := r.rt.NewObject()
	_ = o.Set("durationMs", d.Milliseconds())
	return o
}
