package permit

import (
	"context"
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	spanstatus "go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// spanScope is the name of the tracer.
const spanScope = "github.com/hatchet-js/hatchet-js-worker"

// Span is the OpenTelemetry span of something that a run does in the world, below
// that of its attempt. A nil Span is that of a run that is not traced.
type Span struct {
	run  *Run
	span trace.Span
}

// Span begins a span if ctx is in a trace. attributes are made only then; texts
// among them must be free of secrets, see [Run.Redact].
func (r *Run) Span(ctx context.Context, name string, kind trace.SpanKind, attributes func() []attribute.KeyValue) *Span {
	parent := trace.SpanFromContext(ctx)
	if !parent.SpanContext().IsValid() {
		return nil
	}
	_, span := parent.TracerProvider().Tracer(spanScope).Start(ctx, name,
		trace.WithSpanKind(kind), trace.WithAttributes(attributes()...), trace.WithTimestamp(r.Now()))
	return &Span{r, span}
}

// Propagate puts the span into the headers of a request, unless they name one.
func (s *Span) Propagate(request *http.Request) {
	if s == nil || request.Header.Get("Traceparent") != "" {
		return
	}
	request.Header = request.Header.Clone() // another hop may share it
	propagation.TraceContext{}.Inject(trace.ContextWithSpan(context.Background(), s.span), propagation.HeaderCarrier(request.Header))
}

// Set adds attributes.
func (s *Span) Set(attributes ...attribute.KeyValue) {
	if s != nil {
		s.span.SetAttributes(attributes...)
	}
}

// Failed says what kind of failure it was, as the conventions' error.type.
func (s *Span) Failed(kind string) {
	if s != nil {
		s.span.SetAttributes(attribute.String("error.type", kind))
		s.span.SetStatus(spanstatus.Error, "")
	}
}

// End ends the span; err is what went wrong, or nil. Only the first call counts.
func (s *Span) End(err error) {
	if s == nil {
		return
	}
	if err != nil {
		s.span.SetStatus(spanstatus.Error, s.run.Redact(err.Error()))
	}
	s.span.End(trace.WithTimestamp(s.run.Now()))
}
