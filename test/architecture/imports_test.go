// Package architecture holds the house rules that the compiler does not check:
// which room may import which, and who may touch the operating system's clock.
package architecture

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/hatchet-js/hatchet-js-worker"

// rooms maps each room to the rooms of ours that it may import. A room covers
// the packages below it; the longest match wins. Every room may import itself.
var rooms = map[string][]string{
	"engine/contract":       {},
	"engine/clock":          {},
	"engine/workflow":       {"engine/contract"},
	"engine/transport":      {"engine/contract", "engine/clock"},
	"engine/client":         {"engine/contract", "engine/workflow", "engine/transport", "engine/clock"},
	"engine/worker":         {"engine/contract", "engine/workflow", "engine/transport", "engine/client", "engine/clock"},
	"engine/local":          {"engine/contract", "engine/workflow", "engine/clock"},
	"bindings/vm":           {"engine/clock"},
	"bindings/value":        {"bindings/vm"},
	"bindings/native":       {"bindings/vm", "bindings/value", "bindings/permit"},
	"bindings/permit":       {"engine/clock"},
	"bindings/builtin":      {"bindings/native", "bindings/node", "bindings/glue", "bindings/web", "bindings/vm", "bindings/permit"},
	"bindings/web":          {"bindings/native", "bindings/vm", "bindings/value", "bindings/permit", "engine/clock"},
	"bindings/node":         {"bindings/native", "bindings/web", "bindings/vm", "bindings/value", "bindings/permit", "engine/clock"},
	"bindings/glue":         {"bindings/native", "bindings/vm", "bindings/value", "bindings/permit", "engine/clock"},
	"bindings/hatchet":      {"bindings/native", "bindings/vm", "bindings/value", "bindings/web", "engine/workflow", "engine/clock"},
	"scripts":               {"bindings", "engine/workflow", "engine/clock"},
	"sdk":                   {"engine", "bindings", "scripts"},
	"cmd/hatchet-js-worker": {"sdk"},
	"examples":              {"sdk"},
	"test":                  {"engine", "bindings", "scripts", "sdk"},
}

// forbidden lists, per room, import path prefixes from outside the module that
// must not appear in it, tests included.
var forbidden = map[string][]string{
	"engine":                {"github.com/dop251/", "github.com/evanw/esbuild", "github.com/fsnotify/"},
	"bindings":              {"google.golang.org/grpc", "google.golang.org/protobuf"},
	"scripts":               {"google.golang.org/grpc", "google.golang.org/protobuf"},
	"sdk":                   {"flag", "github.com/spf13/"},
	"cmd/hatchet-js-worker": {"github.com/dop251/", "github.com/evanw/", "google.golang.org/", "modernc.org/"},
}

var vagueNames = []string{"util", "utils", "common", "helpers", "helper", "types", "misc"}

type listedPackage struct {
	ImportPath   string
	Name         string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

func packages(t *testing.T) []listedPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Name,Imports,TestImports,XTestImports", module+"/...")
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("go list: %v\n%s", err, exit.Stderr)
		}
		t.Fatalf("go list: %v", err)
	}
	var list []listedPackage
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listedPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("decode go list: %v", err)
		}
		list = append(list, p)
	}
	if len(list) < 10 {
		t.Fatalf("go list named only %d packages", len(list))
	}
	return list
}

// room returns the longest room that covers the package path.
func room(pkg string) string {
	for dir := strings.TrimPrefix(pkg, module+"/"); dir != "."; dir = path.Dir(dir) {
		if _, known := rooms[dir]; known {
			return dir
		}
	}
	return ""
}

func covers(room, dir string) bool { return dir == room || strings.HasPrefix(dir, room+"/") }

func TestArrowsPointOnlyWhereTheHouseAllows(t *testing.T) {
	for _, p := range packages(t) {
		from := room(p.ImportPath)
		if from == "" {
			t.Errorf("%s lies in no room", p.ImportPath)
			continue
		}
		for _, imported := range p.Imports {
			dir, ours := strings.CutPrefix(imported, module+"/")
			if !ours || covers(from, dir) {
				continue
			}
			if !slices.ContainsFunc(rooms[from], func(allowed string) bool { return covers(allowed, dir) }) {
				t.Errorf("%s must not import %s", p.ImportPath, imported)
			}
		}
	}
}

func TestForeignImportsStayInTheirRooms(t *testing.T) {
	for _, p := range packages(t) {
		dir := strings.TrimPrefix(p.ImportPath, module+"/")
		for area, prefixes := range forbidden {
			if !covers(area, dir) {
				continue
			}
			for _, imported := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
				for _, prefix := range prefixes {
					if imported == prefix || strings.HasPrefix(imported, prefix) && strings.Contains(prefix, "/") {
						t.Errorf("%s must not import %s", p.ImportPath, imported)
					}
				}
			}
		}
	}
}

func TestPackagesAreNamedForWhatTheyProvide(t *testing.T) {
	for _, p := range packages(t) {
		if slices.Contains(vagueNames, p.Name) {
			t.Errorf("%s: the name %q says nothing", p.ImportPath, p.Name)
		}
	}
}

func TestOnlyTheLocalEngineAndItsUsersKnowIt(t *testing.T) {
	for _, p := range packages(t) {
		dir := strings.TrimPrefix(p.ImportPath, module+"/")
		if !covers("engine/local", dir) {
			continue
		}
		for _, imported := range p.Imports {
			for _, banned := range []string{"engine/worker", "engine/client"} {
				if covers(banned, strings.TrimPrefix(imported, module+"/")) {
					t.Errorf("%s must not import %s: the embedded engine is the other side of the wire", p.ImportPath, imported)
				}
			}
		}
	}
}
