package core

import (
	"testing"
	"time"
)

// hatchet-protocol.md section 5.7.
func TestBackoff(t *testing.T) {
	factor, most := float32(2), int32(5)
	h, w := withWorker(t, "r:r")
	h.define(single("r", retries(4), func(t *TaskDefinition) { t.BackoffFactor, t.BackoffMaxSeconds = &factor, &most }))
	id := h.trigger("r", "")
	for retry, delay := range []time.Duration{2 * time.Second, 4 * time.Second, 5 * time.Second, 5 * time.Second} {
		a := h.next()
		equal(t, "retry count", a.RetryCount, int32(retry))
		h.fail(a, "no")
		missed := h.missed[len(h.missed)-1]
		equal(t, "told", missed, AttemptFailed{
			RunID: id, Workflow: "r", TaskID: id, TaskName: "r", At: h.now, Error: "no",
			RetryCount: int32(retry), MaxAttempts: 5, AssignedAt: h.now, RetryAt: h.now.Add(delay),
		})
		h.pass(delay-time.Millisecond, w)
		h.idle()
		h.pass(time.Millisecond, w)
	}
	h.fail(h.next(), "last")
	h.status(id, Failed)
	equal(t, "error", h.ends[0].Tasks[0].Error, "last")
	equal(t, "told of retried attempts", len(h.missed), 4)
}

// hatchet-protocol.md section 5.7: without a factor at once, and never when the
// worker says so.
func TestRetryAtOnce(t *testing.T) {
	h, _ := withWorker(t, "r:r")
	h.define(single("r", retries(3)))
	id := h.trigger("r", "")
	h.fail(h.next(), "no")
	a := h.next()
	equal(t, "retry count", a.RetryCount, int32(1))
	h.do(TaskFailed{Report: attemptOf(a), Error: "never again", ShouldNotRetry: true})
	h.idle()
	h.status(id, Failed)
}

// hatchet-protocol.md section 9.6: retries go before everything else.
func TestRetriesGoFirst(t *testing.T) {
	h := newHarness(t, Config{})
	h.worker(map[string]int32{"default": 1}, "r:r")
	h.define(single("r", retries(1)))
	first := h.trigger("r", "")
	a := h.next()
	h.do(Trigger{Seed: h.seed(), Items: []TriggerItem{{Workflow: "r", Priority: 3}}})
	h.fail(a, "no")
	equal(t, "next", h.next().TaskID, first)
}

// hatchet-protocol.md section 3.7: what is not about the current attempt
// changes nothing.
func TestStaleReports(t *testing.T) {
	h, _ := withWorker(t, "r:r")
	h.define(single("r", retries(1)))
	id := h.trigger("r", "")
	old := h.next()
	h.fail(old, "no")
	now := h.next()
	h.complete(old, `{"stale":true}`)
	h.fail(old, "stale")
	h.status(id, Running)
	h.complete(now, `{"ok":true}`)
	h.status(id, Completed)
	h.fail(now, "late")
	h.do(TaskCancelled{Report: attemptOf(now)})
	h.status(id, Completed)
	equal(t, "output", string(h.tasks(id)["r"].Output), `{"ok":true}`)
}

// hatchet-protocol.md section 3.7: a report without a retry count is about the
// current attempt; unknown tasks and ids that are none are refused.
func TestReportIDs(t *testing.T) {
	h, _ := withWorker(t, "r:r")
	h.define(single("r"))
	id := h.trigger("r", "")
	h.refused(TaskCompleted{Report: Report{TaskID: "w"}}, InvalidArgument)
	h.refused(TaskCompleted{Report: Report{TaskID: h.seed()}}, NotFound)
	h.do(TaskCompleted{Report: Report{TaskID: id}, Output: ""})
	h.status(id, Completed)
}

// hatchet-protocol.md section 3.7.
func TestBadOutput(t *testing.T) {
	tests := []struct{ output, want string }{
		{`{`, "invalid json in field `taskOutput`"},
		{`undefined`, "invalid json in field `taskOutput`"},
		{`{"a":"\u0000"}`, "encoded jsonb contains invalid null character \\u0000 in field `taskOutput`"},
		{`{"a":"\\u0000"}`, ""},
		{`null`, ""},
		{``, ""},
	}
	for _, tt := range tests {
		t.Run(tt.output, func(t *testing.T) {
			h, _ := withWorker(t, "r:r")
			h.define(single("r"))
			id := h.trigger("r", "")
			h.complete(h.next(), tt.output)
			equal(t, "error", h.tasks(id)["r"].Error, tt.want)
			equal(t, "done", h.run(id).Done, true)
		})
	}
}

// hatchet-protocol.md section 9.5.
func TestExecutionTimeout(t *testing.T) {
	h, w := withWorker(t, "r:r")
	h.define(single("r", retries(1), func(t *TaskDefinition) { t.Timeout = "2s" }))
	id := h.trigger("r", "")
	a := h.next()
	h.pass(1999*time.Millisecond, w)
	h.idle()
	h.pass(time.Millisecond, w)
	equal(t, "stops", len(h.stops), 1)
	equal(t, "stopped attempt", h.stops[0].Action.RetryCount, a.RetryCount)
	if len(h.stops[0].Action.Payload) > 0 {
		t.Fatal("a cancellation has a payload")
	}
	equal(t, "retry", h.next().RetryCount, int32(1))
	h.pass(2*time.Second, w)
	h.status(id, Failed)
	equal(t, "error", h.tasks(id)["r"].Error, "Task exceeded timeout of 2s")
}

// With slack, a worker that keeps the deadline itself has the time to say where
// the task was.
func TestExecutionTimeoutWithSlack(t *testing.T) {
	h := newHarness(t, Config{TimeoutSlack: 500 * time.Millisecond})
	w := h.worker(nil, "r:r")
	h.define(single("r", func(t *TaskDefinition) { t.Timeout = "2s" }))
	id := h.trigger("r", "")
	a := h.next()
	h.pass(2400*time.Millisecond, w)
	h.fail(a, "Task exceeded timeout of 2s: stopped at r.js:3:1")
	h.status(id, Failed)
	equal(t, "error", h.tasks(id)["r"].Error, "Task exceeded timeout of 2s: stopped at r.js:3:1")
	silent := h.trigger("r", "")
	h.next()
	h.pass(2499*time.Millisecond, w)
	h.idle()
	h.pass(time.Millisecond, w)
	h.status(silent, Failed)
	equal(t, "error", h.tasks(silent)["r"].Error, "Task exceeded timeout of 2s")
}

// hatchet-protocol.md section 3.8.
func TestRefreshTimeout(t *testing.T) {
	h, w := withWorker(t, "r:r")
	h.define(single("r", func(t *TaskDefinition) { t.Timeout = "2s" }))
	id := h.trigger("r", "")
	h.refused(RefreshTimeout{TaskID: id, IncrementBy: "a lot"}, InvalidArgument)
	h.refused(RefreshTimeout{TaskID: h.seed(), IncrementBy: "1s"}, NotFound)
	h.pass(time.Second, w)
	at := h.do(RefreshTimeout{TaskID: id, IncrementBy: "1.5s"}).(RefreshTimeoutReply).TimeoutAt
	equal(t, "deadline", at.Sub(testStart), 3500*time.Millisecond)
	h.pass(2*time.Second, w)
	h.status(id, Running)
	h.pass(time.Second, w)
	h.status(id, Failed)
	h.refused(RefreshTimeout{TaskID: id, IncrementBy: "1s"}, NotFound)
}

// hatchet-protocol.md section 9.5: no message for a worker, an empty error.
func TestScheduleTimeout(t *testing.T) {
	h := newHarness(t, Config{})
	h.define(single("r", func(t *TaskDefinition) { t.ScheduleTimeout = "3s" }))
	id := h.trigger("r", "")
	h.status(id, Queued)
	h.pass(3 * time.Second)
	h.status(id, Cancelled)
	equal(t, "error", h.ends[0].Tasks[0].Error, "")
	equal(t, "stops", len(h.stops), 0)
}

// hatchet-protocol.md section 3.8: the task goes on without its slot, and
// cannot be reached or moved any more.
func TestReleaseSlot(t *testing.T) {
	h := newHarness(t, Config{})
	w := h.worker(map[string]int32{"default": 1}, "r:r")
	h.define(single("r"))
	first, second := h.trigger("r", ""), h.trigger("r", "")
	a := h.next()
	h.idle()
	h.do(ReleaseSlot{TaskID: first})
	equal(t, "next", h.next().TaskID, second)
	h.do(Cancel{IDs: []string{first}})
	equal(t, "stops", len(h.stops), 0)
	h.complete(a, `{}`)
	h.status(first, Cancelled)
	h.refused(ReleaseSlot{TaskID: first}, NotFound)
	if v, _ := h.core.Worker(w); v.Slots[0].Used != 1 {
		t.Fatalf("slots: %+v", v.Slots)
	}
}

// hatchet-protocol.md sections 3.4 and 9.5: an internal retry, after a delay
// that grows, and without using up the task's own.
func TestSendFailed(t *testing.T) {
	h, w := withWorker(t, "r:r")
	h.define(single("r"))
	id := h.trigger("r", "")
	delays := []time.Duration{100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000, 5000}
	for i, delay := range delays {
		a := h.next()
		equal(t, "retry count", a.RetryCount, int32(i))
		h.do(SendFailed{TaskID: id, RetryCount: a.RetryCount, WorkerID: w})
		h.do(SendFailed{TaskID: id, RetryCount: a.RetryCount, WorkerID: w})
		h.pass(delay*time.Millisecond-time.Millisecond, w)
		h.idle()
		h.pass(time.Millisecond, w)
	}
	a := h.next()
	h.do(SendFailed{TaskID: id, RetryCount: a.RetryCount, WorkerID: w, Reason: "stream closed"})
	h.status(id, Failed)
}
