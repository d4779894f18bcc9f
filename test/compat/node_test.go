package compat

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/test/compat/nodejs"
)

// requireSDK returns the node_modules folder with the SDK.
func requireSDK(t *testing.T) string {
	t.Helper()
	return nodejs.Modules(t, "npm")
}

// stage is a folder from which scripts run, with the SDK beside them.
type stage struct{ dir string }

func newStage(t *testing.T) *stage {
	t.Helper()
	modules := requireSDK(t)
	s := &stage{dir: t.TempDir()}
	if err := os.CopyFS(s.dir, os.DirFS("testdata")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(modules, filepath.Join(s.dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.journal(), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *stage) journal() string { return filepath.Join(s.dir, "journal") }

// process is a command whose output is collected. It ends with the test at the
// latest.
type process struct {
	cmd    *exec.Cmd
	name   string
	output buffer
	ended  chan struct{} // closed by the goroutine that waits for it
	err    error         // of Wait, once ended
}

// buffer is what a process prints, read while it prints.
type buffer struct {
	mu   sync.Mutex
	data bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.data.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.data.String()
}

// start runs node run.mjs ARG….
func (s *stage) start(t *testing.T, env []string, args ...string) *process {
	t.Helper()
	cmd := exec.Command("node", append([]string{"run.mjs"}, args...)...)
	s.furnish(cmd, env)
	return launch(t, strings.Join(args, " "), cmd)
}

// furnish gives a command the stage as its folder and an environment that holds
// nothing of the user's.
func (s *stage) furnish(cmd *exec.Cmd, env []string) {
	cmd.Dir = s.dir
	cmd.Env = append(env[:len(env):len(env)],
		"PATH="+os.Getenv("PATH"), "HOME="+s.dir, "COMPAT_JOURNAL="+s.journal(), "HATCHET_JS_ENGINES_DIR="+filepath.Join(s.dir, "engines"))
}

// launch starts a command. Its standard input stays open as long as the test
// lives; scripts take its end for theirs.
func launch(t *testing.T, name string, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{cmd: cmd, name: name, ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = &p.output, &p.output, time.Second
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		p.err = cmd.Wait()
	}()
	t.Cleanup(func() {
		p.kill()
		_ = stdin.Close()
		if t.Failed() {
			t.Logf("%s printed:\n%s", name, tail(p.output.String()))
		}
	})
	return p
}

// worker starts the worker of a group and waits until it serves.
func (s *stage) worker(t *testing.T, group string, env []string) *process {
	t.Helper()
	p := s.start(t, env, "worker", group)
	p.await(t, `^{"ready":true}$`)
	return p
}

// await waits until the output matches.
func (p *process) await(t *testing.T, pattern string) []string {
	t.Helper()
	compiled := regexp.MustCompile("(?m)" + pattern)
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		ended := p.over()
		if match := compiled.FindStringSubmatch(p.output.String()); match != nil {
			return match
		}
		if ended || time.Now().After(deadline) {
			t.Fatalf("%s did not print %q (ended: %v):\n%s", p.name, pattern, ended, tail(p.output.String()))
		}
	}
}

func (p *process) over() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// wait waits for an end without an error.
func (p *process) wait(t *testing.T) {
	t.Helper()
	select {
	case <-p.ended:
	case <-time.After(patience):
		t.Fatalf("%s does not end:\n%s", p.name, tail(p.output.String()))
	}
	if p.err != nil {
		t.Errorf("%s ended with %v:\n%s", p.name, p.err, tail(p.output.String()))
	}
}

// terminate asks a process to end, and it must do so in good order.
func (p *process) terminate(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !p.over() {
		t.Fatal(err)
	}
	p.wait(t)
}

// kill ends a process without a chance to clean up.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.ended
}
