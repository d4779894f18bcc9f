package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
)

// Status is the status of a run or a task, in Hatchet's words.
type Status string

const (
	StatusQueued    Status = "QUEUED"
	StatusRunning   Status = "RUNNING"
	StatusCompleted Status = "COMPLETED"
	StatusFailed    Status = "FAILED"
	StatusCancelled Status = "CANCELLED"
)

// Final reports whether the status can no longer change by itself.
func (s Status) Final() bool {
	return s == StatusCompleted || s == StatusFailed || s == StatusCancelled
}

// RunResult is the end of a run.
type RunResult struct {
	RunID  string
	Status Status // StatusCompleted, StatusFailed or StatusCancelled
	Tasks  []TaskResult
}

// TaskResult is what became of one task of a run, or where it stands.
type TaskResult struct {
	Name      string // readable id
	TaskRunID string
	Status    Status
	Output    json.RawMessage // nil unless completed
	// Error is the payload with which the task failed, verbatim; see
	// [ErrorText].
	Error   string
	Evicted bool // a durable task that waits and holds no slot
}

// RunError is a run that did not complete.
type RunError struct {
	Result *RunResult
}

// Error tells which tasks failed with what.
func (e *RunError) Error() string {
	if e.Result.Status == StatusCancelled {
		return fmt.Sprintf("run %s was cancelled", e.Result.RunID)
	}
	var tasks []string
	for _, t := range e.Result.Tasks {
		if t.Status == StatusFailed {
			message, _ := ErrorText(t.Error)
			tasks = append(tasks, t.Name+": "+message)
		}
	}
	return fmt.Sprintf("run %s failed: %s", e.Result.RunID, strings.Join(tasks, "; "))
}

// Err is a *RunError unless the run completed.
func (r *RunResult) Err() error {
	if r.Status == StatusCompleted {
		return nil
	}
	return &RunError{r}
}

// Task returns the result of the named task; nil if the run has none.
func (r *RunResult) Task(name string) *TaskResult {
	for i := range r.Tasks {
		if r.Tasks[i].Name == name {
			return &r.Tasks[i]
		}
	}
	return nil
}

// ErrorText reads the payload of a failure: workers send a JSON object with
// message and stack, a JSON string, or plain text (hatchet-protocol.md section
// 3.7).
func ErrorText(payload string) (message, stack string) {
	var object struct{ Message, Stack string }
	if err := json.Unmarshal([]byte(payload), &object); err == nil && object.Message != "" {
		return object.Message, object.Stack
	}
	if err := json.Unmarshal([]byte(payload), &message); err == nil {
		return message, ""
	}
	return payload, ""
}

// Result waits until a run is final and tells what became of it. It needs Run
// to be under way, survives lost connections and restarted servers, and ends
// with the cause of ctx. A run that failed is a result, not an error.
// hatchet-protocol.md section 6.5.
func (c *Client) Result(ctx context.Context, runID string) (*RunResult, error) {
	answer, err := c.results.await(ctx, runID, c.options.Clock.Now())
	switch {
	case err != nil:
		return nil, fmt.Errorf("result of run %s: %w", runID, err)
	case answer.details != nil:
		return answer.details.result(), nil
	}
	return c.settle(ctx, answer.event)
}

// settle makes a result of an event. An event does not tell everything: it has
// no results if they are too large for it, and what is neither an output nor an
// error could be several things. The server is then asked for the run's
// details.
func (c *Client) settle(ctx context.Context, event *contract.WorkflowRunEvent) (*RunResult, error) {
	result, certain := resultOf(event)
	if certain {
		return result, nil
	}
	details, err := c.finalDetails(ctx, event.WorkflowRunId)
	switch {
	case err == nil && len(details.Tasks) >= len(result.Tasks):
		return details.result(), nil
	case len(result.Tasks) > 0 && ctx.Err() == nil:
		return result, nil // the event alone tells less, and is right
	case err == nil:
		return nil, context.Cause(ctx)
	}
	return nil, fmt.Errorf("result of run %s: it is final, and its outputs cannot be fetched: %w", event.WorkflowRunId, err)
}

// finalDetails asks for the details of a run that is known to be final, a few
// times if they do not say so yet.
func (c *Client) finalDetails(ctx context.Context, runID string) (*RunDetails, error) {
	for wait := 100 * time.Millisecond; ; wait *= 2 {
		details, err := c.Details(ctx, runID)
		if err != nil || details.Done {
			return details, err
		}
		if wait > 2*time.Second {
			return nil, errors.New("its details still say that it is " + string(details.Status))
		}
		if err := clock.Sleep(ctx, c.options.Clock, wait); err != nil {
			return nil, err
		}
	}
}

// resultOf reads an event by the rules of hatchet-protocol.md section 6.5: an
// output is a success, an error a failure, an empty error a cancellation.
// certain is false where the details would tell more.
func resultOf(event *contract.WorkflowRunEvent) (result *RunResult, certain bool) {
	result = &RunResult{RunID: event.WorkflowRunId, Tasks: make([]TaskResult, len(event.Results))}
	certain = len(event.Results) > 0
	for i, r := range event.Results {
		t := TaskResult{Name: r.TaskName, TaskRunID: r.TaskRunExternalId}
		switch {
		case r.GetError() != "":
			t.Status, t.Error = StatusFailed, r.GetError()
		case r.Error != nil:
			t.Status, certain = StatusCancelled, false
		default:
			t.Status, t.Output = StatusCompleted, outputOf([]byte(r.GetOutput()))
			certain = certain && r.Output != nil
		}
		result.Tasks[i] = t
	}
	result.Status = statusOf(result.Tasks)
	return result, certain
}

// outputOf is the output of a completed task, null where it sent nothing.
func outputOf(output []byte) json.RawMessage {
	if len(bytes.TrimSpace(output)) == 0 {
		return json.RawMessage("null")
	}
	return output
}

// statusOf is a final run's status after the rule of hatchet-protocol.md
// section 6.6.
func statusOf(tasks []TaskResult) Status {
	has := func(s Status) bool {
		return slices.ContainsFunc(tasks, func(t TaskResult) bool { return t.Status == s })
	}
	switch {
	case has(StatusFailed):
		return StatusFailed
	case has(StatusCancelled):
		return StatusCancelled
	}
	return StatusCompleted
}

// RunDetails is where a run stands.
type RunDetails struct {
	RunID              string
	Status             Status
	Done               bool
	Evicted            bool // every task that is left is a durable one that waits
	Input              json.RawMessage
	AdditionalMetadata json.RawMessage
	Tasks              []TaskResult // by name
}

// Details tells where a run stands. The tasks of a run that is not final are
// QUEUED or RUNNING, whatever they are. An unknown id has the code NotFound,
// unless this client started the run a moment ago: then the server is asked
// until it knows it. hatchet-protocol.md section 6.6.
func (c *Client) Details(ctx context.Context, runID string) (*RunDetails, error) {
	var response *v1.GetRunDetailsResponse
	err := c.arrived(ctx, runID, func(ctx context.Context) (err error) {
		response, err = c.admin.GetRunDetails(ctx, &v1.GetRunDetailsRequest{ExternalId: runID})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("details of run %s: %w", runID, err)
	}
	return detailsOf(runID, response), nil
}

func detailsOf(runID string, response *v1.GetRunDetailsResponse) *RunDetails {
	details := &RunDetails{
		RunID: runID, Status: wireStatus(response.Status), Done: response.Done, Evicted: response.IsEvicted,
		Input: response.Input, AdditionalMetadata: response.AdditionalMetadata,
	}
	for name, task := range response.TaskRuns {
		t := TaskResult{
			Name: name, TaskRunID: task.ExternalId, Status: wireStatus(task.Status), Error: task.GetError(), Evicted: task.IsEvicted,
		}
		if t.Status == StatusCompleted {
			t.Output = outputOf(task.Output)
		}
		details.Tasks = append(details.Tasks, t)
	}
	slices.SortFunc(details.Tasks, func(a, b TaskResult) int { return strings.Compare(a.Name, b.Name) })
	return details
}

// wireStatus reads a status. EVICTED is not one of Hatchet's words for people:
// an evicted task counts as running.
func wireStatus(s v1.RunStatus) Status {
	if s == v1.RunStatus_EVICTED {
		return StatusRunning
	}
	return Status(s.String())
}

func (d *RunDetails) result() *RunResult {
	return &RunResult{RunID: d.RunID, Status: d.Status, Tasks: d.Tasks}
}

// ErrClosed is given to those who wait for a result when the client's Run ends.
var ErrClosed = errors.New("the client is closed")
