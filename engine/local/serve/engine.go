// Package serve is the wire face of the embedded engine: the gRPC services of
// hatchet-protocol.md section 2.1 and the part of the REST interface that
// workers and command lines need. It checks and translates requests to
// commands of the core, translates what comes back, and does nothing more.
package serve

import (
	"context"
	"errors"

	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
)

// ErrStopped answers requests that reach an engine which has ended.
var ErrStopped = errors.New("the engine has stopped")

// Engine is what the faces need of the engine behind them. Its methods are safe
// for concurrent use. A refusal by the core is a *core.Error.
type Engine interface {
	// Do applies cmd and returns the Value of its reply, once the command is in
	// the journal.
	Do(ctx context.Context, cmd core.Command) (any, error)
	// View calls f with the state and waits for it. f must not keep the core
	// and must be quick.
	View(ctx context.Context, f func(*core.Core)) error
	// Actions connects a worker and returns its stream, whose items are
	// core.Assign, core.AssignBatch and core.CancelAction.
	Actions(ctx context.Context, cmd core.WorkerConnected) (Stream[core.Effect], error)
	// Unsubscribe ends the streams of a worker.
	Unsubscribe(ctx context.Context, cmd core.Unsubscribe) error
	// Durable connects a DurableTask stream.
	Durable(ctx context.Context, cmd core.DurableConnected) (Stream[core.DurableMessage], error)
	// Results opens a subscription to results of runs; it has none at first.
	Results(ctx context.Context) (ResultStream, error)
	// Signals opens a subscription to signals of tasks; it has none at first.
	Signals(ctx context.Context) (SignalStream, error)
	// Events opens a subscription to what happens inside runs.
	Events(ctx context.Context, selection EventSelection) (Stream[core.TaskEvent], error)
}

// Stream delivers items to one reader.
type Stream[T any] interface {
	// Next waits for an item. It returns io.EOF when the engine has ended the
	// stream in good order, another error when it had to give it up, and the
	// cause of ctx when that is done.
	Next(ctx context.Context) (T, error)
	// Close ends the stream from the reader's side, once, giving back what was
	// taken and could not be passed on.
	Close(unsent ...T)
}

// ResultStream delivers results of runs that were asked for.
type ResultStream interface {
	Stream[core.RunResult]
	// Add asks for the result of one more run. Each run is answered once, when
	// it is final; an unknown one never.
	Add(ctx context.Context, runID string) error
}

// SignalStream delivers signals that were asked for.
type SignalStream interface {
	Stream[core.SignalMet]
	// Add asks for one more signal. Each is answered once, when it is met; an
	// unknown one never.
	Add(ctx context.Context, key SignalKey) error
}

// SignalKey names a signal of a task.
type SignalKey struct{ TaskID, Key string }

// EventSelection says which runs an event subscription is about: RunID, or all
// with the metadata entry MetaKey: MetaValue.
type EventSelection struct {
	RunID              string
	MetaKey, MetaValue string
}
