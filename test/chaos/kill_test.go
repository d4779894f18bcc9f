package chaos

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
	"github.com/hatchet-js/hatchet-js-worker/test/internal/command"
)

const (
	totalRuns  = 1000
	totalKills = 20
)

const counting = `
workflow('count')
  .task('first', async (input) => { await new Promise((r) => setTimeout(r, 5)); return { n: input.n } })
  .retries(3)
  .taskAfter('second', ['first'], (input, ctx) => ({ n: ctx.parentOutput('first').n * 2 }))
  .retries(3)
`

// engineProcess is an embedded engine in a process of its own.
type engineProcess struct {
	binary, data, cards string
	port, http          int
	cmd                 *exec.Cmd
	output              bytes.Buffer
}

func buildCommand(t *testing.T) string {
	t.Helper()
	binary, err := command.Build(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return binary
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

// start runs the engine and waits until it has announced itself.
func (e *engineProcess) start(ctx context.Context) (sdk.RunningEngine, error) {
	e.cmd = exec.Command(e.binary, "engine", "--data", e.data, "--grpc-port", fmt.Sprint(e.port), "--port", fmt.Sprint(e.http))
	e.cmd.Env = append(os.Environ(), "HATCHET_JS_ENGINES_DIR="+e.cards)
	e.output.Reset()
	e.cmd.Stderr, e.cmd.Stdout = &e.output, &e.output
	if err := e.cmd.Start(); err != nil {
		return sdk.RunningEngine{}, err
	}
	for ctx.Err() == nil {
		engines, err := sdk.RunningEngines(e.cards)
		if err != nil {
			return sdk.RunningEngine{}, err
		}
		for _, engine := range engines {
			if engine.PID == e.cmd.Process.Pid {
				return engine, nil
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	return sdk.RunningEngine{}, fmt.Errorf("the engine does not start: %s", e.output.String())
}

func (e *engineProcess) kill() {
	_ = e.cmd.Process.Kill()
	_ = e.cmd.Wait()
}

func TestKillingTheEngineLosesNoRunAndRunsNoneTwice(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	ctx := background(t)
	dir := t.TempDir()
	write(t, dir, "count.js", counting)
	engine := &engineProcess{binary: buildCommand(t), data: filepath.Join(t.TempDir(), "engine.db"), cards: t.TempDir(), port: freePort(t), http: freePort(t)}
	running, err := engine.start(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { engine.kill() }()
	server, err := running.Server("")
	if err != nil {
		t.Fatal(err)
	}
	j := newJournal()
	options := sdk.Options{Server: server, Paths: []string{dir}}
	err = serve(ctx, t, options, j, func() error {
		return sdk.WithClient(ctx, server, sdk.ClientOptions{}, func(client *sdk.Client) error {
			ids, err := runWhile(ctx, client, j, func() error {
				engine.kill()
				_, err := engine.start(ctx)
				return err
			})
			if err != nil {
				return err
			}
			return checkRecord(ctx, t, engine, ids)
		})
	})
	if err != nil {
		t.Fatalf("%v\nengine: %s", err, tail(engine.output.String()))
	}
}

func tail(text string) string {
	lines := strings.Split(text, "\n")
	return strings.Join(lines[max(0, len(lines)-15):], "\n")
}

// runWhile starts all runs, spread over the disturbances, and waits for them.
func runWhile(ctx context.Context, client *sdk.Client, j *journal, disturb func() error) ([]string, error) {
	var ids []string
	for i := range totalKills {
		batch, err := triggerAll(ctx, client, "count", totalRuns/totalKills)
		if err != nil {
			return nil, err
		}
		ids = append(ids, batch...)
		done := (i*totalRuns/totalKills + 10)
		if err := j.await(ctx, "some tasks to run", func(events []sdk.Notice) bool {
			return count(events, func(sdk.TaskStarted) bool { return true }) > done
		}); err != nil {
			return nil, err
		}
		if err := disturb(); err != nil {
			return nil, err
		}
	}
	runs, err := waitAll(ctx, client, ids)
	if err != nil {
		return nil, err
	}
	for i, run := range runs {
		n := i % (totalRuns / totalKills)
		want := fmt.Sprintf(`{"first":{"n":%d},"second":{"n":%d}}`, n, 2*n)
		if run.Status != sdk.StatusCompleted || string(run.Output) != want {
			return nil, fmt.Errorf("run %s: %s %s %s, want %s", run.ID, run.Status, run.Output, run.Error, want)
		}
	}
	return ids, nil
}

// checkRecord asks the engine which runs there are: those that were started may
// appear once more when the answer to a trigger was lost, but none of them twice.
func checkRecord(ctx context.Context, t *testing.T, engine *engineProcess, ids []string) error {
	unique := map[string]bool{}
	for _, id := range ids {
		if unique[id] {
			t.Errorf("the id %s was given twice", id)
		}
		unique[id] = true
	}
	list := exec.CommandContext(ctx, engine.binary, "runs", "list", "--limit", "5000", "-o", "json")
	list.Env = append(os.Environ(), "HATCHET_JS_ENGINES_DIR="+engine.cards, "HATCHET_CLIENT_TOKEN=")
	out, err := list.Output()
	if err != nil {
		return fmt.Errorf("runs list: %w", err)
	}
	var recorded []sdk.RunSummary
	if err := json.Unmarshal(out, &recorded); err != nil {
		return err
	}
	seen := map[string]int{}
	for _, run := range recorded {
		seen[run.ID]++
		if run.Status != sdk.StatusCompleted {
			t.Errorf("run %s is %s: %s", run.ID, run.Status, run.Error)
		}
	}
	for id := range unique {
		if seen[id] != 1 {
			t.Errorf("run %s is recorded %d times", id, seen[id])
		}
	}
	t.Logf("%d runs started, %d recorded", len(ids), len(recorded))
	return nil
}

// proxy passes connections on and can cut them all.
type proxy struct {
	listener net.Listener
	target   string
	mu       sync.Mutex
	open     []net.Conn
	group    sync.WaitGroup
}

func newProxy(t *testing.T, target string) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: listener, target: target}
	p.group.Go(p.accept)
	t.Cleanup(func() {
		listener.Close()
		p.cut()
		p.group.Wait()
	})
	return p
}

func (p *proxy) accept() {
	for {
		in, err := p.listener.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", p.target)
		if err != nil {
			in.Close()
			continue
		}
		p.mu.Lock()
		p.open = append(p.open, in, out)
		p.mu.Unlock()
		p.group.Go(func() { pass(in, out) })
		p.group.Go(func() { pass(out, in) })
	}
}

func pass(from, to net.Conn) {
	defer to.Close()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range p.open {
		conn.Close()
	}
	p.open = nil
}

func TestCuttingTheConnectionLosesNoRun(t *testing.T) {
	ctx := background(t)
	dir := t.TempDir()
	write(t, dir, "count.js", counting)
	err := sdk.WithEngine(ctx, sdk.EngineOptions{GRPCAddress: "127.0.0.1:0", HTTPAddress: "127.0.0.1:0"}, func(ctx context.Context, engine *sdk.Engine) error {
		p := newProxy(t, engine.Address())
		through := sdk.RunningEngine{GRPC: p.listener.Addr().String(), HTTP: engine.HTTPAddress(), Token: engine.Token()}
		server, err := through.Server("")
		if err != nil {
			return err
		}
		j := newJournal()
		return serve(ctx, t, sdk.Options{Server: server, Paths: []string{dir}}, j, func() error {
			return sdk.WithClient(ctx, server, sdk.ClientOptions{}, func(client *sdk.Client) error {
				_, err := runWhile(ctx, client, j, func() error { p.cut(); return nil })
				return err
			})
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}
