// Package tracing makes OpenTelemetry spans of what a worker and its clients do,
// with the names and attributes of Hatchet's SDKs: hatchet.start_step_run for an
// attempt, below the traceparent in the additional metadata of its run;
// hatchet.run_workflow and its like for what is started elsewhere, whose
// traceparent goes along in the additional metadata (hatchet-protocol.md section
// 4.3).
package tracing

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/hatchet-js/hatchet-js-worker/engine/client"
	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker"
)

// scope is the name of the tracer.
const scope = "github.com/hatchet-js/hatchet-js-worker"

// maxText is the most bytes of a payload or of metadata that a span holds:
// collectors refuse messages of more than 4 MiB, and many spans share one.
const maxText = 32 << 10

// Options say where spans go and what they tell. Their zero value is no tracing.
type Options struct {
	// Provider takes the spans; nil = none are made.
	Provider trace.TracerProvider
	// Excluded are attributes that spans do not have, with or without the prefix
	// "hatchet.", such as payload.
	Excluded []string
	// TaskNames puts the action behind the name of hatchet.start_step_run.
	TaskNames bool
	// SpanPerRun gives each run of a bulk request a span of its own.
	SpanPerRun bool
}

// Tracer makes spans. A nil Tracer makes none, at no cost. It is a
// [worker.Observer]: attempts begin and end with what it is told.
type Tracer struct {
	options Options
	tracer  trace.Tracer
	clock   clock.Clock
	redact  func(string) string
	context propagation.TraceContext

	mu       sync.Mutex
	attempts map[*worker.Assignment]*Attempt
}

// New returns the tracer for options; nil if they have no provider. Whatever
// text goes into a span passes through redact first; nil = as it is.
func New(options Options, c clock.Clock, redact func(string) string) *Tracer {
	if options.Provider == nil {
		return nil
	}
	if redact == nil {
		redact = func(text string) string { return text }
	}
	excluded := make([]string, len(options.Excluded))
	for i, name := range options.Excluded {
		excluded[i] = prefix + strings.TrimPrefix(name, prefix)
	}
	options.Excluded = excluded
	return &Tracer{
		options: options, tracer: options.Provider.Tracer(scope), clock: c, redact: redact,
		attempts: map[*worker.Assignment]*Attempt{},
	}
}

// prefix begins the names of Hatchet's attributes.
const prefix = "hatchet."

// attributes collects those of a span. What is empty, or excluded, is left out.
type attributes struct {
	tracer *Tracer
	list   []attribute.KeyValue
}

func (t *Tracer) attributes() *attributes {
	return &attributes{t, []attribute.KeyValue{attribute.String("instrumentor", "hatchet")}}
}

func (a *attributes) add(name string, value attribute.Value) {
	if key := prefix + name; !slices.Contains(a.tracer.options.Excluded, key) {
		a.list = append(a.list, attribute.KeyValue{Key: attribute.Key(key), Value: value})
	}
}

func (a *attributes) text(name, value string) {
	if value != "" {
		a.add(name, attribute.StringValue(value))
	}
}

func (a *attributes) number(name string, value int) { a.add(name, attribute.IntValue(value)) }

// json adds what a person wrote, without secrets and not at any length.
func (a *attributes) json(name string, value []byte) {
	if len(value) == 0 || string(value) == "{}" || slices.Contains(a.tracer.options.Excluded, prefix+name) {
		return
	}
	text := a.tracer.redact(string(value))
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "") + "…"
	}
	a.add(name, attribute.StringValue(text))
}

// messaging adds what OpenTelemetry's conventions for messages ask for.
func (a *attributes) messaging(operation, kind, destination string) {
	a.list = append(a.list, attribute.String("messaging.system", "hatchet"), attribute.String("messaging.operation.name", operation),
		attribute.String("messaging.operation.type", kind))
	if destination != "" {
		a.list = append(a.list, attribute.String("messaging.destination.name", destination))
	}
}

// start begins a span below the one of ctx. One of an attempt has the attributes
// of the attempt, too, so that it is found by them.
func (t *Tracer) start(ctx context.Context, name string, kind trace.SpanKind, own []attribute.KeyValue) (context.Context, trace.Span) {
	if attempt, ok := ctx.Value(attemptKey{}).(*Attempt); ok {
		own = append(slices.Clip(attempt.shared), own...) // the later of two wins
	}
	return t.tracer.Start(ctx, name, trace.WithSpanKind(kind), trace.WithAttributes(own...), trace.WithTimestamp(t.clock.Now()))
}

// end ends a span with what became of it; nil is success.
func (t *Tracer) end(span trace.Span, err error) {
	if err != nil {
		t.fail(span, err.Error(), "")
	}
	span.End(trace.WithTimestamp(t.clock.Now()))
}

func (t *Tracer) fail(span trace.Span, message, stack string) {
	message = t.redact(message)
	failure := []attribute.KeyValue{attribute.String("exception.message", message)}
	if stack != "" {
		failure = append(failure, attribute.String("exception.stacktrace", t.redact(stack)))
	}
	span.AddEvent("exception", trace.WithAttributes(failure...), trace.WithTimestamp(t.clock.Now()))
	span.SetStatus(codes.Error, message)
}

// extract gives ctx the trace context that additional metadata names, if they
// do.
func (t *Tracer) extract(ctx context.Context, metadata []byte) context.Context {
	if len(metadata) == 0 {
		return ctx
	}
	var found struct {
		Parent string `json:"traceparent"`
		State  string `json:"tracestate"`
	}
	if json.Unmarshal(metadata, &found) != nil || found.Parent == "" {
		return ctx
	}
	return t.context.Extract(ctx, propagation.MapCarrier{"traceparent": found.Parent, "tracestate": found.State})
}

// inject puts the trace context of ctx into additional metadata.
func (t *Tracer) inject(ctx context.Context, metadata json.RawMessage) json.RawMessage {
	carrier := propagation.MapCarrier{}
	t.context.Inject(ctx, carrier)
	for _, key := range []string{"traceparent", "tracestate"} {
		if value := carrier[key]; value != "" {
			metadata = set(metadata, key, value)
		}
	}
	return metadata
}

// called is what a caller without tracing ends a call with.
func called(error) {}

// Trigger begins the span of starting a run, whose trace context goes along with
// item.
func (t *Tracer) Trigger(ctx context.Context, item *client.TriggerItem) (end func(error)) {
	if t == nil {
		return called
	}
	span := t.run(t.continued(ctx, item.Options.AdditionalMetadata), item)
	return func(err error) { t.end(span, err) }
}

// run begins hatchet.run_workflow.
func (t *Tracer) run(ctx context.Context, item *client.TriggerItem) trace.Span {
	a, options := t.attributes(), item.Options
	a.text("workflow_name", item.Workflow)
	a.json("payload", item.Input)
	if p := options.Parent; p != nil {
		a.text("parent_id", p.WorkflowRunID)
		a.text("parent_step_run_id", p.TaskRunID)
		a.number("child_index", int(p.ChildIndex))
	}
	a.text("child_key", options.Key)
	a.json("additional_metadata", options.AdditionalMetadata)
	if options.Priority != 0 {
		a.number("priority", options.Priority)
	}
	a.text("desired_worker_id", options.DesiredWorkerID)
	a.messaging("run_workflow", "send", item.Workflow)
	ctx, span := t.start(ctx, "hatchet.run_workflow", trace.SpanKindProducer, a.list)
	item.Options.AdditionalMetadata = t.inject(ctx, options.AdditionalMetadata)
	return span
}

// TriggerMany is Trigger for one request with many runs.
func (t *Tracer) TriggerMany(ctx context.Context, items []client.TriggerItem) (end func(error)) {
	if t == nil {
		return called
	}
	names := make([]string, len(items))
	for i := range items {
		names[i] = items[i].Workflow
	}
	a := t.attributes()
	listed, _ := json.Marshal(names) // strings have no other way than to be written
	a.json("workflow_name", listed)
	a.number("num_workflows", len(items))
	a.messaging("run_workflows", "send", "")
	ctx, span := t.start(ctx, "hatchet.run_workflows", trace.SpanKindProducer, a.list)
	spans := []trace.Span{span}
	for i := range items {
		if t.options.SpanPerRun {
			spans = append(spans, t.run(ctx, &items[i]))
		} else {
			items[i].Options.AdditionalMetadata = t.inject(ctx, items[i].Options.AdditionalMetadata)
		}
	}
	return func(err error) {
		for _, span := range slices.Backward(spans) {
			t.end(span, err)
		}
	}
}

// continued is ctx, or if it has no trace of its own, with the trace that a
// caller passes on by hand.
func (t *Tracer) continued(ctx context.Context, metadata []byte) context.Context {
	if trace.SpanContextFromContext(ctx).IsValid() {
		return ctx
	}
	return t.extract(ctx, metadata)
}

// Push begins the span of pushing an event, whose trace context goes along with
// it, as does the task run that pushes it, if one does (hatchet-protocol.md
// section 4.3).
func (t *Tracer) Push(ctx context.Context, event *client.Event) (end func(error)) {
	if t == nil {
		return called
	}
	a := t.attributes()
	a.text("event_key", event.Key)
	a.json("payload", event.Payload)
	a.json("additional_metadata", event.AdditionalMetadata)
	if event.Priority != 0 {
		a.number("priority", event.Priority)
	}
	a.text("scope", event.Scope)
	a.messaging("push_event", "send", event.Key)
	ctx, span := t.start(t.continued(ctx, event.AdditionalMetadata), "hatchet.push_event", trace.SpanKindProducer, a.list)
	event.AdditionalMetadata = t.source(ctx, t.inject(ctx, event.AdditionalMetadata))
	return func(err error) { t.end(span, err) }
}

// PushMany is Push for one request with many events.
func (t *Tracer) PushMany(ctx context.Context, events []client.Event) (end func(error)) {
	if t == nil {
		return called
	}
	a := t.attributes()
	if len(events) > 0 {
		a.text("event_key", events[0].Key)
	}
	a.number("num_events", len(events))
	a.messaging("bulk_push_event", "send", "")
	ctx, span := t.start(ctx, "hatchet.bulk_push_event", trace.SpanKindProducer, a.list)
	for i := range events {
		events[i].AdditionalMetadata = t.source(ctx, t.inject(ctx, events[i].AdditionalMetadata))
	}
	return func(err error) { t.end(span, err) }
}

// source notes the task run of ctx in the metadata of an event.
func (t *Tracer) source(ctx context.Context, metadata json.RawMessage) json.RawMessage {
	attempt, ok := ctx.Value(attemptKey{}).(*Attempt)
	if !ok || attempt.runID == "" || attempt.taskRunID == "" {
		return metadata
	}
	metadata = set(metadata, "hatchet__source_workflow_run_id", attempt.runID)
	return set(metadata, "hatchet__source_step_run_id", attempt.taskRunID)
}

// Plan is one run that is to start later.
type Plan struct {
	Workflow string
	At       string // as it goes over the wire
	Input    json.RawMessage
	Metadata json.RawMessage
	Priority int // 0 = none
}

// Schedule begins the span of planning a run, whose trace context goes along
// with the metadata.
func (t *Tracer) Schedule(ctx context.Context, plan Plan) (metadata json.RawMessage, end func(error)) {
	if t == nil {
		return plan.Metadata, called
	}
	a := t.attributes()
	a.text("workflow_name", plan.Workflow)
	at, _ := json.Marshal([]string{plan.At})
	a.text("run_at_timestamps", string(at))
	a.json("payload", plan.Input)
	a.json("additional_metadata", plan.Metadata)
	if plan.Priority != 0 {
		a.number("priority", plan.Priority)
	}
	a.messaging("schedule_workflow", "send", plan.Workflow)
	ctx, span := t.start(t.continued(ctx, plan.Metadata), "hatchet.schedule_workflow", trace.SpanKindProducer, a.list)
	return t.inject(ctx, plan.Metadata), func(err error) { t.end(span, err) }
}
