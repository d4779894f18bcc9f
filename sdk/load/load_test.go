package load_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/sdk"
	"github.com/hatchet-js/hatchet-js-worker/sdk/load"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// target answers as it is told; its runs take no time.
type target struct {
	trigger func(n int) error
	fate    func(ctx context.Context, n string) (status, message string, err error)

	mu    sync.Mutex
	begun int
}

func (s *target) Trigger(context.Context, string, any, sdk.RunOptions) (string, error) {
	s.mu.Lock()
	s.begun++
	n := s.begun
	s.mu.Unlock()
	if s.trigger == nil {
		return fmt.Sprint(n), nil
	}
	return fmt.Sprint(n), s.trigger(n)
}

func (s *target) Fate(ctx context.Context, n string) (status, message string, err error) {
	if s.fate == nil {
		return sdk.StatusCompleted, "", nil
	}
	return s.fate(ctx, n)
}

func run(t *testing.T, target load.Target, plan load.Plan) *load.Report {
	t.Helper()
	plan.Users, plan.Patience = max(plan.Users, 1), max(plan.Patience, time.Minute)
	report, err := load.Run(t.Context(), target, plan)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestEveryRunIsCounted(t *testing.T) {
	report := run(t, &target{fate: func(_ context.Context, n string) (string, string, error) {
		switch {
		case strings.HasSuffix(n, "1"):
			return sdk.StatusFailed, "broken", nil
		case strings.HasSuffix(n, "2"):
			return sdk.StatusCancelled, "", nil
		case strings.HasSuffix(n, "3"):
			return "", "", errors.New("lost")
		}
		return sdk.StatusCompleted, "", nil
	}}, load.Plan{Users: 7, Count: 100})
	if report.Runs != 100 || report.Completed != 70 || report.Failed != 30 || report.Dropped != 0 {
		t.Errorf("%+v", report)
	}
	if want := []load.ErrorCount{{"CANCELLED", 10}, {"broken", 10}, {"lost", 10}}; !slices.Equal(report.Errors, want) {
		t.Errorf("%v", report.Errors)
	}
}

// sleeper is a target whose runs take as long as their number says, in
// milliseconds of a virtual clock.
func sleeper(v *clock.Virtual) *target {
	return &target{fate: func(context.Context, string) (string, string, error) {
		v.Advance(10 * time.Millisecond)
		return sdk.StatusCompleted, "", nil
	}}
}

func TestDurationsAreOfTheClock(t *testing.T) {
	v := clock.NewVirtual(time.Unix(0, 0))
	report := run(t, sleeper(v), load.Plan{Duration: 95 * time.Millisecond, Clock: v})
	if report.Runs != 10 || report.ElapsedMs != 100 || report.Rate != 100 {
		t.Errorf("%+v", report)
	}
	if s := report.DurationMs; s.Min != 10 || s.P95 != 10 || s.Max != 10 || s.Avg != 10 {
		t.Errorf("%+v", s)
	}
}

// waiting waits until n timers of a virtual clock are set.
func waiting(t *testing.T, v *clock.Virtual, n int) {
	t.Helper()
	for begun := clock.Real().Now(); v.Waiting() != n; runtime.Gosched() {
		if clock.Since(clock.Real(), begun) > time.Minute {
			t.Fatalf("%d timers are set, not %d", v.Waiting(), n)
		}
	}
}

func TestARateDoesNotWaitForRuns(t *testing.T) {
	v := clock.NewVirtual(time.Unix(0, 0))
	release := make(chan struct{})
	slow := &target{fate: func(context.Context, string) (string, string, error) {
		<-release
		return sdk.StatusCompleted, "", nil
	}}
	done := make(chan *load.Report)
	go func() { done <- run(t, slow, load.Plan{Rate: 100, Count: 10, Clock: v}) }()
	for range 8 { // the first run began at 0; at 10, 20, … 80 ms it is in the way
		waiting(t, v, 2) // the next run's moment, and the end of the patience with the first
		v.Advance(10 * time.Millisecond)
	}
	waiting(t, v, 2)
	close(release)
	waiting(t, v, 1)
	v.Advance(10 * time.Millisecond)
	if report := <-done; report.Completed+report.Dropped != 10 || report.Dropped < 8 { // the tenth may come just before the user is free
		t.Errorf("%+v", report)
	}
}

func TestARunIsGivenUp(t *testing.T) {
	v := clock.NewVirtual(time.Unix(0, 0))
	never := &target{fate: func(ctx context.Context, _ string) (string, string, error) {
		v.Advance(time.Minute)
		<-ctx.Done()
		return "", "", ctx.Err()
	}}
	report := run(t, never, load.Plan{Count: 3, Patience: time.Minute, Clock: v})
	if report.Unfinished != 3 || report.Runs != 3 || len(report.Errors) != 0 {
		t.Errorf("%+v", report)
	}
}

func TestWhatCannotStart(t *testing.T) {
	for _, refusal := range []error{sdk.ErrConfig, sdk.ErrNotFound, sdk.ErrUnauthorized, sdk.ErrUnreachable} {
		s := &target{trigger: func(int) error { return fmt.Errorf("no: %w", refusal) }}
		_, err := load.Run(t.Context(), s, load.Plan{Users: 2, Count: 50, Patience: time.Minute})
		if !errors.Is(err, refusal) || s.begun > 2 {
			t.Errorf("%v: %v after %d", refusal, err, s.begun)
		}
	}
	report := run(t, &target{trigger: func(n int) error {
		if n == 1 {
			return errors.New("busy")
		}
		return nil
	}}, load.Plan{Count: 2})
	if report.Failed != 1 || report.Completed != 1 || report.Errors[0].Message != "not started: busy" {
		t.Errorf("%+v", report)
	}
	for _, plan := range []load.Plan{
		{Users: 0, Count: 1, Patience: 1}, {Users: 1, Patience: 1}, {Users: 1, Count: 1}, {Users: 1, Count: 1, Rate: -1, Patience: 1},
	} {
		if _, err := load.Run(t.Context(), &target{}, plan); err == nil {
			t.Errorf("%+v is no plan", plan)
		}
	}
}

func TestAnInterruptedLoadReports(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	s := &target{fate: func(ctx context.Context, n string) (string, string, error) {
		if n == "3" {
			interrupt()
			return "", "", context.Cause(ctx)
		}
		return sdk.StatusCompleted, "", nil
	}}
	report, err := load.Run(ctx, s, load.Plan{Users: 1, Duration: time.Hour, Patience: time.Minute})
	if err != nil || report.Completed != 2 || report.Failed+report.Unfinished != 0 {
		t.Errorf("%+v, %v", report, err)
	}
}

func TestThresholds(t *testing.T) {
	v := clock.NewVirtual(time.Unix(0, 0))
	for text, want := range map[string]string{
		"p(95)<11ms": "true 10ms", " p(99.9) <= 10ms ": "true 10ms", "max<10": "false 10ms", "avg>=0.01s": "true 10ms",
		"failed<1%": "true 0.00%", "failed>0.5": "false 0.00%", "rate>99": "true 100", "runs>=5": "true 5", "dropped<=0": "true 0",
	} {
		threshold, err := load.ParseThreshold(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		report := run(t, sleeper(v), load.Plan{Count: 5, Clock: v, Thresholds: []load.Threshold{threshold}})
		if got := fmt.Sprint(report.Thresholds[0].Met, " ", report.Thresholds[0].Show()); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	for _, text := range []string{"", "p(95)", "p<5", "p(101)<5ms", "p()<5ms", "p(1.2.3)<1", "mean<5ms", "max=5ms", "max<soon", "max<-5ms", "failed<5ms", "rate>1%", "rate>NaN", "max<1 ms"} {
		if _, err := load.ParseThreshold(text); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("threshold %q", text)) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestADurationOfNoRunKeepsNoBound(t *testing.T) {
	threshold, err := load.ParseThreshold("p(95)<1h")
	if err != nil {
		t.Fatal(err)
	}
	failing := &target{fate: func(context.Context, string) (string, string, error) { return sdk.StatusFailed, "x", nil }}
	report := run(t, failing, load.Plan{Count: 1, Thresholds: []load.Threshold{threshold}})
	if len(report.Missed()) != 1 {
		t.Errorf("%+v", report.Thresholds)
	}
}

func FuzzParseThreshold(f *testing.F) {
	for _, text := range []string{"p(95)<50ms", "failed<1%", "rate>=100", "p(1e9)<0"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		threshold, err := load.ParseThreshold(text)
		if err != nil {
			return
		}
		report := run(t, &target{}, load.Plan{Count: 1, Thresholds: []load.Threshold{threshold}})
		if report.Thresholds[0].Show() == "" {
			t.Errorf("%q shows nothing", text)
		}
	})
}
