package sdk

import (
	"context"
	"log/slog"
	"os"
	"reflect"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
)

// renewCheck is how often the file of permissions is read again.
const renewCheck = time.Second

// renewal takes up changes of the file of permissions while a worker serves. What
// is revoked is refused from then on, also to runs that are under way.
type renewal struct {
	permissions Permissions
	dir         string
	paths       []string
	loaded      *loadedScripts
	logger      *slog.Logger
	clock       clock.Clock

	last    *permit.Config
	trouble string // what was said of a file that cannot be used
}

// run looks until ctx is done, and returns nil.
func (r *renewal) run(ctx context.Context) error {
	clock.Every(ctx, r.clock, renewCheck, func(context.Context) { r.look() })
	return nil
}

func (r *renewal) look() {
	now, err := r.permissions.config(r.dir, r.paths)
	if err == nil && r.last != nil && reflect.DeepEqual(now, r.last) {
		r.trouble = ""
		return
	}
	if err == nil {
		err = r.loaded.door.Renew(now.Rules.Plus(r.permissions.Rules), now.Workflows)
	}
	if err != nil {
		if r.trouble != err.Error() {
			r.trouble = err.Error()
			r.logger.Warn("the permissions stay as they are: the file cannot be used", "error", err)
		}
		return
	}
	if r.loaded.spawner != nil {
		r.loaded.spawner.Renew(r.loaded.door.Plan())
	}
	r.tell(now)
	r.last, r.trouble = now, ""
}

// tell says what the change came to.
func (r *renewal) tell(now *permit.Config) {
	r.logger.Warn("the permissions have changed and hold from now on", "file", now.Path)
	if !reflect.DeepEqual(now.Limits, r.last.Limits) || !reflect.DeepEqual(now.Secrets, r.last.Secrets) {
		r.logger.Warn("changed limits and secrets hold from the next start on", "file", now.Path)
	}
}

// renewal is that of the worker; nil if the file cannot be read now.
func (w *Worker) renewal(loaded *loadedScripts) *renewal {
	dir, err := os.Getwd()
	if err != nil {
		return nil
	}
	r := &renewal{
		permissions: w.options.Permissions, dir: dir, paths: loaded.paths, loaded: loaded, logger: w.logger, clock: w.clock,
	}
	if r.last, err = r.permissions.config(dir, r.paths); err != nil {
		return nil
	}
	return r
}
