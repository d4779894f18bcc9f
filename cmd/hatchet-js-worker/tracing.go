package main

import (
	"context"
	"log/slog"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
)

// traced calls f with the tracing that the environment asks for, and sees to it
// that the last spans are sent. One that cannot be sent is no failure of what was
// done.
func (a *app) traced(ctx context.Context, logger *slog.Logger, f func(sdk.Tracing) error) error {
	tracing, closeTracing, err := sdk.TracingFromEnv(ctx, a.lookup, version, logger)
	if err != nil {
		return err
	}
	err = f(tracing)
	if lost := closeTracing(ctx); lost != nil {
		logger.Warn(lost.Error())
	}
	return err
}
