package main

import (
	"errors"
	"fmt"
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
	isolationFlags
	name         string
	durableSlots int
	customSlots  []string
	labels       []string
	drain        time.Duration
	healthPort   int
}

func (w *workerFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	w.targetFlags.register(flags)
	w.scriptFlags.register(flags)
	w.permissionFlags.register(flags)
	w.isolationFlags.register(flags)
	flags.StringVar(&w.name, "name", "", "worker name (default: the host's name)")
	flags.IntVar(&w.durableSlots, "durable-slots", 1000, "durable tasks that may run or wait here at once")
	flags.StringArrayVar(&w.customSlots, "custom-slots", nil, "units of a slot type of your own, type=units (repeatable)")
	flags.StringArrayVar(&w.labels, "label", nil, "worker label, key=value (repeatable)")
	flags.DurationVar(&w.drain, "drain", 30*time.Second, "on the first signal, time for running tasks to finish")
	flags.IntVar(&w.healthPort, "health-port", 0,
		"port of /livez, /readyz, /health and /metrics; 0 = none (default $HATCHET_CLIENT_WORKER_HEALTHCHECK_PORT if _ENABLED, else none)")
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
	options, err := a.workerOptions(cmd, flags)
	if err != nil {
		return err
	}
	if err := a.checkPaths(cmd.Root(), paths); err != nil {
		return err
	}
	options.Paths = paths
	if options.Server, err = a.workerTarget(&flags.targetFlags); err != nil {
		return err
	}
	if options.Logger, err = a.logger(); err != nil {
		return err
	}
	options.Observer = logEvents(options.Logger)
	permissions, closeAudit, err := a.permissions(&flags.permissionFlags, false)
	if err != nil {
		return err
	}
	options.Permissions = permissions
	err = a.traced(cmd.Context(), options.Logger, func(tracing sdk.Tracing) error {
		options.Tracing = tracing
		worker, err := sdk.New(options)
		if err != nil {
			return err
		}
		return worker.Run(cmd.Context())
	})
	return errors.Join(err, closeAudit())
}

// workerOptions are what the worker's own flags say.
func (a *app) workerOptions(cmd *cobra.Command, flags *workerFlags) (sdk.Options, error) {
	options := sdk.Options{
		Name: flags.name, Slots: given(cmd, "slots", flags.slots), DurableSlots: given(cmd, "durable-slots", flags.durableSlots),
		Drain: flags.drain, Watch: !flags.noWatch, Poll: flags.poll, Version: version,
	}
	if err := flags.check(); err != nil {
		return options, err
	}
	if flags.durableSlots < 1 {
		return options, usagef("--durable-slots %d: it must be at least 1", flags.durableSlots)
	}
	var err error
	if options.Isolation, err = flags.isolation(); err != nil {
		return options, err
	}
	if options.Labels, err = parseLabels(flags.labels); err != nil {
		return options, err
	}
	if options.CustomSlots, err = parseSlots(flags.customSlots); err != nil {
		return options, err
	}
	options.HealthAddress, err = a.healthAddress(cmd, flags)
	return options, err
}

// healthAddress is where the flag or, without it, the environment wants the
// health port; "" for none.
func (a *app) healthAddress(cmd *cobra.Command, flags *workerFlags) (string, error) {
	switch {
	case !cmd.Flags().Changed("health-port"):
		return sdk.HealthAddressFromEnv(a.lookup)
	case flags.healthPort < 0 || flags.healthPort > 65535:
		return "", usagef("--health-port %d: it must be from 0, for none, to 65535", flags.healthPort)
	case flags.healthPort == 0:
		return "", nil
	}
	return fmt.Sprintf(":%d", flags.healthPort), nil
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
