package web

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/textproto"
	"strings"
	"sync"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
	"github.com/hatchet-js/hatchet-js-worker/bindings/web/fetch"
)

//go:embed blob.js
var blobSource string

//go:embed headers.js
var headersSource string

//go:embed fetch.js
var fetchSource string

var blobs = newModule("blob", blobSource, []string{"Blob", "File", "FormData"}, []native.Member[*Globals]{
	part("streams", streams),
	{Name: "encode", Call: (*Globals).encode},
	{Name: "concat", Call: (*Globals).concat},
	{Name: "utf8", Call: (*Globals).utf8},
})

var headers = newModule("headers", headersSource, []string{"Headers"}, nil)

var fetching = newModule("fetch", fetchSource, []string{"fetch", "Request", "Response"}, []native.Member[*Globals]{
	part("streams", streams), part("blobs", blobs), part("headers", headers), part("events", events), part("urls", urls),
	{Name: "encode", Call: (*Globals).encode},
	{Name: "concat", Call: (*Globals).concat},
	{Name: "utf8", Call: (*Globals).utf8},
	{Name: "bounds", Call: (*Globals).bounds},
	{Name: "multipart", Call: (*Globals).multipart},
	{Name: "parts", Call: (*Globals).parts},
	{Name: "exchange", Call: (*Globals).exchange},
	{Name: "get", Call: (*Globals).get},
	{Name: "address", Call: (*Globals).address},
})

// part gives a module what another one exports, whatever the script did to the
// globals.
func part(name string, m *module) native.Member[*Globals] {
	return native.Member[*Globals]{Name: name, Value: func(g *Globals) goja.Value { return g.load(m) }}
}

// client is that of the process: its connections are kept for all runs.
var client = sync.OnceValue(func() *fetch.Client { return fetch.New(fetch.Options{}) })

// clientOf is the client for a run. One of a test shares no connection with
// another: a test's goroutines end with it.
func clientOf(ctx context.Context) *fetch.Client {
	if permit.From(ctx).Tested() {
		return fetch.New(fetch.Options{Alone: true})
	}
	return client()
}

// CloseIdleConnections closes the connections that fetch keeps for later and
// that no request uses.
func CloseIdleConnections() { client().CloseIdle() }

// concat joins an array of bytes.
func (g *Globals) concat(call goja.FunctionCall) goja.Value {
	var all []byte
	for _, v := range native.Elements(g.rt, call.Argument(0), "the parts") {
		data, _ := g.Bytes(v)
		all = append(all, data...)
	}
	return g.uint8Array(all)
}

// utf8 decodes bytes as bodies are: without a mark at the beginning, and with
// U+FFFD for what is not UTF-8.
func (g *Globals) utf8(call goja.FunctionCall) goja.Value {
	data, _ := g.Bytes(call.Argument(0))
	return g.bodyText(data)
}

func (g *Globals) bodyText(data []byte) goja.Value {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if utf8.Valid(data) {
		return g.rt.ToValue(string(data))
	}
	units, _, _ := decodeUTF8(data, false)
	return goja.StringFromUTF16(units)
}

// bounds gives a function that takes the size that a body in memory has grown
// to, and throws beyond the run's limit. The error names the line that runs now.
func (g *Globals) bounds(goja.FunctionCall) goja.Value {
	ctx := g.host.Context()
	return native.Function(g.rt, "bound", 1, func(call goja.FunctionCall) goja.Value {
		if err := fetch.Bound(ctx, call.Argument(0).ToInteger(), g.vm.Options().MaxBytes, "the body"); err != nil {
			g.host.Throw(err)
		}
		return goja.Undefined()
	})
}

// escapes are the standard's for names in multipart bodies.
var escapes = strings.NewReplacer("\r", "%0D", "\n", "%0A", `"`, "%22")

// multipart takes entries [name, text] or [name, bytes, filename, type] and
// gives { bytes, type }.
func (g *Globals) multipart(call goja.FunctionCall) goja.Value {
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for _, entry := range native.Elements(g.rt, call.Argument(0), "the entries") {
		fields := native.Elements(g.rt, entry, "an entry")
		header := textproto.MIMEHeader{}
		disposition := `form-data; name="` + escapes.Replace(fields[0].String()) + `"`
		data, isFile := g.Bytes(fields[1])
		if isFile {
			disposition += `; filename="` + escapes.Replace(fields[2].String()) + `"`
			header.Set("Content-Type", orOctets(fields[3].String()))
		} else {
			data = []byte(lineBreaks.Replace(fields[1].String()))
		}
		header.Set("Content-Disposition", disposition)
		part, err := w.CreatePart(header)
		if err == nil {
			_, err = part.Write(data)
		}
		if err != nil {
			g.host.Throw(err)
		}
	}
	if err := w.Close(); err != nil {
		g.host.Throw(err)
	}
	made := g.rt.NewObject()
	_ = made.Set("bytes", g.uint8Array(body.Bytes()))
	_ = made.Set("type", w.FormDataContentType())
	return made
}

// lineBreaks makes all of them CRLF.
var lineBreaks = strings.NewReplacer("\r\n", "\r\n", "\r", "\r\n", "\n", "\r\n")

func orOctets(kind string) string {
	if kind == "" {
		return "application/octet-stream"
	}
	return kind
}

// parts takes the bytes of a multipart body and its content type, and gives
// entries as multipart takes them.
func (g *Globals) parts(call goja.FunctionCall) goja.Value {
	data, _ := g.Bytes(call.Argument(0))
	_, params, err := mime.ParseMediaType(call.Argument(1).String())
	if err != nil || params["boundary"] == "" {
		native.Throw(g.rt, "formData: the content type %q names no boundary", call.Argument(1).String())
	}
	if !bytes.Contains(data, []byte("--"+params["boundary"]+"--")) {
		native.Throw(g.rt, "formData: the body is no multipart/form-data, or ends too early")
	}
	reader := multipart.NewReader(bytes.NewReader(data), params["boundary"])
	var entries []any
	for {
		part, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) {
			return g.rt.NewArray(entries...)
		}
		var content []byte
		if err == nil {
			content, err = io.ReadAll(part)
		}
		if err != nil {
			native.Throw(g.rt, "formData: the body is no multipart/form-data: %v", err)
		}
		entries = append(entries, g.entry(part, content))
	}
}

func (g *Globals) entry(part *multipart.Part, content []byte) goja.Value {
	_, params, _ := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	filename, isFile := params["filename"]
	if !isFile {
		return g.rt.NewArray(params["name"], string(utf16.Decode(units(content))))
	}
	kind := part.Header.Get("Content-Type")
	if kind == "" {
		kind = "text/plain"
	}
	return g.rt.NewArray(params["name"], g.uint8Array(content), filename, kind)
}

func units(data []byte) []uint16 {
	decoded, _, _ := decodeUTF8(data, false)
	return decoded
}
