package vm

import (
	"fmt"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
)

// CPULimitError is the cause of the [InterruptError] of a run that has held its
// VM for too long.
type CPULimitError struct {
	// Name is the name of the call.
	Name string
	// Limit is [Options.MaxCPU].
	Limit time.Duration
	// Advice is [Options.CPUAdvice].
	Advice string
}

// ErrorName is the name of the limit, as in "CpuLimitExceeded".
func (e *CPULimitError) ErrorName() string { return "CpuLimitExceeded" }

// NonRetryable says that trying again is of no use.
func (e *CPULimitError) NonRetryable() bool { return true }

func (e *CPULimitError) Error() string {
	text := fmt.Sprintf("%s used more than %s of CPU time; a loop that appends to a text, or never ends, does that", e.Name, e.Limit)
	if e.Advice != "" {
		text += "; " + e.Advice
	}
	return text
}

// cpu measures how long a run holds its VM. It belongs to the VM's goroutine.
type cpu struct {
	left  time.Duration
	depth int // of tries within tries
	begun time.Time
	timer clock.Timer
}

// enter begins to count; leave ends it.
func (r *run) enter() {
	if r.cpu.depth++; r.vm.opts.MaxCPU == 0 || r.cpu.depth > 1 {
		return
	}
	r.cpu.begun = r.vm.opts.Watchdog.Now()
	r.cpu.timer = r.vm.opts.Watchdog.AfterFunc(max(0, r.cpu.left), func() {
		r.exceed(&CPULimitError{Name: r.call.Name, Limit: r.vm.opts.MaxCPU, Advice: r.vm.opts.CPUAdvice})
	})
}

func (r *run) exit() {
	if r.cpu.depth--; r.vm.opts.MaxCPU == 0 || r.cpu.depth > 0 {
		return
	}
	r.cpu.timer.Stop()
	r.cpu.left -= clock.Since(r.vm.opts.Watchdog, r.cpu.begun)
}
