package core

import (
	"encoding/json"
	"maps"
	"slices"
	"time"
)

type (
	scheduledState struct {
		ID        string     `json:"id"`
		Workflow  string     `json:"wf"`
		Version   string     `json:"version"`
		At        time.Time  `json:"at"`
		Input     string     `json:"input,omitempty"`
		Metadata  string     `json:"meta,omitempty"`
		Priority  int32      `json:"priority"`
		CreatedAt time.Time  `json:"created"`
		UpdatedAt time.Time  `json:"updated"`
		Timer     timerState `json:"timer"`
	}
	filterState struct {
		ID         string          `json:"id"`
		Scope      string          `json:"scope"`
		Expression string          `json:"expr"`
		Payload    json.RawMessage `json:"payload,omitempty"`
		Declared   bool            `json:"declared,omitempty"`
		CreatedAt  time.Time       `json:"created"`
		UpdatedAt  time.Time       `json:"updated"`
	}
	signalState struct {
		Key        string      `json:"key"`
		Conditions []Condition `json:"conditions"`
		Match      *matchState `json:"match,omitempty"`
		Data       []byte      `json:"data,omitempty"`
	}
)

func (c *Core) scheduledStates() []scheduledState {
	var out []scheduledState
	for k := c.toCome.head; k != nil; k = k.next {
		s := k.item
		out = append(out, scheduledState{
			ID: s.id, Workflow: s.workflow.name, Version: s.versionID, At: s.at, Input: s.input, Metadata: s.metadata,
			Priority: s.priority, CreatedAt: s.createdAt, UpdatedAt: s.updatedAt, Timer: s.timer.state(),
		})
	}
	return out
}

func (f *eventFilter) state() filterState {
	return filterState{
		ID: f.id, Scope: f.scope, Expression: f.expression, Payload: f.payload, Declared: f.declared,
		CreatedAt: f.createdAt, UpdatedAt: f.updatedAt,
	}
}

func (t *task) signalStates() []signalState {
	var out []signalState
	for _, key := range slices.Sorted(maps.Keys(t.signals)) {
		s := t.signals[key]
		x := signalState{Key: key, Conditions: s.conditions, Data: s.data}
		if s.match != nil {
			x.Match = s.match.state()
		}
		out = append(out, x)
	}
	return out
}

// triggers brings back what starts runs.
func (r *restorer) triggers(s *snapshot) {
	c := r.core
	for _, x := range s.Scheduled {
		w := c.workflows[x.Workflow]
		if w == nil {
			continue // it is deleted with its workflow
		}
		run := &scheduledRun{
			id: x.ID, workflow: w, versionID: x.Version, at: x.At, input: x.Input, metadata: x.Metadata, priority: x.Priority,
			createdAt: x.CreatedAt, updatedAt: x.UpdatedAt,
		}
		c.scheduled[run.id] = run
		c.toCome.push(&run.listed, run)
		c.rearm(&run.timer, x.Timer, run)
	}
	for i := range s.Webhooks {
		c.webhooks[s.Webhooks[i].Name] = &s.Webhooks[i]
	}
	if s.Deletions != nil {
		c.deletions = s.Deletions
	}
	c.events = s.Events
}

// filters brings back the filters of a workflow. Before version 2 a workflow had
// only those of its definition.
func (r *restorer) filters(w *workflow, s workflowState, version int) {
	c := r.core
	if version < 2 {
		c.declareFilters(w, w.newest)
		return
	}
	for _, x := range s.Filters {
		c.addFilter(&eventFilter{
			id: x.ID, workflow: w, scope: x.Scope, expression: x.Expression, payload: x.Payload, declared: x.Declared,
			createdAt: x.CreatedAt, updatedAt: x.UpdatedAt,
		})
	}
}

func (r *restorer) signals(t *task, states []signalState) {
	for _, x := range states {
		s := &signal{task: t, key: x.Key, conditions: x.Conditions, data: x.Data}
		if t.signals == nil {
			t.signals = map[string]*signal{}
		}
		t.signals[x.Key] = s
		if x.Match != nil {
			s.match = r.match(waitTemplate(x.Conditions), x.Match)
			s.match.signal = s
		}
	}
}
