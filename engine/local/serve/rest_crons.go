package serve

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
)

// restCron is CronWorkflows.
type restCron struct {
	Metadata           meta            `json:"metadata"`
	TenantID           string          `json:"tenantId"`
	WorkflowVersionID  string          `json:"workflowVersionId"`
	WorkflowID         string          `json:"workflowId"`
	WorkflowName       string          `json:"workflowName"`
	Cron               string          `json:"cron"`
	Name               string          `json:"name"`
	Input              json.RawMessage `json:"input"`
	AdditionalMetadata json.RawMessage `json:"additionalMetadata"`
	Enabled            bool            `json:"enabled"`
	Method             string          `json:"method"` // API or DEFAULT
	Priority           int32           `json:"priority"`
}

func (f *Faces) cron(v core.CronView) restCron {
	method := "DEFAULT"
	if v.Made {
		method = "API"
	}
	return restCron{
		Metadata: meta{v.ID, v.CreatedAt, v.CreatedAt}, TenantID: f.options.TenantID, WorkflowVersionID: v.VersionID,
		WorkflowID: v.WorkflowID, WorkflowName: v.Workflow, Cron: v.Expression, Name: v.Name, Input: rawOr(v.Input, "{}"),
		AdditionalMetadata: rawOr(v.Metadata, "null"), Enabled: v.Enabled, Method: method, Priority: v.Priority,
	}
}

func (f *Faces) createCron(r *http.Request) (any, error) {
	req, err := body[struct {
		plannedRun
		CronName       *string `json:"cronName"`
		CronExpression *string `json:"cronExpression"`
	}](r)
	switch {
	case err != nil:
		return nil, err
	case req.CronName == nil:
		return nil, missing("cronName")
	case req.CronExpression == nil:
		return nil, missing("cronExpression")
	}
	input, metadata, err := req.payload()
	if err != nil {
		return nil, err
	}
	made, err := do[core.CronView](r.Context(), f.engine, core.CreateCron{
		Seed: uuid.NewString(), Workflow: r.PathValue("workflow"), Name: *req.CronName, Expression: *req.CronExpression,
		Input: input, Metadata: metadata, Priority: priority(req.Priority),
	})
	return f.cron(made), err
}

func (f *Faces) listCrons(r *http.Request) (any, error) {
	values := r.URL.Query()
	offset, limit, err := window(values)
	if err != nil {
		return nil, err
	}
	order, err := parseOrder(values, "createdAt", "name")
	if err != nil {
		return nil, err
	}
	pairs, err := metadataPairs(values["additionalMetadata"])
	if err != nil {
		return nil, err
	}
	var all []core.CronView
	if err := f.engine.View(r.Context(), func(c *core.Core) { all = c.Crons() }); err != nil {
		return nil, err
	}
	is := func(name, value string) bool { return values.Get(name) == "" || values.Get(name) == value }
	all = slices.DeleteFunc(all, func(v core.CronView) bool {
		return !is("workflowId", v.WorkflowID) || !is("workflowName", v.Workflow) || !is("cronName", v.Name) || !hasEvery(v.Metadata, pairs)
	})
	slices.SortStableFunc(all, func(a, b core.CronView) int { return order.crons(a, b) })
	return paged(mapped(page(all, offset, limit), f.cron), offset, limit, len(all)), nil
}

// crons compares by creation or, as "name", by the name of the workflow.
func (o ordering) crons(a, b core.CronView) int {
	order := a.CreatedAt.Compare(b.CreatedAt)
	if o.field == "name" {
		order = strings.Compare(a.Workflow, b.Workflow)
	}
	if !o.ascending {
		order = -order
	}
	return cmp.Or(order, strings.Compare(a.ID, b.ID))
}

// hasEvery says whether metadata has all "key:value" pairs.
func hasEvery(metadata []byte, pairs []string) bool {
	return !slices.ContainsFunc(pairs, func(pair string) bool { return !hasAny(metadata, []string{pair}) })
}

func (f *Faces) findCron(r *http.Request) (core.CronView, error) {
	id, err := pathID(r, "cron")
	if err != nil {
		return core.CronView{}, err
	}
	return look(f, r, "cron workflow not found", func(c *core.Core) (core.CronView, bool) { return c.Cron(id) })
}

func (f *Faces) getCron(r *http.Request) (any, error) {
	found, err := f.findCron(r)
	return f.cron(found), err
}

func (f *Faces) updateCron(r *http.Request) (any, error) {
	found, err := f.findCron(r)
	if err != nil {
		return nil, err
	}
	req, err := body[struct {
		Enabled *bool `json:"enabled"`
	}](r)
	if err != nil {
		return nil, err
	}
	_, err = f.engine.Do(r.Context(), core.UpdateCron{ID: found.ID, Enabled: req.Enabled})
	return noContent{}, err
}

func (f *Faces) deleteCron(r *http.Request) (any, error) {
	found, err := f.findCron(r)
	if err != nil {
		return nil, err
	}
	_, err = f.engine.Do(r.Context(), core.DeleteCron{ID: found.ID})
	return noContent{}, err
}
