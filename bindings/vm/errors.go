package vm

import (
	"errors"
	"fmt"
)

var (
	// ErrParked is returned by [VM.Run] when the run waits for durable waits
	// only and [Call.Parkable] agreed to let go of the VM. The VM stays usable.
	ErrParked = errors.New("the run is parked")
	// ErrDead is returned by [VM.Run] on a VM that is [VM.Dead].
	ErrDead = errors.New("the vm is dead: make a new one")
	// ErrBusy is returned by [VM.Run] while another run is in progress.
	ErrBusy = errors.New("the vm is busy with another run")
)

// InterruptError is returned by [VM.Run] when the context was done and the run
// did not end by itself within the grace period. The VM is dead, unless the
// context was done before the run began.
type InterruptError struct {
	// Cause is the cause of the context.
	Cause error
	// Position is where the script was: the line that ran, or, if it waited,
	// the line that called the oldest pending operation. May be unknown. goja
	// knows the places of calls, accesses and operators; in a loop that has none
	// of them, as "while (true) {}", it is the last one before the loop in the
	// function, or the function's beginning.
	Position Position
	// Waiting reports that the script waited for an operation rather than ran.
	Waiting bool
}

func (e *InterruptError) Error() string {
	verb := "while running"
	if e.Waiting {
		verb = "while waiting"
	}
	if e.Position == (Position{}) {
		return fmt.Sprintf("%v: stopped %s", e.Cause, verb)
	}
	return fmt.Sprintf("%v: stopped %s at %v", e.Cause, verb, e.Position)
}

func (e *InterruptError) Unwrap() error { return e.Cause }

// AbandonedError is returned by [VM.Run] when native code held the VM beyond
// [Options.AbandonAfter] after the interrupt. The VM is dead; the goroutine of
// the run ends whenever the native code does, see [Orphans].
type AbandonedError struct {
	// Cause is the cause of the context.
	Cause error
}

func (e *AbandonedError) Error() string {
	return fmt.Sprintf("%v: abandoned inside native code that cannot be interrupted", e.Cause)
}

func (e *AbandonedError) Unwrap() error { return e.Cause }

// StalledError is returned by [VM.Run] when the promise it waits for is pending
// and nothing is left that could settle it. The VM stays usable.
type StalledError struct {
	// Name is the name of the call.
	Name string
}

func (e *StalledError) Error() string {
	name := e.Name
	if name == "" {
		name = "the script"
	}
	return name + " has nothing left to wait for: it awaits a promise that no timer, request or other operation can settle any more; look for a promise whose resolve is never called"
}

// PanicError is returned by [VM.Run] when Go code panicked during the run. The
// VM is dead.
type PanicError struct {
	Value any
	// Stack is the Go stack, for logs.
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("panic in native code: %v", e.Value) }

func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}
