// Package fetch makes HTTP requests for scripts: what the global fetch does
// beneath its objects. Every request, and every hop of a redirect, is asked for
// at the run's door, and so is the address of a connection that another run has
// opened. A request ends with the run, whatever became of its body.
package fetch

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

// Bounds of the pool of connections.
const (
	maxIdle          = 256
	maxIdlePerHost   = 32
	idleTimeout      = 90 * time.Second
	connectTimeout   = 10 * time.Second
	handshakeTimeout = 10 * time.Second
	maxHeaderBytes   = 1 << 20
)

// Options of a [Client]. The zero value is that of a process.
type Options struct {
	// Proxy finds the proxy of a request; nil goes by HTTP_PROXY, HTTPS_PROXY and
	// NO_PROXY.
	Proxy func(*http.Request) (*url.URL, error)
	// ConnectTimeout is how long a connection may take to be made; 0 is ten
	// seconds.
	ConnectTimeout time.Duration
	// Alone has each request use a connection of its own, that ends with it.
	Alone bool
}

// Client keeps a pool of connections that all runs share, one for each set of
// authorities that runs trust. It keeps no cookies. It is safe for concurrent
// use.
type Client struct {
	proxy          func(*http.Request) (*url.URL, error)
	connectTimeout time.Duration
	alone          bool

	mu         sync.Mutex
	transports map[string]*http.Transport // by the ID of the authorities
}

// New makes a client.
func New(opts Options) *Client {
	c := &Client{proxy: opts.Proxy, connectTimeout: opts.ConnectTimeout, alone: opts.Alone, transports: map[string]*http.Transport{}}
	if c.proxy == nil {
		c.proxy = http.ProxyFromEnvironment
	}
	if c.connectTimeout == 0 {
		c.connectTimeout = connectTimeout
	}
	return c
}

// transport is that of what a run trusts.
func (c *Client) transport(trusted *permit.Authorities) *http.Transport {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.transports[trusted.ID()]
	if t == nil {
		t = &http.Transport{
			Proxy: c.proxy, DialContext: c.dial,
			TLSClientConfig:        &tls.Config{RootCAs: trusted.Pool()}, // nil is the system's, or SSL_CERT_FILE
			TLSHandshakeTimeout:    handshakeTimeout,
			ForceAttemptHTTP2:      true,
			DisableCompression:     true, // decoded here, see decoded
			DisableKeepAlives:      c.alone,
			MaxIdleConns:           maxIdle,
			MaxIdleConnsPerHost:    maxIdlePerHost,
			IdleConnTimeout:        idleTimeout,
			MaxResponseHeaderBytes: maxHeaderBytes,
		}
		c.transports[trusted.ID()] = t
	}
	return t
}

func (c *Client) dial(ctx context.Context, network, address string) (net.Conn, error) {
	late := failuref("UND_ERR_CONNECT_TIMEOUT", "connecting to %s takes longer than %s", address, c.connectTimeout)
	ctx, cancel := context.WithTimeoutCause(ctx, c.connectTimeout, late)
	defer cancel()
	conn, err := permit.From(ctx).DialShared(ctx, network, address)
	if err != nil && errors.Is(context.Cause(ctx), late) {
		return nil, late
	}
	return conn, err
}

// CloseIdle closes the connections that no request uses.
func (c *Client) CloseIdle() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, t := range c.transports {
		t.CloseIdleConnections()
	}
}

// Redirect modes, by the names of the Fetch standard.
const (
	Follow = "follow"
	Manual = "manual" // the redirect is the response
	Refuse = "error"
)

// Request is what is to be sent.
type Request struct {
	Method string
	URL    string      // absolute
	Header http.Header // values in Latin-1; the client takes it over
	Body   []byte      // nil is none
	// Stream is a body that is sent as it comes, in the place of Body. It is closed
	// when the request is done with it.
	Stream   io.ReadCloser
	Length   int64  // of Stream, in bytes; 0 is not known
	Redirect string // "" is Follow
}

// Response is what came back. Body must be closed or read to its end; the run's
// end does so otherwise.
type Response struct {
	Status     int
	StatusText string
	Header     http.Header
	URL        string // of the last hop, without a fragment
	Redirected bool
	// Certificate is that of the server, which was checked; nil without TLS.
	Certificate *x509.Certificate
	// Length is how many bytes the body has as it is sent; -1 is not known.
	Length int64
	Body   *Body
}

// maxRedirects is the Fetch standard's.
const maxRedirects = 20

// Do sends a request on behalf of the run that ctx belongs to, and returns when
// the headers of the response are there. ctx is that of the body as well: the
// caller ends it by release, which Do takes over and which is called once the
// body is done with, or by Do itself when it fails; a stream is not read any
// more after it. Errors that stem from the
// network are [*Failure].
func (c *Client) Do(ctx context.Context, request Request, release func()) (*Response, error) {
	if request.Stream != nil {
		// The transport does not return before a read of it does.
		context.AfterFunc(ctx, func() { _ = request.Stream.Close() })
	}
	response, err := c.follow(ctx, request, release)
	if err != nil {
		release()
		return nil, explain(err)
	}
	return response, nil
}

func (c *Client) follow(ctx context.Context, request Request, release func()) (*Response, error) {
	next, err := newHop(request)
	if err != nil {
		return nil, err
	}
	for hops := 0; ; hops++ {
		received, err := c.send(ctx, next)
		if err != nil {
			return nil, err
		}
		target, err := redirectTarget(received)
		if err != nil || target == nil || request.Redirect == Manual {
			return finish(ctx, received, next, hops > 0, release, err)
		}
		discard(ctx, received)
		switch {
		case request.Redirect == Refuse:
			return nil, failuref("ERR_REDIRECT", "%s redirects to %s, and the request says redirect: 'error'", next.url.Redacted(), target.Redacted())
		case hops == maxRedirects:
			return nil, failuref("ERR_TOO_MANY_REDIRECTS", "more than %d redirects, the last to %s", maxRedirects, target.Redacted())
		}
		if next, err = next.redirected(received.StatusCode, target); err != nil {
			return nil, err
		}
	}
}

func finish(ctx context.Context, received *http.Response, last *hop, redirected bool, release func(), err error) (*Response, error) {
	if err != nil {
		discard(ctx, received)
		return nil, err
	}
	body, err := newBody(ctx, received, release)
	if err != nil {
		return nil, err
	}
	at := *last.url
	at.Fragment, at.RawFragment = "", ""
	_, text, _ := cutStatus(received.Status)
	return &Response{
		Status: received.StatusCode, StatusText: text, Header: received.Header,
		URL: at.String(), Redirected: redirected, Certificate: certificateOf(received), Body: body,
		Length: received.ContentLength,
	}, nil
}

func certificateOf(received *http.Response) *x509.Certificate {
	if received.TLS == nil || len(received.TLS.PeerCertificates) == 0 {
		return nil
	}
	return received.TLS.PeerCertificates[0]
}

// cutStatus splits "404 Not Found".
func cutStatus(status string) (code, text string, found bool) {
	if len(status) > 4 {
		return status[:3], status[4:], true
	}
	return status, "", false
}

// drained is how much of a redirect's body is read to keep its connection.
const drained = 4 << 10

// discard reads the rest of a short body, so that its connection is kept, beside
// what goes on: a server may take its time.
func discard(ctx context.Context, response *http.Response) {
	drain := func() {
		_, _ = io.CopyN(io.Discard, response.Body, drained)
		_ = response.Body.Close() // nothing of it is wanted
	}
	if response.ContentLength == 0 || !permit.From(ctx).Go(drain) {
		_ = response.Body.Close()
	}
}

// send sends one hop, after asking the door.
func (c *Client) send(ctx context.Context, h *hop) (*http.Response, error) {
	run := permit.From(ctx)
	if response, ok, err := h.double(ctx, run); ok || err != nil {
		return response, err
	}
	if err := run.Reach(ctx, h.address()); err != nil {
		return nil, h.refused(err)
	}
	if err := run.Count(ctx, permit.Fetches, 1); err != nil {
		return nil, err
	}
	span := h.span(ctx, run)
	response, err := c.exchange(ctx, h, run, span)
	if err != nil {
		span.End(err)
	}
	return response, err
}

// exchange sends one hop that is permitted. With a response, span ends when the
// body is closed.
func (c *Client) exchange(ctx context.Context, h *hop, run *permit.Run, span *permit.Span) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	host := "" // known before a connection is
	guard := &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) { checkPeer(ctx, cancel, info.Conn, host) }}
	request, err := h.request(httptrace.WithClientTrace(ctx, guard))
	if err != nil {
		cancel(nil)
		return nil, err
	}
	span.Propagate(request)
	if host, err = c.peer(ctx, request, h); err != nil {
		cancel(nil)
		return nil, err
	}
	response, err := c.transport(run.Authorities()).RoundTrip(request)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil && ctx.Err() != nil {
			err = cause
		}
		cancel(nil)
		return nil, err
	}
	answered(span, response)
	response.Body = &endingBody{response.Body, cancel, span}
	return run.Exchanged(ctx, request, response)
}

// double has the test's double answer, if there is one for the request.
func (h *hop) double(ctx context.Context, run *permit.Run) (*http.Response, bool, error) {
	if !run.Tested() {
		return nil, false, nil
	}
	request, err := h.request(ctx)
	if err != nil {
		return nil, false, err
	}
	return run.Exchange(ctx, request)
}

// refused says in a test's refusal what was to be sent.
func (h *hop) refused(err error) error {
	var refused *permit.NotCapableError
	if errors.As(err, &refused) {
		refused.Request = h.method + " " + h.url.Redacted()
	}
	return err
}

// endingBody ends the hop's context and span with its body.
type endingBody struct {
	io.ReadCloser
	cancel context.CancelCauseFunc
	span   *permit.Span
}

func (b *endingBody) Close() error {
	defer b.cancel(nil)
	defer b.span.End(nil)
	return b.ReadCloser.Close()
}

// peer is the host that a connection for the request leads to: a proxy, which
// is asked for as well, or the target.
func (c *Client) peer(ctx context.Context, request *http.Request, h *hop) (string, error) {
	proxy, err := c.proxy(request)
	if err != nil || proxy == nil {
		return h.url.Hostname(), err
	}
	return proxy.Hostname(), permit.From(ctx).Reach(ctx, addressOf(proxy))
}

// checkPeer asks the door about the address of a connection before anything is
// written to it: another run may have opened it. A refusal ends the request.
func checkPeer(ctx context.Context, cancel context.CancelCauseFunc, conn net.Conn, host string) {
	addr, err := addressAt(conn)
	if err == nil {
		err = permit.From(ctx).ReachAddr(ctx, addr, host)
	}
	if err == nil {
		return
	}
	cancel(err)
	// HTTP/1 would go on to write; HTTP/2 looks at the context first, and its
	// connection has requests of others.
	if secure, ok := conn.(*tls.Conn); !ok || secure.ConnectionState().NegotiatedProtocol != "h2" {
		_ = conn.Close()
	}
}

// addressAt is where a connection leads to.
func addressAt(conn net.Conn) (netip.AddrPort, error) {
	if tcp, ok := conn.RemoteAddr().(*net.TCPAddr); ok {
		at := tcp.AddrPort()
		return netip.AddrPortFrom(at.Addr().Unmap(), at.Port()), nil
	}
	return netip.ParseAddrPort(conn.RemoteAddr().String())
}

// request makes the request of a hop.
func (h *hop) request(ctx context.Context) (*http.Request, error) {
	var body io.Reader
	switch {
	case h.stream != nil:
		body = h.stream
	case h.body != nil:
		body = bytes.NewReader(h.body)
	}
	request, err := http.NewRequestWithContext(ctx, h.method, "", body)
	if err != nil {
		return nil, errors.Join(failuref("ERR_INVALID_URL", "%s cannot be requested", h.url.Redacted()), err)
	}
	at := *h.url // parsed already
	at.Host = strings.TrimSuffix(at.Host, ":")
	request.URL, request.Host = &at, at.Host
	if h.stream != nil && h.length > 0 {
		request.ContentLength = h.length
	}
	request.Header = h.header
	if host := h.header.Get("Host"); host != "" {
		request.Host = host
	}
	return request, nil
}
