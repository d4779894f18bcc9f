package durable_test

import (
	"context"
	"errors"
	"testing"
	"time"

	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker/durable"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// waiting joins a run that waits for its first entry.
func (r *rig) waiting() (*durable.Run, chan string) {
	r.Helper()
	run, evicted := r.join("t", 1)
	wait(run.Begin(), "a", nap(time.Hour))
	r.until("the wait to be known", func() bool { return r.log.Entries("t") == 1 })
	run.Park()
	return run, evicted
}

// evict asks until the wait is acknowledged here too.
func (r *rig) evict(run *durable.Run) (err error) {
	r.Helper()
	r.until("an eviction", func() bool {
		err = run.Evict(context.Background(), "test")
		return err == nil || err.Error() != "the run waits for nothing the engine knows of"
	})
	return err
}

// evictLater is evict for goroutines of their own.
func evictLater(ctx context.Context, run *durable.Run) error {
	for {
		err := run.Evict(ctx, "test")
		if err == nil || err.Error() != "the run waits for nothing the engine knows of" {
			return err
		}
		time.Sleep(time.Millisecond)
	}
}

func TestAWaitingRunIsEvicted(t *testing.T) {
	r := start(t)
	run, _ := r.waiting()
	if err := r.evict(run); err != nil || r.restored.Load() != 0 {
		t.Errorf("evicted with %v, restored %d times", err, r.restored.Load())
	}
}

func TestWhatDoesNotWaitIsNotEvicted(t *testing.T) {
	r := start(t)
	run, _ := r.join("t", 1)
	if err := run.Evict(context.Background(), "test"); err == nil {
		t.Error("evicted without a stream")
	}
	p := run.Begin()
	asked := make(chan struct{})
	p.Memo([]byte("k"), func(durable.Answer) { close(asked) })
	<-asked
	if err := run.Evict(context.Background(), "test"); err == nil {
		t.Error("evicted while it computes")
	}
}

// What is answered while the engine evicts would not wake the evicted run.
func TestAnAnswerThatCrossesAnEvictionRestoresTheRun(t *testing.T) {
	r := start(t)
	run, _ := r.waiting()
	r.engine.OnDurable(func(in *v1.DurableTaskRequest) []*v1.DurableTaskResponse {
		if in.GetEvictInvocation() == nil {
			return r.log.Answer(in)
		}
		return append([]*v1.DurableTaskResponse{r.log.Satisfy("t", 1, 1, "1")}, r.log.Answer(in)...)
	})
	if err := r.evict(run); err != nil || r.restored.Load() != 1 {
		t.Errorf("evicted with %v, restored %d times", err, r.restored.Load())
	}
}

// What the engine had answered before it evicted, and tells of after it.
func TestAnAnswerThatComesAfterAnEvictionRestoresTheRun(t *testing.T) {
	r := start(t)
	run, _ := r.waiting()
	r.engine.OnDurable(func(in *v1.DurableTaskRequest) []*v1.DurableTaskResponse {
		if in.GetEvictInvocation() == nil {
			return r.log.Answer(in)
		}
		return append(r.log.Answer(in), r.log.Satisfy("t", 1, 1, "1"))
	})
	if err := r.evict(run); err != nil {
		t.Fatal(err)
	}
	run.Leave()
	r.until("the run to be restored", func() bool { return r.restored.Load() == 1 })

	// The answer to a run that has begun anew needs no restoring.
	again, _ := r.join("t", 2)
	defer again.Leave()
	other := &v1.DurableTaskResponse_EntryCompleted{EntryCompleted: &v1.DurableTaskEventLogEntryCompletedResponse{
		Ref: &v1.DurableEventLogEntryRef{DurableTaskExternalId: "other", InvocationCount: 1, BranchId: 1, NodeId: 1}}}
	r.engine.SendDurable(r.log.Satisfy("t", 1, 1, "1"), &v1.DurableTaskResponse{Message: other})
	r.until("the other run to be restored", func() bool { return r.restored.Load() == 2 })
}

func refusal(task string, node int64, text string) *v1.DurableTaskResponse {
	return &v1.DurableTaskResponse{Message: &v1.DurableTaskResponse_Error{Error: &v1.DurableTaskErrorResponse{
		Ref: &v1.DurableEventLogEntryRef{DurableTaskExternalId: task, InvocationCount: 1, NodeId: node}, ErrorMessage: text}}}
}

func TestARefusedEviction(t *testing.T) {
	r := start(t)
	run, _ := r.waiting()
	r.engine.OnDurable(func(in *v1.DurableTaskRequest) []*v1.DurableTaskResponse {
		if in.GetEvictInvocation() != nil {
			return []*v1.DurableTaskResponse{refusal("t", 0, "not now")}
		}
		return r.log.Answer(in)
	})
	if err := r.evict(run); err == nil || err.Error() != "not now" {
		t.Errorf("ended with %v", err)
	}
	r.engine.OnDurable(r.log.Answer)
	if err := r.evict(run); err != nil {
		t.Errorf("the second try ended with %v", err)
	}
}

func TestAnEvictionEndsWithItsContextAndItsStream(t *testing.T) {
	r := start(t)
	run, _ := r.waiting()
	heard := make(chan struct{}, 10)
	r.engine.OnDurable(func(in *v1.DurableTaskRequest) []*v1.DurableTaskResponse {
		if in.GetEvictInvocation() != nil {
			heard <- struct{}{}
			return nil
		}
		return r.log.Answer(in)
	})
	ended := make(chan error, 1)
	enough := errors.New("enough")
	ctx, cancel := context.WithCancelCause(context.Background())
	go func() { ended <- evictLater(ctx, run) }()
	<-heard
	cancel(enough)
	if err := <-ended; !errors.Is(err, enough) {
		t.Errorf("ended with %v", err)
	}
	go func() { ended <- evictLater(context.Background(), run) }()
	<-heard
	r.engine.EndDurable()
	if err := <-ended; err == nil {
		t.Error("evicted over a broken stream")
	}
}

func TestARequestTheEngineRefuses(t *testing.T) {
	r := start(t)
	r.engine.OnDurable(func(in *v1.DurableTaskRequest) []*v1.DurableTaskResponse {
		if in.GetWaitFor() != nil {
			return []*v1.DurableTaskResponse{refusal("t", 1, "or_group_id is no UUID")}
		}
		return nil
	})
	run, _ := r.join("t", 1)
	p := run.Begin()
	for range 2 { // the queue goes on after a refusal
		if a := <-wait(p, "a", nap(time.Hour)); a.err == nil || a.err.Error() != "or_group_id is no UUID" {
			t.Errorf("got %v", a)
		}
	}
}

// If the run cannot be given back after an answer was lost, its handler is told.
func TestALostAnswerOfAnEngineThatCannotRestore(t *testing.T) {
	r := start(t)
	r.restore = func() error { return status.Error(codes.Unimplemented, "no such call") }
	heard := make(chan struct{}, 10)
	r.engine.OnDurable(func(in *v1.DurableTaskRequest) []*v1.DurableTaskResponse {
		if in.GetWaitFor() != nil {
			heard <- struct{}{}
			return nil
		}
		return r.log.Answer(in)
	})
	run, evicted := r.join("t", 1)
	out := wait(run.Begin(), "a", nap(time.Hour))
	<-heard
	r.engine.EndDurable()
	if a := <-out; a.err == nil {
		t.Errorf("got %v", a)
	}
	if len(evicted) != 0 {
		t.Error("the run was taken for evicted")
	}
}

func TestARequestThatWasNotSentIsSentOverTheNextStream(t *testing.T) {
	r := start(t)
	r.engine.Stop()
	run, evicted := r.join("t", 1)
	wait(run.Begin(), "a", nap(time.Hour))
	r.engine.Restart()
	r.until("the wait to be known", func() bool { return r.log.Entries("t") == 1 })
	if len(evicted) != 0 || r.log.Evicted("t") != 0 {
		t.Error("the run was given back")
	}
}

func TestTheEngineDropsOldInvocations(t *testing.T) {
	r := start(t)
	_, first := r.waiting()
	second, kept := r.join("t", 2)
	wait(second.Begin(), "a", nap(time.Hour))
	r.until("the second invocation to wait", func() bool { _, waits := r.log.Requests(); return waits == 2 })
	r.engine.SendDurable(&v1.DurableTaskResponse{Message: &v1.DurableTaskResponse_ServerEvict{
		ServerEvict: &v1.DurableTaskServerEvictNotice{DurableTaskExternalId: "t", InvocationCount: 1, Reason: "stale"}}})
	if reason := <-first; reason != "stale" {
		t.Errorf("evicted for %q", reason)
	}
	if len(kept) != 0 {
		t.Error("the later invocation was dropped too")
	}
}
