package sdk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"regexp"
	"strconv"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/client"
	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/local"
	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
	"github.com/hatchet-js/hatchet-js-worker/engine/local/store"
	"golang.org/x/sync/errgroup"
)

// EngineOptions of an embedded [Engine].
type EngineOptions struct {
	// GRPCAddress and HTTPAddress are host:port; port 0 takes any free one, ""
	// listens on none, and then only this process reaches the engine.
	GRPCAddress string
	HTTPAddress string
	// PortsToTry is how many ports above a taken one are tried; 0 = none.
	PortsToTry int
	// Data is the file that keeps runs and timers; "" = memory only.
	Data string
	// Reset starts with an empty data file.
	Reset bool
	// SilentAfter is how long a worker may send no heartbeat before its tasks go
	// to another; 0 = 30 s, as on a Hatchet server (hatchet-protocol.md section
	// 3.5).
	SilentAfter time.Duration

	Clock    clock.Clock  // nil = the real one
	Logger   *slog.Logger // nil = none
	Observer Observer     // nil = none
}

// timeoutSlack is what a worker of this machine needs to report a timeout with
// its place before the engine records one without.
const timeoutSlack = 600 * time.Millisecond

// Engine is the embedded engine: a Hatchet engine for one machine, inside this
// process.
type Engine struct {
	local   *local.Engine
	started time.Time
}

// WithEngine runs an embedded engine, calls f once it takes requests, and ends
// the engine when f has returned.
func WithEngine(ctx context.Context, options EngineOptions, f func(context.Context, *Engine) error) error {
	if options.Clock == nil {
		options.Clock = clock.Real()
	}
	if options.Reset && options.Data != "" {
		if err := store.Reset(ctx, options.Data); err != nil {
			return err
		}
	}
	for attempt := 0; ; attempt++ {
		err := withEngineOnce(ctx, options, f)
		var taken *local.PortTakenError
		if !errors.As(err, &taken) || attempt >= options.PortsToTry {
			return err
		}
		if options, err = options.nextPort(taken.Addr); err != nil {
			return err
		}
	}
}

// nextPort moves the address that was taken to the next port.
func (o EngineOptions) nextPort(taken string) (EngineOptions, error) {
	host, text, err := net.SplitHostPort(taken)
	if err != nil {
		return o, withKind(fmt.Errorf("address %q: %w", taken, err), ErrConfig)
	}
	port, err := strconv.Atoi(text)
	if err != nil || port >= 65535 {
		return o, withKind(fmt.Errorf("address %q: no free port above it", taken), ErrConfig)
	}
	next := net.JoinHostPort(host, strconv.Itoa(port+1))
	if taken == o.HTTPAddress {
		o.HTTPAddress = next
	} else {
		o.GRPCAddress = next
	}
	return o, nil
}

func withEngineOnce(ctx context.Context, options EngineOptions, f func(context.Context, *Engine) error) error {
	engine := local.New(local.Options{
		Clock: options.Clock, Logger: options.Logger, Data: options.Data,
		GRPCAddr: options.GRPCAddress, HTTPAddr: options.HTTPAddress, Observer: engineObserver(options.Observer),
		Core: core.Config{HeartbeatDead: options.SilentAfter, TimeoutSlack: timeoutSlack},
	})
	// The engine outlives what f runs on it, so that a drain can report.
	inner, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var group errgroup.Group
	ended := make(chan struct{})
	ctx, lost := context.WithCancel(ctx)
	group.Go(func() error {
		defer lost() // f is of no use without its engine
		defer close(ended)
		return engine.Run(inner)
	})
	var result error
	select {
	case <-engine.Started():
		result = f(ctx, &Engine{local: engine, started: options.Clock.Now()})
	case <-ended:
		return withKind(group.Wait(), ErrConfig) // an address or a data file that it cannot have
	}
	stop()
	return errors.Join(result, group.Wait())
}

// Address is the engine's gRPC host:port; "" when it listens on none.
func (e *Engine) Address() string { return e.local.Addr() }

// HTTPAddress is the engine's REST host:port; "" when it listens on none.
func (e *Engine) HTTPAddress() string { return e.local.HTTPAddr() }

// Token is a token with which any Hatchet SDK may join.
func (e *Engine) Token() string { return e.local.Token() }

// Started is when the engine began to take requests.
func (e *Engine) Started() time.Time { return e.started }

// Server is how workers and clients of this process reach the engine.
func (e *Engine) Server(namespace string) (Server, error) {
	address := e.Address()
	if address == "" {
		address = "embedded:1"
	}
	return newServer(embeddedConfig(e.Token(), address, e.HTTPAddress(), namespace), e.local)
}

// engineObserver translates the engine's events.
func engineObserver(observer Observer) func(local.Event) {
	if observer == nil {
		return nil
	}
	return func(event local.Event) {
		switch e := event.(type) {
		case local.RunStarted:
			observer(RunStarted{RunID: e.RunID, Workflow: e.Workflow, Trigger: e.Trigger, Input: json.RawMessage(e.Input)})
		case local.RunFinished:
			observer(RunFinished{RunID: e.RunID, Workflow: e.Workflow, Status: string(e.Status), Took: e.Duration})
		case local.TaskParked:
			observer(EngineTask{RunID: e.RunID, Workflow: e.Workflow, Task: e.Task, Status: "PARKED", RetryIn: -1})
		case local.TaskFinished:
			observer(engineTask(e))
		}
	}
}

func engineTask(e local.TaskFinished) EngineTask {
	task := EngineTask{
		RunID: e.RunID, Workflow: e.Workflow, Task: e.Task, Status: string(e.Status), Attempt: e.Attempt,
		MaxAttempts: e.MaxAttempts, Took: e.Duration, RetryIn: -1,
	}
	if e.Skipped {
		task.Status = "SKIPPED"
	}
	message, stack := client.ErrorText(e.Error)
	task.Error, task.Place = message, firstPlace(stack)
	if e.Retrying {
		task.RetryIn = e.RetryIn
	}
	return task
}

var stackPlace = regexp.MustCompile(`(?m)^\s+at (?:.*\()?([^\s()]+:\d+:\d+)\)?$`)

// firstPlace is the innermost place of a stack in a source file.
func firstPlace(stack string) string {
	if match := stackPlace.FindStringSubmatch(stack); match != nil {
		return match[1]
	}
	return ""
}
