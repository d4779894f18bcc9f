package permit

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// way is a path that may be accessed: the folder where the access begins and
// which it cannot leave, and the rest of the path.
type way struct {
	op    string // for errors: "open"
	given string // as the script gave it
	path  string // absolute
	kinds []Kind
	root  *os.Root
	rel   string
	// stands is the path that was asked for, if what is at path stands in for it.
	stands string
}

func (w *way) close() { _ = w.root.Close() }

// errOpenToNone is why no grant helps with what belongs to processes.
const errOpenToNone = "which shows what processes hold and is open to no script"

// way checks a path. follow says that a link at its end will be followed.
func (r *Run) way(ctx context.Context, op, path string, follow bool, kinds ...Kind) (*way, error) {
	w := &way{op: op, given: path, path: absolute(path, r.Dir()), kinds: kinds}
	if path == "" || strings.ContainsRune(path, 0) {
		return nil, &FileError{Op: op, Path: path, Err: syscall.ENOENT}
	}
	if ok, err := r.standIn(w); ok || err != nil {
		return w, err
	}
	real := realOf(w.path)
	if !follow {
		real = filepath.Join(realOf(filepath.Dir(w.path)), filepath.Base(w.path))
	}
	root := ""
	for _, kind := range kinds {
		at, err := r.allowPath(ctx, kind, w.path, real)
		if err != nil {
			return nil, err
		}
		if len(at) > len(root) {
			root = at
		}
	}
	if root == everywhere { // then links may lead anywhere
		w.path = real
	}
	return w, w.begin(root)
}

// allowPath checks one kind of access to a path and returns where it begins.
func (r *Run) allowPath(ctx context.Context, kind Kind, path, real string) (root string, err error) {
	err = r.allow(ctx, kind, path, func(p *Policy) (refused *NotCapableError) {
		if why := closedToAll(path, real); why != "" {
			refused = p.refuse(kind, path, "", false)
			refused.Refusal = why
			return refused
		}
		if root, refused = p.file(kind, path); refused != nil {
			return refused
		}
		return p.resolved(kind, path, real)
	})
	if err == nil && root == "" { // allowed by who was asked
		root = filepath.Dir(path)
	}
	return root, err
}

// closedToAll is why no grant opens a path; "" if one can.
func closedToAll(path, real string) string {
	if forbidden(path) || forbidden(real) {
		return errOpenToNone
	}
	return impossible(path)
}

// begin opens the folder where the access begins.
func (w *way) begin(root string) error {
	if root == everywhere {
		root = filepath.VolumeName(w.path) + root
	}
	rel, err := filepath.Rel(root, w.path)
	if err != nil {
		return pathError(w.op, w.given, err)
	}
	if w.root, err = os.OpenRoot(root); err != nil {
		return pathError(w.op, w.given, err)
	}
	w.rel = rel
	return nil
}

// failed words an error of the system. One way of it is to have left the
// folder where the access begins, by a link.
func (w *way) failed(err error) error {
	if err == nil {
		return nil
	}
	if strings.Contains(err.Error(), "path escapes from parent") {
		return w.escape()
	}
	return pathError(w.op, w.given, err)
}

func (w *way) escape() error {
	real := realOf(w.path)
	return &NotCapableError{Kind: w.kinds[0], Target: real, Entry: real, Detail: "where a link on the way to " + w.given + " leads"}
}

// opened checks what was opened: the file may have been swapped for a link
// since the way was checked.
func (r *Run) opened(ctx context.Context, w *way, file *os.File) error {
	real := realPath(file, w.path)
	if real == w.path || w.stands != "" {
		return nil
	}
	for _, kind := range w.kinds {
		refused := r.policy().resolved(kind, w.path, real)
		if refused == nil && forbidden(real) {
			refused = &NotCapableError{Kind: kind, Target: w.path, Refusal: errOpenToNone}
		}
		if refused != nil {
			refused.Place = PlaceOf(ctx)
			if err := r.audit(ctx, kind, real, refused); err != nil {
				return err
			}
			return refused
		}
	}
	return nil
}

// Path checks a path for code that opens it by itself, such as a database's,
// and returns it absolute and without links. Such code must not be given a path
// that a script can swap for a link meanwhile; prefer [Run.Open].
func (r *Run) Path(ctx context.Context, path string, kinds ...Kind) (string, error) {
	w, err := r.way(ctx, "open", path, true, kinds...)
	if err != nil {
		return "", err
	}
	defer w.close()
	if _, err := w.root.Stat(w.rel); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", w.failed(err)
	}
	return realOf(w.path), nil // of a double, for that is what is opened
}
