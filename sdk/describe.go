package sdk

import (
	"context"
	"strings"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/client"
	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// describe adds what gRPC does not tell: the workflow's name and how often each
// task was attempted.
func (c *Client) describe(ctx context.Context, run *Run) error {
	if c.engine != nil {
		return c.describeEmbedded(ctx, run)
	}
	known, err := c.describeRemote(ctx, run.ID)
	if err != nil {
		return err
	}
	run.Workflow = known.Workflow
	for i, task := range run.Tasks {
		run.Tasks[i].Attempts = known.Attempts[strings.ToLower(task.Name)]
	}
	return nil
}

// A server's reporting store, which REST reads, knows a run some time after the
// engine does.
const (
	reportingLag   = 5 * time.Second
	reportingRetry = 100 * time.Millisecond
)

// describeRemote asks until the reporting store knows the run, and one of its
// tasks, which may come later. If it still does not when that should be over,
// nothing is known of the run beyond its results.
func (c *Client) describeRemote(ctx context.Context, id string) (*client.RunDescription, error) {
	for begun := c.clock.Now(); ; {
		known, err := c.client.Describe(ctx, id)
		if err == nil && known.Workflow != "" || err != nil && status.Code(err) != codes.NotFound {
			return known, err
		}
		if clock.Since(c.clock, begun) > reportingLag {
			return &client.RunDescription{}, nil
		}
		if err := clock.Sleep(ctx, c.clock, reportingRetry); err != nil {
			return nil, err
		}
	}
}

func (c *Client) describeEmbedded(ctx context.Context, run *Run) error {
	return c.engine.View(ctx, func(state *core.Core) {
		view, ok := state.Run(run.ID)
		if !ok {
			return
		}
		run.Workflow = c.namespace.Strip(view.Workflow)
		for i, task := range run.Tasks {
			for _, seen := range view.Tasks {
				if seen.Name == task.Name && !seen.StartedAt.IsZero() {
					run.Tasks[i].Attempts = int(seen.RetryCount) + 1
				}
			}
		}
	})
}
