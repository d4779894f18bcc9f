package worker_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker/internal/fakeengine"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
	"google.golang.org/grpc/codes"
)

func TestARunFromAssignmentToReport(t *testing.T) {
	r := start(t, quick())
	seen := make(chan worker.Assignment, 1)
	r.serve(serving().with(task("hello", func(_ context.Context, a *worker.Assignment) ([]byte, error) {
		seen <- *a
		return []byte(`{"ok":true}`), nil
	})).Generation)
	action := fakeengine.Action("hello", "hello")
	meta := `{"a":1}`
	action.AdditionalMetadata, action.RetryCount = &meta, 2
	r.engine.MustAssign(action)
	a := <-seen
	if a.TaskRunID != action.TaskRunExternalId || a.ActionID != "hello:hello" || a.RetryCount != 2 ||
		string(a.Payload) != action.ActionPayload || string(a.AdditionalMetadata) != meta || a.Durable != nil ||
		a.WorkflowRunID != action.WorkflowRunId || a.WorkflowVersionID != *action.WorkflowVersionId {
		t.Errorf("the assignment is %+v", a)
	}
	end := r.engine.End(action.TaskRunExternalId)
	if end.EventType != completed || end.EventPayload != `{"ok":true}` || end.GetRetryCount() != 2 ||
		end.ActionId != action.ActionId || end.JobId != action.JobId || end.TaskId != action.TaskId {
		t.Errorf("the report is %v", end)
	}
	r.until("the start to be reported", func() bool { return len(r.engine.Events(action.TaskRunExternalId, started)) == 1 })
	r.ends(action.TaskRunExternalId, worker.OutcomeCompleted)
	if err := r.drain(); err != nil {
		t.Errorf("run ended with %v", err)
	}
	if w, _ := r.engine.Newest(); !w.Unsubscribed {
		t.Error("the worker did not unsubscribe")
	}
}

func TestRegistrationTellsWhatTheWorkerCanDo(t *testing.T) {
	o := quick()
	four := int32(4)
	o.Name, o.Slots, o.DurableSlots, o.Namespace, o.Version = "box", 7, 9, "ns_", "1.2.3"
	o.CustomSlots = map[string]int{"gpu": 2, "unused": 5}
	o.Labels = map[string]worker.Label{"zone": {Text: "a"}, "cores": {Number: &four}}
	r := start(t, o)
	r.serve(serving().
		with(task("Plain", answering("1"))).
		with(task("dream", answering("1"), func(t *workflow.Task) { t.Durable = true })).
		with(task("paint", answering("1"), func(t *workflow.Task) { t.SlotRequests = map[string]int32{"gpu": 1} })).Generation)
	w, _ := r.engine.Newest()
	got := w.Request
	if got.WorkerName != "box" || strings.Join(got.Actions, " ") != "ns_dream:dream ns_paint:paint ns_plain:plain" {
		t.Errorf("registered as %q with actions %v", got.WorkerName, got.Actions)
	}
	if len(got.SlotConfig) != 3 || got.SlotConfig["default"] != 7 || got.SlotConfig["durable"] != 9 || got.SlotConfig["gpu"] != 2 || got.Slots != nil {
		t.Errorf("slots %v %v", got.SlotConfig, got.Slots)
	}
	if got.Labels["zone"].GetStrValue() != "a" || got.Labels["cores"].GetIntValue() != 4 {
		t.Errorf("labels %v", got.Labels)
	}
	if got.RuntimeInfo.GetLanguage() != contract.SDKS_GO || !strings.Contains(got.RuntimeInfo.GetSdkVersion(), "1.2.3") {
		t.Errorf("runtime %v", got.RuntimeInfo)
	}
	r.until("connected", func() bool { return r.worker.Status().State == worker.StateConnected })
	if s := r.worker.Status(); s.WorkerID != w.ID || s.EngineVersion != "v0.101.27" || s.LastHeartbeat.IsZero() {
		t.Errorf("status %+v", s)
	}
}

func TestOldEnginesGetTheOldNumberOfSlots(t *testing.T) {
	for _, version := range []string{"", "v0.78.22", "UNIMPLEMENTED"} {
		t.Run("version "+version, func(t *testing.T) {
			o := quick()
			o.Slots = 7
			r := start(t, o)
			r.engine.SetVersion(version)
			if version == "UNIMPLEMENTED" {
				r.engine.Refuse("GetVersion", codes.Unimplemented)
			}
			r.serve(serving().with(task("a", answering("1"))).Generation)
			w, _ := r.engine.Newest()
			if w.Request.GetSlots() != 7 || len(w.Request.SlotConfig) != 0 {
				t.Errorf("slots %v, slot config %v", w.Request.Slots, w.Request.SlotConfig)
			}
		})
	}
}

func TestVersions(t *testing.T) {
	for text, want := range map[string][2]bool{
		"": {false, false}, "v0.78.22": {false, false}, "0.78.23": {true, false}, "v0.79.9-rc.1": {true, false},
		"v0.80.0": {true, true}, "v1.0.0": {true, true}, "v0.101.27": {true, true}, "main-abc": {true, true},
		"v0.1.0-alpha.0": {false, false}, "v0.80": {true, true},
	} {
		slotTypes, durable := worker.ParseVersion(text)
		if slotTypes != want[0] || durable != want[1] {
			t.Errorf("%q: slot types %v, durable %v", text, slotTypes, durable)
		}
	}
}

func TestListenFallsBackToTheOlderCall(t *testing.T) {
	r := start(t, quick())
	r.engine.Refuse("ListenV2", codes.Unimplemented)
	r.serve(serving().with(task("a", answering("1"))).Generation)
	w, _ := r.engine.Newest()
	r.until("a stream by the older call", func() bool { open, old := r.engine.Listening(w.ID); return open && old })
	action := fakeengine.Action("a", "a")
	r.engine.MustAssign(action)
	r.engine.End(action.TaskRunExternalId)
}

func TestARefusedTokenAtFirstIsFatal(t *testing.T) {
	r := start(t, quick())
	r.engine.Refuse("PutWorkflow", codes.Unauthenticated)
	if err := r.worker.Serve(context.Background(), serving().with(task("a", answering("1"))).Generation); err == nil {
		t.Error("the generation was taken")
	}
	if err := <-r.ended; err == nil || !strings.Contains(err.Error(), "register workflow a: the engine does not accept the token") {
		t.Errorf("run ended with %v", err)
	}
}

func TestARefusedTokenLaterIsWaitedOut(t *testing.T) {
	r := start(t, quick())
	r.serve(serving().with(task("a", answering("1"))).Generation)
	r.engine.Refuse("Heartbeat", codes.Unauthenticated)
	r.until("the trouble to show", func() bool {
		s := r.worker.Status()
		return s.State == worker.StateReconnecting && strings.Contains(s.Detail, "token")
	})
	r.engine.On("Heartbeat", nil)
	r.until("connected again", func() bool { return r.worker.Status().State == worker.StateConnected })
}

func TestAWorkerRunsOnce(t *testing.T) {
	r := start(t, quick())
	if err := r.drain(); err != nil {
		t.Errorf("a worker without a generation ended with %v", err)
	}
	if err := r.worker.Run(context.Background()); err == nil {
		t.Error("it ran twice")
	}
	if err := r.worker.Serve(context.Background(), worker.Generation{}); !errors.Is(err, worker.ErrStopped) {
		t.Errorf("serve after the end: %v", err)
	}
}

func TestHandlersThatFail(t *testing.T) {
	r := start(t, quick())
	r.serve(serving().with(task("a", func(_ context.Context, a *worker.Assignment) ([]byte, error) {
		switch string(a.Payload) {
		case "plain":
			return nil, errors.New("broken <b>")
		case "task":
			return nil, &worker.TaskError{Message: "no\x00 card", Stack: "at a.ts:1:2", NonRetryable: true}
		case "panic":
			panic("oh no")
		case "parked":
			return nil, worker.ErrParked
		case "large":
			return make([]byte, worker.MaxOutput+1), nil
		}
		return nil, nil
	})).Generation)
	cases := []struct {
		payload, contains string
		noRetry           bool
	}{
		{"plain", `{"message":"broken <b>","stack":""}`, false},
		{"task", `{"message":"no` + "\uFFFD" + ` card","stack":"at a.ts:1:2"}`, true},
		{"panic", "the handler panicked: oh no", false},
		{"parked", "waits like a durable task but is none", false},
		{"large", "Hatchet takes at most", true},
	}
	for _, c := range cases {
		action := fakeengine.Action("a", "a")
		action.ActionPayload = c.payload
		r.engine.MustAssign(action)
		end := r.engine.End(action.TaskRunExternalId)
		if end.EventType != failed || !strings.Contains(end.EventPayload, c.contains) || end.GetShouldNotRetry() != c.noRetry {
			t.Errorf("%s: %v", c.payload, end)
		}
	}
	action := fakeengine.Action("a", "a")
	r.engine.MustAssign(action)
	if end := r.engine.End(action.TaskRunExternalId); end.EventType != completed || end.EventPayload != "null" {
		t.Errorf("no output is reported as %v", end)
	}
}

func TestActionsTheWorkerDoesNotHave(t *testing.T) {
	r := start(t, quick())
	r.serve(serving().with(task("a", answering("1"))).Generation)
	action := fakeengine.Action("b", "b")
	r.engine.MustAssign(action)
	end := r.engine.End(action.TaskRunExternalId)
	if end.EventType != failed || !strings.Contains(end.EventPayload, "no task b:b on this worker") || end.GetShouldNotRetry() {
		t.Errorf("the report is %v", end)
	}
}
