package watch

import (
	"crypto/sha256"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/scripts/discover"
)

// maxHashed is the size in bytes up to which contents are compared; of larger
// files, which are no scripts, size and time.
const maxHashed = 32 << 20

// snapshot is how everything looked at one time.
type snapshot struct {
	files   map[string]file // by logical path
	inputs  map[string]bool // those asked for by Watch
	extra   map[string]bool // of inputs, those that no watched path covers
	folders map[string]bool // real paths of the folders to watch
	links   map[string]bool // real paths of links (and roots) whose replacement matters
	failed  bool            // some folder could not be read
}

// file is what is known of one file.
type file struct {
	real   string
	size   int64
	change time.Time
	since  time.Time // when it was first seen to be like this
	sum    [sha256.Size]byte
	err    string // why it cannot be read
}

// tick is the longest time for which two changes of a file may look like one
// by its size and time; some file systems count in two seconds.
const tick = 3 * time.Second

// taking is a snapshot being taken.
type taking struct {
	snapshot
	before snapshot // what has not changed since is not read again
	now    time.Time
}

// take looks at everything below paths, and at inputs.
func take(paths []string, inputs map[string]bool, before snapshot, now time.Time) snapshot {
	s := taking{before: before, now: now, snapshot: snapshot{
		files: map[string]file{}, inputs: inputs, extra: map[string]bool{},
		folders: map[string]bool{}, links: map[string]bool{},
	}}
	for _, path := range paths {
		s.root(path)
	}
	for path := range inputs {
		if _, seen := s.files[path]; !seen {
			s.extra[path] = true
			s.single(path, s.follow(path))
		}
	}
	return s.snapshot
}

// look takes down one file; false if it is not there.
func look(path string, now time.Time) (file, bool) {
	f, there := take(nil, map[string]bool{path: true}, snapshot{}, now).files[path]
	return f, there
}

func (s *taking) root(path string) {
	real := s.follow(path)
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		s.single(path, real)
		return
	}
	err = discover.Walk(path, func(e discover.Entry) {
		switch {
		case e.Dir:
			if e.Real != e.Path {
				s.follow(e.Path)
			}
			s.folders[e.Real] = true
		case !discover.Importable(filepath.Base(e.Path)):
		case s.plain(e):
			s.single(e.Path, e.Real)
		default:
			s.single(e.Path, s.follow(e.Path))
		}
	})
	s.failed = s.failed || err != nil
}

// plain reports whether a change of the file would be seen in folders that are
// watched already.
func (s *taking) plain(e discover.Entry) bool {
	return e.Real != "" && s.folders[filepath.Dir(e.Real)] && filepath.Base(e.Real) == filepath.Base(e.Path)
}

// single looks at one file.
func (s *taking) single(path, real string) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return
	}
	s.folders[filepath.Dir(real)] = true
	now := file{real: real, size: info.Size(), change: info.ModTime(), since: s.now}
	old, known := s.before.files[path]
	if known && old.real == real && old.size == now.size && old.change.Equal(now.change) {
		if s.now.Sub(old.since) > tick || now.size > maxHashed {
			s.files[path] = old
			return
		}
		now.since = old.since
	}
	if now.size <= maxHashed {
		now.read(path)
	}
	s.files[path] = now
}

func (f *file) read(path string) {
	data, err := os.ReadFile(path)
	if err != nil {
		f.err = err.Error()
		return
	}
	f.size = int64(len(data))
	f.sum = sha256.Sum256(data)
}

// follow notes every link on the way to path, with the folder it lies in, and
// returns the real path; of a path that is not there, what is missing.
func (s *taking) follow(path string) string {
	at, rest := split(path)
	for budget := 255; len(rest) > 0 && budget > 0; budget-- {
		next := filepath.Join(at, rest[0])
		rest = rest[1:]
		info, err := os.Lstat(next)
		if err != nil {
			s.folders[at], s.links[next] = true, true
			return next
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			at = next
			continue
		}
		s.folders[at], s.links[next] = true, true
		target, err := os.Readlink(next)
		if err != nil {
			return next
		}
		start, parts := split(target)
		if start != "" {
			at = start
		}
		rest = append(parts, rest...)
	}
	return at
}

// split returns where a path begins, "" for a relative one, and its parts.
// They may be "..": filepath.Join takes them one by one, as it must where links
// are on the way.
func split(path string) (start string, parts []string) {
	volume := filepath.VolumeName(path)
	if filepath.IsAbs(path) {
		start = volume + string(filepath.Separator)
	}
	parts = strings.FieldsFunc(path[len(volume):], func(r rune) bool { return r < 0x80 && os.IsPathSeparator(uint8(r)) })
	return start, parts
}

// compare lists what changed, and which files are suddenly missing or empty:
// they may be in the middle of being saved.
func compare(before, now snapshot) (Batch, map[string]bool) {
	var b Batch
	doubtful := map[string]bool{}
	for path, f := range now.files {
		old, known := before.files[path]
		switch {
		case !known:
			b.Added = append(b.Added, path)
		case old.differs(f):
			b.Changed = append(b.Changed, path)
			if f.size == 0 && old.size > 0 {
				doubtful[path] = true
			}
		}
	}
	for path, f := range before.files {
		_, there := now.files[path]
		switch {
		case there:
		case now.failed: // it may be behind the folder that cannot be read
			now.files[path] = f
		case before.extra[path] && !now.inputs[path]: // no longer asked for
		default:
			b.Removed = append(b.Removed, path)
			doubtful[path] = true
		}
	}
	slices.Sort(b.Added)
	slices.Sort(b.Changed)
	slices.Sort(b.Removed)
	return b, doubtful
}

func (f file) differs(now file) bool {
	if now.size > maxHashed {
		return f.size != now.size || !f.change.Equal(now.change)
	}
	return f.err != now.err || f.sum != now.sum
}

func absolute(paths []string) []string {
	list := make([]string, 0, len(paths))
	for _, path := range paths {
		if abs, err := filepath.Abs(path); err == nil {
			list = append(list, abs)
		}
	}
	return list
}
