package local

import (
	"encoding/json"
	"log/slog"
	"math"
	"runtime/debug"
	"slices"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
)

// observation turns commands and their effects into events for the observer.
// It runs on the loop, where it may look at the core.
type observation struct {
	tell      func(Event) // nil = nobody watches
	log       *slog.Logger
	announced map[string]struct{} // runs that were told of and are not final
	attempts  map[string]*attempt // by task id: those under way or parked
}

// attempt is an attempt that was told of.
type attempt struct {
	runID, task string
	retry       int32
	started     time.Time
}

func newObservation(tell func(Event), log *slog.Logger) *observation {
	return &observation{tell: tell, log: log, announced: map[string]struct{}{}, attempts: map[string]*attempt{}}
}

// after tells what a command and its effects mean to somebody who watches.
func (o *observation) after(c *core.Core, now time.Time, cmd core.Command, effects []core.Effect) {
	if o.tell == nil {
		return
	}
	defer o.dismiss()
	switch cmd := cmd.(type) {
	case core.TaskFailed:
		o.maybeRetried(c, now, cmd.TaskID, cmd.Error, effects)
	case core.TaskCompleted:
		o.maybeRetried(c, now, cmd.TaskID, "the output is no valid JSON", effects)
	case core.DurableEvict:
		o.maybeParked(now, cmd, effects)
	}
	for _, e := range effects {
		switch e := e.(type) {
		case core.CancelAction:
			o.maybeTimedOut(c, now, e.Action, effects)
		case core.Assign:
			o.assigned(c, now, e.Action)
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

// ends says whether the effects hold the end of the task.
func ends(taskID string, effects []core.Effect) bool {
	return slices.ContainsFunc(effects, func(e core.Effect) bool {
		event, ok := e.(core.TaskEvent)
		return ok && event.TaskID == taskID && isEnd(event.Kind)
	})
}

func isEnd(kind core.EventKind) bool {
	return kind == core.EventCompleted || kind == core.EventFailed || kind == core.EventCancelled
}

// maybeRetried tells of a failed attempt that another one follows, if that is
// what a report came to: ends of tasks are told by their events.
func (o *observation) maybeRetried(c *core.Core, now time.Time, taskID, message string, effects []core.Effect) {
	a := o.attempts[taskID]
	if a == nil || ends(taskID, effects) {
		return
	}
	run, _ := c.Run(a.runID)
	for _, t := range run.Tasks {
		if t.TaskID == taskID && t.RetryCount > a.retry {
			o.retried(c, now, run.Workflow, taskID, message)
		}
	}
}

func (o *observation) maybeTimedOut(c *core.Core, now time.Time, stopped core.AssignedAction, effects []core.Effect) {
	if a := o.attempts[stopped.TaskID]; a == nil || a.retry != stopped.RetryCount {
		return
	}
	message := "the execution timeout was exceeded"
	if task := definitionOf(c, stopped.WorkflowID, stopped.TaskName); task != nil && task.Timeout != "" {
		message = "Task exceeded timeout of " + task.Timeout
	}
	o.maybeRetried(c, now, stopped.TaskID, message, effects)
}

// retried tells of the end of the attempt at hand and of what follows.
func (o *observation) retried(c *core.Core, now time.Time, workflow, taskID, message string) {
	a := o.attempts[taskID]
	delete(o.attempts, taskID)
	failed := TaskFinished{
		At: now, RunID: a.runID, TaskID: taskID, Task: a.task, Status: core.Failed,
		Attempt: int(a.retry) + 1, MaxAttempts: int(a.retry) + 2, Duration: now.Sub(a.started), Error: message, Retrying: true,
	}
	if task := definitionOf(c, workflow, a.task); task != nil {
		failed.MaxAttempts = max(int(task.Retries)+1, failed.MaxAttempts)
		failed.RetryIn = backoff(task, int(a.retry)+1)
	}
	o.tell(failed)
}

// definitionOf finds a task of the newest version of a workflow, given by name
// or id.
func definitionOf(c *core.Core, workflow, name string) *core.TaskDefinition {
	for _, w := range c.Workflows() {
		if w.Name != workflow && w.WorkflowID != workflow {
			continue
		}
		for i := range w.Definition.Tasks {
			if w.Definition.Tasks[i].Name == name {
				return &w.Definition.Tasks[i]
			}
		}
		return w.Definition.OnFailure
	}
	return nil
}

// backoff is how long the task waits before retry n, from 1 (hatchet-protocol.md
// section 5.7).
func backoff(task *core.TaskDefinition, n int) time.Duration {
	if task.BackoffFactor == nil {
		return 0
	}
	seconds := math.Pow(float64(*task.BackoffFactor), float64(n))
	if task.BackoffMaxSeconds != nil {
		seconds = min(seconds, float64(*task.BackoffMaxSeconds))
	}
	return time.Duration(min(seconds, 86_400) * float64(time.Second))
}

func (o *observation) maybeParked(now time.Time, cmd core.DurableEvict, effects []core.Effect) {
	a := o.attempts[cmd.TaskID]
	for _, e := range effects {
		d, _ := e.(core.Durable)
		if _, acked := d.Message.(core.DurableEvictionAck); acked && a != nil {
			o.tell(TaskParked{At: now, RunID: a.runID, TaskID: cmd.TaskID, Task: a.task, Reason: cmd.Reason})
		}
	}
}

func (o *observation) assigned(c *core.Core, now time.Time, action core.AssignedAction) {
	o.announce(c, action.RunID)
	before := o.attempts[action.TaskID]
	if before != nil && before.retry < action.RetryCount {
		o.retried(c, now, action.WorkflowID, action.TaskID, "the worker was lost")
		before = nil
	}
	resumed := action.InvocationCount != nil && *action.InvocationCount > 1
	if before == nil {
		o.attempts[action.TaskID] = &attempt{runID: action.RunID, task: action.TaskName, retry: action.RetryCount, started: now}
	} else if !resumed {
		return // the same attempt is handed out once more
	}
	o.tell(TaskStarted{
		At: now, RunID: action.RunID, TaskID: action.TaskID, Task: action.TaskName,
		Attempt: int(action.RetryCount) + 1, Resumed: resumed,
	})
}

func (o *observation) taskEvent(c *core.Core, e core.TaskEvent) {
	o.announce(c, e.RunID)
	switch {
	case e.Final:
		o.finished(c, e)
	case isEnd(e.Kind):
		done := TaskFinished{
			At: e.At, RunID: e.RunID, TaskID: e.TaskID, Task: e.TaskName, Status: core.Status(e.Kind),
			Attempt: int(e.RetryCount) + 1, MaxAttempts: int(max(e.Retries, e.RetryCount)) + 1,
		}
		if a := o.attempts[e.TaskID]; a != nil {
			done.Duration = e.At.Sub(a.started)
			delete(o.attempts, e.TaskID)
		}
		if e.Kind == core.EventFailed {
			done.Error = string(e.Payload)
		}
		o.tell(done)
	}
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
	o.tell(RunStarted{At: run.CreatedAt, RunID: runID, Workflow: run.Workflow, Trigger: trigger(c, run), Input: run.Input})
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
		At: e.At, RunID: e.RunID, Workflow: run.Workflow, Status: core.Status(e.Kind), Duration: e.At.Sub(run.CreatedAt),
	})
}
