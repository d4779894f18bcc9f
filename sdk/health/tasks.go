package health

import (
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker"
	"github.com/prometheus/client_golang/prometheus"
)

// Task is a loaded task as the labels of metrics name it.
type Task struct{ Workflow, Task string }

// withdrawn stands for all tasks that were loaded once and are not any more,
// and still have runs to finish.
var withdrawn = Task{"(withdrawn)", "(withdrawn)"}

// buckets are seconds. Tasks take anything from a millisecond to hours.
var buckets = []float64{.001, .005, .025, .1, .5, 1, 5, 15, 60, 300, 1800, 7200}

// outcomes are those that every task shows from the start, so that the first one
// is seen as a rise.
var outcomes = []worker.Outcome{worker.OutcomeCompleted, worker.OutcomeFailed, worker.OutcomeTimedOut, worker.OutcomeCancelled}

// Tasks counts attempts. It is a [worker.Observer], and shows series only for
// what is loaded, however often that changes.
type Tasks struct {
	clock clock.Clock

	started, retried, replayed, finished *prometheus.CounterVec
	mismatches, limits                   *prometheus.CounterVec
	duration, wait                       *prometheus.HistogramVec
	oldest                               *prometheus.Desc

	mu     sync.Mutex
	loaded map[string]Task // by action id
	begun  map[*worker.Assignment]*beginning
}

// beginning is an attempt that is not over.
type beginning struct {
	at     time.Time
	parked bool
}

func newTasks(c clock.Clock) *Tasks {
	labels := []string{"workflow", "task"}
	vec := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "hatchet_worker_" + name, Help: help}, labels)
	}
	return &Tasks{
		clock:      c,
		started:    vec("tasks_started_total", "Attempts whose handler began.", labels...),
		retried:    vec("tasks_retried_total", "Attempts whose handler began, other than the first of their task.", labels...),
		replayed:   vec("durable_replays_total", "Times a durable attempt that had waited without a VM went on.", labels...),
		finished:   vec("tasks_finished_total", "Attempts that ended, those included whose handler never began.", append(labels, "outcome")...),
		mismatches: vec("nondeterminism_total", "Attempts that ended because a durable handler did something else than before.", labels...),
		limits:     vec("limit_exceeded_total", "Attempts that ended because of a limit, by its name in hatchet-js.json.", append(labels, "limit")...),
		wait: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "hatchet_worker_task_slot_wait_seconds", Buckets: buckets,
			Help: "Time from the arrival of an assignment to the beginning of its handler: for a slot, or for a backoff that the worker keeps.",
		}, labels),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "hatchet_worker_task_duration_seconds", Buckets: buckets,
			Help: "Time from the beginning of the handler to the end of the attempt, durable waits included.",
		}, append(labels, "outcome")),
		oldest: describe("oldest_running_task_seconds", "How long the attempt that runs for the longest has been running; 0 if none is."),
		loaded: map[string]Task{}, begun: map[*worker.Assignment]*beginning{},
	}
}

// Load says what is loaded from now on, by action id without namespace. The
// series of what is not are dropped.
func (t *Tasks) Load(loaded map[string]Task) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for action, task := range t.loaded {
		if loaded[action] == task {
			continue
		}
		labels := prometheus.Labels{"workflow": task.Workflow, "task": task.Task}
		for _, vec := range []*prometheus.CounterVec{t.started, t.retried, t.replayed, t.finished, t.mismatches, t.limits} {
			vec.DeletePartialMatch(labels)
		}
		t.duration.DeletePartialMatch(labels)
		t.wait.DeletePartialMatch(labels)
	}
	t.loaded = loaded
	for _, task := range loaded {
		t.started.WithLabelValues(task.Workflow, task.Task)
		for _, outcome := range outcomes {
			t.finished.WithLabelValues(task.Workflow, task.Task, label(outcome))
		}
	}
}

func label(outcome worker.Outcome) string { return strings.ReplaceAll(string(outcome), " ", "_") }

// task names an assignment. The caller holds mu, so that no series comes back
// after Load has dropped it.
func (t *Tasks) task(a *worker.Assignment) Task {
	if task, ok := t.loaded[a.ActionID]; ok {
		return task
	}
	return withdrawn
}

// WorkerChanged implements [worker.Observer]; reports say as much.
func (t *Tasks) WorkerChanged(worker.Status) {}

// TaskStarted implements [worker.Observer].
func (t *Tasks) TaskStarted(a *worker.Assignment) {
	t.mu.Lock()
	defer t.mu.Unlock()
	task := t.task(a)
	if begun := t.begun[a]; begun != nil {
		begun.parked = false
		t.replayed.WithLabelValues(task.Workflow, task.Task).Inc()
		return
	}
	t.begun[a] = &beginning{at: t.clock.Now()}
	t.started.WithLabelValues(task.Workflow, task.Task).Inc()
	if !a.ReceivedAt.IsZero() {
		t.wait.WithLabelValues(task.Workflow, task.Task).Observe(t.clock.Now().Sub(a.ReceivedAt).Seconds())
	}
	if a.RetryCount > 0 {
		t.retried.WithLabelValues(task.Workflow, task.Task).Inc()
	}
}

// TaskParked implements [worker.Observer].
func (t *Tasks) TaskParked(a *worker.Assignment) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if begun := t.begun[a]; begun != nil {
		begun.parked = true
	}
}

// TaskFinished implements [worker.Observer].
func (t *Tasks) TaskFinished(a *worker.Assignment, f worker.Finish) {
	t.mu.Lock()
	defer t.mu.Unlock()
	task := t.task(a)
	t.finished.WithLabelValues(task.Workflow, task.Task, label(f.Outcome)).Inc()
	t.explain(task, f.Err)
	if t.begun[a] != nil {
		t.duration.WithLabelValues(task.Workflow, task.Task, label(f.Outcome)).Observe(f.Took.Seconds())
		delete(t.begun, a)
	}
}

// explain counts the ends that have a reason of their own. The caller holds mu.
func (t *Tasks) explain(task Task, err error) {
	var mismatch *hatchet.NonDeterminismError
	if errors.As(err, &mismatch) {
		t.mismatches.WithLabelValues(task.Workflow, task.Task).Inc()
	}
	var limit *permit.LimitError
	var cpu *vm.CPULimitError
	switch {
	case errors.As(err, &limit):
		t.limits.WithLabelValues(task.Workflow, task.Task, limit.Limit).Inc()
	case errors.As(err, &cpu):
		t.limits.WithLabelValues(task.Workflow, task.Task, "cpu").Inc()
	}
}

// running is how long the attempt that runs for the longest has been running.
func (t *Tasks) running() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	var most time.Duration
	now := t.clock.Now()
	for _, begun := range t.begun {
		if !begun.parked {
			most = max(most, now.Sub(begun.at))
		}
	}
	return most
}

// Describe implements [prometheus.Collector].
func (t *Tasks) Describe(out chan<- *prometheus.Desc) {
	for _, part := range t.parts() {
		part.Describe(out)
	}
	out <- t.oldest
}

// Collect implements [prometheus.Collector].
func (t *Tasks) Collect(out chan<- prometheus.Metric) {
	for _, part := range t.parts() {
		part.Collect(out)
	}
	out <- prometheus.MustNewConstMetric(t.oldest, prometheus.GaugeValue, t.running().Seconds())
}

func (t *Tasks) parts() []prometheus.Collector {
	return []prometheus.Collector{t.started, t.retried, t.replayed, t.finished, t.mismatches, t.limits, t.duration, t.wait}
}
