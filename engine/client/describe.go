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
	// Ended are the tasks that are final there. It is behind what gRPC tells:
	// until a task is among them its attempts may become more.
	Ended map[string]bool
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
		} `json:"tasks"`
	}
	if err := c.get(ctx, "/api/v1/stable/workflow-runs/"+url.PathEscape(runID), nil, &answer); err != nil {
		return nil, fmt.Errorf("describe run %s: %w", runID, err)
	}
	description := &RunDescription{Attempts: make(map[string]int, len(answer.Tasks)), Ended: make(map[string]bool, len(answer.Tasks))}
	for _, task := range answer.Tasks {
		name, action, _ := strings.Cut(task.ActionID, ":")
		if task.WorkflowName != "" {
			name = task.WorkflowName
		}
		description.Workflow = c.options.Namespace.Strip(name)
		description.Ended[action] = task.Status.Final()
		if task.StartedAt != "" {
			description.Attempts[action] = task.RetryCount + 1
		}
	}
	return description, nil
}
