// Package durable is the worker's side of durable tasks: the conversation with
// the engine over one stream, and the event log of each run, from which a
// handler that starts again gets the answers it already had
// (hatchet-protocol.md section 8).
package durable

import (
	"fmt"

	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// NonDeterminismError says that a handler, run again, asked for something else
// than its log holds (hatchet-protocol.md section 8.3).
type NonDeterminismError struct {
	Step     int // place in the log, from 1
	Was, Now string
}

func (e *NonDeterminismError) Error() string {
	return fmt.Sprintf("NonDeterminism: step %d was %s, now %s", e.Step, e.Was, e.Now)
}

// Run is the event log of one invocation of a durable task, kept so that a
// parked handler replays without asking the engine again.
type Run struct{}

// Begin starts a pass of the handler over the log from its first entry.
// Callbacks of earlier passes are dropped.
func (r *Run) Begin() *Replay { return nil }

// Woken delivers when something was answered since the current pass began to
// wait.
func (r *Run) Woken() <-chan struct{} { return nil }

// Replay is one pass of a handler over the log of its run. Each done is called
// exactly once unless the pass was dropped, from any goroutine and possibly
// before the asking method has returned.
type Replay struct{}

// Memo asks for the value remembered under key. If there is none, exists is
// false and the caller hands its JSON to complete; complete is safe to call from
// any goroutine, also after the pass.
func (p *Replay) Memo(key []byte, done func(exists bool, payload []byte, complete func(payload []byte), err error)) {
}

// WaitFor waits for conditions. label is shown to people; describe names the
// wait in a NonDeterminismError, as in "sleepFor(24h)". The payload is the JSON
// of hatchet-protocol.md section 8.2.
func (p *Replay) WaitFor(conditions []workflow.Condition, label, describe string, done func(payload []byte, err error)) {
}

// Replaying reports whether every operation of the pass so far was answered from
// the log.
func (p *Replay) Replaying() bool { return false }
