package isolate_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/hatchet-js/hatchet-js-worker/bindings/builtin"
	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
	"github.com/hatchet-js/hatchet-js-worker/scripts/bundle"
	"github.com/hatchet-js/hatchet-js-worker/scripts/diagnostic"
	"github.com/hatchet-js/hatchet-js-worker/scripts/generation"
	"github.com/hatchet-js/hatchet-js-worker/scripts/isolate"
	"github.com/hatchet-js/hatchet-js-worker/sdk/js/typescript"
)

const childVariable = "ISOLATE_TEST_CHILD"

// TestMain is also the child that the tests start.
func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		in, out := isolate.Files()
		if err := isolate.Serve(context.Background(), in, out); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// rig loads a script into processes.
type rig struct {
	t       *testing.T
	memory  int64
	timeout time.Duration // to load; 0 = the default
	limits  permit.Limits
	rules   permit.Rules
	audit   *bytes.Buffer
	asker   permit.Asker
	console []string
	cgroup  string
	log     *bytes.Buffer
}

func (r *rig) load(source string) (*generation.Generation, error) {
	r.t.Helper()
	dir := r.t.TempDir()
	path := filepath.Join(dir, "main.ts")
	if err := os.WriteFile(path, []byte(source), 0o644); err != nil {
		r.t.Fatal(err)
	}
	modules, err := builtin.Registry()
	if err != nil {
		r.t.Fatal(err)
	}
	b, err := bundle.Build(path, bundle.Options{Base: dir, Modules: modules, Packages: []*bundle.Package{typescript.Face()}})
	if err != nil {
		r.t.Fatal(err)
	}
	options := permit.Options{
		Dir: dir, Rules: r.rules, Limits: r.limits, Asker: r.asker,
		Environ: []string{"A=1", "TOKEN=secret-token", "COPY=a secret-token"}, Hidden: []string{"TOKEN"},
	}
	if r.audit != nil {
		options.Audit = permit.NewAudit(r.audit)
	}
	door, err := permit.NewDoor(options)
	if err != nil {
		r.t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		r.t.Fatal(err)
	}
	spawner := isolate.NewSpawner(isolate.Options{
		Command: []string{exe}, Environ: []string{childVariable + "=1"}, Memory: r.memory, ControlGroup: r.cgroup, Logger: r.logger(),
	})
	r.t.Cleanup(spawner.Close)
	return generation.Load(context.Background(), b, 1, generation.Options{
		Spawner: spawner, Modules: modules, Door: door, LoadTimeout: r.timeout,
		Console: func(file string, level hatchet.Level, message string) {
			r.console = append(r.console, fmt.Sprint(file, " ", level, " ", message))
		},
	})
}

func (r *rig) mustLoad(source string) *generation.Generation {
	r.t.Helper()
	g, err := r.load(source)
	if err != nil {
		r.t.Fatal(err)
	}
	return g
}

func run(ctx context.Context, g *generation.Generation, name string, host hatchet.Host) (string, error) {
	output, err := g.Run(ctx, &hatchet.Invocation{
		Action: name + ":" + name, TaskName: name, TaskRunID: "r-1", Payload: []byte(`{"input":{"n":2}}`), Host: host,
	})
	return string(output), err
}

// host answers what the tests ask for; the rest of the interface is not called.
type host struct {
	hatchet.Host
	mu    sync.Mutex
	lines []string
	chunk []string
	asked []hatchet.RunRequest
}

func (h *host) Log(level hatchet.Level, message string, fields []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lines = append(h.lines, fmt.Sprintf("%s %s%s", level, message, fields))
}

func (h *host) PutStream(_ context.Context, index int64, chunk []byte) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.chunk = append(h.chunk, fmt.Sprintf("%d%s", index, chunk))
	return nil
}

func (h *host) Trigger(_ context.Context, q hatchet.RunRequest) (string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked = append(h.asked, q)
	if q.Workflow == "taken" {
		return "", &hatchet.IdempotencyCollisionError{RunID: "r-7"}
	}
	return "child-1", nil
}

func (h *host) Result(ctx context.Context, runID string) (*hatchet.Result, error) {
	if runID != "child-1" {
		<-ctx.Done()
		return nil, context.Cause(ctx)
	}
	return &hatchet.Result{Status: hatchet.StatusCompleted, Tasks: []hatchet.TaskResult{{Name: "other", Status: hatchet.StatusCompleted, Output: []byte(`{"x":1}`)}}}, nil
}

func (h *host) Worker() hatchet.Worker {
	return hatchet.Worker{ID: "w-1", Name: "w", Labels: map[string]any{"a": "b", "n": int32(0)}, Workflows: []string{"x"}}
}

func TestARunInAProcess(t *testing.T) {
	r := &rig{t: t}
	g := r.mustLoad(`
console.warn('loading')
let n = 0
workflow('calls').task('calls', async (input, ctx) => {
  console.log('one', input.n); console.error('two')
  await ctx.putStream('a'); await ctx.putStream('b')
  let taken = 'nothing'
  try { await hatchet.run('taken', {}) } catch (e) { taken = e.name + ' ' + e.runId }
  const out = await hatchet.run('other', { i: 1 }, { desiredWorkerLabels: { zone: { value: '' }, n: { value: 0 } } })
  return { out, taken, worker: ctx.worker.id(), labels: [ctx.worker.labels().a, ctx.worker.labels().n], n: ++n }
})
workflow.task('throws', { retries: 1 }, () => { throw new NonRetryableError('no') })
`)
	if !slices.Equal(r.console, []string{"main.ts WARN loading"}) {
		t.Errorf("console: %q", r.console)
	}
	h := &host{}
	for want := 1; want < 3; want++ { // the VM is kept, like one in this process
		got, err := run(context.Background(), g, "calls", h)
		text := fmt.Sprintf(`{"out":{"x":1},"taken":"IdempotencyCollisionError r-7","worker":"w-1","labels":["b",0],"n":%d}`, want)
		if err != nil || got != text {
			t.Fatalf("got  %s, %v\nwant %s", got, err, text)
		}
	}
	if want := []string{"INFO one 2", "ERROR two"}; !slices.Equal(h.lines[:2], want) {
		t.Errorf("logged %q, want %q", h.lines, want)
	}
	if !slices.Equal(h.chunk[:2], []string{"0a", "1b"}) {
		t.Errorf("streamed %q", h.chunk)
	}
	labels := h.asked[1].WorkerLabels
	if labels["zone"].String == nil || *labels["zone"].String != "" || labels["n"].Int == nil || *labels["n"].Int != 0 {
		t.Errorf("labels %+v", labels)
	}
	var failed *hatchet.TaskError
	_, err := run(context.Background(), g, "throws", h)
	if !errors.As(err, &failed) || !failed.NonRetryable || failed.Message != "no" || !strings.Contains(failed.Stack, "main.ts:12:") {
		t.Errorf("got %#v", err)
	}
}

// A program of Hatchet's TypeScript SDK may make calls while it loads.
func TestADeferredCallIsMadeInAProcess(t *testing.T) {
	g := (&rig{t: t}).mustLoad(`
import { Hatchet } from '@hatchet-dev/typescript-sdk'
const hatchet = Hatchet.init()
hatchet.task({ name: 'a', fn: () => 1 })
await hatchet.runNoWait('other', { n: 1 })
`)
	calls := g.TakeDeferred()
	if len(calls) != 1 || calls[0].Position.Line != 5 {
		t.Fatalf("got %+v", calls)
	}
	h := &host{}
	if err := calls[0].Do(context.Background(), h); err != nil || len(h.asked) != 1 || h.asked[0].Workflow != "other" {
		t.Errorf("got %v, asked for %+v", err, h.asked)
	}
}

func TestDeclarationsArriveWhole(t *testing.T) {
	const source = `
workflow('w').description('d').events('a', 'b').cron('0 9 * * 1').concurrency(5, 'queue')
  .task('a', { retries: 2, backoff: { linear: { baseMs: 5, stepMs: 7 } }, executionTimeout: '3s', desiredWorkerLabels: { zone: { value: '', required: true }, n: { value: 0 } } }, () => 1)
  .task('b', { parents: ['a'], skipIf: { sleepFor: '1s' }, waitFor: { eventKey: 'x' } }, () => 2)
  .onFailure(() => 0)
workflow.durableTask('d', { evictionPolicy: {} }, () => 3)
hatchet.worker({ name: 'me', slots: 3, labels: { a: 'b', n: 0 } })
`
	g := (&rig{t: t}).mustLoad(source)
	modules, err := builtin.Registry()
	if err != nil {
		t.Fatal(err)
	}
	b, err := bundle.Build(g.Path(), bundle.Options{Base: filepath.Dir(g.Path()), Modules: modules})
	if err != nil {
		t.Fatal(err)
	}
	here, err := generation.Load(context.Background(), b, 1, generation.Options{Modules: modules})
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range here.Workflows {
		if d := workflow.Diff(w, g.Workflows[i]); len(d) > 0 || w.Position != g.Workflows[i].Position || w.Tasks[0].Position != g.Workflows[i].Tasks[0].Position {
			t.Errorf("%s differs: %q", w.Name, d)
		}
	}
	zone := g.Workflows[0].Tasks[0].WorkerLabels["zone"]
	if zone.String == nil || *zone.String != "" || !zone.Required || g.Workflows[0].Tasks[0].WorkerLabels["n"].Int == nil {
		t.Errorf("labels: %+v", zone)
	}
	if len(g.Workers) != 1 || g.Workers[0].Slots != 3 || g.Workers[0].Labels["n"] != int32(0) {
		t.Errorf("worker: %+v", g.Workers)
	}
}

func TestAScriptThatDoesNotLoadSaysWhere(t *testing.T) {
	for source, want := range map[string]string{
		"\nthrow new TypeError('no')\n":        "main.ts:2:7: TypeError: no",
		"workflow('empty')\n":                  "main.ts:1:1: ",
		"let i = 0; while (true) { i += 1 }\n": "did not finish loading within",
	} {
		_, err := (&rig{t: t, timeout: time.Second}).load(source)
		var d *diagnostic.Error
		if !errors.As(err, &d) || !strings.Contains(err.Error(), want) || d.Diagnostics[0].Frame == "" {
			t.Errorf("%q: got %v", source, err)
		}
	}
}

func TestPermissionsHoldInAProcess(t *testing.T) {
	audit := &bytes.Buffer{}
	g := (&rig{t: t, audit: audit, rules: permit.Rules{permit.Env: {All: true}}}).mustLoad(`
import { readFileSync } from 'node:fs'
workflow.task('env', () => [process.env.A, process.env.TOKEN ?? null, process.env.COPY ?? null])
workflow.task('read', () => readFileSync('/etc/hostname'))
`)
	if got, err := run(context.Background(), g, "env", nil); err != nil || got != `["1",null,null]` {
		t.Errorf("got %s, %v", got, err)
	}
	_, err := run(context.Background(), g, "read", nil)
	var failed *hatchet.TaskError
	if !errors.As(err, &failed) || !failed.NonRetryable || !strings.Contains(failed.Message, `NotCapable: Requires read access to "/etc/hostname"`) {
		t.Errorf("got %v", err)
	}
	if text := audit.String(); !strings.Contains(text, `"decision":"denied","kind":"read","target":"/etc/hostname"`) || !strings.Contains(text, `"at":"main.ts:4"`) {
		t.Errorf("audit: %s", text)
	}
}

// always allows everything for good, and counts how often it was asked.
type always struct{ asked int }

func (a *always) Ask(context.Context, permit.Question) permit.Answer {
	a.asked++
	return permit.Always
}

func TestAPersonIsAskedByTheParent(t *testing.T) {
	asker := &always{}
	g := (&rig{t: t, asker: asker}).mustLoad("workflow.task('env', () => process.env.A)\nworkflow.task('die', () => { while (true) {} })\n")
	for range 2 {
		if got, err := run(context.Background(), g, "env", nil); err != nil || got != `"1"` {
			t.Fatalf("got %s, %v", got, err)
		}
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errors.New("enough"))
	_, _ = run(ctx, g, "die", nil) // the next run has another process, which is granted the same
	if got, err := run(context.Background(), g, "env", nil); err != nil || got != `"1"` || asker.asked != 1 {
		t.Errorf("got %s, %v after %d questions", got, err, asker.asked)
	}
}

// whoAmI has a program tell the number of the process.
const whoAmI = `
import { execFile } from 'node:child_process'
const pid = () => new Promise((ok, no) => execFile('sh', ['-c', 'echo $PPID'], {}, (error, out) => error ? no(error) : ok(out.trim())))
`

var programs = permit.Rules{permit.Command: {All: true}}

func TestWhatARunDoesToItsProcessStaysThere(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector takes more memory than the cap allows")
	}
	const size = 48 << 20
	g := (&rig{t: t, memory: size, rules: programs}).mustLoad(`
` + whoAmI + `
workflow.task('ok', () => pid())
workflow.task('grow', () => { const all = []; for (let i = 0; ; i++) all.push('x'.repeat(1000) + i) })
workflow.task('creep', async () => { const all = []; for (let i = 0; ; i++) { all.push('x'.repeat(100_000) + i); await new Promise((done) => setTimeout(done, 1)) } })
workflow.task('shift', () => (1n << 1000000000n).toString(16).length)
workflow.task('power', () => (2n ** 1000000000n).toString(16).length)
workflow.task('spread', () => { const a = []; a.length = 4e9; return [...a].length })
workflow.task('all', async () => { const a = []; a.length = 4e9; return (await Promise.all(a)).length })
`)
	before, err := run(context.Background(), g, "ok", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"grow", "creep", "shift", "power", "spread", "all"} {
		_, err := run(context.Background(), g, name, nil)
		var failed *hatchet.TaskError
		if !errors.As(err, &failed) || !failed.NonRetryable || !strings.HasPrefix(failed.Message, "MemoryLimitExceeded: ") ||
			!strings.Contains(failed.Message, "48MiB") || !strings.Contains(failed.Message, "limits.memory") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	after, err := run(context.Background(), g, "ok", nil)
	if err != nil || after == before {
		t.Errorf("the process was %s and is %s, %v", before, after, err)
	}
}

func TestARunEndsWithItsContext(t *testing.T) {
	g := (&rig{t: t}).mustLoad(`
workflow.task('loop', async () => { console.log('begun'); let i = 0; while (true) i++ })
workflow.task('heed', async (_, ctx) => {
  const stopped = new Promise((done) => ctx.signal.addEventListener('abort', () => done(String(ctx.signal.reason))))
  console.log('begun')
  return await stopped
})
`)
	for name, want := range map[string]string{"loop": "too long: stopped while running at main.ts:2:", "heed": ""} {
		ctx, cancel := context.WithCancelCause(context.Background())
		h := &stopper{stop: func() { cancel(errors.New("too long")) }}
		output, err := run(ctx, g, name, h)
		if want == "" && (err != nil || !strings.Contains(output, "too long")) || want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)) {
			t.Errorf("%s: got %s, %v", name, output, err)
		}
		cancel(nil)
	}
}

type stopper struct {
	host
	stop func()
}

func (s *stopper) Log(hatchet.Level, string, []byte) { s.stop() }

// eventLog is one in which memos are new, and a wait open until it is fired.
type eventLog struct {
	mu    sync.Mutex
	memos map[string][]byte
	fired bool
	taken int
}

func (l *eventLog) Memo(key []byte, done func(hatchet.Answer)) {
	l.mu.Lock()
	value, exists := l.memos[string(key)]
	l.mu.Unlock()
	done(hatchet.Answer{Exists: exists, Payload: value, Took: l.took, Complete: func(value []byte) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.memos[string(key)] = value
	}})
}

func (l *eventLog) took() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.taken++
}

func (l *eventLog) WaitFor(_ []workflow.Condition, _, _ string, done func(hatchet.Answer)) {
	if l.fired {
		done(hatchet.Answer{Payload: []byte(`{"CREATE":{}}`), Took: l.took})
	}
}

func (l *eventLog) RunChildren(_ []hatchet.RunRequest, started func([]hatchet.DurableChild, error, func())) {
	started([]hatchet.DurableChild{{RunID: "c-1", Result: func(done func(hatchet.Answer)) {
		done(hatchet.Answer{Payload: []byte(`{"y":2}`), Took: l.took})
	}}}, nil, l.took)
}
func (l *eventLog) KeepsRuns() bool        { return true }
func (l *eventLog) Linger() (func(), bool) { return func() {}, true }
func (l *eventLog) Asking() bool           { return false }
func (l *eventLog) Replaying() bool        { return false }
func (l *eventLog) CatchingUp() bool       { return false }
func (l *eventLog) Unsure() bool           { return false }
func (l *eventLog) Behind() time.Duration  { return 0 }

func TestADurableRunParksAndReplays(t *testing.T) {
	g := (&rig{t: t}).mustLoad(`
workflow.durableTask('d', async (input, ctx) => {
  const first = await ctx.memo('k', () => 42)
  const child = await hatchet.run('other', {})
  await ctx.sleepUntil(new Date(8.64e14))
  return { first, child, invocation: ctx.invocationCount }
})
`)
	log := &eventLog{memos: map[string][]byte{}}
	inv := &hatchet.Invocation{Action: "d:d", InvocationCount: 1, Payload: []byte(`{"input":{}}`), Host: &host{}, Durable: log}
	for range 10 {
		if _, err := g.Run(context.Background(), inv); !errors.Is(err, vm.ErrParked) {
			t.Fatalf("got %v", err)
		}
	}
	log.fired = true
	output, err := g.Run(context.Background(), inv)
	if err != nil || string(output) != `{"first":42,"child":{"y":2},"invocation":1}` || string(log.memos["k"]) != "42" {
		t.Errorf("got %s, %v", output, err)
	}
	if stats := g.Stats(); stats.Built != 1 || log.taken != 10*4+5 {
		t.Errorf("%d processes for one slot, %d answers taken", stats.Built, log.taken)
	}
}
