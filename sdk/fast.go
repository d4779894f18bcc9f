package sdk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/client"
	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/scripts/diagnostic"
	"github.com/hatchet-js/hatchet-js-worker/scripts/discover"
	"github.com/hatchet-js/hatchet-js-worker/scripts/scripttest"
)

// FastOptions of [RunFast].
type FastOptions struct {
	Paths       []string // files and folders
	Permissions Permissions
	Run         RunOptions
	Timeout     time.Duration // on the wall clock; 0 = ten minutes
}

// FastRun is a run on virtual time.
type FastRun struct {
	Run
	Logs     []LogLine
	Timeline string        // of all runs, a line for what happened, with virtual times
	Virtual  time.Duration // that passed
}

// defaultFast bounds a run on virtual time on the wall clock.
const defaultFast = 10 * time.Minute

// RunFast runs a workflow of the paths on a throw-away embedded engine whose time
// jumps to what comes next, so that sleeps and retries take none. It begins now;
// crons do nothing. Scripts reach what the permissions allow, and time stands
// still meanwhile. The error is ErrScripts when a script does not load; a run that
// cannot end is one, too, and comes with what happened until then.
func RunFast(ctx context.Context, workflow string, input json.RawMessage, o FastOptions) (*FastRun, error) {
	tests := TestOptions{Paths: o.Paths, Permissions: o.Permissions, Timeout: o.Timeout}
	if tests.Timeout == 0 {
		tests.Timeout = defaultFast
	}
	inner, err := tests.inner()
	if err != nil {
		return nil, withKind(err, ErrConfig)
	}
	files, err := discover.Files(o.Paths)
	if err != nil {
		return nil, pathError(err)
	}
	if len(files) == 0 {
		return nil, withKind(fmt.Errorf("no script in %v", o.Paths), ErrNothingToServe)
	}
	once := scripttest.Once{
		Workflow: workflow, Input: input, Metadata: o.Run.AdditionalMetadata, Priority: o.Run.Priority, Start: clock.Real().Now(),
	}
	for _, f := range files {
		once.Scripts = append(once.Scripts, f.Path)
	}
	ran, err := scripttest.RunOnce(ctx, inner, once)
	var broken *diagnostic.Error
	if errors.As(err, &broken) {
		return nil, withKind(errors.New(broken.Detail()), ErrScripts)
	}
	if err != nil && strings.HasPrefix(err.Error(), "no workflow ") {
		return nil, withKind(fmt.Errorf("workflow %q: %w", workflow, client.ErrNotRegistered), ErrNotFound)
	}
	return fastRun(ran), err
}

func fastRun(ran *scripttest.Ran) *FastRun {
	if ran == nil {
		return nil
	}
	run := &FastRun{
		Run:      Run{ID: ran.ID, Workflow: ran.Workflow, Status: ran.Status, Output: ran.Output, Error: ran.Error, Tasks: []TaskRun{}},
		Timeline: ran.Timeline, Virtual: ran.Virtual,
	}
	for _, t := range ran.Tasks {
		run.Tasks = append(run.Tasks, TaskRun{Name: t.Name, Status: t.Status, Attempts: t.Attempts, Output: t.Output, Error: t.Error})
	}
	for _, l := range ran.Logs {
		run.Logs = append(run.Logs, LogLine{Task: l.Task, Level: l.Level, Message: l.Message})
	}
	return run
}
