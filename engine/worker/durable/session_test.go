package durable_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker/durable"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker/internal/fakeengine"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rig is a session against a scripted engine.
type rig struct {
	*testing.T
	engine   *fakeengine.Engine
	log      *fakeengine.Log
	session  *durable.Session
	restored atomic.Int32
	restore  func() error
	untold   func(runID string) (string, error)
	old      bool // the engine has no event log
}

func start(t *testing.T) *rig { return startAt(t, clock.Real()) }

func startAt(t *testing.T, c clock.Clock) *rig {
	r := &rig{T: t, engine: fakeengine.Start(t), log: fakeengine.NewLog(), restore: func() error { return nil }, untold: func(string) (string, error) { return "", nil }}
	r.engine.OnDurable(r.log.Answer)
	r.session = durable.NewSession(durable.Engine{
		Dispatcher: v1.NewV1DispatcherClient(r.engine.Dial()),
		WorkerID:   func() string { return "w" },
		Old:        func() bool { return r.old },
		Untold:     func(_ context.Context, runID string) (string, error) { return r.untold(runID) },
		Restore: func(context.Context, string) error {
			r.restored.Add(1)
			return r.restore()
		},
	}, durable.Options{Clock: c, Logger: slog.New(slog.DiscardHandler)})
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { r.session.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
	})
	return r
}

func (r *rig) join(task string, invocation int32) (*durable.Run, chan string) {
	evicted := make(chan string, 10)
	return r.session.Join(durable.Key{TaskRunID: task, Invocation: invocation}, func(reason string) { evicted <- reason }), evicted
}

func (r *rig) until(what string, condition func() bool) {
	r.Helper()
	fakeengine.Until(r.T, what, condition)
}

type answer struct {
	payload string
	err     error
}

func wait(p *durable.Replay, describe string, conditions ...workflow.Condition) chan answer {
	return taken(func(done func(durable.Answer)) { p.WaitFor(conditions, "label", describe, done) })
}

// taken is what an operation gives to a handler that takes it at once.
func taken(ask func(done func(durable.Answer))) chan answer {
	out := make(chan answer, 10)
	ask(func(a durable.Answer) {
		a.Took()
		out <- answer{string(a.Payload), a.Err}
	})
	return out
}

func nap(d time.Duration) workflow.Condition {
	return workflow.Condition{Kind: workflow.ConditionSleep, SleepFor: d}
}

func paid(group string) workflow.Condition {
	return workflow.Condition{Kind: workflow.ConditionEvent, EventKey: "paid", Group: group}
}

func TestNothingIsOpenedWithoutADurableRun(t *testing.T) {
	r := start(t)
	r.join("t", 1)
	time.Sleep(20 * time.Millisecond) // would be time enough for a mistake to show
	if asked := r.engine.Asked(); len(asked) != 0 {
		t.Errorf("the engine was asked %v", asked)
	}
}

func TestOneRequestAtATimeAndAnswersInAnyOrder(t *testing.T) {
	r := start(t)
	run, _ := r.join("t", 1)
	p := run.Begin()
	first, second, third := wait(p, "a", nap(time.Second)), wait(p, "b", nap(time.Minute)), wait(p, "c", paid(""))
	r.until("three entries", func() bool { return r.log.Entries("t") == 3 })
	r.engine.SendDurable(r.log.Satisfy("t", 1, 3, "3"), r.log.Satisfy("t", 1, 1, "1"), r.log.Satisfy("t", 1, 1, "twice"), r.log.Satisfy("t", 1, 2, "2"))
	for i, out := range []chan answer{first, second, third} {
		if a := <-out; a.err != nil || a.payload != string(rune('1'+i)) {
			t.Errorf("wait %d got %v", i+1, a)
		}
	}
}

func TestCallbacksOfEarlierPassesAreDropped(t *testing.T) {
	r := start(t)
	run, _ := r.join("t", 1)
	old := run.Begin()
	dropped := wait(old, "a", nap(time.Second))
	r.until("the wait to be asked", func() bool { return r.log.Entries("t") == 1 })
	p := run.Begin()
	kept := wait(p, "a", nap(time.Second))
	late := wait(old, "b", nap(time.Minute))
	r.engine.SendDurable(r.log.Satisfy("t", 1, 1, "1"))
	if a := <-kept; a.payload != "1" {
		t.Errorf("got %v", a)
	}
	if len(dropped)+len(late) != 0 || r.log.Entries("t") != 1 {
		t.Error("a dropped pass went on")
	}
}

// A VM may decide to rest at the very moment an answer arrives: the run must be
// woken although the answer was delivered.
func TestAReplayIsBehindUntilItDoesWhatIsNew(t *testing.T) {
	r := start(t)
	run, _ := r.join("t", 1)
	p := run.Begin()
	if d := p.Behind(); d != 0 {
		t.Errorf("the first pass is %v behind", d)
	}
	time.Sleep(time.Millisecond) // so that what comes next is later
	a := wait(p, "a", nap(time.Second))
	r.until("an entry", func() bool { return r.log.Entries("t") == 1 })
	r.engine.SendDurable(r.log.Satisfy("t", 1, 1, "1"))
	<-a
	wait(p, "b", nap(time.Minute))
	r.until("two entries", func() bool { return r.log.Entries("t") == 2 })
	run.Park()
	r.engine.SendDurable(r.log.Satisfy("t", 1, 2, "2"))
	<-run.Woken()
	p = run.Begin()
	first := p.Behind()
	<-wait(p, "a", nap(time.Second))
	second := p.Behind()
	if second <= 0 || first < second+time.Millisecond {
		t.Errorf("%v behind at first, %v after the first wait", first, second)
	}
	if <-wait(p, "b", nap(time.Minute)); p.Behind() != 0 {
		t.Errorf("%v behind though no pass has come as far", p.Behind())
	}
}

func TestAnAnswerThatCrossesParkingWakesTheRun(t *testing.T) {
	r := start(t)
	run, _ := r.join("t", 1)
	told := make(chan durable.Answer, 1)
	run.Begin().WaitFor([]workflow.Condition{nap(time.Second)}, "", "a", func(a durable.Answer) { told <- a })
	r.until("the wait to be asked", func() bool { return r.log.Entries("t") == 1 })
	r.engine.SendDurable(r.log.Satisfy("t", 1, 1, "1"))
	missed := <-told
	run.Park()
	missed.Took() // too late
	<-run.Woken()
	p := run.Begin()
	if a := <-wait(p, "a", nap(time.Second)); a.payload != "1" {
		t.Errorf("got %v", a)
	}
	if p.Replaying() {
		t.Error("what the parked pass may have missed counts as seen")
	}
	run.Park()
	select {
	case <-run.Woken():
		t.Error("the run was woken for what it has seen")
	default:
	}
	p = run.Begin()
	if wait(p, "a", nap(time.Second)); !p.Replaying() {
		t.Error("the third pass replays")
	}
}

func TestAParkedRunIsWoken(t *testing.T) {
	r := start(t)
	run, _ := r.join("t", 1)
	out := wait(run.Begin(), "a", nap(time.Second))
	r.until("the wait to be asked", func() bool { return r.log.Entries("t") == 1 })
	run.Park()
	r.engine.SendDurable(r.log.Satisfy("t", 1, 1, "1"))
	<-run.Woken()
	if len(out) != 0 {
		t.Error("a parked pass was called")
	}
}

func TestAReplayOfTheEnginesLogReplays(t *testing.T) {
	r := start(t)
	seed, _ := r.join("t", 1)
	wait(seed.Begin(), "a", nap(time.Second))
	r.until("the wait to be asked", func() bool { return r.log.Entries("t") == 1 })
	seed.Leave()
	r.log.Satisfy("t", 1, 1, "1")
	run, _ := r.join("t", 2)
	p := run.Begin()
	if a := <-wait(p, "a", nap(time.Second)); a.payload != "1" {
		t.Errorf("got %v", a)
	}
	if !p.Replaying() {
		t.Error("an answer the engine had counts as new")
	}
	fresh := wait(p, "b", paid(""))
	r.until("the second wait", func() bool { return r.log.Entries("t") == 2 })
	time.Sleep(1100 * time.Millisecond) // longer than an answer from the log takes
	r.engine.SendDurable(r.log.Satisfy("t", 2, 2, "2"))
	<-fresh
	r.until("the pass to be live", func() bool { return !p.Replaying() })
}

// That an earlier pass of the invocation has parked does not make sure that the
// invocation before came as far as an answer of the log (it may have been given
// back while it waited for that); that an earlier pass had the answer does.
func TestAPassIsUnsureAfterEachAnswerThatIsNewHere(t *testing.T) {
	r := start(t)
	seed, _ := r.join("t", 1)
	wait(seed.Begin(), "a", nap(time.Second))
	r.until("the wait to be asked", func() bool { return r.log.Entries("t") == 1 })
	seed.Leave()
	r.log.Satisfy("t", 1, 1, "1")
	held := make(chan struct{})
	r.log.Deaf = func(*v1.DurableTaskRequest) bool { <-held; return false }
	run, _ := r.join("t", 2)
	p := run.Begin()
	if !p.Unsure() {
		t.Error("the first pass is sure")
	}
	wait(p, "a", nap(time.Second))
	run.Park() // before the engine answers
	close(held)
	<-run.Woken()
	if p = run.Begin(); p.Unsure() || !p.Replaying() {
		t.Error("another pass is unsure of what the first has done")
	}
	<-wait(p, "a", nap(time.Second))
	if !p.Unsure() || !p.Replaying() {
		t.Error("an answer that no pass had before makes sure")
	}
	wait(p, "b", paid(""))
	run.Park()
	if p = run.Begin(); p.Unsure() {
		t.Error("unsure at first")
	}
	if <-wait(p, "a", nap(time.Second)); p.Unsure() || !p.Replaying() {
		t.Error("unsure after what an earlier pass had")
	}
}

func TestWaitsAreTheSameInAnyOrderOfTheirConditions(t *testing.T) {
	r := start(t)
	run, _ := r.join("t", 1)
	wait(run.Begin(), "a", nap(time.Second), paid("g"))
	same := wait(run.Begin(), "b", paid("other"), nap(time.Second))
	other := wait(run.Begin(), "c", nap(time.Hour))
	a := <-other
	var mismatch *durable.NonDeterminismError
	if !errors.As(a.err, &mismatch) || mismatch.Step != 1 || mismatch.Was != "a" || mismatch.Now != "c" {
		t.Errorf("got %v", a)
	}
	if len(same) != 0 {
		t.Error("the same wait is no mismatch")
	}
}

func TestMemosInMessages(t *testing.T) {
	r := start(t)
	run, _ := r.join("t", 1)
	run.Begin().Memo([]byte("receipt"), func(durable.Answer) {})
	out := wait(run.Begin(), "sleepFor(1s)", nap(time.Second))
	if a := <-out; a.err == nil || a.err.Error() != `NonDeterminism: step 1 was memo("receipt"), now sleepFor(1s)` {
		t.Errorf("got %v", a)
	}
	hash, _ := r.join("u", 1)
	hash.Begin().Memo([]byte{0xff, 1, 2}, func(durable.Answer) {})
	out = wait(hash.Begin(), "sleepFor(1s)", nap(time.Second))
	if a := <-out; a.err == nil || !strings.Contains(a.err.Error(), "was memo, now") {
		t.Errorf("got %v", a)
	}
}

func TestAMemoIsComputedAgainByAPassThatMissedIt(t *testing.T) {
	r := start(t)
	run, _ := r.join("t", 1)
	asked := make(chan func([]byte), 2)
	memo := func(p *durable.Replay) {
		p.Memo([]byte("k"), func(a durable.Answer) {
			if a.Exists || a.Err != nil {
				t.Errorf("exists %v, %v", a.Exists, a.Err)
			}
			asked <- a.Complete
		})
	}
	memo(run.Begin())
	first := <-asked
	memo(run.Begin())
	second := <-asked
	second([]byte("2"))
	first([]byte("1")) // too late
	r.until("the value to be remembered", func() bool { return r.log.Remembered("t", 1) == "2" })
	got := make(chan string, 1)
	run.Begin().Memo([]byte("k"), func(a durable.Answer) { got <- string(a.Payload) })
	if v := <-got; v != "2" {
		t.Errorf("remembered %s", v)
	}
}

func TestAMemosValueSurvivesABrokenStream(t *testing.T) {
	r := start(t)
	run, _ := r.join("t", 1)
	asked := make(chan func([]byte), 1)
	run.Begin().Memo([]byte("k"), func(a durable.Answer) { asked <- a.Complete })
	complete := <-asked
	r.engine.Stop()
	complete([]byte("v"))
	r.engine.Restart()
	r.until("the value to be remembered", func() bool { return r.log.Remembered("t", 1) == "v" })
}

// Of a great many waits the engine is asked in messages of bearable size: of all
// when a stream is new, of some now and then.
func TestTheStatusOfManyWaitsIsAskedInParts(t *testing.T) {
	const waits = 2500
	r := start(t)
	run, _ := r.join("t", 1)
	p := run.Begin()
	for i := range waits {
		wait(p, "a", nap(time.Duration(i+1)*time.Second))
	}
	r.until("all entries", func() bool { return r.log.Entries("t") == waits })
	run.Park()
	before := len(r.engine.Asked())
	r.engine.EndDurable()
	r.until("all to be asked about", func() bool {
		entries := 0
		for _, in := range r.engine.Asked()[before:] {
			if n := len(in.GetWorkerStatus().GetWaitingEntries()); n > 1000 {
				t.Fatalf("%d entries in one message", n)
			} else {
				entries += n
			}
		}
		return entries >= waits
	})
}
