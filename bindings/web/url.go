package web

import (
	_ "embed"
	"strings"

	"github.com/dop251/goja"
	"github.com/nlnwa/whatwg-url/url"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

//go:embed url.js
var urlSource string

var urls = newModule("url", urlSource, []string{"URL", "URLSearchParams"}, []native.Member[*Globals]{
	{Name: "wellFormed", Call: (*Globals).wellFormed},
	{Name: "parse", Call: (*Globals).parseURL},
	{Name: "change", Call: (*Globals).changeURL},
	{Name: "parseQuery", Call: (*Globals).parseQuery},
	{Name: "formatQuery", Call: (*Globals).formatQuery},
})

// wellFormed puts U+FFFD in the place of halves of surrogate pairs, as Go's
// strings have it.
func (g *Globals) wellFormed(call goja.FunctionCall) goja.Value {
	return g.rt.ToValue(call.Argument(0).String())
}

// urlParser keeps nothing.
var urlParser = url.NewParser()

// parseURL takes a text and a base or undefined, and gives the parts of the URL
// in the order of url.js, or null.
func (g *Globals) parseURL(call goja.FunctionCall) goja.Value {
	text := call.Argument(0).String()
	var parsed *url.Url
	var err error
	if base := call.Argument(1); goja.IsUndefined(base) {
		parsed, err = urlParser.Parse(text)
	} else {
		parsed, err = urlParser.ParseRef(base.String(), text)
	}
	if err != nil {
		return goja.Null()
	}
	return g.urlParts(parsed)
}

func (g *Globals) urlParts(u *url.Url) goja.Value {
	return g.rt.NewArray(
		u.Href(false), u.Protocol(), u.Username(), u.Password(), u.Host(), u.Hostname(), u.Port(), u.Pathname(), u.Search(), u.Hash(), origin(u),
	)
}

// origin is the serialized origin of a URL.
func origin(u *url.Url) string {
	switch u.Scheme() {
	case "http", "https", "ws", "wss", "ftp":
		return u.Protocol() + "//" + u.Host()
	case "blob":
		inner, err := urlParser.Parse(u.Pathname())
		if err == nil && (inner.Scheme() == "http" || inner.Scheme() == "https") {
			return origin(inner)
		}
	}
	return "null"
}

// urlSetters are the parts that can be set.
var urlSetters = map[string]func(*url.Url, string){
	"protocol": (*url.Url).SetProtocol, "username": (*url.Url).SetUsername, "password": (*url.Url).SetPassword,
	"host": (*url.Url).SetHost, "hostname": (*url.Url).SetHostname, "port": (*url.Url).SetPort,
	"pathname": (*url.Url).SetPathname, "search": (*url.Url).SetSearch, "hash": (*url.Url).SetHash,
}

// changeURL takes the address of a URL, the name of a part and what it becomes,
// and gives the parts of the result. What the part cannot become changes nothing.
func (g *Globals) changeURL(call goja.FunctionCall) goja.Value {
	u, err := urlParser.Parse(call.Argument(0).String())
	if err != nil {
		g.host.Throw(err)
	}
	urlSetters[call.Argument(1).String()](u, call.Argument(2).String())
	return g.urlParts(u)
}

// parseQuery reads application/x-www-form-urlencoded into pairs.
func (g *Globals) parseQuery(call goja.FunctionCall) goja.Value {
	var pairs []any
	for part := range strings.SplitSeq(call.Argument(0).String(), "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		pairs = append(pairs, g.rt.NewArray(g.formText(name), g.formText(value)))
	}
	return g.rt.NewArray(pairs...)
}

// formText decodes a name or a value.
func (g *Globals) formText(encoded string) goja.Value {
	if !strings.ContainsAny(encoded, "%+") {
		return g.rt.ToValue(encoded)
	}
	data := make([]byte, 0, len(encoded))
	for i := 0; i < len(encoded); i++ {
		switch c := encoded[i]; {
		case c == '+':
			data = append(data, ' ')
		case c == '%' && i+2 < len(encoded) && unhex(encoded[i+1]) >= 0 && unhex(encoded[i+2]) >= 0:
			data = append(data, byte(unhex(encoded[i+1])<<4|unhex(encoded[i+2])))
			i += 2
		default:
			data = append(data, c)
		}
	}
	units, _, _ := decodeUTF8(data, false)
	return goja.StringFromUTF16(units)
}

// unhex is the value of a hexadecimal digit; -1 is none.
func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// formatQuery writes pairs as application/x-www-form-urlencoded.
func (g *Globals) formatQuery(call goja.FunctionCall) goja.Value {
	var out strings.Builder
	for i, pair := range native.Elements(g.rt, call.Argument(0), "the pairs") {
		if i > 0 {
			out.WriteByte('&')
		}
		parts := native.Elements(g.rt, pair, "a pair")
		formEncode(&out, parts[0].String())
		out.WriteByte('=')
		formEncode(&out, parts[1].String())
	}
	return g.rt.ToValue(out.String())
}

func formEncode(out *strings.Builder, text string) {
	const hex = "0123456789ABCDEF"
	for i := range len(text) {
		switch c := text[i]; {
		case c == ' ':
			out.WriteByte('+')
		case c >= '0' && c <= '9', c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', strings.IndexByte("*-._", c) >= 0:
			out.WriteByte(c)
		default:
			out.WriteByte('%')
			out.WriteByte(hex[c>>4])
			out.WriteByte(hex[c&15])
		}
	}
}

// maxAddresses is how many addresses are kept: those of a loop are few.
const maxAddresses = 32

// address gives the serialized URL of a text, or null if it is none, has a name or
// a password in it, or is no text.
func (g *Globals) address(call goja.FunctionCall) goja.Value {
	given, isText := call.Argument(0).(goja.String)
	if !isText {
		return goja.Null()
	}
	text := given.String()
	if known := g.addresses[text]; known != nil {
		return known
	}
	parsed, err := urlParser.Parse(text)
	if err != nil || parsed.Username() != "" || parsed.Password() != "" {
		return goja.Null()
	}
	if g.addresses == nil || len(g.addresses) == maxAddresses {
		g.addresses = make(map[string]goja.Value)
	}
	g.addresses[text] = g.rt.ToValue(parsed.Href(false))
	return g.addresses[text]
}
