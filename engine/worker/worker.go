// Package worker serves workflows to a Hatchet engine: it registers them and
// itself, listens for assignments, runs them through a [Runner], and reports
// what became of them until the engine has accepted it. It comes back by itself
// from broken streams, rejected heartbeats and restarted engines, takes new
// generations of the code while it runs, and drains on its way out
// (hatchet-protocol.md sections 3 and 8).
package worker

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
	"google.golang.org/grpc"
)

// Label is the value of a worker label: text, or a number if Number is set.
type Label struct {
	Text   string
	Number *int32
}

// Options of a worker. The zero value of each field has a meaning.
type Options struct {
	Name         string         // shown by Hatchet, need not be unique; "" = "hatchet-js-worker"
	Slots        int            // units of the default slot type; 0 = 100
	DurableSlots int            // units of the durable slot type; 0 = 1000
	CustomSlots  map[string]int // units of the user's own slot types
	Labels       map[string]Label
	Namespace    workflow.Namespace

	// Version of the program, reported at registration; "" = "dev".
	Version string

	Clock    clock.Clock  // nil = the real one
	Logger   *slog.Logger // nil = none
	Observer Observer     // nil = none

	// Drain is how long what runs may go on after Run's context ended; 0 = 30 s,
	// negative = not at all.
	Drain time.Duration
	// EvictAfter is how long a durable attempt waits here before it is given
	// back to the engine; 0 = 5 s. Never longer than half of what is left of its
	// execution timeout.
	EvictAfter time.Duration
	// Grace is how long a handler has to return after its context ended with a
	// timeout, before the timeout is reported without it; 0 = 2 s.
	Grace time.Duration
}

// Worker serves generations of workflows to one engine.
type Worker struct{}

// New returns a worker that talks to the engine through conn, which it does not
// close. Nothing happens before Run.
func New(conn grpc.ClientConnInterface, options Options) *Worker { return &Worker{} }

var errNotYet = errors.New("worker: not built yet")

// Run serves until ctx ends, then drains: it takes no more work, finishes what
// runs for up to Options.Drain, reports every result and leaves. It returns nil
// when everything was finished and reported, ErrDrainDeadline when work was
// abandoned, ErrAborted after Abort, and the engine's refusal when the very
// first registration is not authorised. It may be called once.
func (w *Worker) Run(ctx context.Context) error { return errNotYet }

// Serve hands over a new generation and returns when it is in force: its changed
// workflows are registered and, if the set of actions or slot types changed, a
// new registration has taken over from the one before. It keeps trying while the
// engine cannot be reached. A later Serve ends an earlier one with ErrSuperseded.
// Before Run it waits for Run. A *RefusedError means that the rest is in force.
func (w *Worker) Serve(ctx context.Context, g Generation) error { return errNotYet }

// Abort ends Run at once: attempts are interrupted and nothing more is reported.
func (w *Worker) Abort() {}

// Status tells what the worker is doing.
func (w *Worker) Status() Status { return Status{} }

// Log hands one line of the attempt's log over for delivery, in order and before
// the attempt is reported (hatchet-protocol.md section 7.3). It never blocks.
// level is DEBUG, INFO, WARN or ERROR, others count as INFO; fields is a JSON
// object or nil. Lines longer than 10,000 characters are split.
func (a *Assignment) Log(level, message string, fields []byte, at time.Time) {}

// RefreshTimeout adds d to the execution deadline, here and in the engine, and
// returns the new deadline (hatchet-protocol.md section 3.8).
func (a *Assignment) RefreshTimeout(ctx context.Context, d time.Duration) (time.Time, error) {
	return time.Time{}, errNotYet
}

// ReleaseSlot gives the attempt's slots back while it goes on
// (hatchet-protocol.md section 3.8).
func (a *Assignment) ReleaseSlot(ctx context.Context) error { return errNotYet }

// Cancel asks the engine to cancel this task; the cancellation then arrives as
// the end of the attempt's context.
func (a *Assignment) Cancel(ctx context.Context) error { return errNotYet }

// WorkerID is the id under which this attempt was assigned; "" without a worker.
func (a *Assignment) WorkerID() string { return "" }

type attempt struct{}
