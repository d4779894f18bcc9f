package generation

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
	"github.com/hatchet-js/hatchet-js-worker/scripts/bundle"
)

// closedDoor permits nothing; runs enter it all the same, for it waits for the
// work that they start.
func closedDoor(b *bundle.Bundle, c clock.Clock) (*permit.Door, error) {
	return permit.NewDoor(permit.Options{Dir: filepath.Dir(b.Entry), Clock: c})
}

// enterDoor begins a run at the door. What it opens is closed by leave.
func (g *Generation) enterDoor(ctx context.Context, task permit.Task) (_ context.Context, leave func()) {
	run, ctx := g.opts.Door.Enter(ctx, task)
	return ctx, run.Leave
}

// invoke runs on a VM within what the door permits.
func (g *Generation) invoke(ctx context.Context, s *slot, inv *hatchet.Invocation) ([]byte, error) {
	task := g.taskOf(inv)
	ctx, leave := g.enterDoor(ctx, task)
	defer leave()
	limits := g.opts.Door.Limits()
	if limits.Wall > 0 {
		var cancel context.CancelFunc
		ctx, cancel = clock.WithTimeout(ctx, g.opts.Clock, limits.Wall, limits.WallError(task))
		defer cancel()
	}
	output, err := s.realm.Invoke(ctx, inv)
	if limits.Output > 0 && int64(len(output)) > limits.Output && err == nil {
		failed := limits.OutputError(task, len(output))
		message := failed.Name + ": " + failed.Error()
		return nil, &hatchet.TaskError{Message: message, Stack: g.declaredAt(inv.Action, message), NonRetryable: true, Cause: failed}
	}
	if err == nil && g.opts.Door.HoldsSecret(output) { // it is the task's own, so it stays as it is
		s.vm.Options().Logger.Warn("the output of a task holds a declared secret", "workflow", task.Workflow, "task", task.Task, "run", task.Run)
	}
	return output, err
}

// declaredAt is a stack that leads to where a task was declared, for lack of a
// better place.
func (g *Generation) declaredAt(action, message string) string {
	for _, w := range g.Workflows {
		for _, t := range w.Tasks {
			if workflow.ActionID(w.Name, t.Name) == action {
				return fmt.Sprintf("Error: %s\n    at %s", message, t.Position)
			}
		}
	}
	return ""
}

// taskOf says whose run an invocation is. Actions are in lower case, names are as
// declared.
func (g *Generation) taskOf(inv *hatchet.Invocation) permit.Task {
	name, task, _ := strings.Cut(inv.Action, ":")
	if inv.TaskName != "" {
		task = inv.TaskName
	}
	for _, declared := range g.Workflows {
		if strings.EqualFold(declared.Name, name) {
			name = declared.Name
		}
	}
	return permit.Task{Workflow: name, Task: task, Run: inv.TaskRunID}
}

// logging counts what a run logs and takes secrets out of it.
func (g *Generation) logging() func(context.Context, workflow.Position, string) (string, error) {
	return func(ctx context.Context, at workflow.Position, text string) (string, error) {
		ctx = permit.WithPlace(ctx, permit.Place{File: at.File, Line: at.Line})
		run := permit.From(ctx)
		if err := run.Count(ctx, permit.LogLines, 1); err != nil {
			return "", err
		}
		if err := run.Count(ctx, permit.LogBytes, int64(len(text))); err != nil {
			return "", err
		}
		return run.Redact(text), nil
	}
}
