package core

import (
	"encoding/json"
	"time"
)

// Commands of the REST face that manage what starts runs: schedules, crons,
// filters, webhooks, and workflows themselves (hatchet-protocol.md sections 6.9
// and 6.10).

// ScheduleRuns schedules one run of a workflow for each of Times, all or none.
// Times that are past are due at once. Reply: ScheduleRunsReply.
type ScheduleRuns struct {
	Seed     string      `json:"seed"` // UUID
	Workflow string      `json:"wf"`   // its name
	Times    []time.Time `json:"times"`
	Input    string      `json:"input,omitempty"`    // JSON object text; "" = none
	Metadata string      `json:"meta,omitempty"`     // JSON object text; "" = none
	Priority int32       `json:"priority,omitempty"` // 1..3; 0 = 1
}

// ScheduleRunsReply answers ScheduleRuns, in order of its times.
type ScheduleRunsReply struct {
	Scheduled []ScheduledView
}

// RescheduleRuns gives scheduled runs other times. Reply: ScheduledReply.
type RescheduleRuns struct {
	Updates []Reschedule `json:"updates"`
}

// Reschedule is the new time of one scheduled run.
type Reschedule struct {
	ID string    `json:"id"`
	At time.Time `json:"at"`
}

// UnscheduleRuns deletes scheduled runs. Reply: ScheduledReply.
type UnscheduleRuns struct {
	IDs []string `json:"ids"`
}

// ScheduledReply says which of the scheduled runs that a command named were
// there and are now as it wants; the others are not, or no longer, scheduled.
type ScheduledReply struct {
	Done    []string
	Unknown []string
}

// CreateCron makes a cron trigger beside those of the workflow's definition.
// Reply: CronView.
type CreateCron struct {
	Seed       string `json:"seed"` // UUID
	Workflow   string `json:"wf"`   // its name
	Name       string `json:"name"`
	Expression string `json:"expr"`
	Input      string `json:"input,omitempty"`    // JSON object text; "" = none
	Metadata   string `json:"meta,omitempty"`     // JSON object text; "" = none
	Priority   int32  `json:"priority,omitempty"` // 1..3; 0 = 1
}

// UpdateCron switches a cron trigger on or off. Ticks that pass while it is off
// are not made up for.
type UpdateCron struct {
	ID      string `json:"id"`
	Enabled *bool  `json:"enabled,omitempty"` // nil = as it is
}

// DeleteCron deletes a cron trigger, also one of a definition.
type DeleteCron struct {
	ID string `json:"id"`
}

// CreateFilter adds an event filter to those of a workflow's definition
// (hatchet-protocol.md section 7.2). Its expression is not checked: one that
// cannot be evaluated lets no event pass. Reply: FilterView.
type CreateFilter struct {
	Seed       string          `json:"seed"` // UUID
	WorkflowID string          `json:"wf"`
	Scope      string          `json:"scope"`
	Expression string          `json:"expr"`
	Payload    json.RawMessage `json:"payload,omitempty"` // object; nil = {}
}

// UpdateFilter changes the parts of an event filter that are given. Reply:
// FilterView.
type UpdateFilter struct {
	ID         string          `json:"id"`
	Scope      *string         `json:"scope,omitempty"`
	Expression *string         `json:"expr,omitempty"`
	Payload    json.RawMessage `json:"payload,omitempty"`
}

// DeleteFilter deletes an event filter. Reply: FilterView, as it was.
type DeleteFilter struct {
	ID string `json:"id"`
}

// CreateWebhook registers an incoming webhook. Its times are set by the core.
// Reply: Webhook.
type CreateWebhook struct {
	Webhook Webhook `json:"webhook"`
}

// UpdateWebhook changes the parts of a webhook that are given. An empty
// ScopeExpression removes it. Reply: Webhook.
type UpdateWebhook struct {
	Name               string          `json:"name"`
	EventKeyExpression *string         `json:"key,omitempty"`
	ScopeExpression    *string         `json:"scope,omitempty"`
	StaticPayload      json.RawMessage `json:"payload,omitempty"`
	ReturnEvent        *bool           `json:"return,omitempty"`
}

// DeleteWebhook deletes a webhook. Reply: Webhook, as it was.
type DeleteWebhook struct {
	Name string `json:"name"`
}

// PauseWorkflow holds the queued tasks of a workflow, and those to come, or
// lets them go on. Reply: WorkflowView.
type PauseWorkflow struct {
	WorkflowID string `json:"wf"`
	Pause      *Pause `json:"pause,omitempty"` // nil = go on
}

// Pause says what becomes of the runs of a paused workflow.
type Pause struct {
	// Crons and Scheduled say what becomes of cron ticks and of scheduled runs
	// that fall due: QUEUE starts the runs, which are held as others are; DROP
	// passes the ticks over and keeps scheduled runs until the workflow goes on.
	Crons     string `json:"crons"`
	Scheduled string `json:"scheduled"`
	// TTL is how long after its creation a held task is cancelled, as duration
	// text with days: 1d12h. "" = never.
	TTL string `json:"ttl,omitempty"`
}

// DeleteWorkflow deletes a workflow with its triggers. Its runs go on.
type DeleteWorkflow struct {
	WorkflowID string `json:"wf"`
}

// DeleteRateLimit deletes a rate limit. Tasks that ask for it wait until it is
// set again.
type DeleteRateLimit struct {
	Key string `json:"key"`
}

// RegisterSignal makes a task wait for sleeps and user events under a key of
// its own, as workers of engines before v0.80.0 do (hatchet-protocol.md section
// 8.6). A key that is there already is left as it is.
type RegisterSignal struct {
	TaskID     string      `json:"task"`
	Key        string      `json:"key"`
	Conditions []Condition `json:"conditions"`
}

func (ScheduleRuns) kind() string    { return "schedule_runs" }
func (RescheduleRuns) kind() string  { return "reschedule_runs" }
func (UnscheduleRuns) kind() string  { return "unschedule_runs" }
func (CreateCron) kind() string      { return "create_cron" }
func (UpdateCron) kind() string      { return "update_cron" }
func (DeleteCron) kind() string      { return "delete_cron" }
func (CreateFilter) kind() string    { return "create_filter" }
func (UpdateFilter) kind() string    { return "update_filter" }
func (DeleteFilter) kind() string    { return "delete_filter" }
func (CreateWebhook) kind() string   { return "create_webhook" }
func (UpdateWebhook) kind() string   { return "update_webhook" }
func (DeleteWebhook) kind() string   { return "delete_webhook" }
func (PauseWorkflow) kind() string   { return "pause_workflow" }
func (DeleteWorkflow) kind() string  { return "delete_workflow" }
func (DeleteRateLimit) kind() string { return "delete_rate_limit" }
func (RegisterSignal) kind() string  { return "register_signal" }

// doManage is the table of the commands for what starts runs.
func (c *Core) doManage(cmd Command) (any, *Error) {
	switch cmd := cmd.(type) {
	case ScheduleRuns:
		return answer(c.scheduleRuns(&cmd))
	case RescheduleRuns:
		return answer(c.rescheduleRuns(&cmd))
	case UnscheduleRuns:
		return answer(c.unscheduleRuns(&cmd))
	case CreateCron:
		return answer(c.createCron(&cmd))
	case UpdateCron:
		return nil, c.updateCron(&cmd)
	case DeleteCron:
		return nil, c.deleteCron(&cmd)
	case CreateFilter:
		return answer(c.createFilter(&cmd))
	case UpdateFilter:
		return answer(c.updateFilter(&cmd))
	case DeleteFilter:
		return answer(c.deleteFilter(&cmd))
	case CreateWebhook:
		return answer(c.createWebhook(&cmd))
	case UpdateWebhook:
		return answer(c.updateWebhook(&cmd))
	case DeleteWebhook:
		return answer(c.deleteWebhook(&cmd))
	case PauseWorkflow:
		return answer(c.pauseWorkflow(&cmd))
	case DeleteWorkflow:
		return nil, c.deleteWorkflow(&cmd)
	case DeleteRateLimit:
		return nil, c.deleteRateLimit(&cmd)
	case RegisterSignal:
		return nil, c.registerSignal(&cmd)
	}
	return nil, errorf(Unimplemented, "command %s is not implemented", cmd.kind())
}
