package scripts_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
	"go.uber.org/goleak"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/scripts"
	"github.com/hatchet-js/hatchet-js-worker/scripts/bundle"
	"github.com/hatchet-js/hatchet-js-worker/scripts/generation"
	"github.com/hatchet-js/hatchet-js-worker/scripts/watch"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const limit = 30 * time.Second

// world is a temporary folder, a set over its folder w, and a virtual clock on
// which the scripts' timers run.
type world struct {
	t     *testing.T
	dir   string
	clock *clock.Virtual
	set   *scripts.Set
	last  *scripts.Snapshot
}

func newWorld(t *testing.T, archive string) *world {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, dir: dir, clock: clock.NewVirtual(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))}
	w.unpack(archive)
	w.set = scripts.New([]string{w.at("w")}, scripts.Options{
		Clock:      w.clock,
		Bundle:     bundle.Options{Base: dir},
		Generation: generation.Options{VM: vm.Options{Clock: w.clock}, SpareCost: time.Hour},
	})
	return w
}

// unpack writes the files of a txtar archive; "a -> b" is a symbolic link.
func (w *world) unpack(archive string) {
	w.t.Helper()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		if name, target, link := strings.Cut(f.Name, " -> "); link {
			w.do(os.MkdirAll(filepath.Dir(w.at(name)), 0o755))
			w.do(os.Symlink(target, w.at(name)))
		} else {
			w.write(f.Name, string(f.Data))
		}
	}
}

func (w *world) at(name string) string { return filepath.Join(w.dir, filepath.FromSlash(name)) }

func (w *world) do(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) write(name, text string) {
	w.t.Helper()
	w.do(os.MkdirAll(filepath.Dir(w.at(name)), 0o755))
	w.do(os.WriteFile(w.at(name), []byte(text), 0o644))
}

func (w *world) load() *scripts.Snapshot {
	w.t.Helper()
	snapshot, err := w.set.Load(context.Background())
	w.do(err)
	w.last = snapshot
	return snapshot
}

// save writes files and reloads them as one batch.
func (w *world) save(archive string) *scripts.Snapshot {
	w.t.Helper()
	var b watch.Batch
	for _, f := range txtar.Parse([]byte(archive)).Files {
		if _, err := os.Stat(w.at(f.Name)); err == nil {
			b.Changed = append(b.Changed, w.at(f.Name))
		} else {
			b.Added = append(b.Added, w.at(f.Name))
		}
	}
	w.unpack(archive)
	return w.reload(b)
}

func (w *world) reload(b watch.Batch) *scripts.Snapshot {
	w.t.Helper()
	snapshot, err := w.set.Reload(context.Background(), b)
	w.do(err)
	w.last = snapshot
	return snapshot
}

func (w *world) delete(names ...string) *scripts.Snapshot {
	w.t.Helper()
	var b watch.Batch
	for _, name := range names {
		w.do(filepath.WalkDir(w.at(name), func(path string, _ os.DirEntry, err error) error {
			b.Removed = append(b.Removed, path)
			return err
		}))
		w.do(os.RemoveAll(w.at(name)))
	}
	return w.reload(b)
}

// run runs a task of a snapshot and returns its output or "error: …".
func run(s *scripts.Snapshot, action string) string {
	return runOn(s.Runners[action], action)
}

func runOn(r generation.Runner, action string) string {
	if r == nil {
		return "no runner"
	}
	output, err := r.Run(context.Background(), invocation(action))
	if err != nil {
		return "error: " + err.Error()
	}
	return string(output)
}

func invocation(action string) *hatchet.Invocation {
	_, task, _ := strings.Cut(action, ":")
	return &hatchet.Invocation{
		Action: action, TaskName: task, WorkflowRunID: "w-1", TaskRunID: "t-1",
		Payload: []byte(`{"input":{}}`),
	}
}

// files renders the states of the files, without the folder w.
func files(s *scripts.Snapshot) string {
	var lines []string
	for _, f := range s.Files {
		line := strings.TrimPrefix(f.Name, "w/") + " " + string(f.State)
		if f.Serving != nil && f.State != scripts.NoWorkflow {
			line += fmt.Sprintf(" gen %d", f.Serving.Number)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// changes renders what a snapshot says it did.
func changes(s *scripts.Snapshot) string {
	var lines []string
	for _, c := range s.Changes {
		line := string(c.Kind) + " " + strings.TrimPrefix(c.File.Name, "w/")
		if c.From != "" {
			line += " from " + strings.TrimPrefix(c.From, "w/")
		}
		if len(c.Diff) > 0 {
			line += ": " + strings.Join(c.Diff, ", ")
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func (w *world) expect(what, got, want string) {
	w.t.Helper()
	if got != want {
		w.t.Errorf("%s:\n%s\nwant:\n%s", what, got, want)
	}
}

func workflowNames(s *scripts.Snapshot) []string {
	var list []string
	for _, wf := range s.Workflows {
		list = append(list, wf.Name)
	}
	return list
}

func (w *world) expectWorkflows(want ...string) {
	w.t.Helper()
	if got := workflowNames(w.last); !slices.Equal(got, want) {
		w.t.Errorf("serves %v, want %v", got, want)
	}
}

// task is a script with one standalone task that returns text.
func task(name, text string) string {
	return fmt.Sprintf("workflow.task(%q, () => (%q))\n", name, text)
}
