package sdk

import (
	"context"
	"strings"

	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
)

// describe adds what gRPC does not tell: the workflow's name and how often each
// task was attempted.
func (c *Client) describe(ctx context.Context, run *Run) error {
	if c.engine != nil {
		return c.describeEmbedded(ctx, run)
	}
	known, err := c.client.Describe(ctx, run.ID)
	if err != nil {
		return err
	}
	run.Workflow = known.Workflow
	for i, task := range run.Tasks {
		run.Tasks[i].Attempts = known.Attempts[strings.ToLower(task.Name)]
	}
	return nil
}

func (c *Client) describeEmbedded(ctx context.Context, run *Run) error {
	return c.engine.View(ctx, func(state *core.Core) {
		view, ok := state.Run(run.ID)
		if !ok {
			return
		}
		run.Workflow = view.Workflow
		for i, task := range run.Tasks {
			for _, seen := range view.Tasks {
				if seen.Name == task.Name && !seen.StartedAt.IsZero() {
					run.Tasks[i].Attempts = int(seen.RetryCount) + 1
				}
			}
		}
	})
}
