package sdk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing/fstest"

	"github.com/hatchet-js/hatchet-js-worker/scripts/discover"
)

// Sources are scripts as text, by the names that stacks and messages show:
//
//	sdk.Options{Files: sdk.Sources{"greet.js": `workflow.task('greet', (input) => 'Hello ' + input.name)`}}
//
// A name may have folders, and files import each other by them.
type Sources map[string]string

// Open implements [fs.FS].
func (s Sources) Open(name string) (fs.File, error) {
	files := make(fstest.MapFS, len(s))
	for path, text := range s {
		files[path] = &fstest.MapFile{Data: []byte(text), Mode: 0o600}
	}
	return files.Open(name)
}

// unpack copies files to a temporary folder, where the bundler finds them, and
// returns it. It is "" if there are no files.
func unpack(files fs.FS) (dir string, err error) {
	if files == nil {
		return "", nil
	}
	dir, err = os.MkdirTemp("", "hatchet-js-")
	if err == nil {
		var real string
		if real, err = filepath.EvalSymlinks(dir); err == nil {
			dir = real
		}
	}
	if err != nil {
		return "", fmt.Errorf("make a temporary folder for the scripts: %w", err)
	}
	if err = os.CopyFS(dir, files); err != nil {
		err = fmt.Errorf("copy the scripts to a temporary folder: %w", err)
	} else if _, err = discover.Files([]string{dir}); errors.Is(err, discover.ErrEmpty) {
		err = withKind(errors.New("the file system holds no script"), ErrNothingToServe)
	}
	if err != nil {
		return "", errors.Join(err, os.RemoveAll(dir))
	}
	return dir, nil
}

// inFiles is an error that shows what is in a temporary folder by its name in the
// file system.
func inFiles(err error, dir string) error {
	if dir == "" {
		return err
	}
	return &fileSystemError{error: err, dir: dir}
}

type fileSystemError struct {
	error
	dir string
}

func (e *fileSystemError) Error() string {
	return strings.ReplaceAll(e.error.Error(), e.dir+string(filepath.Separator), "")
}

func (e *fileSystemError) Unwrap() error { return e.error }
