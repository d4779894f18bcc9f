// Package health tells the outside how a worker fares: probes for what restarts
// processes and routes to them, and metrics for Prometheus, on a port of its
// own. A probe is an honest answer: one that says 200 although no work comes in
// is worse than none.
package health

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/sync/errgroup"
)

const (
	// turn is how often the watchdog takes the worker's report, and turnLimit how
	// long ago it may have last done so in a process that is alive.
	turn      = time.Second
	turnLimit = 30 * time.Second
	// parting is how long requests may take that are under way at the end.
	parting = time.Second
	// scrapesAtOnce bounds the work that a busy scraper can make.
	scrapesAtOnce = 4
)

// Options of a [Server].
type Options struct {
	Address string        // host:port; port 0 takes any free one
	Version string        // of the program
	Look    func() Report // takes the worker's report; safe for concurrent use
	Clock   clock.Clock   // nil = the real one
	Logger  *slog.Logger  // nil = none
}

// Server answers on the health port.
type Server struct {
	options  Options
	clock    clock.Clock
	listener net.Listener
	http     *http.Server
	tasks    *Tasks
	scripts  *Scripts
	calls    *Calls
	turned   atomic.Int64 // when the watchdog last had a report, in Unix nanoseconds
}

// Listen takes the port; [Server.Run] answers on it.
func Listen(options Options) (*Server, error) {
	if options.Clock == nil {
		options.Clock = clock.Real()
	}
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	listener, err := net.Listen("tcp", options.Address)
	if err != nil {
		return nil, fmt.Errorf("open the health port %s: %w; free it, or choose another one", options.Address, reason(err))
	}
	s := &Server{options: options, clock: options.Clock, listener: listener}
	s.turned.Store(s.clock.Now().UnixNano())
	registry := s.registry()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", s.livez)
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.HandleFunc("GET /health", s.health)
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{MaxRequestsInFlight: scrapesAtOnce}))
	s.http = &http.Server{
		Handler: mux, ErrorLog: slog.NewLogLogger(options.Logger.Handler(), slog.LevelDebug),
		ReadHeaderTimeout: 5 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
	}
	return s, nil
}

// reason is an error of the operating system without the address, which is said
// already.
func reason(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}

// Address is the host:port that was taken.
func (s *Server) Address() string { return s.listener.Addr().String() }

// Tasks counts the attempts of the worker, whose observer it is to be.
func (s *Server) Tasks() *Tasks { return s.tasks }

// Calls measures the calls to the engine.
func (s *Server) Calls() *Calls { return s.calls }

// Scripts counts what reloads do, and what permissions refuse.
func (s *Server) Scripts() *Scripts { return s.scripts }

// Run answers until ctx ends.
func (s *Server) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		clock.Every(ctx, s.clock, turn, func(context.Context) { s.check() })
		return nil
	})
	group.Go(func() error {
		if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve the health port: %w", err)
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		s.part()
		return nil
	})
	return group.Wait()
}

// check is one turn of the watchdog. Taking the report goes through the locks of
// the worker and of its scripts: if one of them is stuck, or no goroutine gets to
// run any more, the turns end. It asks nothing of the network.
func (s *Server) check() {
	s.options.Look()
	s.turned.Store(s.clock.Now().UnixNano())
}

// part lets requests under way finish, for a moment. Who asks lives in real time.
func (s *Server) part() {
	ctx, cancel := clock.WithTimeout(context.Background(), clock.Real(), parting, nil)
	defer cancel()
	if s.http.Shutdown(ctx) != nil {
		_ = s.http.Close()
	}
}
