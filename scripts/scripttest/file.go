package scripttest

import (
	"context"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
	"github.com/hatchet-js/hatchet-js-worker/scripts/bundle"
	"github.com/hatchet-js/hatchet-js-worker/scripts/diagnostic"
	"github.com/hatchet-js/hatchet-js-worker/scripts/generation"
)

// file is one test file, loaded.
type file struct {
	path      string
	name      string // as shown
	dir       string
	args      string // of 'test', with which the file runs again; "" = its name
	bundle    *bundle.Bundle
	workflows []*workflow.Workflow
	tests     []*test
	snapshots *snapshots
	standIns  []string // modules that it mocks
}

// test is one test of a file.
type test struct {
	declared
	file *file
	// skip says why the test is not run; "" if it is.
	skip string
}

// testOptions are those that a test gives; the zero value stands for the
// runner's.
type testOptions struct {
	Start        any    `json:"start"`
	Seed         *int64 `json:"seed"`
	Timeout      int64  `json:"timeout"` // milliseconds on the wall clock
	AlwaysReplay bool   `json:"alwaysReplay"`
	Retry        int    `json:"retry"`
	Repeats      int    `json:"repeats"`
	Slots        int    `json:"slots"`
	MaxJumps     int    `json:"maxJumps"`
	Permissions  grants `json:"permissions"`

	begins time.Time // of Start
	seed   uint64
	wall   time.Duration
	span   time.Duration // on the virtual clock
}

func (o testOptions) start() time.Time {
	if o.begins.IsZero() {
		return start
	}
	return o.begins
}

func (o testOptions) timeout() time.Duration { return o.wall }

func (o testOptions) jumps() int {
	if o.MaxJumps > 0 {
		return o.MaxJumps
	}
	return DefaultMaxJumps
}

// load bundles a test file and evaluates it once to learn its tests. The error,
// a [*diagnostic.Error], has positions.
func load(ctx context.Context, path string, o Options) (*file, error) {
	f := &file{path: path, name: path, dir: filepath.Dir(path)}
	if rel, err := filepath.Rel(o.Base, path); err == nil && filepath.IsLocal(rel) {
		f.name = filepath.ToSlash(rel)
	}
	if o.Alone != nil {
		f.name, f.dir, f.args = "fixtures of "+o.Alone.Workflow, o.Base, o.Again
	}
	if err := f.build(o); err != nil {
		return f, err
	}
	door, err := o.loadingDoor()
	if err != nil {
		return f, f.failed(err)
	}
	var probe *face
	g, err := generation.Load(ctx, f.bundle, 1, generation.Options{
		Door:    door,
		Spare:   -1,
		Modules: o.Modules,
		Join:    o.Join,
		Console: func(string, hatchet.Level, string) {},
		Native: func(v *vm.VM, name string) goja.Value {
			if name != Module {
				return nil
			}
			if probe == nil { // the module has several parts that ask for it
				probe = &face{vm: v, rt: v.Runtime(), dir: f.dir}
			}
			return probe.object()
		},
	})
	if err != nil {
		return f, err
	}
	f.workflows = g.Workflows
	return f, f.take(probe)
}

// build bundles the file, with what stands in front of the modules that it mocks.
func (f *file) build(o Options) (err error) {
	standIns := standInsOf(f.path, o.Modules)
	f.standIns = slices.Sorted(maps.Keys(standIns))
	shared, err := core()
	if err != nil {
		return err
	}
	f.bundle, err = bundle.Build(f.path, bundle.Options{
		Base: o.Base, Modules: o.Modules, Sources: modules(), Cores: []*bundle.Core{shared}, Packages: o.Packages, StandIns: standIns,
	})
	return err
}

// loadingDoor is the door of a file that loads; nil is a closed one.
func (o Options) loadingDoor() (*permit.Door, error) {
	if o.Door == nil {
		return nil, nil
	}
	return o.Door(clock.Real(), nil, nil)
}

// take keeps the tests that the probe has declared.
func (f *file) take(probe *face) error {
	if probe == nil {
		return f.failed(errors.New("it does not import hatchet:test"))
	}
	list, err := probe.tests()
	if err != nil {
		return f.failed(err)
	}
	for _, d := range list {
		f.tests = append(f.tests, &test{declared: d, file: f})
	}
	f.snapshots = readSnapshots(f.path)
	f.applyModes()
	return nil
}

func (f *file) failed(err error) error {
	failed := diagnostic.New(f.name, diagnostic.Diagnostic{Text: err.Error()})
	failed.Cause = err
	return failed
}

// applyModes marks what skip, todo and only leave out.
func (f *file) applyModes() {
	only := false
	for _, t := range f.tests {
		for _, mode := range t.Modes {
			only = only || mode == "only"
		}
	}
	for _, t := range f.tests {
		chosen := false
		for _, mode := range t.Modes {
			switch mode {
			case "only":
				chosen = true
			case "skip", "todo":
				t.skip = mode
			}
		}
		if only && !chosen && t.skip == "" {
			t.skip = "only"
		}
	}
}

// fullName is the test's name with those of the suites around it.
func (t *test) fullName() string {
	name := ""
	for i, part := range t.Names {
		if i > 0 {
			name += " › "
		}
		name += part
	}
	return name
}
