package discover

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Entry is a file or folder met by [Walk].
type Entry struct {
	Path string // absolute, links on the way are part of it
	Real string // links resolved; "" when a link leads nowhere
	Dir  bool
}

// Walk calls visit for the folder root and for all files and folders below it
// that are not [Ignored], in lexical order, following symbolic links. A folder
// that contains itself through a link is entered once. A folder that vanishes
// meanwhile is skipped; one that cannot be read is part of the returned error,
// and the rest is visited all the same.
func Walk(root string, visit func(Entry)) error {
	w := walker{visit: visit}
	w.folder(root, nil)
	return errors.Join(w.errs...)
}

type walker struct {
	visit func(Entry)
	errs  []error
}

// folder visits dir; above are the real paths of the folders it lies in.
func (w *walker) folder(dir string, above []string) {
	real := resolve(dir)
	if real == "" || slices.Contains(above, real) {
		return
	}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err != nil {
		w.errs = append(w.errs, fmt.Errorf("read folder %s: %w", dir, err))
		return
	}
	w.visit(Entry{Path: dir, Real: real, Dir: true})
	above = append(slices.Clip(above), real)
	for _, entry := range entries {
		if !Ignored(entry.Name()) {
			w.entry(filepath.Join(dir, entry.Name()), filepath.Join(real, entry.Name()), entry.Type(), above)
		}
	}
}

func (w *walker) entry(path, real string, kind fs.FileMode, above []string) {
	if kind&fs.ModeSymlink != 0 {
		real = resolve(path)
		info, err := os.Stat(path)
		if err != nil {
			w.visit(Entry{Path: path})
			return
		}
		kind = info.Mode().Type()
	}
	switch {
	case kind.IsDir():
		w.folder(path, above)
	case kind.IsRegular():
		w.visit(Entry{Path: path, Real: real})
	}
}

func resolve(path string) string {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return ""
	}
	return real
}
