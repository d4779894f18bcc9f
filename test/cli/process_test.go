package cli

import (
	"bytes"
	"errors"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// patience bounds every wait; it is far above what a slow machine needs.
const patience = 60 * time.Second

type processesKey struct{}

type processes struct {
	mu      sync.Mutex
	running map[string]*process
}

// process is a command in the background whose output is collected.
type process struct {
	cmd  *exec.Cmd
	done chan struct{}
	err  error

	mu     sync.Mutex
	output bytes.Buffer
}

func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.output.Write(b)
}

func (p *process) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.output.String()
}

func (ps *processes) killAll() {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	for _, p := range ps.running {
		_ = p.cmd.Process.Kill()
		<-p.done
	}
}

func named(ts *testscript.TestScript, name string) *process {
	ps := ts.Value(processesKey{}).(*processes)
	ps.mu.Lock()
	defer ps.mu.Unlock()
	p := ps.running[name]
	if p == nil {
		ts.Fatalf("no process %q was started", name)
	}
	return p
}

// start NAME ARG… runs hatchet-js-worker ARG… in the background.
func start(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: start NAME ARG…")
	}
	launch(ts, args)
}

// startin NAME FILE ARG… is start with the token in FILE in the environment: a
// worker that joins an engine as it would join a server.
func startin(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: startin NAME FILE ARG…")
	}
	launch(ts, append(args[:1:1], args[2:]...),
		"HATCHET_CLIENT_TOKEN="+strings.TrimSpace(ts.ReadFile(args[1])), "HATCHET_CLIENT_TLS_STRATEGY=none")
}

func launch(ts *testscript.TestScript, args []string, extra ...string) {
	p := &process{done: make(chan struct{})}
	p.cmd = exec.Command(binaries+"/hatchet-js-worker", args[1:]...)
	p.cmd.Dir = ts.MkAbs(".")
	for _, key := range []string{"PATH", "HOME", "NO_COLOR", "HATCHET_JS_ENGINES_DIR", "HATCHET_CLIENT_TOKEN", "HATCHET_CLIENT_TLS_STRATEGY", "HATCHET_CLIENT_HOST_PORT", "HATCHET_CLIENT_NAMESPACE",
		"HATCHET_CLIENT_WORKER_HEALTHCHECK_ENABLED", "HATCHET_CLIENT_WORKER_HEALTHCHECK_PORT", "GREETING", "KEY"} {
		if value := ts.Getenv(key); value != "" {
			p.cmd.Env = append(p.cmd.Env, key+"="+value)
		}
	}
	p.cmd.Env = append(p.cmd.Env, extra...)
	p.cmd.Stdout, p.cmd.Stderr = p, p
	ts.Check(p.cmd.Start())
	go func() {
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	ps := ts.Value(processesKey{}).(*processes)
	ps.mu.Lock()
	ps.running[args[0]] = p
	ps.mu.Unlock()
}

// await NAME PATTERN waits until the process's output matches; ! await checks
// that it does not now.
func await(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: [!] await NAME PATTERN")
	}
	p := named(ts, args[0])
	pattern := regexp.MustCompile("(?m)" + args[1])
	if neg {
		if pattern.MatchString(p.text()) {
			ts.Fatalf("%s printed %q:\n%s", args[0], args[1], p.text())
		}
		return
	}
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		if pattern.MatchString(p.text()) {
			return
		}
		select {
		case <-p.done:
			if !pattern.MatchString(p.text()) {
				ts.Fatalf("%s ended (%v) without %q:\n%s", args[0], p.err, args[1], p.text())
			}
			return
		default:
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%s did not print %q:\n%s", args[0], args[1], p.text())
		}
	}
}

// terminate NAME CODE sends SIGTERM and checks the exit code.
func terminate(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: terminate NAME CODE")
	}
	p := named(ts, args[0])
	ts.Check(p.cmd.Process.Signal(syscall.SIGTERM))
	exitCode(ts, false, args)
}

// interrupt NAME sends SIGINT and does not wait.
func interrupt(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: interrupt NAME")
	}
	ts.Check(named(ts, args[0]).cmd.Process.Signal(syscall.SIGINT))
}

// killnow NAME ends the process without a chance to clean up.
func killnow(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: killnow NAME")
	}
	p := named(ts, args[0])
	ts.Check(p.cmd.Process.Kill())
	<-p.done
}

// exit NAME CODE waits for the end of the process and checks its exit code.
func exitCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: exit NAME CODE")
	}
	p := named(ts, args[0])
	select {
	case <-p.done:
	case <-time.After(patience):
		ts.Fatalf("%s does not end:\n%s", args[0], p.text())
	}
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	if got := p.cmd.ProcessState.ExitCode(); got != want {
		ts.Fatalf("%s ended with %d, want %d:\n%s", args[0], got, want, p.text())
	}
}

// eventually CODE PATTERN ARG… repeats hatchet-js-worker ARG… until it ends with
// the code and its output matches.
func eventually(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: eventually CODE PATTERN ARG…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	pattern, err := regexp.Compile("(?m)" + args[1])
	ts.Check(err)
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		got := runOnce(ts, args[2:])
		output := ts.ReadFile("stdout") + ts.ReadFile("stderr")
		if got == want && pattern.MatchString(output) {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%v: code %d, want %d with %q:\n%s", args[2:], got, want, args[1], output)
		}
	}
}

// code WANT ARG… runs hatchet-js-worker ARG… once and checks its exit code; its
// output is there for stdout and stderr.
func code(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: code WANT ARG…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if got := runOnce(ts, args[1:]); got != want {
		ts.Fatalf("%v ended with %d, want %d", args[1:], got, want)
	}
}

func runOnce(ts *testscript.TestScript, args []string) int {
	err := ts.Exec("hatchet-js-worker", args...)
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	ts.Check(err)
	return 0
}
