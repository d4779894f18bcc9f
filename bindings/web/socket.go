package web

import (
	"context"
	_ "embed"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
	"github.com/hatchet-js/hatchet-js-worker/bindings/web/fetch"
)

//go:embed message.js
var messageSource string

//go:embed socket.js
var socketSource string

//go:embed eventsource.js
var eventSourceSource string

var messages = newModule("events", messageSource, []string{"MessageEvent", "CloseEvent", "ErrorEvent"}, []native.Member[*Globals]{part("events", events)})

var sockets = newModule("websocket", socketSource, []string{"WebSocket"}, []native.Member[*Globals]{
	part("events", events), part("messages", messages), part("blobs", blobs), part("urls", urls),
	{Name: "encode", Call: (*Globals).encode},
	{Name: "open", Call: (*Globals).openSocket},
	{Name: "most", Value: func(g *Globals) goja.Value { return g.rt.ToValue(g.vm.Options().MaxBytes) }},
})

var eventSources = newModule("eventsource", eventSourceSource, []string{"EventSource"}, []native.Member[*Globals]{
	part("events", events), part("messages", messages), part("urls", urls), part("text", text), part("fetching", fetching), part("streams", streams),
})

// socket is a WebSocket of a script.
type socket struct {
	g       *Globals
	ctx     context.Context // with the place where the script made it
	request fetch.SocketRequest
	dialing context.Context
	cancel  context.CancelFunc // of dialing
	socket  *fetch.Socket      // once connect has promised it
}

var socketMembers = []native.Member[*socket]{
	{Name: "connect", Call: (*socket).connect},
	{Name: "cancel", Call: (*socket).giveUp},
	{Name: "read", Call: (*socket).read},
	{Name: "write", Call: (*socket).write},
	{Name: "close", Call: (*socket).close},
}

// openSocket takes a URL and a list of protocols, and returns a socket that is to
// be connected.
func (g *Globals) openSocket(call goja.FunctionCall) goja.Value {
	s := &socket{g: g, ctx: g.host.Context()}
	s.request = fetch.SocketRequest{URL: call.Argument(0).String(), Header: http.Header{"User-Agent": {userAgent}}, MaxMessage: g.vm.Options().MaxBytes}
	for _, protocol := range native.Elements(g.rt, call.Argument(1), "the protocols") {
		s.request.Protocols = append(s.request.Protocols, protocol.String())
	}
	if limit := permit.From(s.ctx).Limits().FetchBody; limit > 0 {
		s.request.MaxMessage = limit
	}
	s.dialing, s.cancel = context.WithCancel(s.ctx)
	object := g.rt.NewObject()
	if err := native.Define(g.rt, object, s, socketMembers); err != nil {
		panic(g.rt.NewGoError(err))
	}
	return object
}

// connect promises { protocol } or { failure }.
func (s *socket) connect(goja.FunctionCall) goja.Value {
	return s.g.host.Promise(func(context.Context) (any, error) {
		opened, err := client().Open(s.dialing, s.request)
		if err != nil {
			return s.g.socketFailure(err)
		}
		s.socket = opened
		return native.Record{{Name: "protocol", Value: opened.Protocol}}, nil
	})
}

// giveUp ends connect.
func (s *socket) giveUp(goja.FunctionCall) goja.Value {
	s.cancel()
	return goja.Undefined()
}

// socketFailure tells failures of the network from the refusals that a script
// must hear of.
func (g *Globals) socketFailure(err error) (any, error) {
	var failure *fetch.Failure
	return native.Record{
		{Name: "failure", Value: func() goja.Value { return g.vm.NewError(err) }}, {Name: "refused", Value: !errors.As(err, &failure)},
	}, nil
}

// read promises { text }, { bytes }, { code, reason } once it is closed, or
// { failure }.
func (s *socket) read(goja.FunctionCall) goja.Value {
	return s.g.host.Promise(func(context.Context) (any, error) {
		message, err := s.socket.Read(s.ctx)
		var closed *fetch.ClosedError
		switch {
		case errors.As(err, &closed):
			return native.Record{{Name: "code", Value: closed.Code}, {Name: "reason", Value: closed.Reason}}, nil
		case err != nil:
			return s.g.socketFailure(err)
		case message.Text:
			return native.Record{{Name: "text", Value: strings.ToValidUTF8(string(message.Data), "\ufffd")}}, nil
		}
		return native.Record{{Name: "bytes", Value: func() goja.Value { return s.g.uint8Array(message.Data) }}}, nil
	})
}

// write takes a text or bytes and promises the end of sending it.
func (s *socket) write(call goja.FunctionCall) goja.Value {
	message := fetch.Message{Text: true}
	if data, isBytes := s.g.Bytes(call.Argument(0)); isBytes {
		message = fetch.Message{Data: slices.Clone(data)}
	} else {
		message.Data = []byte(call.Argument(0).String())
	}
	return s.g.host.Promise(func(context.Context) (any, error) {
		_ = s.socket.Write(s.ctx, message) // read tells how it ended
		return nil, nil
	})
}

func (s *socket) close(call goja.FunctionCall) goja.Value {
	code, reason := int(call.Argument(0).ToInteger()), call.Argument(1).String()
	return s.g.host.Promise(func(context.Context) (any, error) {
		s.socket.Close(code, reason)
		return nil, nil
	})
}
