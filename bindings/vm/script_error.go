package vm

import (
	"errors"
	"fmt"

	"github.com/dop251/goja"
)

// ScriptError is what a script threw, or a rejection that nobody handled. It
// holds no live value of the VM, except Value.
type ScriptError struct {
	Name    string // class name, "TypeError"; "" if what was thrown is no Error
	Message string
	// Stack is the whole text for people: name and message, the frames in the
	// source files, and the causes, each with its own.
	Stack string
	// Position is the first frame in a source file, of the error or else of its
	// causes. May be unknown: goja does not keep where a value that is no Error
	// was thrown after an await.
	Position Position
	// Unhandled says that it was a rejection nobody handled.
	Unhandled bool
	// Cause is the Go error that a native function failed with, or nil.
	Cause error
	// Value is what was thrown. It belongs to the VM: look at it only as the
	// VM's owner and never after the VM was given away.
	Value goja.Value
}

func (e *ScriptError) Error() string {
	text := e.Message
	if e.Name != "" && e.Name != "Error" {
		text = part{name: e.Name, message: text}.head()
	}
	if e.Unhandled {
		return "unhandled rejection: " + text
	}
	return text
}

func (e *ScriptError) Unwrap() error { return e.Cause }

// convert turns what goja returned into the errors of this package. Other
// errors pass as they are.
func (r *run) convert(err error) error {
	var (
		interrupted *goja.InterruptedError
		overflow    *goja.StackOverflowError
		thrown      *goja.Exception
	)
	switch {
	case errors.As(err, &interrupted):
		r.vm.dead.Store(true)
		cause := contextCause(r.ctx)
		if stop := r.stop.Load(); stop != nil {
			cause = stop.err
		}
		return &InterruptError{Cause: cause, Position: firstPosition(framesOf(interrupted.Stack()))}
	case errors.As(err, &overflow):
		r.vm.dead.Store(true)
		return r.overflow(framesOf(overflow.Stack()))
	case errors.As(err, &thrown):
		return r.thrown(thrown.Value(), framesOf(thrown.Stack()))
	}
	return err
}

func overflowMessage(calls int) string {
	return fmt.Sprintf("Maximum call stack size exceeded (%d calls): look for a function that calls itself without end", calls)
}

func (r *run) overflow(frames []frame) error {
	message := overflowMessage(r.vm.opts.MaxCallStack)
	const shown = 6
	return &ScriptError{
		Name: "RangeError", Message: message, Position: firstPosition(frames),
		Stack: "RangeError: " + message + stackText(frames[:min(shown, len(frames))]),
	}
}
