package typescript_test

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
	"github.com/hatchet-js/hatchet-js-worker/sdk/js/typescript"
	"github.com/hatchet-js/hatchet-js-worker/sdk/sdktest"
)

//go:embed testdata
var testdata embed.FS

func TestScripts(t *testing.T) {
	files, err := fs.Sub(testdata, "testdata")
	if err != nil {
		t.Fatal(err)
	}
	sdktest.Run(t, files, "*.test.ts", sdktest.Options{})
}

// TestEveryExportIsThere imports every name of every path, by both module
// systems.
func TestEveryExportIsThere(t *testing.T) {
	for _, specifier := range typescript.Paths() {
		names := typescript.Exports(specifier)
		source := "import * as all from '" + specifier + "';\nconst required = require('" + specifier + "');\n"
		for _, name := range names {
			source += "if (all." + name + " === undefined || required." + name + " !== all." + name + ") throw new Error('" + name + "');\n"
		}
		if report := check(t, map[string]string{"all.ts": source}); report.Failed != 0 {
			t.Errorf("%s: %s", specifier, report.Files[0].Error.Message)
		}
	}
}

// What a dynamic import gives has the same members, and lists those that cannot
// work without touching them.
func TestADynamicImportGivesTheSame(t *testing.T) {
	const source = "import * as all from '@hatchet-dev/typescript-sdk';\nconst late = await import('@hatchet-dev/typescript-sdk');\n" +
		"if (late.Hatchet !== all.Hatchet || !Object.keys(late).includes('Context')) throw new Error('other members');\n" +
		"late.Hatchet.init().task({ name: NAME, fn: () => {} });\n"
	report := check(t, map[string]string{
		"a.ts":  strings.Replace(source, "NAME", "'a'", 1) + "if (late.default !== all.default) throw new Error('another default');\n",
		"b.mts": strings.Replace(source, "NAME", "'b'", 1),
		"c.cts": strings.Replace(strings.Replace(source, "NAME", "'c'", 1), "import * as all from '@hatchet-dev/typescript-sdk'", "const all = require('@hatchet-dev/typescript-sdk')", 1),
	})
	for _, file := range report.Files {
		if file.Error != nil {
			t.Errorf("%s: %s", file.Path, file.Error.Message)
		}
	}
	if report.Workflows != 3 {
		t.Errorf("%d workflows", report.Workflows)
	}
}

func check(t *testing.T, files map[string]string) *sdk.Report {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	report, err := sdk.Check(context.Background(), []string{dir}, sdk.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

const withClient = "import { Hatchet } from '@hatchet-dev/typescript-sdk';\nconst hatchet = Hatchet.init();\n"

func TestWhatIsNotThereIsALoadError(t *testing.T) {
	for name, c := range map[string]struct{ source, want string }{
		"refused":         {"import { HatchetInstrumentor } from '@hatchet-dev/typescript-sdk/opentelemetry';\nnew HatchetInstrumentor();", "a.ts:1:10: HatchetInstrumentor of @hatchet-dev/typescript-sdk/opentelemetry is not available here; it patches the SDK as it is loaded"},
		"newer":           {"import { Hatchet,\n  Brand } from '@hatchet-dev/typescript-sdk';\nnew Brand(Hatchet);", "a.ts:2:3: @hatchet-dev/typescript-sdk has no Brand; it is misspelled, or newer than the SDK"},
		"by namespace":    {"import * as sdk from '@hatchet-dev/typescript-sdk';\nnew sdk.Brand();", "a.ts:2:9: @hatchet-dev/typescript-sdk has no Brand"},
		"protobuf":        {"import { CancelTasksRequest } from '@hatchet-dev/typescript-sdk/protoc/v1/workflows';\nCancelTasksRequest.encode();", "a.ts:1:10: CancelTasksRequest of @hatchet-dev/typescript-sdk/protoc/v1/workflows is not available here; the worker itself speaks to the engine"},
		"path":            {"import x from '@hatchet-dev/typescript-sdk/v2/new';\nx();", `a.ts:1:15: "@hatchet-dev/typescript-sdk/v2/new" is no part of @hatchet-dev/typescript-sdk here`},
		"member":          {withClient + "hatchet.brandNew('x');", "a.ts:3:1: TypeError: HatchetClient has no member brandNew"},
		"refused member":  {withClient + "hatchet.dispatcher.version();", "a.ts:3:9: TypeError: HatchetClient.dispatcher is not available here; the worker itself listens"},
		"agent tool":      {withClient + "hatchet.task({ name: 'a', fn: () => {} }).mcpTool('claude');", "WorkflowDeclaration.mcpTool is not available here; agents need Node"},
		"option":          {withClient + "hatchet.task({ name: 'a', retriez: 3, fn: () => {} });", `a.ts:3:9: TypeError: task "a": unknown option "retriez", did you mean "retries"?`},
		"option of a DAG": {withClient + "hatchet.workflow({ name: 'a' })\n  .task({ name: 'b', retriez: 1, fn: () => {} });", `a.ts:4:4: TypeError: task "b": unknown option "retriez"`},
		"duration":        {withClient + "hatchet.task({ name: 'a', executionTimeout: 'soon', fn: () => {} });", `a.ts:3:9: TypeError: task "a": executionTimeout: duration "soon"`},
		"namespace":       {"import { Hatchet } from '@hatchet-dev/typescript-sdk';\nHatchet.init({ namespace: 'team' });", "a.ts:2:9: TypeError: Hatchet.init: the namespace is the worker's"},
		"handler":         {withClient + "hatchet.workflow({ name: 'a' }).task({ name: 'b' });", `a.ts:3:33: TypeError: task "b" has no handler`},
	} {
		t.Run(name, func(t *testing.T) {
			report := check(t, map[string]string{"a.ts": c.source, "b.ts": withClient + "hatchet.task({ name: 'good', fn: () => {} });"})
			if report.Failed != 1 || report.Workflows != 1 {
				t.Fatalf("%d failed, %d workflows", report.Failed, report.Workflows)
			}
			e := report.Files[0].Error
			got := fmt.Sprintf("%s:%d:%d: %s", filepath.Base(e.File), e.Line, e.Column, e.Message)
			if !strings.Contains(got, c.want) {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestAHandleWithoutTasksIsNoWorkflow(t *testing.T) {
	report := check(t, map[string]string{
		"a.ts": withClient + "export const real = hatchet.workflow({ name: 'x' });\nreal.task({ name: 't', fn: () => {} });",
		"b.ts": withClient + "export const handle = hatchet.workflow({ name: 'x' });\nexport const task = hatchet.task({ name: 'y' });",
	})
	if report.Failed != 0 || report.Workflows != 1 || report.Files[1].Status != sdk.FileEmpty {
		t.Errorf("%+v", report)
	}
}

func TestOfTwoOfOneNameTheOneThatAWorkerWasGivenIsServed(t *testing.T) {
	const two = withClient + "export const a = hatchet.task({ name: 'x', retries: 1, fn: () => {} });\nexport const b = hatchet.task({ name: 'x', retries: 2, fn: () => {} });\n"
	for name, c := range map[string]struct {
		source  string
		retries int
	}{
		"none was given":     {two, 1},
		"one was given":      {two + "hatchet.task({ name: 'unserved', fn: () => {} });\nconst worker = await hatchet.worker('w', { workflows: [b] });\nawait worker.start();", 2},
		"both were, b first": {two + "const worker = await hatchet.worker('w');\nawait worker.registerWorkflows([b, a]);", 1},
	} {
		report := check(t, map[string]string{"a.ts": c.source})
		if report.Failed != 0 || report.Workflows != 1 || report.Files[0].Workflows[0].Tasks[0].Retries != c.retries {
			t.Errorf("%s: %+v", name, report.Files[0])
		}
	}
}

// A program that starts a worker serves what it handed to it, with what it set
// up; the files that it imports do not serve it again.
func TestAProgramServesWhatItHandsToItsWorker(t *testing.T) {
	report := check(t, map[string]string{
		"tasks.ts":  withClient + "export const a = hatchet.task({ name: 'a', fn: () => {} });\nexport const b = hatchet.task({ name: 'b', fn: () => {} });\n",
		"worker.ts": withClient + "import { a } from './tasks';\nasync function main() {\n  const worker = await hatchet.worker('w', { workflows: [a] });\n  await worker.start();\n}\nif (require.main === module) main();\n",
		"run.ts":    withClient + "import { a } from './tasks';\nasync function main() {\n  await a.run({});\n  throw new Error('never');\n}\nif (require.main === module) main();\n",
	})
	served := map[string]string{}
	for _, file := range report.Files {
		for _, w := range file.Workflows {
			served[w.Name] = filepath.Base(file.Path)
		}
	}
	if report.Failed != 0 || report.Workflows != 2 || served["a"] != "worker.ts" || served["b"] != "tasks.ts" {
		t.Errorf("%v of %+v", served, report)
	}
}

func TestThePageIsUpToDate(t *testing.T) {
	page, err := os.ReadFile("../TYPESCRIPT-SDK.md")
	if err != nil {
		t.Fatal(err)
	}
	want, err := typescript.Document(string(page))
	if err != nil {
		t.Fatal(err)
	}
	if want != string(page) {
		t.Error("TYPESCRIPT-SDK.md is out of date: run go generate in sdk/js")
	}
}

var fileOfPage = regexp.MustCompile("(?s)```ts\n// file: ([^\n]*)\n(.*?)```")

// The files of the page are served as the page says.
func TestTheFilesOfThePage(t *testing.T) {
	page, err := os.ReadFile("../TYPESCRIPT-SDK.md")
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{"page.test.ts": {Data: []byte(`import { expect, test } from 'hatchet:test';
import { greet } from './worker';
test('greets', async (t) => {
  const run = await t.run(greet, { name: 'Ada' });
  expect(run).toHaveCompleted({ text: 'Hello, Ada!' });
  expect(run).toHaveLogged('greeting Ada');
});
`)}}
	for _, found := range fileOfPage.FindAllStringSubmatch(string(page), -1) {
		files[found[1]] = &fstest.MapFile{Data: []byte(found[2])}
	}
	sdktest.Run(t, files, "*.test.ts", sdktest.Options{})
	report := check(t, map[string]string{"worker.ts": string(files["worker.ts"].Data)})
	if report.Failed != 0 || report.Workflows != 1 {
		t.Errorf("%+v", report)
	}
}
