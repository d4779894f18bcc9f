// Package durable is the worker's side of durable tasks: the conversation with
// the engine over one stream, and the event log of each run, from which a
// handler that starts again gets the answers it already had
// (hatchet-protocol.md section 8).
package durable

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker/internal/reconnect"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
	"google.golang.org/grpc/codes"
)

const (
	// reconnectBase and reconnectCap space the attempts to open the stream again
	// (hatchet-protocol.md section 8.5).
	reconnectBase = 2 * time.Second
	reconnectCap  = 3 * time.Second
	// statusEvery is how often the engine is asked about the entries that are
	// awaited, in case a completion got lost.
	statusEvery = 2 * time.Second
	// statusEntries is how many of them are asked about in one message, and each
	// time.
	statusEntries = 1000
)

// Engine is what a session needs of the engine and of the worker.
type Engine struct {
	Dispatcher v1.V1DispatcherClient
	// WorkerID is the id under which the worker is registered at present.
	WorkerID func() string
	// Restore has an evicted run assigned again.
	Restore func(ctx context.Context, taskRunID string) error
	// Untold says why the engine never tells of a run, which has completed; "" if
	// it does, or may yet. nil = it tells of all.
	Untold func(ctx context.Context, runID string) (reason string, err error)
	// Old reports whether the engine has no durable event log.
	Old func() bool
}

// Options of a session.
type Options struct {
	Clock     clock.Clock
	Logger    *slog.Logger
	Namespace workflow.Namespace
	Rand      func() float64 // of the waits before another attempt; nil = a random source
}

// Key names one invocation of a durable task.
type Key struct {
	TaskRunID  string
	Invocation int32
}

// Session is the conversation of one registration about all its durable runs.
type Session struct {
	engine  Engine
	options Options
	changed chan struct{} // there is something to send, or a first run
	group   sync.WaitGroup

	mu        sync.Mutex
	ctx       context.Context // of Run; nil before and after
	runs      map[Key]*Run
	outgoing  []outgoing
	late      []string           // task runs to restore, see wakeLate
	looking   bool               // see lookForUntold
	away      map[string][]*look // by task run, see lookAfter
	untold    map[string]string  // by run: why the engine never tells
	lingers   int                // see Linger
	pasts     map[string]*past   // by task run, see remember
	pastSteps int                // their cost
	mostPast  int                // what that may be
	open      bool               // a stream is open
	refusal   error              // why the engine will not talk about durable tasks
}

// outgoing is a message to the engine.
type outgoing struct {
	message *v1.DurableTaskRequest
	run     *Run   // the run it is about, if it is of no use once that is over
	passing bool   // of no use on another stream
	sent    func() // called under the lock when it is handed to a stream; may be nil
}

// NewSession returns a session without a stream; Run opens one when the first
// run asks for something.
func NewSession(engine Engine, options Options) *Session {
	return &Session{engine: engine, options: options, changed: make(chan struct{}, 1), runs: map[Key]*Run{}, pasts: map[string]*past{}, mostPast: mostPastSteps,
		away: map[string][]*look{}, untold: map[string]string{}}
}

// Run keeps a stream open while there are runs, until ctx ends.
func (s *Session) Run(ctx context.Context) {
	s.mu.Lock()
	s.ctx = ctx
	s.mu.Unlock()
	defer s.group.Wait()
	backoff := reconnect.Backoff{Base: reconnectBase, Cap: reconnectCap, Part: s.options.Rand}
	for s.awaitWork(ctx) {
		began := s.options.Clock.Now()
		talk := s.converse
		if s.engine.Old() {
			talk = s.converseOld
		}
		err := talk(ctx)
		s.disconnected(err)
		if ctx.Err() != nil {
			return
		}
		if s.options.Clock.Now().Sub(began) > reconnectCap {
			backoff.Reset()
		}
		s.options.Logger.Debug("the stream of durable tasks broke", "error", reconnect.Reason(err))
		if reconnect.Wait(ctx, s.options.Clock, backoff.Next(), nil) != nil {
			return
		}
	}
}

// awaitWork returns when there is something to talk about.
func (s *Session) awaitWork(ctx context.Context) bool {
	for {
		s.mu.Lock()
		some := len(s.outgoing) > 0 || len(s.away) > 0 || s.anyAsked()
		s.mu.Unlock()
		if some {
			return ctx.Err() == nil
		}
		select {
		case <-s.changed:
		case <-ctx.Done():
			return false
		}
	}
}

// anyAsked reports whether a run has anything open with the engine.
func (s *Session) anyAsked() bool {
	for _, r := range s.runs {
		if r.pending != nil || len(r.queue) > 0 || len(r.awaited()) > 0 || r.unstored() {
			return true
		}
	}
	return false
}

// converse opens one stream and serves it until it breaks.
func (s *Session) converse(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	var sender sync.WaitGroup
	defer sender.Wait()
	defer cancel()
	stream, err := s.engine.Dispatcher.DurableTask(ctx)
	if err != nil {
		return err
	}
	hello := &v1.DurableTaskRequest{Message: &v1.DurableTaskRequest_RegisterWorker{
		RegisterWorker: &v1.DurableTaskRequestRegisterWorker{WorkerId: s.engine.WorkerID()}}}
	if err := stream.Send(hello); err != nil {
		_, err = stream.Recv() // the error of a Send is only that the stream is over
		return err
	}
	s.connected()
	sender.Go(func() {
		s.send(ctx, stream.Send)
		cancel()
	})
	for {
		in, err := stream.Recv()
		if err != nil {
			return err
		}
		s.receive(in)
	}
}

// send hands queued messages to the stream until it breaks.
func (s *Session) send(ctx context.Context, send func(*v1.DurableTaskRequest) error) {
	for {
		for message := s.next(); message != nil; message = s.next() {
			if send(message) != nil {
				return
			}
		}
		if !s.rest(ctx) {
			return
		}
	}
}

// rest waits for the next message, and asks about what is awaited from time to
// time; false means that ctx is done. Without a run there is nothing to ask
// about until one sends its first message.
func (s *Session) rest(ctx context.Context) bool {
	var ask <-chan time.Time
	if s.busy() {
		timer := s.options.Clock.NewTimer(statusEvery)
		defer timer.Stop()
		ask = timer.C()
	}
	select {
	case <-s.changed:
	case <-ask:
		s.askStatus()
		s.lookForUntold()
	case <-ctx.Done():
		return false
	}
	return true
}

func (s *Session) busy() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.runs) > 0 || len(s.away) > 0
}

func (s *Session) next() *v1.DurableTaskRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.outgoing) > 0 {
		out := s.outgoing[0]
		s.outgoing[0] = outgoing{}
		s.outgoing = s.outgoing[1:]
		if out.run != nil && out.run.left {
			continue
		}
		if out.sent != nil {
			out.sent()
		}
		return out.message
	}
	s.outgoing = nil
	return nil
}

// push queues a message. The caller holds the lock.
func (s *Session) push(out outgoing) {
	s.outgoing = append(s.outgoing, out)
	s.poke()
}

func (s *Session) poke() {
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// connected tells a new stream what is awaited, and repeats what an earlier one
// may have lost.
func (s *Session) connected() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open, s.refusal = true, nil
	for _, r := range s.runs {
		r.repeatMemos()
		r.giveBackLost()
	}
	s.pushStatus(0)
	s.poke()
}

func (s *Session) askStatus() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pushStatus(statusEntries)
}

// pushStatus asks about awaited entries, of some runs until there are that many;
// most = 0 is about all. The caller holds the lock.
func (s *Session) pushStatus(most int) {
	status, asked := &v1.DurableTaskWorkerStatusRequest{WorkerId: s.engine.WorkerID()}, 0
	flush := func() {
		message := &v1.DurableTaskRequest{Message: &v1.DurableTaskRequest_WorkerStatus{WorkerStatus: status}}
		s.push(outgoing{message: message, passing: true})
		status = &v1.DurableTaskWorkerStatusRequest{WorkerId: status.WorkerId}
	}
	for _, r := range s.runs { // in another order each time
		for _, e := range r.awaited() {
			status.WaitingEntries = append(status.WaitingEntries, &v1.DurableTaskAwaitedCompletedEntry{
				DurableTaskExternalId: r.key.TaskRunID, InvocationCount: r.key.Invocation,
				BranchId: e.node.branch, NodeId: e.node.id,
			})
			if asked++; asked%statusEntries == 0 {
				flush()
			}
		}
		if most > 0 && asked >= most {
			break
		}
	}
	if len(status.WaitingEntries) > 0 {
		flush()
	}
}

// disconnected notes what was under way. Requests that wait to be sent go over
// the next stream; an eviction has to be asked for again.
func (s *Session) disconnected(err error) {
	s.mu.Lock()
	s.open = false
	s.outgoing = slices.DeleteFunc(s.outgoing, func(out outgoing) bool { return out.passing })
	var calls []func()
	if reconnect.Code(err) == codes.Unimplemented {
		s.refusal = errors.New("the engine does not support durable tasks")
	}
	for _, r := range s.runs {
		r.endEviction(errDisconnected)
		if s.refusal != nil {
			calls = append(calls, r.failAll(s.refusal)...)
		}
	}
	s.mu.Unlock()
	each(calls)
}

func each(calls []func()) {
	for _, call := range calls {
		call()
	}
}

// Join opens the log of an invocation. evicted is called, on any goroutine, when
// the engine takes the invocation back.
func (s *Session) Join(key Key, evicted func(reason string)) *Run {
	r := &Run{session: s, key: key, evicted: evicted, woken: make(chan struct{}, 1), byNode: map[node]*entry{}}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runs[key] = r
	delete(s.away, key.TaskRunID)
	if p := s.forget(key.TaskRunID); p != nil && p.invocation == key.Invocation-1 {
		r.past = p
	}
	return r
}
