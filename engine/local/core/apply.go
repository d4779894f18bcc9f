package core

import "time"

// Core is the state of an engine. It belongs to one goroutine.
type Core struct {
	config Config
}

// New makes an empty engine.
func New(config Config) *Core { return &Core{config: config} }

// Restore makes an engine from what [Core.Snapshot] wrote.
func Restore(config Config, snapshot []byte) (*Core, error) {
	return &Core{config: config}, nil
}

// Snapshot serialises the whole state.
func (c *Core) Snapshot() ([]byte, error) { return nil, nil }

// Apply carries out cmd at the time now and returns what must be done because
// of it. A time before that of an earlier call counts as that earlier time.
func (c *Core) Apply(now time.Time, cmd Command) []Effect {
	return []Effect{Reply{Err: errorf(Unimplemented, "command %s is not implemented", cmd.kind())}}
}

// NextWake is the time at which a [Tick] has something to do, and whether there
// is one.
func (c *Core) NextWake() (time.Time, bool) { return time.Time{}, false }

// Run gives a run by its id.
func (c *Core) Run(id string) (RunView, bool) { return RunView{}, false }

// RunOfTask gives the id of the run that a task belongs to.
func (c *Core) RunOfTask(taskID string) (string, bool) { return "", false }

// Result gives what a run came to; ok is false while it is not final or if it
// is unknown.
func (c *Core) Result(runID string) (result RunResult, ok bool) { return RunResult{}, false }

// ListRuns gives the runs that q selects, newest first, and how many there are
// without its limits.
func (c *Core) ListRuns(q RunQuery) (runs []RunView, total int) { return nil, 0 }

// Workers lists the known workers in order of registration.
func (c *Core) Workers() []WorkerView { return nil }

// Worker gives a worker by its id.
func (c *Core) Worker(id string) (WorkerView, bool) { return WorkerView{}, false }

// Workflows lists the registered workflows by name.
func (c *Core) Workflows() []WorkflowView { return nil }

// Crons lists the cron triggers of the newest versions, in order of workflow
// name and expression.
func (c *Core) Crons() []CronView { return nil }

// Logs gives the kept log lines of a task, oldest first.
func (c *Core) Logs(taskID string) ([]LogLine, bool) { return nil, false }
