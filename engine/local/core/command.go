package core

import (
	"time"
)

// Command is one input of the core. Commands are plain data, do not change
// after they were applied, and survive [Encode] and [Decode]. Every Apply gives
// exactly one [Reply] effect, whose Value has the type that the command's
// comment names (nil if it names none) or whose Err says why nothing happened.
type Command interface {
	kind() string
}

// PutWorkflow registers a workflow (hatchet-protocol.md section 5). An unchanged
// definition gives the version that is there. Reply: PutWorkflowReply.
type PutWorkflow struct {
	Definition Definition `json:"def"`
}

// PutWorkflowReply answers PutWorkflow.
type PutWorkflowReply struct {
	WorkflowID string
	VersionID  string
	Created    bool // false: an identical version was there
}

// RegisterWorker makes a new worker (hatchet-protocol.md section 3.3). Slots is
// the capacity by slot type; empty stands for {"default":100}. Reply:
// RegisterWorkerReply.
type RegisterWorker struct {
	Seed     string           `json:"seed"` // UUID
	Name     string           `json:"name"`
	Services []string         `json:"services,omitempty"`
	Actions  []string         `json:"actions"`
	Slots    map[string]int32 `json:"slots,omitempty"`
	Labels   map[string]Label `json:"labels,omitempty"`
	Runtime  *RuntimeInfo     `json:"runtime,omitempty"`
}

// RuntimeInfo says what a worker is made of.
type RuntimeInfo struct {
	SDKVersion      string `json:"sdk,omitempty"`
	Language        string `json:"language,omitempty"` // GO, PYTHON, TYPESCRIPT, RUBY; "" = not given
	LanguageVersion string `json:"version,omitempty"`
	OS              string `json:"os,omitempty"`
	Extra           string `json:"extra,omitempty"`
}

// RegisterWorkerReply answers RegisterWorker.
type RegisterWorkerReply struct {
	WorkerID string
	Name     string
}

// WorkerConnected says that a worker opened a stream for assignments
// (hatchet-protocol.md section 3.4). SessionID is any text that names the
// stream; it is never used twice. Attempts assigned earlier that the worker
// never confirmed as started are assigned to it once more, unchanged.
type WorkerConnected struct {
	WorkerID  string `json:"worker"`
	SessionID string `json:"session"`
	// Beats marks the old Listen call, for which the engine itself heartbeats
	// while the stream lives.
	Beats bool `json:"beats,omitempty"`
}

// WorkerDisconnected says that a stream of a worker ended. Unknown sessions are
// ignored.
type WorkerDisconnected struct {
	WorkerID  string `json:"worker"`
	SessionID string `json:"session"`
}

// Heartbeat says that a worker lives (hatchet-protocol.md section 3.5).
type Heartbeat struct {
	WorkerID string `json:"worker"`
}

// WorkerSilent says that no heartbeat of a worker has come for long enough to
// give it no more work or, if it is lost, to give the work that it has to
// others (hatchet-protocol.md section 3.5). It comes from [Core.Due].
type WorkerSilent struct {
	WorkerID string `json:"worker"`
	Lost     bool   `json:"lost,omitempty"`
}

// Unsubscribe says that a worker wants nothing more; its streams are to be
// closed by the owner (hatchet-protocol.md section 3.9).
type Unsubscribe struct {
	WorkerID string `json:"worker"`
}

// UpsertLabels merges labels into those of a worker.
type UpsertLabels struct {
	WorkerID string           `json:"worker"`
	Labels   map[string]Label `json:"labels"`
}

// PauseWorker keeps new work from a worker, or lets it have some again.
type PauseWorker struct {
	WorkerID string `json:"worker"`
	Paused   bool   `json:"paused"`
}

// Trigger starts runs, all or none (hatchet-protocol.md sections 6.1 to 6.4).
// Only a collision of idempotency keys lets the other runs start: the Reply's
// Err, of code AlreadyExists, has the details. Reply: TriggerReply.
type Trigger struct {
	Seed  string        `json:"seed"` // UUID
	Items []TriggerItem `json:"items"`
}

// TriggerItem is one run to start (v1.TriggerWorkflowRequest).
type TriggerItem struct {
	Workflow            string                  `json:"wf"`
	Input               string                  `json:"input,omitempty"` // JSON text; "" = none
	Metadata            string                  `json:"meta,omitempty"`  // JSON object text; "" = none
	ParentTaskID        string                  `json:"parent,omitempty"`
	ChildIndex          *int32                  `json:"index,omitempty"`
	ChildKey            *string                 `json:"key,omitempty"`
	Priority            int32                   `json:"priority,omitempty"` // 1..3; 0 = not given
	DesiredWorkerID     string                  `json:"worker,omitempty"`
	DesiredWorkerLabels map[string]DesiredLabel `json:"labels,omitempty"`
}

// TriggerReply answers Trigger: one run id for each item, in order.
type TriggerReply struct {
	RunIDs []string
}

// PushEvent ingests events, all or none (hatchet-protocol.md sections 7.1 and
// 7.2). Reply: PushEventReply.
type PushEvent struct {
	Seed   string      `json:"seed"` // UUID
	Events []UserEvent `json:"events"`
}

// UserEvent is one event.
type UserEvent struct {
	Key      string `json:"key"`
	Payload  string `json:"payload,omitempty"` // JSON text
	Metadata string `json:"meta,omitempty"`    // JSON object text; "" = none
	Priority int32  `json:"priority,omitempty"`
	Scope    string `json:"scope,omitempty"`
	Webhook  string `json:"webhook,omitempty"` // that it came through; "" = none
}

// PushEventReply answers PushEvent: one event id for each event, in order.
type PushEventReply struct {
	EventIDs []string
}

// Report names the attempt that a worker reports about. A nil RetryCount
// stands for the current attempt; another than the current one is ignored
// without error (hatchet-protocol.md section 3.7).
type Report struct {
	TaskID     string `json:"task"`
	RetryCount *int32 `json:"retry,omitempty"`
	// Batch is the batch in which the worker has the attempt. A report about
	// another one than that of the current attempt is ignored; "" = not given.
	Batch string `json:"batch,omitempty"`
}

// TaskStarted reports that the handler of an attempt was launched.
type TaskStarted struct {
	Report
}

// TaskCompleted reports an attempt's output, JSON text. Invalid JSON makes it a
// failure.
type TaskCompleted struct {
	Report
	Output string `json:"output"`
}

// TaskFailed reports an attempt's failure; Error is stored as it is.
type TaskFailed struct {
	Report
	Error          string `json:"error"`
	ShouldNotRetry bool   `json:"final,omitempty"`
}

// TaskCancelled reports that a worker cancelled a task; it acts as Cancel.
type TaskCancelled struct {
	Report
}

// SendFailed says that an assignment could not be handed to its worker. The
// attempt ends with an internal retry (hatchet-protocol.md sections 3.4, 9.5),
// unless it was handed out once more since then.
type SendFailed struct {
	TaskID     string `json:"task"`
	RetryCount int32  `json:"retry"`
	WorkerID   string `json:"worker"`
	Handout    int32  `json:"n,omitempty"` // of the Assign; 0 = the newest
	Reason     string `json:"reason,omitempty"`
}

// BatchReport reports about members of a batch, all in one way
// (hatchet-protocol.md section 3.7). Members that are not known any more are
// passed over, unless none is known.
type BatchReport struct {
	Batch string            `json:"batch,omitempty"` // as in Report
	Kind  BatchReportKind   `json:"kind"`
	Items []BatchReportItem `json:"items"`
}

// BatchReportKind is what a worker says of the members.
type BatchReportKind string

// The kinds of reports about a batch, each as the command of its name.
const (
	BatchStarted   BatchReportKind = "started"
	BatchCompleted BatchReportKind = "completed"
	BatchFailed    BatchReportKind = "failed"
	BatchCancelled BatchReportKind = "cancelled"
)

// BatchReportItem is the report about one member.
type BatchReportItem struct {
	Report
	Payload        string `json:"payload,omitempty"` // output, or error
	ShouldNotRetry bool   `json:"final,omitempty"`
}

// BatchSendFailed says that a batch could not be handed to its worker, as
// SendFailed does for a task.
type BatchSendFailed struct {
	BatchID  string `json:"batch"`
	WorkerID string `json:"worker"`
	Handout  int32  `json:"n,omitempty"`
	Reason   string `json:"reason,omitempty"`
}

// RefreshTimeout adds to the execution deadline of a running task
// (hatchet-protocol.md section 3.8). Reply: RefreshTimeoutReply.
type RefreshTimeout struct {
	TaskID      string `json:"task"`
	IncrementBy string `json:"by"` // duration text
}

// RefreshTimeoutReply answers RefreshTimeout.
type RefreshTimeoutReply struct {
	TimeoutAt time.Time
}

// ReleaseSlot gives a running task's slots back while it goes on
// (hatchet-protocol.md section 3.8).
type ReleaseSlot struct {
	TaskID string `json:"task"`
}

// Cancel cancels tasks (hatchet-protocol.md sections 6.7 and 9.4). Exactly one
// of IDs (runs or tasks) and Filter is given. Reply: CancelReply.
type Cancel struct {
	IDs    []string   `json:"ids,omitempty"`
	Filter *RunFilter `json:"filter,omitempty"`
}

// CancelReply answers Cancel with the ids asked for, or of the tasks that the
// filter selected.
type CancelReply struct {
	IDs []string
}

// Replay runs tasks and their descendants again (hatchet-protocol.md section
// 6.7). Exactly one of IDs and Filter is given. Reply: ReplayReply.
type Replay struct {
	IDs    []string   `json:"ids,omitempty"`
	Filter *RunFilter `json:"filter,omitempty"`
}

// ReplayReply answers Replay with the ids of the tasks that run again.
type ReplayReply struct {
	TaskIDs []string
}

// RunFilter selects runs. Empty parts select everything.
type RunFilter struct {
	Statuses    []Status   `json:"statuses,omitempty"`
	Since       time.Time  `json:"since,omitzero"`
	Until       *time.Time `json:"until,omitempty"`
	WorkflowIDs []string   `json:"workflows,omitempty"`
	// Metadata entries are "key:value"; all are required.
	Metadata []string `json:"meta,omitempty"`
	// AnyMetadata are entries of which one suffices, as servers have it where
	// tasks are cancelled or replayed by filters.
	AnyMetadata []string `json:"anyMeta,omitempty"`
}

// PutLog appends a line to the log of a task (hatchet-protocol.md section 7.3).
type PutLog struct {
	TaskID     string    `json:"task"`
	RetryCount *int32    `json:"retry,omitempty"`
	At         time.Time `json:"at,omitzero"` // zero = now
	Level      string    `json:"level,omitempty"`
	Message    string    `json:"message"`
	Metadata   string    `json:"meta,omitempty"` // JSON object text; "" = none
}

// StreamEvent fans a chunk out to subscribers; nothing is stored
// (hatchet-protocol.md section 7.4).
type StreamEvent struct {
	TaskID  string `json:"task"`
	Payload []byte `json:"payload"`
	Index   *int64 `json:"index,omitempty"`
}

// PutRateLimit sets a rate limit of the tenant (hatchet-protocol.md section
// 5.6).
type PutRateLimit struct {
	Key    string `json:"key"`
	Limit  int32  `json:"limit"`
	Window string `json:"window,omitempty"` // SECOND .. YEAR; "" = MINUTE
}

// EngineStarted says that the engine begins to serve, perhaps after a restart:
// no stream is open, workers get the whole liveness window to come back, missed
// cron ticks are passed over. It is applied once, after recovery.
type EngineStarted struct{}

// Tick fires everything that is due. It comes from [Core.Due].
type Tick struct{}

// RestoreTask brings an evicted durable task back to a worker
// (hatchet-protocol.md section 8.4). Reply: RestoreTaskReply.
type RestoreTask struct {
	TaskID string `json:"task"`
}

// RestoreTaskReply answers RestoreTask.
type RestoreTaskReply struct {
	Requeued bool
}

// Commands of the DurableTask stream (hatchet-protocol.md section 8.2). Each
// names the stream it came on; replies and later completions come as [Durable]
// effects for that stream. A refusal comes as a DurableError effect on the
// stream, and the command's own Reply has no Err then.

// DurableConnected says that a worker opened a DurableTask stream and sent
// register_worker. SessionID names the stream and is never used twice.
type DurableConnected struct {
	SessionID string `json:"session"`
	WorkerID  string `json:"worker"`
}

// DurableDisconnected says that a DurableTask stream ended.
type DurableDisconnected struct {
	SessionID string `json:"session"`
}

// DurableMemo asks for the memo of the next node.
type DurableMemo struct {
	SessionID  string `json:"session"`
	TaskID     string `json:"task"`
	Invocation int32  `json:"inv"`
	Key        []byte `json:"key"`
	Payload    []byte `json:"payload"` // nil = computed by the client if new
}

// DurableCompleteMemo stores the value of a memo. It has no answer on the
// stream.
type DurableCompleteMemo struct {
	SessionID string   `json:"session"`
	Ref       EntryRef `json:"ref"`
	Key       []byte   `json:"key"`
	Payload   []byte   `json:"payload"`
}

// DurableTriggerRuns starts child runs, one node each.
type DurableTriggerRuns struct {
	SessionID  string        `json:"session"`
	TaskID     string        `json:"task"`
	Invocation int32         `json:"inv"`
	Items      []TriggerItem `json:"items"`
}

// DurableWaitFor waits for sleep and user-event conditions.
type DurableWaitFor struct {
	SessionID  string      `json:"session"`
	TaskID     string      `json:"task"`
	Invocation int32       `json:"inv"`
	Conditions []Condition `json:"conditions"`
	Label      string      `json:"label,omitempty"`
}

// DurableEvict takes a waiting durable task off its worker.
type DurableEvict struct {
	SessionID  string `json:"session"`
	TaskID     string `json:"task"`
	Invocation int32  `json:"inv"`
	Reason     string `json:"reason,omitempty"`
}

// DurableWorkerStatus says what a worker is waiting for; it is answered only by
// what it should know already.
type DurableWorkerStatus struct {
	SessionID string     `json:"session"`
	WorkerID  string     `json:"worker"`
	Waiting   []EntryRef `json:"waiting"`
}

// DurableBranch opens a new branch of a durable task's log at a node and runs
// the task again on it. Branches count from 1; of branch 0, which is what the
// official TypeScript SDK asks for unless it is told another, there are no nodes
// to share, so that everything runs again. Reply: DurableBranchReply.
type DurableBranch struct {
	TaskID   string `json:"task"`
	NodeID   int64  `json:"node"`
	BranchID int64  `json:"branch"`
}

// DurableBranchReply answers DurableBranch.
type DurableBranchReply struct {
	TaskID   string
	NodeID   int64
	BranchID int64 // the new branch
}

// EntryRef addresses one entry of a durable task's event log.
type EntryRef struct {
	TaskID     string `json:"task"`
	Invocation int32  `json:"inv"`
	BranchID   int64  `json:"branch"`
	NodeID     int64  `json:"node"`
}
