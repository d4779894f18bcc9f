package chaos

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
)

const inFlight = 200

// The workflow says which version of each of its two files it began and ended
// with. It ends when the gate's run has ended, so that all runs are in flight
// while the code changes.
const versioned = `
import { version as helper } from './helper.js'
const version = VERSION
workflow('versioned').description(version + ' ' + helper).task('work', { executionTimeout: '5m' }, async (input) => {
  const begin = [version, helper]
  while ((await hatchet.status(input.gate)) !== 'COMPLETED') await new Promise((r) => setTimeout(r, 50))
  return { begin, end: [version, helper] }
})
`

const gate = `
workflow.durableTask('gate', { executionTimeout: '5m' }, async (input, ctx) => {
  await ctx.waitFor({ eventKey: 'gate:open' })
})
`

func writeVersion(t *testing.T, dir, version string) {
	write(t, dir, "helper.js", "export const version = "+version)
	write(t, dir, "main.js", strings.ReplaceAll(versioned, "VERSION", version))
}

func TestSavingAFileUnderLoadLosesNothingAndMixesNothing(t *testing.T) {
	ctx := background(t)
	dir := t.TempDir()
	writeVersion(t, dir, "1")
	write(t, dir, "gate.js", gate)
	err := sdk.WithEngine(ctx, sdk.EngineOptions{}, func(ctx context.Context, engine *sdk.Engine) error {
		server, err := engine.Server("")
		if err != nil {
			return err
		}
		j := newJournal()
		options := sdk.Options{Server: server, Paths: []string{dir}, Slots: inFlight + 50, Watch: true}
		return serve(ctx, t, options, j, func() error {
			return sdk.WithClient(ctx, server, sdk.ClientOptions{}, func(client *sdk.Client) error {
				return reloadUnderLoad(ctx, t, client, j, dir)
			})
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}

func reloadUnderLoad(ctx context.Context, t *testing.T, client *sdk.Client, j *journal, dir string) error {
	gateID, err := client.Trigger(ctx, "gate", json.RawMessage(`{}`), sdk.RunOptions{})
	if err != nil {
		return err
	}
	input, _ := json.Marshal(map[string]string{"gate": gateID})
	start := func(n int) ([]string, error) {
		ids := make([]string, n)
		for i := range ids {
			if ids[i], err = client.Trigger(ctx, "versioned", input, sdk.RunOptions{}); err != nil {
				return nil, err
			}
		}
		return ids, nil
	}
	old, err := start(inFlight)
	if err != nil {
		return err
	}
	if err := j.await(ctx, "all runs to be in flight", func(events []sdk.Notice) bool {
		return count(events, func(e sdk.TaskStarted) bool { return e.Task == "work" }) >= inFlight
	}); err != nil {
		return err
	}
	write(t, dir, "main.js", "const broken = ;")
	if err := awaitStatus(ctx, j, sdk.FileFailed); err != nil {
		return err
	}
	writeVersion(t, dir, "2")
	if err := j.await(ctx, "the new code to serve", func(events []sdk.Notice) bool {
		return count(events, servesBoth) > 0
	}); err != nil {
		return err
	}
	fresh, err := start(50)
	if err != nil {
		return err
	}
	if _, err := client.PushEvent(ctx, sdk.Event{Key: "gate:open", Payload: json.RawMessage(`{}`)}); err != nil {
		return err
	}
	return checkVersions(ctx, t, client, old, fresh)
}

func checkVersions(ctx context.Context, t *testing.T, client *sdk.Client, old, fresh []string) error {
	for version, ids := range map[string][]string{"1": old, "2": fresh} {
		runs, err := waitAll(ctx, client, ids)
		if err != nil {
			return err
		}
		want := `{"work":{"begin":[` + version + `,` + version + `],"end":[` + version + `,` + version + `]}}`
		for _, run := range runs {
			if run.Status != sdk.StatusCompleted || string(run.Output) != want {
				t.Errorf("run %s: %s %s %s, want %s", run.ID, run.Status, run.Output, run.Error, want)
			}
		}
	}
	return nil
}

// servesBoth: the generation in which both files are at version 2 was loaded.
func servesBoth(e sdk.ScriptsLoaded) bool {
	if !e.Reload {
		return false
	}
	for _, file := range e.Files {
		for _, w := range file.Workflows {
			if w.Name == "versioned" && w.Description == "2 2" {
				return true
			}
		}
	}
	return false
}

func awaitStatus(ctx context.Context, j *journal, status sdk.FileStatus) error {
	return j.await(ctx, "a file to be "+string(status), func(events []sdk.Notice) bool {
		return count(events, func(e sdk.ScriptsLoaded) bool {
			for _, file := range e.Files {
				if file.Status == status {
					return true
				}
			}
			return false
		}) > 0
	})
}

func TestAFolderSwappedBySymlinkReloads(t *testing.T) {
	ctx := background(t)
	dir := t.TempDir()
	mount := func(name, text string) {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name, "task.js"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(name, filepath.Join(dir, "..data_tmp")); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(dir, "..data_tmp"), filepath.Join(dir, "..data")); err != nil {
			t.Fatal(err)
		}
	}
	mount("..2026_01", `workflow.task('mounted', () => ({ version: 1 }))`)
	if err := os.Symlink(filepath.Join("..data", "task.js"), filepath.Join(dir, "task.js")); err != nil {
		t.Fatal(err)
	}
	j := newJournal()
	err := sdk.WithEngine(ctx, sdk.EngineOptions{}, func(ctx context.Context, engine *sdk.Engine) error {
		server, err := engine.Server("")
		if err != nil {
			return err
		}
		options := sdk.Options{Server: server, Paths: []string{dir}, Watch: true}
		return serve(ctx, t, options, j, func() error {
			mount("..2026_02", `workflow.task('mounted', () => ({ version: 2 }))`)
			if err := j.await(ctx, "the reload", func(events []sdk.Notice) bool {
				return count(events, func(e sdk.ScriptsLoaded) bool { return e.Reload }) > 0
			}); err != nil {
				return err
			}
			return sdk.WithClient(ctx, server, sdk.ClientOptions{}, func(client *sdk.Client) error {
				ids, err := triggerAll(ctx, client, "mounted", 1)
				if err != nil {
					return err
				}
				runs, err := waitAll(ctx, client, ids)
				if err == nil && string(runs[0].Output) != `{"version":2}` {
					t.Errorf("output %s", runs[0].Output)
				}
				return err
			})
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}
