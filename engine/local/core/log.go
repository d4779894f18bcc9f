package core

import (
	"slices"
	"unicode/utf8"
)

// maxLogMessage is the length of the longest log message, in characters.
const maxLogMessage = 10_000

var logLevels = []string{"", "INFO", "ERROR", "WARN", "DEBUG"}

// putLog appends to a task's log (hatchet-protocol.md section 7.3).
func (c *Core) putLog(cmd *PutLog) *Error {
	t, err := c.taskByID(cmd.TaskID)
	if err != nil {
		return err
	}
	if err := checkLog(cmd); err != nil {
		return err
	}
	line := LogLine{At: cmd.At.UTC(), Level: cmd.Level, Message: cmd.Message, Metadata: cmd.Metadata, RetryCount: t.retryCount}
	if cmd.At.IsZero() {
		line.At = c.now
	}
	if cmd.Level == "" {
		line.Level = "INFO"
	}
	if cmd.RetryCount != nil {
		line.RetryCount = *cmd.RetryCount
	}
	if len(t.logs) >= c.config.KeepLogLines {
		t.logs = t.logs[len(t.logs)-c.config.KeepLogLines+1:]
	}
	t.logs = append(t.logs, line)
	return nil
}

func checkLog(cmd *PutLog) *Error {
	n := utf8.RuneCountInString(cmd.Message)
	switch {
	case n < 1 || n > maxLogMessage:
		return invalid("message must have 1 to %d characters, it has %d", maxLogMessage, n)
	case !slices.Contains(logLevels, cmd.Level):
		return invalid("level %q must be INFO, ERROR, WARN or DEBUG", cmd.Level)
	}
	return checkObject("metadata", cmd.Metadata)
}

// streamEvent fans a chunk out (hatchet-protocol.md section 7.4).
func (c *Core) streamEvent(cmd *StreamEvent) *Error {
	t, err := c.taskByID(cmd.TaskID)
	if err != nil {
		return err
	}
	event := t.event(EventStream, cmd.Payload, c.now)
	event.Index = cmd.Index
	c.emit(event)
	return nil
}
