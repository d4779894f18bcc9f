package scripttest

import (
	"cmp"
	"errors"
	"strings"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
	"github.com/hatchet-js/hatchet-js-worker/scripts/diagnostic"
)

// assertion is the type of a failure that a matcher reports.
const assertion = "AssertionError"

func newSession(t *test, o testOptions, all Options) *session {
	return &session{test: t, options: o, worlds: all.Worlds, modules: all.Modules, join: all.Join, door: all.Door, secrets: all.Secrets, base: all.Base, halt: &vm.Halt{}, chances: newChances(o.seed)}
}

// passed is how much time passed on the test's clock.
func (s *session) passed() time.Duration {
	if s.drive == nil {
		return 0
	}
	return s.elapsed()
}

// failure describes err for people; nil for nil.
func (s *session) failure(err error) *Failure {
	switch {
	case errors.Is(err, errExpired):
		err = s.tooLong()
	case err == nil:
		return nil
	}
	failed := &Failure{Type: "Error", Message: err.Error()}
	var thrown *vm.ScriptError
	var stopped *vm.InterruptError
	var broken *diagnostic.Error
	switch {
	case errors.As(err, &thrown):
		failed.Message, failed.Stack, failed.At = thrown.Message, thrown.Stack, position(thrown.Position)
		failed.Type = cmp.Or(thrown.Name, "Error")
		if failed.Type != "Error" && failed.Type != assertion {
			failed.Message = thrown.Name + ": " + thrown.Message
		}
		if thrown.Unhandled {
			failed.Message = "unhandled rejection: " + failed.Message
		}
	case errors.As(err, &stopped):
		failed.Message, failed.At = s.tooLong().Error(), position(stopped.Position)
	case errors.As(err, &broken):
		failed.Stack = broken.Detail()
	}
	if failed.At.Line == 0 {
		failed.At = s.test.At
	}
	failed.Frame = s.test.file.bundle.Frame(failed.At, "")
	if s.drive != nil {
		failed.Timeline = s.timeline()
	}
	failed.Message = strings.TrimRight(failed.Message, "\n")
	return failed
}

func position(p vm.Position) workflow.Position {
	return workflow.Position{File: p.File, Line: p.Line, Column: p.Column}
}
