package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
)

// runFast is 'run --local --fast': on virtual time.
func (a *app) runFast(ctx context.Context, flags *runFlags, workflow string, input json.RawMessage, options sdk.RunOptions) error {
	permissions, closeAudit, err := a.permissions(&flags.permissionFlags, false)
	if err != nil {
		return err
	}
	defer closeAudit()
	run, err := sdk.RunFast(ctx, workflow, input, sdk.FastOptions{
		Paths: []string{flags.dir}, Permissions: permissions, Run: options, Timeout: flags.timeout,
	})
	if run != nil {
		a.showFast(run, flags.trace)
	}
	if err != nil && run != nil && strings.HasPrefix(err.Error(), "timeout:") {
		return &exitError{exitTimeout, fmt.Errorf("run of %s: %w", workflow, err)}
	}
	if err != nil {
		return err
	}
	return a.report(&run.Run, flags)
}

// showFast prints what happened: with --trace all of it, else what was logged.
func (a *app) showFast(run *sdk.FastRun, trace bool) {
	if trace {
		fmt.Fprint(a.stderr, run.Timeline)
		return
	}
	live := newLive(a, false)
	for _, l := range run.Logs {
		live.log(sdk.TaskLogged{Attempt: sdk.Attempt{Task: l.Task}, Level: l.Level, Message: l.Message})
	}
}
