package sdktest_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
	"github.com/hatchet-js/hatchet-js-worker/sdk/sdktest"
)

var files = fstest.MapFS{
	"dunning.js": {Data: []byte(`import { charge } from 'billing'
import { days } from './lib/days'
export const dunning = workflow.durableTask('dunning', async (input, ctx) => {
  await ctx.sleepFor(days * 24 + 'h')
  return { receipt: await charge(input.invoice) }
})
`)},
	"lib/days.js": {Data: []byte("export const days = 30\n")},
	"dunning.test.js": {Data: []byte(`import { test, expect, describe } from 'hatchet:test'
import { dunning } from './dunning'
describe('dunning', () => {
  test('charges after a month', async (t) => {
    expect(await t.run(dunning, { invoice: 'a' })).toHaveCompleted({ receipt: 'r-a' })
    expect(t.clock.elapsedMs).toBe(30 * 24 * 3600_000)
  })
  test.skip('not now', () => {})
})
`)},
	"fixtures/paid.json": {Data: []byte(`{ "name": "paid", "input": { "invoice": "b" },
  "expect": { "status": "COMPLETED", "output": { "receipt": "r-b" }, "elapsed": "720h" } }`)},
	"fixtures/own.json": {Data: []byte(`{ "name": "its own", "workflow": "dunning", "input": { "invoice": "c" }, "expect": { "output": { "receipt": "r-c" } } }`)},
	"broken/wrong.test.js": {Data: []byte(`import { test, expect } from 'hatchet:test'
import { dunning } from '../dunning'
test('wrong', async (t) => {
  const run = await t.run(dunning, { invoice: 'a' })
  expect(run.output).toEqual({ receipt: 'none' })
})
`)},
	"broken/unloadable.test.js": {Data: []byte("import './nowhere'\n")},
	"broken/wrong.json":         {Data: []byte(`{ "name": "no expectation", "input": {} }`)},
}

var options = sdktest.Options{Workflow: "dunning", Modules: []sdk.NativeModule{
	sdk.Module("billing", sdk.Func("charge", "", func(_ context.Context, invoice string) (string, error) { return "r-" + invoice, nil })),
}}

func TestScriptTestsAndFixtures(t *testing.T) {
	sdktest.Run(t, files, "*.test.js", options)
	sdktest.Run(t, files, "fixtures/*.json", options)
}

// A script for which there is a Go task, and fixtures that name no workflow.
func TestTasksOfGoAndTheOnlyWorkflow(t *testing.T) {
	files := sdk.Sources{
		"order.js":          `workflow('order').task('price', (input) => ({ net: input.total - 1 })).taskAfter('sum', ['charge'], (input, ctx) => ctx.parentOutput('charge'))`,
		"fixtures/one.json": `{ "name": "one", "input": { "total": 3 }, "expect": { "output": { "price": { "net": 2 }, "charge": { "charged": 2 }, "sum": { "charged": 2 } } } }`,
	}
	charge := sdk.Task("charge", sdk.TaskOptions{Workflow: "order", Parents: []string{"price"}}, func(ctx *sdk.Context, _ struct{}) (map[string]int, error) {
		var price struct{ Net int }
		err := ctx.ParentOutput("price", &price)
		return map[string]int{"charged": price.Net}, err
	})
	sdktest.Run(t, files, "fixtures/*.json", sdktest.Options{Tasks: []sdk.NativeTask{charge}})
}

// The failures are those of another process.
const failing = "SDKTEST_FAILING"

func TestFailing(t *testing.T) {
	pattern := os.Getenv(failing)
	if pattern == "" {
		t.Skip("runs in the process of TestWhatFailuresSay")
	}
	sdktest.Run(t, files, pattern, options)
}

func TestWhatFailuresSay(t *testing.T) {
	for pattern, want := range map[string][]string{
		"broken/wrong.test.js": {
			"--- FAIL: TestFailing/broken/wrong.test.js/wrong", "receipt", "broken/wrong.test.js:5:22", "5 |   expect(run.output)", "timeline, virtual time", "dunning",
		},
		"broken/unloadable.test.js": {"--- FAIL: TestFailing/broken/unloadable.test.js", "does not load:", `cannot find "./nowhere"`},
		"broken/wrong.json":         {"--- FAIL: TestFailing/", "broken/wrong.json: there is no expect"},
		"nowhere/*.json":            {"--- FAIL: TestFailing", `no file matches "nowhere/*.json"`},
	} {
		cmd := exec.Command(os.Args[0], "-test.run=^TestFailing$")
		cmd.Env = append(os.Environ(), failing+"="+pattern)
		out, err := cmd.CombinedOutput()
		if err == nil {
			t.Errorf("%s passes", pattern)
		}
		for _, part := range want {
			if !strings.Contains(string(out), part) {
				t.Errorf("%s: no %q in\n%s", pattern, part, out)
			}
		}
		if strings.Contains(string(out), os.TempDir()) {
			t.Errorf("%s shows a temporary folder:\n%s", pattern, out)
		}
	}
}

func TestEachIsASubtest(t *testing.T) {
	cmd := exec.Command(os.Args[0], "-test.run=^TestScriptTestsAndFixtures$", "-test.v")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, line := range []string{
		"--- PASS: TestScriptTestsAndFixtures/dunning.test.js/dunning_›_charges_after_a_month",
		"--- SKIP: TestScriptTestsAndFixtures/dunning.test.js/dunning_›_not_now",
		"--- PASS: TestScriptTestsAndFixtures/paid",
		"--- PASS: TestScriptTestsAndFixtures/its_own",
	} {
		if !strings.Contains(string(out), line) {
			t.Errorf("no %q in\n%s", line, out)
		}
	}
}
