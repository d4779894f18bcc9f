package wpt

import (
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
	for _, folder := range folders {
		_ = filepath.WalkDir(filepath.Join(dir, folder), func(path string, entry os.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(path, ".any.js") {
				name, _ := filepath.Rel(dir, path)
				t.Run(name, func(t *testing.T) { s.test(t, name) })
			}
			return nil
		})
	}
}

func (s suite) test(t *testing.T, name string) {
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
	t.Logf("RESULT %s %d/%d", name, total-len(failed), total)
}
