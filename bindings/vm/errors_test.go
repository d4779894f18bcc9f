package vm_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
)

// The source of each test begins on line 2 of test.js.
func TestErrorsAreDescribed(t *testing.T) {
	for source, want := range map[string]string{
		`const f = () => { throw new TypeError('bad') }; f()`:                                       "TypeError: bad\n    at f (test.js:2:25)\n    at test.js:2:50",
		`const f = async () => { await null; x.y }; const g = async () => { await f() }; await g()`: "ReferenceError: x is not defined\n    at f (test.js:2:37)\n    at g (test.js:2:75)\n    at test.js:2:88",
		`eval('throw new RangeError("in eval")')`:                                                   "RangeError: in eval\n    at test.js:2:5",
		`new Function('throw new Error("made")')()`:                                                 "Error: made\n    at test.js:2:40",
		`eval('1 +')`: "SyntaxError: <eval>: Line 1:4 Unexpected end of input\n    at test.js:2:5",
		`throw new Error('top', { cause: new TypeError('middle', { cause: 'root' }) })`:               "Error: top\n    at test.js:2:7\ncaused by: TypeError: middle\n    at test.js:2:33\ncaused by: root",
		`const a = new Error('a'); a.cause = a; throw a`:                                              "Error: a\n    at test.js:2:11\ncaused by: Error: a\n    at test.js:2:11",
		`await Promise.any([Promise.reject(new TypeError('one')), Promise.reject(2)])`:                "AggregateError\nerror 1 of 2: TypeError: one\n    at test.js:2:35\nerror 2 of 2: 2",
		`throw new AggregateError([new Error('x', { cause: 'y' })], 'both')`:                          "AggregateError: both\n    at test.js:2:7\nerror 1 of 1: Error: x\n    at test.js:2:27\ncaused by: y",
		`class E extends Error { get message() { throw 1 } } throw new E()`:                           "Error",
		`class E extends Error { get name() { throw 1 } } throw new E('m')`:                           "Error: m",
		`const e = new Error('m'); e.name = { toString() { throw 1 } }; throw e`:                      "Error: m",
		`const e = new Error('m'); Object.defineProperty(e, 'stack', { get() { throw 1 } }); throw e`: "Error: m",
		`const e = new Error('a\n  at evil (foo.js:1:2)\nb'); throw e`:                                "Error: a\n  at evil (foo.js:1:2)\nb\n    at test.js:2:11",
		`class NotFound extends Error { name = 'NotFound' } throw new NotFound('m')`:                  "NotFound: m\n    at test.js:2:58",
		`throw { message: 'like an error', name: 'Odd' }`:                                             "Odd: like an error",
		`throw { get message() { throw 1 }, name: 'N' }`:                                              `{"message":undefined,"name":"N"}`,
		`const f = async () => { throw 'text' }; await f()`:                                           "text\n    at test.js:2:48",
		`await Promise.reject('text')`:                                                                "text\n    at test.js:2:21",
		`await new Promise((_, no) => { no({ code: 7 }) })`:                                           "{\"code\":7}\n    at test.js:2:34\n    at test.js:2:7",
		`throw () => 1`:     "a function was thrown",
		`throw undefined`:   "undefined was thrown",
		`throw null`:        "null",
		`throw Symbol('s')`: "Symbol(s)",
		`throw 10n`:         "10",
		`throw [1, 'a', { b: [{ c: 1 }] }, () => 1, undefined]`:      `[1,"a",{"b":[…]},function,undefined]`,
		`throw new Proxy({}, { ownKeys() { throw 1 } })`:             "[object Object]",
		`throw Object.create(null)`:                                  "an object was thrown",
		`let d = []; for (let i = 0; i < 1e5; i++) d = [d]; throw d`: "[[[…]]]",
	} {
		_, err := run(t.Context(), vm.New(vm.Options{}), strings.ReplaceAll(source, "\n", `\n`))
		var script *vm.ScriptError
		if !errors.As(err, &script) {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if got := strings.ReplaceAll(script.Stack, "\n    at test.js:3:3", ""); got != want {
			t.Errorf("%s:\n%v\ngot:\n%s\nwant:\n%s", source, err, got, want)
		}
	}
}

func TestErrorsInTimersHaveTheFramesOfTheThrow(t *testing.T) {
	_, err := run(t.Context(), vm.New(vm.Options{}), "setTimeout(() => {\nconst f = () => { throw 'text' }\nf() }, 1)\nawait new Promise(() => {})")
	var script *vm.ScriptError
	if !errors.As(err, &script) || !strings.HasPrefix(script.Stack, "text\n    at f (test.js:3:19)\n    at test.js:4:2") || script.Position.Line != 3 {
		t.Errorf("%v\n%s", err, script.Stack)
	}
}

func TestDescriptionsAreBounded(t *testing.T) {
	for _, source := range []string{
		`let e = new Error('0'); for (let i = 1; i < 1e4; i++) e = new Error(i, { cause: e }); throw e`,
		`let e = new Error('0'); for (let i = 1; i < 1e3; i++) e = new AggregateError(Array(100).fill(e), i, { cause: e }); throw e`,
		`throw Object.fromEntries(Array.from({ length: 1e3 }, (_, i) => ['key' + i, 'x'.repeat(1e4)]))`,
	} {
		_, err := run(t.Context(), vm.New(vm.Options{}), source)
		var script *vm.ScriptError
		if !errors.As(err, &script) || len(script.Stack) > 10_000 {
			t.Errorf("%s: %d bytes", source, len(script.Stack))
		}
	}
}

func TestGoErrorsStayBeneathTheScripts(t *testing.T) {
	failure := errors.New("no route to host")
	for source, wantCause := range map[string]bool{
		`await host()`: true,
		`try { await host() } catch (e) { throw new Error('wrapped', { cause: e }) }`: true,
		`await Promise.any([host(), host()])`:                                         true,
		`try { await host() } catch (e) { throw new Error(e.message) }`:               false,
		`thrower()`: true,
		`try { thrower() } catch (e) { if (!(e instanceof Error) || e.name !== 'Error') throw 'no'; throw e }`: true,
	} {
		v := vm.New(vm.Options{})
		_ = v.Runtime().Set("host", func(goja.FunctionCall) goja.Value {
			promise, settle := v.NewPromise()
			go settle(func() (goja.Value, error) { return nil, failure })
			return promise
		})
		_ = v.Runtime().Set("thrower", func(goja.FunctionCall) goja.Value { panic(v.NewError(failure)) })
		_, err := run(t.Context(), v, source)
		var script *vm.ScriptError
		if !errors.As(err, &script) || errors.Is(err, failure) != wantCause || script.Position.Line != 2 {
			t.Errorf("%s: %v at %v", source, err, script.Position)
		}
	}
}

// goja knows where a script is if there is a call, an access or an operator in
// the loop; otherwise it names the last of them before it in the function, or the
// function's beginning.
func TestWhereALoopIsInterrupted(t *testing.T) {
	for source, line := range map[string]int{
		"let n = 0\nfor (;;) {\nn = Math.max(n, 1)\n}":  4,
		"let n = 0\nfor (;;) {\nn++\n}":                 4,
		"const f = () => {\nwhile (true) {}\n}\nf()":    2,
		"while (true) {}":                               2,
		"await new Promise((r) => setTimeout(r,\n1e6))": 2,
	} {
		v := vm.New(vm.Options{})
		ctx, cancel := context.WithCancelCause(t.Context())
		_ = v.Runtime().Set("begin", func(goja.FunctionCall) goja.Value {
			time.AfterFunc(50*time.Millisecond, func() { cancel(errLimit) })
			return nil
		})
		_, err := run(ctx, v, "begin(); "+source)
		var interrupt *vm.InterruptError
		if !errors.As(err, &interrupt) || interrupt.Position.Line != line {
			t.Errorf("%q: %v, want line %d", source, err, line)
		}
	}
}
