package isolate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/scripts/diagnostic"
	"github.com/hatchet-js/hatchet-js-worker/scripts/generation"
)

// Options of a [Spawner].
type Options struct {
	// Command starts a child: a program that calls [Serve] with its
	// [Files].
	Command []string
	// Environ is the whole environment of the child, "name=value".
	Environ []string
	// Memory is how many bytes a child may take beyond those of its start;
	// 0 = as many as there are.
	Memory int64
	// ControlGroup is the folder of the control group, of version 2, in which each
	// child gets one of its own with that cap; "" finds that of this process. Where
	// there is none, or it may not be changed, the cap is that of a process alone.
	ControlGroup string
	Logger       *slog.Logger // nil discards
	Clock        clock.Clock  // nil = the real one
	Tally        *vm.Tally    // nil counts nothing
}

// Times that a child is given before it is killed.
const (
	// stopPatience is for a run whose context is done, beyond its own grace: more
	// than the time until it is abandoned.
	stopPatience = 3 * time.Second
	// exitPatience is for a child that was told to end.
	exitPatience = 3 * time.Second
	// loadPatience is for a script beyond the time in which it has to load.
	loadPatience = 5 * time.Second
)

// Spawner starts children and owns them. It implements [generation.Spawner].
type Spawner struct {
	opts  Options
	group sync.WaitGroup

	mu        sync.Mutex
	closed    bool
	processes map[*Process]struct{}

	grouping sync.Once
	groups   *groups // nil: there are none
}

var _ generation.Spawner = (*Spawner)(nil)

// NewSpawner returns a spawner. [Spawner.Close] ends what it has started.
func NewSpawner(opts Options) *Spawner {
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	if opts.Clock == nil {
		opts.Clock = clock.Real()
	}
	return &Spawner{opts: opts, processes: map[*Process]struct{}{}}
}

// Close ends all children and waits until they have ended.
func (s *Spawner) Close() {
	s.mu.Lock()
	s.closed = true
	for p := range s.processes {
		p.Close()
	}
	s.mu.Unlock()
	s.group.Wait()
	s.groups.sweep()
}

// inGroup puts a child that has just started into a control group.
func (s *Spawner) inGroup(p *Process) {
	if s.opts.Memory == 0 {
		return
	}
	s.grouping.Do(func() {
		dir, err := s.opts.ControlGroup, error(nil)
		if dir == "" {
			dir, err = ownGroup()
		}
		if err == nil {
			s.groups, err = openGroups(dir)
		}
		if err != nil {
			s.groups = nil
			s.opts.Logger.Info("the memory of processes is capped without control groups: programs that runs start are not counted", "reason", err.Error())
		}
	})
	if s.groups == nil {
		return
	}
	made, err := s.groups.put(p.cmd.Process.Pid, s.opts.Memory)
	if err != nil {
		s.opts.Logger.Warn("a process is in no control group of its own", "reason", err.Error())
	}
	p.cgroup = made
}

// Spawn implements [generation.Spawner].
func (s *Spawner) Spawn(ctx context.Context, script generation.Script) (generation.Process, *generation.Declared, error) {
	p, err := s.start(script)
	if err != nil {
		return nil, nil, fmt.Errorf("start a process for %s: %w", script.Bundle.Name, err)
	}
	declared, err := p.load(ctx, script)
	if err != nil {
		p.Close()
		return nil, nil, err
	}
	if s.opts.Tally != nil {
		s.opts.Tally.Built.Add(1)
	}
	return p, declared, nil
}

// start starts a child; it is in the spawner's care then.
func (s *Spawner) start(script generation.Script) (*Process, error) {
	theirIn, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	out, theirOut, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, theirIn.Close(), in.Close())
	}
	p := newProcess(s, script, newLink(out, in))
	p.in, p.out = in, out
	p.cmd = exec.Command(s.opts.Command[0], s.opts.Command[1:]...)
	p.cmd.Env = append([]string{}, s.opts.Environ...)
	p.cmd.Stderr = &p.lastWords
	connect(p.cmd, theirIn, theirOut)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		err = errors.New("the worker is ending")
	} else {
		err = p.cmd.Start()
	}
	_, _ = theirIn.Close(), theirOut.Close() // the child has its own
	if err != nil {
		return nil, errors.Join(err, in.Close(), out.Close())
	}
	s.processes[p] = struct{}{}
	s.inGroup(p)
	s.group.Go(p.watch)
	s.group.Go(p.read)
	return p, nil
}

func (s *Spawner) forget(p *Process) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.processes, p)
}

// Renew gives the children the rules of a door that has new ones.
func (s *Spawner) Renew(plan permit.Plan) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for p := range s.processes {
		_ = p.link.send(frame{Body: renew{plan}}) // or it is gone
	}
}

// load waits until the child has evaluated the script.
func (p *Process) load(ctx context.Context, script generation.Script) (*generation.Declared, error) {
	p.tell(frame{Body: setup{
		Bundle: script.Bundle.Portable(), Number: script.Number, Plan: script.Door.Plan(),
		LoadTimeout: script.LoadTimeout, Memory: p.spawner.opts.Memory,
	}})
	timer := p.spawner.opts.Clock.NewTimer(script.LoadTimeout + loadPatience)
	defer timer.Stop()
	select {
	case got := <-p.loaded:
		return got.result()
	case <-p.gone:
	case <-timer.C():
		p.kill(fmt.Errorf("it did not load within %s", script.LoadTimeout))
		<-p.gone
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	return nil, p.failure("the script that loads")
}

func (l *loaded) result() (*generation.Declared, error) {
	if f := l.Failed; f != nil {
		return nil, &diagnostic.Error{File: f.File, Diagnostics: f.Diagnostics}
	}
	workflows, err := l.declared()
	if err != nil {
		return nil, fmt.Errorf("read what the script declares: %w", err)
	}
	return &generation.Declared{Workflows: workflows, Workers: l.Workers, Deferred: l.Deferred}, nil
}

// tail keeps the beginning of what a child writes before it dies: Go says first
// what is wrong.
type tail struct {
	mu   sync.Mutex
	text bytes.Buffer
}

const mostLastWords = 4 << 10

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if room := mostLastWords - t.text.Len(); room > 0 {
		t.text.Write(b[:min(room, len(b))])
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}
