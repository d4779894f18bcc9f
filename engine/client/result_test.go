package client

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"github.com/hatchet-js/hatchet-js-worker/engine/transport"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

func completed(name, output string) *contract.StepRunResult {
	return &contract.StepRunResult{TaskName: name, TaskRunExternalId: name + "-id", Output: &output}
}

func failed(name, message string) *contract.StepRunResult {
	return &contract.StepRunResult{TaskName: name, TaskRunExternalId: name + "-id", Error: &message}
}

func TestResult(t *testing.T) {
	e := newEngine(t)
	c := running(t, e, Options{})
	e.finish("early", completed("a", `{"x":1}`))
	got, err := c.Result(within(t), "early")
	if err != nil || got.Status != StatusCompleted || got.Err() != nil || got.RunID != "early" {
		t.Fatalf("got %+v, %v", got, err)
	}
	if a := got.Task("a"); a == nil || string(a.Output) != `{"x":1}` || a.TaskRunID != "a-id" || got.Task("b") != nil {
		t.Errorf("tasks %+v", got.Tasks)
	}
	done := make(chan *RunResult)
	for range 3 { // several may wait for one run
		go func() {
			result, err := c.Result(within(t), "late")
			if err != nil {
				t.Error(err)
			}
			done <- result
		}()
	}
	e.until(t, "the question", func() bool { return e.asked["late"] > 0 })
	e.finish("late", completed("a", `{}`), failed("b", `{"message":"no card","stack":"at x"}`))
	for range 3 {
		if result := <-done; result.Status != StatusFailed || result.Err().Error() != "run late failed: b: no card" {
			t.Errorf("got %+v", result)
		}
	}
	if e.asked["late"] != 1 || e.opened != 1 {
		t.Errorf("asked %d times on %d streams", e.asked["late"], e.opened)
	}
}

func TestManyResultsShareOneStream(t *testing.T) {
	e := newEngine(t)
	c := running(t, e, Options{})
	const n = 300
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			id := fmt.Sprint("run ", i)
			result, err := c.Result(within(t), id)
			if err != nil || string(result.Task("a").Output) != fmt.Sprint(i) {
				t.Errorf("%s: %+v, %v", id, result, err)
			}
		})
	}
	e.until(t, "all questions", func() bool { return len(e.asked) == n })
	for i := range n {
		e.finish(fmt.Sprint("run ", i), completed("a", fmt.Sprint(i)))
	}
	all.Wait()
	if e.opened != 1 {
		t.Errorf("%d streams", e.opened)
	}
}

func TestResultSurvivesDroppedStreams(t *testing.T) {
	e := newEngine(t)
	c := running(t, e, Options{})
	done := make(chan error)
	go func() {
		_, err := c.Result(within(t), "r")
		done <- err
	}()
	for n := 1; n <= 3; n++ {
		e.until(t, "the question again", func() bool { return e.asked["r"] == n })
		e.drop()
	}
	e.until(t, "the last question", func() bool { return e.asked["r"] == 4 })
	e.finish("r", completed("a", "1"))
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestResultSurvivesARestartedServer(t *testing.T) {
	e := newEngine(t)
	c := running(t, e, Options{})
	done := make(chan error)
	go func() {
		_, err := c.Result(within(t), "r")
		done <- err
	}()
	e.until(t, "the question", func() bool { return e.asked["r"] == 1 })
	e.stop()
	e.finish("r", completed("a", "1")) // while nobody could be told
	e.start(t, e.hostPort)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestCancelledRun(t *testing.T) {
	e := newEngine(t)
	c := running(t, e, Options{})
	e.details["r"] = &v1.GetRunDetailsResponse{Status: v1.RunStatus_CANCELLED, Done: true, TaskRuns: map[string]*v1.TaskRunDetail{
		"a": {ExternalId: "a-id", Status: v1.RunStatus_COMPLETED, Output: []byte(`{"x":1}`)},
		"b": {ExternalId: "b-id", Status: v1.RunStatus_CANCELLED},
	}}
	e.finish("r", completed("a", `{"x":1}`), failed("b", ""))
	got, err := c.Result(within(t), "r")
	if err != nil || got.Status != StatusCancelled || got.Task("b").Status != StatusCancelled || string(got.Task("a").Output) != `{"x":1}` {
		t.Errorf("got %+v, %v", got, err)
	}
	var runError *RunError
	if !errors.As(got.Err(), &runError) || got.Err().Error() != "run r was cancelled" {
		t.Errorf("error %v", got.Err())
	}
	e.finish("unknown to details", failed("b", ""))
	got, err = c.Result(within(t), "unknown to details")
	if err != nil || got.Status != StatusCancelled {
		t.Errorf("from the event alone: %+v, %v", got, err)
	}
}

func TestResultTooLargeForTheStream(t *testing.T) {
	e := newEngine(t)
	c := running(t, e, Options{})
	final := &v1.GetRunDetailsResponse{Status: v1.RunStatus_COMPLETED, Done: true, TaskRuns: map[string]*v1.TaskRunDetail{
		"a": {ExternalId: "a-id", Status: v1.RunStatus_COMPLETED, Output: []byte(`"large"`)},
	}}
	e.details["r"] = &v1.GetRunDetailsResponse{Status: v1.RunStatus_RUNNING} // the details lag behind
	e.finish("r")
	done := make(chan *RunResult)
	go func() {
		result, err := c.Result(within(t), "r")
		if err != nil {
			t.Error(err)
		}
		done <- result
	}()
	e.until(t, "the details to be asked for", func() bool { return e.polled["r"] == 1 })
	e.note(func() { e.details["r"] = final })
	if got := <-done; got == nil || got.Status != StatusCompleted || string(got.Task("a").Output) != `"large"` {
		t.Errorf("got %+v", got)
	}
	e.finish("lost")
	if _, err := c.Result(within(t), "lost"); status.Code(err) != codes.NotFound || !strings.Contains(err.Error(), "it is final, and its outputs cannot be fetched") {
		t.Errorf("got %v", err)
	}
}

// pollTimes moves the virtual clock from one round of polls to the next.
func pollTimes(t *testing.T, v *clock.Virtual, rounds int) {
	t.Helper()
	for range rounds {
		deadline := time.Now().Add(limit)
		for v.Waiting() == 0 {
			if time.Now().After(deadline) {
				t.Fatal("nobody waits for the next poll")
			}
			time.Sleep(time.Millisecond)
		}
		next, _ := v.Next()
		v.AdvanceTo(next)
	}
}

func TestLostAnswerIsPolled(t *testing.T) {
	e := newEngine(t)
	e.mute = true
	v := clock.NewVirtual(time.Unix(0, 0))
	c := running(t, e, Options{Clock: v})
	done := make(chan *RunResult)
	go func() {
		result, err := c.Result(within(t), "r")
		if err != nil {
			t.Error(err)
		}
		done <- result
	}()
	e.details["r"] = &v1.GetRunDetailsResponse{Status: v1.RunStatus_RUNNING}
	e.until(t, "the question", func() bool { return e.asked["r"] == 1 })
	pollTimes(t, v, 1)
	e.until(t, "a poll", func() bool { return e.polled["r"] == 1 })
	e.note(func() {
		e.details["r"] = &v1.GetRunDetailsResponse{Status: v1.RunStatus_FAILED, Done: true, TaskRuns: map[string]*v1.TaskRunDetail{
			"a": {Status: v1.RunStatus_FAILED, Error: proto.String("boom")},
		}}
	})
	pollTimes(t, v, 1)
	if got := <-done; got == nil || got.Status != StatusFailed || got.Err().Error() != "run r failed: a: boom" {
		t.Errorf("got %+v", got)
	}
}

func TestUnknownRunIsGivenUp(t *testing.T) {
	e := newEngine(t)
	v := clock.NewVirtual(time.Unix(0, 0))
	c := running(t, e, Options{Clock: v})
	done := make(chan error)
	go func() {
		_, err := c.Result(within(t), "nobody")
		done <- err
	}()
	e.until(t, "the question", func() bool { return e.asked["nobody"] == 1 })
	pollTimes(t, v, pollMissing)
	if err := <-done; status.Code(err) != codes.NotFound || !strings.Contains(err.Error(), "is its workflow registered?") {
		t.Errorf("got %v", err)
	}
}

func TestWaitingEndsWithItsContext(t *testing.T) {
	e := newEngine(t)
	c := running(t, e, Options{})
	ctx, cancel := context.WithCancelCause(context.Background())
	cause := errors.New("enough")
	done := make(chan error)
	go func() {
		_, err := c.Result(ctx, "r")
		done <- err
	}()
	e.until(t, "the question", func() bool { return e.asked["r"] == 1 })
	cancel(cause)
	if err := <-done; !errors.Is(err, cause) {
		t.Errorf("got %v", err)
	}
	if c.results.any() {
		t.Error("the run is still waited for")
	}
	e.finish("r", completed("a", "1")) // nobody minds
	e.finish("s", completed("a", "1"))
	if _, err := c.Result(within(t), "s"); err != nil {
		t.Error(err)
	}
}

func TestWaitingEndsWithTheClient(t *testing.T) {
	e := newEngine(t)
	c := connect(t, e.hostPort, "", Options{})
	ctx, cancel := context.WithCancel(context.Background())
	over, done := make(chan error), make(chan error)
	go func() { over <- c.Run(ctx) }()
	go func() {
		_, err := c.Result(within(t), "r")
		done <- err
	}()
	e.until(t, "the question", func() bool { return e.asked["r"] == 1 })
	cancel()
	if err := <-done; !errors.Is(err, ErrClosed) {
		t.Errorf("got %v", err)
	}
	if err := <-over; err != nil {
		t.Errorf("Run: %v", err)
	}
	if _, err := c.Result(within(t), "r"); !errors.Is(err, ErrClosed) {
		t.Errorf("after Run: %v", err)
	}
}

func TestStreamsThatAreRefused(t *testing.T) {
	e := newEngine(t)
	e.noStream = status.Error(codes.Unimplemented, "a gateway without its server")
	c := running(t, e, Options{})
	done := make(chan error)
	go func() {
		_, err := c.Result(within(t), "r")
		done <- err
	}()
	e.until(t, "three streams", func() bool { return e.opened >= 3 })
	e.finish("r", completed("a", "1"))
	e.note(func() { e.noStream = nil })
	if err := <-done; err != nil {
		t.Error(err)
	}
	e.noStream = status.Error(codes.Unauthenticated, "invalid auth token")
	refused := connect(t, e.hostPort, "", Options{})
	over := make(chan error)
	go func() { over <- refused.Run(context.Background()) }()
	if _, err := refused.Result(within(t), "r"); !transport.IsUnauthorized(err) {
		t.Errorf("got %v", err)
	}
	if err := <-over; !transport.IsUnauthorized(err) {
		t.Errorf("Run: %v", err)
	}
}

func TestDetails(t *testing.T) {
	e := newEngine(t)
	c := connect(t, e.hostPort, "", Options{})
	e.details["r"] = &v1.GetRunDetailsResponse{
		Input: []byte(`{"a":1}`), Status: v1.RunStatus_EVICTED, IsEvicted: true, AdditionalMetadata: []byte(`{"m":1}`),
		TaskRuns: map[string]*v1.TaskRunDetail{
			"z": {ExternalId: "1", Status: v1.RunStatus_EVICTED, IsEvicted: true},
			"b": {ExternalId: "2", Status: v1.RunStatus_COMPLETED},
			"a": {ExternalId: "3", Status: v1.RunStatus_QUEUED},
		},
	}
	got, err := c.Details(within(t), "r")
	if err != nil {
		t.Fatal(err)
	}
	if got.Status != StatusRunning || !got.Evicted || got.Done || string(got.Input) != `{"a":1}` || string(got.AdditionalMetadata) != `{"m":1}` {
		t.Errorf("got %+v", got)
	}
	want := []TaskResult{
		{Name: "a", TaskRunID: "3", Status: StatusQueued}, {Name: "b", TaskRunID: "2", Status: StatusCompleted, Output: []byte("null")},
		{Name: "z", TaskRunID: "1", Status: StatusRunning, Evicted: true},
	}
	if fmt.Sprint(got.Tasks) != fmt.Sprint(want) {
		t.Errorf("tasks %+v", got.Tasks)
	}
	if got.Status.Final() || !StatusCancelled.Final() {
		t.Error("which statuses are final")
	}
	if _, err := c.Details(within(t), "nobody"); status.Code(err) != codes.NotFound {
		t.Errorf("got %v", err)
	}
}

func TestErrorText(t *testing.T) {
	for payload, want := range map[string][2]string{
		`{"message":"no","stack":"at x"}`: {"no", "at x"},
		`"plain text"`:                    {"plain text", ""},
		`Task exceeded timeout of 2s`:     {"Task exceeded timeout of 2s", ""},
		`{"code":5}`:                      {`{"code":5}`, ""},
		``:                                {"", ""},
		`[1]`:                             {"[1]", ""},
	} {
		if message, stack := ErrorText(payload); message != want[0] || stack != want[1] {
			t.Errorf("%q: %q, %q", payload, message, stack)
		}
	}
}
