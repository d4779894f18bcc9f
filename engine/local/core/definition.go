package core

import (
	"encoding/json"
	"time"
)

// Definition is a workflow as registered, in the terms of
// v1.CreateWorkflowVersionRequest (hatchet-protocol.md sections 2.5 and 5).
// Texts are as on the wire; PutWorkflow validates them and fills in the
// defaults of section 5.3.
type Definition struct {
	Name            string           `json:"name"`
	Description     string           `json:"description,omitempty"`
	Version         string           `json:"version,omitempty"`
	EventTriggers   []string         `json:"events,omitempty"`
	CronTriggers    []string         `json:"crons,omitempty"`
	CronInput       string           `json:"cronInput,omitempty"` // JSON text; "" = none
	Tasks           []TaskDefinition `json:"tasks"`
	OnFailure       *TaskDefinition  `json:"onFailure,omitempty"`
	Concurrency     []Concurrency    `json:"concurrency,omitempty"` // fields 7 and 12, in this order
	Sticky          Sticky           `json:"sticky,omitempty"`
	DefaultPriority int32            `json:"priority,omitempty"` // 1..3; 0 = not given
	DefaultFilters  []Filter         `json:"filters,omitempty"`
	InputSchema     json.RawMessage  `json:"schema,omitempty"`
	Idempotency     *Idempotency     `json:"idempotency,omitempty"`
}

// TaskDefinition is one task of a Definition (v1.CreateTaskOpts).
type TaskDefinition struct {
	Name              string                  `json:"name"` // readable id
	Action            string                  `json:"action"`
	Timeout           string                  `json:"timeout,omitempty"`         // execution timeout; "" = 5m
	ScheduleTimeout   string                  `json:"scheduleTimeout,omitempty"` // "" = 5m
	Parents           []string                `json:"parents,omitempty"`
	Retries           int32                   `json:"retries,omitempty"`
	BackoffFactor     *float32                `json:"backoffFactor,omitempty"`
	BackoffMaxSeconds *int32                  `json:"backoffMax,omitempty"`
	RateLimits        []RateLimit             `json:"rateLimits,omitempty"`
	WorkerLabels      map[string]DesiredLabel `json:"workerLabels,omitempty"`
	Concurrency       []Concurrency           `json:"concurrency,omitempty"`
	Conditions        []Condition             `json:"conditions,omitempty"`
	Durable           bool                    `json:"durable,omitempty"`
	SlotRequests      map[string]int32        `json:"slots,omitempty"` // by slot type
	Batch             *Batch                  `json:"batch,omitempty"`
}

// Action says what a condition does when it is met (v1.Action).
type Action uint8

// The values are those of the wire; CreateMatch exists only inside the engine
// (hatchet-protocol.md section 9.2).
const (
	ActionCreate Action = iota
	ActionQueue
	ActionCancel
	ActionSkip
	actionCreateMatch
	actionCount
)

// ConditionKind says what a condition looks at.
type ConditionKind string

// The kinds of conditions (hatchet-protocol.md section 2.4).
const (
	ConditionSleep     ConditionKind = "sleep"
	ConditionUserEvent ConditionKind = "event"
	ConditionParent    ConditionKind = "parent"
)

// Condition is a condition of a task or of a durable wait. Conditions with one
// Group are alternatives; all groups of one action are required.
type Condition struct {
	Kind       ConditionKind `json:"kind"`
	Action     Action        `json:"action,omitempty"`
	Key        string        `json:"key"`             // readable data key
	Group      string        `json:"group,omitempty"` // or-group id, a UUID; "" = a group of its own
	Expression string        `json:"expr,omitempty"`  // CEL; "" = true
	SleepFor   string        `json:"sleep,omitempty"` // duration text
	EventKey   string        `json:"event,omitempty"`
	Scope      string        `json:"scope,omitempty"` // durable waits only
	Since      *time.Time    `json:"since,omitempty"` // durable waits only, needs Scope
	Parent     string        `json:"parent,omitempty"`
}

// Sticky is a workflow's sticky strategy; empty = none.
type Sticky string

// The sticky strategies (hatchet-protocol.md section 9.6).
const (
	StickySoft Sticky = "SOFT"
	StickyHard Sticky = "HARD"
)

// Concurrency is one concurrency limit (v1.Concurrency, hatchet-protocol.md
// sections 9.7 and 10). Strategy is the wire's name; "" = CANCEL_IN_PROGRESS.
type Concurrency struct {
	Expression        string `json:"expr"`
	MaxRuns           int32  `json:"max,omitempty"` // 0 = 1
	Strategy          string `json:"strategy,omitempty"`
	Name              string `json:"name,omitempty"`
	TenantScoped      bool   `json:"tenant,omitempty"`
	MaxRunsExpression string `json:"maxExpr,omitempty"`
}

// RateLimit is one rate limit of a task (v1.CreateTaskRateLimit).
type RateLimit struct {
	Key       string  `json:"key"`
	Units     *int32  `json:"units,omitempty"`
	KeyExpr   *string `json:"keyExpr,omitempty"`
	UnitsExpr *string `json:"unitsExpr,omitempty"`
	LimitExpr *string `json:"limitExpr,omitempty"`
	Duration  string  `json:"duration,omitempty"` // SECOND .. YEAR; "" = not given
}

// DesiredLabel is a wish, or a demand, for a worker label
// (v1.DesiredWorkerLabels).
type DesiredLabel struct {
	String     *string `json:"str,omitempty"`
	Int        *int32  `json:"int,omitempty"`
	Required   bool    `json:"required,omitempty"`
	Comparator string  `json:"cmp,omitempty"`    // EQUAL .. LESS_THAN_OR_EQUAL; "" = EQUAL
	Weight     *int32  `json:"weight,omitempty"` // nil = 100
}

// Filter is a default filter of a workflow (v1.DefaultFilter).
type Filter struct {
	Expression string          `json:"expr"`
	Scope      string          `json:"scope"`
	Payload    json.RawMessage `json:"payload,omitempty"`
}

// Idempotency makes runs with equal keys collide (v1.IdempotencyConfig).
type Idempotency struct {
	Expression string `json:"expr"`
	TTLMillis  int64  `json:"ttl"`
	Status     bool   `json:"status,omitempty"` // method STATUS instead of TTL
}

// Batch makes tasks run many at a time (v1.TaskBatchConfig).
type Batch struct {
	MaxSize         int32  `json:"max"`
	MaxIntervalMS   *int32 `json:"interval,omitempty"`
	GroupKey        string `json:"groupKey,omitempty"`
	GroupMaxRuns    *int32 `json:"groupMax,omitempty"`
	BroadcastOutput bool   `json:"broadcast,omitempty"`
}

// Label is a worker label: text or number.
type Label struct {
	String *string `json:"str,omitempty"`
	Int    *int32  `json:"int,omitempty"`
}
