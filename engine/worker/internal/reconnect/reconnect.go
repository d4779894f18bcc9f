// Package reconnect holds what every loop that talks to an engine for as long as
// it takes has in common: when to try again, and what an error means for it.
package reconnect

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
)

// Default delays between attempts to reach an engine (hatchet-protocol.md section
// 1.4).
const (
	Base = time.Second
	Cap  = 30 * time.Second
)

// Backoff spaces the attempts of one loop with full jitter: the first comes at
// once, each later one after a random part of a window that doubles from Base up
// to Cap. The zero value is ready. It is used by one goroutine.
type Backoff struct {
	// Base and Cap replace the defaults where they are not 0.
	Base, Cap time.Duration
	// Part gives which part of a window is waited, in [0, 1), on any goroutine. Nil is
	// a random source.
	Part func() float64

	failures int
}

// Next returns how long to wait before the next attempt.
func (b *Backoff) Next() time.Duration {
	window := b.window()
	b.failures++
	if window == 0 {
		return 0
	}
	if b.Part != nil {
		return time.Duration(b.Part()*float64(window)) + time.Millisecond
	}
	return rand.N(window) + time.Millisecond
}

// window is the longest wait before the next attempt.
func (b *Backoff) window() time.Duration {
	if b.failures == 0 {
		return 0
	}
	base, bound := b.Base, b.Cap
	if base == 0 {
		base = Base
	}
	if bound == 0 {
		bound = Cap
	}
	if doublings := b.failures - 1; doublings < 20 {
		return min(base<<doublings, bound)
	}
	return bound
}

// Failures is how many waits were asked for since the last Reset.
func (b *Backoff) Failures() int { return b.failures }

// Reset makes the next attempt the first again.
func (b *Backoff) Reset() { b.failures = 0 }

// Pulse wakes all who wait for it, every time it beats: when an engine answers
// again, whoever waits to talk to it need not sit out its delay. The zero value
// is ready.
type Pulse struct {
	mu   sync.Mutex
	next chan struct{}
}

// Next returns a channel that is closed at the next beat.
func (p *Pulse) Next() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.next == nil {
		p.next = make(chan struct{})
	}
	return p.next
}

// Beat wakes everyone who waits.
func (p *Pulse) Beat() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.next != nil {
		close(p.next)
		p.next = nil
	}
}

// Wait returns when d has passed on c or wake delivers, and with the cause of
// ctx when that is done first. A nil wake never delivers.
func Wait(ctx context.Context, c clock.Clock, d time.Duration, wake <-chan struct{}) error {
	if d <= 0 {
		return context.Cause(ctx)
	}
	timer := c.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C():
		return nil
	case <-wake:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
