// Command hatchet-js-worker serves a folder of JavaScript and TypeScript files
// as a worker of a Hatchet server, or runs it on an embedded engine.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// version is set at build time with -ldflags "-X main.version=…".
var version = "0.1.0"

func main() { os.Exit(Main()) }

// Main runs the command with the process's arguments and returns its exit code.
func Main() int {
	environ, lookup := takeEnvironment()
	app := &app{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
		lookup: lookup, environ: environ, cacheDir: os.UserCacheDir, hardExit: os.Exit,
	}
	ctx, stop := app.signals(context.Background())
	defer stop()
	return app.main(ctx, os.Args[1:])
}

// app is everything the verbs take from the process they run in.
type app struct {
	stdin    io.Reader
	stdout   io.Writer
	stderr   io.Writer
	lookup   func(string) (string, bool)
	environ  []string // name=value
	cacheDir func() (string, error)
	hardExit func(int)

	logFormat string
	logLevel  string
}

// signals cancels the context at the first SIGINT or SIGTERM, which drains, and
// ends the process at the second.
func (a *app) signals(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	received := make(chan os.Signal, 2)
	signal.Notify(received, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for count := 0; ; count++ {
			if _, ok := <-received; !ok {
				return
			}
			if count > 0 {
				a.hardExit(exitInterrupted)
			}
			cancel()
		}
	}()
	return ctx, func() {
		signal.Stop(received)
		close(received)
		<-done
		cancel()
	}
}

func (a *app) main(ctx context.Context, args []string) int {
	root := a.root()
	root.SetArgs(args)
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	code := exitCode(err)
	var silent *exitError
	if !errors.As(err, &silent) || silent.err != nil {
		fmt.Fprintln(a.stderr, "error:", err)
	}
	return code
}

func (a *app) root() *cobra.Command {
	worker := &workerFlags{}
	root := &cobra.Command{
		Use:   "hatchet-js-worker PATH…",
		Short: "Serve a folder of JavaScript and TypeScript files as a Hatchet worker",
		Long: `Serve a folder of JavaScript and TypeScript files as a worker of a Hatchet
server: hatchet-js-worker ./workflows

With no server at all: hatchet-js-worker dev ./workflows`,
		Args:          cobra.ArbitraryArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return a.serve(cmd, args, worker)
		},
		CompletionOptions:          cobra.CompletionOptions{DisableDefaultCmd: true},
		SuggestionsMinimumDistance: 2,
	}
	worker.register(root)
	root.PersistentFlags().StringVar(&a.logFormat, "log-format", "", "log records as text or json (text on a terminal)")
	root.PersistentFlags().StringVar(&a.logLevel, "log-level", "", "debug, info, warn or error (info for workers, else warn)")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &exitError{exitUsage, err} })
	root.AddCommand(
		a.workerCommand(), a.devCommand(), a.engineCommand(), a.runCommand(), a.triggerCommand(),
		a.eventsCommand(), a.runsCommand(), a.testCommand(), a.benchCommand(), a.checkCommand(), a.typesCommand(), a.initCommand(),
		a.envCommand(), a.versionCommand(), a.completionCommand(), a.isolatedCommand(),
	)
	return root
}

// exactly and atMost are cobra's argument checks with our exit code.
func exactly(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error { return asUsage(cobra.ExactArgs(n)(cmd, args)) }
}

func between(low, high int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		return asUsage(cobra.RangeArgs(low, high)(cmd, args))
	}
}

func atLeast(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error { return asUsage(cobra.MinimumNArgs(n)(cmd, args)) }
}

func asUsage(err error) error {
	if err == nil {
		return nil
	}
	return &exitError{exitUsage, err}
}
