package permit

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

// Limits bound what one run may use. The zero value of a field is no limit.
type Limits struct {
	CPU         time.Duration // inside the VM
	Wall        time.Duration // from the run's beginning to its end
	Grace       time.Duration // to tidy up, of a run that takes notice of its end
	Output      int64         // bytes of the task's output
	LogBytes    int64         // bytes of all log lines
	LogLines    int64         // log lines
	Fetches     int64         // requests over the network
	FetchBody   int64         // bytes of one response that are read into memory
	Commands    int64         // programs started
	CommandTime time.Duration // of one program
	ExecOutput  int64         // bytes of output of one program that are read into memory
	FileBytes   int64         // bytes of one file that are read into memory
	// Memory is how many bytes scripts may take: all together where they share a
	// process, each process where they do not. It is kept by whoever runs them.
	Memory int64
	// Isolate says what runs share: one of Isolations, or "" for the default.
	Isolate string
}

// Isolations say what the runs of a script share: a VM one after the other, a
// process, or a VM in a process of its own one after the other.
var Isolations = []string{IsolateVM, IsolateRun, IsolateProcess}

// What runs share.
const (
	IsolateVM      = "vm"
	IsolateRun     = "run"
	IsolateProcess = "process"
)

// Countable is a limit that counts up over a run.
type Countable int

// Countable limits.
const (
	Fetches Countable = iota
	Commands
	LogLines
	LogBytes
	countables
)

// usage is what a run has used so far.
type usage [countables]atomic.Int64

// counted describes a countable limit: its name in hatchet-js.json, the name of
// the error, and what is counted.
var counted = [countables]struct {
	name, errorName, unit string
	of                    func(Limits) int64
}{
	Fetches:  {"fetches", "FetchLimitExceeded", "requests", func(l Limits) int64 { return l.Fetches }},
	Commands: {"commands", "CommandLimitExceeded", "commands", func(l Limits) int64 { return l.Commands }},
	LogLines: {"logLines", "LogLimitExceeded", "log lines", func(l Limits) int64 { return l.LogLines }},
	LogBytes: {"logBytes", "LogLimitExceeded", "bytes of log", func(l Limits) int64 { return l.LogBytes }},
}

// LimitError says that a run has used up a limit. Scripts see an Error with
// its name, such as FetchLimitExceeded; a task that fails with it is not tried
// again.
type LimitError struct {
	// Name is the name of the error.
	Name string
	// Limit is the limit's name in hatchet-js.json: "fetches".
	Limit string
	// Text says what was exceeded.
	Text  string
	Place Place
}

func (e *LimitError) Error() string {
	text := e.Text
	if at := e.Place.String(); at != "" {
		text += " at " + at
	}
	return text + "; " + LimitAdvice(e.Limit)
}

// LimitAdvice says what sets the limit with a name: "limits.cpu in
// hatchet-js.json sets it".
func LimitAdvice(limit string) string {
	return fmt.Sprintf("limits.%s in %s sets it", limit, ConfigName)
}

// ErrorName is the name of the Error that scripts see.
func (e *LimitError) ErrorName() string { return e.Name }

// NonRetryable says that trying again is of no use.
func (e *LimitError) NonRetryable() bool { return true }

// Count uses n of a countable limit; the error is a [*LimitError].
func (r *Run) Count(ctx context.Context, what Countable, n int64) error {
	used, c := r.uses[what].Add(n), &counted[what]
	limit := c.of(r.Limits())
	if limit == 0 || used <= limit {
		return nil
	}
	return &LimitError{Name: c.errorName, Limit: c.name, Place: PlaceOf(ctx),
		Text: fmt.Sprintf("%s: more than the %d %s that a run may have", r.task.label(), limit, c.unit)}
}

// sizeError says that something is too large for memory.
func (r *Run) sizeError(ctx context.Context, name, limit, what string, most int64) error {
	return &LimitError{Name: name, Limit: limit, Place: PlaceOf(ctx), Text: fmt.Sprintf("%s has more than %d bytes", what, most)}
}

// FetchBodyError says that what is to be read into memory has more than the
// limit; what names it.
func (r *Run) FetchBodyError(ctx context.Context, what string) error {
	return r.sizeError(ctx, "FetchLimitExceeded", "fetchBody", what, r.Limits().FetchBody)
}

// ExecOutputError says that a program has written more than the limit.
func (r *Run) ExecOutputError(ctx context.Context, program string) error {
	return r.sizeError(ctx, "ExecOutputLimitExceeded", "execOutput", "the output of "+program, r.Limits().ExecOutput)
}

// WallError is why a run is stopped that goes on for longer than the limit.
func (l Limits) WallError(task Task) *LimitError {
	return &LimitError{Name: "WallLimitExceeded", Limit: "wall", Text: fmt.Sprintf("%s ran for longer than %s", task.label(), l.Wall)}
}

// MemoryError says that a run has used up the limit of memory, alone or, where
// runs share a process, as the one that has to do most with it.
func MemoryError(name string, limit int64, shared bool) *LimitError {
	text := fmt.Sprintf("%s used more than %s of memory", name, FormatSize(limit))
	if shared {
		text = fmt.Sprintf("the worker holds more than %s of memory, and %s took most of it of late", FormatSize(limit), name)
	}
	return &LimitError{Name: "MemoryLimitExceeded", Limit: "memory", Text: text}
}

// OutputError says that an output is larger than the limit.
func (l Limits) OutputError(task Task, size int) *LimitError {
	return &LimitError{Name: "OutputLimitExceeded", Limit: "output",
		Text: fmt.Sprintf("the output of %s has %d bytes, more than %d", task.label(), size, l.Output)}
}

// label names the task in a message.
func (t Task) label() string {
	switch {
	case t.Task != "":
		return t.Task
	case t.Workflow != "":
		return t.Workflow
	}
	return "the script"
}
