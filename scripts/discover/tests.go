package discover

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Tests lists the test files that paths stand for: a file is itself, a folder is
// every *.test.* script below it. A folder without any is no error. See [Files]
// for the order and the errors.
func Tests(paths []string) ([]File, error) {
	var (
		found []File
		errs  []error
	)
	for _, path := range paths {
		files, err := testsOf(path)
		found = append(found, files...)
		if err != nil {
			errs = append(errs, err)
		}
	}
	return unique(found), errors.Join(errs...)
}

func testsOf(path string) ([]File, error) {
	if files, err := filesOf(path); err == nil && len(files) == 1 && filepath.Base(files[0].Path) == filepath.Base(path) {
		return files, nil
	} else if err != nil && !errors.Is(err, ErrEmpty) {
		return nil, err
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	var files []File
	err = Walk(abs, func(e Entry) {
		if !e.Dir && Test(filepath.Base(e.Path)) {
			files = append(files, File{Path: e.Path, Real: e.Real})
		}
	})
	return files, err
}

// Fixtures lists the fixtures that paths stand for: a file is itself, a folder is
// every .json file below it but those that configure something.
func Fixtures(paths []string) ([]File, error) {
	var found []File
	for _, path := range paths {
		abs, err := filepath.Abs(path)
		if err != nil {
			return nil, err
		}
		info, err := os.Stat(abs)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, ErrNotFound)
		}
		if !info.IsDir() {
			found = append(found, File{Path: abs, Real: abs})
			continue
		}
		err = Walk(abs, func(e Entry) {
			name := filepath.Base(e.Path)
			if !e.Dir && filepath.Ext(name) == ".json" && !slices.Contains(configurations, name) && !Ignored(name) {
				found = append(found, File{Path: e.Path, Real: e.Real})
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return unique(found), nil
}

// configurations are JSON files that are no fixtures.
var configurations = []string{"hatchet-js.json", "package.json", "package-lock.json", "tsconfig.json"}

// Test reports whether a file of this name in a folder is a test.
func Test(name string) bool {
	return hasScriptExtension(name) && !declaration(name) && strings.Contains(name, ".test.") && !Ignored(name)
}
