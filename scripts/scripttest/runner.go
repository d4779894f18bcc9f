package scripttest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
	"github.com/hatchet-js/hatchet-js-worker/scripts/bundle"
	"github.com/hatchet-js/hatchet-js-worker/scripts/diagnostic"
)

// DefaultTimeout bounds one test on the wall clock.
const DefaultTimeout = 5 * time.Second

// Options say which tests run, and how.
type Options struct {
	// Files are the absolute paths of the test files.
	Files []string
	// Alone are fixtures to run instead of Files. Again are the arguments of 'test'
	// that ask for them.
	Alone *Alone
	Again string
	// Base is the absolute folder to which displayed paths are relative.
	Base   string
	Worlds Worlds
	// Modules are the built-in modules beside hatchet:test.
	Modules *native.Registry
	// Join is that of [generation.Options].
	Join func([]*workflow.Workflow) []workflow.Problem
	// Packages are npm packages that are built in.
	Packages []*bundle.Package
	// Door makes the door of one test, which counts by the clock, with what stands
	// in for the world and what the test itself grants. Nil is one that permits
	// nothing.
	Door DoorMaker
	// Secrets are the declared secrets.
	Secrets map[string]string
	// Reporters are told, each on the goroutine that called RunTests.
	Reporters []Reporter

	// Read is told which files a test file is made of. Nil is told nothing.
	Read func(file string, inputs []bundle.Input)

	Filter func(name string) bool // nil = all
	// Lines are places in files: the test there is chosen. A file without is whole.
	Lines map[string][]int
	// Changed are absolute paths: test files that are made of none of them are left
	// out. Nil leaves out none.
	Changed  []string
	Jobs     int    // tests at once; 0 = the number of processors
	Seed     uint64 // of Math.random and of the order with Shuffle
	Shuffle  bool
	Shard    int // which of Shards parts, from 1; 0 = all
	Shards   int
	Retry    int           // how often a failed test is tried again
	Repeats  int           // how often each test is run; 0 = once
	FailFast int           // after so many failures no test is started; 0 = all are
	Update   bool          // accept new snapshots
	CI       bool          // do not write snapshots that are not there
	Timeout  time.Duration // of one test; 0 = DefaultTimeout
	MaxJumps int           // of the clock in one test; 0 = DefaultMaxJumps
	// MaxVirtual is how far the clock of one test may go; 0 = DefaultMaxVirtual.
	MaxVirtual time.Duration
	// AlwaysReplay gives durable tasks back to the engine at each wait, so that
	// each wait is replayed from the top.
	AlwaysReplay bool
	Chaos        bool // every test runs again with a crash at each checkpoint
}

// DoorMaker makes the door of one test.
type DoorMaker func(c clock.Clock, doubles *permit.Doubles, granted permit.Rules) (*permit.Door, error)

// RunTests runs the tests and reports them. The error says that a reporter failed or
// that ctx is done; failed tests are in the summary.
func RunTests(ctx context.Context, o Options) (Summary, error) {
	if o.Alone != nil {
		path, done, err := o.Alone.prepare(ctx, o)
		if err != nil {
			return Summary{}, err
		}
		defer done()
		o.Files = []string{path}
	}
	return runTests(ctx, o)
}

func runTests(ctx context.Context, o Options) (Summary, error) {
	defer vm.HoldRegexpClock()()
	r := &runner{options: o, clock: clock.Real(), recordings: newRecordings(o)}
	begun := r.clock.Now()
	for _, reporter := range o.Reporters {
		reporter.Start(len(o.Files), o.Seed)
	}
	if err := r.loadAll(ctx); err != nil {
		return r.summary, err
	}
	r.choose()
	if err := r.runAll(ctx); err != nil {
		return r.summary, err
	}
	r.summary.Took = clock.Since(r.clock, begun)
	r.summary.Seed = o.Seed
	var errs []error
	for _, f := range r.files {
		if f.snapshots != nil {
			errs = append(errs, f.snapshots.write())
		}
	}
	for _, reporter := range o.Reporters {
		errs = append(errs, reporter.End(r.summary))
	}
	return r.summary, errors.Join(errs...)
}

type runner struct {
	options Options
	clock   clock.Clock
	files   []*file
	order   []*test // in which they run

	recordings *recordings
	failed     atomic.Int32
	summary    Summary
}

func (r *runner) jobs() int { return cmp.Or(r.options.Jobs, runtime.GOMAXPROCS(0)) }

// loadAll loads the files and reports them, in order.
func (r *runner) loadAll(ctx context.Context) error {
	r.files = make([]*file, len(r.options.Files))
	errs := make([]error, len(r.files))
	var group errgroup.Group
	group.SetLimit(r.jobs())
	for i, path := range r.options.Files {
		group.Go(func() error {
			r.files[i], errs[i] = load(ctx, path, r.options)
			return ctx.Err()
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for i, f := range r.files {
		if r.options.Read != nil {
			r.options.Read(f.path, inputsOf(f, errs[i]))
		}
		result := FileResult{File: f.name, Tests: len(f.tests)}
		r.summary.Files++
		if err := errs[i]; err != nil {
			r.summary.Broken++
			result.Error, result.Detail = err.Error(), err.Error()+"\n"
			var placed *diagnostic.Error
			if errors.As(err, &placed) {
				result.Detail = placed.Detail()
			}
			f.tests = nil
		} else {
			f.snapshots.update, f.snapshots.frozen = r.options.Update, r.options.CI
		}
		for _, reporter := range r.options.Reporters {
			reporter.File(result)
		}
	}
	return nil
}

// choose leaves out what filter and shard exclude, and fixes the order.
func (r *runner) choose() {
	n := 0
	for _, f := range r.files {
		at := f.at(r.options.Lines[f.path])
		f.tests = slices.DeleteFunc(f.tests, func(t *test) bool {
			if !f.madeOf(r.options.Changed) || at != nil && !at[t.At.Line] {
				return true
			}
			if r.options.Filter != nil && !r.options.Filter(t.fullName()) {
				return true
			}
			n++
			return r.options.Shards > 1 && (n-1)%r.options.Shards != r.options.Shard-1
		})
		r.order = append(r.order, f.tests...)
	}
	if r.options.Shuffle {
		random := rand.New(rand.NewPCG(r.options.Seed, 1))
		random.Shuffle(len(r.order), func(i, j int) { r.order[i], r.order[j] = r.order[j], r.order[i] })
	}
}

// runAll runs the tests, several at once, and reports them in the order of the
// files.
func (r *runner) runAll(ctx context.Context) error {
	done := make(map[*test]chan *Result, len(r.order))
	for _, t := range r.order {
		done[t] = make(chan *Result, 1)
	}
	var group errgroup.Group
	group.SetLimit(r.jobs())
	started := make(chan struct{})
	go func() {
		defer close(started)
		for _, t := range r.order {
			group.Go(func() error {
				done[t] <- r.result(ctx, t)
				return nil
			})
		}
	}()
	for _, f := range r.files {
		for _, t := range f.tests {
			r.report(<-done[t])
		}
	}
	<-started
	_ = group.Wait()
	return ctx.Err()
}

func (r *runner) report(result *Result) {
	switch result.Outcome {
	case Passed:
		r.summary.Passed++
	case Failed:
		r.summary.Failed++
	case Skipped:
		r.summary.Skipped++
	}
	if result.Flaky {
		r.summary.Flaky++
	}
	for _, reporter := range r.options.Reporters {
		reporter.Test(result)
	}
}

// result runs one test with its retries and repeats.
func (r *runner) result(ctx context.Context, t *test) *Result {
	last := len(t.Names) - 1
	result := &Result{File: t.file.name, Suites: t.Names[:last], Name: t.Names[last], At: t.At, Outcome: Skipped, Reason: t.skip}
	switch {
	case t.skip != "":
		return result
	case r.options.FailFast > 0 && int(r.failed.Load()) >= r.options.FailFast:
		result.Reason = "fail-fast"
		return result
	case ctx.Err() != nil:
		result.Reason = "interrupted"
		return result
	}
	begun := r.clock.Now()
	retries, repeats := max(r.options.Retry, t.Options.Retry), max(1, r.options.Repeats, t.Options.Repeats)
	for range repeats {
		for try := 0; try <= retries; try++ {
			result.Tries++
			r.once(ctx, t, result, result.Tries)
			if result.Failure == nil {
				result.Flaky = result.Flaky || try > 0
				break
			}
		}
		if result.Failure != nil {
			break
		}
	}
	result.Took = clock.Since(r.clock, begun)
	result.Outcome = Passed
	if result.Failure != nil {
		result.Outcome = Failed
		result.Flaky = false
		r.failed.Add(1)
	}
	return result
}

// once runs a test, and again for each checkpoint if it asks for that.
func (r *runner) once(ctx context.Context, t *test, result *Result, try int) {
	s := r.session(t, try)
	s.faults.every = s.faults.every || r.options.Chaos
	r.take(s, result, s.play(ctx))
	for at := 1; at <= s.faults.passes() && result.Failure == nil; at++ {
		pass := r.session(t, try)
		pass.faults.crashAt = at
		r.take(pass, result, pass.play(ctx))
		if result.Failure != nil {
			result.Failure.Message = fmt.Sprintf("with a crash at checkpoint %d of %d: %s", at, s.faults.passes(), result.Failure.Message)
		}
	}
}

// take keeps what one pass came to.
func (r *runner) take(s *session, result *Result, err error) {
	if err == nil {
		err = s.keepRecording()
	}
	result.Failure = s.failure(err)
	if result.Failure != nil {
		result.Failure.Rerun = rerun(s.test, r.options)
	}
	if result.OnServer = s.real; !s.real {
		result.Virtual = s.passed()
	}
	s.mu.Lock()
	result.Lines = slices.Clone(s.lines)
	s.mu.Unlock()
	result.Unused = append(s.doubles.unused(), s.outside.unused()...)
}

// rerun is the command line that runs just this test.
func rerun(t *test, o Options) string {
	filter, more := t.fullName(), ""
	if slices.ContainsFunc(t.file.tests, func(other *test) bool { return other != t && strings.Contains(other.fullName(), filter) }) {
		filter = "/^" + regexp.QuoteMeta(filter) + "$/"
	}
	for _, flag := range []struct {
		text string
		set  bool
	}{
		{" --chaos", o.Chaos}, {" --always-replay", o.AlwaysReplay}, {fmt.Sprintf(" --repeats %d", o.Repeats), o.Repeats > 1},
		{" --target server", o.onServer()},
	} {
		if flag.set {
			more += flag.text
		}
	}
	name := strings.ReplaceAll(filter, `'`, `'\''`)
	return fmt.Sprintf("test %s --filter '%s' --seed %d%s", cmp.Or(t.file.args, t.file.name), name, o.Seed, more)
}

// session prepares one pass of a test. Its seed depends on the test and not on
// the others, so that a test alone does what it does among all.
func (r *runner) session(t *test, try int) *session {
	o := t.Options
	o.wall = cmp.Or(time.Duration(o.Timeout)*time.Millisecond, r.options.Timeout, DefaultTimeout)
	if r.options.onServer() {
		o.wall = cmp.Or(r.options.Timeout, DefaultServerTimeout) // a test's own is for virtual time
	}
	o.MaxJumps = cmp.Or(o.MaxJumps, r.options.MaxJumps)
	o.span = cmp.Or(r.options.MaxVirtual, DefaultMaxVirtual)
	sum := fnv.New64a()
	fmt.Fprintf(sum, "%s\x00%s\x00%d", t.file.name, t.fullName(), try)
	o.seed = r.options.Seed ^ sum.Sum64()
	if o.Seed != nil {
		o.seed = uint64(*o.Seed)
	}
	o.AlwaysReplay = o.AlwaysReplay || r.options.AlwaysReplay
	o.begins = beginning(o.Start)
	s := newSession(t, o, r.options)
	s.recordings, s.real = r.recordings, r.options.onServer()
	return s
}

// beginning reads the option start: a date as JSON has it, or milliseconds.
func beginning(v any) time.Time {
	switch v := v.(type) {
	case string:
		for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", time.DateOnly} {
			if t, err := time.Parse(layout, v); err == nil {
				return t.UTC()
			}
		}
	case float64:
		return time.UnixMilli(int64(v)).UTC()
	}
	return time.Time{}
}
