package hatchet

import (
	"context"
	"fmt"

	"github.com/dop251/goja"
)

// TaskError says that a task's own code failed: it threw, rejected, or gave an
// output that cannot be reported.
type TaskError struct {
	// Message is what the script threw, without its class name.
	Message string
	// Stack is the JavaScript stack with positions in the source files, causes
	// included; "" if there is none.
	Stack string
	// NonRetryable asks the engine not to try again.
	NonRetryable bool
	// Cause is the error of the VM beneath, or nil.
	Cause error
}

func (e *TaskError) Error() string { return e.Message }

func (e *TaskError) Unwrap() error { return e.Cause }

// NonDeterminismError is what a [Durable] reports when a replay asks for
// something else than it did before (hatchet-protocol.md section 8.3). The
// script sees it as a NonDeterminismError with the same message.
type NonDeterminismError struct {
	Step     int // counts from 1
	Was, Now string
}

func (e *NonDeterminismError) Error() string {
	return fmt.Sprintf("NonDeterminism: step %d was %s, now %s", e.Step, e.Was, e.Now)
}

// CancelledError is what a [Durable] reports of what a task waited for when it
// was cancelled, or ended otherwise. The script sees it, and any other error
// beneath which is context.Canceled, as an AbortError.
type CancelledError struct {
	Reason error // nil = the task was cancelled
}

func (e *CancelledError) Error() string {
	if e.Reason != nil {
		return e.Reason.Error()
	}
	return "the task was cancelled"
}

// Unwrap gives context.Canceled.
func (e *CancelledError) Unwrap() error { return context.Canceled }

// ErrorName is AbortError.
func (e *CancelledError) ErrorName() string { return "AbortError" }

// IdempotencyCollisionError is what a [Host] reports when a run was not started
// because another holds its idempotency key (hatchet-protocol.md section 6.4).
// The script sees it as an IdempotencyCollisionError.
type IdempotencyCollisionError struct {
	RunID string // the run that holds the key; "" if not known
}

func (e *IdempotencyCollisionError) Error() string {
	if e.RunID == "" {
		return "idempotency key collision: another run holds the key"
	}
	return "idempotency key collision: run " + e.RunID + " holds the key"
}

// APIError is a request that the engine's REST face refused. The script sees it
// as an ApiError with the HTTP status.
type APIError struct {
	Status  int
	Message string
}

func (e *APIError) Error() string { return e.Message }

// ErrorName is the name that scripts see.
func (e *APIError) ErrorName() string { return "ApiError" }

func (e *APIError) detail(r *Realm, object *goja.Object) {
	r.define(object, "status", r.rt.ToValue(e.Status))
}

// UnknownActionError says that this VM declares no task of that name.
type UnknownActionError struct{ Action string }

func (e *UnknownActionError) Error() string {
	return fmt.Sprintf("no task %q is declared in this file", e.Action)
}
