package conformance

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	// scenarioName is a scenario as the page of features names it, and goTest a
	// test of Go.
	scenarioName = regexp.MustCompile("`([a-z_]+/[a-z_]+)`")
	goTest       = regexp.MustCompile("`([a-z/]+)\\.(Test[A-Za-z]+)`")
)

// musts are rows that the page must have, beside those for scripts.
var musts = []string{"health", "metrics", "without a server", "virtual clock", "without Docker", "Hot reload", "does not load", "No runtime", "Windows"}

// Every row of the page of features names scenarios or tests that exist, or says
// that nothing proves it.
func TestFeaturesAreProven(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "sdk", "js", "FEATURES.md"))
	if err != nil {
		t.Fatal(err)
	}
	scripts, beside, _ := strings.Cut(string(text), "\n## Beside scripts\n")
	if rows := proven(t, scripts, "testdata"); rows < 40 {
		t.Errorf("the page has %d rows, and there are more features than that", rows)
	}
	if rows := proven(t, beside, filepath.Join("..", "cli", "testdata", "..")); rows < len(musts) {
		t.Errorf("beside scripts the page has %d rows", rows)
	}
	for _, must := range musts {
		if !strings.Contains(beside, must) {
			t.Errorf("the page says nothing about: %s", must)
		}
	}
}

// proven checks the rows of a part of the page and counts them.
func proven(t *testing.T, page, scenarios string) (rows int) {
	t.Helper()
	for line := range strings.Lines(page) {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| what |") {
			continue
		}
		rows++
		cells := strings.Split(strings.ReplaceAll(strings.TrimSpace(line), `\|`, "/"), "|")
		by := cells[len(cells)-2]
		named, tests := scenarioName.FindAllStringSubmatch(by, -1), goTest.FindAllStringSubmatch(by, -1)
		if len(named)+len(tests) == 0 && !strings.Contains(by, "not proven: ") {
			t.Errorf("nothing proves: %s", line)
		}
		for _, name := range named {
			if _, err := os.Stat(filepath.Join(scenarios, strings.Replace(name[1], "cli/", "testdata/", 1)+".txtar")); err != nil {
				t.Errorf("there is no scenario %s, which is to prove: %s", name[1], line)
			}
		}
		for _, name := range tests {
			if !hasTest(t, filepath.Join("..", "..", name[1]), name[2]) {
				t.Errorf("there is no test %s in %s, which is to prove: %s", name[2], name[1], line)
			}
		}
	}
	return rows
}

// hasTest reports whether a package has a test of Go.
func hasTest(t *testing.T, dir, name string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "\nfunc "+name+"(t *testing.T) {") {
			return true
		}
	}
	return false
}
