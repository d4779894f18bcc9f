package clock_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
)

func TestSealedSettles(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	virtual := clock.NewVirtual(start)
	var woken atomic.Int32
	err := clock.Sealed(func(settle func()) {
		work := make(chan int)
		go func() {
			for range work {
				<-virtual.NewTimer(time.Hour).C()
				woken.Add(1)
			}
		}()
		for i := range 3 {
			work <- i
			settle()
			if got := woken.Load(); got != int32(i) {
				t.Errorf("woken %d times before the clock moved, want %d", got, i)
			}
			if !virtual.Step() {
				t.Error("nothing waits for the clock after settling")
			}
			settle()
			if got := woken.Load(); got != int32(i+1) {
				t.Errorf("woken %d times after the clock moved, want %d", got, i+1)
			}
		}
		close(work)
	})
	if err != nil {
		t.Fatal(err)
	}
	if passed := virtual.Now().Sub(start); passed != 3*time.Hour {
		t.Errorf("%s passed, want 3h", passed)
	}
}

func TestSealedReportsWhatIsLeftWaiting(t *testing.T) {
	err := clock.Sealed(func(func()) {
		go waitForEver()
	})
	if err == nil {
		t.Fatal("no error for a goroutine that waits for ever")
	}
}

func TestStepFiresOneTimer(t *testing.T) {
	virtual := clock.NewVirtual(time.Unix(0, 0))
	first, second := virtual.NewTimer(time.Second), virtual.NewTimer(time.Second)
	if !virtual.Step() {
		t.Fatal("no step")
	}
	select {
	case <-first.C():
	default:
		t.Error("the timer made first did not fire")
	}
	select {
	case <-second.C():
		t.Error("both timers fired in one step")
	default:
	}
	if !virtual.Step() || virtual.Step() {
		t.Error("want exactly two steps")
	}
}

func waitForEver() { select {} }
