package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// act is a verb that does something to runs: to those that are named, or to all
// that flags select.
type act struct {
	use, short, does string
	ids              func(*sdk.Client, context.Context, ...string) error
	matching         func(*sdk.Client, context.Context, sdk.RunFilter) ([]string, error)
}

var (
	cancelling = act{
		use: "cancel [ID…]", short: "Cancel runs, by their ids or all that flags select", does: "cancel",
		ids: (*sdk.Client).Cancel, matching: (*sdk.Client).CancelMatching,
	}
	replaying = act{
		use: "replay [ID…]", short: "Run runs again, by their ids or all that flags select", does: "replay",
		ids: func(c *sdk.Client, ctx context.Context, ids ...string) error {
			_, err := c.Replay(ctx, ids...)
			return err
		},
		matching: (*sdk.Client).ReplayMatching,
	}
)

// selectionFlags are those of 'runs list' that say which runs are meant.
var selectionFlags = []string{"workflow", "status", "metadata", "since", "until"}

func (a *app) runsActCommand(act act) *cobra.Command {
	target, list := &targetFlags{}, &listFlags{limit: 1}
	cmd := &cobra.Command{
		Use:   act.use,
		Short: act.short,
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, ids []string) error {
			filter, err := list.selected(cmd.Flags(), act.does, ids)
			if err != nil {
				return err
			}
			return a.withClient(cmd, target, func(client *sdk.Client) error {
				if len(ids) == 0 {
					if ids, err = act.matching(client, cmd.Context(), filter); err == nil && len(ids) == 0 {
						fmt.Fprintln(a.stderr, "no runs")
					}
				} else {
					err = act.ids(client, cmd.Context(), ids...)
				}
				if err != nil {
					return err
				}
				for _, id := range ids {
					fmt.Fprintln(a.stdout, id)
				}
				return nil
			})
		},
	}
	target.register(cmd.Flags())
	list.registerSelection(cmd.Flags())
	return cmd
}

// selected reads the flags, which are for when no run is named.
func (l *listFlags) selected(flags *pflag.FlagSet, does string, ids []string) (sdk.RunFilter, error) {
	var given []string
	for _, name := range selectionFlags {
		if flags.Changed(name) {
			given = append(given, "--"+name)
		}
	}
	switch {
	case len(ids) > 0 && len(given) > 0:
		return sdk.RunFilter{}, usagef("%s selects runs, and ids name them; give one or the other", strings.Join(given, ", "))
	case len(ids) == 0 && len(given) == 0:
		return sdk.RunFilter{}, usagef("%s which runs? name them, or select them with -w, --status, -m, --since or --until", does)
	}
	return l.filter(sdk.Now())
}

func (a *app) runsLogsCommand() *cobra.Command {
	target, output := &targetFlags{}, &outputFlag{}
	var task string
	cmd := &cobra.Command{
		Use:   "logs ID",
		Short: "Print what a run's tasks have logged",
		Args:  exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := output.check("table", "json", "jsonl"); err != nil {
				return err
			}
			return a.withClient(cmd, target, func(client *sdk.Client) error {
				lines, err := client.Logs(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				return a.printLogs(onlyTask(lines, task), output.format)
			})
		},
	}
	target.register(cmd.Flags())
	output.register(cmd.Flags(), "table, json or jsonl")
	cmd.Flags().StringVar(&task, "task", "", "only this task")
	return cmd
}

func onlyTask(lines []sdk.LogLine, task string) []sdk.LogLine {
	kept := []sdk.LogLine{}
	for _, line := range lines {
		if task == "" || strings.EqualFold(line.Task, task) {
			kept = append(kept, line)
		}
	}
	return kept
}

func (a *app) printLogs(lines []sdk.LogLine, format string) error {
	switch format {
	case "json":
		return a.printJSON(lines)
	case "jsonl":
		return printRows(a, lines)
	}
	if len(lines) == 0 {
		fmt.Fprintln(a.stderr, "no lines")
	}
	for _, line := range lines {
		prefix := fmt.Sprintf("%s  %s  %-5s  ", line.At.Local().Format("2006-01-02 15:04:05.000"), line.Task, line.Level)
		margin := "\n" + strings.Repeat(" ", len(prefix))
		if _, err := fmt.Fprintln(a.stdout, prefix+strings.ReplaceAll(line.Message, "\n", margin)); err != nil {
			return err
		}
	}
	return nil
}
