package hatchet

import (
	"context"
	"errors"
	"fmt"

	"github.com/dop251/goja"
	"github.com/dop251/goja/file"
)

// operation is one call of the host on behalf of a run.
type operation struct {
	name  string
	err   error
	heard bool // the script has got the answer
}

// answer makes the value that an operation's promise is resolved with, on the
// VM's goroutine. Nil stands for undefined.
type answer func() (goja.Value, error)

// effect calls the host for something that must happen even if the script ends
// without waiting for it. Invoke waits for it, and a failure that the script
// did not live to hear of is logged.
func (u *run) effect(name string, call func(ctx context.Context) (answer, error)) goja.Value {
	return u.operate(&operation{name: name}, u.ctx, call)
}

// inquire calls the host for an answer that only the script wants: it ends with
// the run.
func (u *run) inquire(name string, call func(ctx context.Context) (answer, error)) goja.Value {
	return u.operate(&operation{name: name, heard: true}, u.realm.vm.RunContext(), call)
}

func (u *run) operate(op *operation, ctx context.Context, call func(ctx context.Context) (answer, error)) goja.Value {
	if u.loader != nil {
		return u.loader.deferCall(op.name, call)
	}
	if u.inv.Host == nil {
		u.realm.fail("%s: there is no engine to talk to", op.name)
	}
	promise, settle := u.realm.vm.NewPromise()
	at := u.realm.trace()
	u.operations.Go(func() {
		made, err := call(ctx)
		if err != nil {
			u.note(op, err)
		}
		settle(func() (goja.Value, error) {
			u.hear(op)
			if err != nil {
				return nil, u.realm.rejection(err, at)
			}
			if made == nil {
				return goja.Undefined(), nil
			}
			return made()
		})
	})
	return promise
}

func (u *run) note(op *operation, err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	op.err = err
	if !op.heard {
		u.unheard = append(u.unheard, op)
	}
}

func (u *run) hear(op *operation) {
	u.mu.Lock()
	defer u.mu.Unlock()
	op.heard = true
}

// reportUnheard logs what failed after the script had ended. All operations
// are over.
func (u *run) reportUnheard() {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, op := range u.unheard {
		if !op.heard && !errors.Is(op.err, context.Canceled) {
			u.write(LevelError, op.name+" failed after the task had ended without waiting for it: "+op.err.Error(), nil)
		}
	}
}

// detailed is an error that gives the Error that scripts see properties of its
// own.
type detailed interface {
	error
	// detail sets the properties.
	detail(r *Realm, object *goja.Object)
}

// rejection is what a promise is rejected with for err: an error with details
// becomes an Error that has them and the stack of the call.
func (r *Realm) rejection(err error, at trace) error {
	var extra detailed
	if !errors.As(err, &extra) {
		return err
	}
	object := r.rt.NewGoError(err)
	name := "Error"
	var named interface{ ErrorName() string }
	if errors.As(err, &named) {
		name = named.ErrorName()
	}
	r.define(object, "value", object.Get("value")) // the Go error: for errors.As, not for show
	r.define(object, "name", r.rt.ToValue(name))
	r.define(object, "message", r.rt.ToValue(err.Error()))
	r.define(object, "stack", r.rt.ToValue(name+": "+err.Error()+at.String()))
	extra.detail(r, object)
	return r.rt.Try(func() { panic(object) })
}

// trace is the stack of a call, kept for an error that may come of it.
type trace []goja.StackFrame

const traceDepth = 8

func (r *Realm) trace() trace { return r.rt.CaptureCallStack(traceDepth, nil) }

// own calls each for the frames that are the script's, until it returns false.
func (t trace) own(each func(function string, at file.Position) bool) {
	for i := range t {
		at := t[i].Position()
		if at.Filename == "" || at.Filename[0] == '<' {
			continue
		}
		if !each(t[i].FuncName(), at) {
			return
		}
	}
}

// String renders the lines of a stack, those of native code left out.
func (t trace) String() string {
	text := ""
	t.own(func(function string, at file.Position) bool {
		if function == "" || function[0] == '<' {
			text += "\n    at " + at.String()
		} else {
			text += "\n    at " + function + " (" + at.String() + ")"
		}
		return true
	})
	return text
}

// place is the innermost place, as " (file:line)"; "" if it is not known.
func (t trace) place() string {
	text := ""
	t.own(func(_ string, at file.Position) bool {
		text = fmt.Sprintf(" (%s:%d)", at.Filename, at.Line)
		return false
	})
	return text
}

func (e *NonDeterminismError) detail(r *Realm, object *goja.Object) {
	r.define(object, "step", r.rt.ToValue(e.Step))
}

func (e *IdempotencyCollisionError) detail(r *Realm, object *goja.Object) {
	if e.RunID != "" {
		r.define(object, "runId", r.rt.ToValue(e.RunID))
	}
}
