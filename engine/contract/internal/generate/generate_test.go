package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/types/descriptorpb"
)

// module is the folder of the module as seen from this package's tests.
const module = "../../../.."

// TestCommittedFilesAreCurrent fails when a .proto file was changed without
// generating again, or a generated file was edited or left behind.
func TestCommittedFilesAreCurrent(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the plugins")
	}
	out := t.TempDir()
	if err := generate(t.Context(), module, out); err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		fresh, committed := generated(t, out, folder), generated(t, module, folder)
		if len(fresh) == 0 {
			t.Errorf("nothing was generated in %s", folder)
		}
		for name, text := range fresh {
			if committed[name] != text {
				t.Errorf("%s/%s is not what its .proto file gives: run go generate ./engine/contract", folder, name)
			}
		}
		for name := range committed {
			if _, ok := fresh[name]; !ok {
				t.Errorf("%s/%s belongs to no .proto file: delete it", folder, name)
			}
		}
	}
}

// generated reads the generated files of a folder, name to content.
func generated(t *testing.T, root, folder string) map[string]string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(folder), "*.pb.go"))
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, file := range found {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		texts[filepath.Base(file)] = string(text)
	}
	return texts
}

// Numbers of descriptor fields as they appear in a source location's path.
const (
	pathMessage, pathEnum, pathService, pathMethod = 4, 5, 6, 2
)

// TestDeclarationsAreDocumented wants a comment on every service, method,
// message and enum.
func TestDeclarationsAreDocumented(t *testing.T) {
	names, err := sources(module)
	if err != nil {
		t.Fatal(err)
	}
	files, err := compile(t.Context(), module, names)
	if err != nil {
		t.Fatal(err)
	}
	declarations := 0
	for _, file := range files {
		if strings.HasPrefix(file.GetName(), "google/") {
			continue
		}
		for _, location := range file.GetSourceCodeInfo().GetLocation() {
			if !isDeclaration(location) {
				continue
			}
			declarations++
			if location.GetLeadingComments() == "" {
				t.Errorf("%s:%d: a declaration without a comment", file.GetName(), location.GetSpan()[0]+1)
			}
		}
	}
	if declarations == 0 {
		t.Error("no declaration was found")
	}
}

func isDeclaration(location *descriptorpb.SourceCodeInfo_Location) bool {
	path := location.GetPath()
	switch len(path) {
	case 2:
		return path[0] == pathMessage || path[0] == pathEnum || path[0] == pathService
	case 4:
		return path[0] == pathService && path[2] == pathMethod
	}
	return false
}

func TestImportsPrecedeTheirUsers(t *testing.T) {
	names, err := sources(module)
	if err != nil {
		t.Fatal(err)
	}
	files, err := compile(t.Context(), module, names)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, file := range files {
		for _, dependency := range file.GetDependency() {
			if !seen[dependency] {
				t.Errorf("%s comes before %s which it imports", file.GetName(), dependency)
			}
		}
		if seen[file.GetName()] {
			t.Errorf("%s comes twice", file.GetName())
		}
		seen[file.GetName()] = true
	}
	for _, name := range names {
		if !seen[name] {
			t.Errorf("%s is missing", name)
		}
	}
}

func TestErrorsSayWhere(t *testing.T) {
	for _, c := range []struct {
		name, proto, want string
	}{
		{"syntax", "syntax = \"proto3\";\nmessage A {\n  string b = ;\n}\n", "engine/contract/a.proto:3:"},
		{"unknown type", "syntax = \"proto3\";\nmessage A {\n  B b = 1;\n}\n", "engine/contract/a.proto:3:"},
		{"missing import", "syntax = \"proto3\";\nimport \"gone.proto\";\n", "gone.proto"},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := t.TempDir()
			store(t, root, "engine/contract/a.proto", c.proto)
			store(t, root, "engine/contract/v1/b.proto", "syntax = \"proto3\";\n")
			err := generate(t.Context(), root, t.TempDir())
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want it to name %s", err, c.want)
			}
		})
	}
}

func TestWrongRootIsRefused(t *testing.T) {
	err := generate(t.Context(), t.TempDir(), t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "-root") {
		t.Errorf("error %v, want it to name -root", err)
	}
}

func store(t *testing.T, root, name, text string) {
	t.Helper()
	file := filepath.Join(root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
