package permit

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"
)

// Audit writes one line of JSON for each decision. It is safe for concurrent
// use.
type Audit struct {
	mu  sync.Mutex
	out io.Writer
	err error
}

// NewAudit writes to out.
func NewAudit(out io.Writer) *Audit { return &Audit{out: out} }

// Record is one line of the audit log.
type Record struct {
	Time     string `json:"ts"`       // RFC 3339
	Decision string `json:"decision"` // "allowed" or "denied"
	Kind     Kind   `json:"kind"`
	Target   string `json:"target"`
	Reason   string `json:"reason,omitempty"` // why it was denied
	Workflow string `json:"workflow,omitempty"`
	Task     string `json:"task,omitempty"`
	Run      string `json:"run,omitempty"`
	Place    string `json:"at,omitempty"` // file:line
}

func (a *Audit) write(record Record) error {
	line, err := json.Marshal(record)
	if err != nil { // strings always can be encoded
		return err
	}
	return a.writeLine(append(line, '\n'))
}

// writeLine writes a line, unless one could not be written before.
func (a *Audit) writeLine(line []byte) (err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.err == nil {
		_, err = a.out.Write(line)
	}
	if err != nil && a.err == nil {
		a.err = fmt.Errorf("write the audit log: %w", err)
	}
	return a.err
}

// audit records a decision. What cannot be recorded must not happen: after the
// first failure to write, each access fails with it.
func (r *Run) audit(ctx context.Context, kind Kind, target string, refused *NotCapableError) error {
	a := r.door.opts.Audit
	if a == nil {
		return nil
	}
	record := Record{
		Time: r.door.opts.Clock.Now().UTC().Format(time.RFC3339Nano), Decision: "allowed", Kind: kind, Target: r.Redact(target),
		Workflow: r.task.Workflow, Task: r.task.Task, Run: r.task.Run, Place: PlaceOf(ctx).String(),
	}
	if refused != nil {
		record.Decision, record.Reason = "denied", r.Redact(refused.Error())
	}
	return a.write(record)
}
