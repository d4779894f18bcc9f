// Command typecheck checks the types of this module's packages, with their tests,
// as another system has them: typecheck windows. Nothing is compiled; of other
// modules and the standard library only declarations are looked at, so that it
// takes seconds where a build for that system takes minutes. It prints what is
// wrong and ends with exit code 1.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
)

// module is the beginning of the names of our own packages.
const module = "github.com/hatchet-js/hatchet-js-worker/"

// mostBytes is how large a file of another module may be: beyond it are tables and
// translated programs, of whose declarations ours need none but those in needed.
const mostBytes = 500 << 10

var needed = []string{"zerrors_windows.go", "sqlite.go"}

// unit is a package as go list describes it, or a package with its tests.
type unit struct {
	ImportPath, Dir string
	GoFiles         []string
	ImportMap       map[string]string

	files []*ast.File
}

func (u *unit) own() bool { return strings.HasPrefix(u.ImportPath, module) }

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: typecheck SYSTEM, such as typecheck windows")
		os.Exit(2)
	}
	wrong, err := check(os.Args[1])
	for _, text := range wrong {
		fmt.Println(text)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "typecheck:", err)
	}
	if err != nil || len(wrong) > 0 {
		os.Exit(1)
	}
}

// check gives what is wrong in our packages.
func check(system string) (wrong []string, err error) {
	units, err := list(system)
	if err != nil {
		return nil, err
	}
	fset := token.NewFileSet()
	if err := parse(fset, units); err != nil {
		return nil, err
	}
	known := map[string]*types.Package{"unsafe": types.Unsafe}
	for _, u := range units {
		config := types.Config{
			IgnoreFuncBodies: !u.own(), FakeImportC: true, Sizes: types.SizesFor("gc", "amd64"),
			Importer: importer{u, known},
			Error: func(err error) {
				if u.own() {
					wrong = append(wrong, err.Error())
				}
			},
		}
		known[u.ImportPath], _ = config.Check(u.ImportPath, fset, u.files, nil) // the errors were told
	}
	return wrong, nil
}

// importer gives a package what was checked before it.
type importer struct {
	of    *unit
	known map[string]*types.Package
}

func (i importer) Import(path string) (*types.Package, error) {
	if mapped := i.of.ImportMap[path]; mapped != "" {
		path = mapped
	}
	if p := i.known[path]; p != nil {
		return p, nil
	}
	return nil, fmt.Errorf("%s is not looked at", path)
}

// list describes all packages, each after those that it imports.
func list(system string) ([]*unit, error) {
	command := exec.Command("go", "list", "-deps", "-test", "-json=ImportPath,Dir,GoFiles,ImportMap", module+"...")
	command.Env = append(os.Environ(), "GOOS="+system, "GOARCH=amd64", "CGO_ENABLED=0")
	var failed bytes.Buffer
	command.Stderr = &failed
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("go list for %s: %w: %s", system, err, failed.Bytes())
	}
	var units []*unit
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		u := &unit{}
		if err := decoder.Decode(u); errors.Is(err, io.EOF) {
			return units, nil
		} else if err != nil {
			return nil, fmt.Errorf("what go list says: %w", err)
		}
		main := strings.HasSuffix(u.ImportPath, ".test") // is written when tests are built
		if u.ImportPath != "unsafe" && !main {
			units = append(units, u)
		}
	}
}

// parse reads the files of all packages.
func parse(fset *token.FileSet, units []*unit) error {
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for _, u := range units {
		group.Go(func() error {
			for _, name := range u.GoFiles {
				if err := u.parse(fset, filepath.Join(u.Dir, name)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}

func (u *unit) parse(fset *token.FileSet, path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if len(text) > mostBytes && !u.own() && !slices.Contains(needed, filepath.Base(path)) {
		return nil
	}
	file, err := parser.ParseFile(fset, path, text, parser.SkipObjectResolution)
	u.files = append(u.files, file)
	return err
}
