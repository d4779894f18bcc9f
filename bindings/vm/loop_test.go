package vm_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
)

// install gives v the native functions that the tests of the loop use:
// host(value) resolves from another goroutine, delayed(ms) after a time.
func install(v *vm.VM) {
	_ = v.Runtime().Set("host", func(call goja.FunctionCall) goja.Value {
		promise, settle := v.NewPromise()
		value := call.Argument(0)
		go settle(func() (goja.Value, error) { return value, nil })
		return promise
	})
	_ = v.Runtime().Set("delayed", func(call goja.FunctionCall) goja.Value {
		promise, settle := v.NewPromise()
		d := time.Duration(call.Argument(0).ToInteger()) * time.Millisecond
		time.AfterFunc(d, func() { settle(func() (goja.Value, error) { return nil, nil }) })
		return promise
	})
}

func TestTheLoopOnVirtualTime(t *testing.T) {
	for name, test := range map[string]struct{ source, want string }{
		"order of time": {`const out = [], at = (ms, x) => setTimeout(() => out.push(x + (Date.now() - t0)), ms), t0 = Date.now()
			at(3600e3, 'hour'); at(1, 'a'); at(0, 'b'); at(-5, 'c'); at(NaN, 'd'); at(2 ** 31, 'e'); at('20', 'f')
			await new Promise((r) => setTimeout(r, 3600e3 + 1)); return out.join()`, "a1,b1,c1,d1,e1,f20,hour3600000"},
		"intervals": {`let n = 0; const t0 = Date.now()
			await new Promise((r) => { const t = setInterval((x) => { if ((n += x) === 6) { clearInterval(t); r() } }, 1000, 2) })
			return n + ' ' + (Date.now() - t0)`, "6 3000"},
		"refresh":   {`const t0 = Date.now(); await new Promise((r) => { const t = setTimeout(r, 100); setTimeout(() => t.refresh(), 50) }); return Date.now() - t0`, "150"},
		"unknown":   {`clearTimeout(); clearTimeout(99); clearTimeout({ id: 1 }); clearTimeout(null); clearTimeout('x'); return 'ok'`, "ok"},
		"by number": {`let fired = false; clearTimeout(+setTimeout(() => { fired = true }, 1)); await delayed(5); return fired`, "false"},
		"cleared immediates": {`const out = []; const a = setImmediate(() => { out.push('a'); clearImmediate(b) }), b = setImmediate(() => out.push('b'))
			await delayed(1); return out.join()`, "a"},
		"microtasks first":  {`const out = []; setTimeout(() => { out.push(1); Promise.resolve().then(() => out.push(2)) }, 1); setTimeout(() => out.push(3), 1); await delayed(9); return out.join()`, "1,2,3"},
		"a handler in time": {`const p = Promise.reject(new Error('x')); setTimeout(() => p.catch(() => {}), 1000); await delayed(2000); return 'ok'`, "ok"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := vm.New(vm.Options{})
				install(v)
				if got, err := run(t.Context(), v, test.source); err != nil || got != test.want {
					t.Errorf("got %q, %v; want %q", got, err, test.want)
				}
			})
		})
	}
}

// A completion that is always ready must not keep timers from running, nor a
// timer that is always due keep completions from running.
func TestNothingStarves(t *testing.T) {
	for _, source := range []string{
		`let done = false; setTimeout(() => { done = true }, 5); while (!done) await ready(); return 'ok'`,
		`let done = false; setInterval(() => { const t = Date.now(); while (Date.now() - t < 2); }, 1); host().then(() => { done = true }); await new Promise((r) => { const look = () => (done ? r() : setImmediate(look)); look() }); return 'ok'`,
		`let done = 0; setTimeout(() => { done++ }, 5); host().then(() => { done++ }); const again = () => { if (done < 2) setImmediate(again) }; again(); again(); while (done < 2) await new Promise(setImmediate); return 'ok'`,
	} {
		v := vm.New(vm.Options{})
		install(v)
		_ = v.Runtime().Set("ready", func(goja.FunctionCall) goja.Value {
			promise, settle := v.NewPromise()
			settle(func() (goja.Value, error) { return nil, nil })
			return promise
		})
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		if got, err := run(ctx, v, source); err != nil || got != "ok" {
			t.Errorf("%s: %q %v", source, got, err)
		}
		cancel()
	}
}

func TestAFailedRunLeavesNothingBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := vm.New(vm.Options{})
		install(v)
		for source, want := range map[string]string{
			`setInterval(() => { globalThis.leaked = true }, 10); setTimeout(() => { throw new TypeError('in a timer') }, 5); await delayed(100)`: "TypeError: in a timer",
			`delayed(50).then(() => { globalThis.leaked = true }); Promise.reject(new Error('nobody')); return 1`:                                 "unhandled rejection: nobody",
			`setImmediate(() => { globalThis.leaked = true }); throw new RangeError('at once')`:                                                   "RangeError: at once",
			`queueMicrotask(() => { throw new Error('first') }); Promise.reject(new Error('second')); await null; await null`:                     "unhandled rejection: second",
		} {
			if _, err := run(t.Context(), v, source); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %s", source, err, want)
			}
			if v.Dead() {
				t.Fatalf("%s: the VM is dead", source)
			}
		}
		if got, err := run(t.Context(), v, `await delayed(200); return String(globalThis.leaked)`); err != nil || got != "undefined" {
			t.Errorf("something of an earlier run ran: %q %v", got, err)
		}
	})
}

func TestOneRunAtATime(t *testing.T) {
	v := vm.New(vm.Options{})
	install(v)
	var nested error
	_ = v.Runtime().Set("nested", func(goja.FunctionCall) goja.Value {
		nested = v.Run(context.Background(), vm.Call{Name: "inner"})
		return nil
	})
	if got, err := run(t.Context(), v, `nested(); await host(1); return 'outer'`); err != nil || got != "outer" {
		t.Errorf("%q %v", got, err)
	}
	if !errors.Is(nested, vm.ErrBusy) {
		t.Errorf("a run inside a run: %v", nested)
	}
	inside, release := make(chan struct{}), make(chan struct{})
	_ = v.Runtime().Set("hold", func(goja.FunctionCall) goja.Value { close(inside); <-release; return nil })
	var group sync.WaitGroup
	group.Go(func() {
		if got, err := run(context.Background(), v, `hold(); return 'first'`); err != nil || got != "first" {
			t.Errorf("%q %v", got, err)
		}
	})
	<-inside
	if err := v.Run(t.Context(), vm.Call{Name: "second"}); !errors.Is(err, vm.ErrBusy) {
		t.Errorf("a second goroutine: %v", err)
	}
	close(release)
	group.Wait()
}

// Completions of a run that is over, from many goroutines, never reach a later
// run.
func TestLateCompletionsAreDropped(t *testing.T) {
	v := vm.New(vm.Options{})
	var (
		current int64
		strays  atomic.Int64
		group   sync.WaitGroup
	)
	_ = v.Runtime().Set("slow", func(goja.FunctionCall) goja.Value {
		promise, settle := v.NewPromise()
		mine := current
		group.Go(func() {
			for range mine % 7 {
				runtime.Gosched()
			}
			settle(func() (goja.Value, error) {
				if current != mine {
					strays.Add(1)
				}
				return nil, nil
			})
		})
		return promise
	})
	for current = range 2000 {
		if _, err := run(t.Context(), v, `for (let i = 0; i < 8; i++) slow(); await slow()`); err != nil {
			t.Fatal(err)
		}
	}
	group.Wait()
	if n := strays.Load(); n > 0 {
		t.Errorf("%d completions reached another run", n)
	}
}
