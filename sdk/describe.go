package sdk

import (
	"context"
	"slices"
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
	known, err := c.describeRemote(ctx, run)
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

// describeRemote asks until the reporting store knows as much of the run as
// gRPC told. If it still does not when that should be over, that is all that is
// known.
func (c *Client) describeRemote(ctx context.Context, run *Run) (*client.RunDescription, error) {
	for begun := c.clock.Now(); ; {
		known, err := c.client.Describe(ctx, run.ID)
		if err != nil && status.Code(err) != codes.NotFound {
			return nil, err
		}
		if known == nil {
			known = &client.RunDescription{}
		}
		if caughtUp(known, run) || clock.Since(c.clock, begun) > reportingLag {
			return known, nil
		}
		if err := clock.Sleep(ctx, c.clock, reportingRetry); err != nil {
			return nil, err
		}
	}
}

// caughtUp reports whether the reporting store knows the run, and the end of
// each of its tasks if the run is final.
func caughtUp(known *client.RunDescription, run *Run) bool {
	behind := func(task TaskRun) bool { return !ended(known, task) }
	return known.Workflow != "" && !(final(run) && slices.ContainsFunc(run.Tasks, behind))
}

// ended reports whether the reporting store knows the end of a task that is
// final. It calls a task FAILED, too, that is about to be retried; it keeps the
// errors of attempts that were retried, and has none of timeouts. Of a run that
// was cancelled gRPC calls all tasks cancelled, and the store tells what they
// were.
func ended(known *client.RunDescription, task TaskRun) bool {
	there := known.Tasks[strings.ToLower(task.Name)]
	if client.Status(task.Status) == client.StatusCancelled {
		return there.Status.Final()
	}
	message, _ := client.ErrorText(there.Error)
	sameError := task.Status != StatusFailed || message == "" || message == task.Error
	return string(there.Status) == task.Status && sameError
}

func final(run *Run) bool { return client.Status(run.Status).Final() }

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
