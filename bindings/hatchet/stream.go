package hatchet

import (
	"context"
	"errors"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

// streamBuffer is how many chunks may wait for the script before the engine's
// stream is no longer read.
const streamBuffer = 256

// follower follows the stream of a run for a script.
type follower struct {
	u      *run
	chunks chan []byte   // closed by the listening goroutine
	err    error         // why it ended; read after chunks is closed
	stop   func()        // ends the listening
	taken  chan struct{} // closed when the last chunk that was asked for is there; nil before
}

var errUnfollowed = errors.New("the script takes no more of the stream")

// subscribe is hatchet.runs.subscribeToStream(run): an async iterator.
func subscribe(r *Realm, call goja.FunctionCall) goja.Value {
	const what = "hatchet.runs.subscribeToStream"
	u := r.running(what)
	r.noMore(call, 1, what)
	id, _ := r.runID(call.Argument(0), what)
	if u.inv.Host == nil || u.loader != nil {
		r.fail("%s: there is no engine to talk to", what)
	}
	ctx, cancel := context.WithCancelCause(r.vm.RunContext())
	f := &follower{u: u, chunks: make(chan []byte, streamBuffer), stop: func() { cancel(errUnfollowed) }}
	host := u.inv.Host
	u.operations.Go(func() {
		defer cancel(nil)
		f.err = host.Listen(ctx, id, func(chunk []byte) error {
			select {
			case f.chunks <- chunk:
				return nil
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		})
		if errors.Is(context.Cause(ctx), errUnfollowed) {
			f.err = nil
		}
		close(f.chunks)
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

// next is a promise of the next chunk. Chunks are given in the order in which
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
		case chunk, more := <-f.chunks:
			if !more && f.err != nil {
				return nil, f.err
			}
			return func() (goja.Value, error) { return r.step(string(chunk), more), nil }, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	})
}

// end is what a loop calls that is left early.
func (f *follower) end(call goja.FunctionCall) goja.Value {
	f.stop()
	done := f.u.realm.step("", false).(*goja.Object)
	_ = done.Set("value", call.Argument(0))
	return f.u.realm.resolved(done)
}

// step is what an iterator gives.
func (r *Realm) step(chunk string, more bool) goja.Value {
	object := r.rt.NewObject()
	_ = object.Set("done", !more)
	if more {
		_ = object.Set("value", chunk)
	} else {
		_ = object.Set("value", goja.Undefined())
	}
	return object
}
