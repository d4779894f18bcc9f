package value_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/value"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
)

func installed(t testing.TB) *vm.VM {
	t.Helper()
	v := vm.New(vm.Options{})
	if err := value.Install(v); err != nil {
		t.Fatal(err)
	}
	return v
}

// runIn evaluates the body of an async function as a run of v.
func runIn(ctx context.Context, v *vm.VM, body string) (result string, err error) {
	err = v.Run(ctx, vm.Call{
		Start:  func() (goja.Value, error) { return v.Runtime().RunString("(async () => {" + body + "\n})()") },
		Settle: func(value goja.Value) error { result = value.String(); return nil },
	})
	return result, err
}

func TestInstalledParse(t *testing.T) {
	for script, want := range map[string]string{
		`JSON.parse('{"a":[1,{"b":null}]}').a[1].b`:                                                   "null",
		`JSON.parse({ toString: () => '[7]' })[0]`:                                                    "7",
		`JSON.parse(12) + JSON.parse(true)`:                                                           "13",
		`String(JSON.parse(null))`:                                                                    "null",
		`JSON.parse(' "\ud800é😀" ').charCodeAt(0).toString(16)`:                                       "d800",
		`JSON.parse('"\ud83d\ude00"') === '😀'`:                                                        "true",
		`JSON.parse('["\\\\\ud800"]')[0].length`:                                                      "2",
		`try { JSON.parse('"\\\ud800"') } catch (e) { e.name }`:                                       "SyntaxError",
		`try { JSON.parse('{"é😀": x}') } catch (e) { e.message }`:                                     "unexpected 'x' where a value should begin in JSON at position 8 (line 1 column 9)",
		`try { JSON.parse('[1,\n2,,') } catch (e) { e.message }`:                                      "unexpected ',' where a value should begin in JSON at position 6 (line 2 column 3)",
		`try { JSON.parse() } catch (e) { e instanceof SyntaxError && e.message }`:                    "unexpected 'u' where a value should begin in JSON at position 0 (line 1 column 1)",
		`try { JSON.parse(Symbol()) } catch (e) { e.name }`:                                           "TypeError",
		`try { JSON.parse({ toString() { throw new RangeError('mine') } }) } catch (e) { e.message }`: "mine",
		`try { JSON.parse('['.repeat(1e6)) } catch (e) { e.message }`:                                 "nested deeper than 10000 levels in JSON at position 10000 (line 1 column 10001)",
		`JSON.parse.name + JSON.parse.length + JSON.stringify.name + JSON.stringify.length`:           "parse2stringify3",
		`Object.prototype.x = 1; Object.defineProperty(Object.prototype, 'y', { set() { throw 1 } }); Object.keys(JSON.parse('{"x":2,"y":3}')).join()`: "x,y",
		`const seen = []; JSON.parse('{"a":[1,2],"b":{"c":3}}', function (k, v) { seen.push(k, JSON.stringify(this)); return v }); seen.join(' ')`:     `0 [1,2] 1 [1,2] a {"a":[1,2],"b":{"c":3}} c {"c":3} b {"a":[1,2],"b":{"c":3}}  {"":{"a":[1,2],"b":{"c":3}}}`,
		`JSON.stringify(JSON.parse('{"a":1,"b":[1,2,3],"d":"x"}', (k, v) => (k === 'a' || v === 2 ? undefined : typeof v === 'number' ? v * 2 : v)))`:  `{"b":[2,null,6],"d":"x"}`,
		`JSON.parse('{"__proto__":1}', (k, v) => v)['__proto__']`:                                                                                      "1",
		`String(JSON.parse('1', () => undefined))`:                                                                                                                     "undefined",
		`JSON.parse('[1,2]', function (k, v) { if (k === '0') this.length = 1; return v }).length`:                                                                     "1",
		`JSON.parse('[1,[2]]', function (k, v) { if (k === '0') this[1] = Object.freeze([5]); return k === '0' && this.length === 1 ? undefined : v })[1][0]`:          "5",
		`JSON.parse('[0,1]', function (k, v) { if (k === '0' && v === 0) this[1] = new Proxy([4, 5], {}); return k === '1' && Array.isArray(v) ? v.join('') : v })[1]`: "45",
		`try { JSON.parse('[1,2]', () => { throw new Error('reviver') }) } catch (e) { e.message }`:                                                                    "reviver",
		`JSON.parse('[1]', 'no function')[0]`: "1",
	} {
		v := installed(t)
		got, err := v.Runtime().RunString(script)
		if err != nil || got.String() != want {
			t.Errorf("%s: got %v, %v; want %s", script, got, err, want)
		}
	}
}

func TestInstalledStringify(t *testing.T) {
	for script, want := range map[string]string{
		`JSON.stringify({ b: 1, a: [undefined, () => 1, { c: new Date(0) }], u: undefined })`:                                            `{"b":1,"a":[null,null,{"c":"1970-01-01T00:00:00.000Z"}]}`,
		`JSON.stringify({ a: 1, b: { a: 2, c: 3 } }, ['a', 'b'])`:                                                                        `{"a":1,"b":{"a":2}}`,
		`JSON.stringify({ a: 1, b: 'x' }, (k, v) => (typeof v === 'number' ? v + 1 : v), 1)`:                                             "{\n \"a\": 2,\n \"b\": \"x\"\n}",
		`JSON.stringify({ a: { toJSON() { return JSON.stringify([[1]]) } }, b: [[2]] })`:                                                 `{"a":"[[1]]","b":[[2]]}`,
		`JSON.stringify([1, 2], function (k, v) { return k === '' ? v : this.length + v })`:                                              `[3,4]`,
		`String(JSON.stringify(undefined)) + JSON.stringify('x') + JSON.stringify(1n, (k, v) => Number(v))`:                              `undefined"x"1`,
		`try { const o = {}; o.o = o; JSON.stringify(o) } catch (e) { e.name }`:                                                          "TypeError",
		`const s = {}; JSON.stringify([s, s, [s]])`:                                                                                      "[{},{},[{}]]",
		`let d = 0; for (let i = 0; i < 9000; i++) d = [d]; JSON.stringify(d).length`:                                                    "18001",
		`let d = 0; for (let i = 0; i < 1e5; i++) d = { d }; try { JSON.stringify(d) } catch (e) { e.name + ': ' + e.message }`:          "RangeError: JSON.stringify: nested deeper than 10000 levels",
		`let d = 0; for (let i = 0; i < 1e5; i++) d = [d]; try { JSON.stringify(1, (k, v) => (k === '' ? d : v)) } catch (e) { e.name }`: "RangeError",
		`try { JSON.stringify({ get a() { throw new Error('mine') } }) } catch (e) { e.message + JSON.stringify([[]]) }`:                 "mine[[]]",
	} {
		v := installed(t)
		got, err := v.Runtime().RunString(script)
		if err != nil || got.String() != want {
			t.Errorf("%s: got %v, %v; want %s", script, got, err, want)
		}
	}
}

// A value with so many references to the same parts that its text would be
// endless, and a text that takes long to read, are interrupted like any loop.
func TestAnInterruptEndsLongJSON(t *testing.T) {
	limit := errors.New("out of time")
	for _, body := range []string{
		`let d = [1]; for (let i = 0; i < 100; i++) d = [d, d]; JSON.stringify(d)`,
		`const text = '[' + '{"a":1},'.repeat(3e5) + '1]'; for (;;) JSON.parse(text)`,
		`JSON.parse('[1]', function (k, v) { if (k === '0') this[1] = { length: 1 }; else for (;;) JSON.parse('[1,2,3]', (k, v) => v); return v })`,
	} {
		ctx, cancel := context.WithTimeoutCause(context.Background(), 50*time.Millisecond, limit)
		v := vm.New(vm.Options{AbandonAfter: 30 * time.Second})
		if err := value.Install(v); err != nil {
			t.Fatal(err)
		}
		_, err := runIn(ctx, v, body)
		cancel()
		var interrupt *vm.InterruptError
		if !errors.As(err, &interrupt) || !errors.Is(err, limit) || !v.Dead() {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func TestEncodersUseTheInstalledStringify(t *testing.T) {
	v := installed(t)
	e, err := value.NewEncoder(v.Runtime())
	if err != nil {
		t.Fatal(err)
	}
	deep := run(t, v.Runtime(), `let d = 0; for (let i = 0; i < 1e5; i++) d = [d]; d`)
	if _, err := e.Encode(deep); err == nil || !strings.Contains(err.Error(), "nested deeper than 10000 levels") {
		t.Errorf("got %v", err)
	}
}

func FuzzInstalledParse(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.5e3,"\u00e9",null],"b":{}}`, `[1e400,-0,"\\\"",{"10":1,"9":2}]`, "\t[ ]\n", `{"a":1,"a":2}`, `"\ud83d\ude00"`} {
		f.Add(seed)
	}
	v := vm.New(vm.Options{})
	theirs, _ := goja.AssertFunction(v.Runtime().Get("JSON").ToObject(v.Runtime()).Get("parse"))
	if err := value.Install(v); err != nil {
		f.Fatal(err)
	}
	ours, _ := goja.AssertFunction(v.Runtime().Get("JSON").ToObject(v.Runtime()).Get("parse"))
	identity, _ := v.Runtime().RunString(`(k, v) => v`)
	same, _ := v.Runtime().RunString(`(a, b) => {
		const equal = (a, b) => Object.is(a, b) || typeof a === 'object' && typeof b === 'object' && a && b && Array.isArray(a) === Array.isArray(b) &&
			Object.keys(a).join('\u0000') === Object.keys(b).join('\u0000') && Object.keys(a).every((k) => equal(a[k], b[k]))
		return equal(a, b)
	}`)
	equal, _ := goja.AssertFunction(same)
	f.Fuzz(func(t *testing.T, text string) {
		in := v.Runtime().ToValue(text)
		got, err := ours(goja.Undefined(), in)
		if valid := json.Valid([]byte(text)); valid != (err == nil) && !strings.Contains(err.Error(), "nested deeper") {
			t.Fatalf("json.Valid says %v, JSON.parse %v", valid, err)
		}
		if err != nil || strings.Contains(strings.ToLower(text), `\ud`) || strings.Count(text, "[")+strings.Count(text, "{") > 300 {
			return // goja's own makes U+FFFD of lone surrogates
		}
		want, err := theirs(goja.Undefined(), in)
		if err != nil {
			if strings.Contains(err.Error(), "cannot unmarshal number") {
				return
			}
			t.Fatalf("goja refuses: %v", err)
		}
		for _, got := range []goja.Value{got, mustCall(t, ours, in, identity)} {
			if alike, err := equal(goja.Undefined(), got, want); err != nil || !alike.ToBoolean() {
				t.Fatalf("%q: got %v, want %v (%v)", text, got, want, err)
			}
		}
	})
}

func mustCall(t *testing.T, f goja.Callable, args ...goja.Value) goja.Value {
	t.Helper()
	v, err := f(goja.Undefined(), args...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func BenchmarkParse(b *testing.B) {
	for name, install := range map[string]bool{"goja": false, "installed": true} {
		b.Run(name, func(b *testing.B) {
			v := vm.New(vm.Options{})
			if install {
				if err := value.Install(v); err != nil {
					b.Fatal(err)
				}
			}
			f, _ := goja.AssertFunction(run(b, v.Runtime(), `(text) => JSON.parse(text)`))
			text := v.Runtime().ToValue(payload217)
			b.SetBytes(int64(len(payload217)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := f(goja.Undefined(), text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
