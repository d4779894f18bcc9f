package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func (a *app) runsCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "runs", Short: "List, show, cancel and replay runs, and read their logs", Args: cobra.ArbitraryArgs, RunE: group}
	cmd.AddCommand(
		a.runsListCommand(), a.runsGetCommand(), a.runsActCommand(cancelling), a.runsActCommand(replaying), a.runsLogsCommand(),
	)
	return cmd
}

type listFlags struct {
	workflows, statuses, metadata []string
	since, until                  string
	limit                         int
}

func (l *listFlags) filter(now time.Time) (sdk.RunFilter, error) {
	filter := sdk.RunFilter{Workflows: l.workflows, Limit: l.limit}
	if l.limit < 1 {
		return filter, usagef("--limit %d: it must be at least 1", l.limit)
	}
	for _, status := range l.statuses {
		status = strings.ToUpper(status)
		if !sdk.IsStatus(status) {
			return filter, usagef("--status %s: a run is QUEUED, RUNNING, COMPLETED, FAILED or CANCELLED", status)
		}
		filter.Statuses = append(filter.Statuses, status)
	}
	metadata, err := parsePairs("metadata", l.metadata)
	if err != nil {
		return filter, err
	}
	filter.AdditionalMetadata = metadata
	if filter.Since, err = moment("since", l.since, now); err != nil {
		return filter, err
	}
	filter.Until, err = moment("until", l.until, now)
	return filter, err
}

// moment reads a time as RFC 3339 or as a duration before now.
func moment(flag, text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	ago, err := sdk.ParseDuration(text)
	if err != nil {
		return time.Time{}, usagef("--%s %q: write a duration such as 24h or a time such as 2026-01-02T15:04:05Z", flag, text)
	}
	return now.Add(-ago), nil
}

func (a *app) runsListCommand() *cobra.Command {
	target, list, output := &targetFlags{}, &listFlags{}, &outputFlag{}
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List runs, newest first",
		Args:  exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := output.check("table", "json", "jsonl"); err != nil {
				return err
			}
			filter, err := list.filter(sdk.Now())
			if err != nil {
				return err
			}
			return a.withClient(cmd, target, func(client *sdk.Client) error {
				runs, err := client.Runs(cmd.Context(), filter)
				if err != nil {
					return err
				}
				return a.printRuns(runs, output.format)
			})
		},
	}
	target.register(cmd.Flags())
	output.register(cmd.Flags(), "table, json or jsonl")
	list.registerSelection(cmd.Flags())
	cmd.Flags().IntVar(&list.limit, "limit", 50, "at most this many")
	return cmd
}

// registerSelection are the flags that say which runs are meant.
func (l *listFlags) registerSelection(flags *pflag.FlagSet) {
	flags.StringArrayVarP(&l.workflows, "workflow", "w", nil, "only this workflow (repeatable)")
	flags.StringArrayVar(&l.statuses, "status", nil, "only this status (repeatable)")
	flags.StringArrayVarP(&l.metadata, "metadata", "m", nil, "only with this metadata, key=value (repeatable)")
	flags.StringVar(&l.since, "since", "24h", "begun since: a duration ago or a time")
	flags.StringVar(&l.until, "until", "", "begun until: a duration ago or a time")
}

func (a *app) printRuns(runs []sdk.RunSummary, format string) error {
	switch format {
	case "json":
		if runs == nil {
			runs = []sdk.RunSummary{}
		}
		return a.printJSON(runs)
	case "jsonl":
		return printRows(a, runs)
	}
	if len(runs) == 0 {
		fmt.Fprintln(a.stderr, "no runs")
		return nil
	}
	return a.printTable([]string{"ID", "WORKFLOW", "STATUS", "CREATED", "TOOK", "ERROR"}, runRows(runs))
}

func (a *app) runsGetCommand() *cobra.Command {
	target, output := &targetFlags{}, &outputFlag{}
	cmd := &cobra.Command{
		Use:   "get ID",
		Short: "Show a run and its tasks",
		Args:  exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := output.check("table", "json"); err != nil {
				return err
			}
			return a.withClient(cmd, target, func(client *sdk.Client) error {
				run, err := client.Run(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				if output.format == "json" {
					return a.printJSON(run)
				}
				return a.printRun(run)
			})
		},
	}
	target.register(cmd.Flags())
	output.register(cmd.Flags(), "table or json")
	return cmd
}

func (a *app) printRun(run *sdk.Run) error {
	fmt.Fprintf(a.stdout, "%s  %s  %s\n", run.ID, run.Workflow, run.Status)
	if run.Error != "" {
		fmt.Fprintf(a.stdout, "error: %s\n", run.Error)
	}
	if len(run.Output) > 0 {
		fmt.Fprintf(a.stdout, "output: %s\n", run.Output)
	}
	rows := make([][]string, len(run.Tasks))
	for i, task := range run.Tasks {
		rows[i] = []string{task.Name, task.Status, fmt.Sprint(task.Attempts), string(task.Output), firstLine(task.Error)}
	}
	return a.printTable([]string{"TASK", "STATUS", "ATTEMPTS", "OUTPUT", "ERROR"}, rows)
}
