package worker_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker/internal/fakeengine"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
	"google.golang.org/grpc/codes"
)

// untilDone is a handler that waits for the end of its context and returns its
// cause.
func untilDone(ctx context.Context, _ *worker.Assignment) ([]byte, error) {
	<-ctx.Done()
	return nil, context.Cause(ctx)
}

func TestACancelledTaskIsNotReported(t *testing.T) {
	r := start(t, quick())
	r.serve(serving().with(task("a", untilDone)).Generation)
	action := fakeengine.Action("a", "a")
	r.engine.MustAssign(action)
	r.until("the task to run", func() bool { return r.worker.Status().Running == 1 })

	other := fakeengine.Retry(action, 5) // of an attempt that is not here
	r.engine.MustAssign(fakeengine.Cancellation(other))
	r.engine.MustAssign(fakeengine.Cancellation(action))
	r.ends(action.TaskRunExternalId, worker.OutcomeCancelled)
	if err := r.drain(); err != nil {
		t.Errorf("run ended with %v", err)
	}
	if got := strings.Join(r.kinds(action.TaskRunExternalId), ""); got != "S" && got != "" {
		t.Errorf("reports: %s", got)
	}
}

func TestACancellationOfAnotherAttemptChangesNothing(t *testing.T) {
	r := start(t, quick())
	release := make(chan struct{})
	r.serve(serving().with(task("a", func(ctx context.Context, _ *worker.Assignment) ([]byte, error) {
		select {
		case <-release:
			return []byte("1"), nil
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	})).Generation)
	action := fakeengine.Action("a", "a")
	r.engine.MustAssign(action)
	r.until("the task to run", func() bool { return r.worker.Status().Running == 1 })
	r.engine.MustAssign(fakeengine.Cancellation(fakeengine.Retry(action, 1)))
	r.engine.MustAssign(fakeengine.Cancellation(fakeengine.Action("a", "a")))
	close(release)
	if end := r.engine.End(action.TaskRunExternalId); end.EventType != completed {
		t.Errorf("reported %v", end)
	}
}

func TestAnAssignmentDeliveredTwiceRunsOnce(t *testing.T) {
	r := start(t, quick())
	var runs atomic.Int32
	release := make(chan struct{})
	r.serve(serving().with(task("a", func(context.Context, *worker.Assignment) ([]byte, error) {
		runs.Add(1)
		<-release
		return []byte("1"), nil
	})).Generation)
	action := fakeengine.Action("a", "a")
	r.engine.MustAssign(action)
	r.engine.MustAssign(action)
	close(release)
	r.engine.End(action.TaskRunExternalId)
	r.until("the end of the attempt", func() bool { return r.worker.Status().Reporting == 0 })
	r.engine.MustAssign(action) // long after its end
	r.runsOne("a")
	if n := runs.Load(); n != 2 {
		t.Errorf("%d runs of two tasks", n)
	}
}

func TestALaterAttemptReplacesAnEarlierOne(t *testing.T) {
	r := start(t, quick())
	r.serve(serving().with(task("a", func(ctx context.Context, a *worker.Assignment) ([]byte, error) {
		if a.RetryCount == 0 {
			<-ctx.Done()
			return nil, context.Cause(ctx)
		}
		return []byte("2"), nil
	})).Generation)
	action := fakeengine.Action("a", "a")
	r.engine.MustAssign(action)
	r.until("the first attempt to run", func() bool { return r.worker.Status().Running == 1 })
	r.engine.MustAssign(fakeengine.Retry(action, 1))
	r.until("the first attempt to be replaced", func() bool { return r.watch.count(worker.OutcomeReplaced) == 1 })
	if end := r.engine.End(action.TaskRunExternalId); end.GetRetryCount() != 1 || end.EventPayload != "2" {
		t.Errorf("reported %v", end)
	}
	r.engine.MustAssign(action) // the first attempt again, too late
	r.runsOneRetry()
}

// runsOneRetry makes sure that what was assigned before was dealt with.
func (r *rig) runsOneRetry() {
	action := fakeengine.Retry(fakeengine.Action("a", "a"), 1)
	r.engine.MustAssign(action)
	r.engine.End(action.TaskRunExternalId)
}

func TestNoMoreRunsThanSlots(t *testing.T) {
	o := quick()
	o.Slots = 3
	r := start(t, o)
	var now, most atomic.Int32
	release := make(chan struct{})
	r.serve(serving().with(task("a", func(context.Context, *worker.Assignment) ([]byte, error) {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		<-release
		now.Add(-1)
		return []byte("1"), nil
	})).with(task("wide", answering("1"), func(t *workflow.Task) { t.SlotCost = 3 })).Generation)
	var tasks []string
	for i := range 10 {
		action := fakeengine.Action("a", "a")
		if i == 9 {
			action = fakeengine.Action("wide", "wide")
		}
		tasks = append(tasks, action.TaskRunExternalId)
		r.engine.MustAssign(action)
	}
	r.until("all to arrive", func() bool { s := r.worker.Status(); return s.Running == 3 && s.Queued == 7 })
	r.engine.MustAssign(fakeengine.Cancellation(&contract.AssignedAction{TaskRunExternalId: tasks[8]}))
	r.ends(tasks[8], worker.OutcomeCancelled)
	close(release)
	for i, id := range tasks {
		if i != 8 {
			r.engine.End(id)
		}
	}
	if most.Load() > 3 {
		t.Errorf("%d ran at once", most.Load())
	}
	r.until("all slots free", func() bool { return r.worker.Status().Slots["default"].Used == 0 })
}

func TestAReleasedSlotIsFreeWhileTheTaskGoesOn(t *testing.T) {
	o := quick()
	o.Slots = 1
	r := start(t, o)
	release := make(chan struct{})
	r.serve(serving().with(task("a", func(ctx context.Context, a *worker.Assignment) ([]byte, error) {
		err := a.ReleaseSlot(ctx)
		<-release
		return []byte("1"), err
	})).with(task("b", answering("1"))).Generation)
	action := fakeengine.Action("a", "a")
	r.engine.MustAssign(action)
	r.runsOne("b")
	close(release)
	if end := r.engine.End(action.TaskRunExternalId); end.EventType != completed {
		t.Errorf("reported %v", end)
	}
}

// A task that has cancelled itself is not reported, even if it returns before
// the engine's cancellation is here.
func TestATaskCancelsItselfThroughTheEngine(t *testing.T) {
	r := start(t, quick())
	ended := make(chan error, 1)
	r.serve(serving().with(task("a", func(ctx context.Context, a *worker.Assignment) ([]byte, error) {
		err := a.Cancel(ctx)
		ended <- errors.Join(err, context.Cause(ctx))
		return []byte(`{}`), err
	})).Generation)
	action := fakeengine.Action("a", "a")
	r.engine.MustAssign(action)
	r.ends(action.TaskRunExternalId, worker.OutcomeCancelled)
	if err := <-ended; !errors.Is(err, worker.ErrCancelled) {
		t.Errorf("the handler was left with %v", err)
	}
	r.engine.MustAssign(fakeengine.Cancellation(action)) // of no consequence
}

func limited(d time.Duration) func(*workflow.Task) {
	return func(t *workflow.Task) { t.ExecutionTimeout = d }
}

func TestTheExecutionTimeout(t *testing.T) {
	r := start(t, quick())
	hold := make(chan struct{})
	defer close(hold)
	r.serve(serving().
		with(task("polite", func(ctx context.Context, _ *worker.Assignment) ([]byte, error) {
			<-ctx.Done()
			return nil, &worker.TaskError{Message: "stopped at a.ts:3:1", Stack: "at a.ts:3:1", NonRetryable: true}
		}, limited(50*time.Millisecond))).
		with(task("late", func(ctx context.Context, _ *worker.Assignment) ([]byte, error) {
			<-ctx.Done()
			return []byte("1"), nil
		}, limited(50*time.Millisecond))).
		with(task("deaf", func(context.Context, *worker.Assignment) ([]byte, error) {
			<-hold
			return nil, nil
		}, limited(50*time.Millisecond))).
		with(task("plain", untilDone, limited(50*time.Millisecond))).Generation)
	for name, want := range map[string]string{
		"polite": `{"message":"Task exceeded timeout of 50ms: stopped at a.ts:3:1","stack":"at a.ts:3:1"}`,
		"late":   "1",
		"deaf":   `{"message":"Task exceeded timeout of 50ms","stack":""}`,
		"plain":  `{"message":"Task exceeded timeout of 50ms","stack":""}`,
	} {
		action := fakeengine.Action(name, name)
		r.engine.MustAssign(action)
		if end := r.engine.End(action.TaskRunExternalId); end.EventPayload != want || end.GetShouldNotRetry() {
			t.Errorf("%s: %v", name, end)
		}
	}
}

func TestAnExtendedTimeout(t *testing.T) {
	r := start(t, quick())
	r.serve(serving().with(task("a", func(ctx context.Context, a *worker.Assignment) ([]byte, error) {
		if _, err := a.RefreshTimeout(ctx, time.Hour); err != nil {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(300 * time.Millisecond):
			return []byte("1"), nil
		}
	}, limited(200*time.Millisecond))).Generation)
	action := fakeengine.Action("a", "a")
	r.engine.MustAssign(action)
	if end := r.engine.End(action.TaskRunExternalId); end.EventType != completed {
		t.Errorf("reported %v", end)
	}
}

func TestDelaysTheEngineCannotKeepAreKeptHere(t *testing.T) {
	v := clock.NewVirtual(time.Unix(1_700_000_000, 0))
	o := quick()
	o.Clock = v
	r := start(t, o)
	var asked atomic.Value
	r.engine.On("RefreshTimeout", func(in any) error {
		asked.Store(in.(*contract.RefreshTimeoutRequest).IncrementTimeoutBy)
		return nil
	})
	r.serve(serving().with(task("a", answering("1"), limited(time.Second), func(t *workflow.Task) {
		t.Retries, t.Backoff = 3, &workflow.Backoff{Kind: workflow.BackoffLinear, Base: 10 * time.Second, Step: 5 * time.Second}
	})).Generation)
	action := fakeengine.Retry(fakeengine.Action("a", "a"), 2)
	r.engine.MustAssign(action)
	r.until("the timeout to be extended", func() bool { return asked.Load() == "15s" })
	if r.watch.starts() != 0 || r.worker.Status().Slots["default"].Used != 1 {
		t.Error("the handler was called before its time, or the slot was not held")
	}
	advance(r, v, func() bool { return r.watch.starts() == 1 })
	if end := r.engine.End(action.TaskRunExternalId); end.EventType != completed {
		t.Errorf("reported %v", end)
	}
	if waited := v.Now().Sub(time.Unix(1_700_000_000, 0)); waited < 15*time.Second {
		t.Errorf("the delay was %v", waited)
	}
	r.stop()
	advance(r, v, func() bool { return r.worker.Status().State == worker.StateStopped })
}

// advance moves virtual time on, second by second, until something happened.
func advance(r *rig, v *clock.Virtual, happened func() bool) {
	r.Helper()
	r.until("something on virtual time", func() bool {
		if happened() {
			return true
		}
		v.Advance(time.Second)
		return false
	})
}

func TestABackoffIsCancelledLikeARun(t *testing.T) {
	r := start(t, quick())
	r.engine.Refuse("RefreshTimeout", codes.NotFound)
	r.serve(serving().with(task("a", answering("1"), func(t *workflow.Task) {
		t.Retries, t.Backoff = 3, &workflow.Backoff{Kind: workflow.BackoffConstant, Base: 90*time.Minute + time.Millisecond}
	})).Generation)
	action := fakeengine.Retry(fakeengine.Action("a", "a"), 1)
	r.engine.MustAssign(action)
	r.until("the attempt to take its slot", func() bool { return r.worker.Status().Slots["default"].Used == 1 })
	r.engine.MustAssign(fakeengine.Cancellation(action))
	r.ends(action.TaskRunExternalId, worker.OutcomeCancelled)
	if r.watch.starts() != 0 {
		t.Error("the handler was called")
	}
}

func TestAnAssignmentWithoutAWorker(t *testing.T) {
	var a worker.Assignment
	a.Log("INFO", "x", nil, time.Now())
	_, err := a.RefreshTimeout(context.Background(), time.Second)
	if err := errors.Join(err, a.ReleaseSlot(context.Background()), a.Cancel(context.Background())); err != nil || a.WorkerID() != "" {
		t.Errorf("%v %q", err, a.WorkerID())
	}
}
