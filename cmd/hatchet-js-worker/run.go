package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

type runFlags struct {
	targetFlags
	startFlags
	outputFlag
	permissionFlags
	isolationFlags
	local   bool
	fast    bool
	dir     string
	trace   bool
	timeout time.Duration
}

func (a *app) runCommand() *cobra.Command {
	flags := &runFlags{}
	cmd := &cobra.Command{
		Use:   "run WORKFLOW [JSON|@file|-]",
		Short: "Start a run, wait for it, print its output, exit with its fate",
		Args:  between(1, 2),
		RunE:  func(cmd *cobra.Command, args []string) error { return a.run(cmd, flags, args) },
	}
	set := cmd.Flags()
	flags.register(set, "json: the run with its tasks instead of the output alone")
	set.BoolVar(&flags.fast, "fast", false, "on virtual time: sleeps and retries take none; with --local")
	set.BoolVar(&flags.trace, "trace", false, "print the timeline: runs, tasks and what they log; with --local")
	set.DurationVar(&flags.timeout, "timeout", 0, "give up waiting after this long, exit code 5 (0: wait as long as it takes)")
	return cmd
}

// register adds the flags of every verb that starts runs and waits for them.
func (f *runFlags) register(set *pflag.FlagSet, output string) {
	f.targetFlags.register(set)
	f.startFlags.register(set)
	f.outputFlag.register(set, output)
	f.permissionFlags.register(set)
	f.isolationFlags.register(set)
	set.BoolVar(&f.local, "local", false, "use a throw-away embedded engine; needs --dir")
	set.StringVar(&f.dir, "dir", "", "serve this file or folder for the run; with --local")
}

func (f *runFlags) check() error {
	if err := f.outputFlag.check("json"); err != nil {
		return err
	}
	switch {
	case f.local && f.server != "":
		return usagef("--local and --server name two engines: use one")
	case f.local && f.dir == "":
		return usagef("--local needs --dir PATH: the scripts that its throw-away engine serves")
	case f.dir != "" && !f.local:
		return usagef("--dir has no effect without --local")
	case f.permissionFlags.given() && !f.local:
		return usagef("permissions have no effect without --local: they are those of the worker that runs the task")
	case f.isolationFlags.given() && !f.local:
		return usagef("--isolate and --memory have no effect without --local: they are those of the worker that runs the task")
	case f.fast && !f.local:
		return usagef("--fast has no effect without --local: the time of a server cannot be moved")
	case f.fast && f.isolationFlags.given():
		return usagef("--isolate and --memory have no effect with --fast: its tasks run in this process")
	case f.fast && f.namespace != "":
		return usagef("--namespace has no effect with --fast: its engine serves nobody else")
	case f.trace && !f.local:
		return usagef("--trace has no effect without --local")
	case f.timeout < 0:
		return usagef("--timeout %s: it cannot be negative", f.timeout)
	}
	return nil
}

func (a *app) run(cmd *cobra.Command, flags *runFlags, args []string) error {
	if err := flags.check(); err != nil {
		return err
	}
	input, err := readInput(args[1:], a.stdin)
	if err != nil {
		return err
	}
	options, err := flags.options()
	if err != nil {
		return err
	}
	if flags.fast {
		return a.runFast(cmd.Context(), flags, args[0], input, options)
	}
	var result *sdk.Run
	err = a.withRunClient(cmd, flags, newLive(a, flags.trace).quietRun, func(client *sdk.Client) error {
		result, err = a.runAndWait(cmd.Context(), client, flags, args[0], input, options)
		return err
	})
	if err != nil {
		return err
	}
	return a.report(result, flags)
}

// withRunClient connects to the target, or to a throw-away engine with a worker
// for --dir, of which observer is told.
func (a *app) withRunClient(cmd *cobra.Command, flags *runFlags, observer sdk.Observer, f func(*sdk.Client) error) error {
	if !flags.local {
		return a.withClient(cmd, &flags.targetFlags, f)
	}
	permissions, closeAudit, err := a.permissions(&flags.permissionFlags, false)
	if err != nil {
		return err
	}
	isolation, err := flags.isolation()
	if err != nil {
		return err
	}
	server, err := sdk.Embedded(sdk.EngineOptions{Observer: observer}).In(flags.namespace)
	if err != nil {
		return err
	}
	logger, err := a.quietLogger()
	if err != nil {
		return err
	}
	err = a.traced(cmd.Context(), logger, func(tracing sdk.Tracing) error {
		return sdk.WithLocal(cmd.Context(), sdk.Options{
			Server: server, Paths: []string{flags.dir}, Permissions: permissions, Isolation: isolation, Observer: observer, Tracing: tracing,
		}, f)
	})
	return errors.Join(err, closeAudit())
}

func (a *app) runAndWait(ctx context.Context, client *sdk.Client, flags *runFlags, workflow string, input json.RawMessage, options sdk.RunOptions) (*sdk.Run, error) {
	id, err := triggerKnown(ctx, client, workflow, input, options)
	if err != nil {
		return nil, err
	}
	wait := ctx
	if flags.timeout > 0 {
		var cancel context.CancelFunc
		wait, cancel = context.WithTimeout(ctx, flags.timeout)
		defer cancel()
	}
	run, err := a.waitAndWarn(wait, client, workflow, id)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return nil, &exitError{exitTimeout, fmt.Errorf("run %s of %s did not end within %s; it goes on", id, workflow, flags.timeout)}
	}
	if err != nil && ctx.Err() != nil {
		return nil, &exitError{exitInterrupted, fmt.Errorf("interrupted while run %s of %s goes on", id, workflow)}
	}
	return run, err
}

// waitAndWarn waits for a run, and says so when nobody is there to serve it.
func (a *app) waitAndWarn(ctx context.Context, client *sdk.Client, workflow, id string) (*sdk.Run, error) {
	waiting, stop := context.WithCancel(ctx)
	warned := make(chan struct{})
	go func() {
		defer close(warned)
		a.warnUnserved(waiting, client, workflow, id, unservedAfter)
	}()
	defer func() {
		stop()
		<-warned
	}()
	return a.waitWhileThere(ctx, client, id)
}

// waitWhileThere waits for a run. A Hatchet server that is away is waited for,
// an embedded engine of this machine that has ended is not: nobody may start it
// again.
func (a *app) waitWhileThere(ctx context.Context, client *sdk.Client, id string) (*sdk.Run, error) {
	engines, err := a.runningEngines()
	if err != nil {
		return nil, err
	}
	engine, embedded := engineAt(engines, client.Address())
	if !embedded {
		return client.Wait(ctx, id)
	}
	dir, err := a.cardsDir()
	if err != nil {
		return nil, err
	}
	waiting, stop := context.WithCancelCause(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		if sdk.AwaitGone(waiting, dir, engine.GRPC) == nil {
			stop(&exitError{exitNoEngine, fmt.Errorf("%s has ended while run %s was not final; start it again, then see 'runs get %s'", engine, id, id)})
		}
	}()
	run, err := client.Wait(waiting, id)
	if err != nil && ctx.Err() == nil && waiting.Err() != nil {
		err = context.Cause(waiting)
	}
	stop(nil)
	<-watched
	return run, err
}

// report prints the answer and turns the run's fate into an exit code.
func (a *app) report(run *sdk.Run, flags *runFlags) error {
	if flags.format == "json" {
		if err := a.printJSON(run); err != nil {
			return err
		}
	} else if run.Status == sdk.StatusCompleted {
		fmt.Fprintf(a.stdout, "%s\n", run.Output)
	}
	switch run.Status {
	case sdk.StatusCompleted:
		return nil
	case sdk.StatusCancelled:
		return &exitError{exitCancelled, fmt.Errorf("run %s of %s was cancelled", run.ID, run.Workflow)}
	}
	return &exitError{exitFailed, fmt.Errorf("run %s of %s failed: %s%s", run.ID, run.Workflow, run.Error, failedAt(run))}
}

// failedAt is the stack of the task whose error the run's error is, without its
// first line, which is that error.
func failedAt(run *sdk.Run) string {
	for _, task := range run.Tasks {
		if task.Status != sdk.StatusFailed {
			continue
		}
		if at := strings.Index(task.Stack, "\n    at "); at >= 0 {
			return strings.TrimRight(task.Stack[at:], "\n")
		}
		break
	}
	return ""
}
