package scripts_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/scripts"
	"github.com/hatchet-js/hatchet-js-worker/scripts/discover"
	"github.com/hatchet-js/hatchet-js-worker/scripts/watch"
)

// follow begins to follow the folder and returns its snapshots.
func (w *world) follow() <-chan *scripts.Snapshot {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	snapshots := make(chan *scripts.Snapshot, 1000)
	done := make(chan error, 1)
	go func() {
		done <- w.set.Follow(ctx, watch.Options{Clock: clock.Real()}, func(s *scripts.Snapshot) { snapshots <- s })
	}()
	w.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			w.t.Errorf("Follow: %v", err)
		}
	})
	return snapshots
}

// until waits for a snapshot of which the condition holds.
func until(t *testing.T, snapshots <-chan *scripts.Snapshot, what string, holds func(*scripts.Snapshot) bool) *scripts.Snapshot {
	t.Helper()
	deadline := time.After(limit)
	for {
		select {
		case s := <-snapshots:
			if holds(s) {
				return s
			}
		case <-deadline:
			t.Fatalf("never came to %s", what)
		}
	}
}

func outputs(action, want string) func(*scripts.Snapshot) bool {
	return func(s *scripts.Snapshot) bool { return run(s, action) == want }
}

func TestFollowReloadsOnSave(t *testing.T) {
	w := newWorld(t, "-- w/a.js --\nimport { v } from '../lib/v.js'\nworkflow.task('a', () => v)\n-- lib/v.js --\nexport const v = 1\n")
	snapshots := w.follow()
	until(t, snapshots, "a", outputs("a:a", "1"))
	w.write("lib/v.js", "export const v = 2\n") // outside of the folder
	until(t, snapshots, "a changed helper", outputs("a:a", "2"))
	w.write("w/.tmp", "workflow.task('a', () => 3)\n")
	w.do(os.Rename(w.at("w/.tmp"), w.at("w/a.js")))
	until(t, snapshots, "an atomic save", outputs("a:a", "3"))
	w.write("w/a.js", "(\n")
	s := until(t, snapshots, "a failure", func(s *scripts.Snapshot) bool { return s.Files[0].State == scripts.NotLoaded })
	w.expect("a", run(s, "a:a"), "3")
	w.write("w/deep/er/b.ts", task("b", "b"))
	until(t, snapshots, "a new folder", outputs("b:b", `"b"`))
	w.do(os.Rename(w.at("w/deep"), w.at("w/deeper")))
	s = until(t, snapshots, "a renamed folder", func(s *scripts.Snapshot) bool { return strings.Contains(changes(s), "renamed") })
	w.expect("changes", changes(s), "renamed deeper/er/b.ts from deep/er/b.ts")
	w.do(os.RemoveAll(w.at("w/deeper")))
	until(t, snapshots, "a removal", outputs("b:b", "no runner"))
}

func TestFollowAConfigMap(t *testing.T) {
	w := newWorld(t, `
-- w/..1/a.js --
import { v } from './v.js'
workflow.task('a', () => v)
-- w/..1/v.js --
export const v = 1
-- w/..1/b.js --
workflow.task('b', () => 1)
-- w/..data -> ..1 --
-- w/a.js -> ..data/a.js --
-- w/v.js -> ..data/v.js --
-- w/b.js -> ..data/b.js --
`)
	snapshots := w.follow()
	first := until(t, snapshots, "a", outputs("a:a", "1"))
	for i := 2; i < 5; i++ {
		w.write(fmt.Sprintf("w/..%d/a.js", i), "import { v } from './v.js'\nworkflow.task('a', () => v)\n")
		w.write(fmt.Sprintf("w/..%d/v.js", i), fmt.Sprintf("export const v = %d\n", i))
		w.write(fmt.Sprintf("w/..%d/b.js", i), "workflow.task('b', () => 1)\n")
		w.do(os.Symlink(fmt.Sprintf("..%d", i), w.at("w/..data_tmp")))
		w.do(os.Rename(w.at("w/..data_tmp"), w.at("w/..data")))
		w.do(os.RemoveAll(w.at(fmt.Sprintf("w/..%d", i-1))))
		s := until(t, snapshots, "a swap", outputs("a:a", fmt.Sprint(i)))
		w.expect("files", files(s), fmt.Sprintf("a.js serving gen %d\nb.js serving gen 1\nv.js no workflow declared", i))
		if s.Files[1].Serving != first.Files[1].Serving {
			t.Error("b.js was loaded again")
		}
	}
}

func TestFollowTakesUpWhatChangedSinceLoad(t *testing.T) {
	w := newWorld(t, "-- w/a.js --\n"+task("a", "1")+"-- w/b.js --\n"+task("b", "1")+"-- w/c.js --\n(\n")
	first := w.load()
	w.write("w/a.js", task("a", "2"))
	s := <-w.follow()
	w.expect("changes", changes(s), "reloaded a.js")
	if first.Files[1].Serving != s.Files[1].Serving {
		t.Error("b.js was loaded again")
	}
	if stats := w.set.Stats(); stats.Running != 0 || stats.Idle != 2 {
		t.Errorf("%+v", stats)
	}
}

func TestFollowFailsLikeLoad(t *testing.T) {
	w := newWorld(t, "")
	err := w.set.Follow(context.Background(), watch.Options{Clock: clock.Real()}, func(*scripts.Snapshot) { t.Error("applied") })
	if !errors.Is(err, discover.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

// Runs that are in flight while a file is saved end on the version they began
// on; none is lost, and what begins after a snapshot uses it.
func TestRunsInFlightKeepTheirGeneration(t *testing.T) {
	const perVersion, versions = 50, 4
	script := func(v int) string {
		return fmt.Sprintf("let begun = %d\nworkflow.task('a', async () => { const at = begun; await new Promise(r => setTimeout(r, 1000)); return [at, begun, %d] })\n", v, v)
	}
	w := newWorld(t, "-- w/a.js --\n"+script(1))
	s := w.load()
	var wg sync.WaitGroup
	results := make([][]string, versions+1)
	for v := 1; v <= versions; v++ {
		results[v] = make([]string, perVersion)
		for i := range perVersion {
			wg.Add(1)
			go func() { defer wg.Done(); results[v][i] = run(s, "a:a") }()
		}
		eventually(t, "runs in flight", func() bool { return w.clock.Waiting() == v*perVersion })
		if v < versions {
			s = w.save("-- w/a.js --\n" + script(v+1))
			if got := s.Files[0].OlderRuns(); got != v*perVersion {
				t.Errorf("%d runs on older versions, want %d", got, v*perVersion)
			}
		}
	}
	older := s.Files[0].Older
	w.clock.Advance(time.Second)
	wg.Wait()
	for v := 1; v <= versions; v++ {
		for _, got := range results[v] {
			if want := fmt.Sprintf("[%d,%d,%d]", v, v, v); got != want {
				t.Fatalf("a run of version %d returned %s", v, got)
			}
		}
	}
	for _, g := range older {
		if stats := g.Stats(); stats.Running != 0 || stats.Idle != 0 || !stats.Retired {
			t.Errorf("generation %d holds on: %+v", g.Number, stats)
		}
	}
	if stats := s.Files[0].Serving.Stats(); stats.Idle != perVersion {
		t.Errorf("the serving generation: %+v", stats)
	}
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never came to %s", what)
		}
	}
}

func TestRunLetsIdleVMsGo(t *testing.T) {
	w := newWorld(t, "-- w/a.js --\nworkflow.task('a', async () => { await new Promise(r => setTimeout(r, 1000)); return 1 })\n")
	g := w.load().Files[0].Serving
	var wg sync.WaitGroup
	for range 10 {
		wg.Add(1)
		go func() { defer wg.Done(); runOn(g, "a:a") }()
	}
	eventually(t, "ten runs", func() bool { return w.clock.Waiting() == 10 })
	w.clock.Advance(time.Second)
	wg.Wait()
	if stats := g.Stats(); stats.Idle != 10 || stats.Built != 10 {
		t.Fatalf("after the runs: %+v", stats)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.set.Run(ctx) }()
	eventually(t, "no VM", func() bool {
		if w.clock.Waiting() > 0 {
			w.clock.Advance(15 * time.Second)
		}
		return g.Stats().Idle == 0
	})
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	w.expect("a", func() string {
		var got string
		wg.Add(1)
		go func() { defer wg.Done(); got = runOn(g, "a:a") }()
		eventually(t, "a run", func() bool { return w.clock.Waiting() == 1 })
		w.clock.Advance(time.Second)
		wg.Wait()
		return got
	}(), "1")
}
