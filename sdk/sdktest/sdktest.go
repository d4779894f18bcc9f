// Package sdktest runs the tests of scripts as tests of Go. Each script test and
// each fixture is a subtest, in an engine, with a worker and on a virtual clock
// of its own: a durable task that sleeps for a month takes milliseconds.
//
//	//go:embed workflows
//	var files embed.FS
//
//	func TestWorkflows(t *testing.T) {
//		sdktest.Run(t, files, "workflows/*.test.ts")
//		sdktest.Run(t, files, "workflows/fixtures/*.json", sdktest.Options{Workflow: "invoice"})
//	}
package sdktest

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/scripts/discover"
	"github.com/hatchet-js/hatchet-js-worker/sdk"
)

// Options of [Run].
type Options struct {
	// Workflow is the one that fixtures without a "workflow" of their own run; "" =
	// the only one that the scripts declare.
	Workflow string
	// Modules are Go functions that the scripts may import.
	Modules []sdk.NativeModule
	// Tasks are tasks of Go, served beside those of the scripts.
	Tasks []sdk.NativeTask
	// Seed is that of Math.random in the tests.
	Seed uint64
	// Timeout is how long one test may take on the wall clock; 0 = a minute, for
	// packages of Go tests share a machine, and go test has a limit of its own.
	Timeout time.Duration
}

// Run runs the files of files that a pattern of [path.Match] stands for, and
// waits for them. Files ending in .json are fixtures (sdk/js/TESTING.md) and run
// with all scripts of files; others are script tests. Subtests are named by file
// and test. The text of a failure is its message, the place in the script, and
// what happened, on virtual time. A pattern that stands for no file is a
// failure. There is one value of options at most.
//
// The files are copied to a temporary folder, packages in node_modules included.
// Snapshots are compared and never written: the command's test does that.
func Run(t *testing.T, files fs.FS, pattern string, options ...Options) {
	t.Helper()
	var o Options
	for _, given := range options {
		o = given
	}
	found, err := fs.Glob(files, pattern)
	if err != nil || len(found) == 0 {
		t.Fatalf("sdktest: no file matches %q (error: %v)", pattern, err)
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatalf("sdktest: %v", err)
	}
	if err := os.CopyFS(dir, files); err != nil {
		t.Fatalf("sdktest: copy the scripts: %v", err)
	}
	tests, err := o.testFiles(t.Context(), dir, found)
	if err != nil {
		t.Fatalf("sdktest: %v", err)
	}
	reporter := &subtests{t: t, dir: dir + string(filepath.Separator)}
	_, err = sdk.Test(t.Context(), sdk.TestOptions{
		Paths: tests, Base: dir, Modules: o.Modules, Tasks: o.Tasks, Seed: &o.Seed, CI: true, Timeout: cmp.Or(o.Timeout, time.Minute), Reporters: []sdk.TestReporter{reporter},
	})
	if err != nil && !reporter.told {
		t.Errorf("sdktest: %v", err)
	}
}

// testFiles are the paths of the test files; fixtures get one that runs them.
func (o Options) testFiles(ctx context.Context, dir string, found []string) ([]string, error) {
	var tests, fixtures []string
	for _, name := range found {
		if path.Ext(name) == ".json" {
			fixtures = append(fixtures, name)
		} else {
			tests = append(tests, filepath.Join(dir, filepath.FromSlash(name)))
		}
	}
	if len(fixtures) == 0 {
		return tests, nil
	}
	workflow, err := o.workflow(ctx, dir)
	if err != nil {
		return nil, err
	}
	runner := filepath.Join(dir, fixtureRunner)
	source, err := runnerOf(dir, fixtures, workflow)
	if err != nil {
		return nil, err
	}
	return append(tests, runner), os.WriteFile(runner, []byte(source), 0o600)
}

// workflow is the one that fixtures run; "" if it cannot be told.
func (o Options) workflow(ctx context.Context, dir string) (string, error) {
	if o.Workflow != "" {
		return o.Workflow, nil
	}
	report, err := sdk.Check(ctx, []string{dir}, sdk.LoadOptions{Modules: o.Modules, Tasks: o.Tasks})
	if err != nil || report.Workflows != 1 {
		return "", err
	}
	for _, file := range report.Files {
		for _, declared := range file.Workflows {
			return declared.Name, nil
		}
	}
	return "", nil
}

// fixtureRunner names the test file that is written for fixtures.
const fixtureRunner = "sdktest-fixtures.test.js"

// runnerOf is a test file that imports all scripts and runs fixtures.
func runnerOf(dir string, fixtures []string, workflow string) (string, error) {
	scripts, err := discover.Files([]string{dir})
	if err != nil {
		return "", err
	}
	var out strings.Builder
	out.WriteString("import { test } from 'hatchet:test'\n")
	for _, script := range scripts {
		name, err := filepath.Rel(dir, script.Path)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&out, "import %s\n", strconv.Quote("./"+filepath.ToSlash(name)))
	}
	slices.Sort(fixtures)
	for _, fixture := range fixtures {
		if workflow == "" {
			fmt.Fprintf(&out, "test.fixtures(%s)\n", strconv.Quote(fixture))
		} else {
			fmt.Fprintf(&out, "test.fixtures(%s, %s)\n", strconv.Quote(fixture), strconv.Quote(workflow))
		}
	}
	return out.String(), nil
}

// subtests makes a subtest of each result.
type subtests struct {
	t    *testing.T
	dir  string // the temporary folder, which texts do not show
	told bool   // there was something to say
}

// Start implements [sdk.TestReporter].
func (s *subtests) Start(int, uint64) {}

// File implements [sdk.TestReporter]: a file that does not load is a failure.
func (s *subtests) File(f sdk.TestFile) {
	s.told = true
	if f.Error != "" {
		s.t.Run(f.File, func(t *testing.T) { t.Error("does not load:\n" + strings.ReplaceAll(f.Detail, s.dir, "")) })
	}
}

// Test implements [sdk.TestReporter].
func (s *subtests) Test(r *sdk.TestResult) {
	name := r.FullName()
	if r.File != fixtureRunner {
		name = r.File + "/" + name
	}
	s.t.Run(name, func(t *testing.T) {
		switch {
		case r.Failure != nil:
			t.Error(strings.ReplaceAll(text(r), s.dir, ""))
		case r.Reason != "":
			t.Skip(r.Reason)
		}
	})
}

// End implements [sdk.TestReporter].
func (s *subtests) End(sdk.TestSummary) error { return nil }

// text is what a person needs to know of a failure.
func text(r *sdk.TestResult) string {
	f := r.Failure
	var out strings.Builder
	out.WriteString(f.Message + "\n")
	if f.Frame != "" {
		fmt.Fprintf(&out, "\n%s\n%s", f.At, f.Frame)
	}
	if f.Timeline != "" {
		fmt.Fprintf(&out, "\ntimeline, virtual time\n%s", f.Timeline)
	}
	for _, line := range r.Lines {
		fmt.Fprintf(&out, "console %s: %s\n", line.Level, line.Text)
	}
	return out.String()
}
