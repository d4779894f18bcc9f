package workflow

import (
	"fmt"
	"time"

	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"google.golang.org/protobuf/proto"
)

// Limits of a Batch (hatchet-protocol.md section 5.3).
const (
	MaxBatchSize     = 100_000
	MaxBatchInterval = 24 * time.Hour
	MaxBatchRuns     = 10_000
)

// Batch makes one call of the handler do the work of many runs
// (hatchet-protocol.md sections 4.2 and 9.9).
type Batch struct {
	MaxSize     int           // 1 to MaxBatchSize
	MaxInterval time.Duration // whole milliseconds up to MaxBatchInterval; 0 = 1 s
	GroupKey    string        // CEL; "" = all runs are of one group
	// GroupMaxRuns bounds the batches of one group that go on at once, up to
	// MaxBatchRuns; 0 = 100.
	GroupMaxRuns int
	// BroadcastOutput gives every run what the handler returns.
	BroadcastOutput bool
	SaidBroadcast   bool // BroadcastOutput was given, if only as false
}

// problem says what is wrong with the batching of a task; "" is nothing.
func (b *Batch) problem(t *Task) string {
	switch {
	case b == nil:
		return ""
	case b.MaxSize < 1 || b.MaxSize > MaxBatchSize:
		return fmt.Sprintf("maxSize %d: must be between 1 and %d", b.MaxSize, MaxBatchSize)
	case b.MaxInterval != 0 && (b.MaxInterval < time.Millisecond || b.MaxInterval > MaxBatchInterval):
		return fmt.Sprintf("maxInterval %s: must be between 1ms and 24h", b.MaxInterval)
	case b.GroupMaxRuns < 0 || b.GroupMaxRuns > MaxBatchRuns:
		return fmt.Sprintf("groupMaxRuns %d: must be between 1 and %d", b.GroupMaxRuns, MaxBatchRuns)
	case t.Durable:
		return "a durable task cannot be a batch task"
	case t.Retries > 0:
		return "a batch task has no retries: a handler that fails fails all runs of the batch; try again inside of it"
	case t.SkipFunction:
		return "a batch task has no skipIf function: the handler serves many runs at once; use conditions, or skip inside of it"
	}
	return ""
}

func (b *Batch) wire(verbatim bool) *v1.TaskBatchConfig {
	if b == nil {
		return nil
	}
	config := &v1.TaskBatchConfig{
		BatchMaxSize:       int32(b.MaxSize),
		BatchMaxIntervalMs: optional(int32(b.MaxInterval.Milliseconds())),
		BatchGroupKey:      optional(b.GroupKey),
		BatchGroupMaxRuns:  optional(int32(b.GroupMaxRuns)),
	}
	if b.BroadcastOutput || verbatim && b.SaidBroadcast {
		config.BroadcastOutput = proto.Bool(b.BroadcastOutput)
	}
	return config
}
