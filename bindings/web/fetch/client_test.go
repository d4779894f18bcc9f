package fetch_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
	"github.com/hatchet-js/hatchet-js-worker/bindings/web/fetch"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// authority signs certificates.
type authority struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	pem  []byte
}

func sign(t *testing.T, template, parent *x509.Certificate, key, signer *ecdsa.PrivateKey) *x509.Certificate {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

var always = x509.Certificate{NotBefore: time.Unix(0, 0), NotAfter: time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	template := always
	template.SerialNumber, template.Subject = big.NewInt(1), pkix.Name{CommonName: "Test Authority"}
	template.IsCA, template.BasicConstraintsValid, template.KeyUsage = true, true, x509.KeyUsageCertSign
	a := &authority{key: newKey(t)}
	a.cert = sign(t, &template, &template, a.key, a.key)
	a.pem = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})
	return a
}

// server has a certificate of the authority.
func (a *authority) server(t *testing.T, change func(*x509.Certificate), handle http.HandlerFunc) *httptest.Server {
	t.Helper()
	template := always
	template.SerialNumber, template.Subject, template.IPAddresses = big.NewInt(2), pkix.Name{CommonName: "server"}, []net.IP{net.IPv4(127, 0, 0, 1)}
	change(&template)
	key := newKey(t)
	cert := sign(t, &template, a.cert, key, a.key)
	s := httptest.NewUnstartedServer(handle)
	s.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{cert.Raw}, PrivateKey: key}}}
	s.EnableHTTP2 = true
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

// get requests a URL as a run that trusts authorities and may reach loopback.
func get(t *testing.T, client *fetch.Client, options permit.Options, request fetch.Request) (status int, body string, err error) {
	t.Helper()
	if options.Rules == nil {
		options.Rules = permit.Rules{permit.Net: {Allow: []string{"127.0.0.1"}}}
	}
	options.Dir = t.TempDir()
	door, err := permit.NewDoor(options)
	if err != nil {
		t.Fatal(err)
	}
	run, ctx := door.Enter(t.Context(), permit.Task{Task: "a"})
	defer client.CloseIdle()
	defer run.Leave()
	ctx, cancel := context.WithCancel(ctx)
	if request.Method == "" {
		request.Method = http.MethodGet
	}
	response, err := client.Do(ctx, request, cancel)
	if err != nil {
		return 0, "", err
	}
	data, err := response.Body.All(1 << 20)
	return response.Status, string(data), err
}

func code(err error) string {
	var failure *fetch.Failure
	if errors.As(err, &failure) {
		return failure.Code
	}
	return ""
}

func TestCertificates(t *testing.T) {
	a, other := newAuthority(t), newAuthority(t)
	say := func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Proto) }
	client := fetch.New(fetch.Options{})
	good := a.server(t, func(*x509.Certificate) {}, say)
	status, body, err := get(t, client, permit.Options{Authorities: a.pem}, fetch.Request{URL: good.URL})
	if err != nil || status != http.StatusOK || body != "HTTP/2.0" {
		t.Errorf("%d %q, %v", status, body, err)
	}
	for _, pem := range [][]byte{nil, other.pem} {
		if _, _, err := get(t, client, permit.Options{Authorities: pem}, fetch.Request{URL: good.URL}); code(err) != "UNABLE_TO_VERIFY_LEAF_SIGNATURE" {
			t.Errorf("an authority that is not trusted: %v", err)
		}
	}
	for want, change := range map[string]func(*x509.Certificate){
		"CERT_HAS_EXPIRED":             func(c *x509.Certificate) { c.NotAfter = time.Unix(1, 0) },
		"ERR_TLS_CERT_ALTNAME_INVALID": func(c *x509.Certificate) { c.IPAddresses, c.DNSNames = nil, []string{"elsewhere.example"} },
	} {
		s := a.server(t, change, say)
		if _, _, err := get(t, client, permit.Options{Authorities: a.pem}, fetch.Request{URL: s.URL}); code(err) != want {
			t.Errorf("%s: %v", want, err)
		}
	}
	if _, err := permit.NewDoor(permit.Options{Dir: "/", Authorities: []byte("no certificate")}); err == nil {
		t.Error("what is no certificate was taken")
	}
}

// A proxy is asked for plain requests as a whole, for others to connect; both
// it and the target must be permitted.
func TestProxies(t *testing.T) {
	a := newAuthority(t)
	tunnels := atomic.Int64{}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect {
			_, _ = io.WriteString(w, "proxied "+r.URL.String())
			return
		}
		tunnels.Add(1)
		far, err := net.Dial("tcp", r.Host)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		near, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(near, "HTTP/1.1 200 OK\r\n\r\n")
		done := make(chan struct{})
		go func() {
			_, _ = io.Copy(far, near)
			_ = far.Close()
			close(done)
		}()
		_, _ = io.Copy(near, far)
		_ = near.Close()
		<-done
	}))
	defer proxy.Close()
	target, _ := url.Parse(proxy.URL)
	client := fetch.New(fetch.Options{Proxy: http.ProxyURL(target)})
	both := permit.Rules{permit.Net: {Allow: []string{"127.0.0.1", "plain.example"}}}
	if _, body, err := get(t, client, permit.Options{Rules: both}, fetch.Request{URL: "http://plain.example/a"}); err != nil || body != "proxied http://plain.example/a" {
		t.Errorf("%q, %v", body, err)
	}
	secure := a.server(t, func(*x509.Certificate) {}, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "tunnelled") })
	if _, body, err := get(t, client, permit.Options{Authorities: a.pem}, fetch.Request{URL: secure.URL}); err != nil || body != "tunnelled" || tunnels.Load() != 1 {
		t.Errorf("%q, %v, %d tunnels", body, err, tunnels.Load())
	}
	for _, allowed := range []string{"plain.example", "127.0.0.1"} {
		refused := &permit.NotCapableError{}
		if _, _, err := get(t, client, permit.Options{Rules: permit.Rules{permit.Net: {Allow: []string{allowed}}}}, fetch.Request{URL: "http://plain.example/a"}); !errors.As(err, &refused) {
			t.Errorf("with %s alone: %v", allowed, err)
		}
	}
}

// A redirect whose body does not come is followed all the same.
func TestRedirectsWithStalledBodies(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/end" {
			_, _ = io.WriteString(w, "end")
			return
		}
		w.Header().Set("Location", "/end")
		w.Header().Set("Content-Length", "10")
		w.WriteHeader(http.StatusFound)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}))
	defer s.Close()
	if _, body, err := get(t, fetch.New(fetch.Options{}), permit.Options{}, fetch.Request{URL: s.URL}); err != nil || body != "end" {
		t.Errorf("%q, %v", body, err)
	}
}

func TestConnectionsThatTakeTooLong(t *testing.T) {
	never := func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	client := fetch.New(fetch.Options{ConnectTimeout: time.Millisecond})
	_, _, err := get(t, client, permit.Options{Dial: never}, fetch.Request{URL: "http://127.0.0.1:9/"})
	if code(err) != "UND_ERR_CONNECT_TIMEOUT" || !strings.Contains(err.Error(), "127.0.0.1:9") {
		t.Error(err)
	}
}

func TestStreamedBodiesAreSentOnce(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, _ := io.ReadAll(r.Body)
		switch r.URL.Path {
		case "/again":
			w.Header().Set("Location", "/end")
			w.WriteHeader(http.StatusTemporaryRedirect)
		case "/drop":
			w.Header().Set("Location", "/end")
			w.WriteHeader(http.StatusSeeOther)
		default:
			_, _ = io.WriteString(w, r.Method+string(data))
		}
	}))
	defer s.Close()
	send := func(path string) (string, error) {
		_, body, err := get(t, fetch.New(fetch.Options{}), permit.Options{}, fetch.Request{
			Method: http.MethodPost, URL: s.URL + path, Stream: io.NopCloser(strings.NewReader("streamed")),
		})
		return body, err
	}
	if body, err := send("/end"); err != nil || body != "POSTstreamed" {
		t.Errorf("%q, %v", body, err)
	}
	if body, err := send("/drop"); err != nil || body != "GET" {
		t.Errorf("%q, %v", body, err)
	}
	if _, err := send("/again"); code(err) != "ERR_STREAMED_BODY" {
		t.Error(err)
	}
}
