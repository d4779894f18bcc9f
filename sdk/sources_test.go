package sdk_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
)

// Scripts come from a folder, a file system and text at once; what they show of
// themselves is their name there.
func TestScriptsOfAFileSystem(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	files := fstest.MapFS{
		"flows/greet.ts":                  {Data: []byte("import { polite } from './lib/words'\nimport shout from 'shout'\nworkflow.task('greet', (input: { name: string }) => shout(polite(input.name)))\n")},
		"flows/lib/words.ts":              {Data: []byte("export const polite = (name: string) => 'good day, ' + name\n")},
		"node_modules/shout/index.js":     {Data: []byte("module.exports = (text) => text.toUpperCase()\n")},
		"node_modules/shout/package.json": {Data: []byte(`{ "name": "shout", "main": "index.js" }`)},
		"flows/fail.js":                   {Data: []byte("workflow.task('fail', () => {\n  throw new Error('no')\n})\n")},
		"flows/home.js":                   {Data: []byte("workflow.task('home', () => process.env.HOME_OF_TEST)\n")},
		"hatchet-js.json":                 {Data: []byte(`{ "permissions": { "default": { "env": ["HOME_OF_TEST"] } } }`)},
	}
	options := sdk.Options{
		Paths: []string{scriptFolder(t, `workflow.task('folder', () => 'from a folder')`)}, Files: files,
		Permissions: sdk.Permissions{Environ: []string{"HOME_OF_TEST=here"}},
	}
	err := sdk.WithLocal(t.Context(), options, func(c *sdk.Client) error {
		for name, want := range map[string]string{"greet": `"GOOD DAY, EVE"`, "folder": `"from a folder"`, "home": `"here"`} {
			if run := runOf(t, c, name, `{"name":"eve"}`); string(run.Output) != want {
				t.Errorf("%s gives %s, error %q; want %s", name, run.Output, run.Error, want)
			}
		}
		run := runOf(t, c, "fail", `{}`)
		if stack := run.Tasks[0].Stack; !strings.Contains(stack, "flows/fail.js:2:") || strings.Contains(stack, temp) {
			t.Errorf("the stack is %s", stack)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if left, err := filepath.Glob(filepath.Join(temp, "hatchet-js-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestScriptsOfAFileSystemThatDoNotLoad(t *testing.T) {
	report, err := sdk.Check(t.Context(), nil, sdk.LoadOptions{Files: sdk.Sources{
		"good.js": `workflow.task('good', () => 1)`, "bad/wrong.js": "\nworkflow('x').tusk('y')\n",
	}})
	if err != nil {
		t.Fatal(err)
	}
	if report.Failed != 1 || report.Workflows != 1 || report.Files[0].Path != "bad/wrong.js" || report.Files[0].Error.File != "bad/wrong.js" || report.Files[0].Error.Line != 2 {
		t.Errorf("%+v, error %+v", report, report.Files[0].Error)
	}
	if _, err := sdk.Check(t.Context(), nil, sdk.LoadOptions{Files: sdk.Sources{"readme.md": ""}}); !errors.Is(err, sdk.ErrNothingToServe) {
		t.Errorf("no script: %v", err)
	}
	wrong := sdk.Sources{"a.js": "", "hatchet-js.json": `{ "permission": 1 }`}
	if _, err := sdk.Check(t.Context(), nil, sdk.LoadOptions{Files: wrong}); !errors.Is(err, sdk.ErrConfig) || !strings.HasPrefix(err.Error(), "hatchet-js.json:1:") {
		t.Errorf("wrong permissions: %v", err)
	}
	if _, err := sdk.Check(t.Context(), nil, sdk.LoadOptions{Files: os.DirFS(filepath.Join(t.TempDir(), "nowhere"))}); err == nil {
		t.Error("a file system that is not there loads")
	}
}
