package web

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	_ "embed"
	"errors"
	"io"
	"slices"
	"sync"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

//go:embed stream/coding.js
var codingSource string

var codings = newModule("streams", codingSource,
	[]string{"TextEncoderStream", "TextDecoderStream", "CompressionStream", "DecompressionStream"}, []native.Member[*Globals]{
		part("base", streamBase), part("streams", streams), part("writables", writables), part("transforms", transforms), part("text", text),
		{Name: "compressor", Call: (*Globals).compressor},
		{Name: "decompressor", Call: (*Globals).decompressor},
	})

// compressor takes a format and gives a function that takes bytes and whether
// they are the last, and promises what comes out so far.
func (g *Globals) compressor(call goja.FunctionCall) goja.Value {
	var out bytes.Buffer
	var in io.WriteCloser
	switch call.Argument(0).String() {
	case "gzip":
		in = gzip.NewWriter(&out)
	case "deflate":
		in = zlib.NewWriter(&out)
	default:
		in, _ = flate.NewWriter(&out, flate.DefaultCompression) // the level is right
	}
	return native.Function(g.rt, "compress", 2, func(call goja.FunctionCall) goja.Value {
		data, _ := g.Bytes(call.Argument(0))
		data = slices.Clone(data)
		last := call.Argument(1).ToBoolean()
		return g.host.Promise(func(context.Context) (any, error) {
			_, err := in.Write(data)
			if last {
				err = errors.Join(err, in.Close())
			}
			made := slices.Clone(out.Bytes())
			out.Reset()
			return func() goja.Value { return g.uint8Array(made) }, err
		})
	})
}

// inflater decompresses what it is fed as far as it is asked to.
type inflater struct {
	format string
	input  *inflow
	buffer *bufio.Reader
	reader io.Reader // nil until the header has come
}

// decompressor takes a format and gives feed(bytes) and end(), which promise the
// text of an error or undefined when the input was taken, next(), which promises
// { bytes } or { failed }, nothing of both being the end, and close().
func (g *Globals) decompressor(call goja.FunctionCall) goja.Value {
	input := &inflow{more: make(chan struct{}, 1), over: make(chan struct{})}
	i := &inflater{format: call.Argument(0).String(), input: input, buffer: bufio.NewReader(input)}
	object := g.rt.NewObject()
	for name, method := range map[string]func(goja.FunctionCall) goja.Value{
		"feed": func(call goja.FunctionCall) goja.Value {
			data, _ := g.Bytes(call.Argument(0))
			return g.taken(input, input.put(slices.Clone(data), false))
		},
		"end": func(goja.FunctionCall) goja.Value { return g.taken(input, input.put(nil, true)) },
		"next": func(goja.FunctionCall) goja.Value {
			return g.host.Promise(func(ctx context.Context) (any, error) { return g.inflated(ctx, i) })
		},
		"close": func(goja.FunctionCall) goja.Value { input.close(errClosed); return goja.Undefined() },
	} {
		_ = object.Set(name, native.Function(g.rt, name, 0, method))
	}
	return object
}

var errClosed = errors.New("the stream was closed")

// taken promises the end of the input's taking.
func (g *Globals) taken(input *inflow, done <-chan struct{}) goja.Value {
	return g.host.Promise(func(ctx context.Context) (any, error) {
		select {
		case <-done:
			return nil, nil
		case <-input.over:
			if err := input.failure(); err != nil {
				return err.Error(), nil
			}
			return nil, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	})
}

func (g *Globals) inflated(ctx context.Context, i *inflater) (any, error) {
	data, err := i.next(ctx)
	if errors.Is(err, io.EOF) {
		i.input.close(nil)
		return native.Record{}, nil
	}
	if err != nil {
		i.input.close(err)
		return native.Record{{Name: "failed", Value: err.Error()}}, nil
	}
	return native.Record{{Name: "bytes", Value: func() goja.Value { return g.uint8Array(data) }}}, nil
}

const inflateChunk = 64 << 10

// next gives the next bytes; io.EOF is the end.
func (i *inflater) next(ctx context.Context) ([]byte, error) {
	i.input.ctx = ctx
	if i.reader == nil {
		reader, err := i.open()
		if err != nil {
			return nil, broken(err)
		}
		i.reader = reader
	}
	buffer := make([]byte, inflateChunk)
	for {
		n, err := i.reader.Read(buffer)
		if n > 0 {
			return slices.Clip(buffer[:n]), nil
		}
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, i.end()
		}
		if err != nil {
			return nil, broken(err)
		}
	}
}

func (i *inflater) open() (io.Reader, error) {
	switch i.format {
	case "gzip":
		reader, err := gzip.NewReader(i.buffer)
		if err == nil {
			reader.Multistream(false)
		}
		return reader, err
	case "deflate":
		return zlib.NewReader(i.buffer)
	}
	return flate.NewReader(i.buffer), nil
}

// end checks that nothing follows.
func (i *inflater) end() error {
	if _, err := i.buffer.ReadByte(); err == nil {
		return errors.New("decompression failed: there is data after the end")
	} else if !errors.Is(err, io.EOF) {
		return broken(err)
	}
	return io.EOF
}

func broken(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("decompression failed: the data ends too early")
	}
	return errors.New("decompression failed: " + err.Error())
}

// inflow is a reader of what is put into it.
type inflow struct {
	ctx  context.Context // of who reads
	more chan struct{}
	over chan struct{} // closed when nobody reads any more

	mu     sync.Mutex
	chunks []inflowChunk
	ended  bool
	closed bool
	err    error
}

type inflowChunk struct {
	data []byte
	done chan struct{}
}

// put gives bytes, or the end, to the reader; the channel is closed when they
// were read.
func (f *inflow) put(data []byte, end bool) <-chan struct{} {
	done := make(chan struct{})
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ended = f.ended || end
	if end {
		f.signal()
		return done // the reader's end is it
	}
	f.chunks = append(f.chunks, inflowChunk{data, done})
	f.signal()
	return done
}

func (f *inflow) signal() {
	select {
	case f.more <- struct{}{}:
	default:
	}
}

// close says that nobody will read any more, and why.
func (f *inflow) close(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return
	}
	f.closed, f.err = true, err
	close(f.over)
}

func (f *inflow) failure() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}

func (f *inflow) Read(p []byte) (int, error) {
	for {
		if n, err := f.take(p); n > 0 || err != nil {
			return n, err
		}
		select {
		case <-f.more:
		case <-f.over:
			return 0, errClosed
		case <-f.ctx.Done():
			return 0, f.ctx.Err()
		}
	}
}

func (f *inflow) take(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.chunks) > 0 {
		first := &f.chunks[0]
		n := copy(p, first.data)
		first.data = first.data[n:]
		if len(first.data) == 0 {
			close(first.done)
			f.chunks = f.chunks[1:]
		}
		if n > 0 {
			return n, nil
		}
	}
	if f.ended {
		return 0, io.EOF
	}
	return 0, nil
}
