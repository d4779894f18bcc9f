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
	g      *Globals
	ctx    context.Context // with the place where the script made it
	socket *fetch.Socket
}

var socketMembers = []native.Member[*socket]{
	{Name: "read", Call: (*socket).read},
	{Name: "write", Call: (*socket).write},
	{Name: "close", Call: (*socket).close},
}

// openSocket takes a URL and a list of protocols. It promises { protocol, socket }
// or { failure }.
func (g *Globals) openSocket(call goja.FunctionCall) goja.Value {
	request := fetch.SocketRequest{URL: call.Argument(0).String(), Header: http.Header{"User-Agent": {userAgent}}, MaxMessage: g.vm.Options().MaxBytes}
	for _, protocol := range native.Elements(g.rt, call.Argument(1), "the protocols") {
		request.Protocols = append(request.Protocols, protocol.String())
	}
	s := &socket{g: g, ctx: g.host.Context()}
	if limit := permit.From(s.ctx).Limits().FetchBody; limit > 0 {
		request.MaxMessage = limit
	}
	return g.host.Promise(func(ctx context.Context) (any, error) {
		opened, err := client().Open(s.ctx, request)
		if err != nil {
			return g.socketFailure(err)
		}
		s.socket = opened
		return native.Record{{Name: "protocol", Value: opened.Protocol}, {Name: "socket", Value: func() goja.Value {
			object := g.rt.NewObject()
			if err := native.Define(g.rt, object, s, socketMembers); err != nil {
				panic(g.rt.NewGoError(err))
			}
			return object
		}}}, nil
	})
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
