package vm_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
)

var errLimit = errors.New("out of time")

// What a hostile or mistaken task may do; each comes back to the worker.
func TestRunawayTasksComeBack(t *testing.T) {
	const limit = 100 * time.Millisecond
	for name, source := range map[string]string{
		"endless loop":       `while (true) {}`,
		"endless microtasks": `for (;;) await null`,
		"endless promises":   `const f = () => Promise.resolve().then(f); await f()`,
		"endless timers":     `const f = () => setTimeout(f, 0); f(); await new Promise(() => {})`,
		"endless immediates": `const f = () => setImmediate(f); f(); await new Promise(() => {})`,
		"endless finally":    `for (;;) try { throw 1 } catch {} finally { continue }`,
		"recursion":          `const f = () => f() + 1; f()`,
		"async recursion":    `const f = async () => { await f() }; await f()`,
		"late recursion":     `await null; const f = (n) => [n].map(f); f(1)`,
		"regular expression": `for (;;) /^(?=a)(a+)+$/.test('a'.repeat(40) + 'b')`,
		"back reference":     `for (;;) /^(a*)*\1$/.test('a'.repeat(40) + 'b')`,
		"fill":               `Array(1e8).fill(0)`,
		"fill for ever":      `for (;;) { try { Array(1e8).fill(0) } catch {} }`,
		"join":               `Array(1e8).join('-')`,
		"walk":               `Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 1)`,
		"string doubling":    `let s = 'x'; for (;;) s = (s + s).slice(0, 1e6)`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := vm.New(vm.Options{AbandonAfter: 30 * time.Second})
			ctx, cancel := context.WithTimeoutCause(context.Background(), limit, errLimit)
			defer cancel()
			begun := time.Now()
			_, err := run(ctx, v, source)
			took := time.Since(begun)
			var script *vm.ScriptError
			if !errors.Is(err, errLimit) && !errors.As(err, &script) || errors.Is(err, errLimit) && !v.Dead() {
				t.Errorf("got %v, dead %v", err, v.Dead())
			}
			t.Logf("%v after its limit: %v", max(0, took-limit).Round(time.Millisecond), err)
			if took > 30*time.Second {
				t.Errorf("came back only after %v", took)
			}
		})
	}
}

// Calls that go back and forth between JavaScript and natives count as calls.
func TestEveryRecursionEnds(t *testing.T) {
	for _, source := range []string{
		`const f = () => f(); f()`,
		`const f = () => [1, 2].sort(f); f()`,
		`const f = () => 'a'.replace(/a/, f); f()`,
		`const f = () => [1].forEach(f); f()`,
		`const o = { get x() { return this.x } }; o.x`,
		`const o = { set x(v) { this.x = v } }; o.x = 1`,
		`const o = { toJSON() { return JSON.stringify(this) } }; JSON.stringify(o)`,
		`const o = { toString() { return '' + this } }; String(o)`,
		`const o = { [Symbol.toPrimitive]() { return +this } }; +o`,
		`const p = new Proxy({}, { get(t, k, r) { return r[k] } }); p.x`,
		`const p = new Proxy(() => {}, { apply() { return p() } }); p()`,
		`class A { constructor() { new A() } } new A()`,
		`class B { constructor() { Reflect.construct(B, []) } } new B()`,
		`const f = () => Reflect.apply(f, null, []); f()`,
		`const f = () => new Function('f', 'f()')(f); f()`,
		`globalThis.g = () => (0, eval)('g()'); g()`,
		`const it = { [Symbol.iterator]() { return [...this] } }; [...it]`,
		`const f = () => new Promise(f); f()`,
		`const f = () => [1].values().map(f).toArray(); f()`,
		`const f = () => Object.groupBy([1], f); f()`,
		`const f = async () => { f() }; f()`,
		`const d = {}; let c = d; for (let i = 0; i < 5000; i++) c = c.d = {}; structuredClone(d)`,
	} {
		ctx, cancel := context.WithTimeoutCause(t.Context(), 30*time.Second, errLimit)
		v := vm.New(vm.Options{})
		_, err := run(ctx, v, source)
		cancel()
		var script *vm.ScriptError
		if !errors.As(err, &script) || script.Name != "RangeError" || !strings.Contains(err.Error(), "Maximum call stack size exceeded") {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if !v.Dead() || script.Position.Line != 2 {
			t.Errorf("%s: at %v, dead %v", source, script.Position, v.Dead())
		}
	}
}

// Natives that call each other are counted apart: those recursions end as an
// error that the script may catch.
func TestNativeRecursionEnds(t *testing.T) {
	for _, source := range []string{
		`const f = function* () { yield* f() }; return [...f()]`,
		`const f = function* () { for (const x of f()) yield x }; return [...f()]`,
		`let a = []; for (let i = 0; i < 1e5; i++) a = [a]; return String(a)`,
		`const o = { toString() { return [o] + '' } }; return [o].join()`,
	} {
		v := vm.New(vm.Options{})
		_, err := run(t.Context(), v, source)
		var script *vm.ScriptError
		if !errors.As(err, &script) || script.Name != "RangeError" || script.Position.Line != 2 {
			t.Errorf("%s: %v", source, err)
		}
	}
	expect(t, `const f = function* (n) { yield n; if (n < 500) yield* f(n + 1) }; return [...f(1)].length`, "500")
	expect(t, `let a = []; for (let i = 0; i < 500; i++) a = [a]; const s = String(a); try { let b = []; for (let i = 0; i < 1e4; i++) b = [b]; String(b) } catch {} return s + String([a, 1])`, ",1")
}

// A context that ends while its run does may or may not interrupt it; never does
// it reach the next run of the same VM.
func TestNoInterruptIsLeftOver(t *testing.T) {
	rounds := 4000
	if testing.Short() {
		rounds = 1000
	}
	v := vm.New(vm.Options{})
	interrupted, rebuilt := 0, 0
	for i := range rounds {
		if v.Dead() {
			v = vm.New(vm.Options{})
			rebuilt++
		}
		ctx, cancel := context.WithCancelCause(context.Background())
		started := make(chan struct{})
		go func() {
			<-started
			for range i % 8 {
				runtime.Gosched()
			}
			cancel(errLimit)
		}()
		call := vm.Call{Start: func() (goja.Value, error) {
			close(started)
			return v.Runtime().RunString(`(() => { let n = 0; for (let i = 0; i < 500; i++) n += i; return n })()`)
		}}
		if i%2 == 1 {
			call.Grace = time.Minute
		}
		err := v.Run(ctx, call)
		<-ctx.Done()
		switch {
		case err == nil && v.Dead():
			t.Fatal("dead after a run that succeeded")
		case err != nil && !errors.Is(err, errLimit):
			t.Fatal(err)
		case err != nil:
			interrupted++
			continue
		}
		if got, err := run(context.Background(), v, `await null; return 'next'`); err != nil || got != "next" {
			t.Fatalf("round %d: the next run: %q %v", i, got, err)
		}
	}
	t.Logf("%d of %d interrupted, %d VMs replaced", interrupted, rounds, rebuilt)
}

func TestAnAbandonedVMRunsNoMoreCode(t *testing.T) {
	orphans := &vm.Orphans{}
	v := vm.New(vm.Options{AbandonAfter: time.Millisecond, Orphans: orphans})
	release := make(chan struct{})
	ran := make(chan string, 10)
	ctx, cancel := context.WithCancelCause(t.Context())
	_ = v.Runtime().Set("hold", func(goja.FunctionCall) goja.Value {
		cancel(errLimit)
		<-release
		if v.RunContext().Err() == nil {
			ran <- "the run's context is alive"
		}
		v.OnEnd(func() { ran <- "hook" })
		return nil
	})
	_ = v.Runtime().Set("mark", func(call goja.FunctionCall) goja.Value { ran <- call.Argument(0).String(); return nil })
	ended := false
	_, err := runCall(ctx, v, `try { hold(); mark('script') } catch { mark('catch') } finally { mark('finally') }`,
		vm.Call{Abort: func(error) { t.Error("abort ran while native code held the VM") }, Parkable: func() bool { return ended }})
	var abandoned *vm.AbandonedError
	if !errors.As(err, &abandoned) || !errors.Is(err, errLimit) {
		t.Fatalf("got %v", err)
	}
	for range 3 {
		if err := v.Run(t.Context(), vm.Call{}); !errors.Is(err, vm.ErrDead) {
			t.Errorf("a run of an abandoned VM: %v", err)
		}
	}
	gone := orphans.Gone()
	close(release)
	<-gone
	if len(ran) != 1 || <-ran != "hook" {
		t.Error("the abandoned run went on")
	}
	if orphans.Total() != 1 || orphans.Living() != 0 {
		t.Errorf("%d orphans, %d alive", orphans.Total(), orphans.Living())
	}
}

func TestWhatTheScriptDoesWithinItsGrace(t *testing.T) {
	for name, test := range map[string]struct {
		source, want string
		dead         bool
	}{
		"ends itself":            {`await aborted; await delayed(50); return 'cleaned up'`, "cleaned up", false},
		"fails itself":           {`await aborted; await delayed(50); throw new TypeError('my own')`, "TypeError: my own", false},
		"ignores it":             {`for (;;) await delayed(10)`, "out of time: stopped while waiting at test.js:2:", true},
		"waits on":               {`await aborted; await delayed(1e6)`, "out of time: stopped while waiting at test.js:2:", true},
		"waits for nothing more": {`await aborted; await new Promise(() => {})`, "out of time: stopped while waiting", true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := vm.New(vm.Options{})
				install(v)
				aborted, fire, _ := v.Runtime().NewPromise()
				_ = v.Runtime().Set("aborted", aborted)
				ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errLimit)
				defer cancel()
				began := time.Now()
				got, err := runCall(ctx, v, test.source, vm.Call{
					Grace: 5 * time.Second, Abort: func(cause error) { _ = fire(cause.Error()) }, Listening: func() bool { return true },
				})
				if err != nil {
					got = err.Error()
				}
				if !strings.HasPrefix(got, test.want) || v.Dead() != test.dead {
					t.Errorf("got %q, dead %v", got, v.Dead())
				}
				if took := time.Since(began); took > 6*time.Second {
					t.Errorf("took %v", took)
				}
				time.Sleep(2e6 * time.Millisecond) // for the timers of delayed
			})
		})
	}
}

// A run that has not asked for the signal has a grace only if it hears of its end
// from what it waits for.
func TestARunThatTakesNoNoticeHasNoGrace(t *testing.T) {
	const soon, grace = 300 * time.Millisecond, 5 * time.Second
	for name, test := range map[string]struct {
		source, want string
		heeds        bool
		most         time.Duration
	}{
		"a loop":                     {`for (;;) await pause(10)`, "out of time", false, soon},
		"a loop that asks":           {`for (;;) await pause(10)`, "out of time", true, grace},
		"what it waits for ends":     {`try { await host() } catch (e) { await pause(1000); return e.message }`, "context deadline exceeded", false, grace},
		"what it begins then is new": {`await pause(1000); await host(1000); return 'tidied'`, "tidied", true, grace},
		"and ends with the grace":    {`await pause(1000); await host()`, "out of time: stopped while waiting", true, grace},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := vm.New(vm.Options{})
				_ = v.Runtime().Set("host", func(call goja.FunctionCall) goja.Value {
					promise, settle := v.NewPromise()
					ctx, takes := v.RunContext(), time.Hour
					if ms := call.Argument(0).ToInteger(); ms > 0 {
						takes = time.Duration(ms) * time.Millisecond
					}
					go func() {
						timer := time.NewTimer(takes)
						defer timer.Stop()
						select {
						case <-ctx.Done():
						case <-timer.C:
						}
						settle(func() (goja.Value, error) { return goja.Undefined(), ctx.Err() })
					}()
					return promise
				})
				ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second/2, errLimit)
				defer cancel()
				began := time.Now()
				got, err := runCall(ctx, v, "const pause = (ms) => new Promise((r) => setTimeout(r, ms))\n"+test.source, vm.Call{
					Grace: grace, Abort: func(error) {}, Heeds: func() bool { return test.heeds },
				})
				if err != nil {
					got = err.Error()
				}
				if !strings.HasPrefix(got, test.want) {
					t.Errorf("got %q", got)
				}
				if took := time.Since(began) - time.Second/2; took > test.most {
					t.Errorf("it took %v from its end", took)
				}
			})
		})
	}
}
