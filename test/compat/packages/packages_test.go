// Package packages runs small real uses of npm packages twice: by Node, and as
// tasks here. npm/ names the versions; testdata/cases has one file for each.
// Whatever a case gives must be equal, to the letter.
package packages

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
	"github.com/hatchet-js/hatchet-js-worker/test/compat/nodejs"
)

// patience bounds every wait; it is far above what a slow machine needs.
const patience = 100 * time.Second

// The clock of the regular expressions runs on for a moment after a match.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/dlclark/regexp2/v2.runClock"))
}

// outcome is what one case gave: JSON text, or why it gave nothing.
type outcome struct{ Name, Value, Error string }

func TestPackagesGiveWhatTheyGiveInNode(t *testing.T) {
	modules := nodejs.Modules(t, "npm")
	server := httptest.NewServer(newService())
	defer server.Close()
	dir := stage(t, modules)
	theirs := inNode(t, dir, server.URL)
	ours := here(t, dir, server.URL)
	known := gaps(t)
	for name := range known {
		if _, there := theirs[name]; !there {
			t.Errorf("the table has %s, of which there is no case", name)
		}
	}
	for name, want := range theirs {
		t.Run(name, func(t *testing.T) { compare(t, want, ours[name], known[name]) })
	}
}

func compare(t *testing.T, want, got outcome, known string) {
	switch failed := got.Error != "" || got.Value != want.Value; {
	case want.Error != "":
		t.Fatalf("it fails in Node: %s", want.Error)
	case known != "" && !failed:
		t.Error("it works now: say so in the table")
	case failed && known != "":
		t.Logf("got  %s%s\nwant %s", got.Value, got.Error, want.Value)
	case failed:
		t.Errorf("got  %s%s\nwant %s", got.Value, got.Error, want.Value)
	}
}

// stage is a folder with the cases, the packages, and a script for each case
// that makes a task of it.
func stage(t *testing.T, modules string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(modules, filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "scripts"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range cases(t) {
		script := fmt.Sprintf("import run from '../cases/%s.mjs'\nworkflow.task('%s', async (input) => ({ value: JSON.stringify(await run(input)) }))\n", name, name)
		if err := os.WriteFile(filepath.Join(dir, "scripts", name+".js"), []byte(script), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func cases(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/cases/*.mjs")
	if err != nil || len(files) < 32 {
		t.Fatalf("only %d cases, %v", len(files), err)
	}
	for i, file := range files {
		files[i] = strings.TrimSuffix(filepath.Base(file), ".mjs")
	}
	return files
}

func inNode(t *testing.T, dir, base string) map[string]outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", "run.mjs", base)
	var complaint bytes.Buffer
	cmd.Dir, cmd.Stderr, cmd.WaitDelay = dir, &complaint, time.Second
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, complaint.String())
	}
	all := map[string]outcome{}
	for decoder := json.NewDecoder(bytes.NewReader(out)); decoder.More(); {
		var one outcome
		if err := decoder.Decode(&one); err != nil {
			t.Fatalf("%v in\n%s", err, out)
		}
		all[one.Name] = one
	}
	if len(all) != len(cases(t)) {
		t.Fatalf("Node ran %d cases of %d", len(all), len(cases(t)))
	}
	return all
}

// here runs the cases as tasks.
func here(t *testing.T, dir, base string) map[string]outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	all := map[string]outcome{}
	loaded := make(chan []sdk.File, 1)
	options := sdk.Options{
		Paths:       []string{filepath.Join(dir, "scripts")},
		LoadTimeout: patience,
		Permissions: sdk.Permissions{Rules: sdk.Rules{sdk.PermitNet: sdk.Grant{Allow: []string{strings.TrimPrefix(base, "http://")}}}},
		Observer: func(n sdk.Notice) {
			if e, first := n.(sdk.ScriptsLoaded); first && !e.Reload {
				loaded <- e.Files
			}
		},
	}
	err := sdk.WithLocal(ctx, options, func(client *sdk.Client) error {
		for _, file := range <-loaded {
			name := strings.TrimSuffix(filepath.Base(file.Path), ".js")
			if file.Error != nil {
				all[name] = outcome{Name: name, Error: "it does not load: " + file.Error.Message}
				continue
			}
			all[name] = runHere(ctx, client, name, base)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func runHere(ctx context.Context, client *sdk.Client, name, base string) outcome {
	input, err := json.Marshal(map[string]string{"base": base})
	if err != nil {
		return outcome{Name: name, Error: err.Error()}
	}
	id, err := client.Trigger(ctx, name, input, sdk.RunOptions{})
	if err != nil {
		return outcome{Name: name, Error: err.Error()}
	}
	run, err := client.Wait(ctx, id)
	if err != nil {
		return outcome{Name: name, Error: err.Error()}
	}
	got := outcome{Name: name, Error: run.Error}
	if run.Error == "" {
		if err := json.Unmarshal(run.Output, &got); err != nil {
			got.Error = err.Error()
		}
	}
	return got
}
