package vm_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/dop251/goja"
	"go.uber.org/goleak"

	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
)

func TestMain(m *testing.M) {
	// The clock of regexp2 ends by itself, some time after the last match.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/dlclark/regexp2/v2.runClock"))
}

// run evaluates source as the body of an async function and returns what it
// resolves with, as text.
func run(ctx context.Context, v *vm.VM, source string) (string, error) {
	return runCall(ctx, v, source, vm.Call{})
}

func runCall(ctx context.Context, v *vm.VM, source string, call vm.Call) (string, error) {
	result := ""
	call.Name = "test"
	call.Crewed = true
	call.Start = func() (goja.Value, error) {
		program, err := goja.Compile("test.js", "(async () => {\n"+source+"\n})()", true)
		if err != nil {
			return nil, err
		}
		return v.Runtime().RunProgram(program)
	}
	call.Settle = func(value goja.Value) error {
		result = value.String()
		return nil
	}
	err := v.Run(ctx, call)
	return result, err
}

func expect(t *testing.T, source, want string) {
	t.Helper()
	got, err := run(context.Background(), vm.New(vm.Options{}), source)
	if err != nil || got != want {
		t.Errorf("%s: got %q, %v; want %q", source, got, err, want)
	}
}

func TestRunsOnItsLoop(t *testing.T) {
	for source, want := range map[string]string{
		`return 1 + 1`: "2",
		`return await new Promise((r) => setTimeout(r, 1, 'late'))`: "late",
		`const out = []; setTimeout(() => out.push('b'), 2); setTimeout(() => out.push('a'), 1); await new Promise((r) => setTimeout(r, 5)); return out.join('')`: "ab",
		`let n = 0; const t = setInterval(() => n++, 1); while (n < 3) await new Promise((r) => setTimeout(r, 1)); clearInterval(t); return n >= 3`:               "true",
		`const t = setTimeout(() => { throw new Error('cleared') }, 1); clearTimeout(t); await new Promise((r) => setTimeout(r, 5)); return 'ok'`:                 "ok",
		`const out = []; setImmediate(() => out.push('i')); queueMicrotask(() => out.push('m')); await new Promise((r) => setTimeout(r, 3)); return out.join('')`: "mi",
		`try { await Promise.reject(new Error('x')) } catch (e) { return e.message }`:                                                                             "x",
		`const p = Promise.reject(new Error('late handler')); await null; return await p.catch((e) => e.message)`:                                                 "late handler",
	} {
		expect(t, source, want)
	}
}

func TestErrorsHavePositionsAndCauses(t *testing.T) {
	_, err := run(context.Background(), vm.New(vm.Options{}), `
function inner() { throw new TypeError('bad', { cause: new Error('root') }) }
await new Promise((r) => setTimeout(r, 1))
inner()`)
	var script *vm.ScriptError
	if !errors.As(err, &script) {
		t.Fatalf("got %v", err)
	}
	if script.Name != "TypeError" || script.Message != "bad" || script.Position.Line != 3 || script.Position.File != "test.js" {
		t.Errorf("%+v", script)
	}
	if !strings.Contains(script.Stack, "at inner (test.js:3:") || !strings.Contains(script.Stack, "caused by: Error: root") || strings.Contains(script.Stack, "native") {
		t.Errorf("stack:\n%s", script.Stack)
	}
}

func TestWhatFailsARun(t *testing.T) {
	for source, want := range map[string]string{
		`Promise.reject(new Error('nobody')); await new Promise((r) => setTimeout(r, 1))`: "unhandled rejection: nobody",
		`Promise.reject(); await null`: "unhandled rejection: undefined was thrown",
		`setTimeout(() => { throw new Error('in a timer') }, 1); await new Promise((r) => setTimeout(r, 50))`:     "in a timer",
		`queueMicrotask(() => { throw new Error('in a microtask') }); await new Promise((r) => setTimeout(r, 1))`: "in a microtask",
		`await new Promise(() => {})`:                          "nothing left to wait for",
		`throw { code: 7 }`:                                    `{"code":7}`,
		`throw 'text'`:                                         "text",
		`const f = () => f(); f()`:                             "Maximum call stack size exceeded",
		`new RegExp('\\p{RGI_Emoji}', 'u')`:                    "not supported",
		`'x'.repeat(2 ** 33)`:                                  "String.prototype.repeat of 8589934592 bytes",
		`'x'.padStart(2 ** 29 + 1)`:                            "the limit for one call",
		`Array(1e8).fill(0)`:                                   "Array of 100000000 elements",
		`new Array(4e9).map((x) => 1)`:                         "Array of 4000000000 elements",
		`const a = []; a.length = 1e8; a.fill(0)`:              "Array.prototype.fill of 100000000 elements",
		`Array.from({ length: 1e8 })`:                          "Array.from of 100000000 elements",
		`Array.prototype.indexOf.call({ length: 2 ** 31 }, 1)`: "elements",
		`new ArrayBuffer(4e9)`:                                 "ArrayBuffer of 4000000000 bytes",
		`eval('('.repeat(1e5))`:                                "nested deeper",
		`(() => {}).constructor('['.repeat(1e5))`:              "nested deeper",
	} {
		_, err := run(context.Background(), vm.New(vm.Options{}), source)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", source, err, want)
		}
	}
}

func TestRejectionsDoNotReachTheNextRun(t *testing.T) {
	v := vm.New(vm.Options{})
	if _, err := run(context.Background(), v, `Promise.reject(new Error('first'))`); err == nil {
		t.Fatal("an unhandled rejection went unnoticed")
	}
	if got, err := run(context.Background(), v, `return 'second'`); err != nil || got != "second" {
		t.Errorf("%q %v", got, err)
	}
}

func TestNativeCodeThatDoesNotReturnIsAbandoned(t *testing.T) {
	orphans := &vm.Orphans{}
	v := vm.New(vm.Options{AbandonAfter: 10 * time.Millisecond, Orphans: orphans})
	release := make(chan struct{})
	ctx, cancel := context.WithCancel(context.Background())
	_ = v.Runtime().Set("hold", func(goja.FunctionCall) goja.Value { cancel(); <-release; return nil })
	_, err := run(ctx, v, `hold()`)
	var abandoned *vm.AbandonedError
	if !errors.As(err, &abandoned) || !v.Dead() || orphans.Living() != 1 {
		t.Errorf("%v, dead %v, %d orphans", err, v.Dead(), orphans.Living())
	}
	gone := orphans.Gone()
	close(release)
	<-gone
	if _, err := run(context.Background(), v, `return 1`); !errors.Is(err, vm.ErrDead) && !errors.Is(err, vm.ErrBusy) {
		t.Errorf("a dead VM ran: %v", err)
	}
}

// An interrupt that unwinds through an async function leaves goja unable to go
// on after any await. When this test fails, goja has mended it, and VMs need no
// longer be thrown away.
func TestGojaIsPoisonedByAnInterruptInAsyncCode(t *testing.T) {
	rt := goja.New()
	timer := time.AfterFunc(20*time.Millisecond, func() { rt.Interrupt("stop") })
	defer timer.Stop()
	if _, err := rt.RunString(`(async () => { while (true) {} })()`); err == nil {
		t.Fatal("not interrupted")
	}
	rt.ClearInterrupt()
	if _, err := rt.RunString(`globalThis.went = false; (async () => { await null; went = true })()`); err != nil {
		t.Fatal(err)
	}
	if rt.Get("went").ToBoolean() {
		t.Error("goja goes on after an interrupt now: VM.Dead can be relaxed")
	}
}

func TestHostPromises(t *testing.T) {
	v := vm.New(vm.Options{})
	failure := errors.New("no route to host")
	_ = v.Runtime().Set("host", func(call goja.FunctionCall) goja.Value {
		promise, settle := v.NewPromise()
		fails := call.Argument(0).ToBoolean()
		go settle(func() (goja.Value, error) {
			if fails {
				return nil, failure
			}
			return v.Runtime().ToValue("done"), nil
		})
		return promise
	})
	if got, err := run(context.Background(), v, `return await host(false)`); err != nil || got != "done" {
		t.Errorf("%q %v", got, err)
	}
	_, err := run(context.Background(), v, "\n\nawait host(true)")
	var script *vm.ScriptError
	if !errors.As(err, &script) || !errors.Is(err, failure) || script.Position.Line != 4 {
		t.Errorf("%v at %v", err, script)
	}
}

func TestParking(t *testing.T) {
	v := vm.New(vm.Options{})
	var settle func(func() (goja.Value, error))
	_ = v.Runtime().Set("wait", func(goja.FunctionCall) goja.Value {
		promise, s := v.NewWait()
		settle = s
		return promise
	})
	yes := vm.Call{Parkable: func() bool { return true }}
	if _, err := runCall(context.Background(), v, `await wait()`, yes); !errors.Is(err, vm.ErrParked) || v.Dead() {
		t.Errorf("%v, dead %v", err, v.Dead())
	}
	settle(func() (goja.Value, error) { t.Error("a completion reached a run that is over"); return nil, nil })
	if got, err := run(context.Background(), v, `await new Promise((r) => setTimeout(r, 2)); return 'next'`); err != nil || got != "next" {
		t.Errorf("%q %v", got, err)
	}
}

func TestAbortAndGrace(t *testing.T) {
	v := vm.New(vm.Options{})
	ctx, cancel := context.WithCancelCause(context.Background())
	var resolve func(any) error
	_ = v.Runtime().Set("begin", func(goja.FunctionCall) goja.Value {
		promise, r, _ := v.Runtime().NewPromise()
		resolve = r
		cancel(errors.New("cancelled"))
		return v.Runtime().ToValue(promise)
	})
	call := vm.Call{Grace: time.Minute, Abort: func(cause error) { _ = resolve(cause.Error()) }}
	got, err := runCall(ctx, v, `const why = begin(); setTimeout(() => {}, 1e6); return 'stopped: ' + await why`, call)
	if err != nil || got != "stopped: cancelled" || v.Dead() {
		t.Errorf("%q %v, dead %v", got, err, v.Dead())
	}
}

func TestAsyncContextFollowsTheFlow(t *testing.T) {
	v := vm.New(vm.Options{})
	_ = v.Runtime().Set("enter", func(call goja.FunctionCall) goja.Value { v.SetAsyncContext(call.Argument(0).String()); return nil })
	_ = v.Runtime().Set("current", func(goja.FunctionCall) goja.Value { return v.Runtime().ToValue(v.AsyncContext()) })
	got, err := run(context.Background(), v, `
		const flow = async (name) => { enter(name); await null; await new Promise((r) => setTimeout(r, 1)); return current() }
		return (await Promise.all([flow('a'), flow('b')])).join()`)
	if err != nil || got != "a,b" {
		t.Errorf("%q %v", got, err)
	}
}
