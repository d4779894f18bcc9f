package transport

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/keepalive"
)

// Options of a connection. The zero value of each field has a meaning.
type Options struct {
	Clock  clock.Clock  // nil = the real one
	Logger *slog.Logger // nil = none
	// Rand returns numbers in [0, 1) and is safe for concurrent use; nil = a
	// random source.
	Rand func() float64
	// Called is told of each attempt of a unary call: the method, as in
	// "v1.AdminService/PutWorkflow", the name of its code, and how long it took in
	// real time. It must be quick. Nil is told nothing.
	Called func(method, code string, took time.Duration)
	// Dialer opens the network connections of gRPC instead of TCP to
	// Config.HostPort: for a server in the same process.
	Dialer func(context.Context) (net.Conn, error)
	// HTTPDialer does the same for the REST face, instead of TCP to the host of
	// Config.ServerURL.
	HTTPDialer func(context.Context) (net.Conn, error)
}

// Conn is a connection to one server. It connects when it is first used and
// again whenever it has to.
type Conn struct {
	config  Config
	options Options
	grpc    *grpc.ClientConn
	http    *http.Client
	probing sync.Mutex // held while the server is asked whether it speaks TLS
}

// Timings of the channel (hatchet-protocol.md section 1.3). Reconnecting is
// tried soon and often, for a server that restarts is back within seconds.
const (
	keepaliveTime    = 10 * time.Second
	keepaliveTimeout = 60 * time.Second
	connectTimeout   = 10 * time.Second
	reconnectFirst   = 100 * time.Millisecond
	reconnectMost    = 5 * time.Second
)

// Dial prepares a connection to the server that config names. It does not
// connect yet, so that its errors are all about the configuration: a token that
// is missing, malformed or expired, an address, a certificate.
func Dial(config Config, options Options) (*Conn, error) {
	config, err := config.Resolved()
	if err != nil {
		return nil, err
	}
	if options.Clock == nil {
		options.Clock = clock.Real()
	}
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	if options.Rand == nil {
		options.Rand = rand.Float64
	}
	if err := config.Claims.Check(options.Clock.Now()); err != nil {
		return nil, err
	}
	c := &Conn{config: config, options: options}
	if c.http, err = c.newHTTP(); err != nil {
		return nil, err
	}
	if c.grpc, err = c.newGrpc(); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *Conn) newGrpc() (*grpc.ClientConn, error) {
	credentials, err := c.config.TLS.credentials(c.config.HostPort)
	if err != nil {
		return nil, err
	}
	target := c.config.HostPort
	dial := []grpc.DialOption{
		grpc.WithTransportCredentials(credentials),
		grpc.WithPerRPCCredentials(bearer(c.config.Token)),
		grpc.WithDefaultCallOptions(c.callOptions()...),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{
			Time: keepaliveTime, Timeout: keepaliveTimeout, PermitWithoutStream: true,
		}),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: reconnectFirst, Multiplier: 1.6, Jitter: 0.2, MaxDelay: reconnectMost},
			MinConnectTimeout: connectTimeout,
		}),
		grpc.WithUnaryInterceptor(c.unary),
		grpc.WithStreamInterceptor(c.stream),
	}
	if c.options.Dialer != nil {
		target = "passthrough:///" + target
		dial = append(dial, grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
			return c.options.Dialer(ctx)
		}))
	}
	return grpc.NewClient(target, dial...)
}

// callOptions are the limits and the compression of every call.
func (c *Conn) callOptions() []grpc.CallOption {
	calls := []grpc.CallOption{
		grpc.MaxCallRecvMsgSize(c.config.MaxReceive), grpc.MaxCallSendMsgSize(c.config.MaxSend),
	}
	if !c.config.DisableGzip {
		calls = append(calls, grpc.UseCompressor(gzip.Name))
	}
	return calls
}

// Grpc is the channel, for the clients of package contract.
func (c *Conn) Grpc() grpc.ClientConnInterface { return c.grpc }

// Config is the configuration in force, with all blanks filled.
func (c *Conn) Config() Config { return c.config }

// Close ends all calls and the connection.
func (c *Conn) Close() error {
	c.http.CloseIdleConnections()
	return c.grpc.Close()
}

// bearer puts the token on every call (hatchet-protocol.md section 1.3).
type bearer string

func (b bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + string(b)}, nil
}

// RequireTransportSecurity allows plaintext, which the strategy none asks for.
func (bearer) RequireTransportSecurity() bool { return false }

// stream explains the errors of streams; what to do about them is for
// [Reconnect].
func (c *Conn) stream(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string,
	open grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	s, err := open(ctx, desc, cc, method, opts...)
	if err != nil {
		return nil, c.explainIn(ctx, err)
	}
	return &explainedStream{ClientStream: s, conn: c, ctx: ctx}, nil
}

// explainedStream is a stream whose errors are explained; io.EOF stays itself.
type explainedStream struct {
	grpc.ClientStream
	conn *Conn
	ctx  context.Context // the caller's; that of the stream ends with the stream
}

func (s *explainedStream) SendMsg(m any) error {
	return s.conn.explainIn(s.ctx, s.ClientStream.SendMsg(m))
}

func (s *explainedStream) RecvMsg(m any) error {
	return s.conn.explainIn(s.ctx, s.ClientStream.RecvMsg(m))
}

// explainIn explains err, or gives the cause if ctx is what ended the call.
func (c *Conn) explainIn(ctx context.Context, err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	if ctx.Err() != nil {
		return ended(ctx, err)
	}
	return c.explain(err)
}
