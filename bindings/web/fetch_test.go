package web_test

import (
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
	"github.com/hatchet-js/hatchet-js-worker/bindings/value"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
	"github.com/hatchet-js/hatchet-js-worker/bindings/web"
)

// site is a server and a VM whose scripts may reach what options say.
type site struct {
	*httptest.Server
	vm   *vm.VM
	door *permit.Door
}

func newSite(t testing.TB, options permit.Options, handle http.HandlerFunc) *site {
	t.Helper()
	s := &site{Server: httptest.NewServer(handle), vm: vm.New(vm.Options{})}
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
		web.CloseIdleConnections()
	})
	if options.Rules == nil {
		options.Rules = permit.Rules{permit.Net: {Allow: []string{s.Listener.Addr().String()}}}
	}
	options.Dir = t.TempDir()
	var err error
	if s.door, err = permit.NewDoor(options); err != nil {
		t.Fatal(err)
	}
	if _, err := web.Install(s.vm); err != nil {
		t.Fatal(err)
	}
	if err := value.Install(s.vm); err != nil {
		t.Fatal(err)
	}
	if err := s.vm.Runtime().Set("site", s.URL); err != nil {
		t.Fatal(err)
	}
	return s
}

// run evaluates the body of an async function as a run of the task a, and
// returns its result as JSON.
func (s *site) run(ctx context.Context, source string) (string, error) {
	run, ctx := s.door.Enter(ctx, permit.Task{Workflow: "w", Task: "a", Run: "r"})
	defer run.Leave()
	result := ""
	err := s.vm.Run(ctx, vm.Call{
		Start: func() (goja.Value, error) {
			return s.vm.Runtime().RunScript("test.js", "(async () => {\n"+source+"\n})().then((v) => JSON.stringify(v))")
		},
		Settle: func(v goja.Value) error { result = v.String(); return nil },
	})
	return result, err
}

func (s *site) expect(t *testing.T, source, want string) {
	t.Helper()
	if got, err := s.run(t.Context(), source); err != nil || got != want {
		t.Errorf("%s\ngave %s, %v; want %s", source, got, err, want)
	}
}

// echo answers with what was asked.
func echo(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("X-Method", r.Method)
	w.Header().Set("X-Type", r.Header.Get("Content-Type"))
	w.Header().Set("X-Given", r.Header.Get("X-Given"))
	w.Header().Add("Set-Cookie", "a=1")
	w.Header().Add("Set-Cookie", "b=2")
	_, _ = w.Write(body)
}

func TestFetchSendsAndReceives(t *testing.T) {
	s := newSite(t, permit.Options{}, echo)
	for source, want := range map[string]string{
		`const r = await fetch(site + '/a?b=c#d'); return [r.ok, r.status, r.statusText, r.url === site + '/a?b=c', r.redirected, r.type, r.headers.get('X-METHOD'), r.headers.getSetCookie(), await r.text(), r.bodyUsed]`: `[true,200,"OK",true,false,"basic","GET",["a=1","b=2"],"",true]`,
		`const r = await fetch(site, { method: 'post', body: 'hällo', headers: { 'X-Given': 'ü' } }); return [r.headers.get('x-method'), r.headers.get('x-type'), r.headers.get('x-given'), await r.text()]`:                `["POST","text/plain;charset=UTF-8","ü","hällo"]`,
		`const r = await fetch(new Request(site, { method: 'PUT', body: new URLSearchParams({ a: '1', b: 'x y' }) })); return [r.headers.get('x-method'), r.headers.get('x-type'), await r.text()]`:                         `["PUT","application/x-www-form-urlencoded;charset=UTF-8","a=1&b=x+y"]`,
		`const r = await fetch(site, { method: 'POST', body: JSON.stringify({ a: [1, 2] }), headers: { 'content-type': 'application/json' } }); return [r.headers.get('x-type'), await r.json()]`:                           `["application/json",{"a":[1,2]}]`,
		`const r = await fetch(site, { method: 'PATCH', body: new Uint16Array([1, 258]).subarray(1) }); return [r.headers.get('x-method'), r.headers.get('x-type'), [...await r.bytes()]]`:                                  `["PATCH","",[2,1]]`,
		`const r = await fetch(site, { method: 'POST', body: new Blob(['a', new Blob(['b'])], { type: 'Text/X' }) }); return [r.headers.get('x-type'), new TextDecoder().decode(await r.arrayBuffer())]`:                    `["text/x","ab"]`,
		`const f = new FormData(); f.append('a', 'line\nä'); f.append('f', new File(['data'], 'x "y".txt', { type: 'text/plain' })); f.append('b', new Blob([new Uint8Array([0, 255])]))
		 const r = await fetch(site, { method: 'POST', body: f }); const copy = new Response(await r.bytes(), { headers: { 'content-type': r.headers.get('x-type') } })
		 const g = await copy.formData(); return [g.get('a'), g.get('f').name, g.get('f').type, await g.get('f').text(), g.get('b').name, [...await g.get('b').bytes()]]`: `["line\r\nä","x %22y%22.txt","text/plain","data","blob",[0,255]]`,
		`const r = await fetch(site, { method: 'POST', duplex: 'half', body: { [Symbol.asyncIterator]() { let n = 0; return { async next() { return n++ < 3 ? { value: 'c' + n, done: false } : { value: undefined, done: true } } } } } }); return await r.text()`: `"c1c2c3"`,
		`const r = await fetch(site, { method: 'POST', body: 'abc' }), c = r.clone(); return [await r.text(), await c.text(), c.url === r.url]`:                                                                                                                     `["abc","abc",true]`,
		`const q = new Request(site, { method: 'POST', body: 'abc' }), c = q.clone(); return [await (await fetch(q)).text(), q.bodyUsed, await (await fetch(c)).text()]`:                                                                                            `["abc",true,"abc"]`,
		`const r = await fetch(site, { method: 'POST', body: 'a=1&b=2' }); return (await r.blob()).size`:                                                                                                                                                            `7`,
		`const r = await fetch(site, { method: 'HEAD' }); return [r.body, await r.text()]`:                                                                                                                                                                          `[null,""]`,
		`const r = await fetch(site, { method: 'POST', body: 'x' }); await r.text(); try { await r.text() } catch (e) { return [e.name, e.message] }`:                                                                                                               `["TypeError","Body is unusable: Body has already been read"]`,
		`const r = await fetch(site, { method: 'POST', body: 'no' }); try { await r.json() } catch (e) { return e.name }`:                                                                                                                                           `"SyntaxError"`,
		`const r = await fetch(site, { method: 'POST', body: new Uint8Array([0xef, 0xbb, 0xbf, 0x61, 0xff]) }); return await r.text()`:                                                                                                                              `"a�"`,
		`const r = await fetch(site); try { r.headers.set('a', 'b') } catch (e) { return e.name }`:                                                                                                                                                                  `"TypeError"`,
		`const r = await fetch(site, { method: 'POST', body: 'x'.repeat(200000) }); const reader = r.body.getReader(); let n = 0; for (;;) { const { value, done } = await reader.read(); if (done) break; n += value.length } return [n, r.bodyUsed]`:              `[200000,true]`,
	} {
		s.expect(t, source, want)
	}
}

func TestFetchDecodes(t *testing.T) {
	s := newSite(t, permit.Options{}, func(w http.ResponseWriter, r *http.Request) {
		coding := strings.TrimPrefix(r.URL.Path, "/")
		w.Header().Set("Content-Encoding", strings.TrimSuffix(coding, "-bare"))
		var z io.WriteCloser
		switch coding {
		case "gzip":
			z = gzip.NewWriter(w)
		case "deflate":
			z = zlib.NewWriter(w)
		case "deflate-bare":
			z, _ = flate.NewWriter(w, flate.BestSpeed)
		default:
			_, _ = io.WriteString(w, "not "+coding)
			return
		}
		_, _ = io.WriteString(z, strings.Repeat(coding, 1000))
		_ = z.Close()
	})
	s.expect(t, `const out = []; for (const c of ['gzip', 'deflate', 'deflate-bare', 'br']) out.push((await (await fetch(site + '/' + c)).text()).slice(0, 12)); return out`,
		`["gzipgzipgzip","deflatedefla","deflate-bare","not br"]`)
	bad := newSite(t, permit.Options{}, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = io.WriteString(w, "this is no gzip at all")
	})
	bad.expect(t, `try { await (await fetch(site)).text() } catch (e) { return [e instanceof TypeError, e.message, e.cause.code] }`, `[true,"terminated","Z_DATA_ERROR"]`)
}

func TestFetchFollowsRedirects(t *testing.T) {
	other := newSite(t, permit.Options{}, func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, "%s %q %q", r.Method, r.Header.Get("Authorization"), r.Header.Get("X-Kept"))
	})
	var here *site
	handler := func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/other":
			http.Redirect(w, r, other.URL, http.StatusFound)
		case "/same":
			http.Redirect(w, r, "end", http.StatusMovedPermanently)
		case "/keep":
			http.Redirect(w, r, "end", http.StatusTemporaryRedirect)
		case "/file":
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		default:
			body, _ := io.ReadAll(r.Body)
			_, _ = fmt.Fprintf(w, "%s %s %q %q", r.Method, body, r.Header.Get("Authorization"), r.Header.Get("Content-Type"))
		}
	}
	here = newSite(t, permit.Options{Rules: permit.Rules{permit.Net: {Allow: []string{"127.0.0.1"}}}}, handler)
	for source, want := range map[string]string{
		`const r = await fetch(site + '/same', { method: 'POST', body: 'b', headers: { authorization: 'me' } }); return [r.redirected, r.url === site + '/end', await r.text()]`: `[true,true,"GET  \"me\" \"\""]`,
		`const r = await fetch(site + '/keep', { method: 'POST', body: 'b' }); return await r.text()`:                                                                            `"POST b \"\" \"text/plain;charset=UTF-8\""`,
		`const r = await fetch(site + '/other', { headers: { authorization: 'me', 'x-kept': 'k' } }); return await r.text()`:                                                     `"GET \"\" \"k\""`,
		`const r = await fetch(site + '/same', { redirect: 'manual' }); return [r.status, r.headers.get('location'), r.redirected]`:                                              `[301,"/end",false]`,
		`try { await fetch(site + '/same', { redirect: 'error' }) } catch (e) { return [e.message, e.cause.code] }`:                                                              `["fetch failed","ERR_REDIRECT"]`,
		`try { await fetch(site + '/loop') } catch (e) { return [e.message, e.cause.code] }`:                                                                                     `["fetch failed","ERR_TOO_MANY_REDIRECTS"]`,
		`try { await fetch(site + '/file') } catch (e) { return [e.message, e.cause.code] }`:                                                                                     `["fetch failed","ERR_UNSUPPORTED_SCHEME"]`,
	} {
		here.expect(t, source, want)
	}
	narrow := newSite(t, permit.Options{}, handler)
	got, err := narrow.run(t.Context(), "return await fetch(site + '/other')")
	refused := &permit.NotCapableError{}
	if !errors.As(err, &refused) || refused.Target != other.Listener.Addr().String() || refused.Place.String() != "test.js:2" {
		t.Errorf("%s, %v", got, err)
	}
}

func TestFetchIsRefusedWithoutAGrant(t *testing.T) {
	asked := atomic.Int64{}
	s := newSite(t, permit.Options{Rules: permit.Rules{}}, func(http.ResponseWriter, *http.Request) { asked.Add(1) })
	address := s.Listener.Addr().String()
	_, err := s.run(t.Context(), "\nawait fetch(site)")
	refused := &permit.NotCapableError{}
	if !errors.As(err, &refused) || !refused.NonRetryable() || refused.Place.String() != "test.js:3" {
		t.Errorf("%v", err)
	}
	s.expect(t, `try { await fetch(site) } catch (e) { return [e.name, e.code, e.message] }`,
		fmt.Sprintf(`["NotCapable","EACCES","Requires net access to \"%s\" (loopback addresses need an entry of their own), run again with --allow-net=127.0.0.1"]`, address))
	if asked.Load() != 0 {
		t.Error("the server was asked")
	}
}

func TestFetchErrors(t *testing.T) {
	s := newSite(t, permit.Options{Rules: permit.Rules{permit.Net: {Allow: []string{"127.0.0.1", "nowhere.invalid"}}}, Resolver: nobody{}},
		func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/half" {
				w.Header().Set("Content-Length", "100")
				_, _ = io.WriteString(w, "half")
				_ = http.NewResponseController(w).Flush()
			}
			panic(http.ErrAbortHandler)
		})
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	for url, want := range map[string]string{
		"http://" + closed.Addr().String(): "ECONNREFUSED", "http://nowhere.invalid": "ENOTFOUND", secure.URL: "DEPTH_ZERO_SELF_SIGNED_CERT",
		strings.Replace(s.URL, "http:", "https:", 1): "ERR_SSL_WRONG_VERSION_NUMBER", s.URL: "ECONNRESET", "ftp://127.0.0.1/": "ERR_UNSUPPORTED_SCHEME",
	} {
		s.expect(t, `try { await fetch('`+url+`') } catch (e) { return [e instanceof TypeError, e.message, e.cause instanceof Error, e.cause.code, e.stack.includes('test.js:2')] }`,
			`[true,"fetch failed",true,"`+want+`",true]`)
	}
	s.expect(t, `const r = await fetch(site + '/half'); try { await r.text() } catch (e) { return [e.message, e.cause.code] }`, `["terminated","ECONNRESET"]`)
	s.expect(t, `const out = []; for (const f of [() => fetch('/relative'), () => fetch('http://u:p@a/'), () => fetch(site, { body: 'x' }), () => fetch(site, { method: 'TRACE' }), () => fetch(site, { signal: {} }), () => fetch(site, { headers: { 'a b': 'c' } })]) {
		try { await f() } catch (e) { out.push(e.name) } } return out`, `["TypeError","TypeError","TypeError","TypeError","TypeError","TypeError"]`)
}

// nobody resolves nothing.
type nobody struct{}

func (nobody) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
}
