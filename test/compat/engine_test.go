package compat

import (
	"context"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
)

// startEngine runs an embedded engine in this process until the end of the test.
// It returns the environment with which an SDK joins it.
func startEngine(t *testing.T, options sdk.EngineOptions) []string {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	started, ended := make(chan *sdk.Engine, 1), make(chan error, 1)
	options.GRPCAddress, options.HTTPAddress = "127.0.0.1:0", "127.0.0.1:0"
	go func() {
		ended <- sdk.WithEngine(ctx, options, func(ctx context.Context, engine *sdk.Engine) error {
			started <- engine
			<-ctx.Done()
			return nil
		})
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the engine: %v", err)
		}
	})
	select {
	case engine := <-started:
		return environment(engine.Token(), engine.Address())
	case err := <-ended:
		ended <- err
		t.Fatalf("the engine does not start: %v", err)
	}
	return nil
}

// environment is what the official SDK reads to join an engine.
func environment(token, address string) []string {
	return []string{"HATCHET_CLIENT_TOKEN=" + token, "HATCHET_CLIENT_TLS_STRATEGY=none", "HATCHET_CLIENT_HOST_PORT=" + address}
}
