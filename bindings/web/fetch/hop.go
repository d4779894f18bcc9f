package fetch

import (
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// hop is one request of a chain of redirects.
type hop struct {
	method string
	url    *url.URL
	header http.Header
	body   []byte
	stream io.ReadCloser // read once
	length int64         // of stream; 0 is not known
}

// connectionHeaders are the transport's own affair: what a script says of them
// has no effect.
var connectionHeaders = []string{
	"Connection", "Content-Length", "Expect", "Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
}

// credentialHeaders do not follow a redirect to another origin.
var credentialHeaders = []string{"Authorization", "Cookie", "Cookie2", "Host", "Proxy-Authorization", "Www-Authenticate"}

// bodyHeaders go with a body.
var bodyHeaders = []string{"Content-Encoding", "Content-Language", "Content-Length", "Content-Location", "Content-Type"}

// defaults are sent unless the script says otherwise. All requests share the
// values, which nothing changes.
var defaults = http.Header{"Accept": {"*/*"}, "User-Agent": {"hatchet-js-worker"}, "Accept-Encoding": {"gzip, deflate"}}

func newHop(request Request) (*hop, error) {
	target, err := url.Parse(request.URL)
	if err != nil {
		return nil, failuref("ERR_INVALID_URL", "%v", err)
	}
	h := &hop{method: request.Method, url: target, header: request.Header, body: request.Body, stream: request.Stream, length: request.Length}
	if h.header == nil {
		h.header = http.Header{}
	}
	h.without(connectionHeaders)
	for name, values := range defaults {
		if _, given := h.header[name]; !given {
			h.header[name] = values
		}
	}
	return h, h.check()
}

// check refuses what is not HTTP.
func (h *hop) check() error {
	if h.url.Scheme != "http" && h.url.Scheme != "https" {
		return failuref("ERR_UNSUPPORTED_SCHEME", "the scheme %s: is not supported; http: and https: are", h.url.Scheme)
	}
	if h.url.Hostname() == "" {
		return failuref("ERR_INVALID_URL", "%q names no host", h.url.Redacted())
	}
	return nil
}

// without drops headers, by their canonical names.
func (h *hop) without(names []string) {
	for _, name := range names {
		delete(h.header, name)
	}
}

func (h *hop) address() string { return addressOf(h.url) }

var ports = map[string]string{"http": "80", "https": "443", "socks5": "1080", "socks5h": "1080"}

func addressOf(u *url.URL) string { return net.JoinHostPort(u.Hostname(), portOf(u)) }

func portOf(u *url.URL) string {
	if port := u.Port(); port != "" {
		return port
	}
	return ports[u.Scheme]
}

var redirects = []int{
	http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect,
}

// redirectTarget is where a response leads; nil is nowhere.
func redirectTarget(response *http.Response) (*url.URL, error) {
	location := response.Header.Get("Location")
	if location == "" || !slices.Contains(redirects, response.StatusCode) {
		return nil, nil
	}
	from := response.Request.URL
	target, err := from.Parse(location)
	if err != nil {
		return nil, failuref("ERR_INVALID_URL", "%s redirects to %q, which is no URL", from.Redacted(), location)
	}
	if target.Fragment == "" {
		target.Fragment = from.Fragment
	}
	return target, nil
}

// redirected is the hop that follows, by the rules of the Fetch standard.
func (h *hop) redirected(status int, target *url.URL) (*hop, error) {
	next := &hop{method: h.method, url: target, header: h.header.Clone(), body: h.body}
	post := (status == http.StatusMovedPermanently || status == http.StatusFound) && h.method == http.MethodPost
	other := status == http.StatusSeeOther && h.method != http.MethodGet && h.method != http.MethodHead
	if post || other {
		next.method, next.body = http.MethodGet, nil
		next.without(bodyHeaders)
	} else if h.stream != nil {
		return nil, failuref("ERR_STREAMED_BODY", "%s redirects a request whose body was a stream and cannot be sent again", h.url.Redacted())
	}
	if !strings.EqualFold(h.url.Scheme, target.Scheme) || !strings.EqualFold(h.address(), next.address()) {
		next.without(credentialHeaders)
	}
	return next, next.check()
}
