package reconnect

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/hatchet-js/hatchet-js-worker/engine/transport"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Code is the gRPC code of err; an end of stream counts as UNAVAILABLE.
func Code(err error) codes.Code {
	switch {
	case errors.Is(err, io.EOF):
		return codes.Unavailable
	case errors.Is(err, context.DeadlineExceeded):
		return codes.DeadlineExceeded
	case errors.Is(err, context.Canceled):
		return codes.Canceled
	}
	return status.Code(err)
}

// Unreachable reports whether err says that the engine did not answer at all.
func Unreachable(err error) bool {
	switch Code(err) {
	case codes.Unavailable, codes.DeadlineExceeded, codes.Canceled:
		return true
	}
	return false
}

// Unauthorized reports whether the engine does not accept the token.
func Unauthorized(err error) bool {
	code := Code(err)
	return code == codes.Unauthenticated || code == codes.PermissionDenied
}

// Refused reports whether the engine understood the request and will never
// accept it.
func Refused(err error) bool {
	switch Code(err) {
	case codes.InvalidArgument, codes.NotFound, codes.AlreadyExists, codes.OutOfRange, codes.Unimplemented:
		return true
	case codes.ResourceExhausted:
		return TooLarge(err)
	}
	return false
}

// TooLarge reports whether a message was longer than one side admits
// (hatchet-protocol.md section 1.3), which repeating it does not change.
func TooLarge(err error) bool {
	return Code(err) == codes.ResourceExhausted && strings.Contains(status.Convert(err).Message(), "larger than max")
}

// Reason is err in words for people: what the engine said, without the layers
// of the transport around it.
func Reason(err error) string {
	if err == nil || errors.Is(err, io.EOF) {
		return "the engine closed the stream"
	}
	var explained *transport.Error
	if errors.As(err, &explained) {
		return explained.Message
	}
	s, isStatus := status.FromError(err)
	if !isStatus || s.Code() == codes.OK {
		return err.Error()
	}
	if s.Message() == "" {
		return codeWords(s.Code())
	}
	return codeWords(s.Code()) + ": " + s.Message()
}

func codeWords(code codes.Code) string {
	switch code {
	case codes.Unavailable:
		return "the engine cannot be reached"
	case codes.DeadlineExceeded:
		return "the engine did not answer in time"
	case codes.Unauthenticated, codes.PermissionDenied:
		return "the engine does not accept the token"
	case codes.NotFound:
		return "not known to the engine"
	case codes.InvalidArgument:
		return "invalid"
	case codes.Unimplemented:
		return "the engine does not support this call"
	case codes.ResourceExhausted:
		return "a limit of the engine was reached"
	case codes.Internal:
		return "the engine failed"
	}
	return strings.ToLower(code.String())
}
