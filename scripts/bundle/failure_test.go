package bundle_test

import (
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/scripts/bundle"
	"github.com/hatchet-js/hatchet-js-worker/scripts/diagnostic"
)

func buildAt(base, path string) (*bundle.Bundle, error) {
	return bundle.Build(path, bundle.Options{Base: base, Modules: modules})
}

func TestFailures(t *testing.T) {
	for _, c := range []struct{ name, source, want string }{
		{"syntax", "const a = {\n  b: 1,\n  });\n", `main.js:3:4: expected ";" but found ")"`},
		{"missing file", "\nimport x from './nowhere.js'\n", `main.js:2:15: cannot find "./nowhere.js"`},
		{"missing package", "import x from '@scope/none/sub'\n", `main.js:1:15: cannot find the package "@scope/none/sub": there is no node_modules/@scope/none in this folder or above; install it with npm`},
		{"node: module", "import fs from 'node:fs'\n", `main.js:1:16: node:fs is not available here; these are: node:path`},
		{"bare module of Node", "import fs from 'fs/promises'\nfs()\n", `main.js:1:16: node:fs/promises is not available here; these are: node:path`},
		{"module of Node that is not there on purpose", "import net from 'net'\n", `main.js:1:17: node:net is not available here; use fetch`},
		{"hatchet: module", "import x from 'hatchet:sq'\n", `main.js:1:15: there is no built-in module "hatchet:sq"; these are: hatchet:yaml`},
		{"missing member of a built-in module", "import { jion } from 'path'\njion()\n", `main.js:1:10: node:path has no jion; it has join, sep`},
		{"member that is not there on purpose", "import { matchesGlob } from 'node:path'\nmatchesGlob()\n", `main.js:1:10: node:path has no matchesGlob here; use a regular expression`},
		{"missing member of all that is imported", "import * as path from 'node:path'\npath.matchesGlob()\n", `main.js:2:6: node:path has no matchesGlob here; use a regular expression`},
		{"TypeScript SDK", "import { Hatchet } from '@hatchet-dev/typescript-sdk/v1'\n", `main.js:1:25: "@hatchet-dev/typescript-sdk/v1" is not available here yet: declare with the builder that is simply there, as in workflow('name').task('step', fn)`},
		{"URL", "import x from 'https://esm.sh/zod'\n", `main.js:1:15: cannot import`},
		{"redeclaration", "let a = 1\nlet a = 2\n", `main.js:2:5: the symbol "a" has already been declared`},
		{"missing export", "import { nope } from './lib.js'\nnope()\n", `main.js:1:10: no matching export in "lib.js" for import "nope"`},
		{"bad JSON", "import x from './bad.json'\n", `bad.json:2:3: expected string in JSON but found "b"`},
		{"a broken import", "import './broken.js'\n", `broken.js:3:9: expected ";" but found ")"`},
		{"a regular expression that no engine takes", "\nreport(/a(/)\n", `main.js:2:8: the JavaScript engine does not accept this: unterminated group`},
		{"unknown file type", "import x from './view.vue'\n", `main.js:1:15: a .vue file cannot be imported: text files can (.txt .md .html .css .sql .csv .yaml .yml .graphql .gql .tmpl .tpl), and any file as text with { type: 'text' }`},
		{"nesting", "x" + strings.Repeat("(", 3000) + strings.Repeat(")", 3000), `main.js:1:1002: brackets are nested more than 1000 deep here`},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := folder(t, "-- lib.js --\nexport const a = 1\n-- bad.json --\n{\n  b: 1 }\n-- broken.js --\n\n\nconst x )\n-- view.vue --\n<a>\n-- main.js --\n"+c.source)
			_, err := build(t, dir, "main.js")
			var d *diagnostic.Error
			if !errors.As(err, &d) {
				t.Fatalf("got %v", err)
			}
			if !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("got  %s\nwant %s", err, c.want)
			}
			if first := d.Diagnostics[0]; !strings.Contains(first.Frame, "^ ") {
				t.Errorf("no frame in %+v", first)
			}
		})
	}
}

func TestAFailureKnowsItsInputs(t *testing.T) {
	dir := folder(t, "-- main.js --\nimport './lib.js'\n-- lib.js --\nconst )\n-- late.ts --\nimport './x.js'\nimport './lib/y'\n")
	_, err := build(t, dir, "main.js")
	var failed *bundle.Error
	if !errors.As(err, &failed) || !slices.Equal(paths(failed.Inputs), []string{dir + "/lib.js", dir + "/main.js"}) {
		t.Fatalf("got %+v", err)
	}
	if failed.Inputs[0].Sum != sha256.Sum256([]byte("const )\n")) {
		t.Error("the sum is another")
	}
	var absent []string
	_, err = build(t, dir, "late.ts")
	if !errors.As(err, &failed) {
		t.Fatalf("got %v", err)
	}
	for _, input := range failed.Inputs {
		if input.Absent {
			absent = append(absent, strings.TrimPrefix(input.Path, dir+"/"))
		}
	}
	for _, want := range []string{"x.js", "x.ts", "x.js/index.js", "lib/y", "lib/y.json", "lib/y/index.ts"} {
		if !slices.Contains(absent, want) {
			t.Errorf("%s was not looked for: %v", want, absent)
		}
	}
	_, err = build(t, dir, "gone.js")
	if !errors.As(err, &failed) || len(failed.Inputs) != 1 || !failed.Inputs[0].Absent {
		t.Errorf("of a file that is not there: %+v", err)
	}
}

func paths(inputs []bundle.Input) []string {
	var list []string
	for _, input := range inputs {
		list = append(list, input.Path)
	}
	return list
}

func TestTheFrameShowsTheSource(t *testing.T) {
	dir := folder(t, "-- main.js --\nworkflow('x')\n  .task('y', () => {\n  });\n  });\n")
	_, err := build(t, dir, "main.js")
	want := "main.js:4:3: unexpected \"}\"\n2 |   .task('y', () => {\n3 |   });\n4 |   });\n  |   ^ unexpected \"}\"\n"
	if got := describe(err); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestSeveralErrorsAreCounted(t *testing.T) {
	dir := folder(t, "-- main.js --\nimport './a'\nimport './b'\n")
	_, err := build(t, dir, "main.js")
	if want := `main.js:1:8: cannot find "./a" (and 1 more)`; err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func TestAnEntryThatIsNotThere(t *testing.T) {
	dir := folder(t, "-- link.js -> nowhere.js --\n-- folder/a.js --\n")
	for name, want := range map[string]string{
		"gone.js": "gone.js: cannot be read: no such file",
		"link.js": "link.js: is a symbolic link that leads nowhere",
		"folder":  "folder: is no regular file",
	} {
		if _, err := build(t, dir, name); err == nil || err.Error() != want {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestSizeLimit(t *testing.T) {
	dir := folder(t, "-- main.js --\nimport './big.js'\n-- big.js --\n//"+strings.Repeat("x", 5000)+"\n-- a.js --\nimport './b.js'\n"+strings.Repeat("report(1)\n", 150)+"-- b.js --\n"+strings.Repeat("report(1)\n", 150))
	_, err := bundle.Build(dir+"/main.js", bundle.Options{Base: dir, MaxSource: 2000})
	if want := "big.js: the file has 5003 bytes, more than the 2000 that are allowed"; err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
	_, err = bundle.Build(dir+"/a.js", bundle.Options{Base: dir, MaxSource: 2000})
	if want := "a.js: with all its imports the script has "; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v", err)
	}
}

func TestWarningsOfOnesOwnFiles(t *testing.T) {
	dir := folder(t, "-- main.js --\nimport 'pkg'\n\nif (typeof x === 'nul') {}\n-- node_modules/pkg/index.js --\nif (typeof x === 'nul') {}\n")
	b := mustBuild(t, dir, "main.js")
	if len(b.Warnings) != 1 || b.Warnings[0].File != "main.js" || b.Warnings[0].Line != 3 {
		t.Errorf("got %+v", b.Warnings)
	}
}

func TestHashFollowsContentAndPositions(t *testing.T) {
	const helper = "-- lib.js --\nexport const a = 1\n"
	hash := func(files string) string {
		return mustBuild(t, folder(t, files), "main.js").Hash
	}
	base := hash("-- main.js --\nimport { a } from './lib.js'\nreport(a)\n" + helper)
	if again := hash("-- main.js --\nimport { a } from './lib.js'\nreport(a)\n" + helper); again != base {
		t.Error("the same content in another folder has another hash")
	}
	for name, files := range map[string]string{
		"a changed import":  "-- main.js --\nimport { a } from './lib.js'\nreport(a)\n-- lib.js --\nexport const a = 2\n",
		"another position":  "-- main.js --\n\nimport { a } from './lib.js'\nreport(a)\n" + helper,
		"an changed script": "-- main.js --\nimport { a } from './lib.js'\nreport(a + 1)\n" + helper,
	} {
		if hash(files) == base {
			t.Errorf("%s keeps the hash", name)
		}
	}
}
