package worker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker/internal/reconnect"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

const (
	// callTimeout bounds one unary call.
	callTimeout = 10 * time.Second
	// flushStall bounds how long a result waits for the log lines before it while
	// none of them gets through.
	flushStall = 10 * time.Second
	// MaxOutput is the largest output that fits a message of 4 MiB beside the
	// other fields of a report (hatchet-protocol.md section 1.3).
	MaxOutput = 4<<20 - 16<<10
	// maxFailure bounds the text of a failure, so that a report of it always fits.
	maxFailure = 256 << 10

	invalidArgument = codes.InvalidArgument
)

// report tells the engine how the attempt ended and goes on until it was
// accepted or the attempt is no longer ours (hatchet-protocol.md section 3.7).
// A cancelled, evicted or replaced attempt is not reported; nor an abandoned
// one, which the engine assigns again.
func (t *attempt) report(f Finish) {
	if f.Outcome != OutcomeCompleted && f.Outcome != OutcomeFailed && f.Outcome != OutcomeTimedOut {
		return
	}
	t.worker.counts.reporting.Add(1)
	defer t.worker.counts.reporting.Add(-1)
	var delivered bool
	switch {
	case t.Batch != nil:
		delivered = t.reportBatch(f)
	case f.Outcome == OutcomeCompleted:
		delivered = t.deliver(t.completed(f.Output))
	default:
		delivered = t.deliver(t.failed(f.Err, f.Outcome == OutcomeFailed))
	}
	if !delivered && errors.Is(context.Cause(t.life), ErrDraining) {
		t.worker.abandoned.Add(1)
	}
}

// deliver reports false when the attempt's life ended before the engine said
// anything final.
func (t *attempt) deliver(event *contract.StepActionEvent) bool {
	err, ok := t.insist(func(ctx context.Context) error { return t.send(ctx, event) })
	switch {
	case err == nil:
		return ok
	case reconnect.TooLarge(err) && event.EventType == contract.StepActionEventType_STEP_EVENT_TYPE_COMPLETED:
		return t.deliver(t.failed(outputTooLarge(len(event.EventPayload)), true))
	}
	t.worker.logger.Warn("the engine does not take a result; it is given up",
		keyTask, t.TaskRunID, keyAction, t.ActionID, keyRetry, t.RetryCount, keyError, reconnect.Reason(err))
	return true
}

// insist sends a report, after what the attempt has to say before it, until the
// engine takes it or says that it never will, which is the error. It reports
// false when the attempt's life ended before.
func (t *attempt) insist(send func(context.Context) error) (refusal error, ok bool) {
	w := t.worker
	backoff := w.pacing
	for {
		pulse := w.pulse.Next()
		t.outbox.flush(t.life, flushStall)
		err := t.once(send)
		switch {
		case err == nil:
			return nil, true
		case t.life.Err() != nil:
			return nil, false
		case reconnect.Refused(err):
			return err, true
		}
		w.logger.Debug("a result was not accepted yet", keyTask, t.TaskRunID, keyError, reconnect.Reason(err))
		if reconnect.Wait(t.life, w.clock, w.pace(&backoff, err), pulse) != nil {
			return nil, false
		}
	}
}

func (t *attempt) once(send func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(t.life, callTimeout)
	defer cancel()
	return send(ctx)
}

func (t *attempt) send(ctx context.Context, event *contract.StepActionEvent) error {
	_, err := t.worker.rpc.dispatcher.SendStepActionEvent(ctx, event)
	return err
}

// sendStart tells that the handler begins, for every member of a batch.
func (t *attempt) sendStart(ctx context.Context, event *contract.StepActionEvent) error {
	if t.Batch != nil {
		return t.sayOfAll(ctx, event.EventType, event.EventPayload)
	}
	return t.send(ctx, event)
}

// event is a report without its particulars.
func (t *attempt) event(kind contract.StepActionEventType, payload string) *contract.StepActionEvent {
	retry := t.wire.RetryCount
	return &contract.StepActionEvent{
		WorkerId: t.registration.workerID(), JobId: t.wire.JobId, JobRunId: t.wire.JobRunId, TaskId: t.wire.TaskId,
		TaskRunExternalId: t.wire.TaskRunExternalId, ActionId: t.wire.ActionId,
		EventTimestamp: timestamppb.New(t.worker.clock.Now()), EventType: kind, EventPayload: payload, RetryCount: &retry,
	}
}

func (t *attempt) completed(output []byte) *contract.StepActionEvent {
	if len(output) > MaxOutput {
		return t.failed(outputTooLarge(len(output)), true)
	}
	if len(output) == 0 {
		output = []byte("null")
	}
	return t.event(contract.StepActionEventType_STEP_EVENT_TYPE_COMPLETED, strings.ToValidUTF8(string(output), "\uFFFD"))
}

func outputTooLarge(size int) error {
	return &TaskError{NonRetryable: true, Message: fmt.Sprintf(
		"the output has %d bytes; Hatchet takes at most %d: return less, or store it elsewhere and return where", size, MaxOutput)}
}

// failed reports err as the TypeScript SDK does. Only an error of the handler
// itself decides about retries; a timeout never does.
func (t *attempt) failed(err error, handler bool) *contract.StepActionEvent {
	message, stack := err.Error(), ""
	var failed *TaskError
	if errors.As(err, &failed) {
		message, stack = failed.Message, failed.Stack
	}
	event := t.event(contract.StepActionEventType_STEP_EVENT_TYPE_FAILED, failurePayload(message, stack))
	event.ShouldNotRetry = proto.Bool(handler && failed != nil && failed.NonRetryable)
	return event
}

// failurePayload is the JSON of an error (hatchet-protocol.md section 3.7).
func failurePayload(message, stack string) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	// Two strings cannot fail to be encoded.
	_ = encoder.Encode(struct {
		Message string `json:"message"`
		Stack   string `json:"stack"`
	}{storable(message), storable(stack)})
	return strings.TrimSuffix(out.String(), "\n")
}

// storable cuts text that would not fit a report, and takes out NUL, which the
// engine cannot store.
func storable(text string) string {
	if len(text) > maxFailure {
		text = text[:maxFailure] + " …"
	}
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
}
