package scripttest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
)

// RealWorlds are [Worlds] on a real clock: their engine is a server, which knows
// nothing of a clock of ours.
type RealWorlds interface {
	Worlds
	// OnServer marks them.
	OnServer()
}

// RealWorld is the [World] of a server.
type RealWorld interface {
	World
	// Await returns when a run is final and all that is known of it can be read.
	Await(ctx context.Context, runID string) error
}

// DefaultServerTimeout bounds one test on a server.
const DefaultServerTimeout = 2 * time.Minute

// maxRealWait is how long a test on a server may ask to wait for time to pass.
const maxRealWait = time.Minute

// onServer reports whether the tests run on a server.
func (o Options) onServer() bool {
	_, is := o.Worlds.(RealWorlds)
	return is
}

// virtualOnly names the operations, queries and faults that need the embedded
// engine: they move its clock, look into it, or break what a server owns.
var virtualOnly = map[string]string{
	"parked": "run.parked", "waits": "run.waits, toHaveSlept and toHaveWaitedFor", "idle": "t.idle", "next": "t.clock.next", "pending": "t.clock.pending",
	"pause": "t.clock.pause and t.clock.auto", "cronEnable": "t.cron.enable", "workerStart": "t.worker.start", "workerStop": "t.worker.stop",
	"workerKill": "t.worker.kill", "dropStream": "t.fault.dropStream", "noWorker": "t.fault.noWorker", "evict": "t.fault.evict",
	"rateLimit": "t.fault.rateLimit", "crashWorker": "t.fault.crashWorker",
}

// available refuses what needs the embedded engine.
func (s *session) available(name string) error {
	if needs, only := virtualOnly[name]; only && s.real {
		return fmt.Errorf("%s: not on a server: it needs the embedded engine and its virtual clock (--target embedded)", needs)
	}
	return nil
}

// onRealTime runs the test against a server.
func (s *session) onRealTime(ctx context.Context) error {
	if !s.options.begins.IsZero() {
		return errors.New("the option start sets a virtual clock: it has no effect on a server (--target embedded)")
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	expiry := clock.Real().AfterFunc(s.options.timeout(), stop)
	defer expiry.Stop()
	s.clock = clock.Real()
	s.drive = &drive{start: s.clock.Now(), real: func(w *wait) error { return s.poll(ctx, w) }}
	err := s.live(ctx)
	if s.late.Load() {
		return s.tooLong()
	}
	return err
}

// poll waits until w is ready, on real time.
func (s *session) poll(ctx context.Context, w *wait) error {
	for pause := 20 * time.Millisecond; !w.ready(); pause = min(2*pause, 250*time.Millisecond) {
		if err := clock.Sleep(ctx, s.clock, pause); err != nil {
			return errors.New(w.what())
		}
	}
	return nil
}

// finished waits until a run on a server is final.
func (s *session) finished(held string) error {
	id := s.runID(held)
	for id == "" { // it is to start later
		if err := clock.Sleep(s.ctx(), s.clock, 20*time.Millisecond); err != nil {
			return err
		}
		id = s.runID(held)
	}
	return s.world.(RealWorld).Await(s.ctx(), id)
}

// letPass waits for time to pass on a server.
func (s *session) letPass(d time.Duration) error {
	if err := bearable(d); err != nil {
		return fmt.Errorf("t.clock.advance: %w", err)
	}
	return clock.Sleep(s.ctx(), s.clock, d)
}

// bearable refuses waits that are for a virtual clock.
func bearable(d time.Duration) error {
	if d > maxRealWait {
		return fmt.Errorf("%s is real time on a server, where a test waits for %s at most (--target embedded)", shortSpan(d), shortSpan(maxRealWait))
	}
	return nil
}
