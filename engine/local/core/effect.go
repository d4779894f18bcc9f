package core

import (
	"time"
)

// Effect is something to do because of a command. Effects are carried out in
// order, after the command is in the journal.
type Effect interface {
	effect()
}

// Reply answers the command itself. Either Err is set or Value has the type
// that the command's comment names.
type Reply struct {
	Value any
	Err   *Error
}

// Assign hands an attempt to a worker: START_STEP_RUN on its newest stream, or
// an older one if that fails. If no stream takes it, apply [SendFailed], and also
// if one took it and could not send it. The
// same attempt is handed out again when a worker comes back that did not
// confirm it, so a worker ignores an attempt (task, retry count, invocation
// count) that it has or had already.
type Assign struct {
	WorkerID string
	Workflow string // its name
	Action   AssignedAction
	Resumed  bool  // a durable task goes on in the attempt in which it was evicted
	Again    bool  // the same was handed out before
	Handout  int32 // how often the task was handed out, with this; for SendFailed
}

// AssignBatch hands the members of a batch to a worker: START_BATCH on its
// newest stream (hatchet-protocol.md section 4.2). If no stream takes it, apply
// [BatchSendFailed]. Like Assign it may come again, so a worker ignores a batch
// that it has or had already.
type AssignBatch struct {
	WorkerID string
	Workflow string           // its name
	Action   AssignedAction   // what the members have in common, with the payload
	Members  []AssignedAction // without payload, in the order of the payload
	Reason   string           // why the batch was begun
	At       time.Time        // when
	Again    bool             // the same was handed out before
	Handout  int32            // how often it was handed out, with this; for BatchSendFailed
}

// BatchPlace is the part of one attempt in a batch, or the batch itself.
type BatchPlace struct {
	ID    string // UUID
	Key   string // group key; "" = none
	Size  int32
	Index int32
}

// CancelAction tells a worker to stop an attempt: CANCEL_STEP_RUN. The action
// has no payload. A failure to send it is ignored.
type CancelAction struct {
	WorkerID string
	Action   AssignedAction
}

// AssignedAction holds the fields of the wire's message of that name
// (hatchet-protocol.md sections 2.2 and 3.6). What it leaves out follows:
// job_id and task_id are StepID, job_name and task_name TaskName, job_run_id
// and task_run_external_id TaskID.
type AssignedAction struct {
	RunID             string
	TaskID            string
	StepID            string
	TaskName          string
	ActionID          string
	Payload           []byte // JSON of section 4.1; shared, not to be changed
	RetryCount        int32
	Metadata          []byte // JSON object; nil = none
	ChildIndex        *int32
	ChildKey          *string
	ParentRunID       string // parent_workflow_run_id; "" = none
	Priority          int32
	WorkflowID        string
	WorkflowVersionID string
	InvocationCount   *int32 // durable tasks only
	EventID           string // "" = not started by an event
	EventKey          string
	Batch             *BatchPlace // batch tasks only
}

// RunFinished says that a run became final (hatchet-protocol.md section 6.5).
type RunFinished struct {
	Result RunResult
}

// RunResult is what a final run came to.
type RunResult struct {
	RunID      string
	Status     Status // COMPLETED, FAILED or CANCELLED
	FinishedAt time.Time
	Tasks      []TaskResult
}

// TaskResult is one task of a RunResult. COMPLETED has an Output (JSON text),
// FAILED an Error; CANCELLED has an empty error on the wire.
type TaskResult struct {
	TaskID string
	Name   string
	Status Status
	Output []byte
	Error  string
}

// TaskEvent is an event for SubscribeToWorkflowEvents (hatchet-protocol.md
// section 6.8).
type TaskEvent struct {
	Kind       EventKind
	RunID      string
	Workflow   string
	TaskID     string // "" for the final event of a run
	TaskName   string
	At         time.Time
	Payload    []byte // output JSON, error text, or stream bytes
	RetryCount int32
	Retries    int32 // what the task's definition allows
	// MaxAttempts is how many attempts the task has at most, counted with those
	// that were not its own fault so far.
	MaxAttempts int32
	// AssignedAt is when the attempt was first handed to a worker; zero = never.
	AssignedAt time.Time
	Index      *int64 // EventStream only
	Metadata   []byte // the run's, for subscriptions by metadata
	// Skipped is set on the EventCompleted of a task that its conditions or its
	// parents made the engine skip: it never ran.
	Skipped bool
	// Final is set on the event of the run itself: after it the subscription
	// ends (hangup).
	Final bool
}

// EventKind is the kind of a TaskEvent.
type EventKind string

// The kinds of task events.
const (
	EventStarted   EventKind = "STARTED"
	EventCompleted EventKind = "COMPLETED"
	EventFailed    EventKind = "FAILED"
	EventCancelled EventKind = "CANCELLED"
	EventStream    EventKind = "STREAM"
)

// AttemptFailed says that an attempt of a task failed and that another one
// follows. The end of the last attempt is a [TaskEvent].
type AttemptFailed struct {
	RunID       string
	Workflow    string
	TaskID      string
	TaskName    string
	At          time.Time
	Error       string    // as the worker sent it, or what the engine has to say
	RetryCount  int32     // of the attempt that failed
	MaxAttempts int32     // as in TaskEvent
	AssignedAt  time.Time // as in TaskEvent
	RetryAt     time.Time // when the next attempt is queued; At = at once
}

// Evicted says that a waiting durable task was taken off its worker
// (hatchet-protocol.md section 8.4).
type Evicted struct {
	RunID    string
	Workflow string
	TaskID   string
	TaskName string
	At       time.Time
	Reason   string // as the worker gave it
}

// Durable is a message for a DurableTask stream (hatchet-protocol.md section
// 8.2). If the stream is gone it is dropped.
type Durable struct {
	SessionID string
	Message   DurableMessage
}

// DurableMessage is one of the types that follow.
type DurableMessage interface {
	durableMessage()
}

// DurableRegistered is the answer to register_worker.
type DurableRegistered struct {
	WorkerID string
}

// DurableMemoAck is memo_ack.
type DurableMemoAck struct {
	Ref     EntryRef
	Existed bool
	Payload []byte // nil = none
}

// DurableTriggerRunsAck is trigger_runs_ack, in request order.
type DurableTriggerRunsAck struct {
	TaskID     string
	Invocation int32
	Entries    []RunAckEntry
}

// RunAckEntry is one child of a DurableTriggerRunsAck.
type RunAckEntry struct {
	NodeID   int64
	BranchID int64
	RunID    string
}

// DurableWaitForAck is wait_for_ack.
type DurableWaitForAck struct {
	Ref EntryRef
}

// DurableEntryCompleted is entry_completed.
type DurableEntryCompleted struct {
	Ref          EntryRef
	Payload      []byte
	Failed       bool
	ErrorMessage string
}

// DurableError is error.
type DurableError struct {
	Ref            EntryRef
	NonDeterminism bool
	Message        string
}

// DurableEvictionAck is eviction_ack.
type DurableEvictionAck struct {
	TaskID     string
	Invocation int32
}

// DurableServerEvict is server_evict.
type DurableServerEvict struct {
	TaskID     string
	Invocation int32
	Reason     string
}

func (Reply) effect()         {}
func (Assign) effect()        {}
func (AssignBatch) effect()   {}
func (CancelAction) effect()  {}
func (RunFinished) effect()   {}
func (TaskEvent) effect()     {}
func (Durable) effect()       {}
func (AttemptFailed) effect() {}
func (Evicted) effect()       {}

func (DurableRegistered) durableMessage()     {}
func (DurableMemoAck) durableMessage()        {}
func (DurableTriggerRunsAck) durableMessage() {}
func (DurableWaitForAck) durableMessage()     {}
func (DurableEntryCompleted) durableMessage() {}
func (DurableError) durableMessage()          {}
func (DurableEvictionAck) durableMessage()    {}
func (DurableServerEvict) durableMessage()    {}
