package health_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker"
	"github.com/hatchet-js/hatchet-js-worker/sdk/health"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// rig is a server whose worker says what the test wants it to.
type rig struct {
	*testing.T
	server *health.Server
	clock  *clock.Virtual
	mu     sync.Mutex // held by a test: the worker is stuck
	report health.Report
}

func listen(t *testing.T, report health.Report) *rig {
	r := &rig{T: t, clock: clock.NewVirtual(start), report: report}
	server, err := health.Listen(health.Options{Address: "127.0.0.1:0", Version: "1.2.3", Clock: r.clock, Look: func() health.Report {
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.report
	}})
	if err != nil {
		t.Fatal(err)
	}
	r.server = server
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx) }()
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return r
}

func (r *rig) get(path string) (int, string) {
	r.Helper()
	answer, err := http.Get("http://" + r.server.Address() + path)
	if err != nil {
		r.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		r.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

func (r *rig) wants(path string, code int, text string) {
	r.Helper()
	if gotCode, got := r.get(path); gotCode != code || got != text {
		r.Errorf("%s answers %d %q, want %d %q", path, gotCode, got, code, text)
	}
}

// shows checks that the metrics have the lines.
func (r *rig) shows(lines ...string) {
	r.Helper()
	code, text := r.get("/metrics")
	if code != http.StatusOK {
		r.Fatalf("/metrics answers %d: %s", code, text)
	}
	for _, line := range lines {
		if !strings.Contains("\n"+text, "\n"+line+"\n") {
			r.Errorf("the metrics lack %q; they have\n%s", line, ours(text))
		}
	}
}

func ours(text string) string {
	var kept []string
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "hatchet_worker_") && !strings.Contains(line, "_bucket") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

func ready() health.Report {
	return health.Report{
		Serves: true, Actions: []string{"a:one"}, Labels: map[string]any{"region": "eu"},
		Worker: worker.Status{
			State: worker.StateConnected, Name: "w", WorkerID: "id", EngineVersion: "v0.80.0", LastHeartbeat: start.Add(-2 * time.Second),
			Slots: map[string]worker.SlotUse{"default": {Used: 3, Total: 100}},
		},
	}
}

func TestReadinessNamesWhatIsWrong(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(*health.Report)
		problem string // "" = ready
		status  string
	}{
		"all is well":        {func(r *health.Report) {}, "", "HEALTHY"},
		"nothing is loaded":  {func(r *health.Report) { *r = health.Report{} }, "[-]scripts failed: no workflow is loaded\n", "STARTING"},
		"no workflow left":   {func(r *health.Report) { r.Serves = false }, "[-]scripts failed: no workflow is loaded\n", "UNHEALTHY"},
		"not registered yet": {func(r *health.Report) { r.Worker.State, r.Worker.WorkerID = worker.StateRegistering, "" }, "[-]registered failed: registering\n", "STARTING"},
		"the stream broke": {func(r *health.Report) { r.Worker.State, r.Worker.Detail = worker.StateReconnecting, "no answer" },
			"[-]stream failed: reconnecting: no answer\n", "UNHEALTHY"},
		"no heartbeat yet": {func(r *health.Report) { r.Worker.LastHeartbeat = time.Time{} }, "[-]heartbeat failed: the engine has accepted none\n", "UNHEALTHY"},
		"no heartbeat any more": {func(r *health.Report) { r.Worker.LastHeartbeat = start.Add(-30 * time.Second) },
			"[-]heartbeat failed: the engine accepted the last one 30s ago\n", "UNHEALTHY"},
		"the engine knows no heartbeats": {func(r *health.Report) {
			r.Worker.LastHeartbeat, r.Worker.NoHeartbeats = start.Add(-time.Hour), true
		}, "", "HEALTHY"},
		"draining": {func(r *health.Report) { r.Worker.State = worker.StateDraining }, "[-]draining failed: the worker takes no more work\n", "UNHEALTHY"},
		"stopped":  {func(r *health.Report) { r.Worker.State = worker.StateStopped }, "[-]draining failed: the worker takes no more work\n", "UNHEALTHY"},
	} {
		t.Run(name, func(t *testing.T) {
			report := ready()
			c.change(&report)
			r := listen(t, report)
			want := http.StatusOK
			if c.problem != "" {
				want = http.StatusServiceUnavailable
			}
			if code, text := r.get("/readyz"); code != want || !strings.Contains(text, c.problem) || strings.Contains(text, "[+]") {
				t.Errorf("/readyz answers %d %q, want %d with %q", code, text, want, c.problem)
			}
			code, text := r.get("/health")
			var body struct{ Status string }
			if err := json.Unmarshal([]byte(text), &body); err != nil || code != want || body.Status != c.status {
				t.Errorf("/health answers %d %s (%v), want %d and %s", code, text, err, want, c.status)
			}
			if code, _ := r.get("/livez"); code != http.StatusOK {
				t.Errorf("/livez answers %d: what the network does is no reason to restart the process", code)
			}
			r.shows(map[bool]string{true: "hatchet_worker_status 1", false: "hatchet_worker_status 0"}[c.problem == ""])
		})
	}
}

func TestVerboseListsEachCheck(t *testing.T) {
	r := listen(t, ready())
	r.wants("/readyz", 200, "ok\n")
	r.wants("/readyz?verbose", 200, "[+]scripts ok\n[+]registered ok\n[+]stream ok\n[+]heartbeat ok\n[+]draining ok\nreadyz check passed\n")
	r.wants("/livez?verbose", 200, "[+]watchdog ok\nlivez check passed\n")
	if code, _ := r.get("/nothing"); code != http.StatusNotFound {
		t.Errorf("a path that is not there answers %d", code)
	}
}

func TestHealthHasTheFormOfTheSDKs(t *testing.T) {
	_, text := listen(t, ready()).get("/health")
	var body map[string]any
	if err := json.Unmarshal([]byte(text), &body); err != nil {
		t.Fatal(err)
	}
	delete(body, "goVersion")
	got, _ := json.Marshal(body)
	if want := `{"actions":["a:one"],"labels":{"region":"eu"},"name":"w","slots":100,"status":"HEALTHY"}`; string(got) != want {
		t.Errorf("/health answers %s, want %s", got, want)
	}
}

// A worker that is stuck on a lock answers livez, and the answer is no.
func TestAStuckWorkerIsNotAlive(t *testing.T) {
	r := listen(t, ready())
	r.mu.Lock()
	for range 40 {
		r.clock.Advance(time.Second)
	}
	code, text := r.get("/livez")
	r.mu.Unlock()
	if code != http.StatusServiceUnavailable || !strings.Contains(text, "[-]watchdog failed: the worker has not turned for ") {
		t.Errorf("/livez of a stuck worker answers %d %q", code, text)
	}
	for deadline := 0; ; deadline++ {
		if code, _ := r.get("/livez"); code == http.StatusOK {
			return
		}
		if deadline > 10000 {
			t.Fatal("/livez does not recover")
		}
		r.clock.Advance(time.Second)
	}
}

func TestAPortThatIsTakenIsAnError(t *testing.T) {
	r := listen(t, ready())
	_, err := health.Listen(health.Options{Address: r.server.Address(), Look: func() health.Report { return health.Report{} }})
	if !errors.Is(err, syscall.EADDRINUSE) || !strings.Contains(err.Error(), r.server.Address()) {
		t.Errorf("the error of a taken port is %v", err)
	}
}

func TestMetricsOfAReport(t *testing.T) {
	report := ready()
	report.Worker.Running, report.Worker.Queued, report.Worker.Parked, report.Worker.Reporting = 1, 2, 3, 4
	report.Worker.Reconnects, report.Worker.Generation = 5, 6
	report.VMs = health.VMs{Idle: 7, Running: 8, Built: 9, Interrupted: 10, Abandoned: 11, Held: 12}
	r := listen(t, report)
	r.shows(
		`hatchet_worker_info{engine="v0.80.0",version="1.2.3"} 1`, `hatchet_worker_slots{type="default"} 100`, `hatchet_worker_slots_used{type="default"} 3`,
		"hatchet_worker_tasks_running 1", "hatchet_worker_tasks_queued 2", "hatchet_worker_tasks_parked 3", "hatchet_worker_results_unreported 4",
		"hatchet_worker_stream_connected 1", "hatchet_worker_stream_reconnects_total 5", "hatchet_worker_generation 6", "hatchet_worker_heartbeat_age_seconds 2",
		`hatchet_worker_vms{state="idle"} 7`, `hatchet_worker_vms{state="running"} 8`, "hatchet_worker_vms_built_total 9", "hatchet_worker_interrupts_total 10",
		"hatchet_worker_vms_abandoned_total 11", "hatchet_worker_vms_held 12", "hatchet_worker_actions 1", "hatchet_worker_draining 0",
	)
	if _, text := r.get("/metrics"); !strings.Contains(text, "\ngo_goroutines ") || !strings.Contains(text, "\nprocess_start_time_seconds ") {
		t.Error("the figures of the Go runtime and of the process are missing")
	}
}

func TestAttemptsAreCounted(t *testing.T) {
	r := listen(t, ready())
	tasks := r.server.Tasks()
	tasks.Load(map[string]health.Task{"a:one": {Workflow: "A", Task: "One"}})
	r.shows(`hatchet_worker_tasks_started_total{task="One",workflow="A"} 0`, `hatchet_worker_tasks_finished_total{outcome="failed",task="One",workflow="A"} 0`)

	first, second := &worker.Assignment{ActionID: "a:one"}, &worker.Assignment{ActionID: "a:one", RetryCount: 1}
	tasks.TaskStarted(first)
	r.clock.Advance(3 * time.Second)
	tasks.TaskStarted(second)
	r.shows("hatchet_worker_oldest_running_task_seconds 3")
	tasks.TaskParked(first)
	r.shows("hatchet_worker_oldest_running_task_seconds 0")
	tasks.TaskStarted(first)
	tasks.TaskFinished(first, worker.Finish{Outcome: worker.OutcomeTimedOut, Took: 4 * time.Second})
	tasks.TaskFinished(second, worker.Finish{Outcome: worker.OutcomeCompleted, Took: time.Second / 4})
	tasks.TaskFinished(&worker.Assignment{ActionID: "a:one"}, worker.Finish{Outcome: worker.OutcomeCancelled}) // never began
	r.shows(
		`hatchet_worker_tasks_started_total{task="One",workflow="A"} 2`, `hatchet_worker_tasks_retried_total{task="One",workflow="A"} 1`,
		`hatchet_worker_durable_replays_total{task="One",workflow="A"} 1`,
		`hatchet_worker_tasks_finished_total{outcome="timed_out",task="One",workflow="A"} 1`,
		`hatchet_worker_tasks_finished_total{outcome="cancelled",task="One",workflow="A"} 1`,
		`hatchet_worker_task_duration_seconds_sum{outcome="completed",task="One",workflow="A"} 0.25`,
		`hatchet_worker_task_duration_seconds_bucket{outcome="timed_out",task="One",workflow="A",le="1"} 0`,
		`hatchet_worker_task_duration_seconds_bucket{outcome="timed_out",task="One",workflow="A",le="5"} 1`,
		"hatchet_worker_oldest_running_task_seconds 0",
	)
	if _, text := r.get("/metrics"); strings.Contains(text, `duration_seconds_count{outcome="cancelled"`) {
		t.Error("an attempt that never began has a duration")
	}
}

// However often what is loaded changes, only what is has series.
func TestLabelsAreBoundedByWhatIsLoaded(t *testing.T) {
	r := listen(t, ready())
	tasks := r.server.Tasks()
	attempt := &worker.Assignment{ActionID: "old:task"}
	tasks.Load(map[string]health.Task{"old:task": {Workflow: "old", Task: "task"}, "kept:task": {Workflow: "kept", Task: "task"}})
	tasks.TaskStarted(attempt)
	tasks.TaskStarted(&worker.Assignment{ActionID: "kept:task"})
	tasks.Load(map[string]health.Task{"new:task": {Workflow: "new", Task: "task"}, "kept:task": {Workflow: "kept", Task: "task"}})
	tasks.TaskFinished(attempt, worker.Finish{Outcome: worker.OutcomeCompleted})
	tasks.TaskFinished(&worker.Assignment{ActionID: "never:seen"}, worker.Finish{Outcome: worker.OutcomeCompleted})
	_, text := r.get("/metrics")
	if strings.Contains(text, `workflow="old"`) || strings.Contains(text, `"never`) {
		t.Errorf("series of what is not loaded:\n%s", ours(text))
	}
	r.shows(
		`hatchet_worker_tasks_finished_total{outcome="completed",task="(withdrawn)",workflow="(withdrawn)"} 2`,
		`hatchet_worker_tasks_started_total{task="task",workflow="kept"} 1`, `hatchet_worker_tasks_started_total{task="task",workflow="new"} 0`,
	)
}

func TestReloadsAreCounted(t *testing.T) {
	r := listen(t, ready())
	r.server.Scripts().Reloaded("failed")
	r.shows(`hatchet_worker_script_reloads_total{result="failed"} 1`, `hatchet_worker_script_reloads_total{result="loaded"} 0`)
}
