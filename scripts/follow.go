package scripts

import (
	"context"
	"crypto/sha256"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/hatchet-js/hatchet-js-worker/scripts/bundle"
	"github.com/hatchet-js/hatchet-js-worker/scripts/generation"
	"github.com/hatchet-js/hatchet-js-worker/scripts/watch"
)

// Follow loads all scripts, then watches them and reloads what changes, until
// ctx is done, and returns nil. It calls apply with each snapshot in which
// something changed, one at a time; the first is that of Load, whose error ends
// Follow. If the set was loaded before, Follow begins by taking up what changed
// since then. Zero fields of watching are those of the set.
func (s *Set) Follow(ctx context.Context, watching watch.Options, apply func(*Snapshot)) error {
	if watching.Clock == nil {
		watching.Clock = s.opts.Clock
	}
	if watching.Logger == nil {
		watching.Logger = s.opts.Logger
	}
	f := &follower{set: s, watcher: watch.New(s.paths, watching), apply: apply, begun: make(chan struct{})}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		return f.watcher.Run(ctx, func(batch watch.Batch) { f.reload(ctx, batch) })
	})
	group.Go(func() error { return f.begin(ctx) })
	return group.Wait()
}

// follower is one call of Follow.
type follower struct {
	set     *Set
	watcher *watch.Watcher
	apply   func(*Snapshot)
	begun   chan struct{} // closed when the first load was applied
}

// begin loads for the first time, but lets the watcher look first: what changes
// while loading is loaded again.
func (f *follower) begin(ctx context.Context) error {
	select {
	case <-f.watcher.Started():
	case <-ctx.Done():
		return nil
	}
	first, err := f.set.begin(ctx)
	switch {
	case ctx.Err() != nil:
		return nil
	case err != nil:
		return err
	}
	if first != nil {
		f.apply(first)
	}
	f.watcher.Watch(f.set.Seen())
	close(f.begun)
	return nil
}

// reload takes up a batch of changes.
func (f *follower) reload(ctx context.Context, batch watch.Batch) {
	select {
	case <-f.begun:
	case <-ctx.Done():
		return
	}
	snapshot, err := f.set.Reload(ctx, batch)
	switch {
	case ctx.Err() != nil:
		return
	case err != nil:
		f.set.opts.Logger.Warn("scripts are not reloaded", "error", err)
		return
	}
	if len(snapshot.Changes) > 0 {
		f.apply(snapshot)
	}
	f.watcher.Watch(f.set.Seen())
}

// begin loads everything; nil if that changed nothing since an earlier load.
func (s *Set) begin(ctx context.Context) (*Snapshot, error) {
	s.mu.Lock()
	loaded := s.loaded
	s.mu.Unlock()
	if !loaded {
		return s.Load(ctx)
	}
	snapshot, err := s.reload(ctx, watch.Batch{}, scope{stale: every, touched: none, removed: every})
	if err != nil || len(snapshot.Changes) == 0 {
		return nil, err
	}
	return snapshot, nil
}

// Seen tells, for [watch.Watcher.Watch], which files matter to the set and how
// they looked when they were read: what the scripts were bundled from, packages
// in node_modules apart, and the settings files above them.
func (s *Set) Seen() []watch.Seen {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := map[string]watch.Seen{}
	folders := map[string]bool{}
	for _, path := range s.absent {
		seen[path] = watch.Seen{Path: path, Absent: true}
	}
	for _, e := range s.entries {
		for _, input := range e.inputs {
			if !strings.Contains(filepath.ToSlash(input.Path), "/node_modules/") {
				seen[input.Path] = agree(seen, input)
				s.above(filepath.Dir(input.Path), folders)
			}
		}
	}
	for folder := range folders {
		for _, name := range []string{"tsconfig.json", "package.json"} {
			path := filepath.Join(folder, name)
			if _, read := seen[path]; !read {
				seen[path] = watch.Seen{Path: path}
			}
		}
	}
	for path := range s.entries {
		seen[path] = served(path, seen[path])
	}
	return slices.Collect(maps.Values(seen))
}

// served is how a script was seen. One that was not there when it was to be read
// is to be reported whether it is gone or comes back, so it is given a content
// that differs from both.
func served(path string, seen watch.Seen) watch.Seen {
	if seen.Absent {
		seen.Absent, seen.Sum = false, new([sha256.Size]byte)
	}
	seen.Path, seen.Served = path, true
	return seen
}

// agree is how an input was seen, together with what is noted of it already. If
// two scripts read it at different times and saw different things, that is no
// content at all, so that it counts as changed and both read it once more.
func agree(noted map[string]watch.Seen, input bundle.Input) watch.Seen {
	now := watch.Seen{Path: input.Path, Sum: &input.Sum, Absent: input.Absent}
	before, known := noted[input.Path]
	if known && (before.Absent != now.Absent || !now.Absent && *before.Sum != *now.Sum) {
		return watch.Seen{Path: input.Path, Sum: new([sha256.Size]byte)}
	}
	return now
}

// above adds folder and those above it, up to the base.
func (s *Set) above(folder string, folders map[string]bool) {
	base := s.opts.Bundle.Base
	for base != "" && (folder == base || strings.HasPrefix(folder, base+string(filepath.Separator))) && !folders[folder] {
		folders[folder] = true
		folder = filepath.Dir(folder)
	}
}

// Run looks after the VMs of all versions until ctx is done, and returns nil:
// it lets go of idle ones and prepares one where the last has been taken.
func (s *Set) Run(ctx context.Context) error {
	age := s.opts.Generation.IdleAfter
	if age <= 0 {
		age = generation.DefaultIdleAfter
	}
	timer := s.opts.Clock.NewTimer(age / 4)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case g := <-s.low:
			if err := g.Refill(ctx); err != nil && ctx.Err() == nil {
				s.opts.Logger.Warn("no VM prepared", "error", err)
			}
		case <-timer.C():
			s.sweep()
			timer.Reset(age / 4)
		}
	}
}

// short is told that a version has no idle VM left.
func (s *Set) short(g *generation.Generation) {
	select {
	case s.low <- g:
	default: // others are waited for already; the run builds its own
	}
}

func (s *Set) sweep() {
	for _, g := range s.generations() {
		g.Sweep()
	}
}

// generations are the versions that serve, and the older ones that had runs.
func (s *Set) generations() []*generation.Generation {
	var list []*generation.Generation
	for _, file := range s.Snapshot().Files {
		if file.Serving != nil {
			list = append(list, file.Serving)
		}
		list = append(list, file.Older...)
	}
	return list
}

// Stats sums up the figures of all versions that serve or still have runs.
// Built counts their VMs only, not those of versions that are gone.
func (s *Set) Stats() generation.Stats {
	var sum generation.Stats
	for _, g := range s.generations() {
		one := g.Stats()
		sum.Running += one.Running
		sum.Idle += one.Idle
		sum.Built += one.Built
	}
	return sum
}
