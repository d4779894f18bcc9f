package sdk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/scripts/discover"
	"github.com/hatchet-js/hatchet-js-worker/scripts/scripttest"
)

// TestReporters are the names of the reporters of [Test].
var TestReporters = scripttest.ReporterNames

// TestReport is where one report of [Test] goes.
type TestReport struct {
	Name   string // one of TestReporters
	Out    io.Writer
	Colour bool
}

// TestSummary is what [Test] came to.
type TestSummary = scripttest.Summary

// What a reporter of tests is told.
type (
	// TestReporter is told of a run of tests as it goes, on one goroutine.
	TestReporter = scripttest.Reporter
	// TestFile is a test file that was looked at.
	TestFile = scripttest.FileResult
	// TestResult is the end of one test.
	TestResult = scripttest.Result
)

// TestOptions of [Test]. The zero value runs all tests of the working folder and
// reports to nobody.
type TestOptions struct {
	Paths   []string // files, FILE:LINE for the test at a line, and folders; none = the working folder
	Base    string   // the folder that displayed paths are relative to; "" = the working folder
	Reports []TestReport
	// Reporters are told beside those of Reports.
	Reporters []TestReporter
	Modules   []NativeModule // Go functions that the scripts may import
	Tasks     []NativeTask   // tasks of Go, served beside those of the scripts
	// Permissions say what scripts may reach in tests beside what is mocked. Nobody
	// is asked: Ask must be nil.
	Permissions Permissions

	// Server runs the tests against that server on real time, each in a namespace
	// of its own, whose workflows are deleted after it. What needs the virtual clock
	// is refused. Nil is an embedded engine for each test.
	Server *Server

	// Workflow is the workflow that fixtures run: Paths are then fixtures, or
	// folders of them, and the script that declares the workflow is looked for
	// below Base. "" = Paths are tests.
	Workflow string

	Filter     string  // part of a test's name, or a /regular expression/; "" = all
	Jobs       int     // tests at once; 0 = the number of processors
	Seed       *uint64 // nil = a random one, told in the report
	Shuffle    bool
	Shard      int // this part of Shards, from 1; 0 = all
	Shards     int
	Retry      int  // tries after a failure
	Repeats    int  // runs of each test; 0 = 1
	FailFast   int  // failures after which no test is started; 0 = all tests run
	Update     bool // accept changed snapshots
	CI         bool // do not write missing snapshots
	Timeout    time.Duration
	MaxJumps   int
	MaxVirtual time.Duration // of the clock of one test; 0 = ten years
	// Changed are files: tests that are made of none of them are left out. Nil leaves
	// out none.
	Changed      []string
	AlwaysReplay bool // durable tasks are given back at each wait
	Chaos        bool // tests run again with a crash at each checkpoint
}

// Test runs script tests: files named *.test.js or *.test.ts, each test in an
// engine, with a worker and on a virtual clock of its own. What failed is in the
// summary and the reports. ErrNothingToServe says that there is no test,
// ErrConfig that an option is wrong.
func Test(ctx context.Context, o TestOptions) (TestSummary, error) {
	inner, err := o.inner()
	if err != nil {
		return TestSummary{}, withKind(err, ErrConfig)
	}
	if inner.Reporters, err = o.reporters(); err != nil {
		return TestSummary{}, withKind(err, ErrConfig)
	}
	if o.Workflow != "" {
		err = o.alone(&inner)
	} else {
		inner.Files, err = o.files()
	}
	if err != nil {
		return TestSummary{}, err
	}
	if o.Server != nil {
		if err := o.Server.answers(ctx); err != nil {
			return TestSummary{}, err
		}
	}
	summary, err := scripttest.RunTests(ctx, inner)
	if err == nil && summary.Passed+summary.Failed+summary.Skipped+summary.Broken == 0 {
		err = withKind(errors.New("no test matches"), ErrNothingToServe)
	}
	return summary, err
}

// WatchTests is [Test], again each time a file changes that a test file is made
// of, until ctx is done. ran is told what each run came to.
func WatchTests(ctx context.Context, o TestOptions, ran func(TestSummary)) error {
	if o.Workflow != "" {
		return withKind(errors.New("watching takes test files: a fixture of its own is run again by hand, or by test.fixtures in a test file"), ErrConfig)
	}
	inner, err := o.inner()
	if err != nil {
		return withKind(err, ErrConfig)
	}
	if _, err := o.reporters(); err != nil {
		return withKind(err, ErrConfig)
	}
	return scripttest.Watch(ctx, inner, scripttest.Watching{
		Paths: o.paths(), Files: o.files, Ran: ran,
		Reporters: func() []scripttest.Reporter {
			reporters, _ := o.reporters() // they could be made before
			return reporters
		},
	})
}

func (o TestOptions) paths() []string {
	if len(o.Paths) == 0 {
		return []string{"."}
	}
	paths := make([]string, len(o.Paths))
	for i, path := range o.Paths {
		paths[i], _ = lineOf(path)
	}
	return paths
}

// lineOf takes FILE:LINE apart, where a column may follow; 0 is no line.
func lineOf(path string) (file string, line int) {
	match := fileAndLine.FindStringSubmatch(path)
	if match == nil {
		return path, 0
	}
	if _, err := os.Stat(path); err == nil {
		return path, 0 // a file with such a name
	}
	line, _ = strconv.Atoi(match[2])
	return match[1], line
}

var fileAndLine = regexp.MustCompile(`^(.+?):([0-9]{1,9})(?::[0-9]+)?$`)

// lines are the lines that the paths name, by file. A file that is also named
// without one is whole.
func (o TestOptions) lines() map[string][]int {
	lines, whole := map[string][]int{}, map[string]bool{}
	for _, path := range o.Paths {
		name, line := lineOf(path)
		abs, err := filepath.Abs(name)
		if err != nil || line == 0 {
			whole[abs] = true
			continue
		}
		lines[abs] = append(lines[abs], line)
	}
	maps.DeleteFunc(lines, func(name string, _ []int) bool { return whole[name] })
	return lines
}

// alone finds fixtures, and the scripts that may declare their workflow.
func (o TestOptions) alone(inner *scripttest.Options) error {
	fixtures, err := discover.Fixtures(o.paths())
	if err != nil {
		return pathError(err)
	}
	if len(fixtures) == 0 {
		return withKind(fmt.Errorf("no fixture in %s: fixtures are files named *.json", strings.Join(o.paths(), ", ")), ErrNothingToServe)
	}
	scripts, err := discover.Files([]string{inner.Base})
	if err != nil {
		return pathError(err)
	}
	inner.Alone = &scripttest.Alone{Workflow: o.Workflow}
	inner.Again = strings.Join(o.paths(), " ") + " --workflow " + o.Workflow
	for _, f := range fixtures {
		inner.Alone.Fixtures = append(inner.Alone.Fixtures, f.Path)
	}
	for _, f := range scripts {
		inner.Alone.Scripts = append(inner.Alone.Scripts, f.Path)
	}
	return nil
}

// files lists the test files.
func (o TestOptions) files() ([]string, error) {
	files, err := discover.Tests(o.paths())
	if err != nil {
		return nil, pathError(err)
	}
	if len(files) == 0 {
		return nil, withKind(fmt.Errorf("no test in %s: tests are files named *.test.js or *.test.ts", strings.Join(o.paths(), ", ")), ErrNothingToServe)
	}
	paths := make([]string, len(files))
	for i, f := range files {
		paths[i] = f.Path
	}
	return paths, nil
}

func (o TestOptions) reporters() ([]scripttest.Reporter, error) {
	list := slices.Clone(o.Reporters)
	for _, report := range o.Reports {
		reporter, err := scripttest.NewReporter(report.Name, report.Out, scripttest.Colours{On: report.Colour})
		if err != nil {
			return nil, err
		}
		list = append(list, reporter)
	}
	return list, nil
}

func (o TestOptions) inner() (scripttest.Options, error) {
	base, err := filepath.Abs(o.Base)
	if err != nil {
		return scripttest.Options{}, fmt.Errorf("find the working folder: %w", err)
	}
	modules, err := registry(o.Modules)
	if err != nil {
		return scripttest.Options{}, err
	}
	natives, err := newNatives(o.Tasks)
	if err != nil {
		return scripttest.Options{}, err
	}
	inner := scripttest.Options{
		Modules: modules, Join: natives.join, Packages: packages(), Base: base, Worlds: embeddedWorlds{natives}, Jobs: o.Jobs, Seed: rand.Uint64() >> 32, Shuffle: o.Shuffle, Shard: o.Shard, Shards: o.Shards,
		Retry: o.Retry, Repeats: o.Repeats, FailFast: o.FailFast, Update: o.Update, CI: o.CI, Timeout: o.Timeout, MaxJumps: o.MaxJumps, MaxVirtual: o.MaxVirtual, Changed: o.Changed, Lines: o.lines(),
		AlwaysReplay: o.AlwaysReplay, Chaos: o.Chaos,
	}
	if err := o.aim(&inner, natives); err != nil {
		return inner, err
	}
	if err := o.permit(&inner); err != nil {
		return inner, err
	}
	if o.Seed != nil {
		inner.Seed = *o.Seed
	}
	if inner.Filter, err = testFilter(o.Filter); err != nil {
		return inner, err
	}
	return inner, nil
}

// aim has the tests run against the server, if there is one.
func (o TestOptions) aim(inner *scripttest.Options, natives *natives) error {
	if o.Server == nil {
		return nil
	}
	for option, set := range map[string]bool{"Chaos": o.Chaos, "AlwaysReplay": o.AlwaysReplay, "MaxJumps": o.MaxJumps > 0, "MaxVirtual": o.MaxVirtual > 0} {
		if set {
			return fmt.Errorf("the option %s needs the embedded engine: it has no effect against a server", option)
		}
	}
	inner.Worlds = &serverWorlds{natives: natives, server: *o.Server, prefix: fmt.Sprintf("test%08x", rand.Uint32())}
	return nil
}

// permit gives the tests what they may reach.
func (o TestOptions) permit(inner *scripttest.Options) error {
	if o.Permissions.Ask != nil {
		return errors.New("permissions of tests: Ask must be nil, for tests do not wait for a person")
	}
	config, err := o.Permissions.config(inner.Base, o.paths())
	if err != nil {
		return err
	}
	inner.Secrets = config.LoadPresent(o.Permissions.lookup)
	options := permit.Options{
		Rules: config.Rules.Plus(o.Permissions.Rules), Workflows: config.Workflows, Dir: inner.Base,
		Environ: o.Permissions.Environ, Hidden: o.Permissions.Hidden, Limits: config.Limits,
	}
	if o.Permissions.Audit != nil {
		options.Audit = permit.NewAudit(o.Permissions.Audit)
	}
	inner.Door = func(c clock.Clock, doubles *permit.Doubles, granted permit.Rules) (*permit.Door, error) {
		own := options
		own.Clock, own.Doubles, own.Rules = c, doubles, options.Rules.Plus(granted)
		if doubles == nil {
			own.Secrets, _ = permit.NewSecrets(inner.Secrets) // who declared them was warned
		}
		own.Resolver = &net.Resolver{PreferGo: true} // one that tests share would have one wait for another
		return permit.NewDoor(own)
	}
	_, err = inner.Door(clock.Real(), nil, nil)
	return err
}

// testFilter reads a filter of names.
func testFilter(text string) (func(string) bool, error) {
	switch {
	case text == "":
		return nil, nil
	case len(text) > 1 && strings.HasPrefix(text, "/") && strings.HasSuffix(text, "/"):
		pattern, err := regexp.Compile(text[1 : len(text)-1])
		if err != nil {
			return nil, fmt.Errorf("filter %s: %w", text, err)
		}
		return pattern.MatchString, nil
	}
	return func(name string) bool { return strings.Contains(name, text) }, nil
}
