package hatchet

import (
	"context"
	"errors"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// DefaultGrace is how long a script that takes notice of its end has to tidy up.
const DefaultGrace = 5 * time.Second

// run is one attempt of one task on this VM. Apart from operations, everything
// belongs to the VM's goroutine until the run is over.
type run struct {
	realm *Realm
	task  *task
	inv   *Invocation
	// ctx is of the attempt, and in the grace of that; it outlasts the script.
	ctx context.Context
	// loader is not nil if no task runs: a file loads.
	loader *loader

	object   *goja.Object // ctx
	payload  payload
	input    goja.Value
	metadata *goja.Object // decoded on first use

	controller *goja.Object           // AbortController, made on first use
	aborted    error                  // why the signal fired
	heeds      atomic.Bool            // the script has asked for the signal, or whether it fired
	listening  func(job func() error) // ends the reservation for who listens to the signal

	// progress counts what may be a reason to keep the VM while the run waits:
	// waits that may be over soon, and those that were; lingered is its value
	// when the run last did so.
	progress, lingered int
	asking             int                // lingered so often since the engine last took everything
	steps              int                // operations of the event log so far
	spawns             map[string]spawned // child runs of a durable task, by id

	complete func(payload []byte) // remembers the output under checkpointKey
	batch    *goja.Object         // ctx.batch, made on first use
	payloads []*payload           // of the runs of a batch
	failed   MemberErrors         // runs of a batch
	output   []byte
	children int32         // runs started so far
	chunks   int64         // chunks streamed so far
	streamed chan struct{} // closed when the last of them is sent

	operations sync.WaitGroup
	mu         sync.Mutex
	done       func()       // ends ctx; nil while it is of the attempt
	unheard    []*operation // failed, and the script has not heard of it
	held       *heldLog     // of a durable task, else nil
}

// Invoke runs one attempt of one task and returns its output as JSON. It owns
// the VM until it returns; what the task started at the host is done by then.
// Errors: [*TaskError] for a failure of the script,
// [MemberErrors] for one of some runs of a batch only, [*UnknownActionError], and
// those of [vm.VM.Run] that are no failure of the script itself, vm.ErrParked
// among them.
func (r *Realm) Invoke(ctx context.Context, inv *Invocation) ([]byte, error) {
	if r.broken != nil {
		return nil, r.broken
	}
	t := r.tasks[inv.Action]
	if t == nil {
		return nil, &UnknownActionError{inv.Action}
	}
	this := &run{realm: r, task: t, inv: inv, ctx: ctx}
	this.holdLog()
	err := r.vm.Run(ctx, vm.Call{
		Name: t.described, Start: this.start, Settle: this.settle,
		Abort: this.endsBy, Grace: r.options.Grace, Heeds: this.heeds.Load, Parkable: this.parkable, Now: this.now(), Crewed: true,
	})
	this.held.finish() // may begin operations
	this.operations.Wait()
	this.finish()
	this.reportUnheard()
	if !r.vm.Dead() { // else it may still be in use, by code that never came back
		r.current = nil
	}
	if err != nil {
		return nil, this.failure(err)
	}
	if this.failed != nil {
		return this.output, this.failed
	}
	return this.output, nil
}

// start begins the run on the VM's goroutine.
func (u *run) start() (goja.Value, error) {
	r := u.realm
	r.current = u
	r.console.Reset()
	u.payload = payload{realm: r, text: u.inv.Payload}
	input, err := u.readInput()
	if err != nil {
		return nil, &TaskError{Message: "the input cannot be read: " + err.Error(), NonRetryable: true, Cause: err}
	}
	u.input = input
	if _, given := input.(*goja.Object); !given {
		u.input = r.rt.NewObject()
	}
	u.object = r.rt.CreateObject(r.prototypeOf(u.task))
	if err := u.object.Set("input", u.input); err != nil {
		return nil, err
	}
	if err := u.checkInput(); err != nil {
		return nil, err
	}
	if u.task.CheckpointKey != "" && u.inv.Durable != nil {
		return u.startRemembered(), nil
	}
	return u.handle()
}

// readInput is the run's input, or those of the runs of a batch by their ids.
func (u *run) readInput() (goja.Value, error) {
	if u.inv.Batch != nil {
		u.payload.text = []byte(`{}`)
		return u.batchInput()
	}
	return u.payload.get("input")
}

// startRemembered gives the output remembered under the task's checkpoint key,
// or runs the handler and has its output remembered.
func (u *run) startRemembered() goja.Value {
	promise, settle := u.realm.vm.NewPromise()
	u.inv.Durable.Memo([]byte(u.task.CheckpointKey), func(a Answer) {
		settle(func() (goja.Value, error) {
			a.Took()
			switch {
			case a.Err != nil:
				return nil, a.Err
			case a.Exists:
				u.output = a.Payload
				return goja.Undefined(), nil
			}
			u.complete = a.Complete
			return u.handle()
		})
	})
	return promise
}

// handle calls the hooks that come before the handler, and goes on from there.
// The handlers of batches have no hooks, as in Hatchet's TypeScript SDK.
func (u *run) handle() (goja.Value, error) {
	if u.inv.Batch != nil {
		return u.decide()
	}
	return u.before(0)
}

// decide asks the skip function, if there is one, and calls the handler.
func (u *run) decide() (goja.Value, error) {
	if u.task.callSkip == nil {
		return u.call()
	}
	skip, err := u.task.callSkip(goja.Undefined(), u.input, u.object)
	if err != nil {
		return nil, err
	}
	return u.realm.then(skip, func(skip goja.Value) (goja.Value, error) {
		if !skip.ToBoolean() {
			return u.call()
		}
		skipped := u.realm.rt.NewObject()
		return skipped, skipped.Set("skipped", true)
	})
}

// then calls next with value or, if it is a promise or another thenable, with
// what it is fulfilled with.
func (r *Realm) then(value goja.Value, next func(goja.Value) (goja.Value, error)) (goja.Value, error) {
	promise, err := r.adopt(value)
	if err != nil {
		return nil, err
	}
	if promise == nil {
		return next(value)
	}
	then, ok := goja.AssertFunction(promise.Get("then"))
	if !ok {
		return nil, errors.New("the script has taken the method then from promises")
	}
	return then(promise, r.rt.ToValue(func(call goja.FunctionCall) goja.Value {
		result, err := next(call.Argument(0))
		if err != nil {
			r.throw(err)
		}
		return result
	}))
}

var promiseType = reflect.TypeFor[*goja.Promise]()

// adopt returns value if it is a promise, and a promise that follows it if it
// is another thenable, whose own then need not return anything. Anything else
// gives nil.
func (r *Realm) adopt(value goja.Value) (*goja.Object, error) {
	object, ok := value.(*goja.Object)
	if !ok || object.ExportType() == promiseType {
		return object, nil
	}
	if _, thenable := goja.AssertFunction(object.Get("then")); !thenable {
		return nil, nil
	}
	promise, resolve, _ := r.rt.NewPromise()
	return r.rt.ToValue(promise).(*goja.Object), resolve(object)
}

// throw throws err in the script: what a script threw as it is, anything else
// as an Error.
func (r *Realm) throw(err error) {
	panic(r.vm.NewError(err))
}

// A run that waits keeps its VM for lingerFor and, for what it has done so far,
// lingerPerStep each: about as long as a replay would take. So what is answered
// at once costs no replay, and what is not costs twice what it must. One that may
// repeat an invocation before keeps it for longer, from when the engine has taken
// its request: what it waited for before comes soon, and until then nobody knows
// what is new. The longer the engine takes to take the request, the longer it may
// take to answer it.
const (
	lingerFor     = 50 * time.Millisecond
	lingerPerStep = 20 * time.Microsecond
	lingerUnsure  = 200 * time.Millisecond
	// mostAsking is how often an engine that takes no request is waited for.
	mostAsking = 25
)

// parkable lets go of a durable task's VM while it waits.
func (u *run) parkable() bool {
	log := u.inv.Durable
	if log == nil {
		return false
	}
	length := lingerFor + time.Duration(u.steps)*lingerPerStep
	if log.CatchingUp() {
		if u.asking < mostAsking && log.Asking() {
			u.asking++
			return u.linger(lingerUnsure, func() {})
		}
		length = lingerUnsure * time.Duration(1+u.asking)
		u.asking = 0
	}
	if u.progress == u.lingered {
		return true
	}
	release, ok := log.Linger()
	if !ok {
		return true
	}
	u.lingered = u.progress
	return u.linger(length, release)
}

// linger has the run asked again, whether it is parkable, after a while.
func (u *run) linger(length time.Duration, release func()) (parkable bool) {
	post, over := u.realm.vm.Reserve(), u.realm.vm.RunContext().Done()
	timer := u.realm.options.Linger.NewTimer(length)
	u.operations.Go(func() {
		defer release()
		defer timer.Stop()
		select {
		case <-timer.C():
			post(func() error { return nil })
		case <-over:
		}
	})
	return false
}

// now is the time that a durable task sees: while it repeats what it has done
// before, that of then. So what it measures around a wait is how long the wait
// was, whether or not its VM was let go meanwhile. nil is the VM's own clock.
func (u *run) now() func() time.Time {
	log, clock := u.inv.Durable, u.realm.vm.Options().Clock
	if log == nil {
		return nil
	}
	return func() time.Time { return clock.Now().Add(-log.Behind()) }
}

// replaying reports whether the handler repeats what it has done before, as far
// as is known.
func (u *run) replaying() bool { return u.inv.Durable != nil && u.inv.Durable.Replaying() }

// repeating reports whether it is certain that the handler repeats what it has
// done before.
func (u *run) repeating() bool { return u.replaying() && !u.inv.Durable.Unsure() }

// isOnFailure reports whether the task is its workflow's on-failure task.
func (u *run) isOnFailure() bool { return u.task == u.task.workflow.onFailure }

// taskName is the readable id of the task.
func (u *run) taskName() string {
	switch {
	case u.inv.TaskName != "":
		return u.inv.TaskName
	case u.isOnFailure():
		return workflow.OnFailureTask
	}
	return u.task.Name
}
