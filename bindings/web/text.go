package web

import (
	_ "embed"
	"errors"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/dop251/goja"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/transform"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

//go:embed text.js
var textSource string

var text = newModule("text", textSource, []string{"TextEncoder", "TextDecoder"}, []native.Member[*Globals]{
	{Name: "encode", Call: (*Globals).encode},
	{Name: "encodeInto", Call: (*Globals).encodeInto},
	{Name: "encoding", Call: (*Globals).encoding},
	{Name: "decoder", Call: (*Globals).decoder},
})

func (g *Globals) encode(call goja.FunctionCall) goja.Value {
	return g.uint8Array([]byte(call.Argument(0).String()))
}

// encodeInto takes a text and the bytes to write to, and gives { read, written }:
// units of the text and bytes. Only whole characters are written.
func (g *Globals) encodeInto(call goja.FunctionCall) goja.Value {
	target, _ := g.Bytes(call.Argument(1))
	read, written := 0, 0
	for _, r := range call.Argument(0).String() {
		size := utf8.RuneLen(r)
		if written+size > len(target) {
			break
		}
		utf8.EncodeRune(target[written:], r)
		written += size
		read += utf16.RuneLen(r)
	}
	result := g.rt.NewObject()
	_ = result.Set("read", read)
	_ = result.Set("written", written)
	return result
}

// Encodings that are decoded here, by the names the Encoding standard gives
// them.
const (
	utf8Encoding    = "utf-8"
	latin1Encoding  = "windows-1252"
	utf16leEncoding = "utf-16le"
	utf16beEncoding = "utf-16be"
)

// unlisted are labels that htmlindex does not have.
var unlisted = map[string]string{
	"utf-16": utf16leEncoding, "unicode11utf8": utf8Encoding, "unicode20utf8": utf8Encoding, "x-unicode20utf8": utf8Encoding,
	"csunicode": utf16leEncoding, "iso-10646-ucs-2": utf16leEncoding, "ucs-2": utf16leEncoding, "unicode": utf16leEncoding,
	"gb18030": "gb18030", "unicodefeff": utf16leEncoding, "unicodefffe": utf16beEncoding, "utf-16le": utf16leEncoding, "utf-16be": utf16beEncoding,
}

// encodingOf gives the name of the encoding that a label stands for; "" is none.
func encodingOf(label string) string {
	label = strings.ToLower(strings.Trim(label, "\t\n\f\r "))
	if name := unlisted[label]; name != "" {
		return name
	}
	found, err := htmlindex.Get(label)
	if err != nil || strings.TrimSpace(label) != label { // Get would trim more than the standard
		return ""
	}
	name, err := htmlindex.Name(found)
	if err != nil || name == "replacement" {
		return ""
	}
	return name
}

func (g *Globals) encoding(call goja.FunctionCall) goja.Value {
	return g.rt.ToValue(encodingOf(call.Argument(0).String()))
}

// decoding is what a decoder has left over from before.
type decoding struct {
	name   string
	rest   []byte
	single *charmap.Charmap  // for what has one byte for each character
	legacy *encoding.Decoder // for the others
}

// find finds the tables of what is neither UTF nor latin1.
func (d *decoding) find() error {
	if d.name == "gbk" || d.name == "gb18030" { // the standard decodes both alike
		d.legacy = simplifiedchinese.GB18030.NewDecoder()
		return nil
	}
	found, err := htmlindex.Get(d.name)
	if err != nil {
		return err
	}
	if single, ok := found.(*charmap.Charmap); ok {
		d.single = single
		return nil
	}
	d.legacy = found.NewDecoder()
	return nil
}

// decodeSingle decodes bytes that are a character each.
func (d *decoding) decodeSingle(data []byte) (units []uint16, valid bool) {
	units, valid = make([]uint16, len(data)), true
	for i, b := range data {
		r := d.single.DecodeByte(b)
		if r == utf8.RuneError && b < 0xa0 {
			r = rune(b) // the standard fills these gaps with control characters
		}
		valid = valid && r != utf8.RuneError
		units[i] = uint16(r)
	}
	return units, valid
}

// decoder takes the name of an encoding and gives a function that takes bytes
// and whether more follow, and gives { text, valid }.
func (g *Globals) decoder(call goja.FunctionCall) goja.Value {
	d := &decoding{name: call.Argument(0).String()}
	switch d.name {
	case utf8Encoding, latin1Encoding, utf16leEncoding, utf16beEncoding:
	default:
		if err := d.find(); err != nil {
			g.host.Throw(err)
		}
	}
	return native.Function(g.rt, "decode", 2, func(call goja.FunctionCall) goja.Value {
		input, ok := g.Bytes(call.Argument(0))
		if !ok {
			native.Throw(g.rt, "TextDecoder: the input must be an ArrayBuffer or a view of one, got %s", native.Describe(call.Argument(0)))
		}
		units, valid := d.decode(input, call.Argument(1).ToBoolean())
		result := g.rt.NewObject()
		_ = result.Set("text", goja.StringFromUTF16(units))
		_ = result.Set("valid", valid)
		return result
	})
}

func (d *decoding) decode(input []byte, more bool) (units []uint16, valid bool) {
	data := slices.Concat(d.rest, input)
	rest := 0
	switch {
	case d.single != nil:
		units, valid = d.decodeSingle(data)
	case d.legacy != nil:
		units, rest, valid = d.decodeLegacy(data, more)
	case d.name == latin1Encoding:
		units, valid = decodeLatin1(data), true
	case d.name == utf16leEncoding:
		units, rest, valid = decodeUTF16(data, 0, more)
	case d.name == utf16beEncoding:
		units, rest, valid = decodeUTF16(data, 1, more)
	default:
		units, rest, valid = decodeUTF8(data, more)
	}
	d.rest = slices.Clone(data[len(data)-rest:])
	return units, valid
}

// decodeLegacy decodes with the tables of the Encoding standard. What is not in
// them comes out as U+FFFD.
func (d *decoding) decodeLegacy(data []byte, more bool) (units []uint16, rest int, valid bool) {
	buffer := make([]byte, 4<<10)
	valid = true
	for {
		written, read, err := d.legacy.Transform(buffer, data, !more)
		for _, r := range string(buffer[:written]) {
			valid = valid && r != utf8.RuneError
			units = utf16.AppendRune(units, r)
		}
		data = data[read:]
		if !errors.Is(err, transform.ErrShortDst) {
			break
		}
	}
	if !more {
		d.legacy.Reset()
		return units, 0, valid
	}
	return units, len(data), valid
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
