package core

import (
	"fmt"
	"strings"
)

// batchKeyOf evaluates the group key of a task of a batch step. failure is the
// text with which the task fails.
func (c *Core) batchKeyOf(t *task) (key, failure string) {
	if t.step.batch == nil {
		return "", ""
	}
	expression := t.step.batch.key
	value, failure := c.eval(t, expression)
	if failure != "" {
		_, reason, _ := strings.Cut(failure, ": ")
		return "", batchKeyFailure(expression, reason)
	}
	switch value := value.(type) {
	case string:
		return strings.TrimSpace(value), ""
	case int64:
		return "", batchKeyFailure(expression, "expected string output for batch key, got int")
	}
	return "", batchKeyFailure(expression, "expected string output for batch key, got unknown type")
}

func batchKeyFailure(expression, reason string) string {
	return fmt.Sprintf("failed to parse batch group key expression (%s): %s", expression, reason)
}

// batchReport carries out what a worker says of members of a batch. Those that
// are no longer known are passed over, unless none is.
func (c *Core) batchReport(cmd *BatchReport) *Error {
	var unknown *Error
	known := 0
	for i := range cmd.Items {
		item := &cmd.Items[i]
		item.Report.Batch = cmd.Batch
		if err := c.memberReport(cmd.Kind, item); err != nil {
			unknown = err
			if err.Code != NotFound {
				return err
			}
			continue
		}
		known++
	}
	if known == 0 {
		return unknown
	}
	return nil
}

func (c *Core) memberReport(kind BatchReportKind, item *BatchReportItem) *Error {
	switch kind {
	case BatchStarted:
		return c.taskStarted(&TaskStarted{Report: item.Report})
	case BatchCompleted:
		return c.taskCompleted(&TaskCompleted{Report: item.Report, Output: item.Payload})
	case BatchFailed:
		return c.taskFailed(&TaskFailed{Report: item.Report, Error: item.Payload, ShouldNotRetry: item.ShouldNotRetry})
	case BatchCancelled:
		return c.taskCancelled(&TaskCancelled{Report: item.Report})
	}
	return invalid("the kind %q of a report about a batch is not known", kind)
}

// batchSendFailed gives the members of a batch that could not be handed over
// back to their group.
func (c *Core) batchSendFailed(cmd *BatchSendFailed) *Error {
	b := c.batches[cmd.BatchID]
	if b == nil || b.worker != cmd.WorkerID || cmd.Handout > 0 && b.handouts != cmd.Handout {
		return nil
	}
	for _, t := range b.members {
		if t != nil && t.phase == phaseRunning && t.worker != nil && !t.confirmed {
			c.sendAgain(t, cmd.Reason)
		}
	}
	return nil
}

// batches checks the batch options of tasks.
func (v *validator) batches() *Error {
	return v.def.everyTask(func(t *TaskDefinition) *Error {
		b := t.Batch
		switch {
		case b == nil:
			return nil
		case t.Durable:
			return invalid("task %s is durable and cannot be a batch task", t.Name)
		case b.MaxSize < 1 || b.MaxSize > maxBatchSize:
			return invalid("batch_max_size %d of task %s must be between 1 and 100000", b.MaxSize, t.Name)
		case b.MaxIntervalMS != nil && (*b.MaxIntervalMS < 1 || *b.MaxIntervalMS > maxBatchInterval):
			return invalid("batch_max_interval_ms %d of task %s must be between 1 and 86400000", *b.MaxIntervalMS, t.Name)
		case b.GroupMaxRuns != nil && (*b.GroupMaxRuns < 1 || *b.GroupMaxRuns > maxBatchGroupRuns):
			return invalid("batch_group_max_runs %d of task %s must be between 1 and 10000", *b.GroupMaxRuns, t.Name)
		case b.GroupKey == "":
			return nil
		}
		return checkStepExpression(v.evaluator, b.GroupKey, "task "+t.Name)
	})
}
