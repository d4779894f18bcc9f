package node

import (
	"context"
	"io"
	"slices"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

// inflating is a stream that decompresses. Go's readers ask for their input, and
// scripts give it: a goroutine of the run reads, and each write waits until the
// reader wants more.
type inflating struct {
	*native.Host
	zipping
	ctx context.Context // of the run

	in      chan []byte
	wants   chan struct{} // the reader has used up its input
	done    chan struct{} // the reader has ended, with err
	started bool
	closed  bool

	out []byte // what was read and not yet given; whoever the others wait for owns it
	err error

	rest []byte // of the input; the reader's
	fed  bool   // some input was given; the reader's
}

func newInflating(h *native.Host, z zipping) *inflating {
	return &inflating{Host: h, zipping: z, ctx: h.Context(), in: make(chan []byte), wants: make(chan struct{}), done: make(chan struct{})}
}

// Read gives the reader input.
func (x *inflating) Read(p []byte) (int, error) {
	for len(x.rest) == 0 {
		if x.fed {
			select {
			case x.wants <- struct{}{}:
			case <-x.ctx.Done():
				return 0, context.Cause(x.ctx)
			}
		}
		select {
		case data, more := <-x.in:
			if !more {
				return 0, io.EOF
			}
			x.rest, x.fed = data, true
		case <-x.ctx.Done():
			return 0, context.Cause(x.ctx)
		}
	}
	n := copy(p, x.rest)
	x.rest = x.rest[n:]
	return n, nil
}

// run reads to the end of the compressed data.
func (x *inflating) run() {
	defer close(x.done)
	reader, err := x.reader(x)
	if err != nil {
		x.err = x.failed(unexpected(err), false)
		return
	}
	const piece = 64 << 10
	buffer := make([]byte, piece)
	some := false
	for {
		n, err := reader.Read(buffer)
		x.out = append(x.out, buffer[:n]...)
		some = some || n > 0
		if int64(len(x.out)) > x.most {
			err = errTooLong
		}
		if err != nil {
			x.err = x.failed(err, some)
			return
		}
	}
}

// taken is what was read since the last time.
func (x *inflating) taken() (any, error) {
	out := x.out
	x.out = nil
	if out == nil {
		out = []byte{}
	}
	return out, nil
}

func (x *inflating) begin() {
	if x.started {
		return
	}
	x.started = true
	if !permit.From(x.ctx).Go(x.run) {
		x.err = permit.ErrOver
		close(x.done)
	}
}

var inflatingMembers = []native.Member[*inflating]{
	{Name: "write", Async: func(x *inflating, call goja.FunctionCall) native.Work {
		data := slices.Clone(bytesOf(call.Argument(0)))
		x.begin()
		return func(ctx context.Context) (any, error) {
			if len(data) == 0 {
				return []byte{}, nil
			}
			select {
			case x.in <- data:
			case <-x.done: // what follows the end does not matter
				return x.ended()
			case <-ctx.Done():
				return nil, context.Cause(ctx)
			}
			select {
			case <-x.wants:
				return x.taken()
			case <-x.done:
				return x.ended()
			case <-ctx.Done():
				return nil, context.Cause(ctx)
			}
		}
	}},
	{Name: "end", Async: func(x *inflating, _ goja.FunctionCall) native.Work {
		x.begin()
		if !x.closed {
			x.closed = true
			close(x.in)
		}
		return func(ctx context.Context) (any, error) {
			select {
			case <-x.done:
				return x.ended()
			case <-ctx.Done():
				return nil, context.Cause(ctx)
			}
		}
	}},
}

func (x *inflating) ended() (any, error) {
	if x.err != nil {
		return nil, x.err
	}
	return x.taken()
}
