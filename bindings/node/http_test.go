package node_test

import (
	"compress/gzip"
	"crypto/sha1"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/bindings/builtin/moduletest"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
	"github.com/hatchet-js/hatchet-js-worker/bindings/web"
)

// site answers the requests of the tests.
func site(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		user, password, _ := r.BasicAuth()
		_, _ = fmt.Fprintf(w, "%s %s %s %s %s:%s %s", r.Method, r.URL.RequestURI(), r.Header.Get("Content-Type"), r.Header.Get("X-A"), user, password, body)
	})
	mux.HandleFunc("/status/404", http.NotFound)
	mux.HandleFunc("/headers", func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["X-Multi"], w.Header()["Set-Cookie"] = []string{"a", "b"}, []string{"a=1", "b=2"}
		w.Header().Set("X-One", "1")
	})
	mux.HandleFunc("/redirect", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/echo", http.StatusFound) })
	mux.HandleFunc("/slow", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	mux.HandleFunc("/head", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "5") })
	mux.HandleFunc("/big", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 1<<20)) })
	mux.HandleFunc("/turns", func(w http.ResponseWriter, r *http.Request) {
		out := http.NewResponseController(w)
		_ = out.EnableFullDuplex()
		for buffer := make([]byte, 64<<10); ; {
			n, err := r.Body.Read(buffer)
			_, _ = w.Write(buffer[:n])
			_ = out.Flush()
			if err != nil {
				return
			}
		}
	})
	mux.HandleFunc("/size", func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		_, _ = fmt.Fprint(w, n, " ", r.ContentLength, " ", r.TransferEncoding, " ", err)
	})
	mux.HandleFunc("/gzip", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = z.Write([]byte("unpacked"))
		_ = z.Close()
	})
	server := httptest.NewServer(mux)
	t.Cleanup(func() {
		web.CloseIdleConnections()
		server.CloseClientConnections()
		server.Close()
	})
	return server.URL
}

// The client of node:http does as Node's does, to the same server.
func TestHTTPAsNodeDoes(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("nothing is compared with Node: it is not installed")
	}
	show, err := os.ReadFile("testdata/differential/show.js")
	if err != nil {
		t.Fatal(err)
	}
	before, snippets := readSnippets(t, "testdata/http.txt")
	compare(t, node, string(show), "const site = '"+site(t)+"'\n"+before, snippets)
}

func TestHTTPGoesThroughTheDoor(t *testing.T) {
	url := site(t)
	m := moduletest.New(t, permit.Options{Rules: permit.Rules{permit.Net: {Allow: []string{strings.TrimPrefix(url, "http://")}}}})
	ask := "const http = require('http'); const ask = (u) => new Promise((d, r) => http.get(u, (res) => { let s = ''; res.on('data', (c) => { s += c }); res.on('end', () => d([s, res.headers['content-encoding'] ?? null])) }).on('error', r)); "
	m.Expect(t, ask+`return await ask('`+url+`/gzip')`, `["unpacked",null]`)
	m.Refused(t, ask+`return await ask('http://127.0.0.1:1/')`, `NotCapable: Requires net access to "127.0.0.1:1" (loopback addresses need an entry of their own), run again with --allow-net=127.0.0.1`)
	m.Refused(t, ask+`http.get({ rejectUnauthorized: false })`, `TypeError: http: certificates are always checked: leave rejectUnauthorized out, and name the authority in authorities of hatchet-js.json`)
	m.Refused(t, `require('https').createServer()`, `TypeError: node:https has no createServer here; a worker takes no requests: it is given tasks; trigger a workflow by an event or by Hatchet's API instead`)
	// What is under way ends with the run.
	m.Expect(t, ask+`http.get('`+url+`/slow').on('error', () => {}); return 1`, `1`)
}

func TestCertificatesOfServers(t *testing.T) {
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(func() {
		web.CloseIdleConnections()
		secure.Close()
	})
	c := secure.Certificate()
	m := moduletest.New(t, permit.Options{
		Rules: permit.Rules{permit.Net: {Allow: []string{"127.0.0.1"}}}, Authorities: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}),
	})
	first := sha1.Sum(c.Raw)
	m.Expect(t, `const https = require('https')
const c = await new Promise((done, fail) => https.get('`+secure.URL+`', (r) => { r.resume(); done(r.socket.getPeerCertificate()) }).on('error', fail))
return [c.subject, c.subjectaltname, Date.parse(c.valid_to), c.fingerprint.replaceAll(':', '').toLowerCase(), c.raw.length, https.request('`+secure.URL+`').socket.getPeerCertificate()]`,
		fmt.Sprintf(`[{"O":"Acme Co"},"DNS:example.com, DNS:*.example.com, IP Address:127.0.0.1, IP Address:::1",%d,"%x",%d,{}]`, c.NotAfter.UnixMilli(), first, len(c.Raw)))
	m.Expect(t, `return new Promise((done) => require('https').get('`+strings.Replace(secure.URL, "127.0.0.1", "localhost", 1)+`').on('error', (e) => done([e.name, e.code])))`, `["NotCapable","EACCES"]`)
}
