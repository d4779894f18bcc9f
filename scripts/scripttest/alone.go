package scripttest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/scripts/bundle"
	"github.com/hatchet-js/hatchet-js-worker/scripts/generation"
)

// Alone are fixtures that are tests without a test file.
type Alone struct {
	// Workflow is the name of the workflow that they run.
	Workflow string
	// Fixtures are the absolute paths of their files.
	Fixtures []string
	// Scripts are the absolute paths of the files that may declare the workflow.
	Scripts []string
}

// prepare writes the test file that the fixtures do without, into a folder of
// its own that done removes, and tells which it is.
func (a *Alone) prepare(ctx context.Context, o Options) (path string, done func() error, err error) {
	script, err := a.declaring(ctx, o)
	if err != nil {
		return "", nil, err
	}
	dir, err := os.MkdirTemp("", "hatchet-js-fixtures-")
	if err != nil {
		return "", nil, err
	}
	done = func() error { return os.RemoveAll(dir) }
	path = filepath.Join(dir, "fixtures.test.js")
	if err := os.WriteFile(path, []byte(a.source(script)), 0o600); err != nil {
		return "", nil, errors.Join(err, done())
	}
	return path, done, nil
}

// source is the text of the test file.
func (a *Alone) source(script string) string {
	var text strings.Builder
	quote := func(s string) string {
		quoted, _ := json.Marshal(s) // a string always can be
		return string(quoted)
	}
	fmt.Fprintf(&text, "import { test } from %q\nimport %s\n", Module, quote(script))
	for _, fixture := range a.Fixtures {
		fmt.Fprintf(&text, "test.fixtures(%s, %s)\n", quote(fixture), quote(a.Workflow))
	}
	return text.String()
}

// declaring finds the script that declares the workflow. Scripts that do not
// load are of no interest unless none does.
func (a *Alone) declaring(ctx context.Context, o Options) (string, error) {
	var found, names []string
	var broken []error
	for _, path := range a.Scripts {
		declared, err := workflowsOf(ctx, path, o)
		if err != nil {
			broken = append(broken, err)
		}
		for _, name := range declared {
			if strings.EqualFold(name, a.Workflow) {
				found = append(found, path)
			}
			names = append(names, name)
		}
	}
	switch {
	case len(found) > 1:
		return "", fmt.Errorf("--workflow %s: it is declared by %s and by %s", a.Workflow, found[0], found[1])
	case len(found) == 1:
		return found[0], nil
	case len(names) == 0:
		return "", errors.Join(append([]error{fmt.Errorf("--workflow %s: no script below %s declares a workflow", a.Workflow, o.Base)}, broken...)...)
	}
	return "", errors.Join(append([]error{fmt.Errorf("--workflow %s: the scripts below %s declare %s", a.Workflow, o.Base, strings.Join(names, ", "))}, broken...)...)
}

// workflowsOf names what a script declares.
func workflowsOf(ctx context.Context, path string, o Options) ([]string, error) {
	built, err := bundle.Build(path, bundle.Options{Base: o.Base, Modules: o.Modules, Packages: o.Packages})
	if err != nil {
		return nil, err
	}
	options := generation.Options{Spare: -1, Modules: o.Modules, Join: o.Join, Console: func(string, hatchet.Level, string) {}}
	if options.Door, err = o.loadingDoor(); err != nil {
		return nil, err
	}
	g, err := generation.Load(ctx, built, 1, options)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(g.Workflows))
	for i, w := range g.Workflows {
		names[i] = w.Name
	}
	return names, nil
}
