package value_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/dop251/goja"
	"github.com/hatchet-js/hatchet-js-worker/bindings/value"
)

func run(t testing.TB, rt *goja.Runtime, script string) goja.Value {
	t.Helper()
	v, err := rt.RunString(script)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestDecodeGivesWhatJSONParseGives(t *testing.T) {
	for _, text := range []string{
		`null`, `true`, `false`, `0`, `-0`, `1`, `-17`, `1.5`, `-1e3`, `1E+2`, `123456789012345678`, `9007199254740993`,
		`""`, `"abc"`, `"a\"\\\/\b\f\n\r\tz"`, `"\u00e9\ud83d\ude00"`, `"é😀"`, `"\ud800"`, `[]`, `[ ]`, `[1,[2,[3]]]`, `{}`, `{ }`,
		`{"b":1,"a":2,"1":3,"a":4}`, ` {"a" : [ 1 , {"b" : null} ] } `, `{"":{"é":1}}`, "\t[\n1\r]", `{"length":1}`,
	} {
		rt := goja.New()
		got, err := value.Decode(rt, []byte(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		_ = rt.Set("got", got)
		_ = rt.Set("text", text)
		same := run(t, rt, `const want = JSON.parse(text);
			JSON.stringify(got) === JSON.stringify(want) && (typeof got !== 'string' || got === want) && Object.is(typeof got === 'object' ? 0 : got, typeof want === 'object' ? 0 : want)`)
		// goja's own JSON.parse turns lone surrogates into U+FFFD; ours keeps them.
		if !same.ToBoolean() && text != `"\ud800"` {
			t.Errorf("%s: got %v", text, got)
		}
	}
}

func TestDecodeKeepsALoneSurrogateAndTheOrderOfKeys(t *testing.T) {
	rt := goja.New()
	v, err := value.Decode(rt, []byte(`{"z":"\ud800","y":1,"x":2}`))
	if err != nil {
		t.Fatal(err)
	}
	_ = rt.Set("v", v)
	if got := run(t, rt, `v.z.charCodeAt(0).toString(16) + Object.keys(v).join('')`).String(); got != "d800zyx" {
		t.Errorf("got %s", got)
	}
}

func TestDecodeMakesProtoAnOrdinaryKey(t *testing.T) {
	rt := goja.New()
	v, err := value.Decode(rt, []byte(`{"__proto__":{"polluted":true}}`))
	if err != nil {
		t.Fatal(err)
	}
	_ = rt.Set("v", v)
	if !run(t, rt, `Object.keys(v)[0] === '__proto__' && v.polluted === undefined && ({}).polluted === undefined`).ToBoolean() {
		t.Error("__proto__ was set as the prototype")
	}
}

func TestDecodeRefuses(t *testing.T) {
	for text, want := range map[string]string{
		``:           "unexpected end of the JSON text at 1:1",
		"{\n\"a\":}": "unexpected '}' where a value should begin at 2:5",
		`[1,]`:       "unexpected ']' where a value should begin at 1:4",
		`{"a":1,}`:   "unexpected '}' where a property name in quotes should begin at 1:8",
		`{a:1}`:      "unexpected 'a' where a property name",
		`{"a" 1}`:    "where a colon should follow",
		`[1 2]`:      "unexpected '2' inside an array at 1:4",
		`01`:         "invalid number",
		`1.`:         "invalid number",
		`-`:          "invalid number",
		`1e`:         "invalid number",
		`.5`:         "unexpected '.'",
		`tru`:        "unexpected 't'",
		`nul`:        "unexpected 'n'",
		`1 2`:        "unexpected '2' after the value",
		`"abc`:       "inside a string",
		`"\x"`:       "invalid escape in a string at 1:2",
		`"\u12g4"`:   "invalid escape",
		"\"a\nb\"":   "control character",
		"'a'":        "unexpected '\\''",
		"NaN":        "unexpected 'N'",
	} {
		_, err := value.Decode(goja.New(), []byte(text))
		var syntax *value.SyntaxError
		if !errors.As(err, &syntax) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestDecodeRefusesWhatIsNestedTooDeeply(t *testing.T) {
	for _, open := range []string{"[", `{"a":`} {
		_, err := value.Decode(goja.New(), []byte(strings.Repeat(open, 5_000_000)))
		if err == nil || !strings.Contains(err.Error(), "nested deeper than 10000 levels") {
			t.Errorf("%s: %v", open, err)
		}
	}
	fits := strings.Repeat("[", value.MaxDepth) + strings.Repeat("]", value.MaxDepth)
	if _, err := value.Decode(goja.New(), []byte(fits)); err != nil {
		t.Errorf("the deepest accepted nesting: %v", err)
	}
}

func TestADecoderCanBeUsedAgainAfterAnError(t *testing.T) {
	rt := goja.New()
	d := value.NewDecoder(rt)
	if _, err := d.Decode([]byte(`[1,[2,`)); err == nil {
		t.Fatal("half a text was accepted")
	}
	v, err := d.Decode([]byte(`[3]`))
	if err != nil || v.String() != "3" {
		t.Errorf("%v %v", v, err)
	}
}

func TestEncode(t *testing.T) {
	for script, want := range map[string]string{
		`({b: 1, a: [true, null, undefined, () => 1], f() {}, u: undefined, s: Symbol()})`: `{"b":1,"a":[true,null,null,null]}`,
		`new Date(0)`:               `"1970-01-01T00:00:00.000Z"`,
		`({toJSON() { return 7 }})`: `7`,
		`'é"'`:                      `"é\""`,
		`undefined`:                 ``,
		`NaN`:                       `null`,
	} {
		rt := goja.New()
		got, err := value.Stringify(rt, run(t, rt, script))
		if err != nil || string(got) != want {
			t.Errorf("%s: %s %v, want %s", script, got, err, want)
		}
	}
}

func TestEncodeNamesWhatJSONCannotExpress(t *testing.T) {
	for script, want := range map[string]string{
		`({a: [{b: 10n}]})`: "$.a[0].b is a BigInt",
		`10n`:               "$ is a BigInt",
		`(() => { const o = {x: {}}; o.x['y z'] = o; return o })()`: `$.x["y z"] is a reference back to $, which contains it`,
		`() => 1`:     "$ is a function",
		`Symbol('s')`: "$ is a symbol",
		`(() => { const shared = {}; const o = {a: shared, b: shared, c: {}}; o.c.d = o.c; return o })()`: "$.c.d is a reference back to $.c",
	} {
		rt := goja.New()
		_, err := value.Stringify(rt, run(t, rt, script))
		var not *value.NotJSONError
		if !errors.As(err, &not) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", script, err, want)
		}
	}
	rt := goja.New()
	_, err := value.Stringify(rt, run(t, rt, `({toJSON() { throw new Error('mine') }})`))
	if err == nil || !strings.Contains(err.Error(), "mine") {
		t.Errorf("an error of toJSON: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.5e3,"\u00e9",null]}`, `"\ud800\\"`, `[[[]]]`, `-0`, `{"__proto__":1}`, "\"\xff\""} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		rt := goja.New()
		v, err := value.Decode(rt, data)
		if valid := json.Valid(data); valid != (err == nil) && !strings.Contains(fmt.Sprint(err), "nested deeper") {
			t.Fatalf("json.Valid says %v, Decode says %v", valid, err)
		}
		if err != nil {
			return
		}
		text, err := value.Stringify(rt, v)
		if err != nil {
			t.Fatal(err)
		}
		again, err := value.Decode(rt, text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if second, err := value.Stringify(rt, again); err != nil || string(second) != string(text) {
			t.Fatalf("%s became %s (%v)", text, second, err)
		}
	})
}

const payload217 = `{"customer":"c_1042","currency":"EUR","items":[{"sku":"A-17","price":1999,"count":2},{"sku":"B-3","price":450,"count":10},{"sku":"C-99","price":12,"count":1}],"note":"leave at the door","express":true,"weight":3.25}`

func BenchmarkDecode(b *testing.B) {
	rt := goja.New()
	d := value.NewDecoder(rt)
	b.ReportAllocs()
	b.SetBytes(int64(len(payload217)))
	for b.Loop() {
		if _, err := d.Decode([]byte(payload217)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeCallEncode(b *testing.B) {
	rt := goja.New()
	d := value.NewDecoder(rt)
	e, err := value.NewEncoder(rt)
	if err != nil {
		b.Fatal(err)
	}
	handler, _ := goja.AssertFunction(run(b, rt, `(function (input) { let sum = 0; for (const item of input.items) sum += item.price * item.count; return { ok: true, sum } })`))
	b.ReportAllocs()
	for b.Loop() {
		input, err := d.Decode([]byte(payload217))
		if err != nil {
			b.Fatal(err)
		}
		output, err := handler(goja.Undefined(), input)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := e.Encode(output); err != nil {
			b.Fatal(err)
		}
	}
}
