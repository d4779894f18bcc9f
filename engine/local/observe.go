package local

import (
	"encoding/json"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
)

// Event is one of RunStarted, TaskStarted, TaskFinished, TaskParked and
// RunFinished.
type Event interface{ event() }

// RunStarted says that a run has begun.
type RunStarted struct {
	At       time.Time
	RunID    string
	Workflow string
	Trigger  string // "manual", an event's key, "cron <expression>" or "child of <run id>"
	Input    []byte // JSON; nil = none
}

// TaskStarted says that an attempt of a task was handed to a worker.
type TaskStarted struct {
	At      time.Time
	RunID   string
	TaskID  string
	Task    string
	Attempt int // from 1
	// Resumed: a durable task goes on where it was parked.
	Resumed bool
}

// TaskFinished says that an attempt of a task ended.
type TaskFinished struct {
	At          time.Time
	RunID       string
	TaskID      string
	Task        string
	Status      core.Status // COMPLETED, FAILED or CANCELLED
	Attempt     int         // from 1
	MaxAttempts int
	Duration    time.Duration // of the attempt; 0 = it never ran
	Error       string        // FAILED: as the worker sent it
	// Retrying: another attempt follows, RetryIn from now.
	Retrying bool
	RetryIn  time.Duration
}

// TaskParked says that a waiting durable task gave its slot back.
type TaskParked struct {
	At     time.Time
	RunID  string
	TaskID string
	Task   string
	Reason string
}

// RunFinished says that a run is final.
type RunFinished struct {
	At       time.Time
	RunID    string
	Workflow string
	Status   core.Status
	Duration time.Duration // since the run was created
}

func (RunStarted) event()   {}
func (TaskStarted) event()  {}
func (TaskFinished) event() {}
func (TaskParked) event()   {}
func (RunFinished) event()  {}

// observation turns commands and effects into events for the observer. It runs
// on the loop.
type observation struct {
	tell      func(Event) // nil = nobody watches
	announced map[string]struct{}
}

func newObservation(tell func(Event)) *observation {
	return &observation{tell: tell, announced: map[string]struct{}{}}
}

// effect tells what an effect means to somebody who watches.
func (o *observation) effect(c *core.Core, now time.Time, e core.Effect) {
	if o.tell == nil {
		return
	}
	switch e := e.(type) {
	case core.Assign:
		o.announce(c, e.Action.RunID)
		o.tell(TaskStarted{
			At:      now,
			RunID:   e.Action.RunID,
			TaskID:  e.Action.TaskID,
			Task:    e.Action.TaskName,
			Attempt: int(e.Action.RetryCount) + 1,
			Resumed: e.Action.InvocationCount != nil && *e.Action.InvocationCount > 1,
		})
	case core.TaskEvent:
		o.taskEvent(c, e)
	}
}

func (o *observation) taskEvent(c *core.Core, e core.TaskEvent) {
	o.announce(c, e.RunID)
	switch {
	case e.Final:
		o.finished(c, e)
	case e.Kind == core.EventCompleted, e.Kind == core.EventFailed, e.Kind == core.EventCancelled:
		done := TaskFinished{
			At:          e.At,
			RunID:       e.RunID,
			TaskID:      e.TaskID,
			Task:        e.TaskName,
			Status:      core.Status(e.Kind),
			Attempt:     int(e.RetryCount) + 1,
			MaxAttempts: int(e.Retries) + 1,
			Duration:    e.At.Sub(taskStart(c, e)),
		}
		if e.Kind == core.EventFailed {
			done.Error = string(e.Payload)
		}
		o.tell(done)
	}
}

// taskStart is when the attempt that ended began, or its end if it never did.
func taskStart(c *core.Core, e core.TaskEvent) time.Time {
	run, _ := c.Run(e.RunID)
	for _, t := range run.Tasks {
		if t.TaskID == e.TaskID && !t.StartedAt.IsZero() {
			return t.StartedAt
		}
	}
	return e.At
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
		At:       e.At,
		RunID:    e.RunID,
		Workflow: run.Workflow,
		Status:   run.Status,
		Duration: e.At.Sub(run.CreatedAt),
	})
}
