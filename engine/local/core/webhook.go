package core

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// Webhook turns what a foreign service sends into events. It is both what
// CreateWebhook asks for and what the engine keeps; the secrets of Auth are kept
// as they are.
type Webhook struct {
	Name               string          `json:"name"`
	Source             string          `json:"source"` // GENERIC, GITHUB, STRIPE, SLACK, LINEAR, SVIX
	EventKeyExpression string          `json:"key"`    // CEL over input and headers
	ScopeExpression    string          `json:"scope,omitempty"`
	StaticPayload      json.RawMessage `json:"payload,omitempty"` // object, laid over what comes in
	ReturnEvent        bool            `json:"return,omitempty"`  // the answer shows the event
	Auth               WebhookAuth     `json:"auth"`
	CreatedAt          time.Time       `json:"created,omitzero"`
	UpdatedAt          time.Time       `json:"updated,omitzero"`
}

// WebhookAuth says how senders prove themselves.
type WebhookAuth struct {
	Type      string `json:"type"`             // BASIC, API_KEY, HMAC
	Username  string `json:"user,omitempty"`   // BASIC
	Header    string `json:"header,omitempty"` // API_KEY, HMAC: where the key or the signature is
	Secret    string `json:"secret,omitempty"` // password, API key or signing secret
	Algorithm string `json:"algo,omitempty"`   // HMAC: SHA1, SHA256, SHA512, MD5
	Encoding  string `json:"enc,omitempty"`    // HMAC: HEX, BASE64, BASE64URL
}

// What a webhook may say.
var (
	webhookSources    = []string{"GENERIC", "GITHUB", "STRIPE", "SLACK", "LINEAR", "SVIX"}
	webhookAlgorithms = []string{"SHA1", "SHA256", "SHA512", "MD5"}
	webhookEncodings  = []string{"HEX", "BASE64", "BASE64URL"}
)

func (h *Webhook) check() *Error {
	a := &h.Auth
	switch {
	case h.Name == "":
		return invalid("a webhook needs a name")
	case !slices.Contains(webhookSources, h.Source):
		return invalid("source %q of webhook %s must be one of %s", h.Source, h.Name, strings.Join(webhookSources, ", "))
	case a.Type != "BASIC" && a.Type != "API_KEY" && a.Type != "HMAC":
		return invalid("auth type %q of webhook %s must be BASIC, API_KEY or HMAC", a.Type, h.Name)
	case a.Secret == "":
		return invalid("the %s auth of webhook %s has no secret", a.Type, h.Name)
	case a.Type == "BASIC" && a.Username == "":
		return invalid("the BASIC auth of webhook %s has no username", h.Name)
	case a.Type != "BASIC" && a.Header == "":
		return invalid("the %s auth of webhook %s names no header", a.Type, h.Name)
	case a.Type == "HMAC" && !slices.Contains(webhookAlgorithms, a.Algorithm):
		return invalid("HMAC algorithm %q of webhook %s must be one of %s", a.Algorithm, h.Name, strings.Join(webhookAlgorithms, ", "))
	case a.Type == "HMAC" && !slices.Contains(webhookEncodings, a.Encoding):
		return invalid("HMAC encoding %q of webhook %s must be one of %s", a.Encoding, h.Name, strings.Join(webhookEncodings, ", "))
	}
	return checkObject("staticPayload", string(h.StaticPayload))
}

func (c *Core) createWebhook(cmd *CreateWebhook) (*Webhook, *Error) {
	h := cmd.Webhook
	if err := h.check(); err != nil {
		return nil, err
	}
	if c.webhooks[h.Name] != nil {
		return nil, errorf(InvalidArgument, "a webhook named %s is there already", h.Name)
	}
	h.CreatedAt, h.UpdatedAt = c.now, c.now
	c.webhooks[h.Name] = &h
	shown := h
	return &shown, nil
}

func (c *Core) webhookNamed(name string) (*Webhook, *Error) {
	if h := c.webhooks[name]; h != nil {
		return h, nil
	}
	return nil, errorf(NotFound, "webhook not found: %s", name)
}

func (c *Core) updateWebhook(cmd *UpdateWebhook) (*Webhook, *Error) {
	h, err := c.webhookNamed(cmd.Name)
	if err != nil {
		return nil, err
	}
	if err := checkObject("staticPayload", string(cmd.StaticPayload)); err != nil {
		return nil, err
	}
	if cmd.EventKeyExpression != nil {
		h.EventKeyExpression = *cmd.EventKeyExpression
	}
	if cmd.ScopeExpression != nil {
		h.ScopeExpression = *cmd.ScopeExpression
	}
	if len(cmd.StaticPayload) > 0 {
		h.StaticPayload = cmd.StaticPayload
	}
	if cmd.ReturnEvent != nil {
		h.ReturnEvent = *cmd.ReturnEvent
	}
	h.UpdatedAt = c.now
	shown := *h
	return &shown, nil
}

func (c *Core) deleteWebhook(cmd *DeleteWebhook) (*Webhook, *Error) {
	h, err := c.webhookNamed(cmd.Name)
	if err == nil {
		delete(c.webhooks, cmd.Name)
	}
	return h, err
}

// Webhooks lists the webhooks, newest first.
func (c *Core) Webhooks() []Webhook {
	out := make([]Webhook, 0, len(c.webhooks))
	for _, h := range c.webhooks {
		out = append(out, *h)
	}
	slices.SortFunc(out, func(a, b Webhook) int {
		if order := b.CreatedAt.Compare(a.CreatedAt); order != 0 {
			return order
		}
		return strings.Compare(a.Name, b.Name)
	})
	return out
}

// Webhook gives a webhook by its name.
func (c *Core) Webhook(name string) (Webhook, bool) {
	h := c.webhooks[name]
	if h == nil {
		return Webhook{}, false
	}
	return *h, true
}

// Compile says whether an expression is one of an environment.
func (c *Core) Compile(env Environment, expression string) error {
	if c.config.Evaluator == nil {
		return errorf(Unimplemented, "this engine has no CEL")
	}
	return c.config.Evaluator.Check(env, expression)
}

// Evaluate evaluates an expression over JSON texts by variable, as the engine
// would. It changes nothing.
func (c *Core) Evaluate(env Environment, expression string, variables map[string]json.RawMessage) (any, error) {
	if c.config.Evaluator == nil {
		return nil, errorf(Unimplemented, "this engine has no CEL")
	}
	return c.config.Evaluator.Eval(env, expression, variables)
}
