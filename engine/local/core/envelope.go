package core

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
)

// envelopeVersion is the version of the journal's format. It rises when an old
// reader would misunderstand a new command.
const envelopeVersion = 1

// envelope is one command in the journal.
type envelope struct {
	Kind    string          `json:"k"`
	Version int             `json:"v"`
	Body    json.RawMessage `json:"b"`
}

// commandTypes lists every command by its kind.
var commandTypes = map[string]reflect.Type{
	"put_workflow":          reflect.TypeFor[PutWorkflow](),
	"register_worker":       reflect.TypeFor[RegisterWorker](),
	"worker_connected":      reflect.TypeFor[WorkerConnected](),
	"worker_disconnected":   reflect.TypeFor[WorkerDisconnected](),
	"heartbeat":             reflect.TypeFor[Heartbeat](),
	"worker_silent":         reflect.TypeFor[WorkerSilent](),
	"unsubscribe":           reflect.TypeFor[Unsubscribe](),
	"upsert_labels":         reflect.TypeFor[UpsertLabels](),
	"pause_worker":          reflect.TypeFor[PauseWorker](),
	"trigger":               reflect.TypeFor[Trigger](),
	"push_event":            reflect.TypeFor[PushEvent](),
	"task_started":          reflect.TypeFor[TaskStarted](),
	"task_completed":        reflect.TypeFor[TaskCompleted](),
	"task_failed":           reflect.TypeFor[TaskFailed](),
	"task_cancelled":        reflect.TypeFor[TaskCancelled](),
	"send_failed":           reflect.TypeFor[SendFailed](),
	"batch_send_failed":     reflect.TypeFor[BatchSendFailed](),
	"batch_report":          reflect.TypeFor[BatchReport](),
	"refresh_timeout":       reflect.TypeFor[RefreshTimeout](),
	"release_slot":          reflect.TypeFor[ReleaseSlot](),
	"cancel":                reflect.TypeFor[Cancel](),
	"replay":                reflect.TypeFor[Replay](),
	"put_log":               reflect.TypeFor[PutLog](),
	"stream_event":          reflect.TypeFor[StreamEvent](),
	"put_rate_limit":        reflect.TypeFor[PutRateLimit](),
	"engine_started":        reflect.TypeFor[EngineStarted](),
	"tick":                  reflect.TypeFor[Tick](),
	"restore_task":          reflect.TypeFor[RestoreTask](),
	"durable_connected":     reflect.TypeFor[DurableConnected](),
	"durable_disconnected":  reflect.TypeFor[DurableDisconnected](),
	"durable_memo":          reflect.TypeFor[DurableMemo](),
	"durable_complete_memo": reflect.TypeFor[DurableCompleteMemo](),
	"durable_trigger_runs":  reflect.TypeFor[DurableTriggerRuns](),
	"durable_wait_for":      reflect.TypeFor[DurableWaitFor](),
	"durable_evict":         reflect.TypeFor[DurableEvict](),
	"durable_worker_status": reflect.TypeFor[DurableWorkerStatus](),
	"durable_branch":        reflect.TypeFor[DurableBranch](),
	"schedule_runs":         reflect.TypeFor[ScheduleRuns](),
	"reschedule_runs":       reflect.TypeFor[RescheduleRuns](),
	"unschedule_runs":       reflect.TypeFor[UnscheduleRuns](),
	"create_cron":           reflect.TypeFor[CreateCron](),
	"update_cron":           reflect.TypeFor[UpdateCron](),
	"delete_cron":           reflect.TypeFor[DeleteCron](),
	"create_filter":         reflect.TypeFor[CreateFilter](),
	"update_filter":         reflect.TypeFor[UpdateFilter](),
	"delete_filter":         reflect.TypeFor[DeleteFilter](),
	"create_webhook":        reflect.TypeFor[CreateWebhook](),
	"update_webhook":        reflect.TypeFor[UpdateWebhook](),
	"delete_webhook":        reflect.TypeFor[DeleteWebhook](),
	"pause_workflow":        reflect.TypeFor[PauseWorkflow](),
	"delete_workflow":       reflect.TypeFor[DeleteWorkflow](),
	"delete_rate_limit":     reflect.TypeFor[DeleteRateLimit](),
	"register_signal":       reflect.TypeFor[RegisterSignal](),
}

func (PutWorkflow) kind() string         { return "put_workflow" }
func (RegisterWorker) kind() string      { return "register_worker" }
func (WorkerConnected) kind() string     { return "worker_connected" }
func (WorkerDisconnected) kind() string  { return "worker_disconnected" }
func (Heartbeat) kind() string           { return "heartbeat" }
func (WorkerSilent) kind() string        { return "worker_silent" }
func (Unsubscribe) kind() string         { return "unsubscribe" }
func (UpsertLabels) kind() string        { return "upsert_labels" }
func (PauseWorker) kind() string         { return "pause_worker" }
func (Trigger) kind() string             { return "trigger" }
func (PushEvent) kind() string           { return "push_event" }
func (TaskStarted) kind() string         { return "task_started" }
func (TaskCompleted) kind() string       { return "task_completed" }
func (TaskFailed) kind() string          { return "task_failed" }
func (TaskCancelled) kind() string       { return "task_cancelled" }
func (SendFailed) kind() string          { return "send_failed" }
func (BatchSendFailed) kind() string     { return "batch_send_failed" }
func (BatchReport) kind() string         { return "batch_report" }
func (RefreshTimeout) kind() string      { return "refresh_timeout" }
func (ReleaseSlot) kind() string         { return "release_slot" }
func (Cancel) kind() string              { return "cancel" }
func (Replay) kind() string              { return "replay" }
func (PutLog) kind() string              { return "put_log" }
func (StreamEvent) kind() string         { return "stream_event" }
func (PutRateLimit) kind() string        { return "put_rate_limit" }
func (EngineStarted) kind() string       { return "engine_started" }
func (Tick) kind() string                { return "tick" }
func (RestoreTask) kind() string         { return "restore_task" }
func (DurableConnected) kind() string    { return "durable_connected" }
func (DurableDisconnected) kind() string { return "durable_disconnected" }
func (DurableMemo) kind() string         { return "durable_memo" }
func (DurableCompleteMemo) kind() string { return "durable_complete_memo" }
func (DurableTriggerRuns) kind() string  { return "durable_trigger_runs" }
func (DurableWaitFor) kind() string      { return "durable_wait_for" }
func (DurableEvict) kind() string        { return "durable_evict" }
func (DurableWorkerStatus) kind() string { return "durable_worker_status" }
func (DurableBranch) kind() string       { return "durable_branch" }

// Journaled says whether commands of this kind are always in the journal; for
// others [Core.Journals] says which are.
func Journaled(cmd Command) bool {
	switch cmd.(type) {
	case StreamEvent, DurableWorkerStatus, Heartbeat:
		return false
	}
	return true
}

// Journals says whether cmd, which is about to be applied, may change the state
// and must therefore be in the journal.
func (c *Core) Journals(cmd Command) bool {
	switch cmd := cmd.(type) {
	case Heartbeat:
		w := c.workers[cmd.WorkerID]
		return w != nil && !w.fresh && !w.rejectsBeats()
	case DurableWorkerStatus:
		return len(c.newlyHeard(&cmd)) > 0
	}
	return Journaled(cmd)
}

// Encode writes cmd for the journal: a JSON object {"k": kind, "v": version,
// "b": body}.
func Encode(cmd Command) ([]byte, error) {
	body, err := json.Marshal(cmd)
	if err != nil {
		return nil, fmt.Errorf("encode command %s: %w", cmd.kind(), err)
	}
	out := make([]byte, 0, len(body)+len(cmd.kind())+24)
	out = fmt.Appendf(out, `{"k":%q,"v":%d,"b":`, cmd.kind(), envelopeVersion)
	out = append(out, body...)
	return append(out, '}'), nil
}

// Decode reads what [Encode] wrote. It fails for kinds and versions that this
// version of the engine does not know.
func Decode(data []byte) (Command, error) {
	var e envelope
	if err := json.Unmarshal(data, &e); err != nil {
		return nil, fmt.Errorf("decode command: %w", err)
	}
	if e.Version != envelopeVersion {
		return nil, fmt.Errorf("decode command %q: version %d is not known, this engine writes version %d", e.Kind, e.Version, envelopeVersion)
	}
	t, ok := commandTypes[e.Kind]
	if !ok {
		return nil, fmt.Errorf("decode command: kind %q is not known", e.Kind)
	}
	v := reflect.New(t)
	d := json.NewDecoder(bytes.NewReader(e.Body))
	d.DisallowUnknownFields()
	if err := d.Decode(v.Interface()); err != nil {
		return nil, fmt.Errorf("decode command %q: %w", e.Kind, err)
	}
	return v.Elem().Interface().(Command), nil
}
