package web

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
	"github.com/hatchet-js/hatchet-js-worker/bindings/web/fetch"
)

// exchange is one request of a script and the body of its response.
type exchange struct {
	g      *Globals
	ctx    context.Context // with the place where the script called fetch
	cancel context.CancelFunc
	body   atomic.Pointer[fetch.Body] // nil until the headers are there
	input  *io.PipeWriter             // of a body that is a stream; nil is none
	peer   atomic.Pointer[x509.Certificate]
}

var exchangeMembers = []native.Member[*exchange]{
	{Name: "send", Call: (*exchange).send},
	{Name: "read", Call: func(x *exchange, _ goja.FunctionCall) goja.Value { return x.receive((*fetch.Body).Next) }},
	{Name: "all", Call: func(x *exchange, _ goja.FunctionCall) goja.Value {
		return x.receive(func(b *fetch.Body) ([]byte, error) { return b.All(x.g.vm.Options().MaxBytes) })
	}},
	{Name: "write", Call: (*exchange).write},
	{Name: "end", Call: (*exchange).end},
	{Name: "close", Call: (*exchange).close},
	{Name: "certificate", Call: (*exchange).certificate},
}

// exchange begins one: what it does is done for the line that runs now.
func (g *Globals) exchange(goja.FunctionCall) goja.Value {
	x := &exchange{g: g}
	x.ctx, x.cancel = context.WithCancel(g.host.Context())
	object := g.rt.NewObject()
	if err := native.Define(g.rt, object, x, exchangeMembers); err != nil {
		panic(g.rt.NewGoError(err))
	}
	return object
}

// send takes a method, a URL, names and values of headers in turn, a body, and a redirect mode. The
// body is bytes, null, or true for one that write and end will give. It promises { status, statusText, headers, url, redirected, empty } or,
// if the network failed, { failure }.
func (x *exchange) send(call goja.FunctionCall) goja.Value {
	request := fetch.Request{
		Method: call.Argument(0).String(), URL: call.Argument(1).String(), Header: http.Header{}, Redirect: call.Argument(4).String(),
	}
	for pair := range slices.Chunk(native.Elements(x.g.rt, call.Argument(2), "the headers"), 2) {
		request.Header.Add(pair[0].String(), latin1(pair[1].String()))
	}
	if data, given := x.g.Bytes(call.Argument(3)); given {
		request.Body = slices.Clone(data)
		if request.Body == nil {
			request.Body = []byte{}
		}
	} else if call.Argument(3).ToBoolean() {
		request.Stream, x.input = io.Pipe()
	}
	return x.g.host.Promise(func(context.Context) (any, error) {
		response, err := clientOf(x.ctx).Do(x.ctx, request, x.cancel)
		if err != nil {
			return x.failed(err)
		}
		x.body.Store(response.Body)
		x.peer.Store(response.Certificate)
		empty := request.Method == http.MethodHead || response.Status == http.StatusNoContent || response.Status == http.StatusNotModified
		if empty {
			_ = response.Body.Close() // there is none
		}
		return native.Record{
			{Name: "status", Value: response.Status}, {Name: "statusText", Value: fromLatin1(response.StatusText)},
			{Name: "headers", Value: pairs(response.Header)}, {Name: "url", Value: response.URL},
			{Name: "redirected", Value: response.Redirected}, {Name: "empty", Value: empty},
		}, nil
	})
}

// write takes bytes of the body and promises whether more are wanted.
func (x *exchange) write(call goja.FunctionCall) goja.Value {
	data, _ := x.g.Bytes(call.Argument(0))
	data = slices.Clone(data)
	return x.g.host.Promise(func(context.Context) (any, error) {
		_, err := x.input.Write(data)
		return err == nil, nil // else the request is over, which send tells
	})
}

// end ends the body, or breaks it off if it is told so.
func (x *exchange) end(call goja.FunctionCall) goja.Value {
	if call.Argument(0).ToBoolean() {
		_ = x.input.CloseWithError(errBrokenOff)
	} else {
		_ = x.input.Close()
	}
	return goja.Undefined()
}

var errBrokenOff = errors.New("the body of the request broke off")

// pairs are names and values in turn.
func pairs(header http.Header) []string {
	list := make([]string, 0, 2*len(header))
	for name, values := range header {
		for _, value := range values {
			list = append(list, name, fromLatin1(value))
		}
	}
	return list
}

// failed tells failures of the network, which scripts see as the cause of a
// TypeError, from the refusals that reach them as they are.
func (x *exchange) failed(err error) (any, error) {
	var failure *fetch.Failure
	if !errors.As(err, &failure) {
		return nil, err
	}
	return native.Record{{Name: "failure", Value: func() goja.Value { return x.g.vm.NewError(err) }}}, nil
}

// receive promises { bytes }, with undefined at the end, or { failure }.
func (x *exchange) receive(read func(*fetch.Body) ([]byte, error)) goja.Value {
	return x.g.host.Promise(func(context.Context) (any, error) {
		data, err := read(x.body.Load())
		if errors.Is(err, io.EOF) {
			return native.Record{}, nil
		}
		if err != nil {
			return x.failed(err)
		}
		return native.Record{{Name: "bytes", Value: func() goja.Value { return x.g.uint8Array(data) }}}, nil
	})
}

// close ends the exchange; a read that waits fails.
func (x *exchange) close(goja.FunctionCall) goja.Value {
	x.cancel()
	if body := x.body.Load(); body != nil {
		// Closing may wait for the network, and a script that is done with the
		// body does not.
		permit.From(x.ctx).Go(func() { _ = body.Close() })
	}
	return goja.Undefined()
}

// latin1 makes the bytes of a header's value, of which scripts see each as one
// character.
func latin1(text string) string {
	if isASCII(text) {
		return text
	}
	var out strings.Builder
	for _, r := range text {
		out.WriteByte(byte(r))
	}
	return out.String()
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func fromLatin1(data string) string {
	if isASCII(data) {
		return data
	}
	var out strings.Builder
	for i := range len(data) {
		out.WriteRune(rune(data[i]))
	}
	return out.String()
}
