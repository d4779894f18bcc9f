package permit

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync"
	"time"
)

// Task says whose run it is, for the audit log and for narrowed rules.
type Task struct {
	Workflow string
	Task     string
	// Run is the id of the task's run; "" while a file loads.
	Run string
}

// Run is one run's handle: it checks what the run asks for, and owns what it
// opens. Its methods are safe for concurrent use and take a context that
// descends from the one [Door.Enter] gave, for the place in the script and for
// the end of the run.
type Run struct {
	door *Door
	task Task
	uses usage

	mu     sync.Mutex
	over   bool
	owned  []*Owned
	once   map[string]bool // what was allowed for this run, by kind and entry
	active sync.WaitGroup
	cancel context.CancelFunc
	idle   bool          // whether a goroutine waits for work
	next   chan func()   // what it takes
	left   chan struct{} // closed by Leave
}

// ErrOver is returned when something is opened for a run that has ended.
var ErrOver = errors.New("the run has ended")

// Enter begins a run. The context it returns carries the handle, see [From];
// it is done when the run is over.
func (d *Door) Enter(ctx context.Context, task Task) (*Run, context.Context) {
	r := &Run{door: d, task: task, next: make(chan func()), left: make(chan struct{})}
	ctx, r.cancel = context.WithCancel(context.WithValue(ctx, runKey, r))
	return r, ctx
}

// Leave ends the run: it closes everything the run has opened and not closed,
// the last first, and waits for the work it has started with [Run.Go]. It may be
// called more than once.
func (r *Run) Leave() {
	r.mu.Lock()
	if !r.over {
		close(r.left)
	}
	r.over = true
	owned := r.owned
	r.owned = nil
	r.mu.Unlock()
	r.cancel()
	for _, o := range slices.Backward(owned) {
		_ = o.release() // nobody is left to be told
	}
	r.active.Wait()
}

// Go runs work on a goroutine of its own, for which [Run.Leave] waits. It
// reports whether the run still goes on; if not, work is not run.
func (r *Run) Go(work func()) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over {
		return false
	}
	select {
	case r.next <- work:
		r.idle = false
	default:
		r.active.Go(func() { r.work(work) })
	}
	return true
}

// work does first and, if no other goroutine waits already, what comes after it:
// one request after the other finds a stack that has grown to what it takes.
func (r *Run) work(first func()) {
	for work := first; ; {
		work()
		if !r.rest() {
			return
		}
		select {
		case work = <-r.next:
		case <-r.left:
			return
		}
	}
}

// rest reports whether the caller is the one to wait for work.
func (r *Run) rest() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.idle || r.over || r == nobody { // which is never left
		return false
	}
	r.idle = true
	return true
}

// Owned is something open that belongs to a run.
type Owned struct {
	run    *Run
	closer io.Closer
	once   sync.Once
	err    error
}

// Own makes closer the run's: it is closed when the run ends, if not before by
// [Owned.Close]. When the run is over already, it is closed at once and the
// error is [ErrOver].
func (r *Run) Own(closer io.Closer) (*Owned, error) {
	o := &Owned{run: r, closer: closer}
	r.mu.Lock()
	if !r.over {
		r.owned = append(r.owned, o)
		r.mu.Unlock()
		return o, nil
	}
	r.mu.Unlock()
	return nil, errors.Join(ErrOver, o.release())
}

func (o *Owned) release() error {
	o.once.Do(func() { o.err = o.closer.Close() })
	return o.err
}

// Close closes it before the run ends. Only the first call does.
func (o *Owned) Close() error {
	r := o.run
	r.mu.Lock()
	if i := slices.Index(r.owned, o); i >= 0 {
		r.owned = slices.Delete(r.owned, i, i+1)
	}
	r.mu.Unlock()
	return o.release()
}

// Task says whose run it is.
func (r *Run) Task() Task { return r.task }

// Now is the time that the run goes by, which is virtual in tests.
func (r *Run) Now() time.Time { return r.door.opts.Clock.Now() }

// Limits are those of the run.
func (r *Run) Limits() Limits { return r.door.opts.Limits }

// Dir is the folder that relative paths start from.
func (r *Run) Dir() string { return r.door.opts.Dir }

// policy is the one in force now.
func (r *Run) policy() *Policy { return r.door.policyOf(r.task.Workflow) }

// allow settles one access: check says whether the policy allows it. What it
// does not allow and no denial forbids, the asker may; check is called again
// after that. Every decision is audited.
func (r *Run) allow(ctx context.Context, kind Kind, target string, check func(*Policy) *NotCapableError) error {
	refused := check(r.policy())
	if refused != nil {
		refused.Place, refused.Mock = PlaceOf(ctx), r.door.mockOf(refused.Kind)
		if r.ask(ctx, refused, check) {
			refused = nil
		} else {
			target = refused.Target
		}
	}
	if told := r.door.opts.Decided; told != nil {
		told(kind, refused == nil)
	}
	if err := r.audit(ctx, kind, target, refused); err != nil {
		return err
	}
	if refused != nil {
		return refused
	}
	return nil
}
