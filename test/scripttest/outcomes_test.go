// Package scripttest runs script tests whose outcomes are known and checks that
// the runner reports just those.
package scripttest

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
)

// event is a line of the JSON report.
type event struct {
	Event   string
	File    string
	Suites  []string
	Name    string
	Outcome string
	Reason  string
	Tries   int
	Tests   int
	Error   string
	Failure *struct {
		Message, Frame, Timeline, Rerun string
		At                              struct {
			File string
			Line int
		}
	}
	UnusedMocks []string
}

// run runs tests in a copy of a folder of testdata and returns the report.
func run(t *testing.T, folder string, options sdk.TestOptions) (events []event, raw string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", folder))); err != nil {
		t.Fatal(err)
	}
	options.Paths = []string{dir}
	return report(t, options)
}

func report(t *testing.T, options sdk.TestOptions) (events []event, raw string) {
	t.Helper()
	var out bytes.Buffer
	options.Reports = append(options.Reports, sdk.TestReport{Name: "json", Out: &out})
	options.Timeout = 5 * time.Minute // no test here depends on how fast the machine is
	if options.Seed == nil {
		seed := uint64(1)
		options.Seed = &seed
	}
	if _, err := sdk.Test(context.Background(), options); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out.String()) {
		var e event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		events = append(events, e)
	}
	return events, out.String()
}

// TestOutcomes runs a folder of tests. The name of each says what must become
// of it: "✗ words | title" fails with a message that contains the words, any
// other passes.
func TestOutcomes(t *testing.T) {
	events, _ := run(t, "outcomes", sdk.TestOptions{})
	tests := 0
	for _, e := range events {
		switch {
		case e.Event == "file" && e.Error != "":
			t.Errorf("%s does not load: %s", e.File, e.Error)
		case e.Event == "test":
			tests++
			t.Run(filepath.Base(e.File)+"/"+e.Name, func(t *testing.T) { e.check(t) })
		}
	}
	if tests < 60 {
		t.Errorf("only %d tests ran", tests)
	}
}

func (e *event) check(t *testing.T) {
	words, wanted := strings.CutPrefix(e.Name, "✗ ")
	words, _, _ = strings.Cut(words, " | ")
	switch {
	case e.Name == "left out" || e.Name == "to be written" || e.Name == "left out by only":
		if e.Outcome != "skipped" || e.Reason == "" {
			t.Errorf("is %s (%s), want skipped with a reason", e.Outcome, e.Reason)
		}
	case !wanted && e.Outcome != "passed":
		t.Errorf("%s:\n%+v", e.Outcome, e.Failure)
	case wanted && e.Outcome != "failed":
		t.Errorf("is %s, want a failure with %q", e.Outcome, words)
	case wanted:
		if !strings.Contains(e.Failure.Message, words) {
			t.Errorf("failed with\n%s\nwant %q", e.Failure.Message, words)
		}
		if e.Failure.Frame == "" || e.Failure.At.Line == 0 || !strings.Contains(e.Failure.Rerun, "--filter") {
			t.Errorf("the failure has no place, source or way to run it again: %+v", e.Failure)
		}
	}
}

// TestBrokenFiles loads files that are wrong in different ways.
func TestBrokenFiles(t *testing.T) {
	events, _ := run(t, "broken", sdk.TestOptions{})
	want := map[string]string{
		"fixture.test.js": "unknown key exspect",
		"none.test.js":    "does not import hatchet:test",
		"option.test.js":  "unknown option tz",
		"start.test.js":   "start.test.js:2:1: the option start is no time",
		"syntax.test.js":  `expected ")"`,
		"throws.test.js":  "at load",
	}
	for _, e := range events {
		if e.Event != "file" {
			continue
		}
		name := filepath.Base(e.File)
		if words := want[name]; words == "" || !strings.Contains(e.Error, words) {
			t.Errorf("%s: %q, want %q", name, e.Error, words)
		}
		delete(want, name)
	}
	if len(want) > 0 {
		t.Errorf("not reported: %v", want)
	}
}

// durations are what may differ between two runs with one seed, as is the
// folder of the test.
var durations = regexp.MustCompile(`"tookNs":\d+`)

// TestReportsAreTheSameWithOneSeed runs all tests there are, one after another and
// twice several at once.
func TestReportsAreTheSameWithOneSeed(t *testing.T) {
	dir := t.TempDir()
	for _, folder := range []string{"testdata/outcomes", "testdata/targets", "testdata/at-once", "../../examples"} {
		if err := os.CopyFS(filepath.Join(dir, filepath.Base(folder)), os.DirFS(folder)); err != nil {
			t.Fatal(err)
		}
	}
	var first string
	for _, jobs := range []int{1, 8, 8} {
		// CI: the first run must not write snapshots that the second one finds.
		_, raw := report(t, sdk.TestOptions{Paths: []string{dir}, Base: dir, Jobs: jobs, CI: true})
		raw = durations.ReplaceAllString(raw, "")
		if first == "" {
			first = raw
		}
		if raw != first {
			t.Errorf("with %d jobs the report differs:\n%s", jobs, difference(first, raw))
		}
	}
}

func difference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range x {
		if i >= len(y) || x[i] != y[i] {
			return x[i] + "\n" + strings.Join(y[i:min(i+1, len(y))], "")
		}
	}
	return ""
}

func TestSnapshotsAreKeptAndAccepted(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "a.test.js")
	write := func(value string) {
		text := "import { test, expect } from 'hatchet:test'\ntest('s', () => { expect(" + value + ").toMatchSnapshot() })\n"
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	outcome := func(options sdk.TestOptions) string {
		options.Paths = []string{dir}
		events, _ := report(t, options)
		for _, e := range events {
			if e.Event == "test" {
				return e.Outcome
			}
		}
		return ""
	}
	write("1")
	if got := outcome(sdk.TestOptions{CI: true}); got != "failed" {
		t.Errorf("a missing snapshot on CI: %s", got)
	}
	for _, step := range []struct {
		value, want string
		options     sdk.TestOptions
	}{
		{"1", "passed", sdk.TestOptions{}},
		{"1", "passed", sdk.TestOptions{CI: true}},
		{"2", "failed", sdk.TestOptions{}},
		{"2", "passed", sdk.TestOptions{Update: true}},
		{"2", "passed", sdk.TestOptions{}},
	} {
		write(step.value)
		if got := outcome(step.options); got != step.want {
			t.Errorf("value %s with %+v: %s, want %s", step.value, step.options, got, step.want)
		}
	}
}

func TestShardsHaveEachTestOnce(t *testing.T) {
	seen := map[string]int{}
	for shard := 1; shard <= 3; shard++ {
		events, _ := run(t, "outcomes", sdk.TestOptions{Shard: shard, Shards: 3, Filter: "/^(equality|throwing|streams|children)$/"})
		for _, e := range events {
			if e.Event == "test" {
				seen[e.Name]++
			}
		}
	}
	if len(seen) != 4 || seen["equality"] != 1 || seen["children"] != 1 {
		t.Errorf("ran %v", seen)
	}
}
