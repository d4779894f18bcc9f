package permit

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// fileGrant is what a policy says about reading, or about writing.
type fileGrant struct {
	all, none   bool
	allow, deny []folder
}

// folder is a path with all below it: as it was given, and where it really is.
type folder struct{ given, real string }

// everywhere is the root of what everything is granted to.
const everywhere = string(filepath.Separator)

func newFileGrant(g Grant, base string) fileGrant {
	grant := fileGrant{all: g.All, none: g.DenyAll}
	for i, entries := range [2][]string{g.Allow, g.Deny} {
		for _, path := range entries {
			given := absolute(path, base)
			f := folder{given: given, real: realOf(given)}
			if i == allow {
				grant.allow = append(grant.allow, f)
			} else {
				grant.deny = append(grant.deny, f)
			}
		}
	}
	return grant
}

func absolute(path, base string) string {
	if path = rooted(path, base); !filepath.IsAbs(path) {
		path = filepath.Join(base, path)
	}
	return filepath.Clean(path)
}

// realOf resolves the links of a path as far as it exists; not on another machine.
func realOf(path string) string {
	if elsewhere(path) {
		return path
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	parent := filepath.Dir(path)
	if parent == path {
		return path
	}
	return filepath.Join(realOf(parent), filepath.Base(path))
}

func (f folder) covers(path string) bool { return within(path, f.given) || within(path, f.real) }

// within reports whether path is dir or below it. Both are absolute and clean.
func within(path, dir string) bool {
	rest, below := cutFolder(path, strings.TrimSuffix(dir, string(filepath.Separator)))
	return below && (rest == "" || rest[0] == filepath.Separator)
}

// same reports whether two paths are one. Both are absolute and clean.
func same(path, other string) bool { return within(path, other) && within(other, path) }

func (g fileGrant) denies(path string) bool {
	if g.none {
		return true
	}
	for _, f := range g.deny {
		if f.covers(path) {
			return true
		}
	}
	return false
}

// find returns the allowed folder that path lies in, the innermost.
func (g fileGrant) find(path string) (found folder, ok bool) {
	for _, f := range g.allow {
		if f.covers(path) && (!ok || len(f.given) > len(found.given)) {
			found, ok = f, true
		}
	}
	return found, ok
}

// file checks an access to a path, which is absolute and clean. root is the
// folder beyond which nothing may be reached on the way to it.
func (p *Policy) file(kind Kind, path string) (root string, refused *NotCapableError) {
	g := p.files[kind]
	found, ok := g.find(path)
	switch {
	case g.denies(path):
		return "", p.refuse(kind, path, path, true)
	case g.all && !elsewhere(path):
		root = everywhere
	case !ok:
		return "", p.refuse(kind, path, path, false)
	default:
		root = found.root(path)
	}
	if p.narrow != nil {
		inner, refused := p.narrow.file(kind, path)
		if refused != nil {
			return "", refused
		}
		if len(inner) > len(root) {
			root = inner
		}
	}
	return root, nil
}

// root is where to begin when path is opened: the folder that was granted, or
// the one above it when path is what was granted.
func (f folder) root(path string) string {
	switch {
	case same(path, f.given) || same(path, f.real):
		return filepath.Dir(path)
	case within(path, f.given):
		return f.given
	}
	return f.real
}

// resolved checks, after an open, what was really opened: links within an
// allowed folder may lead to a denied one.
func (p *Policy) resolved(kind Kind, path, real string) *NotCapableError {
	if p.files[kind].denies(real) {
		return p.refuse(kind, path, path, true)
	}
	if p.narrow != nil {
		return p.narrow.resolved(kind, path, real)
	}
	return nil
}

// forbiddenFolders show what this process and others hold: their environment,
// their memory, their open files. No grant opens them.
var forbiddenFolders = []string{"/proc", "/dev/fd", "/dev/stdin", "/dev/stdout", "/dev/stderr", "/dev/mem", "/dev/kmem"}

func forbidden(path string) bool {
	for _, dir := range forbiddenFolders {
		if within(path, dir) {
			return true
		}
	}
	return false
}

// pathError is an error of the file system with the path that the script gave.
func pathError(op, path string, err error) error {
	switch e := err.(type) {
	case *fs.PathError:
		err = e.Err
	case *os.LinkError:
		err = e.Err
	case *os.SyscallError:
		err = e.Err
	}
	return &FileError{Op: op, Path: path, Err: err}
}
