package worker_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker/internal/fakeengine"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
	"google.golang.org/grpc/codes"
)

// script runs the body of a durable task on a goroutine per pass, parking it as
// a VM does: as soon as it waits for its log, unless the answer is there.
type script struct {
	mu     sync.Mutex
	passes int
	notes  []string
}

func (s *script) note(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notes = append(s.notes, fmt.Sprintf(format, args...))
}

func (s *script) all() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.notes, " ")
}

// pass is what the body of a script sees of one pass.
type pass struct {
	ctx    context.Context
	replay *worker.Replay
	script *script
}

type parking struct{}

// sleep waits durably; a wait that is not over ends the pass.
func (p *pass) sleep(d time.Duration) string {
	out := make(chan worker.Answer, 1)
	p.replay.WaitFor([]workflow.Condition{{Kind: workflow.ConditionSleep, SleepFor: d}}, "sleep",
		fmt.Sprintf("sleepFor(%s)", workflow.FormatDuration(d)), func(a worker.Answer) { out <- a })
	return p.await(out)
}

func (p *pass) event(key string) string {
	out := make(chan worker.Answer, 1)
	p.replay.WaitFor([]workflow.Condition{{Kind: workflow.ConditionEvent, EventKey: key}}, "", fmt.Sprintf("waitFor(%q)", key),
		func(a worker.Answer) { out <- a })
	return p.await(out)
}

func (p *pass) await(out chan worker.Answer) string {
	select {
	case a := <-out:
		return p.got(a)
	case <-time.After(10 * time.Millisecond):
		panic(parking{})
	}
}

func (p *pass) got(a worker.Answer) string {
	a.Took()
	if a.Err != nil {
		panic(a.Err)
	}
	return string(a.Payload)
}

// memo holds the pass until the engine has answered, as computing a value does.
func (p *pass) memo(key string, compute func() string) string {
	out := make(chan worker.Answer, 1)
	p.replay.Memo([]byte(key), func(a worker.Answer) {
		if a.Err == nil && !a.Exists {
			a.Payload = []byte(compute())
			a.Complete(a.Payload)
		}
		out <- a
	})
	select {
	case a := <-out:
		return p.got(a)
	case <-p.ctx.Done():
		panic(context.Cause(p.ctx))
	}
}

func (s *script) runner(body func(*pass) string) worker.RunnerFunc {
	return func(ctx context.Context, a *worker.Assignment) (out []byte, err error) {
		s.mu.Lock()
		s.passes++
		s.mu.Unlock()
		defer func() {
			switch p := recover().(type) {
			case nil:
			case parking:
				err = worker.ErrParked
			case error:
				err = p
			default:
				panic(p)
			}
		}()
		return []byte(body(&pass{ctx, a.Durable.Begin(), s})), nil
	}
}

func durable(t *workflow.Task) { t.Durable = true }

// dreaming starts a worker with one durable task called dream.
func dreaming(t *testing.T, o worker.Options, body func(*pass) string) (*rig, *fakeengine.Log, *script) {
	r := start(t, o)
	log, s := fakeengine.NewLog(), &script{}
	r.engine.OnDurable(log.Answer)
	r.serve(serving().with(task("dream", s.runner(body), durable)).Generation)
	return r, log, s
}

func dream(invocation int32) *contract.AssignedAction {
	return fakeengine.Durable(fakeengine.Action("dream", "dream"), invocation)
}

func TestADurableRunParksAndReplaysWithoutAskingAgain(t *testing.T) {
	r, log, s := dreaming(t, quick(), func(p *pass) string {
		v := p.memo("id", func() string { p.script.note("computed"); return `"x1"` })
		if !p.replay.Replaying() {
			p.script.note("fresh-memo")
		}
		p.sleep(time.Hour)
		if !p.replay.Replaying() {
			p.script.note("woke")
		}
		return v + p.event("paid")
	})
	action := dream(1)
	id := action.TaskRunExternalId
	r.engine.MustAssign(action)
	r.until("the run to park", func() bool { return r.worker.Status().Parked == 1 })
	if s := r.worker.Status(); s.Running != 0 || s.Slots["durable"].Used != 1 {
		t.Errorf("parked, the status is %+v", s)
	}
	r.engine.SendDurable(log.Satisfy(id, 1, 2, `{"CREATE":{}}`))
	r.until("the event to be awaited", func() bool { return log.Entries(id) == 3 && r.worker.Status().Parked == 1 })
	r.engine.SendDurable(log.Satisfy(id, 1, 3, `"paid"`))
	if end := r.engine.End(id); end.EventPayload != `"x1""paid"` {
		t.Errorf("reported %v", end)
	}
	if got := s.all(); got != "computed fresh-memo woke" {
		t.Errorf("the handler noted %q", got)
	}
	if memos, waits := log.Requests(); memos != 1 || waits != 2 {
		t.Errorf("%d memos and %d waits were asked for", memos, waits)
	}
	r.until("the value to be remembered", func() bool { return log.Remembered(id, 1) == `"x1"` })
}

func TestALongWaitIsGivenBackAndGoesOnWithItsGeneration(t *testing.T) {
	o := quick()
	o.EvictAfter = 100 * time.Millisecond
	body := func(name string) func(p *pass) string {
		return func(p *pass) string {
			p.memo("m", func() string { p.script.note("computed"); return "1" })
			if !p.replay.Replaying() {
				p.script.note("fresh")
			}
			p.sleep(24 * time.Hour)
			return `"` + name + `"`
		}
	}
	r, log, s := dreaming(t, o, body("old"))
	action := dream(1)
	id := action.TaskRunExternalId
	r.engine.MustAssign(action)
	r.ends(id, worker.OutcomeEvicted)
	if log.Evicted(id) != 1 {
		t.Errorf("evicted %d times", log.Evicted(id))
	}
	r.until("nothing to be held", func() bool {
		s := r.worker.Status()
		return s.Slots["durable"].Used == 0 && s.Parked == 0 && r.worker.Pinned() == 1
	})
	r.serve(serving().with(task("dream", s.runner(body("new")), durable)).Generation)
	log.Satisfy(id, 2, 2, `{}`)
	again := fakeengine.Durable(fakeengine.Retry(action, 0), 2)
	r.engine.MustAssign(again)
	if end := r.engine.End(id); end.EventPayload != `"old"` {
		t.Errorf("reported %v", end)
	}
	if s.all() != "computed fresh" || r.worker.Pinned() != 0 {
		t.Errorf("the handler noted %q, %d pins are left", s.all(), r.worker.Pinned())
	}
	if len(r.engine.Events(id, failed)) != 0 {
		t.Error("a failure was reported")
	}
}

func TestEvictionComesWellBeforeTheDeadline(t *testing.T) {
	r := start(t, quick())
	log, s := fakeengine.NewLog(), &script{}
	r.engine.OnDurable(log.Answer)
	r.serve(serving().with(task("dream", s.runner(func(p *pass) string { return p.sleep(time.Hour) }), durable, limited(2*time.Second))).Generation)
	action := dream(1)
	r.engine.MustAssign(action)
	r.ends(action.TaskRunExternalId, worker.OutcomeEvicted)
}

// A handler may go on after the end of its attempt; the observer hears no more of
// it.
func TestNothingIsToldAfterTheEndOfAnAttempt(t *testing.T) {
	r := start(t, quick())
	hold := make(chan struct{})
	run := func(context.Context, *worker.Assignment) ([]byte, error) {
		<-hold
		return nil, worker.ErrParked
	}
	r.serve(serving().with(task("dream", run, durable, limited(50*time.Millisecond))).Generation)
	action := dream(1)
	r.engine.MustAssign(action)
	r.ends(action.TaskRunExternalId, worker.OutcomeTimedOut)
	close(hold)
	if err := r.drain(); err != nil {
		t.Error(err)
	}
	r.watch.mu.Lock()
	defer r.watch.mu.Unlock()
	if r.watch.started != 1 || r.watch.parked != 0 || len(r.watch.finished) != 1 {
		t.Errorf("told %d starts, %d parkings and %d ends", r.watch.started, r.watch.parked, len(r.watch.finished))
	}
}

// A task may say that its waits are never given back, however short the patience
// of the worker is, until the worker stops.
func TestAnEvictionPolicyWins(t *testing.T) {
	o := quick()
	o.EvictAfter = leastPatience
	r := start(t, o)
	log, s := fakeengine.NewLog(), &script{}
	r.engine.OnDurable(log.Answer)
	sleep := s.runner(func(p *pass) string { return p.sleep(time.Hour) })
	policy := func(e workflow.EvictionPolicy) func(*workflow.Task) {
		return func(t *workflow.Task) { t.Eviction = &e }
	}
	r.serve(serving().
		with(task("stays", sleep, durable, policy(workflow.EvictionPolicy{}))).
		with(task("goes", sleep, durable, policy(workflow.EvictionPolicy{TTL: 100 * time.Millisecond}))).Generation)
	stays := fakeengine.Durable(fakeengine.Action("stays", "stays"), 1)
	goes := fakeengine.Durable(fakeengine.Action("goes", "goes"), 1)
	r.engine.MustAssign(stays)
	r.engine.MustAssign(goes)
	r.ends(goes.TaskRunExternalId, worker.OutcomeEvicted)
	if log.Evicted(stays.TaskRunExternalId) != 0 {
		t.Error("a run was evicted that should not be")
	}
	if got, want := log.Reason(goes.TaskRunExternalId), "Wait TTL (100ms) exceeded while waiting on sleepFor(1h)"; got != want {
		t.Errorf("evicted with the reason %q, want %q", got, want)
	}
	r.until("one to wait", func() bool { return r.worker.Status().Parked == 1 })
	r.engine.SendDurable(log.Satisfy(stays.TaskRunExternalId, 1, 1, `"slept"`))
	if end := r.engine.End(stays.TaskRunExternalId); end.EventPayload != `"slept"` {
		t.Errorf("reported %v", end)
	}
}

const leastPatience = 100 * time.Millisecond

func TestABrokenStreamOfDurableTasksComesBack(t *testing.T) {
	r, log, _ := dreaming(t, quick(), func(p *pass) string { return p.sleep(time.Hour) })
	action := dream(1)
	id := action.TaskRunExternalId
	r.engine.MustAssign(action)
	r.until("the run to park", func() bool { return r.worker.Status().Parked == 1 })
	r.engine.EndDurable()
	log.Satisfy(id, 1, 1, `"late"`) // nobody hears it; the worker has to ask
	if end := r.engine.End(id); end.EventPayload != `"late"` {
		t.Errorf("reported %v", end)
	}
}

// A request whose answer was lost may or may not stand in the log: the run is
// given back and starts from a known place.
func TestALostAnswerGivesTheRunBack(t *testing.T) {
	log := fakeengine.NewLog()
	var once sync.Once
	lost := make(chan struct{})
	log.Deaf = func(in *v1.DurableTaskRequest) (deaf bool) {
		if in.GetMemo() != nil {
			once.Do(func() { deaf = true; close(lost) })
		}
		return deaf
	}
	r := start(t, quick())
	r.engine.OnDurable(log.Answer)
	s := &script{}
	r.serve(serving().with(task("dream", s.runner(func(p *pass) string {
		return p.memo("k", func() string { return `"v"` })
	}), durable)).Generation)
	action := dream(1)
	id := action.TaskRunExternalId
	r.engine.MustAssign(action)
	<-lost
	r.engine.EndDurable()
	r.ends(id, worker.OutcomeEvicted)
	r.until("the run to be requeued", func() bool { return strings.Join(r.engine.Requeued(), " ") == id })
	r.engine.MustAssign(fakeengine.Durable(fakeengine.Retry(action, 0), 2))
	if end := r.engine.End(id); end.EventPayload != `"v"` {
		t.Errorf("reported %v", end)
	}
	if log.Entries(id) != 1 {
		t.Errorf("the log has %d entries", log.Entries(id))
	}
}

func TestAHandlerThatChangedItsMind(t *testing.T) {
	var firstPass sync.Once
	r, log, _ := dreaming(t, quick(), func(p *pass) string {
		p.sleep(time.Minute)
		second := p.sleep
		changed := true
		firstPass.Do(func() { changed = false })
		if changed {
			return p.event("paid")
		}
		return second(24 * time.Hour)
	})
	action := dream(1)
	id := action.TaskRunExternalId
	r.engine.MustAssign(action)
	r.until("the run to park", func() bool { return r.worker.Status().Parked == 1 })
	r.engine.SendDurable(log.Satisfy(id, 1, 1, `{}`))
	r.until("the second wait", func() bool { return log.Entries(id) == 2 && r.worker.Status().Parked == 1 })
	r.engine.SendDurable(log.Satisfy(id, 1, 2, `{}`))
	end := r.engine.End(id)
	if end.EventType != failed || !strings.Contains(end.EventPayload, `NonDeterminism: step 2 was sleepFor(24h), now waitFor(\"paid\")`) {
		t.Errorf("reported %v", end)
	}
}

func TestTheEngineFindsTheMismatch(t *testing.T) {
	r, log, _ := dreaming(t, quick(), func(p *pass) string { return p.event("paid") })
	action := dream(2)
	id := action.TaskRunExternalId
	log.Answer(&v1.DurableTaskRequest{Message: &v1.DurableTaskRequest_Memo{Memo: &v1.DurableTaskMemoRequest{
		InvocationCount: 1, DurableTaskExternalId: id, Key: []byte("k")}}})
	r.engine.MustAssign(action)
	end := r.engine.End(id)
	if end.EventType != failed || !strings.Contains(end.EventPayload, `NonDeterminism: step 1 was memo, now waitFor(\"paid\")`) {
		t.Errorf("reported %v", end)
	}
}

func TestTheEngineTakesARunBack(t *testing.T) {
	r, _, _ := dreaming(t, quick(), func(p *pass) string { return p.sleep(time.Hour) })
	action := dream(3)
	r.engine.MustAssign(action)
	r.until("the run to park", func() bool { return r.worker.Status().Parked == 1 })
	r.engine.SendDurable(&v1.DurableTaskResponse{Message: &v1.DurableTaskResponse_ServerEvict{ServerEvict: &v1.DurableTaskServerEvictNotice{
		DurableTaskExternalId: action.TaskRunExternalId, InvocationCount: 3, Reason: "stale"}}})
	r.ends(action.TaskRunExternalId, worker.OutcomeEvicted)
}

func TestADrainGivesParkedRunsBack(t *testing.T) {
	r, log, _ := dreaming(t, quick(), func(p *pass) string { return p.sleep(time.Hour) })
	action := dream(1)
	r.engine.MustAssign(action)
	r.until("the run to park", func() bool { return r.worker.Status().Parked == 1 })
	if err := r.drain(); err != nil {
		t.Errorf("run ended with %v", err)
	}
	if log.Evicted(action.TaskRunExternalId) != 1 {
		t.Error("the run was not given back")
	}
}

func TestACancelledParkedRun(t *testing.T) {
	r, log, s := dreaming(t, quick(), func(p *pass) string {
		defer func() {
			told := recover()
			if err, _ := told.(error); errors.Is(err, worker.ErrCancelled) {
				p.script.note("told")
			}
			panic(told)
		}()
		p.memo("id", func() string { return `"x1"` })
		return p.sleep(time.Hour)
	})
	action := dream(1)
	r.engine.MustAssign(action)
	r.until("the run to park", func() bool { return r.worker.Status().Parked == 1 })
	r.engine.MustAssign(fakeengine.Cancellation(fakeengine.Durable(fakeengine.Retry(action, 0), 2))) // another invocation
	r.engine.MustAssign(fakeengine.Cancellation(action))
	r.ends(action.TaskRunExternalId, worker.OutcomeCancelled)
	if got := s.all(); got != "told" || log.Entries(action.TaskRunExternalId) != 2 {
		t.Errorf("the handler noted %q, the log has %d entries", got, log.Entries(action.TaskRunExternalId))
	}
}

func TestEnginesWithoutDurableTasksSaySo(t *testing.T) {
	for name, prepare := range map[string]func(*fakeengine.Engine){
		"the engine does not support durable tasks": func(e *fakeengine.Engine) { e.Refuse("DurableTask", codes.Unimplemented) },
	} {
		r := start(t, quick())
		prepare(r.engine)
		s := &script{}
		r.serve(serving().with(task("dream", s.runner(func(p *pass) string { return p.memo("k", func() string { return "1" }) }), durable)).Generation)
		action := dream(1)
		r.engine.MustAssign(action)
		if end := r.engine.End(action.TaskRunExternalId); end.EventType != failed || !strings.Contains(end.EventPayload, name) {
			t.Errorf("reported %v", end)
		}
	}
}

func TestAFailedWaitReachesTheHandler(t *testing.T) {
	r, _, _ := dreaming(t, quick(), func(p *pass) string { return p.sleep(time.Hour) })
	action := dream(1)
	r.engine.MustAssign(action)
	r.until("the run to park", func() bool { return r.worker.Status().Parked == 1 })
	text := "task was cancelled"
	r.engine.SendDurable(&v1.DurableTaskResponse{Message: &v1.DurableTaskResponse_EntryCompleted{
		EntryCompleted: &v1.DurableTaskEventLogEntryCompletedResponse{IsFailure: true, ErrorMessage: &text,
			Ref: &v1.DurableEventLogEntryRef{DurableTaskExternalId: action.TaskRunExternalId, InvocationCount: 1, BranchId: 1, NodeId: 1}}}})
	if end := r.engine.End(action.TaskRunExternalId); !strings.Contains(end.EventPayload, text) {
		t.Errorf("reported %v", end)
	}
	var mismatch *worker.NonDeterminismError
	if f, _ := r.watch.outcome(action.TaskRunExternalId); errors.As(f.Err, &mismatch) {
		t.Error("that is no mismatch")
	}
}

// Engines before v0.80.0 have no event log: waits go by signals, and what is
// remembered lasts as long as the attempt.
func TestAnOldEngineIsAskedForSignals(t *testing.T) {
	r := start(t, quick())
	r.engine.SetVersion("v0.79.0")
	s := &script{}
	r.serve(serving().with(task("dream", s.runner(func(p *pass) string {
		v := p.memo("id", func() string { p.script.note("computed"); return `"x1"` })
		return v + p.sleep(time.Hour) + p.event("paid")
	}), durable)).Generation)
	action := dream(0)
	id := action.TaskRunExternalId
	r.engine.MustAssign(action)
	r.until("the sleep to be awaited", func() bool { return r.engine.Listened(id+"/waitFor-2") == 1 && r.worker.Status().Parked == 1 })
	r.engine.Signal(id, "waitFor-2", `"slept"`)
	r.until("the event to be awaited", func() bool { return r.engine.Listened(id+"/waitFor-3") == 1 && r.worker.Status().Parked == 1 })
	r.engine.EndSignals()
	r.until("the event to be awaited again", func() bool { return r.engine.Listened(id+"/waitFor-3") == 2 })
	r.engine.Signal(id, "waitFor-3", `"paid"`)
	if end := r.engine.End(id); end.EventPayload != `"x1""slept""paid"` || s.all() != "computed" {
		t.Errorf("reported %v, noted %q", end, s.all())
	}
	if asked := r.engine.Asked(); len(asked) != 0 {
		t.Errorf("an old engine was asked %v", asked)
	}
	registered := r.engine.Registered()
	if len(registered) != 2 || registered[0].Conditions.SleepConditions[0].SleepFor != "1h" || registered[1].Conditions.UserEventConditions[0].UserEventKey != "paid" {
		t.Errorf("registered %v", registered)
	}
}
