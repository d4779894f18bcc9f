package clock

import (
	"fmt"
	"testing"
	"testing/synctest"
)

// Sealed calls f on a goroutine of its own and returns when it and every
// goroutine started from it have ended. settle, which only f may call, returns
// once all of those goroutines wait for one another or for a timer, so that
// nothing can happen any more unless f makes it: the moment at which a
// [Virtual] clock may be moved. A goroutine that computes, or waits for the
// network or a file, keeps settle waiting.
//
// The Go runtime knows exactly which goroutines wait, and tells it to no one but
// testing/synctest; every count of our own would have to be kept at each hand-over
// between goroutines, in libraries, too, and one that was forgotten would let
// time run away under work that is still going on. Test needs a *testing.T, but
// nothing of it beyond its zero value.
//
// Channels, timers and contexts made in f must not be used outside: the runtime
// panics. f must not panic. The error says that goroutines of f were left
// waiting for ever.
func Sealed(f func(settle func())) (err error) {
	defer func() {
		if x := recover(); x != nil {
			err = fmt.Errorf("sealed goroutines: %v", x)
		}
	}()
	synctest.Test(&testing.T{}, func(*testing.T) { f(synctest.Wait) })
	return nil
}
