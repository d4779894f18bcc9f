package permit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Stat describes what is at a path; follow says whether a link at its end is
// followed.
func (r *Run) Stat(ctx context.Context, path string, follow bool) (fs.FileInfo, error) {
	op := "lstat"
	if follow {
		op = "stat"
	}
	w, err := r.way(ctx, op, path, follow, Read)
	if err != nil {
		return nil, err
	}
	defer w.close()
	info, err := (*os.Root).Lstat(w.root, w.rel)
	if follow && err == nil && info.Mode()&fs.ModeSymlink != 0 {
		info, err = w.root.Stat(w.rel)
	}
	return info, w.failed(err)
}

// RealPath returns the path without links. Where it leads must be allowed, too.
func (r *Run) RealPath(ctx context.Context, path string) (string, error) {
	w, err := r.way(ctx, "realpath", path, true, Read)
	if err != nil {
		return "", err
	}
	defer w.close()
	if _, err := w.root.Stat(w.rel); err != nil {
		return "", w.failed(err)
	}
	if w.stands != "" {
		return w.stands, nil
	}
	return realOf(w.path), nil
}

// ReadDir lists a folder, sorted by name.
func (r *Run) ReadDir(ctx context.Context, path string) ([]fs.DirEntry, error) {
	w, err := r.way(ctx, "scandir", path, true, Read)
	if err != nil {
		return nil, err
	}
	defer w.close()
	dir, err := w.root.OpenFile(w.rel, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, w.failed(err)
	}
	defer dir.Close()
	if err := r.opened(ctx, w, dir); err != nil {
		return nil, err
	}
	entries, err := dir.ReadDir(-1)
	if info, statErr := dir.Stat(); err != nil && statErr == nil && !info.IsDir() {
		err = errNotFolder // which Windows takes for a path that is not there
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, w.failed(err)
}

// Mkdir makes a folder. recursive makes those above it, too, as far as they lie
// within what may be written, and accepts one that is there. first is the first
// folder made, absolute; "" if there was none to make.
func (r *Run) Mkdir(ctx context.Context, path string, recursive bool, perm fs.FileMode) (first string, err error) {
	if !recursive {
		return "", r.mkdir(ctx, path, perm)
	}
	path = absolute(path, r.Dir())
	if r.hasDouble(path) {
		return r.mkdirDoubles(ctx, path, perm)
	}
	var missing []string
	for at := path; ; at = filepath.Dir(at) {
		info, err := os.Lstat(at)
		if err == nil && info.Mode()&fs.ModeSymlink != 0 {
			info, err = os.Stat(at)
		}
		if err == nil {
			if !info.IsDir() {
				return "", r.blocked(ctx, at, path)
			}
			break
		}
		missing = append(missing, at)
		if filepath.Dir(at) == at {
			break
		}
	}
	if len(missing) == 0 { // even then it must be allowed
		w, err := r.way(ctx, "mkdir", path, true, Write)
		if err == nil {
			w.close()
		}
		return "", err
	}
	for _, dir := range slices.Backward(missing) {
		if err := r.mkdir(ctx, dir, perm); err != nil && !errors.Is(err, fs.ErrExist) {
			return "", err
		}
	}
	return missing[len(missing)-1], nil
}

// mkdirDoubles makes a folder and those above it where a double is.
func (r *Run) mkdirDoubles(ctx context.Context, path string, perm fs.FileMode) (first string, err error) {
	w, err := r.way(ctx, "mkdir", path, false, Write)
	if err != nil {
		return "", err
	}
	defer w.close()
	for at, rel := path, w.rel; rel != "."; at, rel = filepath.Dir(at), filepath.Dir(rel) {
		if _, err := w.root.Stat(rel); err == nil {
			break
		}
		first = at
	}
	return first, w.failed(w.root.MkdirAll(w.rel, perm))
}

// blocked is the error for a file in the place of a folder.
func (r *Run) blocked(ctx context.Context, at, path string) error {
	w, err := r.way(ctx, "mkdir", path, false, Write)
	if err != nil {
		return err
	}
	defer w.close()
	if at == path {
		return &FileError{Op: "mkdir", Path: path, Err: syscall.EEXIST}
	}
	return &FileError{Op: "mkdir", Path: path, Err: errNotFolder}
}

func (r *Run) mkdir(ctx context.Context, path string, perm fs.FileMode) error {
	w, err := r.way(ctx, "mkdir", path, false, Write)
	if err != nil {
		return err
	}
	defer w.close()
	return w.failed(w.root.Mkdir(w.rel, perm))
}

// MkdirTemp makes a folder whose name is prefix and six characters more, and
// returns its path.
func (r *Run) MkdirTemp(ctx context.Context, prefix string, random func() string) (string, error) {
	for range 100 {
		path := prefix + random()
		err := r.mkdir(ctx, path, 0o700)
		if err == nil {
			return path, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return "", err
		}
	}
	return "", &FileError{Op: "mkdtemp", Path: prefix + "XXXXXX", Err: syscall.EEXIST}
}

// RemoveOptions say what [Run.Remove] may remove.
type RemoveOptions struct {
	Op string // for errors: "unlink", "rmdir", "rm"
	// Files, Folders and Contents allow removing a file or link, an empty
	// folder, and a folder with all it contains.
	Files, Folders, Contents bool
	// Force accepts that there is nothing.
	Force bool
}

// Remove removes what is at a path; a link itself, not what it leads to.
func (r *Run) Remove(ctx context.Context, path string, opts RemoveOptions) error {
	w, err := r.way(ctx, opts.Op, path, false, Write)
	if err != nil {
		return err
	}
	defer w.close()
	info, err := w.root.Lstat(w.rel)
	switch {
	case errors.Is(err, fs.ErrNotExist) && opts.Force:
		return nil
	case err != nil:
		return w.failed(err)
	case w.rel == ".":
		return pathError(opts.Op, path, syscall.EBUSY)
	case !info.IsDir() && !opts.Files:
		return pathError(opts.Op, path, errNotFolder)
	case info.IsDir() && opts.Contents:
		return r.removeAll(w)
	case info.IsDir() && !opts.Folders:
		return pathError(opts.Op, path, syscall.EISDIR)
	}
	return w.failed(w.root.Remove(w.rel))
}

// removeAll removes a folder with its contents, unless something in it is
// denied.
func (r *Run) removeAll(w *way) error {
	if denied := r.policy().deniesBelow(Write, w.path); denied != "" {
		return &NotCapableError{Kind: Write, Target: denied, Detail: "which is in " + w.given, Refusal: "which is denied (--deny-write)"}
	}
	return w.failed(w.root.RemoveAll(w.rel))
}

// deniesBelow returns a denied path below dir; "" if there is none.
func (p *Policy) deniesBelow(kind Kind, dir string) string {
	for _, f := range p.files[kind].deny {
		if within(f.given, dir) || within(f.real, dir) {
			return f.given
		}
	}
	if p.narrow != nil {
		return p.narrow.deniesBelow(kind, dir)
	}
	return ""
}

// Rename moves a file or folder. Both places must be allowed to be written, and
// the first to be read, for its content shows at the second.
func (r *Run) Rename(ctx context.Context, from, to string) error {
	source, err := r.way(ctx, "rename", from, false, Write, Read)
	if err != nil {
		return err
	}
	defer source.close()
	target, err := r.way(ctx, "rename", to, false, Write)
	if err != nil {
		return err
	}
	defer target.close()
	if denied := cmpFirst(r.policy().deniesBelow(Write, source.path), r.policy().deniesBelow(Read, source.path)); denied != "" {
		return &NotCapableError{Kind: Write, Target: denied, Detail: "which would move with " + from, Refusal: "which is denied"}
	}
	err = renameBetween(source, target)
	if err == nil || strings.Contains(err.Error(), "path escapes") {
		return source.failed(err)
	}
	return &FileError{Op: "rename", Path: from, To: to, Err: err}
}

func cmpFirst(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// renameBetween renames within the innermost folder that holds both ways. The
// system offers renaming between two open folders, but only by the last part of
// a path, so the folders above are opened first, each within its root.
func renameBetween(source, target *way) error {
	from, err := parentOf(source)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := parentOf(target)
	if err != nil {
		return err
	}
	defer to.Close()
	return renameAt(from, filepath.Base(source.rel), to, filepath.Base(target.rel))
}

func parentOf(w *way) (*os.File, error) {
	if w.rel == "." {
		return nil, syscall.EBUSY
	}
	return w.root.OpenFile(filepath.Dir(w.rel), os.O_RDONLY|syscall.O_NONBLOCK, 0)
}

// Copy copies a file's content and permission bits. exclusive demands that
// nothing is at the other place.
func (r *Run) Copy(ctx context.Context, from, to string, exclusive bool) error {
	source, err := r.open(ctx, "copyfile", from, os.O_RDONLY, 0)
	if err != nil {
		return err
	}
	defer source.Close()
	info, err := source.Stat()
	if err != nil {
		return pathError("copyfile", from, err)
	}
	if info.IsDir() {
		return &FileError{Op: "copyfile", Path: from, To: to, Err: syscall.EISDIR}
	}
	flag := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	if exclusive {
		flag |= os.O_EXCL
	}
	if same, err := r.Stat(ctx, to, true); err == nil && os.SameFile(same, info) {
		return nil // truncating it would lose it
	}
	target, err := r.open(ctx, "copyfile", to, flag, info.Mode().Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(target.File, &cancelled{ctx, source})
	if closed := target.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return &FileError{Op: "copyfile", Path: from, To: to, Err: err}
	}
	return nil
}

// cancelled reads until a context is done.
type cancelled struct {
	ctx  context.Context
	from io.Reader
}

func (c *cancelled) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.from.Read(p)
}

// Chmod changes permission bits.
func (r *Run) Chmod(ctx context.Context, path string, mode fs.FileMode) error {
	w, err := r.way(ctx, "chmod", path, true, Write)
	if err != nil {
		return err
	}
	defer w.close()
	return w.failed(w.root.Chmod(w.rel, mode))
}

// Chtimes changes the times of the last access and the last change.
func (r *Run) Chtimes(ctx context.Context, path string, accessed, changed time.Time) error {
	w, err := r.way(ctx, "utime", path, true, Write)
	if err != nil {
		return err
	}
	defer w.close()
	return w.failed(w.root.Chtimes(w.rel, accessed, changed))
}

// Access checks that what is at a path exists and, for the bits of mode (4
// read, 2 write, 1 execute), that the system lets this process use it so.
func (r *Run) Access(ctx context.Context, path string, mode int) error {
	kinds := []Kind{Read}
	if mode&2 != 0 {
		kinds = append(kinds, Write)
	}
	w, err := r.way(ctx, "access", path, true, kinds...)
	if err != nil {
		return err
	}
	defer w.close()
	info, err := w.root.Stat(w.rel)
	if err != nil {
		return w.failed(err)
	}
	if int(info.Mode().Perm())>>6&mode != mode && !privileged(mode, info) {
		return pathError("access", path, syscall.EACCES)
	}
	return nil
}

// privileged reports whether this process may pass over permission bits.
func privileged(mode int, info fs.FileInfo) bool {
	return os.Geteuid() == 0 && (mode&1 == 0 || info.Mode().Perm()&0o111 != 0)
}

// RandomSuffix makes six characters for [Run.MkdirTemp] out of bytes.
func RandomSuffix(random []byte) string {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	var text strings.Builder
	for _, b := range random {
		fmt.Fprintf(&text, "%c", letters[int(b)%len(letters)])
	}
	return text.String()
}
