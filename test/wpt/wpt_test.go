package wpt

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// folders are what concerns scripts of a worker.
var folders = []string{
	"url", "encoding", "streams", "WebCryptoAPI", "FileAPI", "dom/abort", "dom/events", "hr-time", "compression", "fetch/api/headers",
	"html/webappapis/atob", "html/webappapis/structured-clone", "html/webappapis/microtask-queuing", "html/webappapis/timers", "urlpattern",
}

func TestSuite(t *testing.T) {
	dir := os.Getenv("WPT_DIR")
	if dir == "" {
		t.Skip("WPT_DIR names no copy of the Web Platform Tests")
	}
	s := suite{dir}
	found := map[string]string{}
	for _, folder := range folders {
		_ = filepath.WalkDir(filepath.Join(dir, folder), func(path string, entry os.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(path, ".any.js") {
				name, _ := filepath.Rel(dir, path)
				t.Run(name, func(t *testing.T) { found[name] = s.test(t, name) })
			}
			return nil
		})
	}
	compare(t, found)
}

//go:embed testdata/results.txt
var recorded string

// compare compares what was found with what is recorded; the files that a copy
// of the suite lacks, or that -run leaves out, do not matter. WPT_RECORD names a
// file for the results.
func compare(t *testing.T, found map[string]string) {
	var lines []string
	for name, result := range found {
		if result != "" {
			lines = append(lines, name+" "+result)
		}
	}
	slices.Sort(lines)
	if file := os.Getenv("WPT_RECORD"); file != "" {
		if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	known := strings.Split(recorded, "\n")
	for _, line := range lines {
		if !slices.Contains(known, line) {
			t.Errorf("%s is not what is recorded", line)
		}
	}
}

// test runs a file and gives "passed/all".
func (s suite) test(t *testing.T, name string) string {
	file := filepath.Join(s.dir, name)
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	variants := meta(string(source), "variant")
	if len(variants) == 0 {
		variants = []string{""}
	}
	var failed []string
	total := 0
	for _, variant := range variants {
		list, err := s.run(t, file, variant)
		if err != nil {
			failed = append(failed, fmt.Sprintf("all of it: %v", err))
		}
		total += len(list)
		for _, o := range list {
			if o.Status != 0 {
				failed = append(failed, fmt.Sprintf("%q: %s", o.Name, o.Message))
			}
		}
	}
	slices.Sort(failed)
	for _, f := range failed {
		t.Log(f)
	}
	return fmt.Sprintf("%d/%d", max(0, total-len(failed)), total)
}
