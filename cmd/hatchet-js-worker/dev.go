package main

import (
	"context"
	"errors"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
	"github.com/spf13/cobra"
)

func (a *app) devCommand() *cobra.Command {
	engine, scripts, permissions, isolate := &engineFlags{}, &scriptFlags{}, &permissionFlags{}, &isolationFlags{}
	cmd := &cobra.Command{
		Use:   "dev [PATH…]",
		Short: "Embedded engine, worker and hot reload in one: no server, no token",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := errors.Join(engine.check(cmd.Flags()), scripts.check()); err != nil {
				return &exitError{exitUsage, err}
			}
			paths := pathsOr(args, ".")
			if err := a.checkPaths(cmd.Root(), paths); err != nil {
				return err
			}
			scripts.slots = given(cmd, "slots", scripts.slots)
			isolation, err := isolate.isolation()
			if err != nil {
				return err
			}
			return a.dev(cmd.Context(), paths, engine, scripts, permissions, isolation)
		},
	}
	engine.register(cmd.Flags(), ".hatchet-js/dev.db")
	scripts.register(cmd.Flags())
	permissions.register(cmd.Flags())
	isolate.register(cmd.Flags())
	return cmd
}

// dev serves paths on an embedded engine until ctx ends. The environment's token
// is never used here.
func (a *app) dev(ctx context.Context, paths []string, flags *engineFlags, scripts *scriptFlags, permits *permissionFlags, isolation sdk.Isolation) error {
	permissions, closeAudit, err := a.permissions(permits, true)
	if err != nil {
		return err
	}
	live := newLive(a, true)
	err = a.withEngine(ctx, "dev", flags, live, func(ctx context.Context, engine *sdk.Engine) error {
		live.banner(engine, flags.data, flags.ephemeral)
		if _, set := a.token(); set {
			live.line("  Note         " + tokenVariable + " is set and ignored here")
		}
		logger, err := a.quietLogger()
		if err != nil {
			return err
		}
		server, err := engine.Server("")
		if err != nil {
			return err
		}
		return a.traced(ctx, logger, func(tracing sdk.Tracing) error {
			worker, err := sdk.New(sdk.Options{
				Server: server, Paths: paths, Permissions: permissions, Isolation: isolation, Name: "dev", Slots: scripts.slots,
				Drain: devDrain, Watch: !scripts.noWatch, Poll: scripts.poll, KeepWaiting: !scripts.noWatch,
				Logger: logger, Version: version, Observer: live.observe, Tracing: tracing,
			})
			if err != nil {
				return err
			}
			return ignoreDrain(worker.Run(ctx))
		})
	})
	return errors.Join(err, closeAudit())
}

// ignoreDrain: what dev leaves behind is taken up again at its next start.
func ignoreDrain(err error) error {
	if errors.Is(err, sdk.ErrDrainDeadline) {
		return nil
	}
	return err
}
