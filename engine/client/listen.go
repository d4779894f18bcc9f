package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// RunEvent is something that happened in a run (hatchet-protocol.md section 6.8).
type RunEvent struct {
	OfTask  bool   // it happened to a task of the run, not to the run itself
	What    string // STARTED, COMPLETED, FAILED, CANCELLED, TIMED_OUT or STREAM
	ID      string // of the task run, or of the run
	RunID   string
	Payload []byte // of a STREAM the chunk; else the output or the error, if there is one
}

// Listen hands the chunks that the tasks of a run stream to each, as Follow
// does.
func (c *Client) Listen(ctx context.Context, runID string, each func(chunk []byte) error) error {
	return c.Follow(ctx, runID, func(event RunEvent) error {
		if event.What != "STREAM" {
			return nil
		}
		return each(event.Payload)
	})
}

// Follow hands what happens in a run to each, in order, until the run is final
// or each fails; what happened before is not heard. What happens in a time
// without connection is lost. hatchet-protocol.md section 6.8.
func (c *Client) Follow(ctx context.Context, runID string, each func(event RunEvent) error) error {
	wait := resubscribeBase
	for {
		heard, err := c.followOnce(ctx, runID, each)
		if heard {
			wait = resubscribeBase
		}
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case status.Code(err) != codes.Unavailable:
			return fmt.Errorf("stream of run %s: %w", runID, err)
		}
		c.options.Logger.Debug("stream of a run lost", "run", runID, "error", err, "wait", wait)
		if err := clock.Sleep(ctx, c.options.Clock, wait); err != nil {
			return err
		}
		wait = min(2*wait, resubscribeMost)
	}
}

// followOnce is the life of one stream; heard tells whether anything came.
func (c *Client) followOnce(ctx context.Context, runID string, each func(RunEvent) error) (heard bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := c.dispatcher.SubscribeToWorkflowEvents(ctx, &contract.SubscribeToWorkflowEventsRequest{WorkflowRunId: &runID})
	if err != nil {
		return false, err
	}
	for {
		event, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return heard, nil
		}
		if err != nil {
			return heard, err
		}
		heard = true
		if event.EventType != contract.ResourceEventType_RESOURCE_EVENT_TYPE_UNKNOWN {
			if err := each(runEventOf(event)); err != nil {
				return heard, err
			}
		}
		if event.Hangup {
			return heard, nil
		}
	}
}

func runEventOf(event *contract.WorkflowEvent) RunEvent {
	return RunEvent{
		OfTask: event.ResourceType == contract.ResourceType_RESOURCE_TYPE_STEP_RUN,
		What:   strings.TrimPrefix(event.EventType.String(), "RESOURCE_EVENT_TYPE_"),
		ID:     event.ResourceId, RunID: event.WorkflowRunId, Payload: []byte(event.EventPayload),
	}
}
