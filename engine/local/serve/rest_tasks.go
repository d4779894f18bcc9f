package serve

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
)

// selectTasks is V1CancelTaskRequest and V1ReplayTaskRequest.
type selectTasks struct {
	ExternalIDs []string `json:"externalIds"`
	Filter      *struct {
		Since              *time.Time    `json:"since"`
		Until              *time.Time    `json:"until"`
		Statuses           []core.Status `json:"statuses"`
		WorkflowIDs        []string      `json:"workflowIds"`
		AdditionalMetadata []string      `json:"additionalMetadata"`
	} `json:"filter"`
}

func (s selectTasks) filter() (*core.RunFilter, error) {
	if err := checkUUIDs("externalIds", s.ExternalIDs); err != nil || s.Filter == nil {
		return nil, err
	}
	if s.Filter.Since == nil {
		return nil, invalid("filter.since is required")
	}
	if err := checkUUIDs("filter.workflowIds", s.Filter.WorkflowIDs); err != nil {
		return nil, err
	}
	for _, status := range s.Filter.Statuses {
		if !slices.Contains(statusNames, string(status)) {
			return nil, invalid("filter.statuses %q must be one of %s", status, strings.Join(statusNames, ", "))
		}
	}
	if _, err := metadataPairs(s.Filter.AdditionalMetadata); err != nil {
		return nil, err
	}
	return &core.RunFilter{
		Since: *s.Filter.Since, Until: s.Filter.Until, Statuses: s.Filter.Statuses,
		WorkflowIDs: s.Filter.WorkflowIDs, AnyMetadata: s.Filter.AdditionalMetadata,
	}, nil
}

type ids struct {
	IDs []string `json:"ids"`
}

func (f *Faces) cancelTasks(r *http.Request) (any, error) {
	req, err := body[selectTasks](r)
	if err != nil {
		return nil, err
	}
	filter, err := req.filter()
	if err != nil {
		return nil, err
	}
	if len(req.ExternalIDs) == 0 && filter == nil {
		return ids{[]string{}}, nil
	}
	reply, err := do[core.CancelReply](r.Context(), f.engine, core.Cancel{IDs: req.ExternalIDs, Filter: filter})
	return ids{append([]string{}, reply.IDs...)}, err
}

func (f *Faces) replayTasks(r *http.Request) (any, error) {
	req, err := body[selectTasks](r)
	if err != nil {
		return nil, err
	}
	filter, err := req.filter()
	if err != nil {
		return nil, err
	}
	if len(req.ExternalIDs) == 0 && filter == nil {
		return ids{[]string{}}, nil
	}
	reply, err := do[core.ReplayReply](r.Context(), f.engine, core.Replay{IDs: req.ExternalIDs, Filter: filter})
	return ids{append([]string{}, reply.TaskIDs...)}, err
}

func (f *Faces) restoreTask(r *http.Request) (any, error) {
	id, err := pathID(r, "task")
	if err != nil {
		return nil, err
	}
	reply, err := do[core.RestoreTaskReply](r.Context(), f.engine, core.RestoreTask{TaskID: id})
	return map[string]bool{"requeued": reply.Requeued}, err
}

// withTask looks at one task and its run.
func (f *Faces) withTask(r *http.Request, look func(*core.Core, core.RunView, core.TaskView)) error {
	id, err := pathID(r, "task")
	if err != nil {
		return err
	}
	found := false
	err = f.engine.View(r.Context(), func(c *core.Core) {
		runID, _ := c.RunOfTask(id)
		run, _ := c.Run(runID)
		for _, task := range run.Tasks {
			if task.TaskID == id {
				found = true
				look(c, run, task)
			}
		}
	})
	if err == nil && !found {
		err = httpError{http.StatusNotFound, fmt.Sprintf("task %s not found", id)}
	}
	return err
}

func (f *Faces) getTask(r *http.Request) (any, error) {
	attempt, err := queryInt(r.URL.Query(), "attempt", 0)
	if err != nil {
		return nil, err
	}
	var summary taskSummary
	err = f.withTask(r, func(_ *core.Core, run core.RunView, task core.TaskView) { summary = f.taskSummary(run, task) })
	if err == nil && attempt > int(summary.Attempt) {
		err = httpError{http.StatusNotFound, fmt.Sprintf("task %s has no attempt %d", summary.TaskExternalID, attempt)}
	}
	return summary, err
}

// logLine is V1LogLine.
type logLine struct {
	CreatedAt       time.Time       `json:"createdAt"`
	Message         string          `json:"message"`
	Metadata        json.RawMessage `json:"metadata"`
	TaskExternalID  string          `json:"taskExternalId"`
	TaskDisplayName string          `json:"taskDisplayName"`
	RetryCount      int32           `json:"retryCount"`
	Attempt         int32           `json:"attempt"`
	Level           string          `json:"level"`
}

// logQuery selects lines of a log.
type logQuery struct {
	since, until *time.Time
	search       string
	levels       []string
	attempt      int // 0 = all
	newestFirst  bool
	limit        int
}

func parseLogQuery(values url.Values) (q logQuery, err error) {
	q = logQuery{search: values.Get("search"), levels: values["levels"], newestFirst: values.Get("order_by_direction") == "DESC"}
	if err = oneOf(values, "levels", "DEBUG", "INFO", "WARN", "ERROR"); err != nil {
		return q, err
	}
	if err = oneOf(values, "order_by_direction", "ASC", "DESC"); err != nil {
		return q, err
	}
	if q.since, err = queryTime(values, "since"); err != nil {
		return q, err
	}
	if q.until, err = queryTime(values, "until"); err != nil {
		return q, err
	}
	if q.attempt, err = queryInt(values, "attempt", 0); err != nil {
		return q, err
	}
	q.limit, err = queryInt(values, "limit", maxLimit)
	return q, err
}

func (q logQuery) selects(line core.LogLine) bool {
	return (q.since == nil || !line.At.Before(*q.since)) &&
		(q.until == nil || !line.At.After(*q.until)) &&
		strings.Contains(line.Message, q.search) &&
		(len(q.levels) == 0 || slices.Contains(q.levels, line.Level)) &&
		(q.attempt == 0 || int(line.RetryCount)+1 == q.attempt)
}

func (f *Faces) listLogs(r *http.Request) (any, error) {
	query, err := parseLogQuery(r.URL.Query())
	if err != nil {
		return nil, err
	}
	rows := []logLine{}
	err = f.withTask(r, func(c *core.Core, _ core.RunView, task core.TaskView) {
		lines, _ := c.Logs(task.TaskID)
		if query.newestFirst {
			slices.Reverse(lines)
		}
		for _, line := range lines {
			if len(rows) == query.limit || !query.selects(line) {
				continue
			}
			rows = append(rows, logLine{
				CreatedAt: line.At, Message: line.Message, Metadata: rawOr([]byte(line.Metadata), "{}"), TaskExternalID: task.TaskID,
				TaskDisplayName: displayName(task.Name, task.CreatedAt), RetryCount: line.RetryCount, Attempt: line.RetryCount + 1, Level: line.Level,
			})
		}
	})
	return list[logLine]{Rows: rows, Pagination: pagination{}}, err
}
