package core

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
)

// eventFilter lets events of its scope start runs of a workflow, or keeps them
// from it (hatchet-protocol.md section 7.2).
type eventFilter struct {
	id         string
	workflow   *workflow
	scope      string
	expression string
	payload    json.RawMessage
	declared   bool // by the definition
	createdAt  time.Time
	updatedAt  time.Time
}

// declareFilters replaces the filters of a definition by those of a newer one,
// if that has some.
func (c *Core) declareFilters(w *workflow, v *version) {
	if len(v.def.DefaultFilters) == 0 {
		return
	}
	c.dropFilters(w, func(f *eventFilter) bool { return f.declared })
	for i, f := range v.def.DefaultFilters {
		c.addFilter(&eventFilter{
			id: derive(v.id, "filter/"+strconv.Itoa(i)), workflow: w, scope: f.Scope, expression: f.Expression, payload: f.Payload,
			declared: true, createdAt: c.now, updatedAt: c.now,
		})
	}
}

func (c *Core) addFilter(f *eventFilter) {
	f.workflow.filters = append(f.workflow.filters, f)
	c.filters[f.id] = f
}

func (c *Core) dropFilters(w *workflow, match func(*eventFilter) bool) {
	w.filters = slices.DeleteFunc(w.filters, func(f *eventFilter) bool {
		if match(f) {
			delete(c.filters, f.id)
			return true
		}
		return false
	})
}

func (c *Core) createFilter(cmd *CreateFilter) (*FilterView, *Error) {
	w, err := c.workflowByID(cmd.WorkflowID)
	if err != nil {
		return nil, err
	}
	if err := firstError(
		func() *Error { return checkSeed(cmd.Seed) },
		func() *Error { return checkObject("payload", string(cmd.Payload)) },
	); err != nil {
		return nil, err
	}
	f := &eventFilter{
		id: derive(cmd.Seed, "filter"), workflow: w, scope: cmd.Scope, expression: cmd.Expression, payload: cmd.Payload,
		createdAt: c.now, updatedAt: c.now,
	}
	if err := f.checkUnique(); err != nil {
		return nil, err
	}
	c.addFilter(f)
	view := f.view()
	return &view, nil
}

// checkUnique refuses a filter that says the same as another.
func (f *eventFilter) checkUnique() *Error {
	for _, other := range f.workflow.filters {
		if other.id != f.id && other.scope == f.scope && other.expression == f.expression &&
			bytes.Equal(rawOr(other.payload, `{}`), rawOr(f.payload, `{}`)) {
			return errorf(InvalidArgument, "workflow %s has a filter with that scope, expression and payload already", f.workflow.name)
		}
	}
	return nil
}

func (c *Core) filterByID(id string) (*eventFilter, *Error) {
	if f := c.filters[id]; f != nil {
		return f, nil
	}
	return nil, errorf(NotFound, "filter not found: %s", id)
}

func (c *Core) updateFilter(cmd *UpdateFilter) (*FilterView, *Error) {
	f, err := c.filterByID(cmd.ID)
	if err != nil {
		return nil, err
	}
	if err := checkObject("payload", string(cmd.Payload)); err != nil {
		return nil, err
	}
	changed := *f
	if cmd.Scope != nil {
		changed.scope = *cmd.Scope
	}
	if cmd.Expression != nil {
		changed.expression = *cmd.Expression
	}
	if len(cmd.Payload) > 0 {
		changed.payload = cmd.Payload
	}
	if err := changed.checkUnique(); err != nil {
		return nil, err
	}
	changed.updatedAt = c.now
	*f = changed
	view := f.view()
	return &view, nil
}

func (c *Core) deleteFilter(cmd *DeleteFilter) (*FilterView, *Error) {
	f, err := c.filterByID(cmd.ID)
	if err != nil {
		return nil, err
	}
	c.dropFilters(f.workflow, func(other *eventFilter) bool { return other == f })
	view := f.view()
	return &view, nil
}

// FilterView is one event filter.
type FilterView struct {
	ID         string
	WorkflowID string
	Scope      string
	Expression string
	Payload    []byte // JSON object
	Declared   bool   // by the definition
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

func (f *eventFilter) view() FilterView {
	return FilterView{
		ID: f.id, WorkflowID: f.workflow.id, Scope: f.scope, Expression: f.expression, Payload: rawOr(f.payload, `{}`),
		Declared: f.declared, CreatedAt: f.createdAt, UpdatedAt: f.updatedAt,
	}
}

// Filters lists the event filters of the workflows and scopes, newest first;
// empty selects all.
func (c *Core) Filters(workflowIDs, scopes []string) []FilterView {
	out := []FilterView{}
	for _, w := range c.workflowList {
		if len(workflowIDs) > 0 && !slices.Contains(workflowIDs, w.id) {
			continue
		}
		for _, f := range w.filters {
			if len(scopes) == 0 || slices.Contains(scopes, f.scope) {
				out = append(out, f.view())
			}
		}
	}
	slices.SortStableFunc(out, func(a, b FilterView) int {
		if order := b.CreatedAt.Compare(a.CreatedAt); order != 0 {
			return order
		}
		return strings.Compare(a.ID, b.ID)
	})
	return out
}

// Filter gives an event filter by its id.
func (c *Core) Filter(id string) (FilterView, bool) {
	f := c.filters[id]
	if f == nil {
		return FilterView{}, false
	}
	return f.view(), true
}
