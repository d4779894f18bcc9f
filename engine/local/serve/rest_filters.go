package serve

import (
	"encoding/json"
	"net/http"

	"github.com/google/uuid"
	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
)

// restFilter is V1Filter.
type restFilter struct {
	Metadata      meta            `json:"metadata"`
	TenantID      string          `json:"tenantId"`
	WorkflowID    string          `json:"workflowId"`
	Scope         string          `json:"scope"`
	Expression    string          `json:"expression"`
	Payload       json.RawMessage `json:"payload"`
	IsDeclarative bool            `json:"isDeclarative"`
}

func (f *Faces) filter(v core.FilterView) restFilter {
	return restFilter{
		Metadata: meta{v.ID, v.CreatedAt, v.UpdatedAt}, TenantID: f.options.TenantID, WorkflowID: v.WorkflowID,
		Scope: v.Scope, Expression: v.Expression, Payload: v.Payload, IsDeclarative: v.Declared,
	}
}

// filterBody is V1CreateFilterRequest and V1UpdateFilterRequest.
type filterBody struct {
	WorkflowID *string         `json:"workflowId"`
	Expression *string         `json:"expression"`
	Scope      *string         `json:"scope"`
	Payload    json.RawMessage `json:"payload"`
}

func (f *Faces) createFilter(r *http.Request) (any, error) {
	req, err := body[filterBody](r)
	switch {
	case err != nil:
		return nil, err
	case req.WorkflowID == nil:
		return nil, missing("workflowId")
	case req.Scope == nil:
		return nil, missing("scope")
	case req.Expression == nil:
		return nil, missing("expression")
	}
	if err := checkUUID("workflowId", *req.WorkflowID); err != nil {
		return nil, err
	}
	payload, err := object("payload", req.Payload)
	if err != nil {
		return nil, err
	}
	made, err := do[core.FilterView](r.Context(), f.engine, core.CreateFilter{
		Seed: uuid.NewString(), WorkflowID: *req.WorkflowID, Scope: *req.Scope, Expression: *req.Expression, Payload: json.RawMessage(payload),
	})
	if err != nil {
		return nil, badRequest(err)
	}
	return f.filter(made), nil
}

// maxFilters is the limit of a list of filters that gives none.
const maxFilters = 20_000

func (f *Faces) listFilters(r *http.Request) (any, error) {
	values := r.URL.Query()
	offset, err := queryInt(values, "offset", 0)
	if err != nil {
		return nil, err
	}
	limit, err := queryInt(values, "limit", maxFilters)
	if err != nil {
		return nil, err
	}
	limit = max(limit, 1)
	var all []core.FilterView
	err = f.engine.View(r.Context(), func(c *core.Core) { all = c.Filters(values["workflowIds"], values["scopes"]) })
	return list[restFilter]{
		Rows: mapped(page(all, offset, limit), f.filter),
		// Here pages count from 0.
		Pagination: pagination{CurrentPage: offset / limit, NextPage: offset/limit + 1, NumPages: (len(all) + limit - 1) / limit},
	}, err
}

func (f *Faces) findFilter(r *http.Request) (core.FilterView, error) {
	id, err := pathID(r, "filter")
	if err != nil {
		return core.FilterView{}, err
	}
	return look(f, r, "not found", func(c *core.Core) (core.FilterView, bool) { return c.Filter(id) })
}

func (f *Faces) getFilter(r *http.Request) (any, error) {
	found, err := f.findFilter(r)
	return f.filter(found), err
}

func (f *Faces) updateFilter(r *http.Request) (any, error) {
	found, err := f.findFilter(r)
	if err != nil {
		return nil, err
	}
	req, err := body[filterBody](r)
	if err != nil {
		return nil, err
	}
	payload, err := object("payload", req.Payload)
	if err != nil {
		return nil, err
	}
	changed, err := do[core.FilterView](r.Context(), f.engine, core.UpdateFilter{
		ID: found.ID, Scope: req.Scope, Expression: req.Expression, Payload: json.RawMessage(payload),
	})
	return f.filter(changed), err
}

func (f *Faces) deleteFilter(r *http.Request) (any, error) {
	found, err := f.findFilter(r)
	if err != nil {
		return nil, err
	}
	gone, err := do[core.FilterView](r.Context(), f.engine, core.DeleteFilter{ID: found.ID})
	return f.filter(gone), err
}
