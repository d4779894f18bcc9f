package hatchet_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
)

func TestConsoleGoesToTheTasksLog(t *testing.T) {
	r := expectBody(t, `
console.debug('a', 1); console.log('b %s', 'x', { y: [1] }); console.info(); console.warn('c\nd'); console.error(new Map([['k', 1]]))
console.group('g'); console.log('in\nside'); console.groupEnd(); console.assert(1 === 2, 'no'); console.count()
ctx.log('plain'); ctx.log({ a: 1 }, 'WARN'); ctx.log('with', 'error', { n: 1, e: 5 }); ctx.log('list', undefined, [1])
ctx.logger.debug('d'); ctx.logger.info('i', { k: 'v' }); ctx.logger.warn('w'); ctx.logger.error('e')
return 1`, "1")
	r.host.expectLogs("DEBUG a 1", "INFO b x { y: [ 1 ] }", "INFO  ", "WARN c\nd", "ERROR Map(1) { 'k' => 1 }",
		"INFO g", "INFO   in\n  side", "ERROR Assertion failed: no", "INFO default: 1",
		"INFO plain", "WARN { a: 1 }", `ERROR with {"n":1,"e":5}`, `INFO list {"extra":[1]}`,
		"DEBUG d", `INFO i {"k":"v"}`, "WARN w", "ERROR e")
}

func TestErrorsInTheLogHaveStacks(t *testing.T) {
	r := expectBody(t, `console.error(new TypeError('bad', { cause: new Error('why') })); ctx.log('x', 'info', { error: new Error('inner') }); return 1`, "1")
	if got := r.host.logs[0]; !strings.HasPrefix(got, "ERROR TypeError: bad\n    at ") || !strings.Contains(got, "[cause]: Error: why\n      at ") {
		t.Errorf("%s", got)
	}
	if got := r.host.logs[1]; !strings.HasPrefix(got, `INFO x {"error":"Error: inner\n    at `) {
		t.Errorf("%s", got)
	}
}

func TestLongMessagesAreSplitInOrder(t *testing.T) {
	r := expectBody(t, `
console.log('ä'.repeat(25_000))
console.warn(('x'.repeat(99) + '\n').repeat(150))
ctx.log('y'.repeat(10_001), 'error', { with: 'the first' })
console.log('a\0b')
return 1`, "1")
	var first, second strings.Builder
	for _, line := range r.host.logs {
		level, text, _ := strings.Cut(line, " ")
		if utf8.RuneCountInString(text) > hatchet.MaxLogMessage+len(` {"with":"the first"}`) {
			t.Errorf("%d characters", utf8.RuneCountInString(text))
		}
		switch {
		case strings.HasPrefix(text, "ä"):
			first.WriteString(text)
		case level == "WARN":
			second.WriteString(text + "\n")
		}
	}
	if first.String() != strings.Repeat("ä", 25_000) || second.String() != strings.Repeat(strings.Repeat("x", 99)+"\n", 150)+"\n" &&
		second.String() != strings.Repeat(strings.Repeat("x", 99)+"\n", 150) {
		t.Errorf("%d and %d bytes arrived", first.Len(), second.Len())
	}
	last := r.host.logs[len(r.host.logs)-3:]
	if !strings.HasSuffix(last[0], `y {"with":"the first"}`) || last[1] != "ERROR y" || last[2] != "INFO a␀b" {
		t.Errorf("%.60q", last)
	}
}

// Groups, counters and timers of one run are nothing to the next.
func TestTheConsoleStartsAfresh(t *testing.T) {
	r := mustLoad(t, `console.group(); workflow.task('t', () => { console.group('g'); console.count(); console.time('x'); return 1 })`)
	for range 2 {
		r.expect("t:t", "", "1")
	}
	r.host.expectLogs("INFO g", "INFO   default: 1", "INFO g", "INFO   default: 1")
}

func TestWhileLoadingTheLoggerOfTheVMIsUsed(t *testing.T) {
	var out bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&out, nil))
	if _, err := loadIn(t, vm.New(vm.Options{Logger: logger}), `console.warn('loading', 1)`); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), `level=WARN msg="loading 1"`) {
		t.Errorf("%s", out.String())
	}
}

func TestGlobalsOfTheWebInTheLog(t *testing.T) {
	r := expectBody(t, `console.log(new AbortController().signal, new URLSearchParams('a=1')); console.log(new URL('http://a/b?c#d')); return 1`, "1")
	r.host.expectLogs("INFO AbortSignal { aborted: false } URLSearchParams { a: '1' }",
		"INFO URL {\n  href: 'http://a/b?c#d',\n  origin: 'http://a',\n  protocol: 'http:',\n  host: 'a',\n  pathname: '/b',\n  search: '?c',\n  hash: '#d'\n}")
}

// What JSON cannot express is shown instead: logging fails no task.
func TestAnythingCanBeLogged(t *testing.T) {
	r, _, err := body(t, `
const circular = { name: 'c' }
circular.self = circular
ctx.log('a', 'info', { big: 10n, fn: () => 1, symbol: Symbol('s'), plain: 1, circular, nested: { big: [1n] } })
ctx.logger.warn('b', circular)
ctx.logger.error('c', 5n)
ctx.logger.info('d', [1, 'x'])
ctx.logger.info('e', new Map([['k', 1]]))
ctx.log('f', 'info', { gone: undefined, none: null, error: new RangeError('far') })`)
	if err != nil {
		t.Fatal(err)
	}
	r.host.expectLogs(
		`INFO a {"big":"10n","fn":"[Function: fn]","symbol":"Symbol(s)","plain":1,"circular":"<ref *1> { name: 'c', self: [Circular *1] }","nested":"{ big: [ 1n ] }"}`,
		`WARN b {"name":"c","self":"<ref *1> { name: 'c', self: [Circular *1] }"}`,
		`ERROR c {"extra":"5n"}`,
		`INFO d {"extra":[1,"x"]}`,
		`INFO e {"extra":"Map(1) { 'k' => 1 }"}`,
		`INFO f {"none":null,"error":"RangeError: far\n    at test.js:10:60"}`)
}
