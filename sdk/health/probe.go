package health

import (
	"encoding/json"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/worker"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// freshness is how old the last accepted heartbeat of a ready worker may be: an
// engine takes the tasks of one silent for longer away (hatchet-protocol.md
// section 3.5).
const freshness = 30 * time.Second

// Report is what a worker says of itself at one moment.
type Report struct {
	Worker  worker.Status  // the zero value before scripts were first loaded
	Serves  bool           // scripts were loaded and declare something
	Actions []string       // action ids as registered
	Labels  map[string]any // of the worker
	VMs     VMs
}

// VMs are the figures of the JavaScript VMs.
type VMs struct {
	Idle, Running int // now
	Built         int // so far
	Interrupted   int // runs whose code was interrupted so far
	Abandoned     int // VMs that native code held beyond that, so far
	Held          int // of those, the ones that it still holds
	Generations   int // versions of scripts that serve, or still have runs
}

// check is one condition; problem is "" if it is met.
type check struct{ name, problem string }

// readiness are the conditions under which work comes in and is done.
func (r Report) readiness(now time.Time) []check {
	checks := []check{{name: "scripts"}, {name: "registered"}, {name: "stream"}, {name: "heartbeat"}, {name: "draining"}}
	problem := func(i int, failed bool, format string, args ...any) {
		if failed {
			checks[i].problem = fmt.Sprintf(format, args...)
		}
	}
	status := r.Worker
	problem(0, !r.Serves, "no workflow is loaded")
	problem(1, status.WorkerID == "", "%s", r.doing())
	problem(2, status.State != worker.StateConnected, "%s", r.doing())
	problem(3, status.LastHeartbeat.IsZero(), "the engine has accepted none")
	if age := now.Sub(status.LastHeartbeat); !status.LastHeartbeat.IsZero() && !status.NoHeartbeats {
		problem(3, age >= freshness, "the engine accepted the last one %s ago", workflow.FormatDuration(age.Round(time.Second)))
	}
	problem(4, r.draining(), "the worker takes no more work")
	return checks
}

func (r Report) draining() bool {
	return r.Worker.State == worker.StateDraining || r.Worker.State == worker.StateStopped
}

// doing is the state in words.
func (r Report) doing() string {
	switch {
	case r.Worker.State == "":
		return string(worker.StateStarting)
	case r.Worker.Detail != "":
		return string(r.Worker.State) + ": " + r.Worker.Detail
	}
	return string(r.Worker.State)
}

func (r Report) ready(now time.Time) bool { return met(r.readiness(now)) }

func met(checks []check) bool {
	for _, c := range checks {
		if c.problem != "" {
			return false
		}
	}
	return true
}

// livez says whether the process is worth keeping. It takes no lock: it has to
// answer when one is stuck.
func (s *Server) livez(w http.ResponseWriter, r *http.Request) {
	watchdog := check{name: "watchdog"}
	if age := s.clock.Now().Sub(time.Unix(0, s.turned.Load())); age >= turnLimit {
		watchdog.problem = fmt.Sprintf("the worker has not turned for %s", workflow.FormatDuration(age.Round(time.Second)))
	}
	answer(w, r, "livez", []check{watchdog})
}

// readyz says whether the worker takes work.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	answer(w, r, "readyz", s.options.Look().readiness(s.clock.Now()))
}

// answer is for machines, which read the code, and for people: without verbose
// they see what is wrong, if anything, with it every check.
func answer(w http.ResponseWriter, r *http.Request, probe string, checks []check) {
	passed, verbose := met(checks), r.URL.Query().Has("verbose")
	var text strings.Builder
	for _, c := range checks {
		switch {
		case c.problem != "":
			fmt.Fprintf(&text, "[-]%s failed: %s\n", c.name, c.problem)
		case verbose:
			fmt.Fprintf(&text, "[+]%s ok\n", c.name)
		}
	}
	code := http.StatusOK
	switch {
	case !passed:
		code = http.StatusServiceUnavailable
		fmt.Fprintf(&text, "%s check failed\n", probe)
	case verbose:
		fmt.Fprintf(&text, "%s check passed\n", probe)
	default:
		text.WriteString("ok\n")
	}
	send(w, code, "text/plain; charset=utf-8", []byte(text.String()))
}

// send writes an answer that is true for this moment only.
func send(w http.ResponseWriter, code int, kind string, body []byte) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(code)
	_, _ = w.Write(body) // who does not want the answer any more needs none
}

// summary is what Hatchet's SDKs answer at /health.
type summary struct {
	Status    string         `json:"status"` // STARTING, HEALTHY or UNHEALTHY
	Name      string         `json:"name"`
	Slots     int            `json:"slots"` // of the default type
	Actions   []string       `json:"actions"`
	Labels    map[string]any `json:"labels"`
	GoVersion string         `json:"goVersion"`
}

// health is readyz in the form of Hatchet's SDKs.
func (s *Server) health(w http.ResponseWriter, _ *http.Request) {
	report := s.options.Look()
	code := http.StatusServiceUnavailable
	out := summary{
		Name: report.Worker.Name, Slots: report.Worker.Slots[workflow.SlotDefault].Total,
		Actions: report.Actions, Labels: report.Labels, GoVersion: runtime.Version(),
	}
	if out.Actions == nil {
		out.Actions = []string{}
	}
	if out.Labels == nil {
		out.Labels = map[string]any{}
	}
	switch report.Worker.State {
	case "", worker.StateStarting, worker.StateRegistering:
		out.Status = "STARTING"
	default:
		out.Status = "UNHEALTHY"
	}
	if report.ready(s.clock.Now()) {
		code, out.Status = http.StatusOK, "HEALTHY"
	}
	body, err := json.Marshal(out)
	if err != nil { // labels are texts and numbers
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	send(w, code, "application/json", append(body, '\n'))
}
