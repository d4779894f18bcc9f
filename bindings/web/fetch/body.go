package fetch

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

// Body is the content of a response, decoded. It belongs to the run. One
// goroutine reads; Close may come from another.
type Body struct {
	ctx     context.Context
	url     string
	raw     io.Reader
	decoded io.Reader
	left    int64 // how many bytes are to come, decoded; 0 is not known
	owned   *permit.Owned
}

// closer closes what is beneath a body; a reader that waits returns.
type closer struct {
	io.Closer
	release func()
}

func (c closer) Close() error {
	c.release()
	return c.Closer.Close()
}

func newBody(ctx context.Context, response *http.Response, release func()) (*Body, error) {
	owned, err := permit.From(ctx).Own(closer{response.Body, release})
	if err != nil {
		return nil, err
	}
	b := &Body{ctx: ctx, url: response.Request.URL.Redacted(), owned: owned, raw: response.Body, decoded: decoded(response)}
	if b.decoded == b.raw && response.ContentLength > 0 {
		b.left = response.ContentLength
	}
	return b, nil
}

// exact is up to how many bytes a server is believed about the length of a body
// before they come.
const exact = 1 << 20

// chunk is how much is read at once.
const chunk = 64 << 10

// Next returns what comes next; io.EOF is the end.
func (b *Body) Next() ([]byte, error) {
	buffer := make([]byte, chunk)
	for {
		n, err := b.decoded.Read(buffer)
		b.left = max(0, b.left-int64(n))
		if n > 0 {
			return slices.Clip(buffer[:n]), nil
		}
		if err != nil {
			return nil, b.end(err)
		}
	}
}

// All returns what is left, within the run's limit or, without one, up to most
// bytes.
func (b *Body) All(most int64) ([]byte, error) {
	if limit := permit.From(b.ctx).Limits().FetchBody; limit > 0 {
		most = limit
	}
	data, err := b.read(most + 1)
	if err == nil {
		err = Bound(b.ctx, int64(len(data)), most, "the response of "+b.url)
	}
	if err == nil {
		err = io.EOF
	}
	if err = b.end(err); !errors.Is(err, io.EOF) {
		return nil, err
	}
	return data, nil
}

// read returns up to so many bytes of what is left.
func (b *Body) read(most int64) ([]byte, error) {
	if b.left == 0 || b.left > exact || b.left > most {
		return io.ReadAll(io.LimitReader(b.decoded, most))
	}
	data := make([]byte, b.left)
	_, err := io.ReadFull(b.decoded, data)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return data, err
}

// Bound checks the size of a body that is held in memory against the limit of
// the run or, without one, against most; what names it for the error.
func Bound(ctx context.Context, size, most int64, what string) error {
	if limit := permit.From(ctx).Limits().FetchBody; limit > 0 {
		most = limit
	}
	if size <= most {
		return nil
	}
	return &permit.LimitError{
		Name: "FetchLimitExceeded", Limit: "fetchBody", Place: permit.PlaceOf(ctx),
		Text: fmt.Sprintf("%s has more than %d bytes; read its body in pieces", what, most),
	}
}

// end closes a body that has ended, for whatever reason.
func (b *Body) end(err error) error {
	ended := b.ctx.Err()
	if errors.Is(err, io.EOF) {
		// A connection is kept if its response was read to the end, which decoders
		// need not do.
		_, _ = io.CopyN(io.Discard, b.raw, drained)
	}
	_ = b.Close() // all of it is read, or err says why not
	switch {
	case errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		return io.EOF
	case ended != nil:
		return ended
	}
	return explain(err)
}

// Close ends the request.
func (b *Body) Close() error { return b.owned.Close() }

// decoded undoes the codings of a response, the last first. One that is not
// known stays, and so does what was before it.
func decoded(response *http.Response) io.Reader {
	var source io.Reader = response.Body
	codings := strings.Split(strings.Join(response.Header.Values("Content-Encoding"), ","), ",")
	for _, coding := range slices.Backward(codings) {
		var open func(*bufio.Reader) (io.Reader, error)
		switch strings.ToLower(strings.TrimSpace(coding)) {
		case "", "identity":
			continue
		case "gzip", "x-gzip":
			open = func(r *bufio.Reader) (io.Reader, error) { return gzip.NewReader(r) }
		case "deflate":
			open = inflate
		default:
			return source
		}
		source = &lazy{source: bufio.NewReader(source), open: open}
	}
	return source
}

// inflate reads zlib's format, or the bare one that some servers send.
func inflate(r *bufio.Reader) (io.Reader, error) {
	if head, err := r.Peek(2); err == nil && head[0]&0x0f == 8 && (int(head[0])<<8+int(head[1]))%31 == 0 {
		return zlib.NewReader(r)
	}
	return flate.NewReader(r), nil
}

// lazy opens a decoder when the first byte is asked for: its header has to
// arrive. Nothing at all decodes to nothing.
type lazy struct {
	source *bufio.Reader
	open   func(*bufio.Reader) (io.Reader, error)
	reader io.Reader
}

func (l *lazy) Read(p []byte) (int, error) {
	if l.reader == nil {
		if _, err := l.source.Peek(1); err != nil {
			return 0, err
		}
		reader, err := l.open(l.source)
		if err != nil {
			return 0, err
		}
		l.reader = reader
	}
	return l.reader.Read(p)
}
