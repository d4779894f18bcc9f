package test262

import (
	_ "embed"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
)

//go:embed testdata/failures.txt
var recorded string

// record is the list of tests that are expected to fail. Its lines are:
//
//	feature Temporal       each test of the feature
//	built-ins/Atomics/     each test of the folder
//	built-ins/Array:       a folder of which the tests that follow fail
//	  is-a-concat-spreadable
type record struct{ lines map[string]bool } // to whether they were of use

func readRecord(text string) *record {
	r := &record{map[string]bool{}}
	folder := ""
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		name, isTest := strings.CutPrefix(line, "  ")
		switch {
		case line == "" || line[0] == '#':
		case isTest:
			r.lines[folder+"/"+name+".js"] = false
		case strings.HasSuffix(line, ":"):
			folder = strings.TrimSuffix(line, ":")
		default:
			r.lines[line] = false
		}
	}
	return r
}

// fails tells whether a test is expected to fail.
func (r *record) fails(t result) bool {
	found := false
	use := func(line string) {
		if _, ok := r.lines[line]; ok {
			r.lines[line], found = true, true
		}
	}
	use(t.path)
	for _, feature := range t.features {
		use("feature " + feature)
	}
	for folder := path.Dir(t.path); folder != "."; folder = path.Dir(folder) {
		use(folder + "/")
	}
	return found
}

func (r *record) unused() []string {
	var lines []string
	for _, line := range slices.Sorted(maps.Keys(r.lines)) {
		if !r.lines[line] {
			lines = append(lines, line)
		}
	}
	return lines
}

// tally counts tests and those of them that failed.
type tally struct{ all, failed int }

// fewest is how many tests a feature or a folder must have for a line of its own.
const fewest = 3

// writeRecord writes the failures as few lines. What was not run is as it was
// recorded.
func writeRecord(known *record, results []result) string {
	failed := map[string]bool{}
	for _, t := range results {
		failed[t.path] = t.failure != "" && t.failure != notRun || t.failure == notRun && known.fails(t)
	}
	var out strings.Builder
	count := 0
	for _, one := range failed {
		if one {
			count++
		}
	}
	fmt.Fprintf(&out, "# %d of %d tests passed; the others:\n\n", len(failed)-count, len(failed))
	rest := withoutWhole(&out, results, failed, "feature %s\n", func(t result) []string { return t.features })
	rest = withoutWhole(&out, rest, failed, "%s/\n", func(t result) []string {
		var above []string
		for folder := path.Dir(t.path); folder != "."; folder = path.Dir(folder) {
			above = append(above, folder)
		}
		return above
	})
	folder := ""
	for _, t := range rest {
		if !failed[t.path] {
			continue
		}
		if dir := path.Dir(t.path); dir != folder {
			folder = dir
			fmt.Fprintf(&out, "%s:\n", dir)
		}
		fmt.Fprintf(&out, "  %s\n", strings.TrimSuffix(path.Base(t.path), ".js"))
	}
	return out.String()
}

// withoutWhole writes a line for each group of which all tests failed, the
// outermost where groups have groups in them, and gives the tests in none.
func withoutWhole(out *strings.Builder, results []result, failed map[string]bool, format string, groups func(result) []string) []result {
	tallies := map[string]*tally{}
	for _, t := range results {
		for _, group := range groups(t) {
			if tallies[group] == nil {
				tallies[group] = &tally{}
			}
			tallies[group].all++
			if failed[t.path] {
				tallies[group].failed++
			}
		}
	}
	whole := func(group string) bool {
		tally := tallies[group]
		return tally != nil && tally.all == tally.failed && tally.all >= fewest
	}
	for _, group := range slices.Sorted(maps.Keys(tallies)) {
		if whole(group) && !whole(path.Dir(group)) {
			fmt.Fprintf(out, format, group)
		}
	}
	out.WriteByte('\n')
	return slices.DeleteFunc(slices.Clone(results), func(t result) bool { return slices.ContainsFunc(groups(t), whole) })
}

// What is written is read as the same failures.
func TestRecordsAreReadAsWritten(t *testing.T) {
	results := []result{
		{path: "a/b/1.js", features: []string{"F"}, failure: "x"}, {path: "a/b/2.js", features: []string{"F"}, failure: "x"}, {path: "a/b/3.js", features: []string{"F"}, failure: "x"},
		{path: "a/c/d/1.js", failure: "x"}, {path: "a/c/d/2.js", failure: "x"}, {path: "a/c/3.js", failure: "x"},
		{path: "a/e/1.js"}, {path: "a/e/2.js", features: []string{"G"}, failure: "x"}, {path: "a/e/3.js", failure: notRun}, {path: "a/e/4.js", failure: notRun},
	}
	text := writeRecord(readRecord("a/e:\n  3\n"), results)
	if want := "# 2 of 10 tests passed; the others:\n\nfeature F\n\na/c/\n\na/e:\n  2\n  3\n"; text != want {
		t.Errorf("wrote %q", text)
	}
	again := readRecord(text)
	for _, one := range results {
		if want := one.failure == "x" || one.path == "a/e/3.js"; again.fails(one) != want {
			t.Errorf("%s fails: %v", one.path, !want)
		}
	}
	if unused := again.unused(); len(unused) > 0 {
		t.Errorf("unused: %v", unused)
	}
}
