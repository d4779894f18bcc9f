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

// Error is the refusal of a command: nothing has changed. Message is what the
// wire's status carries.
type Error struct {
	Code    Code
	Message string
}

// Error implements error.
func (e *Error) Error() string { return e.Message }

func errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}
