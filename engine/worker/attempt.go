package worker

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker/internal/reconnect"
)

// attempt is the life of one assignment here: wait for a slot, run, report.
type attempt struct {
	Assignment

	worker       *Worker
	registration *registration
	wire         *contract.AssignedAction
	action       *action // nil if this worker has no such task
	key          attemptKey

	// life ends when the attempt is no longer ours to report; ctx, which is
	// below it, when the handler has to end.
	life context.Context
	drop context.CancelCauseFunc
	ctx  context.Context
	stop context.CancelCauseFunc

	deadline deadline
	outbox   outbox
	claim    *claim
	released atomic.Bool  // the slot was given back while the handler runs
	settled  atomic.Bool  // how the attempt ended is decided
	telling  sync.Mutex   // held while the observer is told
	began    atomic.Int64 // when the handler was first called, in Unix nanoseconds
}

func newAttempt(w *Worker, r *registration, in *contract.AssignedAction) *attempt {
	t := &attempt{worker: w, registration: r, wire: in}
	t.key = attemptKey{in.TaskRunExternalId, in.RetryCount, in.GetDurableTaskInvocationCount()}
	t.life, t.drop = context.WithCancelCause(w.life)
	t.ctx, t.stop = context.WithCancelCause(t.life)
	t.Assignment = Assignment{
		WorkflowRunID: in.WorkflowRunId, TaskRunID: in.TaskRunExternalId,
		ActionID: w.options.Namespace.Strip(strings.ToLower(in.ActionId)), TaskName: in.TaskName, JobName: in.JobName,
		TaskID: in.TaskId, TenantID: in.TenantId,
		WorkflowID: in.GetWorkflowId(), WorkflowVersionID: in.GetWorkflowVersionId(),
		ParentWorkflowRunID: in.GetParentWorkflowRunId(),
		RetryCount:          int(in.RetryCount), InvocationCount: int(in.GetDurableTaskInvocationCount()), Priority: int(in.Priority),
		ChildIndex: in.ChildWorkflowIndex, ChildKey: in.GetChildWorkflowKey(),
		TriggeringEventID: in.GetTriggeringEventExternalId(), TriggeringEventKey: in.GetTriggeringEventKey(),
		Payload: []byte(in.ActionPayload), ReceivedAt: w.clock.Now(), attempt: t,
	}
	if in.AdditionalMetadata != nil {
		t.AdditionalMetadata = []byte(*in.AdditionalMetadata)
	}
	t.outbox.attempt = t
	return t
}

// run is the attempt from its assignment to the end of its report.
func (t *attempt) run() {
	defer t.worker.attempts.release(t)
	if t.action == nil {
		t.end(nil, fmt.Errorf("no task %s on this worker", t.ActionID))
		return
	}
	if err := t.misplaced(); err != nil {
		t.end(nil, err)
		return
	}
	if t.action.task.Durable {
		t.Durable = t.registration.join(t)
	}
	t.deadline.arm(t.worker.clock, t.ReceivedAt.Add(t.action.timeout-headStart(t.action.timeout)), t.timeOut)
	output, err := t.perform()
	t.end(output, err)
}

// over is called when nobody works for the attempt any more.
func (t *attempt) over() {
	t.drop(nil)
	t.registration.assigned.Add(-1)
}

// perform holds the slot until the handler is over.
func (t *attempt) perform() ([]byte, error) {
	defer t.giveSlot()
	if err := t.awaitSlot(); err != nil {
		return nil, err
	}
	if err := t.awaitBackoff(); err != nil {
		return nil, err
	}
	t.began.Store(t.worker.clock.Now().UnixNano())
	t.outbox.announce()
	if t.Durable != nil {
		return t.runDurable()
	}
	output, err := t.call(t.ctx)
	if errors.Is(err, ErrParked) {
		err = fmt.Errorf("task %s waits like a durable task but is none", t.ActionID)
	}
	return output, err
}

func (t *attempt) awaitSlot() error {
	if t.claim.granted == nil {
		return context.Cause(t.ctx)
	}
	t.worker.counts.queued.Add(1)
	defer t.worker.counts.queued.Add(-1)
	select {
	case <-t.claim.granted:
		return nil
	case <-t.ctx.Done():
		return context.Cause(t.ctx)
	}
}

func (t *attempt) giveSlot() {
	if t.released.CompareAndSwap(false, true) {
		t.worker.slots.give(t.claim)
	}
}

// awaitBackoff keeps the delays that the engine cannot keep, with the deadline
// moved by as much.
func (t *attempt) awaitBackoff() error {
	delay := t.action.delays.Delay(t.RetryCount)
	if delay <= 0 {
		return nil
	}
	began := t.worker.clock.Now()
	t.deadline.extend(delay)
	err := t.worker.persist(t.ctx, "extend the timeout", 3, func(ctx context.Context) error {
		_, err := t.worker.refresh(ctx, t.TaskRunID, delay)
		return err
	})
	if err != nil && t.ctx.Err() == nil {
		t.worker.logger.Warn("the engine did not extend the timeout for a backoff",
			keyTask, t.TaskRunID, keyError, reconnect.Reason(err))
	}
	return reconnect.Wait(t.ctx, t.worker.clock, delay-t.worker.clock.Now().Sub(began), nil)
}

// call runs the handler once.
func (t *attempt) call(ctx context.Context) (output []byte, err error) {
	t.worker.counts.running.Add(1)
	t.tell(t.worker.observer.TaskStarted)
	defer func() {
		t.worker.counts.running.Add(-1)
		if p := recover(); p != nil {
			err = &TaskError{Message: fmt.Sprintf("the handler panicked: %v", p), Stack: string(debug.Stack())}
		}
	}()
	return t.action.runner.Run(ctx, &t.Assignment)
}

// tell tells the observer something of an attempt that is not over: what is, may
// still have a handler that goes on, but nothing comes after TaskFinished.
func (t *attempt) tell(what func(*Assignment)) {
	t.telling.Lock()
	defer t.telling.Unlock()
	if !t.settled.Load() {
		what(&t.Assignment)
	}
}

// timeOut ends the handler, and the attempt too if the handler does not return
// within the grace.
func (t *attempt) timeOut() {
	cause := &TimeoutError{Timeout: t.action.timeout}
	t.stop(cause)
	t.deadline.rearm(t.worker.options.Grace, func() {
		if t.worker.attempts.hold(t) {
			defer t.worker.attempts.release(t)
			t.end(nil, cause)
		}
	})
}

// end decides how the attempt ended, once, and reports it.
func (t *attempt) end(output []byte, err error) {
	if !t.settled.CompareAndSwap(false, true) {
		return
	}
	t.deadline.stop()
	finish := t.judge(output, err)
	if finish.Outcome == OutcomeEvicted {
		t.worker.pins.put(pinKey{t.key.task, t.key.retry}, t.action)
	}
	if t.Durable != nil {
		t.Durable.Leave()
	}
	if began := t.began.Load(); began != 0 {
		finish.Took = t.worker.clock.Now().Sub(time.Unix(0, began))
	}
	t.outbox.close()
	t.telling.Lock()
	t.worker.observer.TaskFinished(&t.Assignment, finish)
	t.telling.Unlock()
	t.report(finish)
	t.stop(context.Canceled)
}

// judge turns what the handler returned, and why its context ended, into an
// outcome. A handler that succeeds too late has succeeded.
func (t *attempt) judge(output []byte, err error) Finish {
	cause := context.Cause(t.ctx)
	var some MemberErrors
	var timeout *TimeoutError
	switch {
	case errors.Is(cause, ErrCancelled):
		return Finish{Outcome: OutcomeCancelled}
	case errors.Is(cause, ErrReplaced):
		return Finish{Outcome: OutcomeReplaced}
	case errors.Is(cause, ErrEvicted):
		return Finish{Outcome: OutcomeEvicted}
	case err == nil:
		return Finish{Outcome: OutcomeCompleted, Output: output}
	case t.Batch != nil && errors.As(err, &some) && len(some) < len(t.Batch.Members):
		return Finish{Outcome: OutcomeCompleted, Output: output, Err: err}
	case errors.As(cause, &timeout):
		return Finish{Outcome: OutcomeTimedOut, Err: timedOut(timeout, err)}
	case cause != nil:
		t.worker.abandoned.Add(1)
		return Finish{Outcome: OutcomeAbandoned}
	}
	return Finish{Outcome: OutcomeFailed, Err: err}
}

// timedOut joins the timeout with where the handler was stopped.
func timedOut(timeout *TimeoutError, err error) error {
	out := &TaskError{Message: timeout.Error(), Cause: timeout}
	var failed *TaskError
	if errors.As(err, &failed) {
		out.Stack = failed.Stack
	}
	says := err.Error()
	if !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) && says != "" && !strings.Contains(says, out.Message) {
		out.Message += ": " + says
	} else if strings.HasPrefix(says, out.Message) {
		out.Message = says
	}
	return out
}
