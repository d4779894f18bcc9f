package typescript_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
	"github.com/hatchet-js/hatchet-js-worker/sdk/js/typescript"
	"github.com/hatchet-js/hatchet-js-worker/sdk/sdktest"
)

// forms are the ways to ask for an export that cannot work, with where the error
// points. Those that ask for the whole module hear of it when they read the
// member, from the script that runs and not from the bundler.
var forms = map[string]struct {
	source string
	line   int
	column func(member string) int
	prefix string
}{
	"import":    {"// first\nimport { MEMBER } from 'PATH';\nconsole.log(MEMBER);\n", 2, always(10), ""},
	"renamed":   {"// first\nimport { MEMBER as other } from 'PATH';\nconsole.log(other);\n", 2, always(10), ""},
	"namespace": {"import * as sdk from 'PATH';\n\nconsole.log(sdk.MEMBER);\n", 3, always(17), ""},
	"require":   {"const sdk = require('PATH');\n\nconsole.log(sdk.MEMBER);\n", 3, always(17), "TypeError: "},
	"taken out": {"\nconst { MEMBER } = require('PATH');\nconsole.log(MEMBER);\n", 2, func(member string) int { return len("const {  } = .") + len(member) }, "TypeError: "},
	"dynamic":   {"\n\nconst sdk = await import('PATH');\nconsole.log(sdk.MEMBER);\n", 4, always(17), "TypeError: "},
}

func always(column int) func(string) int { return func(string) int { return column } }

// Every export of the surface that cannot work is an error when a file that asks
// for it loads, however it asks: it points there, names the export and the path
// as they were written, and says what to use instead.
func TestEveryRefusedExportSaysWhatToUseInstead(t *testing.T) {
	refused := typescript.RefusedExports()
	for form, how := range forms {
		t.Run(form, func(t *testing.T) {
			files := map[string]string{"good.ts": withClient + "hatchet.task({ name: 'good', fn: () => {} });"}
			want := map[string]string{}
			for i, r := range refused {
				name := fmt.Sprintf("f%03d.ts", i)
				files[name] = strings.NewReplacer("MEMBER", r.Member, "PATH", r.Of).Replace(how.source)
				want[name] = fmt.Sprintf("%s:%d:%d: %s%s of %s is not available here; %s",
					name, how.line, how.column(r.Member), how.prefix, r.Member, r.Of, r.Instead)
			}
			expectFailures(t, check(t, files), want)
		})
	}
}

// instances are where a script finds an instance of each class that lacks
// members; a class without one fails the tests.
var instances = map[string]string{
	"HatchetClient":          "hatchet",
	"HatchetClient.api":      "hatchet.api",
	"HatchetClient.listener": "hatchet.listener",
	"WorkflowDeclaration":    "declared",
	"EventClient":            "hatchet.events",
	"AdminClient":            "hatchet.admin",
}

// withTask is what the expressions of instances are evaluated after.
const withTask = withClient + "const declared = hatchet.task({ name: 'NAME', fn: () => {} });\n"

// Every member of an instance that cannot work is an error where it is touched,
// at the top level of a file when that loads.
func TestEveryRefusedMemberSaysWhatToUseInstead(t *testing.T) {
	files := map[string]string{"good.ts": withClient + "hatchet.task({ name: 'good', fn: () => {} });"}
	want := map[string]string{}
	for i, r := range typescript.RefusedMembers() {
		name := fmt.Sprintf("f%03d.ts", i)
		instance := instanceOf(t, r)
		files[name] = strings.ReplaceAll(withTask, "NAME", name) + "\n" + instance + "." + r.Member + "();\n"
		want[name] = fmt.Sprintf("%s:5:%d: TypeError: %s.%s is not available here; %s",
			name, strings.LastIndex(instance, ".")+2, r.Of, r.Member, r.Instead)
	}
	expectFailures(t, check(t, files), want)
}

// The same in a handler is what its run fails with, at the line of the script.
func TestEveryRefusedMemberFailsTheRunThatTouchesIt(t *testing.T) {
	tasks, tests := withTask, "import { expect, test } from 'hatchet:test';\nimport * as tasks from './tasks';\n"
	tasks = strings.ReplaceAll(tasks, "NAME", "declared")
	for i, r := range typescript.RefusedMembers() {
		line := strings.Count(tasks, "\n") + 1
		tasks += fmt.Sprintf("export const t%d = hatchet.task({ name: 't%d', fn: async () => { try { await %s.%s(); } catch (e: any) { console.error(e.stack); throw e; } } });\n", i, i, instanceOf(t, r), r.Member)
		tests += fmt.Sprintf(`test(%[1]q, async (t) => {
  const run = await t.run(tasks.t%[2]d, {});
  expect(run).toHaveFailed(%[1]q);
  expect(run).toHaveLogged(/tasks\.ts:%[3]d:/);
});
`, fmt.Sprintf("%s.%s is not available here; %s", r.Of, r.Member, r.Instead), i, line)
	}
	sdktest.Run(t, fstest.MapFS{"tasks.ts": {Data: []byte(tasks)}, "all.test.ts": {Data: []byte(tests)}}, "*.test.ts", sdktest.Options{})
}

var (
	ofClient  = regexp.MustCompile(`\bhatchet(\.\w+)+`)
	ofContext = regexp.MustCompile(`\bctx\.(\w+)`)
)

// What is to be used instead is there.
func TestWhatIsToBeUsedInsteadExists(t *testing.T) {
	source := withClient + "import { Context } from '@hatchet-dev/typescript-sdk';\n"
	uses := map[string]bool{}
	for _, r := range slices.Concat(typescript.RefusedExports(), typescript.RefusedMembers()) {
		for _, use := range ofClient.FindAllString(r.Instead, -1) {
			uses[use] = true
		}
		for _, use := range ofContext.FindAllStringSubmatch(r.Instead, -1) {
			uses["Context.prototype."+use[1]] = true
		}
	}
	if !uses["Context.prototype.putStream"] || !uses["hatchet.ratelimits.upsert"] {
		t.Fatalf("the alternatives were not found in the texts: %v", slices.Sorted(maps.Keys(uses)))
	}
	for use := range uses {
		object, member := use[:strings.LastIndex(use, ".")], use[strings.LastIndex(use, ".")+1:]
		source += fmt.Sprintf("if (!(%q in %s)) throw new Error(%q);\n", member, object, use+" does not exist")
	}
	report := check(t, map[string]string{"a.ts": source})
	if report.Failed != 0 {
		t.Error(report.Files[0].Error.Message)
	}
}

func instanceOf(t *testing.T, r typescript.Refused) string {
	t.Helper()
	instance := instances[r.Of]
	if instance == "" {
		t.Fatalf("there is no case for the members of %s, of which %s is refused", r.Of, r.Member)
	}
	return instance
}

// expectFailures compares the errors of files, by name, and has good.ts be
// served all the same.
func expectFailures(t *testing.T, report *sdk.Report, want map[string]string) {
	t.Helper()
	got := map[string]string{}
	for _, file := range report.Files {
		if e := file.Error; e != nil {
			got[filepath.Base(file.Path)] = fmt.Sprintf("%s:%d:%d: %s", filepath.Base(e.File), e.Line, e.Column, e.Message)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if got[name] != want[name] {
			t.Errorf("got  %q\nwant %q", got[name], want[name])
		}
	}
	if len(got) != len(want) || report.Workflows != 1 {
		t.Errorf("%d files failed of which %d should, and %d workflows are served", len(got), len(want), report.Workflows)
	}
}
