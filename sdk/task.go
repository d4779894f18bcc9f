package sdk

import (
	"encoding/json"
	"errors"
	"path"
	"runtime"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// Settings of tasks, in the words of the package engine/workflow.
type (
	// Backoff says how long to wait before a retry. Its Kind is "exponential",
	// "linear", "constant", or "factor", Hatchet's own.
	Backoff = workflow.Backoff
	// Concurrency is one concurrency limit. Its Strategy is one of Hatchet's, such
	// as "GROUP_ROUND_ROBIN" or "CANCEL_IN_PROGRESS".
	Concurrency = workflow.Concurrency
	// RateLimit is one rate limit of a task.
	RateLimit = workflow.RateLimit
)

// TaskOptions of a [Task] or [DurableTask]. The zero value is a task that is a
// workflow of its own.
type TaskOptions struct {
	// Workflow is the workflow that the task is part of: one that a script
	// declares, whose tasks may be its parents and children, or else one that the
	// tasks with this name make up. "" is a workflow of its own, by the task's name.
	Workflow string
	// Parents are the tasks of the workflow that come before this one.
	Parents []string
	// Events and Crons start the workflow: event keys, in which * matches any
	// run of characters, and cron expressions, in UTC unless they begin with TZ=.
	Events []string
	Crons  []string

	Retries int
	Backoff *Backoff // nil = the engine's: at once
	// ExecutionTimeout bounds one attempt, 0 = 60 s; ScheduleTimeout the time until
	// a worker takes it, 0 = 5 min.
	ExecutionTimeout time.Duration
	ScheduleTimeout  time.Duration
	Concurrency      []Concurrency
	RateLimits       []RateLimit
}

// NativeTask is a task whose handler is a Go function, see [Task] and
// [DurableTask].
type NativeTask struct {
	options  TaskOptions
	declared workflow.Task
	call     func(c *DurableContext, input json.RawMessage) (any, error)
}

// Task makes a task of f, beside those of the scripts:
//
//	charge := sdk.Task("charge", sdk.TaskOptions{Retries: 3}, func(ctx *sdk.Context, o Order) (Receipt, error) { … })
//	worker, err := sdk.New(sdk.Options{Tasks: []sdk.NativeTask{charge}, …})
//
// Scripts run it as hatchet.run('charge', order) and, if it is part of their
// workflow, name it among parents: .taskAfter('ship', ['charge'], …). In and Out
// travel as JSON, by their struct tags.
//
// f may be called by several runs at once, and must return soon after its context
// has ended. An error that it returns, or a panic, fails the attempt; see
// [NonRetryable]. An input that does not fit In is not tried again.
func Task[In, Out any](name string, options TaskOptions, f func(*Context, In) (Out, error)) NativeTask {
	return declare(name, options, false, func(c *DurableContext, input json.RawMessage) (any, error) {
		in, err := inputOf[In](input)
		if err != nil {
			return nil, err
		}
		return f(c.Context, in)
	})
}

// DurableTask makes a durable task of f: it may sleep for days, and wait for
// events and runs, also while the worker restarts, for it is then called again
// from the top and its context gives what it gave before. So f has to do the same
// each time; what it does besides belongs into [Memo].
//
// While f waits it is given up: its context's methods return an error, which f
// has to return at once. What it returns then has no other effect.
func DurableTask[In, Out any](name string, options TaskOptions, f func(*DurableContext, In) (Out, error)) NativeTask {
	return declare(name, options, true, func(c *DurableContext, input json.RawMessage) (any, error) {
		in, err := inputOf[In](input)
		if err != nil {
			return nil, err
		}
		return f(c, in)
	})
}

// declare makes the task that the caller's caller declares.
func declare(name string, o TaskOptions, durable bool, call func(*DurableContext, json.RawMessage) (any, error)) NativeTask {
	declared := workflow.Task{
		Name: name, Durable: durable, Parents: o.Parents, Retries: o.Retries, Backoff: o.Backoff,
		ExecutionTimeout: o.ExecutionTimeout, ScheduleTimeout: o.ScheduleTimeout, Concurrency: o.Concurrency, RateLimits: o.RateLimits,
	}
	if _, file, line, ok := runtime.Caller(2); ok {
		declared.Position = workflow.Position{File: path.Join(path.Base(path.Dir(file)), path.Base(file)), Line: line}
	}
	return NativeTask{options: o, declared: declared, call: call}
}

// inputOf reads an input.
func inputOf[In any](input json.RawMessage) (in In, err error) {
	if len(input) == 0 {
		return in, nil
	}
	if err := json.Unmarshal(input, &in); err != nil {
		return in, NonRetryable(errors.New(inputError(err)))
	}
	return in, nil
}

// NonRetryable is err as one with which a task is not tried again, whatever its
// retries.
func NonRetryable(err error) error {
	if err == nil {
		return nil
	}
	return &nonRetryable{err}
}

type nonRetryable struct{ error }

func (e *nonRetryable) Unwrap() error { return e.error }

// workflow is the name of the task's workflow.
func (t *NativeTask) workflow() string {
	if t.options.Workflow != "" {
		return t.options.Workflow
	}
	return t.declared.Name
}

// standalone says whether the task is a workflow of its own.
func (t *NativeTask) standalone() bool { return t.options.Workflow == "" }
