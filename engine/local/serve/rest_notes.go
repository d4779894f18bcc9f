package serve

import (
	"net/http"
	"slices"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
)

// taskEvent is V1TaskEvent.
type taskEvent struct {
	ID              uint64    `json:"id"`
	TaskID          string    `json:"taskId"`
	Timestamp       time.Time `json:"timestamp"`
	EventType       string    `json:"eventType"`
	Message         string    `json:"message"`
	ErrorMessage    string    `json:"errorMessage"`
	Output          string    `json:"output"`
	WorkerID        string    `json:"workerId,omitempty"`
	TaskDisplayName string    `json:"taskDisplayName"`
	RetryCount      int32     `json:"retryCount"`
	Attempt         int32     `json:"attempt"`
}

func newTaskEvent(task core.TaskView, n core.TaskNote) taskEvent {
	e := taskEvent{
		ID: n.ID, TaskID: n.TaskID, Timestamp: n.At, EventType: n.Kind, Message: n.Message, ErrorMessage: n.Error, WorkerID: n.WorkerID,
		TaskDisplayName: displayName(task.Name, task.CreatedAt), RetryCount: n.RetryCount, Attempt: n.RetryCount + 1,
	}
	if n.Kind == "FINISHED" && n.RetryCount == task.RetryCount {
		e.Output = string(task.Output)
	}
	return e
}

// taskEvents is the history of some tasks, newest first.
func taskEvents(c *core.Core, tasks ...core.TaskView) []taskEvent {
	out := []taskEvent{}
	for _, task := range tasks {
		for _, n := range c.TaskNotes(task.TaskID) {
			out = append(out, newTaskEvent(task, n))
		}
	}
	slices.SortFunc(out, func(a, b taskEvent) int { return int(int64(b.ID) - int64(a.ID)) })
	return out
}

func (f *Faces) listTaskEvents(r *http.Request) (any, error) {
	values := r.URL.Query()
	offset, err := queryInt(values, "offset", 0)
	if err != nil {
		return nil, err
	}
	limit, err := queryInt(values, "limit", maxLimit)
	if err != nil {
		return nil, err
	}
	rows := []taskEvent{}
	err = f.withTask(r, func(c *core.Core, _ core.RunView, task core.TaskView) {
		rows = page(taskEvents(c, task), offset, limit)
	})
	return map[string]any{"rows": rows, "pagination": struct{}{}}, err
}

func (f *Faces) listRunEvents(r *http.Request) (any, error) {
	run, err := f.view(r)
	if err != nil {
		return nil, err
	}
	rows := []taskEvent{}
	err = f.engine.View(r.Context(), func(c *core.Core) { rows = taskEvents(c, run.Tasks...) })
	return map[string]any{"rows": rows, "pagination": struct{}{}}, err
}

// listRunIDs is the list of runs without its limits, as ids alone.
func (f *Faces) listRunIDs(r *http.Request) (any, error) {
	l, err := parseListing(r.URL.Query())
	if err != nil {
		return nil, err
	}
	l.query.Offset, l.query.Limit, l.onlyTasks = 0, everyRun, false
	ids := []string{}
	err = f.engine.View(r.Context(), func(c *core.Core) {
		rows, _ := f.list(c, l)
		for _, row := range rows {
			ids = append(ids, row.WorkflowRunExternalID)
		}
	})
	return ids, err
}

// branchTask is v1.AdminService/BranchDurableTask over REST.
func (f *Faces) branchTask(r *http.Request) (any, error) {
	req, err := body[struct {
		TaskExternalID string `json:"taskExternalId"`
		NodeID         *int64 `json:"nodeId"`
		BranchID       *int64 `json:"branchId"`
	}](r)
	switch {
	case err != nil:
		return nil, err
	case req.NodeID == nil:
		return nil, missing("nodeId")
	case req.BranchID == nil:
		return nil, missing("branchId")
	}
	if err := checkUUID("taskExternalId", req.TaskExternalID); err != nil {
		return nil, err
	}
	reply, err := do[core.DurableBranchReply](r.Context(), f.engine,
		core.DurableBranch{TaskID: req.TaskExternalID, NodeID: *req.NodeID, BranchID: *req.BranchID})
	return map[string]any{"taskExternalId": reply.TaskID, "nodeId": reply.NodeID, "branchId": reply.BranchID}, err
}
