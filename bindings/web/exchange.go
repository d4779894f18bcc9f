package web

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
	"github.com/hatchet-js/hatchet-js-worker/bindings/web/fetch"
)

// exchange is one request of a script and the body of its response. Scripts hold
// it as an object that has nothing but its methods.
type exchange struct {
	bare
	g      *Globals
	held   *goja.Object    // see object
	ctx    context.Context // with the place where the script called fetch
	cancel context.CancelFunc
	body   atomic.Pointer[fetch.Body] // nil until the headers are there
	input  *io.PipeWriter             // of a body that is a stream; nil is none
	answer *fetch.Response            // nil until the headers are there
	peer   atomic.Pointer[x509.Certificate]
	early  *early // set before the headers are told; nil is none
}

// early is a short body that is read while the script looks at the headers, so
// that it need not wait for it.
type early struct {
	done  chan struct{} // closed when data and err are there
	data  []byte
	err   error
	taken bool
}

// maxEarly is the largest body, in bytes, that is read before it is asked for.
const maxEarly = 64 << 10

// bare is an object without properties of its own, which costs less than any
// other; its prototype has the methods.
type bare struct{}

func (bare) Get(string) goja.Value       { return nil }
func (bare) Set(string, goja.Value) bool { return false }
func (bare) Has(string) bool             { return false }
func (bare) Delete(string) bool          { return true }
func (bare) Keys() []string              { return nil }

func exchangeMembers() []native.Member[*Globals] {
	return []native.Member[*Globals]{
		of("send", (*exchange).send),
		of("read", func(x *exchange, _ goja.FunctionCall) goja.Value { return x.receive(x.next) }),
		of("all", func(x *exchange, _ goja.FunctionCall) goja.Value { return x.receive(x.whole) }),
		of("text", (*exchange).text),
		of("pairs", func(x *exchange, _ goja.FunctionCall) goja.Value { return x.g.host.Value(pairs(x.answer.Header)) }),
		of("write", (*exchange).write),
		of("end", (*exchange).end),
		of("close", (*exchange).close),
		of("certificate", (*exchange).certificate),
		told("type", func(*fetch.Response) any { return "basic" }),
		told("url", func(r *fetch.Response) any { return r.URL }),
		told("redirected", func(r *fetch.Response) any { return r.Redirected }),
		told("status", func(r *fetch.Response) any { return r.Status }),
		told("statusText", func(r *fetch.Response) any { return fromLatin1(r.StatusText) }),
	}
}

// of makes a method of exchanges.
func of(name string, call func(*exchange, goja.FunctionCall) goja.Value) native.Member[*Globals] {
	return native.Member[*Globals]{Name: name, Call: func(g *Globals, fc goja.FunctionCall) goja.Value {
		return call(g.exchangeOf(fc.This, name), fc)
	}}
}

// told makes an accessor of what a response says; undefined before there is one.
func told(name string, read func(*fetch.Response) any) native.Member[*Globals] {
	return native.Member[*Globals]{Name: name, Get: func(g *Globals, fc goja.FunctionCall) goja.Value {
		if answer := g.exchangeOf(fc.This, name).answer; answer != nil {
			return g.rt.ToValue(read(answer))
		}
		return goja.Undefined()
	}}
}

func (g *Globals) exchangeOf(this goja.Value, name string) *exchange {
	if object, ok := this.(*goja.Object); ok {
		if x, ok := object.Export().(*exchange); ok {
			return x
		}
	}
	native.Throw(g.rt, "%s is a member of exchanges", name)
	return nil
}

// exchange begins one.
func (g *Globals) exchange(goja.FunctionCall) goja.Value { return g.newExchange().object() }

// get is fetch of an address alone: it takes what the script gave and the function
// that makes the response, and gives null if that is no text of an address.
func (g *Globals) get(call goja.FunctionCall) goja.Value {
	at, isText := g.address(call).(goja.String)
	if !isText {
		return goja.Null()
	}
	respond, _ := goja.AssertFunction(call.Argument(1))
	x := g.newExchange()
	return x.start(fetch.Request{Method: http.MethodGet, URL: at.String(), Header: http.Header{}}, respond)
}

// newExchange begins one: what it does is done for the line that runs now.
func (g *Globals) newExchange() *exchange {
	x := &exchange{g: g}
	x.ctx, x.cancel = context.WithCancel(g.host.Context())
	return x
}

// object is what scripts hold, made once.
func (x *exchange) object() *goja.Object {
	if x.held != nil {
		return x.held
	}
	g := x.g
	if g.exchanges == nil {
		g.exchanges = g.rt.NewObject()
		if err := native.Define(g.rt, g.exchanges, g, exchangeMembers()); err != nil {
			panic(g.rt.NewGoError(err))
		}
	}
	x.held = g.rt.NewDynamicObject(x)
	if err := x.held.SetPrototype(g.exchanges); err != nil {
		panic(g.rt.NewGoError(err))
	}
	return x.held
}

// send takes a method, a URL, names and values of headers in turn, a body, a redirect mode and a function. The
// body is bytes, null, or for one that write and end will give true or its length. It promises what the function makes of
// the exchange, which tells of the response, and of whether there is no body; without a function
// { status, statusText, headers, url, redirected, empty } or, if the network failed, { failure }.
func (x *exchange) send(call goja.FunctionCall) goja.Value {
	respond, _ := goja.AssertFunction(call.Argument(5))
	return x.start(x.request(call), respond)
}

func (x *exchange) start(request fetch.Request, respond goja.Callable) goja.Value {
	return x.g.host.PromiseIn(x.ctx, func(context.Context) (any, error) {
		response, err := clientOf(x.ctx).Do(x.ctx, request, x.cancel)
		if err != nil && respond != nil {
			return nil, failing("fetch failed", err)
		}
		if err != nil {
			return x.failed(err)
		}
		empty := x.opened(request, response)
		if respond == nil {
			return described(response, empty), nil
		}
		return func() goja.Value {
			made, err := respond(goja.Undefined(), x.object(), x.g.rt.ToValue(empty))
			if err != nil {
				panic(err)
			}
			return made
		}, nil
	}, x.readEarly)
}

// request is what send is to send.
func (x *exchange) request(call goja.FunctionCall) fetch.Request {
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
		if call.Argument(3).ExportType().Kind() != reflect.Bool {
			request.Length = call.Argument(3).ToInteger()
		}
	}
	return request
}

// opened keeps what has come, and reports whether there is no body.
func (x *exchange) opened(request fetch.Request, response *fetch.Response) (empty bool) {
	x.answer = response
	x.peer.Store(response.Certificate)
	empty = request.Method == http.MethodHead || response.Status == http.StatusNoContent || response.Status == http.StatusNotModified
	most := int64(maxEarly)
	if limit := permit.From(x.ctx).Limits().FetchBody; limit > 0 {
		most = min(most, limit)
	}
	if !empty && response.Length >= 0 && response.Length <= most && response.Header.Get("Content-Encoding") == "" {
		x.early = &early{done: make(chan struct{})}
	}
	x.body.Store(response.Body)
	if empty {
		_ = response.Body.Close() // there is none
	}
	return empty
}

func described(response *fetch.Response, empty bool) native.Record {
	return native.Record{
		{Name: "status", Value: response.Status}, {Name: "statusText", Value: fromLatin1(response.StatusText)},
		{Name: "headers", Value: pairs(response.Header)}, {Name: "url", Value: response.URL},
		{Name: "redirected", Value: response.Redirected}, {Name: "empty", Value: empty},
	}
}

// readEarly reads a short body, after the headers were told.
func (x *exchange) readEarly() {
	e := x.early
	if e == nil {
		return
	}
	defer close(e.done)
	e.data, e.err = x.body.Load().All(x.g.vm.Options().MaxBytes)
}

// whole returns what is left of the body.
func (x *exchange) whole() ([]byte, error) {
	e := x.early
	if e == nil {
		return x.body.Load().All(x.g.vm.Options().MaxBytes)
	}
	<-e.done // at the latest when the run ends
	if e.taken && e.err == nil {
		return nil, nil
	}
	e.taken = true
	return e.data, e.err
}

// next returns what comes next of the body; io.EOF is the end.
func (x *exchange) next() ([]byte, error) {
	if x.early == nil {
		return x.body.Load().Next()
	}
	data, err := x.whole()
	if err == nil && len(data) == 0 {
		err = io.EOF
	}
	return data, err
}

// text promises what is left of the body as text, or what a function makes of
// it. What has come already takes no goroutine.
func (x *exchange) text(call goja.FunctionCall) goja.Value {
	convert, _ := goja.AssertFunction(call.Argument(0))
	if data, there := x.arrived(); there {
		return x.settled(data, convert)
	}
	return x.g.host.PromiseIn(x.ctx, func(context.Context) (any, error) {
		data, err := x.whole()
		if err != nil {
			return nil, failing("terminated", err)
		}
		return func() goja.Value {
			made, err := x.converted(data, convert)
			if err != nil {
				panic(err)
			}
			return made
		}, nil
	}, nil)
}

// arrived is a body that was read early and is whole.
func (x *exchange) arrived() ([]byte, bool) {
	if x.early == nil {
		return nil, false
	}
	select {
	case <-x.early.done:
		if x.early.err != nil {
			return nil, false
		}
		data, _ := x.whole()
		return data, true
	default:
		return nil, false
	}
}

// settled is a promise that is settled already.
func (x *exchange) settled(data []byte, convert goja.Callable) goja.Value {
	promise, resolve, reject := x.g.rt.NewPromise()
	made, err := x.converted(data, convert)
	var thrown *goja.Exception
	switch {
	case errors.As(err, &thrown):
		err = reject(thrown.Value())
	case err == nil:
		err = resolve(made)
	}
	if err != nil {
		panic(err)
	}
	return x.g.rt.ToValue(promise)
}

func (x *exchange) converted(data []byte, convert goja.Callable) (goja.Value, error) {
	text := x.g.bodyText(data)
	if convert == nil {
		return text, nil
	}
	return convert(goja.Undefined(), text)
}

// failedError is a TypeError with the failure of the network as its cause.
type failedError struct {
	text  string
	cause error
}

func (e *failedError) Error() string     { return e.text }
func (e *failedError) ErrorName() string { return "TypeError" }
func (e *failedError) ErrorCause() error { return e.cause }

// failing tells failures of the network from refusals, as failed does.
func failing(text string, err error) error {
	if failure := (*fetch.Failure)(nil); errors.As(err, &failure) {
		return &failedError{text, err}
	}
	return err
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
func (x *exchange) receive(read func() ([]byte, error)) goja.Value {
	return x.g.host.Promise(func(context.Context) (any, error) {
		data, err := read()
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
