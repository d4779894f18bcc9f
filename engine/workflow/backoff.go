package workflow

import (
	"math"
	"time"
)

// MaxBackoff bounds every delay before a retry, as the engine bounds its own
// (hatchet-protocol.md section 5.7).
const MaxBackoff = 24 * time.Hour

// maxWireFactor is the largest factor the engine admits (hatchet-protocol.md
// section 5.3).
const maxWireFactor = 1000

// Delay is how long to wait before a retry; retry counts from 1. It is never
// longer than Max, nor than MaxBackoff.
func (b *Backoff) Delay(retry int) time.Duration {
	if b == nil || retry < 1 {
		return 0
	}
	n := float64(retry)
	var delay float64
	switch b.Kind {
	case BackoffFactor:
		delay = math.Pow(b.Factor, n) * float64(time.Second)
	case BackoffExponential:
		delay = float64(b.Base) * math.Pow(b.factor(), n-1)
	case BackoffLinear:
		delay = float64(b.Base) + float64(b.Step)*(n-1)
	case BackoffConstant:
		delay = float64(b.Base)
	}
	return time.Duration(math.Min(delay, float64(b.bound())))
}

// factor is the factor of an exponential backoff, 2 when none is given.
func (b *Backoff) factor() float64 {
	if b.Factor == 0 {
		return 2
	}
	return b.Factor
}

// bound is the longest delay.
func (b *Backoff) bound() time.Duration {
	bound := b.Max
	if b.Kind == BackoffFactor {
		bound = time.Duration(b.MaxSeconds) * time.Second
	}
	if bound <= 0 || bound > MaxBackoff {
		return MaxBackoff
	}
	return bound
}

// Wire expresses the backoff as the engine's own, min(maxSeconds, factor^n)
// seconds before retry n (hatchet-protocol.md section 5.7). It is ok only if
// that gives exactly the delays of [Backoff.Delay]; otherwise the task is
// registered without backoff and the worker keeps the delays.
func (b *Backoff) Wire() (factor float32, maxSeconds int32, ok bool) {
	if b == nil {
		return 0, 0, false
	}
	bound := b.bound()
	switch b.Kind {
	case BackoffFactor:
		return wireBackoff(float64(float32(b.Factor)), bound)
	case BackoffExponential:
		// Base * Factor^(n-1) is Factor^n only where the base is one factor.
		if float64(b.Base) != b.factor()*float64(time.Second) {
			return 0, 0, false
		}
		return wireBackoff(b.factor(), bound)
	case BackoffLinear:
		if b.Step == 0 {
			return wireConstant(min(b.Base, bound))
		}
	case BackoffConstant:
		return wireConstant(min(b.Base, bound))
	}
	return 0, 0, false
}

// wireConstant expresses an unchanging delay: a factor of as many seconds,
// held down by an equal bound, gives it before every retry.
func wireConstant(delay time.Duration) (float32, int32, bool) {
	return wireBackoff(delay.Seconds(), delay)
}

// wireBackoff checks that factor and bound are within what the contract can
// carry (hatchet-protocol.md section 5.3).
func wireBackoff(factor float64, bound time.Duration) (float32, int32, bool) {
	exact := factor >= 1 && factor <= maxWireFactor && float64(float32(factor)) == factor
	if !exact || bound < time.Second || bound%time.Second != 0 {
		return 0, 0, false
	}
	return float32(factor), int32(bound / time.Second), true
}
