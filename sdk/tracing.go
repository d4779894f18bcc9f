package sdk

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/engine/transport"
	"github.com/hatchet-js/hatchet-js-worker/sdk/tracing"
)

// Tracing says where the OpenTelemetry spans of a worker or a client go: to the
// TracerProvider in it. Its zero value makes no spans.
type Tracing = tracing.Options

// TracingFromEnv is the tracing that OpenTelemetry's standard variables ask for,
// with what HATCHET_CLIENT_OPENTELEMETRY_* say of the spans; off without them. For
// lookup see [tracing.FromEnv]. What close returns says that the last spans did
// not arrive. Errors are ErrConfig.
func TracingFromEnv(
	ctx context.Context, lookup func(string) (string, bool), version string, logger *slog.Logger,
) (options Tracing, close func(context.Context) error, err error) {
	none := func(context.Context) error { return nil }
	settings, err := transport.TelemetryFromEnv(lookup)
	if err != nil {
		return Tracing{}, none, withKind(err, ErrConfig)
	}
	export, err := tracing.FromEnv(ctx, lookup, version, logger)
	if err != nil {
		return Tracing{}, none, withKind(err, ErrConfig)
	}
	if export == nil {
		return Tracing{}, none, nil
	}
	return Tracing{
		Provider: export, Excluded: settings.ExcludedAttributes, TaskNames: settings.IncludeTaskNameInSpanName,
		SpanPerRun: settings.IndividualRunSpansForBulkRun,
	}, export.Close, nil
}

// scheduled traces the request that plans a run. Other requests pass.
func (h *host) scheduled(ctx context.Context, request *hatchet.APIRequest) (end func(error)) {
	const before, after = "/api/v1/tenants/{tenant}/workflows/", "/scheduled"
	name, ok := strings.CutPrefix(request.Path, before)
	if ok {
		name, ok = strings.CutSuffix(name, after)
	}
	var body map[string]json.RawMessage
	if h.worker.tracer == nil || !ok || request.Method != http.MethodPost || json.Unmarshal(request.Body, &body) != nil || body == nil {
		return func(error) {}
	}
	plan := tracing.Plan{Workflow: name, Input: body["input"], Metadata: body["additionalMetadata"]}
	if unescaped, err := url.PathUnescape(name); err == nil {
		plan.Workflow = h.worker.options.Server.namespace.Strip(unescaped)
	}
	_ = json.Unmarshal(body["triggerAt"], &plan.At) // the engine says what is wrong with them
	_ = json.Unmarshal(body["priority"], &plan.Priority)
	metadata, end := h.worker.tracer.Schedule(ctx, plan)
	body["additionalMetadata"] = metadata
	if text, err := json.Marshal(body); err == nil {
		request.Body = text
	}
	return end
}
