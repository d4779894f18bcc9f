package health

import (
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/worker"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// registry holds everything that /metrics shows.
func (s *Server) registry() *prometheus.Registry {
	s.tasks, s.scripts, s.calls = newTasks(s.clock), newScripts(), newCalls()
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		gauges{s}, s.tasks, s.scripts.reloads, s.scripts.denied, s.calls.duration,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return registry
}

// moment is a report and when it was taken.
type moment struct {
	Report
	now time.Time
}

// figure is one metric without labels that is read off a report.
type figure struct {
	desc  *prometheus.Desc
	kind  prometheus.ValueType
	value func(moment) float64
}

func gauge(name, help string, value func(moment) float64) figure {
	return figure{describe(name, help), prometheus.GaugeValue, value}
}

func counter(name, help string, value func(moment) float64) figure {
	return figure{describe(name, help), prometheus.CounterValue, value}
}

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("hatchet_worker_"+name, help, labels, nil)
}

func count(value func(moment) int) func(moment) float64 {
	return func(m moment) float64 { return float64(value(m)) }
}

func flag(value func(moment) bool) func(moment) float64 {
	return func(m moment) float64 {
		if value(m) {
			return 1
		}
		return 0
	}
}

var figures = []figure{
	gauge("status", "1 while the worker is ready for work, as /readyz says, else 0.", flag(func(m moment) bool { return m.ready(m.now) })),
	gauge("draining", "1 once the worker takes no more work because it ends, else 0.", flag(func(m moment) bool { return m.draining() })),
	gauge("stream_connected", "1 while the engine can send work, else 0.",
		flag(func(m moment) bool { return m.Worker.State == worker.StateConnected })),
	counter("stream_reconnects_total", "Streams of work that broke and work again.", count(func(m moment) int { return m.Worker.Reconnects })),
	gauge("actions", "Tasks that are loaded, on-failure tasks included.", count(func(m moment) int { return len(m.Actions) })),
	gauge("generation", "Generations of the scripts taken so far.", count(func(m moment) int { return m.Worker.Generation })),
	gauge("script_generations_live", "Versions of script files that serve, and older ones with runs to finish.",
		count(func(m moment) int { return m.VMs.Generations })),
	gauge("tasks_running", "Attempts whose handler runs.", count(func(m moment) int { return m.Worker.Running })),
	gauge("tasks_queued", "Attempts assigned to this worker that wait for a slot.", count(func(m moment) int { return m.Worker.Queued })),
	gauge("tasks_parked", "Durable attempts that wait and hold no VM.", count(func(m moment) int { return m.Worker.Parked })),
	gauge("results_unreported", "Results that the engine has not accepted yet.", count(func(m moment) int { return m.Worker.Reporting })),
	counter("vms_built_total", "JavaScript VMs made, those to load scripts included.", count(func(m moment) int { return m.VMs.Built })),
	counter("vms_abandoned_total", "VMs given up because native code held them past an interrupt.", count(func(m moment) int { return m.VMs.Abandoned })),
	gauge("vms_held", "Abandoned VMs that native code still holds.", count(func(m moment) int { return m.VMs.Held })),
	counter("interrupts_total", "Runs whose code was interrupted, at a timeout or a cancellation.",
		count(func(m moment) int { return m.VMs.Interrupted })),
}

// heartbeatAge is left out as long as the engine has accepted none.
var heartbeatAge = gauge("heartbeat_age_seconds", "Time since the last heartbeat that the engine accepted.",
	func(m moment) float64 { return m.now.Sub(m.Worker.LastHeartbeat).Seconds() })

var (
	info      = describe("info", "Always 1; tells the versions of the worker and of its engine.", "version", "engine")
	slots     = describe("slots", "Units of a slot type.", "type")
	slotsUsed = describe("slots_used", "Units of a slot type that attempts hold.", "type")
	vms       = describe("vms", "JavaScript VMs by what they do.", "state")
)

// gauges reads the figures off a report at each scrape.
type gauges struct{ server *Server }

func (g gauges) Describe(out chan<- *prometheus.Desc) {
	for _, f := range figures {
		out <- f.desc
	}
	for _, desc := range []*prometheus.Desc{heartbeatAge.desc, info, slots, slotsUsed, vms} {
		out <- desc
	}
}

func (g gauges) Collect(out chan<- prometheus.Metric) {
	m := moment{g.server.options.Look(), g.server.clock.Now()}
	for _, f := range figures {
		out <- prometheus.MustNewConstMetric(f.desc, f.kind, f.value(m))
	}
	if !m.Worker.LastHeartbeat.IsZero() {
		out <- prometheus.MustNewConstMetric(heartbeatAge.desc, heartbeatAge.kind, heartbeatAge.value(m))
	}
	show := func(desc *prometheus.Desc, value int, labels ...string) {
		out <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(value), labels...)
	}
	show(info, 1, g.server.options.Version, m.Worker.EngineVersion)
	for name, use := range m.Worker.Slots {
		show(slots, use.Total, name)
		show(slotsUsed, use.Used, name)
	}
	show(vms, m.VMs.Idle, "idle")
	show(vms, m.VMs.Running, "running")
}
