package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"time"
)

// LogLine is one line of a task's log.
type LogLine struct {
	At       time.Time
	Level    string // DEBUG, INFO, WARN or ERROR; "" if the writer gave none
	Message  string
	Attempt  int             // from 1; 0 if the server does not say
	Metadata json.RawMessage // the fields that go along; nil if there are none
}

// maxLogLines is how many lines are asked for: what servers keep of a task
// (hatchet-protocol.md section 7.3).
const maxLogLines = 1000

// Logs reads the log of a task's run, oldest line first (hatchet-protocol.md
// section 6.10). A server writes the log down a while after the task has.
func (c *Client) Logs(ctx context.Context, taskRunID string) ([]LogLine, error) {
	var answer struct {
		Rows []struct {
			CreatedAt time.Time
			Level     string
			Message   string
			Attempt   int
			Metadata  json.RawMessage
		}
	}
	query := url.Values{"limit": {strconv.Itoa(maxLogLines)}, "order_by_direction": {"ASC"}}
	path := "/api/v1/stable/tasks/" + url.PathEscape(taskRunID) + "/logs"
	if err := c.get(ctx, path, query, &answer); err != nil {
		return nil, fmt.Errorf("log of task %s: %w", taskRunID, err)
	}
	lines := make([]LogLine, len(answer.Rows))
	for i, row := range answer.Rows {
		lines[i] = LogLine{At: row.CreatedAt, Level: row.Level, Message: row.Message, Attempt: row.Attempt, Metadata: row.Metadata}
	}
	return lines, nil
}
