// Package bench measures what the README and the issues promise. Figures are
// reported, never asserted: the machine is shared. What is asserted is memory,
// which does not depend on speed.
//
//	go test ./test/bench -run - -bench . -benchtime 3s
package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
)

const scripts = `
workflow.task('single', (input) => ({ n: input.n + 1 }))
workflow('four')
  .task('a', (input) => ({ n: input.n }))
  .taskAfter('b', ['a'], (input, ctx) => ({ n: ctx.parentOutput('a').n + 1 }))
  .taskAfter('c', ['a'], (input, ctx) => ({ n: ctx.parentOutput('a').n + 2 }))
  .taskAfter('d', ['b', 'c'], (input, ctx) => ({ n: ctx.parentOutput('b').n + ctx.parentOutput('c').n }))
workflow.task('hold', async (input) => {
  while (true) {
    if (globalThis.released) return {}
    await new Promise((r) => setTimeout(r, 100))
  }
})
`

// folder is a folder with one script, padded to about 10 KB of code.
func folder(tb testing.TB) string {
	tb.Helper()
	var padding strings.Builder
	for i := range 100 {
		fmt.Fprintf(&padding, "export function helper%d(a, b) { const list = [a, b, %d]; return list.map((x) => x + %d).join(',') }\n", i, i, i)
	}
	dir := tb.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "bench.js"), []byte(scripts+padding.String()), 0o644); err != nil {
		tb.Fatal(err)
	}
	return dir
}

// withLocal runs f with a client of an engine and worker in this process.
func withLocal(tb testing.TB, observer sdk.Observer, f func(context.Context, *sdk.Client) error) {
	tb.Helper()
	ctx := context.Background()
	options := sdk.Options{Paths: []string{folder(tb)}, Observer: observer}
	if err := sdk.WithLocal(ctx, options, func(client *sdk.Client) error { return f(ctx, client) }); err != nil {
		tb.Fatal(err)
	}
}

func BenchmarkSingleTaskRuns(b *testing.B) { benchmarkRuns(b, "single") }

func BenchmarkFourTaskRuns(b *testing.B) { benchmarkRuns(b, "four") }

// benchmarkRuns keeps 64 runs in flight and reports runs per second.
func benchmarkRuns(b *testing.B, workflow string) {
	withLocal(b, nil, func(ctx context.Context, client *sdk.Client) error {
		if err := once(ctx, client, workflow); err != nil {
			return err
		}
		const inFlight = 64
		var workers sync.WaitGroup
		work := make(chan struct{})
		errs := make(chan error, inFlight)
		for range inFlight {
			workers.Go(func() {
				for range work {
					if err := once(ctx, client, workflow); err != nil {
						errs <- err
						return
					}
				}
			})
		}
		b.ResetTimer()
		for range b.N {
			select {
			case work <- struct{}{}:
			case err := <-errs:
				return err
			}
		}
		close(work)
		workers.Wait()
		b.StopTimer()
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "runs/s")
		return nil
	})
}

func once(ctx context.Context, client *sdk.Client, workflow string) error {
	id, err := client.Trigger(ctx, workflow, json.RawMessage(`{"n":1}`), sdk.RunOptions{})
	if err != nil {
		return err
	}
	_, err = client.Wait(ctx, id)
	return err
}

// BenchmarkLatency runs one at a time and reports the median and the 99th
// percentile from trigger to result.
func BenchmarkLatency(b *testing.B) {
	withLocal(b, nil, func(ctx context.Context, client *sdk.Client) error {
		took := make([]time.Duration, 0, b.N)
		if err := once(ctx, client, "single"); err != nil {
			return err
		}
		b.ResetTimer()
		for range b.N {
			begun := time.Now()
			if err := once(ctx, client, "single"); err != nil {
				return err
			}
			took = append(took, time.Since(begun))
		}
		b.StopTimer()
		slices.Sort(took)
		b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
		b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
		return nil
	})
}

// TestHeapOfSlots: 100 idle slots cost no VMs, and 100 busy ones stay within
// 40 MB.
func TestHeapOfSlots(t *testing.T) {
	const busy, limit = 100, 40 << 20
	var mu sync.Mutex
	started := 0
	all := make(chan struct{})
	observe := func(event sdk.Notice) {
		if e, ok := event.(sdk.TaskStarted); ok && e.Task == "hold" {
			mu.Lock()
			defer mu.Unlock()
			if started++; started == busy {
				close(all)
			}
		}
	}
	withLocal(t, observe, func(ctx context.Context, client *sdk.Client) error {
		if err := once(ctx, client, "single"); err != nil {
			return err
		}
		idle := heap()
		ids := make([]string, busy)
		for i := range ids {
			id, err := client.Trigger(ctx, "hold", json.RawMessage(`{}`), sdk.RunOptions{})
			if err != nil {
				return err
			}
			ids[i] = id
		}
		<-all
		used := heap()
		t.Logf("heap: idle %.1f MB, with %d busy slots %.1f MB", mb(idle), busy, mb(used))
		if used > idle+limit {
			t.Errorf("%d busy slots take %.1f MB of heap, more than %.0f", busy, mb(used-idle), mb(limit))
		}
		return client.Cancel(ctx, ids...)
	})
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

func mb(bytes uint64) float64 { return float64(bytes) / (1 << 20) }
