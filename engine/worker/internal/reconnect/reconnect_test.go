package reconnect_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker/internal/reconnect"
	"go.uber.org/goleak"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestTheFirstAttemptComesAtOnceAndLaterOnesStayInTheirWindows(t *testing.T) {
	windows := []time.Duration{0, 1, 2, 4, 8, 16, 30, 30, 30}
	for range 200 {
		var b reconnect.Backoff
		for i, seconds := range windows {
			bound := seconds * time.Second
			if d := b.Next(); d < 0 || d > bound+time.Millisecond || bound > 0 && d == 0 {
				t.Fatalf("attempt %d waits %v, at most %v is right", i+1, d, bound)
			}
		}
		b.Reset()
		if d := b.Next(); d != 0 {
			t.Fatalf("after a reset the first attempt waits %v", d)
		}
	}
}

func TestAHundredFailuresDoNotOverflow(t *testing.T) {
	b := reconnect.Backoff{Base: time.Millisecond, Cap: time.Second}
	for range 100 {
		if d := b.Next(); d < 0 || d > time.Second+time.Millisecond {
			t.Fatalf("waits %v", d)
		}
	}
	if b.Failures() != 100 {
		t.Errorf("%d failures counted", b.Failures())
	}
}

func TestAPulseEndsAWaitEarly(t *testing.T) {
	var p reconnect.Pulse
	v := clock.NewVirtual(time.Unix(0, 0))
	woken := make(chan error)
	go func() { woken <- reconnect.Wait(context.Background(), v, time.Hour, p.Next()) }()
	for v.Waiting() == 0 {
		time.Sleep(time.Millisecond)
	}
	p.Beat()
	p.Beat()
	if err := <-woken; err != nil {
		t.Errorf("woken with %v", err)
	}
}

func TestAWaitEndsWithItsContext(t *testing.T) {
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(cause)
	for _, d := range []time.Duration{0, time.Hour} {
		if err := reconnect.Wait(ctx, clock.Real(), d, nil); !errors.Is(err, cause) {
			t.Errorf("a wait of %v ended with %v", d, err)
		}
	}
}

func TestWhatErrorsMean(t *testing.T) {
	of := func(code codes.Code, text string) error { return status.Error(code, text) }
	cases := []struct {
		err                                error
		unreachable, unauthorized, refused bool
		reason                             string
	}{
		{io.EOF, true, false, false, "the engine closed the stream"},
		{of(codes.Unavailable, "refused"), true, false, false, "the engine cannot be reached: refused"},
		{fmt.Errorf("x: %w", context.DeadlineExceeded), true, false, false, "x: context deadline exceeded"},
		{of(codes.Unauthenticated, "invalid auth token"), false, true, false, "the engine does not accept the token: invalid auth token"},
		{of(codes.NotFound, ""), false, false, true, "not known to the engine"},
		{of(codes.InvalidArgument, "bad"), false, false, true, "invalid: bad"},
		{of(codes.Internal, "x"), false, false, false, "the engine failed: x"},
		{of(codes.ResourceExhausted, "slow down"), false, false, false, "a limit of the engine was reached: slow down"},
		{of(codes.ResourceExhausted, "trying to send message larger than max"), false, false, true,
			"a limit of the engine was reached: trying to send message larger than max"},
	}
	for _, c := range cases {
		if reconnect.Unreachable(c.err) != c.unreachable || reconnect.Unauthorized(c.err) != c.unauthorized || reconnect.Refused(c.err) != c.refused {
			t.Errorf("%v is classified wrongly", c.err)
		}
		if got := reconnect.Reason(c.err); got != c.reason {
			t.Errorf("%v reads %q, want %q", c.err, got, c.reason)
		}
	}
}
