// Package load starts many runs of one workflow, waits for them, and tells how
// long they took: hatchet-js-worker bench.
//
// Without a rate, each of a number of users begins a run as soon as its last one
// has ended, so that a slow worker is asked for less. With a rate, runs begin at
// that rate whatever becomes of them, and those for which no user is free are
// counted as dropped.
package load

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/sdk"
)

// Target is what runs are started on; [sdk.Client] is one.
type Target interface {
	Trigger(ctx context.Context, workflow string, input any, options sdk.RunOptions) (id string, err error)
	Fate(ctx context.Context, id string) (status, message string, err error)
}

// Plan is what to start, and for how long.
type Plan struct {
	Workflow string
	Input    json.RawMessage // a JSON object
	Options  sdk.RunOptions  // of every run

	Users    int           // runs in progress at most; at least 1
	Rate     float64       // runs begun per second; 0: whenever a user is free
	Count    int           // runs begun or dropped at most; 0: as many as Duration allows
	Duration time.Duration // no run begins later than this; 0: until Count is reached
	Patience time.Duration // how long a run may take before it counts as unfinished

	Thresholds []Threshold
	Progress   func(Progress) // called every second, if not nil; never concurrently
	Clock      clock.Clock    // nil: the real one
}

// Progress is where a load stands.
type Progress struct {
	Elapsed time.Duration
	Ended   int // runs that ended, however they did
	Failed  int // of those, the ones that did not complete
}

// retryAfter keeps a user from asking without pause for runs that are refused.
const retryAfter = 100 * time.Millisecond

// Run carries the plan out. It ends early with ctx, and then reports the runs
// that had ended. An error says that no run could be started as planned: the
// plan is wrong or the target is not there.
func Run(ctx context.Context, target Target, plan Plan) (*Report, error) {
	if err := plan.check(); err != nil {
		return nil, err
	}
	if plan.Clock == nil {
		plan.Clock = clock.Real()
	}
	l := &load{plan: plan, target: target, begun: plan.Clock.Now(), messages: map[string]int{}}
	stopped, stop := context.WithCancelCause(ctx)
	l.stop = stop
	var watching sync.WaitGroup
	if plan.Progress != nil {
		watching.Go(func() {
			clock.Every(stopped, plan.Clock, time.Second, func(context.Context) { plan.Progress(l.progress()) })
		})
	}
	if plan.Rate > 0 {
		l.atRate(stopped)
	} else {
		l.byUsers(stopped)
	}
	elapsed := clock.Since(plan.Clock, l.begun)
	refused := context.Cause(stopped)
	stop(nil)
	watching.Wait()
	if refused != nil && ctx.Err() == nil {
		return nil, refused
	}
	return l.report(elapsed), nil
}

func (p Plan) check() error {
	switch {
	case p.Users < 1:
		return fmt.Errorf("%d users: at least one is needed to begin a run", p.Users)
	case p.Count <= 0 && p.Duration <= 0:
		return errors.New("neither a number of runs nor a duration says when to stop")
	case p.Count < 0 || p.Duration < 0 || p.Rate < 0:
		return errors.New("a number of runs, a duration or a rate is negative")
	case p.Patience <= 0:
		return fmt.Errorf("a run that may take %s has failed before it began", p.Patience)
	}
	return nil
}

// load is a plan under way.
type load struct {
	plan   Plan
	target Target
	begun  time.Time
	stop   context.CancelCauseFunc

	mu         sync.Mutex
	started    int
	dropped    int
	durations  []time.Duration // of the runs that completed
	triggers   []time.Duration // of the requests that were accepted
	failed     int
	unfinished int
	messages   map[string]int // of failures
}

// byUsers has every user begin a run whenever its last one has ended.
func (l *load) byUsers(ctx context.Context) {
	var users sync.WaitGroup
	for range l.plan.Users {
		users.Go(func() {
			for l.begin(ctx) {
				if !l.one(ctx) {
					_ = clock.Sleep(ctx, l.plan.Clock, retryAfter) // the loop sees an end of ctx
				}
			}
		})
	}
	users.Wait()
}

// atRate begins runs at the planned moments.
func (l *load) atRate(ctx context.Context) {
	var runs sync.WaitGroup
	free := make(chan struct{}, l.plan.Users)
	for i := 0; l.plan.Count == 0 || i < l.plan.Count; i++ {
		at := l.begun.Add(time.Duration(float64(i) / l.plan.Rate * float64(time.Second)))
		if l.over(at) || clock.Sleep(ctx, l.plan.Clock, at.Sub(l.plan.Clock.Now())) != nil || !l.begin(ctx) {
			break
		}
		select {
		case free <- struct{}{}:
			runs.Go(func() {
				l.one(ctx)
				<-free
			})
		default:
			l.drop()
		}
	}
	runs.Wait()
}

// over says whether the plan has a run begin at a moment no more.
func (l *load) over(at time.Time) bool {
	return l.plan.Duration > 0 && at.Sub(l.begun) >= l.plan.Duration
}

// begin counts one more run, unless the plan is carried out.
func (l *load) begin(ctx context.Context) bool {
	if ctx.Err() != nil || l.plan.Rate == 0 && l.over(l.plan.Clock.Now()) {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.plan.Count > 0 && l.started >= l.plan.Count {
		return false
	}
	l.started++
	return true
}

func (l *load) drop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dropped++
}

// one starts a run and waits for its end; false if it did not start.
func (l *load) one(ctx context.Context) bool {
	begun := l.plan.Clock.Now()
	id, err := l.target.Trigger(ctx, l.plan.Workflow, l.plan.Input, l.plan.Options)
	triggered := clock.Since(l.plan.Clock, begun)
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return false
	case errors.Is(err, sdk.ErrConfig), errors.Is(err, sdk.ErrNotFound), errors.Is(err, sdk.ErrUnauthorized), errors.Is(err, sdk.ErrUnreachable):
		l.stop(err) // the next one would go the same way
		return false
	default:
		l.fail("not started: " + err.Error())
		return false
	}
	waiting, cancel := clock.WithTimeout(ctx, l.plan.Clock, l.plan.Patience, nil)
	status, message, err := l.target.Fate(waiting, id)
	impatient := waiting.Err() != nil
	cancel()
	l.ended(ctx, outcome{triggered, clock.Since(l.plan.Clock, begun), status, message, err, impatient})
	return true
}

// outcome is what became of a run that was started.
type outcome struct {
	triggered, took time.Duration
	status, message string
	err             error
	impatient       bool // it was not waited for any longer
}

func (l *load) ended(ctx context.Context, o outcome) {
	l.mu.Lock()
	l.triggers = append(l.triggers, o.triggered)
	l.mu.Unlock()
	switch {
	case o.err == nil && o.status == sdk.StatusCompleted:
		l.mu.Lock()
		l.durations = append(l.durations, o.took)
		l.mu.Unlock()
	case o.err == nil && o.message == "":
		l.fail(o.status)
	case o.err == nil:
		l.fail(o.message)
	case ctx.Err() != nil: // nobody wants to know any more
	case o.impatient:
		l.mu.Lock()
		l.unfinished++
		l.mu.Unlock()
	default:
		l.fail(o.err.Error())
	}
}

func (l *load) fail(message string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failed++
	l.messages[message]++
}

func (l *load) progress() Progress {
	l.mu.Lock()
	defer l.mu.Unlock()
	bad := l.failed + l.unfinished
	return Progress{Elapsed: clock.Since(l.plan.Clock, l.begun), Ended: len(l.durations) + bad, Failed: bad}
}
