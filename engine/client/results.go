package client

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
)

// results are the runs that somebody waits for. Those who wait join a run's
// entry; the stream and the poller of Run find in it what to ask for and hand
// over what they got.
type results struct {
	mu      sync.Mutex
	waiting map[string]*waitingRun
	closed  error         // set once Run is over
	wake    chan struct{} // told that a run has been added
}

// answer is how a run's end became known: by an event or by its details.
type answer struct {
	event   *contract.WorkflowRunEvent
	details *RunDetails
	err     error
}

// waitingRun is one run and all who wait for it.
type waitingRun struct {
	id      string
	waiters int
	done    chan struct{} // closed when answer is set
	answer  answer
	stream  int       // number of the stream that was asked for it; 0 = none
	asked   time.Time // when it was joined, or polled last
	missing int       // polls in a row that did not find it
}

func newResults() *results {
	return &results{waiting: map[string]*waitingRun{}, wake: make(chan struct{}, 1)}
}

// await waits for the answer about a run.
func (r *results) await(ctx context.Context, id string, now time.Time) (answer, error) {
	run, err := r.join(id, now)
	if err != nil {
		return answer{}, err
	}
	select {
	case <-run.done:
		return run.answer, run.answer.err
	case <-ctx.Done():
		r.leave(run)
		return answer{}, context.Cause(ctx)
	}
}

func (r *results) join(id string, now time.Time) (*waitingRun, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed != nil {
		return nil, r.closed
	}
	run := r.waiting[id]
	if run == nil {
		run = &waitingRun{id: id, done: make(chan struct{}), asked: now}
		r.waiting[id] = run
		select {
		case r.wake <- struct{}{}:
		default:
		}
	}
	run.waiters++
	return run, nil
}

// leave forgets the run if nobody else waits for it.
func (r *results) leave(run *waitingRun) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if run.waiters--; run.waiters == 0 && r.waiting[run.id] == run {
		delete(r.waiting, run.id)
	}
}

// deliver hands an answer to all who wait for the run. Answers for which nobody
// waits are dropped.
func (r *results) deliver(id string, a answer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	run := r.waiting[id]
	if run == nil {
		return
	}
	delete(r.waiting, id)
	run.answer = a
	close(run.done)
}

// close ends all waiting, now and later, with err, or ErrClosed if that is nil.
func (r *results) close(err error) {
	if err == nil {
		err = ErrClosed
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = err
	for id, run := range r.waiting {
		delete(r.waiting, id)
		run.answer = answer{err: err}
		close(run.done)
	}
}

// any reports whether somebody waits.
func (r *results) any() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.waiting) > 0
}

// unasked takes the runs that the numbered stream was not asked for yet.
func (r *results) unasked(stream int) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var ids []string
	for id, run := range r.waiting {
		if run.stream != stream {
			run.stream = stream
			ids = append(ids, id)
		}
	}
	return ids
}

// stale takes the runs that nothing was heard of since before, at most most,
// those first that wait longest, and marks them as asked about now.
func (r *results) stale(before, now time.Time, most int) []*waitingRun {
	r.mu.Lock()
	defer r.mu.Unlock()
	var runs []*waitingRun
	for _, run := range r.waiting {
		if !run.asked.After(before) {
			runs = append(runs, run)
		}
	}
	slices.SortFunc(runs, func(a, b *waitingRun) int { return a.asked.Compare(b.asked) })
	runs = runs[:min(len(runs), most)]
	for _, run := range runs {
		run.asked = now
	}
	return runs
}
