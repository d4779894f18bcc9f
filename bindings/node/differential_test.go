package node_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/hatchet-js/hatchet-js-worker/bindings/builtin/moduletest"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

// The same snippets run here and in Node, and come to the same. A file of
// testdata/differential has one snippet a line: an expression, or the body of an
// async function if it says return. Lines that begin with // are remarks; those
// that begin with @ are code that comes before each snippet. Of errors the class,
// the code and properties are compared, not the text.
func TestAsNodeDoes(t *testing.T) {
	files, err := filepath.Glob("testdata/differential/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no snippets: %v", err)
	}
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("nothing is compared with Node: it is not installed")
	}
	if version, err := exec.Command(node, "--version").Output(); err != nil || !strings.HasPrefix(string(version), "v20.") {
		t.Skipf("nothing is compared with Node: version 20 is wanted, here is %s %v", version, err)
	}
	show, err := os.ReadFile("testdata/differential/show.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			before, snippets := readSnippets(t, file)
			compare(t, node, string(show), before, snippets)
		})
	}
}

func readSnippets(t *testing.T, file string) (before string, snippets []string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(string(text), "\n") {
		code, shared := strings.CutPrefix(line, "@")
		switch {
		case shared:
			before += code + "\n"
		case line != "" && !strings.HasPrefix(line, "//"):
			snippets = append(snippets, line)
		}
	}
	return before, snippets
}

// function is the code of a snippet.
func function(before, snippet string) string {
	if !strings.Contains(snippet, "return ") {
		snippet = "return (" + snippet + ")"
	}
	return "async () => {\n" + before + snippet + "\n}"
}

// lowered is the body of an async function as the bundler hands it to the engine.
func lowered(t *testing.T, body string) string {
	t.Helper()
	if !strings.Contains(body, "for await") && !strings.Contains(body, "async function*") {
		return body
	}
	result := api.Transform("return (async () => {"+body+"})()", api.TransformOptions{
		Target: api.ESNext, Supported: map[string]bool{"async-generator": false, "for-await": false}, LogLevel: api.LogLevelSilent,
		TsconfigRaw: "{}", Loader: api.LoaderJS, Format: api.FormatDefault,
	})
	if len(result.Errors) > 0 {
		t.Fatal(result.Errors[0].Text)
	}
	return string(result.Code)
}

// everything is what Node allows.
func everything() permit.Rules {
	rules := permit.AllowAll()
	rules[permit.Net] = permit.Grant{Allow: []string{"127.0.0.1"}}
	return rules
}

func compare(t *testing.T, node, show, before string, snippets []string) {
	t.Helper()
	script := "const show = " + strings.TrimSpace(show) + ";\n(async () => { const all = []\n"
	for _, snippet := range snippets {
		script += "all.push(await show(" + function(before, snippet) + "))\n"
	}
	script += "process.stdout.write(JSON.stringify(all)) })()"
	command := exec.Command(node, "-")
	command.Stdin = strings.NewReader(script)
	command.Dir = t.TempDir()
	var stderr strings.Builder
	command.Stderr = &stderr
	out, err := command.Output()
	var want []string
	if err == nil {
		err = json.Unmarshal(out, &want)
	}
	if err != nil || len(want) != len(snippets) {
		t.Fatalf("node: %v\n%s\n%s", err, out, &stderr)
	}
	m := moduletest.New(t, permit.Options{Rules: everything()})
	wrong := 0
	for i, snippet := range snippets {
		if m.VM.Dead() {
			m = moduletest.New(t, permit.Options{Rules: everything()})
		}
		text, err := m.Run(t.Context(), lowered(t, "const show = "+strings.TrimSpace(show)+"; return await show("+function(before, snippet)+")"))
		got := ""
		if err == nil {
			err = json.Unmarshal([]byte(text), &got)
		}
		if err != nil || got != want[i] {
			wrong++
			t.Errorf("%s\ngave %s %v\nnode %s", snippet, got, err, want[i])
		}
	}
	t.Logf("%d of %d as Node", len(snippets)-wrong, len(snippets))
}

// Every file of snippets is of a module that there is.
func TestSnippetsAreOfModules(t *testing.T) {
	files, err := filepath.Glob("testdata/differential/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		before, snippets := readSnippets(t, file)
		if before == "" || slices.Contains(snippets, "") || len(snippets) < 5 {
			t.Errorf("%s has no more than %d snippets", file, len(snippets))
		}
	}
}
