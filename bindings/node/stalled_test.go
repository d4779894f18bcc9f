package node_test

import (
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/bindings/builtin/moduletest"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

func TestHTTPOfServersThatTakeNoEnd(t *testing.T) {
	m := moduletest.New(t, permit.Options{Rules: permit.Rules{permit.Net: {Allow: []string{"127.0.0.1"}}}})
	const ask = `const ask = (module, url, options) => new Promise((done) => {
  const q = require(module).get(url, options, (r) => { r.resume(); r.on('error', (e) => done([e.name, e.code])) })
  q.on('timeout', () => q.destroy()); q.on('error', (e) => done([e.name, e.code]))
}); `
	half := "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegun"
	for _, c := range []struct{ what, said, scheme, options, want string }{
		{"never answers, timeout", "", "http", `{ timeout: 30 }`, `["Error","ECONNRESET"]`},
		{"never answers, signal", "", "http", `{ signal: AbortSignal.timeout(30) }`, `["AbortError","ABORT_ERR"]`},
		{"stops in mid-body, signal", half, "http", `{ signal: AbortSignal.timeout(30) }`, `["AbortError","ABORT_ERR"]`},
	} {
		stalled := moduletest.Stall(t, c.said, nil)
		m.Expect(t, "/* "+c.what+" */ "+ask+`return await ask('node:`+c.scheme+`', '`+c.scheme+`://`+stalled.Addr+`/', `+c.options+`)`, c.want)
		stalled.Closed()
	}
}
