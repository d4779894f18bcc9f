package transport

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
)

func plain(s *server) Config {
	return Config{Token: tokenFor(s.hostPort), TLS: TLSConfig{Strategy: TLSNone}}
}

func TestCallsCarryTokenAndCompression(t *testing.T) {
	s := serve(t, "127.0.0.1:0")
	if err := version(t, dial(t, plain(s), Options{})); err != nil {
		t.Fatal(err)
	}
	if got := s.metadata.Get("authorization"); len(got) != 1 || got[0] != "Bearer "+tokenFor(s.hostPort) {
		t.Errorf("authorization %q", got)
	}
	if s.encoding != "gzip" {
		t.Errorf("request encoding %q, want gzip", s.encoding)
	}
	config := plain(s)
	config.DisableGzip = true
	if err := version(t, dial(t, config, Options{})); err != nil {
		t.Fatal(err)
	}
	if s.encoding != "" {
		t.Errorf("request encoding %q where gzip is disabled", s.encoding)
	}
}

func TestUnaryCallsAreRepeated(t *testing.T) {
	s := serve(t, "127.0.0.1:0")
	conn := dial(t, plain(s), Options{})
	for _, code := range []codes.Code{codes.Unavailable, codes.Internal, codes.ResourceExhausted, codes.DeadlineExceeded} {
		s.answers, s.calls = []error{status.Error(code, "x"), status.Error(code, "x")}, 0
		if err := version(t, conn); err != nil || s.seen() != 3 {
			t.Errorf("%s: %d calls, %v", code, s.seen(), err)
		}
	}
	for _, code := range []codes.Code{codes.InvalidArgument, codes.NotFound, codes.Unauthenticated, codes.AlreadyExists, codes.Unimplemented} {
		s.answers, s.calls = []error{status.Error(code, "x")}, 0
		if err := version(t, conn); status.Code(err) != code || s.seen() != 1 {
			t.Errorf("%s: %d calls, %v", code, s.seen(), err)
		}
	}
}

func TestRetriesEnd(t *testing.T) {
	s := serve(t, "127.0.0.1:0")
	many := make([]error, 100)
	for i := range many {
		many[i] = status.Error(codes.Internal, "broken")
	}
	config := plain(s)
	config.Retry = Retry{MaxAttempts: 4, InitialInterval: 1, MaxJitter: 1}
	conn := dial(t, config, Options{})
	s.answers = many
	if err := version(t, conn); err == nil || err.Error() != "broken (Internal)" || s.seen() != 4 {
		t.Errorf("%d calls, %v", s.seen(), err)
	}
	client := contract.NewDispatcherClient(conn.Grpc())
	s.calls = 0
	if _, err := client.Heartbeat(context.Background(), &contract.HeartbeatRequest{}); err == nil || s.seen() != 1 {
		t.Errorf("a heartbeat was sent %d times, %v", s.seen(), err)
	}
	s.calls = 0
	if _, err := client.GetVersion(context.Background(), &contract.GetVersionRequest{}, NoRetry()); err == nil || s.seen() != 1 {
		t.Errorf("%d calls with NoRetry, %v", s.seen(), err)
	}
	config.Retry.DisableGRPC = true
	s.calls = 0
	if err := version(t, dial(t, config, Options{})); err == nil || s.seen() != 1 {
		t.Errorf("%d calls with retries disabled, %v", s.seen(), err)
	}
}

func TestRetryWaitsOnTheClock(t *testing.T) {
	s := serve(t, "127.0.0.1:0")
	s.answers = []error{status.Error(codes.Internal, "x"), status.Error(codes.Internal, "x"), status.Error(codes.Internal, "x")}
	start := time.Now()
	v := clock.NewVirtual(start)
	config := plain(s)
	config.Retry = Retry{InitialInterval: time.Minute, MaxJitter: time.Minute}
	conn := dial(t, config, Options{Clock: v, Rand: func() float64 { return 0.5 }})
	done := make(chan error)
	go func() { done <- version(t, conn) }()
	var waits []time.Duration
	for len(waits) < 3 {
		if next, ok := v.Next(); ok {
			waits = append(waits, next.Sub(v.Now()))
			v.AdvanceTo(next)
			continue
		}
		time.Sleep(time.Millisecond)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	want := []time.Duration{90 * time.Second, 150 * time.Second, 270 * time.Second}
	if !slices.Equal(waits, want) {
		t.Errorf("waits %v, want %v", waits, want)
	}
}

func TestContextEndsRetries(t *testing.T) {
	s := serve(t, "127.0.0.1:0")
	s.answers = []error{status.Error(codes.Internal, "x")}
	config := plain(s)
	config.Retry.InitialInterval = 20 * time.Hour
	conn := dial(t, config, Options{Clock: clock.NewVirtual(time.Now())})
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(context.Background())
	go func() {
		for s.seen() == 0 {
			time.Sleep(time.Millisecond)
		}
		cancel(cause)
	}()
	_, err := contract.NewDispatcherClient(conn.Grpc()).GetVersion(ctx, &contract.GetVersionRequest{})
	if !errors.Is(err, cause) {
		t.Errorf("got %v", err)
	}
}

func TestUnreachableServer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	hostPort := listener.Addr().String()
	listener.Close()
	err = version(t, dial(t, Config{Token: tokenFor(hostPort), TLS: TLSConfig{Strategy: TLSNone}, Retry: Retry{MaxAttempts: 2}}, Options{}))
	if !IsUnreachable(err) || IsUnauthorized(err) || IsTLSMismatch(err) {
		t.Errorf("classified wrongly: %v", err)
	}
	want := "the server at " + hostPort + " cannot be reached (dial tcp " + hostPort + ": connect: connection refused)"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	err = version(t, dial(t, Config{Token: tokenFor("no-such-host.invalid:1"), Retry: Retry{MaxAttempts: 1}}, Options{}))
	if !IsUnreachable(err) || !strings.Contains(err.Error(), "no-such-host.invalid") {
		t.Errorf("got %v", err)
	}
}

func TestRefusedToken(t *testing.T) {
	s := serve(t, "127.0.0.1:0")
	s.answers = []error{status.Error(codes.Unauthenticated, "invalid auth token")}
	err := version(t, dial(t, plain(s), Options{}))
	want := "the server at " + s.hostPort + " refused the token (invalid auth token); check HATCHET_CLIENT_TOKEN"
	if !IsUnauthorized(err) || IsUnreachable(err) || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func TestServerThatComesBack(t *testing.T) {
	first := serve(t, "127.0.0.1:0")
	config := plain(first)
	config.Retry = Retry{MaxAttempts: 1000, InitialInterval: 1, MaxJitter: 20 * time.Millisecond}
	conn := dial(t, config, Options{Clock: quick{clock.Real()}})
	if err := version(t, conn); err != nil {
		t.Fatal(err)
	}
	first.grpc.Stop()
	done := make(chan error)
	go func() { done <- version(t, conn) }()
	serve(t, first.hostPort)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// quick is a clock on which all waits are short.
type quick struct{ clock.Clock }

func (q quick) NewTimer(d time.Duration) clock.Timer {
	return q.Clock.NewTimer(min(d, 20*time.Millisecond))
}

func TestTLSStrategies(t *testing.T) {
	ca, future := newAuthority(t), time.Now().Add(time.Hour)
	caFile := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(caFile, []byte(ca.pem), 0o600); err != nil {
		t.Fatal(err)
	}
	cert, key := ca.issue(t, "client", future)
	byIP := serve(t, "127.0.0.1:0", ca.serverTLS(t, "127.0.0.1", future, false))
	byName := serve(t, "127.0.0.1:0", ca.serverTLS(t, "hatchet.test", future, false))
	mutual := serve(t, "127.0.0.1:0", ca.serverTLS(t, "127.0.0.1", future, true))
	for name, c := range map[string]struct {
		server *server
		tls    TLSConfig
	}{
		"tls":                  {byIP, TLSConfig{RootCA: ca.pem}},
		"tls, authority file":  {byIP, TLSConfig{RootCAFile: caFile}},
		"tls, server name":     {byName, TLSConfig{RootCA: ca.pem, ServerName: "hatchet.test"}},
		"mtls":                 {mutual, TLSConfig{Strategy: TLSMutual, RootCA: ca.pem, Cert: cert, Key: key}},
		"mtls, server name":    {byName, TLSConfig{Strategy: TLSMutual, RootCA: ca.pem, Cert: cert, Key: key, ServerName: "hatchet.test"}},
		"mtls, nobody asks it": {byIP, TLSConfig{Strategy: TLSMutual, RootCA: ca.pem, Cert: cert, Key: key, MinVersion: "1.2"}},
	} {
		if err := version(t, dial(t, Config{Token: tokenFor(c.server.hostPort), TLS: c.tls}, Options{})); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTLSMistakes(t *testing.T) {
	ca, future := newAuthority(t), time.Now().Add(time.Hour)
	noTLS := serve(t, "127.0.0.1:0")
	byIP := serve(t, "127.0.0.1:0", ca.serverTLS(t, "127.0.0.1", future, false))
	byName := serve(t, "127.0.0.1:0", ca.serverTLS(t, "hatchet.test", future, false))
	mutual := serve(t, "127.0.0.1:0", ca.serverTLS(t, "127.0.0.1", future, true))
	expired := serve(t, "127.0.0.1:0", ca.serverTLS(t, "127.0.0.1", time.Now().Add(-time.Hour), false))
	for name, c := range map[string]struct {
		server *server
		tls    TLSConfig
		want   string
	}{
		"plaintext server":    {noTLS, TLSConfig{}, "speaks plaintext, not TLS; set HATCHET_CLIENT_TLS_STRATEGY=none"},
		"TLS server":          {byIP, TLSConfig{Strategy: TLSNone}, "speaks TLS, not plaintext; set HATCHET_CLIENT_TLS_STRATEGY=tls"},
		"mutual, no client":   {mutual, TLSConfig{RootCA: ca.pem}, "wants a client certificate that it trusts; set HATCHET_CLIENT_TLS_STRATEGY=mtls"},
		"mutual, plaintext":   {mutual, TLSConfig{Strategy: TLSNone}, "speaks TLS, not plaintext"},
		"unknown authority":   {byIP, TLSConfig{}, "signed by an unknown authority; set HATCHET_CLIENT_TLS_ROOT_CA_FILE"},
		"another name":        {byName, TLSConfig{RootCA: ca.pem}, "is for another name; set HATCHET_CLIENT_TLS_SERVER_NAME"},
		"expired certificate": {expired, TLSConfig{RootCA: ca.pem}, "has expired or is not valid yet"},
	} {
		err := version(t, dial(t, Config{Token: tokenFor(c.server.hostPort), TLS: c.tls}, Options{}))
		if !IsTLSMismatch(err) || !IsUnreachable(err) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestDialerInTheSameProcess(t *testing.T) {
	s := serve(t, "127.0.0.1:0")
	listener := bufconn.Listen(1 << 20)
	done := make(chan error)
	go func() { done <- s.grpc.Serve(listener) }()
	config := plain(s)
	config.Token = tokenFor("nowhere:1")
	conn := dial(t, config, Options{Dialer: listener.DialContext})
	if err := version(t, conn); err != nil {
		t.Error(err)
	}
	s.grpc.Stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
