package serve

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
	"google.golang.org/grpc/codes"
)

// scheduled is ScheduledWorkflows. A scheduled run that has started is gone, so
// that what it says of the run is always empty.
type scheduled struct {
	Metadata             meta            `json:"metadata"`
	TenantID             string          `json:"tenantId"`
	WorkflowVersionID    string          `json:"workflowVersionId"`
	WorkflowID           string          `json:"workflowId"`
	WorkflowName         string          `json:"workflowName"`
	TriggerAt            time.Time       `json:"triggerAt"`
	Input                json.RawMessage `json:"input"`
	AdditionalMetadata   json.RawMessage `json:"additionalMetadata"`
	WorkflowRunCreatedAt time.Time       `json:"workflowRunCreatedAt"`
	WorkflowRunName      string          `json:"workflowRunName"`
	Method               string          `json:"method"`
	Priority             int32           `json:"priority"`
}

func (f *Faces) scheduled(v core.ScheduledView) scheduled {
	return scheduled{
		Metadata: meta{v.ID, v.CreatedAt, v.UpdatedAt}, TenantID: f.options.TenantID, WorkflowVersionID: v.VersionID,
		WorkflowID: v.WorkflowID, WorkflowName: v.Workflow, TriggerAt: v.At, Input: rawOr(v.Input, "{}"),
		AdditionalMetadata: rawOr(v.Metadata, "null"), Method: "API", Priority: v.Priority,
	}
}

func (f *Faces) createScheduled(r *http.Request) (any, error) {
	req, err := body[struct {
		plannedRun
		TriggerAt *time.Time `json:"triggerAt"`
	}](r)
	if err != nil {
		return nil, err
	}
	if req.TriggerAt == nil {
		return nil, missing("triggerAt")
	}
	input, metadata, err := req.payload()
	if err != nil {
		return nil, err
	}
	reply, err := do[core.ScheduleRunsReply](r.Context(), f.engine, core.ScheduleRuns{
		Seed: uuid.NewString(), Workflow: r.PathValue("workflow"), Times: []time.Time{*req.TriggerAt},
		Input: input, Metadata: metadata, Priority: priority(req.Priority),
	})
	if err != nil {
		return nil, badRequest(err)
	}
	return f.scheduled(reply.Scheduled[0]), nil
}

// badRequest answers 400 also for what is not found: the name of a workflow in a
// path is no resource.
func badRequest(err error) error {
	if refusal, ok := err.(*core.Error); ok && refusal.Code == core.Code(codes.NotFound) {
		return httpError{http.StatusBadRequest, refusal.Message}
	}
	return err
}

func (f *Faces) listScheduled(r *http.Request) (any, error) {
	values := r.URL.Query()
	offset, limit, err := window(values)
	if err != nil {
		return nil, err
	}
	order, err := parseOrder(values, "triggerAt", "createdAt")
	if err != nil {
		return nil, err
	}
	query := core.ScheduledQuery{WorkflowID: values.Get("workflowId"), ByCreation: order.field == "createdAt", Ascending: order.ascending}
	if query.Metadata, err = metadataPairs(values["additionalMetadata"]); err != nil {
		return nil, err
	}
	var all []core.ScheduledView
	if err := f.engine.View(r.Context(), func(c *core.Core) { all = c.Scheduled(query) }); err != nil {
		return nil, err
	}
	statuses := values["statuses"]
	// What has started is gone, and none belongs to a parent.
	if len(statuses) > 0 && !slices.Contains(statuses, "SCHEDULED") || values.Get("parentStepRunId") != "" || values.Get("parentWorkflowRunId") != "" {
		all = nil
	}
	return paged(mapped(page(all, offset, limit), f.scheduled), offset, limit, len(all)), nil
}

const noScheduled = "scheduled workflow run not found"

func (f *Faces) findScheduled(r *http.Request) (core.ScheduledView, error) {
	id, err := pathID(r, "scheduled")
	if err != nil {
		return core.ScheduledView{}, err
	}
	return look(f, r, noScheduled, func(c *core.Core) (core.ScheduledView, bool) { return c.ScheduledRun(id) })
}

func (f *Faces) getScheduled(r *http.Request) (any, error) {
	found, err := f.findScheduled(r)
	return f.scheduled(found), err
}

func (f *Faces) updateScheduled(r *http.Request) (any, error) {
	found, err := f.findScheduled(r)
	if err != nil {
		return nil, err
	}
	req, err := body[struct {
		TriggerAt *time.Time `json:"triggerAt"`
	}](r)
	if err != nil {
		return nil, err
	}
	if req.TriggerAt == nil {
		return nil, missing("triggerAt")
	}
	cmd := core.RescheduleRuns{Updates: []core.Reschedule{{ID: found.ID, At: *req.TriggerAt}}}
	reply, err := do[core.ScheduledReply](r.Context(), f.engine, cmd)
	if err != nil {
		return nil, err
	}
	if len(reply.Unknown) > 0 {
		return nil, httpError{http.StatusBadRequest, "Scheduled run has already been triggered and cannot be rescheduled."}
	}
	found.At, found.UpdatedAt = req.TriggerAt.UTC(), f.clock.Now().UTC()
	return f.scheduled(found), nil
}

func (f *Faces) deleteScheduled(r *http.Request) (any, error) {
	found, err := f.findScheduled(r)
	if err != nil {
		return nil, err
	}
	_, err = f.engine.Do(r.Context(), core.UnscheduleRuns{IDs: []string{found.ID}})
	return noContent{}, err
}

// bulkError is ScheduledWorkflowsBulkError.
type bulkError struct {
	ID    string `json:"id"`
	Error string `json:"error"`
}

func bulkErrors(ids []string, text string) []bulkError {
	return mapped(ids, func(id string) bulkError { return bulkError{id, text} })
}

// maxBulkScheduled is how many ids or updates one request may have.
const maxBulkScheduled = 500

func (f *Faces) bulkDeleteScheduled(r *http.Request) (any, error) {
	req, err := body[struct {
		IDs    []string `json:"scheduledWorkflowRunIds"`
		Filter *struct {
			WorkflowID          string   `json:"workflowId"`
			ParentWorkflowRunID string   `json:"parentWorkflowRunId"`
			ParentStepRunID     string   `json:"parentStepRunId"`
			AdditionalMetadata  []string `json:"additionalMetadata"`
		} `json:"filter"`
	}](r)
	switch {
	case err != nil:
		return nil, err
	case len(req.IDs) > 0 && req.Filter != nil:
		return nil, httpError{http.StatusBadRequest, "Provide either scheduledWorkflowRunIds or filter, not both."}
	case len(req.IDs) == 0 && req.Filter == nil:
		return nil, httpError{http.StatusBadRequest, "Provide scheduledWorkflowRunIds or filter."}
	case len(req.IDs) > maxBulkScheduled:
		return nil, invalid("scheduledWorkflowRunIds has %d ids, at most %d are admitted", len(req.IDs), maxBulkScheduled)
	}
	if err := checkUUIDs("scheduledWorkflowRunIds", req.IDs); err != nil {
		return nil, err
	}
	ids := req.IDs
	if q := req.Filter; q != nil && q.ParentWorkflowRunID == "" && q.ParentStepRunID == "" {
		if ids, err = f.selectScheduled(r, core.ScheduledQuery{WorkflowID: q.WorkflowID, Metadata: q.AdditionalMetadata}); err != nil {
			return nil, err
		}
	}
	reply, err := do[core.ScheduledReply](r.Context(), f.engine, core.UnscheduleRuns{IDs: ids})
	return map[string]any{
		"deletedIds": append([]string{}, reply.Done...), "errors": bulkErrors(reply.Unknown, "Failed to delete scheduled workflow."),
	}, err
}

func (f *Faces) selectScheduled(r *http.Request, q core.ScheduledQuery) (ids []string, err error) {
	if q.Metadata, err = metadataPairs(q.Metadata); err != nil {
		return nil, err
	}
	err = f.engine.View(r.Context(), func(c *core.Core) {
		for _, s := range c.Scheduled(q) {
			ids = append(ids, s.ID)
		}
	})
	return ids, err
}

func (f *Faces) bulkUpdateScheduled(r *http.Request) (any, error) {
	req, err := body[struct {
		Updates []struct {
			ID        string     `json:"id"`
			TriggerAt *time.Time `json:"triggerAt"`
		} `json:"updates"`
	}](r)
	if err != nil {
		return nil, err
	}
	if n := len(req.Updates); n > maxBulkScheduled {
		return nil, invalid("updates has %d entries, at most %d are admitted", n, maxBulkScheduled)
	}
	cmd := core.RescheduleRuns{}
	for _, u := range req.Updates {
		if err := checkUUID("updates.id", u.ID); err != nil {
			return nil, err
		}
		if u.TriggerAt == nil {
			return nil, missing("updates.triggerAt")
		}
		cmd.Updates = append(cmd.Updates, core.Reschedule{ID: u.ID, At: *u.TriggerAt})
	}
	reply, err := do[core.ScheduledReply](r.Context(), f.engine, cmd)
	return map[string]any{
		"updatedIds": append([]string{}, reply.Done...), "errors": bulkErrors(reply.Unknown, "Scheduled workflow not found."),
	}, err
}

// plannedRun is what the requests for scheduled runs and for crons say of the
// runs that they start.
type plannedRun struct {
	Input              json.RawMessage `json:"input"`
	AdditionalMetadata json.RawMessage `json:"additionalMetadata"`
	Priority           *int32          `json:"priority"`
}

func (p plannedRun) payload() (input, metadata string, err error) {
	if input, err = object("input", p.Input); err == nil {
		metadata, err = object("additionalMetadata", p.AdditionalMetadata)
	}
	return input, metadata, err
}
