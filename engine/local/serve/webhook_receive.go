package serve

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/uuid"
	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
)

// webhookAnswer is V1WebhookResponse.
type webhookAnswer struct {
	Message   string     `json:"message,omitempty"`
	Event     *restEvent `json:"event,omitempty"`
	Challenge string     `json:"challenge,omitempty"`
}

// receiveWebhook turns what a foreign service sends into an event
// (hatchet-protocol.md section 6.10). It asks for no token: the sender proves
// itself as the webhook says.
func (f *Faces) receiveWebhook(r *http.Request) (any, error) {
	if tenant := r.PathValue("tenant"); tenant != f.options.TenantID {
		return nil, httpError{http.StatusNotFound, "not found: there is no tenant " + tenant}
	}
	hook, err := f.findWebhook(r)
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, malformed("failed to read request body: %v", err)
	}
	if challenge := challenge(hook, raw); challenge != "" {
		return webhookAnswer{Challenge: challenge}, nil
	}
	if err := admit(hook, r, raw, f.clock.Now()); err != nil {
		return nil, err
	}
	payload, err := webhookPayload(hook, r, raw)
	if err != nil {
		return nil, err
	}
	return f.ingest(hook, r, payload)
}

// challenge is what Slack wants to hear back when a webhook is set up.
func challenge(h core.Webhook, raw []byte) string {
	var payload struct {
		Challenge string `json:"challenge"`
	}
	if h.Source != "SLACK" || json.Unmarshal(raw, &payload) != nil {
		return ""
	}
	return payload.Challenge
}

// webhookPayload is the event's payload: the body with the static payload laid
// over it.
func webhookPayload(h core.Webhook, r *http.Request, raw []byte) (map[string]json.RawMessage, error) {
	payload, err := sentPayload(h, r, raw)
	if err != nil {
		return nil, err
	}
	if payload == nil {
		payload = map[string]json.RawMessage{}
	}
	delete(payload, "tenant")
	delete(payload, "v1-webhook")
	if len(h.StaticPayload) > 0 {
		var static map[string]json.RawMessage
		if err := json.Unmarshal(h.StaticPayload, &static); err != nil {
			return nil, malformed("Failed to unmarshal static payload: %v", err)
		}
		maps.Copy(payload, static)
	}
	return payload, nil
}

func sentPayload(h core.Webhook, r *http.Request, raw []byte) (payload map[string]json.RawMessage, err error) {
	if !strings.Contains(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		if json.Unmarshal(raw, &payload) != nil {
			return nil, malformed("failed to unmarshal request body")
		}
		return payload, nil
	}
	if h.Source != "SLACK" && h.Source != "GENERIC" {
		return nil, malformed("form-encoded requests are not supported for webhook source: %s", h.Source)
	}
	form, err := url.ParseQuery(string(raw))
	if err != nil {
		return nil, malformed("Failed to parse form data")
	}
	if text := form.Get("payload"); h.Source == "SLACK" && text != "" {
		if json.Unmarshal([]byte(text), &payload) != nil {
			return nil, malformed("Failed to unmarshal payload parameter as JSON")
		}
		return payload, nil
	}
	payload = map[string]json.RawMessage{}
	for key := range form {
		if payload[key], err = json.Marshal(form.Get(key)); err != nil {
			return nil, malformed("Failed to parse form data")
		}
	}
	return payload, nil
}

// ingest pushes the event of a webhook.
func (f *Faces) ingest(h core.Webhook, r *http.Request, payload map[string]json.RawMessage) (any, error) {
	text, err := json.Marshal(payload)
	if err != nil {
		return nil, malformed("Failed to marshal request body")
	}
	event, err := f.webhookEvent(h, r, text)
	if err != nil {
		return nil, err
	}
	reply, err := do[core.PushEventReply](r.Context(), f.engine, core.PushEvent{Seed: uuid.NewString(), Events: []core.UserEvent{event}})
	if err != nil || !h.ReturnEvent {
		return noContent{}, err
	}
	now := f.clock.Now().UTC()
	return webhookAnswer{Message: "ok", Event: &restEvent{
		Metadata: meta{reply.EventIDs[0], now, now}, Key: event.Key, TenantID: f.options.TenantID, Payload: text,
	}}, nil
}

// webhookEvent is the event with the key and the scope that the expressions of a
// webhook give.
func (f *Faces) webhookEvent(h core.Webhook, r *http.Request, payload []byte) (core.UserEvent, error) {
	event := core.UserEvent{Payload: string(payload), Webhook: h.Name}
	headers := map[string]string{}
	for name := range r.Header {
		headers[strings.ToLower(name)] = r.Header.Get(name)
	}
	shown, err := json.Marshal(headers)
	if err != nil {
		return event, err
	}
	var key, scope any = nil, ""
	var keyErr, scopeErr error
	err = f.engine.View(r.Context(), func(c *core.Core) {
		variables := map[string]json.RawMessage{"input": payload, "headers": shown}
		key, keyErr = c.Evaluate(core.EnvWebhook, h.EventKeyExpression, variables)
		if h.ScopeExpression != "" {
			scope, scopeErr = c.Evaluate(core.EnvWebhook, h.ScopeExpression, variables)
		}
	})
	var isKey, isScope bool
	event.Key, isKey = key.(string)
	event.Scope, isScope = scope.(string)
	switch {
	case err != nil:
	case keyErr != nil:
		err = malformed("Failed to evaluate event key expression")
	case !isKey:
		err = malformed("Event key expression must evaluate to a string")
	case event.Key == "":
		err = malformed("Event key evaluated to an empty string")
	case scopeErr != nil || !isScope:
		err = malformed("Failed to evaluate scope expression")
	}
	return event, err
}
