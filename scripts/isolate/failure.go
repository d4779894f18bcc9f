package isolate

import (
	"context"
	"errors"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
)

// failure is an error of the parent as the child sees it: those that scripts
// tell apart keep their kind, of the others the text is left.
type failure struct {
	Text           string
	Cancelled      bool
	API            *hatchet.APIError
	Collision      *hatchet.IdempotencyCollisionError
	NonDeterminism *hatchet.NonDeterminismError
	RunFailed      *hatchet.RunFailedError
}

func failureOf(err error) *failure {
	if err == nil {
		return nil
	}
	f := &failure{Text: err.Error(), Cancelled: errors.Is(err, context.Canceled)}
	switch {
	case errors.As(err, &f.API), errors.As(err, &f.Collision), errors.As(err, &f.NonDeterminism), errors.As(err, &f.RunFailed):
	}
	return f
}

func (f *failure) error() error {
	switch {
	case f == nil:
		return nil
	case f.API != nil:
		return f.API
	case f.Collision != nil:
		return f.Collision
	case f.NonDeterminism != nil:
		return f.NonDeterminism
	case f.RunFailed != nil:
		return f.RunFailed
	case f.Cancelled:
		return &cancelled{f.Text}
	}
	return errors.New(f.Text)
}

// cancelled is a cancellation under its own words.
type cancelled struct{ text string }

func (e *cancelled) Error() string { return e.text }

func (e *cancelled) Unwrap() error { return context.Canceled }

// taskFailure is how a run failed, as the parent sees it.
type taskFailure struct {
	Message      string
	Script       bool // a [hatchet.TaskError]
	Stack        string
	NonRetryable bool
	Panicked     string // in which function Go code panicked
	GoStack      []byte
}

func taskFailureOf(err error) taskFailure {
	f := taskFailure{Message: err.Error()}
	var failed *hatchet.TaskError
	if errors.As(err, &failed) {
		f.Message, f.Script, f.Stack, f.NonRetryable = failed.Message, true, failed.Stack, failed.NonRetryable
	}
	var panicked *native.PanicError
	if errors.As(err, &panicked) {
		f.Panicked, f.GoStack = panicked.Function, panicked.Stack
	}
	return f
}

func (f taskFailure) error() error {
	if !f.Script {
		return errors.New(f.Message)
	}
	failed := &hatchet.TaskError{Message: f.Message, Stack: f.Stack, NonRetryable: f.NonRetryable}
	if f.GoStack != nil {
		failed.Cause = &native.PanicError{Function: f.Panicked, Value: f.Message, Stack: f.GoStack}
	}
	return failed
}

// outcomeOf is the end of a run.
func outcomeOf(output []byte, err error, dead bool) finished {
	out := finished{Output: output, Dead: dead}
	var each hatchet.MemberErrors
	var interrupted *vm.InterruptError
	switch {
	case err == nil:
	case errors.Is(err, vm.ErrParked):
		out.Parked = true
	case errors.As(err, &each):
		out.Members = make(map[string]taskFailure, len(each))
		for id, err := range each {
			out.Members[id] = taskFailureOf(err)
		}
	default:
		failed := taskFailureOf(err)
		out.Failed = &failed
	}
	out.Interrupted = errors.As(err, &interrupted) && !interrupted.Waiting
	return out
}

// result is what the run of the child gave.
func (f finished) result() ([]byte, error) {
	switch {
	case f.Parked:
		return nil, vm.ErrParked
	case f.Failed != nil:
		return f.Output, f.Failed.error()
	case f.Members != nil:
		each := make(hatchet.MemberErrors, len(f.Members))
		for id, failed := range f.Members {
			each[id] = failed.error()
		}
		return f.Output, each
	}
	return f.Output, nil
}
