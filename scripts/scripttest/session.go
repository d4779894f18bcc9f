package scripttest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
	"github.com/hatchet-js/hatchet-js-worker/scripts/generation"
)

// session is one attempt of one test: its world, its clock, its mocks and
// faults, and what happened.
type session struct {
	test    *test
	options testOptions
	worlds  Worlds
	modules *native.Registry
	join    func([]*workflow.Workflow) []workflow.Problem
	door    DoorMaker
	secrets map[string]string // declared ones
	halt    *vm.Halt
	late    atomic.Bool // the wall timeout has passed
	clock   clock.Clock
	actual  bool // nothing stands in for the world outside: it is no test
	real    bool // the clock is the real one, the engine a server
	drive   *drive
	chances *chances
	world   World
	driver  *generation.Solo
	claims  bool           // the next VM is the driver's
	face    *face          // of the driver
	work    sync.WaitGroup // operations of the test
	over    chan struct{}  // closed when the test's function has ended
	doubles doubles
	outside outside

	recordings *recordings // of the run of tests
	base       string      // of relative paths of scripts
	faults     faults
	named      int // snapshots taken without a name

	mu     sync.Mutex
	events []Event
	ended  bool
	lines  []Line
	latest *face             // of the VM made last
	later  map[string]string // runs that were to start later, by placeholder
}

// start is where a test's clock begins unless it says otherwise.
var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// play runs the test once and returns what went wrong.
func (s *session) play(ctx context.Context) (failure error) {
	watchdog := clock.Real().AfterFunc(s.options.timeout(), func() {
		s.late.Store(true)
		s.halt.Fire(s.tooLong())
	})
	defer watchdog.Stop()
	if s.real {
		return s.onRealTime(ctx)
	}
	sealed := make(chan error, 1)
	go func() {
		sealed <- clock.Sealed(func(settle func()) { failure = s.inside(ctx, settle) })
	}()
	left := clock.Real().NewTimer(s.options.timeout() + leaveAfter)
	defer left.Stop()
	select {
	case err := <-sealed:
		if failure == nil && err != nil {
			failure = fmt.Errorf("the test left something running: %w", err)
		}
		return failure
	case <-left.C():
		return s.tooLong() // native code holds a VM: its goroutine is left behind
	}
}

// leaveAfter is how long after its timeout a test that does not end is left
// behind.
const leaveAfter = 2 * time.Second

func (s *session) tooLong() error {
	return fmt.Errorf("timeout: the test took longer than %s on the wall clock", s.options.timeout())
}

// inside runs the test in its sealed world. settle is clock.Sealed's.
func (s *session) inside(ctx context.Context, settle func()) (failure error) {
	defer func() {
		if x := recover(); x != nil {
			failure = fmt.Errorf("panic in the test runner: %v", x)
		}
	}()
	virtual := clock.NewVirtual(s.options.start())
	s.clock = virtual
	s.drive = &drive{
		clock: virtual, linger: clock.NewVirtual(start), start: virtual.Now(), maxJumps: s.options.jumps(), maxSpan: s.options.span, settle: settle, expired: s.late.Load,
		stuck: s.stuck, busiest: s.busiest, happened: s.count,
	}
	ended := make(chan error, 1)
	inner, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var over atomic.Bool
	go func() {
		err := s.live(inner)
		over.Store(true)
		ended <- err
	}()
	err := s.drive.until(over.Load)
	stop()
	if err != nil {
		s.drive.fail(err)
		s.drive.expired = func() bool { return false }
		if closing := s.drive.until(over.Load); closing != nil {
			return err
		}
	}
	return errors.Join(err, <-ended)
}

// live opens the world, runs the test in it and closes it.
func (s *session) live(ctx context.Context) error {
	options := s.generation()
	if s.door != nil {
		doubles := s.permitDoubles(s.secrets)
		if s.actual {
			doubles = nil
		}
		door, err := s.door(s.clock, doubles, s.options.Permissions.rules())
		if err != nil {
			return err
		}
		options.Door = door
	}
	g, err := generation.Load(ctx, s.test.file.bundle, 1, options)
	if err != nil {
		return err
	}
	defer s.outside.close()
	return s.worlds.Open(ctx, WorldOptions{
		Clock: s.clock, Workflows: g.Workflows, Linger: options.Linger, Slots: s.options.Slots, Observe: s.observe, NewID: s.chances.id, EvictAtOnce: s.options.AlwaysReplay,
		Run: func(ctx context.Context, inv *hatchet.Invocation) ([]byte, error) { return s.attempt(ctx, g.Run, inv) },
	}, func(world World) error {
		s.world = world
		s.claims = true
		driver, err := g.Solo(ctx, s.write)
		s.claims = false
		if err != nil {
			return err
		}
		s.driver = driver
		return s.drivenTest(ctx)
	})
}

// generation are the options of the script's VMs in this world.
func (s *session) generation() generation.Options {
	options := vm.Options{Clock: s.clock, Halt: s.halt, Rand: s.chances.of}
	if s.actual {
		options.Rand = nil
	}
	return generation.Options{
		Clock:   s.clock,
		VM:      options,
		Linger:  s.linger(),
		Modules: s.modules,
		Join:    s.join,
		Native:  s.native,
		Console: func(string, hatchet.Level, string) {},
	}
}

// native gives the module its object, in every VM of the world.
func (s *session) native(v *vm.VM, name string) goja.Value {
	if name != Module {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.latest == nil || s.latest.vm != v { // the module has several parts that ask for it
		s.latest = &face{vm: v, rt: v.Runtime(), dir: s.test.file.dir, world: s}
	}
	if s.claims {
		s.face = s.latest
	}
	return s.latest.object()
}

// drivenTest runs the test's function in its VM.
func (s *session) drivenTest(ctx context.Context) error {
	if s.face == nil || s.face.run == nil {
		return errNoTests
	}
	f, v := s.face, s.driver.VM
	s.over = make(chan struct{})
	f.session, f.realm = s, s.driver.Realm
	ctx, leave := s.driver.Enter(ctx)
	defer leave()
	err := v.Run(s.chances.forTest(ctx), vm.Call{Name: "the test", Start: func() (goja.Value, error) {
		return f.run(goja.Undefined(), f.rt.ToValue(s.test.ID))
	}})
	close(s.over)
	s.work.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	return err
}

// write takes a line that the test itself writes.
func (s *session) write(level hatchet.Level, message string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, Line{Level: string(level), Text: message})
}

// count is how many events there were.
func (s *session) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.events)
}

func (s *session) observe(e Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ended { // what the end of the world does is not the test's
		s.events = append(s.events, e)
	}
}

// linger is the clock of what waits only until nothing is busy.
func (s *session) linger() clock.Clock {
	if s.real {
		return s.clock
	}
	return s.drive.linger
}
