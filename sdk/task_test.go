package sdk_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
)

type orderInput struct {
	Total int `json:"total"`
}

type priced struct {
	Net int `json:"net"`
}

// tasksOfGo are tasks whose output bears a mark.
func tasksOfGo(mark string) []sdk.NativeTask {
	return []sdk.NativeTask{
		sdk.Task("double", sdk.TaskOptions{}, func(_ *sdk.Context, in orderInput) (priced, error) {
			return priced{Net: in.Total * 2}, nil
		}),
		// part of a workflow of the scripts, between two of their tasks
		sdk.Task("price", sdk.TaskOptions{Workflow: "order", Parents: []string{"validate"}}, func(ctx *sdk.Context, in orderInput) (priced, error) {
			var valid struct{ OK bool }
			if err := ctx.ParentOutput("validate", &valid); err != nil || !valid.OK {
				return priced{}, fmt.Errorf("validate gave %v, %w", valid, err)
			}
			ctx.Logger().With("mark", mark).Info("priced", "msg", in.Total)
			return priced{Net: in.Total - 1}, nil
		}),
		// a workflow of tasks of Go alone, which runs a script and is run by one
		sdk.Task("first", sdk.TaskOptions{Workflow: "pair"}, func(ctx *sdk.Context, in orderInput) (string, error) {
			var said string
			err := ctx.Run("say", map[string]string{"word": mark}, &said, sdk.RunOptions{})
			return said, err
		}),
		sdk.Task("second", sdk.TaskOptions{Workflow: "pair", Parents: []string{"first"}}, func(ctx *sdk.Context, _ orderInput) (string, error) {
			return fmt.Sprint(ctx.WorkflowRunID() != "", ctx.TaskRunID() != "", ctx.Attempt(), strings.Contains(string(ctx.AdditionalMetadata()), "parent_workflow_run_id")), nil
		}),
		sdk.Task("explode", sdk.TaskOptions{}, func(*sdk.Context, struct{}) (int, error) { panic("the till is open") }),
		sdk.Task("stubborn", sdk.TaskOptions{Retries: 3}, func(ctx *sdk.Context, in orderInput) (int, error) {
			if ctx.Attempt() == 2 {
				return 0, sdk.NonRetryable(errors.New("never"))
			}
			return 0, errors.New("not yet")
		}),
		sdk.Task("parent", sdk.TaskOptions{}, func(ctx *sdk.Context, _ struct{}) (bool, error) {
			err := ctx.Run("stubborn", nil, nil, sdk.RunOptions{})
			return errors.Is(err, sdk.ErrRunFailed) && strings.Contains(err.Error(), "never"), nil
		}),
	}
}

const tasksScript = `workflow('order')
  .task('validate', (input) => ({ ok: input.total > 0 }))
  .taskAfter('ship', ['price'], (input, ctx) => ({ net: ctx.parentOutput('price').net }))
workflow.task('say', (input) => 'say ' + input.word)
workflow.task('ask', async (input) => [await hatchet.run('double', { total: 4 }), await hatchet.run('pair', { total: 1 })])
`

func TestTasksOfGoAndOfScripts(t *testing.T) {
	options := sdk.Options{Files: sdk.Sources{"flows.js": tasksScript}, Tasks: tasksOfGo("m")}
	err := sdk.WithLocal(t.Context(), options, func(c *sdk.Client) error {
		for name, want := range map[string]string{
			"double": `{"net":10}`, "order": `{"price":{"net":4},"ship":{"net":4},"validate":{"ok":true}}`,
			"ask": `[{"net":8},{"first":"say m","second":"true true 1 true"}]`, "parent": "true",
		} {
			if run := runOf(t, c, name, `{"total":5}`); string(run.Output) != want {
				t.Errorf("%s gives %s, error %q; want %s", name, run.Output, run.Error, want)
			}
		}
		run := runOf(t, c, "order", `{"total":7}`)
		lines, err := c.Logs(t.Context(), run.ID)
		if err != nil || len(lines) != 1 || lines[0].Message != "priced" || lines[0].Level != "INFO" || string(lines[0].Fields) != `{"mark":"m","msg":7}` {
			t.Errorf("the log is %v, error %v", lines, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestATaskOfGoThatFails(t *testing.T) {
	err := sdk.WithLocal(t.Context(), sdk.Options{Tasks: tasksOfGo("m")[4:6]}, func(c *sdk.Client) error {
		run := runOf(t, c, "explode", `{}`)
		if run.Status != sdk.StatusFailed || run.Tasks[0].Error != "panic: the till is open" || !strings.Contains(run.Tasks[0].Stack, "task_test.go:") || strings.Contains(run.Tasks[0].Stack, "debug.Stack") {
			t.Errorf("a panic: %s %q, stack %s", run.Status, run.Error, run.Tasks[0].Stack)
		}
		if run := runOf(t, c, "stubborn", `{}`); run.Error != "stubborn: never" {
			t.Errorf("what is not to be tried again: %s %q", run.Status, run.Error)
		}
		if run := runOf(t, c, "stubborn", `{"total":"x"}`); run.Error != "stubborn: the input's total must be a whole number (int), got string" {
			t.Errorf("an input that does not fit: %s %q", run.Status, run.Error)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTasksOfGoThatCannotBe(t *testing.T) {
	f := func(*sdk.Context, struct{}) (int, error) { return 0, nil }
	for want, tasks := range map[string][]sdk.NativeTask{
		`task "A" is declared at sdk/task_test.go:`: {sdk.Task("a", sdk.TaskOptions{}, f), sdk.Task("A", sdk.TaskOptions{}, f)},
		"a task that neither":                       {{}},
		"sdk/task_test.go:":                         {sdk.Task("", sdk.TaskOptions{}, f)},
	} {
		if _, err := sdk.New(sdk.Options{Tasks: tasks}); !errors.Is(err, sdk.ErrConfig) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	orphan := sdk.Options{Tasks: []sdk.NativeTask{sdk.Task("a", sdk.TaskOptions{Workflow: "w", Parents: []string{"p"}}, f)}}
	if err := sdk.WithLocal(t.Context(), orphan, nil); !errors.Is(err, sdk.ErrConfig) || !strings.Contains(err.Error(), "no script declares a workflow w") {
		t.Errorf("a task without its workflow: %v", err)
	}
	report, err := sdk.Check(t.Context(), nil, sdk.LoadOptions{
		Files: sdk.Sources{"a.js": "\nworkflow.task('a', () => 1)"}, Tasks: []sdk.NativeTask{sdk.Task("a", sdk.TaskOptions{}, f)},
	})
	if err != nil || report.Failed != 1 || report.Files[0].Error.Line != 2 || !strings.Contains(report.Files[0].Error.Message, `has a task "a", too, at sdk/task_test.go:`) {
		t.Errorf("two tasks of one name: %+v, %v", report, err)
	}
}

func TestTwoWorkersInOneProcessHaveTheirOwnTasks(t *testing.T) {
	var group errgroup.Group
	for _, mark := range []string{"one", "two"} {
		group.Go(func() error {
			options := sdk.Options{Files: sdk.Sources{"flows.js": tasksScript}, Tasks: tasksOfGo(mark)}
			return sdk.WithLocal(t.Context(), options, func(c *sdk.Client) error {
				for range 5 {
					if run := runOf(t, c, "pair", `{}`); !strings.Contains(string(run.Output), "say "+mark) {
						return fmt.Errorf("%s got %s, error %q", mark, run.Output, run.Error)
					}
				}
				return nil
			})
		})
	}
	if err := group.Wait(); err != nil {
		t.Error(err)
	}
}

// A durable task of Go does what one of scripts does, on virtual time: what it
// computed it computes once, whenever it is called again.
func TestADurableTaskOfGo(t *testing.T) {
	for _, always := range []bool{false, true} {
		var computed, called atomic.Int64
		dunning := sdk.DurableTask("dunning", sdk.TaskOptions{}, func(ctx *sdk.DurableContext, in orderInput) (map[string]any, error) {
			called.Add(1)
			began, err := ctx.Now()
			if err != nil {
				return nil, err
			}
			ctx.Logger().Info("began")
			number, err := sdk.Memo(ctx, "number", func() (int64, error) { return computed.Add(1), nil })
			if err != nil {
				return nil, err
			}
			if err := ctx.SleepFor(30 * 24 * time.Hour); err != nil {
				return nil, err
			}
			ctx.Logger().Info("slept")
			var paid struct{ By string }
			if err := ctx.WaitForEvent("paid", "input.total == 5", &paid); err != nil {
				return nil, err
			}
			var said struct{ Text string }
			if err := ctx.Run("say", map[string]string{"word": paid.By}, &said, sdk.RunOptions{}); err != nil {
				return nil, err
			}
			return map[string]any{"number": number, "said": said.Text, "year": began.Year()}, nil
		})
		dir := t.TempDir()
		script := `import { test, expect } from 'hatchet:test'
workflow.task('say', (input) => ({ text: 'say ' + input.word }))
test('a month', async (t) => {
  const run = await t.trigger('dunning', { total: 1 })
  await t.clock.advance('720h')
  await t.push('paid', { total: 4, by: 'nobody' })
  await t.push('paid', { total: 5, by: 'eve' })
  expect(await run.result()).toEqual({ number: 1, said: 'say eve', year: new Date().getUTCFullYear() })
  expect(run).toHaveSlept('720h')
  expect(run.logs().map((line) => line.message)).toEqual(['began', 'slept'])
})
`
		if err := os.WriteFile(filepath.Join(dir, "a.test.js"), []byte(script), 0o600); err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		summary, err := sdk.Test(t.Context(), sdk.TestOptions{
			Paths: []string{dir}, Base: dir, Tasks: []sdk.NativeTask{dunning}, AlwaysReplay: always,
			Reports: []sdk.TestReport{{Name: "pretty", Out: &out}},
		})
		if err != nil || summary.Passed != 1 || computed.Load() != 1 || called.Load() < 2 {
			t.Errorf("always replaying %v: %+v, %v, computed %d times in %d calls\n%s", always, summary, err, computed.Load(), called.Load(), out.String())
		}
	}
}
