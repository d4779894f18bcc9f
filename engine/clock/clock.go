// Package clock is the only place that asks the operating system for the time
// or waits for it to pass. Everything else is handed a [Clock], so that the
// same code runs on real time in production and on virtual time in tests.
package clock

import (
	"context"
	"time"
)

// Clock tells the time and wakes callers. Implementations are safe for
// concurrent use.
type Clock interface {
	// Now returns the current time of this clock.
	Now() time.Time
	// NewTimer returns a timer that delivers the time on its channel once, d
	// from now. A timer with d <= 0 fires at once.
	NewTimer(d time.Duration) Timer
	// AfterFunc calls f on a goroutine of its own, d from now, unless the
	// timer is stopped first. The channel of the returned timer is nil.
	AfterFunc(d time.Duration, f func()) Timer
}

// Timer is one pending wake-up of a [Clock].
type Timer interface {
	// C delivers the time when the timer fires; nil for AfterFunc timers.
	C() <-chan time.Time
	// Stop prevents the timer from firing and reports whether it did.
	// After Stop or Reset no stale value is received from C.
	Stop() bool
	// Reset arms the timer anew for d from now and reports whether it had been
	// pending.
	Reset(d time.Duration) bool
}

// Real is the operating system's clock.
func Real() Clock { return realClock{} }

type realClock struct{}

func (realClock) Now() time.Time { return time.Now() }

func (realClock) NewTimer(d time.Duration) Timer { return realTimer{time.NewTimer(d)} }

func (realClock) AfterFunc(d time.Duration, f func()) Timer {
	return realTimer{time.AfterFunc(d, f)}
}

type realTimer struct{ timer *time.Timer }

func (t realTimer) C() <-chan time.Time        { return t.timer.C }
func (t realTimer) Stop() bool                 { return t.timer.Stop() }
func (t realTimer) Reset(d time.Duration) bool { return t.timer.Reset(d) }

// Sleep waits until d has passed on c or ctx is done, and returns the cause of
// ctx in the latter case.
func Sleep(ctx context.Context, c Clock, d time.Duration) error {
	if d <= 0 {
		return context.Cause(ctx)
	}
	timer := c.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C():
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// WithTimeout is context.WithTimeoutCause measured on c: the returned context
// is cancelled with cause when d has passed on c. The context carries no
// Deadline, since a deadline would be read as real time. A nil cause stands
// for [context.DeadlineExceeded]. The caller must call the returned function.
func WithTimeout(ctx context.Context, c Clock, d time.Duration, cause error) (context.Context, context.CancelFunc) {
	if cause == nil {
		cause = context.DeadlineExceeded
	}
	ctx, cancel := context.WithCancelCause(ctx)
	timer := c.AfterFunc(d, func() { cancel(cause) })
	return ctx, func() {
		timer.Stop()
		cancel(context.Canceled)
	}
}

// Every calls f each time d has passed on c, until ctx is done. Calls never
// overlap; a call that takes longer than d delays the next one.
func Every(ctx context.Context, c Clock, d time.Duration, f func(context.Context)) {
	for Sleep(ctx, c, d) == nil {
		f(ctx)
	}
}

// Since returns the time that passed on c since t.
func Since(c Clock, t time.Time) time.Duration { return c.Now().Sub(t) }
