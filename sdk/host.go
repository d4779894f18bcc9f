package sdk

import (
	"context"
	"slices"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/bindings/value"
	"github.com/hatchet-js/hatchet-js-worker/engine/client"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker"
	"github.com/hatchet-js/hatchet-js-worker/sdk/tracing"
)

// host is what one attempt can ask of the world: its assignment and the client.
type host struct {
	worker     *Worker
	assignment *worker.Assignment
	attempt    *tracing.Attempt // nil = not traced
}

// invocation copies the fields of an assignment for the script side; nothing is
// decoded.
func (w *Worker) invocation(a *worker.Assignment, attempt *tracing.Attempt) *hatchet.Invocation {
	h := &host{worker: w, assignment: a, attempt: attempt}
	inv := &hatchet.Invocation{
		Action: a.ActionID, WorkflowRunID: a.WorkflowRunID, TaskRunID: a.TaskRunID, TaskName: a.TaskName,
		JobName: a.JobName, WorkflowID: a.WorkflowID, WorkflowVersionID: a.WorkflowVersionID,
		ParentWorkflowRunID: a.ParentWorkflowRunID, RetryCount: a.RetryCount, InvocationCount: a.InvocationCount,
		Priority: a.Priority, ChildIndex: a.ChildIndex, ChildKey: a.ChildKey,
		TriggeringEventID: a.TriggeringEventID, TriggeringEventKey: a.TriggeringEventKey,
		Payload: a.Payload, AdditionalMetadata: a.AdditionalMetadata,
		Host: h,
	}
	if b := a.Batch; b != nil {
		inv.Batch = &hatchet.Batch{ID: b.ID, Key: b.Key, Reason: b.Reason}
		for i := range b.Members {
			inv.Batch.Members = append(inv.Batch.Members, hatchet.BatchMember(b.Members[i]))
		}
	}
	if a.Durable != nil {
		inv.Payload = value.Ordered(a.Payload)
		inv.Durable = &replay{pass: a.Durable.Begin(), host: h}
	}
	return inv
}

func (h *host) Trigger(ctx context.Context, request hatchet.RunRequest) (string, error) {
	item := client.TriggerItem{Workflow: request.Workflow, Input: request.Input, Options: h.runOptions(request)}
	traced := h.worker.tracer.Trigger(h.attempt.Within(ctx), &item)
	id, err := h.worker.client.Trigger(ctx, item.Workflow, item.Input, item.Options)
	traced(err)
	return id, triggerError(err)
}

func (h *host) TriggerMany(ctx context.Context, requests []hatchet.RunRequest) ([]string, error) {
	items := h.triggerItems(requests)
	traced := h.worker.tracer.TriggerMany(h.attempt.Within(ctx), items)
	ids, err := h.worker.client.TriggerMany(ctx, items)
	traced(err)
	return ids, triggerError(err)
}

func (h *host) triggerItems(requests []hatchet.RunRequest) []client.TriggerItem {
	items := make([]client.TriggerItem, len(requests))
	for i, request := range requests {
		items[i] = client.TriggerItem{Workflow: request.Workflow, Input: request.Input, Options: h.runOptions(request)}
	}
	return items
}

// triggerError turns a collision into the error that scripts see.
func triggerError(err error) error {
	if runID, collided := client.Collision(err); collided {
		return &hatchet.IdempotencyCollisionError{RunID: runID}
	}
	return err
}

func (h *host) runOptions(request hatchet.RunRequest) client.RunOptions {
	options := client.RunOptions{
		AdditionalMetadata: request.AdditionalMetadata, Priority: request.Priority,
		DesiredWorkerID: request.DesiredWorkerID, WorkerLabels: request.WorkerLabels, Key: request.Key,
	}
	if request.Sticky && options.DesiredWorkerID == "" {
		options.DesiredWorkerID = h.assignment.WorkerID()
	}
	if request.Parent != nil {
		options.Parent = &client.Parent{
			WorkflowRunID: request.Parent.WorkflowRunID, TaskRunID: request.Parent.TaskRunID, ChildIndex: request.Parent.ChildIndex,
		}
	}
	return options
}

func (h *host) Result(ctx context.Context, runID string) (*hatchet.Result, error) {
	result, err := h.worker.client.Result(ctx, runID)
	if err != nil {
		return nil, err
	}
	return &hatchet.Result{Status: string(result.Status), Tasks: taskResults(result.Tasks)}, nil
}

func taskResults(found []client.TaskResult) []hatchet.TaskResult {
	tasks := make([]hatchet.TaskResult, len(found))
	for i, task := range found {
		tasks[i] = hatchet.TaskResult{
			Name: task.Name, TaskRunID: task.TaskRunID, Status: string(task.Status), Output: task.Output,
			Error: task.Error, Evicted: task.Evicted,
		}
	}
	return tasks
}

func (h *host) Status(ctx context.Context, runID string) (string, error) {
	details, err := h.worker.client.Details(ctx, runID)
	if err != nil {
		return "", err
	}
	return string(details.Status), nil
}

func (h *host) Cancel(ctx context.Context, ids ...string) error {
	if len(ids) == 1 && ids[0] == h.assignment.TaskRunID {
		return h.assignment.Cancel(ctx)
	}
	return h.worker.client.Cancel(ctx, ids...)
}

func (h *host) PushEvent(ctx context.Context, event hatchet.Event) (string, error) {
	pushed := clientEvent(event)
	traced := h.worker.tracer.Push(h.attempt.Within(ctx), &pushed)
	id, err := h.worker.client.PushEvent(ctx, pushed)
	traced(err)
	return id, err
}

func (h *host) BulkPushEvents(ctx context.Context, events []hatchet.Event) ([]string, error) {
	converted := make([]client.Event, len(events))
	for i, event := range events {
		converted[i] = clientEvent(event)
	}
	traced := h.worker.tracer.PushMany(h.attempt.Within(ctx), converted)
	ids, err := h.worker.client.BulkPushEvents(ctx, converted)
	traced(err)
	return ids, err
}

func clientEvent(event hatchet.Event) client.Event {
	return client.Event{
		Key: event.Key, Payload: event.Payload, AdditionalMetadata: event.AdditionalMetadata,
		Priority: event.Priority, Scope: event.Scope,
	}
}

func (h *host) RefreshTimeout(ctx context.Context, d time.Duration) error {
	_, err := h.assignment.RefreshTimeout(ctx, d)
	return err
}

func (h *host) ReleaseSlot(ctx context.Context) error { return h.assignment.ReleaseSlot(ctx) }

func (h *host) PutStream(ctx context.Context, index int64, chunk []byte) error {
	return h.worker.client.PutStreamEvent(ctx, h.assignment.TaskRunID, index, chunk)
}

func (h *host) Log(level hatchet.Level, message string, fields []byte) {
	if door := h.worker.door; door != nil {
		message = door.Redact(message)
		if len(fields) > 0 {
			fields = []byte(door.Redact(string(fields)))
		}
	}
	h.assignment.Log(string(level), message, fields, h.worker.clock.Now())
	h.worker.observer.tell(TaskLogged{Attempt: h.worker.attempt(h.assignment), Level: string(level), Message: message})
}

func (h *host) Worker() hatchet.Worker {
	return hatchet.Worker{
		ID: h.assignment.WorkerID(), Name: h.worker.options.Name, Tenant: h.worker.client.TenantID(), Labels: plainLabels(h.worker.worker.Labels()),
		Workflows: slices.Clone(h.worker.workflowNames()),
	}
}
