package sdk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/client"
	"github.com/hatchet-js/hatchet-js-worker/sdk/tracing"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Replay asks the engine to run runs again, with the same input, and returns the
// ids of the tasks that do; what is not final is passed over. Ids that the engine
// does not know are ErrNotFound.
func (c *Client) Replay(ctx context.Context, ids ...string) ([]string, error) {
	for _, id := range ids {
		if _, err := c.client.Details(ctx, id); status.Code(err) == codes.NotFound {
			return nil, withKind(fmt.Errorf("no run %s: %w", id, err), ErrNotFound)
		}
	}
	tasks, err := c.client.Replay(ctx, ids...)
	return tasks, classify(err)
}

// CancelMatching cancels the tasks that filter selects, at most 20,000, and
// returns the ids that the engine names. The filter's Limit has no meaning here;
// its zero value selects the tasks of the last hour.
func (c *Client) CancelMatching(ctx context.Context, filter RunFilter) ([]string, error) {
	ids, err := c.client.CancelMatching(ctx, filter.tasks())
	return ids, classifyManaged(err)
}

// ReplayMatching runs the tasks again that filter selects, at most 1,000, and
// returns their ids. See CancelMatching.
func (c *Client) ReplayMatching(ctx context.Context, filter RunFilter) ([]string, error) {
	ids, err := c.client.ReplayMatching(ctx, filter.tasks())
	return ids, classifyManaged(err)
}

func (f RunFilter) tasks() client.TaskFilter {
	return client.TaskFilter{
		Since: f.Since, Until: f.Until, Workflows: f.Workflows, Statuses: f.statuses(), AdditionalMetadata: f.AdditionalMetadata,
	}
}

func (f RunFilter) statuses() []client.Status {
	statuses := make([]client.Status, len(f.Statuses))
	for i, word := range f.Statuses {
		statuses[i] = client.Status(word)
	}
	return statuses
}

// classifyManaged is classify for calls that name workflows or what the engine
// keeps.
func classifyManaged(err error) error {
	if errors.Is(err, client.ErrNotRegistered) || status.Code(err) == codes.NotFound {
		return withKind(err, ErrNotFound)
	}
	return classify(err)
}

// LogLine is one line of a run's log.
type LogLine struct {
	At      time.Time       `json:"at"`
	Task    string          `json:"task"`
	Attempt int             `json:"attempt,omitempty"` // from 1; 0 if the engine does not say
	Level   string          `json:"level,omitempty"`
	Message string          `json:"message"`
	Fields  json.RawMessage `json:"fields,omitempty"`
}

// Logs reads the logs of a run's tasks, oldest line first. An engine may take a
// moment to have lines that were just written.
func (c *Client) Logs(ctx context.Context, runID string) ([]LogLine, error) {
	details, err := c.client.Details(ctx, runID)
	if status.Code(err) == codes.NotFound {
		return nil, withKind(fmt.Errorf("no run %s: %w", runID, err), ErrNotFound)
	}
	if err != nil {
		return nil, classify(err)
	}
	var lines []LogLine
	for _, task := range details.Tasks {
		found, err := c.client.Logs(ctx, task.TaskRunID)
		if status.Code(err) == codes.NotFound {
			continue // the reporting store does not know the task yet
		}
		if err != nil {
			return nil, classify(err)
		}
		for _, line := range found {
			lines = append(lines, LogLine{
				At: line.At, Task: task.Name, Attempt: line.Attempt, Level: line.Level, Message: line.Message, Fields: fields(line.Metadata),
			})
		}
	}
	slices.SortStableFunc(lines, func(a, b LogLine) int { return a.At.Compare(b.At) })
	return lines, nil
}

// fields is what goes along with a line; nil if that is nothing.
func fields(metadata json.RawMessage) json.RawMessage {
	if text := string(metadata); text == "{}" || text == "null" {
		return nil
	}
	return metadata
}

// Listen hands what the tasks of a run stream to each, until the run is final.
func (c *Client) Listen(ctx context.Context, runID string, each func(chunk []byte) error) error {
	return classifyManaged(c.client.Listen(ctx, runID, each))
}

// PlanOptions are what schedules and crons say about the runs they start.
type PlanOptions struct {
	Input              json.RawMessage // a JSON object; nil = {}
	AdditionalMetadata json.RawMessage // a JSON object; nil = none
	Priority           int             // 1..3; 0 = the workflow's own
}

// Schedule plans one run of a workflow and returns the id of the plan.
func (c *Client) Schedule(ctx context.Context, workflow string, at time.Time, options PlanOptions) (string, error) {
	metadata, traced := c.tracer.Schedule(ctx, tracing.Plan{
		Workflow: workflow, At: at.UTC().Format(time.RFC3339Nano), Input: options.Input, Metadata: options.AdditionalMetadata, Priority: options.Priority,
	})
	options.AdditionalMetadata = metadata
	id, err := c.client.Schedule(ctx, workflow, at, client.PlanOptions(options))
	traced(err)
	return id, classifyManaged(err)
}

// Unschedule removes a planned run that has not begun.
func (c *Client) Unschedule(ctx context.Context, id string) error {
	return classifyManaged(c.client.Unschedule(ctx, id))
}

// Cron has a workflow run whenever a cron expression says, and returns the id of
// the cron.
func (c *Client) Cron(ctx context.Context, workflow, name, expression string, options PlanOptions) (string, error) {
	id, err := c.client.Cron(ctx, workflow, name, expression, client.PlanOptions(options))
	return id, classifyManaged(err)
}

// DeleteCron removes a cron that Cron made.
func (c *Client) DeleteCron(ctx context.Context, id string) error {
	return classifyManaged(c.client.DeleteCron(ctx, id))
}

// PutRateLimit creates or changes a rate limit that tasks share: limit units per
// second, minute, hour, day, week, month or year.
func (c *Client) PutRateLimit(ctx context.Context, key string, limit int, window string) error {
	return classify(c.client.PutRateLimit(ctx, key, limit, window))
}

// REST makes one request of Hatchet's REST API with the client's token and
// returns the body of the answer. The path begins with /api/, and {tenant} in it
// stands for the client's tenant. What is not there is ErrNotFound.
func (c *Client) REST(ctx context.Context, method, path string, query url.Values, body json.RawMessage) ([]byte, error) {
	answer, err := c.client.REST(ctx, client.Request{Method: method, Path: path, Query: query, Body: body})
	if err != nil {
		return nil, classifyManaged(err)
	}
	return answer.Body, nil
}
