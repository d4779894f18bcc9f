package local_test

import (
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	"github.com/hatchet-js/hatchet-js-worker/engine/local"
)

// BenchmarkRuns measures runs from trigger to result, with some of them under
// way at a time: wire, loop, journal and a worker that does nothing.
func BenchmarkRuns(b *testing.B) {
	dag := []string{"a", "b<a", "c<a", "d<b,c"}
	for _, c := range []struct {
		name     string
		kept     bool
		inFlight int
		tasks    []string
	}{
		{"one-task/ephemeral", false, 64, dag[:1]},
		{"one-task/kept", true, 64, dag[:1]},
		{"four-tasks/ephemeral", false, 64, dag},
		{"four-tasks/kept", true, 64, dag},
		{"one-task/kept/one-at-a-time", true, 1, dag[:1]},
	} {
		b.Run(c.name, func(b *testing.B) { benchmarkRuns(b, c.kept, c.inFlight, c.tasks) })
	}
}

func benchmarkRuns(b *testing.B, kept bool, inFlight int, tasks []string) {
	options := local.Options{}
	if kept {
		options.Data = filepath.Join(b.TempDir(), "dev.db")
	}
	r := start(b, options)
	r.put("bench", tasks...)
	_, leave := r.work(echo, "bench:a", "bench:b", "bench:c", "bench:d")
	results, err := r.dispatcher.SubscribeToWorkflowRuns(r.ctx)
	if err != nil {
		b.Fatal(err)
	}
	var mu sync.Mutex
	begun, free := map[string]time.Time{}, make(chan struct{}, inFlight)
	var took []time.Duration
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range b.N {
			event, err := results.Recv()
			if err != nil {
				b.Error(err)
				return
			}
			mu.Lock()
			took = append(took, time.Since(begun[event.WorkflowRunId]))
			mu.Unlock()
			<-free
		}
	}()
	b.ResetTimer()
	for range b.N {
		free <- struct{}{}
		at := time.Now()
		id := r.trigger("bench", `{"n":1}`)
		mu.Lock()
		begun[id] = at
		mu.Unlock()
		if err := results.Send(&contract.SubscribeToWorkflowRunsRequest{WorkflowRunId: id}); err != nil {
			b.Fatal(err)
		}
	}
	<-done
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "runs/s")
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	leave()
	if err := r.stop(); err != nil {
		b.Fatal(err)
	}
}
