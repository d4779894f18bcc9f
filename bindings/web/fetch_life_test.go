package web_test

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
	"github.com/hatchet-js/hatchet-js-worker/bindings/web"
)

// slow is a server that sends at most a beginning and then nothing until the
// request is over. /arrived answers once a request for /headers is there.
type slow struct {
	arrived, over chan string
}

func newSlow() *slow { return &slow{make(chan string, 10), make(chan string, 10)} }

func (s *slow) handle(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/arrived":
		select {
		case <-s.arrived:
		case <-r.Context().Done():
		}
		return
	case "/headers":
		s.arrived <- r.URL.Path
	default:
		_, _ = io.WriteString(w, "begun")
		_ = http.NewResponseController(w).Flush()
	}
	<-r.Context().Done()
	s.over <- r.URL.Path
}

// until waits until the request for a path is over at the server.
func (s *slow) until(path string) {
	for <-s.over != path {
	}
}

func TestFetchIsAborted(t *testing.T) {
	server := newSlow()
	s := newSite(t, permit.Options{}, server.handle)
	s.expect(t, `try { await fetch(site, { signal: AbortSignal.abort('before') }) } catch (e) { return e }`, `"before"`)
	s.expect(t, `const c = new AbortController(); fetch(site + '/arrived').then(() => c.abort()); try { await fetch(site + '/headers', { signal: c.signal }) } catch (e) { return [e.name, e === c.signal.reason] }`, `["AbortError",true]`)
	server.until("/headers")
	s.expect(t, `try { await fetch(site + '/headers', { signal: AbortSignal.timeout(1) }) } catch (e) { return e.name }`, `"TimeoutError"`)
	s.expect(t, `const c = new AbortController(), r = await fetch(site + '/body', { signal: c.signal }); setTimeout(() => c.abort('body'), 1); try { await r.text() } catch (e) { return e }`, `"body"`)
	server.until("/body")
	s.expect(t, `const c = new AbortController(), r = await fetch(site + '/chunk', { signal: c.signal }), reader = r.body.getReader()
		const first = new TextDecoder().decode((await reader.read()).value); c.abort('chunk'); try { await reader.read() } catch (e) { return [first, e] }`, `["begun","chunk"]`)
	server.until("/chunk")
	s.expect(t, `const r = await fetch(site + '/left'), i = r.body[Symbol.asyncIterator](); await i.next(); await i.return(); return 1`, `1`)
	server.until("/left")
}

func TestFetchEndsWithTheRun(t *testing.T) {
	server := newSlow()
	s := newSite(t, permit.Options{}, server.handle)
	s.expect(t, `await fetch(site + '/unread'); return 1`, `1`)
	server.until("/unread")
	s.expect(t, `const r = await fetch(site + '/part'); await r.body.getReader().read(); return 1`, `1`)
	server.until("/part")
	s.expect(t, `fetch(site + '/headers').catch(() => {}); await fetch(site + '/arrived'); return 1`, `1`)
	server.until("/headers")
	ctx, cancel := context.WithCancel(t.Context())
	if err := s.vm.Runtime().Set("end", func(goja.FunctionCall) goja.Value { cancel(); return goja.Undefined() }); err != nil {
		t.Fatal(err)
	}
	if got, err := s.run(ctx, `const r = await fetch(site + '/body'); setTimeout(end, 1); return await r.text()`); !errors.Is(err, context.Canceled) {
		t.Errorf("%s, %v", got, err)
	}
	server.until("/body")
}

func TestFetchReusesConnections(t *testing.T) {
	dialed := atomic.Int64{}
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		dialed.Add(1)
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}
	s := newSite(t, permit.Options{Dial: dial}, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"a":1}`) })
	s.expect(t, `let sum = 0; for (let i = 0; i < 1000; i++) sum += (await (await fetch(site)).json()).a; return sum`, `1000`)
	// Go's transport lets go of a connection whose writer took longer than 50 ms to
	// report, which a busy machine does now and then: few, not one.
	if n := dialed.Load(); n > 10 {
		t.Errorf("%d connections were made for 1000 requests", n)
	}
}

// named is a connection that claims to lead to an address of its own.
type named struct {
	net.Conn
	at net.Addr
}

func (n named) RemoteAddr() net.Addr { return n.at }

// fixed resolves every name to one address.
type fixed netip.Addr

func (f fixed) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	return []netip.Addr{netip.Addr(f)}, nil
}

func TestFetchChecksTheAddressOfAConnectionThatAnotherRunOpened(t *testing.T) {
	asked := atomic.Int64{}
	s := newSite(t, permit.Options{}, func(http.ResponseWriter, *http.Request) { asked.Add(1) })
	private := netip.MustParseAddr("10.1.2.3")
	open := func(allowed ...string) *permit.Door {
		door, err := permit.NewDoor(permit.Options{
			Dir: t.TempDir(), Rules: permit.Rules{permit.Net: {Allow: allowed}}, Resolver: fixed(private),
			Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
				conn, err := (&net.Dialer{}).DialContext(ctx, network, s.Listener.Addr().String())
				return named{conn, net.TCPAddrFromAddrPort(netip.MustParseAddrPort(address))}, err
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		return door
	}
	const source = `return (await fetch('http://inside.example/')).status`
	s.door = open("inside.example", "10.0.0.0/8")
	s.expect(t, source, `200`)
	s.door = open("inside.example")
	got, err := s.run(t.Context(), source)
	refused := &permit.NotCapableError{}
	if !errors.As(err, &refused) || refused.Target != "10.1.2.3:80" || asked.Load() != 1 {
		t.Errorf("%s, %v after %d requests", got, err, asked.Load())
	}
}

func TestFetchKeepsToTheLimits(t *testing.T) {
	s := newSite(t, permit.Options{Limits: permit.Limits{Fetches: 3, FetchBody: 1000}}, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(make([]byte, 1001))
	})
	for source, limit := range map[string]string{
		`await (await fetch(site)).text()`: "fetchBody", `await (await fetch(site)).clone().text()`: "fetchBody",
		`for (let i = 0; i < 4; i++) await fetch(site)`: "fetches",
	} {
		_, err := s.run(t.Context(), source)
		exceeded := &permit.LimitError{}
		if !errors.As(err, &exceeded) || exceeded.Limit != limit || exceeded.Name != "FetchLimitExceeded" || exceeded.Place.Line != 2 {
			t.Errorf("%s: %v", source, err)
		}
	}
	s.expect(t, `const i = (await fetch(site)).body[Symbol.asyncIterator](); let n = 0; for (;;) { const { value, done } = await i.next(); if (done) return n; n += value.length }`, `1001`)
}

func TestFetchSendsStreamsAsTheyCome(t *testing.T) {
	s := newSite(t, permit.Options{}, func(w http.ResponseWriter, r *http.Request) {
		first := make([]byte, 5)
		_, _ = io.ReadFull(r.Body, first)
		if r.URL.Path == "/early" {
			_, _ = io.WriteString(w, "early")
			return
		}
		rest, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		_, _ = io.WriteString(w, string(first)+"|"+string(rest)+"|"+r.Header.Get("Content-Length"))
	})
	const post = `const post = (path, body) => fetch(site + path, { method: 'POST', body, duplex: 'half' }); `
	s.expect(t, post+`return await (await post('/', ReadableStream.from(['first', 'second']))).text()`, `"first|second|"`)
	s.expect(t, post+`const other = await post('/', ReadableStream.from(['first', 'second'])); return await (await post('/', other.body)).text()`, `"first||second||"`)
	s.expect(t, post+`let ended; const endless = new ReadableStream({ async pull(c) { await 0; c.enqueue(new Uint8Array(65536)) }, cancel() { ended = true } })
		const r = await post('/early', endless); const text = await r.text(); while (!ended) await new Promise((go) => setTimeout(go)); return text`, `"early"`)
	s.expect(t, post+`try { await post('/', new ReadableStream({ pull() { throw new Error('no more') } })) } catch (e) { return [e.message, e.cause.message] }`, `["fetch failed","no more"]`)
	s.expect(t, post+`const c = new AbortController(); setTimeout(() => c.abort('enough'), 5); try { await fetch(site, { method: 'POST', body: new ReadableStream(), signal: c.signal }) } catch (e) { return e }`, `"enough"`)
}

// A body without an end is not read into memory for ever, in whatever coding.
func TestFetchBoundsBodiesWithoutALimit(t *testing.T) {
	s := newSite(t, permit.Options{}, func(w http.ResponseWriter, r *http.Request) {
		out := io.Writer(w)
		if r.URL.Path == "/gzip" {
			w.Header().Set("Content-Encoding", "gzip")
			out = gzip.NewWriter(w)
		}
		zeros := make([]byte, 1<<20)
		for {
			if _, err := out.Write(zeros); err != nil {
				return
			}
		}
	})
	s.vm = vm.New(vm.Options{MaxBytes: 4 << 20})
	if _, err := web.Install(s.vm); err != nil {
		t.Fatal(err)
	}
	if err := s.vm.Runtime().Set("site", s.URL); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/", "/gzip"} {
		_, err := s.run(t.Context(), `await (await fetch(site + '`+path+`')).text()`)
		exceeded := &permit.LimitError{}
		if !errors.As(err, &exceeded) || exceeded.Limit != "fetchBody" || !strings.Contains(exceeded.Text, "4194304 bytes; read its body in pieces") {
			t.Errorf("%v", err)
		}
	}
}
