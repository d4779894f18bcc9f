package health

import (
	"time"

	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
	"github.com/prometheus/client_golang/prometheus"
)

// Scripts counts what reloads do, and what permissions refuse.
type Scripts struct{ reloads, denied *prometheus.CounterVec }

func newScripts() *Scripts {
	s := &Scripts{reloads: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "hatchet_worker_script_reloads_total",
		Help: "Script files reloaded, by what came of it; refused counts loads and reloads of which the engine did not take a workflow.",
	}, []string{"result"}), denied: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "hatchet_worker_permission_denied_total",
		Help: "Accesses that the permissions refused to scripts of this process.",
	}, []string{"kind"})}
	for _, kind := range permit.Kinds {
		s.denied.WithLabelValues(string(kind))
	}
	for _, result := range []string{"loaded", "failed", "empty", "removed", "refused"} {
		s.reloads.WithLabelValues(result)
	}
	return s
}

// Reloaded counts one file, or one refusal.
func (s *Scripts) Reloaded(result string) { s.reloads.WithLabelValues(result).Inc() }

// Denied counts an access that was refused.
func (s *Scripts) Denied(kind string) { s.denied.WithLabelValues(kind).Inc() }

// Calls measures the calls to the engine.
type Calls struct{ duration *prometheus.HistogramVec }

func newCalls() *Calls {
	return &Calls{prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "hatchet_worker_rpc_duration_seconds", Buckets: []float64{.001, .005, .025, .1, .5, 1, 5, 15},
		Help: "Time that an attempt of a call to the engine took, by method and gRPC code. Streams are none.",
	}, []string{"method", "code"})}
}

// Called is what a connection tells of an attempt.
func (c *Calls) Called(method, code string, took time.Duration) {
	c.duration.WithLabelValues(method, code).Observe(took.Seconds())
}
