package serve

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

var errNoRun = status.Error(codes.NotFound, "workflow run not found")

// taskSummary is V1TaskSummary, which stands for runs and for tasks.
type taskSummary struct {
	Metadata              meta            `json:"metadata"`
	ActionID              string          `json:"actionId,omitempty"`
	RetryCount            int32           `json:"retryCount"`
	Attempt               int32           `json:"attempt"`
	AdditionalMetadata    json.RawMessage `json:"additionalMetadata"`
	Children              []taskSummary   `json:"children,omitempty"`
	CreatedAt             time.Time       `json:"createdAt"`
	DisplayName           string          `json:"displayName"`
	Duration              *int64          `json:"duration,omitempty"` // milliseconds
	IsDurable             *bool           `json:"isDurable,omitempty"`
	ErrorMessage          string          `json:"errorMessage"`
	FinishedAt            *time.Time      `json:"finishedAt,omitempty"`
	Input                 json.RawMessage `json:"input"`
	NumSpawnedChildren    int             `json:"numSpawnedChildren"`
	Output                json.RawMessage `json:"output"`
	Status                core.Status     `json:"status"`
	IsEvicted             bool            `json:"isEvicted,omitempty"`
	StartedAt             *time.Time      `json:"startedAt,omitempty"`
	TaskExternalID        string          `json:"taskExternalId"`
	StepID                string          `json:"stepId,omitempty"`
	TaskID                uint64          `json:"taskId"` // 0 = of a run of several tasks
	TaskInsertedAt        time.Time       `json:"taskInsertedAt"`
	TenantID              string          `json:"tenantId"`
	Type                  string          `json:"type"` // DAG or TASK
	WorkflowID            string          `json:"workflowId"`
	WorkflowName          string          `json:"workflowName"`
	WorkflowRunExternalID string          `json:"workflowRunExternalId"`
	WorkflowVersionID     string          `json:"workflowVersionId"`
	ParentTaskExternalID  string          `json:"parentTaskExternalId,omitempty"`
	IdempotencyKey        string          `json:"idempotencyKey,omitempty"`
}

// summary shows a run as a whole.
func (f *Faces) summary(run core.RunView) taskSummary {
	s := taskSummary{
		Metadata:              meta{run.RunID, run.CreatedAt, run.CreatedAt},
		Attempt:               1,
		AdditionalMetadata:    rawOr(run.Metadata, "{}"),
		CreatedAt:             run.CreatedAt,
		DisplayName:           displayName(run.Workflow, run.CreatedAt),
		Duration:              duration(run.StartedAt, run.FinishedAt),
		FinishedAt:            timeOrNil(run.FinishedAt),
		Input:                 rawOr(run.Input, "{}"),
		Output:                rawOr(runOutput(run), "{}"),
		Status:                run.Status,
		IsEvicted:             run.Evicted,
		StartedAt:             timeOrNil(run.StartedAt),
		StepID:                uuid.Nil.String(),
		TaskExternalID:        run.RunID,
		TaskInsertedAt:        run.CreatedAt,
		IdempotencyKey:        run.IdempotencyKey,
		TenantID:              f.options.TenantID,
		Type:                  "DAG",
		WorkflowID:            run.WorkflowID,
		WorkflowName:          run.Workflow,
		WorkflowRunExternalID: run.RunID,
		WorkflowVersionID:     run.WorkflowVersionID,
		ParentTaskExternalID:  run.ParentTaskID,
	}
	f.addTasks(&s, run)
	return s
}

// addTasks adds to the summary of a run what it owes to its tasks.
func (f *Faces) addTasks(s *taskSummary, run core.RunView) {
	for _, task := range run.Tasks {
		if s.ErrorMessage == "" {
			s.ErrorMessage = task.Error
		}
		s.RetryCount = max(s.RetryCount, task.RetryCount)
		s.NumSpawnedChildren += task.Children
		if task.TaskID != run.RunID {
			s.Children = append(s.Children, f.taskSummary(run, task))
		}
	}
	if only, ok := single(run); ok {
		s.ActionID, s.IsDurable, s.Attempt = only.ActionID, &only.Durable, only.RetryCount+1
		s.StepID, s.TaskID = only.StepID, only.Number
	}
}

// single is the one task of a run whose id is that task's (hatchet-protocol.md
// section 6.2).
func single(run core.RunView) (core.TaskView, bool) {
	if len(run.Tasks) == 1 && run.Tasks[0].TaskID == run.RunID {
		return run.Tasks[0], true
	}
	return core.TaskView{}, false
}

// runOutput is the output of the task that completed last.
func runOutput(run core.RunView) []byte {
	var output []byte
	var last time.Time
	for _, task := range run.Tasks {
		if task.Status == core.Completed && !task.Skipped && !task.FinishedAt.Before(last) {
			output, last = task.Output, task.FinishedAt
		}
	}
	return output
}

func (f *Faces) taskSummary(run core.RunView, task core.TaskView) taskSummary {
	return taskSummary{
		Metadata:              meta{task.TaskID, task.CreatedAt, task.CreatedAt},
		ActionID:              task.ActionID,
		RetryCount:            task.RetryCount,
		Attempt:               task.RetryCount + 1,
		AdditionalMetadata:    rawOr(run.Metadata, "{}"),
		CreatedAt:             task.CreatedAt,
		DisplayName:           displayName(task.Name, task.CreatedAt),
		Duration:              duration(task.StartedAt, task.FinishedAt),
		IsDurable:             &task.Durable,
		ErrorMessage:          task.Error,
		FinishedAt:            timeOrNil(task.FinishedAt),
		Input:                 rawOr(run.Input, "{}"),
		Output:                rawOr(task.Output, "{}"),
		Status:                task.Status,
		IsEvicted:             task.Evicted,
		StartedAt:             timeOrNil(task.StartedAt),
		StepID:                task.StepID,
		TaskExternalID:        task.TaskID,
		TaskID:                task.Number,
		TaskInsertedAt:        task.CreatedAt,
		NumSpawnedChildren:    task.Children,
		IdempotencyKey:        run.IdempotencyKey,
		TenantID:              f.options.TenantID,
		Type:                  "TASK",
		WorkflowID:            run.WorkflowID,
		WorkflowName:          run.Workflow,
		WorkflowRunExternalID: run.RunID,
		WorkflowVersionID:     run.WorkflowVersionID,
		ParentTaskExternalID:  run.ParentTaskID,
	}
}

func duration(started, finished time.Time) *int64 {
	if started.IsZero() || finished.IsZero() {
		return nil
	}
	milliseconds := finished.Sub(started).Milliseconds()
	return &milliseconds
}

func displayName(name string, at time.Time) string {
	return name + "-" + strconv.FormatInt(at.UnixMilli(), 10)
}

// view looks at one run.
func (f *Faces) view(r *http.Request) (core.RunView, error) {
	id, err := pathID(r, "run")
	if err != nil {
		return core.RunView{}, err
	}
	var run core.RunView
	found := false
	if err := f.engine.View(r.Context(), func(c *core.Core) { run, found = c.Run(id) }); err != nil {
		return run, err
	}
	if !found {
		return run, errNoRun
	}
	return run, nil
}

// restRunDetails is V1WorkflowRunDetails.
type restRunDetails struct {
	Run        taskSummary   `json:"run"`
	TaskEvents []taskEvent   `json:"taskEvents"`
	Shape      []shapeItem   `json:"shape"`
	Tasks      []taskSummary `json:"tasks"`
}

// shapeItem is WorkflowRunShapeItemForWorkflowRunDetails.
type shapeItem struct {
	TaskExternalID  string   `json:"taskExternalId"`
	StepID          string   `json:"stepId"`
	ChildrenStepIDs []string `json:"childrenStepIds"`
	TaskName        string   `json:"taskName"`
}

func (f *Faces) getRun(r *http.Request) (any, error) {
	run, err := f.view(r)
	if err != nil {
		return nil, err
	}
	details := restRunDetails{Run: f.summary(run), TaskEvents: []taskEvent{}, Shape: []shapeItem{}, Tasks: []taskSummary{}}
	details.Run.Children = nil
	for _, task := range run.Tasks {
		details.Tasks = append(details.Tasks, f.taskSummary(run, task))
	}
	err = f.engine.View(r.Context(), func(c *core.Core) {
		details.Shape, details.TaskEvents = shape(c.Shape(run.RunID)), taskEvents(c, run.Tasks...)
	})
	return details, err
}

// shape draws the graph of a run's tasks.
func shape(items []core.ShapeItem) []shapeItem {
	return mapped(items, func(i core.ShapeItem) shapeItem {
		item := shapeItem{TaskExternalID: i.TaskID, StepID: i.StepID, TaskName: i.Name, ChildrenStepIDs: append([]string{}, i.Children...)}
		if item.TaskExternalID == "" {
			item.TaskExternalID = uuid.Nil.String() // there is none yet
		}
		return item
	})
}

func (f *Faces) getRunStatus(r *http.Request) (any, error) {
	run, err := f.view(r)
	return run.Status, err
}

// getRunShape is what SDKs ask for when a result was too large for the stream.
func (f *Faces) getRunShape(r *http.Request) (any, error) {
	run, err := f.view(r)
	if err != nil {
		return nil, err
	}
	var steps, stepRuns []map[string]any
	for _, task := range run.Tasks {
		id := map[string]any{"id": task.TaskID}
		steps = append(steps, map[string]any{"metadata": id, "readableId": task.Name})
		stepRun := map[string]any{"metadata": id, "stepId": task.TaskID, "status": task.Status, "output": string(task.Output)}
		if task.Status == core.Completed {
			stepRun["status"] = "SUCCEEDED" // this older part of the interface has its own words
		}
		if task.Error != "" {
			stepRun["error"] = task.Error
		}
		stepRuns = append(stepRuns, stepRun)
	}
	jobRun := map[string]any{"stepRuns": stepRuns, "job": map[string]any{"name": run.Workflow, "steps": steps}}
	return map[string]any{
		"metadata": meta{run.RunID, run.CreatedAt, run.CreatedAt}, "status": run.Status, "jobRuns": []any{jobRun},
	}, nil
}

type restTrigger struct {
	WorkflowName       string          `json:"workflowName"`
	Input              json.RawMessage `json:"input"`
	AdditionalMetadata json.RawMessage `json:"additionalMetadata"`
	Priority           *int32          `json:"priority"`
	ReturnOnlyID       bool            `json:"return_only_id"`
}

func (f *Faces) restTrigger(r *http.Request) (any, error) {
	req, err := body[restTrigger](r)
	if err != nil {
		return nil, err
	}
	if input := bytes.TrimSpace(req.Input); len(input) > 0 && input[0] != '{' && string(input) != "null" {
		return nil, invalid("input must be a JSON object")
	}
	ids, err := f.trigger(r.Context(), core.TriggerItem{
		Workflow: req.WorkflowName, Input: string(req.Input), Metadata: string(req.AdditionalMetadata), Priority: priority(req.Priority),
	})
	if err != nil {
		return nil, err
	}
	r.SetPathValue("run", ids[0])
	if req.ReturnOnlyID {
		return map[string]any{"run": map[string]any{"metadata": map[string]any{"id": ids[0]}}}, nil
	}
	return f.getRun(r)
}
