package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// startFlags are the options of one run.
type startFlags struct {
	key      string
	metadata []string
	priority int
}

func (s *startFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&s.key, "key", "", "run key: kept in the run's metadata as run_key")
	flags.StringArrayVarP(&s.metadata, "metadata", "m", nil, "additional metadata, key=value (repeatable)")
	flags.IntVar(&s.priority, "priority", 0, "1 (low) to 3 (high)")
}

func (s *startFlags) options() (sdk.RunOptions, error) {
	if err := checkPriority(s.priority); err != nil {
		return sdk.RunOptions{}, err
	}
	pairs := s.metadata
	if s.key != "" {
		pairs = append([]string{"run_key=" + s.key}, pairs...)
	}
	metadata, err := metadataJSON("metadata", pairs)
	return sdk.RunOptions{AdditionalMetadata: metadata, Priority: s.priority}, err
}

func (a *app) triggerCommand() *cobra.Command {
	target, start := &targetFlags{}, &startFlags{}
	cmd := &cobra.Command{
		Use:   "trigger WORKFLOW [JSON|@file|-]",
		Short: "Start a run and print its id",
		Args:  between(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			input, err := readInput(args[1:], a.stdin)
			if err != nil {
				return err
			}
			options, err := start.options()
			if err != nil {
				return err
			}
			return a.withClient(cmd, target, func(client *sdk.Client) error {
				id, err := triggerKnown(cmd.Context(), client, args[0], input, options)
				if err != nil {
					return err
				}
				if _, err = fmt.Fprintln(a.stdout, id); err != nil {
					return err
				}
				a.warnUnserved(cmd.Context(), client, args[0], id, 0)
				return nil
			})
		},
	}
	target.register(cmd.Flags())
	start.register(cmd.Flags())
	return cmd
}

// withClient connects to the target, calls f and closes the connection.
func (a *app) withClient(cmd *cobra.Command, target *targetFlags, f func(*sdk.Client) error) error {
	server, err := a.target(target)
	if err != nil {
		return err
	}
	logger, err := a.quietLogger()
	if err != nil {
		return err
	}
	return a.traced(cmd.Context(), logger, func(tracing sdk.Tracing) error {
		return sdk.WithClient(cmd.Context(), server, sdk.ClientOptions{Logger: logger, Tracing: tracing}, f)
	})
}

// triggerKnown starts a run of a workflow that the engine knows.
func triggerKnown(ctx context.Context, client *sdk.Client, workflow string, input json.RawMessage, options sdk.RunOptions) (string, error) {
	if err := client.Registered(ctx, workflow); err != nil {
		return "", err
	}
	return client.Trigger(ctx, workflow, input, options)
}

// unservedAfter is how long 'run' waits quietly for a worker to take the run.
const unservedAfter = 1500 * time.Millisecond

// warnUnserved says that a run waits for a worker that is not there.
func (a *app) warnUnserved(ctx context.Context, client *sdk.Client, workflow, id string, after time.Duration) {
	if client.Unserved(ctx, workflow, after) {
		fmt.Fprintf(a.stderr, "warning: no worker serves workflow %q; run %s waits for one\n", workflow, id)
	}
}
