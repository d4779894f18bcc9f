package sdk

import (
	"encoding/json"
	"time"
)

// Notice is something a person watching would want to know. The types that
// implement it are those of this file.
type Notice interface{ notice() }

// Observer is told what happens, from many goroutines at once. It must
// be quick.
type Observer func(Notice)

func (o Observer) tell(n Notice) {
	if o != nil {
		o(n)
	}
}

// ScriptsLoaded comes after the first load and after each reload that changed
// something.
type ScriptsLoaded struct {
	Files  []File // every file after the first load, the changed ones later
	Reload bool
	Took   time.Duration
}

// ScriptsRefused says that the engine did not take some workflow of a
// generation; what it served before goes on.
type ScriptsRefused struct{ Err error }

// HealthListening tells where the probes and metrics answer.
type HealthListening struct{ Address string } // host:port

// WorkerState is what the worker is doing now.
type WorkerState struct {
	State     string // starting, registering, connected, reconnecting, draining, stopped
	Detail    string
	WorkerID  string
	Running   int
	Reporting int
}

// TaskStarted says that the handler of an attempt begins, or goes on.
type TaskStarted struct{ Attempt }

// TaskParked says that a durable attempt waits and holds no VM.
type TaskParked struct{ Attempt }

// TaskFinished is the end of an attempt.
type TaskFinished struct {
	Attempt
	Outcome string // completed, failed, timed out, cancelled, evicted, replaced, abandoned
	Took    time.Duration
	Error   string // of a failed or timed out attempt, its first line
}

// Attempt names one attempt of one task. That of a batch task serves many runs,
// of which it names the first.
type Attempt struct {
	Workflow   string
	Task       string
	RunID      string
	TaskRunID  string
	Number     int // from 1
	MaxRetries int
	Runs       int // how many it serves; 0 = it is no batch
}

// TaskLogged is one line of a task's log.
type TaskLogged struct {
	Attempt
	Level   string
	Message string
}

// RunStarted is the start of a run of an embedded engine.
type RunStarted struct {
	RunID, Workflow, Trigger string
	Input                    json.RawMessage
}

// RunFinished is the end of a run of an embedded engine.
type RunFinished struct {
	RunID, Workflow, Status string
	Took                    time.Duration
	Error                   string
}

// EngineTask is the end of a task attempt as an embedded engine records it.
type EngineTask struct {
	RunID, Workflow, Task string
	Status                string // COMPLETED, FAILED, CANCELLED, SKIPPED, PARKED
	Attempt, MaxAttempts  int
	Took                  time.Duration
	Error                 string
	Place                 string        // file:line:column of the error; "" if unknown
	RetryIn               time.Duration // -1: no retry
}

func (ScriptsLoaded) notice()   {}
func (ScriptsRefused) notice()  {}
func (HealthListening) notice() {}
func (WorkerState) notice()     {}
func (TaskStarted) notice()     {}
func (TaskParked) notice()      {}
func (TaskFinished) notice()    {}
func (TaskLogged) notice()      {}
func (RunStarted) notice()      {}
func (RunFinished) notice()     {}
func (EngineTask) notice()      {}

// File is one script file and what it declares.
type File struct {
	Path       string             `json:"path"`   // as it was named, for people
	Status     FileStatus         `json:"status"` // loaded, failed, empty or removed
	Generation int                `json:"generation,omitempty"`
	Workflows  []DeclaredWorkflow `json:"workflows"`
	Error      *FileError         `json:"error,omitempty"`
	// ServedBy are the files that serve workflows which this one imports, or
	// declares for them.
	ServedBy []string `json:"servedBy,omitempty"`
	// Changes say in words what a reload changed; OldRuns counts runs that
	// still go on in older generations.
	Changes []string `json:"changes,omitempty"`
	OldRuns int      `json:"oldRuns,omitempty"`
	// Took is the time to build and evaluate the file.
	Took time.Duration `json:"-"`
}

// FileStatus says whether a file serves.
type FileStatus string

// What becomes of files.
const (
	FileLoaded  FileStatus = "loaded"
	FileFailed  FileStatus = "failed"
	FileEmpty   FileStatus = "empty" // declares no workflow, which is no error
	FileRemoved FileStatus = "removed"
)

// FileError says why a file does not load.
type FileError struct {
	Message string `json:"message"`
	File    string `json:"file,omitempty"`
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Frame   string `json:"frame,omitempty"` // the source lines around the place
	Stack   string `json:"stack,omitempty"`
	// Notes say more, like where the other of two things is; More are further
	// reasons, each in one line.
	Notes []string `json:"notes,omitempty"`
	More  []string `json:"more,omitempty"`
}

// DeclaredWorkflow is one workflow that a script declares.
type DeclaredWorkflow struct {
	Name        string         `json:"name"`
	Kind        string         `json:"kind"` // dag, task or durable
	Description string         `json:"description,omitempty"`
	File        string         `json:"file,omitempty"`
	Line        int            `json:"line,omitempty"`
	Column      int            `json:"column,omitempty"`
	Events      []string       `json:"events,omitempty"`
	Crons       []Cron         `json:"crons,omitempty"`
	Tasks       []DeclaredTask `json:"tasks"`
	Edges       [][2]string    `json:"edges"` // parent, child
	OnFailure   string         `json:"onFailure,omitempty"`
}

// Cron is one schedule of a workflow.
type Cron struct {
	Expression string    `json:"expression"`
	Next       time.Time `json:"next"` // when it fires next
}

// DeclaredTask is one task of it.
type DeclaredTask struct {
	Name    string   `json:"name"`
	Durable bool     `json:"durable,omitempty"`
	Parents []string `json:"parents,omitempty"`
	Retries int      `json:"retries,omitempty"`
	Timeout string   `json:"timeout"`
	Line    int      `json:"line,omitempty"`
}
