package architecture

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// clockCalls are the members of package time that ask for, or wait for, real
// time.
var clockCalls = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick"}

// environmentCalls are what sdk and everything below it must be handed.
var environmentCalls = []string{"Getenv", "LookupEnv", "Environ", "Exit"}

const (
	maxFileLines     = 500
	maxFunctionLines = 40 // 30 is the aim; tables and switches may pass
)

type source struct {
	path string // slash-separated, below the module's root
	fset *token.FileSet
	file *ast.File
	text []byte
}

func (s source) generated() bool { return ast.IsGenerated(s.file) }

// test includes packages made for tests of others, whose folders begin with
// "fake".
func (s source) test() bool {
	return strings.HasSuffix(s.path, "_test.go") || strings.Contains(s.path, "/fake")
}

func sources(t *testing.T) []source {
	t.Helper()
	root := filepath.Join("..", "..")
	var found []source
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && p != root && (strings.HasPrefix(name, ".") && name != ".." || name == "node_modules" || name == "testdata") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		s, err := parse(root, p)
		found = append(found, s)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 20 {
		t.Fatalf("only %d source files found", len(found))
	}
	return found
}

func parse(root, p string) (source, error) {
	text, err := os.ReadFile(p)
	if err != nil {
		return source{}, err
	}
	rel, err := filepath.Rel(root, p)
	if err != nil {
		return source{}, err
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, rel, text, parser.ParseComments)
	return source{path: filepath.ToSlash(rel), fset: fset, file: file, text: text}, err
}

// calls lists where the file selects one of names from the package imported
// as pkg.
func (s source) calls(pkg string, names []string) []string {
	local := ""
	for _, imp := range s.file.Imports {
		if strings.Trim(imp.Path.Value, `"`) == pkg {
			local = pkg
			if imp.Name != nil {
				local = imp.Name.Name
			}
		}
	}
	if local == "" {
		return nil
	}
	var found []string
	ast.Inspect(s.file, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok || !slices.Contains(names, sel.Sel.Name) {
			return true
		}
		if id, ok := sel.X.(*ast.Ident); ok && id.Name == local {
			found = append(found, fmt.Sprintf("%s: %s.%s", s.fset.Position(sel.Pos()), pkg, sel.Sel.Name))
		}
		return true
	})
	return found
}

func TestOnlyTheClockTouchesRealTime(t *testing.T) {
	for _, s := range sources(t) {
		if s.test() || s.generated() || strings.HasPrefix(s.path, "engine/clock/") || strings.HasPrefix(s.path, "test/") {
			continue
		}
		for _, call := range s.calls("time", clockCalls) {
			t.Errorf("%s: take a clock.Clock instead", call)
		}
	}
}

func TestNothingBelowTheCommandReadsTheEnvironment(t *testing.T) {
	for _, s := range sources(t) {
		if s.test() || s.generated() {
			continue
		}
		switch top, _, _ := strings.Cut(s.path, "/"); top {
		case "engine", "bindings", "scripts", "sdk":
		default:
			continue
		}
		if strings.Contains(s.path, "/internal/generate/") { // a maintainer's command
			continue
		}
		for _, call := range s.calls("os", environmentCalls) {
			t.Errorf("%s: the command passes settings in", call)
		}
	}
}

func TestFilesAndFunctionsStayReadable(t *testing.T) {
	for _, s := range sources(t) {
		if s.generated() {
			continue
		}
		if lines := strings.Count(string(s.text), "\n"); lines > maxFileLines {
			t.Errorf("%s has %d lines, more than %d", s.path, lines, maxFileLines)
		}
		if s.test() {
			continue
		}
		for _, decl := range s.file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || f.Body == nil || isTable(f.Body) {
				continue
			}
			if lines := s.fset.Position(f.End()).Line - s.fset.Position(f.Pos()).Line + 1; lines > maxFunctionLines {
				t.Errorf("%s: %s has %d lines, more than %d", s.fset.Position(f.Pos()), f.Name.Name, lines, maxFunctionLines)
			}
		}
	}
}

// isTable reports whether the body is little else than one switch or one
// composite literal.
func isTable(body *ast.BlockStmt) bool {
	for _, stmt := range body.List {
		switch s := stmt.(type) {
		case *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
			return len(body.List) <= 4
		case *ast.ReturnStmt:
			for _, result := range s.Results {
				if isLiteral(result) {
					return len(body.List) <= 4
				}
			}
		}
	}
	return false
}

func isLiteral(e ast.Expr) bool {
	if u, ok := e.(*ast.UnaryExpr); ok {
		e = u.X
	}
	_, ok := e.(*ast.CompositeLit)
	return ok
}
