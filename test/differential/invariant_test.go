package differential

import (
	"fmt"

	"github.com/hatchet-js/hatchet-js-worker/engine/local"
	"github.com/hatchet-js/hatchet-js-worker/sdk"
)

// attempts holds what the worker told of a run to how often each task was to
// run.
func (w *watch) attempts(run string, p plan, fates map[string]outcome) (wrong []error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	begun := map[string]int{}
	for _, n := range w.worker[run] {
		if started, ok := n.(sdk.TaskStarted); ok {
			begun[started.Task]++
		}
	}
	for name, what := range fates {
		want := 0
		if what.ran {
			want = p.find(name).attempts()
		}
		if begun[name] != want {
			wrong = append(wrong, fmt.Errorf("the worker began task %s %d times, want %d", name, begun[name], want))
		}
	}
	return wrong
}

// life follows the tasks of one run through what the engine tells.
type life struct {
	plan   plan
	fates  map[string]outcome
	begun  map[string]int // the attempt that was begun last
	open   map[string]bool
	final  map[string]bool
	ended  bool // the run
	failed []error
}

func (l *life) complain(format string, args ...any) {
	l.failed = append(l.failed, fmt.Errorf("engine: "+format, args...))
}

// invariants are what must be true of everything that the engine told of a run
// that is final.
func (w *watch) invariants(run string, p plan, fates map[string]outcome) []error {
	w.mu.Lock()
	events := append([]local.Event(nil), w.engine[run]...)
	w.mu.Unlock()
	l := &life{plan: p, fates: fates, begun: map[string]int{}, open: map[string]bool{}, final: map[string]bool{}}
	for _, e := range events {
		if l.ended {
			l.complain("%T %+v after the run's end", e, e)
		}
		switch e := e.(type) {
		case local.TaskStarted:
			l.start(e)
		case local.TaskFinished:
			l.finish(e)
		case local.RunFinished:
			l.end(e)
		}
	}
	if !l.ended {
		l.complain("the run has not ended")
	}
	return l.failed
}

func (l *life) start(e local.TaskStarted) {
	switch {
	case l.final[e.Task]:
		l.complain("task %s is final and begins", e.Task)
	case l.open[e.Task]:
		l.complain("task %s begins attempt %d before %d has ended", e.Task, e.Attempt, l.begun[e.Task])
	case e.Attempt != l.begun[e.Task]+1:
		l.complain("task %s begins attempt %d after %d", e.Task, e.Attempt, l.begun[e.Task])
	}
	for _, parent := range l.plan.find(e.Task).Parents {
		if !l.final[parent] {
			l.complain("task %s begins before its parent %s has ended", e.Task, parent)
		}
	}
	l.begun[e.Task], l.open[e.Task] = e.Attempt, true
}

func (l *life) finish(e local.TaskFinished) {
	l.open[e.Task] = false
	if l.final[e.Task] {
		l.complain("task %s ends again, %s", e.Task, e.Status)
	}
	if e.Retrying {
		return
	}
	l.final[e.Task] = true
	want := l.fates[e.Task].fate
	if want == skipped {
		want = completed
	}
	if string(e.Status) != string(want) {
		l.complain("task %s ends %s, want %s", e.Task, e.Status, want)
	}
}

func (l *life) end(e local.RunFinished) {
	l.ended = true
	for name := range l.fates {
		if !l.final[name] {
			l.complain("the run ends before its task %s", name)
		}
	}
	if want := whole(l.fates); string(e.Status) != want {
		l.complain("the run ends %s, want %s", e.Status, want)
	}
}
