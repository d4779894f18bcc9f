package worker

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker/durable"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker/internal/reconnect"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
)

var (
	// errForgotten: the engine does not know this worker id (any more).
	errForgotten = errors.New("the engine does not know this worker any more")
	// errReopen: the stream looks open from here but not to the engine.
	errReopen = errors.New("the engine does not consider the stream open")
)

// registration is one appearance of the worker in the engine, with a worker id
// of its own, a stream of assignments and heartbeats. A new set of actions needs
// a new registration, because the engine cannot change one
// (hatchet-protocol.md section 3.3).
type registration struct {
	worker    *Worker
	actions   []string // ids on the wire, sorted
	slotTypes []string
	durable   *durable.Session

	id          atomic.Pointer[string]
	established chan struct{} // closed when the engine first took a heartbeat beside the stream
	once        sync.Once     // of established
	done        chan struct{} // closed when run has returned
	cancel      context.CancelCauseFunc
	failure     error        // why the engine did not take it; set before done is closed
	assigned    atomic.Int64 // attempts that came through it and are not over
	lastBeat    atomic.Int64 // when the engine last took a heartbeat, in Unix nanoseconds
	quiet       atomic.Bool  // another registration has taken over
	leaving     atomic.Bool  // unsubscribed, or about to be

	wake    chan struct{} // the listener is to try again now
	beatNow chan struct{} // a heartbeat is due now
	stream  streamState
}

func newRegistration(w *Worker, c *catalogue) *registration {
	r := &registration{
		worker: w, actions: c.names(), slotTypes: c.slotTypes(),
		established: make(chan struct{}), done: make(chan struct{}),
		wake: make(chan struct{}, 1), beatNow: make(chan struct{}, 1),
	}
	r.stream.ended, r.stream.mended = make(chan struct{}, 1), &w.counts.reconnects
	engine := durable.Engine{Dispatcher: w.rpc.durable, WorkerID: r.workerID, Restore: w.restore, Old: w.lacksEventLog}
	if !w.options.TellsAll {
		engine.Untold = w.untold
	}
	r.durable = durable.NewSession(engine, durable.Options{Clock: w.clock, Logger: w.logger, Namespace: w.options.Namespace, Rand: w.options.Rand})
	return r
}

// serves reports whether r is registered for just what c needs.
func (r *registration) serves(c *catalogue) bool {
	return slices.Equal(r.actions, c.names()) && slices.Equal(r.slotTypes, c.slotTypes())
}

// workerID is the id the engine gave; "" before.
func (r *registration) workerID() string {
	if id := r.id.Load(); id != nil {
		return *id
	}
	return ""
}

// run registers, listens and beats until ctx ends. A worker that the engine
// forgot registers again, with its workflows, while what runs goes on.
func (r *registration) run(ctx context.Context) {
	defer close(r.done)
	var sessions sync.WaitGroup
	defer sessions.Wait()
	sessions.Go(func() { r.durable.Run(ctx) })
	for {
		if err := r.register(ctx); err != nil {
			r.refuse(ctx, err)
			return
		}
		if err := r.serve(ctx); !errors.Is(err, errForgotten) || r.quiet.Load() || r.leaving.Load() {
			return
		}
		r.worker.logger.Warn("the engine forgot this worker; registering again", keyWorker, r.workerID())
		if r.worker.registry.renew(ctx, r.worker) != nil {
			return
		}
	}
}

// refuse ends Run when the engine does not take the worker for good.
func (r *registration) refuse(ctx context.Context, err error) {
	if ctx.Err() == nil {
		r.failure = r.worker.fail(&callError{"register the worker", err})
	}
}

// serve listens and beats under the present worker id. The heartbeats go on
// after the listener was told to leave, because the engine takes the tasks of a
// silent worker away (hatchet-protocol.md section 3.5).
func (r *registration) serve(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var beats sync.WaitGroup
	beats.Go(func() {
		if err := r.beat(ctx); err != nil {
			cancel(err)
		}
	})
	if err := r.listen(ctx); err != nil {
		cancel(err)
	}
	<-ctx.Done()
	beats.Wait()
	return context.Cause(ctx)
}

// register asks the engine for a worker id.
func (r *registration) register(ctx context.Context) error {
	w := r.worker
	if err := w.negotiate(ctx); err != nil {
		return err
	}
	err := w.persist(ctx, "register the worker", endless, func(ctx context.Context) error {
		out, err := w.rpc.dispatcher.Register(ctx, r.request())
		if err == nil {
			r.id.Store(&out.WorkerId)
		}
		return err
	})
	if err != nil {
		return err
	}
	w.state.update(func(k *keeper) { k.workerID = r.workerID() })
	w.logger.Info("registered with the engine", keyWorker, r.workerID(), keyActions, len(r.actions))
	return nil
}

// request is the registration (hatchet-protocol.md section 3.3). Engines that do
// not know slot types get the old number of slots.
func (r *registration) request() *contract.WorkerRegisterRequest {
	o := &r.worker.options
	request := &contract.WorkerRegisterRequest{
		WorkerName: o.Name, Services: []string{"default"}, Actions: r.actions, Labels: wireLabels(r.worker.labels.all()),
		RuntimeInfo: &contract.RuntimeInfo{
			SdkVersion:      proto.String("hatchet-js-worker " + o.Version),
			Language:        contract.SDKS_GO.Enum(),
			LanguageVersion: proto.String(runtime.Version()),
			Os:              proto.String(runtime.GOOS),
		},
	}
	if !r.worker.engine().knowsSlotTypes() {
		request.Slots = proto.Int32(int32(o.Slots))
		return request
	}
	request.SlotConfig = make(map[string]int32, len(r.slotTypes))
	capacity := o.capacity()
	for _, name := range r.slotTypes {
		request.SlotConfig[name] = int32(capacity[name])
	}
	return request
}

func wireLabels(labels map[string]Label) map[string]*contract.WorkerLabels {
	out := make(map[string]*contract.WorkerLabels, len(labels))
	for key, label := range labels {
		if label.Number != nil {
			out[key] = &contract.WorkerLabels{IntValue: label.Number}
		} else {
			out[key] = &contract.WorkerLabels{StrValue: proto.String(label.Text)}
		}
	}
	return out
}

// leave tells the engine that no more work is wanted, runs what it still sends,
// and ends the stream. Heartbeats go on.
func (r *registration) leave(ctx context.Context) {
	r.leaving.Store(true)
	if id := r.workerID(); id != "" {
		err := r.worker.brief(ctx, func(ctx context.Context) error {
			_, err := r.worker.rpc.dispatcher.Unsubscribe(ctx, &contract.WorkerUnsubscribeRequest{WorkerId: id})
			return err
		})
		if err == nil {
			_ = reconnect.Wait(ctx, r.worker.clock, leaveLinger, r.stream.ended)
		} else if reconnect.Code(err) != codes.Canceled {
			r.worker.logger.Debug("the engine was not told that the worker leaves", keyWorker, id, keyError, reconnect.Reason(err))
		}
	}
	r.stream.close(errLeft)
	poke(r.wake)
}

// join opens the event log of a durable attempt.
func (r *registration) join(t *attempt) *durable.Run {
	return r.durable.Join(durable.Key{TaskRunID: t.TaskRunID, Invocation: t.key.invocation}, func(reason string) {
		r.worker.logger.Debug("the engine takes a durable run back", keyTask, t.TaskRunID, keyReason, reason)
		t.stop(ErrEvicted)
	})
}

// note shows a state, unless another registration speaks for the worker.
func (r *registration) note(state State, detail string) {
	if r.worker.crew.speaks(r) {
		r.worker.note(state, detail)
	}
}

func (r *registration) trouble(what string, err error, delay time.Duration) {
	if r.worker.crew.speaks(r) && !r.leaving.Load() {
		r.worker.trouble(what, err, delay)
	}
}

// callError is a refused call in words for people.
type callError struct {
	what string
	err  error
}

func (e *callError) Error() string { return e.what + ": " + reconnect.Reason(e.err) }
func (e *callError) Unwrap() error { return e.err }

// poke delivers a signal unless one is pending.
func poke(signal chan struct{}) {
	select {
	case signal <- struct{}{}:
	default:
	}
}
