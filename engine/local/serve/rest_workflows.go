package serve

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
)

// workflow is Workflow.
type workflow struct {
	Metadata          meta              `json:"metadata"`
	Name              string            `json:"name"`
	Description       string            `json:"description"`
	IsPaused          bool              `json:"isPaused"`
	CronBehaviour     string            `json:"pausedWorkflowCronRunQueueBehavior,omitempty"`
	ScheduleBehaviour string            `json:"pausedWorkflowScheduledRunQueueBehavior,omitempty"`
	Versions          []workflowVersion `json:"versions,omitempty"`
	TenantID          string            `json:"tenantId"`
}

// workflowVersion is WorkflowVersionMeta, of the newest version only.
type workflowVersion struct {
	Metadata   meta   `json:"metadata"`
	Version    string `json:"version"`
	Order      int    `json:"order"`
	WorkflowID string `json:"workflowId"`
}

func (f *Faces) workflow(w core.WorkflowView) workflow {
	out := workflow{
		Metadata: meta{w.WorkflowID, w.CreatedAt, w.UpdatedAt}, Name: w.Name, Description: w.Definition.Description,
		TenantID: f.options.TenantID,
		Versions: []workflowVersion{{
			Metadata: meta{w.VersionID, w.UpdatedAt, w.UpdatedAt}, Version: w.Definition.Version, Order: w.Number, WorkflowID: w.WorkflowID,
		}},
	}
	if p := w.Pause; p != nil {
		out.IsPaused, out.CronBehaviour, out.ScheduleBehaviour = true, p.Crons, p.Scheduled
	}
	return out
}

// listWorkflows selects by a part of the name, in any case.
func (f *Faces) listWorkflows(r *http.Request) (any, error) {
	offset, limit, err := window(r.URL.Query())
	if err != nil {
		return nil, err
	}
	name := strings.ToLower(r.URL.Query().Get("name"))
	var all []core.WorkflowView
	err = f.engine.View(r.Context(), func(c *core.Core) {
		for _, w := range c.Workflows() {
			if strings.Contains(strings.ToLower(w.Name), name) {
				all = append(all, w)
			}
		}
	})
	return paged(mapped(page(all, offset, limit), f.workflow), offset, limit, len(all)), err
}

func (f *Faces) findWorkflow(r *http.Request) (core.WorkflowView, error) {
	id, err := pathID(r, "workflow")
	if err != nil {
		return core.WorkflowView{}, err
	}
	return look(f, r, fmt.Sprintf("workflow %s not found", id), func(c *core.Core) (core.WorkflowView, bool) {
		for _, w := range c.Workflows() {
			if w.WorkflowID == id {
				return w, true
			}
		}
		return core.WorkflowView{}, false
	})
}

func (f *Faces) getWorkflow(r *http.Request) (any, error) {
	found, err := f.findWorkflow(r)
	return f.workflow(found), err
}

// updateWorkflow pauses a workflow or lets it go on.
func (f *Faces) updateWorkflow(r *http.Request) (any, error) {
	found, err := f.findWorkflow(r)
	if err != nil {
		return nil, err
	}
	req, err := body[struct {
		Pause *struct {
			Action    string `json:"action"`
			Crons     string `json:"pausedWorkflowCronRunQueueBehavior"`
			Scheduled string `json:"pausedWorkflowScheduledRunQueueBehavior"`
			TTL       string `json:"pausedWorkflowQueueTTL"`
		} `json:"pause"`
	}](r)
	if err != nil {
		return nil, err
	}
	if req.Pause == nil {
		return f.workflow(found), nil
	}
	cmd := core.PauseWorkflow{WorkflowID: found.WorkflowID}
	switch req.Pause.Action {
	case "pause":
		cmd.Pause = &core.Pause{Crons: req.Pause.Crons, Scheduled: req.Pause.Scheduled, TTL: req.Pause.TTL}
	case "unpause":
	default:
		return nil, invalid("pause.action %q must be pause or unpause", req.Pause.Action)
	}
	changed, err := do[core.WorkflowView](r.Context(), f.engine, cmd)
	return f.workflow(changed), err
}

func (f *Faces) deleteWorkflow(r *http.Request) (any, error) {
	found, err := f.findWorkflow(r)
	if err != nil {
		return nil, err
	}
	_, err = f.engine.Do(r.Context(), core.DeleteWorkflow{WorkflowID: found.WorkflowID})
	return noContent{}, err
}

// concurrencySetting is ConcurrencySetting.
type concurrencySetting struct {
	MaxRuns        int32  `json:"maxRuns"`
	LimitStrategy  string `json:"limitStrategy"`
	Expression     string `json:"expression"`
	StepReadableID string `json:"stepReadableId,omitempty"`
	Scope          string `json:"scope"` // WORKFLOW or TASK
}

// getWorkflowVersion shows the newest version: WorkflowVersion.
func (f *Faces) getWorkflowVersion(r *http.Request) (any, error) {
	found, err := f.findWorkflow(r)
	if err != nil {
		return nil, err
	}
	if version := r.URL.Query().Get("version"); version != "" && version != found.VersionID {
		return nil, httpError{http.StatusNotFound, "version not found"}
	}
	d := found.Definition
	out := map[string]any{
		"metadata": meta{found.VersionID, found.UpdatedAt, found.UpdatedAt}, "version": d.Version, "order": found.Number,
		"workflowId": found.WorkflowID, "workflow": f.workflow(found), "defaultPriority": max(d.DefaultPriority, 1),
		"scheduleTimeout": "5m", "triggers": triggers(d), "v1Concurrency": concurrencySettings(d), "workflowConfig": json.RawMessage("{}"),
	}
	if d.Sticky != "" {
		out["sticky"] = strings.ToLower(string(d.Sticky))
	}
	if len(d.InputSchema) > 0 {
		out["inputJsonSchema"] = d.InputSchema
	}
	return out, nil
}

func triggers(d core.Definition) map[string]any {
	out := map[string]any{}
	if len(d.EventTriggers) > 0 {
		out["events"] = mapped(d.EventTriggers, func(key string) any { return map[string]string{"event_key": key} })
	}
	if len(d.CronTriggers) > 0 {
		out["crons"] = mapped(d.CronTriggers, func(cron string) any { return map[string]string{"cron": cron} })
	}
	return out
}

func concurrencySettings(d core.Definition) []concurrencySetting {
	out := []concurrencySetting{}
	add := func(limits []core.Concurrency, task, scope string) {
		for _, l := range limits {
			strategy := l.Strategy
			if strategy == "" {
				strategy = "CANCEL_IN_PROGRESS"
			}
			out = append(out, concurrencySetting{max(l.MaxRuns, 1), strategy, l.Expression, task, scope})
		}
	}
	for _, t := range d.Tasks {
		add(t.Concurrency, t.Name, "TASK")
	}
	add(d.Concurrency, "", "WORKFLOW")
	return out
}

// getTenant is the one tenant that there is.
func (f *Faces) getTenant(*http.Request) (any, error) {
	return map[string]any{
		"metadata": meta{ID: f.options.TenantID}, "name": "embedded", "slug": "embedded", "version": "V1", "environment": "local",
		"analyticsOptOut": true, "alertMemberEmails": false,
	}, nil
}

func (f *Faces) getVersion(*http.Request) (any, error) {
	return map[string]string{"version": f.options.Version}, nil
}
