package clock_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"go.uber.org/goleak"
)

// One test leaves a goroutine waiting on purpose; nothing outside can end it.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/hatchet-js/hatchet-js-worker/engine/clock_test.waitForEver"))
}

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func TestVirtualFiresInOrderOfDeadlines(t *testing.T) {
	v := clock.NewVirtual(start)
	late, early := v.NewTimer(2*time.Hour), v.NewTimer(time.Hour)
	if next, ok := v.Next(); !ok || !next.Equal(start.Add(time.Hour)) {
		t.Fatalf("next deadline %v, %v", next, ok)
	}
	v.Advance(90 * time.Minute)
	if at := <-early.C(); !at.Equal(start.Add(time.Hour)) {
		t.Errorf("early timer saw %v", at)
	}
	if v.Waiting() != 1 {
		t.Errorf("%d timers wait, want 1", v.Waiting())
	}
	v.Advance(time.Hour)
	if at := <-late.C(); !at.Equal(start.Add(2 * time.Hour)) {
		t.Errorf("late timer saw %v", at)
	}
	if !v.Now().Equal(start.Add(150 * time.Minute)) {
		t.Errorf("clock shows %v", v.Now())
	}
}

func TestVirtualStopAndReset(t *testing.T) {
	v := clock.NewVirtual(start)
	timer := v.NewTimer(time.Second)
	if !timer.Stop() || timer.Stop() {
		t.Error("only the first Stop of a pending timer reports true")
	}
	timer.Reset(time.Second)
	v.Advance(time.Second)
	timer.Reset(time.Minute) // drops the value nobody received
	select {
	case at := <-timer.C():
		t.Errorf("stale value %v", at)
	default:
	}
	v.Advance(time.Minute)
	<-timer.C()
}

func TestVirtualAfterFunc(t *testing.T) {
	v := clock.NewVirtual(start)
	called := make(chan struct{})
	v.AfterFunc(time.Second, func() { close(called) })
	stopped := v.AfterFunc(time.Second, func() { t.Error("a stopped function was called") })
	stopped.Stop()
	v.Advance(time.Second)
	<-called
}

func TestSleepEndsWithItsContext(t *testing.T) {
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(cause)
	if err := clock.Sleep(ctx, clock.NewVirtual(start), time.Hour); !errors.Is(err, cause) {
		t.Errorf("got %v", err)
	}
	if err := clock.Sleep(context.Background(), clock.Real(), 0); err != nil {
		t.Errorf("a zero sleep failed: %v", err)
	}
}

func TestWithTimeoutOnVirtualTime(t *testing.T) {
	v := clock.NewVirtual(start)
	ctx, cancel := clock.WithTimeout(context.Background(), v, time.Minute, nil)
	defer cancel()
	if _, has := ctx.Deadline(); has {
		t.Error("a virtual timeout must not look like a real deadline")
	}
	v.Advance(time.Minute)
	<-ctx.Done()
	if !errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		t.Errorf("cause %v", context.Cause(ctx))
	}
}

func TestEvery(t *testing.T) {
	v := clock.NewVirtual(start)
	ctx, cancel := context.WithCancel(context.Background())
	ticks, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		clock.Every(ctx, v, time.Second, func(context.Context) { ticks <- struct{}{} })
	}()
	for range 3 {
		for v.Waiting() == 0 {
			time.Sleep(time.Millisecond)
		}
		v.Advance(time.Second)
		<-ticks
	}
	cancel()
	<-done
}
