package watch_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
	"go.uber.org/goleak"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/scripts/watch"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const limit = 30 * time.Second

// folder is a temporary folder under watch.
type folder struct {
	t       *testing.T
	dir     string
	watcher *watch.Watcher
	batches chan watch.Batch
	cancel  context.CancelFunc
}

// unpack fills a folder from a txtar archive; "a -> b" is a symbolic link.
func unpack(t *testing.T, archive string) *folder {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	f := &folder{t: t, dir: dir, batches: make(chan watch.Batch, 100)}
	for _, file := range txtar.Parse([]byte(archive)).Files {
		if name, target, link := strings.Cut(file.Name, " -> "); link {
			f.link(target, name)
		} else {
			f.write(file.Name, string(file.Data))
		}
	}
	return f
}

// watch begins to watch paths below the folder, with events or by polling.
func (f *folder) watch(poll time.Duration, paths ...string) *folder {
	f.t.Helper()
	for i, path := range paths {
		paths[i] = f.at(path)
	}
	ctx, cancel := context.WithCancel(context.Background())
	f.cancel = cancel
	f.watcher = watch.New(paths, watch.Options{Clock: clock.Real(), Logger: slog.New(slog.DiscardHandler), Poll: poll})
	done := make(chan error, 1)
	go func() { done <- f.watcher.Run(ctx, func(b watch.Batch) { f.batches <- b }) }()
	f.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			f.t.Errorf("Run: %v", err)
		}
	})
	<-f.watcher.Started()
	return f
}

func (f *folder) at(name string) string { return filepath.Join(f.dir, filepath.FromSlash(name)) }

func (f *folder) do(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *folder) write(name, text string) {
	f.t.Helper()
	f.do(os.MkdirAll(filepath.Dir(f.at(name)), 0o755))
	f.do(os.WriteFile(f.at(name), []byte(text), 0o644))
}

func (f *folder) link(target, name string) {
	f.t.Helper()
	f.do(os.MkdirAll(filepath.Dir(f.at(name)), 0o755))
	f.do(os.Symlink(target, f.at(name)))
}

func (f *folder) rename(from, to string) { f.t.Helper(); f.do(os.Rename(f.at(from), f.at(to))) }
func (f *folder) remove(name string)     { f.t.Helper(); f.do(os.RemoveAll(f.at(name))) }

// expect waits until all of want, like "+a.js" "~b.js" "-c.js", was reported,
// and fails when anything else is.
func (f *folder) expect(want ...string) {
	f.t.Helper()
	slices.Sort(want)
	var got []string
	deadline := time.After(limit)
	for !slices.Equal(got, want) {
		select {
		case b := <-f.batches:
			for mark, list := range map[string][]string{"+": b.Added, "~": b.Changed, "-": b.Removed} {
				for _, path := range list {
					rel, err := filepath.Rel(f.dir, path)
					f.do(err)
					got = append(got, mark+filepath.ToSlash(rel))
				}
			}
			slices.Sort(got)
			for _, g := range got {
				if !slices.Contains(want, g) {
					f.t.Fatalf("reported %v, want %v", got, want)
				}
			}
		case <-deadline:
			f.t.Fatalf("reported %v, want %v", got, want)
		}
	}
}

// both runs a test with events and with polling.
func both(t *testing.T, test func(t *testing.T, poll time.Duration)) {
	t.Run("events", func(t *testing.T) { t.Parallel(); test(t, 0) })
	t.Run("poll", func(t *testing.T) { t.Parallel(); test(t, 5*time.Millisecond) })
}

func TestChanges(t *testing.T) {
	both(t, func(t *testing.T, poll time.Duration) {
		f := unpack(t, "-- w/a.js --\n1\n-- w/b/c.ts --\n1\n").watch(poll, "w")
		f.write("w/a.js", "2")
		f.expect("~w/a.js")
		f.write("w/b/new.js", "1")
		f.expect("+w/b/new.js")
		f.write("w/x/y/z.js", "1") // in folders made just now
		f.expect("+w/x/y/z.js")
		f.write("w/x/y/z.js", "2")
		f.expect("~w/x/y/z.js")
		f.remove("w/b/new.js")
		f.expect("-w/b/new.js")
		f.rename("w/x", "w/q")
		f.expect("-w/x/y/z.js", "+w/q/y/z.js")
		f.write("w/q/y/z.js", "3")
		f.expect("~w/q/y/z.js")
		f.remove("w/q")
		f.expect("-w/q/y/z.js")
	})
}

func TestARenameIsOneBatch(t *testing.T) {
	f := unpack(t, "-- w/a.js --\n1\n").watch(0, "w")
	f.rename("w/a.js", "w/b.js")
	select {
	case b := <-f.batches:
		if len(b.Added) != 1 || len(b.Removed) != 1 {
			t.Errorf("got %+v", b)
		}
	case <-time.After(limit):
		t.Fatal("nothing reported")
	}
}

func TestWaysOfSaving(t *testing.T) {
	both(t, func(t *testing.T, poll time.Duration) {
		f := unpack(t, "-- w/a.js --\n1\n").watch(poll, "w")
		f.write("w/.a.js.tmp", "2")
		f.rename("w/.a.js.tmp", "w/a.js")
		f.expect("~w/a.js")
		f.write("w/4913", "") // as vim probes a folder
		f.remove("w/4913")
		f.rename("w/a.js", "w/a.js~")
		f.write("w/a.js", "3")
		f.remove("w/a.js~")
		f.expect("~w/a.js")
		f.write("w/a.js", "")
		f.write("w/a.js", "4")
		f.expect("~w/a.js")
		f.remove("w/a.js")
		f.write("w/a.js", "5")
		f.expect("~w/a.js")
	})
}

func TestWhatIsNoChange(t *testing.T) {
	both(t, func(t *testing.T, poll time.Duration) {
		f := unpack(t, "-- w/a.js --\n1\n-- w/last.js --\n1\n-- w/node_modules/p/i.js --\n").watch(poll, "w")
		f.do(os.Chtimes(f.at("w/a.js"), time.Time{}, time.Unix(1e9, 0)))
		f.do(os.Chmod(f.at("w/a.js"), 0o600))
		f.write("w/a.js", "1\n")
		f.write("w/.a.js.swp", "x")
		f.write("w/a.js~", "x")
		f.write("w/.git/x.js", "x")
		f.write("w/node_modules/p/i.js", "x")
		f.write("w/app.log", "x")
		f.write("w/last.js", "2")
		f.expect("~w/last.js")
	})
}

func TestAConfigMapSwap(t *testing.T) {
	both(t, func(t *testing.T, poll time.Duration) {
		f := unpack(t, `
-- w/..2026_01/a.js --
1
-- w/..2026_01/b.js --
1
-- w/..data -> ..2026_01 --
-- w/a.js -> ..data/a.js --
-- w/b.js -> ..data/b.js --
`).watch(poll, "w")
		for i, next := range []string{"..2026_02", "..2026_03"} {
			f.write("w/"+next+"/a.js", strings.Repeat("x", i+2))
			f.write("w/"+next+"/b.js", "1\n")
			f.link(next, "w/..data_tmp")
			f.rename("w/..data_tmp", "w/..data")
			f.expect("~w/a.js")
		}
		f.remove("w/..2026_01")
		f.remove("w/..2026_02")
		f.write("w/..2026_03/b.js", "2")
		f.expect("~w/b.js")
	})
}

func TestALinkAboveTheFolderIsSwapped(t *testing.T) {
	both(t, func(t *testing.T, poll time.Duration) {
		f := unpack(t, `
-- rel/1/jobs/a.js --
1
-- rel/2/jobs/a.js --
2
-- rel/2/jobs/b.js --
2
-- current -> rel/1 --
`).watch(poll, "current/jobs")
		f.link("rel/2", "next")
		f.rename("next", "current")
		f.expect("~current/jobs/a.js", "+current/jobs/b.js")
		f.write("rel/2/jobs/a.js", "3")
		f.expect("~current/jobs/a.js")
	})
}

func TestAFolderThatIsReplaced(t *testing.T) {
	both(t, func(t *testing.T, poll time.Duration) {
		f := unpack(t, "-- w/a.js --\n1\n-- next/a.js --\n2\n").watch(poll, "w")
		f.rename("w", "old")
		f.rename("next", "w")
		f.expect("~w/a.js")
		f.write("w/a.js", "3")
		f.expect("~w/a.js")
		f.remove("w")
		f.expect("-w/a.js")
		f.write("w/a.js", "4")
		f.expect("+w/a.js")
		f.write("w/a.js", "5")
		f.expect("~w/a.js")
	})
}

func TestASingleFile(t *testing.T) {
	both(t, func(t *testing.T, poll time.Duration) {
		f := unpack(t, "-- a.js --\n1\n-- b.js --\n1\n").watch(poll, "a.js")
		f.write("b.js", "2")
		f.write("tmp", "2")
		f.rename("tmp", "a.js")
		f.expect("~a.js")
		f.remove("a.js")
		f.expect("-a.js")
		f.write("a.js", "3")
		f.expect("+a.js")
	})
}

// seen is how a file looked with a text.
func (f *folder) seen(name, text string) watch.Seen {
	sum := sha256.Sum256([]byte(text))
	return watch.Seen{Path: f.at(name), Sum: &sum}
}

func TestInputsOutsideOfTheFolder(t *testing.T) {
	both(t, func(t *testing.T, poll time.Duration) {
		f := unpack(t, "-- w/a.js --\n1\n-- lib/b.js --\n1\n-- lib/odd.dat --\n1\n-- lib/c.js --\n1\n").watch(poll, "w")
		f.watcher.Watch([]watch.Seen{f.seen("w/a.js", "1\n"), f.seen("lib/b.js", "1\n"), {Path: f.at("lib/odd.dat")}, {Path: f.at("lib/late")}})
		f.write("w/a.js", "2") // known to be seen after the inputs were learnt
		f.expect("~w/a.js")
		f.write("lib/b.js", "2")
		f.expect("~lib/b.js")
		f.write("lib/odd.dat", "2")
		f.expect("~lib/odd.dat")
		f.write("lib/late", "1")
		f.expect("+lib/late")
		f.remove("lib/b.js")
		f.expect("-lib/b.js")
		f.watcher.Watch([]watch.Seen{f.seen("w/a.js", "2")})
		f.write("lib/odd.dat", "3")
		f.write("w/a.js", "3")
		f.expect("~w/a.js")
	})
}

// Whoever read a file may have read something else than the watcher knew.
func TestWhatWasReadCounts(t *testing.T) {
	both(t, func(t *testing.T, poll time.Duration) {
		f := unpack(t, "-- w/a.js --\n1\n-- lib/b.js --\n1\n").watch(poll, "w")
		f.watcher.Watch([]watch.Seen{f.seen("w/a.js", "")}) // truncated for a moment
		f.expect("~w/a.js")
		f.watcher.Watch([]watch.Seen{f.seen("w/a.js", "1\n"), f.seen("lib/b.js", "0\n")})
		f.expect("~lib/b.js")
		f.watcher.Watch([]watch.Seen{{Path: f.at("w/a.js"), Absent: true}, f.seen("lib/b.js", "1\n")})
		f.expect("+w/a.js")

		// Created, read and removed between two looks.
		gone := f.seen("w/gone.js", "x")
		gone.Served = true
		f.watcher.Watch([]watch.Seen{f.seen("w/a.js", "1\n"), gone})
		f.expect("-w/gone.js")

		// A dispute that leads nowhere ends.
		for i := range 3 {
			f.watcher.Watch([]watch.Seen{f.seen("w/a.js", "otherwise")})
			f.write("w/b.js", fmt.Sprint(i))
			for seen := false; !seen; {
				b := <-f.batches
				seen = slices.Contains(b.Changed, f.at("w/b.js")) || slices.Contains(b.Added, f.at("w/b.js"))
			}
		}
		f.watcher.Watch([]watch.Seen{f.seen("w/a.js", "otherwise")})
		f.write("w/last.js", "1")
		f.expect("+w/last.js")
	})
}

func TestAFileThatBecomesReadable(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root reads every file")
	}
	f := unpack(t, "-- w/a.js --\n1\n").watch(0, "w")
	f.do(os.Chmod(f.at("w/a.js"), 0))
	f.expect("~w/a.js")
	f.do(os.Chmod(f.at("w/a.js"), 0o644))
	f.expect("~w/a.js")
}

func TestManyChangesAtOnce(t *testing.T) {
	f := unpack(t, "-- w/a.js --\n1\n").watch(0, "w")
	var want []string
	for i := range 200 {
		name := "w/" + strings.Repeat("d/", i%5) + "f" + string(rune('a'+i%26)) + string(rune('a'+i/26)) + ".js"
		f.write(name, "x")
		want = append(want, "+"+name)
	}
	f.expect(want...)
}

func TestRunEndsWithItsContext(t *testing.T) {
	f := unpack(t, "-- w/a.js --\n1\n").watch(0, "w")
	f.cancel()
}
