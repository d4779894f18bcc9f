package local_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	"github.com/hatchet-js/hatchet-js-worker/engine/local"
	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

var epoch = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// watch collects what a subscription delivers, as "<kind> <payload>", until it
// ends; a final "hangup" marks that the last event said so.
func (r *rig) watch(req *contract.SubscribeToWorkflowEventsRequest) ([]string, error) {
	ctx, cancel := context.WithTimeout(r.ctx, patience)
	defer cancel()
	stream, err := r.dispatcher.SubscribeToWorkflowEvents(ctx, req)
	if err != nil {
		return nil, err
	}
	var seen []string
	for {
		e, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return seen, nil
		}
		if err != nil {
			return seen, err
		}
		kind := strings.TrimPrefix(e.EventType.String(), "RESOURCE_EVENT_TYPE_")
		if e.ResourceType == contract.ResourceType_RESOURCE_TYPE_WORKFLOW_RUN {
			kind = "RUN " + kind
		}
		seen = append(seen, strings.TrimSpace(kind+" "+e.EventPayload))
		if e.Hangup {
			seen = append(seen, "hangup")
		}
	}
}

func TestStreamEventsArriveInOrderAndHangUp(t *testing.T) {
	r := start(t, local.Options{})
	r.put("chat", "answer")
	begun, watched := make(chan *contract.AssignedAction, 1), make(chan struct{})
	r.work(func(_ context.Context, a *contract.AssignedAction) (string, error) {
		begun <- a
		<-watched
		for _, index := range []int64{1, 0, 3, 2, 5} { // 4 never comes
			_, err := r.events.PutStreamEvent(r.ctx, &contract.PutStreamEventRequest{
				TaskRunExternalId: a.TaskRunExternalId, Message: []byte{'0' + byte(index)}, EventIndex: &index,
			})
			if err != nil {
				return "", err
			}
		}
		return `"done"`, nil
	}, "chat:answer")
	id := r.trigger("chat", "")
	<-begun
	type outcome struct {
		seen []string
		err  error
	}
	done := make(chan outcome, 1)
	go func() {
		seen, err := r.watch(&contract.SubscribeToWorkflowEventsRequest{WorkflowRunId: &id})
		done <- outcome{seen, err}
	}()
	r.subscribed(id)
	close(watched)
	o := <-done
	want := `STREAM 0,STREAM 1,STREAM 2,STREAM 3,STREAM 5,COMPLETED "done",RUN COMPLETED,hangup`
	if got := strings.Join(o.seen, ","); o.err != nil || !strings.HasPrefix(got, `STREAM 0`) || got != want {
		t.Errorf("saw %s, %v\nwant %s", got, o.err, want)
	}
	if seen, err := r.watch(&contract.SubscribeToWorkflowEventsRequest{WorkflowRunId: &id}); err != nil || len(seen) > 0 {
		t.Errorf("a final run streams %v, %v", seen, err)
	}
}

// subscribed waits until a subscription to the run is in place: stream events
// that come earlier are gone.
func (r *rig) subscribed(runID string) {
	r.eventually("the subscription", func() bool { return r.engine.Watchers(runID) > 0 })
}

func TestWatchingByMetadataEndsWithTheLastRun(t *testing.T) {
	r := start(t, local.Options{})
	r.put("job", "work")
	gate := make(chan struct{})
	r.work(func(context.Context, *contract.AssignedAction) (string, error) {
		<-gate
		return "1", nil
	}, "job:work")
	done := make(chan []string, 1)
	go func() {
		seen, err := r.watch(&contract.SubscribeToWorkflowEventsRequest{
			AdditionalMetaKey: proto.String("batch"), AdditionalMetaValue: proto.String("7")})
		if err != nil {
			t.Error(err)
		}
		done <- seen
	}()
	r.subscribed("")
	for _, metadata := range []string{`{"batch":"7"}`, `{"batch":"8"}`, `{"batch":"7"}`} {
		r.triggerWith("job", metadata)
	}
	close(gate)
	seen := <-done
	if n := strings.Count(strings.Join(seen, ","), "RUN COMPLETED"); n != 2 || seen[len(seen)-1] != "hangup" {
		t.Errorf("saw %v", seen)
	}
}

func TestWatchingARunThatNeverComes(t *testing.T) {
	virtual := clock.NewVirtual(epoch)
	r := start(t, local.Options{Clock: virtual})
	done := make(chan error, 1)
	go func() {
		_, err := r.watch(&contract.SubscribeToWorkflowEventsRequest{WorkflowRunId: proto.String("11111111-2222-3333-4444-555555555555")})
		done <- err
	}()
	r.eventually("the wait begins", func() bool { return virtual.Waiting() > 0 })
	virtual.Advance(10 * time.Second)
	expectCode(t, <-done, codes.NotFound, "not found")
	_, err := r.watch(&contract.SubscribeToWorkflowEventsRequest{})
	expectCode(t, err, codes.InvalidArgument, "workflow_run_id")
}

func TestResultsAreAnsweredOnceForEachAsking(t *testing.T) {
	r := start(t, local.Options{})
	r.put("job", "work")
	r.work(echo, "job:work")
	id := r.trigger("job", "")
	stream, err := r.dispatcher.SubscribeToWorkflowRuns(r.ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, asked := range []string{"no id", "11111111-2222-3333-4444-555555555555", id} {
		if err := stream.Send(&contract.SubscribeToWorkflowRunsRequest{WorkflowRunId: asked}); err != nil {
			t.Fatal(err)
		}
	}
	if event, err := stream.Recv(); err != nil || event.WorkflowRunId != id {
		t.Fatalf("%v %v", event, err)
	}
	if err := stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
	if event, err := stream.Recv(); !errors.Is(err, io.EOF) {
		t.Errorf("answered again: %v %v", event, err)
	}
}

func TestOversizedResultsAreTrimmed(t *testing.T) {
	r := start(t, local.Options{})
	r.put("big", "error", "output", "small")
	r.work(func(_ context.Context, a *contract.AssignedAction) (string, error) {
		switch a.TaskName {
		case "error":
			return "", errors.New(strings.Repeat("e", 2<<20))
		case "output":
			return `"` + strings.Repeat("o", 2<<20) + `"`, nil
		}
		return "1", nil
	}, "big:error", "big:output", "big:small")
	got := r.result(r.trigger("big", ""))
	if got["error"] != "!Error is too large to send over the Hatchet stream." || len(got["output"]) < 2<<20 || got["small"] != "1" {
		t.Errorf("error %.60s, output of %d bytes, small %s", got["error"], len(got["output"]), got["small"])
	}
}

func TestUnsubscribeEndsTheStream(t *testing.T) {
	r := start(t, local.Options{})
	w, _ := r.work(echo, "job:work")
	r.eventually("the worker listens", func() (listens bool) {
		err := r.engine.View(r.ctx, func(c *core.Core) { listens = c.Workers()[0].Connected })
		return err == nil && listens
	})
	if _, err := r.dispatcher.Unsubscribe(r.ctx, &contract.WorkerUnsubscribeRequest{WorkerId: w.id}); err != nil {
		t.Fatal(err)
	}
	r.eventually("heartbeats are refused", func() bool {
		_, err := r.dispatcher.Heartbeat(r.ctx, &contract.HeartbeatRequest{WorkerId: w.id})
		return status.Code(err) == codes.FailedPrecondition
	})
	_, err := r.dispatcher.Heartbeat(r.ctx, &contract.HeartbeatRequest{WorkerId: "11111111-2222-3333-4444-555555555555"})
	expectCode(t, err, codes.NotFound, "")
}

// A worker whose first stream nobody reads gets its work on the next one.
func TestAnUnconfirmedAssignmentGoesOutAgain(t *testing.T) {
	r := start(t, local.Options{})
	r.put("job", "work")
	w, leave := r.work(echo, "job:work")
	w.mu.Lock()
	w.silent = true
	w.mu.Unlock()
	id := r.trigger("job", "")
	r.eventually("the assignment arrives", func() bool { return len(w.actions()) == 1 })
	leave()
	w.mu.Lock()
	w.silent = false
	w.mu.Unlock()
	w.connect(r)
	if got := r.result(id); got["work"] != `{"task":"work"}` {
		t.Errorf("results %v", got)
	}
	if a := w.actions(); len(a) != 2 || a[1].RetryCount != 0 {
		t.Errorf("actions %v", a)
	}
}

func TestStoppingEndsStreamsInTime(t *testing.T) {
	r := start(t, local.Options{GRPCAddr: "127.0.0.1:0"})
	r.put("job", "work")
	r.work(echo, "job:work")
	results, err := r.dispatcher.SubscribeToWorkflowRuns(r.ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := results.Send(&contract.SubscribeToWorkflowRunsRequest{WorkflowRunId: r.trigger("job", "")}); err != nil {
		t.Fatal(err)
	}
	if _, err := results.Recv(); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begin); took > local.DefaultStopWithin {
		t.Errorf("took %v with nothing to wait for", took)
	}
	if _, err := results.Recv(); err == nil {
		t.Error("the stream goes on")
	}
}
