package fakeengine

import (
	"slices"

	"github.com/google/uuid"
	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"google.golang.org/protobuf/proto"
)

// Newest returns the worker that registered last and is still known.
func (e *Engine) Newest() (Worker, bool) {
	all := e.Workers()
	if len(all) == 0 {
		return Worker{}, false
	}
	return all[len(all)-1], true
}

// Workers returns the known workers in the order of their registration.
func (e *Engine) Workers() []Worker {
	e.mu.Lock()
	defer e.mu.Unlock()
	var out []Worker
	for _, w := range e.order {
		if e.workers[w.ID] == w {
			out = append(out, *w)
		}
	}
	return out
}

// Listening reports whether a worker has a stream, and whether it was opened
// with the older call.
func (e *Engine) Listening(workerID string) (open, old bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if w := e.workers[workerID]; w != nil && len(w.streams) > 0 {
		return true, w.streams[len(w.streams)-1].old
	}
	return false, false
}

// EndStreams ends the streams of a worker as if the engine had lost them.
func (e *Engine) EndStreams(workerID string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if w := e.workers[workerID]; w != nil {
		w.closeStreams()
	}
}

// HideStreams makes the engine lose sight of a worker's streams, which stay
// open.
func (e *Engine) HideStreams(workerID string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if w := e.workers[workerID]; w != nil {
		w.streams = nil
	}
}

// Workflows returns what was registered, in order.
func (e *Engine) Workflows() []*v1.CreateWorkflowVersionRequest {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.workflows)
}

// Journal returns all reports in the order of arrival.
func (e *Engine) Journal() []Entry {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.journal)
}

// Events returns the reports of one kind about a task.
func (e *Engine) Events(task string, kind contract.StepActionEventType) []*contract.StepActionEvent {
	var out []*contract.StepActionEvent
	for _, entry := range e.Journal() {
		if entry.Event != nil && entry.Event.TaskRunExternalId == task && entry.Event.EventType == kind {
			out = append(out, entry.Event)
		}
	}
	return out
}

// Logs returns the log lines of a task.
func (e *Engine) Logs(task string) []*contract.PutLogRequest {
	var out []*contract.PutLogRequest
	for _, entry := range e.Journal() {
		if entry.Log != nil && entry.Log.TaskRunExternalId == task {
			out = append(out, entry.Log)
		}
	}
	return out
}

// End waits for the COMPLETED or FAILED report about a task.
func (e *Engine) End(task string) *contract.StepActionEvent {
	e.t.Helper()
	var end *contract.StepActionEvent
	Until(e.t, "the end of task "+task, func() bool {
		for _, kind := range []contract.StepActionEventType{completed, failed} {
			if events := e.Events(task, kind); len(events) > 0 {
				end = events[0]
			}
		}
		return end != nil
	})
	return end
}

const (
	completed = contract.StepActionEventType_STEP_EVENT_TYPE_COMPLETED
	failed    = contract.StepActionEventType_STEP_EVENT_TYPE_FAILED
)

// Requeued returns the tasks that RestoreEvictedTask was called for.
func (e *Engine) Requeued() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.requeued)
}

// Action is a START_STEP_RUN with fresh ids for a task of a workflow.
func Action(workflow, task string) *contract.AssignedAction {
	id := uuid.NewString()
	return &contract.AssignedAction{
		TenantId: uuid.NewString(), WorkflowRunId: uuid.NewString(), JobId: uuid.NewString(), JobName: task,
		JobRunId: id, TaskId: uuid.NewString(), TaskRunExternalId: id, ActionId: workflow + ":" + task,
		ActionType: contract.ActionType_START_STEP_RUN, ActionPayload: `{"input":{}}`, TaskName: task, Priority: 1,
		WorkflowId: proto.String(uuid.NewString()), WorkflowVersionId: proto.String(uuid.NewString()),
	}
}

// Durable makes an action one of a durable task.
func Durable(action *contract.AssignedAction, invocation int32) *contract.AssignedAction {
	action.DurableTaskInvocationCount = &invocation
	return action
}

// Cancellation is the CANCEL_STEP_RUN of an action.
func Cancellation(of *contract.AssignedAction) *contract.AssignedAction {
	cancel := proto.Clone(of).(*contract.AssignedAction)
	cancel.ActionType, cancel.ActionPayload = contract.ActionType_CANCEL_STEP_RUN, ""
	return cancel
}

// Retry is an action of the same task with a retry count.
func Retry(of *contract.AssignedAction, retry int32) *contract.AssignedAction {
	again := proto.Clone(of).(*contract.AssignedAction)
	again.RetryCount = retry
	return again
}
