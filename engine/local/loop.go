package local

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
	"github.com/hatchet-js/hatchet-js-worker/engine/local/serve"
)

// maxBatch bounds how many requests share one transaction, and with it how
// long the first of them waits for the others.
const maxBatch = 1024

// request is one message to the loop: a command, or a look at the state.
type request struct {
	cmd    core.Command
	record []byte           // cmd for the journal; nil = not encoded yet
	view   func(*core.Core) // instead of cmd
	// attach is called on the loop once cmd was accepted and journaled, before
	// its effects are delivered: streams come and go here.
	attach func(*hub)
	reply  chan response // capacity 1; nil = nobody waits
}

type response struct {
	value any
	err   error
}

// applied is a request whose command was applied and whose effects wait for
// the journal.
type applied struct {
	request
	at      time.Time
	effects []core.Effect
}

// loop owns the core: everything that reads or changes the state happens on the
// goroutine of run. It takes what has queued up, applies it, writes it to the
// journal in one transaction and only then lets effects and replies out.
type loop struct {
	clock   clock.Clock
	log     *slog.Logger
	core    *core.Core
	journal *journal // nil = ephemeral
	hub     *hub
	observe *observation

	inbox   chan request
	stopped chan struct{} // closed when run has returned

	timer   clock.Timer
	pending []core.Command // of the loop's own, for the next batch
	batch   []request      // from outside; reused from batch to batch
	done    []applied      // reused
}

func newLoop(c clock.Clock, log *slog.Logger, observe func(Event)) *loop {
	return &loop{
		clock:   c,
		log:     log,
		hub:     newHub(),
		observe: newObservation(observe, log),
		inbox:   make(chan request, maxBatch),
		stopped: make(chan struct{}),
	}
}

// run serves requests until ctx is done, or until the journal or the core
// fails. Requests that are queued when ctx ends are still served.
func (l *loop) run(ctx context.Context) error {
	defer close(l.stopped)
	defer l.hub.closeAll()
	l.timer = l.clock.NewTimer(time.Hour)
	defer l.timer.Stop()
	l.pending = append(l.pending, core.EngineStarted{})
	for {
		open := l.collect(ctx)
		if err := l.serve(ctx); err != nil {
			l.refuse(err)
			return err
		}
		if !open {
			return nil
		}
	}
}

// collect waits for something to do and takes all that has queued up. It
// reports false when ctx has ended and nothing is left.
func (l *loop) collect(ctx context.Context) (open bool) {
	l.batch = l.batch[:0]
	open = true
	if len(l.pending) == 0 && !l.journal.busy() {
		select {
		case r := <-l.inbox:
			l.batch = append(l.batch, r)
		case <-l.timer.C():
		case <-l.journal.ready():
		case <-ctx.Done():
			open = false
		}
	}
	for len(l.batch) < maxBatch {
		select {
		case r := <-l.inbox:
			l.batch = append(l.batch, r)
		default:
			return open
		}
	}
	return open
}

// serve applies a batch, journals it and delivers what came of it.
func (l *loop) serve(ctx context.Context) error {
	if err := l.apply(l.clock.Now()); err != nil {
		return err
	}
	l.arm() // before anybody has an answer and may move a virtual clock
	for _, a := range l.done {
		l.finish(a)
	}
	clear(l.done) // lets go of payloads
	clear(l.batch)
	if l.journal != nil {
		if err := l.journal.compact(context.WithoutCancel(ctx), l.core); err != nil {
			return err
		}
	}
	return nil
}

// apply runs commands through the core and writes them to the journal: what the
// loop was left with, then what has fallen due, then the batch.
func (l *loop) apply(now time.Time) error {
	l.done = l.done[:0]
	own := l.pending
	l.pending = nil
	for _, cmd := range own {
		if err := l.applyOne(now, request{cmd: cmd}); err != nil {
			return err
		}
	}
	for _, cmd := range l.core.Due(now) {
		if err := l.applyOne(now, request{cmd: cmd}); err != nil {
			return err
		}
	}
	for _, r := range l.batch {
		if err := l.applyOne(now, r); err != nil {
			return err
		}
	}
	if l.journal == nil {
		return nil
	}
	return l.journal.commit()
}

// applyOne runs one command through the core and, if it changes the state, adds
// it to what is written next. A look at the state waits for its turn.
func (l *loop) applyOne(now time.Time, r request) error {
	a := applied{request: r, at: now}
	if r.cmd != nil {
		journals := l.journal != nil && l.core.Journals(r.cmd)
		var err error
		if a.effects, err = applySafely(l.core, now, r.cmd); err != nil {
			return err
		}
		if journals {
			if err := l.write(now, r); err != nil {
				return err
			}
		}
	}
	l.done = append(l.done, a)
	return nil
}

func (l *loop) write(now time.Time, r request) error {
	record := r.record
	if record == nil {
		var err error
		if record, err = core.Encode(r.cmd); err != nil {
			return err
		}
	}
	l.journal.add(now, record)
	return nil
}

// safely calls a function that only reads, and turns its panic into an error of
// the one request.
func safely[T any](f func(T), with T) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("a request failed: %v\n%s", p, debug.Stack())
		}
	}()
	f(with)
	return nil
}

// applySafely turns a panic of the core into an error: the state may be broken
// then, and the engine must stop before it is written down.
func applySafely(c *core.Core, now time.Time, cmd core.Command) (effects []core.Effect, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the engine failed on %T: %v\n%s", cmd, p, debug.Stack())
		}
	}()
	return c.Apply(now, cmd), nil
}

// finish lets out what a journaled command brought about.
func (l *loop) finish(a applied) {
	if a.view != nil {
		a.answer(response{err: safely(a.view, l.core)})
		return
	}
	reply := response{}
	for _, e := range a.effects {
		if r, ok := e.(core.Reply); ok {
			reply.value = r.Value
			if r.Err != nil {
				reply.err = r.Err
			}
		}
	}
	if a.attach != nil && reply.err == nil {
		a.attach(l.hub)
	}
	// Before the effects go out, so that what they cause is told of after them.
	l.observe.after(l.core, a.at, a.effects)
	for _, e := range a.effects {
		if failed, ok := l.hub.deliver(e); !ok {
			l.pending = append(l.pending, failed)
		}
	}
	a.answer(reply)
}

func (r request) answer(v response) {
	if r.reply != nil {
		r.reply <- v
	}
}

// refuse answers everybody who still waits with err.
func (l *loop) refuse(err error) {
	for _, r := range l.batch {
		if r.reply != nil && len(r.reply) == 0 { // one may be answered already
			r.answer(response{err: fmt.Errorf("%w: %w", serve.ErrStopped, err)})
		}
	}
}

// arm sets the timer to when the core next has something to do.
func (l *loop) arm() {
	if at, ok := l.core.NextWake(); ok {
		l.timer.Reset(at.Sub(l.clock.Now()))
		return
	}
	l.timer.Stop()
}

// send hands a request to the loop and waits for its answer. ctx bounds only how
// long it waits to be taken: from then on the loop has the request and answers
// at once, and whoever asked must not be gone, for what the request refers to is
// in use and what it opens has to be closed.
func (l *loop) send(ctx context.Context, r request) (any, error) {
	r.reply = make(chan response, 1)
	select {
	case l.inbox <- r:
	case <-l.stopped:
		return nil, serve.ErrStopped
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	select {
	case answer := <-r.reply:
		return answer.value, answer.err
	case <-l.stopped:
		return lastAnswer(r.reply)
	}
}

// lastAnswer prefers an answer that came just before the loop ended.
func lastAnswer(reply chan response) (any, error) {
	select {
	case answer := <-reply:
		return answer.value, answer.err
	default:
		return nil, serve.ErrStopped
	}
}

// do applies a command; see [Engine.Do].
func (l *loop) do(ctx context.Context, cmd core.Command, attach func(*hub)) (any, error) {
	r := request{cmd: cmd, attach: attach}
	if l.journal != nil && core.Journaled(cmd) {
		record, err := core.Encode(cmd) // here and not on the loop: callers are many
		if err != nil {
			return nil, err
		}
		r.record = record
	}
	return l.send(ctx, r)
}

// look calls f with the state, on the loop; see [Engine.View].
func (l *loop) look(ctx context.Context, f func(*core.Core)) error {
	_, err := l.send(ctx, request{view: f})
	return err
}

// touch calls f with the open streams, on the loop.
func (l *loop) touch(ctx context.Context, f func(*hub)) error {
	return l.look(ctx, func(*core.Core) { f(l.hub) })
}
