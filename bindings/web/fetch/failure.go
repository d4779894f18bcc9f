package fetch

import (
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

// Failure is what went wrong with a request, with the code that scripts know it
// by: Node's where there is one.
type Failure struct {
	Code string
	Err  error
}

func (f *Failure) Error() string { return f.Err.Error() }

// Unwrap returns what went wrong.
func (f *Failure) Unwrap() error { return f.Err }

// ErrorCode is the property code of the Error that scripts see.
func (f *Failure) ErrorCode() string { return f.Code }

func failuref(code, format string, args ...any) error {
	return &Failure{Code: code, Err: fmt.Errorf(format, args...)}
}

// explain makes a [*Failure] of an error of the network. Refusals, limits and
// the end of the run are what they are.
func explain(err error) error {
	var (
		refused *permit.NotCapableError
		limit   *permit.LimitError
		double  *permit.DoubleError
		failure *Failure
	)
	switch {
	case errors.As(err, &refused):
		return refused
	case errors.As(err, &double):
		return double
	}
	if errors.As(err, &limit) || errors.As(err, &failure) || errors.Is(err, permit.ErrOver) || errors.Is(err, context.Canceled) {
		return err
	}
	return &Failure{Code: codeOf(err), Err: err}
}

func codeOf(err error) string {
	if code := permit.NetworkCode(err); code != "" {
		return code
	}
	switch {
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), errors.Is(err, zlib.ErrHeader), errors.Is(err, zlib.ErrChecksum), isCorrupt(err):
		return "Z_DATA_ERROR"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), strings.Contains(err.Error(), "server closed idle connection"):
		return "ECONNRESET"
	case strings.Contains(err.Error(), "malformed"), strings.Contains(err.Error(), "invalid header"):
		return "EPROTO"
	}
	return "UND_ERR_SOCKET"
}

func isCorrupt(err error) bool {
	var corrupt flate.CorruptInputError
	return errors.As(err, &corrupt)
}
