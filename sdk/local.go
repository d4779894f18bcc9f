package sdk

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"
)

// RunWith is [Worker.Run] with f beside it: f is called with a client once the
// worker takes work, and when it has returned the worker drains. The context of f
// ends with ctx, and when the worker ends for another reason.
func (w *Worker) RunWith(ctx context.Context, f func(context.Context, *Client) error) error {
	return w.options.Server.with(ctx, func(ctx context.Context, server Server) error {
		w.options.Server = server
		serving := make(chan struct{})
		w.observer = whenConnected(w.observer, serving)
		return besideWorker(ctx, w.run, serving, func(ctx context.Context) error {
			options := ClientOptions{Clock: w.clock, Logger: w.logger, Tracing: w.options.Tracing}
			return withClient(ctx, server, options, w.door.Redact, func(c *Client) error { return f(ctx, c) })
		})
	})
}

// WithLocal runs a worker with a throw-away embedded engine, and f with a client,
// all in this process and on no port. It ends when f returns: Drain of the options
// has no meaning, nor has Server unless it is given. Files that do not load are
// told to the observer; if none loads, the error is ErrScripts and f is not
// called.
func WithLocal(ctx context.Context, options Options, f func(*Client) error) error {
	if options.Server.none() {
		options.Server = Embedded(EngineOptions{Clock: options.Clock, Logger: options.Logger, Observer: options.Observer})
	}
	if options.Name == "" {
		options.Name = "local"
	}
	options.Drain = -1
	worker, err := New(options)
	if err != nil {
		return err
	}
	var result error
	err = worker.RunWith(ctx, func(_ context.Context, c *Client) error {
		result = f(c)
		return result
	})
	if errors.Is(err, ErrDrainDeadline) {
		return result // what still ran dies with its throw-away engine
	}
	return err
}

// besideWorker runs f once the worker serves, and ends the worker after it.
func besideWorker(ctx context.Context, run func(context.Context) error, serving <-chan struct{}, f func(context.Context) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan struct{})
	var group errgroup.Group
	group.Go(func() error {
		defer stop() // f has nothing to wait for any more
		defer close(ended)
		return run(ctx)
	})
	var result error
	select {
	case <-serving:
		result = f(ctx)
	case <-ended:
	}
	stop()
	return errors.Join(result, group.Wait())
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
