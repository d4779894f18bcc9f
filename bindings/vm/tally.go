package vm

import (
	"errors"
	"sync/atomic"
)

// Tally counts what becomes of VMs. One Tally serves any number of them. The
// zero value is ready. Safe for concurrent use.
type Tally struct {
	// Built counts the VMs made.
	Built atomic.Int64
	// Interrupted counts the runs whose code was ended by an interrupt. A run
	// that only waited is none, nor is one that had to be abandoned, see
	// [Orphans].
	Interrupted atomic.Int64
}

func (t *Tally) made() {
	if t != nil {
		t.Built.Add(1)
	}
}

func (t *Tally) ended(err error) {
	var stopped *InterruptError
	if t != nil && errors.As(err, &stopped) && !stopped.Waiting {
		t.Interrupted.Add(1)
	}
}
