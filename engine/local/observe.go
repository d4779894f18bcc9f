package local

import (
	"encoding/json"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
)

// observation turns effects into events for the observer. It runs on the loop,
// where it may look at the core.
type observation struct {
	tell      func(Event) // nil = nobody watches
	log       *slog.Logger
	announced map[string]struct{} // runs that were told of and are not final
}

func newObservation(tell func(Event), log *slog.Logger) *observation {
	return &observation{tell: tell, log: log, announced: map[string]struct{}{}}
}

// after tells what the effects of a command, which was applied at now, mean to
// somebody who watches.
func (o *observation) after(c *core.Core, now time.Time, effects []core.Effect) {
	if o.tell == nil {
		return
	}
	defer o.dismiss()
	for _, e := range effects {
		switch e := e.(type) {
		case core.Assign:
			o.assigned(c, now, e)
		case core.AssignBatch:
			for _, member := range e.Members {
				o.assigned(c, now, core.Assign{Workflow: e.Workflow, Action: member, Again: e.Again})
			}
		case core.AttemptFailed:
			o.retried(c, e)
		case core.Evicted:
			o.announce(c, e.RunID)
			o.tell(TaskParked{At: e.At, RunID: e.RunID, Workflow: e.Workflow, TaskID: e.TaskID, Task: e.TaskName, Reason: e.Reason})
		case core.TaskEvent:
			o.taskEvent(c, e)
		}
	}
}

// dismiss does without an observer that panics: the engine must not end with
// it.
func (o *observation) dismiss() {
	if p := recover(); p != nil {
		o.log.Error("the observer of the engine panicked and is told nothing more", "panic", p, "stack", string(debug.Stack()))
		o.tell = nil
	}
}

func (o *observation) assigned(c *core.Core, now time.Time, e core.Assign) {
	o.announce(c, e.Action.RunID)
	if e.Again {
		return
	}
	o.tell(TaskStarted{
		At: now, RunID: e.Action.RunID, Workflow: e.Workflow, TaskID: e.Action.TaskID, Task: e.Action.TaskName,
		Attempt: int(e.Action.RetryCount) + 1, Resumed: e.Resumed,
	})
}

// retried tells of a failed attempt that another one follows.
func (o *observation) retried(c *core.Core, e core.AttemptFailed) {
	o.announce(c, e.RunID)
	o.tell(TaskFinished{
		At: e.At, RunID: e.RunID, Workflow: e.Workflow, TaskID: e.TaskID, Task: e.TaskName, Status: core.Failed,
		Attempt: int(e.RetryCount) + 1, MaxAttempts: int(e.MaxAttempts), Duration: between(e.AssignedAt, e.At), Error: e.Error,
		Retrying: true, RetryIn: e.RetryAt.Sub(e.At),
	})
}

func (o *observation) taskEvent(c *core.Core, e core.TaskEvent) {
	o.announce(c, e.RunID)
	switch {
	case e.Final:
		o.finished(c, e)
	case e.Kind == core.EventCompleted || e.Kind == core.EventFailed || e.Kind == core.EventCancelled:
		done := TaskFinished{
			At: e.At, RunID: e.RunID, Workflow: e.Workflow, TaskID: e.TaskID, Task: e.TaskName, Status: core.Status(e.Kind),
			Attempt: int(e.RetryCount) + 1, MaxAttempts: int(e.MaxAttempts), Duration: between(e.AssignedAt, e.At), Skipped: e.Skipped,
		}
		if e.Kind == core.EventFailed {
			done.Error = string(e.Payload)
		}
		o.tell(done)
	}
}

// between is the time from a start that may not have been.
func between(start, end time.Time) time.Duration {
	if start.IsZero() {
		return 0
	}
	return end.Sub(start)
}

// announce tells of a run the first time that something happens in it.
func (o *observation) announce(c *core.Core, runID string) {
	if _, known := o.announced[runID]; known {
		return
	}
	run, ok := c.Run(runID)
	if !ok {
		return
	}
	o.announced[runID] = struct{}{}
	started := RunStarted{At: run.CreatedAt, RunID: runID, Workflow: run.Workflow, Trigger: trigger(c, run), Input: run.Input}
	if parent, ok := c.RunOfTask(run.ParentTaskID); ok {
		started.ParentRunID, started.ParentTask, started.ChildIndex = parent, taskName(c, parent, run.ParentTaskID), run.ChildIndex
	}
	o.tell(started)
}

// taskName is the readable id of a run's task.
func taskName(c *core.Core, runID, taskID string) string {
	run, _ := c.Run(runID)
	for _, t := range run.Tasks {
		if t.TaskID == taskID {
			return t.Name
		}
	}
	return ""
}

// trigger says in words what started a run.
func trigger(c *core.Core, run core.RunView) string {
	if run.EventKey != "" {
		return run.EventKey
	}
	if run.ParentTaskID != "" {
		if parent, ok := c.RunOfTask(run.ParentTaskID); ok {
			return "child of " + parent
		}
		return "child of " + run.ParentTaskID
	}
	var metadata struct {
		Cron string `json:"hatchet__cron_expression"`
	}
	if json.Unmarshal(run.Metadata, &metadata) == nil && metadata.Cron != "" {
		return "cron " + metadata.Cron
	}
	return "manual"
}

func (o *observation) finished(c *core.Core, e core.TaskEvent) {
	delete(o.announced, e.RunID)
	run, _ := c.Run(e.RunID)
	o.tell(RunFinished{
		At: e.At, RunID: e.RunID, Workflow: e.Workflow, Status: core.Status(e.Kind), Duration: e.At.Sub(run.CreatedAt),
	})
}
