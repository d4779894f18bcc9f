package serve

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
)

// statusCount is V1TaskRunMetric.
type statusCount struct {
	Status  core.Status   `json:"status"`
	Count   int           `json:"count"`
	Details *runningCount `json:"runningDetailCount,omitempty"` // RUNNING only
}

type runningCount struct {
	Evicted  int `json:"evicted"`
	OnWorker int `json:"onWorker"`
}

// taskMetrics counts runs by status.
func (f *Faces) taskMetrics(r *http.Request) (any, error) {
	values := r.URL.Query()
	since, err := queryTime(values, "since")
	if err != nil {
		return nil, err
	}
	if since == nil {
		return nil, invalid("since is required")
	}
	query := core.RunQuery{
		Filter:       core.RunFilter{Since: *since, WorkflowIDs: values["workflow_ids"]},
		ParentTaskID: values.Get("parent_task_external_id"), EventID: values.Get("triggering_event_external_id"), Limit: everyRun,
	}
	if query.Filter.Until, err = queryTime(values, "until"); err != nil {
		return nil, err
	}
	pairs := values["additional_metadata"]
	counts, evicted := map[core.Status]int{}, 0
	err = f.engine.View(r.Context(), func(c *core.Core) {
		runs, _ := c.ListRuns(query)
		for _, run := range runs {
			if len(pairs) > 0 && !hasAny(run.Metadata, pairs) {
				continue
			}
			counts[run.Status]++
			if run.Evicted {
				evicted++
			}
		}
	})
	out := []statusCount{}
	for _, s := range []core.Status{core.Cancelled, core.Completed, core.Failed, core.Queued, core.Running} {
		row := statusCount{Status: s, Count: counts[s]}
		if s == core.Running {
			row.Details = &runningCount{Evicted: evicted, OnWorker: counts[s] - evicted}
		}
		out = append(out, row)
	}
	return out, err
}

// queueMetrics counts what is queued by action, and what waits for concurrency
// by workflow and key.
func (f *Faces) queueMetrics(r *http.Request) (any, error) {
	queues := map[string]any{}
	err := f.engine.View(r.Context(), func(c *core.Core) {
		queued, waiting := c.QueueCounts()
		for action, n := range queued {
			queues[action] = n
		}
		for workflow, keys := range waiting {
			queues[workflow] = keys
		}
	})
	return map[string]any{"queues": queues}, err
}

func (f *Faces) oldQueueMetrics(*http.Request) (any, error) {
	return nil, httpError{http.StatusBadRequest, "TenantGetQueueMetrics is deprecated"}
}

// prometheusMetrics answers as a server without Prometheus does.
func (f *Faces) prometheusMetrics(*http.Request) (any, error) {
	return nil, httpError{http.StatusBadRequest, "Prometheus metrics are not enabled for this tenant."}
}

// taskStat is TaskStat, statusStat TaskStatusStat, concurrencyStat
// ConcurrencyStat.
type (
	taskStat struct {
		Queued  *statusStat `json:"queued,omitempty"`
		Running *statusStat `json:"running,omitempty"`
	}
	statusStat struct {
		Total                  int               `json:"total"`
		Queues                 map[string]int    `json:"queues,omitempty"`
		Concurrency            []concurrencyStat `json:"concurrency,omitempty"`
		Oldest                 *time.Time        `json:"oldest,omitempty"`
		OldestExcludingRetries *time.Time        `json:"oldestExcludingRetries,omitempty"`
	}
	concurrencyStat struct {
		Expression string         `json:"expression"`
		Type       string         `json:"type"`
		Keys       map[string]int `json:"keys"`
	}
)

func stat(s core.StatusStat, wanted bool) *statusStat {
	if s.Total == 0 && !wanted {
		return nil
	}
	return &statusStat{
		Total: s.Total, Queues: s.Queues, Oldest: timeOrNil(s.Oldest), OldestExcludingRetries: timeOrNil(s.OldestAttempt),
		Concurrency: mapped(s.Concurrency, func(u core.ConcurrencyUse) concurrencyStat {
			return concurrencyStat{u.Expression, u.Strategy, u.Keys}
		}),
	}
}

func (f *Faces) taskStats(r *http.Request) (any, error) {
	wanted := map[string]bool{}
	for _, names := range append(r.URL.Query()["taskNames"], r.URL.Query()["task_names"]...) {
		for _, name := range strings.Split(names, ",") {
			if name = strings.TrimSpace(name); name != "" {
				wanted[name] = true
			}
		}
	}
	out := map[string]taskStat{}
	err := f.engine.View(r.Context(), func(c *core.Core) {
		for name, s := range c.TaskStats() {
			out[name] = taskStat{stat(s.Queued, wanted[name]), stat(s.Running, wanted[name])}
		}
	})
	for name := range wanted {
		if _, ok := out[name]; !ok {
			out[name] = taskStat{&statusStat{}, &statusStat{}}
		}
	}
	return out, err
}

// rateLimit is RateLimit.
type rateLimit struct {
	Key        string    `json:"key"`
	TenantID   string    `json:"tenantId"`
	LimitValue int32     `json:"limitValue"`
	Value      int32     `json:"value"`
	Window     string    `json:"window"`
	LastRefill time.Time `json:"lastRefill"`
}

func (f *Faces) listRateLimits(r *http.Request) (any, error) {
	values := r.URL.Query()
	offset, limit, err := window(values)
	if err != nil {
		return nil, err
	}
	order, err := parseOrder(values, "key", "value", "limitValue")
	if err != nil {
		return nil, err
	}
	if values.Get("orderByDirection") == "" && values.Get("orderByField") == "" {
		order.ascending = true
	}
	var all []core.RateLimitView
	err = f.engine.View(r.Context(), func(c *core.Core) { all = c.RateLimits() })
	all = slices.DeleteFunc(all, func(v core.RateLimitView) bool { return !strings.Contains(v.Key, values.Get("search")) })
	slices.SortStableFunc(all, func(a, b core.RateLimitView) int { return order.rateLimits(a, b) })
	rows := mapped(page(all, offset, limit), func(v core.RateLimitView) rateLimit {
		v = v.At(f.clock.Now())
		return rateLimit{v.Key, f.options.TenantID, v.Limit, v.Value, "1 " + v.Window, v.LastRefill}
	})
	return paged(rows, offset, limit, len(all)), err
}

func (o ordering) rateLimits(a, b core.RateLimitView) int {
	order := strings.Compare(a.Key, b.Key)
	switch o.field {
	case "value":
		order = int(a.Value) - int(b.Value)
	case "limitValue":
		order = int(a.Limit) - int(b.Limit)
	}
	if !o.ascending {
		return -order
	}
	return order
}

func (f *Faces) deleteRateLimit(r *http.Request) (any, error) {
	key := r.URL.Query().Get("key")
	if key == "" {
		return nil, invalid("key is required")
	}
	_, err := f.engine.Do(r.Context(), core.DeleteRateLimit{Key: key})
	return noContent{}, err
}

// debugCEL evaluates an expression as one of an event filter.
func (f *Faces) debugCEL(r *http.Request) (any, error) {
	req, err := body[struct {
		Expression         *string         `json:"expression"`
		Input              json.RawMessage `json:"input"`
		FilterPayload      json.RawMessage `json:"filterPayload"`
		AdditionalMetadata json.RawMessage `json:"additionalMetadata"`
	}](r)
	switch {
	case err != nil:
		return nil, err
	case req.Expression == nil:
		return nil, missing("expression")
	case len(req.Input) == 0:
		return nil, missing("input")
	}
	variables := map[string]json.RawMessage{}
	for name, raw := range map[string]json.RawMessage{
		"input": req.Input, "payload": req.FilterPayload, "additional_metadata": req.AdditionalMetadata,
	} {
		text, err := object(name, raw)
		if err != nil {
			return nil, err
		}
		variables[name] = rawOr([]byte(text), "{}")
	}
	var answer map[string]any
	err = f.engine.View(r.Context(), func(c *core.Core) { answer = evaluated(c, *req.Expression, variables) })
	return answer, err
}

// evaluated is V1CELDebugResponse.
func evaluated(c *core.Core, expression string, variables map[string]json.RawMessage) map[string]any {
	failed := func(format string, args ...any) map[string]any {
		return map[string]any{"status": "ERROR", "error": fmt.Sprintf(format, args...)}
	}
	if err := c.Compile(core.EnvFilter, expression); err != nil {
		return failed("failed to compile expression: %v", err)
	}
	value, err := c.Evaluate(core.EnvFilter, expression, variables)
	switch value := value.(type) {
	case bool:
		return map[string]any{"status": "SUCCESS", "output": value}
	case string:
		return failed("expression did not evaluate to a boolean: got string")
	case int64:
		return failed("expression did not evaluate to a boolean: got int")
	case float64:
		return failed("expression did not evaluate to a boolean: got double")
	}
	return failed("failed to evaluate expression: %v", err)
}
