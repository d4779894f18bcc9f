package local

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/local/serve"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
)

// The faces of the engine.
const (
	faceGRPC = "gRPC"
	faceREST = "REST"
)

// headerTimeout is how long a REST client may take to send its headers.
const headerTimeout = 10 * time.Second

// faces are the listeners and servers of an engine.
type faces struct {
	listeners map[string]net.Listener // by face
	wire      *serve.Faces
	grpc      *grpc.Server
	http      *http.Server
}

// listen opens the ports, all or none.
func (f *faces) listen(o Options) error {
	f.listeners = map[string]net.Listener{}
	for face, addr := range map[string]string{faceGRPC: o.GRPCAddr, faceREST: o.HTTPAddr} {
		if addr == "" {
			continue
		}
		l, err := net.Listen("tcp", addr)
		if addressInUse(err) {
			err = &PortTakenError{Face: face, Addr: addr, Err: err}
		} else if err != nil {
			err = fmt.Errorf("serve %s on %s: %w", face, addr, err)
		}
		if err != nil {
			f.closeListeners()
			return err
		}
		f.listeners[face] = l
	}
	return nil
}

// closeListeners frees the ports; servers that ran have closed theirs already.
func (f *faces) closeListeners() {
	for _, l := range f.listeners {
		_ = l.Close()
	}
}

func (f *faces) addr(face string) string {
	if l := f.listeners[face]; l != nil {
		return reachable(l.Addr())
	}
	return ""
}

func (f *faces) build(e *Engine) {
	f.wire = serve.New(e, serve.Options{
		TenantID: e.options.TenantID,
		Version:  e.options.Version,
		Clock:    e.options.Clock,
		Logger:   e.options.Logger,
		NewID:    e.options.NewID,
	})
	f.grpc = f.wire.GRPC()
	handler := sync.OnceValue(f.wire.HTTP) // most engines in a process are never asked by REST
	f.http = &http.Server{
		Handler:           http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler().ServeHTTP(w, r) }),
		ReadHeaderTimeout: headerTimeout,
		ErrorLog:          slog.NewLogLogger(e.options.Logger.Handler(), slog.LevelDebug),
	}
}

// serve accepts connections until stop.
func (f *faces) serve(group *errgroup.Group, pipe, webPipe net.Listener) {
	group.Go(func() error { return unlessStopped(f.grpc.Serve(pipe)) })
	group.Go(func() error { return unlessStopped(f.http.Serve(webPipe)) })
	if l := f.listeners[faceGRPC]; l != nil {
		group.Go(func() error { return unlessStopped(f.grpc.Serve(l)) })
	}
	if l := f.listeners[faceREST]; l != nil {
		group.Go(func() error { return unlessStopped(f.http.Serve(l)) })
	}
}

func unlessStopped(err error) error {
	if errors.Is(err, http.ErrServerClosed) || errors.Is(err, grpc.ErrServerStopped) {
		return nil
	}
	return err
}

// How long an engine that stops waits for clients that have just been told how
// their run ended, and how often it looks. A client of an SDK may hold its
// stream for as long as it lives.
const (
	lingerFor   = 500 * time.Millisecond
	lingerCheck = 10 * time.Millisecond
)

// linger lets clients that have heard the result of their run ask for its
// details and go: a task that ends while everything stops is what somebody
// waited for.
func (f *faces) linger(ctx context.Context, l *loop) {
	if len(f.listeners) == 0 {
		return // nobody is outside
	}
	ctx, cancel := context.WithTimeout(ctx, lingerFor)
	defer cancel()
	for {
		answered := false
		if l.touch(ctx, func(h *hub) { answered = h.answered() }) != nil || !answered {
			return
		}
		if clock.Sleep(ctx, clock.Real(), lingerCheck) != nil {
			return
		}
	}
}

// stop lingers, ends all streams, then waits for requests that are under way, but not
// longer than within.
func (f *faces) stop(l *loop, within time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	f.linger(ctx, l)
	_ = l.touch(ctx, (*hub).closeAll) // a loop that has ended has no streams to end
	done := make(chan struct{})
	go func() {
		defer close(done)
		f.grpc.GracefulStop()
	}()
	if err := f.http.Shutdown(ctx); err != nil {
		_ = f.http.Close() // cuts off what is left
	}
	select {
	case <-done:
	case <-ctx.Done():
		f.grpc.Stop()
		<-done
	}
	f.wire.Wait()
}
