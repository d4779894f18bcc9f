package local

import (
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
	// ParentRunID and ParentTask are of the task that started it; "" = none did.
	ParentRunID, ParentTask string
	ChildIndex              int32 // among the runs that its parent started
}

// TaskStarted says that an attempt of a task was handed to a worker, the first
// time that it was.
type TaskStarted struct {
	At       time.Time
	RunID    string
	Workflow string
	TaskID   string
	Task     string
	Attempt  int // from 1
	// Resumed: a durable task goes on where it was parked.
	Resumed bool
}

// TaskFinished says that an attempt of a task ended.
type TaskFinished struct {
	At       time.Time
	RunID    string
	Workflow string
	TaskID   string
	Task     string
	Status   core.Status // COMPLETED, FAILED or CANCELLED
	Attempt  int         // from 1
	// MaxAttempts is which attempt would be the last, with the retries that the
	// task has left. Attempts that failed for no fault of its own do not count
	// as retries and make it higher.
	MaxAttempts int
	Duration    time.Duration // of the attempt, with what it was parked; 0 = it never ran
	Error       string        // FAILED: as the worker sent it
	// Skipped: COMPLETED with the output {"skipped":true}, without having run.
	Skipped bool
	// Retrying: another attempt follows, RetryIn from now.
	Retrying bool
	RetryIn  time.Duration
}

// TaskParked says that a waiting durable task gave its slot back.
type TaskParked struct {
	At       time.Time
	RunID    string
	Workflow string
	TaskID   string
	Task     string
	Reason   string
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
