package durable_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker/durable"
)

// One that was given back is assigned again, and knows at once.
func TestEvictedRunsAreToldOfChildrenThatTheEngineNeverTellsOf(t *testing.T) {
	c := clock.NewVirtual(time.Unix(0, 0))
	r := startAt(t, c)
	r.untold = func(runID string) (string, error) { return "it is an array", nil }
	log, _ := r.join("t", 1)
	result((<-runs(log.Begin(), run("a", "1"))).children[0])
	log.Park()
	if err := log.Evict(t.Context(), "it waits"); err != nil {
		t.Fatal(err)
	}
	log.Leave()
	r.until("the restoring", func() bool {
		c.Advance(time.Second)
		return r.restored.Load() == 1
	})
	again, _ := r.join("t", 2)
	got := <-result((<-runs(again.Begin(), run("a", "1"))).children[0])
	if got.err == nil || got.err.Error() != "it is an array" {
		t.Errorf("got %v", got)
	}
}

// A handler does not wait for ever for what the engine never tells of; other
// children are looked at ever more seldom.
func TestChildrenThatTheEngineNeverTellsOf(t *testing.T) {
	c := clock.NewVirtual(time.Unix(0, 0))
	r := startAt(t, c)
	var looks, others atomic.Int32
	r.untold = func(runID string) (string, error) {
		if runID != "run-2" {
			others.Add(1)
			return "", nil
		}
		if looks.Add(1) == 1 {
			return "", errors.New("the engine is away")
		}
		return "it is an array", nil
	}
	log, _ := r.join("t", 1)
	children := (<-runs(log.Begin(), run("a", "1"), run("b", "2"))).children
	result(children[0])
	got := result(children[1])
	r.until("an answer", func() bool {
		c.Advance(time.Second)
		return len(got) > 0
	})
	a := <-got
	var failed *durable.ChildError
	if !errors.As(a.err, &failed) || failed.RunID != "run-2" || failed.Message != "it is an array" || looks.Load() != 2 {
		t.Errorf("got %v after %d looks", a, looks.Load())
	}
	r.until("an hour", func() bool {
		c.Advance(20 * time.Second)
		return c.Now().After(time.Unix(3600, 0))
	})
	if n := others.Load(); n < 2 || n > 20 { // an hour has twelve times five minutes
		t.Errorf("the other was looked at %d times", n)
	}
}
