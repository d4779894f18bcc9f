package serve

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
)

// restEvent is V1Event.
type restEvent struct {
	Metadata              meta            `json:"metadata"`
	Key                   string          `json:"key"`
	TenantID              string          `json:"tenantId"`
	WorkflowRunSummary    runCounts       `json:"workflowRunSummary"`
	AdditionalMetadata    json.RawMessage `json:"additionalMetadata,omitempty"`
	Payload               json.RawMessage `json:"payload,omitempty"`
	Scope                 string          `json:"scope,omitempty"`
	SeenAt                *time.Time      `json:"seenAt,omitempty"`
	TriggeredRuns         []triggeredRun  `json:"triggeredRuns,omitempty"`
	TriggeringWebhookName string          `json:"triggeringWebhookName,omitempty"`
}

// runCounts is V1EventWorkflowRunSummary.
type runCounts struct {
	Running   int `json:"running"`
	Queued    int `json:"queued"`
	Succeeded int `json:"succeeded"`
	Failed    int `json:"failed"`
	Cancelled int `json:"cancelled"`
}

func (n *runCounts) add(s core.Status) {
	switch s {
	case core.Running:
		n.Running++
	case core.Queued:
		n.Queued++
	case core.Completed:
		n.Succeeded++
	case core.Failed:
		n.Failed++
	case core.Cancelled:
		n.Cancelled++
	}
}

type triggeredRun struct {
	WorkflowRunID string `json:"workflowRunId"`
	FilterID      string `json:"filterId,omitempty"`
}

func (f *Faces) event(c *core.Core, e core.EventView) restEvent {
	out := restEvent{
		Metadata: meta{e.ID, e.At, e.At}, Key: e.Key, TenantID: f.options.TenantID, AdditionalMetadata: rawOr(e.Metadata, "{}"),
		Payload: rawOr(e.Payload, "{}"), Scope: e.Scope, SeenAt: timeOrNil(e.At), TriggeringWebhookName: e.Webhook,
	}
	for _, run := range e.Runs {
		out.TriggeredRuns = append(out.TriggeredRuns, triggeredRun{run.RunID, run.FilterID})
		if v, ok := c.Run(run.RunID); ok {
			out.WorkflowRunSummary.add(v.Status)
		}
	}
	return out
}

// eventsSince is how far a list of events goes back that does not say.
const eventsSince = 24 * time.Hour

func (f *Faces) listEvents(r *http.Request) (any, error) {
	values := r.URL.Query()
	offset, limit, err := window(values)
	if err != nil {
		return nil, err
	}
	q := core.EventQuery{
		IDs: values["eventIds"], Keys: values["keys"], Scopes: values["scopes"], WorkflowIDs: values["workflowIds"],
		Metadata: values["additionalMetadata"],
	}
	if err := oneOf(values, "workflowRunStatuses", statusNames...); err != nil {
		return nil, err
	}
	for _, status := range values["workflowRunStatuses"] {
		q.Statuses = append(q.Statuses, core.Status(status))
	}
	if q.Since, err = queryTimeOr(values, "since", f.clock.Now().Add(-eventsSince)); err != nil {
		return nil, err
	}
	if q.Until, err = queryTimeOr(values, "until", time.Time{}); err != nil {
		return nil, err
	}
	rows, total := []restEvent{}, 0
	err = f.engine.View(r.Context(), func(c *core.Core) {
		all := c.Events(q)
		total = len(all)
		rows = mapped(page(all, offset, limit), func(e core.EventView) restEvent { return f.event(c, e) })
	})
	p := pageOf(offset, limit, total)
	if total < offset+limit {
		p.NextPage = p.CurrentPage
	}
	return list[restEvent]{Rows: rows, Pagination: p}, err
}

func (f *Faces) getEvent(r *http.Request) (any, error) {
	id, err := pathID(r, "event")
	if err != nil {
		return nil, err
	}
	return look(f, r, "not found", func(c *core.Core) (restEvent, bool) {
		found := c.Events(core.EventQuery{IDs: []string{id}})
		if len(found) == 0 {
			return restEvent{}, false
		}
		return f.event(c, found[0]), true
	})
}

func (f *Faces) listEventKeys(r *http.Request) (any, error) {
	keys := []string{}
	err := f.engine.View(r.Context(), func(c *core.Core) {
		for _, e := range c.Events(core.EventQuery{}) {
			keys = append(keys, e.Key)
		}
	})
	slices.Sort(keys)
	return map[string]any{"rows": slices.Compact(keys)}, err
}
