package transport

import (
	"context"
	"crypto/tls"
	"strings"
	"time"
)

// probeTimeout bounds the question what a server holds against a handshake.
const probeTimeout = 3 * time.Second

// hangUps are what a connection fails with when the server hung up before a
// word was spoken. It may be going away; or it expected TLS, or a client
// certificate, and its alert was lost behind the hang-up.
var hangUps = []string{"error reading server preface", "broken pipe", "connection reset by peer"}

// tlsMistake says what is wrong between this connection and the server if a
// connection failed with cause because they do not agree on TLS; else "". Where
// the cause does not tell, the server is asked once more.
func (c *Conn) tlsMistake(cause string) string {
	if mistake := tlsMistake(c.config.HostPort, cause); mistake != "" {
		return mistake
	}
	hungUp := false
	for _, sign := range hangUps {
		hungUp = hungUp || strings.Contains(cause, sign)
	}
	if !hungUp || c.options.Dialer != nil || !c.probing.TryLock() {
		return "" // of several calls that fail at once, one asks
	}
	defer c.probing.Unlock()
	return tlsMistake(c.config.HostPort, c.probe())
}

// probe makes one more connection, without a call, and returns what it fails
// with; "" if nothing is wrong or it cannot be told.
func (c *Conn) probe() string {
	ctx, cancel := context.WithTimeout(context.Background(), probeTimeout)
	defer cancel()
	config := &tls.Config{InsecureSkipVerify: true} // nothing is sent
	if c.config.TLS.Strategy != TLSNone {
		var err error
		if config, err = c.config.TLS.config(); err != nil {
			return ""
		}
	}
	config.NextProtos = []string{"h2"}
	conn, err := (&tls.Dialer{Config: config}).DialContext(ctx, "tcp", c.config.HostPort)
	if c.config.TLS.Strategy == TLSNone {
		return answeredTLS(conn, err)
	}
	if err != nil {
		return err.Error()
	}
	// A client certificate that is missing is complained about after the
	// handshake.
	_ = conn.SetReadDeadline(deadline(ctx))
	_, err = conn.Read(make([]byte, 1))
	_ = conn.Close()
	if err != nil {
		return err.Error()
	}
	return ""
}

// answeredTLS turns the outcome of a TLS handshake with a server that is spoken
// to in plaintext into what gRPC would fail with if it had looked at the bytes.
func answeredTLS(conn interface{ Close() error }, err error) string {
	if err == nil {
		_ = conn.Close()
		return tlsAnswer
	}
	if strings.Contains(err.Error(), "remote error: tls: ") {
		return tlsAnswer
	}
	return ""
}

// tlsAnswer is the sign of a server that answered a TLS handshake.
const tlsAnswer = "it answered a TLS handshake"

func deadline(ctx context.Context) time.Time {
	at, _ := ctx.Deadline()
	return at
}
