package hatchet

import (
	"sync"

	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// heldLog keeps what a durable task writes to its log, and to its stream, while
// it is unsure whether an invocation before wrote it too: it did if the next
// operation is answered from the event log as well. Otherwise what is held is
// written, at the latest when the pass ends. A nil heldLog holds nothing.
type heldLog struct {
	Durable
	mu      sync.Mutex
	lines   []heldLine // not written yet
	dropped int        // lines that were written by an invocation before
	over    bool
}

// heldLine is one thing that is either written or, since an invocation before
// wrote it, dropped. drop may be nil.
type heldLine struct{ write, drop func() }

// holdLog has u hold its log while it is unsure.
func (u *run) holdLog() {
	if u.inv.Durable == nil {
		return
	}
	u.held = &heldLog{Durable: u.inv.Durable}
	inv := *u.inv
	inv.Durable = u.held
	u.inv = &inv
}

func (h *heldLog) Memo(key []byte, done func(Answer)) { h.Durable.Memo(key, h.answering(done)) }

func (h *heldLog) WaitFor(conditions []workflow.Condition, label, describe string, done func(Answer)) {
	h.Durable.WaitFor(conditions, label, describe, h.answering(done))
}

func (h *heldLog) answering(done func(Answer)) func(Answer) { return h.deciding(h.written(), done) }

// deciding decides about the first lines of the pass, which came before an
// operation, when the script takes the answer to that.
func (h *heldLog) deciding(asked int, done func(Answer)) func(Answer) {
	return func(a Answer) {
		took := a.Took
		a.Took = func() {
			took()
			h.answered(asked)
		}
		done(a)
	}
}

// RunChildren tells nothing of whether the children were started before: what
// they gave does.
func (h *heldLog) RunChildren(requests []RunRequest, started func([]DurableChild, error, func())) {
	asked := h.written()
	h.Durable.RunChildren(requests, func(children []DurableChild, err error, took func()) {
		for i := range children {
			result := children[i].Result
			children[i].Result = func(done func(Answer)) { result(h.deciding(asked, done)) }
		}
		started(children, err, took)
	})
}

// Replaying is false once the pass is over: nothing is held any more.
func (h *heldLog) Replaying() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return !h.over && h.Durable.Replaying()
}

// written counts the lines of the pass.
func (h *heldLog) written() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.dropped + len(h.lines)
}

// answered drops the first lines of the pass, which came before an operation
// that was answered, if the answer is from the event log.
func (h *heldLog) answered(lines int) {
	if !h.Replaying() {
		h.release()
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if old := lines - h.dropped; old > 0 {
		for _, line := range h.lines[:old] {
			if line.drop != nil {
				line.drop()
			}
		}
		h.lines, h.dropped = h.lines[old:], lines
	}
}

func (h *heldLog) hold(line heldLine) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lines = append(h.lines, line)
}

// release writes what is held.
func (h *heldLog) release() {
	if h == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, line := range h.lines {
		line.write()
	}
	h.dropped += len(h.lines)
	h.lines = nil
}

// finish ends the holding with the pass.
func (h *heldLog) finish() {
	if h == nil {
		return
	}
	h.release()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.over = true
}
