// Package discover finds the script files that a worker serves: given folders
// it walks them, given files it takes them. It also knows which names are
// scripts and which are never looked at, for whoever watches the same folders.
package discover

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Errors that a caller may want to tell apart; test with errors.Is. The error
// returned names the path.
var (
	ErrNotFound  = errors.New("no such file or folder")
	ErrEmpty     = errors.New("no script in the folder")
	ErrNotScript = errors.New("not a script")
)

// extensions are the ends of the names of scripts.
var extensions = []string{".js", ".mjs", ".cjs", ".ts", ".mts", ".cts"}

// texts are the ends of the names of files that a script can import as a string.
var texts = []string{".txt", ".md", ".html", ".css", ".sql", ".csv", ".yaml", ".yml", ".graphql", ".gql", ".tmpl", ".tpl"}

// imports are the ends of the names of other files that a script can import.
var imports = []string{".jsx", ".tsx", ".json"}

// File is one script.
type File struct {
	// Path is the absolute path by which the file was found: symbolic links
	// on the way are part of it. It is the file's identity.
	Path string
	// Real is Path with all symbolic links resolved. It is empty when a link
	// leads nowhere, so that the file cannot be read.
	Real string
}

// Files lists the scripts that paths stand for: a file is itself, a folder is
// every script below it except what [Ignored] and [Script] leave out. Symbolic
// links are followed. The order is that of the paths, and the lexical order
// below each. A file reached in several ways is listed once, by its own path
// when that is among them.
//
// Each path that is missing, holds no script, or is no script adds an error
// ([ErrNotFound], [ErrEmpty], [ErrNotScript]); the files of the other paths are
// returned all the same.
func Files(paths []string) ([]File, error) {
	var (
		found []File
		errs  []error
	)
	for _, path := range paths {
		files, err := filesOf(path)
		found = append(found, files...)
		if err != nil {
			errs = append(errs, err)
		}
	}
	return unique(found), errors.Join(errs...)
}

func filesOf(path string) ([]File, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	info, err := os.Stat(abs)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: %w", path, ErrNotFound)
	case err != nil:
		return nil, fmt.Errorf("look at %s: %w", path, err)
	case info.IsDir():
		return filesBelow(path, abs)
	case !hasScriptExtension(abs) || declaration(filepath.Base(abs)):
		return nil, fmt.Errorf("%s: %w (scripts end in %s)", path, ErrNotScript, strings.Join(extensions, " "))
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: %w, not even a regular file", path, ErrNotScript)
	}
	return []File{{Path: abs, Real: resolve(abs)}}, nil
}

func filesBelow(path, abs string) ([]File, error) {
	var files []File
	err := Walk(abs, func(e Entry) {
		if !e.Dir && Script(filepath.Base(e.Path)) {
			files = append(files, File{Path: e.Path, Real: e.Real})
		}
	})
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("%s: %w (scripts end in %s)", path, ErrEmpty, strings.Join(extensions, " "))
	}
	return files, err
}

// unique keeps one file of those with the same real path: the one that is
// reached without a link, or else the first.
func unique(files []File) []File {
	best := map[string]string{}
	for _, f := range files {
		if kept, seen := best[f.Real]; f.Real != "" && (!seen || kept != f.Real && f.Path == f.Real) {
			best[f.Real] = f.Path
		}
	}
	listed := map[string]bool{}
	return slices.DeleteFunc(files, func(f File) bool {
		duplicate := listed[f.Path] || f.Real != "" && best[f.Real] != f.Path
		listed[f.Path] = true
		return duplicate
	})
}

// Script reports whether a file of this name in a folder is served: a script's
// extension, and neither a test (*.test.*) nor a type declaration (*.d.ts).
func Script(name string) bool {
	return hasScriptExtension(name) && !declaration(name) && !strings.Contains(name, ".test.") && !Ignored(name)
}

// Ignored reports whether a file or folder of this name is never looked at:
// hidden ones, node_modules, and what editors leave for a moment.
func Ignored(name string) bool {
	return strings.HasPrefix(name, ".") || name == "node_modules" ||
		strings.HasSuffix(name, "~") || strings.HasSuffix(name, ".swp") || name == "4913"
}

// TextExtensions are the ends of the names of files that a script can import as
// a string.
func TextExtensions() []string { return slices.Clone(texts) }

// Importable reports whether a script could import a file of this name, or read
// its settings from it.
func Importable(name string) bool {
	ext := filepath.Ext(name)
	return !Ignored(name) &&
		(slices.Contains(extensions, ext) || slices.Contains(imports, ext) || slices.Contains(texts, ext))
}

func hasScriptExtension(path string) bool { return slices.Contains(extensions, filepath.Ext(path)) }

// declaration recognises billing.d.ts, billing.d.mts and styles.d.css.ts.
func declaration(name string) bool {
	if !strings.HasSuffix(name, "ts") {
		return false
	}
	return strings.Contains(name, ".d.")
}
