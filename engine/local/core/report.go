package core

import (
	"encoding/json"
	"math"
	"time"
)

// attempt finds the task that a report is about; nil without error if the
// report is about an attempt that is over (hatchet-protocol.md section 3.7).
func (c *Core) attempt(r Report) (*task, *Error) {
	t, err := c.taskByID(r.TaskID)
	if err != nil {
		return nil, err
	}
	if r.RetryCount != nil && *r.RetryCount != t.retryCount || !t.underWay() {
		return nil, nil
	}
	if r.Batch != "" && (t.batch == nil || t.batch.id != r.Batch) {
		return nil, nil
	}
	return t, nil
}

func (c *Core) taskByID(id string) (*task, *Error) {
	if !isUUID(id) {
		return nil, invalid("task id %q is not a UUID", id)
	}
	if t := c.tasks[id]; t != nil {
		return t, nil
	}
	return nil, errorf(NotFound, "task run not found: %s", id)
}

// underWay says whether some worker may have the current attempt. A restored
// durable task counts: its earlier invocation may still report.
func (t *task) underWay() bool {
	switch t.phase {
	case phaseRunning, phaseEvicted:
		return true
	case phaseQueued, phaseHeld:
		return t.restored
	}
	return false
}

func (c *Core) taskStarted(cmd *TaskStarted) *Error {
	t, err := c.attempt(cmd.Report)
	if t != nil {
		t.confirmed = true
		c.note(t, noteStarted, "")
	}
	return err
}

func (c *Core) taskCompleted(cmd *TaskCompleted) *Error {
	t, err := c.attempt(cmd.Report)
	if t == nil {
		return err
	}
	output := []byte(cmd.Output)
	switch {
	case len(output) == 0:
		c.finish(t, Completed, nil, "")
	case !json.Valid(output):
		c.fail(t, "invalid json in field `taskOutput`", false)
	case hasEscapedNUL(output):
		c.fail(t, `encoded jsonb contains invalid null character \u0000 in field `+"`taskOutput`", false)
	default:
		c.finish(t, Completed, output, "")
	}
	return nil
}

func (c *Core) taskFailed(cmd *TaskFailed) *Error {
	t, err := c.attempt(cmd.Report)
	if t != nil {
		c.fail(t, cmd.Error, cmd.ShouldNotRetry)
	}
	return err
}

func (c *Core) taskCancelled(cmd *TaskCancelled) *Error {
	t, err := c.attempt(cmd.Report)
	if t != nil {
		c.cancelFor(t, "")
	}
	return err
}

// maxBackoffSeconds bounds the delay before a retry where the task does not.
const maxBackoffSeconds = 86_400

// fail ends an attempt with a failure of the task's own and retries it if that
// is allowed (hatchet-protocol.md section 5.7).
func (c *Core) fail(t *task, message string, final bool) {
	if final || t.appRetries >= t.step.def.Retries {
		c.finish(t, Failed, nil, message)
		return
	}
	delay := t.step.backoff(t.appRetries + 1)
	c.emitFailure(t, message, delay)
	c.note(t, noteFailed, message)
	t.appRetries++
	c.again(t, delay, noteRetrying, t.retryText(c.now, delay))
}

// backoff is the delay before the n-th retry, n from 1.
func (s *step) backoff(n int32) time.Duration {
	if s.def.BackoffFactor == nil {
		return 0
	}
	limit := float64(maxBackoffSeconds)
	if s.def.BackoffMaxSeconds != nil {
		limit = float64(*s.def.BackoffMaxSeconds)
	}
	seconds := min(limit, math.Pow(float64(*s.def.BackoffFactor), float64(n)))
	return time.Duration(seconds * float64(time.Second))
}

// retryInternally ends an attempt that failed for no fault of the task
// (hatchet-protocol.md sections 3.5 and 9.5).
func (c *Core) retryInternally(t *task, reason string, delay time.Duration) {
	if t.internalRetries >= c.config.MaxInternalRetries {
		c.finish(t, Failed, nil, "the task could not be kept on a worker and its internal retries are used up: "+reason)
		return
	}
	c.emitFailure(t, reason, delay)
	t.internalRetries++
	c.again(t, delay, noteReassigned, reason)
}

// emitFailure tells of the end of an attempt that is about to be retried.
func (c *Core) emitFailure(t *task, message string, delay time.Duration) {
	c.emit(AttemptFailed{
		RunID: t.run.id, Workflow: t.run.version.workflow.name, TaskID: t.id, TaskName: t.step.def.Name, At: c.now,
		Error: message, RetryCount: t.retryCount, MaxAttempts: t.maxAttempts(), AssignedAt: t.attemptAt, RetryAt: c.now.Add(delay),
	})
}

// maxAttempts is the number of the attempt that uses up the task's retries.
func (t *task) maxAttempts() int32 { return t.retryCount + 1 + max(t.step.def.Retries-t.appRetries, 0) }

// again starts the next attempt of a task, after a delay, and notes why.
func (c *Core) again(t *task, delay time.Duration, kind noteKind, why string) {
	c.dequeue(t)
	c.leaveWorker(t)
	c.leaveBatch(t)
	c.leaveGroups(t)
	t.retryCount++
	t.restored = false
	t.attemptAt = time.Time{}
	c.note(t, kind, why)
	if delay <= 0 {
		c.enqueue(t, maxPriority)
		return
	}
	t.phase = phaseDelayed
	c.arm(&t.timer, c.now.Add(delay), t)
}

// Delays before the retry of an assignment that could not be sent.
const (
	sendBackoffFirst = 100 * time.Millisecond
	sendBackoffMost  = 5 * time.Second
)

func (c *Core) sendFailed(cmd *SendFailed) *Error {
	t, err := c.taskByID(cmd.TaskID)
	if err != nil {
		return err
	}
	elsewhere := t.worker == nil || t.worker.id != cmd.WorkerID || cmd.Handout > 0 && t.handouts != cmd.Handout
	if t.phase != phaseRunning || t.confirmed || t.retryCount != cmd.RetryCount || elsewhere {
		return nil
	}
	c.sendAgain(t, cmd.Reason)
	return nil
}

// sendAgain starts another attempt of a task that could not be sent.
func (c *Core) sendAgain(t *task, why string) {
	delay := min(sendBackoffFirst<<min(t.internalRetries, 16), sendBackoffMost)
	reason := "Could not send task to worker."
	if why != "" {
		reason += " " + why
	}
	c.note(t, noteNotSent, reason)
	c.retryInternally(t, reason, delay)
}

// due is the end of whatever the task waits for.
func (t *task) due(c *Core) {
	switch t.phase {
	case phaseQueued, phaseWaiting, phaseParked, phaseGathered, phaseHeld:
		c.note(t, noteUnscheduled, "")
		c.finish(t, Cancelled, nil, "") // schedule timeout, or that of a paused workflow
	case phaseDelayed:
		c.enqueue(t, maxPriority)
	case phaseRunning:
		c.stopOnWorker(t)
		c.note(t, noteTimedOut, "Task exceeded timeout of "+t.step.timeoutText)
		c.fail(t, "Task exceeded timeout of "+t.step.timeoutText, false)
	}
}

// stopOnWorker tells the worker of a running attempt to stop it.
func (c *Core) stopOnWorker(t *task) {
	if t.phase == phaseRunning && t.worker != nil && len(t.worker.sessions) > 0 {
		c.emit(CancelAction{WorkerID: t.worker.id, Action: t.cancelAction()})
	}
}

func (c *Core) refreshTimeout(cmd *RefreshTimeout) (*RefreshTimeoutReply, *Error) {
	if !durationPattern.MatchString(cmd.IncrementBy) {
		return nil, invalid("increment_timeout_by %q must be a duration such as 1h30m5s", cmd.IncrementBy)
	}
	by, parseErr := time.ParseDuration(cmd.IncrementBy)
	if parseErr != nil {
		return nil, invalid("increment_timeout_by %q: %v", cmd.IncrementBy, parseErr)
	}
	t, err := c.taskByID(cmd.TaskID)
	if err != nil {
		return nil, err
	}
	if t.phase != phaseRunning {
		return nil, errorf(NotFound, "task is not running: %s", t.id)
	}
	t.deadline = t.deadline.Add(by)
	c.note(t, noteRefreshed, "Timeout refreshed by "+by.String())
	c.arm(&t.timer, t.deadline.Add(c.config.TimeoutSlack), t)
	return &RefreshTimeoutReply{TimeoutAt: t.deadline}, nil
}

// releaseSlot gives slots back and forgets where the task runs: it is neither
// reassigned nor can its worker be told anything (hatchet-protocol.md section
// 3.8).
func (c *Core) releaseSlot(cmd *ReleaseSlot) *Error {
	t, err := c.taskByID(cmd.TaskID)
	if err != nil {
		return err
	}
	if t.phase != phaseRunning {
		return errorf(NotFound, "task is not running: %s", t.id)
	}
	c.note(t, noteReleased, "")
	c.leaveWorker(t)
	return nil
}
