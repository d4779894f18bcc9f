package test262

import (
	"context"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"
)

// folders are the parts of the suite; staging has tests that its own authors do
// not vouch for yet.
var folders = []string{"annexB", "built-ins", "harness", "intl402", "language"}

// result is what became of one test: "" when it passed.
type result struct {
	path, failure string
	features      []string
}

func TestSuite(t *testing.T) {
	dir := os.Getenv("TEST262_DIR")
	if dir == "" {
		t.Skip("TEST262_DIR names no copy of test262")
	}
	s := &suite{dir: dir}
	results, err := s.run(t.Context(), os.Getenv("TEST262_ONLY"))
	if err != nil {
		t.Fatal(err)
	}
	known := readRecord(recorded)
	if file := os.Getenv("TEST262_RECORD"); file != "" {
		if err := os.WriteFile(file, []byte(writeRecord(known, results)), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	compare(t, known, results)
}

// run runs the tests whose paths begin with only. Of the others it tells that
// they were not run.
func (s *suite) run(ctx context.Context, only string) ([]result, error) {
	paths, err := list(s.dir, folders)
	if err != nil {
		return nil, err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	results := make([]result, len(paths))
	for i, path := range paths {
		group.Go(func() error {
			t, err := readTest(s.dir, path)
			if err != nil || !t.applies() {
				return err
			}
			results[i] = result{path: path, features: t.Features, failure: notRun}
			if strings.HasPrefix(path, only) {
				results[i].failure = text(s.outcome(ctx, t))
			}
			return nil
		})
	}
	err = group.Wait()
	return slices.DeleteFunc(results, func(r result) bool { return r.path == "" }), err
}

// notRun marks tests that TEST262_ONLY leaves out.
const notRun = "not run"

// text keeps of an error no more than its text: it could hold a whole VM.
func text(err error) string {
	if err == nil {
		return ""
	}
	return "failed: " + err.Error()
}

// compare wants the failures to be exactly those that are recorded.
func compare(t *testing.T, known *record, results []result) {
	passed, run := 0, 0
	for _, r := range results {
		expected := known.fails(r)
		if r.failure == notRun {
			continue
		}
		run++
		switch {
		case r.failure == "":
			passed++
			if expected {
				t.Errorf("%s passes", r.path)
			}
		case !expected:
			t.Errorf("%s %s", r.path, r.failure)
		}
	}
	for _, line := range known.unused() {
		t.Errorf("the record names %q, which the suite does not have", line)
	}
	t.Logf("%d of %d passed", passed, run)
}
