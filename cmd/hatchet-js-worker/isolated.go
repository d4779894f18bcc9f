package main

import (
	"context"
	"errors"
	"os"
	"runtime"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// isolatedVerb is how this program starts itself for the runs of one script.
const isolatedVerb = "isolated-run"

// isolatedCommand is the child of --isolate process. Signals are the worker's
// to heed: it ends the child when the time has come.
func (a *app) isolatedCommand() *cobra.Command {
	return &cobra.Command{
		Use: isolatedVerb, Hidden: true, Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			in, out := sdk.IsolatedFiles()
			if !isPipe(in) || !isPipe(out) {
				return usagef("%s is how a worker starts a process for runs; use --isolate process", isolatedVerb)
			}
			return sdk.ServeIsolated(context.WithoutCancel(cmd.Context()), in, out)
		},
	}
}

func isPipe(file *os.File) bool {
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeNamedPipe != 0
}

// isolationFlags say what runs share.
type isolationFlags struct {
	mode   string
	memory string
}

func (i *isolationFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&i.mode, "isolate", "",
		"what runs share: vm (one VM serves run after run), run (each has a fresh VM) or process (each VM has a process) (default: limits.isolate in "+sdk.ConfigName+", else vm)")
	flags.StringVar(&i.memory, "memory", "",
		`with --isolate process a hard cap on the memory of each process, like 256MB (default none); else the heap of the worker at which the largest run is stopped (default: 3/4 of the memory); also limits.memory in `+sdk.ConfigName)
}

func (i *isolationFlags) given() bool { return i.mode != "" || i.memory != "" }

// isolation is what the flags say.
func (i *isolationFlags) isolation() (sdk.Isolation, error) {
	isolation := sdk.Isolation{Mode: i.mode}
	if i.memory != "" {
		var err error
		if isolation.Memory, err = sdk.ParseSize(i.memory); err != nil {
			return isolation, usagef("--memory: %w", err)
		}
	}
	program, err := ownProgram()
	isolation.Command = []string{program, isolatedVerb}
	return isolation, err
}

// ownProgram is this program. On Linux it is the one that runs, whatever has
// become of its file.
func ownProgram() (string, error) {
	if runtime.GOOS == "linux" {
		const self = "/proc/self/exe"
		if _, err := os.Stat(self); err == nil {
			return self, nil
		}
	}
	program, err := os.Executable()
	if err != nil {
		return "", errors.Join(errors.New("find this program"), err)
	}
	return program, nil
}
