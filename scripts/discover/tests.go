package discover

import (
	"errors"
	"path/filepath"
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

// Test reports whether a file of this name in a folder is a test.
func Test(name string) bool {
	return hasScriptExtension(name) && !declaration(name) && strings.Contains(name, ".test.") && !Ignored(name)
}
