package worker_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/worker"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker/internal/fakeengine"
)

func TestADrainFinishesAndReportsWhatRuns(t *testing.T) {
	r := start(t, quick())
	release := make(chan struct{})
	r.serve(serving().with(task("a", func(context.Context, *worker.Assignment) ([]byte, error) {
		<-release
		return []byte("1"), nil
	})).Generation)
	action := fakeengine.Action("a", "a")
	r.engine.MustAssign(action)
	r.until("the task to run", func() bool { return r.worker.Status().Running == 1 })
	r.stop()
	r.until("the worker to unsubscribe", func() bool { w, _ := r.engine.Newest(); return w.Unsubscribed })
	if s := r.worker.Status(); s.State != worker.StateDraining {
		t.Errorf("state %s", s.State)
	}
	close(release)
	if err := r.drain(); err != nil {
		t.Errorf("run ended with %v", err)
	}
	if got := r.engine.Events(action.TaskRunExternalId, completed); len(got) != 1 {
		t.Errorf("%d reports", len(got))
	}
}

func TestTheDrainDeadlineEndsHandlersAndReportsNothingOfThem(t *testing.T) {
	o := quick()
	o.Drain = 50 * time.Millisecond
	r := start(t, o)
	cause := make(chan error, 1)
	r.serve(serving().with(task("a", func(ctx context.Context, _ *worker.Assignment) ([]byte, error) {
		<-ctx.Done()
		cause <- context.Cause(ctx)
		return nil, ctx.Err()
	})).Generation)
	action := fakeengine.Action("a", "a")
	r.engine.MustAssign(action)
	r.until("the task to run", func() bool { return r.worker.Status().Running == 1 })
	if err := r.drain(); !errors.Is(err, worker.ErrDrainDeadline) {
		t.Errorf("run ended with %v", err)
	}
	if err := <-cause; !errors.Is(err, worker.ErrDraining) {
		t.Errorf("the handler was ended by %v", err)
	}
	r.ends(action.TaskRunExternalId, worker.OutcomeAbandoned)
	if len(r.engine.Events(action.TaskRunExternalId, failed)) != 0 {
		t.Error("an abandoned task was reported")
	}
}

func TestADrainDoesNotDependOnTheEngine(t *testing.T) {
	for name, away := range map[string]func(*fakeengine.Engine){
		"stopped": func(e *fakeengine.Engine) { e.Stop() },
		"silent":  func(e *fakeengine.Engine) { e.Silence() },
	} {
		t.Run(name, func(t *testing.T) {
			o := quick()
			o.Drain = 50 * time.Millisecond
			r := start(t, o)
			release := make(chan struct{})
			r.serve(serving().with(task("a", func(context.Context, *worker.Assignment) ([]byte, error) {
				<-release
				return []byte("1"), nil
			})).Generation)
			action := fakeengine.Action("a", "a")
			r.engine.MustAssign(action)
			r.until("the task to run", func() bool { return r.worker.Status().Running == 1 })
			away(r.engine)
			close(release)
			r.ends(action.TaskRunExternalId, worker.OutcomeCompleted)
			if err := r.drain(); !errors.Is(err, worker.ErrDrainDeadline) {
				t.Errorf("run ended with %v", err)
			}
		})
	}
}

func TestAHandlerThatNeverReturnsDoesNotHoldTheWorker(t *testing.T) {
	o := quick()
	o.Drain = -1
	r := start(t, o)
	hold := make(chan struct{})
	defer close(hold)
	r.serve(serving().with(task("a", func(context.Context, *worker.Assignment) ([]byte, error) {
		<-hold
		return nil, nil
	})).Generation)
	r.engine.MustAssign(fakeengine.Action("a", "a"))
	r.until("the task to run", func() bool { return r.worker.Status().Running == 1 })
	if err := r.drain(); !errors.Is(err, worker.ErrDrainDeadline) {
		t.Errorf("run ended with %v", err)
	}
}

func TestAbortEndsADrain(t *testing.T) {
	r := start(t, quick())
	r.serve(serving().with(task("a", untilDone)).Generation)
	action := fakeengine.Action("a", "a")
	r.engine.MustAssign(action)
	r.until("the task to run", func() bool { return r.worker.Status().Running == 1 })
	r.stop()
	r.until("the drain", func() bool { return r.worker.Status().State == worker.StateDraining })
	r.worker.Abort()
	if err := r.drain(); !errors.Is(err, worker.ErrAborted) {
		t.Errorf("run ended with %v", err)
	}
	r.ends(action.TaskRunExternalId, worker.OutcomeAbandoned)
}

func TestAnIdleDrainIsSoonOver(t *testing.T) {
	r := start(t, quick())
	r.serve(serving().with(task("a", answering("1"))).Generation)
	before := time.Now()
	if err := r.drain(); err != nil {
		t.Errorf("run ended with %v", err)
	}
	if took := time.Since(before); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
}
