package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"syscall"
	"time"

	"github.com/dop251/goja"
	"golang.org/x/sync/errgroup"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
)

// command is what scripts say of a program to start.
type command struct {
	permit.Program
	input     []byte
	timeout   time.Duration
	signal    syscall.Signal // that ends it at the timeout
	maxBuffer int64          // bytes of each of its outputs
	clock     clock.Clock
	aborted   chan struct{} // closed by an AbortSignal; nil without one
}

// commandOf reads (file, args, options), as child_process.js passes them on.
func commandOf(h *native.Host, call goja.FunctionCall, what string) *command {
	c := &command{clock: h.VM.Options().Clock, maxBuffer: 1 << 20, signal: syscall.SIGTERM}
	c.Name = native.NonEmpty(h.Runtime, call.Argument(0), what+": the program")
	for i, v := range native.Elements(h.Runtime, call.Argument(1), what+": the arguments") {
		if _, object := v.(*goja.Object); object || native.Missing(v) {
			native.Throw(h.Runtime, "%s: argument %d must be a string, got %s", what, i+1, native.Describe(v))
		}
		c.Args = append(c.Args, v.String())
	}
	opts := optionsOf(h, call.Argument(2), what)
	if v := opts.get("shell"); v != nil && v.ToBoolean() {
		native.Throw(h.Runtime, "%s: there is no shell: leave the option out, and give arguments one by one; or start a shell yourself, %s('sh', ['-c', command]), which takes --allow-run=sh", what, what)
	}
	if v := opts.get("detached"); v != nil && v.ToBoolean() {
		native.Throw(h.Runtime, "%s: a program cannot outlive its run: leave out detached", what)
	}
	if v := opts.get("cwd"); v != nil {
		c.Dir = pathOf(h, v, what+": cwd")
	}
	if v := opts.get("env"); v != nil {
		c.Env = environmentOf(native.Object(h.Runtime, v, what+": env"))
	}
	if v := opts.get("input"); v != nil {
		c.input = dataOf(h, v, "", what)
	}
	c.bounds(h, opts, what)
	if signal, ok := opts.get("signal").(*goja.Object); ok {
		c.listen(h, signal, what)
	}
	return c
}

// listen ends the program when an AbortSignal fires.
func (c *command) listen(h *native.Host, signal *goja.Object, what string) {
	if signal.Get("aborted") == h.Runtime.ToValue(true) {
		panic(signal.Get("reason"))
	}
	add, ok := goja.AssertFunction(signal.Get("addEventListener"))
	if !ok {
		native.Throw(h.Runtime, "%s: signal must be an AbortSignal", what)
	}
	aborted := make(chan struct{})
	var once sync.Once
	heard := native.Function(h.Runtime, "abort", 0, func(goja.FunctionCall) goja.Value {
		once.Do(func() { close(aborted) })
		return goja.Undefined()
	})
	if _, err := add(signal, h.Runtime.ToValue("abort"), heard); err != nil {
		panic(err)
	}
	c.aborted = aborted
}

// abortError is how a program ends whose AbortSignal has fired.
type abortError struct{}

func (abortError) Error() string     { return "The operation was aborted" }
func (abortError) ErrorName() string { return "AbortError" }
func (abortError) ErrorCode() string { return "ABORT_ERR" }

func (c *command) bounds(h *native.Host, opts options, what string) {
	if v := opts.get("timeout"); v != nil {
		c.timeout = time.Duration(native.Float(h.Runtime, v, what+": timeout") * float64(time.Millisecond))
	}
	if v := opts.get("maxBuffer"); v != nil {
		c.maxBuffer = int64(native.Integer(h.Runtime, v, what+": maxBuffer", 0, 1<<40))
	}
	if v := opts.get("killSignal"); v != nil {
		c.signal = signalOf(h, v, what)
	}
}

// environmentOf reads the variables of an object; those that are undefined are
// left out.
func environmentOf(object *goja.Object) []string {
	pairs := []string{}
	for _, name := range object.Keys() {
		if v := object.Get(name); v != nil && !goja.IsUndefined(v) {
			pairs = append(pairs, name+"="+v.String())
		}
	}
	return pairs
}

// signalOf reads a signal: its name or number.
func signalOf(h *native.Host, v goja.Value, what string) syscall.Signal {
	if native.Missing(v) {
		return syscall.SIGTERM
	}
	if goja.IsNumber(v) {
		signal := syscall.Signal(native.Integer(h.Runtime, v, what+": the signal", 1, 64))
		if !permit.CanSignal(signal) {
			native.Throw(h.Runtime, "%s: no program can be sent the signal %d on %s; SIGTERM ends it", what, int(signal), platform)
		}
		return signal
	}
	signal := permit.SignalNumber(native.String(h.Runtime, v, what+": the signal"))
	if signal == 0 {
		native.Throw(h.Runtime, "%s: unknown signal %s on %s", what, native.Quote(v), platform)
	}
	return signal
}

// collect runs a program to its end and gives what it wrote, its code and the
// signal that ended it.
func collect(h *native.Host, call goja.FunctionCall) native.Work {
	c := commandOf(h, call, "execFile")
	c.Stdout, c.Stderr, c.Stdin = true, true, c.input != nil
	return func(ctx context.Context) (any, error) {
		run := permit.From(ctx)
		process, err := run.Start(ctx, c.Program)
		if err != nil {
			return nil, err
		}
		feed(run, process, c.input)
		timedOut := c.deadline(process)
		c.watch(ctx, run, process)
		stdout, stderr, err := c.output(ctx, run, process)
		exit, ended := process.Wait(ctx)
		killed := timedOut()
		if err = errors.Join(ended, err); err != nil {
			return nil, err
		}
		return native.Record{
			{Name: "stdout", Value: stdout}, {Name: "stderr", Value: stderr}, {Name: "code", Value: exit.Code}, {Name: "signal", Value: exit.Signal}, {Name: "killed", Value: killed},
		}, nil
	}
}

// watch kills the program when its AbortSignal fires.
func (c *command) watch(ctx context.Context, run *permit.Run, process *permit.Process) {
	if c.aborted == nil {
		return
	}
	run.Go(func() {
		select {
		case <-c.aborted:
			process.Kill(abortError{})
		case <-process.Done():
		case <-ctx.Done():
		}
	})
}

// output reads both outputs at once: a program that writes to one may wait for
// somebody to read the other.
func (c *command) output(ctx context.Context, run *permit.Run, process *permit.Process) (stdout, stderr []byte, err error) {
	var group errgroup.Group
	group.Go(func() (err error) {
		stderr, err = c.read(ctx, run, process, process.Stderr, "stderr")
		return err
	})
	stdout, err = c.read(ctx, run, process, process.Stdout, "stdout")
	if other := group.Wait(); err == nil {
		err = other
	}
	return stdout, stderr, err
}

// feed writes the program's input.
func feed(run *permit.Run, process *permit.Process, input []byte) {
	if process.Stdin == nil {
		return
	}
	run.Go(func() {
		_, _ = process.Stdin.Write(input) // a program need not read it
		_ = process.Stdin.Close()
	})
}

// deadline ends the program when its time is over; the function it returns says
// whether it did.
func (c *command) deadline(process *permit.Process) func() bool {
	if c.timeout <= 0 {
		return func() bool { return false }
	}
	timer := c.clock.AfterFunc(c.timeout, func() { process.Signal(c.signal) })
	return func() bool { return !timer.Stop() }
}

// overflow is the error for more output than fits.
type overflow struct {
	stream string
	most   int64
}

func (e *overflow) Error() string {
	return fmt.Sprintf("%s maxBuffer length exceeded (%d bytes): give a larger maxBuffer, or read piece by piece with spawn", e.stream, e.most)
}

func (e *overflow) ErrorCode() string { return "ERR_CHILD_PROCESS_STDIO_MAXBUFFER" }

// read takes all that a program writes, up to maxBuffer and the limit execOutput.
func (c *command) read(ctx context.Context, run *permit.Run, process *permit.Process, from io.Reader, stream string) ([]byte, error) {
	most := c.maxBuffer
	limit := run.Limits().ExecOutput
	if limit > 0 {
		most = min(most, limit)
	}
	data, err := io.ReadAll(io.LimitReader(from, most+1))
	if int64(len(data)) <= most {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return data, err
	}
	err = &overflow{stream, most}
	if limit > 0 && most == limit {
		err = run.ExecOutputError(ctx, c.Name)
	}
	process.Kill(nil)
	return nil, err
}
