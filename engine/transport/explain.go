package transport

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Error is a call that failed, told in words a person can act on. It wraps the
// status of the call, so that status.Code works on it.
type Error struct {
	Code    codes.Code
	Message string
	tls     bool // the two sides do not agree on TLS
	status  error
}

// Error implements error.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the status error of the call.
func (e *Error) Unwrap() error { return e.status }

// IsUnauthorized reports whether err means that the server, or the token's own
// claims, deny access.
func IsUnauthorized(err error) bool {
	code := status.Code(err)
	return code == codes.Unauthenticated || code == codes.PermissionDenied || errors.Is(err, ErrExpiredToken)
}

// IsUnreachable reports whether err means that no server was there to answer,
// a disagreement about TLS included.
func IsUnreachable(err error) bool { return err != nil && status.Code(err) == codes.Unavailable }

// IsTLSMismatch reports whether err means that the two sides do not agree on
// TLS, which no waiting will change.
func IsTLSMismatch(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.tls
}

// explain turns the error of a call into an *Error. Errors that do not come
// from gRPC are returned as they are.
func (c *Conn) explain(err error) error {
	hostPort := c.config.HostPort
	var already *Error
	if err == nil || errors.As(err, &already) {
		return err
	}
	s, ok := status.FromError(err)
	if !ok {
		return err
	}
	e := &Error{Code: s.Code(), status: err}
	switch s.Code() {
	case codes.Unauthenticated, codes.PermissionDenied:
		e.Message = fmt.Sprintf("the server at %s refused the token (%s); check %s", hostPort, s.Message(), EnvToken)
	case codes.Unavailable:
		cause := connectionCause(s.Message())
		e.Message = c.tlsMistake(cause)
		if e.tls = e.Message != ""; !e.tls {
			e.Message = fmt.Sprintf("the server at %s cannot be reached (%s)", hostPort, cause)
		}
	default:
		e.Message = fmt.Sprintf("%s (%s)", s.Message(), s.Code())
	}
	return e
}

// ended is the error of a call whose context is over: the context's cause.
func ended(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

// connectionCause takes gRPC's wrapping off the message of a failed
// connection.
func connectionCause(message string) string {
	if _, inner, ok := strings.Cut(message, "connection error: desc = "); ok {
		message = strings.Trim(inner, `"`)
	}
	for _, chatter := range []string{
		"last connection error: ", "transport: ", "Error while dialing: ", "authentication handshake failed: ",
	} {
		message = strings.TrimPrefix(message, chatter)
	}
	return message
}

// tlsMistakes maps what connections fail with when the two sides disagree about
// TLS to what is wrong and what to set. The texts are those of Go's crypto/tls
// and golang.org/x/net/http2, which have no typed errors that would survive
// gRPC. %s is the server's address.
var tlsMistakes = []struct {
	signs []string
	says  string
}{
	{[]string{"first record does not look like a TLS handshake", "http: server gave HTTP response to HTTPS client"},
		"the server at %s speaks plaintext, not TLS; set HATCHET_CLIENT_TLS_STRATEGY=none"},
	{[]string{"http2: frame too large", "looked like an HTTP/1.1 header", tlsAnswer},
		"the server at %s speaks TLS, not plaintext; set HATCHET_CLIENT_TLS_STRATEGY=tls"},
	{[]string{"tls: certificate required", "tls: bad certificate", "tls: unknown certificate"},
		"the server at %s wants a client certificate that it trusts; set HATCHET_CLIENT_TLS_STRATEGY=mtls, " +
			"HATCHET_CLIENT_TLS_CERT_FILE and HATCHET_CLIENT_TLS_KEY_FILE"},
	{[]string{"certificate signed by unknown authority", "certificate is not trusted", "certificate is not standards compliant"},
		"the certificate of the server at %s is signed by an unknown authority; set HATCHET_CLIENT_TLS_ROOT_CA_FILE to its CA"},
	{[]string{"x509: certificate is valid for", "x509: certificate is not valid for any names",
		"x509: cannot validate certificate for"},
		"the certificate of the server at %s is for another name; set HATCHET_CLIENT_TLS_SERVER_NAME to the one it has"},
	{[]string{"x509: certificate has expired"}, "the certificate of the server at %s has expired or is not valid yet"},
	{[]string{"tls: protocol version not supported", "server selected unsupported protocol version"},
		"the server at %s speaks an older TLS; set HATCHET_CLIENT_TLS_MIN_VERSION=1.2"},
}

// tlsMistake says what is wrong with the agreement about TLS; "" if the cause
// is another one.
func tlsMistake(hostPort, cause string) string {
	for _, mistake := range tlsMistakes {
		for _, sign := range mistake.signs {
			if strings.Contains(cause, sign) {
				return fmt.Sprintf(mistake.says, hostPort) + " (" + cause + ")"
			}
		}
	}
	return ""
}
