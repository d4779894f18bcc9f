package vm_test

import "testing"

func TestTheLanguageIsComplete(t *testing.T) {
	for source, want := range map[string]string{
		`return [..."héllo wörld".matchAll(new RegExp('\\p{L}+', 'gu'))].join()`:                            "héllo,wörld",
		`return new RegExp('^[\\p{Lu}\\d]+$', 'u').test('ÀB1') + '' + new RegExp('\\P{L}', 'u').test('a')`:  "truefalse",
		`return new RegExp('\\p{Script=Greek}', 'u').test('λ')`:                                             "true",
		`return new RegExp('a+', 'g') instanceof RegExp && /x/.constructor === RegExp`:                      "true",
		`return JSON.stringify(Object.groupBy([1, 2, 3], (n) => (n % 2 ? 'odd' : 'even')))`:                 `{"odd":[1,3],"even":[2]}`,
		`return [1, 2, 3, 4].values().filter((n) => n % 2).map((n) => n * 10).toArray().join()`:             "10,30",
		`const { promise, resolve } = Promise.withResolvers(); setTimeout(resolve, 1, 'r'); return promise`: "r",
		`const a = { d: new Date(5), m: new Map([[1, { x: 1 }]]) }; a.self = a; const b = structuredClone(a);
		return b.self === b && b.d.getTime() === 5 && b.m.get(1).x === 1 && b.m !== a.m`: "true",
		`try { structuredClone(() => 1) } catch (e) { return e.name }`:                                                                                          "DataCloneError",
		`return (await Array.fromAsync([1, Promise.resolve(2)])).join()`:                                                                                        "1,2",
		`return new Function('a', 'b', 'return a + b')(1, 2) + (0, eval)('1 + 1')`:                                                                              "5",
		`return (async () => {}).constructor('return 7')() instanceof Promise`:                                                                                  "true",
		`return String(Symbol.asyncIterator === Symbol.for('Symbol.asyncIterator'))`:                                                                            "true",
		`return 'x'.isWellFormed() + '' + '\ud800'.isWellFormed()`:                                                                                              "truefalse",
		`return new ArrayBuffer(8).byteLength + [].concat([1]).length + new Uint8Array(3).length`:                                                               "12",
		`return RegExp.escape('a.b') !== 'a.b' && new RegExp(RegExp.escape('a.b')).test('a.b')`:                                                                 "true",
		`return [].values().map.name + ('map' in [].values()) + Object.hasOwn(Iterator.prototype, 'filter') + Object.keys(Iterator.prototype).length`:           "maptruefalse0",
		`Iterator.prototype.some = () => 'mine'; return [].values().some() + [1].values().every((x) => x)`:                                                      "minetrue",
		`class Count extends Iterator { n = 0; next() { return { done: this.n > 2, value: this.n++ } } } return new Count().map((x) => x * 2).toArray().join()`: "0,2,4",
		`try { new Iterator() } catch (e) { return e.name }`:                                                                                                    "TypeError",
		`return new WeakRef(globalThis).deref() === globalThis && new FinalizationRegistry(() => {}).unregister() === false`:                                    "true",
		`WeakRef = 5; return WeakRef + typeof Object.getOwnPropertyDescriptor(globalThis, 'WeakRef').value`:                                                     "5number",
		`try { null.x } catch (e) { Error.captureStackTrace(e); return e.stack.split('\n')[1] }`:                                                                "    at test.js:2:51",
		`const e = { name: 'A', message: 'm' }; function hidden() { Error.captureStackTrace(e, hidden) } function shown() { hidden() } shown(); const lines = e.stack.split('\n'); return lines[0] + lines[1].trim().split(' ')[1]`:        "A: mshown",
		`Error.prepareStackTrace = (error, sites) => sites; try { const o = {}; Error.captureStackTrace(o); const [at] = o.stack; return at.getFileName() + at.getLineNumber() + at.isEval() } finally { delete Error.prepareStackTrace }`: "test.js2false",
		`return String(new WeakRef({})) + new FinalizationRegistry(() => {})`:                                                  "[object WeakRef][object FinalizationRegistry]",
		`return /(?<y>\d+)/.exec('12').groups.y + new RegExp('[[a-z]--[b]]+', 'gv').exec('bac') + new RegExp('a', 'iv').flags`: "12aciv",
		`try { return new RegExp('a', 'd') } catch (e) { return e.name + e.message.slice(0, 30) }`:                             "SyntaxErrorthe regular expression flag d ",
		`let gets = 0, closed = 0; const it = { __proto__: Iterator.prototype, get next() { gets++; let n = 0; return () => ({ done: n === 2, value: n++ }) }, return() { closed++; return {} } };
		 return [it.map((x) => x + 1).toArray(), it.take(1).toArray(), it.some((x) => x === 0), gets, closed].join('|')`: "1,2|0|true|3|2",
		`const o = structuredClone(JSON.parse('{"__proto__":{"x":1}}')); return Object.keys(o) + o.x`:                                                                                                   "__proto__undefined",
		`return Array.prototype.fill.length + Array.prototype.fill.name + [1, 2].fill(3) + 'ab'.repeat(2)`:                                                                                              "1fill3,3abab",
		`class R extends RegExp {} const r = new R('a', 'g'); return r instanceof R && r.constructor === R && 'xax'.split(r).join()`:                                                                    "x,x",
		`const r = /a/; return RegExp(r).source === "a" && new RegExp(r) !== r && new RegExp(r, 'g').flags === 'g'`:                                                                                     "true",
		`class B extends ArrayBuffer {} return new B(4).slice(1).byteLength + '' + (new B(1) instanceof B)`:                                                                                             "3true",
		`class S extends Array { get last() { return this.at(-1) } } const s = new S(1, 2, 3).map((x) => x * 2); return s.last + '' + s.length + (s instanceof S) + Array.isArray(s)`:                   "63truetrue",
		`return Array(3).length + '' + new Array(1, 2).length + Array('x')[0] + Array.of(7)[0] + Array.from('ab').join() + Array.from([1, 2], (x) => x + 1)`:                                            "32x7a,b2,3",
		`return [].constructor === Array && [] instanceof Array && Array.isArray(new Array(2)) && Array.length === 1 && Array.name === 'Array' && Array[Symbol.species] !== undefined`:                  "true",
		`try { new Array(-1) } catch (e) { return e.name + Array.from.call(Object, [1]).constructor.name }`:                                                                                             "RangeErrorObject",
		`return Uint8Array.from('123', Number).join() + Uint16Array.from(new Set([4])).join()`:                                                                                                          "1,2,34",
		`const a = new Uint8Array([1, 2]).buffer, b = a.transfer(3), c = structuredClone({ b }, { transfer: [b] }); return [a.detached, a.byteLength, b.detached, c.b.byteLength, c.b.detached].join()`: "true,0,true,3,false",
		`const a = new ArrayBuffer(2); try { structuredClone({ a, f() {} }, { transfer: [a] }) } catch (e) { return e.name + a.detached }`:                                                              "DataCloneErrorfalse",
		`return Function('return this')() === undefined || Function.prototype.constructor === Function`:                                                                                                 "true",
	} {
		expect(t, source, want)
	}
}
