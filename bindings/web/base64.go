package web

import (
	"encoding/base64"
	"strings"

	"github.com/dop251/goja"
)

var base64Members = []Member{
	{Name: "btoa", Type: "(data: string): string", Doc: "Encodes bytes, given as characters up to U+00FF, as base64.", Length: 1, Call: (*Globals).btoa},
	{Name: "atob", Type: "(data: string): string", Doc: "Decodes base64 to bytes, given as characters up to U+00FF.", Length: 1, Call: (*Globals).atob},
}

func (g *Globals) btoa(call goja.FunctionCall) goja.Value {
	var data []byte
	for _, r := range call.Argument(0).String() {
		if r > 0xff {
			panic(g.exception("btoa: the text has characters beyond U+00FF; encode it with TextEncoder first", "InvalidCharacterError"))
		}
		data = append(data, byte(r))
	}
	return g.rt.ToValue(base64.StdEncoding.EncodeToString(data))
}

// atob decodes as leniently as browsers do: white space and missing padding do
// not matter.
func (g *Globals) atob(call goja.FunctionCall) goja.Value {
	source := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\n\f\r", r) {
			return -1
		}
		return r
	}, call.Argument(0).String())
	if len(source)%4 == 0 {
		source = strings.TrimSuffix(strings.TrimSuffix(source, "="), "=")
	}
	data, err := base64.RawStdEncoding.DecodeString(source)
	if err != nil {
		panic(g.exception("atob: the text is not base64", "InvalidCharacterError"))
	}
	units := make([]uint16, len(data))
	for i, b := range data {
		units[i] = uint16(b)
	}
	return goja.StringFromUTF16(units)
}
