package js_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
	"github.com/hatchet-js/hatchet-js-worker/bindings/web"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
	"github.com/hatchet-js/hatchet-js-worker/sdk/js"
	"github.com/hatchet-js/hatchet-js-worker/sdk/js/internal/declare"
	"github.com/hatchet-js/hatchet-js-worker/sdk/js/typescript"
)

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestGeneratedFilesAreUpToDate(t *testing.T) {
	declarations, err := declare.Declarations(read(t, "hatchet.d.ts.in"))
	if err != nil {
		t.Fatal(err)
	}
	if declarations != js.Declarations() {
		t.Error("hatchet.d.ts is not what its template and the tables give; run go generate ./sdk/js")
	}
	document, err := declare.Document(read(t, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	if document != read(t, "README.md") {
		t.Error("the tables of README.md are out of date; run go generate ./sdk/js")
	}
}

func TestGeneratedModulesAreUpToDate(t *testing.T) {
	for name, make := range map[string]func() (string, error){
		"modules.d.ts": declare.ModuleDeclarations, "MODULES.md": declare.ModuleReference,
		"typescript/face.js": typescript.Prebuilt, "typescript/enumerations.js": typescript.PrebuiltEnumerations,
	} {
		text, err := make()
		if err != nil {
			t.Fatal(err)
		}
		if text != read(t, name) {
			t.Errorf("%s is not what it is made of gives; run go generate ./sdk/js", name)
		}
	}
}

// interfaceNames are the interfaces of the declarations that mirror a section.
var interfaceNames = map[string]string{
	"Concurrency": "ConcurrencyOptions", "RateLimit": "RateLimitOptions", "WorkerLabel": "WorkerLabelOptions",
	"StandaloneOptions": "TriggerOptions", "Batch": "BatchOptions",
}

// handwritten are members of interfaces that no table lists: types of values,
// not natives, or what a declaration inherits.
var handwritten = map[string][]string{
	"Context": {"input"}, "Client": {"events"}, "RunRef": {"runId", "workflowRunId"},
}

var memberName = regexp.MustCompile(`(?m)^    (?:readonly )?(\w+)\??(?:<[^(]*>)?[:(<]`)

// declared lists the members of an interface.
func declared(t *testing.T, name string) map[string]bool {
	t.Helper()
	start := regexp.MustCompile(`(?m)^  interface ` + name + `(<.*?>)?( extends .*)? \{$`).FindStringIndex(js.Declarations())
	if start == nil {
		t.Fatalf("there is no interface %s", name)
	}
	body, _, _ := strings.Cut(js.Declarations()[start[1]:], "\n  }\n")
	names := map[string]bool{}
	for _, match := range memberName.FindAllStringSubmatch(body, -1) {
		names[match[1]] = true
	}
	return names
}

func TestEveryMemberIsDeclaredAndNothingElse(t *testing.T) {
	for name, section := range declare.Sections() {
		if name == "Console" {
			continue // a global interface, see below
		}
		if other := interfaceNames[name]; other != "" {
			name = other
		}
		got := declared(t, name)
		known := map[string]bool{}
		for _, extra := range handwritten[name] {
			known[extra] = true
		}
		for _, entry := range section.Entries {
			known[entry.Name] = true
			if !got[entry.Name] {
				t.Errorf("interface %s lacks %s", name, entry.Name)
			}
		}
		for member := range got {
			if !known[member] {
				t.Errorf("interface %s declares %s, which is not there at run time", name, member)
			}
		}
	}
}

func TestEveryEntryIsDocumented(t *testing.T) {
	for name, section := range declare.Sections() {
		for _, entry := range section.Entries {
			if entry.Type != "" && entry.Doc == "" {
				t.Errorf("%s.%s has no documentation", name, entry.Name)
			}
		}
	}
}

func TestGlobalsOfTheWebAreDeclared(t *testing.T) {
	missing := map[string]bool{
		"Intl": true, // of the language: TypeScript declares it
	}
	for _, entry := range native.DescribeMembers("", web.Members).Entries {
		found := regexp.MustCompile(`(?m)^declare (var|function) ` + entry.Name + `\b`).MatchString(js.Declarations())
		if found == missing[entry.Name] {
			t.Errorf("%s: declared %v", entry.Name, found)
		}
	}
}

func TestTheExampleOfTheReferenceLoads(t *testing.T) {
	_, block, found := strings.Cut(read(t, "README.md"), "```js\n")
	block, _, closed := strings.Cut(block, "```")
	if !found || !closed {
		t.Fatal("the reference has no example")
	}
	v := vm.New(vm.Options{})
	realm := hatchet.Install(v)
	err := v.Run(context.Background(), vm.Call{Start: func() (goja.Value, error) { return v.Runtime().RunScript("README.md", block) }})
	if err != nil {
		t.Fatal(err)
	}
	realm.Freeze()
	if problems := workflow.Validate(realm.Workflows()); len(problems) > 0 || len(realm.Workflows()) != 3 {
		t.Errorf("%d workflows, %v", len(realm.Workflows()), problems)
	}
}

// compiler is the command of a TypeScript compiler. One that npm has to fetch
// is given a while.
func compiler(t *testing.T) []string {
	t.Helper()
	if path, err := exec.LookPath("tsc"); err == nil {
		return []string{path}
	}
	npx, err := exec.LookPath("npx")
	if err != nil || testing.Short() {
		t.Skip("the declarations are not compiled: there is neither tsc nor npx, or the test is to be short")
	}
	command := []string{npx, "--yes", "--package", "typescript@5.9.3", "tsc"}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	if out, err := exec.CommandContext(ctx, command[0], append(command[1:], "--version")...).CombinedOutput(); err != nil {
		t.Skipf("the declarations are not compiled: npx cannot run tsc: %v\n%s", err, out)
	}
	return command
}

// tsconfig leaves out examples/ops: helper functions in plain JavaScript have
// parameters without types.
const tsconfig = `{
  "compilerOptions": {
    "target": "ES2022", "module": "ESNext", "moduleResolution": "Bundler", "lib": ["ES2023", "ESNext"], "types": [],
    "strict": true, "noEmit": true, "allowJs": true, "checkJs": true
  },
  "include": ["**/*.ts", "**/*.js"], "exclude": ["**/node_modules", "examples/ops"]
}`

// everyName uses every export of the TypeScript SDK's import paths.
func everyName() string {
	var text strings.Builder
	for i, path := range typescript.Paths() {
		fmt.Fprintf(&text, "import * as m%d from '%s';\n", i, path)
		for _, name := range typescript.Exports(path) {
			fmt.Fprintf(&text, "void m%d.%s;\n", i, name)
		}
	}
	return text.String()
}

func TestDeclarationsCompileWithTheExamples(t *testing.T) {
	command := compiler(t)
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "examples"), os.DirFS("../../examples")); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(filepath.Join(dir, "typescript"), os.DirFS("typescript/testdata")); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"hatchet-js.d.ts": js.Declarations(), "modules.d.ts": js.Modules(), "hatchet-js-test.d.ts": js.TestDeclarations(), "types.ts": read(t, "testdata/types.ts"), "tsconfig.json": tsconfig,
		"typescript-sdk.d.ts": typescript.Declarations(), "names.ts": everyName(),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(command[0], append(command[1:], "-p", dir)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
