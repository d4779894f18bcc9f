// Package client asks a Hatchet server for things: it starts runs and waits for
// their results, pushes events, writes logs and streams, cancels, registers
// workflows (hatchet-protocol.md sections 6 and 7). Most of it is gRPC; what
// exists over REST only goes over REST.
package client

import (
	"context"
	"log/slog"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"github.com/hatchet-js/hatchet-js-worker/engine/transport"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
	"golang.org/x/sync/errgroup"
)

// Options of a client. The zero value of each field has a meaning.
type Options struct {
	Clock     clock.Clock  // nil = the real one
	Logger    *slog.Logger // nil = none
	Namespace workflow.Namespace
	// Rand returns numbers in [0, 1) and is safe for concurrent use; nil = a
	// random source.
	Rand func() float64
	// PollEvery is how often the server is asked about runs that are waited for
	// and whose answer may have been lost; 0 = 30 s, negative = never.
	PollEvery time.Duration
}

// Client talks to one server. All methods are safe for concurrent use. Result
// needs a Run that is under way; everything else works without.
type Client struct {
	conn       *transport.Conn
	options    Options
	dispatcher contract.DispatcherClient
	workflows  contract.WorkflowServiceClient
	events     contract.EventsServiceClient
	admin      v1.AdminServiceClient
	results    *results
	arrivals   arrivals
}

const defaultPollEvery = 30 * time.Second

// New returns a client that talks through conn, which it does not close.
func New(conn *transport.Conn, options Options) *Client {
	if options.Clock == nil {
		options.Clock = clock.Real()
	}
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	if options.PollEvery == 0 {
		options.PollEvery = defaultPollEvery
	}
	return &Client{
		conn: conn, options: options,
		dispatcher: contract.NewDispatcherClient(conn.Grpc()),
		workflows:  contract.NewWorkflowServiceClient(conn.Grpc()),
		events:     contract.NewEventsServiceClient(conn.Grpc()),
		admin:      v1.NewAdminServiceClient(conn.Grpc()),
		results:    newResults(),
	}
}

// TenantID is the id of the tenant that the client's token is for.
func (c *Client) TenantID() string { return c.conn.Config().TenantID }

// Run keeps the stream on which results arrive alive, for as long as anyone
// waits for one, until ctx ends; then it returns nil. It returns an error when
// the server refuses the token or does not agree on TLS. Whoever still waits
// for a result then is given that error, or [ErrClosed]. It may be called once.
func (c *Client) Run(ctx context.Context) error {
	group, inner := errgroup.WithContext(ctx)
	group.Go(func() error { return c.subscribe(inner) })
	group.Go(func() error {
		if c.options.PollEvery > 0 {
			c.poll(inner)
		}
		return nil
	})
	err := group.Wait()
	if ctx.Err() != nil {
		err = nil
	}
	c.results.close(err)
	return err
}
