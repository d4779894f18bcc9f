package durable_test

import (
	"fmt"
	"testing"
	"time"

	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
)

// givenBack has a run get an answer, wait for another, and be evicted; the other
// answer is there for the next invocation.
func (r *rig) givenBack(task string) {
	r.Helper()
	run, _ := r.join(task, 1)
	p := run.Begin()
	a := wait(p, "a", nap(time.Second))
	r.until("the first wait", func() bool { return r.log.Entries(task) == 1 })
	r.engine.SendDurable(r.log.Satisfy(task, 1, 1, "1"))
	<-a
	wait(p, "b", nap(time.Hour))
	r.until("the second wait", func() bool { return r.log.Entries(task) == 2 })
	run.Park()
	if err := r.evict(run); err != nil {
		r.Fatal(err)
	}
	run.Leave()
	r.log.Satisfy(task, 1, 2, "2")
}

// What the handler did after the answer that it waited for when the run was given
// back, it does for the first time, however soon the next operation is answered.
func TestARunThatWasGivenBackKnowsWhatItRepeats(t *testing.T) {
	r := start(t)
	r.givenBack("t")
	run, _ := r.join("t", 2)
	p := run.Begin()
	if p.Unsure() || !p.CatchingUp() || !p.Replaying() {
		t.Error("at first it repeats, for sure")
	}
	<-wait(p, "a", nap(time.Second))
	if p.Unsure() || !p.CatchingUp() || !p.Replaying() || p.Behind() <= 0 {
		t.Errorf("what it had it repeats, for sure, at the time of then; it is %v behind", p.Behind())
	}
	<-wait(p, "b", nap(time.Hour))
	if p.Replaying() || p.CatchingUp() || p.Behind() != 0 {
		t.Error("what it waited for is new")
	}
	run.Leave()
	again, _ := r.join("t", 3)
	if p := again.Begin(); !p.Unsure() || !p.CatchingUp() {
		t.Error("of an invocation that was not given back nothing is known")
	}
}

func TestARunThatWasResetRepeatsNothing(t *testing.T) {
	r := start(t)
	r.givenBack("t")
	r.engine.OnDurable(func(in *v1.DurableTaskRequest) []*v1.DurableTaskResponse {
		out := r.log.Answer(in)
		for _, response := range out {
			if ack := response.GetWaitForAck(); ack != nil {
				ack.Ref.BranchId = 2
			}
			if done := response.GetEntryCompleted(); done != nil {
				done.Ref.BranchId = 2
			}
		}
		return out
	})
	run, _ := r.join("t", 2)
	p := run.Begin()
	if <-wait(p, "a", nap(time.Second)); p.Replaying() {
		t.Error("an entry of a new branch is taken for one that it had")
	}
}

// Memory is bounded: of too many runs that were given back some are forgotten.
func TestOfTooManyRunsSomeAreForgotten(t *testing.T) {
	r := start(t)
	r.session.RememberAtMost(7) // two runs of two steps, with one for each
	sure := 0
	for i := range 4 {
		r.givenBack(fmt.Sprint(i))
	}
	for i := range 4 {
		if run, _ := r.join(fmt.Sprint(i), 2); !run.Begin().Unsure() {
			sure++
		}
	}
	if sure != 2 {
		t.Errorf("%d runs are remembered, want 2", sure)
	}
}
