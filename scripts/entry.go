package scripts

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/scripts/bundle"
	"github.com/hatchet-js/hatchet-js-worker/scripts/diagnostic"
	"github.com/hatchet-js/hatchet-js-worker/scripts/generation"
	"github.com/hatchet-js/hatchet-js-worker/scripts/watch"
)

// entry is one script of the set, under the path by which it was found.
type entry struct {
	path    string
	serving *generation.Generation   // nil until a version loaded
	failure *diagnostic.Error        // of the last attempt; nil if it succeeded
	final   bool                     // the failure stays until an input changes
	inputs  []bundle.Input           // files read by the last attempt
	older   []*generation.Generation // replaced ones that still had runs
	// imported are workflows that it has by importing them, in lower case, and
	// the file of the entry that serves each.
	imported map[string]string
}

// number is that of the last version that loaded.
func (e *entry) number() int {
	if e.serving == nil {
		return 0
	}
	return e.serving.Number
}

// hopeful reports whether the entry failed and another attempt may succeed
// although nothing is known to have changed: a package may have been installed,
// or the name of a workflow be free again.
func (e *entry) hopeful() bool { return e.failure != nil && !e.final }

// replace makes g the version that serves.
func (e *entry) replace(g *generation.Generation) {
	if e.serving != nil {
		e.serving.Retire()
		e.older = append(e.older, e.serving)
	}
	e.serving = g
}

// prune forgets replaced versions without runs.
func (e *entry) prune() {
	e.older = slices.DeleteFunc(slices.Clone(e.older), func(g *generation.Generation) bool {
		return g.Stats().Running == 0
	})
}

// attempt is one attempt to load an entry.
type attempt struct {
	entry   *entry
	touched bool   // a file of it changed, or it is new
	added   bool   // the entry is new
	from    *entry // the entry that was renamed to this one, or nil

	// The outcome: a version, or that nothing changed, or a failure.
	loaded  *generation.Generation
	same    bool
	failure *diagnostic.Error
	final   bool // evaluating the same once more would fail again, perhaps after a long time
	inputs  []bundle.Input
	took    time.Duration
}

func (a *attempt) load(ctx context.Context, opts Options) {
	begun := opts.Clock.Now()
	defer func() { a.took = clock.Since(opts.Clock, begun) }()
	b, err := bundle.Build(a.entry.path, opts.Bundle)
	if err != nil {
		a.fail(err)
		return
	}
	a.inputs = b.Inputs
	if serving := a.entry.serving; serving != nil && serving.Bundle.Hash == b.Hash {
		a.same = true
		return
	}
	a.loaded, err = generation.Load(ctx, b, a.entry.number()+1, opts.Generation)
	if err != nil {
		a.final = true
		a.fail(err)
	}
}

func (a *attempt) fail(err error) {
	a.loaded = nil
	if !errors.As(err, &a.failure) {
		a.failure = diagnostic.New(a.entry.path, diagnostic.Diagnostic{Text: err.Error()})
		a.failure.Cause = err
	}
	var unbuilt *bundle.Error
	if errors.As(err, &unbuilt) {
		a.inputs = unbuilt.Inputs
	}
}

// before is the version that served until this attempt, under its old name if
// the file was renamed.
func (a *attempt) before() *generation.Generation {
	if a.from != nil {
		return a.from.serving
	}
	return a.entry.serving
}

// changes are the files of a batch.
type changes struct {
	files    map[string]bool
	settings []string // folders whose package.json or tsconfig.json is among them
}

func changesOf(batch watch.Batch) changes {
	c := changes{files: map[string]bool{}}
	for _, path := range slices.Concat(batch.Added, batch.Changed, batch.Removed) {
		c.files[path] = true
		if settings(filepath.Base(path)) {
			c.settings = append(c.settings, filepath.Dir(path)+string(filepath.Separator))
		}
	}
	return c
}

// settings reports whether a file of this name says how others are bundled.
func settings(name string) bool {
	return name == "package.json" || name == "jsconfig.json" ||
		strings.HasPrefix(name, "tsconfig") && strings.HasSuffix(name, ".json")
}

// touch reports whether the changes concern an entry.
func (c changes) touch(e *entry) bool {
	if c.files[e.path] {
		return true
	}
	for _, input := range e.inputs {
		if c.files[input.Path] {
			return true
		}
	}
	return slices.ContainsFunc(c.settings, func(folder string) bool {
		return strings.HasPrefix(e.path, folder) || slices.ContainsFunc(e.inputs, func(input bundle.Input) bool {
			return strings.HasPrefix(input.Path, folder)
		})
	})
}
