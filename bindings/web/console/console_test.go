package console_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
	"github.com/hatchet-js/hatchet-js-worker/bindings/web/console"
	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
)

var letters = map[console.Level]string{console.Debug: "D", console.Info: "I", console.Warn: "W", console.Error: "E"}

// paper keeps what is written, a message per entry, behind the letter of its
// level.
type paper struct{ lines []string }

func (p *paper) Write(level console.Level, text string) {
	p.lines = append(p.lines, letters[level]+" "+text)
}

func write(t *testing.T, source string) string {
	t.Helper()
	c := clock.NewVirtual(time.Unix(0, 0))
	v, p := vm.New(vm.Options{Clock: c}), &paper{}
	if _, err := console.Install(v, p); err != nil {
		t.Fatal(err)
	}
	if err := v.Runtime().Set("advance", func(call goja.FunctionCall) goja.Value {
		c.Advance(time.Duration(call.Argument(0).ToInteger()) * time.Microsecond)
		return goja.Undefined()
	}); err != nil {
		t.Fatal(err)
	}
	err := v.Run(context.Background(), vm.Call{Start: func() (goja.Value, error) { return v.Runtime().RunScript("test.js", source) }})
	if err != nil {
		t.Fatalf("%s: %v", source, err)
	}
	return strings.Join(p.lines, "\n")
}

func TestMethods(t *testing.T) {
	for source, want := range map[string]string{
		`console.log('a'); console.info('b'); console.debug('c'); console.warn('d'); console.error('e')`: "I a\nI b\nD c\nW d\nE e",
		`console.log()`:                        "I ",
		`const { log } = console; log('free')`: "I free",
		`console.assert(true, 'x'); console.assert(0); console.assert(null, 'is %s', 'no', 1)`:                                                                                          "E Assertion failed\nE Assertion failed: is no 1",
		`console.dir('text'); console.dir({ a: { b: { c: {  d: 1 } } } }, { depth: 0 }); console.dir({ a: { b: { c: { d: 1 } } } }, { depth: null })`:                                   "I 'text'\nI { a: [Object] }\nI {\n  a: { b: { c: { d: 1 } } }\n}",
		`console.group('one'); console.log('x\ny'); console.group(); console.warn('z'); console.groupEnd(); console.log('u'); console.groupEnd(); console.groupEnd(); console.log('v')`: "I one\nI   x\n  y\nW     z\nI   u\nI v",
		`console.count(); console.count('x'); console.count(); console.countReset(); console.count(); console.countReset('y')`:                                                          "I default: 1\nI x: 1\nI default: 2\nI default: 1\nW Count for 'y' does not exist",
		`console.time(); advance(1500); console.timeLog('default', { a: 1 }); advance(2000); console.timeEnd(); console.timeEnd(); console.time('t'); console.time('t')`:                "I default: 1.5ms { a: 1 }\nI default: 3.5ms\nW No such label 'default' for console.timeEnd()\nW Label 't' already exists for console.time()",
		`console.time('s'); advance(12_345_678); console.timeLog('s'); advance(60_000_000); console.timeLog('s'); advance(3_600_000_000); console.timeEnd('s')`:                         "I s: 12.346s\nI s: 1:12.346 (m:ss.mmm)\nI s: 1:01:12 (h:mm:ss)",
		`console.dirxml(1, 'a')`: "I 1 a",
		`console.log = (...args) => console.warn('mine', ...args); console.log(1)`: "W mine 1",
	} {
		if got := write(t, source); got != want {
			t.Errorf("%s\ngot\n%s\nwant\n%s", source, got, want)
		}
	}
}

func TestTrace(t *testing.T) {
	got := write(t, `(function here() { console.trace('why %d', 5) })()`)
	if !strings.HasPrefix(got, "E Trace: why 5\n    at here (test.js:1:") {
		t.Error(got)
	}
}

func TestTables(t *testing.T) {
	for source, want := range map[string]string{
		`console.table([{ a: 1, b: 'x' }, { a: 2, c: true }])`: `
┌─────────┬───┬─────┬──────┐
│ (index) │ a │ b   │ c    │
├─────────┼───┼─────┼──────┤
│ 0       │ 1 │ 'x' │      │
│ 1       │ 2 │     │ true │
└─────────┴───┴─────┴──────┘`,
		`console.table({ x: [1, 2], y: 'z' })`: `
┌─────────┬───┬───┬────────┐
│ (index) │ 0 │ 1 │ Values │
├─────────┼───┼───┼────────┤
│ x       │ 1 │ 2 │        │
│ y       │   │   │ 'z'    │
└─────────┴───┴───┴────────┘`,
		`console.table([{ a: 1, b: 2 }], ['b'])`: `
┌─────────┬───┐
│ (index) │ b │
├─────────┼───┤
│ 0       │ 2 │
└─────────┴───┘`,
		`console.table(new Map([['k', { v: 1 }]]))`: `
┌───────────────────┬─────┬───┐
│ (iteration index) │ Key │ v │
├───────────────────┼─────┼───┤
│ 0                 │ 'k' │ 1 │
└───────────────────┴─────┴───┘`,
		`console.table(new Set(['a']))`: `
┌───────────────────┬────────┐
│ (iteration index) │ Values │
├───────────────────┼────────┤
│ 0                 │ 'a'    │
└───────────────────┴────────┘`,
		`console.table('no table')`: "no table",
	} {
		if got := strings.TrimPrefix(write(t, source), "I "); got != strings.TrimPrefix(want, "\n") {
			t.Errorf("%s\ngot\n%s\nwant\n%s", source, got, want)
		}
	}
}
