package permit

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// File is an open file of a run.
type File struct {
	*os.File
	owned *Owned
	path  string
}

// Close closes the file before the run ends.
func (f *File) Close() error { return f.owned.Close() }

// Path is the path by which the script opened it.
func (f *File) Path() string { return f.path }

// Open opens a file with the flags and permission bits of [os.OpenFile]. Flags
// to read take the permission to read, flags to write that to write. Failures
// are [*FileError] or [*NotCapableError].
func (r *Run) Open(ctx context.Context, path string, flag int, perm fs.FileMode) (*File, error) {
	return r.open(ctx, "open", path, flag, perm)
}

func (r *Run) open(ctx context.Context, op, path string, flag int, perm fs.FileMode) (*File, error) {
	w, err := r.way(ctx, op, path, true, kindsOf(flag)...)
	if err != nil {
		return nil, err
	}
	defer w.close()
	// A pipe without another end would hold the goroutine for ever; and what was
	// opened is checked before anything is lost.
	file, err := w.root.OpenFile(w.rel, flag&^os.O_TRUNC|syscall.O_NONBLOCK, perm)
	if err != nil {
		return nil, w.failed(err)
	}
	if err = r.opened(ctx, w, file); err == nil && flag&os.O_TRUNC != 0 {
		err = truncate(file)
	}
	if err != nil {
		return nil, errors.Join(w.failedUnlessRefused(err), file.Close())
	}
	owned, err := r.Own(file)
	if err != nil {
		return nil, err
	}
	return &File{File: file, owned: owned, path: path}, nil
}

// truncate empties a file; devices and pipes have nothing to lose.
func truncate(file *os.File) error {
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return err
	}
	return file.Truncate(0)
}

func (w *way) failedUnlessRefused(err error) error {
	var refused *NotCapableError
	if errors.As(err, &refused) {
		return err
	}
	return w.failed(err)
}

func kindsOf(flag int) []Kind {
	switch flag & (os.O_RDONLY | os.O_WRONLY | os.O_RDWR) {
	case os.O_WRONLY:
		return []Kind{Write}
	case os.O_RDWR:
		return []Kind{Read, Write}
	}
	return []Kind{Read}
}

// ReadFile reads a whole file, at most as much as the limit fileBytes says.
func (r *Run) ReadFile(ctx context.Context, path string) ([]byte, error) {
	file, err := r.open(ctx, "open", path, os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := r.ReadAll(ctx, file, path)
	if err != nil {
		return nil, wrapRead(path, err)
	}
	return data, nil
}

func wrapRead(path string, err error) error {
	var limit *LimitError
	if errors.As(err, &limit) {
		return err
	}
	return pathError("read", path, err)
}

// ReadAll reads a file to its end, within the limit fileBytes; path is for the
// error.
func (r *Run) ReadAll(ctx context.Context, from io.Reader, path string) ([]byte, error) {
	most := r.Limits().FileBytes
	if most == 0 {
		return io.ReadAll(from)
	}
	data, err := io.ReadAll(io.LimitReader(from, most+1))
	if err == nil && int64(len(data)) > most {
		return nil, r.sizeError(ctx, "FileLimitExceeded", "fileBytes", path, most)
	}
	return data, err
}

// WriteFile writes a whole file; flag is os.O_TRUNC to replace what is there,
// os.O_APPEND to add to it, os.O_EXCL to demand that nothing is.
func (r *Run) WriteFile(ctx context.Context, path string, data []byte, flag int, perm fs.FileMode) error {
	file, err := r.open(ctx, "open", path, os.O_WRONLY|os.O_CREATE|flag, perm)
	if err != nil {
		return err
	}
	if _, err = file.Write(data); err != nil {
		err = pathError("write", path, err)
	}
	if closed := file.Close(); closed != nil && err == nil {
		err = pathError("close", path, closed)
	}
	return err
}
