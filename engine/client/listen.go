package client

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Listen hands the chunks that the tasks of a run stream to each, in order,
// until the run is final or each fails; what was streamed before is not heard.
// The chunks of a time without connection are lost. hatchet-protocol.md section
// 6.8.
func (c *Client) Listen(ctx context.Context, runID string, each func(chunk []byte) error) error {
	wait := resubscribeBase
	for {
		heard, err := c.listenOnce(ctx, runID, each)
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

// listenOnce is the life of one stream; heard tells whether anything came.
func (c *Client) listenOnce(ctx context.Context, runID string, each func([]byte) error) (heard bool, err error) {
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
		if event.EventType == contract.ResourceEventType_RESOURCE_EVENT_TYPE_STREAM {
			if err := each([]byte(event.EventPayload)); err != nil {
				return heard, err
			}
		}
		if event.Hangup {
			return heard, nil
		}
	}
}
