package sdk

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	"github.com/hatchet-js/hatchet-js-worker/engine/transport"
)

// replyWithin bounds how long a server may take to show that it is there.
const replyWithin = 10 * time.Second

// answers returns nil when the server does, else ErrUnreachable or ErrUnauthorized
// with its address. It waits for a few seconds at most.
func (s Server) answers(ctx context.Context) error {
	real := clock.Real()
	ctx, cancel := clock.WithTimeout(ctx, real, replyWithin, fmt.Errorf("the server at %s does not answer within %s: %w", s.Address(), replyWithin, ErrUnreachable))
	defer cancel()
	conn, err := s.dial(transport.Options{Clock: real})
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = contract.NewDispatcherClient(conn.Grpc()).GetVersion(ctx, &contract.GetVersionRequest{}, transport.NoRetry())
	if status.Code(err) == codes.Unimplemented { // before v0.78.23
		return nil
	}
	return classify(err)
}
