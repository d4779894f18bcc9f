package hatchet

import (
	"context"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// Deferred is a call of the client that a script made while it loaded, as main
// programs of Hatchet's SDK do. It is made when the worker has registered what
// the scripts declare, and once per version of a file, not once per VM.
type Deferred struct {
	Name     string
	Position workflow.Position
	// Do makes the call. Nobody waits for its answer: the promise that the script
	// got never settles.
	Do func(ctx context.Context, host Host) error
}

// loader stands in for a run while a file loads.
type loader struct {
	run
	host  *lateHost
	calls []Deferred
}

// lateHost is the host of calls that are made later, when there is one.
type lateHost struct{ Host }

func (r *Realm) newLoader() *loader {
	l := &loader{host: &lateHost{}}
	l.run = run{realm: r, inv: &Invocation{Host: l.host}, loader: l}
	return l
}

// deferCall keeps a call for later and gives a promise that never settles: what
// follows it waits for a program that is over when it serves.
func (l *loader) deferCall(name string, call func(ctx context.Context) (answer, error)) goja.Value {
	r := l.realm
	host := l.host
	l.calls = append(l.calls, Deferred{Name: name, Position: r.position(), Do: func(ctx context.Context, live Host) error {
		host.Host = live
		_, err := call(ctx)
		return err
	}})
	promise, _, _ := r.rt.NewPromise()
	return r.rt.ToValue(promise)
}

// Deferred are the calls that the script made while it loaded, in order.
func (r *Realm) Deferred() []Deferred {
	if r.loader == nil {
		return nil
	}
	return r.loader.calls
}

// Waits reports whether the script's top level waits for what only comes when
// it serves: the end of its worker, or the answer of a deferred call.
func (r *Realm) Waits() bool { return r.serves || len(r.Deferred()) > 0 }
