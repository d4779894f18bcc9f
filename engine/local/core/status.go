package core

// Status is the state of a task or of a run (hatchet-protocol.md sections 6.6
// and 9.1).
type Status string

// The states. A task that was skipped is COMPLETED with the output
// {"skipped":true}; an evicted durable task is RUNNING.
const (
	Queued    Status = "QUEUED"
	Running   Status = "RUNNING"
	Completed Status = "COMPLETED"
	Failed    Status = "FAILED"
	Cancelled Status = "CANCELLED"
)

// Final says whether s is a state that ends a task or run.
func (s Status) Final() bool {
	return s == Completed || s == Failed || s == Cancelled
}
