package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// terminal is a command on a terminal of its own: both ends of a pseudo-terminal.
type terminal struct {
	t    *testing.T
	ours *os.File
	done chan struct{} // closed when the command has hung up

	mu     sync.Mutex
	output bytes.Buffer
}

// openTerminal starts the command in dir on a new terminal.
func openTerminal(t *testing.T, dir string, args ...string) (*terminal, *exec.Cmd) {
	t.Helper()
	ours, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("there are no pseudo-terminals here: %v", err)
	}
	if err := unix.IoctlSetPointerInt(int(ours.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetUint32(int(ours.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(filepath.Join(binaries, "hatchet-js-worker"), args...)
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = dir, theirs, theirs, theirs
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "HATCHET_JS_ENGINES_DIR=" + filepath.Join(dir, ".engines"), "NO_COLOR=1", "GREETING=hi", "PLACE=here", "TERM=dumb"}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = theirs.Close() // the command has its own
	term := &terminal{t: t, ours: ours, done: make(chan struct{})}
	go term.read()
	return term, cmd
}

func (term *terminal) read() {
	defer close(term.done)
	_, _ = io.Copy(term, term.ours) // ends when the command has
}

func (term *terminal) Write(b []byte) (int, error) {
	term.mu.Lock()
	defer term.mu.Unlock()
	return term.output.Write(b)
}

// await waits for output that matches, and forgets what came up to it.
func (term *terminal) await(pattern string) {
	term.t.Helper()
	wanted := regexp.MustCompile(pattern)
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		term.mu.Lock()
		at := wanted.FindIndex(term.output.Bytes())
		if at != nil {
			term.output.Next(at[1])
		}
		text := term.output.String()
		term.mu.Unlock()
		if at != nil {
			return
		}
		if time.Now().After(deadline) {
			term.t.Fatalf("the terminal does not show %q:\n%s", pattern, text)
		}
	}
}

func (term *terminal) answer(text string) {
	term.t.Helper()
	if _, err := term.ours.WriteString(text + "\n"); err != nil {
		term.t.Fatal(err)
	}
}

func TestDevAsksAtATerminal(t *testing.T) {
	dir := t.TempDir()
	script := "workflow.task('env', () => process.env.GREETING)\nworkflow.task('place', () => process.env.PLACE)\n"
	if err := os.WriteFile(filepath.Join(dir, "a.js"), []byte(script), 0o644); err != nil {
		t.Fatal(err)
	}
	term, cmd := openTerminal(t, dir, "dev", "a.js", "--ephemeral", "--port", "0", "--grpc-port", "0")
	defer func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
		_ = term.ours.Close()
		<-term.done
	}()
	term.await(`ready in`)
	trigger := func(name string) {
		again := exec.Command(cmd.Path, "trigger", name)
		again.Dir, again.Env = dir, cmd.Env
		if out, err := again.CombinedOutput(); err != nil {
			t.Fatalf("trigger %s: %v\n%s", name, err, out)
		}
	}
	question := `env \(env\) asks for env access to "GREETING".*a\.js:1\s+Allow GREETING\? y once / a always \(written to hatchet-js\.json\) / n: `
	for _, c := range []struct{ answer, fate string }{
		{"n", `✗ env.*NotCapable: Requires env access to "GREETING"`}, {"y", `✓ env`}, {"what", `Allow GREETING\?`},
	} {
		trigger("env")
		term.await(question)
		term.answer(c.answer)
		term.await(c.fate)
	}
	term.answer("a")
	term.await(`✓ env`)
	trigger("env") // nobody is asked any more
	term.await(`✓ env`)
	text, err := os.ReadFile(filepath.Join(dir, "hatchet-js.json"))
	if err != nil || !bytes.Contains(text, []byte(`"GREETING"`)) {
		t.Errorf("the file of permissions is %s, %v", text, err)
	}
	trigger("place") // while it waits for an answer, dev can be ended
	term.await(`place \(place\) asks for env access to "PLACE"`)
}
