package sdk

import (
	"errors"
	"fmt"

	"github.com/hatchet-js/hatchet-js-worker/engine/transport"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Sentinels that a caller branches on; the errors returned wrap them.
var (
	// ErrConfig: a setting is missing, malformed or contradicts another.
	ErrConfig = errors.New("configuration")
	// ErrUnreachable: no engine answers at the address.
	ErrUnreachable = errors.New("no engine reachable")
	// ErrUnauthorized: the engine does not accept the token.
	ErrUnauthorized = errors.New("not authorized")
	// ErrScripts: scripts do not load.
	ErrScripts = errors.New("scripts do not load")
	// ErrNothingToServe: the paths hold no script.
	ErrNothingToServe = fmt.Errorf("%w: nothing to serve", ErrConfig)
	// ErrDrainDeadline: tasks still ran when the time to drain was over.
	ErrDrainDeadline = worker.ErrDrainDeadline
	// ErrNotFound: the engine knows no such run.
	ErrNotFound = errors.New("not found")
	// ErrRunFailed: a run whose output was asked for did not complete.
	ErrRunFailed = errors.New("the run did not complete")
)

// coded is an error that keeps its own text and also is one of the sentinels.
type coded struct {
	error
	kind error
}

func (c coded) Unwrap() []error { return []error{c.error, c.kind} }

func withKind(err, kind error) error {
	if err == nil || errors.Is(err, kind) {
		return err
	}
	return coded{err, kind}
}

// classify adds the sentinel for what the transport recognises.
func classify(err error) error {
	switch {
	case err == nil:
		return nil
	case transport.IsUnauthorized(err):
		return withKind(err, ErrUnauthorized)
	case transport.IsUnreachable(err):
		return withKind(err, ErrUnreachable)
	case status.Code(err) == codes.InvalidArgument:
		return withKind(err, ErrConfig)
	}
	return err
}
