package transport

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/stats"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// tokenOf mints a token with the given claims and no signature to speak of.
func tokenOf(claims map[string]any) string {
	payload, err := json.Marshal(claims)
	if err != nil {
		panic(err)
	}
	return "eyJhbGciOiJFUzI1NiJ9." + base64.RawURLEncoding.EncodeToString(payload) + ".c2ln"
}

// tokenFor is a good token for a server at hostPort.
func tokenFor(hostPort string) string {
	return tokenOf(map[string]any{
		"sub": "tenant-1", "grpc_broadcast_address": hostPort, "server_url": "http://" + hostPort,
		"exp": 4102444800, "iat": 1700000000, "iss": "i", "aud": "a", "token_id": "t",
	})
}

// server is an engine that answers GetVersion with what the test says, and
// remembers what it saw.
type server struct {
	contract.UnimplementedDispatcherServer
	hostPort string
	grpc     *grpc.Server

	mu       sync.Mutex
	answers  []error // of the next calls; then nil
	calls    int
	metadata metadata.MD
	encoding string // of the last request
}

func (s *server) GetVersion(ctx context.Context, _ *contract.GetVersionRequest) (*contract.GetVersionResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	s.metadata, _ = metadata.FromIncomingContext(ctx)
	if len(s.answers) > 0 {
		err := s.answers[0]
		s.answers = s.answers[1:]
		if err != nil {
			return nil, err
		}
	}
	return &contract.GetVersionResponse{Version: "v0.101.27"}, nil
}

func (s *server) Heartbeat(ctx context.Context, _ *contract.HeartbeatRequest) (*contract.HeartbeatResponse, error) {
	_, err := s.GetVersion(ctx, nil)
	return &contract.HeartbeatResponse{}, err
}

// seen is how many calls came in.
func (s *server) seen() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// TagRPC, HandleRPC, TagConn and HandleConn make server a stats.Handler that
// sees the compression of requests.
func (s *server) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context { return ctx }
func (s *server) HandleRPC(_ context.Context, event stats.RPCStats) {
	if header, ok := event.(*stats.InHeader); ok {
		s.mu.Lock()
		s.encoding = header.Compression
		s.mu.Unlock()
	}
}
func (s *server) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }
func (s *server) HandleConn(context.Context, stats.ConnStats)                       {}

// serve starts a server on hostPort, "127.0.0.1:0" for any port.
func serve(t *testing.T, hostPort string, opts ...grpc.ServerOption) *server {
	t.Helper()
	listener, err := net.Listen("tcp", hostPort)
	if err != nil {
		t.Fatal(err)
	}
	s := &server{hostPort: listener.Addr().String()}
	s.grpc = grpc.NewServer(append(opts, grpc.StatsHandler(s))...)
	contract.RegisterDispatcherServer(s.grpc, s)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := s.grpc.Serve(listener); err != nil {
			t.Error(err)
		}
	}()
	t.Cleanup(func() {
		s.grpc.Stop()
		<-done
	})
	return s
}

// dial connects to a server with quick retries.
func dial(t *testing.T, config Config, options Options) *Conn {
	t.Helper()
	if config.Retry.InitialInterval == 0 {
		config.Retry.InitialInterval, config.Retry.MaxJitter = time.Millisecond, time.Millisecond
	}
	conn, err := Dial(config, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	})
	return conn
}

func version(t *testing.T, conn *Conn) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	_, err := contract.NewDispatcherClient(conn.Grpc()).GetVersion(ctx, &contract.GetVersionRequest{})
	return err
}

// authority signs certificates.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	pem         string
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &authority{certificate, key, pemText("CERTIFICATE", der)}
}

// issue makes a certificate for a name and gives certificate and key as PEM.
func (a *authority) issue(t *testing.T, name string, until time.Time) (cert, key string) {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: until, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if ip := net.ParseIP(name); ip != nil {
		template.IPAddresses, template.DNSNames = []net.IP{ip}, nil
	}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, &private.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pemText("CERTIFICATE", der), pemText("PRIVATE KEY", keyDER)
}

// serverTLS are a server's credentials; with clients set it asks for theirs.
func (a *authority) serverTLS(t *testing.T, name string, until time.Time, clients bool) grpc.ServerOption {
	t.Helper()
	cert, key := a.issue(t, name, until)
	pair, err := tls.X509KeyPair([]byte(cert), []byte(key))
	if err != nil {
		t.Fatal(err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{pair}}
	if clients {
		config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
		config.ClientCAs.AddCert(a.certificate)
	}
	return grpc.Creds(credentials.NewTLS(config))
}

func pemText(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// ListenV2 ends as the test says, io.EOF meaning without an error; else it stays
// open until either side goes away.
func (s *server) ListenV2(_ *contract.WorkerListenRequest, stream grpc.ServerStreamingServer[contract.AssignedAction]) error {
	s.mu.Lock()
	answers := s.answers
	s.answers = nil
	s.mu.Unlock()
	if len(answers) > 0 && errors.Is(answers[0], io.EOF) {
		return nil
	} else if len(answers) > 0 {
		return answers[0]
	}
	if err := stream.SendHeader(nil); err != nil {
		return err
	}
	<-stream.Context().Done()
	return stream.Context().Err()
}
