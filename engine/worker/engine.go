package worker

import (
	"context"
	"strconv"
	"strings"

	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker/internal/reconnect"
	"google.golang.org/grpc/codes"
)

// engineVersion is what the engine's version means for a worker
// (hatchet-protocol.md section 3.2). The zero value is an engine too old to tell
// its version.
type engineVersion struct {
	text    string
	known   bool // the call exists
	numbers [3]int
	parsed  bool
}

// parseVersion reads major.minor.patch with an optional leading v and an
// optional suffix.
func parseVersion(text string) engineVersion {
	v := engineVersion{text: text, known: text != ""}
	core := strings.TrimPrefix(strings.TrimSpace(text), "v")
	if i := strings.IndexAny(core, "-+"); i >= 0 {
		core = core[:i]
	}
	parts := strings.Split(core, ".")
	if len(parts) != len(v.numbers) {
		return v
	}
	for i, part := range parts {
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 {
			return v
		}
		v.numbers[i] = n
	}
	v.parsed = true
	return v
}

// since reports whether the engine is at least of the given version. One whose
// version cannot be read counts as new: it is a build of its own.
func (v engineVersion) since(major, minor, patch int) bool {
	if !v.parsed {
		return v.known
	}
	for i, n := range [3]int{major, minor, patch} {
		if v.numbers[i] != n {
			return v.numbers[i] > n
		}
	}
	return true
}

func (v engineVersion) knowsSlotTypes() bool { return v.since(0, 78, 23) }

func (v engineVersion) knowsDurable() bool { return v.since(0, 80, 0) }

// negotiate asks for the engine's version.
func (w *Worker) negotiate(ctx context.Context) error {
	var text string
	err := w.persist(ctx, "ask for the engine's version", endless, func(ctx context.Context) error {
		out, err := w.rpc.dispatcher.GetVersion(ctx, &contract.GetVersionRequest{})
		text = out.GetVersion()
		return err
	})
	if err != nil && reconnect.Code(err) != codes.Unimplemented {
		return err
	}
	version := parseVersion(text)
	w.engineVersion.Store(&version)
	w.state.update(func(k *keeper) { k.engineVersion = text })
	if !version.knowsSlotTypes() {
		w.logger.Warn("the engine is older than v0.78.23: slot types are not available", keyVersion, text)
	}
	if !version.knowsDurable() {
		w.logger.Warn("the engine is older than v0.80.0: durable tasks remember nothing beyond an attempt", keyVersion, text)
	}
	return nil
}

// engine is what was negotiated last.
func (w *Worker) engine() engineVersion {
	if v := w.engineVersion.Load(); v != nil {
		return *v
	}
	return engineVersion{}
}

// lacksEventLog reports whether the engine keeps no log of durable tasks
// (hatchet-protocol.md section 8.6).
func (w *Worker) lacksEventLog() bool { return !w.engine().knowsDurable() }

// restore has an evicted run assigned again (hatchet-protocol.md section 8.4).
func (w *Worker) restore(ctx context.Context, taskRunID string) error {
	return w.brief(ctx, func(ctx context.Context) error {
		_, err := w.rpc.dispatcher.RestoreEvictedTask(ctx, &contract.RestoreEvictedTaskRequest{TaskRunExternalId: taskRunID})
		return err
	})
}
