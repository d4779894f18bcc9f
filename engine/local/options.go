package local

import (
	"errors"
	"fmt"
	"log/slog"
	"syscall"
	"time"

	"github.com/google/uuid"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/local/cel"
	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
)

// DefaultVersion is the version of Hatchet whose behaviour the engine shows
// (hatchet-protocol.md section 3.2).
const DefaultVersion = "v0.101.27"

// DefaultTenantID is the one tenant of an embedded engine. It is the same for
// every engine and every start, so that tokens stay good.
const DefaultTenantID = "5f7c2a10-6d1b-4d8e-9a53-0e4b7c9d2f61"

// DefaultStopWithin is how long an engine takes at most to stop.
const DefaultStopWithin = 5 * time.Second

// Options says how an engine runs. The zero value is an ephemeral engine on
// real time that is reached through [Engine.Dial] alone.
type Options struct {
	// Clock is the engine's time. nil = real time.
	Clock clock.Clock
	// Logger is told what an operator should know. nil = silent.
	Logger *slog.Logger
	// Data is the file that keeps the state over restarts, made if it is not
	// there; see [store.Reset] for removing it. "" = ephemeral.
	Data string
	// GRPCAddr is host:port to serve gRPC on; port 0 takes a free one. "" = none.
	GRPCAddr string
	// HTTPAddr is the same for the REST face. "" = none.
	HTTPAddr string
	// Version is what GetVersion answers. "" = DefaultVersion.
	Version string
	// TenantID is the tenant that tokens are for, a UUID. "" = DefaultTenantID.
	TenantID string
	// Core tunes the state machine. Its zero value is good; with Data it must be
	// the same at every start. A nil Evaluator stands for CEL;
	// another is called from two goroutines.
	Core core.Config
	// Observer is told what happens to runs, for a live display. It is called on
	// the goroutine that owns the engine's state: it must return at once and must
	// not call the engine. nil = nobody watches.
	Observer func(Event)
	// NewID makes the ids of runs that are asked for, and of events: UUIDs, on any
	// goroutine. nil = random ones.
	NewID func() string
	// StopWithin bounds how long Run takes to return after its context is done;
	// requests that take longer are cut off. 0 = DefaultStopWithin.
	StopWithin time.Duration

	snapshotAfter int64 // bytes of journal; 0 = defaultSnapshotAfter
}

func (o Options) withDefaults() Options {
	if o.Clock == nil {
		o.Clock = clock.Real()
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Version == "" {
		o.Version = DefaultVersion
	}
	if o.TenantID == "" {
		o.TenantID = DefaultTenantID
	}
	if o.NewID == nil {
		o.NewID = uuid.NewString
	}
	if o.Core.Evaluator == nil {
		o.Core.Evaluator = cel.New()
	}
	if o.snapshotAfter <= 0 {
		o.snapshotAfter = defaultSnapshotAfter
	}
	if o.StopWithin <= 0 {
		o.StopWithin = DefaultStopWithin
	}
	return o
}

// PortTakenError says that the address to serve on is in use; the caller may
// want to try the next one.
type PortTakenError struct {
	Face string // "gRPC" or "REST"
	Addr string
	Err  error
}

func (e *PortTakenError) Error() string {
	return fmt.Sprintf("serve %s on %s: the port is taken by another program", e.Face, e.Addr)
}

// Unwrap is what the operating system said.
func (e *PortTakenError) Unwrap() error { return e.Err }

// windowsAddrInUse is WSAEADDRINUSE, which Go does not map to EADDRINUSE.
const windowsAddrInUse = syscall.Errno(10048)

func addressInUse(err error) bool {
	return errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, windowsAddrInUse)
}
