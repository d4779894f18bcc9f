package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
)

// PutRateLimit creates or changes a rate limit that all workflows share: limit
// units per window, which is SECOND, MINUTE, HOUR, DAY, WEEK, MONTH or YEAR in
// any case, "" = MINUTE. hatchet-protocol.md section 5.6.
func (c *Client) PutRateLimit(ctx context.Context, key string, limit int, window string) error {
	if window == "" {
		window = "MINUTE"
	}
	duration, known := contract.RateLimitDuration_value[strings.ToUpper(window)]
	if !known {
		return fmt.Errorf("rate limit %q: the window %q is none of second, minute, hour, day, week, month and year", key, window)
	}
	_, err := c.workflows.PutRateLimit(ctx, &contract.PutRateLimitRequest{
		Key: key, Limit: int32(limit), Duration: contract.RateLimitDuration(duration),
	})
	if err != nil {
		return fmt.Errorf("rate limit %q: %w", key, err)
	}
	return nil
}

// PlanOptions are what schedules and crons say about the runs they start.
type PlanOptions struct {
	Input              json.RawMessage // a JSON object; nil = {}
	AdditionalMetadata json.RawMessage // a JSON object; nil = none
	Priority           int             // 1..3; 0 = the workflow's own
}

// Schedule plans one run of a workflow and returns the id of the plan
// (hatchet-protocol.md sections 6.9 and 6.10).
func (c *Client) Schedule(ctx context.Context, name string, at time.Time, options PlanOptions) (string, error) {
	id, err := c.plan(ctx, name, "scheduled", options, map[string]any{"triggerAt": at.UTC().Format(time.RFC3339Nano)})
	if err != nil {
		return "", fmt.Errorf("schedule workflow %q: %w", name, err)
	}
	return id, nil
}

// Cron has a workflow run whenever expression says, under a name of its own, and
// returns the id of the cron (hatchet-protocol.md sections 6.9 and 6.10).
func (c *Client) Cron(ctx context.Context, name, cron, expression string, options PlanOptions) (string, error) {
	id, err := c.plan(ctx, name, "crons", options, map[string]any{"cronName": cron, "cronExpression": expression})
	if err != nil {
		return "", fmt.Errorf("cron %q of workflow %q: %w", cron, name, err)
	}
	return id, nil
}

// Unschedule removes a planned run that has not begun.
func (c *Client) Unschedule(ctx context.Context, id string) error {
	return c.unplan(ctx, "scheduled", id)
}

// DeleteCron removes a cron that [Client.Cron] made.
func (c *Client) DeleteCron(ctx context.Context, id string) error { return c.unplan(ctx, "crons", id) }

func (c *Client) plan(ctx context.Context, name, kind string, options PlanOptions, body map[string]any) (string, error) {
	if err := checkRun(options.Input, options.AdditionalMetadata, options.Priority); err != nil {
		return "", err
	}
	body["input"], body["additionalMetadata"] = orEmpty(options.Input), orEmpty(options.AdditionalMetadata)
	if options.Priority != 0 {
		body["priority"] = options.Priority
	}
	text, err := json.Marshal(body)
	if err != nil {
		return "", err
	}
	path := "/api/v1/tenants/{tenant}/workflows/" + url.PathEscape(c.options.Namespace.Workflow(name)) + "/" + kind
	answer, err := c.REST(ctx, Request{Method: http.MethodPost, Path: path, Body: text})
	if err != nil {
		return "", err
	}
	var made struct{ Metadata struct{ ID string } }
	if err := answer.decode(path, &made); err != nil {
		return "", err
	}
	return made.Metadata.ID, nil
}

func (c *Client) unplan(ctx context.Context, kind, id string) error {
	path := "/api/v1/tenants/{tenant}/workflows/" + kind + "/" + url.PathEscape(id)
	if _, err := c.REST(ctx, Request{Method: http.MethodDelete, Path: path}); err != nil {
		return fmt.Errorf("delete %s of %s: %w", id, kind, err)
	}
	return nil
}

func orEmpty(object json.RawMessage) json.RawMessage {
	if len(object) == 0 {
		return json.RawMessage("{}")
	}
	return object
}
