package scripttest

import (
	"bytes"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
)

// selected are the names of tests that were run.
func selected(t *testing.T, o sdk.TestOptions) string {
	t.Helper()
	events, _ := report(t, o)
	var names []string
	for name, outcome := range outcomes(events) {
		if outcome != "skipped" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, ",")
}

func TestTestsAreChosenByLine(t *testing.T) {
	dir := write(t, map[string]string{
		"a.test.js": "import { test, describe } from 'hatchet:test'\ntest('one', () => {\n  // here\n})\ndescribe('g', () => {\n  test.each([1, 2])('two %s', () => {})\n})\n",
		"b.test.js": "import { test } from 'hatchet:test'\ntest('three', () => {})\n",
	})
	a, b := filepath.Join(dir, "a.test.js"), filepath.Join(dir, "b.test.js")
	for paths, want := range map[string]string{
		a + ":2": "one", a + ":3": "one", a + ":6": "two 1,two 2", a + ":6:12": "two 1,two 2", a + ":3 " + a + ":6": "one,two 1,two 2",
		a + ":2 " + b: "one,three", a + ":2 " + a: "one,two 1,two 2", a + ":2 " + dir: "one,three",
	} {
		if got := selected(t, sdk.TestOptions{Paths: strings.Fields(paths), Base: dir}); got != want {
			t.Errorf("%s: %s, want %s", strings.ReplaceAll(paths, dir, ""), got, want)
		}
	}
	if _, err := sdk.Test(t.Context(), sdk.TestOptions{Paths: []string{a + ":1"}, Base: dir}); err == nil || !strings.Contains(err.Error(), "no test matches") {
		t.Errorf("a line above all tests: %v", err)
	}
}

func TestTestsAreChosenByWhatHasChanged(t *testing.T) {
	dir := write(t, map[string]string{
		"work.js": "export const work = workflow.task('work', () => ({}))\n", "other.js": "",
		"a.test.js": "import { test } from 'hatchet:test'\nimport './work'\ntest('one', () => {})\n",
		"b.test.js": "import { test } from 'hatchet:test'\ntest('two', () => {})\n",
	})
	for changed, want := range map[string]string{"work.js": "one", "b.test.js": "two", "work.js b.test.js": "one,two"} {
		var files []string
		for _, name := range strings.Fields(changed) {
			files = append(files, filepath.Join(dir, name))
		}
		if got := selected(t, sdk.TestOptions{Paths: []string{dir}, Changed: files}); got != want {
			t.Errorf("%s: %s, want %s", changed, got, want)
		}
	}
	if _, err := sdk.Test(t.Context(), sdk.TestOptions{Paths: []string{dir}, Changed: []string{filepath.Join(dir, "other.js")}}); err == nil {
		t.Error("tests run that are made of nothing that has changed")
	}
}

func TestSoManyFailuresAreEnough(t *testing.T) {
	dir := write(t, map[string]string{"a.test.js": `import { test, expect } from 'hatchet:test'
test.each([1, 2, 3, 4])('fails %d', () => expect.fail('so'))
`})
	for most, want := range map[int]string{0: "fails 1,fails 2,fails 3,fails 4", 1: "fails 1", 3: "fails 1,fails 2,fails 3"} {
		if got := selected(t, sdk.TestOptions{Paths: []string{dir}, Jobs: 1, FailFast: most}); got != want {
			t.Errorf("fail fast %d: %s, want %s", most, got, want)
		}
	}
}

func TestVirtualTimeIsLimited(t *testing.T) {
	dir := write(t, map[string]string{"a.test.js": `import { test, expect } from 'hatchet:test'
const naps = workflow.durableTask('naps', async (input, ctx) => { for (let i = 0; i < 40; i++) await ctx.sleepFor('24h'); return {} })
test('naps', async (t) => { await t.run(naps, {}) })
`})
	for limit, want := range map[time.Duration]string{0: "passed", 30 * 24 * time.Hour: "ClockRunaway", 41 * 24 * time.Hour: "passed"} {
		events, _ := report(t, sdk.TestOptions{Paths: []string{dir}, MaxVirtual: limit})
		if got := outcomes(events)["naps"]; !strings.Contains(got, want) {
			t.Errorf("at most %s: %s, want %s", limit, got, want)
		}
	}
}

// TestTheCommandThatRunsATestAgain runs just that test.
func TestTheCommandThatRunsATestAgain(t *testing.T) {
	dir := write(t, map[string]string{"a.test.js": `import { test, expect } from 'hatchet:test'
test('a', () => expect.fail('so'))
test('a (b)', () => expect.fail('so'))
test('a (b) c', () => expect.fail('so'))
`})
	events, _ := report(t, sdk.TestOptions{Paths: []string{dir}, Base: dir})
	want, got := map[string]string{"a": `/^a$/`, "a (b)": `/^a \(b\)$/`, "a (b) c": "a (b) c"}, map[string]string{}
	for _, e := range events {
		if e.Failure == nil {
			continue
		}
		_, rest, _ := strings.Cut(e.Failure.Rerun, "--filter '")
		got[e.Name], _, _ = strings.Cut(rest, "' --seed 1")
		if again := selected(t, sdk.TestOptions{Paths: []string{dir}, Filter: got[e.Name]}); again != e.Name {
			t.Errorf("%s runs %s", e.Failure.Rerun, again)
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestTheReportForAgents(t *testing.T) {
	var out bytes.Buffer
	dir := write(t, map[string]string{
		"a.test.js": "import { test, expect } from 'hatchet:test'\ntest('fine', () => {})\ntest('wrong', () => expect(1).toBe(2))\n", "b.test.js": "import",
	})
	report(t, sdk.TestOptions{Paths: []string{dir}, Base: dir, Reports: []sdk.TestReport{{Name: "agent", Out: &out}}})
	for _, words := range []string{
		"NOT LOADED b.test.js\n", "FAILED a.test.js:3:", " wrong\n  expect(received).toBe(expected)", "again: hatchet-js-worker test a.test.js",
		"1 passed, 1 failed", "exit code 1\n",
	} {
		if !strings.Contains(out.String(), words) {
			t.Errorf("no %q in\n%s", words, out.String())
		}
	}
	if strings.Contains(out.String(), "fine") {
		t.Errorf("what passed is told:\n%s", out.String())
	}
}
