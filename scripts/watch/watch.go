// Package watch tells when script files change.
//
// It watches folders, never files: editors save by renaming another file into
// place, and a ConfigMap swaps a symbolic link, after either of which a watch
// on a file sees nothing more. What the operating system reports is taken only
// as a hint that something happened; what happened is found out by looking at
// all files again and comparing contents. So a touch or a chmod is nothing,
// and no order of events, nor a lost one, can mislead.
package watch

import (
	"context"
	"crypto/sha256"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
)

const (
	// DefaultDebounce is how long no event must come before the files are
	// looked at: a save is several events.
	DefaultDebounce = 30 * time.Millisecond
	// DefaultPoll is the interval of scans where events are not to be had.
	DefaultPoll = time.Second
	// settle is how long a file must stay away, or empty, to be believed: some
	// editors delete and create again, or truncate and write.
	settle = 100 * time.Millisecond
	// lookLimit bounds the looks taken because folders came to light.
	lookLimit = 20
	// patience bounds the debounce when events never cease.
	patience = 10
)

// Options say how to watch.
type Options struct {
	Clock    clock.Clock   // nil = clock.Real
	Logger   *slog.Logger  // nil discards
	Debounce time.Duration // 0 = DefaultDebounce
	// Poll, if positive, is the interval at which the files are looked at, for
	// file systems that send no events (network mounts, some containers).
	Poll time.Duration
}

// Batch is what changed since the last one: absolute paths as found from the
// watched paths, sorted, each in one list.
type Batch struct {
	Added, Changed, Removed []string
}

// Empty reports whether nothing changed.
func (b Batch) Empty() bool { return len(b.Added)+len(b.Changed)+len(b.Removed) == 0 }

// Watcher watches folders and files. Make one with [New] and call [Watcher.Run].
type Watcher struct {
	paths   []string
	opts    Options
	started chan struct{}
	kick    chan struct{} // there is something to learn

	mu     sync.Mutex
	inputs map[string]bool
	seen   []Seen // not yet learnt

	// Of the goroutine of Run.
	known    snapshot
	doubted  map[string]time.Time         // missing or empty, and since when
	disputed map[string][sha256.Size]byte // what others saw otherwise
	notifier *notifier                    // nil while polling
}

// New returns a watcher of paths: files, and folders with all below them that
// discover.Walk visits. It does nothing until Run.
func New(paths []string, opts Options) *Watcher {
	if opts.Debounce <= 0 {
		opts.Debounce = DefaultDebounce
	}
	if opts.Clock == nil {
		opts.Clock = clock.Real()
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	return &Watcher{
		paths:   absolute(paths),
		opts:    opts,
		started: make(chan struct{}),
		kick:    make(chan struct{}, 1),
		inputs:  map[string]bool{},

		disputed: map[string][sha256.Size]byte{},
	}
}

// Started is closed when Run has taken its first look: changes from then on
// are reported. Load the files after that and no change is missed.
func (w *Watcher) Started() <-chan struct{} { return w.started }

// Seen is how a file looked to whoever read it, see [Watcher.Watch].
type Seen struct {
	Path string
	// Sum is of the content that was read; nil means that it was not: then
	// the file is taken to be as it is now.
	Sum *[sha256.Size]byte
	// Absent says that there was no file to read.
	Absent bool
	// Served says that the file is served for its own sake, and not only read
	// because of another.
	Served bool
}

// Watch says which files matter, besides those in the watched folders, and how
// they all looked when they were read. From now on a file has changed when it
// is not as it was read. So nothing is missed that happens between the watcher's
// look and the reading, or the reading and this call, not even that a file is
// again as it was before. The list replaces the one before. Safe for concurrent
// use, also from the function given to Run.
func (w *Watcher) Watch(seen []Seen) {
	inputs := map[string]bool{}
	for _, one := range seen {
		inputs[one.Path] = true
	}
	w.mu.Lock()
	w.inputs, w.seen = inputs, seen
	w.mu.Unlock()
	select {
	case w.kick <- struct{}{}:
	default:
	}
}

// within reports whether a path is, or is below, one of those given to New.
func (w *Watcher) within(path string) bool {
	return slices.ContainsFunc(w.paths, func(root string) bool {
		return path == root || strings.HasPrefix(path, root+string(filepath.Separator))
	})
}

// Run watches until ctx is done and then returns nil. It calls handle, never
// concurrently, with each batch of changes that is not empty; what happens
// meanwhile is in the next one. If the system refuses to watch, Run says so in
// the log and scans every [DefaultPoll] instead.
func (w *Watcher) Run(ctx context.Context, handle func(Batch)) error {
	if w.opts.Poll <= 0 {
		w.startNotifier()
	}
	defer w.stopNotifier()
	w.known = w.look()
	close(w.started)
	alarm := w.opts.Clock.NewTimer(w.idle())
	defer alarm.Stop()
	var since time.Time // of the first hint not yet followed
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-alarm.C():
			since = time.Time{}
			alarm.Reset(w.scan(handle))
			continue
		case event := <-w.events():
			if !w.concerns(event) {
				continue
			}
		case err := <-w.failures():
			w.opts.Logger.Warn("watching files: looking at all of them", "error", err)
		case <-w.kick:
			if !w.learn() {
				continue
			}
		}
		since = w.hint(alarm, since)
	}
}

// hint puts the next scan off until hints cease, but not for ever.
func (w *Watcher) hint(alarm clock.Timer, since time.Time) time.Time {
	now := w.opts.Clock.Now()
	if since.IsZero() {
		since = now
	}
	if now.Sub(since) < patience*w.opts.Debounce {
		alarm.Reset(w.opts.Debounce)
	}
	return since
}

// scan looks at all files, reports what changed, and returns when to look
// again if nothing happens.
func (w *Watcher) scan(handle func(Batch)) time.Duration {
	now := w.look()
	batch, doubtful := compare(w.known, now)
	if wait := w.doubt(doubtful); wait > 0 {
		return wait
	}
	w.known = now
	if !batch.Empty() {
		handle(batch)
	}
	return w.idle()
}

// doubt returns how long to wait until files that are missing or empty are
// believed to be.
func (w *Watcher) doubt(doubtful map[string]bool) time.Duration {
	now := w.opts.Clock.Now()
	before := w.doubted
	w.doubted = map[string]time.Time{}
	var wait time.Duration
	for path := range doubtful {
		since, known := before[path]
		if !known {
			since = now
		}
		w.doubted[path] = since
		wait = max(wait, settle-now.Sub(since))
	}
	return wait
}

// idle is how long to wait when no event comes.
func (w *Watcher) idle() time.Duration {
	switch {
	case w.opts.Poll > 0:
		return w.opts.Poll
	case w.notifier == nil:
		return DefaultPoll
	}
	return 24 * time.Hour
}

// look takes a snapshot, and watches the folders that came to light until
// there are no new ones: a folder may be filled before it is watched.
func (w *Watcher) look() snapshot {
	w.mu.Lock()
	inputs := maps.Clone(w.inputs)
	w.mu.Unlock()
	for range lookLimit {
		now := take(w.paths, inputs, w.known, w.opts.Clock.Now())
		if w.notifier == nil {
			return now
		}
		added, err := w.notifier.sync(now)
		if err != nil {
			w.opts.Logger.Warn("cannot watch all folders, scanning every second instead; raising fs.inotify.max_user_watches may help", "error", err)
			w.stopNotifier()
			return now
		}
		if added == 0 {
			return now
		}
	}
	return take(w.paths, inputs, w.known, w.opts.Clock.Now())
}

// learn takes over how files looked when they were read. It returns whether
// there is reason to look at them again.
func (w *Watcher) learn() bool {
	w.mu.Lock()
	seen, inputs := w.seen, w.inputs
	w.seen = nil
	w.mu.Unlock()
	for path := range w.known.extra {
		if !inputs[path] {
			delete(w.known.files, path) // no longer asked for; that is no change
			delete(w.known.extra, path)
		}
	}
	news := !maps.Equal(inputs, w.known.inputs)
	w.known.inputs = inputs
	for _, one := range seen {
		news = w.correct(one) || news
	}
	return news
}

// correct makes what is known of a file what was seen of it, so that the next
// look finds the difference. It returns whether there is one. A difference that
// was corrected in vain is left alone: somebody reads other files than this.
func (w *Watcher) correct(seen Seen) bool {
	known, found := w.known.files[seen.Path]
	switch {
	case !found:
		return !seen.Absent && w.adopt(seen)
	case seen.Sum == nil && !seen.Absent:
		return false
	case !seen.Absent && known.sum == *seen.Sum:
		delete(w.disputed, seen.Path)
		return false
	}
	if before, again := w.disputed[seen.Path]; again && before == known.sum {
		return false
	}
	w.disputed[seen.Path] = known.sum
	if seen.Absent {
		delete(w.known.files, seen.Path)
	} else {
		w.known.files[seen.Path] = file{sum: *seen.Sum}
	}
	return true
}

// adopt makes a file known that was read and not yet looked at. One in a watched
// folder that is not served is left to be reported as new.
func (w *Watcher) adopt(seen Seen) bool {
	within := w.within(seen.Path)
	if within && !seen.Served {
		return seen.Sum != nil
	}
	if !within {
		w.known.extra[seen.Path] = true
	}
	if seen.Sum != nil {
		w.known.files[seen.Path] = file{sum: *seen.Sum}
		return true
	}
	now, there := look(seen.Path, w.opts.Clock.Now())
	if there {
		w.known.files[seen.Path] = now
	}
	return false
}

func (w *Watcher) startNotifier() {
	notifier, err := newNotifier()
	if err != nil {
		w.opts.Logger.Warn("cannot watch files, scanning every second instead", "error", err)
		return
	}
	w.notifier = notifier
}

func (w *Watcher) stopNotifier() {
	if w.notifier != nil {
		w.notifier.close()
		w.notifier = nil
	}
}

func (w *Watcher) concerns(event fsnotify.Event) bool {
	return w.notifier != nil && w.notifier.concerns(event)
}

func (w *Watcher) events() <-chan fsnotify.Event {
	if w.notifier == nil {
		return nil
	}
	return w.notifier.watcher.Events
}

func (w *Watcher) failures() <-chan error {
	if w.notifier == nil {
		return nil
	}
	return w.notifier.watcher.Errors
}
