package core

import "time"

// RunView is a run as GetRunDetails and the lists show it (hatchet-protocol.md
// section 6.6).
type RunView struct {
	RunID             string
	WorkflowID        string
	WorkflowVersionID string
	Workflow          string
	Status            Status
	Done              bool
	Evicted           bool // some durable task of it is evicted
	Input             []byte
	Metadata          []byte
	Priority          int32
	CreatedAt         time.Time
	StartedAt         time.Time // zero = no task ran yet
	FinishedAt        time.Time // zero = not final
	ParentTaskID      string
	ChildIndex        int32 // among those that its parent started with an index; 0 = the first, or none
	EventID           string
	EventKey          string
	IdempotencyKey    string // "" = none
	// Tasks in the order of the definition, on-failure last. Tasks that do not
	// exist yet are left out.
	Tasks []TaskView
}

// TaskView is one task of a RunView. Unlike GetRunDetails of the wire it shows
// the task's own final status at once.
type TaskView struct {
	TaskID     string
	RunID      string
	Name       string
	ActionID   string
	Status     Status
	Evicted    bool
	Output     []byte
	Error      string
	RetryCount int32
	Attempts   int32  // assignments so far
	WorkerID   string // "" = on no worker
	CreatedAt  time.Time
	StartedAt  time.Time
	FinishedAt time.Time
	Durable    bool
	Number     uint64 // grows from task to task
	StepID     string // of the task in the version of the workflow
	Children   int    // runs that it started under keys of their own
	Skipped    bool   // COMPLETED without having run
}

// RunQuery selects runs for ListRuns, newest first.
type RunQuery struct {
	Filter       RunFilter
	ParentTaskID string
	EventID      string
	// IdempotencyKeys of which the run has one; empty selects everything.
	IdempotencyKeys []string
	Offset          int
	Limit           int // 0 = 50
}

// WorkflowView is a registered workflow, in its newest version.
type WorkflowView struct {
	WorkflowID string
	VersionID  string
	Name       string
	CreatedAt  time.Time
	UpdatedAt  time.Time
	Definition Definition
	Number     int    // of the version, from 1
	Pause      *Pause // nil = not paused
}

// WorkerView is a worker as lists show it.
type WorkerView struct {
	WorkerID      string
	Name          string
	Actions       []string
	Labels        map[string]Label
	Slots         []SlotView
	Connected     bool
	Paused        bool
	RegisteredAt  time.Time
	LastHeartbeat time.Time // zero = none since the engine started
	Runtime       *RuntimeInfo
	RunningTasks  int
}

// SlotView is the use of one slot type of a worker.
type SlotView struct {
	Type     string
	Capacity int32
	Used     int32
}

// LogLine is one line of a task's log.
type LogLine struct {
	At         time.Time
	Level      string
	Message    string
	Metadata   string
	RetryCount int32
}

// RateLimitView is one rate limit of the tenant.
type RateLimitView struct {
	Key        string
	Limit      int32
	Value      int32 // what was left when it was last looked at
	Window     string
	LastRefill time.Time
}
