package glue

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"

	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

// networkCode is the code of a failure of the network, as Node has it; "" if it
// is none.
func networkCode(err error) string {
	if code := permit.NetworkCode(err); code != "" {
		return code
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) {
		return "ECONNRESET"
	}
	return ""
}

// passed is what of an error scripts see as it is: what the door has said, and
// the end of the run. nil is nothing.
func passed(ctx context.Context, err error) error {
	if said := permit.Said(err); said != nil {
		return said
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// rootsOf are certificates to trust, of PEM text.
func rootsOf(text string) (*x509.CertPool, error) {
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(text)) {
		return nil, errors.New("ca holds no certificate as PEM text")
	}
	return roots, nil
}

// closer is a function that closes something.
type closer func() error

// Close calls it.
func (c closer) Close() error { return c() }

// overTLS makes a connection secure; address is for the name of the server.
func overTLS(ctx context.Context, conn net.Conn, config *tls.Config, address string) (net.Conn, error) {
	if config.ServerName == "" && !config.InsecureSkipVerify {
		config = config.Clone()
		config.ServerName, _, _ = net.SplitHostPort(address)
	}
	secure := tls.Client(conn, config)
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return secure, nil
}
