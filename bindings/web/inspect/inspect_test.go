package inspect_test

import (
	"os"
	"strings"
	"testing"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/web/inspect"
)

func inspector(t *testing.T) (*goja.Runtime, *inspect.Inspector) {
	t.Helper()
	rt := goja.New()
	i, err := inspect.New(rt)
	if err != nil {
		t.Fatal(err)
	}
	return rt, i
}

// format evaluates a list of arguments and renders them as console.log does.
func format(t *testing.T, source string) string {
	t.Helper()
	rt, i := inspector(t)
	v, err := rt.RunScript("test.js", "["+source+"\n]")
	if err != nil {
		t.Fatalf("%s: %v", source, err)
	}
	list := v.ToObject(rt)
	var args []goja.Value
	for n := range int(list.Get("length").ToInteger()) {
		args = append(args, list.Get(string(rune('0'+n))))
	}
	return i.Format(args...)
}

// The file holds what Node 20 prints: a line "> arguments", then the text up to
// the next such line.
func TestLikeNode(t *testing.T) {
	text, err := os.ReadFile("testdata/node.txt")
	if err != nil {
		t.Fatal(err)
	}
	cases := strings.Split("\n"+string(text), "\n> ")
	for _, c := range cases[1:] {
		source, want, _ := strings.Cut(c, "\n")
		if got := format(t, source); got != strings.TrimSuffix(want, "\n") {
			t.Errorf("%s\ngot\n%s\nwant\n%s", source, got, want)
		}
	}
	if len(cases) < 50 {
		t.Errorf("only %d cases", len(cases))
	}
}

func TestErrors(t *testing.T) {
	for source, want := range map[string]string{
		`new TypeError('bad')`: "TypeError: bad\n    at test.js:1:",
		`(() => { class Refused extends Error {}; return new Refused('no') })()`:            "Refused: no\n    at test.js:1:",
		`(() => { const e = new Error('x', { cause: new Error('why') }); return { e } })()`: "{\n  e: Error: x\n      at test.js:1:",
		`(() => { const e = new Error('x'); e.code = 'E1'; return e })()`:                   " {\n  code: 'E1'\n}",
		`(() => { const e = new Error('x'); e.stack = 'no frames'; return [e] })()`:         "[ [Error: x] ]",
		`new AggregateError([new Error('a')], 'all')`:                                       "[errors]: [\n    Error: a\n        at ",
	} {
		if got := format(t, source); !strings.Contains(got, want) {
			t.Errorf("%s\ngot %s\nwant %s", source, got, want)
		}
	}
	if got := format(t, `(() => { function inner() { return new Error('x', { cause: 5 }) }; return inner() })()`); !strings.Contains(got, "at inner (test.js:1:") || !strings.Contains(got, "[cause]: 5") {
		t.Error(got)
	}
}

// What a script does to the value or to the language while it is shown must not
// get out, and getters must not be called.
func TestHostileValues(t *testing.T) {
	for source, want := range map[string]string{
		`{ get a() { throw new Error('called') } }`:                                                      "{ a: [Getter] }",
		`new Proxy({ a: 1 }, { get() { throw new Error('trap') }, ownKeys() { throw 1 } })`:              "{ a: 1 }",
		`{ [Symbol.for('nodejs.util.inspect.custom')]() { throw new Error('custom') } }`:                 "<the value cannot be shown: Error: custom",
		`{ [Symbol.for('nodejs.util.inspect.custom')](depth) { return 'mine ' + depth } }`:               "mine 2",
		`{ a: { [Symbol.for('nodejs.util.inspect.custom')]: () => ({ shown: 1 }) } }`:                    "{ a: { shown: 1 } }",
		`(() => { const o = {}; let at = o; for (let i = 0; i < 1e4; i++) at = at.a = {}; return o })()`: "{ a: { a: { a: [Object] } } }",
		`'%s', { toString() { throw new Error('x') } }`:                                                  "{ toString: [Function: toString] }",
		`'%s', { toString() { return 'own' } }`:                                                          "own",
		`'%d', { valueOf() { throw 1 } }`:                                                                "NaN",
		`'%j', (() => { const o = {}; o.o = o; return o })()`:                                            "[Circular]",
	} {
		if got := format(t, source); !strings.HasPrefix(got, want) {
			t.Errorf("%s\ngot %s\nwant %s", source, got, want)
		}
	}
}

func TestDepth(t *testing.T) {
	rt, i := inspector(t)
	v, err := rt.RunString(`({ a: { b: { c: { d: { e: 1 } } } } })`)
	if err != nil {
		t.Fatal(err)
	}
	for depth, want := range map[int]string{
		0: "{ a: [Object] }", 1: "{ a: { b: [Object] } }", 2: "{ a: { b: { c: [Object] } } }",
		-1: "{\n  a: {\n    b: { c: { d: { e: 1 } } }\n  }\n}",
	} {
		if got := i.Inspect(v, inspect.Options{Depth: depth}); got != want {
			t.Errorf("%d: %s", depth, got)
		}
	}
}

// What is not shown must cost nothing either.
func TestHugeValues(t *testing.T) {
	for source, want := range map[string]string{
		`new Uint8Array(50_000_000)`:                "... 49999900 more items",
		`new Array(4294967295)`:                     "[ <4294967295 empty items> ]",
		`['x'.repeat(20_000_000)]`:                  "... 19990000 more characters",
		`Object.assign(new Array(1e9), { 5: 'x' })`: "[ <5 empty items>, 'x', <999999994 empty items> ]",
	} {
		if got := format(t, source); !strings.Contains(got, want) {
			t.Errorf("%s: %.200s", source, got)
		}
	}
}

func TestBrokenBuiltins(t *testing.T) {
	rt := goja.New()
	if _, err := rt.RunString(`JSON.stringify = 5`); err != nil {
		t.Fatal(err)
	}
	if _, err := inspect.New(rt); err == nil || !strings.Contains(err.Error(), "JSON.stringify is not a function") {
		t.Error(err)
	}
}

func FuzzFormat(f *testing.F) {
	for _, seed := range []string{"%s", "%d %i %f", "%%", "100%", "%j%o%O%c", "%x", "%"} {
		f.Add(seed)
	}
	rt := goja.New()
	i, err := inspect.New(rt)
	if err != nil {
		f.Fatal(err)
	}
	object := rt.NewObject()
	f.Fuzz(func(t *testing.T, text string) {
		if got := i.Format(rt.ToValue(text)); got != rt.ToValue(text).String() {
			t.Errorf("without arguments %q became %q", text, got)
		}
		i.Format(rt.ToValue(text), object, rt.ToValue(1), goja.Undefined())
	})
}
