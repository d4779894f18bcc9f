package local_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"github.com/hatchet-js/hatchet-js-worker/engine/local"
	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
	"google.golang.org/grpc/codes"
)

func TestAFailingDataFileStopsTheEngine(t *testing.T) {
	engine := local.New(local.Options{Data: filepath.Join(t.TempDir(), "dev.db")})
	ended := make(chan error, 1)
	go func() { ended <- engine.Run(context.Background()) }()
	<-engine.Started()
	r := &rig{t: t, engine: engine, ctx: t.Context()}
	r.dial(engine.Token())
	if err := engine.BreakJournal(); err != nil {
		t.Fatal(err)
	}
	_, err := r.dispatcher.Register(r.ctx, &contract.WorkerRegisterRequest{WorkerName: "w", Actions: []string{"a:b"}})
	expectCode(t, err, codes.Unavailable, "")
	if err := <-ended; err == nil {
		t.Error("the engine ended as if all were well")
	}
}

func TestPanicsStayWithTheirRequest(t *testing.T) {
	told := 0
	r := start(t, local.Options{Observer: func(local.Event) { told++; panic("a bug in the display") }})
	if err := r.engine.View(r.ctx, func(*core.Core) { panic("a bug in a view") }); err == nil {
		t.Error("the view panicked in silence")
	}
	r.put("job", "work")
	r.work(echo, "job:work")
	if got := r.result(r.trigger("job", "")); got["work"] == "" {
		t.Errorf("results %v", got)
	}
	if told != 1 {
		t.Errorf("the observer was told %d times", told)
	}
}

// worker registers a worker without the wire.
func (r *rig) worker(actions ...string) core.WorkerConnected {
	r.t.Helper()
	reply, err := r.engine.Do(r.ctx, core.RegisterWorker{Seed: uuid.NewString(), Name: "w", Actions: actions})
	if err != nil {
		r.t.Fatal(err)
	}
	return core.WorkerConnected{WorkerID: reply.(core.RegisterWorkerReply).WorkerID}
}

func TestWhatCannotBeSentIsRetried(t *testing.T) {
	virtual := clock.NewVirtual(epoch)
	r := start(t, onVirtualTime(virtual))
	r.put("job", "work")
	w := r.worker("job:work")
	first, err := r.engine.Actions(r.ctx, w)
	if err != nil {
		t.Fatal(err)
	}
	r.trigger("job", "")
	sent, err := first.Next(r.ctx)
	if err != nil {
		t.Fatal(err)
	}
	first.Close(sent) // the stream broke while it was being sent
	second, err := r.engine.Actions(r.ctx, w)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	virtual.Advance(time.Second)
	again, err := second.Next(r.ctx)
	if err != nil {
		t.Fatal(err)
	}
	if a := again.(core.Assign).Action; a.RetryCount != 1 || a.TaskID != sent.(core.Assign).Action.TaskID {
		t.Errorf("got %+v", a)
	}
}

// Whoever gives up while a stream is being opened leaves nothing behind.
func TestOpeningsThatAreGivenUp(t *testing.T) {
	r := start(t, local.Options{})
	w := r.worker("job:work")
	for range 300 {
		ctx, cancel := context.WithCancel(r.ctx)
		go cancel()
		if s, err := r.engine.Actions(ctx, w); err == nil {
			s.Close()
		}
		if s, err := r.engine.Results(ctx); err == nil {
			_ = s.Add(ctx, uuid.NewString())
			s.Close()
			if err := s.Add(r.ctx, uuid.NewString()); err != nil {
				t.Fatal(err)
			}
		}
		cancel()
	}
	if n := r.engine.Streams(); n != 0 {
		t.Errorf("%d streams are left", n)
	}
	var v core.WorkerView
	if err := r.engine.View(r.ctx, func(c *core.Core) { v, _ = c.Worker(w.WorkerID) }); err != nil || v.Connected {
		t.Errorf("the worker is %+v, %v", v, err)
	}
}

func TestANewerStreamInheritsWhatAnOlderOneHeld(t *testing.T) {
	virtual := clock.NewVirtual(epoch)
	r := start(t, onVirtualTime(virtual))
	r.put("job", "work")
	w := r.worker("job:work")
	older, err := r.engine.Actions(r.ctx, w)
	if err != nil {
		t.Fatal(err)
	}
	r.trigger("job", "") // lies in a mailbox that nobody reads
	newer, err := r.engine.Actions(r.ctx, w)
	if err != nil {
		t.Fatal(err)
	}
	defer newer.Close()
	older.Close()
	virtual.Advance(time.Second)
	got, err := newer.Next(r.ctx)
	if err != nil {
		t.Fatal(err)
	}
	if a := got.(core.Assign).Action; a.RetryCount != 0 {
		t.Errorf("got %+v", a)
	}
	r.trigger("job", "")
	if got, err = newer.Next(r.ctx); err != nil || got.(core.Assign).Action.RetryCount != 0 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestRefusalsCarryTheDocumentedCodes(t *testing.T) {
	r := start(t, local.Options{})
	r.put("job", "work")
	call := func(err error, code codes.Code, text string) {
		t.Helper()
		expectCode(t, err, code, text)
	}
	_, err := r.workflows.TriggerWorkflow(r.ctx, &v1.TriggerWorkflowRequest{Name: "nobody"})
	call(err, codes.InvalidArgument, "workflow names not found: nobody")
	_, err = r.workflows.TriggerWorkflow(r.ctx, &v1.TriggerWorkflowRequest{Name: "job", Input: "{"})
	call(err, codes.InvalidArgument, "Invalid request: ")
	zero := int32(0)
	_, err = r.workflows.TriggerWorkflow(r.ctx, &v1.TriggerWorkflowRequest{Name: "job", Priority: &zero})
	call(err, codes.InvalidArgument, "Invalid request: ")
	_, err = r.workflows.BulkTriggerWorkflow(r.ctx, &contract.BulkTriggerWorkflowRequest{})
	call(err, codes.InvalidArgument, "Invalid request: ")
	_, err = r.dispatcher.SendStepActionEvent(r.ctx, &contract.StepActionEvent{TaskRunExternalId: "x", EventType: 1})
	call(err, codes.InvalidArgument, "task_run_external_id")
	_, err = r.dispatcher.SendStepActionEvent(r.ctx, &contract.StepActionEvent{TaskRunExternalId: uuid.NewString(), EventType: 99})
	call(err, codes.InvalidArgument, "event_type")
	_, err = r.dispatcher.Register(r.ctx, &contract.WorkerRegisterRequest{WorkerName: "a b"})
	call(err, codes.InvalidArgument, "Invalid request: ")
	_, err = r.dispatcher.Register(r.ctx, &contract.WorkerRegisterRequest{
		WorkerName: "w", Slots: &zero, SlotConfig: map[string]int32{"default": 1}})
	call(err, codes.InvalidArgument, "slot_config")
	unknown := contract.SDKS_UNKNOWN
	_, err = r.dispatcher.Register(r.ctx, &contract.WorkerRegisterRequest{WorkerName: "w", RuntimeInfo: &contract.RuntimeInfo{Language: &unknown}})
	call(err, codes.InvalidArgument, "language")
	_, err = r.dispatcher.RefreshTimeout(r.ctx, &contract.RefreshTimeoutRequest{TaskRunExternalId: uuid.NewString(), IncrementTimeoutBy: "soon"})
	call(err, codes.InvalidArgument, "increment_timeout_by")
	_, err = r.dispatcher.ReleaseSlot(r.ctx, &contract.ReleaseSlotRequest{TaskRunExternalId: uuid.NewString()})
	call(err, codes.NotFound, "")
	_, err = r.dispatcher.SendGroupKeyActionEvent(r.ctx, &contract.GroupKeyActionEvent{})
	call(err, codes.Unimplemented, "")
	_, err = r.admin.GetRunDetails(r.ctx, &v1.GetRunDetailsRequest{ExternalId: uuid.NewString()})
	call(err, codes.NotFound, "workflow run not found")
	_, err = r.admin.CancelTasks(r.ctx, &v1.CancelTasksRequest{})
	call(err, codes.OK, "") // nothing is nothing to cancel
	_, err = r.admin.CancelTasks(r.ctx, &v1.CancelTasksRequest{Filter: &v1.TasksFilter{}})
	call(err, codes.InvalidArgument, "since")
	_, err = r.events.BulkPush(r.ctx, &contract.BulkPushEventRequest{})
	call(err, codes.InvalidArgument, "No events to ingest")
	_, err = r.workflows.PutRateLimit(r.ctx, &contract.PutRateLimitRequest{Key: ""})
	call(err, codes.InvalidArgument, "")
	_, err = r.workflows.ScheduleWorkflow(r.ctx, &contract.ScheduleWorkflowRequest{Name: "nope"})
	call(err, codes.NotFound, "workflow not found")
	_, err = r.workflows.PutWorkflow(r.ctx, &contract.PutWorkflowRequest{})
	call(err, codes.Unimplemented, "v1.AdminService/PutWorkflow")
}
