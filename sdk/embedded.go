package sdk

import (
	"context"
	"errors"
	"sync"

	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// Embedded is a server in this process: an engine that runs for as long as some
// worker or client uses it, on no port unless the options, of which there is one
// at most, name one. It forgets everything at its end unless they name a file.
//
//	sdk.Embedded()
//	sdk.Embedded(sdk.EngineOptions{Data: "runs.db"})
//
// All that are given the same Server use the same engine. [WithEngine] is for
// engines of which more is asked.
func Embedded(options ...EngineOptions) Server {
	e := &embedded{}
	for _, o := range options {
		e.options = o
	}
	return Server{embedded: e}
}

// In is the server with the namespace, which keeps workflows and events of
// several programs apart; "" = none. Errors are ErrConfig.
func (s Server) In(namespace string) (Server, error) {
	parsed, err := workflow.ParseNamespace(namespace)
	if err != nil {
		return Server{}, withKind(err, ErrConfig)
	}
	s.namespace, s.config.Namespace = parsed, namespace
	return s, nil
}

// embedded is an engine that runs while it has users.
type embedded struct {
	options EngineOptions

	mu    sync.Mutex // held to begin and to end it
	users int
	run   *embeddedRun // nil without users
}

// embeddedRun is one life of the engine.
type embeddedRun struct {
	engine *Engine         // when it takes requests
	ctx    context.Context // ends with it
	stop   context.CancelFunc
	ended  chan struct{}
	err    error // once ended
}

// with calls f with the server as it can be dialled; ctx ends when the engine does.
func (s Server) with(ctx context.Context, f func(context.Context, Server) error) error {
	if s.embedded == nil {
		return f(ctx, s)
	}
	run, err := s.embedded.enter()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(run.ctx, cancel)()
	server, err := run.engine.Server(string(s.namespace))
	if err == nil {
		err = f(ctx, server)
	}
	return errors.Join(err, s.embedded.leave())
}

// enter adds a user, and begins the engine for the first.
func (e *embedded) enter() (*embeddedRun, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.run == nil {
		run, err := e.begin()
		if err != nil {
			return nil, err
		}
		e.run = run
	}
	e.users++
	return e.run, nil
}

// begin has an engine run until its stop is called, by leave.
func (e *embedded) begin() (*embeddedRun, error) {
	life, stop := context.WithCancel(context.Background())
	run := &embeddedRun{stop: stop, ended: make(chan struct{})}
	started := make(chan struct{})
	go func() {
		defer close(run.ended)
		run.err = WithEngine(life, e.options, func(ctx context.Context, engine *Engine) error {
			run.engine, run.ctx = engine, ctx
			close(started)
			<-ctx.Done()
			return nil
		})
	}()
	select {
	case <-started:
		return run, nil
	case <-run.ended:
		stop()
		return nil, run.err
	}
}

// leave takes a user away, and ends the engine after the last.
func (e *embedded) leave() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.users--; e.users > 0 {
		return nil
	}
	run := e.run
	e.run = nil
	run.stop()
	<-run.ended
	return run.err
}
