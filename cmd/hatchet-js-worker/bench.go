package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
	"github.com/hatchet-js/hatchet-js-worker/sdk/load"
	"github.com/spf13/cobra"
)

type benchFlags struct {
	runFlags
	input      string
	duration   time.Duration
	count      int
	rate       float64
	users      int
	thresholds []string
}

func (a *app) benchCommand() *cobra.Command {
	flags := &benchFlags{}
	cmd := &cobra.Command{
		Use:   "bench WORKFLOW [JSON|@file|-]",
		Short: "Start many runs, measure them, compare with thresholds",
		Long: `Start many runs of a workflow, wait for them, and print how long they took.

Without --rate, each of --vus users begins a run when its last one has ended. With
--rate, runs begin at that rate, and those for which no user is free are dropped.

A threshold that is missed makes the exit code 99. It bounds one of:
` + load.Measures + `.`,
		Example: `  hatchet-js-worker bench order-processing '{"orderId":"A-17","total":42}' -d 10s --threshold 'p(95)<50ms' --threshold 'failed<1%'
  hatchet-js-worker bench order-processing --input @order.json --rate 200 --vus 100 -n 5000 -o json`,
		Args: between(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error { return a.bench(cmd, flags, args) },
	}
	set := cmd.Flags()
	flags.register(set, "json: every figure, as one object")
	set.StringVar(&flags.input, "input", "", "the input of every run, instead of the argument: JSON, @file or -")
	set.DurationVarP(&flags.duration, "duration", "d", 30*time.Second, "begin no run after this long; with -n there is no such limit unless given")
	set.IntVarP(&flags.count, "runs", "n", 0, "begin at most this many runs")
	set.Float64Var(&flags.rate, "rate", 0, "begin this many runs per second, whatever becomes of them")
	set.IntVar(&flags.users, "vus", 10, "virtual users: runs in progress at most")
	set.StringArrayVar(&flags.thresholds, "threshold", nil, "what must hold, such as 'p(95)<50ms' or 'failed<1%' (repeatable)")
	set.DurationVar(&flags.timeout, "timeout", time.Minute, "count a run as unfinished after this long")
	return cmd
}

// plan is what the flags ask for.
func (f *benchFlags) plan(cmd *cobra.Command, workflow string, input json.RawMessage) (load.Plan, error) {
	options, err := f.options()
	if err != nil {
		return load.Plan{}, err
	}
	plan := load.Plan{
		Workflow: workflow, Input: input, Options: options, Users: f.users, Rate: f.rate,
		Count: f.count, Duration: f.duration, Patience: f.timeout,
	}
	for _, flag := range []struct {
		name  string
		wrong bool
	}{
		{"vus", f.users < 1}, {"rate", f.rate < 0 || cmd.Flags().Changed("rate") && f.rate == 0}, {"timeout", f.timeout <= 0},
		{"runs", f.count < 0 || cmd.Flags().Changed("runs") && f.count == 0}, {"duration", f.duration <= 0},
	} {
		if flag.wrong {
			return plan, usagef("--%s %s: it must be above 0", flag.name, cmd.Flags().Lookup(flag.name).Value)
		}
	}
	if f.count > 0 && !cmd.Flags().Changed("duration") {
		plan.Duration = 0
	}
	for _, text := range f.thresholds {
		threshold, err := load.ParseThreshold(text)
		if err != nil {
			return plan, usagef("%w", err)
		}
		plan.Thresholds = append(plan.Thresholds, threshold)
	}
	return plan, nil
}

func (a *app) bench(cmd *cobra.Command, flags *benchFlags, args []string) error {
	if err := flags.check(); err != nil {
		return err
	}
	given := args[1:]
	if cmd.Flags().Changed("input") {
		if len(given) > 0 {
			return usagef("the input is given twice: as an argument and with --input")
		}
		given = []string{flags.input}
	}
	input, err := readInput(given, a.stdin)
	if err != nil {
		return err
	}
	plan, err := flags.plan(cmd, args[0], input)
	if err != nil {
		return err
	}
	if isTerminal(a.stderr) {
		plan.Progress = func(p load.Progress) {
			fmt.Fprintf(a.stderr, "\r\x1b[K%s  %d runs, %d failed", shortDuration(p.Elapsed), p.Ended, p.Failed)
		}
	}
	var report *load.Report
	err = a.withRunClient(cmd, &flags.runFlags, nil, func(client *sdk.Client) error {
		if err := client.Registered(cmd.Context(), plan.Workflow); err != nil {
			return err
		}
		report, err = load.Run(cmd.Context(), client, plan)
		return err
	})
	if plan.Progress != nil {
		fmt.Fprint(a.stderr, "\r\x1b[K")
	}
	if report == nil {
		return err
	}
	return errors.Join(a.printBench(flags, report), benchFate(cmd.Context(), plan, report), err)
}

// benchFate turns what was measured into an exit code. Failed runs count where no
// threshold says how many there may be.
func benchFate(ctx context.Context, plan load.Plan, report *load.Report) error {
	if ctx.Err() != nil {
		return &exitError{exitInterrupted, errors.New("interrupted; the figures are of the runs that had ended")}
	}
	if missed := report.Missed(); len(missed) > 0 {
		texts := make([]string, len(missed))
		for i, verdict := range missed {
			texts[i] = verdict.Threshold + " (" + verdict.Show() + ")"
		}
		return &exitError{exitThreshold, fmt.Errorf("missed %d of %d thresholds: %s", len(missed), len(report.Thresholds), strings.Join(texts, ", "))}
	}
	bounded := false
	for _, threshold := range plan.Thresholds {
		bounded = bounded || threshold.Bounds("failed")
	}
	if bad := report.Runs - report.Completed; bad > 0 && !bounded {
		return &exitError{exitFailed, fmt.Errorf("%d of %d runs did not complete; --threshold 'failed<1%%' says how many may", bad, report.Runs)}
	}
	return nil
}

func (a *app) printBench(flags *benchFlags, report *load.Report) error {
	if flags.format == "json" {
		return a.printJSON(report)
	}
	line := func(name, format string, values ...any) {
		fmt.Fprintf(a.stdout, "%-12s%s\n", name, fmt.Sprintf(format, values...))
	}
	line("runs", "%d   %.1f/s   in %s", report.Runs, report.Rate, load.ShowDuration(report.ElapsedMs))
	line("failed", "%d", report.Failed)
	if report.Unfinished > 0 {
		line("unfinished", "%d   after %s", report.Unfinished, flags.timeout)
	}
	if flags.rate > 0 {
		line("dropped", "%d   for want of a free user, --vus %d", report.Dropped, flags.users)
	}
	line("duration", "%s", showSpread(report.DurationMs))
	line("trigger", "%s", showSpread(report.TriggerMs))
	for _, failure := range report.Errors {
		line("error", "%d × %s", failure.Count, firstLine(failure.Message))
	}
	for _, verdict := range report.Thresholds {
		mark := "✗"
		if verdict.Met {
			mark = "✓"
		}
		fmt.Fprintf(a.stdout, "%s %s   %s\n", mark, verdict.Threshold, verdict.Show())
	}
	return nil
}

func showSpread(s load.Spread) string {
	parts := []string{}
	for _, figure := range []struct {
		name string
		ms   float64
	}{{"avg", s.Avg}, {"min", s.Min}, {"med", s.Med}, {"p(90)", s.P90}, {"p(95)", s.P95}, {"p(99)", s.P99}, {"max", s.Max}} {
		parts = append(parts, figure.name+" "+load.ShowDuration(figure.ms))
	}
	return strings.Join(parts, "   ")
}
