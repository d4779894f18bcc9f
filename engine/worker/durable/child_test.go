package durable_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker/durable"
)

type begun struct {
	children []*durable.Child
	err      error
}

func runs(p *durable.Replay, requests ...*v1.TriggerWorkflowRequest) chan begun {
	out := make(chan begun, 10)
	p.RunChildren(requests, func(children []*durable.Child, err error, took func()) {
		took()
		out <- begun{children, err}
	})
	return out
}

func run(name, input string) *v1.TriggerWorkflowRequest {
	return &v1.TriggerWorkflowRequest{Name: name, Input: input}
}

func result(c *durable.Child) chan answer {
	return taken(c.Result)
}

func ids(children []*durable.Child) string {
	var all []string
	for _, c := range children {
		all = append(all, c.RunID)
	}
	return strings.Join(all, " ")
}

func TestChildrenAreOneRequestAndReplayFromTheLog(t *testing.T) {
	r := start(t)
	log, _ := r.join("t", 1)
	first := <-runs(log.Begin(), run("a", "1"), run("b", "2"), run("a", "3"))
	if first.err != nil || ids(first.children) != "run-1 run-2 run-3" || !slices.Equal(r.log.Bulks(), []int{3}) {
		t.Fatalf("%v, %v, asked %v", ids(first.children), first.err, r.log.Bulks())
	}
	b := result(first.children[1])
	twice := result(first.children[1])
	r.engine.SendDurable(r.log.Satisfy("t", 1, 2, "two"))
	if got, again := <-b, <-twice; got.payload != "two" || again.payload != "two" {
		t.Errorf("got %v and %v", got, again)
	}
	log.Park()
	p := log.Begin()
	again := <-runs(p, run("a", "1"), run("b", "2"), run("a", "3"), run("c", "4"))
	if again.err != nil || ids(again.children) != "run-1 run-2 run-3 run-4" || !slices.Equal(r.log.Bulks(), []int{3, 1}) {
		t.Fatalf("%v, %v, asked %v", ids(again.children), again.err, r.log.Bulks())
	}
	if got := <-result(again.children[1]); got.payload != "two" {
		t.Errorf("got %v", got)
	}
}

// A parked run wakes for the children that it waits for, not for others.
func TestOnlyAwaitedChildrenWakeTheirParent(t *testing.T) {
	r := start(t)
	log, _ := r.join("t", 1)
	p := log.Begin()
	children := (<-runs(p, run("a", "1"), run("a", "2"))).children
	result(children[1])
	log.Park()
	r.engine.SendDurable(r.log.Satisfy("t", 1, 1, "one"))
	marker, _ := r.join("marker", 1)
	<-runs(marker.Begin(), run("m", "")) // what was sent before has been received
	select {
	case <-log.Woken():
		t.Fatal("woken for a child that nobody waits for")
	default:
	}
	r.engine.SendDurable(r.log.Satisfy("t", 1, 2, "two"))
	<-log.Woken()
}

func TestAChildWithTheKeyOfAnotherIsThatOne(t *testing.T) {
	r := start(t)
	log, _ := r.join("t", 1)
	keyed := func() *v1.TriggerWorkflowRequest {
		key := "k"
		return &v1.TriggerWorkflowRequest{Name: "a", Input: "1", ChildKey: &key}
	}
	p := log.Begin()
	first, second := <-runs(p, keyed()), <-runs(p, keyed(), run("a", "2"))
	if ids(first.children) != "run-1" || ids(second.children) != "run-1 run-2" {
		t.Fatalf("%v, %v", ids(first.children), ids(second.children))
	}
	a, b := result(first.children[0]), result(second.children[0])
	r.engine.SendDurable(r.log.Satisfy("t", 1, 1, "one"))
	if got, same := <-a, <-b; got.payload != "one" || same.payload != "one" {
		t.Errorf("got %v and %v", got, same)
	}
}

func TestManyChildrenGoInSeveralRequests(t *testing.T) {
	r := start(t)
	log, _ := r.join("t", 1)
	var requests []*v1.TriggerWorkflowRequest
	for i := range 1203 {
		requests = append(requests, run("a", fmt.Sprint(i)))
	}
	requests = append(requests, run("big", strings.Repeat("x", 3<<20)), run("big", strings.Repeat("y", 3<<20)))
	started := <-runs(log.Begin(), requests...)
	if started.err != nil || len(started.children) != 1205 || !slices.Equal(r.log.Bulks(), []int{500, 500, 204, 1}) {
		t.Fatalf("%d, %v, asked %v", len(started.children), started.err, r.log.Bulks())
	}
	if last := started.children[1204]; last.RunID != "run-1205" {
		t.Errorf("the last is %s", last.RunID)
	}
}

func TestAFailedChild(t *testing.T) {
	r := start(t)
	log, _ := r.join("t", 1)
	child := (<-runs(log.Begin(), run("a", "1"))).children[0]
	out := result(child)
	message := "broken"
	r.engine.SendDurable(&v1.DurableTaskResponse{Message: &v1.DurableTaskResponse_EntryCompleted{
		EntryCompleted: &v1.DurableTaskEventLogEntryCompletedResponse{
			Ref:       &v1.DurableEventLogEntryRef{DurableTaskExternalId: "t", InvocationCount: 1, BranchId: 1, NodeId: 1},
			IsFailure: true, ErrorMessage: &message}}})
	var failed *durable.ChildError
	if got := <-out; !errors.As(got.err, &failed) || failed.RunID != "run-1" || failed.Message != "broken" {
		t.Errorf("got %v", got)
	}
}

// The engine knows what an earlier invocation asked for; the error names both
// sides in the words of scripts, and the step of a bulk that does not fit.
func TestAMismatchInTheEnginesLogIsReadable(t *testing.T) {
	for _, c := range []struct {
		was, want string
	}{
		{"sleep(24h0m0s)", "sleepFor(24h)"},
		{"event(paid)", `waitFor("paid")`},
		{"any of: event(paid), sleep(1h0m0s)", `waitFor("paid" or sleep 1h)`},
		{"event(a) and any of: event(b), sleep(3s)", `waitFor("a" and "b" or sleep 3s)`},
		{"run(other)", `run("other")`},
		{"run(a)", `run("a")`},
		{"memo", "memo"},
		{"a thing of the future", "a thing of the future"},
	} {
		r := start(t)
		log, _ := r.join("t", 2)
		p := log.Begin()
		<-runs(p, run("a", "1"))
		r.log.Deaf = func(in *v1.DurableTaskRequest) bool { return in.GetTriggerRuns() != nil }
		second := runs(p, run("a", "2"), run("a", "3"))
		r.until("the request to come", func() bool { return len(r.log.Bulks()) == 2 })
		r.engine.SendDurable(&v1.DurableTaskResponse{Message: &v1.DurableTaskResponse_Error{Error: &v1.DurableTaskErrorResponse{
			Ref:          &v1.DurableEventLogEntryRef{DurableTaskExternalId: "t", InvocationCount: 2, BranchId: 1, NodeId: 3},
			ErrorType:    v1.DurableTaskErrorType_DURABLE_TASK_ERROR_TYPE_NONDETERMINISM,
			ErrorMessage: "non-determinism error in task t at node 3:1\n  expected: " + c.was + "\n  received: run(a)"}}})
		var mismatch *durable.NonDeterminismError
		got := <-second
		want := durable.NonDeterminismError{Step: 3, Was: c.want, Now: `run("a")`}
		if c.was == "run(a)" {
			want.Now += " with another input"
		}
		if !errors.As(got.err, &mismatch) || *mismatch != want {
			t.Errorf("%s became %v", c.was, got.err)
		}
	}
}

func TestAtMostSoManyLinger(t *testing.T) {
	r := start(t)
	var release []func()
	for i := 0; ; i++ {
		log, _ := r.join(fmt.Sprint(i), 1)
		let, ok := log.Begin().Linger()
		if !ok {
			break
		}
		if release = append(release, let); len(release) > 1000 {
			t.Fatal("everybody may linger")
		}
	}
	log, _ := r.join("late", 1)
	if _, ok := log.Begin().Linger(); ok {
		t.Error("one more may linger")
	}
	resumed, _ := r.join("resumed", 2)
	if _, ok := resumed.Begin().Linger(); !ok {
		t.Error("a resumed run may not linger")
	}
	release[0]()
	if _, ok := log.Begin().Linger(); !ok {
		t.Error("what was released is not free")
	}
}

// An engine that cannot order the completions of an invocation any more ends it,
// and starts no other by itself.
func TestAStalledRunIsGivenBack(t *testing.T) {
	r := start(t)
	log, evicted := r.join("t", 1)
	started := <-runs(log.Begin(), run("a", "1"))
	result(started.children[0])
	log.Park()
	r.engine.SendDurable(&v1.DurableTaskResponse{Message: &v1.DurableTaskResponse_ServerEvict{ServerEvict: &v1.DurableTaskServerEvictNotice{
		DurableTaskExternalId: "t", InvocationCount: 1, Reason: "ordered durable completion release stalled on a missing entry"}}})
	<-evicted
	if r.log.Evicted("t") != 1 || r.restored.Load() != 1 {
		t.Errorf("evicted %d times, restored %d times", r.log.Evicted("t"), r.restored.Load())
	}
}
