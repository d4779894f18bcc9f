// Package scripts is the life of script files: which are served, how they are
// loaded, what changes when one is saved, and which version a run gets.
package scripts

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/scripts/bundle"
	"github.com/hatchet-js/hatchet-js-worker/scripts/discover"
	"github.com/hatchet-js/hatchet-js-worker/scripts/generation"
	"github.com/hatchet-js/hatchet-js-worker/scripts/watch"
)

// Options say how scripts are found, built and run.
type Options struct {
	// Clock is the one of generations and of the set. Nil stands for
	// [clock.Real].
	Clock  clock.Clock
	Logger *slog.Logger // nil discards
	// Bundle is how files are bundled. Its Base is what displayed file names
	// are relative to.
	Bundle bundle.Options
	// Generation is how bundles are loaded and run; Clock and Low are set by
	// the set.
	Generation generation.Options
}

// Set is the scripts that some paths stand for, each with the version that
// serves. Its methods are safe for concurrent use.
type Set struct {
	paths []string
	opts  Options
	low   chan *generation.Generation

	mu      sync.Mutex        // held while loading
	entries map[string]*entry // by path
	absent  []string          // scripts reported to be there that were not, at the last reload
	loaded  bool

	snapMu  sync.Mutex
	current *Snapshot
}

// New returns the set of the scripts that paths stand for, see discover.Files.
// Nothing is loaded yet.
func New(paths []string, opts Options) *Set {
	if opts.Clock == nil {
		opts.Clock = clock.Real()
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Set{
		paths:   slices.Clone(paths),
		opts:    opts,
		low:     make(chan *generation.Generation, 64),
		entries: map[string]*entry{},
		current: &Snapshot{},
	}
	s.opts.Generation.Clock = opts.Clock
	s.opts.Generation.Low = s.short
	return s
}

// Load loads all scripts. A script that does not load is part of the snapshot
// and no error; the error says that a path is missing, is no script, or holds
// none (discover.ErrNotFound, ErrNotScript, ErrEmpty), or that ctx is done.
func (s *Set) Load(ctx context.Context) (*Snapshot, error) {
	files, err := discover.Files(s.paths)
	if err != nil {
		return nil, err
	}
	return s.update(ctx, files, everything)
}

// Reload takes up a batch of changes: it loads what changed, what imports what
// changed and what could not be bundled before, and nothing else. A script that does
// not load keeps the version that serves. Unlike Load it accepts that there are
// no files left. The error says that ctx is done, or that a folder cannot be
// read; then everything stays as it was.
func (s *Set) Reload(ctx context.Context, changes watch.Batch) (*Snapshot, error) {
	changed := changesOf(changes)
	return s.reload(ctx, changes, scope{stale: changed.touch, touched: changed.touch, removed: func(e *entry) bool {
		return slices.Contains(changes.Removed, e.path)
	}})
}

// scope says what an update is about.
type scope struct {
	stale   func(*entry) bool // to be built again
	touched func(*entry) bool // known to have changed: worth a word even if it fails as before
	removed func(*entry) bool // believed to be gone when it cannot be found
}

func every(*entry) bool { return true }
func none(*entry) bool  { return false }

var everything = scope{stale: every, touched: every, removed: every}

func (s *Set) reload(ctx context.Context, changes watch.Batch, about scope) (*Snapshot, error) {
	files, absent, err := find(s.paths, slices.Concat(changes.Added, changes.Changed))
	if err != nil {
		return nil, fmt.Errorf("look for scripts: %w", err)
	}
	snapshot, err := s.update(ctx, files, about)
	if err == nil {
		s.mu.Lock()
		s.absent = absent
		s.mu.Unlock()
	}
	return snapshot, err
}

// lingering are the entries that cannot be found and yet were not reported as
// removed: an editor that is saving may have moved them away for a moment.
func (s *Set) lingering(files []discover.File, about scope) []discover.File {
	found := map[string]bool{}
	for _, file := range files {
		found[file.Path] = true
	}
	var list []discover.File
	for path, e := range s.entries {
		if !found[path] && !about.removed(e) {
			list = append(list, discover.File{Path: path})
		}
	}
	slices.SortFunc(list, func(a, b discover.File) int { return strings.Compare(a.Path, b.Path) })
	return list
}

// update brings the entries in line with files, building those that are new,
// stale or failed and might now succeed, and publishes the outcome.
func (s *Set) update(ctx context.Context, files []discover.File, about scope) (*Snapshot, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	files = append(files, s.lingering(files, about)...)
	next := make(map[string]*entry, len(files))
	order := make([]string, 0, len(files))
	var work []*attempt
	for _, file := range files {
		before, known := s.entries[file.Path]
		if !known {
			before = &entry{path: file.Path}
		}
		next[file.Path] = before
		order = append(order, file.Path)
		if !known || before.hopeful() || about.stale(before) {
			work = append(work, &attempt{entry: before, added: !known, touched: !known || about.touched(before)})
		}
	}
	if err := s.attemptAll(ctx, work); err != nil {
		for _, a := range work {
			if a.loaded != nil {
				a.loaded.Retire()
			}
		}
		return nil, err
	}
	u := &turnover{next: next, order: order, attempts: work, gone: gone(s.entries, next)}
	snapshot := u.settle()
	s.entries, s.loaded = next, true
	s.snapMu.Lock()
	s.current = snapshot
	s.snapMu.Unlock()
	return snapshot, nil
}

// gone are the entries whose files are no longer there, in order of path.
func gone(before, next map[string]*entry) []*entry {
	var list []*entry
	for path, e := range before {
		if next[path] == nil {
			list = append(list, e)
		}
	}
	slices.SortFunc(list, func(a, b *entry) int { return strings.Compare(a.path, b.path) })
	return list
}

func (s *Set) attemptAll(ctx context.Context, work []*attempt) error {
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for _, a := range work {
		group.Go(func() error {
			if ctx.Err() == nil {
				a.load(ctx, s.opts)
			}
			return context.Cause(ctx)
		})
	}
	return group.Wait()
}

// Snapshot returns the outcome of the last Load or Reload.
func (s *Set) Snapshot() *Snapshot {
	s.snapMu.Lock()
	defer s.snapMu.Unlock()
	return s.current
}
