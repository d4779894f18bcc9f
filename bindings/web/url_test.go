package web_test

import (
	"embed"
	"encoding/json"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
	"github.com/hatchet-js/hatchet-js-worker/bindings/web"
)

// The data of the Web Platform Tests, see LICENSE.md beside them.
//
//go:embed testdata/wpt/*.json
var suiteData embed.FS

// withData makes a VM whose global data is a file of the suite.
func withData(t *testing.T, name, source string) []string {
	t.Helper()
	data, err := suiteData.ReadFile("testdata/wpt/" + name)
	if err != nil {
		t.Fatal(err)
	}
	v := vm.New(vm.Options{})
	if _, err := web.Install(v); err != nil {
		t.Fatal(err)
	}
	if err := v.Runtime().Set("text", string(data)); err != nil {
		t.Fatal(err)
	}
	got, err := runIn(t, v, "const data = JSON.parse(text), failed = []; let n = 0\n"+source+"\nreturn [String(n), ...failed]")
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	if err := json.Unmarshal([]byte(got), &list); err != nil {
		t.Fatal(err)
	}
	for _, failure := range list[1:] {
		t.Error(failure)
	}
	return list
}

func TestURLsAreParsedAsTheSuiteSays(t *testing.T) {
	n := withData(t, "urltestdata.json", `for (const want of data) {
		if (typeof want === 'string') continue
		n++
		const shown = JSON.stringify(want.input) + ' against ' + JSON.stringify(want.base)
		let url = null
		try { url = want.base === null ? new URL(want.input) : new URL(want.input, want.base) } catch (error) { if (!(error instanceof TypeError)) failed.push(shown + ': ' + error) }
		if (URL.canParse(want.input, want.base ?? undefined) !== !want.failure) failed.push(shown + ': canParse')
		if (want.failure) {
			if (url) failed.push(shown + ' gave ' + url)
			continue
		}
		for (const key of ['href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'hash']) {
			if (want[key] !== undefined && url?.[key] !== want[key]) failed.push(shown + ': ' + key + ' is ' + url?.[key] + ', not ' + want[key])
		}
	}`)[0]
	if n != "859" {
		t.Errorf("%s URLs were tried", n)
	}
}

func TestURLsAreChangedAsTheSuiteSays(t *testing.T) {
	n := withData(t, "setters_tests.json", `for (const part of Object.keys(data)) {
		if (part === 'comment') continue
		for (const { href, new_value, expected } of data[part]) {
			n++
			const url = new URL(href)
			url[part] = new_value
			for (const key of Object.keys(expected)) {
				if (url[key] !== expected[key]) failed.push(href + ', ' + part + ' = ' + JSON.stringify(new_value) + ': ' + key + ' is ' + url[key] + ', not ' + expected[key])
			}
		}
	}`)[0]
	if n != "258" {
		t.Errorf("%s changes were tried", n)
	}
}

func TestSearchParams(t *testing.T) {
	for source, want := range map[string]string{
		`const u = new URL('http://a/?x=1&y=%20+'); u.searchParams.append('é', '\ud83d'); const before = u.href; u.search = '?z=3'; return [before, [...u.searchParams]]`:    `["http://a/?x=1&y=++&%C3%A9=%EF%BF%BD",[["z","3"]]]`,
		`const p = new URLSearchParams({ b: '2', a: '1' }); p.append('a', '0'); p.sort(); p.delete('a', '1'); return [p.toString(), p.size, p.has('a', '1'), p.getAll('a')]`: `["a=0&b=2",2,false,["0"]]`,
		`const u = new URL('http://a/?a=1&b=2'); for (const [name] of u.searchParams) u.searchParams.delete(name); return u.href`:                                            `"http://a/?b=2"`,
		`const out = []; for (const init of [[['a']], [1], { [Symbol('s')]: 1 }]) { try { new URLSearchParams(init) } catch (e) { out.push(e.name) } } return out`:           `["TypeError","TypeError","TypeError"]`,
		`try { new URL('http://a b/') } catch (e) { return [e.name, e.code, e.input] }`:                                                                                      `["TypeError","ERR_INVALID_URL","http://a b/"]`,
		`return ['\ud83d\udca9x'.isWellFormed(), '\ud83dx\udca9\ud83d\udca9'.toWellFormed()]`:                                                                                `[true,"�x�💩"]`,
	} {
		expect(t, source, want)
	}
}

func TestURLPatternsMatchAsTheSuiteSays(t *testing.T) {
	n := withData(t, "urlpatterntestdata.json", `
	const names = ['protocol', 'username', 'password', 'hostname', 'port', 'pathname', 'search', 'hash']
	const sorted = (value) => JSON.stringify(value, (key, v) => v === undefined ? null : v && typeof v === 'object' && !Array.isArray(v) ? Object.fromEntries(Object.entries(v).sort()) : v)
	const before = { protocol: [], hostname: names.slice(0, 1), port: ['protocol', 'hostname'], pathname: ['protocol', 'hostname', 'port'],
		search: ['protocol', 'hostname', 'port', 'pathname'], hash: ['protocol', 'hostname', 'port', 'pathname', 'search'] }
	// What a component is when the data does not say.
	const usual = (want, name) => {
		const [input, base] = want.pattern
		const from = input?.baseURL ?? (typeof base === 'string' ? base : undefined)
		if (want.exactly_empty_components?.includes(name)) return ''
		if (typeof input === 'object' && input[name]) return input[name]
		if (typeof input === 'object' && before[name]?.some((other) => other in input)) return '*'
		if (from === undefined || before[name] === undefined) return '*'
		const value = new URL(from)[name]
		return name === 'protocol' ? value.slice(0, -1) : name === 'search' || name === 'hash' ? value.slice(1) : value
	}
	const thrown = (f) => { try { f() } catch (error) { return error instanceof TypeError } return false }
	for (const want of data) {
		n++
		const shown = JSON.stringify(want.pattern) + ' on ' + JSON.stringify(want.inputs)
		try {
			if (want.expected_obj === 'error') {
				if (!thrown(() => new URLPattern(...want.pattern))) failed.push(shown + ' is accepted')
				continue
			}
			const pattern = new URLPattern(...want.pattern)
			for (const name of names) {
				const value = want.expected_obj?.[name] ?? usual(want, name)
				if (pattern[name] !== value) failed.push(shown + ': ' + name + ' is ' + pattern[name] + ', not ' + value)
			}
			if (want.expected_match === 'error') {
				if (!thrown(() => pattern.test(...want.inputs))) failed.push(shown + ' is matched')
				continue
			}
			const got = pattern.exec(...want.inputs)
			if (pattern.test(...want.inputs) !== Boolean(want.expected_match)) failed.push(shown + ': test')
			if (!want.expected_match) {
				if (got !== null) failed.push(shown + ' gave ' + JSON.stringify(got))
				continue
			}
			if (sorted(got.inputs) !== sorted(want.expected_match.inputs ?? want.inputs)) failed.push(shown + ': inputs ' + sorted(got.inputs))
			for (const name of names) {
				const empty = { input: '', groups: want.exactly_empty_components?.includes(name) ? {} : { 0: '' } }
				const value = want.expected_match[name] ?? empty
				if (sorted(got[name]) !== sorted(value)) failed.push(shown + ': ' + name + ' matched ' + sorted(got[name]) + ', not ' + sorted(value))
			}
		} catch (error) {
			failed.push(shown + ': ' + error)
		}
	}`)[0]
	if n != "366" {
		t.Errorf("%s patterns", n)
	}
}
