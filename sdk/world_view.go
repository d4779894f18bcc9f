package sdk

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/hatchet-js/hatchet-js-worker/engine/client"
	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
	"github.com/hatchet-js/hatchet-js-worker/scripts/scripttest"
)

// look reads the engine's state. It gives nothing when the engine has ended.
func (w *embeddedWorld) look(f func(*core.Core)) { _ = w.engine.View(context.Background(), f) }

// Run implements scripttest.World.
func (w *embeddedWorld) Run(id string) (run scripttest.Run, ok bool) {
	w.look(func(c *core.Core) {
		var view core.RunView
		if view, ok = c.Run(id); ok {
			run = testRun(c, view)
		}
	})
	return run, ok
}

// Runs implements scripttest.World.
func (w *embeddedWorld) Runs() (runs []scripttest.Run) {
	w.look(func(c *core.Core) {
		views, total := c.ListRuns(core.RunQuery{})
		if total > len(views) {
			views, _ = c.ListRuns(core.RunQuery{Limit: total})
		}
		for _, view := range slices.Backward(views) {
			runs = append(runs, testRun(c, view))
		}
	})
	return runs
}

// testRun shows a run as tests see it: its output and error as those of the
// command.
func testRun(c *core.Core, view core.RunView) scripttest.Run {
	shown := &Run{ID: view.RunID, Workflow: view.Workflow, Status: string(view.Status)}
	run := scripttest.Run{
		ID: view.RunID, Workflow: view.Workflow, Status: string(view.Status), Done: view.Done, Input: json.RawMessage(view.Input),
		Created: view.CreatedAt, Finished: view.FinishedAt,
	}
	if view.ParentTaskID != "" {
		run.Parent, _ = c.RunOfTask(view.ParentTaskID)
		run.ChildIndex = int(view.ChildIndex)
	}
	for _, t := range view.Tasks {
		message, _ := client.ErrorText(t.Error)
		task := scripttest.Task{
			ID: t.TaskID, Name: t.Name, Status: string(t.Status), Parked: t.Evicted, Attempts: attempts(t), Output: t.Output, Error: message,
			Started: t.StartedAt, Finished: t.FinishedAt, Skipped: skipped(t),
		}
		run.Tasks = append(run.Tasks, task)
		shown.Tasks = append(shown.Tasks, TaskRun{Name: task.Name, Status: task.Status, Output: t.Output, Error: message})
	}
	shown.finish()
	run.Output, run.Error = shown.Output, shown.Error
	if _, text, found := strings.Cut(run.Error, ": "); found && len(run.Tasks) == 1 {
		run.Error = text
	}
	return run
}

func attempts(t core.TaskView) int {
	if t.StartedAt.IsZero() {
		return 0
	}
	return int(t.RetryCount) + 1
}

// skipped recognises what the engine says of a task that was skipped
// (hatchet-protocol.md section 9.1).
func skipped(t core.TaskView) bool {
	return t.Status == core.Completed && isSkipped(t.Output)
}

func isSkipped(text []byte) bool {
	var output struct {
		Skipped bool `json:"skipped"`
	}
	return json.Unmarshal(text, &output) == nil && output.Skipped
}

// Waits implements scripttest.World.
func (w *embeddedWorld) Waits(runID string) (waits []scripttest.Wait) {
	run, _ := w.Run(runID)
	for _, t := range run.Tasks {
		for _, wait := range w.waitsOf(t.ID) {
			wait.Task = t.Name
			waits = append(waits, wait)
		}
	}
	return waits
}

// waitsOf lists what one task waited for.
func (w *embeddedWorld) waitsOf(taskID string) (waits []scripttest.Wait) {
	w.look(func(c *core.Core) {
		for _, entry := range c.DurableLog(taskID) {
			if wait, is := testWait(c, entry); is {
				waits = append(waits, wait)
			}
		}
	})
	return waits
}

// testWait shows an entry of a durable task's log; memos are none.
func testWait(c *core.Core, entry core.DurableView) (scripttest.Wait, bool) {
	wait := scripttest.Wait{What: entry.Call, Done: entry.Satisfied}
	switch entry.Kind {
	case "RUN":
		child, _ := c.Run(entry.Run)
		wait.Child = child.Workflow
		return wait, true
	case "WAIT_FOR":
		for _, condition := range entry.Conditions {
			switch condition.Kind {
			case core.ConditionSleep:
				if d, err := workflow.ParseDuration(condition.SleepFor); err == nil && (wait.Sleep == 0 || d < wait.Sleep) {
					wait.Sleep = d
				}
			case core.ConditionUserEvent:
				wait.Events = append(wait.Events, condition.EventKey)
			}
		}
		return wait, true
	}
	return wait, false
}

// Logs implements scripttest.World.
func (w *embeddedWorld) Logs(runID string) (lines []scripttest.LogLine) {
	w.look(func(c *core.Core) {
		view, _ := c.Run(runID)
		for _, t := range view.Tasks {
			logs, _ := c.Logs(t.TaskID)
			for _, l := range logs {
				lines = append(lines, scripttest.LogLine{At: l.At, Task: t.Name, Level: l.Level, Message: l.Message})
			}
		}
	})
	slices.SortStableFunc(lines, func(a, b scripttest.LogLine) int { return a.At.Compare(b.At) })
	return lines
}

// Stream implements scripttest.World.
func (w *embeddedWorld) Stream(runID string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string{}, w.chunks[runID]...)
}
