package hatchet_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// eventLog is the log of a durable task over all passes. A wait is answered when
// its answer is in answers, by the wait's description; otherwise it stays open.
type eventLog struct {
	mu      sync.Mutex
	entries []entry
	answers map[string]string
	asked   []string
	fail    error
	old     bool // it keeps no child runs
	passes  int  // begun
}

type entry struct {
	describe string
	payload  []byte
	done     bool
	told     bool // some pass of this invocation has had the answer
	before   bool // the log had the answer before this invocation asked
}

// pass is one pass of a handler over the log.
type pass struct {
	log   *eventLog
	step  int
	old   int  // entries that were answered before the pass
	again bool // it is not the first pass
	live  bool // the pass got an answer that no other had

	behind time.Duration // until it is live

	unsure  bool         // it is not known whether an invocation before came as far
	asking  atomic.Int32 // how often the engine has not taken everything
	lingers func()       // the run may keep its VM for a while; called when that is over
}

func (l *eventLog) begin() *pass {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := &pass{log: l, again: l.passes > 0}
	l.passes++
	for _, e := range l.entries {
		if e.done {
			p.old++
		}
	}
	return p
}

func (p *pass) next(describe string) (*entry, int, error) {
	p.step++
	if p.step <= len(p.log.entries) {
		e := &p.log.entries[p.step-1]
		if e.describe != describe {
			return nil, 0, &hatchet.NonDeterminismError{Step: p.step, Was: e.describe, Now: describe}
		}
		return e, p.step - 1, nil
	}
	p.log.entries = append(p.log.entries, entry{describe: describe})
	return &p.log.entries[p.step-1], p.step - 1, p.log.fail
}

func (p *pass) Memo(key []byte, done func(hatchet.Answer)) {
	p.log.mu.Lock()
	defer p.log.mu.Unlock()
	describe := "memo " + string(key)
	e, at, err := p.next(describe)
	switch {
	case err != nil:
		go done(hatchet.Answer{Err: err, Took: func() {}})
	case e.done:
		done(p.answer(at)) // answers from the log may come at once
	default:
		complete := func(payload []byte) {
			p.log.mu.Lock()
			defer p.log.mu.Unlock()
			p.log.entries[at] = entry{describe: describe, payload: payload, done: true, told: true}
		}
		took := func() {
			p.log.mu.Lock()
			defer p.log.mu.Unlock()
			p.live = true
		}
		go done(hatchet.Answer{Complete: complete, Took: took})
	}
}

func (p *pass) WaitFor(conditions []workflow.Condition, label, describe string, done func(hatchet.Answer)) {
	p.log.mu.Lock()
	defer p.log.mu.Unlock()
	repeated := p.step < len(p.log.entries)
	if label != "" && !repeated {
		p.log.asked = append(p.log.asked, "label "+label)
	}
	for _, c := range conditions {
		if repeated {
			break
		}
		p.log.asked = append(p.log.asked, strings.TrimSpace(fmt.Sprintf("%s %s %v %s %s %s", c.Kind, c.EventKey, c.SleepFor, c.Expression, c.Scope, c.Group)))
		if c.Since != nil {
			p.log.asked = append(p.log.asked, "since "+c.Since.UTC().Format(time.RFC3339))
		}
	}
	e, at, err := p.next(describe)
	if err != nil {
		done(hatchet.Answer{Err: err, Took: func() {}})
		return
	}
	known := e.done
	if answer, ok := p.log.answers[describe]; ok && !e.done {
		e.payload, e.done = []byte(answer), true
	}
	switch {
	case known:
		done(p.answer(at))
	case e.done:
		go done(p.answer(at)) // it may come before the pass parks
	}
}

// answer is what the handler is told of an entry.
func (p *pass) answer(at int) hatchet.Answer {
	e := p.log.entries[at]
	return hatchet.Answer{Payload: e.payload, Exists: true, Took: func() {
		p.log.mu.Lock()
		defer p.log.mu.Unlock()
		e := &p.log.entries[at]
		switch {
		case e.told:
		case e.before:
			p.unsure = true
		default:
			p.live = true
		}
		e.told = true
	}}
}

// RunChildren starts runs whose ids are child-<step> and whose outcome is that
// of the answer to run(<workflow>) <input>, an error if it begins with "!".
func (p *pass) RunChildren(requests []hatchet.RunRequest, started func([]hatchet.DurableChild, error, func())) {
	p.log.mu.Lock()
	defer p.log.mu.Unlock()
	children := make([]hatchet.DurableChild, len(requests))
	for i, request := range requests {
		describe := fmt.Sprintf("run(%s) %s", request.Workflow, request.Input)
		if p.step >= len(p.log.entries) {
			p.log.asked = append(p.log.asked, fmt.Sprintf("%s #%d of %d", describe, request.Parent.ChildIndex, len(requests)))
		}
		_, at, err := p.next(describe)
		if err != nil {
			go started(nil, err, func() {})
			return
		}
		children[i] = hatchet.DurableChild{RunID: fmt.Sprintf("child-%d", at+1), Result: func(done func(hatchet.Answer)) { p.result(at, describe, done) }}
	}
	go started(children, nil, func() {})
}

func (p *pass) result(at int, describe string, done func(hatchet.Answer)) {
	p.log.mu.Lock()
	defer p.log.mu.Unlock()
	e := &p.log.entries[at]
	known := e.done
	if answer, ok := p.log.answers[describe]; ok && !e.done {
		e.payload, e.done = []byte(answer), true
	}
	if !e.done {
		return
	}
	a := p.answer(at)
	if message, failed := strings.CutPrefix(string(a.Payload), "!"); failed {
		a.Payload, a.Err = nil, hatchet.ChildFailed(fmt.Sprintf("child-%d", at+1), message)
	}
	if known {
		done(a)
	} else {
		go done(a)
	}
}

func (p *pass) Linger() (func(), bool) {
	if p.lingers != nil {
		return p.lingers, true
	}
	return func() {}, p.unsure
}

func (p *pass) KeepsRuns() bool { return !p.log.old }

func (p *pass) Asking() bool { return p.asking.Add(-1) >= 0 }

func (p *pass) Replaying() bool { return (p.again || p.unsure) && !p.live }

func (p *pass) Unsure() bool { return p.unsure && !p.live }

func (p *pass) CatchingUp() bool { return p.Unsure() }

func (p *pass) Behind() time.Duration {
	if p.live {
		return 0
	}
	return p.behind
}
