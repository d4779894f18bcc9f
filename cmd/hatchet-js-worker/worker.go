package main

import (
	"errors"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// scriptFlags say how scripts are served; dev and worker share them.
type scriptFlags struct {
	slots   int
	noWatch bool
	poll    bool
}

func (s *scriptFlags) register(flags *pflag.FlagSet) {
	flags.IntVar(&s.slots, "slots", 100, "tasks that may run at once")
	flags.BoolVar(&s.noWatch, "no-watch", false, "do not reload changed files")
	flags.BoolVar(&s.poll, "poll", false, "look for changes by scanning, for file systems without change events")
}

func (s *scriptFlags) check() error {
	if s.slots < 1 {
		return usagef("--slots %d: it must be at least 1", s.slots)
	}
	if s.noWatch && s.poll {
		return usagef("--poll has no effect with --no-watch")
	}
	return nil
}

type workerFlags struct {
	targetFlags
	scriptFlags
	permissionFlags
	name         string
	durableSlots int
	customSlots  []string
	labels       []string
	drain        time.Duration
}

func (w *workerFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	w.targetFlags.register(flags)
	w.scriptFlags.register(flags)
	w.permissionFlags.register(flags)
	flags.StringVar(&w.name, "name", "", "worker name (default: the host's name)")
	flags.IntVar(&w.durableSlots, "durable-slots", 1000, "durable tasks that may run or wait here at once")
	flags.StringArrayVar(&w.customSlots, "custom-slots", nil, "units of a slot type of your own, type=units (repeatable)")
	flags.StringArrayVar(&w.labels, "label", nil, "worker label, key=value (repeatable)")
	flags.DurationVar(&w.drain, "drain", 30*time.Second, "on the first signal, time for running tasks to finish")
}

func (a *app) workerCommand() *cobra.Command {
	flags := &workerFlags{}
	cmd := &cobra.Command{
		Use:   "worker PATH…",
		Short: "Join a Hatchet server and serve files and folders (the same as naming a PATH alone)",
		Args:  atLeast(1),
		RunE:  func(cmd *cobra.Command, args []string) error { return a.serve(cmd, args, flags) },
	}
	flags.register(cmd)
	return cmd
}

// serve joins a Hatchet server. It never picks up an embedded engine by itself:
// production is a server somebody named.
func (a *app) serve(cmd *cobra.Command, paths []string, flags *workerFlags) error {
	if err := flags.check(); err != nil {
		return err
	}
	if flags.durableSlots < 1 {
		return usagef("--durable-slots %d: it must be at least 1", flags.durableSlots)
	}
	labels, err := parseLabels(flags.labels)
	if err != nil {
		return err
	}
	slots, err := parseSlots(flags.customSlots)
	if err != nil {
		return err
	}
	if err := a.checkPaths(cmd.Root(), paths); err != nil {
		return err
	}
	server, err := a.workerTarget(&flags.targetFlags)
	if err != nil {
		return err
	}
	logger, err := a.logger()
	if err != nil {
		return err
	}
	permissions, closeAudit, err := a.permissions(&flags.permissionFlags, false)
	if err != nil {
		return err
	}
	worker, err := sdk.New(sdk.Options{
		Server: server, Paths: paths, Permissions: permissions, Name: flags.name, Slots: given(cmd, "slots", flags.slots), DurableSlots: given(cmd, "durable-slots", flags.durableSlots),
		CustomSlots: slots, Labels: labels, Drain: flags.drain, Watch: !flags.noWatch, Poll: flags.poll,
		Logger: logger, Version: version, Observer: logEvents(logger),
	})
	if err == nil {
		err = worker.Run(cmd.Context())
	}
	return errors.Join(err, closeAudit())
}

// workerTarget is the server of --server and the environment's token; an
// embedded engine only when --server names it.
func (a *app) workerTarget(t *targetFlags) (sdk.Server, error) {
	if t.server != "" {
		return a.target(t)
	}
	return a.environmentServer(t)
}

// given is a flag's value if it was given; what was not is left to the scripts'
// hatchet.worker() and the defaults.
func given(cmd *cobra.Command, flag string, value int) int {
	if cmd.Flags().Changed(flag) {
		return value
	}
	return 0
}
