// Package transport connects to a Hatchet server: its configuration and token,
// TLS, one gRPC channel with the metadata, compression, limits and retries that
// Hatchet's SDKs use, REST beside it, streams that come back, and errors that
// say what to do (hatchet-protocol.md section 1).
package transport

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// MaxMessage is the largest message, in bytes before compression, that servers
// and clients take by default (hatchet-protocol.md section 1.3).
const MaxMessage = 4 * 1024 * 1024

// Config says how to reach a server, and as whom. Its zero value with a Token
// is complete: blanks are filled from the token's claims and the defaults.
type Config struct {
	Token     string
	HostPort  string // gRPC; "" = as in the token
	ServerURL string // REST base; "" = as in the token
	TenantID  string // "" = as in the token
	Namespace string // as written, to be normalised by who uses it
	TLS       TLSConfig
	Retry     Retry

	MaxReceive  int // largest message to receive, bytes; 0 = MaxMessage
	MaxSend     int // largest message to send, bytes; 0 = MaxMessage
	DisableGzip bool

	LogLevel          string // as written
	LogFormat         string // as written
	AutoscalingTarget string // value of the worker label hatchet-autoscaling-target
	Health            Health
	Telemetry         Telemetry

	Claims Claims // of Token
}

// Retry tunes how often calls are tried again (hatchet-protocol.md section
// 1.4).
type Retry struct {
	MaxAttempts     int           // 0 = 8
	InitialInterval time.Duration // before the second attempt, then doubled; 0 = 100 ms
	MaxJitter       time.Duration // added at random to each wait; 0 = 100 ms
	DisableGRPC     bool
	DisableREST     bool
}

// Health is the worker's health server, as Hatchet's SDKs configure it.
type Health struct {
	Enabled bool
	Port    int // 0 = not given
}

// Telemetry is what Hatchet's SDKs read for OpenTelemetry beside the standard
// variables.
type Telemetry struct {
	ExcludedAttributes           []string
	IncludeTaskNameInSpanName    bool
	IndividualRunSpansForBulkRun bool
}

// Resolved returns c with all blanks filled from the token and the defaults,
// and the error that tells what is wrong with it. Explicit settings win over
// the token's claims (hatchet-protocol.md section 1.2).
func (c Config) Resolved() (Config, error) {
	claims, err := ParseToken(c.Token)
	if err != nil {
		return c, err
	}
	c.Token, c.Claims = strings.TrimSpace(c.Token), claims
	fill(&c.HostPort, claims.HostPort)
	fill(&c.ServerURL, claims.ServerURL)
	fill(&c.TenantID, claims.TenantID)
	fill(&c.TLS.Strategy, TLSServer)
	fill(&c.MaxReceive, MaxMessage)
	fill(&c.MaxSend, MaxMessage)
	fill(&c.Retry.MaxAttempts, 8)
	fill(&c.Retry.InitialInterval, 100*time.Millisecond)
	fill(&c.Retry.MaxJitter, 100*time.Millisecond)
	c.ServerURL = strings.TrimRight(c.ServerURL, "/")
	if err := errors.Join(checkHostPort(c.HostPort), checkServerURL(c.ServerURL), c.TLS.check()); err != nil {
		return c, err
	}
	return c, nil
}

// fill sets a blank field.
func fill[T comparable](field *T, value T) {
	var blank T
	if *field == blank {
		*field = value
	}
}

func checkHostPort(hostPort string) error {
	if hostPort == "" {
		return errors.New("no server address: the token names none; set HATCHET_CLIENT_HOST_PORT to host:port")
	}
	host, port, err := net.SplitHostPort(hostPort)
	number, portErr := strconv.ParseUint(port, 10, 16)
	if err != nil || host == "" || portErr != nil || number == 0 {
		return fmt.Errorf("server address %q in HATCHET_CLIENT_HOST_PORT: must be host:port, like localhost:7077", hostPort)
	}
	return nil
}

func checkServerURL(serverURL string) error {
	if serverURL == "" {
		return nil // only REST calls need it, and say so
	}
	u, err := url.Parse(serverURL)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return fmt.Errorf("server URL %q in HATCHET_CLIENT_SERVER_URL: must be like https://hatchet.example.com", serverURL)
	}
	return nil
}
