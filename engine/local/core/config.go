package core

import (
	"encoding/json"
	"time"
)

// Config tunes a Core. The zero value is an engine with the documented
// defaults. A journal must be replayed with the Config it was written with.
type Config struct {
	// KeepRuns is how many final runs are kept; beyond it the oldest are
	// dropped with their logs. 0 = 10,000.
	KeepRuns int
	// KeepLogLines is how many log lines are kept of each task, the newest. 0 =
	// 1000.
	KeepLogLines int
	// HeartbeatFresh is how old the last heartbeat of a connected worker may be
	// for it to get work. 0 = 5 s; negative = heartbeats are not asked for, a
	// connected worker gets work.
	HeartbeatFresh time.Duration
	// HeartbeatDead is how old the last heartbeat of a worker must be for its
	// tasks to go to another. 0 = 30 s; negative = tasks stay while the worker is
	// connected, and go when it is not.
	HeartbeatDead time.Duration
	// TimeoutSlack is how long after an execution deadline the attempt fails:
	// time for a worker that keeps the deadline itself to report where in its
	// source the task was. Servers are late too, who look now and then.
	TimeoutSlack time.Duration
	// MaxInternalRetries bounds the retries that are not the task's own fault. 0
	// = 10.
	MaxInternalRetries int32
	// Evaluator evaluates CEL. nil = only constant expressions are accepted at
	// registration.
	Evaluator Evaluator
}

// Environment names the variables that an expression may use
// (hatchet-protocol.md section 5.5).
type Environment string

// The environments.
const (
	// EnvStep: input, additional_metadata, workflow_run_id.
	EnvStep Environment = "step"
	// EnvIdempotency: input, additional_metadata.
	EnvIdempotency Environment = "idempotency"
	// EnvFilter: input, payload, additional_metadata, event_id, event_key.
	EnvFilter Environment = "filter"
	// EnvParent: output; input is empty.
	EnvParent Environment = "parent"
	// EnvUserEvent: input; output is empty.
	EnvUserEvent Environment = "event"
	// EnvWebhook: input, headers (texts by lower-case name).
	EnvWebhook Environment = "webhook"
)

// Evaluator evaluates CEL expressions. It is deterministic: the same expression
// over the same variables always gives the same value.
type Evaluator interface {
	// Check reports whether the expression compiles in env.
	Check(env Environment, expression string) error
	// Eval gives the value: bool, string, int64 or float64. Variables are JSON
	// texts by name.
	Eval(env Environment, expression string, variables map[string]json.RawMessage) (any, error)
}

// The defaults of Config, and times that are not for tuning.
const (
	defaultKeepRuns       = 10_000
	defaultKeepLogLines   = 1000
	defaultHeartbeatFresh = 5 * time.Second
	defaultHeartbeatDead  = 30 * time.Second
	defaultInternal       = 10
	workerForgotten       = time.Hour        // after which a silent worker is unknown
	releaseStall          = 60 * time.Second // section 8.2
)

func (c Config) withDefaults() Config {
	setDefault(&c.KeepRuns, defaultKeepRuns)
	setDefault(&c.KeepLogLines, defaultKeepLogLines)
	setDefault(&c.HeartbeatFresh, defaultHeartbeatFresh)
	setDefault(&c.HeartbeatDead, defaultHeartbeatDead)
	setDefault(&c.MaxInternalRetries, defaultInternal)
	return c
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// grace is how long workers have to come back after a restart.
func (c Config) grace() time.Duration {
	if c.HeartbeatDead < 0 {
		return defaultHeartbeatDead
	}
	return c.HeartbeatDead
}
