package local_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"github.com/hatchet-js/hatchet-js-worker/engine/local"
	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
)

// onVirtualTime does not ask for heartbeats: the workers of these tests live on
// real time.
func onVirtualTime(v *clock.Virtual) local.Options {
	return local.Options{Clock: v, Core: core.Config{HeartbeatFresh: -1, HeartbeatDead: -1}}
}

// dialogue is one DurableTask stream.
type dialogue struct {
	rig    *rig
	stream v1.V1Dispatcher_DurableTaskClient
}

func (w *fakeWorker) converse(ctx context.Context) *dialogue {
	w.rig.t.Helper()
	stream, err := w.rig.durable.DurableTask(ctx)
	if err != nil {
		w.rig.t.Fatal(err)
	}
	d := &dialogue{rig: w.rig, stream: stream}
	d.send(&v1.DurableTaskRequest{Message: &v1.DurableTaskRequest_RegisterWorker{
		RegisterWorker: &v1.DurableTaskRequestRegisterWorker{WorkerId: w.id}}})
	if got := d.recv().GetRegisterWorker(); got.GetWorkerId() != w.id {
		w.rig.t.Errorf("registered %v", got)
	}
	return d
}

func (d *dialogue) send(req *v1.DurableTaskRequest) {
	if err := d.stream.Send(req); err != nil {
		d.rig.t.Error(err)
	}
}

func (d *dialogue) recv() *v1.DurableTaskResponse {
	res, err := d.stream.Recv()
	if err != nil {
		d.rig.t.Error(err)
		return &v1.DurableTaskResponse{}
	}
	return res
}

func (d *dialogue) sleep(a *contract.AssignedAction, duration string) *v1.DurableEventLogEntryRef {
	d.send(&v1.DurableTaskRequest{Message: &v1.DurableTaskRequest_WaitFor{WaitFor: &v1.DurableTaskWaitForRequest{
		InvocationCount: a.GetDurableTaskInvocationCount(), DurableTaskExternalId: a.TaskRunExternalId,
		WaitForConditions: &v1.DurableEventListenerConditions{SleepConditions: []*v1.SleepMatchCondition{{
			Base:     &v1.BaseMatchCondition{ReadableDataKey: "sleep", OrGroupId: "11111111-2222-3333-4444-555555555555"},
			SleepFor: duration,
		}}},
	}}})
	return d.recv().GetWaitForAck().GetRef()
}

func durableWorkflow() *v1.CreateWorkflowVersionRequest {
	return &v1.CreateWorkflowVersionRequest{Name: "remind", Tasks: []*v1.CreateTaskOpts{
		{ReadableId: "wait", Action: "remind:wait", Timeout: "100h", IsDurable: true}}}
}

func TestADurableSleepOnVirtualTime(t *testing.T) {
	virtual := clock.NewVirtual(epoch)
	r := start(t, onVirtualTime(virtual))
	r.register(durableWorkflow())
	asleep := make(chan struct{})
	var w *fakeWorker
	ready := make(chan struct{})
	w, _ = r.work(func(ctx context.Context, a *contract.AssignedAction) (string, error) {
		<-ready
		d := w.converse(ctx)
		ref := d.sleep(a, "24h")
		close(asleep)
		done := d.recv().GetEntryCompleted()
		if done.GetRef().GetNodeId() != ref.GetNodeId() || !strings.Contains(string(done.Payload), `"sleep_duration":"24h"`) {
			t.Errorf("completed %v", done)
		}
		return `{"woke":true}`, nil
	}, "remind:wait")
	close(ready)
	id := r.trigger("remind", "")
	<-asleep
	virtual.Advance(24*time.Hour - time.Second)
	if d, err := r.admin.GetRunDetails(r.ctx, &v1.GetRunDetailsRequest{ExternalId: id}); err != nil || d.Done {
		t.Errorf("awake too early: %v %v", d, err)
	}
	virtual.Advance(time.Second)
	if got := r.result(id); got["wait"] != `{"woke":true}` {
		t.Errorf("results %v", got)
	}
}

// An evicted task sleeps through the end of its engine and goes on in the next.
func TestAnEvictedSleepOutlivesTheEngine(t *testing.T) {
	virtual := clock.NewVirtual(epoch)
	options := onVirtualTime(virtual)
	options.Data = filepath.Join(t.TempDir(), "dev.db")
	r := start(t, options)
	r.register(durableWorkflow())
	evicted := make(chan struct{})
	var w *fakeWorker
	ready := make(chan struct{})
	w, leave := r.work(func(ctx context.Context, a *contract.AssignedAction) (string, error) {
		<-ready
		d := w.converse(ctx)
		d.sleep(a, "24h")
		if a.GetDurableTaskInvocationCount() == 2 {
			d.recv() // completed at once
			return `"second"`, nil
		}
		d.send(&v1.DurableTaskRequest{Message: &v1.DurableTaskRequest_EvictInvocation{
			EvictInvocation: &v1.DurableTaskEvictInvocationRequest{
				InvocationCount: 1, DurableTaskExternalId: a.TaskRunExternalId}}})
		if d.recv().GetEvictionAck() == nil {
			t.Error("not evicted")
		}
		close(evicted)
		<-ctx.Done()
		return "", nil
	}, "remind:wait")
	close(ready)
	id := r.trigger("remind", "")
	<-evicted
	d, err := r.admin.GetRunDetails(r.ctx, &v1.GetRunDetailsRequest{ExternalId: id})
	if err != nil || !d.IsEvicted || d.Status != v1.RunStatus_RUNNING {
		t.Errorf("details %v %v", d, err)
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	leave()
	virtual.Advance(48 * time.Hour)
	r = start(t, options)
	w.connect(r)
	if got := r.result(id); got["wait"] != `"second"` {
		t.Errorf("results %v", got)
	}
}

func TestADurableStreamMustRegisterFirst(t *testing.T) {
	r := start(t, local.Options{})
	stream, err := r.durable.DurableTask(r.ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Send(&v1.DurableTaskRequest{Message: &v1.DurableTaskRequest_Memo{Memo: &v1.DurableTaskMemoRequest{}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); err == nil || !strings.Contains(err.Error(), "register_worker") {
		t.Errorf("got %v", err)
	}
}
