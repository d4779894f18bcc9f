package isolate

import (
	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
)

// order does one thing of which the place among others counts.
func (v *visit) order(f frame) {
	log := v.inv.Durable
	switch c := f.Body.(type) {
	case line:
		if v.inv.Host != nil {
			v.inv.Host.Log(c.Level, c.Message, c.Fields)
		}
		return
	case completed:
		if complete := v.completeOf(f.ID); complete != nil {
			complete(c.Value)
		}
		return
	case released:
		v.release(f.ID)
		return
	}
	if log == nil { // the child is mistaken
		v.process.answer(f, nil, nil)
		return
	}
	v.process.answer(f, v.operate(f), nil)
}

// operate does something with the event log. What the log answers at once the
// child has before this returns.
func (v *visit) operate(f frame) any {
	log := v.inv.Durable
	switch c := f.Body.(type) {
	case callAsking:
		return log.Asking()
	case callLinger:
		return v.linger(f.ID)
	case callTook:
		v.took(c.Of)
		return v.state()
	case memo:
		log.Memo(c.Key, func(a hatchet.Answer) { v.tell(f.ID, a) })
	case wait:
		log.WaitFor(c.Conditions, c.Label, c.Describe, func(a hatchet.Answer) { v.tell(f.ID, a) })
	case spawn:
		v.spawn(f.ID, c)
	case follow:
		v.follow(f.ID, c)
	}
	return nil
}

func (v *visit) completeOf(id uint64) func([]byte) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.completes[id]
}

// spawn starts child runs through the event log.
func (v *visit) spawn(id uint64, c spawn) {
	requests, err := restoreRequests(c.Requests)
	if err != nil {
		v.send(id, told{Err: failureOf(err)})
		return
	}
	v.inv.Durable.RunChildren(requests, func(children []hatchet.DurableChild, err error, took func()) {
		runIDs := make([]string, len(children))
		for i, child := range children {
			runIDs[i] = child.RunID
		}
		v.mu.Lock()
		v.children[id], v.tooks[id] = children, took
		v.mu.Unlock()
		v.send(id, told{RunIDs: runIDs, Err: failureOf(err)})
	})
}

// follow waits for the end of one of them.
func (v *visit) follow(id uint64, c follow) {
	v.mu.Lock()
	children := v.children[c.Of]
	v.mu.Unlock()
	if c.Index < len(children) {
		children[c.Index].Result(func(a hatchet.Answer) { v.tell(id, a) })
	}
}

func (v *visit) linger(token uint64) bool {
	release, ok := v.inv.Durable.Linger()
	if ok {
		v.mu.Lock()
		v.lingers[token] = release
		v.mu.Unlock()
	}
	return ok
}

func (v *visit) release(token uint64) {
	v.mu.Lock()
	release := v.lingers[token]
	delete(v.lingers, token)
	v.mu.Unlock()
	if release != nil {
		release()
	}
}

// tell passes on an answer of the event log. Whether the child gets it before the
// run comes to rest the log knows by what the child says it took.
func (v *visit) tell(id uint64, a hatchet.Answer) {
	v.mu.Lock()
	v.tooks[id], v.completes[id] = a.Took, a.Complete
	v.mu.Unlock()
	v.send(id, told{Exists: a.Exists, Completes: a.Complete != nil, Payload: a.Payload, Err: failureOf(a.Err)})
}

func (v *visit) send(id uint64, body told) {
	_ = v.process.link.send(frame{Run: v.id, ID: id, Body: body}) // or it is gone
}

func (v *visit) took(id uint64) {
	v.mu.Lock()
	took := v.tooks[id]
	v.mu.Unlock()
	if took != nil {
		took()
	}
}

// state is what the child needs to know of the event log.
func (v *visit) state() durableState {
	log := v.inv.Durable
	return durableState{
		Replaying: log.Replaying(), Unsure: log.Unsure(), CatchingUp: log.CatchingUp(), KeepsRuns: log.KeepsRuns(), Behind: log.Behind(),
	}
}
