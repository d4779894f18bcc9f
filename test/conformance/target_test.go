package conformance

import (
	"context"
	"os"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
)

// target is a kind of engine to run scenarios against.
type target interface {
	name() string
	// join returns the settings with which to reach an engine, as environment
	// variables, and what lets go of it again.
	join() (lookup func(string) (string, bool), leave func() error, err error)
}

// embedded is an engine of this process, a new one for each scenario.
type embedded struct{}

func (embedded) name() string { return "embedded" }

func (embedded) join() (func(string) (string, bool), func() error, error) {
	engine, stop, err := held(func(use func(*sdk.Engine) error) error {
		options := sdk.EngineOptions{GRPCAddress: "127.0.0.1:0", HTTPAddress: "127.0.0.1:0"}
		return sdk.WithEngine(context.Background(), options, func(_ context.Context, e *sdk.Engine) error { return use(e) })
	})
	if err != nil {
		return nil, nil, err
	}
	settings := map[string]string{
		"HATCHET_CLIENT_TOKEN":        engine.Token(),
		"HATCHET_CLIENT_HOST_PORT":    engine.Address(),
		"HATCHET_CLIENT_SERVER_URL":   "http://" + engine.HTTPAddress(),
		"HATCHET_CLIENT_TLS_STRATEGY": "none",
	}
	lookup := func(name string) (string, bool) {
		value, ok := settings[name]
		return value, ok
	}
	return lookup, stop, nil
}

// server is the Hatchet server that the environment names.
type server struct{}

func (server) name() string { return "server" }

func (server) join() (func(string) (string, bool), func() error, error) {
	return os.LookupEnv, func() error { return nil }, nil
}

// held keeps open what exists only while a function runs, until release.
func held[T any](open func(use func(T) error) error) (value T, release func() error, err error) {
	opened, done, ended := make(chan T, 1), make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- open(func(v T) error {
			opened <- v
			<-done
			return nil
		})
	}()
	select {
	case value = <-opened:
		return value, func() error {
			close(done)
			return <-ended
		}, nil
	case err = <-ended:
		return value, nil, err
	}
}
