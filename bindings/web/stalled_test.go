package web_test

import (
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/bindings/builtin/moduletest"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
)

func drip() { <-clock.Real().NewTimer(2 * time.Millisecond).C() }

// What a server may do that takes no end.
var stalling = map[string]struct {
	said  string
	pause func()
}{
	"accepts and never answers":      {"", nil},
	"drips its headers":              {"HTTP/1.1 200 OK\r\nX-A: ", drip},
	"stops in mid-body":              {"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\nbegun", nil},
	"stops in mid-body, of a few":    {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nbegun", nil},
	"drips its body":                 {"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n", drip},
	"drips a body of unknown length": {"HTTP/1.1 200 OK\r\n\r\n", drip},
}

func TestFetchOfServersThatTakeNoEnd(t *testing.T) {
	s := newSite(t, permit.Options{Rules: permit.Rules{permit.Net: {Allow: []string{"127.0.0.1"}}}}, nil)
	const caught = `catch (e) { return [e.name, e.code, e instanceof DOMException] }`
	for name, server := range stalling {
		stalled := moduletest.Stall(t, server.said, server.pause)
		s.expect(t, `/* `+name+` */ try { return await (await fetch('http://`+stalled.Addr+`/', { signal: AbortSignal.timeout(30) })).text() } `+caught, `["TimeoutError",23,true]`)
		stalled.Closed()
	}
	stalled := moduletest.Stall(t, "", nil)
	s.expect(t, `/* never shakes hands */ try { await fetch('https://`+stalled.Addr+`/', { signal: AbortSignal.timeout(30) }) } `+caught, `["TimeoutError",23,true]`)
}

func TestWebSocketOfServersThatTakeNoEnd(t *testing.T) {
	s := newSite(t, permit.Options{Rules: permit.Rules{permit.Net: {Allow: []string{"127.0.0.1"}}}}, nil)
	const left = `const seen = [], s = new WebSocket(url); for (const type of ['open', 'error', 'close']) s.addEventListener(type, (e) => seen.push([type, e.code, e.wasClean]))
		const closed = new Promise((done) => s.addEventListener('close', done)); setTimeout(() => { s.close(); seen.push(s.readyState); s.close() }, 30)
		await closed; await new Promise((done) => setTimeout(done, 20)); return [seen, s.readyState]`
	for said, pause := range map[string]func(){"": nil, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nX-A: ": drip} {
		stalled := moduletest.Stall(t, said, pause)
		s.expect(t, `const url = 'ws://`+stalled.Addr+`/'; `+left, `[[2,["error",null,null],["close",1006,false]],3]`)
		stalled.Closed()
	}
}
