package transport

import (
	"context"
	"math"
	"math/rand/v2"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Verdict is what the end of a stream means (hatchet-protocol.md section 1.4).
type Verdict int

const (
	VerdictStop   Verdict = iota // it was ended on purpose
	VerdictRetry                 // come back, for as long as it takes
	VerdictLimit                 // come back a limited number of times
	VerdictRefuse                // coming back is no use
)

// Classify tells what the end of a stream with err means. A nil err and io.EOF
// are streams that the server ended without a reason.
func Classify(err error) Verdict {
	if err == nil {
		return VerdictLimit
	}
	if IsTLSMismatch(err) {
		return VerdictRefuse
	}
	switch status.Code(err) {
	case codes.Unavailable, codes.Internal, codes.DeadlineExceeded, codes.ResourceExhausted:
		return VerdictRetry
	case codes.Canceled:
		return VerdictStop
	case codes.Unauthenticated, codes.PermissionDenied, codes.InvalidArgument, codes.FailedPrecondition,
		codes.NotFound, codes.Unimplemented:
		return VerdictRefuse
	}
	return VerdictLimit
}

// Reconnect keeps a stream alive by opening it again with growing, jittered
// waits between.
type Reconnect struct {
	Clock clock.Clock    // nil = the real one
	Rand  func() float64 // numbers in [0, 1); nil = a random source
	Base  time.Duration  // upper bound of the first wait, then doubled; 0 = 1 s
	Most  time.Duration  // upper bound of all waits; 0 = 30 s
	// Limit is how many times in a row a stream that ended without a reason is
	// opened again without progress; 0 = 10, negative = as long as it takes.
	Limit int
	// Lost is told each time the stream was lost and will be opened again after
	// wait; nil = nobody.
	Lost func(err error, wait time.Duration)
}

// Defaults of Reconnect (hatchet-protocol.md section 1.4).
const (
	defaultReconnectBase  = time.Second
	defaultReconnectMost  = 30 * time.Second
	defaultReconnectLimit = 10
)

// Run calls attempt again and again. attempt opens the stream, serves it until
// it ends and returns why; it calls progress whenever it got something, which
// makes the waits short again. Run returns nil when a stream was ended on
// purpose, the cause of ctx when that is over, and otherwise the error that
// coming back is no use against.
func (r Reconnect) Run(ctx context.Context, attempt func(ctx context.Context, progress func()) error) error {
	r = r.withDefaults()
	failures := 0
	for {
		err := attempt(ctx, func() { failures = 0 })
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		switch Classify(err) {
		case VerdictStop:
			return nil
		case VerdictRefuse:
			return err
		case VerdictLimit:
			if r.Limit >= 0 && failures >= r.Limit {
				return err
			}
		}
		wait := r.wait(failures)
		failures++
		if r.Lost != nil {
			r.Lost(err, wait)
		}
		if err := clock.Sleep(ctx, r.Clock, wait); err != nil {
			return err
		}
	}
}

func (r Reconnect) withDefaults() Reconnect {
	fill(&r.Base, defaultReconnectBase)
	fill(&r.Most, defaultReconnectMost)
	fill(&r.Limit, defaultReconnectLimit)
	if r.Clock == nil {
		r.Clock = clock.Real()
	}
	if r.Rand == nil {
		r.Rand = rand.Float64
	}
	return r
}

// wait is full jitter: anything up to a bound that doubles with each failure.
func (r Reconnect) wait(failures int) time.Duration {
	bound := math.Min(float64(r.Base)*math.Pow(2, float64(failures)), float64(r.Most))
	return time.Duration(r.Rand() * bound)
}
