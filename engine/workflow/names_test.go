package workflow

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestActionID(t *testing.T) {
	if got := ActionID("dev_Order", "Charge"); got != "dev_order:charge" {
		t.Errorf("got %q", got)
	}
}

func TestNamespace(t *testing.T) {
	for given, want := range map[string]Namespace{"": "", "Dev": "dev_", "dev_": "dev_", "a.b-c": "a.b-c_"} {
		if got, err := ParseNamespace(given); err != nil || got != want {
			t.Errorf("%q: got %q, %v", given, got, err)
		}
	}
	if _, err := ParseNamespace("my team"); err == nil || !strings.Contains(err.Error(), "only letters") {
		t.Errorf("a namespace with a space: %v", err)
	}
	ns := Namespace("dev_")
	for given, want := range map[string]string{"Order": "dev_order", "dev_order": "dev_order", "DEV_Order": "dev_order"} {
		if got := ns.Workflow(given); got != want {
			t.Errorf("workflow %q: got %q", given, got)
		}
	}
	if got := ns.Apply("Order:Paid"); got != "dev_Order:Paid" || ns.Apply(got) != got || ns.Strip(got) != "Order:Paid" {
		t.Errorf("event key %q", got)
	}
	if got := Namespace("").Apply("x"); got != "x" {
		t.Errorf("no namespace: %q", got)
	}
}

func TestParseStrategy(t *testing.T) {
	for given, want := range map[string]Strategy{
		"cancel-in-progress": CancelInProgress, "CANCEL_IN_PROGRESS": CancelInProgress, "queue": GroupRoundRobin,
		"Group_Round_Robin": GroupRoundRobin, "drop-newest": CancelNewest, "cancel_newest": CancelNewest,
		"cancel-queued-except-newest": CancelQueuedExceptNewest, "CANCEL_QUEUED_EXCEPT_OLDEST": CancelQueuedExceptOldest,
	} {
		if got, err := ParseStrategy(given); err != nil || got != want {
			t.Errorf("%q: got %q, %v", given, got, err)
		}
	}
	for _, given := range []string{"", "fifo", "queue-newest"} {
		if _, err := ParseStrategy(given); err == nil || !strings.Contains(err.Error(), "'queue'") {
			t.Errorf("%q: %v", given, err)
		}
	}
}

func TestBackoffDelay(t *testing.T) {
	s := time.Second
	for _, c := range []struct {
		backoff *Backoff
		want    []time.Duration
	}{
		{nil, []time.Duration{0, 0}},
		{&Backoff{Kind: BackoffFactor, Factor: 2, MaxSeconds: 5}, []time.Duration{2 * s, 4 * s, 5 * s, 5 * s}},
		{&Backoff{Kind: BackoffExponential, Base: s, Max: 3 * s}, []time.Duration{s, 2 * s, 3 * s}},
		{&Backoff{Kind: BackoffExponential, Base: s, Factor: 3}, []time.Duration{s, 3 * s, 9 * s}},
		{&Backoff{Kind: BackoffLinear, Base: s, Step: 2 * s, Max: 4 * s}, []time.Duration{s, 3 * s, 4 * s}},
		{&Backoff{Kind: BackoffConstant, Base: 5 * s}, []time.Duration{5 * s, 5 * s}},
	} {
		var got []time.Duration
		for i := range c.want {
			got = append(got, c.backoff.Delay(i+1))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%+v: got %v, want %v", c.backoff, got, c.want)
		}
		if c.backoff.Delay(0) != 0 {
			t.Errorf("%+v: the first attempt waits", c.backoff)
		}
	}
	for _, kind := range []BackoffKind{BackoffFactor, BackoffExponential, BackoffLinear} {
		b := &Backoff{Kind: kind, Base: time.Hour, Step: time.Hour, Factor: 1000}
		if got := b.Delay(math.MaxInt32); got != MaxBackoff {
			t.Errorf("%s: the longest delay is %v", kind, got)
		}
	}
}

func TestBackoffOnTheWire(t *testing.T) {
	s := time.Second
	for _, c := range []struct {
		backoff *Backoff
		ok      bool
	}{
		{nil, false},
		{&Backoff{Kind: BackoffFactor, Factor: 1.5, MaxSeconds: 60}, true},
		{&Backoff{Kind: BackoffFactor, Factor: 1.1}, true},
		{&Backoff{Kind: BackoffExponential, Base: 2 * s, Factor: 2, Max: 60 * s}, true},
		{&Backoff{Kind: BackoffExponential, Base: 2 * s, Factor: 2}, true},
		{&Backoff{Kind: BackoffExponential, Base: s, Factor: 2, Max: 60 * s}, false},
		{&Backoff{Kind: BackoffExponential, Base: 2 * s, Factor: 2, Max: 2500 * time.Millisecond}, false},
		{&Backoff{Kind: BackoffLinear, Base: s, Step: s}, false},
		{&Backoff{Kind: BackoffLinear, Base: 3 * s}, true},
		{&Backoff{Kind: BackoffConstant, Base: s}, true},
		{&Backoff{Kind: BackoffConstant, Base: 30 * s}, true},
		{&Backoff{Kind: BackoffConstant, Base: 1000 * s}, true},
		{&Backoff{Kind: BackoffConstant, Base: 1001 * s}, false},
		{&Backoff{Kind: BackoffConstant, Base: 500 * time.Millisecond}, false},
	} {
		factor, maxSeconds, ok := c.backoff.Wire()
		if ok != c.ok {
			t.Errorf("%+v: on the wire %v, want %v", c.backoff, ok, c.ok)
		}
		for n := 1; ok && n < 20; n++ {
			engine := math.Min(float64(maxSeconds), math.Pow(float64(factor), float64(n)))
			declared := c.backoff.Delay(n).Seconds()
			if math.Abs(engine-declared) > 1e-6*declared {
				t.Errorf("%+v: before retry %d the engine waits %gs, declared are %gs", c.backoff, n, engine, declared)
			}
		}
	}
}

func TestDiff(t *testing.T) {
	old := dag(task("validate"), task("charge", "validate"), task("old"))
	now := dag(task("validate"), task("charge", "validate"), task("refund"))
	old.Tasks[1].Retries, now.Tasks[1].Retries = 3, 5
	now.Tasks[1].ExecutionTimeout = 90 * time.Second
	now.Tasks[0].Backoff = &Backoff{Kind: BackoffConstant, Base: time.Second}
	now.Events, now.OnFailure = []string{"order:*"}, task("f")
	want := []string{
		"events none→order:*", "validate: backoff changed", "charge: retries 3→5", "charge: timeout 1m→1m30s",
		"+refund", "+onFailure", "-old",
	}
	if got := Diff(old, now); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if got := Diff(old, old); len(got) != 0 {
		t.Errorf("a workflow differs from itself: %q", got)
	}
	moved := dag(task("validate"))
	moved.Position, moved.Tasks[0].Position, moved.Tasks[0].Parents = at(90), at(91), []string{}
	if got := Diff(dag(task("validate")), moved); len(got) != 0 {
		t.Errorf("a place in a file counts: %q", got)
	}
	if got := Diff(nil, dag(task("a"))); !slices.Equal(got, []string{"+a"}) {
		t.Errorf("a new workflow: %q", got)
	}
	if got := Diff(dag(task("a")), nil); !slices.Equal(got, []string{"-a"}) {
		t.Errorf("a withdrawn workflow: %q", got)
	}
}

func FuzzParseCron(f *testing.F) {
	for _, seed := range []string{"0 9 * * 1", "TZ=UTC", "TZ= 1 2 3 4 5", "CRON_TZ=UTC */5 * * * * *", "@daily", "0 0 30 2 *", "1-2-3 * * * *"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, expression string) {
		schedule, err := ParseCron(expression)
		if err == nil && schedule.Next(cronProbe).IsZero() {
			t.Fatalf("%q never comes", expression)
		}
	})
}
