package test262

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// frontmatter is what a test says of itself.
type frontmatter struct {
	Flags    []string
	Includes []string
	Features []string
	Negative struct{ Phase, Type string }
}

// test is one file of the suite.
type test struct {
	frontmatter
	path   string // slash-separated, below the suite's folder "test"
	source string
}

func (t test) has(flag string) bool { return slices.Contains(t.Flags, flag) }

// applies tells whether the test is of code as scripts are: they are strict.
func (t test) applies() bool {
	return !t.has("noStrict") && !t.has("raw") && !t.has("CanBlockIsFalse")
}

func readTest(dir, path string) (test, error) {
	source, err := os.ReadFile(filepath.Join(dir, "test", filepath.FromSlash(path)))
	if err != nil {
		return test{}, err
	}
	t := test{path: path, source: string(source)}
	_, rest, found := bytes.Cut(source, []byte("/*---"))
	if !found {
		return t, nil
	}
	head, _, _ := bytes.Cut(rest, []byte("---*/"))
	head = bytes.ReplaceAll(bytes.ReplaceAll(head, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
	if err := yaml.Unmarshal(head, &t.frontmatter); err != nil {
		return test{}, fmt.Errorf("the head of %s: %w", path, err)
	}
	return t, nil
}

// list is the paths of all tests below the folders, sorted.
func list(dir string, folders []string) ([]string, error) {
	var paths []string
	root := filepath.Join(dir, "test")
	for _, folder := range folders {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, entry os.DirEntry, err error) error {
			if err == nil && !entry.IsDir() && strings.HasSuffix(path, ".js") && !strings.Contains(path, "_FIXTURE") {
				relative, _ := filepath.Rel(root, path)
				paths = append(paths, filepath.ToSlash(relative))
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(paths)
	return paths, nil
}
