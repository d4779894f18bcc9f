package serve

import (
	"encoding/json"
	"net/http"
	"slices"

	"github.com/google/uuid"
	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
)

// restWebhook is V1Webhook. Webhooks go by name and have no id.
type restWebhook struct {
	Metadata                     meta            `json:"metadata"`
	TenantID                     string          `json:"tenantId"`
	Name                         string          `json:"name"`
	SourceName                   string          `json:"sourceName"`
	EventKeyExpression           string          `json:"eventKeyExpression"`
	ScopeExpression              string          `json:"scopeExpression,omitempty"`
	StaticPayload                json.RawMessage `json:"staticPayload,omitempty"`
	AuthType                     string          `json:"authType"`
	ReturnEventAsResponsePayload bool            `json:"returnEventAsResponsePayload"`
}

func (f *Faces) webhook(h core.Webhook) restWebhook {
	return restWebhook{
		Metadata: meta{uuid.Nil.String(), h.CreatedAt, h.UpdatedAt}, TenantID: f.options.TenantID, Name: h.Name,
		SourceName: h.Source, EventKeyExpression: h.EventKeyExpression, ScopeExpression: h.ScopeExpression,
		StaticPayload: h.StaticPayload, AuthType: h.Auth.Type, ReturnEventAsResponsePayload: h.ReturnEvent,
	}
}

// webhookBody is V1CreateWebhookRequest, with each kind of auth, and
// V1UpdateWebhookRequest.
type webhookBody struct {
	Name                         string          `json:"name"`
	SourceName                   string          `json:"sourceName"`
	EventKeyExpression           *string         `json:"eventKeyExpression"`
	ScopeExpression              *string         `json:"scopeExpression"`
	StaticPayload                json.RawMessage `json:"staticPayload"`
	ReturnEventAsResponsePayload *bool           `json:"returnEventAsResponsePayload"`
	AuthType                     string          `json:"authType"`
	Auth                         struct {
		Username            string `json:"username"`
		Password            string `json:"password"`
		HeaderName          string `json:"headerName"`
		APIKey              string `json:"apiKey"`
		Algorithm           string `json:"algorithm"`
		Encoding            string `json:"encoding"`
		SignatureHeaderName string `json:"signatureHeaderName"`
		SigningSecret       string `json:"signingSecret"`
	} `json:"auth"`
}

func (b *webhookBody) auth() core.WebhookAuth {
	a := &b.Auth
	switch b.AuthType {
	case "BASIC":
		return core.WebhookAuth{Type: b.AuthType, Username: a.Username, Secret: a.Password}
	case "API_KEY":
		return core.WebhookAuth{Type: b.AuthType, Header: a.HeaderName, Secret: a.APIKey}
	case "HMAC":
		return core.WebhookAuth{
			Type: b.AuthType, Header: a.SignatureHeaderName, Secret: a.SigningSecret, Algorithm: a.Algorithm, Encoding: a.Encoding,
		}
	}
	return core.WebhookAuth{Type: b.AuthType}
}

func (f *Faces) createWebhook(r *http.Request) (any, error) {
	req, err := body[webhookBody](r)
	if err != nil {
		return nil, err
	}
	if req.EventKeyExpression == nil {
		return nil, missing("eventKeyExpression")
	}
	static, err := object("staticPayload", req.StaticPayload)
	if err != nil {
		return nil, err
	}
	hook := core.Webhook{
		Name: req.Name, Source: req.SourceName, EventKeyExpression: *req.EventKeyExpression, StaticPayload: json.RawMessage(static),
		ReturnEvent: req.ReturnEventAsResponsePayload == nil || *req.ReturnEventAsResponsePayload, Auth: req.auth(),
	}
	if req.ScopeExpression != nil {
		hook.ScopeExpression = *req.ScopeExpression
	}
	made, err := do[core.Webhook](r.Context(), f.engine, core.CreateWebhook{Webhook: hook})
	return f.webhook(made), err
}

func (f *Faces) listWebhooks(r *http.Request) (any, error) {
	values := r.URL.Query()
	offset, err := queryInt(values, "offset", 0)
	if err != nil {
		return nil, err
	}
	limit, err := queryInt(values, "limit", everyRun)
	if err != nil {
		return nil, err
	}
	sources, names := values["sourceNames"], values["webhookNames"]
	var all []core.Webhook
	err = f.engine.View(r.Context(), func(c *core.Core) { all = c.Webhooks() })
	all = slices.DeleteFunc(all, func(h core.Webhook) bool {
		return len(sources) > 0 && !slices.Contains(sources, h.Source) || len(names) > 0 && !slices.Contains(names, h.Name)
	})
	return map[string]any{"rows": mapped(page(all, offset, limit), f.webhook)}, err
}

func (f *Faces) findWebhook(r *http.Request) (core.Webhook, error) {
	return look(f, r, "not found", func(c *core.Core) (core.Webhook, bool) { return c.Webhook(r.PathValue("webhook")) })
}

func (f *Faces) getWebhook(r *http.Request) (any, error) {
	found, err := f.findWebhook(r)
	return f.webhook(found), err
}

func (f *Faces) updateWebhook(r *http.Request) (any, error) {
	found, err := f.findWebhook(r)
	if err != nil {
		return nil, err
	}
	req, err := body[webhookBody](r)
	if err != nil {
		return nil, err
	}
	static, err := object("staticPayload", req.StaticPayload)
	if err != nil {
		return nil, err
	}
	changed, err := do[core.Webhook](r.Context(), f.engine, core.UpdateWebhook{
		Name: found.Name, EventKeyExpression: req.EventKeyExpression, ScopeExpression: req.ScopeExpression,
		StaticPayload: json.RawMessage(static), ReturnEvent: req.ReturnEventAsResponsePayload,
	})
	return f.webhook(changed), err
}

func (f *Faces) deleteWebhook(r *http.Request) (any, error) {
	found, err := f.findWebhook(r)
	if err != nil {
		return nil, err
	}
	gone, err := do[core.Webhook](r.Context(), f.engine, core.DeleteWebhook{Name: found.Name})
	return f.webhook(gone), err
}
