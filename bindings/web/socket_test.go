package web_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/coder/websocket"

	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

// chat sends back what it gets, and goes by the path otherwise.
type chat struct{ over chan string }

func (c *chat) handle(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/no" {
		http.Error(w, "no", http.StatusForbidden)
		return
	}
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"b"}})
	if err != nil {
		return
	}
	defer func() { _ = conn.CloseNow() }()
	conn.SetReadLimit(1 << 20)
	switch r.URL.Path {
	case "/bye":
		_ = conn.Close(4001, "bye")
		return
	case "/big":
		_ = conn.Write(r.Context(), websocket.MessageBinary, make([]byte, 2000))
	case "/gone":
		return
	}
	for {
		kind, data, err := conn.Read(context.Background())
		if err != nil {
			c.over <- r.URL.Path
			return
		}
		_ = conn.Write(r.Context(), kind, data)
	}
}

const talk = `const ws = (path, ...rest) => new WebSocket(site.replace('http', 'ws') + path, ...rest), next = (t, type) => new Promise((r) => t.addEventListener(type, r, { once: true })); `

func TestWebSocket(t *testing.T) {
	c := &chat{make(chan string, 10)}
	s := newSite(t, permit.Options{}, c.handle)
	for source, want := range map[string]string{
		`const s = ws('/', ['a', 'b']), states = [s.readyState]; await next(s, 'open'); states.push(s.readyState); s.send('hällo'); const first = await next(s, 'message')
		 s.binaryType = 'arraybuffer'; s.send(new Uint8Array([1, 2])); const { data } = await next(s, 'message'); s.close(3000, 'done'); const end = await next(s, 'close')
		 return [states, s.protocol, first.data, first.origin === site.replace('http', 'ws'), [...new Uint8Array(data)], end.wasClean, end.code, end.reason, s.readyState, s.bufferedAmount]`: `[[0,1],"b","hällo",true,[1,2],true,3000,"done",3,0]`,
		`const s = ws('/'); s.onopen = () => s.send(new Blob(['blob'])); const { data } = await next(s, 'message'); s.close(); return [data instanceof Blob, await data.text()]`:                                                             `[true,"blob"]`,
		`const { code, reason, wasClean } = await next(ws('/bye'), 'close'); return [code, reason, wasClean]`:                                                                                                                                `[4001,"bye",true]`,
		`const s = ws('/no'), e = await next(s, 'error'), c = await next(s, 'close'); return [e.error.code, c.code, c.wasClean]`:                                                                                                             `["ERR_UNEXPECTED_RESPONSE",1006,false]`,
		`const s = ws('/gone'), e = await next(s, 'error'), c = await next(s, 'close'); return [e.error.code, c.code]`:                                                                                                                       `["ECONNRESET",1006]`,
		`const s = ws('/'); s.close(); return [s.readyState, (await next(s, 'close')).code]`:                                                                                                                                                 `[2,1006]`,
		`const out = []; for (const f of [() => new WebSocket('x'), () => new WebSocket('ftp://a'), () => ws('/', 'a b'), () => ws('/').send('early'), () => ws('/').close(999)]) { try { f() } catch (e) { out.push(e.name) } } return out`: `["SyntaxError","SyntaxError","SyntaxError","InvalidStateError","InvalidAccessError"]`,
		`return [WebSocket.OPEN, new CloseEvent('close', { code: 5 }).code, new MessageEvent('m', { data: 1 }).data]`:                                                                                                                        `[1,5,1]`,
	} {
		s.expect(t, talk+source, want)
	}
	s.expect(t, talk+`await next(ws('/left'), 'open'); return 1`, `1`)
	for <-c.over != "/left" { // its end is the run's
	}
}

func TestWebSocketKeepsToPermissionsAndLimits(t *testing.T) {
	c := &chat{make(chan string, 10)}
	s := newSite(t, permit.Options{Limits: permit.Limits{FetchBody: 1000, Fetches: 2}}, c.handle)
	s.expect(t, talk+`const { error } = await next(ws('/big'), 'error'); return error.code`, `"ERR_MESSAGE_TOO_BIG"`)
	s.expect(t, talk+`await next(ws('/bye'), 'close'); await next(ws('/bye'), 'close'); const { error } = await next(ws('/bye'), 'error'); return error.name`, `"FetchLimitExceeded"`)
	s = newSite(t, permit.Options{Rules: permit.Rules{}}, c.handle)
	_, err := s.run(t.Context(), talk+"\nawait next(ws('/'), 'close')")
	refused := &permit.NotCapableError{}
	if !errors.As(err, &refused) || refused.Place.String() != "test.js:2" {
		t.Errorf("%v", err)
	}
	s.expect(t, talk+`const { error } = await next(ws('/'), 'error'); return error.name`, `"NotCapable"`)
}

func TestEventSource(t *testing.T) {
	asked := atomic.Int64{}
	s := newSite(t, permit.Options{}, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/text" {
			_, _ = io.WriteString(w, "no events")
			return
		}
		w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
		_, _ = fmt.Fprintf(w, "retry: 1\n\n: note\nid: %d\ndata: one\ndata:  two\r\n\r\nevent: other\rdata: ü%s\r\r", asked.Add(1), r.Header.Get("Last-Event-ID"))
		_ = http.NewResponseController(w).Flush()
		if r.URL.Path == "/stay" {
			<-r.Context().Done()
		}
	})
	const read = `const seen = [], watch = (path) => { const s = new EventSource(site + path); for (const t of ['open', 'message', 'other', 'error']) s.addEventListener(t, (e) => seen.push(t === 'error' ? t : [t, e.data, e.lastEventId])); return s }
		const until = (n) => new Promise((go) => { const look = () => seen.length >= n ? go() : setTimeout(look, 1); look() }); `
	s.expect(t, read+`const s = watch('/'); await until(6); s.close(); return [seen.slice(0, 6), s.readyState]`,
		`[[["open",null,null],["message","one\n two","1"],["other","ü","1"],"error",["open",null,null],["message","one\n two","2"]],2]`)
	s.expect(t, read+`const s = watch('/stay'); await until(3); return [seen.length, s.readyState]`, `[3,1]`)
	s.expect(t, read+`const s = watch('/text'); await until(1); return [seen, s.readyState]`, `[["error"],2]`)
	s.expect(t, `try { new EventSource('nowhere') } catch (e) { return e.name }`, `"SyntaxError"`)
	refusing := newSite(t, permit.Options{Rules: permit.Rules{}}, http.NotFound)
	refused := &permit.NotCapableError{}
	if _, err := refusing.run(t.Context(), `new EventSource(site); await new Promise((go) => setTimeout(go, 1000))`); !errors.As(err, &refused) {
		t.Errorf("%v", err)
	}
}
