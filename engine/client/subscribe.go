package client

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"github.com/hatchet-js/hatchet-js-worker/engine/transport"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Waits between the streams of results are those of Hatchet's TypeScript SDK
// (hatchet-protocol.md section 6.5).
const (
	resubscribeBase = 200 * time.Millisecond
	resubscribeMost = 5 * time.Second
)

// subscribe keeps the stream on which results arrive. It is opened when
// somebody first waits for one, and after a loss asked anew for all of them.
func (c *Client) subscribe(ctx context.Context) error {
	number := 0
	reconnect := transport.Reconnect{
		Clock: c.options.Clock, Rand: c.options.Rand, Base: resubscribeBase, Most: resubscribeMost, Limit: -1,
		Lost: func(err error, wait time.Duration) {
			c.options.Logger.Debug("stream of results lost", "error", err, "wait", wait)
		},
	}
	return reconnect.Run(ctx, func(ctx context.Context, progress func()) error {
		if err := c.awaitWaiting(ctx); err != nil {
			return err
		}
		number++
		return tolerate(c.stream(ctx, number, progress))
	})
}

// tolerate lets the stream come back from errors that [transport.Classify]
// holds for final, such as those of a gateway without its server: only a token
// that is refused and a disagreement about TLS are.
func tolerate(err error) error {
	final := transport.IsUnauthorized(err) || transport.IsTLSMismatch(err)
	if err == nil || final || transport.Classify(err) == transport.VerdictRetry {
		return err
	}
	return errors.New(err.Error()) // has no code, so it is tried again
}

// awaitWaiting returns when somebody waits for a result.
func (c *Client) awaitWaiting(ctx context.Context) error {
	for !c.results.any() {
		select {
		case <-c.results.wake:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// stream is the life of one stream: one goroutine asks, this one receives.
func (c *Client) stream(ctx context.Context, number int, progress func()) error {
	ctx, cancel := context.WithCancel(ctx)
	stream, err := c.dispatcher.SubscribeToWorkflowRuns(ctx)
	if err != nil {
		cancel()
		return err
	}
	asking := make(chan struct{})
	go func() {
		defer close(asking)
		c.ask(ctx, stream, number)
	}()
	defer func() {
		cancel()
		<-asking
	}()
	for {
		event, err := stream.Recv()
		if err != nil {
			return err
		}
		progress()
		if event.EventType == contract.WorkflowRunEventType_WORKFLOW_RUN_EVENT_TYPE_FINISHED {
			c.results.deliver(event.WorkflowRunId, answer{event: event})
		}
	}
}

// asker is the sending half of the stream.
type asker interface {
	Send(*contract.SubscribeToWorkflowRunsRequest) error
}

// ask asks the stream for every run that somebody waits for. A send that fails
// ends it; the receiving side learns why.
func (c *Client) ask(ctx context.Context, stream asker, number int) {
	for {
		for _, id := range c.results.unasked(number) {
			if err := stream.Send(&contract.SubscribeToWorkflowRunsRequest{WorkflowRunId: id}); err != nil {
				return
			}
		}
		select {
		case <-c.results.wake:
		case <-ctx.Done():
			return
		}
	}
}

const (
	// pollMost bounds the questions of one round, since the server's calls are
	// rationed (hatchet-protocol.md section 1.3).
	pollMost = 300
	// pollMissing is after how many rounds a run that the server does not know
	// is given up. A run that was just started may not be known yet.
	pollMissing = 4
)

// poll asks now and then about runs of which nothing was heard: the stream
// tells each end once, and that may be lost.
func (c *Client) poll(ctx context.Context) {
	clock.Every(ctx, c.options.Clock, c.options.PollEvery, func(ctx context.Context) {
		now := c.options.Clock.Now()
		for _, run := range c.results.stale(now.Add(-c.options.PollEvery), now, pollMost) {
			if ctx.Err() != nil {
				return
			}
			c.pollRun(ctx, run)
		}
	})
}

// pollRun asks about one run. Only the poller touches missing.
func (c *Client) pollRun(ctx context.Context, run *waitingRun) {
	response, err := c.admin.GetRunDetails(ctx, &v1.GetRunDetailsRequest{ExternalId: run.id}, transport.NoRetry())
	switch {
	case err == nil && response.Done:
		c.results.deliver(run.id, answer{details: detailsOf(run.id, response)})
	case err == nil:
		run.missing = 0
	case status.Code(err) == codes.NotFound:
		if run.missing++; run.missing >= pollMissing {
			c.results.deliver(run.id, answer{err: fmt.Errorf("%w; is its workflow registered?", err)})
		}
	default:
		c.options.Logger.Debug("run could not be polled", "run", run.id, "error", err)
	}
}
