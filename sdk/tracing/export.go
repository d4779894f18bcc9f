package tracing

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// flushTime bounds how long Close waits for a collector.
const flushTime = 5 * time.Second

// Export sends spans to a collector over OTLP.
type Export struct {
	*sdktrace.TracerProvider
}

// FromEnv makes the export that OpenTelemetry's standard variables ask for; nil
// if they ask for none. One of OTEL_EXPORTER_OTLP_ENDPOINT,
// OTEL_EXPORTER_OTLP_TRACES_ENDPOINT and OTEL_TRACES_EXPORTER=otlp turns it on,
// OTEL_SDK_DISABLED=true and OTEL_TRACES_EXPORTER=none off.
//
// lookup, such as os.LookupEnv, decides that and the protocol. Everything else,
// such as headers, certificates, sampler and limits, OpenTelemetry reads from the
// environment of the process by itself.
func FromEnv(ctx context.Context, lookup func(string) (string, bool), version string, logger *slog.Logger) (*Export, error) {
	first := func(names ...string) string {
		for _, name := range names {
			if value, _ := lookup(name); strings.TrimSpace(value) != "" {
				return strings.ToLower(strings.TrimSpace(value))
			}
		}
		return ""
	}
	wanted := first("OTEL_TRACES_EXPORTER")
	switch {
	case first("OTEL_SDK_DISABLED") == "true", wanted == "none":
		return nil, nil
	case wanted == "" && first("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT") == "":
		return nil, nil
	case wanted != "" && wanted != "otlp":
		return nil, fmt.Errorf("OTEL_TRACES_EXPORTER=%s: this program exports traces with otlp, or none", wanted)
	}
	client, err := exportClient(first("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"))
	if err != nil {
		return nil, err
	}
	about, err := resource.New(ctx, resource.WithTelemetrySDK(),
		resource.WithAttributes(attribute.String("service.name", "hatchet-js-worker"), attribute.String("service.version", version)),
		resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("read OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	sending, err := otlptrace.New(ctx, client)
	if err != nil {
		return nil, fmt.Errorf("export traces: %w", err)
	}
	exporter := &reporting{SpanExporter: sending, logger: logger}
	return &Export{sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(about))}, nil
}

func exportClient(protocol string) (otlptrace.Client, error) {
	switch cmp.Or(protocol, "http/protobuf") {
	case "grpc":
		return otlptracegrpc.NewClient(), nil
	case "http/protobuf":
		return otlptracehttp.NewClient(), nil
	}
	return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_PROTOCOL=%s: this program speaks grpc and http/protobuf", protocol)
}

// Close sends what has not been sent, for at most 5 s, and ends the export. A
// collector that refuses it is told to the logger; the error is about others.
func (e *Export) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushTime)
	defer cancel()
	err := e.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("the last traces were not taken within %s", flushTime)
	}
	if err != nil {
		return fmt.Errorf("the last traces were not taken: %w", err)
	}
	return nil
}

// reporting is an exporter whose trouble goes to a logger, once each time it
// begins, and not to OpenTelemetry's global error handler.
type reporting struct {
	sdktrace.SpanExporter
	logger *slog.Logger

	mu     sync.Mutex
	failed error
}

func (r *reporting) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	err := r.SpanExporter.ExportSpans(ctx, spans)
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case err != nil && r.failed == nil:
		r.logger.Warn("traces are not taken by the collector and are lost until they are", "error", err.Error())
	case err == nil && r.failed != nil:
		r.logger.Info("traces are taken by the collector again")
	}
	r.failed = err
	return nil
}
