package compat

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/bindings/builtin"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
	"github.com/hatchet-js/hatchet-js-worker/scripts/bundle"
	"github.com/hatchet-js/hatchet-js-worker/scripts/generation"
	"github.com/hatchet-js/hatchet-js-worker/sdk"
	"github.com/hatchet-js/hatchet-js-worker/sdk/js/typescript"
)

const sdkPackage = "@hatchet-dev/typescript-sdk"

var relativeRequire = regexp.MustCompile(`require\("(\.[^"]*)"\)`)

// copyExamples copies the examples of the official package, as they are but that
// they import the package by its name and not by the path to it, as the copies
// do that Hatchet publishes.
func (s *stage) copyExamples(t *testing.T, into string) {
	t.Helper()
	root := filepath.Join(s.dir, "node_modules", sdkPackage)
	examples := os.DirFS(filepath.Join(root, "v1", "examples"))
	err := fs.WalkDir(examples, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, ".js") {
			return err
		}
		text, err := fs.ReadFile(examples, name)
		if err != nil {
			return err
		}
		to := filepath.Join(into, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		return os.WriteFile(to, []byte(byPackage(name, string(text))), 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// byPackage has an example import the package by its name.
func byPackage(example, text string) string {
	return relativeRequire.ReplaceAllStringFunc(text, func(call string) string {
		target := path.Join("v1/examples", path.Dir(example), relativeRequire.FindStringSubmatch(call)[1])
		if strings.HasPrefix(target, "v1/examples") {
			return call
		}
		return fmt.Sprintf("require(%q)", sdkPackage+"/"+target)
	})
}

// unloadable are the examples that do not load, and why.
var unloadable = map[string]string{
	// Wants a key in its environment, in Node as here.
	"middleware/recipes.js": "the first argument must be a string, a Buffer",
	// A package that starts threads, see sdk/js/PACKAGES.md; nobody has installed it here.
	"logger/byo-logger.js": `cannot find the package "pino"`, "logging/byo-logger.js": `cannot find the package "pino"`,
	// Patches code as it is required, which a bundle does not do.
	"opentelemetry_instrumentation/run.js":    `cannot find the package "@opentelemetry/api"`,
	"opentelemetry_instrumentation/setup.js":  `cannot find the package "@opentelemetry/instrumentation"`,
	"opentelemetry_instrumentation/worker.js": `cannot find the package "@opentelemetry/instrumentation"`,
	// A server of its own, and tools of the SDK's own tests.
	"embedded/worker.js": "HatchetEmbeddedClient of @hatchet-dev/typescript-sdk/v1/embedded is not available here",
	"__e2e__/harness.js": `"@hatchet-dev/typescript-sdk/v1/client/worker/deprecated/legacy-worker" is no part of`,
}

// leastExamples guards against examples that got lost, leastLoading against a
// list of those that do not load that grows.
const leastExamples, leastLoading = 193, 185

// TestOfficialExamplesLoad loads every example of the official package. What
// cannot load is listed with the reason; that two files declare a workflow of
// one name is told by name, and counts as loaded.
func TestOfficialExamplesLoad(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	dir := filepath.Join(s.dir, "examples")
	s.copyExamples(t, dir)
	report, err := sdk.Check(context.Background(), []string{dir}, sdk.LoadOptions{Permissions: sdk.Permissions{Rules: sdk.AllowAll()}})
	if err != nil {
		t.Fatal(err)
	}
	failed, clashes := map[string]string{}, 0
	for _, file := range report.Files {
		if file.Error == nil {
			continue
		}
		name, _ := filepath.Rel(dir, file.Path)
		if !filepath.IsAbs(file.Path) {
			_, name, _ = strings.Cut(filepath.ToSlash(file.Path), "examples/")
		}
		if strings.Contains(file.Error.Message, "is already declared at") {
			clashes++
			continue
		}
		failed[filepath.ToSlash(name)] = file.Error.Message
	}
	for name, message := range failed {
		if want, known := unloadable[name]; !known || !strings.Contains(message, want) {
			t.Errorf("%s: %s", name, message)
		}
	}
	for name := range unloadable {
		if failed[name] == "" {
			t.Errorf("%s loads by now: take it off the list", name)
		}
	}
	if len(report.Files) < leastExamples {
		t.Errorf("there are %d examples", len(report.Files))
	}
	page, err := os.ReadFile("../../sdk/js/TYPESCRIPT-SDK.md")
	if err != nil {
		t.Fatal(err)
	}
	for name := range unloadable {
		if !strings.Contains(string(page), "`"+strings.TrimSuffix(name, ".js")+"`") {
			t.Errorf("TYPESCRIPT-SDK.md does not list %s", name)
		}
	}
	if want := fmt.Sprintf("%d files of examples; %d of them load", len(report.Files), len(report.Files)-len(failed)); !strings.Contains(string(page), want) {
		t.Errorf("TYPESCRIPT-SDK.md does not say %q", want)
	}
	if loading := len(report.Files) - len(failed); loading < leastLoading {
		t.Errorf("only %d of the examples load", loading)
	}
	t.Logf("%d files, %d load, %d clash by name with another", len(report.Files), len(report.Files)-len(failed), clashes)
}

// leastRegistrations guards against examples that declare nothing.
const leastRegistrations = 150

// TestRegistrationsOfOfficialExamplesAreThoseOfTheOfficialSDK compares the
// registrations of what the examples declare.
func TestRegistrationsOfOfficialExamplesAreThoseOfTheOfficialSDK(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	dir := filepath.Join(s.dir, "examples")
	s.copyExamples(t, dir)
	official, seen, compared := s.examples(t), map[[2]string]bool{}, 0
	for _, example := range official {
		if unloadable[example.Name] != "" || !example.news(seen) {
			continue
		}
		ours, err := s.declaredBy(filepath.Join(dir, filepath.FromSlash(example.Name)))
		if err != nil {
			t.Errorf("%s: %v", example.Name, err)
			continue
		}
		for _, theirs := range example.Requests {
			if example.again(theirs[0]) { // one of them is served
				continue
			}
			i := slices.IndexFunc(ours, func(w *workflow.Workflow) bool { return w.Name == theirs[0] })
			if i < 0 && slices.ContainsFunc(ours, func(w *workflow.Workflow) bool { return w.Handed }) {
				continue // it is not for this program to serve
			}
			if i < 0 {
				t.Errorf("%s does not declare %s", example.Name, theirs[0])
				continue
			}
			request, err := base64.StdEncoding.DecodeString(theirs[1])
			if err != nil {
				t.Fatal(err)
			}
			compared++
			t.Run(example.Name+"/"+theirs[0], func(t *testing.T) { compareBytes(t, ours[i].Request(""), request) })
			ours = slices.Delete(ours, i, i+1)
		}
	}
	t.Logf("%d registrations of %d examples", compared, len(official))
	if compared < leastRegistrations {
		t.Errorf("only %d registrations were compared", compared)
	}
}

// declaredBy is what an example declares while it loads in our worker's VM.
func (s *stage) declaredBy(file string) ([]*workflow.Workflow, error) {
	modules, err := builtin.Registry()
	if err != nil {
		return nil, err
	}
	built, err := bundle.Build(file, bundle.Options{Modules: modules, Packages: []*bundle.Package{typescript.Face()}})
	if err != nil {
		return nil, err
	}
	door, err := permit.NewDoor(permit.Options{Dir: s.dir, Clock: clock.Real(), Rules: permit.AllowAll()})
	if err != nil {
		return nil, err
	}
	g, err := generation.Load(context.Background(), built, 1, generation.Options{Modules: modules, Spare: -1, Door: door})
	if err != nil {
		return nil, err
	}
	return slices.Clone(g.Workflows), nil
}

// officialExample is what the official SDK makes of an example: names and
// requests.
type officialExample struct {
	Name     string
	Requests [][2]string
}

// news reports whether the example declares anything that none before it does,
// and notes what it does.
func (e officialExample) news(seen map[[2]string]bool) bool {
	before := len(seen)
	for _, request := range e.Requests {
		seen[request] = true
	}
	return len(seen) > before
}

// again reports whether the example declares several workflows of the name.
func (e officialExample) again(name string) bool {
	found := 0
	for _, request := range e.Requests {
		if request[0] == name {
			found++
		}
	}
	return found > 1
}

func (s *stage) examples(t *testing.T) []officialExample {
	t.Helper()
	cmd := exec.Command("node", "oracle/examples.cjs")
	s.furnish(cmd, nil)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var list []officialExample
	for decoder := json.NewDecoder(bytes.NewReader(out)); decoder.More(); {
		var one officialExample
		if err := decoder.Decode(&one); err != nil {
			t.Fatal(err)
		}
		list = append(list, one)
	}
	return list
}
