package hatchet

import (
	"context"
	"errors"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

// streamBuffer is how many events may wait for the script before the engine's
// stream is no longer read.
const streamBuffer = 256

// follower follows the stream of a run for a script.
type follower struct {
	u      *run
	events chan RunEvent // closed by the listening goroutine
	shape  func(r *Realm, event RunEvent) goja.Value
	err    error         // why it ended; read after events is closed
	stop   func()        // ends the listening
	taken  chan struct{} // closed when the last one that was asked for is there; nil before
}

var errUnfollowed = errors.New("the script takes no more of the stream")

// subscribe is hatchet.runs.subscribeToStream(run): an async iterator over what
// its tasks stream.
func subscribe(r *Realm, call goja.FunctionCall) goja.Value {
	return r.follow(call, "hatchet.runs.subscribeToStream", func(event RunEvent) bool { return event.What == Streamed },
		func(r *Realm, event RunEvent) goja.Value { return r.rt.ToValue(string(event.Payload)) })
}

// anyEvent wants whatever happens.
func anyEvent(RunEvent) bool { return true }

// eventOfRun is an event in the words of Hatchet's TypeScript SDK.
func eventOfRun(r *Realm, event RunEvent) goja.Value {
	kind := "WORKFLOW_RUN_EVENT_TYPE_"
	if event.OfTask {
		kind = "STEP_RUN_EVENT_TYPE_"
	}
	object := r.rt.NewObject()
	for key, v := range map[string]string{"type": kind + event.What, "payload": string(event.Payload), "resourceId": event.ID, "workflowRunId": event.RunID} {
		_ = object.Set(key, v)
	}
	return object
}

// follow is an async iterator over what happens in the run that is the first
// argument, as far as it is wanted. shape is what the script gets of it.
func (r *Realm) follow(call goja.FunctionCall, what string, wanted func(RunEvent) bool, shape func(*Realm, RunEvent) goja.Value) goja.Value {
	u := r.running(what)
	r.noMore(call, 1, what)
	id, _ := r.runID(call.Argument(0), what)
	if u.inv.Host == nil || u.loader != nil {
		r.fail("%s: there is no engine to talk to", what)
	}
	ctx, cancel := context.WithCancelCause(r.vm.RunContext())
	f := &follower{u: u, events: make(chan RunEvent, streamBuffer), shape: shape, stop: func() { cancel(errUnfollowed) }}
	host := u.inv.Host
	u.operations.Go(func() {
		defer cancel(nil)
		f.err = host.Follow(ctx, id, func(event RunEvent) error {
			if !wanted(event) {
				return nil
			}
			select {
			case f.events <- event:
				return nil
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		})
		if errors.Is(context.Cause(ctx), errUnfollowed) {
			f.err = nil
		}
		close(f.events)
	})
	return r.iterator(f)
}

// iterator makes the object that for await takes from.
func (r *Realm) iterator(f *follower) goja.Value {
	object := r.rt.NewObject()
	members := []native.Member[*follower]{
		{Name: "next", Call: (*follower).next},
		{Name: "return", Length: 1, Call: (*follower).end},
	}
	if err := native.Define(r.rt, object, f, members); err != nil {
		panic(r.rt.NewGoError(err))
	}
	itself := native.Function(r.rt, "[Symbol.asyncIterator]", 0, func(call goja.FunctionCall) goja.Value { return call.This })
	_ = object.DefineDataPropertySymbol(r.asyncIterator(), itself, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE)
	return object
}

func (r *Realm) asyncIterator() *goja.Symbol {
	symbol, _ := r.rt.Get("Symbol").ToObject(r.rt).Get("asyncIterator").(*goja.Symbol)
	return symbol
}

// next is a promise of the next event. Events are given in the order in which
// they are asked for.
func (f *follower) next(goja.FunctionCall) goja.Value {
	before, taken := f.taken, make(chan struct{})
	f.taken = taken
	r := f.u.realm
	return f.u.inquire("the stream of a run", func(ctx context.Context) (answer, error) {
		defer close(taken)
		if before != nil {
			<-before
		}
		select {
		case event, more := <-f.events:
			if !more && f.err != nil {
				return nil, f.err
			}
			return func() (goja.Value, error) {
				if !more {
					return r.step(goja.Undefined(), false), nil
				}
				return r.step(f.shape(r, event), true), nil
			}, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	})
}

// end is what a loop calls that is left early.
func (f *follower) end(call goja.FunctionCall) goja.Value {
	f.stop()
	return f.u.realm.resolved(f.u.realm.step(call.Argument(0), false))
}

// step is what an iterator gives.
func (r *Realm) step(v goja.Value, more bool) goja.Value {
	object := r.rt.NewObject()
	_ = object.Set("done", !more)
	_ = object.Set("value", v)
	return object
}
