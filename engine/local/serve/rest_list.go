package serve

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
)

// Bounds of lists.
const (
	defaultLimit = 50
	maxLimit     = 1000
)

// listing is what a request for a list of runs asks for.
type listing struct {
	query     core.RunQuery
	anyOf     []string // metadata pairs of which one suffices
	statuses  []core.Status
	workerID  string
	running   string // ALL, EVICTED, ON_WORKER
	onlyTasks bool
	payloads  bool
}

// everyRun is a limit beyond what an engine keeps.
const everyRun = 1 << 30

func parseListing(values url.Values) (listing, error) {
	l := listing{payloads: values.Get("include_payloads") == "true", onlyTasks: values.Get("only_tasks") == "true"}
	l.workerID, l.running = values.Get("worker_id"), values.Get("running_filter")
	l.query.ParentTaskID = values.Get("parent_task_external_id")
	l.query.EventID = values.Get("triggering_event_external_id")
	l.query.Filter.WorkflowIDs = values["workflow_ids"]
	l.query.IdempotencyKeys = values["idempotency_keys"]
	since, err := queryTime(values, "since")
	if err != nil {
		return l, err
	}
	if since == nil {
		return l, invalid("since is required")
	}
	l.query.Filter.Since = *since
	if l.query.Filter.Until, err = queryTime(values, "until"); err != nil {
		return l, err
	}
	if err := oneOf(values, "statuses", statusNames...); err != nil {
		return l, err
	}
	for _, text := range values["statuses"] {
		l.statuses = append(l.statuses, core.Status(text))
	}
	if pairs := values["additional_metadata"]; len(pairs) < 2 || values.Get("additional_metadata_operator") == "AND" {
		l.query.Filter.Metadata = pairs
	} else {
		l.anyOf = pairs
	}
	l.query.Offset, l.query.Limit, err = window(values)
	return l, err
}

func queryTime(values url.Values, name string) (*time.Time, error) {
	text := values.Get(name)
	if text == "" {
		return nil, nil
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return nil, invalid("%s %q is not a time such as 2026-01-02T15:04:05Z", name, text)
	}
	return &at, nil
}

// window reads limit and offset.
func window(values url.Values) (offset, limit int, err error) {
	if offset, err = queryInt(values, "offset", 0); err != nil {
		return 0, 0, err
	}
	limit, err = queryInt(values, "limit", defaultLimit)
	return offset, min(max(limit, 1), maxLimit), err
}

func queryInt(values url.Values, name string, otherwise int) (int, error) {
	text := values.Get(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, invalid("%s %q is not a number from 0", name, text)
	}
	return n, nil
}

func (f *Faces) listRuns(r *http.Request) (any, error) {
	values := r.URL.Query()
	if only := values.Get("only_tasks"); only != "true" && only != "false" {
		return nil, invalid("only_tasks %q must be true or false", only)
	}
	l, err := parseListing(values)
	if err != nil {
		return nil, err
	}
	var rows []taskSummary
	total := 0
	err = f.engine.View(r.Context(), func(c *core.Core) { rows, total = f.list(c, l) })
	if err != nil {
		return nil, err
	}
	if !l.payloads {
		withoutPayloads(rows)
	}
	return list[taskSummary]{Rows: rows, Pagination: pageOf(l.query.Offset, l.query.Limit, total)}, nil
}

// list leaves to the core what the core can select by and does the rest.
func (f *Faces) list(c *core.Core, l listing) (rows []taskSummary, total int) {
	rows = []taskSummary{}
	simple := l.anyOf == nil && !l.onlyTasks && l.workerID == "" && (l.running == "" || l.running == "ALL")
	query := l.query
	if simple {
		query.Filter.Statuses = l.statuses
		runs, total := c.ListRuns(query)
		for _, run := range runs {
			rows = append(rows, f.summary(run))
		}
		return rows, total
	}
	query.Offset, query.Limit = 0, everyRun
	runs, _ := c.ListRuns(query)
	for _, run := range runs {
		for _, row := range f.rowsOf(run, l) {
			if total++; total > l.query.Offset && len(rows) < l.query.Limit {
				rows = append(rows, row)
			}
		}
	}
	return rows, total
}

// rowsOf is what of a run belongs in the list: itself, or its tasks.
func (f *Faces) rowsOf(run core.RunView, l listing) []taskSummary {
	if l.anyOf != nil && !hasAny(run.Metadata, l.anyOf) {
		return nil
	}
	var rows []taskSummary
	onWorker := false
	for _, task := range run.Tasks {
		here := l.workerID == "" || task.WorkerID == l.workerID
		onWorker = onWorker || here
		if l.onlyTasks && here && l.admits(task.Status, task.Evicted) {
			rows = append(rows, f.taskSummary(run, task))
		}
	}
	if !l.onlyTasks && onWorker && l.admits(run.Status, run.Evicted) {
		rows = append(rows, f.summary(run))
	}
	return rows
}

func (l listing) admits(s core.Status, evicted bool) bool {
	if len(l.statuses) > 0 && !slices.Contains(l.statuses, s) {
		return false
	}
	if s != core.Running {
		return true
	}
	return l.running != "EVICTED" && l.running != "ON_WORKER" || (l.running == "EVICTED") == evicted
}

// hasAny says whether metadata has one of the "key:value" pairs.
func hasAny(metadata []byte, pairs []string) bool {
	var values map[string]json.RawMessage
	if json.Unmarshal(metadata, &values) != nil {
		return false
	}
	return slices.ContainsFunc(pairs, func(pair string) bool {
		key, want, _ := strings.Cut(pair, ":")
		raw, ok := values[key]
		text := string(raw)
		if bytes.HasPrefix(raw, []byte(`"`)) && json.Unmarshal(raw, &text) != nil {
			return false
		}
		return ok && text == want
	})
}

func withoutPayloads(rows []taskSummary) {
	for i := range rows {
		rows[i].Input, rows[i].Output = json.RawMessage("{}"), json.RawMessage("{}")
		withoutPayloads(rows[i].Children)
	}
}
