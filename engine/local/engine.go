package local

import (
	"context"
	"errors"
	"net"
	"sync"

	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
	"github.com/hatchet-js/hatchet-js-worker/engine/local/serve"
	"github.com/hatchet-js/hatchet-js-worker/engine/local/store"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc/test/bufconn"
)

// pipeBuffer is the size of each of the two buffers of an in-process connection.
// Who writes more waits for the reader; larger ones are most of what a connection
// costs.
const pipeBuffer = 64 << 10

// Engine is an embedded engine. Its methods are safe for concurrent use; those
// that tell about addresses are valid once Started is closed.
type Engine struct {
	options Options
	loop    *loop
	pipe    *bufconn.Listener // gRPC
	webPipe *bufconn.Listener // REST
	faces   *faces

	started   chan struct{}
	startOnce sync.Once
	running   sync.Mutex
	recovery  store.Recovery
}

// New makes an engine; Run starts it.
func New(options Options) *Engine {
	o := options.withDefaults()
	return &Engine{
		options: o,
		loop:    newLoop(o.Clock, o.Logger, o.Observer),
		pipe:    bufconn.Listen(pipeBuffer),
		webPipe: bufconn.Listen(pipeBuffer),
		faces:   &faces{},
		started: make(chan struct{}),
	}
}

// Run opens the ports, recovers the state and serves until ctx is done, then
// ends all streams, lets requests finish for a bounded time, writes a snapshot
// and returns nil. It is called once.
//
// Errors to branch on: *[PortTakenError], *[store.InUseError],
// *[store.FormatError].
func (e *Engine) Run(ctx context.Context) error {
	if !e.running.TryLock() {
		return errors.New("run an engine: it has been run before")
	}
	if err := e.faces.listen(e.options); err != nil {
		return err
	}
	defer e.faces.closeListeners()
	if err := e.recover(ctx); err != nil {
		return err
	}
	err := e.serve(ctx)
	return errors.Join(err, e.close(err == nil))
}

// recover brings the state back from the data file, if there is to be one.
func (e *Engine) recover(ctx context.Context) error {
	if e.options.Data == "" {
		e.loop.core = core.New(e.options.Core)
		return nil
	}
	file, err := store.Open(ctx, e.options.Data, store.Options{Format: journalFormat, Logger: e.options.Logger})
	if err != nil {
		return err
	}
	e.loop.journal = &journal{store: file, config: e.options.Core, log: e.options.Logger, after: e.options.snapshotAfter}
	e.loop.core, e.recovery, err = e.loop.journal.recover(ctx)
	if err != nil {
		return errors.Join(err, file.Close())
	}
	return nil
}

// serve runs the loop and the faces. They stop in the reverse order: streams,
// requests, listeners, loop.
func (e *Engine) serve(ctx context.Context) error {
	loopCtx, stopLoop := context.WithCancel(context.WithoutCancel(ctx))
	defer stopLoop()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return e.loop.run(loopCtx) })
	e.faces.build(e)
	e.faces.serve(group, e.pipe, e.webPipe)
	group.Go(func() error {
		defer stopLoop()
		<-ctx.Done()
		e.faces.stop(e.loop, e.options.StopWithin)
		return nil
	})
	e.startOnce.Do(func() { close(e.started) })
	return group.Wait()
}

// close writes a last snapshot, if all went well, and closes the data file.
func (e *Engine) close(well bool) error {
	j := e.loop.journal
	if j == nil {
		return nil
	}
	j.settle()
	var err error
	if well && j.store.Appended() > 0 {
		err = j.snapshot(context.Background(), e.loop.core)
	}
	return errors.Join(err, j.store.Close())
}

// Started is closed when the engine has recovered its state and listens.
func (e *Engine) Started() <-chan struct{} { return e.started }

// Addr is the gRPC face's host:port; "" if it serves none.
func (e *Engine) Addr() string { return e.faces.addr(faceGRPC) }

// HTTPAddr is the REST face's host:port; "" if it serves none.
func (e *Engine) HTTPAddr() string { return e.faces.addr(faceREST) }

// TenantID is the tenant that the engine serves.
func (e *Engine) TenantID() string { return e.options.TenantID }

// Recovery tells what the data file held.
func (e *Engine) Recovery() store.Recovery { return e.recovery }

// Token is the token with which any SDK joins this engine (hatchet-protocol.md
// section 1.2). Without a gRPC port the address in it leads nowhere and the
// client must use [Engine.Dial].
func (e *Engine) Token() string {
	grpcAddr, serverURL := e.Addr(), "http://"+e.HTTPAddr()
	if grpcAddr == "" {
		grpcAddr = "in-process:0"
	}
	if e.HTTPAddr() == "" {
		serverURL = "http://" + grpcAddr
	}
	return mintToken(e.options.TenantID, grpcAddr, serverURL)
}

// Dial opens an in-process connection to the gRPC face. It has the signature of
// a dialer for grpc.WithContextDialer; the address is ignored.
func (e *Engine) Dial(ctx context.Context, _ string) (net.Conn, error) {
	return e.pipe.DialContext(ctx)
}

// DialHTTP opens an in-process connection to the REST face.
func (e *Engine) DialHTTP(ctx context.Context) (net.Conn, error) {
	return e.webPipe.DialContext(ctx)
}

// Do implements [serve.Engine].
func (e *Engine) Do(ctx context.Context, cmd core.Command) (any, error) {
	return e.loop.do(ctx, cmd, nil)
}

// View implements [serve.Engine].
func (e *Engine) View(ctx context.Context, f func(*core.Core)) error { return e.loop.look(ctx, f) }

// Actions implements [serve.Engine].
func (e *Engine) Actions(ctx context.Context, cmd core.WorkerConnected) (serve.Stream[core.Effect], error) {
	return openActions(ctx, e.loop, cmd)
}

// Unsubscribe implements [serve.Engine].
func (e *Engine) Unsubscribe(ctx context.Context, cmd core.Unsubscribe) error {
	_, err := e.loop.do(ctx, cmd, func(h *hub) { h.closeWorker(cmd.WorkerID) })
	return err
}

// Durable implements [serve.Engine].
func (e *Engine) Durable(ctx context.Context, cmd core.DurableConnected) (serve.Stream[core.DurableMessage], error) {
	return openDurable(ctx, e.loop, cmd)
}

// Results implements [serve.Engine].
func (e *Engine) Results(ctx context.Context) (serve.ResultStream, error) {
	return openResults(ctx, e.loop)
}

// Signals implements [serve.Engine].
func (e *Engine) Signals(ctx context.Context) (serve.SignalStream, error) {
	return openSignals(ctx, e.loop)
}

// Events implements [serve.Engine].
func (e *Engine) Events(ctx context.Context, selection serve.EventSelection) (serve.Stream[core.TaskEvent], error) {
	return openEvents(ctx, e.loop, selection)
}
