package web

import (
	_ "embed"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

//go:embed text.js
var textSource string

var text = newModule("text", textSource, []string{"TextEncoder", "TextDecoder"}, []native.Member[*Globals]{
	{Name: "encode", Call: (*Globals).encode},
	{Name: "encoding", Call: (*Globals).encoding},
	{Name: "decode", Call: (*Globals).decode},
})

func (g *Globals) encode(call goja.FunctionCall) goja.Value {
	return g.uint8Array([]byte(call.Argument(0).String()))
}

// Encodings by the names the Encoding standard gives them.
const (
	utf8Encoding    = "utf-8"
	latin1Encoding  = "windows-1252"
	utf16leEncoding = "utf-16le"
	utf16beEncoding = "utf-16be"
)

// encodingLabels are the labels in use, in lower case.
var encodingLabels = map[string]string{
	"utf-8": utf8Encoding, "utf8": utf8Encoding, "unicode-1-1-utf-8": utf8Encoding,
	"latin1": latin1Encoding, "l1": latin1Encoding, "iso-8859-1": latin1Encoding, "iso8859-1": latin1Encoding,
	"iso_8859-1": latin1Encoding, "ascii": latin1Encoding, "us-ascii": latin1Encoding,
	"windows-1252": latin1Encoding, "cp1252": latin1Encoding, "x-cp1252": latin1Encoding,
	"utf-16le": utf16leEncoding, "utf-16": utf16leEncoding, "ucs-2": utf16leEncoding, "unicode": utf16leEncoding,
	"utf-16be": utf16beEncoding, "unicodefffe": utf16beEncoding,
}

func (g *Globals) encoding(call goja.FunctionCall) goja.Value {
	return g.rt.ToValue(encodingLabels[strings.ToLower(strings.TrimSpace(call.Argument(0).String()))])
}

// decode takes an encoding, bytes left over from before, bytes, and whether more
// follow. It gives { text, rest, valid }.
func (g *Globals) decode(call goja.FunctionCall) goja.Value {
	before, _ := g.Bytes(call.Argument(1))
	input, ok := g.Bytes(call.Argument(2))
	if !ok {
		native.Throw(g.rt, "TextDecoder: the input must be an ArrayBuffer or a view of one, got %s", native.Describe(call.Argument(2)))
	}
	data := slices.Concat(before, input)
	more := call.Argument(3).ToBoolean()
	var units []uint16
	rest, valid := 0, true
	switch call.Argument(0).String() {
	case latin1Encoding:
		units = decodeLatin1(data)
	case utf16leEncoding:
		units, rest, valid = decodeUTF16(data, 0, more)
	case utf16beEncoding:
		units, rest, valid = decodeUTF16(data, 1, more)
	default:
		units, rest, valid = decodeUTF8(data, more)
	}
	result := g.rt.NewObject()
	_ = result.Set("text", goja.StringFromUTF16(units))
	_ = result.Set("rest", g.uint8Array(slices.Clone(data[len(data)-rest:])))
	_ = result.Set("valid", valid)
	return result
}

// windows1252 is what the bytes from 0x80 to 0x9f stand for.
var windows1252 = [32]uint16{
	0x20ac, 0x81, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8d, 0x017d, 0x8f,
	0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x9d, 0x017e, 0x0178,
}

func decodeLatin1(data []byte) []uint16 {
	units := make([]uint16, len(data))
	for i, b := range data {
		units[i] = uint16(b)
		if b >= 0x80 && b < 0xa0 {
			units[i] = windows1252[b-0x80]
		}
	}
	return units
}

// decodeUTF16 reads units whose low byte is at offset low of each pair. rest is
// how many bytes at the end wait for more.
func decodeUTF16(data []byte, low int, more bool) (units []uint16, rest int, valid bool) {
	const replacement = 0xfffd
	valid = true
	for i := 0; i+1 < len(data); i += 2 {
		units = append(units, uint16(data[i+low])|uint16(data[i+1-low])<<8)
	}
	rest = len(data) % 2
	if n := len(units); more && n > 0 && units[n-1] >= 0xd800 && units[n-1] < 0xdc00 {
		units, rest = units[:n-1], rest+2
	}
	if rest > 0 && !more {
		units, rest, valid = append(units, replacement), 0, false
	}
	for i := 0; i < len(units); i++ {
		switch {
		case !utf16.IsSurrogate(rune(units[i])):
		case i+1 < len(units) && utf16.DecodeRune(rune(units[i]), rune(units[i+1])) != replacement:
			i++
		default:
			units[i], valid = replacement, false
		}
	}
	return units, rest, valid
}
