package core

import (
	"slices"
	"time"
)

// eventRecord is a pushed event as lists show it.
type eventRecord struct {
	ID       string     `json:"id"`
	Key      string     `json:"key"`
	Payload  []byte     `json:"payload,omitempty"`
	Metadata []byte     `json:"meta,omitempty"`
	Scope    string     `json:"scope,omitempty"`
	Webhook  string     `json:"webhook,omitempty"` // that it came through
	At       time.Time  `json:"at"`
	Runs     []EventRun `json:"runs,omitempty"`
}

// EventRun is a run that an event started.
type EventRun struct {
	RunID    string `json:"run"`
	FilterID string `json:"filter,omitempty"` // "" = the workflow had no filter
}

// record keeps an event for lists, and drops the oldest beyond maxHistory.
func (c *Core) record(e *UserEvent, id string) *eventRecord {
	if len(c.events) >= maxHistory {
		c.events = slices.Delete(c.events, 0, maxHistory/10)
	}
	r := &eventRecord{
		ID: id, Key: e.Key, Payload: rawOrNil(e.Payload), Metadata: rawOrNil(e.Metadata), Scope: e.Scope, Webhook: e.Webhook, At: c.now,
	}
	c.events = append(c.events, r)
	return r
}

// EventView is one of the newest events.
type EventView struct {
	ID       string
	Key      string
	Payload  []byte // nil = none
	Metadata []byte // nil = none
	Scope    string
	Webhook  string // the webhook that it came through; "" = none
	At       time.Time
	Runs     []EventRun
}

func (r *eventRecord) view() EventView {
	return EventView{
		ID: r.ID, Key: r.Key, Payload: r.Payload, Metadata: r.Metadata, Scope: r.Scope, Webhook: r.Webhook, At: r.At,
		Runs: slices.Clone(r.Runs),
	}
}

// EventQuery selects events. Empty parts select everything.
type EventQuery struct {
	Since, Until time.Time
	IDs          []string
	Keys         []string
	Scopes       []string
	WorkflowIDs  []string // of runs that the event started
	Statuses     []Status // of runs that the event started
	Metadata     []string // "key:value" pairs, all are required
}

// Events lists the kept events that q selects, newest first.
func (c *Core) Events(q EventQuery) []EventView {
	out := []EventView{}
	for _, r := range slices.Backward(c.events) {
		if q.selects(r) && q.selectsRuns(c, r) {
			out = append(out, r.view())
		}
	}
	return out
}

func (q *EventQuery) selects(r *eventRecord) bool {
	return !r.At.Before(q.Since) && (q.Until.IsZero() || !r.At.After(q.Until)) &&
		(len(q.IDs) == 0 || slices.Contains(q.IDs, r.ID)) &&
		(len(q.Keys) == 0 || slices.Contains(q.Keys, r.Key)) &&
		(len(q.Scopes) == 0 || slices.Contains(q.Scopes, r.Scope)) &&
		hasAll(r.Metadata, q.Metadata)
}

// selectsRuns says whether the event started a run that is wanted.
func (q *EventQuery) selectsRuns(c *Core, r *eventRecord) bool {
	if len(q.WorkflowIDs)+len(q.Statuses) == 0 {
		return true
	}
	return slices.ContainsFunc(r.Runs, func(e EventRun) bool {
		run := c.runs[e.RunID]
		return run != nil && (len(q.WorkflowIDs) == 0 || slices.Contains(q.WorkflowIDs, run.version.workflow.id)) &&
			(len(q.Statuses) == 0 || slices.Contains(q.Statuses, run.shown()))
	})
}
