package js_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/bindings/builtin"
	"github.com/hatchet-js/hatchet-js-worker/sdk"
)

// The example of every module's reference runs as it stands and logs what it
// says.
func TestTheExamplesOfTheModules(t *testing.T) {
	registry, err := builtin.Registry()
	if err != nil {
		t.Fatal(err)
	}
	logs := &logged{lines: map[string][]string{}}
	dir := t.TempDir()
	t.Chdir(dir)
	want := map[string][]string{}
	for _, module := range registry.Modules() {
		if module.Example == "" {
			t.Errorf("%s has no example", module.Name)
			continue
		}
		if strings.Contains(module.Example, "process.env.") {
			continue // needs a server: bindings/glue runs it
		}
		name := strings.NewReplacer(":", "-", "/", "-").Replace(module.Name)
		want[name] = announced(module.Example)
		if err := os.WriteFile(filepath.Join(dir, name+".js"), []byte(script(name, module.Example)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	options := sdk.Options{Paths: []string{dir}, Observer: logs.observe, Permissions: examplePermissions(t, dir)}
	err = sdk.WithLocal(t.Context(), options, func(c *sdk.Client) error {
		for name, lines := range want {
			runExample(t, c, name)
			if got := logs.of(name); !slices.Equal(got, lines) {
				t.Errorf("%s logs %q, and says %q", name, got, lines)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func runExample(t *testing.T, c *sdk.Client, name string) {
	ctx := context.Background()
	id, err := c.Trigger(ctx, name, json.RawMessage(`{}`), sdk.RunOptions{})
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	if run, err := c.Wait(ctx, id); err != nil || run.Status != "COMPLETED" {
		t.Errorf("%s: %+v, %v", name, run, err)
	}
}

// script makes a task of an example: imports stay on top.
func script(name, example string) string {
	var imports, body []string
	for line := range strings.SplitSeq(example, "\n") {
		if strings.HasPrefix(line, "import ") {
			imports = append(imports, line)
		} else {
			body = append(body, line)
		}
	}
	return strings.Join(imports, "\n") + "\nworkflow.task('" + name + "', async (input, ctx) => {\n" + strings.Join(body, "\n") + "\n})\n"
}

// announced are the lines that an example says it logs.
func announced(example string) []string {
	var lines []string
	for line := range strings.SplitSeq(example, "\n") {
		if _, said, found := strings.Cut(line, " // -> "); found {
			lines = append(lines, strings.Split(said, " // -> ")...)
		}
	}
	return lines
}

// logged are the lines of tasks, by workflow.
type logged struct {
	mu    sync.Mutex
	lines map[string][]string
}

func (l *logged) observe(n sdk.Notice) {
	if line, ok := n.(sdk.TaskLogged); ok {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.lines[line.Workflow] = append(l.lines[line.Workflow], line.Message)
	}
}

func (l *logged) of(workflow string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lines[workflow]
}

// examplePermissions let the examples use the folder and what is declared.
func examplePermissions(t *testing.T, dir string) sdk.Permissions {
	t.Helper()
	config := `{ "secrets": { "STRIPE_KEY": "env:STRIPE_KEY" } }`
	if err := os.WriteFile(filepath.Join(dir, sdk.ConfigName), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return sdk.Permissions{
		Environ: []string{"STRIPE_KEY=rk_live_0123456789"},
		Rules:   sdk.Rules{sdk.PermitRead: {Allow: []string{dir}}, sdk.PermitWrite: {Allow: []string{dir}}, sdk.PermitRun: {Allow: []string{"echo"}}},
	}
}
