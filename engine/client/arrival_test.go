package client

import (
	"runtime"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// arrive has the engine know a run once it was asked about it some times.
func (e *engine) arrive(t *testing.T, id string, after int) {
	t.Helper()
	e.until(t, "asked about a run that it does not know", func() bool { return e.polled[id] >= after })
	e.note(func() { e.details[id] = &v1.GetRunDetailsResponse{Status: v1.RunStatus_QUEUED} })
}

func TestRunThatHasNotArrived(t *testing.T) {
	e := newEngine(t)
	c := connect(t, e.hostPort, "", Options{})
	id, err := c.Trigger(within(t), "w", nil, RunOptions{})
	if err != nil {
		t.Fatal(err)
	}
	arrived := make(chan struct{})
	go func() {
		defer close(arrived)
		e.arrive(t, id, 3)
	}()
	details, err := c.Details(within(t), id)
	<-arrived
	if err != nil || details.Status != StatusQueued {
		t.Fatalf("got %v, %v", details, err)
	}
	if _, err := c.Details(within(t), "of another client"); status.Code(err) != codes.NotFound {
		t.Errorf("a run that nobody started: %v", err)
	}
	if got := e.polled["of another client"]; got != 1 {
		t.Errorf("asked %d times about a run that nobody started", got)
	}
}

func TestCancelAwaitsArrival(t *testing.T) {
	e := newEngine(t)
	c := connect(t, e.hostPort, "", Options{})
	ids, err := c.TriggerMany(within(t), []TriggerItem{{Workflow: "w"}, {Workflow: "w"}})
	if err != nil {
		t.Fatal(err)
	}
	arrived := make(chan struct{})
	go func() {
		defer close(arrived)
		for _, id := range ids {
			e.arrive(t, id, 3)
		}
	}()
	if err := c.Cancel(within(t), append(ids, "of another client")...); err != nil {
		t.Fatal(err)
	}
	<-arrived
	if len(e.cancelled) != 3 || e.polled[ids[1]] < 3 {
		t.Errorf("cancelled %v", e.cancelled)
	}
	if e.polled["of another client"] != 0 {
		t.Error("asked about a run that this client did not start")
	}
}

func TestArrivalsAreForgotten(t *testing.T) {
	now := time.Unix(0, 0)
	var a arrivals
	a.add(now, "x", "y")
	a.seen("y")
	for _, step := range []struct {
		after time.Duration
		want  bool
	}{{0, true}, {arrivalLag, true}, {2*arrivalLag - 1, true}, {2 * arrivalLag, false}} {
		if got := a.expected(now.Add(step.after), "x"); got != step.want {
			t.Errorf("after %v: expected %t, want %t", step.after, got, step.want)
		}
	}
	if a.expected(now, "y") {
		t.Error("a run that was seen is still expected")
	}
	a.add(now.Add(10*arrivalLag), "z")
	if len(a.young)+len(a.old) != 1 {
		t.Errorf("kept %d and %d", len(a.young), len(a.old))
	}
}

func TestRunThatNeverArrives(t *testing.T) {
	e, virtual := newEngine(t), clock.NewVirtual(time.Unix(0, 0))
	c := connect(t, e.hostPort, "", Options{Clock: virtual})
	id, err := c.Trigger(within(t), "w", nil, RunOptions{})
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan error, 1)
	go func() {
		_, err := c.Details(within(t), id)
		asked <- err
	}()
	e.until(t, "asked", func() bool { return e.polled[id] > 0 })
	for {
		select {
		case err := <-asked:
			if status.Code(err) != codes.NotFound {
				t.Errorf("got %v", err)
			}
			if virtual.Now().Before(time.Unix(0, 0).Add(arrivalLag)) {
				t.Errorf("given up after %v", virtual.Now())
			}
			return
		default:
			virtual.Advance(arrivalPace)
			runtime.Gosched()
		}
	}
}
