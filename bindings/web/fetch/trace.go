package fetch

import (
	"context"
	"net/http"
	"strconv"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

// span begins the client span of a hop, with the names of OpenTelemetry's
// conventions. The query is left out, since keys are often in it.
func (h *hop) span(ctx context.Context, run *permit.Run) *permit.Span {
	return run.Span(ctx, h.method, trace.SpanKindClient, func() []attribute.KeyValue {
		at := *h.url
		at.User, at.RawQuery, at.ForceQuery, at.Fragment, at.RawFragment = nil, "", false, "", ""
		port, _ := strconv.Atoi(portOf(&at)) // 0 is of a port that the request fails with
		return []attribute.KeyValue{
			attribute.String("http.request.method", h.method), attribute.String("url.full", run.Redact(at.String())),
			attribute.String("server.address", at.Hostname()), attribute.Int("server.port", port),
		}
	})
}

// answered tells a span of the response.
func answered(span *permit.Span, response *http.Response) {
	if span == nil {
		return
	}
	span.Set(attribute.Int("http.response.status_code", response.StatusCode))
	if response.StatusCode >= http.StatusBadRequest {
		span.Failed(strconv.Itoa(response.StatusCode))
	}
}
