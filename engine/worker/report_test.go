package worker_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker/internal/fakeengine"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// kinds are the reports about a task in the order of arrival: S, C or F for
// events, the text of log lines.
func (r *rig) kinds(task string) []string {
	var out []string
	for _, entry := range r.engine.Journal() {
		switch {
		case entry.Log != nil && entry.Log.TaskRunExternalId == task:
			out = append(out, entry.Log.Message)
		case entry.Event != nil && entry.Event.TaskRunExternalId == task:
			out = append(out, map[contract.StepActionEventType]string{started: "S", completed: "C", failed: "F"}[entry.Event.EventType])
		}
	}
	return out
}

func TestLogLinesComeInOrderAndBeforeTheEnd(t *testing.T) {
	r := start(t, quick())
	r.serve(serving().with(task("a", func(_ context.Context, a *worker.Assignment) ([]byte, error) {
		for i := range 200 {
			a.Log("INFO", fmt.Sprint(i), nil, time.Now())
		}
		return []byte("1"), nil
	})).Generation)
	action := fakeengine.Action("a", "a")
	action.RetryCount = 3
	r.engine.MustAssign(action)
	r.engine.End(action.TaskRunExternalId)
	got := r.kinds(action.TaskRunExternalId)
	if len(got) != 202 || got[0] != "S" || got[201] != "C" {
		t.Fatalf("reports: %v", got)
	}
	for i := range 200 {
		if got[i+1] != fmt.Sprint(i) {
			t.Fatalf("line %d is %q", i, got[i+1])
		}
	}
	if line := r.engine.Logs(action.TaskRunExternalId)[0]; line.GetTaskRetryCount() != 3 || line.GetLevel() != "INFO" {
		t.Errorf("line %v", line)
	}
}

func TestLogLinesSurviveAnOutageAndStayInOrder(t *testing.T) {
	r := start(t, quick())
	goOn := make(chan struct{})
	r.serve(serving().with(task("a", func(_ context.Context, a *worker.Assignment) ([]byte, error) {
		a.Log("WARN", "one", []byte(`{"k":1}`), time.Now())
		<-goOn
		a.Log("nonsense", "two", nil, time.Now())
		return []byte("1"), nil
	})).Generation)
	action := fakeengine.Action("a", "a")
	r.engine.MustAssign(action)
	r.until("the first line", func() bool { return len(r.engine.Logs(action.TaskRunExternalId)) == 1 })
	r.engine.Stop()
	close(goOn)
	r.ends(action.TaskRunExternalId, worker.OutcomeCompleted)
	r.engine.Restart()
	r.engine.End(action.TaskRunExternalId)
	// A line whose acknowledgment the outage cut off is sent again.
	if got := strings.Join(slices.Compact(r.kinds(action.TaskRunExternalId)), " "); got != "S one two C" {
		t.Errorf("reports: %s", got)
	}
	lines := r.engine.Logs(action.TaskRunExternalId)
	last := lines[len(lines)-1]
	if lines[0].GetLevel() != "WARN" || lines[0].Metadata != `{"k":1}` || last.GetLevel() != "INFO" {
		t.Errorf("lines %v", lines)
	}
}

func TestLinesTheWireDoesNotTake(t *testing.T) {
	r := start(t, quick())
	long := strings.Repeat("ä", 25_000)
	r.serve(serving().with(task("a", func(_ context.Context, a *worker.Assignment) ([]byte, error) {
		a.Log("INFO", long, nil, time.Now())
		a.Log("INFO", "", nil, time.Now())
		a.Log("INFO", "a\x00b\xff", nil, time.Now())
		return []byte("1"), nil
	})).Generation)
	action := fakeengine.Action("a", "a")
	r.engine.MustAssign(action)
	r.engine.End(action.TaskRunExternalId)
	lines := r.engine.Logs(action.TaskRunExternalId)
	if len(lines) != 5 {
		t.Fatalf("%d lines", len(lines))
	}
	if lines[0].Message+lines[1].Message+lines[2].Message != long || len([]rune(lines[0].Message)) != 10_000 {
		t.Error("the long line was not split but changed")
	}
	if lines[3].Message != " " || lines[4].Message != "a\uFFFDb\uFFFD" {
		t.Errorf("lines %q %q", lines[3].Message, lines[4].Message)
	}
}

func TestLinesFasterThanTheEngineTakesThemAreDroppedWithAMark(t *testing.T) {
	r := start(t, quick())
	r.worker.BoundLines(100)
	taken := make(chan struct{})
	r.engine.On("PutLog", func(any) error { <-taken; return nil })
	r.serve(serving().with(task("a", func(_ context.Context, a *worker.Assignment) ([]byte, error) {
		for range 151 {
			a.Log("INFO", "x", nil, time.Now())
		}
		return []byte("1"), nil
	})).Generation)
	action := fakeengine.Action("a", "a")
	r.engine.MustAssign(action)
	r.ends(action.TaskRunExternalId, worker.OutcomeCompleted)
	close(taken)
	r.engine.End(action.TaskRunExternalId)
	lines := r.engine.Logs(action.TaskRunExternalId)
	kept, marks, dropped := 0, 0, 0
	for _, line := range lines {
		var n int
		if _, err := fmt.Sscanf(line.Message, "… %d log lines dropped", &n); err != nil {
			kept++
			continue
		}
		marks++
		dropped += n
	}
	if kept < 100 || marks == 0 || kept+dropped != 151 { // the engine may have taken one between two marks
		t.Errorf("%d lines and %d marks of %d dropped ones", kept, marks, dropped)
	}
}

func TestRefusedLogsDoNotKeepTheResult(t *testing.T) {
	r := start(t, quick())
	r.engine.Refuse("PutLog", codes.NotFound)
	r.serve(serving().with(task("a", func(_ context.Context, a *worker.Assignment) ([]byte, error) {
		a.Log("INFO", "x", nil, time.Now())
		return []byte("1"), nil
	})).Generation)
	r.runsOne("a")
}

func TestAResultIsGivenUpOnlyWhenItIsNotOurs(t *testing.T) {
	r := start(t, quick())
	r.serve(serving().with(task("a", answering("1"))).Generation)
	r.engine.Refuse("SendStepActionEvent", codes.NotFound)
	gone := fakeengine.Action("a", "a")
	r.engine.MustAssign(gone)
	r.ends(gone.TaskRunExternalId, worker.OutcomeCompleted)
	r.until("the result to be given up", func() bool { return r.worker.Status().Reporting == 0 })

	r.engine.Refuse("SendStepActionEvent", codes.Internal)
	kept := fakeengine.Action("a", "a")
	r.engine.MustAssign(kept)
	r.until("the result to wait", func() bool { return r.worker.Status().Reporting == 1 })
	r.engine.On("SendStepActionEvent", nil)
	if end := r.engine.End(kept.TaskRunExternalId); end.EventType != completed {
		t.Errorf("reported %v", end)
	}
}

func TestAPendingResultEndsWithACancellation(t *testing.T) {
	r := start(t, quick())
	r.serve(serving().with(task("a", answering("1"))).Generation)
	r.engine.Refuse("SendStepActionEvent", codes.Internal)
	action := fakeengine.Action("a", "a")
	r.engine.MustAssign(action)
	r.until("the result to wait", func() bool { return r.worker.Status().Reporting == 1 })
	r.engine.MustAssign(fakeengine.Cancellation(action))
	r.until("the result to be dropped", func() bool { return r.worker.Status().Reporting == 0 })
	r.engine.On("SendStepActionEvent", nil)
	if err := r.drain(); err != nil {
		t.Errorf("run ended with %v", err)
	}
	if len(r.engine.Events(action.TaskRunExternalId, completed)) != 0 {
		t.Error("a cancelled task was reported")
	}
}

func TestAnOutputTheEngineFindsTooLargeIsAFailure(t *testing.T) {
	r := start(t, quick())
	r.engine.On("SendStepActionEvent", func(in any) error {
		if in.(*contract.StepActionEvent).EventType == completed {
			return status.Error(codes.ResourceExhausted, "grpc: received message larger than max (5 vs. 4)")
		}
		return nil
	})
	r.serve(serving().with(task("a", answering(`"big"`))).Generation)
	action := fakeengine.Action("a", "a")
	r.engine.MustAssign(action)
	if end := r.engine.End(action.TaskRunExternalId); end.EventType != failed || !end.GetShouldNotRetry() {
		t.Errorf("reported %v", end)
	}
}
