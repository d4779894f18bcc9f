package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/url"
	"sync/atomic"

	"github.com/coder/websocket"

	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

// Socket is an open WebSocket, which belongs to the run. One goroutine reads and
// one writes; Close may come from another.
type Socket struct {
	// Protocol is what the server has chosen of those that were offered; "" is
	// none.
	Protocol string

	conn      *websocket.Conn
	transport *http.Transport
	owned     *permit.Owned

	closing atomic.Pointer[closed] // nil until Close is called
}

// closed is a closing that is under way.
type closed struct {
	done chan struct{} // closed when it is over
	err  *ClosedError  // nil: not in good order
}

// SocketRequest says where to open a WebSocket.
type SocketRequest struct {
	URL       string // ws: or wss:
	Protocols []string
	Header    http.Header
	// MaxMessage is the size in bytes of the longest message that is read.
	MaxMessage int64
}

// Open opens a WebSocket on behalf of the run that ctx belongs to. Errors that
// stem from the network are [*Failure].
func (c *Client) Open(ctx context.Context, request SocketRequest) (*Socket, error) {
	target, err := url.Parse(request.URL)
	if err != nil {
		return nil, failuref("ERR_INVALID_URL", "%v", err)
	}
	run := permit.From(ctx)
	if err := run.Reach(ctx, addressOf(target)); err != nil {
		return nil, err
	}
	if err := run.Count(ctx, permit.Fetches, 1); err != nil {
		return nil, err
	}
	s := &Socket{transport: &http.Transport{
		Proxy: c.proxy, DialContext: c.dial, TLSClientConfig: &tls.Config{RootCAs: run.Authorities().Pool()},
		TLSHandshakeTimeout: handshakeTimeout, MaxResponseHeaderBytes: maxHeaderBytes,
		// HTTP/2 knows no upgrade.
		TLSNextProto: map[string]func(string, *tls.Conn) http.RoundTripper{},
	}}
	if err := c.reachProxy(ctx, target); err != nil {
		return nil, err
	}
	conn, response, err := websocket.Dial(ctx, request.URL, &websocket.DialOptions{
		HTTPClient:   &http.Client{Transport: s.transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		Subprotocols: request.Protocols, HTTPHeader: request.Header,
	})
	if err != nil {
		s.transport.CloseIdleConnections()
		if response != nil && response.StatusCode != http.StatusSwitchingProtocols {
			return nil, failuref("ERR_UNEXPECTED_RESPONSE", "%s answered with the status %d instead of opening a WebSocket", target.Redacted(), response.StatusCode)
		}
		return nil, explain(err)
	}
	conn.SetReadLimit(request.MaxMessage)
	s.conn, s.Protocol = conn, conn.Subprotocol()
	if s.owned, err = run.Own(closing(s.closeNow)); err != nil {
		return nil, err
	}
	return s, nil
}

// reachProxy asks the door about the proxy that leads to a target.
func (c *Client) reachProxy(ctx context.Context, target *url.URL) error {
	like := *target
	like.Scheme = map[string]string{"ws": "http", "wss": "https"}[target.Scheme]
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, like.String(), nil)
	if err != nil {
		return failuref("ERR_INVALID_URL", "%v", err)
	}
	proxy, err := c.proxy(request)
	if err != nil || proxy == nil {
		return err
	}
	return permit.From(ctx).Reach(ctx, addressOf(proxy))
}

type closing func() error

func (f closing) Close() error { return f() }

func (s *Socket) closeNow() error {
	err := s.conn.CloseNow()
	s.transport.CloseIdleConnections()
	return err
}

// Message is a text or bytes.
type Message struct {
	Text bool
	Data []byte
}

// ClosedError says that a WebSocket was closed in good order.
type ClosedError struct {
	Code   int
	Reason string
}

func (e *ClosedError) Error() string { return "the WebSocket is closed" }

// Read waits for a message. Errors: [*ClosedError], [*Failure], that of ctx.
func (s *Socket) Read(ctx context.Context) (Message, error) {
	kind, data, err := s.conn.Read(ctx)
	if err == nil {
		return Message{Text: kind == websocket.MessageText, Data: data}, nil
	}
	ended := ctx.Err()
	var told websocket.CloseError
	isTold := errors.As(err, &told)
	if mine := s.closing.Load(); mine != nil && !isTold {
		<-mine.done // it takes a few seconds at most
		if mine.err != nil {
			return Message{}, mine.err
		}
	}
	_ = s.owned.Close() // it is over
	switch {
	case isTold:
		return Message{}, &ClosedError{int(told.Code), told.Reason}
	case ended != nil:
		return Message{}, ended
	case errors.Is(err, websocket.ErrMessageTooBig):
		return Message{}, failuref("ERR_MESSAGE_TOO_BIG", "a message is larger than what a run may hold in memory")
	case errors.Is(err, io.EOF):
		return Message{}, failuref("ECONNRESET", "the connection ended without being closed")
	}
	return Message{}, explain(err)
}

// Write sends a message.
func (s *Socket) Write(ctx context.Context, m Message) error {
	kind := websocket.MessageBinary
	if m.Text {
		kind = websocket.MessageText
	}
	if err := s.conn.Write(ctx, kind, m.Data); err != nil {
		return explain(err)
	}
	return nil
}

// Close closes in good order: it waits for the other side for a few seconds.
// Read tells how it ended. It is called once.
func (s *Socket) Close(code int, reason string) {
	c := &closed{done: make(chan struct{})}
	s.closing.Store(c)
	if s.conn.Close(websocket.StatusCode(code), reason) == nil {
		c.err = &ClosedError{code, reason}
	}
	close(c.done)
}
