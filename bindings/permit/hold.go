package permit

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Held is an open folder and the name of a file in it that the run may use: for
// code that opens a file by a path, and more files beside it, as a database
// does. A path through the open folder leads to that folder, whatever becomes of
// the folders above it meanwhile.
type Held struct {
	Dir  *os.File
	Name string
	// Real is the file's absolute path without links, as it was when it was
	// checked.
	Real string
}

// Close closes the folder.
func (h *Held) Close() error { return h.Dir.Close() }

// Hold checks a path for code that opens it by itself, and opens the folder in
// which it is; the file need not exist. That code must not follow a link that
// takes the file's place.
func (r *Run) Hold(ctx context.Context, path string, kinds ...Kind) (*Held, error) {
	real, err := r.Path(ctx, path, kinds...)
	if err != nil {
		return nil, err
	}
	checked := real
	if r.hasDouble(absolute(path, r.Dir())) {
		checked = path // for real is within the double
	}
	w, err := r.way(ctx, "open", checked, true, kinds...)
	if err != nil {
		return nil, err
	}
	defer w.close()
	name := filepath.Base(w.rel)
	if name == "." {
		return nil, pathError("open", path, syscall.EISDIR)
	}
	dir, err := w.root.OpenFile(filepath.Dir(w.rel), os.O_RDONLY|folderOnly, 0)
	if err != nil {
		return nil, w.failed(err)
	}
	info, err := w.root.Lstat(w.rel)
	switch {
	case err == nil && info.IsDir():
		err = pathError("open", path, syscall.EISDIR)
	case errors.Is(err, fs.ErrNotExist):
		err = nil
	case err != nil:
		err = w.failed(err)
	}
	if err == nil {
		err = r.held(ctx, w, dir, name)
	}
	if err != nil {
		return nil, errors.Join(err, dir.Close())
	}
	return &Held{Dir: dir, Name: name, Real: real}, nil
}

// held checks where the open folder really is.
func (r *Run) held(ctx context.Context, w *way, dir *os.File, name string) error {
	file := filepath.Join(realPath(dir, filepath.Dir(w.path)), name)
	if file == w.path || w.stands != "" { // nothing leads out of a double
		return nil
	}
	for _, kind := range w.kinds {
		if _, err := r.allowPath(ctx, kind, file, file); err != nil {
			return err
		}
	}
	return nil
}
