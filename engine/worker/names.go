package worker

import "github.com/hatchet-js/hatchet-js-worker/engine/worker/durable"

// The durable side under the names by which runners know it.
type (
	DurableRun          = durable.Run
	Replay              = durable.Replay
	Answer              = durable.Answer
	NonDeterminismError = durable.NonDeterminismError
)
