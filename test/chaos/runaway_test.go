package chaos

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
)

// Each of these holds its VM in another way. They have a second; the guarded
// one fails at once.
const runaway = `
const options = { executionTimeout: '1s' }
workflow.task('loop', options, () => { while (true) {} })
workflow.task('microtasks', options, async () => { for (;;) await null })
workflow.task('recursion', options, () => { const f = (n) => f(n + 1) + 1; return f(0) })
workflow.task('regexp', options, () => { while (true) /^(?=a)(a+)+$/.test('a'.repeat(60) + 'b') })
workflow.task('memory', options, () => Array(1e8).fill(0))
workflow.task('quick', (input) => ({ n: input.n }))
`

var runawayErrors = map[string]string{
	"loop":       "Task exceeded timeout of 1s",
	"microtasks": "Task exceeded timeout of 1s",
	"recursion":  "Maximum call stack size exceeded",
	"regexp":     "Task exceeded timeout of 1s",
	"memory":     "of 100000000 elements",
}

func TestARunawayTaskHurtsOnlyItself(t *testing.T) {
	ctx := background(t)
	dir := t.TempDir()
	write(t, dir, "runaway.js", runaway)
	err := sdk.WithEngine(ctx, sdk.EngineOptions{}, func(ctx context.Context, engine *sdk.Engine) error {
		server, err := engine.Server("")
		if err != nil {
			return err
		}
		j := newJournal()
		return serve(ctx, t, sdk.Options{Server: server, Paths: []string{dir}}, j, func() error {
			return sdk.WithClient(ctx, server, sdk.ClientOptions{}, func(client *sdk.Client) error {
				return runawayBeside(ctx, t, client, j)
			})
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}

func runawayBeside(ctx context.Context, t *testing.T, client *sdk.Client, j *journal) error {
	ids := map[string]string{}
	for name := range runawayErrors {
		id, err := client.Trigger(ctx, name, json.RawMessage(`{}`), sdk.RunOptions{})
		if err != nil {
			return err
		}
		ids[name] = id
	}
	quick, err := triggerAll(ctx, client, "quick", 50)
	if err != nil {
		return err
	}
	runs, err := waitAll(ctx, client, quick)
	if err != nil {
		return err
	}
	for _, run := range runs {
		if run.Status != sdk.StatusCompleted {
			t.Errorf("a task beside the runaway ones: %s %s", run.Status, run.Error)
		}
	}
	for name, want := range runawayErrors {
		run, err := client.Wait(ctx, ids[name])
		if err != nil {
			return err
		}
		if run.Status != sdk.StatusFailed || !strings.Contains(run.Error, want) {
			t.Errorf("%s: %s %q, want %q", name, run.Status, run.Error, want)
		}
		if len(run.Tasks) != 1 || run.Tasks[0].Attempts != 1 {
			t.Errorf("%s was attempted more than once: %+v", name, run.Tasks)
		}
	}
	return j.await(ctx, "the worker to be connected", func(events []sdk.Notice) bool {
		lost := count(events, func(s sdk.WorkerState) bool { return s.State == "reconnecting" })
		if lost > 0 {
			t.Errorf("the worker lost its connection %d times", lost)
		}
		return true
	})
}
