package worker_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker/internal/fakeengine"
	"google.golang.org/grpc/codes"
)

// runsOne makes sure that the worker runs tasks. What is assigned to a stream
// that breaks at that moment is lost, as with a real engine, so it assigns again
// from time to time.
func (r *rig) runsOne(name string) {
	r.Helper()
	var tasks []string
	next := time.Now()
	r.until("a task to run", func() bool {
		if !time.Now().Before(next) {
			action := fakeengine.Action(name, name)
			r.engine.MustAssign(action)
			tasks, next = append(tasks, action.TaskRunExternalId), time.Now().Add(500*time.Millisecond)
		}
		for _, id := range tasks {
			if len(r.engine.Events(id, completed)) > 0 {
				return true
			}
		}
		return false
	})
}

func TestHeartbeatsKeepTheirPaceWhateverHandlersDo(t *testing.T) {
	r := start(t, quick())
	hold := make(chan struct{})
	defer close(hold)
	r.serve(serving().with(task("stuck", func(context.Context, *worker.Assignment) ([]byte, error) {
		<-hold
		return nil, nil
	})).Generation)
	for range 20 {
		r.engine.MustAssign(fakeengine.Action("stuck", "stuck"))
	}
	w, _ := r.engine.Newest()
	before := w.Heartbeats
	r.until("twenty more heartbeats", func() bool { w, _ := r.engine.Newest(); return w.Heartbeats > before+20 })
	if s := r.worker.Status(); s.Running != 20 || s.Slots["default"].Used != 20 || s.Slots["default"].Total != 100 {
		t.Errorf("status %+v", s)
	}
}

func TestALostStreamIsOpenedAgainUnderTheSameID(t *testing.T) {
	r := start(t, quick())
	r.serve(serving().with(task("a", answering("1"))).Generation)
	for i := range 5 {
		w, _ := r.engine.Newest()
		if i%2 == 0 {
			r.engine.EndStreams(w.ID)
		} else {
			r.engine.Cut()
		}
		r.runsOne("a")
	}
	if all := r.engine.Workers(); len(all) != 1 {
		t.Errorf("%d registrations", len(all))
	}
	if !r.watch.saw(worker.StateReconnecting) {
		t.Error("the state never said that the worker was reconnecting")
	}
	r.until("connected again", func() bool { return r.worker.Status().State == worker.StateConnected })
	if n := r.worker.Status().Reconnects; n < 5 {
		t.Errorf("%d streams are counted that worked again, want 5", n)
	}
}

func TestAnEngineWithoutHeartbeats(t *testing.T) {
	r := start(t, quick())
	r.engine.Refuse("Heartbeat", codes.Unimplemented)
	r.serve(serving().with(task("a", answering("1"))).Generation)
	r.until("the status to say so", func() bool { return r.worker.Status().NoHeartbeats })
	if s := r.worker.Status(); s.State != worker.StateConnected || s.Reconnects != 0 {
		t.Errorf("the worker is %s after %d reconnects", s.State, s.Reconnects)
	}
	r.runsOne("a")
}

// A worker whose heartbeats are rejected because the engine lost its stream
// looks alive from here and is deaf.
func TestARejectedHeartbeatOpensTheStreamAgain(t *testing.T) {
	r := start(t, quick())
	r.serve(serving().with(task("a", answering("1"))).Generation)
	w, _ := r.engine.Newest()
	r.engine.HideStreams(w.ID)
	r.until("a new stream", func() bool { open, _ := r.engine.Listening(w.ID); return open })
	r.runsOne("a")
	r.until("connected", func() bool { return r.worker.Status().State == worker.StateConnected })
}

func TestAForgottenWorkerRegistersAgainWithItsWorkflows(t *testing.T) {
	r := start(t, quick())
	release := make(chan struct{})
	r.serve(serving().with(task("slow", func(context.Context, *worker.Assignment) ([]byte, error) {
		<-release
		return []byte("1"), nil
	})).Generation)
	action := fakeengine.Action("slow", "slow")
	r.engine.MustAssign(action)
	r.until("the task to run", func() bool { return r.worker.Status().Running == 1 })
	old, _ := r.engine.Newest()
	r.engine.Forget()
	r.until("a new registration", func() bool { w, known := r.engine.Newest(); return known && w.ID != old.ID })
	if workflows := r.engine.Workflows(); len(workflows) != 1 || workflows[0].Name != "slow" {
		t.Errorf("registered again: %v", workflows)
	}
	close(release)
	if end := r.engine.End(action.TaskRunExternalId); end.EventType != completed {
		t.Errorf("the running task was reported as %v", end)
	}
	r.runsOne("slow")
	r.until("the new id to show", func() bool { w, _ := r.engine.Newest(); return r.worker.Status().WorkerID == w.ID })
}

func TestAWorkerStartsBeforeItsEngine(t *testing.T) {
	r := start(t, quick())
	r.engine.Stop()
	served := make(chan error, 1)
	go func() {
		served <- r.worker.Serve(context.Background(), serving().with(task("a", answering("1"))).Generation)
	}()
	r.until("the trouble to show", func() bool {
		s := r.worker.Status()
		return s.State == worker.StateRegistering && s.Detail != ""
	})
	r.engine.Restart()
	if err := <-served; err != nil {
		t.Fatal(err)
	}
	r.runsOne("a")
}

func TestResultsSurviveTwentyRestartsOfTheEngine(t *testing.T) {
	r := start(t, quick())
	gates := make(chan chan struct{}, 1000)
	r.serve(serving().with(task("a", func(_ context.Context, a *worker.Assignment) ([]byte, error) {
		if string(a.Payload) == "late" {
			<-<-gates
		}
		return []byte(`{"n":1}`), nil
	})).Generation)
	const outages, perOutage = 20, 10
	var tasks []string
	for outage := range outages {
		gate := make(chan struct{})
		for i := range perOutage {
			action := fakeengine.Action("a", "a")
			if i%2 == 0 { // ends while the engine is away; the others end around its fall
				action.ActionPayload = "late"
				gates <- gate
			}
			r.engine.MustAssign(action)
			tasks = append(tasks, action.TaskRunExternalId)
		}
		r.until("the assignments to arrive", func() bool { return r.watch.starts() == (outage+1)*perOutage })
		r.engine.Stop()
		close(gate)
		r.engine.Restart()
	}
	for _, id := range tasks {
		if end := r.engine.End(id); end.EventType != completed {
			t.Fatalf("reported %v", end)
		}
	}
	r.until("nothing left to report", func() bool { return r.worker.Status().Reporting == 0 })
	if runs := r.watch.starts(); runs != outages*perOutage {
		t.Errorf("%d handlers were called for %d assignments", runs, outages*perOutage)
	}
}

// Whatever waits to talk to the engine does so as soon as it answers anything.
func TestResultsDoNotSitOutTheirDelaysWhenTheEngineIsBack(t *testing.T) {
	r := start(t, quick())
	release := make(chan struct{})
	r.serve(serving().with(task("a", func(context.Context, *worker.Assignment) ([]byte, error) {
		<-release
		return []byte("1"), nil
	})).Generation)
	action := fakeengine.Action("a", "a")
	r.engine.MustAssign(action)
	r.until("the task to run", func() bool { return r.worker.Status().Running == 1 })
	r.worker.Slacken()
	r.engine.Stop()
	close(release)
	r.until("the heartbeats to fail", func() bool {
		s := r.worker.Status()
		return s.Reporting == 1 && s.State == worker.StateReconnecting && strings.HasPrefix(s.Detail, "heartbeat")
	})
	r.engine.Restart()
	r.engine.End(action.TaskRunExternalId)
	r.until("connected", func() bool { return r.worker.Status().State == worker.StateConnected })
}

func TestAnOddRefusalOfTheStreamLeadsToANewRegistration(t *testing.T) {
	r := start(t, quick())
	r.serve(serving().with(task("a", answering("1"))).Generation)
	old, _ := r.engine.Newest()
	r.engine.On("ListenV2", func(in any) error {
		if asked, ok := in.(*contract.WorkerListenRequest); ok && asked.WorkerId == old.ID {
			return fmt.Errorf("odd")
		}
		return nil
	})
	r.engine.EndStreams(old.ID)
	r.until("a new registration", func() bool { w, _ := r.engine.Newest(); return w.ID != old.ID })
	r.runsOne("a")
}

// An engine that takes connections but answers nothing is found out by the
// heartbeats, and the stream beside them is not trusted any more.
func TestUnansweredHeartbeatsShow(t *testing.T) {
	r := start(t, quick())
	r.serve(serving().with(task("a", answering("1"))).Generation)
	streams := make(chan struct{}, 100)
	r.engine.On("ListenV2", func(any) error { streams <- struct{}{}; return nil })
	r.engine.Refuse("Heartbeat", codes.DeadlineExceeded)
	select {
	case <-streams:
	case <-time.After(30 * time.Second):
		t.Fatal("the stream was not opened again")
	}
	r.until("the state to show it", func() bool { return r.worker.Status().State == worker.StateReconnecting })
	r.engine.On("Heartbeat", nil)
	r.until("connected", func() bool { return r.worker.Status().State == worker.StateConnected })
	r.runsOne("a")
}
