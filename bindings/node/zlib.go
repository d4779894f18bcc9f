package node

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"

	"github.com/andybalholm/brotli"
	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

// zlibError is a failure with Node's code and number.
type zlibError struct {
	text, code string
	errno      int
}

func (e *zlibError) Error() string              { return e.text }
func (e *zlibError) ErrorCode() string          { return e.code }
func (e *zlibError) Properties() map[string]any { return map[string]any{"errno": e.errno} }

// zipping is what a call asks for.
type zipping struct {
	kind       string
	level      int
	dictionary []byte
	most       int64 // bytes of output
}

// zippingOf takes a kind, a level, a dictionary or undefined, and the most output.
func zippingOf(call goja.FunctionCall) zipping {
	z := zipping{kind: call.Argument(0).String(), level: int(call.Argument(1).ToInteger()), most: call.Argument(3).ToInteger()}
	z.dictionary = slices.Clone(bytesOf(call.Argument(2)))
	return z
}

// writer compresses; nil if the kind decompresses.
func (z zipping) writer(to io.Writer) (io.WriteCloser, error) {
	switch z.kind {
	case "gzip":
		return gzip.NewWriterLevel(to, z.level)
	case "deflate":
		return zlib.NewWriterLevelDict(to, z.level, z.dictionary)
	case "deflateRaw":
		return flate.NewWriterDict(to, z.level, z.dictionary)
	}
	return brotli.NewWriterLevel(to, z.level), nil
}

func (z zipping) compresses() bool {
	return slices.Contains([]string{"gzip", "deflate", "deflateRaw", "brotliCompress"}, z.kind)
}

// reader decompresses.
func (z zipping) reader(from io.Reader) (io.Reader, error) {
	kind := z.kind
	if kind == "unzip" {
		begin := make([]byte, 1)
		if _, err := io.ReadFull(from, begin); err != nil {
			return nil, err
		}
		from = io.MultiReader(bytes.NewReader(begin), from)
		kind = "inflate"
		if begin[0] == 0x1f {
			kind = "gunzip"
		}
	}
	switch kind {
	case "gunzip":
		return gzip.NewReader(from)
	case "inflate":
		return zlib.NewReaderDict(from, z.dictionary)
	case "inflateRaw":
		return flate.NewReaderDict(from, z.dictionary), nil
	}
	return brotli.NewReader(from), nil
}

// failed words an error of a reader; some says that there was output before it.
func (z zipping) failed(err error, some bool) error {
	switch {
	case err == nil || errors.Is(err, io.EOF):
		return nil
	case errors.Is(err, gzip.ErrHeader) && some:
		return nil // what follows the last member is none
	case errors.Is(err, io.ErrUnexpectedEOF):
		return &zlibError{"unexpected end of the compressed data", "Z_BUF_ERROR", -5}
	case errors.Is(err, zlib.ErrDictionary):
		return &zlibError{"the data needs another dictionary", "Z_NEED_DICT", 2}
	case errors.Is(err, errTooLong):
		return err
	}
	return &zlibError{"the compressed data is damaged: " + err.Error(), "Z_DATA_ERROR", -3}
}

// tooLong is the RangeError for more output than was asked for.
type tooLong struct{ cryptoError }

func (tooLong) ErrorName() string { return "RangeError" }

var errTooLong = &tooLong{cryptoError{"the output is larger than maxOutputLength", "ERR_BUFFER_TOO_LARGE"}}

// all does it at once.
func (z zipping) all(data []byte) ([]byte, error) {
	var out bytes.Buffer
	if z.compresses() {
		w, err := z.writer(&out)
		if err == nil {
			_, err = w.Write(data)
		}
		if err == nil {
			err = w.Close()
		}
		if err == nil && int64(out.Len()) > z.most {
			err = errTooLong
		}
		return out.Bytes(), err
	}
	if len(data) == 0 {
		return nil, z.failed(io.ErrUnexpectedEOF, false)
	}
	if magic := []byte{0x1f, 0x8b}; z.kind == "gunzip" && !bytes.HasPrefix(data, magic[:min(len(data), 2)]) {
		return nil, z.failed(gzip.ErrHeader, false)
	}
	r, err := z.reader(bytes.NewReader(data))
	if err != nil {
		return nil, z.failed(unexpected(err), false)
	}
	n, err := io.Copy(&out, io.LimitReader(r, z.most+1))
	if n > z.most {
		return nil, errTooLong
	}
	return out.Bytes(), z.failed(err, n > 0)
}

// unexpected is the error of a header that is not there: an end there is too
// early.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// zipWork takes what zippingOf takes, and data.
func zipWork(_ *native.Host, call goja.FunctionCall) native.Work {
	z, data := zippingOf(call), slices.Clone(bytesOf(call.Argument(4)))
	return func(context.Context) (any, error) { return z.all(data) }
}

// deflating is a stream that compresses.
type deflating struct {
	*native.Host
	out bytes.Buffer
	w   io.WriteCloser
}

func (d *deflating) taken(err error) goja.Value {
	if err != nil {
		d.Throw(fmt.Errorf("zlib: %w", err))
	}
	data := bytes.Clone(d.out.Bytes())
	d.out.Reset()
	return d.Buffer(data)
}

var deflatingMembers = []native.Member[*deflating]{
	{Name: "write", Call: func(d *deflating, call goja.FunctionCall) goja.Value {
		_, err := d.w.Write(bytesOf(call.Argument(0)))
		return d.taken(err)
	}},
	{Name: "flush", Call: func(d *deflating, _ goja.FunctionCall) goja.Value {
		flusher, ok := d.w.(interface{ Flush() error })
		if !ok {
			return d.taken(nil)
		}
		return d.taken(flusher.Flush())
	}},
	{Name: "end", Call: func(d *deflating, _ goja.FunctionCall) goja.Value { return d.taken(d.w.Close()) }},
}

// zlibNatives do what zlib.js wraps.
var zlibNatives = []member{
	nodeErrors.member(),
	{Name: "all", Async: zipWork}, {Name: "allSync", Call: waiting(zipWork)},
	{Name: "maxLength", Value: func(h *native.Host) goja.Value { return h.Value(h.VM.Options().MaxBytes) }},
	{Name: "stream", Call: func(h *native.Host, call goja.FunctionCall) goja.Value {
		z := zippingOf(call)
		if !z.compresses() {
			return objectOf(h, newInflating(h, z), inflatingMembers)
		}
		d := &deflating{Host: h}
		w, err := z.writer(&d.out)
		if err != nil {
			h.Throw(err)
		}
		d.w = w
		return objectOf(h, d, deflatingMembers)
	}},
	{Name: "crc32", Call: func(h *native.Host, call goja.FunctionCall) goja.Value {
		return h.Value(int64(crc32.Update(uint32(call.Argument(1).ToInteger()), crc32.IEEETable, bytesOf(call.Argument(0)))))
	}},
}
