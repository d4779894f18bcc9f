package client

import (
	"context"
	"fmt"
	"net/url"
	"strings"
)

// RunDescription is what the REST face knows of a run beyond [RunDetails].
type RunDescription struct {
	Workflow string // without namespace
	// Attempts by task name, in lower case: how often each was started.
	Attempts map[string]int
	// Tasks by name, in lower case: where each stands there, which is behind
	// what gRPC tells. Name, TaskRunID and Output are not set.
	Tasks map[string]TaskResult
}

// Describe tells the name of a run's workflow and how often its tasks were
// attempted. It goes over REST (hatchet-protocol.md section 6.10). An unknown id
// has the code NotFound.
func (c *Client) Describe(ctx context.Context, runID string) (*RunDescription, error) {
	var answer struct {
		Tasks []struct {
			ActionID     string `json:"actionId"`
			WorkflowName string `json:"workflowName"`
			RetryCount   int    `json:"retryCount"`
			Status       Status `json:"status"`
			StartedAt    string `json:"startedAt"`
			Error        string `json:"errorMessage"`
		} `json:"tasks"`
	}
	if err := c.get(ctx, "/api/v1/stable/workflow-runs/"+url.PathEscape(runID), nil, &answer); err != nil {
		return nil, fmt.Errorf("describe run %s: %w", runID, err)
	}
	description := &RunDescription{Attempts: make(map[string]int, len(answer.Tasks)), Tasks: make(map[string]TaskResult, len(answer.Tasks))}
	for _, task := range answer.Tasks {
		name, action, _ := strings.Cut(task.ActionID, ":")
		if task.WorkflowName != "" {
			name = task.WorkflowName
		}
		description.Workflow = c.options.Namespace.Strip(name)
		description.Tasks[action] = TaskResult{Status: task.Status, Error: task.Error}
		if task.StartedAt != "" {
			description.Attempts[action] = task.RetryCount + 1
		}
	}
	return description, nil
}
