package scripts

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hatchet-js/hatchet-js-worker/scripts/discover"
)

// findTries is how often scripts are looked for again because one that is there
// was not found: it may be in the middle of being renamed.
const findTries = 3

// find looks for the scripts of paths, which need not have any left. Of the
// scripts reported to be there it returns those that are not.
func find(paths, reported []string) (files []discover.File, absent []string, err error) {
	roots := make([]string, 0, len(paths))
	for _, path := range paths {
		if root, err := filepath.Abs(path); err == nil {
			roots = append(roots, root)
		}
	}
	for range findTries {
		files, err = discover.Files(paths)
		if err = unexpected(err); err != nil {
			return nil, nil, err
		}
		missed := false
		absent, missed = unlisted(files, roots, reported)
		if !missed {
			break
		}
	}
	return files, absent, nil
}

// unlisted returns which of the scripts reported are not there, and whether one
// is there and yet not among files, under whatever name.
func unlisted(files []discover.File, roots, reported []string) (absent []string, missed bool) {
	listed, real := map[string]bool{}, map[string]bool{}
	for _, file := range files {
		listed[file.Path], real[file.Real] = true, true
	}
	for _, path := range reported {
		if listed[path] || !wouldServe(roots, path) {
			continue
		}
		target, err := filepath.EvalSymlinks(path)
		switch {
		case errors.Is(err, os.ErrNotExist):
			absent = append(absent, path)
		case err == nil && !real[target]:
			missed = true
		}
	}
	return absent, missed
}

// wouldServe reports whether a file of this path would be served if it existed.
func wouldServe(roots []string, path string) bool {
	return slices.ContainsFunc(roots, func(root string) bool {
		if path == root {
			return true
		}
		rel, below := strings.CutPrefix(path, root+string(filepath.Separator))
		return below && discover.Script(filepath.Base(path)) &&
			!slices.ContainsFunc(strings.Split(rel, string(filepath.Separator)), discover.Ignored)
	})
}

// unexpected leaves out what is no obstacle to a reload: everything may have
// been deleted.
func unexpected(err error) error {
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		var rest []error
		for _, each := range joined.Unwrap() {
			rest = append(rest, unexpected(each))
		}
		return errors.Join(rest...)
	}
	if errors.Is(err, discover.ErrEmpty) || errors.Is(err, discover.ErrNotFound) {
		return nil
	}
	return err
}
