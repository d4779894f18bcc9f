package scripttest

import (
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// Outcome is what became of a test.
type Outcome string

// The outcomes.
const (
	Passed  Outcome = "passed"
	Failed  Outcome = "failed"
	Skipped Outcome = "skipped"
)

// Line is a line that a test wrote to the console.
type Line struct {
	Level string `json:"level"`
	Text  string `json:"text"`
}

// Result is the end of one test.
type Result struct {
	File    string            `json:"file"`
	Suites  []string          `json:"suites"`
	Name    string            `json:"name"`
	At      workflow.Position `json:"at"`
	Outcome Outcome           `json:"outcome"`
	// Reason is why it was skipped: skip, todo, only or fail-fast.
	Reason string `json:"reason,omitempty"`
	// Flaky says that it passed only when it was tried again.
	Flaky   bool          `json:"flaky,omitempty"`
	Tries   int           `json:"tries,omitempty"`
	Failure *Failure      `json:"failure,omitempty"`
	Virtual time.Duration `json:"virtualNs"` // time that passed on its clock
	// OnServer says that it ran against a server, on real time.
	OnServer bool          `json:"onServer,omitempty"`
	Took     time.Duration `json:"tookNs"` // on the wall clock
	Lines    []Line        `json:"console,omitempty"`
	Unused   []string      `json:"unusedMocks,omitempty"`
}

// FullName is the name with those of the suites around it.
func (r *Result) FullName() string {
	name := ""
	for _, suite := range r.Suites {
		name += suite + " › "
	}
	return name + r.Name
}

// Failure is why a test failed.
type Failure struct {
	// Type is the name of what was thrown; "AssertionError" is an expectation that
	// did not hold.
	Type     string            `json:"type"`
	Message  string            `json:"message"`
	At       workflow.Position `json:"at,omitzero"`
	Frame    string            `json:"frame,omitempty"`
	Stack    string            `json:"stack,omitempty"`
	Timeline string            `json:"timeline,omitempty"`
	// Rerun is the arguments of 'test' that run just this one.
	Rerun string `json:"rerun"`
}

// FileResult is a test file that was looked at.
type FileResult struct {
	File  string `json:"file"`
	Tests int    `json:"tests"`
	// Error says why it does not load; "" if it does.
	Error  string `json:"error,omitempty"`
	Detail string `json:"detail,omitempty"` // with the source around the place
}

// Summary is the end of a run of tests.
type Summary struct {
	Files   int           `json:"files"`
	Broken  int           `json:"filesNotLoaded"`
	Passed  int           `json:"passed"`
	Failed  int           `json:"failed"`
	Skipped int           `json:"skipped"`
	Flaky   int           `json:"flaky"`
	Seed    uint64        `json:"seed"`
	Took    time.Duration `json:"tookNs"`
}

// Reporter is told of a run of tests as it goes, on one goroutine. Results come
// in the order of the files and the tests in them, whatever order they ended in.
type Reporter interface {
	Start(files int, seed uint64)
	File(f FileResult)
	Test(r *Result)
	End(s Summary) error
}
