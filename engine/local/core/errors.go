package core

import "fmt"

// Code classifies an [Error] by the gRPC status that the wire shows for it. The
// numbers are gRPC's.
type Code uint32

// The codes that the core uses.
const (
	InvalidArgument    Code = 3
	NotFound           Code = 5
	AlreadyExists      Code = 6
	ResourceExhausted  Code = 8
	FailedPrecondition Code = 9
	Unimplemented      Code = 12
	Internal           Code = 13
)

// Error is the refusal of a command: nothing has changed, except as Collisions
// says. Message is what the wire's status carries.
type Error struct {
	Code    Code
	Message string
	// Collisions, with code AlreadyExists, are the runs that did not start
	// because of their idempotency keys (hatchet-protocol.md section 6.4), and
	// Started those of the same Trigger that did.
	Collisions []Collision
	Started    []string
}

// Collision is a run that found its idempotency key taken.
type Collision struct {
	Existing  string // run id
	Colliding string
}

// Error implements error.
func (e *Error) Error() string { return e.Message }

func errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}
