package scripttest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
)

// write makes a folder of files.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// outcomes are those of tests by name; of failed ones the message.
func outcomes(events []event) map[string]string {
	all := map[string]string{}
	for _, e := range events {
		switch {
		case e.Event == "file" && e.Error != "":
			all[filepath.Base(e.File)] = e.Error
		case e.Event == "test" && e.Failure != nil:
			all[e.Name] = e.Failure.Message
		case e.Event == "test":
			all[e.Name] = e.Outcome
		}
	}
	return all
}

func TestUnusedMocksAreNamed(t *testing.T) {
	events, _ := run(t, "outcomes", sdk.TestOptions{Filter: "mocks that are never called are named"})
	for _, e := range events {
		if e.Event == "test" {
			if want := []string{"fetch https://never.example.com/", "exec never"}; !slices.Equal(e.UnusedMocks, want) {
				t.Errorf("unused: %v, want %v", e.UnusedMocks, want)
			}
			return
		}
	}
	t.Error("the test did not run")
}

const reader = `import { test, expect } from 'hatchet:test'
const read = workflow.task('read', () => ({ name: process.env.NAME }))
test('reads', async (t) => { expect(await t.run(read)).toHaveCompleted({ name: 'x' }) })
`

// TestPermissionsOfTests grants by a file and by options, and grants nothing
// without them.
func TestPermissionsOfTests(t *testing.T) {
	grant := sdk.Permissions{Environ: []string{"NAME=x"}}
	granted := grant
	granted.Rules = sdk.Rules{sdk.PermitEnv: {Allow: []string{"NAME"}}}
	for _, c := range []struct {
		name, config string
		permissions  sdk.Permissions
		want         string
	}{
		{"nothing", "", grant, `Requires env access to "NAME"`},
		{"options", "", granted, "passed"},
		{"file", `{"permissions": {"default": {"env": ["NAME"]}}}`, grant, "passed"},
		{"a denial wins", `{"permissions": {"default": {"env": {"deny": ["NAME"]}}}}`, granted, "denied"},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := map[string]string{"a.test.js": reader}
			if c.config != "" {
				files[sdk.ConfigName] = c.config
			}
			events, _ := report(t, sdk.TestOptions{Paths: []string{write(t, files)}, Permissions: c.permissions})
			if got := outcomes(events)["reads"]; !strings.Contains(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestFixturesMockTheWorld(t *testing.T) {
	dir := write(t, map[string]string{
		"get.js": `export const get = workflow.task('get', async (input) => {
  const reply = await fetch('https://api.example.com/' + input.id)
  return { reply: await reply.json(), key: process.env.KEY }
})`,
		"get.test.js": `import { test } from 'hatchet:test'
import { get } from './get'
test.fixtures('*.json', get)`,
		"good.json": `{"name": "good", "input": {"id": 1}, "mocks": {"fetch https://api.example.com/*": {"json": {"n": 1}}, "env KEY": "k"},
  "expect": {"output": {"reply": {"n": 1}, "key": "k"}}}`,
		"unmocked.json": `{"name": "unmocked", "mocks": {"env KEY": "k"}, "expect": {"status": "FAILED", "error": "NetworkNotMocked"}}`,
		"wrong.json":    `{"name": "wrong", "mocks": {"sql select 1": []}, "expect": {"status": "COMPLETED"}}`,
	})
	events, _ := report(t, sdk.TestOptions{Paths: []string{dir}})
	got := outcomes(events)
	if got["good"] != "passed" || got["unmocked"] != "passed" || !strings.Contains(got["wrong"], "fetch, exec, env, secret or fs") {
		t.Errorf("%v", got)
	}
}

func TestWrongPermissionsAreRefused(t *testing.T) {
	for option, want := range map[string]string{
		`{ network: true }`: `unknown kind "network"`,
		`{ net: 'a' }`:      "a permission is true or a list",
		`{ net: [''] }`:     "",
	} {
		text := "import { test } from 'hatchet:test'\ntest('t', { permissions: " + option + " }, () => {})\n"
		events, _ := report(t, sdk.TestOptions{Paths: []string{write(t, map[string]string{"a.test.js": text})}})
		if got := outcomes(events)["a.test.js"]; got == "" || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", option, got, want)
		}
	}
}

func TestFixturesOfTheirOwn(t *testing.T) {
	dir := write(t, map[string]string{
		"double.js": "export default workflow.task('double', (input) => ({ n: input.n * 2 }))\n",
		"other.js":  "export default workflow.task('other', () => ({}))\n",
		"bad.js":    "export default workflow.task('bad'\n",
		"one.json":  `{"name": "one", "input": {"n": 1}, "expect": {"output": {"n": 2}}}`,
		"more.json": `[{"name": "two", "input": {"n": 2}, "expect": {"output": {"n": 4}}}, {"name": "off", "input": {"n": 2}, "expect": {"output": {"n": 5}}}]`,
	})
	events, _ := report(t, sdk.TestOptions{Paths: []string{filepath.Join(dir, "one.json"), dir}, Base: dir, Workflow: "Double"})
	got := outcomes(events)
	if len(got) != 3 || got["one"] != "passed" || got["two"] != "passed" || !strings.Contains(got["off"], "expected: { n: 5 }") {
		t.Errorf("%v", got)
	}
	for _, e := range events {
		if e.Failure != nil && !strings.Contains(e.Failure.Rerun, "--workflow Double --filter 'off'") {
			t.Errorf("to run it again: %s", e.Failure.Rerun)
		}
	}
	_, err := sdk.Test(t.Context(), sdk.TestOptions{Paths: []string{dir}, Base: dir, Workflow: "tripel"})
	if err == nil || !strings.Contains(err.Error(), "declare double, other") || !strings.Contains(err.Error(), "bad.js") {
		t.Errorf("a workflow that is not there: %v", err)
	}
	_, err = sdk.Test(t.Context(), sdk.TestOptions{Paths: []string{filepath.Join(dir, "none")}, Base: dir, Workflow: "double"})
	if err == nil || !strings.Contains(err.Error(), "none") {
		t.Errorf("a path that is not there: %v", err)
	}
}
