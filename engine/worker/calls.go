package worker

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"github.com/hatchet-js/hatchet-js-worker/engine/transport"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker/internal/reconnect"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// endless is the number of attempts of a call that is repeated for as long as it
// takes.
const endless = 0

// userAttempts is how often the engine may fail a call that a task asked for.
const userAttempts = 3

// persist makes a call until it succeeds, the engine refuses it for good, or
// ctx ends. An engine that cannot be reached is waited for; any other failure is
// taken for an answer after most attempts, unless that is endless.
func (w *Worker) persist(ctx context.Context, what string, most int, call func(context.Context) error) error {
	backoff := w.pacing
	for answered := 0; ; {
		pulse := w.pulse.Next()
		err := w.once(ctx, call)
		switch {
		case err == nil:
			w.reached.Store(true)
			return nil
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case reconnect.Refused(err):
			return err
		case (reconnect.Unauthorized(err) || transport.IsTLSMismatch(err)) && !w.reached.Load():
			return w.fail(&callError{what, err})
		case !reconnect.Unreachable(err) && most != endless:
			if answered++; answered >= most {
				return err
			}
		}
		delay := w.pace(&backoff, err)
		w.trouble(what, err, delay)
		if err := reconnect.Wait(ctx, w.clock, delay, pulse); err != nil {
			return err
		}
		w.rpc.retryNow()
	}
}

func (w *Worker) once(ctx context.Context, call func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return call(ctx)
}

// pace is how long to wait after err. A refused token is asked about slowly: a
// person has to do something first.
func (w *Worker) pace(backoff *reconnect.Backoff, err error) time.Duration {
	delay := backoff.Next()
	if reconnect.Unauthorized(err) {
		return reconnect.Cap/2 + rand.N(reconnect.Cap/2)
	}
	return delay
}

// trouble shows why the worker is not connected.
func (w *Worker) trouble(what string, err error, delay time.Duration) {
	state := StateReconnecting
	if !w.crew.everEstablished() {
		state = StateRegistering
	}
	detail := fmt.Sprintf("%s: %s", what, reconnect.Reason(err))
	if delay >= time.Second {
		detail += fmt.Sprintf("; next attempt in %s", workflow.FormatDuration(delay.Round(time.Second)))
	}
	w.note(state, detail)
}

// fail ends Run with err.
func (w *Worker) fail(err error) error {
	select {
	case w.fatal <- err:
	default:
	}
	return err
}

// refresh extends the execution deadline in the engine (hatchet-protocol.md
// section 3.8).
func (w *Worker) refresh(ctx context.Context, taskRunID string, by time.Duration) (time.Time, error) {
	out, err := w.rpc.dispatcher.RefreshTimeout(ctx, &contract.RefreshTimeoutRequest{
		TaskRunExternalId: taskRunID, IncrementTimeoutBy: workflow.WireDuration(by)})
	if err != nil {
		return time.Time{}, err
	}
	return out.TimeoutAt.AsTime(), nil
}

// Log hands one line of the attempt's log over for delivery, in order and before
// the attempt is reported (hatchet-protocol.md section 7.3). It never blocks.
// level is DEBUG, INFO, WARN or ERROR, others count as INFO; fields is a JSON
// object or nil. A line longer than 10,000 characters is split.
func (a *Assignment) Log(level, message string, fields []byte, at time.Time) {
	if a.attempt != nil {
		a.attempt.outbox.log(level, message, fields, at)
	}
}

// RefreshTimeout adds d to the execution deadline, in the engine and then here,
// and returns the engine's new deadline (hatchet-protocol.md section 3.8).
func (a *Assignment) RefreshTimeout(ctx context.Context, d time.Duration) (time.Time, error) {
	if a.attempt == nil {
		return time.Time{}, nil
	}
	var at time.Time
	err := a.attempt.eachTask(func(id string) (err error) {
		at, err = a.attempt.worker.refresh(ctx, id, d)
		return err
	})
	if err != nil {
		return time.Time{}, &callError{"extend the timeout", err}
	}
	a.attempt.deadline.extend(d)
	return at, nil
}

// ReleaseSlot gives the attempt's slots back while it goes on
// (hatchet-protocol.md section 3.8).
func (a *Assignment) ReleaseSlot(ctx context.Context) error {
	if a.attempt == nil {
		return nil
	}
	w := a.attempt.worker
	err := w.persist(ctx, "release a slot", userAttempts, func(ctx context.Context) error {
		return a.attempt.eachTask(func(id string) error {
			_, err := w.rpc.dispatcher.ReleaseSlot(ctx, &contract.ReleaseSlotRequest{TaskRunExternalId: id})
			return err
		})
	})
	if err != nil {
		return &callError{"release the slot", err}
	}
	a.attempt.giveSlot()
	return nil
}

// Cancel has the engine cancel this task, and ends the attempt's context with
// ErrCancelled. Whatever the handler returns after it is not reported, for it
// might reach the engine before the cancellation has (hatchet-protocol.md section
// 6.7).
func (a *Assignment) Cancel(ctx context.Context) error {
	if a.attempt == nil {
		return nil
	}
	w := a.attempt.worker
	err := w.persist(ctx, "cancel a task", userAttempts, func(ctx context.Context) error {
		if a.Batch != nil {
			return a.attempt.cancelBatch(ctx)
		}
		_, err := w.rpc.admin.CancelTasks(ctx, &v1.CancelTasksRequest{ExternalIds: []string{a.TaskRunID}})
		return err
	})
	if err != nil {
		return &callError{"cancel the task", err}
	}
	a.attempt.drop(ErrCancelled)
	return nil
}

// WorkerID is the id of the registration to which this attempt was assigned;
// "" without a worker.
func (a *Assignment) WorkerID() string {
	if a.attempt == nil {
		return ""
	}
	return a.attempt.registration.workerID()
}

// untold implements [durable.Engine].
func (w *Worker) untold(ctx context.Context, runID string) (string, error) {
	var run *v1.GetRunDetailsResponse
	err := w.once(ctx, func(ctx context.Context) (err error) {
		run, err = w.rpc.admin.GetRunDetails(ctx, &v1.GetRunDetailsRequest{ExternalId: runID})
		return err
	})
	if err != nil || run.Status != v1.RunStatus_COMPLETED {
		return "", err
	}
	for name, task := range run.TaskRuns {
		if reason := workflow.Untold(name, task.Output); reason != "" {
			return reason, nil
		}
	}
	return "", nil
}
