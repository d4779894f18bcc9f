package worker

import (
	"context"
	"log/slog"
	"maps"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// Defaults of Options. The slots are those of Hatchet's own SDKs
// (hatchet-protocol.md section 3.3).
const (
	DefaultName         = "hatchet-js-worker"
	DefaultSlots        = 100
	DefaultDurableSlots = 1000
	DefaultDrain        = 30 * time.Second
	DefaultLastWords    = 5 * time.Second
	DefaultEvictAfter   = 5 * time.Second
	DefaultGrace        = 2 * time.Second
	// DefaultHeartbeat is what engines expect: one silent for 5 s gets no work
	// (hatchet-protocol.md section 3.5).
	DefaultHeartbeat = 4 * time.Second
)

// Label is the value of a worker label: text, or a number if Number is set.
type Label struct {
	Text   string
	Number *int32
}

// Options of a worker. The zero value of each field has a meaning.
type Options struct {
	Name         string         // shown by Hatchet, need not be unique; "" = DefaultName
	Slots        int            // units of the default slot type; 0 = DefaultSlots
	DurableSlots int            // units of the durable slot type; 0 = DefaultDurableSlots
	CustomSlots  map[string]int // units of the user's own slot types
	Labels       map[string]Label
	Namespace    workflow.Namespace

	// Version of the program, told at registration; "" = "dev".
	Version string

	Clock    clock.Clock  // nil = the real one
	Logger   *slog.Logger // nil = none
	Observer Observer     // nil = none

	// Drain is how long what runs may go on after Run's context ended; 0 =
	// DefaultDrain, negative = not at all.
	Drain time.Duration
	// LastWords is how long results may still be sent after the drain deadline;
	// 0 = DefaultLastWords.
	LastWords time.Duration
	// EvictAfter is how long a durable attempt waits here before it is given
	// back to the engine, if its task has no policy of its own; 0 =
	// DefaultEvictAfter. Never longer than half of what is left of its execution
	// timeout.
	EvictAfter time.Duration

	// Rand returns numbers in [0, 1), by which attempts to reach the engine are spread,
	// and is safe for concurrent use; nil = a random source.
	Rand func() float64
	// Grace is how long a handler has to return after its context ended with a
	// timeout, before the timeout is reported without it; 0 = DefaultGrace.
	Grace time.Duration
	// Unfinished reports whether the engine has runs of one of the workflows that
	// are not over. As long as it has, tasks that a new generation does not have
	// any more stay served for them. Nil, or three errors in a row, count as none.
	Unfinished func(ctx context.Context, workflows []string) (bool, error)
	// Heartbeat is the time between two heartbeats; 0 = DefaultHeartbeat. Longer
	// only where the engine is known to be patient, as in tests on virtual time.
	Heartbeat time.Duration
	// TellsAll says that the engine tells durable tasks of all child runs, as the
	// embedded one does. Others never tell of one whose output is no object, so
	// that those that are awaited for long are looked at (hatchet-protocol.md
	// section 9.2).
	TellsAll bool
}

func (o Options) withDefaults() Options {
	o.Name = or(o.Name, DefaultName)
	o.Version = or(o.Version, "dev")
	o.Slots = or(o.Slots, DefaultSlots)
	o.DurableSlots = or(o.DurableSlots, DefaultDurableSlots)
	o.Drain = or(o.Drain, DefaultDrain)
	o.LastWords = or(o.LastWords, DefaultLastWords)
	o.EvictAfter = or(o.EvictAfter, DefaultEvictAfter)
	o.Grace = or(o.Grace, DefaultGrace)
	o.Heartbeat = or(o.Heartbeat, DefaultHeartbeat)
	if o.Clock == nil {
		o.Clock = clock.Real()
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Observer == nil {
		o.Observer = nobody{}
	}
	return o
}

// capacity is the units of every slot type the worker has.
func (o Options) capacity() map[string]int {
	total := map[string]int{workflow.SlotDefault: o.Slots, workflow.SlotDurable: o.DurableSlots}
	maps.Copy(total, o.CustomSlots)
	return total
}

// or is value, or fallback for the zero value.
func or[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}

type nobody struct{}

func (nobody) WorkerChanged(Status)             {}
func (nobody) TaskStarted(*Assignment)          {}
func (nobody) TaskParked(*Assignment)           {}
func (nobody) TaskFinished(*Assignment, Finish) {}
