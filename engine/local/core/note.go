package core

import (
	"fmt"
	"time"
)

// maxNotes bounds the history of a task; beyond it the oldest are dropped.
const maxNotes = 200

// noteKind says what a note is about: one of noteNames, which are
// V1TaskEventType of the REST face.
type noteKind uint8

const (
	noteQueued   noteKind = iota + 1
	noteAssigned          // and sent to the worker
	noteNotSent
	noteStarted
	noteFinished
	noteFailed
	noteCancelled
	noteSkipped
	noteTimedOut
	noteUnscheduled
	noteRetrying
	noteReassigned
	noteReplayed
	noteRefreshed
	noteReleased
	noteRateLimited
	noteEvicted
	noteRestoring
)

var noteNames = [...]string{
	noteQueued:      "QUEUED",
	noteAssigned:    "ASSIGNED",
	noteNotSent:     "COULD_NOT_SEND_TO_WORKER",
	noteStarted:     "STARTED",
	noteFinished:    "FINISHED",
	noteFailed:      "FAILED",
	noteCancelled:   "CANCELLED",
	noteSkipped:     "SKIPPED",
	noteTimedOut:    "TIMED_OUT",
	noteUnscheduled: "SCHEDULING_TIMED_OUT",
	noteRetrying:    "RETRYING",
	noteReassigned:  "REASSIGNED",
	noteReplayed:    "RETRIED_BY_USER",
	noteRefreshed:   "TIMEOUT_REFRESHED",
	noteReleased:    "SLOT_RELEASED",
	noteRateLimited: "REQUEUED_RATE_LIMIT",
	noteEvicted:     "DURABLE_EVICTED",
	noteRestoring:   "DURABLE_RESTORING",
}

// note is one line of a task's history. There are several for each task, so it
// is small.
type note struct {
	ID     uint64   `json:"i"`
	At     int64    `json:"t"`           // Unix nanoseconds
	Worker string   `json:"w,omitempty"` // id
	Text   string   `json:"m,omitempty"` // a message, or the error of FAILED
	Retry  int32    `json:"r,omitempty"`
	Kind   noteKind `json:"k"`
}

// note adds to a task's history.
func (c *Core) note(t *task, kind noteKind, text string) {
	n := note{ID: c.next(), Kind: kind, At: c.now.UnixNano(), Retry: t.retryCount, Text: text}
	if kind == noteAssigned {
		c.next() // it is shown as two
	}
	if t.worker != nil {
		n.Worker = t.worker.id
	}
	if len(t.notes) >= maxNotes {
		t.notes = append(t.notes[:0], t.notes[len(t.notes)-maxNotes+1:]...)
	}
	t.notes = append(t.notes, n)
}

// noteEnd says how a task ended.
func (c *Core) noteEnd(t *task, status Status, text string) {
	switch status {
	case Completed:
		c.note(t, noteFinished, "")
	case Failed:
		c.note(t, noteFailed, text)
	default:
		c.note(t, noteCancelled, text)
	}
}

// retryText says that a failed attempt is followed by another.
func (t *task) retryText(now time.Time, delay time.Duration) string {
	text := fmt.Sprintf("This is retry number %d.", t.appRetries)
	if delay > 0 {
		text += fmt.Sprintf(" Retrying in %s (%s).", delay, now.Add(delay).Format(time.RFC3339))
	}
	return text
}

// String is the kind's name on the wire.
func (k noteKind) String() string {
	if int(k) < len(noteNames) {
		return noteNames[k]
	}
	return "" // of a newer version
}

// TaskNote is one line of a task's history (V1TaskEvent of the REST face).
type TaskNote struct {
	ID         uint64 // grows with time, over all tasks
	TaskID     string
	TaskName   string
	Kind       string // V1TaskEventType
	At         time.Time
	RetryCount int32
	WorkerID   string // "" = none
	Message    string
	Error      string // FAILED only
}

// TaskNotes gives the kept history of a task, oldest first.
func (c *Core) TaskNotes(taskID string) []TaskNote {
	t := c.tasks[taskID]
	if t == nil {
		return nil
	}
	out := make([]TaskNote, 0, 2*len(t.notes))
	for i := range t.notes {
		n := &t.notes[i]
		shown := TaskNote{
			ID: n.ID, TaskID: t.id, TaskName: t.step.def.Name, Kind: n.Kind.String(), At: time.Unix(0, n.At).UTC(), RetryCount: n.Retry,
			WorkerID: n.Worker, Message: n.Text,
		}
		if n.Kind == noteFailed {
			shown.Message, shown.Error = "", n.Text
		}
		if out = append(out, shown); n.Kind == noteAssigned {
			shown.ID, shown.Kind, shown.Message = n.ID+1, "SENT_TO_WORKER", "Sent task run to the assigned worker"
			out = append(out, shown)
		}
	}
	return out
}

func orText(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
