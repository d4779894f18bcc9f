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
		d.lines = append(d.lines, fmt.Sprintf("start %s/%s %d resumed=%v", e.Workflow, e.Task, e.Attempt, e.Resumed))
	case local.TaskFinished:
		d.lines = append(d.lines, d.end(e))
	case local.TaskParked:
		d.lines = append(d.lines, fmt.Sprintf("park %s/%s %s", e.Workflow, e.Task, e.Reason))
	case local.RunFinished:
		d.lines = append(d.lines, fmt.Sprintf("done %s %s", e.Workflow, e.Status))
	}
}

func (d *diary) end(e local.TaskFinished) string {
	how := string(e.Status)
	if e.Skipped {
		how = "SKIPPED"
	}
	line := fmt.Sprintf("end %s/%s %s %d/%d after %v", e.Workflow, e.Task, how, e.Attempt, e.MaxAttempts, e.Duration)
	if e.Retrying {
		line += fmt.Sprintf(", %s, again in %v", e.Error, e.RetryIn)
	}
	return line
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
	r.eventually("the second attempt", func() bool { return d.contains("start pay/charge 2") })
	virtual.Advance(30 * time.Second)
	r.eventually("the timeout", func() bool { return d.contains("2/4") })
	virtual.Advance(3 * time.Second)
	r.eventually("the end", func() bool { return d.contains("done") })
	d.expect(t,
		`run pay by order:paid {"id":1}`,
		`start pay/charge 1 resumed=false`,
		`end pay/charge FAILED 1/4 after 0s, HTTP 502, again in 2s`,
		`start pay/charge 2 resumed=false`,
		`end pay/charge FAILED 2/4 after 30s, Task exceeded timeout of 30s, again in 3s`,
		`start pay/charge 3 resumed=false`,
		`end pay/charge COMPLETED 3/4 after 0s`,
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
		"run remind by manual ", "park remind/wait sleeps for long", "start remind/wait 1 resumed=true",
		"run child by child of " + parent, "end remind/wait COMPLETED 1/1 after 24h0m0s", "done remind COMPLETED",
	} {
		if !d.contains(line) {
			t.Errorf("missing %q in\n%s", line, d.text())
		}
	}
}

func TestTheObserverSeesSkipsAndLostWorkers(t *testing.T) {
	virtual, d := clock.NewVirtual(epoch), &diary{}
	options := onVirtualTime(virtual)
	options.Observer = d.note
	r := start(t, options)
	r.put("chain", "a", "b<a")
	lost, leave := r.work(func(ctx context.Context, _ *contract.AssignedAction) (string, error) {
		<-ctx.Done()
		return "", nil
	}, "chain:a")
	r.trigger("chain", "")
	r.eventually("a is on its way", func() bool { return len(lost.actions()) == 1 })
	virtual.Advance(5 * time.Second)
	leave()
	r.eventually("a is taken back", func() bool { return d.contains("again") })
	r.work(func(context.Context, *contract.AssignedAction) (string, error) { return `{"skipped":true}`, nil }, "chain:a", "chain:b")
	r.eventually("the end", func() bool { return d.contains("done") })
	d.expect(t,
		`run chain by manual `,
		`start chain/a 1 resumed=false`,
		`end chain/a FAILED 1/1 after 5s, the worker's stream is gone, again in 0s`,
		`start chain/a 2 resumed=false`,
		`end chain/a COMPLETED 2/2 after 0s`,
		`end chain/b SKIPPED 1/1 after 0s`,
		`done chain COMPLETED`)
}
