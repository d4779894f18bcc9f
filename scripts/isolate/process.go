package isolate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
	"github.com/hatchet-js/hatchet-js-worker/scripts/generation"
)

// Process is a child with one script in it. It implements
// [generation.Process].
type Process struct {
	spawner   *Spawner
	door      *permit.Door
	link      *link
	cmd       *exec.Cmd
	in        io.Closer // hangs up
	out       io.Closer
	lastWords tail
	cgroup    *group // nil is none
	outgrown  bool   // the kernel has ended it for its memory; read after gone
	console   func(hatchet.Level, string)
	loaded    chan *loaded
	gone      chan struct{} // closed when the process has ended and everything it sent was read
	exited    chan struct{} // closed when the process has ended
	heardAll  chan struct{} // closed when everything was read
	life      context.Context
	hangUp    context.CancelFunc // ends life, and with it the process

	mu      sync.Mutex
	dead    bool
	killed  error // why we killed it
	current *visit
	runs    uint64
}

func newProcess(s *Spawner, script generation.Script, l *link) *Process {
	p := &Process{
		spawner: s, door: script.Door, console: script.Console, link: l, loaded: make(chan *loaded, 1),
		gone: make(chan struct{}), exited: make(chan struct{}), heardAll: make(chan struct{}),
	}
	p.life, p.hangUp = context.WithCancel(context.Background())
	return p
}

// watch waits for the end of the child, and sees to it after Close.
func (p *Process) watch() {
	defer p.spawner.forget(p)
	defer close(p.gone)
	var ending sync.WaitGroup
	ending.Go(p.end)
	_ = p.cmd.Wait() // its state tells
	p.outgrown = p.cgroup.outgrown()
	p.cgroup.remove()
	close(p.exited)
	p.Close()
	ending.Wait()
	<-p.heardAll
	_ = p.out.Close()
}

// end hangs up after Close, and kills a child that does not hear.
func (p *Process) end() {
	<-p.life.Done()
	_ = p.in.Close()
	timer := p.spawner.opts.Clock.NewTimer(exitPatience)
	defer timer.Stop()
	select {
	case <-p.exited:
	case <-timer.C():
		p.kill(errors.New("it did not end"))
	}
}

// Close implements [generation.Process].
func (p *Process) Close() {
	p.mu.Lock()
	p.dead = true
	p.mu.Unlock()
	p.hangUp()
}

// Dead implements [generation.Process].
func (p *Process) Dead() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dead
}

func (p *Process) kill(why error) {
	p.mu.Lock()
	if p.killed == nil {
		p.killed = why
	}
	p.dead = true
	p.mu.Unlock()
	_ = p.cmd.Process.Kill() // or it has ended
}

// read handles frames until the child has hung up. It never waits for anything
// but frames.
func (p *Process) read() {
	defer close(p.heardAll)
	for {
		f, err := p.link.receive()
		if err != nil {
			if !errors.Is(err, io.EOF) && !errors.Is(err, os.ErrClosed) && !errors.Is(err, io.ErrUnexpectedEOF) {
				p.kill(fmt.Errorf("what it sent makes no sense: %w", err))
			}
			return
		}
		p.handle(f)
	}
}

func (p *Process) handle(f frame) {
	p.mu.Lock()
	v := p.current
	p.mu.Unlock()
	switch body := f.Body.(type) {
	case loaded:
		p.loaded <- &body // has room: it comes once
	case console:
		p.console(body.Level, body.Message)
	case logged:
		p.record(body)
	case callRecord:
		p.spawner.group.Go(func() { p.answer(f, nil, p.door.Record(body.Line)) })
	case callAsk:
		p.spawner.group.Go(func() { p.consult(f, body.Question) })
	default:
		if v != nil && v.id == f.Run {
			v.handle(f)
		} else if f.ID != 0 {
			p.answer(f, nil, permit.ErrOver)
		}
	}
}

// tell sends what must arrive, and reports whether the child was there to take
// it. One that is gone has its own reason.
func (p *Process) tell(f frame) bool {
	err := p.link.send(f)
	if errors.Is(err, hungUp) || errors.Is(err, os.ErrClosed) {
		return false
	}
	if err != nil {
		p.kill(fmt.Errorf("%T cannot be sent: %w", f.Body, err))
	}
	return true
}

func (p *Process) answer(f frame, value any, err error) {
	_ = p.link.send(frame{Run: f.Run, ID: f.ID, Body: answer{value, failureOf(err)}}) // or it is gone
}

func (p *Process) record(r logged) {
	attrs := make([]slog.Attr, 0, len(r.Pairs)/2)
	for i := 0; i+1 < len(r.Pairs); i += 2 {
		attrs = append(attrs, slog.String(r.Pairs[i], r.Pairs[i+1]))
	}
	p.spawner.opts.Logger.LogAttrs(context.Background(), slog.Level(r.Level), r.Message, attrs...)
}

// consult asks a person, until the child is gone.
func (p *Process) consult(f frame, question permit.Question) {
	p.answer(f, p.door.Consult(p.life, question), nil)
}

// Run implements [generation.Process].
func (p *Process) Run(ctx context.Context, inv *hatchet.Invocation) ([]byte, error) {
	v := p.begin(ctx, inv)
	defer v.leave()
	return p.have(ctx, v, v.opening())
}

// Defer implements [generation.Process].
func (p *Process) Defer(ctx context.Context, index int, host hatchet.Host) error {
	v := p.begin(ctx, &hatchet.Invocation{TaskName: "a call at the top level", Host: host})
	defer v.leave()
	_, err := p.have(ctx, v, beginDeferred{index})
	return err
}

// have has the child do something, and waits for its end.
func (p *Process) have(ctx context.Context, v *visit, what any) ([]byte, error) {
	if !p.tell(frame{Run: v.id, Body: what}) {
		p.Close()
		return nil, generation.ErrGone
	}
	select {
	case <-v.over:
		return p.ended(v)
	case <-p.gone:
		return p.lost(v)
	case <-ctx.Done():
	}
	p.tell(frame{Run: v.id, Body: stop{context.Cause(ctx).Error()}})
	timer := p.spawner.opts.Clock.NewTimer(cmp.Or(p.door.Limits().Grace, hatchet.DefaultGrace) + stopPatience)
	defer timer.Stop()
	select {
	case <-v.over:
		return p.ended(v)
	case <-p.gone:
	case <-timer.C():
		p.kill(errors.New("it did not hear that the run is to end"))
		<-p.gone
	}
	return p.lost(v)
}

func (p *Process) ended(v *visit) ([]byte, error) {
	if v.end.Dead {
		p.Close()
	}
	if tally := p.spawner.opts.Tally; tally != nil && v.end.Interrupted {
		tally.Interrupted.Add(1)
	}
	return v.end.result()
}

// lost is the failure of a run whose process has ended.
func (p *Process) lost(v *visit) ([]byte, error) {
	select {
	case <-v.over: // its last words were the result
		return p.ended(v)
	default:
	}
	if cause := context.Cause(v.ctx); cause != nil {
		return nil, fmt.Errorf("%w: %w", cause, p.failure(v.label()))
	}
	return nil, p.failure(v.label())
}

// failure says why the process has ended under what ran in it.
func (p *Process) failure(label string) error {
	p.Close()
	p.mu.Lock()
	killed := p.killed
	p.mu.Unlock()
	signal := endedBy(p.cmd.ProcessState)
	words := p.lastWords.String()
	failed := &hatchet.TaskError{}
	switch memory := p.spawner.opts.Memory; {
	case killed != nil:
		failed.Message = fmt.Sprintf("the process of %s was killed: %v", label, killed)
	case p.outgrown, memory > 0 && (outOfMemory(words) || collectorFailed(words)):
		limit := permit.MemoryError(label, memory, false)
		failed.Message, failed.NonRetryable, failed.Cause = limit.Name+": "+limit.Error(), true, limit
	case outOfMemory(words):
		failed.Message = fmt.Sprintf("the process of %s found no more memory; --memory caps it", label)
	case signal != "":
		failed.Message = fmt.Sprintf("the process of %s was ended by %s; the system does that when it is short of memory, and so may a person",
			label, signal)
	default:
		failed.Message = fmt.Sprintf("the process of %s ended with exit code %d: %s", label, p.cmd.ProcessState.ExitCode(), firstLine(words))
	}
	return failed
}

// outOfMemory recognises what Go says when it gets no more memory. Some of it is
// preceded by other lines.
func outOfMemory(words string) bool {
	return slices.ContainsFunc([]string{
		"out of memory", "failed to commit pages", "cannot allocate memory", "pthread_create failed", "failed to create new OS thread",
	}, func(sign string) bool { return strings.Contains(words, sign) })
}

// collectorFailed recognises that Go's garbage collector died of a nil pointer
// outside of any goroutine: under a cap it is not given the memory for its own
// books, and not everywhere in it is that looked at. Where there is no cap it may
// have any cause.
func collectorFailed(words string) bool {
	return strings.Contains(words, "SIGSEGV: segmentation violation") && strings.Contains(words, " addr=0x0") &&
		(strings.HasPrefix(words, "SIGSEGV") || strings.Contains(words, "unexpected signal during runtime execution"))
}

func firstLine(words string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(words), "\n")
	if line == "" {
		return "it said nothing"
	}
	return line
}
