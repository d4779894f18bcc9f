package vm_test

import (
	"context"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
)

func TestUnicodeProperties(t *testing.T) {
	for expression, want := range map[string]string{
		`'aé1λ'.replace(R('\\p{L}', 'gu'), '_')`:                                                                       "__1_",
		`'aé1λ'.replace(R('[^\\p{L}]', 'gu'), '_')`:                                                                    "aé_λ",
		`'aé1λ'.replace(R('\\P{L}', 'gu'), '_')`:                                                                       "aé_λ",
		`'aé1λ'.replace(R('[\\P{L}]', 'gu'), '_')`:                                                                     "aé_λ",
		`'aé1λ-'.replace(R('[^\\P{L}1]', 'gu'), '_')`:                                                                  "__1_-",
		`'aB1_ -'.replace(R('[\\p{Lu}\\d\\-_]', 'gu'), '.')`:                                                           "a... .",
		`'p{L}a'.match(R('\\\\p{2}', 'u'))`:                                                                            "null",
		`'\\pp'.match(R('\\\\p{2}', 'u'))[0]`:                                                                          `\pp`,
		`'x]é'.match(R('[\\]\\p{L}]+', 'u'))[0]`:                                                                       "x]é",
		`'[é'.match(R('[[\\p{L}]+', 'u'))[0]`:                                                                          "[é",
		`R('^\\p{Lu}$', 'iu').test('a') + '' + R('^\\P{Lu}$', 'iu').test('A')`:                                         "truetrue",
		`R('^[^\\p{Lu}]$', 'iu').test('a')`:                                                                            "false",
		`R('^\\p{Lu}$', 'u').test('a')`:                                                                                "false",
		`R('\\P{Any}', 'u').test('a') + '' + R('[\\P{Any}]', 'u').test('a')`:                                           "falsefalse",
		`R('^\\p{Any}$', 'u').test('😀') + '' + R('^[^\\P{Any}]$', 'u').test('😀')`:                                      "truetrue",
		`R('^\\p{ASCII}+$', 'u').test('abc')`:                                                                          "true",
		`R('^\\p{Script=Greek}+$', 'u').test('λόγος') && R('^\\p{sc=Grek}+$', 'u').test('λ')`:                          "true",
		`R('^\\p{gc=Nd}+$', 'u').test('1٣')`:                                                                           "true",
		`R('^\\p{General_Category=Decimal_Number}$', 'u').test('x')`:                                                   "false",
		`R('^\\p{White_Space}$', 'u').test('\u2003') && R('^\\p{Alphabetic}$', 'u').test('ⓐ')`:                         "true",
		`R('^\\p{ID_Start}\\p{IDC}*$', 'u').test('naïve_1')`:                                                           "true",
		`'a😀b❤c1'.replace(R('\\p{Emoji_Presentation}', 'gu'), '.')`:                                                    "a.b❤c1",
		`'a😀b❤c1'.replace(R('\\p{Extended_Pictographic}', 'gu'), '.')`:                                                 "a.b.c1",
		`'a😀1'.replace(R('\\p{Emoji}', 'gu'), '.')`:                                                                    "a..",
		`'👍🏽'.replace(R('\\p{EMod}', 'gu'), '')`:                                                                       "👍",
		`R('(?<=\\p{L})\\p{N}(?!\\p{P})', 'u').exec('é1! 𝐀2')[0]`:                                                      "2", // regexp2
		`R('(?<word>\\p{L}+) \\k<word>', 'u').exec('été été').groups.word`:                                             "été",
		`R('(\\p{Lu})\\1', 'iu').test('éÉ')`:                                                                           "true",
		`R('𝐀\\p{L}', 'u').test('𝐀𝐁')`:                                                                                 "true",
		`'ab1c'.split(R('\\p{N}', 'u')).join()`:                                                                        "ab,c",
		`[...'a1b2'.matchAll(R('\\p{L}', 'gu'))].map((m) => m.index).join()`:                                           "0,2",
		`R('\\p{L}', 'gu').source + R('\\p{L}', 'gu') + R('\\p{L}', 'u').flags`:                                        `\p{L}/\p{L}/guu`,
		`R(R('\\p{L}', 'u')).source + R(R('\\p{L}', 'u'), 'gu').flags`:                                                 `\p{L}gu`,
		`R(R('\\p{L}'), 'u').test('é') + '' + R('\\p{L}').test('é')`:                                                   "truefalse",
		`const a = R('\\p{L}', 'gu'), b = R('\\p{L}', 'gu'); a.test('xy'); a.lastIndex + '' + b.lastIndex + (a === b)`: "10false",
		`new (class X extends RegExp {})('\\p{L}', 'u') instanceof RegExp`:                                             "true",
		`Object.keys(R('\\p{L}', 'u')).length`:                                                                         "0",
	} {
		body, last := "", expression
		if i := strings.LastIndex(expression, "; "); i >= 0 {
			body, last = expression[:i+2], expression[i+2:]
		}
		got, err := run(context.Background(), vm.New(vm.Options{}), "const R = (...args) => new RegExp(...args); "+body+"return String("+last+")")
		if err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", expression, got, err, want)
		}
	}
}

func TestSetsInClasses(t *testing.T) {
	for expression, want := range map[string]string{
		`'abcz'.replace(R('[[a-z]--[bc]]', 'gv'), '.')`:                                            ".bc.",
		`'a1b2'.replace(R('[\\w&&\\d]', 'gv'), '.')`:                                               "a.b.",
		`'aéλ'.replace(R('[\\p{L}--[a-z]--\\p{Script=Greek}]', 'gv'), '.')`:                        "a.λ",
		`'aéλ'.replace(R('\\P{Script=Greek}', 'gv'), '.')`:                                         "..λ",
		`'abc ab a'.match(R('[\\q{abc|ab|x}a]', 'gv')).join()`:                                     "abc,ab,a",
		`'xaby'.replace(R('[\\q{ab|x}--\\q{ab}]', 'gv'), '.')`:                                     ".aby",
		`R('^[^\\d\\s]$', 'v').test('\u00a0') + '' + R('^[^[0-8]]$', 'v').test('9')`:               "falsetrue",
		`'(]-^'.match(R('[\\(\\]\\-^]', 'gv')).join('')`:                                           "(]-^",
		`R('[\\u{1f600}-\\u{1f602}]', 'v').exec('😁')[0] + R('[\\x41\\u0042]+', 'v').exec('AB')[0]`: "😁AB",
		`R('[a-c]', 'gv').flags + R('[a-c]', 'gvi').source + R(R('[[a]]', 'v'))`:                   "gv[a-c]/[[a]]/v",
		`R('[a]', 'v').unicodeSets + R('[a]', 'u').unicodeSets`:                                    "NaN",
		`'a-b'.split(R('[\\-]', 'v')).join() + [...'ab'.matchAll(R('[[a][b]]', 'gv'))].length`:     "a,b2",
	} {
		got, err := run(context.Background(), vm.New(vm.Options{}), "const R = (...args) => new RegExp(...args); return String("+expression+")")
		if err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", expression, got, err, want)
		}
	}
	for _, pattern := range []string{`[a--b&&c]`, `[(]`, `[a&&]`, `[ab--c]`, `[&&&]`, `[a!!b]`, `[\q{ab]`, `[^\q{ab}]`, `[z-a]`, `[[a]`, `[\y]`, `\m`, strings.Repeat("[", 600) + strings.Repeat("]", 600)} {
		if _, err := run(context.Background(), vm.New(vm.Options{}), "new RegExp(String.raw`"+pattern+"`, 'v')"); err == nil || !strings.HasPrefix(err.Error(), "SyntaxError: ") {
			t.Errorf("%.20s: %v", pattern, err)
		}
	}
}

func TestPropertiesThatAreRefused(t *testing.T) {
	for pattern, want := range map[string]string{
		`\p{Nonsense}`:               `the property \p{Nonsense} is not supported`,
		`\p{Script=Klingon}`:         "not supported",
		`\p{Script_Extensions=Deva}`: "not supported",
		`\p{Greek}`:                  "not supported",
		`\p{RGI_Emoji}`:              "not supported",
		`\pL`:                        "in braces",
		`\p{L`:                       "closing brace",
		`[\p{L}`:                     "Unterminated character class",
	} {
		_, err := run(context.Background(), vm.New(vm.Options{}), "new RegExp(String.raw`"+pattern+"`, 'u')")
		if err == nil || !strings.HasPrefix(err.Error(), "SyntaxError: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", pattern, err, want)
		}
	}
}

func BenchmarkPropertyRegExp(b *testing.B) {
	v := vm.New(vm.Options{})
	for b.Loop() {
		if _, err := run(context.Background(), v, `for (let i = 0; i < 100; i++) 'été'.replace(new RegExp('\\p{L}+', 'gu'), '')`); err != nil {
			b.Fatal(err)
		}
	}
}

// Whatever the pattern, RegExp gives a regular expression of that source or
// throws a SyntaxError.
func FuzzRegExp(f *testing.F) {
	for _, seed := range []string{`\p{L}+`, `[^\p{Lu}\d]`, `\\p{2}`, `[\P{Script=Greek}-]`, `\p{`, `\p`, `(?<=\p{N})x`, `[\]\p{Emoji}]`, `\u{1f600}\p{ASCII}`} {
		f.Add(seed)
	}
	v := vm.New(vm.Options{})
	program, err := v.Runtime().RunString(`(pattern) => {
		try { return ['u', 'v'].every((flag) => new RegExp(pattern, flag).source === (pattern || '(?:)')) ? '' : 'another source' } catch (e) { return e instanceof SyntaxError ? '' : String(e) }
	}`)
	if err != nil {
		f.Fatal(err)
	}
	check, _ := goja.AssertFunction(program)
	f.Fuzz(func(t *testing.T, pattern string) {
		if !utf8.ValidString(pattern) || strings.ContainsAny(pattern, "/\n\r\u2028\u2029") {
			return // a source shows these as escapes
		}
		if got, err := check(goja.Undefined(), v.Runtime().ToValue(pattern)); err != nil || got.String() != "" {
			t.Errorf("%q: %v %v", pattern, got, err)
		}
	})
}
