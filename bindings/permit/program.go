package permit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
)

// lookProgram finds a program as a shell does: a name without a folder in the
// folders of path, anything else from dir. The links of its folder are
// resolved, its own are not: what a program does may depend on its name.
func lookProgram(name, dir, path string) (string, error) {
	if hasFolder(name) {
		return executable(absolute(name, dir))
	}
	failed := error(syscall.ENOENT)
	for _, folder := range filepath.SplitList(path) {
		if !filepath.IsAbs(folder) { // the working folder is nobody's to trust
			continue
		}
		found, err := executable(filepath.Join(folder, name))
		if err == nil {
			return found, nil
		}
		if errno(err) == 0 { // it says what to do
			failed = err
		}
	}
	return "", failed
}

func executable(path string) (string, error) {
	if why := impossible(path); why != "" || elsewhere(path) {
		return "", syscall.EACCES
	}
	path, err := runnable(path)
	if err != nil {
		return "", err
	}
	return filepath.Join(realOf(filepath.Dir(path)), filepath.Base(path)), nil
}

// Program is a program to start.
type Program struct {
	// Name is a program's name or path.
	Name string
	// Args are its arguments, without the name.
	Args []string
	// Dir is its working folder; "" = the worker's. Starting a program elsewhere
	// takes permission to read that folder.
	Dir string
	// Env is its whole environment as "name=value"; nil = the variables that the
	// script may read itself. Variables that change what a program loads (LD_*,
	// DYLD_*, NODE_OPTIONS) are left out of both.
	Env []string
	// Stdin, Stdout and Stderr ask for a pipe to or from the program; without
	// one it reads nothing and what it writes is dropped.
	Stdin, Stdout, Stderr bool
}

// Process is a program that was started. It belongs to the run: when that ends,
// the program is killed. What it has started in its group is killed with it and
// when it ends by itself.
type Process struct {
	// Stdin, Stdout and Stderr are the pipes asked for, or nil. They are the
	// run's, too.
	Stdin          io.WriteCloser
	Stdout, Stderr io.ReadCloser

	cmd    *exec.Cmd
	group  *programGroup
	exit   Exit       // once done is closed
	double *Exit      // how it ended, if it stands in for a program; cmd is nil then
	ends   []*os.File // the program's ends of the pipes
	done   chan struct{}
	span   *Span

	mu     sync.Mutex
	ended  bool  // nothing is left to kill
	killed error // why it was killed, if a limit was the reason
}

// Start starts a program without a shell, in a process group of its own. A
// failure is a [*NotCapableError], a [*LimitError], or a [*FileError] whose
// operation is "spawn NAME".
func (r *Run) Start(ctx context.Context, program Program) (*Process, error) {
	if p, ok, err := r.startDouble(ctx, program); ok || err != nil {
		return p, err
	}
	path, err := r.find(ctx, program.Name)
	if err != nil {
		return nil, err
	}
	if err := r.Count(ctx, Commands, 1); err != nil {
		return nil, err
	}
	cmd := exec.Command(path, program.Args...)
	cmd.Args[0] = program.Name
	cmd.Env = r.environmentOf(program.Env)
	if cmd.Dir, err = r.workingFolder(ctx, program.Dir); err != nil {
		return nil, err
	}
	p := &Process{cmd: cmd, done: make(chan struct{}), span: r.programSpan(ctx, path)}
	if err := p.begin(r, program); err != nil {
		err = p.failed(program.Name, err)
		p.span.End(err)
		return nil, err
	}
	return p, r.supervise(ctx, p, program.Name)
}

// begin starts the program in its group, with its pipes.
func (p *Process) begin(r *Run, program Program) (err error) {
	if p.group, err = newGroup(p.cmd, r.door.opts.Tied); err != nil {
		return err
	}
	if err = p.pipes(r, program); err == nil {
		err = p.cmd.Start()
	}
	for _, end := range p.ends {
		_ = end.Close() // the program has its own
	}
	if err == nil {
		if err = p.group.join(p.cmd.Process); err != nil {
			_ = p.cmd.Wait() // it was killed
		}
	}
	if err != nil {
		p.group.close()
	}
	return err
}

// programSpan begins the span of a program, with the names of OpenTelemetry's
// conventions. Arguments are left out, since keys are often among them.
func (r *Run) programSpan(ctx context.Context, path string) *Span {
	return r.Span(ctx, filepath.Base(path), trace.SpanKindClient, func() []attribute.KeyValue {
		return []attribute.KeyValue{
			attribute.String("process.executable.name", filepath.Base(path)), attribute.String("process.executable.path", r.Redact(path)),
		}
	})
}

// endSpan tells how the program ended.
func (p *Process) endSpan() {
	if p.span == nil {
		return
	}
	exit := p.exit
	p.span.Set(attribute.Int("process.pid", p.Pid()), attribute.Int("process.exit.code", exit.Code))
	switch {
	case exit.Signal != "":
		p.span.Failed(exit.Signal)
	case exit.Code != 0:
		p.span.Failed(strconv.Itoa(exit.Code))
	}
	p.span.End(nil)
}

// supervise waits for a program, and kills it when the run or its time ends.
func (r *Run) supervise(ctx context.Context, p *Process, name string) error {
	owned, err := r.Own(p)
	if err != nil {
		p.reap() // it was killed
		return err
	}
	var timer clock.Timer
	var late <-chan time.Time
	if most := r.Limits().CommandTime; most > 0 {
		timer = r.door.opts.Clock.NewTimer(most)
		late = timer.C()
	}
	watch := func() {
		select {
		case <-p.done:
		case <-late:
			p.kill(&LimitError{Name: "CommandLimitExceeded", Limit: "commandTime", Place: PlaceOf(ctx),
				Text: fmt.Sprintf("%s ran for %s", name, r.Limits().CommandTime)})
			<-p.done
		}
		if timer != nil {
			timer.Stop()
		}
		_ = owned.Close() // there is nothing left to kill
	}
	if !r.Go(p.wait) {
		p.reap()
		return ErrOver
	}
	r.Go(watch)
	return nil
}

// wait waits until the program has ended, then ends its group. As long as it is
// not reaped, its number cannot be another's, so where the system can wait
// without reaping, the group is killed without fear.
func (p *Process) wait() {
	pid := p.cmd.Process.Pid
	if !awaitExit(pid) {
		_ = p.cmd.Wait() // its state tells
	}
	p.mu.Lock()
	exited := p.cmd.ProcessState
	if exited != nil {
		p.exit = p.group.exit(exited)
	}
	p.group.kill(syscall.SIGKILL)
	p.ended = true
	p.mu.Unlock()
	if exited == nil {
		_ = p.cmd.Wait()
		p.exit = p.group.exit(p.cmd.ProcessState)
	}
	p.endSpan()
	p.group.close()
	close(p.done)
}

// reap waits for a program of which nobody will know.
func (p *Process) reap() {
	_ = p.cmd.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
	p.exit = p.group.exit(p.cmd.ProcessState)
	p.endSpan()
	p.group.close()
}

// Pid is the program's number; 0 of what stands in for one.
func (p *Process) Pid() int {
	if p.double != nil {
		return 0
	}
	return p.cmd.Process.Pid
}

// Signal sends a signal to the program and what it has started in its group; it
// reports whether there was something to send it to.
func (p *Process) Signal(signal syscall.Signal) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.ended && p.group.kill(signal)
}

func (p *Process) kill(why error) {
	p.mu.Lock()
	if p.killed == nil {
		p.killed = why
	}
	p.mu.Unlock()
	p.Signal(syscall.SIGKILL)
}

// Kill kills the program; why is the error of [Process.Wait].
func (p *Process) Kill(why error) { p.kill(why) }

// Close kills the program.
func (p *Process) Close() error {
	p.Signal(syscall.SIGKILL)
	return nil
}

// Done is closed when the program has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Exit is how a program ended.
type Exit struct {
	Code   int    // 0..255, on Windows any; -1 if a signal ended it
	Signal string // "SIGTERM"; "" if it ended by itself
}

// Wait waits until the program has ended. The error is why it was killed, if
// that was a limit, or the end of ctx.
func (p *Process) Wait(ctx context.Context) (Exit, error) {
	select {
	case <-p.done:
	case <-ctx.Done():
		return Exit{}, context.Cause(ctx)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.double != nil {
		return *p.double, nil
	}
	return p.exit, p.killed
}

// find looks a program up and checks it.
func (r *Run) find(ctx context.Context, name string) (string, error) {
	if name == "" || strings.ContainsRune(name, 0) {
		return "", &FileError{Op: "spawn", Path: name, Err: syscall.ENOENT}
	}
	path, lookErr := lookProgram(name, r.Dir(), r.door.path)
	err := r.allow(ctx, Command, name, func(p *Policy) *NotCapableError { return p.program(name, path) })
	if err == nil && lookErr != nil {
		err = &FileError{Op: "spawn " + name, Err: lookErr}
	}
	return path, err
}

func (r *Run) workingFolder(ctx context.Context, dir string) (string, error) {
	if dir == "" {
		return r.Dir(), nil
	}
	w, err := r.way(ctx, "spawn", dir, true, Read)
	if err != nil {
		return "", err
	}
	w.close()
	return absolute(dir, r.Dir()), nil
}

// environmentOf is what a program is given: what the script says, or else what
// it may see itself.
func (r *Run) environmentOf(given []string) []string {
	if given == nil {
		for _, name := range r.Environ() {
			value, _ := r.door.value(name)
			given = append(given, name+"="+value)
		}
	}
	return slices.DeleteFunc(slices.Concat([]string{}, given), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		return loaderVariable(name) || hides(r.door.opts.Hidden, name)
	})
}

// pipes makes the pipes asked for.
func (p *Process) pipes(r *Run, program Program) error {
	if program.Stdin {
		ours, err := p.pipe(r, &p.cmd.Stdin, nil)
		if err != nil {
			return err
		}
		p.Stdin = ours
	}
	if program.Stdout {
		ours, err := p.pipe(r, nil, &p.cmd.Stdout)
		if err != nil {
			return err
		}
		p.Stdout = ours
	}
	if program.Stderr {
		ours, err := p.pipe(r, nil, &p.cmd.Stderr)
		if err != nil {
			return err
		}
		p.Stderr = ours
	}
	return nil
}

// pipe makes one pipe, for the program to read from or to write to.
func (p *Process) pipe(r *Run, from *io.Reader, to *io.Writer) (*File, error) {
	reader, writer, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	ours, theirs := reader, writer
	if from != nil {
		ours, theirs = writer, reader
		*from = theirs
	} else {
		*to = theirs
	}
	p.ends = append(p.ends, theirs)
	owned, err := r.Own(ours)
	if err != nil {
		return nil, err
	}
	return &File{File: ours, owned: owned}, nil
}

// failed closes the pipes of a program that was not started.
func (p *Process) failed(name string, err error) error {
	for _, pipe := range []io.Closer{p.Stdin, p.Stdout, p.Stderr} {
		if pipe != nil {
			_ = pipe.Close() // nothing was written
		}
	}
	var execErr *exec.Error
	if errors.As(err, &execErr) {
		err = execErr.Err
	}
	if number := errno(err); number != 0 {
		err = number
	}
	return &FileError{Op: "spawn " + name, Err: err}
}
