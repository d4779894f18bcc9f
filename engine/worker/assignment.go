package worker

import (
	"context"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/worker/durable"
)

// Assignment is one attempt of one task as the engine assigned it
// (hatchet-protocol.md section 3.6). The identifiers are those of the wire; the
// payload stays raw JSON, which nothing in the worker decodes. An assignment
// made without a worker, as tests of runners do, is valid: its methods then do
// nothing.
type Assignment struct {
	WorkflowRunID string
	TaskRunID     string // the same over retries
	ActionID      string // workflow.ActionID, without namespace
	TaskName      string // readable id
	TaskID        string // of the task's declaration
	TenantID      string
	JobName       string

	WorkflowID          string
	WorkflowVersionID   string
	ParentWorkflowRunID string // the parent TASK's id, as on the wire

	RetryCount      int // re-executions before this attempt, whatever their reason
	InvocationCount int // assignments of a durable task so far, from 1; 0 = not durable
	Priority        int // 1 to 3

	ChildIndex *int32 // place among the children of the parent task, from 0
	ChildKey   string

	TriggeringEventID  string
	TriggeringEventKey string

	Payload            []byte // JSON object of hatchet-protocol.md section 4.1
	AdditionalMetadata []byte // JSON object; nil if the run has none

	// Batch is the runs of a batch task; nil for other tasks. The fields of single
	// runs, TaskRunID and WorkflowRunID among them, are empty then, and Payload is
	// that of all runs.
	Batch *Batch

	// Durable is the event log of a durable task; nil for other tasks.
	Durable *durable.Run

	// ReceivedAt is when the assignment arrived, on the worker's clock.
	ReceivedAt time.Time

	attempt *attempt
}

// Runner runs the attempts of one action. It is called from many goroutines at
// once.
//
// Run returns the output as JSON text. It must return soon after ctx is done;
// context.Cause(ctx) tells why (ErrCancelled, *TimeoutError, ErrEvicted,
// ErrReplaced, ErrDraining, ErrAborted), and the worker then decides by that
// cause what is reported, not by the error returned.
//
// A batch task's output is a JSON object with an output for each of its runs, by
// TaskRunID; beside it a [MemberErrors] may say which runs failed. Any other
// error is one of all runs.
//
// An error that is, or wraps, a *TaskError is reported with its message and
// stack. ErrParked, for durable tasks only, says that the attempt waits for its
// log and holds nothing: the worker calls Run again when something was
// answered.
type Runner interface {
	Run(ctx context.Context, a *Assignment) ([]byte, error)
}

// RunnerFunc is a function that is a Runner.
type RunnerFunc func(ctx context.Context, a *Assignment) ([]byte, error)

// Run calls f.
func (f RunnerFunc) Run(ctx context.Context, a *Assignment) ([]byte, error) { return f(ctx, a) }
