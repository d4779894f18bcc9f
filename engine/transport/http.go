package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// HTTP is the client for the server's REST face (hatchet-protocol.md section
// 6.10). It puts the token on requests to the server, and on no others.
func (c *Conn) HTTP() *http.Client { return c.http }

// URL is the REST address of path, which begins with "/".
func (c *Conn) URL(path string) (string, error) {
	if c.config.ServerURL == "" {
		return "", errors.New("no server URL: the token names none; set HATCHET_CLIENT_SERVER_URL to the server's REST address")
	}
	return c.config.ServerURL + path, nil
}

func (c *Conn) newHTTP() (*http.Client, error) {
	base := http.DefaultTransport.(*http.Transport).Clone()
	if dial := c.options.HTTPDialer; dial != nil {
		base.Proxy = nil
		base.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx) }
	}
	if c.config.TLS.Strategy != TLSNone {
		config, err := c.config.TLS.config()
		if err != nil {
			return nil, err
		}
		// The name and the floor are those of the gRPC address.
		config.ServerName, config.MinVersion = "", 0
		base.TLSClientConfig = config
	}
	return &http.Client{Transport: &authorized{conn: c, base: base}}, nil
}

// authorized puts the token on requests to the server and explains failures.
type authorized struct {
	conn *Conn
	base *http.Transport
}

func (a *authorized) RoundTrip(request *http.Request) (*http.Response, error) {
	if a.conn.isServer(request.URL) {
		request = request.Clone(request.Context())
		request.Header.Set("Authorization", "Bearer "+a.conn.config.Token)
	}
	response, err := a.base.RoundTrip(request)
	if err != nil {
		return nil, unreachable(request.Context(), request.URL, err)
	}
	return response, nil
}

// CloseIdleConnections is found by http.Client through its method name.
func (a *authorized) CloseIdleConnections() { a.base.CloseIdleConnections() }

// isServer reports whether u is on the configured server.
func (c *Conn) isServer(u *url.URL) bool {
	server, err := url.Parse(c.config.ServerURL)
	return err == nil && server.Host != "" && server.Scheme == u.Scheme && strings.EqualFold(server.Host, u.Host)
}

// unreachable gives a failed REST exchange the code that a failed call has.
func unreachable(ctx context.Context, u *url.URL, err error) error {
	if ctx.Err() != nil {
		return ended(ctx, err)
	}
	message := fmt.Sprintf("the server at %s cannot be reached (%v)", u.Host, err)
	tls := false
	if mistake := tlsMistake(u.Host, err.Error()); mistake != "" {
		message, tls = mistake, true
	}
	return &Error{Code: codes.Unavailable, Message: message, tls: tls, status: status.Error(codes.Unavailable, err.Error())}
}
