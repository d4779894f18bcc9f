package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
)

// Exit codes, part of the command's contract.
const (
	exitDone        = 0
	exitFailed      = 1   // it ran and failed
	exitUsage       = 2   // usage, configuration, ambiguous target
	exitNoEngine    = 3   // no engine reachable, or not authorised
	exitScripts     = 4   // scripts do not load
	exitTimeout     = 5   // timed out
	exitCancelled   = 6   // the run was cancelled
	exitDrain       = 9   // drain deadline hit, work abandoned
	exitThreshold   = 99  // bench threshold missed
	exitInterrupted = 130 // stopped by a signal
)

// exitError carries an exit code along with what to print. A nil err prints
// nothing: what there was to say has been said.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error {
	return &exitError{exitUsage, fmt.Errorf(format, args...)}
}

// exitCode maps an error to the documented code.
func exitCode(err error) int {
	var exit *exitError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &exit):
		return exit.code
	case errors.Is(err, sdk.ErrConfig), errors.Is(err, sdk.ErrNotFound):
		return exitUsage
	case errors.Is(err, sdk.ErrUnreachable), errors.Is(err, sdk.ErrUnauthorized):
		return exitNoEngine
	case errors.Is(err, sdk.ErrScripts):
		return exitScripts
	case errors.Is(err, sdk.ErrDrainDeadline):
		return exitDrain
	case errors.Is(err, context.DeadlineExceeded):
		return exitTimeout
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	}
	return exitFailed
}
