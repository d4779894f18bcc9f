package worker_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker/internal/fakeengine"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func (r *rig) put() string {
	var names []string
	for _, w := range r.engine.Workflows() {
		names = append(names, w.Name)
	}
	return strings.Join(names, " ")
}

func TestOnlyWhatChangedIsRegisteredAgain(t *testing.T) {
	r := start(t, quick())
	r.serve(serving().with(task("a", answering("1"))).Generation)
	r.serve(serving().with(task("a", answering("2"))).Generation)
	if r.put() != "a" {
		t.Errorf("registered: %s", r.put())
	}
	r.serve(serving().with(task("a", answering("3"), func(t *workflow.Task) { t.Retries = 5 })).Generation)
	if r.put() != "a a" || len(r.engine.Workers()) != 1 {
		t.Errorf("registered: %s, by %d workers", r.put(), len(r.engine.Workers()))
	}
	action := fakeengine.Action("a", "a")
	r.engine.MustAssign(action)
	if end := r.engine.End(action.TaskRunExternalId); end.EventPayload != "3" {
		t.Errorf("the newest generation did not run: %v", end)
	}
	if n := r.worker.Status().Generation; n != 3 {
		t.Errorf("generation %d", n)
	}
}

func TestATaskFinishesOnTheGenerationItBeganOn(t *testing.T) {
	r := start(t, quick())
	release := make(chan struct{})
	r.serve(serving().with(task("a", func(context.Context, *worker.Assignment) ([]byte, error) {
		<-release
		return []byte("1"), nil
	})).Generation)
	action := fakeengine.Action("a", "a")
	r.engine.MustAssign(action)
	r.until("the task to run", func() bool { return r.worker.Status().Running == 1 })
	r.serve(serving().with(task("a", answering("2"))).Generation)
	close(release)
	if end := r.engine.End(action.TaskRunExternalId); end.EventPayload != "1" {
		t.Errorf("reported %v", end)
	}
}

// While assignments flow to whichever worker listens, actions come and go; every
// assignment has to be run by some generation that has its task.
func TestNoAssignmentFallsBetweenTwoRegistrations(t *testing.T) {
	v := clock.NewVirtual(time.Unix(1_700_000_000, 0))
	o := quick()
	o.Clock = v
	r := start(t, o)
	both := func(output string) worker.Generation {
		return serving().with(task("a", answering(output))).with(task("b", answering(output))).Generation
	}
	only := func(output string) worker.Generation { return serving().with(task("a", answering(output))).Generation }
	r.serve(both("1"))

	ctx, cancel := context.WithCancel(context.Background())
	var sent sync.Map
	var count atomic.Int64
	var flow sync.WaitGroup
	for range 4 {
		flow.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				time.Sleep(time.Millisecond)
				name := "a"
				if i%2 == 1 {
					name = "b"
				}
				for _, w := range r.engine.Workers() {
					action := fakeengine.Action(name, name)
					if !strings.Contains(strings.Join(w.Request.Actions, " "), action.ActionId) || w.Unsubscribed {
						continue
					}
					if r.engine.Assign(w.ID, action) == nil {
						sent.Store(action.TaskRunExternalId, w.ID)
						count.Add(1)
					}
				}
			}
		})
	}
	for i := range 6 {
		before := count.Load()
		if i%2 == 0 {
			r.serve(only("2"))
		} else {
			r.serve(both("3"))
		}
		r.until("more assignments", func() bool { return count.Load() > before+50 })
	}
	cancel()
	flow.Wait()
	advance(r, v, func() bool { return r.active() == 1 && r.worker.Withdrawn() == 0 })
	r.until("every assignment to be reported", func() bool {
		sent.Range(func(id, _ any) bool {
			if len(r.engine.Events(id.(string), completed)) > 0 {
				sent.Delete(id)
			}
			return true
		})
		left := 0
		sent.Range(func(any, any) bool { left++; return true })
		return left == 0
	})
	r.stop()
	advance(r, v, func() bool { return r.worker.Status().State == worker.StateStopped })
}

// active is how many registrations have not left.
func (r *rig) active() (n int) {
	for _, w := range r.engine.Workers() {
		if !w.Unsubscribed {
			n++
		}
	}
	return n
}

func TestANewActionMeansANewRegistrationAndTheOldOneLeaves(t *testing.T) {
	v := clock.NewVirtual(time.Unix(1_700_000_000, 0))
	o := quick()
	o.Clock = v
	r := start(t, o)
	release := make(chan struct{})
	r.serve(serving().with(task("slow", func(context.Context, *worker.Assignment) ([]byte, error) {
		<-release
		return []byte("1"), nil
	})).Generation)
	slow := fakeengine.Action("slow", "slow")
	slow.ActionPayload = "x"
	r.engine.MustAssign(slow)
	r.until("the task to run", func() bool { return r.worker.Status().Running == 1 })
	first, _ := r.engine.Newest()
	r.serve(serving().with(task("b", answering("1"))).Generation)
	second, _ := r.engine.Newest()
	if first.ID == second.ID || r.worker.Status().WorkerID != second.ID {
		t.Fatal("the new action has no registration of its own")
	}
	// The old one still has a task: it stays, beats rarely, and takes cancels.
	for range 60 {
		v.Advance(time.Second)
		time.Sleep(time.Millisecond)
	}
	if open, _ := r.engine.Listening(first.ID); !open {
		t.Error("the old registration left its task behind")
	}
	// What is still assigned to it is run by the generation that had it.
	close(release)
	if end := r.engine.End(slow.TaskRunExternalId); end.EventType != completed || end.WorkerId != first.ID {
		t.Errorf("reported %v", end)
	}
	advance(r, v, func() bool { return r.active() == 1 })
	if open, _ := r.engine.Listening(first.ID); open {
		t.Error("the old registration still listens")
	}
	r.stop()
	advance(r, v, func() bool { return r.worker.Status().State == worker.StateStopped })
}

func TestOneRefusedWorkflowDoesNotStopTheOthers(t *testing.T) {
	r := start(t, quick())
	r.serve(serving().with(task("a", answering("1"))).with(task("b", answering("1"))).Generation)
	r.engine.On("PutWorkflow", func(in any) error {
		if in.(*v1.CreateWorkflowVersionRequest).Name == "a" {
			return status.Error(codes.InvalidArgument, "dag parent not found")
		}
		return nil
	})
	a, run := task("a", answering("2"), func(t *workflow.Task) { t.Retries = 2 })
	a.Position = workflow.Position{File: "a.ts", Line: 3}
	orphan, _ := task("orphan", nil)
	g := serving().with(a, run).with(task("b", answering("2"))).with(task("c", answering("2")))
	g.Workflows = append(g.Workflows, orphan)
	err := r.worker.Serve(context.Background(), g.Generation)
	var refused *worker.RefusedError
	if !errors.As(err, &refused) || len(refused.Refusals) != 2 {
		t.Fatalf("serve: %v", err)
	}
	text := err.Error()
	if !strings.Contains(text, "a.ts:3: workflow a was refused: register workflow a: invalid: dag parent not found") ||
		!strings.Contains(text, "workflow orphan was refused: task orphan has no runner") {
		t.Errorf("it says %s", text)
	}
	for name, want := range map[string]string{"a": "1", "b": "2", "c": "2"} {
		action := fakeengine.Action(name, name)
		r.engine.MustAssign(action)
		if end := r.engine.End(action.TaskRunExternalId); end.EventPayload != want {
			t.Errorf("%s: %v", name, end)
		}
	}
}

func TestTwoWorkflowsOfOneNameAndSlotsNobodyHas(t *testing.T) {
	r := start(t, quick())
	first, run := task("a", answering("1"))
	first.Position = workflow.Position{File: "one.ts", Line: 1}
	second, again := task("A", answering("2"))
	second.Position = workflow.Position{File: "two.ts", Line: 2}
	g := serving().with(second, again).with(first, run).with(task("gpu", answering("1"), func(t *workflow.Task) {
		t.SlotRequests = map[string]int32{"gpu": 1}
	}))
	err := r.worker.Serve(context.Background(), g.Generation)
	if err == nil || !strings.Contains(err.Error(), "one.ts:1: workflow a was refused: the name is taken by the workflow at two.ts:2") ||
		!strings.Contains(err.Error(), `needs slots of type "gpu", of which this worker has none`) {
		t.Errorf("serve: %v", err)
	}
	if r.put() != "a" {
		t.Errorf("registered: %s", r.put())
	}
}

func TestANewerGenerationOvertakesOneThatWaitsForTheEngine(t *testing.T) {
	r := start(t, quick())
	r.engine.Stop()
	older := make(chan error, 1)
	go func() {
		older <- r.worker.Serve(context.Background(), serving().with(task("a", answering("1"))).Generation)
	}()
	r.until("the first to be tried", func() bool { return r.worker.Status().Detail != "" && r.watch.saw(worker.StateRegistering) })
	newer := make(chan error, 1)
	go func() {
		newer <- r.worker.Serve(context.Background(), serving().with(task("b", answering("1"))).Generation)
	}()
	if err := <-older; !errors.Is(err, worker.ErrSuperseded) {
		t.Errorf("the older one ended with %v", err)
	}
	r.engine.Restart()
	if err := <-newer; err != nil {
		t.Errorf("the newer one ended with %v", err)
	}
	if r.put() != "b" {
		t.Errorf("registered: %s", r.put())
	}
}

func TestAllWorkflowsWithdrawnAndOneAddedLater(t *testing.T) {
	o := quick()
	r := start(t, o)
	r.serve(serving().with(task("a", answering("1"))).Generation)
	r.serve(worker.Generation{})
	if s := r.worker.Status(); s.State != worker.StateStarting {
		t.Errorf("state %s %s", s.State, s.Detail)
	}
	r.serve(serving().with(task("b", answering("1"))).Generation)
	r.runsOne("b")
	if s := r.worker.Status(); s.State != worker.StateConnected {
		t.Errorf("state %s %s", s.State, s.Detail)
	}
}
