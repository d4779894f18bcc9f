package conformance

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// scenarioName is a scenario as the page of features names it.
var scenarioName = regexp.MustCompile("`([a-z_]+/[a-z_]+)`")

// Every row of the page of features names scenarios that exist.
func TestFeaturesAreProven(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "sdk", "js", "FEATURES.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| what |") {
			continue
		}
		rows++
		cells := strings.Split(strings.ReplaceAll(strings.TrimSpace(line), `\|`, "/"), "|")
		named := scenarioName.FindAllStringSubmatch(cells[len(cells)-2], -1)
		if len(named) == 0 {
			t.Errorf("no scenario proves: %s", line)
		}
		for _, name := range named {
			if _, err := os.Stat(filepath.Join("testdata", filepath.FromSlash(name[1])+".txtar")); err != nil {
				t.Errorf("there is no scenario %s, which is to prove: %s", name[1], line)
			}
		}
	}
	if rows < 40 {
		t.Errorf("the page has %d rows, and there are more features than that", rows)
	}
}
