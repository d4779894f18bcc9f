package serve

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
)

// management is the part of the REST face with which what starts runs is
// managed, and with which the engine is looked at (hatchet-protocol.md section
// 6.10).
func (f *Faces) management() map[string]endpoint {
	return map[string]endpoint{
		"GET /api/v1/tenants/{tenant}":           f.getTenant,
		"GET /api/v1/tenants/{tenant}/workflows": f.listWorkflows,
		"GET /api/v1/workflows/{workflow}":       f.getWorkflow,
		"PATCH /api/v1/workflows/{workflow}":     f.updateWorkflow,
		"DELETE /api/v1/workflows/{workflow}":    f.deleteWorkflow,
		// The version is a query parameter.
		"GET /api/v1/workflows/{workflow}/versions": f.getWorkflowVersion,

		"POST /api/v1/tenants/{tenant}/workflows/{workflow}/scheduled":    f.createScheduled,
		"GET /api/v1/tenants/{tenant}/workflows/scheduled":                f.listScheduled,
		"GET /api/v1/tenants/{tenant}/workflows/scheduled/{scheduled}":    f.getScheduled,
		"PATCH /api/v1/tenants/{tenant}/workflows/scheduled/{scheduled}":  f.updateScheduled,
		"DELETE /api/v1/tenants/{tenant}/workflows/scheduled/{scheduled}": f.deleteScheduled,
		"POST /api/v1/tenants/{tenant}/workflows/scheduled/bulk-delete":   f.bulkDeleteScheduled,
		"POST /api/v1/tenants/{tenant}/workflows/scheduled/bulk-update":   f.bulkUpdateScheduled,

		"POST /api/v1/tenants/{tenant}/workflows/{workflow}/crons": f.createCron,
		"GET /api/v1/tenants/{tenant}/workflows/crons":             f.listCrons,
		"GET /api/v1/tenants/{tenant}/workflows/crons/{cron}":      f.getCron,
		"PATCH /api/v1/tenants/{tenant}/workflows/crons/{cron}":    f.updateCron,
		"DELETE /api/v1/tenants/{tenant}/workflows/crons/{cron}":   f.deleteCron,

		"POST /api/v1/stable/tenants/{tenant}/filters":            f.createFilter,
		"GET /api/v1/stable/tenants/{tenant}/filters":             f.listFilters,
		"GET /api/v1/stable/tenants/{tenant}/filters/{filter}":    f.getFilter,
		"PATCH /api/v1/stable/tenants/{tenant}/filters/{filter}":  f.updateFilter,
		"DELETE /api/v1/stable/tenants/{tenant}/filters/{filter}": f.deleteFilter,

		"POST /api/v1/stable/tenants/{tenant}/webhooks":             f.createWebhook,
		"GET /api/v1/stable/tenants/{tenant}/webhooks":              f.listWebhooks,
		"GET /api/v1/stable/tenants/{tenant}/webhooks/{webhook}":    f.getWebhook,
		"PATCH /api/v1/stable/tenants/{tenant}/webhooks/{webhook}":  f.updateWebhook,
		"DELETE /api/v1/stable/tenants/{tenant}/webhooks/{webhook}": f.deleteWebhook,

		"GET /api/v1/stable/tenants/{tenant}/events":         f.listEvents,
		"GET /api/v1/stable/tenants/{tenant}/events/{event}": f.getEvent,
		"GET /api/v1/stable/tenants/{tenant}/events/keys":    f.listEventKeys,

		"GET /api/v1/tenants/{tenant}/rate-limits":                  f.listRateLimits,
		"DELETE /api/v1/tenants/{tenant}/rate-limits":               f.deleteRateLimit,
		"GET /api/v1/stable/tenants/{tenant}/task-metrics":          f.taskMetrics,
		"GET /api/v1/tenants/{tenant}/step-run-queue-metrics":       f.queueMetrics,
		"GET /api/v1/tenants/{tenant}/queue-metrics":                f.oldQueueMetrics,
		"GET /api/v1/tenants/{tenant}/task-stats":                   f.taskStats,
		"GET /api/v1/tenants/{tenant}/prometheus-metrics":           f.prometheusMetrics,
		"POST /api/v1/stable/tenants/{tenant}/cel/debug":            f.debugCEL,
		"POST /api/v1/stable/tenants/{tenant}/durable-tasks/branch": f.branchTask,

		"GET /api/v1/stable/tasks/{task}/task-events":                    f.listTaskEvents,
		"GET /api/v1/stable/workflow-runs/{run}/task-events":             f.listRunEvents,
		"GET /api/v1/stable/tenants/{tenant}/workflow-runs/external-ids": f.listRunIDs,
	}
}

// ordering is what a request says about the order of a list.
type ordering struct {
	field     string
	ascending bool
}

// parseOrder reads orderByField, one of fields, and orderByDirection. The first
// field, descending, is the default.
func parseOrder(values url.Values, fields ...string) (ordering, error) {
	o := ordering{field: fields[0]}
	if field := values.Get("orderByField"); field != "" {
		o.field = field
	}
	known := false
	for _, field := range fields {
		known = known || field == o.field
	}
	if !known {
		return o, invalid("orderByField %q must be one of %s", o.field, strings.Join(fields, ", "))
	}
	switch direction := strings.ToUpper(values.Get("orderByDirection")); direction {
	case "", "DESC":
	case "ASC":
		o.ascending = true
	default:
		return o, invalid("orderByDirection %q must be ASC or DESC", direction)
	}
	return o, nil
}

// metadataPairs checks "key:value" pairs.
func metadataPairs(pairs []string) ([]string, error) {
	for _, pair := range pairs {
		if strings.Count(pair, ":") != 1 {
			return nil, httpError{http.StatusBadRequest, "Additional metadata filters must be in the format key:value."}
		}
	}
	return pairs, nil
}

// page cuts a window out of a list.
func page[T any](all []T, offset, limit int) []T {
	offset = min(offset, len(all))
	return all[offset:min(offset+limit, len(all))]
}

// paged is a page of a list, whose pages count as those of the older part of the
// interface do: the last one has no next.
func paged[T any](rows []T, offset, limit, total int) list[T] {
	p := pagination{CurrentPage: 1 + (offset+limit-1)/limit, NumPages: (total + limit - 1) / limit}
	p.NextPage = p.CurrentPage + 1
	if p.CurrentPage == p.NumPages {
		p.NextPage = p.CurrentPage
	}
	return list[T]{Rows: rows, Pagination: p}
}

// mapped gives the wire's form of all.
func mapped[A, B any](all []A, f func(A) B) []B {
	out := make([]B, len(all))
	for i := range all {
		out[i] = f(all[i])
	}
	return out
}

// missing refuses a body without a property that the interface requires.
func missing(property string) error {
	return invalid("the body has no %s", property)
}

// object is the text of a JSON property that is an object; null counts as none.
func object(property string, raw json.RawMessage) (string, error) {
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return "", nil
	case raw[0] != '{':
		return "", invalid("%s must be an object", property)
	}
	return string(raw), nil
}

// look finds one thing in the state.
func look[T any](f *Faces, r *http.Request, absent string, find func(*core.Core) (T, bool)) (T, error) {
	var found T
	ok := false
	err := f.engine.View(r.Context(), func(c *core.Core) { found, ok = find(c) })
	if err == nil && !ok {
		err = httpError{http.StatusNotFound, absent}
	}
	return found, err
}

// queryTimeOr is a time of a query, or what stands for none.
func queryTimeOr(values url.Values, name string, otherwise time.Time) (time.Time, error) {
	at, err := queryTime(values, name)
	if at == nil {
		return otherwise, err
	}
	return *at, err
}
