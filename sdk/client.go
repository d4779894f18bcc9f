package sdk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/client"
	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/local"
	"github.com/hatchet-js/hatchet-js-worker/engine/transport"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
	"github.com/hatchet-js/hatchet-js-worker/sdk/tracing"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Statuses of runs and tasks, in Hatchet's words.
const (
	StatusQueued    = string(client.StatusQueued)
	StatusRunning   = string(client.StatusRunning)
	StatusCompleted = string(client.StatusCompleted)
	StatusFailed    = string(client.StatusFailed)
	StatusCancelled = string(client.StatusCancelled)
)

// OnFailureTask is the name under which engines know a workflow's onFailure.
const OnFailureTask = workflow.OnFailureTask

// IsStatus reports whether word is one of the statuses.
func IsStatus(word string) bool {
	return slices.Contains([]string{StatusQueued, StatusRunning, StatusCompleted, StatusFailed, StatusCancelled}, word)
}

// Run is one run with its tasks.
type Run struct {
	ID       string `json:"id"`
	Workflow string `json:"workflow"`
	Status   string `json:"status"`
	// Output is the task's output for a standalone task, else an object with
	// the output of each task under its name; null unless completed.
	Output json.RawMessage `json:"output"`
	// Error is the message of the task that failed first; "" if none did.
	Error string    `json:"error,omitempty"`
	Tasks []TaskRun `json:"tasks"`
}

// Decode decodes the run's output into output, unless that is nil. The error of a
// run that did not complete wraps [ErrRunFailed] and says why.
func (r *Run) Decode(output any) error {
	switch {
	case r.Status == StatusCompleted:
		return decode(r.Output, output, "the output of "+r.Workflow)
	case r.Error != "":
		return withKind(fmt.Errorf("run of %s: %s", r.Workflow, r.Error), ErrRunFailed)
	}
	return withKind(fmt.Errorf("run of %s is %s", r.Workflow, r.Status), ErrRunFailed)
}

// TaskRun is one task of a run.
type TaskRun struct {
	Name     string          `json:"name"`
	Status   string          `json:"status"`
	Attempts int             `json:"attempts,omitempty"` // 0 = not known, or none yet
	Output   json.RawMessage `json:"output,omitempty"`
	Error    string          `json:"error,omitempty"`
	Stack    string          `json:"stack,omitempty"`
}

// RunSummary is one run of a list. Times that have not come are zero.
type RunSummary struct {
	ID       string    `json:"id"`
	Workflow string    `json:"workflow"`
	Status   string    `json:"status"`
	Created  time.Time `json:"created"`
	Started  time.Time `json:"started,omitzero"`
	Finished time.Time `json:"finished,omitzero"`
	Error    string    `json:"error,omitempty"`
}

// RunFilter selects runs. Its zero value is the newest of the last 24 hours.
type RunFilter struct {
	Workflows          []string
	Statuses           []string
	Since, Until       time.Time
	AdditionalMetadata map[string]string
	Limit              int
}

// RunOptions of one run.
type RunOptions struct {
	AdditionalMetadata json.RawMessage // a JSON object; nil = none
	Priority           int             // 1..3; 0 = the workflow's own
}

// Event is one event to push.
type Event struct {
	Key                string
	Payload            json.RawMessage // a JSON object
	AdditionalMetadata json.RawMessage // a JSON object; nil = none
	Priority           int             // 1..3; 0 = none
	Scope              string
}

// ClientOptions of [WithClient].
type ClientOptions struct {
	Clock   clock.Clock  // nil = the real one
	Logger  *slog.Logger // nil = none
	Tracing Tracing      // where OpenTelemetry spans go
}

// Client asks an engine for things. Safe for concurrent use.
type Client struct {
	client    *client.Client
	clock     clock.Clock
	address   string
	namespace workflow.Namespace
	engine    *local.Engine // when it is in this process
	tracer    *tracing.Tracer
}

// WithClient connects to server, calls f and closes the connection. The errors
// of a client are ErrUnreachable, ErrUnauthorized, ErrNotFound or ErrConfig
// where that is what they mean.
func WithClient(ctx context.Context, server Server, options ClientOptions, f func(*Client) error) error {
	return withClient(ctx, server, options, nil, f)
}

// withClient is WithClient with what takes secrets out of spans; nil = it knows of
// none.
func withClient(ctx context.Context, server Server, options ClientOptions, redact func(string) string, f func(*Client) error) error {
	if options.Clock == nil {
		options.Clock = clock.Real()
	}
	return server.with(ctx, func(ctx context.Context, server Server) error {
		conn, err := server.dial(transport.Options{Clock: options.Clock, Logger: options.Logger})
		if err != nil {
			return err
		}
		defer conn.Close()
		inner := client.New(conn, client.Options{Clock: options.Clock, Logger: options.Logger, Namespace: server.namespace})
		running, stop := context.WithCancel(ctx)
		var group errgroup.Group
		group.Go(func() error { return inner.Run(running) })
		face := server.face(inner, options.Clock)
		face.tracer = tracing.New(options.Tracing, options.Clock, redact)
		err = f(face)
		stop()
		return classify(errors.Join(err, group.Wait()))
	})
}

// face is a client of the server as programs see it.
func (s Server) face(inner *client.Client, c clock.Clock) *Client {
	return &Client{client: inner, clock: c, address: s.Address(), namespace: s.namespace, engine: s.engine}
}

// Address is the gRPC host:port of the engine that the client talks to.
func (c *Client) Address() string { return c.address }

// Now is the time on the client's clock.
func (c *Client) Now() time.Time { return c.clock.Now() }

// Registered says whether the engine knows a workflow, with ErrNotFound if it
// surely does not. A server takes triggers of unknown workflows without a word
// (hatchet-protocol.md section 6.1), so whoever waits for the run should ask.
func (c *Client) Registered(ctx context.Context, workflow string) error {
	if c.engine != nil {
		return nil // refuses the trigger
	}
	_, err := c.client.WorkflowID(ctx, workflow)
	if errors.Is(err, client.ErrNotRegistered) {
		return withKind(err, ErrNotFound)
	}
	return nil
}

// Unserved waits for a while and reports whether by then no connected worker
// serves a workflow, so that a run of it waits. It is false when that cannot be
// found out, and at once when ctx ends.
func (c *Client) Unserved(ctx context.Context, workflow string, after time.Duration) bool {
	if c.engine != nil || after > 0 && clock.Sleep(ctx, c.clock, after) != nil {
		return false
	}
	served, err := c.client.Served(ctx, workflow)
	return err == nil && !served
}

// Trigger starts a run of a workflow and returns its id at once. The input is a
// JSON object when encoded; a [json.RawMessage] or []byte is one already, and nil
// stands for an empty one.
func (c *Client) Trigger(ctx context.Context, workflow string, input any, options RunOptions) (string, error) {
	text, err := encode(input)
	if err != nil {
		return "", withKind(fmt.Errorf("the input of %s: %w", workflow, err), ErrConfig)
	}
	item := client.TriggerItem{Workflow: workflow, Input: text, Options: client.RunOptions{
		AdditionalMetadata: options.AdditionalMetadata, Priority: options.Priority,
	}}
	traced := c.tracer.Trigger(ctx, &item)
	id, err := c.client.Trigger(ctx, item.Workflow, item.Input, item.Options)
	traced(err)
	if status.Code(err) == codes.InvalidArgument && strings.Contains(err.Error(), "workflow names not found") {
		return "", withKind(fmt.Errorf("workflow %q: %w", workflow, client.ErrNotRegistered), ErrNotFound)
	}
	err = classify(err)
	if _, sent := status.FromError(err); !sent && ctx.Err() == nil && !errors.Is(err, ErrUnreachable) && !errors.Is(err, ErrUnauthorized) {
		err = withKind(err, ErrConfig) // the request was refused before it was sent
	}
	return id, err
}

// Wait waits until a run is final. A run that failed is no error.
func (c *Client) Wait(ctx context.Context, id string) (*Run, error) {
	if _, err := c.client.Result(ctx, id); err != nil {
		return nil, classify(err)
	}
	return c.Run(ctx, id)
}

// RunAndWait is [Client.Trigger] and [Client.Wait].
func (c *Client) RunAndWait(ctx context.Context, workflow string, input any, options RunOptions) (*Run, error) {
	id, err := c.Trigger(ctx, workflow, input, options)
	if err != nil {
		return nil, err
	}
	return c.Wait(ctx, id)
}

// Fate waits until a run is final and tells its status and, if it failed, with
// what message. It asks for less than [Client.Wait].
func (c *Client) Fate(ctx context.Context, id string) (runStatus, message string, err error) {
	result, err := c.client.Result(ctx, id)
	if err != nil {
		return "", "", classify(err)
	}
	for _, task := range result.Tasks {
		if task.Status == client.StatusFailed {
			message, _ = client.ErrorText(task.Error)
			break
		}
	}
	return string(result.Status), message, nil
}

// Run tells where a run stands.
func (c *Client) Run(ctx context.Context, id string) (*Run, error) {
	details, err := c.client.Details(ctx, id)
	if status.Code(err) == codes.NotFound {
		return nil, withKind(fmt.Errorf("no run %s: %w", id, err), ErrNotFound)
	}
	if err != nil {
		return nil, classify(err)
	}
	run := &Run{ID: id, Status: string(details.Status), Tasks: make([]TaskRun, 0, len(details.Tasks))}
	for _, task := range details.Tasks {
		message, stack := client.ErrorText(task.Error)
		run.Tasks = append(run.Tasks, TaskRun{
			Name: task.Name, Status: string(task.Status), Output: task.Output, Error: message, Stack: stack,
		})
	}
	if err := c.describe(ctx, run); err != nil {
		return nil, classify(err)
	}
	run.finish()
	return run, nil
}

// finish composes the run's output and error from its tasks.
func (r *Run) finish() {
	for _, task := range r.Tasks {
		if task.Status == StatusFailed && r.Error == "" {
			r.Error = task.Name + ": " + task.Error
		}
	}
	if r.Status != StatusCompleted {
		return
	}
	if len(r.Tasks) == 1 && strings.EqualFold(r.Tasks[0].Name, r.Workflow) {
		r.Output = r.Tasks[0].Output
		return
	}
	outputs := make(map[string]json.RawMessage, len(r.Tasks))
	for _, task := range r.Tasks {
		if task.Name != workflow.OnFailureTask && len(task.Output) > 0 {
			outputs[task.Name] = task.Output
		}
	}
	r.Output, _ = json.Marshal(outputs) // raw JSON the engine has checked
}

// Runs lists runs, newest first.
func (c *Client) Runs(ctx context.Context, filter RunFilter) ([]RunSummary, error) {
	found, err := c.client.ListRuns(ctx, client.ListFilter{
		Workflows: filter.Workflows, Statuses: filter.statuses(), Since: filter.Since, Until: filter.Until,
		AdditionalMetadata: filter.AdditionalMetadata, Limit: filter.Limit,
	})
	if errors.Is(err, client.ErrNotRegistered) {
		return nil, withKind(err, ErrNotFound)
	}
	if err != nil {
		return nil, classify(err)
	}
	runs := make([]RunSummary, len(found))
	for i, run := range found {
		message := ""
		if run.Status != client.StatusCompleted { // the server keeps the error of an attempt that was retried
			message, _ = client.ErrorText(run.Error)
		}
		runs[i] = RunSummary{
			ID: run.ID, Workflow: run.Workflow, Status: string(run.Status), Created: run.CreatedAt,
			Started: run.StartedAt, Finished: run.FinishedAt, Error: message,
		}
	}
	return runs, nil
}

// Cancel asks the engine to cancel runs; what is final already stays as it is.
// The engine passes over ids that it does not know; they are ErrNotFound.
func (c *Client) Cancel(ctx context.Context, ids ...string) error {
	if err := c.client.Cancel(ctx, ids...); err != nil {
		return classify(err)
	}
	for _, id := range ids {
		if _, err := c.client.Details(ctx, id); status.Code(err) == codes.NotFound {
			return withKind(fmt.Errorf("no run %s: %w", id, err), ErrNotFound)
		}
	}
	return nil
}

// PushEvent pushes an event and returns its id.
func (c *Client) PushEvent(ctx context.Context, event Event) (string, error) {
	pushed := client.Event(event)
	traced := c.tracer.Push(ctx, &pushed)
	id, err := c.client.PushEvent(ctx, pushed)
	traced(err)
	return id, classify(err)
}

// ParseDuration reads a duration as scripts write it: 30s, 1h30m, 24h, 1d.
func ParseDuration(text string) (time.Duration, error) { return workflow.ParseDuration(text) }

// Now is the time on the real clock.
func Now() time.Time { return clock.Real().Now() }
