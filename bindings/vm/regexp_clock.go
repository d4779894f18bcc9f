package vm

import (
	"sync"
	"time"

	"github.com/dlclark/regexp2/v2"
)

// regexpTick is how often the clock of regexp2 moves while patterns that need it
// are in use. It is the granularity of regexpTimeout.
const regexpTick = 20 * time.Millisecond

// regexpClock counts who holds the clock, which is a global of the library.
var regexpClock struct {
	mu      sync.Mutex
	holders int
}

// HoldRegexpClock keeps the clock by which patterns are stopped that take too
// long on real time until release is called. The library starts that clock with
// the first pattern that needs it, on a goroutine of whoever runs the pattern,
// for all of the process: started inside of [clock.Sealed], it would be one of
// the goroutines that must end there, and take virtual time for the real one.
func HoldRegexpClock() (release func()) {
	regexpClock.mu.Lock()
	defer regexpClock.mu.Unlock()
	if regexpClock.holders++; regexpClock.holders == 1 {
		pattern := regexp2.MustCompile(`a(?=b)`)
		pattern.MatchTimeout = 100 * 365 * 24 * time.Hour
		_, _ = pattern.MatchString("ab") // the clock runs at least as long as this may take
	}
	return sync.OnceFunc(func() {
		regexpClock.mu.Lock()
		defer regexpClock.mu.Unlock()
		if regexpClock.holders--; regexpClock.holders == 0 {
			regexp2.StopTimeoutClock()
		}
	})
}
