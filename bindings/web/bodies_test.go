package web_test

import "testing"

func TestHeaders(t *testing.T) {
	for source, want := range map[string]string{
		`const h = new Headers({ B: '2', a: 1 }); h.append('b', ' 3\t'); h.set('c', 'x'); return [[...h], h.get('B'), h.has('d'), h.get('d')]`:                                                                                                                                                          `[[["a","1"],["b","2, 3"],["c","x"]],"2, 3",false,null]`,
		`const h = new Headers([['set-cookie', 'a'], ['set-cookie', 'b']]); h.append('x', 'y'); h.delete('X'); return [[...h], h.getSetCookie(), h.get('set-cookie')]`:                                                                                                                                  `[[["set-cookie","a"],["set-cookie","b"]],["a","b"],"a, b"]`,
		`const out = []; new Headers(new Headers({ q: 'w' })).forEach((v, k) => out.push(k, v)); return [out, [...new Headers({ a: 'b' }).keys()], [...new Headers(new Map([['m', 'n']])).values()]]`:                                                                                                   `[["q","w"],["a"],["n"]]`,
		`const out = []; for (const f of [() => new Headers({ 'a b': '' }), () => new Headers({ a: 'x\ny' }), () => new Headers({ a: '€' }), () => new Headers([['a']]), () => new Headers(null), () => new Headers('a')]) { try { f(); out.push('none') } catch (e) { out.push(e.name) } } return out`: `["TypeError","TypeError","TypeError","TypeError","TypeError","TypeError"]`,
	} {
		expect(t, source, want)
	}
}

func TestRequestsAndResponses(t *testing.T) {
	for source, want := range map[string]string{
		`const r = new Response('a', { status: 201, statusText: 'Made', headers: { x: 'y' } }); return [r.status, r.ok, r.statusText, [...r.headers], r.type, r.url, await r.text()]`:                                                                                                                                                                      `[201,true,"Made",[["content-type","text/plain;charset=UTF-8"],["x","y"]],"default","","a"]`,
		`const r = Response.json({ a: 1 }, { status: 202 }); return [r.status, r.headers.get('content-type'), await r.json()]`:                                                                                                                                                                                                                             `[202,"application/json",{"a":1}]`,
		`const r = Response.error(); return [r.type, r.status, r.ok, Response.redirect('http://a/b', 307).headers.get('location')]`:                                                                                                                                                                                                                        `["error",0,false,"http://a/b"]`,
		`const r = new Response(); return [r.body, await r.text(), r.bodyUsed, (await new Response().arrayBuffer()).byteLength]`:                                                                                                                                                                                                                           `[null,"",false,0]`,
		`const r = new Response(new ReadableStream({ start(c) { c.enqueue(new Uint8Array([97])); c.enqueue('b'); c.close() } })), c = r.clone(); return [await r.text(), await c.text()]`:                                                                                                                                                                  `["ab","ab"]`,
		`const r = new Response('abc'), reader = r.body.getReader(); const one = await reader.read(), two = await reader.read(); return [[...one.value], two.done, r.bodyUsed]`:                                                                                                                                                                            `[[97,98,99],true,true]`,
		`const r = new Response('abc'); r.body; return await r.text()`:                                                                                                                                                                                                                                                                                     `"abc"`,
		`const b = new Uint8Array([1]), r = new Response(b); b[0] = 2; const c = r.clone(), x = await r.bytes(); x[0] = 3; return [...await c.bytes()]`:                                                                                                                                                                                                    `[1]`,
		`const f = await new Response('a=1&a=%C3%A4', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }).formData(); return f.getAll('a')`:                                                                                                                                                                                              `["1","ä"]`,
		`const q = new Request('http://a/', { method: 'post', headers: { a: 'b' }, body: 'x' }), p = new Request(q, { method: 'put' }); return [q.bodyUsed, p.method, p.headers.get('a'), await p.text(), p.signal.aborted, p.cache]`:                                                                                                                      `[true,"PUT","b","x",false,"default"]`,
		`const c = new AbortController(), q = new Request('http://a/', { signal: c.signal }); c.abort(); return [q.signal.aborted, new Request(q).signal.aborted]`:                                                                                                                                                                                         `[true,true]`,
		`const out = []; for (const f of [() => new Response('', { status: 99 }), () => new Response('a', { status: 204 }), () => Response.redirect('http://a', 200), () => Response.json(undefined), () => new Request(), () => new Request('http://a', { redirect: 'x' })]) { try { f(); out.push('none') } catch (e) { out.push(e.name) } } return out`: `["RangeError","TypeError","RangeError","TypeError","TypeError","TypeError"]`,
		`const out = []; for (const [body, type] of [['x', 'text/plain'], ['x', 'multipart/form-data'], ['x', 'multipart/form-data; boundary=b']]) { try { await new Response(body, { headers: { 'content-type': type } }).formData() } catch (e) { out.push(e.name) } } return out`:                                                                       `["TypeError","TypeError","TypeError"]`,
	} {
		expect(t, source, want)
	}
}

func TestBlobsAndForms(t *testing.T) {
	for source, want := range map[string]string{
		`const b = new Blob(['hä', new Uint8Array([33]).buffer, 5], { type: 'A/B' }), s = b.slice(1, -1, 'c/d'); return [b.size, b.type, await b.text(), s.size, s.type, await s.text(), await b.slice(-1).text()]`:                                                           `[5,"a/b","hä!5",3,"c/d","ä!","5"]`,
		`const f = new File(['x'], 'n.txt', { lastModified: 7 }); return [f.name, f.size, f.lastModified, f instanceof Blob, f.type]`:                                                                                                                                         `["n.txt",1,7,true,""]`,
		`const b = new Blob(['a\r\nb\n'], { endings: 'native' }); return [await b.text(), [...new Uint8Array(await b.arrayBuffer())].length, (await b.stream().getReader().read()).value.length]`:                                                                             `["a\nb\n",4,4]`,
		`const f = new FormData(); f.append('a', 1); f.append('a', 2); f.append('b', 'x'); f.set('a', 3); f.set('c', 'y'); f.delete('b'); const out = []; f.forEach((v, k) => out.push(k + v)); return [[...f], f.get('a'), f.has('b'), out, [...f.keys()], [...f.values()]]`: `[[["a","3"],["c","y"]],"3",false,["a3","cy"],["a","c"],["3","y"]]`,
		`const f = new FormData(); f.append('f', new Blob(['x']), 'n'); const v = f.get('f'); return [v instanceof File, v.name]`:                                                                                                                                             `[true,"n"]`,
		`const out = []; for (const f of [() => new Blob('text'), () => new File(['x']), () => new FormData({}), () => new FormData().append('a'), () => new FormData().append('a', 'b', 'c')]) { try { f(); out.push('none') } catch (e) { out.push(e.name) } } return out`:  `["TypeError","TypeError","TypeError","TypeError","TypeError"]`,
	} {
		expect(t, source, want)
	}
}

func TestReadableStreams(t *testing.T) {
	const all = `const all = async (s) => { const out = [], i = s[Symbol.asyncIterator](); for (;;) { const { value, done } = await i.next(); if (done) return out; out.push(value) } }; `
	for source, want := range map[string]string{
		`let n = 0; return await all(new ReadableStream({ pull(c) { n++; if (n > 3) c.close(); else c.enqueue(n) } }))`:                                                                                                                             `[1,2,3]`,
		`return await all(ReadableStream.from([1, Promise.resolve(2)]))`:                                                                                                                                                                            `[1,2]`,
		`const s = new ReadableStream({ start(c) { c.enqueue(1); c.error('bad') } }); try { await all(s) } catch (e) { return [e, s.locked] }`:                                                                                                      `["bad",false]`,
		`const s = new ReadableStream({ async pull() { throw 'later' } }); try { await s.getReader().read() } catch (e) { return e }`:                                                                                                               `"later"`,
		`let why; const s = new ReadableStream({ cancel(r) { why = r } }), r = s.getReader(); const read = r.read(); await r.cancel('done'); return [why, (await read).done, await r.closed]`:                                                       `["done",true,null]`,
		`const [a, b] = ReadableStream.from(['x', 'y']).tee(); return [await all(b), await all(a)]`:                                                                                                                                                 `[["x","y"],["x","y"]]`,
		`let why; const [a, b] = new ReadableStream({ cancel(r) { why = r } }).tee(); a.cancel(1); await b.cancel(2); return why`:                                                                                                                   `[1,2]`,
		`const s = new ReadableStream(), r = s.getReader(); try { s.getReader() } catch (e) { r.releaseLock(); return [e.name, s.locked, await r.read().catch((x) => x.name)] }`:                                                                    `["TypeError",false,"TypeError"]`,
		`const c = await new Promise((r) => new ReadableStream({ start: r }, { highWaterMark: 2 })); const out = [c.desiredSize]; c.enqueue(1); out.push(c.desiredSize); c.close(); try { c.enqueue(2) } catch (e) { out.push(e.name) } return out`: `[2,1,"TypeError"]`,
	} {
		expect(t, all+source, want)
	}
}
