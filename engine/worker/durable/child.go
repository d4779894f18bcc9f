package durable

import (
	"fmt"

	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"google.golang.org/protobuf/proto"
)

const (
	// maxChildren and maxChildBytes bound what one request for child runs
	// carries, as for runs that are started otherwise (hatchet-protocol.md
	// section 6.1).
	maxChildren   = 500
	maxChildBytes = 4<<20 - 64<<10
)

// ChildError is the failure of a child run.
type ChildError struct {
	RunID   string
	Message string // as the child's worker reported it, or the engine's own word
}

func (e *ChildError) Error() string { return e.Message }

// Child is a child run as one pass of a handler sees it.
type Child struct {
	RunID  string
	replay *Replay
	entry  *entry
}

// KeepsRuns reports whether the engine keeps child runs in the log, so that
// RunChildren may be called.
func (p *Replay) KeepsRuns() bool { return !p.run.session.engine.Old() }

// RunChildren starts child runs, each an entry of the log, and tells of them in
// the order of requests when the engine has taken all. With an error none of
// them may be relied on. started is called once unless the pass was dropped; took
// is that of [Answer].
func (p *Replay) RunChildren(requests []*v1.TriggerWorkflowRequest, started func(children []*Child, err error, took func())) {
	s := p.run.session
	s.mu.Lock()
	if !p.goesOn() {
		s.mu.Unlock()
		return
	}
	children := make([]*Child, len(requests))
	var fresh []*v1.TriggerWorkflowRequest
	var entries []*entry
	for i, request := range requests {
		e, isNew := p.place(p.childEntry(request))
		children[i] = &Child{replay: p, entry: e}
		if isNew {
			fresh, entries = append(fresh, request), append(entries, e)
		}
	}
	p.run.askChildren(fresh, entries)
	p.awaitStart(children, started)
}

func (p *Replay) childEntry(request *v1.TriggerWorkflowRequest) *entry {
	name := p.run.session.options.Namespace.Strip(request.Name)
	return &entry{kind: kindRun, key: request.Name + "\x00" + request.Input, keyed: request.ChildKey != nil, describe: fmt.Sprintf("run(%q)", name)}
}

// askChildren asks for new child runs, in as few messages as may be.
func (r *Run) askChildren(requests []*v1.TriggerWorkflowRequest, entries []*entry) {
	for len(requests) > 0 {
		n, size := 0, 0
		for n < len(requests) && n < maxChildren && (n == 0 || size+proto.Size(requests[n]) < maxChildBytes) {
			size += proto.Size(requests[n]) + 8
			n++
		}
		chunk := requests[:n]
		r.ask(func() *v1.DurableTaskRequest { return r.runsRequest(chunk) }, entries[:n:n]...)
		requests, entries = requests[n:], entries[n:]
	}
}

func (r *Run) runsRequest(requests []*v1.TriggerWorkflowRequest) *v1.DurableTaskRequest {
	return &v1.DurableTaskRequest{Message: &v1.DurableTaskRequest_TriggerRuns{TriggerRuns: &v1.DurableTaskTriggerRunsRequest{
		InvocationCount: r.key.Invocation, DurableTaskExternalId: r.key.TaskRunID, TriggerOpts: requests}}}
}

// awaitStart tells started of the children when all of them are known. The
// caller holds the lock, which is released.
func (p *Replay) awaitStart(children []*Child, started func([]*Child, error, func())) {
	s := p.run.session
	missing := 0
	arrived := func() {
		s.mu.Lock()
		missing--
		all := missing == 0
		s.mu.Unlock()
		if all {
			p.tellStarted(children, started)
		}
	}
	for _, c := range children {
		if !c.entry.acked && !c.entry.answered {
			missing++
			c.entry.starter = arrived
		}
	}
	none := missing == 0
	s.mu.Unlock()
	if none {
		p.tellStarted(children, started)
	}
}

func (p *Replay) tellStarted(children []*Child, started func([]*Child, error, func())) {
	s := p.run.session
	s.mu.Lock()
	var err error
	for _, c := range children {
		if e := c.entry; e.acked {
			c.RunID = e.runID
		} else if err == nil {
			err = e.err
		}
	}
	s.mu.Unlock()
	took := func() { p.tookStart(children) }
	if err != nil {
		children, took = nil, func() {}
	}
	started(children, err, took)
}

// tookStart notes that the handler of this pass knows that its child runs were
// started. Whether an invocation before did is not told by the engine.
func (p *Replay) tookStart(children []*Child) {
	s := p.run.session
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range children {
		p.live = p.live || !c.entry.begun && !p.unsure
		if !c.entry.begun {
			c.entry.begun, c.entry.begunAt = true, s.options.Clock.Now()
		}
		p.reach(c.entry.begunAt)
	}
}

// Result hands the outcome of a child run to done, once unless the pass was
// dropped: the payload of hatchet-protocol.md section 8.2, or a *ChildError.
func (c *Child) Result(done func(Answer)) {
	p, e := c.replay, c.entry
	s := p.run.session
	tell := func(e *entry) { done(p.answer(e)) }
	s.mu.Lock()
	if !p.goesOn() {
		s.mu.Unlock()
		return
	}
	ready, before := e.answered, e.waiter
	if !ready {
		e.waiter = func(e *entry) {
			if before != nil {
				before(e)
			}
			tell(e)
		}
	}
	s.mu.Unlock()
	if ready {
		tell(e)
	}
}

// runsAck notes which runs a request for child runs started, or found: a child
// with an explicit key may stand for an earlier step.
func (s *Session) runsAck(ack *v1.DurableTaskEventTriggerRunsAckResponse) []func() {
	r := s.runs[Key{ack.DurableTaskExternalId, ack.InvocationCount}]
	if r == nil || r.pending == nil || r.pending.kind() != kindRun {
		return nil
	}
	entries := r.pending.entries
	if r.repeats(entries, ack.RunEntries) {
		return nil
	}
	r.pending = nil
	var calls []func()
	for i, e := range entries {
		if i >= len(ack.RunEntries) {
			calls = append(calls, r.answer(e, nil, fmt.Errorf("the engine answered with %d runs for %d", len(ack.RunEntries), len(entries)))...)
			continue
		}
		calls = append(calls, r.childStarted(e, ack.RunEntries[i])...)
	}
	r.askNext()
	return calls
}

// repeats reports whether an ack is that of an earlier request: its nodes are
// known, and not by the key of a child.
func (r *Run) repeats(entries []*entry, at []*v1.DurableTaskRunAckEntry) bool {
	for i := range min(len(entries), len(at)) {
		if !entries[i].keyed && r.byNode[node{at[i].BranchId, at[i].NodeId}] != nil {
			return true
		}
	}
	return false
}

func (r *Run) childStarted(e *entry, at *v1.DurableTaskRunAckEntry) []func() {
	e.runID = at.WorkflowRunExternalId
	where := node{at.BranchId, at.NodeId}
	if first := r.byNode[where]; first != nil {
		e.acked, e.ackedAt, e.node = true, r.session.options.Clock.Now(), where
		r.recall(e)
		calls := e.started()
		if first.answered {
			return append(calls, r.answer(e, first.payload, first.err)...)
		}
		first.twins = append(first.twins, e)
		return calls
	}
	r.locate(e, where)
	calls := append(e.started(), r.completeEarly(e)...)
	return append(calls, r.await(e)...)
}

// failure is what an entry fails with.
func (e *entry) failure(message string) error {
	if e.kind == kindRun {
		return &ChildError{RunID: e.runID, Message: message}
	}
	return fmt.Errorf("%s", message)
}
