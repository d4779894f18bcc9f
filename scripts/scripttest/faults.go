package scripttest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
)

// comeBack is how long after a crash another worker takes over: a server notices
// a silent worker after 30 s (hatchet-protocol.md section 3.5).
const comeBack = 30 * time.Second

// faults are what a test does to its tasks and its worker.
type faults struct {
	mu    sync.Mutex
	list  []*fault
	every bool // crash at each checkpoint, one pass for each
	// crashAt is the checkpoint of this pass, from 1; 0 = only count them.
	crashAt     int
	checkpoints int
}

// fault is one fault, for times attempts; 0 = the first only, unless it says
// otherwise.
type fault struct {
	kind  string
	Task  string `json:"task"`
	Times *int   `json:"times"`
	After bool   `json:"after"`
	// Before is ahead of the handler, of a crash.
	Before bool   `json:"before"`
	Error  string `json:"error"`
	Ms     int64  `json:"ms"`
	Every  bool   `json:"every"`
	done   int
}

// faultKinds are how often each kind strikes if the test does not say; 0 =
// always.
var faultKinds = map[string]int{
	"failTask": 1, "timeoutTask": 1, "slow": 0, "duplicateDelivery": 1, "crashWorker": 1,
}

// fault is the module's native: (kind, settings).
func (f *face) fault(call goja.FunctionCall) goja.Value {
	s := f.needSession("t.fault")
	one := &fault{kind: call.Argument(0).String()}
	if err := json.Unmarshal(f.encode(call.Argument(1)), one); err != nil {
		native.Throw(f.rt, "t.fault.%s: %v", one.kind, err)
	}
	if err := s.available(one.kind); err != nil {
		panic(f.vm.NewError(err))
	}
	if one.Times != nil && *one.Times < 1 {
		native.Throw(f.rt, "t.fault.%s: times must be at least 1", one.kind)
	}
	if one.Task != "" && !s.hasTask(one.Task) {
		native.Throw(f.rt, "t.fault.%s: the file and its imports declare no task %q", one.kind, one.Task)
	}
	s.faults.add(one)
	return goja.Undefined()
}

func (s *session) hasTask(name string) bool {
	for _, w := range s.test.file.workflows {
		for _, t := range w.Tasks {
			if (&double{kind: "task", name: name}).standsFor(w.Name, t.Name) {
				return true
			}
		}
	}
	return false
}

func (f *faults) add(one *fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if one.kind == "crashWorker" && one.Every {
		f.every = true
		return
	}
	f.list = append(f.list, one)
}

// strikes lists the faults that this attempt of a task suffers.
func (f *faults) strikes(workflow, task string) []*fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	var struck []*fault
	for _, one := range f.list {
		limit := faultKinds[one.kind]
		if one.Times != nil {
			limit = *one.Times
		}
		if (limit > 0 && one.done >= limit) || !(&double{kind: "task", name: one.Task}).standsFor(workflow, task) {
			continue
		}
		one.done++
		struck = append(struck, one)
	}
	return struck
}

// checkpoint counts a point at which a worker may crash and says whether it
// does.
func (f *faults) checkpoint() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.checkpoints++
	return f.crashAt > 0 && f.checkpoints == f.crashAt
}

// passes is how many further passes the test needs: one for each checkpoint.
func (f *faults) passes() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.every || f.crashAt > 0 {
		return 0
	}
	return f.checkpoints
}

// attempt runs one attempt of a task, through faults and mocks.
func (s *session) attempt(ctx context.Context, next Runner, inv *hatchet.Invocation) ([]byte, error) {
	workflow, task := names(inv)
	struck := s.faults.strikes(workflow, task)
	if err := s.before(ctx, struck, task); err != nil {
		return nil, err
	}
	run := func() ([]byte, error) {
		if output, ok, err := s.answer(ctx, inv); ok {
			return output, err
		}
		return next(s.chances.forAttempt(ctx, inv.TaskRunID), inv)
	}
	output, err := run()
	for _, one := range struck {
		switch {
		case one.kind == "duplicateDelivery" && err == nil:
			output, err = run()
		case one.kind == "failTask" && one.After && err == nil:
			output, err = nil, one.failure(task)
		case one.kind == "crashWorker" && !one.Before && err == nil:
			return nil, s.crash(ctx, task)
		}
	}
	if ctx.Err() == nil && s.faults.checkpoint() { // one that was cut off is none
		return nil, s.crash(ctx, task)
	}
	return output, err
}

// before is what strikes ahead of the handler.
func (s *session) before(ctx context.Context, struck []*fault, task string) error {
	for _, one := range struck {
		switch one.kind {
		case "failTask":
			if !one.After {
				return one.failure(one.Task)
			}
		case "slow":
			if err := clock.Sleep(ctx, s.clock, time.Duration(one.Ms)*time.Millisecond); err != nil {
				return err
			}
		case "crashWorker":
			if one.Before {
				return s.crash(ctx, task)
			}
		case "timeoutTask":
			<-ctx.Done()
			return context.Cause(ctx)
		}
	}
	return nil
}

func (one *fault) failure(task string) error {
	if one.Error != "" {
		return &hatchet.TaskError{Message: one.Error}
	}
	return &hatchet.TaskError{Message: fmt.Sprintf("task %s was made to fail by the test", task)}
}

// crash kills the worker in the middle of an attempt; another takes over when a
// server would have noticed. It returns once the attempt is cut off.
func (s *session) crash(ctx context.Context, task string) error {
	s.observe(Event{At: s.clock.Now(), Kind: WorkerGone, Task: task, Text: "crashed"})
	s.clock.AfterFunc(comeBack, func() {
		if err := s.world.StartWorker(context.Background(), 0, nil); err != nil {
			s.write(hatchet.LevelError, "start the worker again: "+err.Error())
			return
		}
		s.observe(Event{At: s.clock.Now(), Kind: WorkerGone, Text: "back"})
	})
	go s.world.KillWorker() // it waits for this attempt
	<-ctx.Done()
	return errCrashed
}

type workerArgs struct {
	Slots  int            `json:"slots"`
	Labels map[string]any `json:"labels"`
}

func (s *session) workerStart(a workerArgs) (any, error) {
	if err := s.world.StartWorker(s.ctx(), a.Slots, a.Labels); err != nil {
		return nil, err
	}
	return nil, s.noticed()
}

func (s *session) workerStop(nothing) (any, error) {
	if err := s.world.StopWorker(s.ctx()); err != nil {
		return nil, err
	}
	return nil, s.noticed()
}

func (s *session) workerKill(nothing) (any, error) {
	s.world.KillWorker()
	return nil, s.noticed()
}

// dropStream cuts the worker's connection, which comes back at once or, while time
// passes as the test goes on, after a while.
func (s *session) dropStream(a struct{ Ms float64 }) (any, error) {
	if a.Ms <= 0 {
		s.world.DropStream()
		return nil, s.noticed()
	}
	s.world.CutStream()
	s.observe(Event{At: s.clock.Now(), Kind: WorkerGone, Text: "cut off"})
	s.clock.AfterFunc(milliseconds(a.Ms), func() {
		s.world.MendStream()
		s.observe(Event{At: s.clock.Now(), Kind: WorkerGone, Text: "may connect"})
	})
	return nil, s.noticed()
}

// noticed returns when the engine knows that the worker has come or gone: what
// the test does next must not overtake that.
func (s *session) noticed() error {
	return s.drive.await(&wait{what: func() string { return "the engine" }, until: s.clock.Now(), ready: func() bool { return true }})
}

// noWorker takes the worker away for some time, which passes as the test goes
// on.
func (s *session) noWorker(a struct{ Ms float64 }) (any, error) {
	if err := s.world.StopWorker(s.ctx()); err != nil {
		return nil, err
	}
	s.observe(Event{At: s.clock.Now(), Kind: WorkerGone, Text: "stopped"})
	s.clock.AfterFunc(milliseconds(a.Ms), func() {
		if err := s.world.StartWorker(context.Background(), 0, nil); err != nil {
			s.write(hatchet.LevelError, "start the worker again: "+err.Error())
			return
		}
		s.observe(Event{At: s.clock.Now(), Kind: WorkerGone, Text: "back"})
	})
	return nil, s.noticed()
}

func (s *session) evict(a runArgs) (any, error) {
	return nil, s.world.Evict(s.ctx(), s.runID(a.ID))
}

func (s *session) rateLimit(a struct{ Key string }) (any, error) {
	if strings.TrimSpace(a.Key) == "" {
		return nil, errors.New("t.fault.rateLimit: give the key of the limit")
	}
	return nil, s.world.SpendRateLimit(s.ctx(), a.Key)
}
