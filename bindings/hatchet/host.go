package hatchet

import (
	"context"
	"net/url"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// Host is what one running task can ask of the world outside its VM. Every
// method that takes a context is called on a goroutine of its own, never on the
// VM's, and ends when the context does. The others are called on the VM's
// goroutine and must not block.
type Host interface {
	// Trigger starts a run and returns its id (hatchet-protocol.md section 6.1).
	Trigger(ctx context.Context, request RunRequest) (runID string, err error)
	// TriggerMany starts runs and returns their ids in the order of requests.
	TriggerMany(ctx context.Context, requests []RunRequest) (runIDs []string, err error)
	// Result waits until a run is final (hatchet-protocol.md section 6.5).
	Result(ctx context.Context, runID string) (*Result, error)
	// Status returns a run's status word: QUEUED, RUNNING, COMPLETED, FAILED or
	// CANCELLED.
	Status(ctx context.Context, runID string) (string, error)
	// Cancel cancels runs, or tasks, by their ids (hatchet-protocol.md section 6.7).
	Cancel(ctx context.Context, ids ...string) error
	// PushEvent pushes an event and returns its id (hatchet-protocol.md section 7.1).
	PushEvent(ctx context.Context, event Event) (eventID string, err error)
	// BulkPushEvents pushes events and returns their ids in the order of events.
	BulkPushEvents(ctx context.Context, events []Event) (eventIDs []string, err error)
	// RefreshTimeout adds d to the task's execution deadline.
	RefreshTimeout(ctx context.Context, d time.Duration) error
	// ReleaseSlot frees the worker slot while the task goes on.
	ReleaseSlot(ctx context.Context) error
	// PutStream sends one chunk of the task's stream. Calls of one run do not
	// overlap and come in the order of index, which counts from 0 per attempt.
	PutStream(ctx context.Context, index int64, chunk []byte) error
	// Log takes one line of the task's log. Lines come in order; the host keeps
	// that order and has them all delivered before it reports the task. A
	// message has 1 to [MaxLogMessage] characters: longer ones are split before
	// they come here. fields is a JSON object or nil.
	Log(level Level, message string, fields []byte)
	// Worker tells about the worker that runs the task.
	Worker() Worker
	// UpsertLabels sets labels of that worker: string or int32 values. Others
	// keep theirs (hatchet-protocol.md section 3.3).
	UpsertLabels(ctx context.Context, labels map[string]any) error

	Management
}

// Management is what an engine offers beside runs and events: its REST face, and
// what is like it. Its methods are called as those of [Host] are.
type Management interface {
	// REST makes a request of the engine's REST face in the worker's name
	// (hatchet-protocol.md section 6.10). What the engine refuses is an
	// [*APIError].
	REST(ctx context.Context, request APIRequest) (*APIAnswer, error)
	// FindWorkflow gives what the engine lists of a workflow, as JSON.
	FindWorkflow(ctx context.Context, name string) ([]byte, error)
	// WireName is the name under which the engine knows a workflow. It does not
	// block.
	WireName(workflow string) string
	// Details tells where a run stands (hatchet-protocol.md section 6.6).
	Details(ctx context.Context, runID string) (*Details, error)
	// PutRateLimit creates or changes a rate limit; window is one of Hatchet's
	// words, in any case (hatchet-protocol.md section 5.6).
	PutRateLimit(ctx context.Context, key string, limit int, window string) error
	// Follow hands what happens in a run to each, until the run is final
	// (hatchet-protocol.md section 6.8).
	Follow(ctx context.Context, runID string, each func(event RunEvent) error) error
}

// RunEvent is something that happened in a run: to the run itself or to one of
// its tasks.
type RunEvent struct {
	OfTask  bool
	What    string // STARTED, COMPLETED, FAILED, CANCELLED, TIMED_OUT or STREAM
	ID      string // of the task run, or of the run
	RunID   string
	Payload []byte // of a STREAM the chunk; else the output or the error, if there is one
}

// Streamed is the RunEvent.What of a chunk that a task streams.
const Streamed = "STREAM"

// APIRequest is one request of the engine's REST face.
type APIRequest struct {
	Method string // GET, POST, PUT, PATCH or DELETE
	Path   string // begins with /api/; {tenant} stands for the worker's tenant
	Query  url.Values
	Body   []byte // JSON; nil = none
}

// APIAnswer is what the REST face answered with success.
type APIAnswer struct {
	Body []byte
	JSON bool // else Body is text
}

// Details is where a run stands.
type Details struct {
	Status             string
	Done               bool
	Evicted            bool // all that is left waits, and holds no slot
	Input              []byte
	AdditionalMetadata []byte
	Tasks              []TaskResult
}

// Durable is the event log of a durable task as one pass of its handler sees
// it (hatchet-protocol.md section 8). Each done is called exactly once, from
// any goroutine, unless the pass was dropped.
type Durable interface {
	// Memo asks for the value remembered under key.
	Memo(key []byte, done func(Answer))
	// WaitFor waits for conditions; payload is the JSON of what fired. label is
	// shown to people; describe names the wait in a message about
	// non-determinism, as in `sleepFor(24h)`.
	WaitFor(conditions []workflow.Condition, label, describe string, done func(Answer))
	// RunChildren starts child runs and tells of them, in the order of requests.
	// With an error none of them may be relied on. took is that of [Answer].
	RunChildren(requests []RunRequest, started func(children []DurableChild, err error, took func()))
	// KeepsRuns reports whether the engine can keep child runs in the log: those
	// before v0.80.0 cannot (hatchet-protocol.md section 8.6).
	KeepsRuns() bool
	// Linger asks whether the run may keep its VM for a short while though it
	// waits; release ends that.
	Linger() (release func(), ok bool)
	// Asking reports whether the engine has not yet taken everything that the run
	// asked for.
	Asking() bool
	// Replaying reports whether every answer that the handler took so far was from
	// the log.
	Replaying() bool
	// Unsure reports whether it takes the next operation to tell if what the
	// handler does now is a repetition: it may have come this far in an invocation
	// before, or have been woken by the last answer. It is false unless Replaying.
	Unsure() bool
	// CatchingUp reports whether the handler does what an invocation before did,
	// for sure or perhaps, and the engine has to be asked for it all again.
	CatchingUp() bool
	// Behind tells how much earlier it was when the handler first came as far as
	// it is now. It is 0 unless Replaying, and if that was in an invocation elsewhere.
	Behind() time.Duration
}

// Answer is what the event log gives to one operation.
type Answer struct {
	Payload []byte
	Err     error
	// Exists is of a memo whose value is remembered. Of another, the script
	// computes it and hands its JSON to Complete.
	Exists   bool
	Complete func(payload []byte)
	// Took is called on the VM's goroutine when the script runs on with the
	// answer: what it does from then on comes after it.
	Took func()
}

// DurableChild is a child run that a durable task has started.
type DurableChild struct {
	RunID string
	// Result hands what the child gave to done, as JSON in the shape that
	// hatchet.run gives: the output of a standalone task, else an object of
	// outputs by task. A child that failed is a [*RunFailedError].
	Result func(done func(Answer))
}

// RunRequest asks for one run of a workflow.
type RunRequest struct {
	Workflow           string // as declared, without namespace
	Input              []byte // JSON object
	AdditionalMetadata []byte // JSON object or nil
	Priority           int    // 1..3; 0 = the workflow's own
	WorkerLabels       map[string]workflow.DesiredLabel
	Sticky             bool   // run on this worker
	DesiredWorkerID    string // a certain worker; "" = any
	Key                string // child key: runs of one parent with one key are one run
	Parent             *Parent
	Bare               bool // the output of a durable child is wanted as the engine gives it

	returnExceptions bool // of the whole list that it is part of
}

// Parent links a run to the task that started it (hatchet-protocol.md section 6.3).
type Parent struct {
	WorkflowRunID string
	TaskRunID     string
	ChildIndex    int32 // counts from 0 per attempt, over all ways to start runs
}

// Status words, Hatchet's own.
const (
	StatusQueued    = "QUEUED"
	StatusRunning   = "RUNNING"
	StatusCompleted = "COMPLETED"
	StatusFailed    = "FAILED"
	StatusCancelled = "CANCELLED"
)

// Result is the end of a run.
type Result struct {
	Status string // StatusCompleted, StatusFailed or StatusCancelled
	Tasks  []TaskResult
}

// TaskResult is the end of one task of a run.
type TaskResult struct {
	Name      string // readable id
	TaskRunID string
	Status    string
	Output    []byte // JSON; nil if there is none
	Error     string // the FAILED payload as reported (hatchet-protocol.md section 3.7)
	Evicted   bool   // a durable task that waits, and holds no slot
}

// Event is one event to push.
type Event struct {
	Key                string // without namespace
	Payload            []byte // JSON object
	AdditionalMetadata []byte // JSON object or nil
	Priority           int    // 1..3; 0 = none
	Scope              string
}

// Level is the level of a log line, in Hatchet's words (hatchet-protocol.md
// section 7.3).
type Level string

const (
	LevelDebug Level = "DEBUG"
	LevelInfo  Level = "INFO"
	LevelWarn  Level = "WARN"
	LevelError Level = "ERROR"
)

// MaxLogMessage is the longest log message that Hatchet takes, in characters
// (hatchet-protocol.md section 7.3).
const MaxLogMessage = 10_000

// Worker describes the worker that runs a task.
type Worker struct {
	ID        string
	Name      string
	Tenant    string         // the id of the tenant that it works for
	Labels    map[string]any // string or int32 values
	Workflows []string       // names of the workflows it serves
}

// Invocation is one attempt of one task, with the fields of its assignment as
// they came over the wire (hatchet-protocol.md section 3.6).
type Invocation struct {
	Action              string // workflow.ActionID, without namespace
	WorkflowRunID       string
	TaskRunID           string
	TaskName            string
	JobName             string
	WorkflowID          string
	WorkflowVersionID   string
	ParentWorkflowRunID string
	RetryCount          int
	InvocationCount     int // 0 = not durable
	Priority            int
	ChildIndex          *int32
	ChildKey            string
	TriggeringEventID   string
	TriggeringEventKey  string
	Payload             []byte // JSON of hatchet-protocol.md section 4.1
	AdditionalMetadata  []byte // JSON object or nil

	Host    Host
	Batch   *Batch  // nil unless the task is a batch task; the fields of single runs are empty then
	Durable Durable // nil unless the task is durable
}
