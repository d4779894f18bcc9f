package native

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

// Work is what a call has left to do once its arguments are read. It runs on a
// goroutine of its own, which belongs to the run, and must not touch the VM. It
// returns soon after ctx is done. [Host.Value] says what becomes of its result.
type Work func(ctx context.Context) (any, error)

// Promise starts work for the run in progress and returns the promise of its
// result. A failure rejects the promise with an Error that has the stack of the
// call, and the properties that [Failure] gives it.
func (h *Host) Promise(work Work) goja.Value { return h.PromiseIn(h.Context(), work, nil) }

// PromiseIn is [Host.Promise] for a call that has made its context already. then
// goes on, unless it is nil, on the goroutine of work when the promise is settled.
func (h *Host) PromiseIn(ctx context.Context, work Work, then func()) goja.Value {
	promise, settle := h.VM.NewPromise()
	started := permit.From(ctx).Go(func() {
		result, err := guarded(ctx, work)
		settle(func() (goja.Value, error) {
			if err != nil {
				return nil, Failure(err)
			}
			return h.Value(result), nil
		})
		if then != nil {
			then()
		}
	})
	if !started {
		settle(func() (goja.Value, error) { return nil, permit.ErrOver })
	}
	return promise
}

func guarded(ctx context.Context, work Work) (result any, err error) {
	defer func() {
		if x := recover(); x != nil {
			err = &PanicError{Function: "native code", Value: x, Stack: debug.Stack()}
		}
	}()
	return work(ctx)
}

// async makes a method of a function that reads arguments and leaves work.
// Wrong arguments reject the promise, too.
func async[H any](begin func(H, goja.FunctionCall) Work) func(H, goja.FunctionCall) goja.Value {
	return func(value H, call goja.FunctionCall) goja.Value {
		h, ok := any(value).(hosted)
		if !ok {
			panic(fmt.Errorf("an asynchronous member of a table on %T", value))
		}
		return h.host().begin(func() Work { return begin(value, call) })
	}
}

// hosted is a value that members work on and that knows the host.
type hosted interface{ host() *Host }

func (h *Host) host() *Host { return h }

func (h *Host) begin(read func() Work) goja.Value {
	var work Work
	thrown := h.Runtime.Try(func() { work = read() })
	if thrown == nil {
		return h.Promise(work)
	}
	promise, _, reject := h.Runtime.NewPromise()
	if err := reject(thrown.Value()); err != nil {
		panic(err)
	}
	return h.Runtime.ToValue(promise)
}

// Throw throws err as [Host.Promise] would reject with it: for members that
// are not asynchronous.
func (h *Host) Throw(err error) {
	panic(h.VM.NewError(Failure(err)))
}

// coded is an error whose code the system knows.
type coded struct {
	error
	code string
}

func (e *coded) Unwrap() error     { return e.error }
func (e *coded) ErrorCode() string { return e.code }

// Failure is err with the system's code, such as ECONNREFUSED, if it stems from
// the system and nothing says another.
func Failure(err error) error {
	var has interface{ ErrorCode() string }
	if errors.As(err, &has) {
		return err
	}
	if code := permit.CodeOf(err); code != "" {
		return &coded{err, code}
	}
	return err
}
