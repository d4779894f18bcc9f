package core

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// restored goes on with a core that was made from a snapshot, and checks that
// it is the same.
func (h *harness) restored() {
	h.t.Helper()
	data, err := h.core.Snapshot()
	if err != nil {
		h.t.Fatal(err)
	}
	back, err := Restore(h.core.config, data)
	if err != nil {
		h.t.Fatal(err)
	}
	again, err := back.Snapshot()
	if err != nil {
		h.t.Fatal(err)
	}
	if !bytes.Equal(data, again) {
		h.t.Fatalf("the snapshot\n%s\ncomes back as\n%s", data, again)
	}
	checkInvariants(h.t, back)
	for w := range back.eachWorker { // heartbeats are not in snapshots
		w.life.heard = h.now
		back.watchLife(w)
	}
	h.core = back
}

// hatchet-protocol.md section 6.9: a scheduled run starts at its time, with its
// input, metadata and priority, and is gone then.
func TestScheduledRuns(t *testing.T) {
	h, w := withWorker(t, "s:s")
	h.define(single("s"))
	reply := h.do(ScheduleRuns{
		Seed: h.seed(), Workflow: "s", Times: []time.Time{h.now.Add(time.Hour), h.now.Add(time.Minute), h.now.Add(-time.Hour)},
		Input: `{"n":1}`, Metadata: `{"team":"blue"}`, Priority: 3,
	}).(ScheduleRunsReply)
	h.pass(0, w)
	past := h.next()
	equal(t, "input", field(t, past.Payload, "input"), `{"n":1}`)
	equal(t, "metadata", field(t, past.Metadata, "team"), `"blue"`)
	equal(t, "priority", past.Priority, int32(3))
	equal(t, "left", len(h.core.Scheduled(ScheduledQuery{})), 2)
	equal(t, "by metadata", len(h.core.Scheduled(ScheduledQuery{Metadata: []string{"team:red"}})), 0)
	equal(t, "latest first", h.core.Scheduled(ScheduledQuery{})[0].ID, reply.Scheduled[0].ID)
	equal(t, "earliest first", h.core.Scheduled(ScheduledQuery{Ascending: true})[0].ID, reply.Scheduled[1].ID)
	h.restored()

	moved := h.do(RescheduleRuns{Updates: []Reschedule{{ID: reply.Scheduled[0].ID, At: h.now.Add(2 * time.Minute)}, {ID: past.RunID}}}).(ScheduledReply)
	equal(t, "moved", fmt.Sprint(moved), fmt.Sprintf("{[%s] [%s]}", reply.Scheduled[0].ID, past.RunID))
	gone := h.do(UnscheduleRuns{IDs: []string{reply.Scheduled[1].ID, reply.Scheduled[1].ID}}).(ScheduledReply)
	equal(t, "deleted", len(gone.Done)*10+len(gone.Unknown), 11)
	h.pass(119*time.Second, w)
	h.idle()
	h.pass(time.Second, w)
	h.next()
	equal(t, "left", len(h.core.Scheduled(ScheduledQuery{})), 0)
	h.pass(2*time.Hour, w)
	h.idle()

	h.refused(ScheduleRuns{Seed: h.seed(), Workflow: "x", Times: []time.Time{h.now}}, NotFound)
	h.refused(ScheduleRuns{Seed: h.seed(), Workflow: "s", Times: []time.Time{h.now}, Priority: 4}, InvalidArgument)
	h.refused(ScheduleRuns{Seed: h.seed(), Workflow: "s", Times: []time.Time{h.now}, Input: "{"}, InvalidArgument)
}

// hatchet-protocol.md section 6.9: what fell due while the engine was away
// starts when it is back.
func TestScheduledRunsAfterAnAbsence(t *testing.T) {
	h, w := withWorker(t, "s:s")
	h.define(single("s"))
	h.do(ScheduleRuns{Seed: h.seed(), Workflow: "s", Times: []time.Time{h.now.Add(time.Minute)}})
	h.restored()
	h.now = h.now.Add(time.Hour)
	h.do(EngineStarted{})
	h.do(WorkerConnected{WorkerID: w, SessionID: "again"})
	h.do(Heartbeat{WorkerID: w})
	h.pass(0, w)
	h.next()
}

func on(enabled bool) *bool { return &enabled }

// hatchet-protocol.md section 6.9: crons that are made by commands stand beside
// those of definitions and outlive their versions.
func TestMadeCrons(t *testing.T) {
	h, w := withWorker(t, "c:c")
	d := single("c")
	d.CronTriggers, d.CronInput = []string{"30 * * * *"}, `{"from":"definition"}`
	h.define(d)
	made := h.do(CreateCron{
		Seed: h.seed(), Workflow: "c", Name: "nightly", Expression: "@every 10m", Input: `{"from":"command"}`, Metadata: `{"team":"blue"}`, Priority: 2,
	}).(CronView)
	for cmd, want := range map[CreateCron]string{
		{Workflow: "c", Expression: "* * * * *"}:                                                       "cron name is required",
		{Workflow: "x", Name: "n", Expression: "* * * * *"}:                                            "workflow not found",
		{Workflow: "c", Name: "n", Expression: "every day"}:                                            `"every day" cannot be read`,
		{Workflow: "c", Name: "n", Expression: "TZ=UTC"}:                                               "no fields",
		{Workflow: "c", Name: "n", Expression: "* * * * *", Priority: 9}:                               "priority",
		{Workflow: "c", Name: "nightly", Expression: "@every 10m"}:                                     "cron trigger with that name-expression pair already exists",
		{Workflow: "c", Name: "n", Expression: "* * * * *", Metadata: `[]`}:                            "object",
		{Workflow: "c", Name: "n", Expression: "* * * * *", Input: `{"a":"` + "\\u0000" + `"}`}:        "null character",
		{Workflow: "c", Name: "n", Expression: "CRON_TZ=Nowhere/Land * * * * *", Metadata: `{"a":""}`}: "Nowhere/Land",
	} {
		cmd.Seed = h.seed()
		if message := h.refused(cmd, InvalidArgument); !strings.Contains(message, want) {
			t.Errorf("%+v: %s, want %s", cmd, message, want)
		}
	}
	h.restored()
	h.pass(10*time.Minute, w)
	a := h.next()
	equal(t, "input", field(t, a.Payload, "input"), `{"from":"command"}`)
	equal(t, "name", field(t, a.Metadata, "hatchet__cron_name"), `"nightly"`)
	equal(t, "expression", field(t, a.Metadata, "hatchet__cron_expression"), `"@every 10m"`)
	equal(t, "own metadata", field(t, a.Metadata, "team"), `"blue"`)
	equal(t, "priority", a.Priority, int32(2))

	h.do(UpdateCron{ID: made.ID, Enabled: on(false)})
	h.do(UpdateCron{ID: made.ID})
	d.CronTriggers = []string{"45 * * * *"}
	h.define(d)
	h.restored()
	h.pass(30*time.Minute, w) // to 12:40
	h.idle()
	h.do(UpdateCron{ID: made.ID, Enabled: on(true)})
	h.pass(5*time.Minute, w)
	equal(t, "of the definition", field(t, h.next().Payload, "input"), `{"from":"definition"}`)
	h.pass(5*time.Minute, w)
	equal(t, "enabled again", field(t, h.next().Payload, "input"), `{"from":"command"}`)

	equal(t, "crons", len(h.core.Crons()), 2)
	for _, cron := range h.core.Crons() {
		h.do(DeleteCron{ID: cron.ID})
	}
	h.refused(DeleteCron{ID: made.ID}, NotFound)
	h.refused(UpdateCron{ID: made.ID, Enabled: on(true)}, NotFound)
	h.pass(2*time.Hour, w)
	h.idle()
}

// hatchet-protocol.md section 7.2: filters that are made by commands count with
// those of the definition.
func TestMadeFilters(t *testing.T) {
	h, w := withWorker(t, "f:f")
	_ = w
	d := single("f")
	d.EventTriggers = []string{"order:new"}
	reply := h.define(d)
	push := func(scope string) []EventRun {
		h.t.Helper()
		id := h.do(PushEvent{Seed: h.seed(), Events: []UserEvent{{Key: "order:new", Scope: scope, Payload: `{"n":1}`}}}).(PushEventReply).EventIDs[0]
		return h.core.Events(EventQuery{IDs: []string{id}})[0].Runs
	}
	equal(t, "without filters", len(push("")), 1)
	made := h.do(CreateFilter{Seed: h.seed(), WorkflowID: reply.WorkflowID, Scope: "a", Expression: "true", Payload: json.RawMessage(`{"p":1}`)}).(FilterView)
	equal(t, "no scope", len(push("")), 0)
	equal(t, "another scope", len(push("b")), 0)
	runs := push("a")
	equal(t, "its filter", runs[0].FilterID, made.ID)
	h.restored()
	scope := "b"
	h.do(UpdateFilter{ID: made.ID, Scope: &scope})
	equal(t, "moved away", len(push("a")), 0)
	equal(t, "moved here", len(push("b")), 1)
	h.refused(CreateFilter{Seed: h.seed(), WorkflowID: reply.WorkflowID, Scope: "b", Expression: "true", Payload: json.RawMessage(`{"p":1}`)}, InvalidArgument)
	h.refused(CreateFilter{Seed: h.seed(), WorkflowID: h.seed(), Scope: "b", Expression: "true"}, NotFound)
	h.refused(UpdateFilter{ID: made.ID, Payload: json.RawMessage(`[]`)}, InvalidArgument)

	d.DefaultFilters = []Filter{{Scope: "b", Expression: "true"}}
	h.define(d)
	equal(t, "both", len(push("b")), 2)
	equal(t, "listed", len(h.core.Filters([]string{reply.WorkflowID}, []string{"b"})), 2)
	d.DefaultFilters, d.Description = nil, "changed"
	h.define(d)
	equal(t, "a definition without filters leaves them", len(push("b")), 2)
	h.do(DeleteFilter{ID: made.ID})
	h.refused(DeleteFilter{ID: made.ID}, NotFound)
	equal(t, "one left", len(push("b")), 1)
	h.restored()
	equal(t, "events", len(h.core.Events(EventQuery{Keys: []string{"order:new"}, WorkflowIDs: []string{reply.WorkflowID}})), 6)
}

func TestWebhooksAreKept(t *testing.T) {
	h := newHarness(t, Config{})
	good := Webhook{
		Name: "gh", Source: "GITHUB", EventKeyExpression: "'a'", ReturnEvent: true,
		Auth: WebhookAuth{Type: "HMAC", Header: "X-Hub-Signature-256", Secret: "s", Algorithm: "SHA256", Encoding: "HEX"},
	}
	h.do(CreateWebhook{Webhook: good})
	h.refused(CreateWebhook{Webhook: good}, InvalidArgument)
	for name, spoil := range map[string]func(*Webhook){
		"name":      func(w *Webhook) { w.Name = "" },
		"source":    func(w *Webhook) { w.Source = "PIGEON" },
		"type":      func(w *Webhook) { w.Auth.Type = "NONE" },
		"secret":    func(w *Webhook) { w.Auth.Secret = "" },
		"header":    func(w *Webhook) { w.Auth.Header = "" },
		"username":  func(w *Webhook) { w.Auth.Type = "BASIC" },
		"algorithm": func(w *Webhook) { w.Auth.Algorithm = "ROT13" },
		"encoding":  func(w *Webhook) { w.Auth.Encoding = "MORSE" },
		"payload":   func(w *Webhook) { w.StaticPayload = json.RawMessage(`1`) },
	} {
		bad := good
		bad.Name = "other"
		spoil(&bad)
		if r := h.apply(CreateWebhook{Webhook: bad}); r.Err == nil || r.Err.Code != InvalidArgument {
			t.Errorf("%s: %v", name, r.Err)
		}
	}
	key, scope := "input.id", "input.team"
	h.do(UpdateWebhook{Name: "gh", EventKeyExpression: &key, ScopeExpression: &scope, StaticPayload: json.RawMessage(`{"a":1}`), ReturnEvent: on(false)})
	h.restored()
	kept, _ := h.core.Webhook("gh")
	equal(t, "kept", kept.EventKeyExpression+kept.ScopeExpression+string(kept.StaticPayload)+kept.Auth.Secret, `input.idinput.team{"a":1}s`)
	h.refused(UpdateWebhook{Name: "x"}, NotFound)
	h.do(DeleteWebhook{Name: "gh"})
	h.refused(DeleteWebhook{Name: "gh"}, NotFound)
}

// hatchet-protocol.md section 6.9: a paused workflow gets no worker, and
// suppresses crons and scheduled runs unless it queues them.
func TestPausedWorkflow(t *testing.T) {
	h, w := withWorker(t, "p:p", "o:o")
	d := single("p", retries(1), func(d *TaskDefinition) { d.Timeout = "100h" })
	d.CronTriggers = []string{"*/10 * * * *"}
	id := h.define(d).WorkflowID
	h.define(single("o"))
	running := h.trigger("p", `{"n":0}`)
	first := h.next()
	h.do(PauseWorker{WorkerID: w, Paused: true})
	h.trigger("p", `{"n":1}`)
	h.do(PauseWorkflow{WorkflowID: id, Pause: &Pause{Crons: "DROP", Scheduled: "DROP"}})
	h.do(PauseWorker{WorkerID: w, Paused: false})
	h.idle()
	h.trigger("p", `{"n":2}`)
	h.idle()
	h.fail(first, "again") // its retry is held too
	h.status(running, Running)
	h.idle()
	h.trigger("o", "")
	h.complete(h.next(), `{}`)
	h.do(ScheduleRuns{Seed: h.seed(), Workflow: "p", Times: []time.Time{h.now.Add(time.Minute)}, Input: `{"n":3}`})
	h.restored()
	h.pass(15*time.Minute, w) // beyond the schedule timeout
	h.idle()
	if _, total := h.core.ListRuns(RunQuery{Filter: RunFilter{WorkflowIDs: []string{id}}}); total != 3 {
		t.Fatalf("%d runs, a cron tick or a schedule was not held back", total)
	}
	h.do(PauseWorkflow{WorkflowID: id})
	h.pass(0, w)
	for _, n := range []string{"0", "1", "2", "3"} { // retries go first
		equal(t, "order", field(t, h.next().Payload, "input", "n"), n)
	}
	h.pass(5*time.Minute, w)
	h.next() // the tick of 12:20

	h.do(PauseWorkflow{WorkflowID: id, Pause: &Pause{Crons: "QUEUE", Scheduled: "QUEUE", TTL: "1d12h"}})
	h.pass(10*time.Minute, w)
	h.idle()
	_, total := h.core.ListRuns(RunQuery{Filter: RunFilter{WorkflowIDs: []string{id}, Statuses: []Status{Queued}}})
	equal(t, "queued", total, 1)
	h.pass(36*time.Hour, w)
	_, total = h.core.ListRuns(RunQuery{Filter: RunFilter{WorkflowIDs: []string{id}, Statuses: []Status{Cancelled}}})
	if total < 1 {
		t.Fatal("the TTL did not end what was held")
	}
	h.refused(PauseWorkflow{WorkflowID: h.seed()}, NotFound)
	h.refused(PauseWorkflow{WorkflowID: id, Pause: &Pause{Crons: "KEEP", Scheduled: "DROP"}}, InvalidArgument)
	h.refused(PauseWorkflow{WorkflowID: id, Pause: &Pause{Crons: "DROP", Scheduled: "DROP", TTL: "soon"}}, InvalidArgument)
}

func TestLongDurations(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"1d7h30m": 31*time.Hour + 30*time.Minute, "2w": 14 * 24 * time.Hour, "90s": 90 * time.Second, "1.5h": 90 * time.Minute,
		"": -1, "d": -1, "1y": -1, "7h1d": -1, "99999999999999999999d": -1, "-1d": -1,
	} {
		got, ok := longDuration(text)
		if ok != (want >= 0) || ok && got != want {
			t.Errorf("%q: %v %v", text, got, ok)
		}
	}
}

// A deleted workflow takes its triggers with it; its runs go on, and its name is
// free for another.
func TestDeleteWorkflow(t *testing.T) {
	h, w := withWorker(t, "d:d")
	d := single("d", func(d *TaskDefinition) { d.Timeout = "10m" })
	d.EventTriggers, d.CronTriggers = []string{"k"}, []string{"* * * * *"}
	old := h.define(d).WorkflowID
	id := h.trigger("d", "")
	a := h.next()
	h.do(ScheduleRuns{Seed: h.seed(), Workflow: "d", Times: []time.Time{h.now.Add(time.Minute)}})
	h.do(CreateFilter{Seed: h.seed(), WorkflowID: old, Scope: "a", Expression: "true"})
	h.do(DeleteWorkflow{WorkflowID: old})
	h.refused(DeleteWorkflow{WorkflowID: old}, NotFound)
	h.refused(Trigger{Seed: h.seed(), Items: []TriggerItem{{Workflow: "d"}}}, InvalidArgument)
	h.do(PushEvent{Seed: h.seed(), Events: []UserEvent{{Key: "k"}}})
	h.restored()
	h.pass(2*time.Minute, w)
	h.idle()
	equal(t, "left", len(h.core.Workflows())+len(h.core.Crons())+len(h.core.Scheduled(ScheduledQuery{}))+len(h.core.Filters(nil, nil)), 0)
	d.CronTriggers = nil
	if again := h.define(d).WorkflowID; again == old {
		t.Fatal("the new workflow has the old one's id")
	}
	h.restored()
	h.do(TaskCompleted{Report: Report{TaskID: a.TaskID}, Output: `{}`})
	h.status(id, Completed)
	h.do(Replay{IDs: []string{id}})
	h.next()
}

func TestDeleteRateLimit(t *testing.T) {
	h, w := withWorker(t, "r:r")
	h.do(PutRateLimit{Key: "api", Limit: 1, Window: "HOUR"})
	h.define(single("r", func(d *TaskDefinition) { d.RateLimits = []RateLimit{{Key: "api"}} }))
	h.trigger("r", "")
	h.trigger("r", "")
	h.next()
	h.idle()
	h.do(DeleteRateLimit{Key: "api"})
	h.do(DeleteRateLimit{Key: "api"})
	equal(t, "limits", len(h.core.RateLimits()), 0)
	h.pass(time.Minute, w)
	h.idle()
	h.do(PutRateLimit{Key: "api", Limit: 1, Window: "HOUR"})
	h.next()
	equal(t, "left", h.core.RateLimits()[0].Value, int32(0))
	equal(t, "refilled", h.core.RateLimits()[0].At(h.now.Add(time.Hour)).Value, int32(1))
}

// hatchet-protocol.md section 8.6.
func TestSignals(t *testing.T) {
	h, w := withWorker(t, "s:s")
	h.define(single("s", func(d *TaskDefinition) { d.Durable = true; d.SlotRequests = map[string]int32{"default": 1} }))
	id := h.trigger("s", "")
	h.next()
	register := RegisterSignal{TaskID: id, Key: "waitFor-0", Conditions: []Condition{
		{Kind: ConditionSleep, Key: "sleep", SleepFor: "10s", Group: h.seed()},
		{Kind: ConditionUserEvent, Key: "paid", EventKey: "order:paid", Group: h.seed()},
	}}
	h.do(register)
	h.do(register) // as a retry does
	h.restored()
	h.pass(10*time.Second, w)
	if _, ok := h.core.Signal(id, "waitFor-0"); ok {
		t.Fatal("one condition of two is enough")
	}
	h.do(PushEvent{Seed: h.seed(), Events: []UserEvent{{Key: "order:paid", Payload: `{"n":1}`}}})
	met, ok := h.core.Signal(id, "waitFor-0")
	equal(t, "met", ok, true)
	equal(t, "data", string(met.Data), `{"CREATE":{"sleep":[{"sleep_duration":"10s"}],"paid":[{"n":1}]}}`)
	h.restored()
	_, ok = h.core.Signal(id, "waitFor-0")
	equal(t, "after a restart", ok, true)
	h.refused(RegisterSignal{TaskID: h.seed(), Key: "k", Conditions: register.Conditions}, NotFound)
	h.refused(RegisterSignal{TaskID: id, Key: "k"}, InvalidArgument)
	register.Key = "waitFor-1"
	h.do(register)
	h.do(Cancel{IDs: []string{id}})
	h.pass(time.Minute, w)
	_, ok = h.core.Signal(id, "waitFor-1")
	equal(t, "of a task that is over", ok, false)
}

// The history of a task tells what became of it.
func TestNotes(t *testing.T) {
	h, w := withWorker(t, "n:n")
	h.define(single("n", retries(1)))
	id := h.trigger("n", "")
	a := h.next()
	h.do(TaskStarted{Report: attemptOf(a)})
	h.fail(a, "boom")
	h.do(RefreshTimeout{TaskID: id, IncrementBy: "5s"})
	h.complete(h.next(), `{}`)
	h.do(Replay{IDs: []string{id}})
	h.next()
	h.restored()
	h.pass(time.Minute, w)
	var kinds []string
	last := uint64(0)
	for _, n := range h.core.TaskNotes(id) {
		kinds = append(kinds, n.Kind)
		if n.ID <= last {
			t.Fatalf("note %d comes after %d", n.ID, last)
		}
		last = n.ID
		if n.Kind == "ASSIGNED" && n.WorkerID != w || n.Kind == "FAILED" && n.RetryCount == 0 && n.Error != "boom" {
			t.Errorf("note %+v", n)
		}
	}
	equal(t, "history", strings.Join(kinds, " "),
		"QUEUED ASSIGNED SENT_TO_WORKER STARTED FAILED RETRYING QUEUED ASSIGNED SENT_TO_WORKER TIMEOUT_REFRESHED FINISHED "+
			"RETRIED_BY_USER QUEUED ASSIGNED SENT_TO_WORKER TIMED_OUT FAILED RETRYING QUEUED ASSIGNED SENT_TO_WORKER")
}

// A snapshot of version 1 has neither ids of crons nor filters.
func TestSnapshotOfVersion1(t *testing.T) {
	h := newHarness(t, Config{})
	d := single("v")
	d.CronTriggers, d.DefaultFilters = []string{"0 * * * *"}, []Filter{{Scope: "a", Expression: "true"}}
	h.define(d)
	data, err := h.core.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	var s map[string]any
	if err := json.Unmarshal(data, &s); err != nil {
		t.Fatal(err)
	}
	s["version"] = 1
	w := s["workflows"].([]any)[0].(map[string]any)
	delete(w, "filters")
	cron := w["crons"].([]any)[0].(map[string]any)
	delete(cron, "id")
	delete(cron, "created")
	old, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	back, err := Restore(Config{}, old)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "cron", back.Crons()[0].ID, h.core.Crons()[0].ID)
	equal(t, "filter", back.Filters(nil, nil)[0].ID, h.core.Filters(nil, nil)[0].ID)
}
