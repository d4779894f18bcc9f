package vm

import (
	"context"
	"reflect"
	"sync/atomic"

	"github.com/dop251/goja"
)

var typePromise = reflect.TypeFor[*goja.Promise]()

func contextCause(ctx context.Context) error { return context.Cause(ctx) }

// operation is one thing that a run waits for from outside.
type operation struct {
	serial  uint64
	wait    bool // a durable wait: does not keep the VM
	frames  []goja.StackFrame
	context any // the async context to go on in
}

// pendingSet is what a run waits for. It belongs to the VM's goroutine.
type pendingSet struct {
	serial   uint64
	reserved int // operations that keep the VM, timers included
	waits    int
	open     map[*operation]struct{}
}

// operationDepth is how many frames are kept of the place that began an
// operation.
const operationDepth = 8

func (r *run) begin(wait bool) *operation {
	p := &r.pending
	p.serial++
	op := &operation{serial: p.serial, wait: wait, context: r.vm.async}
	op.frames = r.vm.rt.CaptureCallStack(operationDepth, nil)
	if p.open == nil {
		p.open = make(map[*operation]struct{})
	}
	p.open[op] = struct{}{}
	if wait {
		p.waits++
	} else {
		p.reserved++
	}
	return op
}

func (r *run) finish(op *operation) {
	delete(r.pending.open, op)
	if op.wait {
		r.pending.waits--
	} else {
		r.pending.reserved--
	}
}

// oldest is the place that began the operation pending the longest.
func (p *pendingSet) oldest() Position {
	var first *operation
	for op := range p.open {
		if first == nil || op.serial < first.serial {
			first = op
		}
	}
	if first == nil {
		return Position{}
	}
	return firstPosition(framesOf(first.frames))
}

// interruptedWaiting ends a run that is stopped while it runs no code.
func (r *run) interruptedWaiting(cause error) error {
	r.vm.dead.Store(true)
	return &InterruptError{Cause: cause, Position: r.pending.oldest(), Waiting: true}
}

// Reserve announces work outside the VM on behalf of the run in progress, which
// does not end as stalled before post was called. post is safe for concurrent
// use and must be called exactly once; its job runs on the VM's goroutine, in
// the async context of the caller of Reserve, unless the run is over by then.
// Without a run in progress it throws.
func (v *VM) Reserve() (post func(job func() error)) {
	_, post = v.announce(false)
	return post
}

func (v *VM) announce(wait bool) (*operation, func(job func() error)) {
	r := v.current
	if r == nil {
		panic(v.rt.NewTypeError("this can only be called while a task runs or its file loads"))
	}
	op := r.begin(wait)
	var used atomic.Bool
	return op, func(job func() error) {
		if used.Swap(true) {
			return
		}
		r.post(func() error {
			r.finish(op)
			return r.inContext(op.context, job)
		})
	}
}

// inContext calls job with the async context it belongs to.
func (r *run) inContext(context any, job func() error) error {
	r.vm.async = context
	defer func() { r.vm.async = nil }()
	return job()
}

// NewPromise returns a promise for work outside the VM, see [VM.Reserve]. settle
// is safe for concurrent use and must be called exactly once; make runs on the
// VM's goroutine and gives the value the promise is resolved with. What make
// throws, or the error it returns, rejects the promise: a *goja.Exception with
// the value thrown, a Go error with an Error of its message, whose stack is that
// of the caller of NewPromise and beneath which errors.As finds the Go error.
func (v *VM) NewPromise() (promise goja.Value, settle func(make func() (goja.Value, error))) {
	return v.newPromise(false)
}

// NewWait is NewPromise for a durable wait: it does not keep the VM, see
// [Call.Parkable].
func (v *VM) NewWait() (promise goja.Value, settle func(make func() (goja.Value, error))) {
	return v.newPromise(true)
}

func (v *VM) newPromise(wait bool) (goja.Value, func(make func() (goja.Value, error))) {
	op, post := v.announce(wait)
	promise, resolve, reject := v.rt.NewPromise()
	return v.rt.ToValue(promise), func(make func() (goja.Value, error)) {
		post(func() error {
			var value goja.Value
			var err error
			if thrown := v.rt.Try(func() { value, err = make() }); thrown != nil {
				err = thrown
			}
			if err != nil {
				v.current.hear()
				return reject(v.errorValue(err, op.frames))
			}
			return resolve(value)
		})
	}
}

// Named is an error that chooses the name of the Error that scripts see. An
// error may also have ErrorCode() string, for its property code,
// ErrorCause() error, for its cause, and Properties() map[string]any, for others.
type Named interface {
	error
	// ErrorName is the name property, such as "AbortError". "TypeError" is also the
	// class.
	ErrorName() string
}

// Post runs job on the VM's goroutine while the run in progress lasts, in no
// async context; after it the job is dropped. Unlike what [VM.Reserve] announces
// it does not keep the run from ending as stalled. Safe for concurrent use once
// a run is in progress.
func (v *VM) Post(job func() error) {
	if r := v.current; r != nil {
		r.post(job)
	}
}
