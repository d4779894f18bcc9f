package sdk_test

import (
	"bytes"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// updateAPI is the variable that has testdata/api.txt written anew.
const updateAPI = "UPDATE_API"

// The exported names are those of testdata/api.txt, so that none comes, goes or
// changes unnoticed; and each says what it is.
func TestTheExportedAPI(t *testing.T) {
	var out strings.Builder
	for _, dir := range []string{".", "sdktest"} {
		out.WriteString(exported(t, dir))
	}
	golden := filepath.Join("testdata", "api.txt")
	if os.Getenv(updateAPI) != "" {
		if err := os.WriteFile(golden, []byte(out.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	had, has := strings.Split(string(want), "\n"), strings.Split(out.String(), "\n")
	for _, line := range had {
		if !slices.Contains(has, line) {
			t.Errorf("gone or changed: %s", line)
		}
	}
	for _, line := range has {
		if !slices.Contains(had, line) {
			t.Errorf("new or changed: %s", line)
		}
	}
	if t.Failed() {
		t.Log("if that is meant: " + updateAPI + "=1 go test ./sdk -run TestTheExportedAPI")
	}
}

// exported are the exported declarations of a package, a line each.
func exported(t *testing.T, dir string) string {
	fset, files := token.NewFileSet(), []*ast.File(nil)
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	p, err := doc.NewFromFiles(fset, files, "sdk/"+dir)
	if err != nil {
		t.Fatal(err)
	}
	l := &apiLines{T: t, fset: fset, pkg: p.Name}
	l.of(p)
	slices.Sort(l.lines)
	return strings.Join(slices.Compact(l.lines), "\n") + "\n"
}

// apiLines gathers declarations.
type apiLines struct {
	*testing.T
	fset  *token.FileSet
	pkg   string
	lines []string
}

func (l *apiLines) of(p *doc.Package) {
	l.funcs(p.Funcs)
	l.values(p.Consts, p.Vars)
	for _, named := range p.Types {
		l.documented(named.Name, named.Doc)
		l.funcs(named.Funcs)
		l.values(named.Consts, named.Vars)
		for _, method := range named.Methods {
			l.function(named.Name+"."+method.Name, method)
		}
		for _, spec := range named.Decl.Specs {
			l.typeOf(spec.(*ast.TypeSpec))
		}
	}
}

func (l *apiLines) funcs(list []*doc.Func) {
	for _, f := range list {
		l.function(f.Name, f)
	}
}

func (l *apiLines) function(name string, f *doc.Func) {
	l.documented(name, f.Doc)
	decl := *f.Decl
	decl.Doc, decl.Body = nil, nil
	l.add(l.text(&decl))
}

func (l *apiLines) values(lists ...[]*doc.Value) {
	for _, value := range slices.Concat(lists...) {
		for _, spec := range value.Decl.Specs {
			spec := spec.(*ast.ValueSpec)
			for _, name := range spec.Names {
				if name.IsExported() {
					if spec.Doc.Text()+value.Doc == "" {
						l.Errorf("%s.%s has no doc comment", l.pkg, name.Name)
					}
					l.add(value.Decl.Tok.String() + " " + name.Name)
				}
			}
		}
	}
}

// typeOf adds a type and its exported fields or methods.
func (l *apiLines) typeOf(spec *ast.TypeSpec) {
	name := "type " + spec.Name.Name
	switch kind := spec.Type.(type) {
	case *ast.StructType:
		l.add(name + " struct")
		l.fields(name, kind.Fields)
	case *ast.InterfaceType:
		l.add(name + " interface")
		l.fields(name, kind.Methods)
	default:
		if spec.Assign.IsValid() {
			name += " ="
		}
		l.add(name + " " + l.text(kind))
	}
}

func (l *apiLines) fields(of string, list *ast.FieldList) {
	for _, field := range list.List {
		for _, name := range field.Names {
			if name.IsExported() {
				l.add(of + "." + name.Name + " " + l.text(field.Type))
			}
		}
		if len(field.Names) == 0 {
			l.add(of + " embeds " + l.text(field.Type))
		}
	}
}

func (l *apiLines) documented(name, text string) {
	if strings.TrimSpace(text) == "" {
		l.Errorf("%s.%s has no doc comment", l.pkg, name)
	}
}

var spaces = regexp.MustCompile(`\s+`)

func (l *apiLines) text(node any) string {
	var out bytes.Buffer
	if err := printer.Fprint(&out, l.fset, node); err != nil {
		l.Fatal(err)
	}
	return spaces.ReplaceAllString(out.String(), " ")
}

func (l *apiLines) add(line string) { l.lines = append(l.lines, l.pkg+": "+line) }
