package serve

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"runtime/debug"
	"strings"
	"sync/atomic"

	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// authenticator lets in whoever has a token for the tenant. Signatures are not
// checked: the engine serves its own machine and mints unsigned tokens itself
// (hatchet-protocol.md section 1.2).
type authenticator struct {
	tenantID string
	last     atomic.Pointer[string] // the header that was accepted last
}

var errInvalidToken = status.Error(codes.Unauthenticated, "invalid auth token")

// accepts judges the value of an authorization header.
func (a *authenticator) accepts(header string) bool {
	if last := a.last.Load(); last != nil && *last == header {
		return true
	}
	scheme, token, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "bearer") || subject(token) != a.tenantID {
		return false
	}
	a.last.Store(&header)
	return true
}

// subject is the tenant that a token is for; "" if it is no token.
func subject(token string) string {
	parts := strings.Split(strings.TrimSpace(token), ".")
	if len(parts) != 3 {
		return ""
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return ""
	}
	var claims struct {
		Subject string `json:"sub"`
	}
	if json.Unmarshal(payload, &claims) != nil {
		return ""
	}
	return claims.Subject
}

func (a *authenticator) check(ctx context.Context) error {
	for _, header := range metadata.ValueFromIncomingContext(ctx, "authorization") {
		if a.accepts(header) {
			return nil
		}
	}
	return errInvalidToken
}

// unary guards a call and gives its error the wire's form.
func (f *Faces) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (_ any, err error) {
	defer f.rescue(info.FullMethod, &err)
	if err := f.auth.check(ctx); err != nil {
		return nil, err
	}
	uncompressed(ctx)
	reply, err := handler(ctx, req)
	return reply, f.wireError(info.FullMethod, err)
}

// stream is unary for streams.
func (f *Faces) stream(srv any, s grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) (err error) {
	defer f.rescue(info.FullMethod, &err)
	if err := f.auth.check(s.Context()); err != nil {
		return err
	}
	uncompressed(s.Context())
	return f.wireError(info.FullMethod, handler(srv, s))
}

// uncompressed keeps answers from being compressed as the request was: on one
// machine that costs more than it saves.
func uncompressed(ctx context.Context) {
	_ = grpc.SetSendCompressor(ctx, "identity") // every client accepts it
}

// rescue turns a panic of a handler into an error of that one call.
func (f *Faces) rescue(method string, err *error) {
	if p := recover(); p != nil {
		f.log.Error("a request made the engine's face panic", "method", method, "panic", p, "stack", string(debug.Stack()))
		*err = errInternal
	}
}

var errInternal = status.Error(codes.Internal, "An internal error occurred.")

// wireError maps errors to status codes as the real engine does
// (hatchet-protocol.md section 1.3).
func (f *Faces) wireError(method string, err error) error {
	var refusal *core.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refusal):
		return status.Error(codes.Code(refusal.Code), refusal.Message)
	case errors.Is(err, ErrStopped):
		return status.Error(codes.Unavailable, ErrStopped.Error())
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return status.FromContextError(err).Err()
	}
	if _, ok := status.FromError(err); ok {
		return err
	}
	f.log.Error("a request failed inside the engine", "method", method, "error", err)
	return errInternal
}

// invalid is a refusal for a request that is wrong in itself.
func invalid(format string, args ...any) error {
	return status.Errorf(codes.InvalidArgument, "Invalid request: "+format, args...)
}

func unimplemented(format string, args ...any) error {
	return status.Errorf(codes.Unimplemented, format, args...)
}

// do applies a command and gives its reply's value the type it has.
func do[T any](ctx context.Context, e Engine, cmd core.Command) (T, error) {
	var zero T
	value, err := e.Do(ctx, cmd)
	if err != nil {
		return zero, err
	}
	typed, ok := value.(T)
	if !ok {
		return zero, errUnexpected{cmd, value}
	}
	return typed, nil
}
