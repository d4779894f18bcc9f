package worker

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// ErrParked is what a Runner returns for a durable attempt that waits and holds
// nothing meanwhile.
var ErrParked = errors.New("the durable run is parked")

// Causes of a done context of an attempt, see [Runner].
var (
	// ErrCancelled: the engine cancelled the attempt. Nothing is reported.
	ErrCancelled = errors.New("the task was cancelled")
	// ErrEvicted: the durable invocation was given back to the engine, which
	// assigns it again when it can go on. Nothing is reported.
	ErrEvicted = errors.New("the durable run was evicted while it waits")
	// ErrReplaced: the engine assigned a later attempt of the same task.
	ErrReplaced = errors.New("a later attempt of the task was assigned")
	// ErrDraining: the drain deadline passed while the attempt still ran.
	ErrDraining = errors.New("the worker stopped before the task was done")
	// ErrAborted: [Worker.Abort] was called.
	ErrAborted = errors.New("the worker was aborted")
)

// Ends of [Worker.Run] and [Worker.Serve].
var (
	// ErrDrainDeadline: work was abandoned at the end of a drain. The engine
	// assigns it again.
	ErrDrainDeadline = errors.New("the drain deadline passed: work was abandoned")
	// ErrSuperseded: a newer generation was handed over meanwhile.
	ErrSuperseded = errors.New("a newer generation took the place of this one")
	// ErrStopped: the worker does not run any more.
	ErrStopped = errors.New("the worker has stopped")
)

// TimeoutError is the cause of an attempt that ran longer than it may.
type TimeoutError struct {
	Timeout time.Duration // as declared, without extensions
}

func (e *TimeoutError) Error() string {
	return "Task exceeded timeout of " + workflow.FormatDuration(e.Timeout)
}

// TaskError says that a task's own code failed.
type TaskError struct {
	Message      string
	Stack        string // with positions in the source files; "" if there is none
	NonRetryable bool   // asks the engine not to try again
	Cause        error
}

func (e *TaskError) Error() string { return e.Message }

func (e *TaskError) Unwrap() error { return e.Cause }

// Refusal says that one workflow of a generation was not taken.
type Refusal struct {
	Workflow string
	Position workflow.Position
	Err      error
}

func (r Refusal) Error() string {
	where := r.Position.String()
	if where != "" {
		where += ": "
	}
	return fmt.Sprintf("%sworkflow %s was refused: %v", where, r.Workflow, r.Err)
}

func (r Refusal) Unwrap() error { return r.Err }

// RefusedError lists the workflows of a generation that were not taken. The
// other workflows are served; of a refused one the version before goes on.
type RefusedError struct{ Refusals []Refusal }

func (e *RefusedError) Error() string {
	lines := make([]string, len(e.Refusals))
	for i, r := range e.Refusals {
		lines[i] = r.Error()
	}
	return strings.Join(lines, "\n")
}

func (e *RefusedError) Unwrap() []error {
	errs := make([]error, len(e.Refusals))
	for i, r := range e.Refusals {
		errs[i] = r
	}
	return errs
}
