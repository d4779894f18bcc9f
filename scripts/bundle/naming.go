package bundle

import (
	"path/filepath"
	"strings"
)

// naming turns the real paths that the bundler sees into those that people
// know: the links through which the entry was found are put back (the folder
// behind a ConfigMap's link changes its name with each update), then the path
// is made relative to the base folder.
type naming struct {
	real string // of the entry
	// realRoot is replaced by logicalRoot; both "" when they are equal.
	realRoot, logicalRoot string
	logical               string    // of the entry
	bases                 [2]string // "" = none
}

func newNaming(logical, real, base, root string) naming {
	n := naming{real: real, logical: logical, bases: [2]string{base, root}}
	if logical == real {
		return n
	}
	realRoot, logicalRoot := real, logical
	for filepath.Base(realRoot) == filepath.Base(logicalRoot) && realRoot != filepath.Dir(realRoot) {
		realRoot, logicalRoot = filepath.Dir(realRoot), filepath.Dir(logicalRoot)
	}
	n.realRoot, n.logicalRoot = realRoot, logicalRoot
	return n
}

// restore puts the entry's links back into a real path.
func (n naming) restore(real string) string {
	if real == n.real {
		return n.logical
	}
	if n.realRoot == "" {
		return real
	}
	if rel, below := cutFolder(real, n.realRoot); below {
		return filepath.Join(n.logicalRoot, rel)
	}
	return real
}

// input is the path under which a file of the bundle is watched: with the
// links put back if it can be found by that path.
func (n naming) input(real string) string {
	logical := n.restore(real)
	if logical == real || real == n.real {
		return logical
	}
	if found, err := filepath.EvalSymlinks(logical); err != nil || found != real {
		return real
	}
	return logical
}

// display is how a real path is shown.
func (n naming) display(real string) string {
	path := n.restore(real)
	for _, base := range n.bases {
		if base == "" {
			continue
		}
		if rel, below := cutFolder(path, base); below {
			return filepath.ToSlash(rel)
		}
	}
	return filepath.ToSlash(path)
}

func cutFolder(path, folder string) (rel string, below bool) {
	if !strings.HasSuffix(folder, string(filepath.Separator)) {
		folder += string(filepath.Separator)
	}
	return strings.CutPrefix(path, folder)
}
