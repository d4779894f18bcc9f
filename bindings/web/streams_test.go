package web_test

import "testing"

func TestPipes(t *testing.T) {
	for source, want := range map[string]string{
		`const out = [], upper = new TransformStream({ transform(c, k) { k.enqueue(c.toUpperCase()) }, flush(k) { k.enqueue('!') } })
		 await ReadableStream.from(['a', 'b']).pipeThrough(upper).pipeTo(new WritableStream({ write(c) { out.push(c) }, close() { out.push('closed') } }))
		 return out`: `["A","B","!","closed"]`,
		`let why; const s = new WritableStream({ write() { throw new Error('full') } })
		 try { await new ReadableStream({ pull(c) { c.enqueue(1) }, cancel(r) { why = r } }).pipeTo(s) } catch (e) { return [e.message, why === e] }`: `["full",true]`,
		`const c = new AbortController(); let cancelled; const s = new ReadableStream({ cancel(r) { cancelled = r } }); setTimeout(() => c.abort('enough'), 1)
		 try { await s.pipeTo(new WritableStream(), { signal: c.signal }) } catch (e) { return [e, cancelled, s.locked] }`: `["enough","enough",false]`,
		`const s = new WritableStream({ write: () => new Promise(() => {}) }, new CountQueuingStrategy({ highWaterMark: 2 })), w = s.getWriter()
		 w.write(1); const one = w.desiredSize; w.write(2); return [one, w.desiredSize]`: `[1,0]`,
		`const s = new ReadableStream({ type: 'bytes', pull(c) { const v = c.byobRequest.view; v[0] = 7; v[1] = 8; c.byobRequest.respond(2) } }), r = s.getReader({ mode: 'byob' })
		 const { value } = await r.read(new Uint8Array(4)); return [[...value], value.buffer.byteLength]`: `[[7,8],4]`,
		`const b = new Uint8Array(3), r = new ReadableStream({ type: 'bytes', start(c) { c.enqueue(b) } }).getReader(); const { value } = await r.read(); return [b.length, value.length]`: `[0,3]`,
	} {
		expect(t, source, want)
	}
}

func TestCodingStreams(t *testing.T) {
	const all = `const all = async (s) => { const out = [], r = s.getReader(); for (;;) { const { value, done } = await r.read(); if (done) return out; out.push(value) } }
		const text = 'all work and no play '.repeat(20000), bytes = new TextEncoder().encode(text)
		const through = (input, ...pairs) => pairs.reduce((s, p) => s.pipeThrough(p), ReadableStream.from(input)); `
	for source, want := range map[string]string{
		`const out = []; for (const f of ['gzip', 'deflate', 'deflate-raw']) {
			const packed = await all(through([bytes.subarray(0, 100), bytes.subarray(100)], new CompressionStream(f)))
			out.push(packed.reduce((n, p) => n + p.length, 0) < 5000, (await all(through(packed, new DecompressionStream(f), new TextDecoderStream()))).join('') === text)
		 } return out`: `[true,true,true,true,true,true]`,
		`const packed = await all(through([bytes], new CompressionStream('gzip'))), chunks = await all(through(packed, new DecompressionStream('gzip')))
		 return [chunks.length > 5, Math.max(...chunks.map((c) => c.length))]`: `[true,32768]`,
		`const out = [], packed = new Uint8Array(await new Response(through([bytes], new CompressionStream('gzip'))).arrayBuffer())
		 for (const input of [packed.subarray(0, 50), [...packed, 1], [...packed.subarray(0, -8), 0, 0, 0, 0, 0, 0, 0, 0], [1, 2, 3]]) {
			try { await all(through([new Uint8Array(input)], new DecompressionStream('gzip'))); out.push('none') } catch (e) { out.push(e.name + ': ' + e.message) } } return out`: `["TypeError: decompression failed: the data ends too early","TypeError: decompression failed: there is data after the end","TypeError: decompression failed: gzip: invalid checksum","TypeError: decompression failed: the data ends too early"]`,
		`try { new CompressionStream('zip') } catch (e) { return e.message }`:                                                                                 `"CompressionStream: the format must be one of deflate, deflate-raw, gzip, got \"zip\""`,
		`const d = new DecompressionStream('gzip'); d.writable.getWriter().write(new Uint8Array(9)).catch(() => {}); await d.readable.cancel('no'); return 1`: `1`,
		`return (await all(through(['a\ud83d', '\udca9', 'ü'], new TextEncoderStream()))).map((c) => [...c])`:                                                 `[[97],[240,159,146,169],[195,188]]`,
		`return await all(through([new Uint8Array([0xe2, 0x82]), new Uint8Array([0xac, 0x41])], new TextDecoderStream()))`:                                    `["€A"]`,
		`try { await all(through([new Uint8Array([0xff])], new TextDecoderStream('utf-8', { fatal: true }))) } catch (e) { return e.name }`:                   `"TypeError"`,
	} {
		expect(t, all+source, want)
	}
}
