package sdk

import (
	"strings"

	"github.com/hatchet-js/hatchet-js-worker/engine/worker"
)

// observing turns what the engine's side of the worker tells into events.
type observing struct{ worker *Worker }

func (o observing) WorkerChanged(s worker.Status) {
	o.worker.observer.tell(WorkerState{
		State: string(s.State), Detail: s.Detail, WorkerID: s.WorkerID, Running: s.Running, Reporting: s.Reporting,
	})
}

func (o observing) TaskStarted(a *worker.Assignment) {
	o.worker.observer.tell(TaskStarted{o.worker.attempt(a)})
}

func (o observing) TaskParked(a *worker.Assignment) {
	o.worker.observer.tell(TaskParked{o.worker.attempt(a)})
}

func (o observing) TaskFinished(a *worker.Assignment, f worker.Finish) {
	event := TaskFinished{Attempt: o.worker.attempt(a), Outcome: string(f.Outcome), Took: f.Took}
	if f.Err != nil {
		event.Error, _, _ = strings.Cut(f.Err.Error(), "\n")
	}
	o.worker.observer.tell(event)
}

func (w *Worker) attempt(a *worker.Assignment) Attempt {
	name, _, _ := strings.Cut(a.ActionID, ":")
	attempt := Attempt{Workflow: name, Task: a.TaskName, RunID: a.WorkflowRunID, TaskRunID: a.TaskRunID, Number: a.RetryCount + 1}
	if b := a.Batch; b != nil {
		attempt.RunID, attempt.TaskRunID, attempt.Runs = b.Members[0].WorkflowRunID, b.Members[0].TaskRunID, len(b.Members)
	}
	return attempt
}
