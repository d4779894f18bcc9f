package scripttest

import (
	"context"
	"encoding/json"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// Runner runs one attempt of one task.
type Runner func(ctx context.Context, inv *hatchet.Invocation) (output []byte, err error)

// WorldOptions say what a [World] is made of.
type WorldOptions struct {
	Clock clock.Clock
	// Workflows are registered by the worker, without their crons, see
	// [World.EnableCrons].
	Workflows []*workflow.Workflow
	Run       Runner
	// Linger is the clock of what waits only until nothing is busy.
	Linger clock.Clock
	// Slots of the worker; 0 = the worker's default.
	Slots int
	// EvictAtOnce gives durable tasks back to the engine as soon as they wait.
	EvictAtOnce bool
	// NewID makes the ids of runs that are asked for, and of events.
	NewID func() string
	// Observe is told what happens, on any goroutine. It must return at once.
	Observe func(Event)
}

// Worlds makes worlds.
type Worlds interface {
	// Open starts an engine with a worker that serves it and calls f; both end
	// when f has returned.
	Open(ctx context.Context, options WorldOptions, f func(World) error) error
}

// World is what one test owns: an engine, a worker and a client. Methods
// without a context answer from the engine's state at once.
type World interface {
	// Trigger starts a run and returns its id.
	Trigger(ctx context.Context, request Trigger) (runID string, err error)
	Push(ctx context.Context, event Push) error
	Cancel(ctx context.Context, runID string) error
	// Replay runs a run again, from one of its tasks on if task is not "".
	Replay(ctx context.Context, runID, task string) error
	// Evict makes the worker give the durable tasks of a run back to the engine.
	Evict(ctx context.Context, runID string) error
	// SpendRateLimit leaves nothing of a rate limit until its window ends.
	SpendRateLimit(ctx context.Context, key string) error
	// EnableCrons registers a workflow again with the crons that it declares.
	EnableCrons(ctx context.Context, name string) error

	// StartWorker starts the worker after it was stopped or killed.
	StartWorker(ctx context.Context, slots int, labels map[string]any) error
	// StopWorker drains the worker.
	StopWorker(ctx context.Context) error
	// KillWorker ends the worker as a power cut would: nothing is reported.
	KillWorker()
	// DropStream cuts the worker's connection, which it makes anew.
	DropStream()
	// CutStream cuts it so that none is made before MendStream.
	CutStream()
	MendStream()

	Run(id string) (Run, bool)
	// Runs lists all runs, oldest first.
	Runs() []Run
	// Waits lists what the durable tasks of a run have waited for.
	Waits(runID string) []Wait
	Logs(runID string) []LogLine
	// Stream gives the chunks that a run has streamed so far, as text.
	Stream(runID string) []string
}

// Trigger asks for a run.
type Trigger struct {
	Workflow string
	Input    json.RawMessage
	Metadata json.RawMessage
	Priority int
	Key      string
}

// Push is an event to push.
type Push struct {
	Key      string
	Data     json.RawMessage
	Metadata json.RawMessage
	Priority int
	Scope    string
}

// Run is a run as it stands.
type Run struct {
	ID       string
	Workflow string
	Status   string // QUEUED, RUNNING, COMPLETED, FAILED or CANCELLED
	Done     bool
	Input    json.RawMessage
	Output   json.RawMessage // of a completed run: the task's, or by task
	Error    string          // of the task that failed first
	Parent   string          // run id; "" = none
	// ChildIndex is the place among the runs that the parent started; 0 = first, or
	// not known.
	ChildIndex int
	Tasks      []Task
	Created    time.Time
	Finished   time.Time
}

// Task is one task of a run.
type Task struct {
	ID       string
	Name     string
	Status   string
	Skipped  bool
	Parked   bool
	Attempts int
	Output   json.RawMessage
	Error    string
	Started  time.Time // zero = not yet
	Finished time.Time // zero = not yet
}

// Wait is one thing that a durable task waited, or waits, for.
type Wait struct {
	Task   string
	What   string // as written: sleepFor(24h)
	Sleep  time.Duration
	Events []string // keys
	Child  string   // workflow
	Done   bool
}

// LogLine is one line of a task's log.
type LogLine struct {
	At      time.Time
	Task    string
	Level   string
	Message string
}

// Event is something that happened in a world, for timelines.
type Event struct {
	At       time.Time
	Kind     EventKind
	RunID    string
	Workflow string
	Parent   string // of a run: the run whose Task started it; "" = none
	Index    int    // of a run, among those that the task started; 0 = first, or not known
	Task     string
	Status   string // of RunFinished and TaskFinished
	Attempt  int
	Text     string        // trigger of a run, error of a task, line of a log
	Input    []byte        // of a run
	RetryIn  time.Duration // of a task that is tried again; negative otherwise
	Skipped  bool
}

// EventKind says what an [Event] is.
type EventKind string

// The kinds of events.
const (
	RunStarted   EventKind = "run"
	TaskStarted  EventKind = "started"
	TaskParked   EventKind = "parked"
	TaskFinished EventKind = "finished"
	TaskLogged   EventKind = "logged"
	RunFinished  EventKind = "done"
	EventPushed  EventKind = "event"
	WorkerGone   EventKind = "worker"
)
