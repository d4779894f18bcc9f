package transport

import (
	"context"
	"math"
	"strings"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// attemptTimeout bounds one attempt of a unary call (hatchet-protocol.md section
// 1.4).
const attemptTimeout = 30 * time.Second

// once are the calls that are never repeated here: a second Register would make
// a second worker, a second RefreshTimeout would extend twice, and a heartbeat
// has a rhythm of its own.
var once = map[string]bool{
	contract.Dispatcher_Register_FullMethodName:       true,
	contract.Dispatcher_Heartbeat_FullMethodName:      true,
	contract.Dispatcher_RefreshTimeout_FullMethodName: true,
}

// NoRetry is a call option: the call is attempted once.
func NoRetry() grpc.CallOption { return noRetry{} }

type noRetry struct{ grpc.EmptyCallOption }

// unary is the interceptor that repeats calls and explains their errors. The
// codes that are repeated are those of Hatchet's Go SDK, the waits those of its
// TypeScript SDK, whose first is short (hatchet-protocol.md section 1.4).
func (c *Conn) unary(ctx context.Context, method string, request, reply any, cc *grpc.ClientConn,
	invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	attempts := c.attempts(method, opts)
	for attempt := 1; ; attempt++ {
		err := c.attemptOnce(ctx, method, request, reply, cc, invoke, opts)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ended(ctx, err)
		}
		err = c.explain(err)
		if attempt >= attempts || !repeatable(err) {
			return err
		}
		wait := c.retryWait(attempt)
		c.options.Logger.Debug("call failed, trying again", "method", method, "attempt", attempt, "wait", wait, "error", err)
		if err := clock.Sleep(ctx, c.options.Clock, wait); err != nil {
			return err
		}
	}
}

// attemptOnce makes one attempt. Its own deadline is a real one, since it is
// the network that is waited for.
func (c *Conn) attemptOnce(ctx context.Context, method string, request, reply any, cc *grpc.ClientConn,
	invoke grpc.UnaryInvoker, opts []grpc.CallOption) error {
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	began := clock.Real().Now()
	err := invoke(ctx, method, request, reply, cc, opts...)
	if told := c.options.Called; told != nil {
		told(strings.TrimPrefix(method, "/"), status.Code(err).String(), clock.Since(clock.Real(), began))
	}
	return err
}

// attempts is how often a call may be made.
func (c *Conn) attempts(method string, opts []grpc.CallOption) int {
	if c.config.Retry.DisableGRPC || once[method] {
		return 1
	}
	for _, opt := range opts {
		if _, ok := opt.(noRetry); ok {
			return 1
		}
	}
	return c.config.Retry.MaxAttempts
}

// repeatable reports whether a later attempt may go better.
func repeatable(err error) bool {
	switch status.Code(err) {
	case codes.Unavailable:
		return !IsTLSMismatch(err)
	case codes.ResourceExhausted:
		return !tooLarge(err)
	case codes.DeadlineExceeded, codes.Internal:
		return true
	}
	return false
}

// tooLarge recognises messages beyond the size limit of either side, which have
// the code of an exhausted quota too.
func tooLarge(err error) bool { return strings.Contains(err.Error(), "larger than max") }

// retryWait is the wait after the given attempt, which counts from 1.
func (c *Conn) retryWait(attempt int) time.Duration {
	base := float64(c.config.Retry.InitialInterval) * math.Pow(2, float64(attempt-1))
	jitter := c.options.Rand() * float64(c.config.Retry.MaxJitter)
	return time.Duration(math.Min(base+jitter, float64(time.Hour)))
}
