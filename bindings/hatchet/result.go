package hatchet

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// RunFailedError is what waiting for a run's output gives when the run failed
// or was cancelled. Its message is that of the first task that failed.
type RunFailedError struct {
	RunID  string
	Status string // StatusFailed or StatusCancelled
	Errors []TaskFailure
}

// TaskFailure is the failure of one task of a run.
type TaskFailure struct {
	Task, Message, Stack string
}

func (e *RunFailedError) Error() string {
	if len(e.Errors) > 0 {
		return e.Errors[0].Message
	}
	if e.Status == StatusCancelled {
		return "run " + e.RunID + " was cancelled"
	}
	return "run " + e.RunID + " failed"
}

// ErrorName is the name that scripts see.
func (e *RunFailedError) ErrorName() string { return "RunFailedError" }

func (e *RunFailedError) detail(r *Realm, object *goja.Object) {
	r.define(object, "runId", r.rt.ToValue(e.RunID))
	r.define(object, "status", r.rt.ToValue(e.Status))
	list := make([]any, len(e.Errors))
	for i, failure := range e.Errors {
		one := r.rt.NewObject()
		_ = one.Set("task", failure.Task)
		_ = one.Set("message", failure.Message)
		_ = one.Set("stack", failure.Stack)
		list[i] = one
	}
	if len(e.Errors) > 0 && e.Errors[0].Task != "" {
		r.define(object, "task", r.rt.ToValue(e.Errors[0].Task))
	}
	r.define(object, "errors", r.rt.NewArray(list...))
}

// childCancelled is what engines say of a child run that was cancelled
// (hatchet-protocol.md section 8.2).
const childCancelled = "task was cancelled"

// ChildFailed is the failure of a child run of a durable task, of which the
// engine tells the first task's error only: what its worker reported.
func ChildFailed(runID, reported string) *RunFailedError {
	if reported == childCancelled {
		return &RunFailedError{RunID: runID, Status: StatusCancelled}
	}
	failed := &RunFailedError{RunID: runID, Status: StatusFailed}
	if reported != "" {
		failed.Errors = []TaskFailure{failureOf("", reported)}
	}
	return failed
}

// failureOf reads how a task failed out of what its worker reported: the JSON
// object {"message", "stack"}, a JSON string, or plain text
// (hatchet-protocol.md section 3.7).
func failureOf(task, reported string) TaskFailure {
	failure := TaskFailure{Task: task, Message: reported}
	trimmed := strings.TrimSpace(reported)
	if trimmed == "" {
		return failure
	}
	switch trimmed[0] {
	case '{':
		var object struct {
			Message *string `json:"message"`
			Stack   string  `json:"stack"`
		}
		if json.Unmarshal([]byte(trimmed), &object) == nil && object.Message != nil {
			failure.Message, failure.Stack = *object.Message, object.Stack
		}
	case '"':
		var text string
		if json.Unmarshal([]byte(trimmed), &text) == nil {
			failure.Message = text
		}
	}
	return failure
}

// outcome checks that a run completed.
func outcome(runID string, result *Result) error {
	if result.Status == StatusCompleted {
		return nil
	}
	failed := &RunFailedError{RunID: runID, Status: result.Status}
	for _, t := range result.Tasks {
		if t.Status == StatusFailed || t.Error != "" {
			failed.Errors = append(failed.Errors, failureOf(t.Name, t.Error))
		}
	}
	return failed
}

// outputs is what a completed run gave: the output of a standalone task, which
// has the name of its workflow, else an object of outputs by task.
func (r *Realm) outputs(name string, result *Result) (goja.Value, error) {
	all := r.rt.NewObject()
	var tasks []TaskResult
	for _, t := range result.Tasks {
		if t.Name != workflow.OnFailureTask && t.Status == StatusCompleted {
			tasks = append(tasks, t)
		}
	}
	for _, t := range tasks {
		output, err := r.output(t)
		if err != nil {
			return nil, err
		}
		if len(tasks) == 1 && strings.EqualFold(t.Name, name) {
			return output, nil
		}
		if err := all.DefineDataProperty(t.Name, output, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (r *Realm) output(t TaskResult) (goja.Value, error) {
	if len(t.Output) == 0 {
		return goja.Null(), nil
	}
	output, err := r.decoder.Decode(t.Output)
	if err != nil {
		return nil, fmt.Errorf("the output of task %q cannot be read: %w", t.Name, err)
	}
	return output, nil
}
