package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
	"github.com/spf13/cobra"
)

// testFlags are those of 'test'.
type testFlags struct {
	reporters   []string
	seed        string
	shard       string
	timeout     string
	maxVirtual  string
	changed     string
	passWithout bool
	watch       bool
	target      string
	options     sdk.TestOptions
	permissions permissionFlags
}

func (a *app) testCommand() *cobra.Command {
	flags := &testFlags{}
	cmd := &cobra.Command{
		Use:   "test [PATH[:LINE]…]",
		Short: "Run script tests on virtual time",
		Long: `Run the script tests below the paths: files named *.test.js or *.test.ts, or the
test at a line of one.
Each test owns an engine, a worker and a clock, so that a 24-hour sleep passes
in a millisecond and nothing leaks from one test to another.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			flags.options.Paths = args
			return a.runTests(cmd.Context(), flags)
		},
	}
	f, o := cmd.Flags(), &flags.options
	f.StringArrayVar(&flags.reporters, "reporter", nil, "NAME or NAME=FILE, repeatable: "+strings.Join(sdk.TestReporters, ", "))
	f.StringVarP(&o.Filter, "filter", "f", "", "run the tests whose name contains this, or matches /this/")
	f.StringVar(&o.Workflow, "workflow", "", "the paths are fixtures, or folders of them, of this workflow")
	f.IntVar(&o.Jobs, "jobs", 0, "tests at once (the number of processors)")
	f.StringVar(&flags.seed, "seed", "", "of what is random and of the order (random, and told)")
	f.BoolVar(&o.Shuffle, "shuffle", false, "run the tests in a random order")
	f.StringVar(&flags.shard, "shard", "", "run one of several parts: 1/3")
	f.IntVar(&o.Retry, "retry", 0, "try a failed test again this often")
	f.IntVar(&o.Repeats, "repeats", 1, "run each test this often")
	f.IntVar(&o.FailFast, "fail-fast", 0, "start no test after so many failures; without a number after the first")
	f.Lookup("fail-fast").NoOptDefVal = "1"
	f.StringVar(&flags.changed, "changed", "", "run the tests that are made of files changed since this commit of Git; without one, since the last")
	f.Lookup("changed").NoOptDefVal = "HEAD"
	f.BoolVarP(&o.Update, "update", "u", false, "accept what differs from snapshots")
	f.StringVar(&flags.timeout, "timeout", "", "of one test, on the wall clock (5s)")
	f.IntVar(&o.MaxJumps, "max-jumps", 0, "of the clock in one test (10000)")
	f.StringVar(&flags.maxVirtual, "max-virtual", "", "of the clock in one test (10y)")
	f.BoolVar(&o.AlwaysReplay, "always-replay", false, "replay durable tasks from the top at each wait")
	f.BoolVar(&o.Chaos, "chaos", false, "run each test again with a crash of the worker at each checkpoint")
	f.BoolVar(&flags.watch, "watch", false, "go on, and run what a change touches")
	f.StringVar(&flags.target, "target", "embedded", "embedded, or server: the one of $HATCHET_CLIENT_TOKEN, on real time")
	f.BoolVar(&flags.passWithout, "pass-with-no-tests", false, "no test found is no failure")
	flags.permissions.register(f)
	return cmd
}

// runTests runs the tests once.
func (a *app) runTests(ctx context.Context, flags *testFlags) error {
	if err := flags.read(); err != nil {
		return err
	}
	if err := a.aimTests(flags); err != nil {
		return err
	}
	if flags.changed != "" {
		changed, err := changedFiles(ctx, flags.changed)
		if err != nil {
			return usagef("--changed: %w", err)
		}
		flags.options.Changed = changed
	}
	if a.tokenSet() && flags.options.Server == nil {
		fmt.Fprintln(a.stderr, "note: HATCHET_CLIENT_TOKEN is set; tests use an embedded engine and never that token")
	}
	permissions, closeAudit, err := a.permissions(&flags.permissions, false)
	if err != nil {
		return err
	}
	flags.options.Permissions = permissions
	files, err := a.openReports(flags)
	if err != nil {
		return errors.Join(err, closeAudit())
	}
	if ci, set := a.lookup("CI"); set && ci != "" && ci != "false" {
		flags.options.CI = true
	}
	if flags.watch {
		return errors.Join(a.watchTests(ctx, flags), closeAudit())
	}
	defer a.collectLess()()
	summary, err := sdk.Test(ctx, flags.options)
	err = errors.Join(err, closeAudit())
	for _, file := range files {
		err = errors.Join(err, file.Close())
	}
	return a.testOutcome(flags, summary, err)
}

// garbagePercent is how much garbage tests may leave, as GOGC has it: they make much
// and keep little, and the process ends with them. Five hundred tests take a third
// less time than with Go's own 100, and 150 MB instead of 90.
const garbagePercent = 400

// collectLess collects garbage less often until the function that it gives is called.
// GOGC wins.
func (a *app) collectLess() (undo func()) {
	if _, set := a.lookup("GOGC"); set {
		return func() {}
	}
	before := debug.SetGCPercent(garbagePercent)
	return func() { debug.SetGCPercent(before) }
}

// aimTests takes the server that the tests are to run against.
func (a *app) aimTests(flags *testFlags) error {
	switch flags.target {
	case "embedded":
		return nil
	case "server":
	default:
		return usagef("--target %s: it is embedded or server", flags.target)
	}
	if !a.tokenSet() {
		return usagef("--target server: set %s to say which", tokenVariable)
	}
	for flag, set := range map[string]bool{"--chaos": flags.options.Chaos, "--always-replay": flags.options.AlwaysReplay, "--max-jumps": flags.options.MaxJumps > 0, "--max-virtual": flags.maxVirtual != ""} {
		if set {
			return usagef("%s needs the embedded engine: it has no effect with --target server", flag)
		}
	}
	server, err := a.environmentServer(&targetFlags{})
	if err != nil {
		return err
	}
	flags.options.Server = &server
	return nil
}

// testOutcome is the error with the exit code of a run of tests.
func (a *app) testOutcome(flags *testFlags, summary sdk.TestSummary, err error) error {
	switch {
	case errors.Is(err, sdk.ErrNothingToServe) && flags.changed != "":
		fmt.Fprintln(a.stderr, "no test is made of what has changed since "+flags.changed)
		return nil
	case errors.Is(err, sdk.ErrNothingToServe) && flags.passWithout:
		fmt.Fprintln(a.stderr, "no test found")
		return nil
	case errors.Is(err, sdk.ErrNothingToServe):
		return &exitError{exitUsage, err}
	case err != nil:
		return err
	case summary.Failed > 0:
		return &exitError{code: exitFailed}
	case summary.Broken > 0:
		return &exitError{code: exitScripts}
	}
	return nil
}

// watchTests runs the tests until it is interrupted, which is its end and no
// failure.
func (a *app) watchTests(ctx context.Context, flags *testFlags) error {
	for _, asked := range flags.reporters {
		if strings.Contains(asked, "=") {
			return usagef("--watch: reports go to the terminal; leave out --reporter %s", asked)
		}
	}
	return sdk.WatchTests(ctx, flags.options, func(sdk.TestSummary) {
		fmt.Fprintln(a.stderr, "\nwatching; ctrl-c ends")
	})
}

func (a *app) tokenSet() bool {
	token, set := a.lookup("HATCHET_CLIENT_TOKEN")
	return set && token != ""
}

// read turns the flags that are texts into options.
func (f *testFlags) read() error {
	if f.seed != "" {
		seed, err := strconv.ParseUint(f.seed, 10, 64)
		if err != nil {
			return usagef("--seed %s: give a whole number", f.seed)
		}
		f.options.Seed = &seed
	}
	if f.timeout != "" {
		timeout, err := sdk.ParseDuration(f.timeout)
		if err != nil {
			return usagef("--timeout: %w", err)
		}
		f.options.Timeout = timeout
	}
	if f.maxVirtual != "" {
		span, err := parseSpan(f.maxVirtual)
		if err != nil {
			return usagef("--max-virtual: %w", err)
		}
		f.options.MaxVirtual = span
	}
	if f.shard != "" {
		if n, err := fmt.Sscanf(f.shard, "%d/%d", &f.options.Shard, &f.options.Shards); n != 2 || err != nil ||
			f.options.Shard < 1 || f.options.Shard > f.options.Shards {
			return usagef("--shard %s: write it like 1/3, from 1/3 to 3/3", f.shard)
		}
	}
	for name, value := range map[string]int{"--jobs": f.options.Jobs, "--retry": f.options.Retry, "--max-jumps": f.options.MaxJumps, "--fail-fast": f.options.FailFast, "--repeats": f.options.Repeats - 1} {
		if value < 0 {
			return usagef("%s must not be negative", name)
		}
	}
	return nil
}

// parseSpan reads a duration that may be given in years: 10y.
func parseSpan(text string) (time.Duration, error) {
	number, years := strings.CutSuffix(text, "y")
	if !years {
		return sdk.ParseDuration(text)
	}
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > mostYears {
		return 0, fmt.Errorf("%s: give years from 1y to %dy, or a duration such as 720h", text, mostYears)
	}
	return time.Duration(n) * 365 * 24 * time.Hour, nil
}

// mostYears is the longest time that a duration can hold, in years.
const mostYears = 290

// openReports makes the reports that the flags ask for, and on GitHub that for
// it.
func (a *app) openReports(flags *testFlags) ([]io.Closer, error) {
	names := flags.reporters
	if len(names) == 0 {
		names = []string{"pretty"}
	}
	if actions, _ := a.lookup("GITHUB_ACTIONS"); actions == "true" {
		names = append(names, "github")
	}
	var files []io.Closer
	seen := map[string]bool{}
	for _, asked := range names {
		if seen[asked] {
			continue
		}
		seen[asked] = true
		name, path, toFile := strings.Cut(asked, "=")
		report := sdk.TestReport{Name: name, Out: a.stdout}
		if toFile {
			file, err := os.Create(path)
			if err != nil {
				return nil, usagef("--reporter %s: %w", asked, err)
			}
			files = append(files, file)
			report.Out = file
		} else {
			report.Colour = isTerminal(a.stdout) && a.palette().on
		}
		flags.options.Reports = append(flags.options.Reports, report)
	}
	return files, nil
}
