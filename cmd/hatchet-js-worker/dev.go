package main

import (
	"context"
	"errors"
	"net"
	"strconv"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
	"github.com/spf13/cobra"
)

func (a *app) devCommand() *cobra.Command {
	engine, scripts, permissions, isolate := &engineFlags{}, &scriptFlags{}, &permissionFlags{}, &isolationFlags{}
	healthPort := 0
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
			health, err := devHealth(engine.host, healthPort)
			if err != nil {
				return err
			}
			return a.dev(cmd.Context(), engine, scripts, permissions, sdk.Options{Paths: paths, Isolation: isolation, HealthAddress: health})
		},
	}
	engine.register(cmd.Flags(), ".hatchet-js/dev.db")
	scripts.register(cmd.Flags())
	permissions.register(cmd.Flags())
	isolate.register(cmd.Flags())
	cmd.Flags().IntVar(&healthPort, "health-port", 0, "port of the worker's /livez, /readyz, /health and /metrics; 0 = none")
	return cmd
}

// devHealth is the address of the health port; "" for none.
func devHealth(host string, port int) (string, error) {
	switch {
	case port < 0 || port > 65535:
		return "", usagef("--health-port %d: it must be from 0, for none, to 65535", port)
	case port == 0:
		return "", nil
	}
	return net.JoinHostPort(host, strconv.Itoa(port)), nil
}

// dev serves scripts on an embedded engine until ctx ends; options say which. The
// environment's token is never used here.
func (a *app) dev(ctx context.Context, flags *engineFlags, scripts *scriptFlags, permits *permissionFlags, options sdk.Options) error {
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
		if options.Logger, err = a.quietLogger(); err != nil {
			return err
		}
		if options.Server, err = engine.Server(""); err != nil {
			return err
		}
		options.Permissions, options.Observer = permissions, live.observe
		options.Name, options.Slots, options.Version, options.Drain = "dev", scripts.slots, version, devDrain
		options.Watch, options.Poll, options.KeepWaiting = !scripts.noWatch, scripts.poll, !scripts.noWatch
		return a.traced(ctx, options.Logger, func(tracing sdk.Tracing) error {
			options.Tracing = tracing
			worker, err := sdk.New(options)
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
