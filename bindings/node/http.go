package node

import (
	_ "embed"
	"net/http"
	"strconv"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/web"
)

//go:embed http.js
var httpScript string

const httpTypes = `export interface RequestOptions {
  protocol?: string; host?: string; hostname?: string; port?: number | string; path?: string; method?: string; headers?: any; auth?: string; timeout?: number; agent?: any; signal?: AbortSignal; [option: string]: any;
}
export type Respond = (response: any) => void;`

// noServer says why there is no server here.
const noServer = "a worker takes no requests: it is given tasks; trigger a workflow by an event or by Hatchet's API instead"

// clientMembers are those that http and https share; other is what the members of
// https are made of.
func clientMembers(value func(string) func(*native.Host) goja.Value) []member {
	return []member{
		{Name: "request", Type: "(url: string | URL | RequestOptions, options?: RequestOptions | Respond, callback?: Respond): any", Value: value("request"),
			Doc: "Makes a request (--allow-net): write(data), end(), the events response, error and timeout. What is written goes out as it comes. Connections are pooled by the worker."},
		{Name: "get", Type: "(url: string | URL | RequestOptions, options?: RequestOptions | Respond, callback?: Respond): any", Doc: "request and end().", Value: value("get")},
		{Name: "Agent", Type: ": any", Doc: "Says of which protocol requests are. Connections are pooled by the worker, whatever its options.", Value: value("Agent")},
		{Name: "globalAgent", Type: ": any", Doc: "The agent of requests that name none.", Value: value("globalAgent")},
	}
}

var methods = []string{
	"ACL", "BIND", "CHECKOUT", "CONNECT", "COPY", "DELETE", "GET", "HEAD", "LINK", "LOCK", "M-SEARCH", "MERGE", "MKACTIVITY", "MKCALENDAR", "MKCOL", "MOVE", "NOTIFY", "OPTIONS", "PATCH", "POST",
	"PROPFIND", "PROPPATCH", "PURGE", "PUT", "REBIND", "REPORT", "SEARCH", "SOURCE", "SUBSCRIBE", "TRACE", "UNBIND", "UNLINK", "UNLOCK", "UNSUBSCRIBE",
}

// httpModule is node:http.
var httpModule = func() native.Module {
	m := native.Module{
		Name: "node:http",
		Doc:  "The client side of HTTP, for packages that need it; fetch is better otherwise, and sends through the same door. Redirects are not followed. Bodies that are gzip or deflate come decoded, without the header that says so.",
		Members: append(clientMembers(func(string) func(*native.Host) goja.Value { return nil }),
			member{Name: "ClientRequest", Type: ": any", Doc: "The class of what request gives, a Writable."},
			member{Name: "IncomingMessage", Type: ": any", Doc: "The class of responses, a Readable with statusCode and headers."},
			member{Name: "METHODS", Type: ": string[]", Doc: "The methods of HTTP."},
			member{Name: "STATUS_CODES", Type: ": Record<string, string>", Doc: "The text of each status."},
			member{Name: "maxHeaderSize", Type: ": number", Doc: "How many bytes the headers of a response may have."},
			member{Name: "validateHeaderName", Type: "(name: string): void", Doc: "Throws unless it may be the name of a header."},
			member{Name: "validateHeaderValue", Type: "(name: string, value: any): void", Doc: "Throws unless it may be the value of a header."},
		),
		Script: httpScript,
		Natives: []member{
			nodeErrors.member(),
			{Name: "exchange", Call: func(h *native.Host, _ goja.FunctionCall) goja.Value { return web.Exchange(h) }},
			{Name: "methods", Value: func(h *native.Host) goja.Value { return h.Value(methods) }},
			{Name: "statuses", Value: func(h *native.Host) goja.Value {
				object := h.Runtime.NewObject()
				for code := 100; code < 600; code++ {
					if text := http.StatusText(code); text != "" {
						_ = object.Set(strconv.Itoa(code), text)
					}
				}
				return object
			}},
		},
		Missing: map[string]string{"createServer": noServer, "Server": noServer, "ServerResponse": noServer, "OutgoingMessage": "use ClientRequest", "setMaxIdleHTTPParsers": "connections are the worker's", "WebSocket": "use the global WebSocket"},
		Types:   httpTypes,
		Example: `import http from 'node:http'

console.log(http.STATUS_CODES[404], http.METHODS.includes('PATCH')) // -> Not Found true`,
	}
	return m
}()

// httpsModule is node:https.
var httpsModule = native.Module{
	Name: "node:https",
	Doc: "node:http with TLS. Certificates are always checked, against those that the system trusts, NODE_EXTRA_CA_CERTS and authorities in hatchet-js.json; " +
		"response.socket.getPeerCertificate() tells of the server's.",
	Members: clientMembers(func(name string) func(*native.Host) goja.Value {
		return func(h *native.Host) goja.Value {
			make, _ := goja.AssertFunction(h.Script("node:http").Get("make"))
			made, err := make(goja.Undefined(), h.Value("https:"))
			if err != nil {
				panic(err)
			}
			return made.ToObject(h.Runtime).Get(name)
		}
	}),
	Types:   httpTypes,
	Missing: map[string]string{"createServer": noServer, "Server": noServer},
	Example: `import https from 'node:https'

const request = https.request({ host: 'example.com', path: '/x', headers: { accept: 'text/html' } })
console.log(request.method, request.protocol, request.getHeader('Accept')) // -> GET https: text/html
request.destroy()`,
}
