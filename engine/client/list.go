package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// ListFilter says which runs to list. Its zero value lists the newest of the
// last 24 hours.
type ListFilter struct {
	Workflows          []string // names, without namespace
	Statuses           []Status
	Since              time.Time // zero = 24 hours ago
	Until              time.Time // zero = now
	AdditionalMetadata map[string]string
	Limit              int // 0 = 50
	Offset             int
}

const (
	defaultListSince = 24 * time.Hour
	defaultListLimit = 50
)

// RunSummary is one run of a list. Times that have not come are zero.
type RunSummary struct {
	ID                 string
	Workflow           string // with namespace
	DisplayName        string
	Status             Status
	CreatedAt          time.Time
	StartedAt          time.Time
	FinishedAt         time.Time
	Duration           time.Duration
	Error              string
	Input              json.RawMessage
	Output             json.RawMessage
	AdditionalMetadata json.RawMessage
}

// ListRuns lists runs, newest first. It goes over REST (hatchet-protocol.md
// section 6.10). A workflow that the server does not know is an error.
func (c *Client) ListRuns(ctx context.Context, filter ListFilter) ([]RunSummary, error) {
	query, err := c.listQuery(ctx, filter)
	if err != nil {
		return nil, fmt.Errorf("list runs: %w", err)
	}
	var answer struct{ Rows []listedRun }
	if err := c.get(ctx, "/api/v1/stable/tenants/{tenant}/workflow-runs", query, &answer); err != nil {
		return nil, fmt.Errorf("list runs: %w", err)
	}
	runs := make([]RunSummary, len(answer.Rows))
	for i, row := range answer.Rows {
		runs[i] = row.summary()
	}
	return runs, nil
}

func (c *Client) listQuery(ctx context.Context, filter ListFilter) (url.Values, error) {
	if filter.Since.IsZero() {
		filter.Since = c.options.Clock.Now().Add(-defaultListSince)
	}
	if filter.Limit == 0 {
		filter.Limit = defaultListLimit
	}
	query := url.Values{
		"since":      {filter.Since.UTC().Format(time.RFC3339Nano)},
		"only_tasks": {"false"},
		"limit":      {strconv.Itoa(filter.Limit)},
		"offset":     {strconv.Itoa(filter.Offset)},
	}
	if !filter.Until.IsZero() {
		query.Set("until", filter.Until.UTC().Format(time.RFC3339Nano))
	}
	for _, s := range filter.Statuses {
		query.Add("statuses", string(s))
	}
	for _, key := range slices.Sorted(maps.Keys(filter.AdditionalMetadata)) {
		query.Add("additional_metadata", key+":"+filter.AdditionalMetadata[key])
		query.Set("additional_metadata_operator", "AND")
	}
	for _, name := range filter.Workflows {
		id, err := c.WorkflowID(ctx, name)
		if err != nil {
			return nil, err
		}
		query.Add("workflow_ids", id)
	}
	return query, nil
}

// ErrNotRegistered means that the server knows no workflow of a name.
var ErrNotRegistered = errors.New("no workflow of that name is registered")

// WorkflowID finds the id of a workflow by its name; the error is
// ErrNotRegistered if there is none.
func (c *Client) WorkflowID(ctx context.Context, name string) (string, error) {
	row, err := c.Workflow(ctx, name)
	if err != nil {
		return "", err
	}
	var known struct{ Metadata struct{ ID string } }
	if err := json.Unmarshal(row, &known); err != nil {
		return "", fmt.Errorf("workflow %q: %w", name, err)
	}
	return known.Metadata.ID, nil
}

// Workflow finds what the server lists of a workflow by its name, as JSON; the
// error is ErrNotRegistered if there is none.
func (c *Client) Workflow(ctx context.Context, name string) (json.RawMessage, error) {
	name = c.options.Namespace.Workflow(name)
	var answer struct{ Rows []json.RawMessage }
	query := url.Values{"name": {name}, "limit": {"200"}}
	if err := c.get(ctx, "/api/v1/tenants/{tenant}/workflows", query, &answer); err != nil {
		return nil, err
	}
	for _, row := range answer.Rows { // the server looks for parts of names
		var listed struct{ Name string }
		if err := json.Unmarshal(row, &listed); err == nil && listed.Name == name {
			return row, nil
		}
	}
	return nil, fmt.Errorf("workflow %q: %w", name, ErrNotRegistered)
}

// listedRun is one row of the REST answer.
type listedRun struct {
	WorkflowRunExternalID string
	WorkflowName          string
	DisplayName           string
	Status                Status
	CreatedAt             *time.Time
	StartedAt             *time.Time
	FinishedAt            *time.Time
	Duration              int64 // milliseconds
	ErrorMessage          string
	Input                 json.RawMessage
	Output                json.RawMessage
	AdditionalMetadata    json.RawMessage
}

func (l listedRun) summary() RunSummary {
	return RunSummary{
		ID: l.WorkflowRunExternalID, Workflow: l.WorkflowName, DisplayName: l.DisplayName, Status: l.Status,
		CreatedAt: orZero(l.CreatedAt), StartedAt: orZero(l.StartedAt), FinishedAt: orZero(l.FinishedAt),
		Duration: time.Duration(l.Duration) * time.Millisecond, Error: l.ErrorMessage,
		Input: l.Input, Output: l.Output, AdditionalMetadata: l.AdditionalMetadata,
	}
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}
