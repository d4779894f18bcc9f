package scripts

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/hatchet-js/hatchet-js-worker/scripts/generation"
	"github.com/hatchet-js/hatchet-js-worker/scripts/watch"
)

// costly is the time to evaluate a script from which on a VM is prepared ahead
// of the run that needs it.
const costly = time.Millisecond

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
	f.learn(ctx)
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
	f.learn(ctx)
}

// learn tells the watcher what the scripts were made of. Files that it watches
// from now on may have changed since they were read, so what was made of them is
// made once more.
func (f *follower) learn(ctx context.Context) {
	for ctx.Err() == nil {
		fresh := f.watcher.Watch(f.set.Inputs())
		// Settings would stale everything, at every start.
		fresh = slices.DeleteFunc(fresh, func(path string) bool { return settings(filepath.Base(path)) })
		if len(fresh) == 0 {
			return
		}
		stale := changesOf(watch.Batch{Changed: fresh})
		snapshot, err := f.set.reload(ctx, scope{stale: stale.touch, touched: none, removed: none})
		if err == nil && len(snapshot.Changes) > 0 {
			f.apply(snapshot)
		}
	}
}

// begin loads everything; nil if that changed nothing since an earlier load.
func (s *Set) begin(ctx context.Context) (*Snapshot, error) {
	s.mu.Lock()
	loaded := s.loaded
	s.mu.Unlock()
	if !loaded {
		return s.Load(ctx)
	}
	snapshot, err := s.reload(ctx, scope{stale: every, touched: none, removed: every})
	if err != nil || len(snapshot.Changes) == 0 {
		return nil, err
	}
	return snapshot, nil
}

// Inputs are the files whose changes matter to the set, for [watch.Watcher.Watch]:
// what the scripts were bundled from, packages in node_modules apart, and the
// settings files above them.
func (s *Set) Inputs() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []string
	folders := map[string]bool{}
	for _, e := range s.entries {
		for _, input := range e.inputs {
			if strings.Contains(filepath.ToSlash(input), "/node_modules/") {
				continue
			}
			list = append(list, input)
			s.above(filepath.Dir(input), folders)
		}
	}
	for folder := range folders {
		list = append(list, filepath.Join(folder, "tsconfig.json"), filepath.Join(folder, "package.json"))
	}
	return list
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
	if g.Took < costly {
		return
	}
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
