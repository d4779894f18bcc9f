package tracing

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/hatchet-js/hatchet-js-worker/engine/worker"
)

// attemptKey is where a context has its *Attempt.
type attemptKey struct{}

// Attempt is the trace of one attempt of a task: from when its handler is first
// called until the attempt is over, the waits of a durable one included. A nil
// Attempt is that of a worker that does not trace.
type Attempt struct {
	tracer    *Tracer
	span      trace.Span
	shared    []attribute.KeyValue // of all spans of the attempt
	runID     string
	taskRunID string

	mu    sync.Mutex
	waits map[int]trace.Span // by their number; nil = not traced, or over
}

// TaskStarted implements [worker.Observer].
func (t *Tracer) TaskStarted(a *worker.Assignment) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.attempts[a] == nil {
		t.attempts[a] = t.begin(a)
	}
}

// TaskParked implements [worker.Observer]: a task that waits is not over.
func (t *Tracer) TaskParked(*worker.Assignment) {}

// WorkerChanged implements [worker.Observer].
func (t *Tracer) WorkerChanged(worker.Status) {}

// TaskFinished implements [worker.Observer].
func (t *Tracer) TaskFinished(a *worker.Assignment, finish worker.Finish) {
	t.mu.Lock()
	attempt := t.attempts[a]
	delete(t.attempts, a)
	t.mu.Unlock()
	if attempt == nil {
		return // its handler was never called
	}
	attempt.finish(finish)
}

// Attempt is the trace of an attempt whose handler is being called; nil if there
// is none.
func (t *Tracer) Attempt(a *worker.Assignment) *Attempt {
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.attempts[a]
}

func (t *Tracer) begin(a *worker.Assignment) *Attempt {
	attempt := &Attempt{tracer: t, shared: t.about(a), runID: a.WorkflowRunID, taskRunID: a.TaskRunID, waits: map[int]trace.Span{}}
	own := &attributes{tracer: t, list: slices.Clone(attempt.shared)}
	own.messaging("start_step_run", "process", a.ActionID)
	if a.TaskRunID != "" {
		own.list = append(own.list, attribute.String("messaging.message.id", a.TaskRunID))
	}
	name := "hatchet.start_step_run"
	if t.options.TaskNames {
		name += "." + a.ActionID
	}
	_, attempt.span = t.start(t.extract(context.Background(), a.AdditionalMetadata), name, trace.SpanKindConsumer, own.list)
	if attempt.span.IsRecording() {
		payload := &attributes{tracer: t}
		payload.json("payload", a.Payload)
		attempt.span.SetAttributes(payload.list...)
	}
	return attempt
}

// about is what tells an attempt from others.
func (t *Tracer) about(a *worker.Assignment) []attribute.KeyValue {
	all := t.attributes()
	workflow, _, _ := strings.Cut(a.ActionID, ":")
	all.text("tenant_id", a.TenantID)
	all.text("worker_id", a.WorkerID())
	all.text("workflow_run_id", a.WorkflowRunID)
	all.text("step_id", a.TaskID)
	all.text("step_run_id", a.TaskRunID)
	all.number("retry_count", a.RetryCount)
	all.text("parent_workflow_run_id", a.ParentWorkflowRunID)
	if a.ChildIndex != nil {
		all.number("child_workflow_index", int(*a.ChildIndex))
	}
	all.text("child_workflow_key", a.ChildKey)
	all.text("workflow_name", workflow)
	all.text("action_name", a.ActionID)
	all.text("step_name", a.TaskName)
	all.text("workflow_id", a.WorkflowID)
	all.text("workflow_version_id", a.WorkflowVersionID)
	if b := a.Batch; b != nil {
		all.text("batch_id", b.ID)
		all.text("batch_key", b.Key)
		all.number("batch_size", len(b.Members))
	}
	return all.list
}

// Within gives ctx the attempt's span, for what the handler does.
func (a *Attempt) Within(ctx context.Context) context.Context {
	if a == nil {
		return ctx
	}
	return context.WithValue(trace.ContextWithSpan(ctx, a.span), attemptKey{}, a)
}

// Wait begins hatchet.durable.wait_for for the wait with a number, or finds it
// begun by an earlier pass of the handler. One that only repeats what was over
// before the attempt is not traced.
func (a *Attempt) Wait(number int, repeated bool) (end func(error)) {
	if a == nil {
		return called
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	span, known := a.waits[number]
	if !known && !repeated {
		_, span = a.tracer.start(a.Within(context.Background()), "hatchet.durable.wait_for", trace.SpanKindInternal, nil)
	}
	a.waits[number] = span
	if span == nil {
		return called
	}
	return func(err error) { a.endWait(number, err) }
}

func (a *Attempt) endWait(number int, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	span := a.waits[number]
	if span == nil {
		return
	}
	if err == nil {
		span.SetStatus(codes.Ok, "")
	}
	a.tracer.end(span, err)
	a.waits[number] = nil
}

// finish ends the attempt's span and those of waits that did not come to an end
// in it.
func (a *Attempt) finish(finish worker.Finish) {
	a.mu.Lock()
	for number, span := range a.waits {
		if span != nil {
			a.tracer.end(span, nil)
			a.waits[number] = nil
		}
	}
	a.mu.Unlock()
	switch finish.Outcome {
	case worker.OutcomeCompleted:
		a.span.SetStatus(codes.Ok, "")
	case worker.OutcomeFailed, worker.OutcomeTimedOut:
		a.failed(finish.Err)
	case worker.OutcomeCancelled:
		_, span := a.tracer.start(a.Within(context.Background()), "hatchet.cancel_step_run", trace.SpanKindConsumer, nil)
		a.tracer.end(span, nil)
		a.span.SetStatus(codes.Error, "cancelled")
	default: // evicted, replaced, abandoned: it goes on elsewhere
		a.span.AddEvent(string(finish.Outcome), trace.WithTimestamp(a.tracer.clock.Now()))
	}
	a.tracer.end(a.span, nil)
}

func (a *Attempt) failed(err error) {
	var failed *worker.TaskError
	switch {
	case errors.As(err, &failed):
		a.tracer.fail(a.span, failed.Message, failed.Stack)
	case err != nil:
		a.tracer.fail(a.span, err.Error(), "")
	}
}
