package local_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"github.com/hatchet-js/hatchet-js-worker/engine/local"
	"google.golang.org/protobuf/proto"
)

// diary writes events down in words.
type diary struct {
	mu    sync.Mutex
	lines []string
}

func (d *diary) note(e local.Event) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch e := e.(type) {
	case local.RunStarted:
		d.lines = append(d.lines, fmt.Sprintf("run %s by %s %s", e.Workflow, e.Trigger, e.Input))
	case local.TaskStarted:
		d.lines = append(d.lines, fmt.Sprintf("start %s %d resumed=%v", e.Task, e.Attempt, e.Resumed))
	case local.TaskFinished:
		d.lines = append(d.lines, fmt.Sprintf("end %s %s %d/%d %s retry=%v in %v", e.Task, e.Status, e.Attempt, e.MaxAttempts, e.Error, e.Retrying, e.RetryIn))
	case local.TaskParked:
		d.lines = append(d.lines, fmt.Sprintf("park %s %s", e.Task, e.Reason))
	case local.RunFinished:
		d.lines = append(d.lines, fmt.Sprintf("done %s %s", e.Workflow, e.Status))
	}
}

func (d *diary) contains(text string) bool { return strings.Contains(d.text(), text) }

func (d *diary) text() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return strings.Join(d.lines, "\n")
}

func (d *diary) expect(t *testing.T, lines ...string) {
	t.Helper()
	if got, want := d.text(), strings.Join(lines, "\n"); got != want {
		t.Errorf("observed\n%s\nwant\n%s", got, want)
	}
}

func TestTheObserverSeesRetries(t *testing.T) {
	virtual, d := clock.NewVirtual(epoch), &diary{}
	options := onVirtualTime(virtual)
	options.Observer = d.note
	r := start(t, options)
	r.register(&v1.CreateWorkflowVersionRequest{
		Name: "pay", EventTriggers: []string{"order:paid"},
		Tasks: []*v1.CreateTaskOpts{{
			ReadableId: "charge", Action: "pay:charge", Retries: 3, BackoffFactor: proto.Float32(2), BackoffMaxSeconds: proto.Int32(3), Timeout: "30s",
		}},
	})
	r.work(func(ctx context.Context, a *contract.AssignedAction) (string, error) {
		switch a.RetryCount {
		case 0:
			return "", errors.New("HTTP 502")
		case 1:
			<-ctx.Done() // until the timeout
			return "", nil
		}
		return `{"ok":true}`, nil
	}, "pay:charge")
	if _, err := r.events.Push(r.ctx, &contract.PushEventRequest{Key: "order:paid", Payload: `{"id":1}`}); err != nil {
		t.Fatal(err)
	}
	r.eventually("the failure", func() bool { return d.contains("1/4") })
	virtual.Advance(2 * time.Second)
	r.eventually("the second attempt", func() bool { return d.contains("start charge 2") })
	virtual.Advance(30 * time.Second)
	r.eventually("the timeout", func() bool { return d.contains("2/4") })
	virtual.Advance(3 * time.Second)
	r.eventually("the end", func() bool { return d.contains("done") })
	d.expect(t,
		`run pay by order:paid {"id":1}`,
		`start charge 1 resumed=false`,
		`end charge FAILED 1/4 HTTP 502 retry=true in 2s`,
		`start charge 2 resumed=false`,
		`end charge FAILED 2/4 Task exceeded timeout of 30s retry=true in 3s`,
		`start charge 3 resumed=false`,
		`end charge COMPLETED 3/4  retry=false in 0s`,
		`done pay COMPLETED`)
}

func TestTheObserverSeesParkedTasksAndChildren(t *testing.T) {
	virtual, d := clock.NewVirtual(epoch), &diary{}
	options := onVirtualTime(virtual)
	options.Observer = d.note
	r := start(t, options)
	r.register(durableWorkflow())
	r.put("child", "c")
	var w *fakeWorker
	ready := make(chan struct{})
	var parent string
	w, _ = r.work(func(ctx context.Context, a *contract.AssignedAction) (string, error) {
		<-ready
		if a.TaskName == "c" {
			return "1", nil
		}
		conversation := w.converse(ctx)
		conversation.sleep(a, "24h")
		if a.GetDurableTaskInvocationCount() == 2 {
			_, err := r.workflows.TriggerWorkflow(ctx, &v1.TriggerWorkflowRequest{Name: "child", ParentTaskRunExternalId: &a.TaskRunExternalId})
			return "2", err
		}
		conversation.send(&v1.DurableTaskRequest{Message: &v1.DurableTaskRequest_EvictInvocation{
			EvictInvocation: &v1.DurableTaskEvictInvocationRequest{
				InvocationCount: 1, DurableTaskExternalId: a.TaskRunExternalId, Reason: proto.String("sleeps for long")}}})
		conversation.recv()
		<-ctx.Done()
		return "", nil
	}, "remind:wait", "child:c")
	parent = r.trigger("remind", "")
	close(ready)
	r.eventually("it is parked", func() bool { return d.contains("park") })
	virtual.Advance(24 * time.Hour)
	r.eventually("both end", func() bool { return d.contains("done remind") && d.contains("done child") })
	for _, line := range []string{
		"run remind by manual ", "park wait sleeps for long", "start wait 1 resumed=true",
		"run child by child of " + parent, "end wait COMPLETED 1/1", "done remind COMPLETED",
	} {
		if !d.contains(line) {
			t.Errorf("missing %q in\n%s", line, d.text())
		}
	}
}
