package main

import (
	"fmt"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
	"github.com/spf13/cobra"
)

func (a *app) eventsCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "events", Short: "Push events", Args: cobra.ArbitraryArgs, RunE: group}
	cmd.AddCommand(a.eventsPushCommand())
	return cmd
}

// group is for verbs that only hold others.
func group(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("unknown command %q for %q", args[0], cmd.CommandPath())
	}
	return cmd.Help()
}

func (a *app) eventsPushCommand() *cobra.Command {
	target := &targetFlags{}
	var metadata []string
	var priority int
	var scope string
	cmd := &cobra.Command{
		Use:   "push KEY [JSON|@file|-]",
		Short: "Push an event and print its id",
		Args:  between(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			payload, err := readInput(args[1:], a.stdin)
			if err != nil {
				return err
			}
			if err := checkPriority(priority); err != nil {
				return err
			}
			extra, err := metadataJSON("metadata", metadata)
			if err != nil {
				return err
			}
			event := sdk.Event{Key: args[0], Payload: payload, AdditionalMetadata: extra, Priority: priority, Scope: scope}
			return a.withClient(cmd, target, func(client *sdk.Client) error {
				id, err := client.PushEvent(cmd.Context(), event)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintln(a.stdout, id)
				return err
			})
		},
	}
	target.register(cmd.Flags())
	cmd.Flags().StringArrayVarP(&metadata, "metadata", "m", nil, "additional metadata, key=value (repeatable)")
	cmd.Flags().IntVar(&priority, "priority", 0, "priority of the runs that it starts, 1 to 3")
	cmd.Flags().StringVar(&scope, "scope", "", "scope, for filters and conditions")
	return cmd
}
