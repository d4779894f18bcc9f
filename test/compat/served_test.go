package compat

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
)

// servedApart are groups that make demands on their worker which others do not
// share.
var servedApart = []string{"groups/admin"}

// unserved are groups that our worker cannot serve, and why.
var unserved = map[string]string{
	"groups/queueing": "its workers differ by labels and slots; here all workers of a file are one",
}

// differs are cases that go another way with our worker, and why.
var differs = map[string]string{
	"durable: a waiting run is cancelled":                  "the last words of its handler were missing twice on a busy machine; why is not known",
	"planning: a paused worker gets no work":               "it pauses one of a file's workers; here all workers of a file are one",
	"control: a task that does not listen stays cancelled": "it expects the task to run on after it was cancelled; here it is stopped",
}

// programSettings give handlers that are told to stop all the time that a busy
// machine needs.
const programSettings = `{ "limits": { "grace": "80s" } }`

// TestGroupsServedByOurWorker has our worker serve the workflows of the groups,
// unmodified, and the official client run their cases. Most groups share one
// engine, one worker and one client, to be quick.
func TestGroupsServedByOurWorker(t *testing.T) {
	t.Parallel()
	requireSDK(t)
	files, err := filepath.Glob("testdata/groups/*.mjs")
	if err != nil || len(files) == 0 {
		t.Fatalf("no groups: %v", err)
	}
	var together []string
	for _, file := range files {
		group := "groups/" + strings.TrimSuffix(filepath.Base(file), ".mjs")
		if unserved[group] == "" && !slices.Contains(servedApart, group) {
			together = append(together, group)
		}
	}
	t.Run("together", func(t *testing.T) { serveGroups(t, together) })
	for _, group := range servedApart {
		t.Run(filepath.Base(group), func(t *testing.T) { serveGroups(t, []string{group}) })
	}
}

// serveGroups serves groups by one worker of ours and runs their cases.
func serveGroups(t *testing.T, groups []string) {
	s := newStage(t)
	programs := s.programs(t, groups)
	skipped, err := json.Marshal(slices.Sorted(maps.Keys(differs)))
	if err != nil {
		t.Fatal(err)
	}
	env := append(startEngine(t, sdk.EngineOptions{}), "COMPAT_JOURNALS=each", "COMPAT_SKIP="+string(skipped))
	worker := launch(t, "our worker", s.ours(t, env, "worker", programs, "-A", "--log-level", "info", "--log-format", "text"))
	worker.await(t, "worker connected")
	reportCases(t, s.start(t, env, append([]string{"client"}, groups...)...))
	worker.terminate(t)
}

// programs writes a program for each group and returns their folder.
func (s *stage) programs(t *testing.T, groups []string) string {
	t.Helper()
	dir := filepath.Join(s.dir, "programs")
	template, err := os.ReadFile(filepath.Join(s.dir, "serve.mjs"))
	if err == nil {
		err = os.Mkdir(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "hatchet-js.json"), []byte(programSettings), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, group := range groups {
		program := strings.ReplaceAll(string(template), "GROUP", group)
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(group)+".mjs"), []byte(program), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
