package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const (
	defaultGRPCPort = 7077
	defaultHTTPPort = 8888
	portsToTry      = 20

	// devSilence is how long dev waits for the worker of the process before it:
	// that one never comes back, but workers of other SDKs may have joined.
	devSilence = 10 * time.Second
)

// engineFlags describe an embedded engine; dev and engine share them.
type engineFlags struct {
	grpcPort, port int
	host           string
	data           string
	ephemeral      bool
	reset          bool
}

func (e *engineFlags) register(flags *pflag.FlagSet, defaultData string) {
	flags.IntVar(&e.grpcPort, "grpc-port", defaultGRPCPort, "gRPC port (taken: the next free one)")
	flags.IntVar(&e.port, "port", defaultHTTPPort, "REST and status port (taken: the next free one)")
	flags.StringVar(&e.host, "host", "127.0.0.1", "address to listen on")
	flags.StringVar(&e.data, "data", defaultData, "file that keeps runs and timers")
	flags.BoolVar(&e.ephemeral, "ephemeral", false, "keep everything in memory only")
	flags.BoolVar(&e.reset, "reset", false, "start with an empty data file")
}

func (e *engineFlags) check(flags *pflag.FlagSet) error {
	if e.ephemeral && (flags.Changed("data") || e.reset) {
		return usagef("--data and --reset have no effect with --ephemeral")
	}
	for name, port := range map[string]int{"grpc-port": e.grpcPort, "port": e.port} {
		if port < 0 || port > 65535 {
			return usagef("--%s %d: a port is 0 (any free one) to 65535", name, port)
		}
	}
	return nil
}

func (e *engineFlags) options() sdk.EngineOptions {
	data := e.data
	if e.ephemeral {
		data = ""
	}
	return sdk.EngineOptions{
		GRPCAddress: net.JoinHostPort(e.host, strconv.Itoa(e.grpcPort)),
		HTTPAddress: net.JoinHostPort(e.host, strconv.Itoa(e.port)),
		Data:        data, Reset: e.reset, PortsToTry: portsToTry,
	}
}

func (a *app) engineCommand() *cobra.Command {
	flags := &engineFlags{}
	cmd := &cobra.Command{
		Use:   "engine",
		Short: "Run the embedded engine alone: any Hatchet SDK's worker or client may join",
		Args:  exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := flags.check(cmd.Flags()); err != nil {
				return err
			}
			live := newLive(a, true)
			return a.withEngine(cmd.Context(), "engine", flags, live, func(ctx context.Context, engine *sdk.Engine) error {
				live.banner(engine, flags.data, flags.ephemeral)
				live.line("  ready")
				<-ctx.Done()
				return nil
			})
		},
	}
	flags.register(cmd.Flags(), ".hatchet-js/engine.db")
	return cmd
}

// withEngine runs an embedded engine, announces it on this machine, and calls f
// while it runs.
func (a *app) withEngine(ctx context.Context, verb string, flags *engineFlags, live *live, f func(context.Context, *sdk.Engine) error) error {
	logger, err := a.quietLogger()
	if err != nil {
		return err
	}
	options := flags.options()
	if verb == "dev" {
		options.SilentAfter = devSilence
	}
	options.Logger, options.Observer = logger, live.observe
	started := false
	err = sdk.WithEngine(ctx, options, func(ctx context.Context, engine *sdk.Engine) error {
		started = true
		live.portsMoved(flags, engine)
		if withdraw, err := a.announce(verb, engine, options.Data); err != nil {
			live.line(fmt.Sprintf("  other commands need --server %s here: %v", engine.Address(), err))
		} else {
			defer withdraw()
		}
		return f(ctx, engine)
	})
	if !started && (errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS)) {
		return fmt.Errorf("%w; name a file that can be written with --data, or keep nothing with --ephemeral", err)
	}
	return err
}

func (a *app) announce(verb string, engine *sdk.Engine, data string) (func(), error) {
	dir, err := a.cardsDir()
	if err != nil {
		return nil, err
	}
	folder, err := os.Getwd()
	if err != nil {
		return nil, fmt.Errorf("announce engine: %w", err)
	}
	return sdk.Announce(dir, sdk.RunningEngine{
		PID: os.Getpid(), Verb: verb, GRPC: engine.Address(), HTTP: engine.HTTPAddress(),
		Token: engine.Token(), Data: data, Folder: folder, Started: engine.Started(),
	})
}
