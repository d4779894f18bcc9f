package sdk

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/value"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
	"github.com/hatchet-js/hatchet-js-worker/engine/client"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker/durable"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// replay hands one pass over a durable log to the script side, in its errors.
type replay struct {
	pass  *durable.Replay
	host  *host
	waits int // asked for in the pass
}

func (r *replay) Memo(key []byte, done func(hatchet.Answer)) { r.pass.Memo(key, answering(done)) }

func answering(done func(hatchet.Answer)) func(durable.Answer) {
	return func(a durable.Answer) {
		a.Err = scriptError(a.Err)
		if len(a.Payload) > 0 {
			a.Payload = value.Ordered(a.Payload)
		}
		done(hatchet.Answer(a))
	}
}

func (r *replay) WaitFor(conditions []workflow.Condition, label, describe string, done func(hatchet.Answer)) {
	r.waits++
	traced := r.host.attempt.Wait(r.waits, r.pass.Replaying())
	r.pass.WaitFor(conditions, label, describe, answering(func(a hatchet.Answer) {
		traced(a.Err)
		done(a)
	}))
}

func (r *replay) RunChildren(requests []hatchet.RunRequest, started func([]hatchet.DurableChild, error, func())) {
	items, traced := r.trace(r.host.triggerItems(requests))
	wire, err := r.host.worker.client.TriggerRequests(items)
	if err != nil {
		traced(err)
		started(nil, err, func() {})
		return
	}
	r.pass.RunChildren(wire, func(runs []*durable.Child, err error, took func()) {
		traced(err)
		children := make([]hatchet.DurableChild, len(runs))
		for i, child := range runs {
			children[i] = hatchet.DurableChild{RunID: child.RunID, Result: r.result(child, requests[i])}
		}
		started(children, scriptError(err), took)
	})
}

// trace begins the span of starting children, unless that only repeats what an
// earlier pass has done.
func (r *replay) trace(items []client.TriggerItem) (_ []client.TriggerItem, traced func(error)) {
	tracer := r.host.worker.tracer
	if tracer == nil || r.pass.Replaying() {
		return items, func(error) {}
	}
	ctx := r.host.attempt.Within(context.Background())
	if len(items) == 1 {
		return items, tracer.Trigger(ctx, &items[0])
	}
	return items, tracer.TriggerMany(ctx, items)
}

// result gives the output of a child in the shape that hatchet.run gives. The
// engine gives that of a workflow's only task bare.
func (r *replay) result(child *durable.Child, request hatchet.RunRequest) func(func(hatchet.Answer)) {
	return func(done func(hatchet.Answer)) {
		child.Result(answering(func(a hatchet.Answer) {
			if task := r.host.worker.onlyTask(request.Workflow); a.Err == nil && task != "" && !request.Bare {
				a.Payload, a.Err = json.Marshal(map[string]json.RawMessage{task: a.Payload})
			}
			done(a)
		}))
	}
}

func (r *replay) KeepsRuns() bool { return r.pass.KeepsRuns() }

func (r *replay) Linger() (release func(), ok bool) { return r.pass.Linger() }

func (r *replay) Asking() bool { return r.pass.Asking() }

func (r *replay) Replaying() bool { return r.pass.Replaying() }

func (r *replay) Unsure() bool { return r.pass.Unsure() }

func (r *replay) CatchingUp() bool { return r.pass.CatchingUp() }

func (r replay) Behind() time.Duration { return r.pass.Behind() }

// endOfAttempt reports whether err is what a worker ends an attempt with.
func endOfAttempt(err error) bool {
	var timeout *worker.TimeoutError
	return errors.As(err, &timeout) || errors.Is(err, worker.ErrCancelled) || errors.Is(err, worker.ErrReplaced) ||
		errors.Is(err, worker.ErrDraining) || errors.Is(err, worker.ErrAborted)
}

// scriptError turns an error of the worker into the one scripts see.
func scriptError(err error) error {
	var mismatch *durable.NonDeterminismError
	if errors.As(err, &mismatch) {
		return &hatchet.NonDeterminismError{Step: mismatch.Step, Was: mismatch.Was, Now: mismatch.Now}
	}
	if endOfAttempt(err) {
		return &hatchet.CancelledError{Reason: err}
	}
	var child *durable.ChildError
	if errors.As(err, &child) {
		return hatchet.ChildFailed(child.RunID, child.Message)
	}
	return triggerError(err)
}

// reportError turns what a script run ended with into what the worker reports.
func reportError(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, vm.ErrParked) {
		return worker.ErrParked
	}
	var each hatchet.MemberErrors
	if errors.As(err, &each) {
		out := make(worker.MemberErrors, len(each))
		for id, err := range each {
			out[id] = reportError(err)
		}
		return out
	}
	var failed *hatchet.TaskError
	if errors.As(err, &failed) {
		return &worker.TaskError{Message: failed.Message, Stack: failed.Stack + panicStack(err), NonRetryable: failed.NonRetryable, Cause: err}
	}
	return err
}

// panicStack is the Go stack beneath an error that stems from a panic, to follow
// the JavaScript one; "" of others.
func panicStack(err error) string {
	var panicked *native.PanicError
	if !errors.As(err, &panicked) {
		return ""
	}
	return "\n\nGo stack:\n" + strings.TrimSpace(fromPanic(string(panicked.Stack)))
}

// fromPanic is the stack from where the panic began: without what recovered.
func fromPanic(stack string) string {
	_, after, found := strings.Cut(stack, "\npanic(")
	if !found {
		return stack
	}
	_, after, _ = strings.Cut(after, "\n") // the arguments of panic
	_, after, _ = strings.Cut(after, "\n") // its place
	return after
}
