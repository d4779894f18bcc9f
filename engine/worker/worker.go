// Package worker serves workflows to a Hatchet engine: it registers them and
// itself, listens for assignments, runs them through a [Runner], and reports
// what became of them until the engine has accepted it. It comes back by itself
// from broken streams, rejected heartbeats and restarted engines, takes new
// generations of the code while it runs, and drains on its way out
// (hatchet-protocol.md sections 3 and 8).
package worker

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"sync"
	"sync/atomic"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"github.com/hatchet-js/hatchet-js-worker/engine/transport"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker/internal/reconnect"
	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
	"google.golang.org/protobuf/proto"
)

// Worker serves generations of workflows to one engine.
type Worker struct {
	options  Options
	clock    clock.Clock
	logger   *slog.Logger
	observer Observer
	rpc      rpc

	// life ends everything at once: attempts, reports, streams.
	life   context.Context
	cutoff context.CancelCauseFunc

	attempts  *table
	slots     *slots
	pins      pins
	labels    labels
	lounge    lounge
	counts    counts
	catalogue atomic.Pointer[catalogue]
	registry  registry
	crew      crew
	state     keeper
	pulse     reconnect.Pulse   // beats when the engine answers again
	pacing    reconnect.Backoff // how far apart attempts to reach it are; copied

	background sync.WaitGroup // goroutines that belong to no attempt
	handovers  chan *handover
	fatal      chan error
	draining   chan struct{} // closed when a drain begins
	stopped    chan struct{} // closed when Run returns
	running    atomic.Bool
	// reached is set when the engine first accepted a call: from then on a
	// refused token is a trouble like others, not a mistake in the setup.
	reached       atomic.Bool
	oldListen     atomic.Bool // the engine does not know ListenV2
	engineVersion atomic.Pointer[engineVersion]
	abandoned     atomic.Int64 // attempts without an accepted end
	mostLines     int          // log lines of one attempt that may wait
}

// rpc are the services of the engine that a worker calls.
type rpc struct {
	dispatcher contract.DispatcherClient
	events     contract.EventsServiceClient
	admin      v1.AdminServiceClient
	durable    v1.V1DispatcherClient
	// retryNow makes a connection that waits to be dialled again dial at once.
	retryNow func()
}

func newRPC(conn grpc.ClientConnInterface) rpc {
	plain := single{conn}
	calls := rpc{
		dispatcher: contract.NewDispatcherClient(plain),
		events:     contract.NewEventsServiceClient(plain),
		admin:      v1.NewAdminServiceClient(plain),
		durable:    v1.NewV1DispatcherClient(plain),
		retryNow:   func() {},
	}
	if dialler, ok := conn.(interface{ ResetConnectBackoff() }); ok {
		calls.retryNow = dialler.ResetConnectBackoff
	}
	return calls
}

// worthCompressing is the size from which a message becomes smaller by more than
// its compression costs. Most reports are far below it.
const worthCompressing = 1024

// single is a connection whose calls are made once: the worker knows better
// than a general policy which of its calls to repeat, when, and for how long.
// Small messages go as they are.
type single struct{ grpc.ClientConnInterface }

func (c single) Invoke(ctx context.Context, method string, args, reply any, opts ...grpc.CallOption) error {
	opts = append(opts, transport.NoRetry())
	if m, ok := args.(proto.Message); ok && proto.Size(m) < worthCompressing {
		opts = append(opts, grpc.UseCompressor(encoding.Identity))
	}
	return c.ClientConnInterface.Invoke(ctx, method, args, reply, opts...)
}

// New returns a worker that talks to the engine through conn, which it does not
// close. Nothing happens before Run.
func New(conn grpc.ClientConnInterface, options Options) *Worker {
	options = options.withDefaults()
	w := &Worker{
		options:   options,
		clock:     options.Clock,
		pacing:    reconnect.Backoff{Part: options.Rand},
		logger:    options.Logger,
		observer:  options.Observer,
		rpc:       newRPC(conn),
		attempts:  newTable(),
		slots:     newSlots(options.capacity()),
		labels:    labels{now: maps.Clone(options.Labels)},
		handovers: make(chan *handover),
		fatal:     make(chan error, 1),
		draining:  make(chan struct{}),
		stopped:   make(chan struct{}),
		mostLines: maxQueuedLines,
	}
	w.life, w.cutoff = context.WithCancelCause(context.Background())
	w.crew.worker, w.lounge.worker = w, w
	w.state.set(StateStarting, "no workflows yet", w.clock.Now())
	return w
}

// Run serves until ctx ends, then drains: it takes no more work, finishes what
// runs for up to Options.Drain, reports every result and leaves. It returns nil
// when everything was finished and reported, ErrDrainDeadline when work was
// abandoned, ErrAborted after Abort, and the engine's refusal when the very
// first calls are not authorised. It may be called once.
func (w *Worker) Run(ctx context.Context) error {
	if !w.running.CompareAndSwap(false, true) {
		return errors.New("a worker runs only once; make a new one")
	}
	defer func() {
		w.note(StateStopped, "")
		close(w.stopped)
	}()
	for {
		select {
		case h := <-w.handovers:
			w.crew.take(h)
		case <-ctx.Done():
			return w.drain()
		case err := <-w.fatal:
			w.cutoff(err)
			w.leave()
			return err
		case <-w.life.Done():
			w.leave()
			return context.Cause(w.life)
		}
	}
}

// Stopped is closed when Run has returned.
func (w *Worker) Stopped() <-chan struct{} { return w.stopped }

// Abort ends Run at once: attempts are interrupted and nothing more is reported.
func (w *Worker) Abort() { w.cutoff(ErrAborted) }
