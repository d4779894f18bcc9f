package worker

import (
	"time"
)

// State is what a worker is doing.
type State string

const (
	// StateStarting: no generation was handed over yet.
	StateStarting State = "starting"
	// StateRegistering: workflows or the worker itself are being registered.
	StateRegistering State = "registering"
	// StateConnected: the engine sends work and accepts heartbeats.
	StateConnected State = "connected"
	// StateReconnecting: the stream broke or the engine does not answer; the
	// worker keeps trying. Detail says what is wrong.
	StateReconnecting State = "reconnecting"
	// StateDraining: no more work is taken, what runs is being finished.
	StateDraining State = "draining"
	// StateStopped: Run has returned.
	StateStopped State = "stopped"
)

// Status is a snapshot of a worker.
type Status struct {
	State    State
	Detail   string    // what is wrong or awaited, for people; "" if nothing
	Since    time.Time // when State or Detail changed
	Name     string
	WorkerID string // "" until registered

	EngineVersion string    // "" = unknown
	LastHeartbeat time.Time // last one the engine accepted
	Generation    int       // generations taken so far
	Reconnects    int       // times a stream that had broken worked again
	// NoHeartbeats: the engine has no such call, so LastHeartbeat grows old.
	NoHeartbeats bool

	Slots     map[string]SlotUse // by slot type
	Running   int                // attempts in their handler
	Queued    int                // assigned, waiting for a free slot here
	Parked    int                // durable attempts that wait and hold no VM
	Reporting int                // results the engine has not accepted yet
}

// SlotUse is the state of one slot type.
type SlotUse struct{ Used, Total int }

// Outcome is how an attempt ended here.
type Outcome string

const (
	OutcomeCompleted Outcome = "completed"
	OutcomeFailed    Outcome = "failed"
	OutcomeTimedOut  Outcome = "timed out"
	OutcomeCancelled Outcome = "cancelled"
	OutcomeEvicted   Outcome = "evicted"   // durable, waits on in the engine
	OutcomeReplaced  Outcome = "replaced"  // by a later attempt
	OutcomeAbandoned Outcome = "abandoned" // at the end of a drain or by Abort
)

// Finish is the end of an attempt.
type Finish struct {
	Outcome Outcome
	Took    time.Duration // since the handler began
	Err     error         // of a failed or timed out attempt, or [MemberErrors]
	Output  []byte        // of a completed one; not to be changed
}

// Observer is told what happens in a worker, in the goroutine in which it
// happens: it must be quick and safe for concurrent use.
type Observer interface {
	// WorkerChanged is called when the state or its detail changed.
	WorkerChanged(Status)
	// TaskStarted is called when the handler of an attempt begins.
	TaskStarted(*Assignment)
	// TaskParked is called when a durable attempt begins to wait. It goes on
	// with TaskStarted or ends with TaskFinished.
	TaskParked(*Assignment)
	// TaskFinished is called when an attempt ended, before it is reported. It is
	// the last call about that attempt.
	TaskFinished(*Assignment, Finish)
}
