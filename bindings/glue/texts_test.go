package glue_test

import (
	"strings"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/bindings/builtin/moduletest"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

const yamlHead = "const yaml = require('hatchet:yaml'); "

func TestYAMLIsRead(t *testing.T) {
	m := moduletest.New(t, permit.Options{})
	for text, want := range map[string]string{
		`''`:                                 `null`,
		`'a: 1\nb: [x, 2.5, true, null, ~]'`: `{"a":1,"b":["x",2.5,true,null,null]}`,
		`'z: 1\na: 2\n10: 3\n'`:              `{"10":3,"z":1,"a":2}`, // as JavaScript orders keys
		`'on: yes\nno: off'`:                 `{"on":"yes","no":"off"}`,
		`'day: 2026-01-02\nat: 12:30'`:       `{"day":"2026-01-02","at":"12:30"}`,
		`'a: 0x10\nb: 0o17\nc: 1_000'`:       `{"a":16,"b":15,"c":1000}`,
		`'a: &x {k: 1}\nb: *x'`:              `{"a":{"k":1},"b":{"k":1}}`,
		`'d: &d {k: 1, l: 2}\ne: {<<: *d, k: 3}\nf: {k: 4, <<: [*d, {m: 5}]}'`: `{"d":{"k":1,"l":2},"e":{"k":3,"l":2},"f":{"k":4,"l":2,"m":5}}`,
		`'t: |\n  a\n  b\nf: >\n  a\n  b\n'`:                                   `{"t":"a\nb\n","f":"a b\n"}`,
		`'__proto__: {x: 1}'`:                                                  `{"__proto__":{"x":1}}`,
		`Buffer.from('a: é')`:                                                  `{"a":"é"}`,
	} {
		m.Expect(t, yamlHead+"return yaml.parse("+text+")", want)
	}
	m.Expect(t, yamlHead+`const v = yaml.parse('a: 9007199254740991\nb: 9007199254740993\nc: -9223372036854775808\nd: 123456789012345678901234567890\n'); return [typeof v.a, String(v.b), typeof v.b, String(v.c), String(v.d)]`,
		`["number","9007199254740993","bigint","-9223372036854775808","123456789012345678901234567890"]`)
	m.Expect(t, yamlHead+`return yaml.parse('b: !!binary aGk=').b.toString()`, `"hi"`)
	m.Expect(t, yamlHead+`const v = yaml.parse('[.inf, -.inf, .nan]'); return v.map(String)`, `["Infinity","-Infinity","NaN"]`)
	m.Expect(t, yamlHead+`return yaml.parseAll('a: 1\n---\n- 2\n---\n3')`, `[{"a":1},[2],3]`)
	m.Expect(t, "const { parse } = require('hatchet:yaml'); return parse('x')", `"x"`)
}

func TestWrongYAMLSaysWhere(t *testing.T) {
	m := moduletest.New(t, permit.Options{})
	for text, want := range map[string]string{
		`'a: 1\nb: [1,'`:     `YamlError: line 2: did not find expected node content`,
		`'a: 1\na: 2'`:       `YamlError: line 2: the key "a" is there twice`,
		`'a: !Ref x'`:        `YamlError: line 1: the tag !Ref is not known`,
		`'a: &a [*a]'`:       `YamlError: line 1: the anchor "a" contains itself`,
		`'a: &a {<<: *a}'`:   `YamlError: line 1: the anchor "a" contains itself`,
		`'a: {<<: 3}'`:       `YamlError: line 1: << takes a mapping or a list of mappings`,
		`'? [a]\n: 1'`:       `YamlError: line 1: a key must be a scalar`,
		`'a\n---\nb'`:        `TypeError: yaml.parse: the text has 2 documents; use parseAll`,
		`7`:                  `TypeError: yaml.parse: the text must be a string, got a number`,
		`'- '.repeat(20000)`: `YamlError: exceeded max depth of 10000`,
	} {
		m.Refused(t, yamlHead+"return yaml.parse("+text+")", want)
	}
	m.Expect(t, yamlHead+`try { yaml.parse('a: 1\nb: [1,') } catch (e) { return [e.code, e.line, e instanceof Error] }`, `["YAML_PARSE",2,true]`)
	bomb := "'a: &a [1,2,3,4,5,6,7,8,9]\\n'"
	for _, c := range "bcdefghi" {
		bomb += "+'" + string(c) + ": &" + string(c) + " [" + strings.Repeat("*"+string(c-1)+",", 9) + "]\\n'"
	}
	m.Refused(t, yamlHead+"return yaml.parse("+bomb+")", `YamlError: line 1: aliases repeat more than 100000 values`)
}

func TestYAMLIsWrittenSoThatItReadsTheSame(t *testing.T) {
	m := moduletest.New(t, permit.Options{})
	m.Expect(t, yamlHead+`return yaml.stringify({ a: [1, { b: 'x' }], d: new Date(0), u: undefined, n: null, t: 'a\nb\n', big: 9007199254740993n })`,
		`"a:\n  - 1\n  - b: x\nd: \"1970-01-01T00:00:00.000Z\"\nn: null\nt: |\n  a\n  b\nbig: 9007199254740993\n"`)
	m.Expect(t, yamlHead+`return yaml.stringify({ a: { b: 1 } }, { indent: 4 })`, `"a:\n    b: 1\n"`)
	m.Expect(t, yamlHead+`
const texts = ['', ' ', 'true', 'null', '~', '1', '1.0', '0x1', '1e3', '.inf', '2026-01-01', 'a: b', '# c', '- x', '*a', '&a', '!t', '%d', '@', '\u0060', '"', "'", 'a # b',
  'a\nb', '\na', 'a\n\n', ' a\nb', 'a \nb', '\ta\nb', 'a\n\tb', 'x\r\ny', '\u0000', '\u0085', '\u2028', '\ufeff', '<<', '=', 'é☃😀', 'a\n  b\nc\n', '{', '[', ', ', '?', '-', '---', '...', 'a\n---\nb', 'x'.repeat(300), ('w '.repeat(100)).trim()]
const values = [...texts, ...texts.map((t) => ({ [t]: t })), ...texts.map((t) => [t, [t]]), 0, -0.5, 1e21, 1e-7, 123456789, true, false, null, [], {}, [[]], [{}], { a: [] }]
const wrong = values.filter((v) => JSON.stringify(yaml.parse(yaml.stringify(v))) !== JSON.stringify(v))
return [wrong, JSON.stringify(yaml.parse(yaml.stringify(values))) === JSON.stringify(values)]`, `[[],true]`)
	m.Expect(t, yamlHead+`return yaml.parse(yaml.stringify({ b: Buffer.from([0, 255]) })).b.toString('hex')`, `"00ff"`)
	m.Refused(t, yamlHead+`const a = []; a.push(a); yaml.stringify(a)`, `TypeError: yaml.stringify: an element of the value contains itself`)
	m.Refused(t, yamlHead+`yaml.stringify({ f() {} })`, `TypeError: yaml.stringify: f is a function; make an object, an array or a text of it first`)
	m.Refused(t, yamlHead+`yaml.stringify({ m: new Map() })`, `TypeError: yaml.stringify: m is a Map; make an object, an array or a text of it first`)
	m.Refused(t, yamlHead+`yaml.stringify(1, { tab: 2 })`, `TypeError: yaml.stringify: unknown option "tab"; there are indent`)
}

const csvHead = "const csv = require('hatchet:csv'); const all = async (s) => { const out = []; for (let r; !(r = await s.next()).done;) out.push(r.value); return out }; "

func TestCSVIsRead(t *testing.T) {
	m := moduletest.New(t, permit.Options{})
	for call, want := range map[string]string{
		`''`:                         `[]`,
		`'a,b\n1,"x, ""y"""\n\n2,z'`: `[["a","b"],["1","x, \"y\""],["2","z"]]`,
		`'\ufeffa,b\r\n1,2\r\n', { header: true }`:                             `[{"a":"1","b":"2"}]`,
		`'1;2\n#x\n3;4', { header: ['a', 'b'], delimiter: ';', comment: '#' }`: `[{"a":"1","b":"2"},{"a":"3","b":"4"}]`,
		`'a,b\n1\n', { header: true, ragged: true }`:                           `[{"a":"1"}]`,
		`'__proto__\nx', { header: true }`:                                     `[{"__proto__":"x"}]`,
		`Buffer.from([0x61, 0xff, 0x2c, 0x62])`:                                `[["a�","b"]]`,
		`'a,b"c', { lazyQuotes: true }`:                                        `[["a","b\"c"]]`,
	} {
		m.Expect(t, csvHead+"return csv.parse("+call+")", want)
	}
	m.Refused(t, csvHead+`csv.parse('a,b\n1,2,3')`, `CsvError: record on line 2: wrong number of fields`)
	m.Refused(t, csvHead+`csv.parse('a,b\n1,"2')`, `CsvError: parse error on line 2, column 5: extraneous or missing " in quoted-field`)
	m.Refused(t, csvHead+`csv.parse('a,a\n', { header: true })`, `CsvError: parse error on line 1, column 1: the header names "a" twice`)
	m.Refused(t, csvHead+`csv.parse('a\n1,2\n', { header: true, ragged: true })`, `CsvError: parse error on line 2, column 1: 2 fields, and the header names 1`)
	m.Refused(t, csvHead+`csv.parse('a', { headers: true })`, `TypeError: csv.parse: unknown option "headers"; there are header, delimiter, comment, lazyQuotes, ragged`)
	m.Expect(t, csvHead+`try { csv.parse('a,b\n1,2,3') } catch (e) { return [e.name, e.code, e.line] }`, `["CsvError","CSV_PARSE",2]`)
}

func TestCSVIsWritten(t *testing.T) {
	m := moduletest.New(t, permit.Options{})
	m.Expect(t, csvHead+`return csv.stringify([{ a: 1, b: 'x,"y"' }, { a: null, b: new Date(0) }, { a: 2n }])`, `"a,b\n1,\"x,\"\"y\"\"\"\n,1970-01-01T00:00:00.000Z\n2,\n"`)
	m.Expect(t, csvHead+`return csv.stringify([[1, true], ['', 'é']], { header: ['n', 'v'], delimiter: ';', crlf: true })`, `"n;v\r\n1;true\r\n;é\r\n"`)
	m.Expect(t, csvHead+`return csv.stringify([], { header: ['a', 'b'] })`, `"a,b\n"`)
	m.Expect(t, csvHead+`return csv.stringify([{ a: 1 }], { header: false })`, `"1\n"`)
	m.Expect(t, csvHead+`return csv.parse(csv.stringify([[''], ['x']]))`, `[[""],["x"]]`)
	m.Expect(t, csvHead+`return csv.stringify(new Set([[1], [2]]))`, `"1\n2\n"`)
	m.Refused(t, csvHead+`csv.stringify([{ a: 1 }, { b: 1 }])`, `TypeError: csv.stringify: row 2 has the key "b", and the columns are a`)
	m.Refused(t, csvHead+`csv.stringify([{ a: {} }])`, `TypeError: csv.stringify: row 1: a is an object; make a text of it`)
	m.Refused(t, csvHead+`csv.stringify(3)`, `TypeError: csv.stringify: the rows must be an array or something to iterate; stringifyStream takes what comes in time`)
}

func TestCSVStreamsHoldLittle(t *testing.T) {
	m := moduletest.New(t, permit.Options{})
	m.Expect(t, csvHead+`return all(csv.parseStream(['a,b\n1,"x', ', y"\n2', ',z'], { header: true }))`, `[{"a":"1","b":"x, y"},{"a":"2","b":"z"}]`)
	// The source is read no further than the rows that were taken need.
	m.Expect(t, csvHead+`
let read = 0, closed = false
const source = { [Symbol.asyncIterator]() { return { async next() { read++; return { value: read + ',x\n', done: false } }, async return() { closed = true; return {} } } } }
const rows = csv.parseStream(source)
const first = [await rows.next(), await rows.next()]
await rows.return()
return [first.map((r) => r.value[0]), read < 5, closed, (await rows.next()).done]`, `[["1","2"],true,true,true]`)
	m.Expect(t, csvHead+`
let n = 0
const rows = { async next() { return n++ < 1000 ? { value: { n }, done: false } : { done: true } }, [Symbol.asyncIterator]() { return this } }
const text = (await all(csv.stringifyStream(rows))).join('')
return [text.slice(0, 6), text.split('\n').length]`, `["n\n1\n2\n",1002]`)
	m.Refused(t, csvHead+`await all(csv.parseStream(['a,b\n', '1\n']))`, `CsvError: record on line 2: wrong number of fields`)
	m.Refused(t, csvHead+`csv.parseStream('a,b')`, `TypeError: csv.parseStream: the source must be something to iterate, such as an array or a stream`)
	m.Expect(t, csvHead+`csv.parseStream(['a\n']).next(); return 1`, `1`) // left open: the run's end closes it
}

const templateHead = "const { render } = require('hatchet:template'); "

func TestTemplates(t *testing.T) {
	m := moduletest.New(t, permit.Options{})
	for call, want := range map[string]string{
		`'Hello {{.name}}', { name: 'you' }`:                                                                         `"Hello you"`,
		`'{{range $k, $v := .m}}{{$k}}={{$v}};{{end}}', { m: { b: 1000000, a: 2.5 } }`:                               `"a=2.5;b=1000000;"`,
		`'{{if eq .n 3}}three{{else}}other{{end}} {{.big}} {{len .l}}', { n: 3, big: 9007199254740993n, l: [1, 2] }`: `"three 9007199254740993 2"`,
		`'{{printf "%.2f %03d %s" .n .n .t}}', { n: 7, t: 'x' }`:                                                     `"7.00 007 x"`,
		`'{{json .}} {{.a | join "-"}} {{index . "none" | default "d"}}', { a: ['x', 1] }`:                           `"{\"a\":[\"x\",1]} x-1 d"`,
		`'{{define "row"}}<{{. | html}}>{{end}}{{range .}}{{template "row" .}}{{end}}', ['a&b', 'c']`:                `"<a&amp;b><c>"`,
		`'{{.at}}', { at: new Date(0) }`:                                                                             `"1970-01-01T00:00:00.000Z"`,
	} {
		m.Expect(t, templateHead+"return render("+call+")", want)
	}
	m.Refused(t, templateHead+`render('a\n{{.x', {})`, `TemplateError: line 2: unclosed action`)
	m.Refused(t, templateHead+`render('{{.name}}', {})`, `TemplateError: line 1: at <.name>: map has no entry for key "name"`)
	m.Refused(t, templateHead+`render('{{nope}}', {})`, `TemplateError: line 1: function "nope" not defined`)
	m.Refused(t, templateHead+`render('{{range 1000000000000}}{{end}}', {})`, `TemplateError: line 1: at <_step>: error calling _step: more than 1000000 steps`)
	m.Refused(t, templateHead+`render('{{range 100000000}}{{.}}{{printf "%1000s" "x"}}{{end}}', {})`, `TemplateError: the text is longer than 64 MiB`)
	m.Expect(t, templateHead+`try { render('{{.x', {}) } catch (e) { return [e.code, e.line] }`, `["TEMPLATE_PARSE",1]`)
}
