// Package workflow is the declaration model: what a script, or a Go program,
// says about its workflows and tasks. It is pure data with validation that
// knows where each thing was declared, and the translation to the contract.
package workflow

import (
	"encoding/json"
	"fmt"
	"time"
)

// Position is a place in a source file. Line and Column count from 1; 0 means
// unknown.
type Position struct {
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
}

// String renders file:line:column and leaves out what is unknown.
func (p Position) String() string {
	switch {
	case p.Line == 0:
		return p.File
	case p.Column == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Kind says how a workflow was declared.
type Kind string

const (
	// KindDAG is a workflow of one or more tasks declared with workflow(name).
	KindDAG Kind = "dag"
	// KindTask is a standalone task: a workflow whose one task has its name.
	KindTask Kind = "task"
	// KindDurable is a standalone durable task.
	KindDurable Kind = "durable"
	// KindBatch is a standalone batch task.
	KindBatch Kind = "batch"
)

// Standalone says whether a workflow of this kind is its one task.
func (k Kind) Standalone() bool { return k == KindTask || k == KindDurable || k == KindBatch }

// Workflow is one declared workflow.
type Workflow struct {
	Name            string
	Kind            Kind
	Description     string
	Version         string
	Events          []string // event key patterns, * matches any run of characters
	Crons           []string // 5 or 6 fields, optional TZ= prefix
	CronInput       json.RawMessage
	Concurrency     []Concurrency
	Sticky          Sticky
	DefaultPriority int // 1..3; 0 = not given
	DefaultFilters  []Filter
	InputSchema     json.RawMessage // JSON Schema of the input, shown by Hatchet
	ValidateInput   bool            // the worker checks inputs against the schema; the wire knows nothing of it
	// Verbatim has the registration say what was given and nothing else, byte for
	// byte as Hatchet's TypeScript SDK does, so that a worker of either kind
	// registers the same version: durations as they are written, and no defaults.
	Verbatim bool
	// OneLimit marks a Concurrency that was given as one limit and not as a list,
	// for which a Verbatim registration has another field.
	OneLimit bool
	// Handed marks a workflow that its file has handed to a worker of its own: of
	// several files that have it by importing it, such a one serves it.
	Handed      bool
	Idempotency *Idempotency
	Tasks       []*Task
	OnFailure   *Task
	Position    Position
}

// Task is one task of a workflow.
type Task struct {
	Name             string
	Durable          bool
	Parents          []string
	Retries          int
	Backoff          *Backoff
	ExecutionTimeout time.Duration // 0 = DefaultExecutionTimeout
	ScheduleTimeout  time.Duration // 0 = the engine's default, 5 minutes
	Written          Written
	RateLimits       []RateLimit
	Concurrency      []Concurrency
	WorkerLabels     map[string]DesiredLabel
	WaitFor          []Condition
	SkipIf           []Condition
	CancelIf         []Condition
	SlotCost         int              // units of the default slot type; 0 = 1
	SlotRequests     map[string]int32 // custom slot types
	Batch            *Batch           // nil: each run has a call of the handler of its own
	// SkipFunction marks a task whose skipIf is a function: the worker calls it
	// before the handler. The wire knows nothing of it.
	SkipFunction bool
	// CheckpointKey, for durable tasks, is the key under which the whole result
	// is memoised; "" = none.
	CheckpointKey string
	// Eviction, for durable tasks, says when a waiting run is given back to the
	// engine; nil = as the worker does by default.
	Eviction *EvictionPolicy
	Position Position
}

// Written are durations of a task as they were written; "" = not as text.
type Written struct{ ExecutionTimeout, ScheduleTimeout string }

// EvictionPolicy says when a durable run that waits on a worker may be given
// back to the engine, and so free its slot. The zero value is never
// (hatchet-protocol.md section 8.4).
type EvictionPolicy struct {
	TTL      time.Duration // how long a wait may last here; 0 = as long as it takes
	Capacity bool          // also when the waiting runs fill the durable slots
	Priority int           // of two such runs the lower one goes first
}

// DefaultExecutionTimeout is registered for tasks that give none, as Hatchet's
// TypeScript SDK does (hatchet-protocol.md section 5.4).
const DefaultExecutionTimeout = 60 * time.Second

// Timeout is the execution timeout in force.
func (t *Task) Timeout() time.Duration {
	if t.ExecutionTimeout > 0 {
		return t.ExecutionTimeout
	}
	return DefaultExecutionTimeout
}

// Sticky is a workflow's sticky strategy.
type Sticky string

const (
	StickyNone Sticky = ""
	StickySoft Sticky = "soft"
	StickyHard Sticky = "hard"
)

// Strategy says what happens to runs beyond a concurrency limit. The values
// are the names on the wire.
type Strategy string

const (
	CancelInProgress         Strategy = "CANCEL_IN_PROGRESS"
	GroupRoundRobin          Strategy = "GROUP_ROUND_ROBIN"
	CancelNewest             Strategy = "CANCEL_NEWEST"
	CancelQueuedExceptNewest Strategy = "CANCEL_QUEUED_EXCEPT_NEWEST"
	CancelQueuedExceptOldest Strategy = "CANCEL_QUEUED_EXCEPT_OLDEST"
)

// Concurrency is one concurrency limit.
type Concurrency struct {
	Expression        string // CEL over input and additional_metadata: the key
	MaxRuns           int    // 0 = 1
	MaxRunsExpression string // CEL; instead of MaxRuns
	Strategy          Strategy
	Name              string
	TenantScoped      bool
	SaidScope         bool // TenantScoped was given
}

// RateLimit is one rate limit of a task.
type RateLimit struct {
	StaticKey  string
	DynamicKey string // CEL; instead of StaticKey
	Units      int    // 0 = 1
	UnitsExpr  string // CEL; instead of Units
	Limit      int    // -1 = as stored
	LimitExpr  string // CEL; instead of Limit
	HasLimit   bool
	Duration   string // SECOND … YEAR; "" = MINUTE
}

// DesiredLabel is a wish, or a demand, for a worker label.
type DesiredLabel struct {
	String     *string
	Int        *int32
	Required   bool
	Comparator string // EQUAL … LESS_THAN_OR_EQUAL; "" = EQUAL
	Weight     int32  // 0 = 100
	// SaidRequired and SaidWeight tell that these were given, if only as zero.
	SaidRequired, SaidWeight bool
}

// ConditionKind says what a condition looks at.
type ConditionKind string

const (
	ConditionSleep  ConditionKind = "sleep"
	ConditionEvent  ConditionKind = "event"
	ConditionParent ConditionKind = "parent"
)

// Condition is one condition of waitFor, skipIf or cancelIf, or of a durable
// wait. Conditions with the same Group are alternatives; all groups are
// required. An empty Group stands for a group of its own.
type Condition struct {
	Kind       ConditionKind
	Key        string        // readable data key; "" = derived, section 5.4
	Group      string        // local name of the or-group
	SleepFor   time.Duration // ConditionSleep
	Written    string        // SleepFor as it was written; "" = not as text
	EventKey   string        // ConditionEvent, without namespace
	Scope      string        // ConditionEvent
	Since      *time.Time    // ConditionEvent: consider events since, durable waits only
	Parent     string        // ConditionParent: task name
	Expression string        // CEL over input (event) or output (parent)
}

// Filter decides which events start a workflow.
type Filter struct {
	Expression string
	Scope      string
	Payload    json.RawMessage
}

// Idempotency makes runs with an equal key collide.
type Idempotency struct {
	Expression string // CEL
	Strategy   string // "ttl" or "status"
	TTL        time.Duration
}

// BackoffKind is the shape of the delays between retries.
type BackoffKind string

const (
	// BackoffFactor is Hatchet's own: min(MaxSeconds, Factor^n) seconds before
	// retry n, kept by the engine.
	BackoffFactor BackoffKind = "factor"
	// BackoffExponential is Base * Factor^(n-1), at most Max.
	BackoffExponential BackoffKind = "exponential"
	// BackoffLinear is Base + Step*(n-1), at most Max.
	BackoffLinear BackoffKind = "linear"
	// BackoffConstant is Base before every retry.
	BackoffConstant BackoffKind = "constant"
)

// Backoff says how long to wait before a retry. No delay is longer than
// MaxBackoff, 24 hours.
type Backoff struct {
	Kind       BackoffKind
	Base       time.Duration
	Step       time.Duration
	Max        time.Duration // 0 = MaxBackoff
	Factor     float64       // 0 = 2 (BackoffExponential)
	MaxSeconds int           // BackoffFactor only; 0 = MaxBackoff
}
