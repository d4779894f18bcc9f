package scripttest

import (
	"context"
	"errors"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/hatchet-js/hatchet-js-worker/scripts/bundle"
	"github.com/hatchet-js/hatchet-js-worker/scripts/watch"
)

// Watching says what [Watch] looks at.
type Watching struct {
	// Paths are the files and folders that the tests were found in.
	Paths []string
	// Files lists the test files as they are now.
	Files func() ([]string, error)
	// Reporters makes those of one run.
	Reporters func() []Reporter
	// Ran is told after each run.
	Ran func(Summary)
}

// Watch runs the tests, and then, each time files change, those of the test
// files that are made of them, until ctx is done. The error says that the tests
// could not be listed, or that a reporter failed.
func Watch(ctx context.Context, o Options, w Watching) error {
	v := &vigil{options: o, watching: w, inputs: map[string][]bundle.Input{}, failed: make(chan error, 1)}
	v.watcher = watch.New(w.Paths, watch.Options{})
	group, inner := errgroup.WithContext(ctx)
	begun := make(chan struct{})
	group.Go(func() error {
		return v.watcher.Run(inner, func(batch watch.Batch) {
			select {
			case <-begun:
				v.again(inner, batch)
			case <-inner.Done():
			}
		})
	})
	group.Go(func() error {
		select {
		case <-v.watcher.Started():
		case <-inner.Done():
			return nil
		}
		v.run(inner, nil)
		close(begun)
		select {
		case err := <-v.failed:
			return err
		case <-inner.Done():
			return nil
		}
	})
	return group.Wait()
}

// vigil is one call of Watch. What it knows belongs to whoever runs the tests,
// the first time Watch itself and then the watcher.
type vigil struct {
	options  Options
	watching Watching
	watcher  *watch.Watcher
	inputs   map[string][]bundle.Input // by test file
	failed   chan error                // capacity 1
}

// again runs the tests that a batch of changes touches.
func (v *vigil) again(ctx context.Context, batch watch.Batch) {
	changed := slices.Concat(batch.Added, batch.Changed, batch.Removed)
	v.run(ctx, func(file string) bool {
		inputs, known := v.inputs[file]
		return !known || slices.Contains(changed, file) || slices.ContainsFunc(inputs, func(input bundle.Input) bool {
			return slices.Contains(changed, input.Path)
		})
	})
}

// run runs the tests of the files that touched selects; nil selects all.
func (v *vigil) run(ctx context.Context, touched func(file string) bool) {
	files, err := v.watching.Files()
	if err != nil {
		v.fail(err)
		return
	}
	o := v.options
	o.Files = slices.DeleteFunc(slices.Clone(files), func(file string) bool { return touched != nil && !touched(file) })
	o.Read = func(file string, inputs []bundle.Input) { v.inputs[file] = inputs }
	if len(o.Files) == 0 {
		return
	}
	o.Reporters = v.watching.Reporters()
	summary, err := RunTests(ctx, o)
	switch {
	case ctx.Err() != nil:
		return
	case err != nil:
		v.fail(err)
		return
	}
	v.watcher.Watch(v.seen())
	v.watching.Ran(summary)
}

func (v *vigil) fail(err error) {
	select {
	case v.failed <- err:
	default:
	}
}

// seen is how the files that the tests are made of looked when they were read.
func (v *vigil) seen() []watch.Seen {
	var list []watch.Seen
	for _, inputs := range v.inputs {
		for _, input := range inputs {
			if !strings.Contains(input.Path, "/node_modules/") {
				list = append(list, watch.Seen{Path: input.Path, Sum: &input.Sum, Absent: input.Absent})
			}
		}
	}
	return list
}

// inputsOf are the files that a test file is made of, also one that could not be
// bundled.
func inputsOf(f *file, err error) []bundle.Input {
	if f.bundle != nil {
		return f.bundle.Inputs
	}
	var unbuilt *bundle.Error
	if errors.As(err, &unbuilt) {
		return unbuilt.Inputs
	}
	return nil
}
