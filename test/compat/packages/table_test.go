package packages

import (
	"encoding/json"
	"os"
	"regexp"
	"testing"
)

const document = "../../../sdk/js/PACKAGES.md"

// row is a line of the document's table: a package, its version, and whether it
// works.
var row = regexp.MustCompile("(?m)^\\| `([a-z0-9.-]+)` \\| ([0-9.]+) \\| (works|no: .+?)(?: · .*)? \\|")

// gaps reads the table of the document: the packages that do not work, and why.
func gaps(t *testing.T) map[string]string {
	t.Helper()
	known := map[string]string{}
	for _, r := range rows(t) {
		if r[3] != "works" {
			known[r[1]] = r[3]
		}
	}
	return known
}

func rows(t *testing.T) [][]string {
	t.Helper()
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	return row.FindAllStringSubmatch(string(text), -1)
}

func TestTheTableNamesEveryPackageAndItsVersion(t *testing.T) {
	text, err := os.ReadFile("npm/package.json")
	if err != nil {
		t.Fatal(err)
	}
	var list struct{ Dependencies map[string]string }
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	told := map[string]string{}
	for _, r := range rows(t) {
		told[r[1]] = r[2]
	}
	for _, name := range cases(t) {
		if list.Dependencies[name] == "" {
			t.Errorf("%s is a case and not installed", name)
		}
	}
	for name, version := range list.Dependencies {
		if told[name] != version {
			t.Errorf("the table says %s %q, installed is %s", name, told[name], version)
		}
	}
}
