package generation_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dop251/goja"
	"go.uber.org/goleak"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
	"github.com/hatchet-js/hatchet-js-worker/scripts/bundle"
	"github.com/hatchet-js/hatchet-js-worker/scripts/diagnostic"
	"github.com/hatchet-js/hatchet-js-worker/scripts/generation"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func load(t *testing.T, source string, opts generation.Options) (*generation.Generation, error) {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "main.ts")
	if err := os.WriteFile(path, []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	b, err := bundle.Build(path, bundle.Options{Base: dir, Modules: opts.Modules})
	if err != nil {
		t.Fatal(err)
	}
	return generation.Load(context.Background(), b, 1, opts)
}

func mustLoad(t *testing.T, source string, opts generation.Options) *generation.Generation {
	t.Helper()
	g, err := load(t, source, opts)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func run(ctx context.Context, g *generation.Generation, action string) (string, error) {
	output, err := g.Run(ctx, &hatchet.Invocation{Action: action, Payload: []byte(`{"input":{}}`)})
	return string(output), err
}

func expectRun(t *testing.T, g *generation.Generation, want string) {
	t.Helper()
	got, err := run(context.Background(), g, "a:a")
	if err != nil || got != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
}

func TestLoadFailures(t *testing.T) {
	for _, c := range []struct{ name, source, text string }{
		{"throw", "\n  throw new TypeError('no')\n", "main.ts:2:9: TypeError: no"},
		{"throw in a call", "function f(x: any) {\n  return x.y.z\n}\nf({})\n", "main.ts:2:14: TypeError: Cannot read property 'z' of undefined"},
		{"rejection after an await", "await null\nawait Promise.reject(new Error('late'))\n", "main.ts:2:22: late"},
		{"thrown text", "throw 'text'\n", "main.ts: the script threw text"},
		{"unhandled rejection", "Promise.reject(new Error('unseen'))\n", "main.ts:1:16: "},
		{"endless loop", "\nlet i = 0\nwhile (true) { i++ }\n", "main.ts:3:"},
		{"endless wait", "await new Promise((resolve) => setTimeout(resolve, 1e6))\n", "main.ts:"},
		{"recursion", "const f = (): any => f() + 1\nf()\n", "main.ts:1:"},
		{"stalled", "await new Promise(() => {})\n", "main.ts: "},
		{"declaring without a handler", "workflow.task('a', {}, 7 as any)\n", "main.ts:1:"},
		{"no tasks", "\nworkflow('empty')\n", "main.ts:2:"},
		{"unknown parent", "workflow('w')\n  .task('a', { parents: ['b'] }, () => 1)\n", "main.ts:2:"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := load(t, c.source, generation.Options{LoadTimeout: 300 * time.Millisecond})
			var d *diagnostic.Error
			if !errors.As(err, &d) || !strings.HasPrefix(err.Error(), c.text) {
				t.Fatalf("got %v, want %s", err, c.text)
			}
			if first := d.Diagnostics[0]; first.Line > 0 && strings.HasPrefix(first.File, "main") && !strings.Contains(first.Frame, "^ ") {
				t.Errorf("no frame: %+v", first)
			}
		})
	}
}

func TestTheLimitOfALoadIsNamed(t *testing.T) {
	_, err := load(t, "while (true) {}\n", generation.Options{LoadTimeout: 100 * time.Millisecond})
	if err == nil || !strings.Contains(err.Error(), "did not finish loading within 100ms") {
		t.Errorf("got %v", err)
	}
}

func TestALoadEndsWithItsContext(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/a.js", []byte("while (true) {}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	b, err := bundle.Build(dir+"/a.js", bundle.Options{})
	if err != nil {
		t.Fatal(err)
	}
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(context.Background())
	timer := time.AfterFunc(20*time.Millisecond, func() { cancel(cause) })
	defer timer.Stop()
	if _, err := generation.Load(ctx, b, 1, generation.Options{}); !errors.Is(err, cause) {
		t.Errorf("got %v", err)
	}
}

func TestDeclarationsHavePositions(t *testing.T) {
	g := mustLoad(t, "const late = await Promise.resolve('b')\n\nworkflow('a')\n  .task('x', () => 1)\nworkflow.task(late, () => 2)\n", generation.Options{})
	var got []string
	for _, w := range g.Workflows {
		got = append(got, w.Name+" "+w.Position.String())
		for _, task := range w.Tasks {
			got = append(got, task.Name+" "+task.Position.String())
		}
	}
	want := "a main.ts:3:1|x main.ts:4:4|b main.ts:5:10|b main.ts:5:10"
	if strings.Join(got, "|") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, "|"), want)
	}
}

func TestDeclaringDuringARunFails(t *testing.T) {
	g := mustLoad(t, "workflow.task('a', () => { workflow.task('b', () => 1) })\n", generation.Options{})
	if _, err := run(context.Background(), g, "a:a"); err == nil {
		t.Error("a task declared another")
	}
}

func TestWhatAScriptWritesWhileItLoads(t *testing.T) {
	var got []string
	g := mustLoad(t, "console.warn('loading', 1)\n"+counting, generation.Options{
		Isolate: true,
		Console: func(file string, level hatchet.Level, message string) {
			got = append(got, file+" "+string(level)+" "+message)
		},
	})
	expectRun(t, g, "1")
	expectRun(t, g, "1") // in a VM made for it
	if len(got) != 1 || got[0] != "main.ts WARN loading 1" {
		t.Errorf("got %q", got)
	}
}

func TestWhatAScriptAsksOfItsWorker(t *testing.T) {
	g := mustLoad(t, "hatchet.worker({ name: 'w', slots: 7 })\n"+counting, generation.Options{})
	if len(g.Workers) != 1 || g.Workers[0].Name != "w" || g.Workers[0].Slots != 7 {
		t.Errorf("got %+v", g.Workers)
	}
}

func TestPrepareAndModules(t *testing.T) {
	modules, err := native.NewRegistry(nil, native.Module{Name: "hatchet:x", Members: []native.Member[*native.Host]{
		{Name: "v", Value: func(h *native.Host) goja.Value { return h.Value(2) }},
	}})
	if err != nil {
		t.Fatal(err)
	}
	g := mustLoad(t, "import { v } from 'hatchet:x'\ndeclare const given: number\nworkflow.task('a', () => v + given)\n", generation.Options{
		Prepare: func(v *vm.VM) error { return v.Runtime().Set("given", 40) },
		Modules: modules,
	})
	expectRun(t, g, "42")
	_, err = load(t, "", generation.Options{Prepare: func(*vm.VM) error { return errors.New("no globals") }})
	if err == nil || !strings.Contains(err.Error(), "no globals") {
		t.Errorf("got %v", err)
	}
}

const counting = "let n = 0\nworkflow.task('a', () => ++n)\n"

func TestAVMServesOneRunAfterAnother(t *testing.T) {
	g := mustLoad(t, counting, generation.Options{})
	expectRun(t, g, "1")
	expectRun(t, g, "2")
	if stats := g.Stats(); stats != (generation.Stats{Idle: 1, Built: 1}) {
		t.Errorf("%+v", stats)
	}
}

func TestIsolatedRunsShareNothing(t *testing.T) {
	g := mustLoad(t, counting, generation.Options{Isolate: true})
	for range 3 {
		expectRun(t, g, "1")
	}
	if stats := g.Stats(); stats.Idle != 0 || stats.Built != 3 {
		t.Errorf("%+v", stats)
	}
}

func TestADeadVMIsThrownAway(t *testing.T) {
	g := mustLoad(t, "let n = 0\nworkflow.task('a', () => ++n)\nworkflow.task('loop', async () => { n = 100; while (true) await null })\n"+
		"workflow.task('deep', () => { const f = () => f() + 1; return f() })\nworkflow.task('throw', () => { n = 10; throw new Error('x') })\n", generation.Options{})
	expectRun(t, g, "1")
	ctx, cancel := clock.WithTimeout(context.Background(), clock.Real(), 50*time.Millisecond, errors.New("too long"))
	defer cancel()
	if _, err := run(ctx, g, "loop:loop"); err == nil || !strings.Contains(err.Error(), "too long") {
		t.Errorf("loop: %v", err)
	}
	expectRun(t, g, "1")
	if _, err := run(context.Background(), g, "deep:deep"); err == nil {
		t.Error("endless recursion returned")
	}
	expectRun(t, g, "1")
	if _, err := run(context.Background(), g, "throw:throw"); err == nil || !strings.Contains(err.Error(), "x") {
		t.Errorf("throw: %v", err)
	}
	expectRun(t, g, "11") // a throw is no abnormal exit
}

func TestIdleVMsAreLetGo(t *testing.T) {
	v := clock.NewVirtual(time.Unix(0, 0))
	g := mustLoad(t, counting, generation.Options{Clock: v, SpareCost: time.Hour, IdleAfter: time.Minute})
	if stats := g.Stats(); stats.Idle != 1 {
		t.Errorf("after loading: %+v", stats)
	}
	expectRun(t, g, "1")
	v.Advance(59 * time.Second)
	g.Sweep()
	expectRun(t, g, "2")
	v.Advance(time.Minute)
	g.Sweep()
	if stats := g.Stats(); stats.Idle != 0 {
		t.Errorf("after a minute: %+v", stats)
	}
	expectRun(t, g, "1")
}

func TestASpareVMStaysWhereItIsWorthIt(t *testing.T) {
	v := clock.NewVirtual(time.Unix(0, 0))
	for cost, want := range map[time.Duration]int{1: 1, time.Hour: 0} {
		g := mustLoad(t, counting, generation.Options{Clock: v, SpareCost: cost, IdleAfter: time.Minute})
		v.Advance(time.Hour)
		g.Sweep()
		if stats := g.Stats(); stats.Idle != want {
			t.Errorf("cost %v: %+v", cost, stats)
		}
	}
	g := mustLoad(t, counting, generation.Options{Spare: -1})
	if stats := g.Stats(); stats.Idle != 0 {
		t.Errorf("no spare is wanted: %+v", stats)
	}
}

func TestARetiredGenerationStillRuns(t *testing.T) {
	g := mustLoad(t, counting, generation.Options{})
	g.Retire()
	for range 2 {
		expectRun(t, g, "1")
		if stats := g.Stats(); stats.Idle != 0 {
			t.Errorf("%+v", stats)
		}
	}
}

func TestRefill(t *testing.T) {
	low := 0
	g := mustLoad(t, counting, generation.Options{Low: func(*generation.Generation) { low++ }, Isolate: true, SpareCost: 1})
	expectRun(t, g, "1")
	if low != 1 || g.Stats().Idle != 0 {
		t.Errorf("low %d, %+v", low, g.Stats())
	}
	for range 2 {
		if err := g.Refill(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	if stats := g.Stats(); stats.Idle != 1 {
		t.Errorf("%+v", stats)
	}
	g.Retire()
	if err := g.Refill(context.Background()); err != nil || g.Stats().Idle != 0 {
		t.Errorf("%v, %+v", err, g.Stats())
	}
}

func TestAFreshVMStandsBehindAUsedOne(t *testing.T) {
	g := mustLoad(t, counting, generation.Options{Spare: 2, SpareCost: 1})
	expectRun(t, g, "1")
	if err := g.Refill(context.Background()); err != nil || g.Stats().Idle != 2 {
		t.Errorf("%v, %+v", err, g.Stats())
	}
	expectRun(t, g, "2")
	expectRun(t, g, "3")
}

func TestAFewVMsEvaluateTheScriptAtATime(t *testing.T) {
	const runs = 60
	var building, most atomic.Int32
	prepare := func(*vm.VM) error {
		n := building.Add(1)
		defer building.Add(-1)
		for seen := most.Load(); n > seen && !most.CompareAndSwap(seen, n); seen = most.Load() {
		}
		time.Sleep(time.Millisecond) // so that others could come meanwhile
		return nil
	}
	g := mustLoad(t, counting, generation.Options{Prepare: prepare, Isolate: true})
	var group sync.WaitGroup
	for range runs {
		group.Go(func() { expectRun(t, g, "1") })
	}
	group.Wait()
	if limit := int32(max(4, 2*runtime.GOMAXPROCS(0))); most.Load() > limit {
		t.Errorf("%d at a time, want %d at most", most.Load(), limit)
	}
	if stats := g.Stats(); stats.Running != 0 || stats.Built < runs {
		t.Errorf("%+v", stats)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errors.New("too late"))
	if _, err := run(ctx, g, "a:a"); err == nil || !strings.Contains(err.Error(), "too late") {
		t.Errorf("a run that has ended: %v", err)
	}
}

// waiting is an event log in which every wait is open and every memo new.
type waiting struct{}

func (waiting) Memo(_ []byte, done func(hatchet.Answer)) {
	done(hatchet.Answer{Complete: func([]byte) {}, Took: func() {}})
}
func (waiting) WaitFor([]workflow.Condition, string, string, func(hatchet.Answer))            {}
func (waiting) Replaying() bool                                                               { return false }
func (waiting) CatchingUp() bool                                                              { return false }
func (waiting) Unsure() bool                                                                  { return false }
func (waiting) Behind() time.Duration                                                         { return 0 }
func (waiting) Linger() (func(), bool)                                                        { return nil, false }
func (waiting) KeepsRuns() bool                                                               { return true }
func (waiting) Asking() bool                                                                  { return false }
func (waiting) RunChildren([]hatchet.RunRequest, func([]hatchet.DurableChild, error, func())) {}

func TestAParkedRunGivesItsVMBack(t *testing.T) {
	g := mustLoad(t, "let n = 0\nworkflow.durableTask('d', async (input, ctx) => { n++; await ctx.sleepFor('24h') })\nworkflow.task('a', () => n)\n", generation.Options{})
	for i := range 20 {
		_, err := g.Run(context.Background(), &hatchet.Invocation{
			Action: "d:d", InvocationCount: 1 + i, Payload: []byte(`{"input":{}}`), Durable: waiting{},
		})
		if !errors.Is(err, vm.ErrParked) {
			t.Fatalf("got %v", err)
		}
	}
	expectRun(t, g, "20")
	if stats := g.Stats(); stats != (generation.Stats{Idle: 1, Built: 1}) {
		t.Errorf("%+v", stats)
	}
}

func TestOutputIsJSON(t *testing.T) {
	g := mustLoad(t, "workflow.task('a', () => ({ b: [1, 'x', null] }))\n", generation.Options{})
	got, err := run(context.Background(), g, "a:a")
	if err != nil || !json.Valid([]byte(got)) {
		t.Errorf("%s, %v", got, err)
	}
}
