package glue_test

import (
	"encoding/pem"
	"io"
	"net/http/httptest"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

// serveS3 starts a server with the bucket reports.
func serveS3(t testing.TB, secure bool) *httptest.Server {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket("reports"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(gofakes3.New(backend, gofakes3.WithLogger(gofakes3.DiscardLog())).Server())
	if secure {
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	return server
}

func TestObjects(t *testing.T) {
	server := serveS3(t, true)
	m, _ := granted(t, permit.Rules{permit.Net: allow("127.0.0.1")}, func(o *permit.Options) { o.Limits.FetchBody = 100_000 })
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	options := "{ endpoint: '" + server.URL + "', bucket: 'reports', accessKeyId: 'app', secretAccessKey: 'secret-of-app', ca: `" + string(ca) + "` }"
	head := "const { open } = require('hatchet:s3'); const b = open(" + options + "); " + each
	m.Expect(t, head+`const r = await b.put('a/1.txt', 'héllo', { contentType: 'text/plain', metadata: { Run: '17' } }); return [r.size, r.etag.length]`, `[6,32]`)
	m.Expect(t, head+`const d = await b.get('a/1.txt'); return [d.toString(), Buffer.isBuffer(d)]`, `["héllo",true]`)
	m.Expect(t, head+`const h = await b.head('a/1.txt'); return [h.key, h.size, h.contentType, h.metadata, h.lastModified instanceof Date]`, `["a/1.txt",6,"text/plain",{"Run":"17"},true]`)
	m.Expect(t, head+`await b.put('a/2.bin', Buffer.from([0, 255])); await b.put('b', new Uint8Array(3)); return [(await b.list('a/')).map((o) => o.key + o.size), (await b.list()).length, (await b.list('', { limit: 2 })).length]`, `[["a/1.txt6","a/2.bin2"],3,2]`)
	m.Expect(t, head+`await b.delete('b'); await b.delete('b'); return fails(b.get('b'))`, `["S3Error","NoSuchKey"]`)
	m.Expect(t, head+`try { await b.head('b') } catch (e) { return [e.code, e.status] }`, `["NoSuchKey",404]`)
	m.Expect(t, head+`return fails(open({ ...`+options+`, bucket: 'none' }).list())`, `["S3Error","NoSuchBucket"]`)
	m.Expect(t, head+`return fails(open({ ...`+options+`, endpoint: 'http://127.0.0.1:1' }).get('a'))`, `["S3Error","ECONNREFUSED"]`)
	// Pieces in, in more than one part, and out.
	m.Expect(t, head+`const piece = 'x'.repeat(1 << 20); let n = 0; const pieces = { async next() { return n++ < 9 ? { value: piece, done: false } : { done: true } }, [Symbol.asyncIterator]() { return this } }
const r = await b.put('big', pieces); let size = 0, some = 0; for (const s = b.stream('big'); ;) { const p = await s.next(); if (p.done) break; size += p.value.length; some++ }
return [r.size, size, some > 9]`, `[9437184,9437184,true]`)
	m.Expect(t, head+`const s = b.stream('big'); await s.next(); await s.return(); const left = b.stream('big'); await left.next(); return 1`, `1`)
	m.Expect(t, head+`return fails(b.get('big'))`, `["FetchLimitExceeded",null]`)
	m.Expect(t, head+`const bad = { n: 0, async next() { if (this.n++) throw new RangeError('no more'); return { value: 'x', done: false } }, [Symbol.asyncIterator]() { return this } }; return [await fails(b.put('bad', bad)), await fails(b.head('bad'))]`, `[["RangeError",null],["S3Error","NoSuchKey"]]`)
	m.Expect(t, head+`return fails(open({ ...`+options+`, bucket: 'none' }).put('x', ['a', 'b']))`, `["S3Error","NoSuchBucket"]`)

	signed, err := m.Run(t.Context(), head+`globalThis.signed = await b.presign('a/1.txt', { expires: '1m' }); return signed`)
	if err != nil {
		t.Fatal(err)
	}
	response, err := server.Client().Get(signed[1 : len(signed)-1])
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if text, err := io.ReadAll(response.Body); err != nil || response.StatusCode != 200 || string(text) != "héllo" {
		t.Errorf("%s gives %d %q, %v", signed, response.StatusCode, text, err)
	}
	m.Refused(t, head+`open({ endpoint: 's3.example.com', bucket: 'b' })`, `TypeError: s3.open: endpoint must be a URL such as https://s3.eu-central-1.amazonaws.com`)
	closed, _ := granted(t, nil)
	closed.Refused(t, `await require('hatchet:s3').open({ endpoint: 'https://s3.example.com', bucket: 'reports' }).get('a')`, `NotCapable: Requires net access to "s3.example.com:443", run again with --allow-net=s3.example.com`)
}
