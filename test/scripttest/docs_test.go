package scripttest

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
)

const guide = "../../sdk/js/TESTING.md"

// block matches a block of code of the guide.
var block = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")

// guideFiles writes the files of the guide into a folder: those that begin with
// a line that names them, and the fixture.
func guideFiles(t *testing.T, dir string) (failure string) {
	t.Helper()
	text, err := os.ReadFile(guide)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, match := range block.FindAllStringSubmatch(string(text), -1) {
		language, code := match[1], match[2]
		first, rest, _ := strings.Cut(code, "\n")
		switch name, named := strings.CutPrefix(first, "// file: "); {
		case named:
			write(name, rest)
		case language == "json":
			write("fixtures/paid.json", code)
		case language == "" && strings.HasPrefix(code, "✗"):
			failure = code
		}
	}
	write("fixtures.test.js", "import { test } from 'hatchet:test'\nimport { dunning } from './dunning'\ntest.fixtures('./fixtures/*.json', dunning)\n")
	return failure
}

func TestTheGuideHolds(t *testing.T) {
	dir := t.TempDir()
	failure := guideFiles(t, dir)
	events, _ := report(t, sdk.TestOptions{Paths: []string{dir}})
	passed := 0
	for _, e := range events {
		switch {
		case e.Event == "file" && e.Error != "":
			t.Errorf("%s: %s", e.File, e.Error)
		case e.Event == "test" && e.Outcome != "passed":
			t.Errorf("%s: %+v", e.Name, e.Failure)
		case e.Event == "test":
			passed++
		}
	}
	if passed != 5 {
		t.Errorf("%d tests passed, want 5", passed)
	}
	t.Run("failure", func(t *testing.T) { showsFailure(t, dir, failure) })
}

// showsFailure makes the guide's second test fail and compares what is printed.
func showsFailure(t *testing.T, dir, want string) {
	path := filepath.Join(dir, "dunning.test.js")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	right := "toEqual({ paid: true, reminders: 1 })"
	broken := strings.Replace(string(text), right, strings.Replace(right, "1", "2", 1), 1)
	if err := os.WriteFile(path, []byte(broken), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	var out bytes.Buffer
	seed := uint64(1)
	_, err = sdk.Test(context.Background(), sdk.TestOptions{
		Paths: []string{"."}, Filter: "stops when", Seed: &seed, Timeout: 5 * time.Minute,
		Reports: []sdk.TestReport{{Name: "pretty", Out: &out}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if want == "" || !strings.Contains(out.String(), strings.TrimSpace(want)) {
		t.Errorf("prints\n%s\nthe guide has\n%s", out.String(), want)
	}
}

func TestTheTestsOfTheExamplesPass(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../../examples")); err != nil {
		t.Fatal(err)
	}
	events, _ := report(t, sdk.TestOptions{Paths: []string{dir}})
	passed := 0
	for _, e := range events {
		switch {
		case e.Event == "file" && (e.Error != "" || e.Tests == 0):
			t.Errorf("%s: %d tests, %s", e.File, e.Tests, e.Error)
		case e.Event == "test" && e.Outcome == "passed":
			passed++
		case e.Event == "test":
			t.Errorf("%s %s: %+v", e.Name, e.Outcome, e.Failure)
		}
	}
	if passed < 10 {
		t.Errorf("%d tests passed, want 10 at least", passed)
	}
}
