package bundle_test

import (
	"strings"
	"testing"
)

func TestLanguage(t *testing.T) {
	for _, c := range []struct{ name, files, want string }{
		{"plain script", "-- main.js --\nreport(1 + 1)\n", "2\n"},
		{"strict", "-- main.js --\ntry { undeclared = 1 } catch (e) { report(e.name) }\n", "ReferenceError\n"},
		{"types and enum", `
-- main.ts --
enum Color { Red, Green = 'g' }
namespace Deep { export const x: number = 7 }
type T = { a?: string }
const f = <A,>(a: A): A => a;
report(Color.Red + Color.Green + Deep.x + f<string>('!') + (undefined as T | undefined)?.a)
`, "0g7!undefined\n"},
		{"classes without decorators", `
-- main.ts --
class A { #p = 1; static s = 2; private q: number; constructor(readonly r: number) { this.q = 3 }
  get sum() { return this.#p + A.s + this.q + this.r } static { A.s = 20 } has(o: object) { return #p in o } }
report(new A(4).sum); report(new A(1).has(new A(2)))
`, "28\ntrue\n"},
		{"async generator and for await", `
-- main.js --
async function* numbers() { yield 1; yield await Promise.resolve(2) }
for await (const n of numbers()) report(n)
class Source { async *[Symbol.asyncIterator]() { yield 'x' } }
for await (const n of new Source()) report(n)
`, "1\n2\nx\n"},
		{"using", `
-- main.ts --
{ using r = { [Symbol.dispose]() { report('disposed') } }; report('body') }
`, "body\ndisposed\n"},
		{"what a BigInt is shifted by, and an exponent, has a limit", `
-- main.js --
const much = 10n ** 12n, attempt = (f) => { try { return f() } catch (e) { return e.name + ': ' + e.message } }
report(attempt(() => 1n << much))
report(attempt(() => 1n >> -much))
report(attempt(() => 2n ** much))
report(attempt(() => 1n << 1000000000000n))
let a = 1n, o = { get v() { report('get'); return 2n }, set v(x) { report('set ' + x) } }
report(attempt(() => { a <<= much }))
report(attempt(() => { a **= much }))
a <<= 70n; a >>= 60n; a **= 2n; o.v <<= 3n
report(a + ' ' + (1n << 3n << 2n) + (-5n >> 1n) + (2n ** 10n) + (1n << -1n))
report(attempt(() => 1n << 1)); report(attempt(() => 1 << 1n))
const f = (x, n) => (x << n) | (x >>> (32 - n)), g = (n = 3) => { let y = 5; y <<= n; return y ** n }
report(f(0x80000001, 4) + ' ' + g()); report(f(1, '2') + [1].map((x, i) => x << i + 1))

`, `RangeError: Maximum BigInt size exceeded: a shift or an exponent of 1000000000000; the limit is 1073741824
RangeError: Maximum BigInt size exceeded: a shift or an exponent of -1000000000000; the limit is 1073741824
RangeError: Maximum BigInt size exceeded: a shift or an exponent of 1000000000000; the limit is 1073741824
RangeError: Maximum BigInt size exceeded: a shift or an exponent of 1000000000000; the limit is 1073741824
RangeError: Maximum BigInt size exceeded: a shift or an exponent of 1000000000000; the limit is 1073741824
RangeError: Maximum BigInt size exceeded: a shift or an exponent of 1000000000000; the limit is 1073741824
get
set 16
1048576 32-310240
TypeError: Cannot mix BigInt and other types, use explicit conversions
TypeError: Cannot mix BigInt and other types, use explicit conversions
24 64000
42
`},
		{"top-level await", "-- main.js --\nconst x = await Promise.resolve(5)\nreport(x)\n", "5\n"},
		{"relative imports", `
-- main.js --
import { a } from './lib/a'
import def, * as all from './lib/b.mjs'
report(a + def + Object.keys(all))
-- lib/a.ts --
export const a: string = 'A'
-- lib/b.mjs --
export default 'B'
export const extra = 1
`, "ABdefault,extra\n"},
		{"dynamic import of a literal", `
-- main.js --
const { late } = await import('./late.js')
report(late)
-- late.js --
report('evaluated'); export const late = await Promise.resolve('late')
`, "evaluated\nlate\n"},
		{"what can be done without", `
-- main.js --
const tell = (e) => report(e.code + ' ' + e.message.slice(0, 33))
const ask = () => require('nowhere')
for (const i of [1, 2]) try { ask() } catch (e) { tell(e) }
await import('nowhere/deep').catch(tell)
await import('node:nothing').catch(tell)
`, `MODULE_NOT_FOUND cannot find the package "nowhere"
MODULE_NOT_FOUND cannot find the package "nowhere"
MODULE_NOT_FOUND cannot find the package "nowhere/
MODULE_NOT_FOUND node:nothing is not available her
`},
		{"the guard of a main program", `
-- main.js --
import './lib.js'
if (require.main === module) report('started'); else report('imported')
const hatchet = { worker() {} }
hatchet.worker('w')
-- lib.js --
if (require.main === module) report('started'); else report('imported')
`, "imported\nstarted\n"},
		{"CommonJS", `
-- main.cjs --
const { a } = require('./a.cjs'); report(a)
-- a.cjs --
exports.a = typeof module
`, "object\n"},
		{"a package that claims to have no effects", `
-- main.js --
report('effect')
-- package.json --
{ "sideEffects": false }
`, "effect\n"},
		{"data", `
-- main.js --
import data, { key } from './data.json'
import text from './note.txt'
import sql from './q.sql'
import again from './data.json' with { type: 'json' }
import raw from './data.json' with { type: 'text' }
report(data.key + key + text.trim() + sql.trim() + again.key + raw.length)
-- data.json --
{"key":"k"}
-- note.txt --
note
-- q.sql --
select 1
`, "kknoteselect 1k12\n"},
		{"npm package", `
-- main.ts --
import { hello } from 'pkg'
import sub from '@scope/pkg/sub'
import cjs from 'cjs-pkg'
report(hello() + sub + cjs.name + require('cjs-pkg').name)
-- node_modules/pkg/package.json --
{"name":"pkg","exports":{".":{"node":"./node.js","browser":"./browser.js"}}}
-- node_modules/pkg/node.js --
import fs from 'node:fs'
-- node_modules/pkg/browser.js --
export const hello = () => 'hello '
-- node_modules/@scope/pkg/package.json --
{"name":"@scope/pkg"}
-- node_modules/@scope/pkg/sub.js --
export default 'sub '
-- node_modules/cjs-pkg/package.json --
{"name":"cjs-pkg","main":"lib/index.js"}
-- node_modules/cjs-pkg/lib/index.js --
module.exports = { name: 'cjs' }
`, "hello sub cjscjs\n"},
		{"files that a package switches off are empty", `
-- main.js --
import { got } from 'pkg'
report(got)
-- node_modules/pkg/package.json --
{"name":"pkg","browser":{"./node.js":false,"./gone.js":false}}
-- node_modules/pkg/index.js --
exports.got = Object.keys(require('./node')).length + Object.keys(require('./gone')).length
-- node_modules/pkg/node.js --
exports.readFile = require('nowhere')
`, "0\n"},
		{"tsconfig paths", `
-- main.ts --
import { v } from '#lib/v'
import { w } from 'app/w'
report(v + w)
-- tsconfig.json --
{ "compilerOptions": { "paths": { "app/*": ["./src/*"] } } /* comments are fine */ }
-- package.json --
{ "imports": { "#lib/*": "./lib/*.ts" }, "sideEffects": false }
-- lib/v.ts --
export const v = 'v'
-- src/w.ts --
export const w = 'w'
`, "vw\n"},
		{"built-in modules", `
-- main.js --
import path from 'node:path'
import * as yaml from 'hatchet:yaml'
import { join as named } from 'path'
report(path.join('a', 'b')); report(yaml.parse('y', 'z')); report(require('path').join('c', 'd')); report(named('e', 'f'))
`, "node:path:a/b\nhatchet:yaml:y/z\nnode:path:c/d\nnode:path:e/f\n"},
		{"what a package looks for in a built-in module may be missing", `
-- main.js --
import { sep } from 'pkg'
report(sep)
-- node_modules/pkg/index.js --
import * as path from 'path'
export const sep = typeof path.posix
`, "undefined\n"},
		{"an optional require may be missing", `
-- main.js --
let fs = 'none'
try { fs = require('fs') } catch (e) {}
report(fs)
`, "none\n"},
		{"what a bundle knows of itself", `
-- main.ts --
report(process.env.NODE_ENV + (global === globalThis) + import.meta.url.startsWith('file:///') + import.meta.url.endsWith('/main.ts') + __filename.endsWith('main.ts'))
`, "productiontruetruetruetrue\n"},
		{"names of the host do not clash", `
-- main.js --
const $entry = 1, $own = 2; report($entry + $own); { const $native = 3, $exports = 4; report($native + $exports) }
`, "3\n7\n"},
		{"an empty script", "-- main.js --\n// nothing\n", ""},
		{"a byte order mark and CRLF", "-- main.js --\n\ufeffreport('a')\r\nreport('b')\r\n", "a\nb\n"},
		{"JSX in an imported file", `
-- main.js --
import { v } from './view.tsx'
report(v)
-- view.tsx --
const React = { createElement: (tag: string, props: unknown, ...rest: string[]) => tag + rest.join() }
export const v = <p>it's</p>
`, "pit's\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := folder(t, c.files)
			name := "main.js"
			for _, ext := range []string{"ts", "cjs"} {
				if strings.Contains(c.files, "-- main."+ext+" --") {
					name = "main." + ext
				}
			}
			expect(t, dir, name, c.want)
		})
	}
}

func TestEvaluationsShareAProgramButNoState(t *testing.T) {
	dir := folder(t, "-- main.js --\nlet n = 0\nreport(++n)\nglobalThis.n = (globalThis.n ?? 0) + 1\nreport(globalThis.n)\n")
	b := mustBuild(t, dir, "main.js")
	for range 2 {
		if got, _ := run(t, b); got != "1\n1\n" {
			t.Errorf("got %q", got)
		}
	}
}
