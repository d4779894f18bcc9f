package sdk

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"golang.org/x/sync/errgroup"
)

// LocalOptions of [WithLocal].
type LocalOptions struct {
	Paths       []string
	Files       fs.FS          // further scripts, see [Options]; nil = none
	Modules     []NativeModule // Go functions that the scripts may import
	Tasks       []NativeTask   // tasks of Go beside those of the scripts
	Permissions Permissions
	Isolation   Isolation
	LoadTimeout time.Duration // most that a script may take to load; 0 = 5 s
	Namespace   string
	Clock       clock.Clock  // nil = the real one
	Logger      *slog.Logger // nil = none
	Observer    Observer     // nil = none
}

// WithLocal runs a throw-away embedded engine, a worker that serves the paths,
// and f with a client, all in this process and on no port. It ends when f
// returns. Files that do not load are told to the observer; if none loads, the
// error is ErrScripts and f is not called.
func WithLocal(ctx context.Context, options LocalOptions, f func(*Client) error) error {
	return WithEngine(ctx, EngineOptions{Clock: options.Clock, Logger: options.Logger, Observer: options.Observer},
		func(ctx context.Context, engine *Engine) error {
			server, err := engine.Server(options.Namespace)
			if err != nil {
				return err
			}
			serving := make(chan struct{})
			worker, err := New(Options{
				Server: server, Paths: options.Paths, Files: options.Files, Modules: options.Modules, Tasks: options.Tasks, Permissions: options.Permissions, Isolation: options.Isolation, LoadTimeout: options.LoadTimeout,
				Name: "local", Drain: -1, Clock: options.Clock,
				Logger: options.Logger, Observer: whenConnected(options.Observer, serving),
			})
			if err != nil {
				return err
			}
			return besideWorker(ctx, worker, serving, func(ctx context.Context) error {
				return WithClient(ctx, server, ClientOptions{Clock: options.Clock, Logger: options.Logger}, f)
			})
		})
}

// besideWorker runs f once the worker serves, and ends the worker after it.
func besideWorker(ctx context.Context, worker *Worker, serving <-chan struct{}, f func(context.Context) error) error {
	working, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan struct{})
	var group errgroup.Group
	group.Go(func() error {
		defer close(ended)
		return worker.Run(working)
	})
	var result error
	select {
	case <-serving:
		result = f(ctx)
	case <-ended:
	}
	stop()
	err := group.Wait()
	if errors.Is(err, ErrDrainDeadline) {
		err = nil // what still ran dies with its throw-away engine
	}
	return errors.Join(result, err)
}

// whenConnected closes serving the first time the worker is connected.
func whenConnected(observer Observer, serving chan struct{}) Observer {
	closed := make(chan struct{}, 1)
	closed <- struct{}{}
	return func(event Notice) {
		observer.tell(event)
		if state, ok := event.(WorkerState); ok && state.State == "connected" {
			select {
			case <-closed:
				close(serving)
			default:
			}
		}
	}
}
