package sdk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker"
)

// Context is the run of a [Task]: its context, which ends with the attempt, and
// what Hatchet knows of it.
type Context struct {
	context.Context
	host     *host
	payload  nativePayload
	children int32 // started so far
	chunks   int64 // streamed so far
	log      *heldLines
}

// nativePayload are the fields of an assignment's payload that tasks of Go have
// a use for (hatchet-protocol.md section 4.1).
type nativePayload struct {
	Input   json.RawMessage            `json:"input"`
	Parents map[string]json.RawMessage `json:"parents"`
}

// WorkflowRunID is the id of the run that the task is part of.
func (c *Context) WorkflowRunID() string { return c.host.assignment.WorkflowRunID }

// TaskRunID is the id of the task in that run, the same in all its attempts.
func (c *Context) TaskRunID() string { return c.host.assignment.TaskRunID }

// Attempt counts the attempts of the task, from 1.
func (c *Context) Attempt() int { return c.host.assignment.RetryCount + 1 }

// AdditionalMetadata is the run's, a JSON object; nil if it has none.
func (c *Context) AdditionalMetadata() json.RawMessage {
	return c.host.assignment.AdditionalMetadata
}

// ParentOutput decodes what a parent of the task gave into output.
func (c *Context) ParentOutput(task string, output any) error {
	for name, text := range c.payload.Parents {
		if strings.EqualFold(name, task) {
			return decode(text, output, "the output of "+name)
		}
	}
	return fmt.Errorf("the task has no parent %q", task)
}

// Logger writes to the task's log, where the engine shows it. The attributes of a
// record are its fields.
func (c *Context) Logger() *slog.Logger { return slog.New(&taskLog{context: c}) }

// Client asks the engine for things. Runs that it triggers are none of the task's
// children, see [Context.Run].
func (c *Context) Client() *Client { return c.host.worker.clientFace() }

// Run starts a child run of a workflow, waits for it and decodes its output into
// output, unless that is nil. The input is a JSON object when encoded; nil stands
// for an empty one. The error wraps [ErrRunFailed] if the run did not complete.
func (c *Context) Run(workflow string, input, output any, options RunOptions) error {
	request, err := c.childRequest(workflow, input, options)
	if err != nil {
		return err
	}
	id, err := c.host.Trigger(c, request)
	if err != nil {
		return fmt.Errorf("run %s: %w", workflow, classify(err))
	}
	run, err := c.Client().Wait(c, id)
	if err != nil {
		return fmt.Errorf("run %s: %w", workflow, err)
	}
	return run.Decode(output)
}

func (c *Context) childRequest(workflow string, input any, options RunOptions) (hatchet.RunRequest, error) {
	text, err := encode(input)
	if err != nil {
		return hatchet.RunRequest{}, fmt.Errorf("run %s: the input: %w", workflow, err)
	}
	a := c.host.assignment
	request := hatchet.RunRequest{
		Workflow: workflow, Input: text, AdditionalMetadata: options.AdditionalMetadata, Priority: options.Priority,
		Parent: &hatchet.Parent{WorkflowRunID: a.WorkflowRunID, TaskRunID: a.TaskRunID, ChildIndex: c.children},
	}
	c.children++
	return request, nil
}

// PutStream sends one chunk of the task's stream, see [Client.Listen]. Durable
// tasks have none, for they would send what they sent before.
func (c *Context) PutStream(chunk []byte) error {
	if c.host.assignment.Durable != nil {
		return errors.New("a durable task has no stream")
	}
	c.chunks++
	return classify(c.host.PutStream(c, c.chunks-1, chunk))
}

// encode is a value as JSON; text that is JSON already stays as it is.
func encode(value any) (json.RawMessage, error) {
	switch v := value.(type) {
	case nil:
		return json.RawMessage("{}"), nil
	case json.RawMessage:
		return v, nil
	case []byte:
		return v, nil
	}
	return json.Marshal(value)
}

// decode reads JSON into a value, unless that is nil.
func decode(text json.RawMessage, value any, what string) error {
	if value == nil || len(text) == 0 {
		return nil
	}
	if err := json.Unmarshal(text, value); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// runNative runs one attempt of a task of Go.
func (w *Worker) runNative(ctx context.Context, t *NativeTask, a *worker.Assignment) (output []byte, err error) {
	attempt := w.tracer.Attempt(a)
	c := &Context{Context: attempt.Within(ctx), host: &host{worker: w, assignment: a, attempt: attempt}, log: &heldLines{}}
	d := &DurableContext{Context: c}
	if a.Durable != nil {
		d.log = &replay{pass: a.Durable.Begin(), host: c.host}
		c.log.log = d.log
	}
	defer func() {
		if x := recover(); x != nil {
			err = &worker.TaskError{Message: fmt.Sprintf("panic: %v", x), Stack: "Go stack:\n" + strings.TrimSpace(fromPanic(string(debug.Stack())))}
		}
		c.log.release()
		if d.parked {
			output, err = nil, worker.ErrParked
		}
	}()
	if err := json.Unmarshal(a.Payload, &c.payload); err != nil {
		return nil, &worker.TaskError{Message: "the payload cannot be read: " + err.Error(), NonRetryable: true, Cause: err}
	}
	value, err := t.call(d, c.payload.Input)
	if err == nil {
		output, err = json.Marshal(value)
	}
	if err != nil {
		var final *nonRetryable
		return nil, &worker.TaskError{Message: err.Error(), NonRetryable: errors.As(err, &final), Cause: err}
	}
	return output, nil
}
