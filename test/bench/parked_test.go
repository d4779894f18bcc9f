package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
)

// sleeper waits for whichever comes first of two things; nobody gives its
// runs back to the engine, so that they stay with the worker.
const sleeper = `
hatchet.worker({ durableSlots: %d, slots: 1000 })
workflow.durableTask('sleeper', { evictionPolicy: null, executionTimeout: '1h' }, async (input, ctx) => {
  const begun = await ctx.memo('begun', () => input.n)
  await Promise.race([ctx.sleepFor('30m'), ctx.waitForEvent('go')])
  return { begun }
})
`

// tally counts what the worker tells.
type tally struct {
	mu               sync.Mutex
	changed          *sync.Cond
	connected        bool
	parked, finished int
}

func newTally() *tally {
	t := &tally{}
	t.changed = sync.NewCond(&t.mu)
	return t
}

func (t *tally) observe(event sdk.Notice) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch e := event.(type) {
	case sdk.WorkerState:
		t.connected = t.connected || e.State == "connected"
	case sdk.TaskParked:
		t.parked++
	case sdk.TaskFinished:
		t.finished++
	}
	t.changed.Broadcast()
}

func (t *tally) until(what func() bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for !what() {
		t.changed.Wait()
	}
}

// parking is what parked runs cost.
type parking struct {
	perRun       float64 // bytes of heap at the worker
	perRunEngine float64 // and at the engine
	goroutines   float64 // of the worker, per run
	parkRate     float64 // runs per second from trigger to parked
	wakeRate     float64 // runs per second from one event to the last result
}

// park has a worker hold so many waiting runs and, unless wake is false, ends
// them all with one event. The worker's share is what becomes free when it goes.
func park(tb testing.TB, runs int, wake bool) (p parking) {
	tb.Helper()
	dir := tb.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "sleeper.js"), fmt.Appendf(nil, sleeper, runs+10), 0o644); err != nil {
		tb.Fatal(err)
	}
	seen := newTally()
	err := sdk.WithEngine(context.Background(), sdk.EngineOptions{SilentAfter: time.Hour}, func(ctx context.Context, engine *sdk.Engine) error {
		server, err := engine.Server("")
		if err != nil {
			return err
		}
		return sdk.WithClient(ctx, server, sdk.ClientOptions{}, func(client *sdk.Client) error {
			before := heap()
			leave, err := attend(ctx, server, dir, seen.observe)
			if err != nil {
				return err
			}
			seen.until(func() bool { return seen.connected })
			began := time.Now()
			if err := triggerAll(ctx, client, runs, seen); err != nil {
				return err
			}
			p.parkRate = float64(runs) / time.Since(began).Seconds()
			if wake {
				began = time.Now()
				if err := wakeAll(ctx, client, runs, seen); err != nil {
					return err
				}
				p.wakeRate = float64(runs) / time.Since(began).Seconds()
				return leave()
			}
			both, threads := heap(), runtime.NumGoroutine()
			if err := leave(); err != nil {
				return err
			}
			after := heap()
			p.perRun = (float64(both) - float64(after)) / float64(runs)
			p.perRunEngine = (float64(after) - float64(before)) / float64(runs)
			p.goroutines = float64(threads-runtime.NumGoroutine()) / float64(runs)
			return nil
		})
	})
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// attend has a worker serve a folder until leave is called, which abandons what
// it has.
func attend(ctx context.Context, server sdk.Server, dir string, observer sdk.Observer) (leave func() error, err error) {
	worker, err := sdk.New(sdk.Options{Server: server, Paths: []string{dir}, Drain: -1, Observer: observer})
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		err = worker.Run(ctx)
	}()
	return func() error {
		stop()
		<-ended
		if err != nil && !errors.Is(err, sdk.ErrDrainDeadline) {
			return err
		}
		return nil
	}, nil
}

// triggerAll starts runs in waves, each when the one before the last has parked:
// a run at work has a VM, which stays with the worker for a minute.
func triggerAll(ctx context.Context, client *sdk.Client, runs int, seen *tally) error {
	wave := max(16, runs/64)
	for i := range runs {
		if _, err := client.Trigger(ctx, "sleeper", fmt.Appendf(nil, `{"n":%d}`, i), sdk.RunOptions{}); err != nil {
			return err
		}
		if (i+1)%wave == 0 {
			seen.until(func() bool { return seen.parked > i-wave })
		}
	}
	seen.until(func() bool { return seen.parked >= runs })
	return nil
}

// wakeAll pushes the event that ends the runs, again and again: nothing tells
// since when the engine listens for the last of them.
func wakeAll(ctx context.Context, client *sdk.Client, runs int, seen *tally) error {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		seen.until(func() bool { return seen.finished >= runs })
	}()
	for {
		if _, err := client.PushEvent(ctx, sdk.Event{Key: "go", Payload: json.RawMessage(`{}`)}); err != nil {
			return err
		}
		select {
		case <-ended:
			return nil
		case <-time.After(2 * time.Second):
		}
	}
}

// BenchmarkParkedRuns measures what waiting durable runs cost:
//
//	go test ./test/bench -run - -bench ParkedRuns -benchtime 1x -timeout 30m
func BenchmarkParkedRuns(b *testing.B) {
	for _, runs := range []int{1000, 10_000} {
		b.Run(fmt.Sprintf("runs=%d", runs), func(b *testing.B) {
			for range b.N {
				held, woken := park(b, runs, false), park(b, runs, true)
				b.ReportMetric(held.perRun, "worker-B/run")
				b.ReportMetric(held.perRunEngine, "engine-B/run")
				b.ReportMetric(held.goroutines, "goroutines/run")
				b.ReportMetric(held.parkRate, "parked/s")
				b.ReportMetric(woken.wakeRate, "woken/s")
			}
		})
	}
}

// TestParkedRunsHoldNoVM: the smallest VM takes 160 KB, and a parked run far
// less.
func TestParkedRunsHoldNoVM(t *testing.T) {
	const limit = 32 << 10
	p := park(t, 1000, false)
	t.Logf("a parked run takes %.0f bytes and %.1f goroutines of the worker, %.0f bytes of the engine", p.perRun, p.goroutines, p.perRunEngine)
	if p.perRun > limit {
		t.Errorf("a parked run takes %.0f bytes of the worker, more than %d", p.perRun, limit)
	}
}
