package sdk_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
)

// patience bounds every wait; it is far above what a slow machine needs.
const patience = time.Minute

const probed = `
workflow.task('Hello', () => ({ text: 'hello' }))
workflow.task('bad', () => { throw new NonRetryableError('no') })
workflow.task('loop', { executionTimeout: '300ms' }, () => { for (;;) {} })
workflow.durableTask('gate', { executionTimeout: '5m' }, async (input, ctx) => { await ctx.waitFor({ eventKey: 'never' }) })
workflow.task('long', { executionTimeout: '5m' }, async (input) => {
  while ((await hatchet.status(input.gate)) !== 'CANCELLED') await new Promise((r) => setTimeout(r, 20))
})
`

// street carries connections to the engine until it is blocked.
type street struct {
	listener net.Listener
	to       string
	group    sync.WaitGroup

	mu      sync.Mutex
	blocked bool
	ends    map[net.Conn]struct{}
}

func openStreet(t *testing.T, to string) *street {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &street{listener: listener, to: to, ends: map[net.Conn]struct{}{}}
	s.group.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.group.Go(func() { s.carry(conn) })
		}
	})
	t.Cleanup(func() {
		listener.Close()
		s.block(true)
		s.group.Wait()
	})
	return s
}

// block cuts every connection, and lets no further one through until it is
// called with false.
func (s *street) block(blocked bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.blocked = blocked
	for end := range s.ends {
		if blocked {
			end.Close()
		}
	}
}

func (s *street) enter(end net.Conn) (leave func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ends[end] = struct{}{}
	if s.blocked {
		end.Close()
	}
	return func() {
		end.Close()
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.ends, end)
	}
}

func (s *street) carry(near net.Conn) {
	defer s.enter(near)()
	far, err := net.Dial("tcp", s.to)
	if err != nil {
		return
	}
	defer s.enter(far)()
	var back sync.WaitGroup
	back.Go(func() {
		_, _ = io.Copy(near, far)
		near.Close()
	})
	_, _ = io.Copy(far, near)
	far.Close()
	back.Wait()
}

// probes asks a health port.
type probes struct {
	*testing.T
	ctx     context.Context
	address string
}

func (p *probes) get(path string) (int, string, error) {
	request, err := http.NewRequestWithContext(p.ctx, http.MethodGet, "http://"+p.address+path, nil)
	if err != nil {
		return 0, "", err
	}
	request.Close = true
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(text), err
}

// await asks until the answer has the code and matches.
func (p *probes) await(path string, code int, pattern string) {
	p.Helper()
	expression := regexp.MustCompile("(?m)" + pattern)
	var last string
	for {
		got, text, err := p.get(path)
		if err == nil && got == code && expression.MatchString(text) {
			return
		}
		if p.ctx.Err() == nil {
			last = fmt.Sprintf("%d %q (%v)", got, text, err)
		}
		select {
		case <-p.ctx.Done():
			p.Fatalf("%s answers %s, want %d and %q", path, last, code, pattern)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// shows waits until the metrics have the lines: some follow what they tell of.
func (p *probes) shows(lines ...string) {
	p.Helper()
	for _, line := range lines {
		p.await("/metrics", 200, "^"+line+"$")
	}
}

func (p *probes) alive() {
	p.Helper()
	if code, text, err := p.get("/livez"); code != 200 {
		p.Errorf("/livez answers %d %q (%v)", code, text, err)
	}
}

func TestProbesAndMetricsThroughAWorkersLife(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	options := sdk.EngineOptions{GRPCAddress: "127.0.0.1:0", HTTPAddress: "127.0.0.1:0"}
	err := sdk.WithEngine(ctx, options, func(ctx context.Context, engine *sdk.Engine) error {
		s := openStreet(t, engine.Address())
		server, err := sdk.ServerFromEnv(func(name string) (string, bool) {
			value, ok := map[string]string{
				"HATCHET_CLIENT_TOKEN": engine.Token(), "HATCHET_CLIENT_HOST_PORT": s.listener.Addr().String(), "HATCHET_CLIENT_TLS_STRATEGY": "none",
			}[name]
			return value, ok
		}, sdk.ServerOptions{})
		if err != nil {
			return err
		}
		direct, err := engine.Server("")
		if err != nil {
			return err
		}
		return sdk.WithClient(ctx, direct, sdk.ClientOptions{}, func(client *sdk.Client) error {
			return liveThrough(ctx, t, server, client, s)
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// liveThrough has a worker load, serve, lose its connection, reload and drain.
func liveThrough(ctx context.Context, t *testing.T, server sdk.Server, client *sdk.Client, s *street) error {
	script := filepath.Join(t.TempDir(), "main.js")
	save(t, script, "workflow.task(")
	working, stop := context.WithCancel(ctx)
	defer stop()
	address, looked := make(chan string, 1), make(chan struct{}, 10)
	w, err := sdk.New(sdk.Options{
		Server: server, Paths: []string{script}, Name: "probed", HealthAddress: "127.0.0.1:0", Version: "9.9.9",
		Watch: true, Poll: true, KeepWaiting: true, Labels: map[string]any{"region": "eu"}, Drain: patience,
		Observer: func(n sdk.Notice) {
			switch n := n.(type) {
			case sdk.HealthListening:
				address <- n.Address
			case sdk.ScriptsLoaded:
				looked <- struct{}{}
			}
		},
	})
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- w.Run(working) }()
	p := &probes{T: t, ctx: ctx, address: <-address}
	defer func() {
		stop()
		<-ended
	}()
	<-looked
	load(p, script)
	if err := work(ctx, p, client); err != nil {
		return err
	}
	cut(p, s)
	reload(p, script)
	if err := drain(ctx, p, client, stop, ended); err != nil {
		return err
	}
	if _, _, err := p.get("/livez"); err == nil {
		t.Error("the health port is open after the end of the worker")
	}
	ended <- nil // for the deferred wait
	return nil
}

func save(t *testing.T, path, text string) {
	t.Helper()
	fresh := path + ".new"
	if err := errors.Join(os.WriteFile(fresh, []byte(text), 0o644), os.Rename(fresh, path)); err != nil {
		t.Fatal(err)
	}
}

// load: while nothing loads the worker is alive and not ready.
func load(p *probes, script string) {
	p.await("/readyz?verbose", 503, `^\[-\]scripts failed: no workflow is loaded$`)
	p.await("/health", 503, `"status":"STARTING"`)
	p.alive()
	save(p.T, script, probed)
	p.await("/readyz", 200, "ok")
	p.await("/readyz?verbose", 200, `^\[\+\]stream ok$`)
	p.await("/health", 200, `^\{"status":"HEALTHY","name":"probed","slots":100,"actions":\["bad:bad","gate:gate","hello:hello","long:long","loop:loop"\],`+
		`"labels":\{"region":"eu"\},`)
	p.shows(`hatchet_worker_info\{engine=".+",version="9.9.9"\} 1`, "hatchet_worker_status 1", "hatchet_worker_actions 5",
		`hatchet_worker_script_reloads_total\{result="loaded"\} 1`, `hatchet_worker_slots\{type="durable"\} 1000`)
}

// work: what ran is counted, by the names of the declarations.
func work(ctx context.Context, p *probes, client *sdk.Client) error {
	for _, name := range []string{"hello", "Hello", "bad", "loop"} {
		id, err := client.Trigger(ctx, name, json.RawMessage(`{}`), sdk.RunOptions{})
		if err != nil {
			return err
		}
		if _, err := client.Wait(ctx, id); err != nil {
			return err
		}
	}
	p.shows(
		`hatchet_worker_tasks_started_total\{task="Hello",workflow="Hello"\} 2`,
		`hatchet_worker_tasks_finished_total\{outcome="completed",task="Hello",workflow="Hello"\} 2`,
		`hatchet_worker_task_duration_seconds_count\{outcome="completed",task="Hello",workflow="Hello"\} 2`,
		`hatchet_worker_tasks_finished_total\{outcome="failed",task="bad",workflow="bad"\} 1`,
		`hatchet_worker_tasks_finished_total\{outcome="timed_out",task="loop",workflow="loop"\} 1`,
		`hatchet_worker_interrupts_total 1`, `hatchet_worker_vms_built_total [1-9]\d*`,
		`hatchet_worker_tasks_running 0`, `hatchet_worker_results_unreported 0`, `hatchet_worker_stream_reconnects_total 0`,
	)
	return nil
}

// cut: without its stream the worker is alive and not ready, until it is back.
func cut(p *probes, s *street) {
	s.block(true)
	p.await("/readyz", 503, `^\[-\]stream failed: reconnecting: `)
	p.await("/health", 503, `"status":"UNHEALTHY"`)
	p.alive()
	p.shows("hatchet_worker_status 0", "hatchet_worker_stream_connected 0")
	s.block(false)
	p.await("/readyz", 200, "ok")
	p.shows("hatchet_worker_status 1", `hatchet_worker_stream_reconnects_total [1-9]\d*`)
}

// reload: a file that does not load is counted, and what served before is ready.
func reload(p *probes, script string) {
	save(p.T, script, "workflow.task(")
	p.shows(`hatchet_worker_script_reloads_total\{result="failed"\} 1`)
	p.await("/readyz", 200, "ok")
	save(p.T, script, strings.Replace(probed, "workflow.task('bad'", "workflow.task('worse'", 1))
	p.shows(`hatchet_worker_tasks_started_total\{task="worse",workflow="worse"\} 0`, `hatchet_worker_script_reloads_total\{result="loaded"\} 2`)
	if _, text, _ := p.get("/metrics"); strings.Contains(text, `workflow="bad"`) {
		p.Error("a workflow that is no longer loaded still has series")
	}
	p.await("/readyz", 200, "ok")
}

// drain: a worker on its way out takes nothing more, and tells until its end.
func drain(ctx context.Context, p *probes, client *sdk.Client, stop func(), ended <-chan error) error {
	gate, err := client.Trigger(ctx, "gate", json.RawMessage(`{}`), sdk.RunOptions{})
	if err != nil {
		return err
	}
	if _, err = client.Trigger(ctx, "long", json.RawMessage(fmt.Sprintf(`{"gate":%q}`, gate)), sdk.RunOptions{}); err != nil {
		return err
	}
	p.shows("hatchet_worker_tasks_running 1", "hatchet_worker_tasks_parked 1", `hatchet_worker_slots_used\{type="default"\} 1`,
		`hatchet_worker_oldest_running_task_seconds [\d.e-]+`, `hatchet_worker_vms\{state="running"\} 1`)
	stop()
	p.await("/readyz", 503, `^\[-\]draining failed: the worker takes no more work$`)
	p.await("/health", 503, `"status":"UNHEALTHY"`)
	p.shows("hatchet_worker_draining 1", "hatchet_worker_tasks_running 1")
	p.alive()
	if err := client.Cancel(ctx, gate); err != nil {
		return err
	}
	return <-ended
}

func TestAHealthPortThatIsTakenIsAConfigurationError(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	script := filepath.Join(t.TempDir(), "main.js")
	save(t, script, probed)
	w, err := sdk.New(sdk.Options{Server: sdk.Embedded(), Paths: []string{script}, HealthAddress: taken.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Run(context.Background()); !errors.Is(err, sdk.ErrConfig) || !strings.Contains(err.Error(), "health port "+taken.Addr().String()) {
		t.Errorf("the error of a taken port is %v", err)
	}
}

func TestTheEnvironmentAsksForTheHealthPort(t *testing.T) {
	for _, c := range []struct{ enabled, port, want, problem string }{
		{"", "", "", ""},
		{"", "8002", "", ""},
		{"false", "8002", "", ""},
		{"true", "", ":8001", ""},
		{"True", "8002", ":8002", ""},
		{"yes", "", "", "HATCHET_CLIENT_WORKER_HEALTHCHECK_ENABLED"},
		{"true", "http", "", "HATCHET_CLIENT_WORKER_HEALTHCHECK_PORT"},
	} {
		got, err := sdk.HealthAddressFromEnv(func(name string) (string, bool) {
			value := map[string]string{"HATCHET_CLIENT_WORKER_HEALTHCHECK_ENABLED": c.enabled, "HATCHET_CLIENT_WORKER_HEALTHCHECK_PORT": c.port}[name]
			return value, value != ""
		})
		switch {
		case c.problem != "":
			if !errors.Is(err, sdk.ErrConfig) || !strings.Contains(err.Error(), c.problem) {
				t.Errorf("%+v: the error is %v", c, err)
			}
		case got != c.want || err != nil:
			t.Errorf("%+v: the address is %q (%v)", c, got, err)
		}
	}
}
