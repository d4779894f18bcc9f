package value

import (
	"fmt"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/dop251/goja"
)

// text reads a string value.
func (d *Decoder) text() (goja.Value, error) {
	raw, plain, err := d.quoted()
	if err != nil {
		return nil, err
	}
	if plain {
		return d.rt.ToValue(string(raw)), nil
	}
	units, err := d.unescape(raw)
	if err != nil {
		return nil, err
	}
	return goja.StringFromUTF16(units), nil
}

// key reads a property name. goja's keys are Go strings, so a lone surrogate in
// a name becomes U+FFFD.
func (d *Decoder) key() (string, error) {
	raw, plain, err := d.quoted()
	if err != nil {
		return "", err
	}
	if plain {
		return d.remember(raw), nil
	}
	units, err := d.unescape(raw)
	if err != nil {
		return "", err
	}
	return string(utf16.Decode(units)), nil
}

// remember gives the string of a key, made only once for keys that repeat.
func (d *Decoder) remember(raw []byte) string {
	if key, known := d.keys[string(raw)]; known {
		return key
	}
	key := string(raw)
	if len(d.keys) < maxKeys && len(key) <= 64 {
		d.keys[key] = key
	}
	return key
}

// quoted takes a string in quotes and returns what is between them; plain says
// that this is the text itself: no escapes, and valid UTF-8.
func (d *Decoder) quoted() (raw []byte, plain bool, err error) {
	d.pos++
	begin, plain, ascii := d.pos, true, true
	for d.pos < len(d.data) {
		switch c := d.data[d.pos]; {
		case c == '"':
			raw = d.data[begin:d.pos]
			d.pos++
			return raw, plain && (ascii || utf8.Valid(raw)), nil
		case c == '\\':
			plain = false
			d.pos += 2
		case c < 0x20:
			return nil, false, d.fail(fmt.Sprintf("control character %#02x must be escaped in a string", c))
		default:
			ascii = ascii && c < utf8.RuneSelf
			d.pos++
		}
	}
	d.pos = len(d.data)
	return nil, false, d.fail("unexpected end of the JSON text inside a string")
}

// unescape turns the inside of a string into UTF-16, in which lone surrogates
// survive. It is called right behind the closing quote.
func (d *Decoder) unescape(raw []byte) ([]uint16, error) {
	units := make([]uint16, 0, len(raw))
	end := d.pos - 1
	for i := 0; i < len(raw); {
		if raw[i] != '\\' {
			r, size := utf8.DecodeRune(raw[i:])
			units = utf16.AppendRune(units, r)
			i += size
			continue
		}
		unit, size, ok := escape(raw[i:])
		if !ok {
			d.pos = end - len(raw) + i
			return nil, d.fail("invalid escape in a string")
		}
		units = append(units, unit)
		i += size
	}
	return units, nil
}

var simpleEscapes = [256]byte{
	'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t',
}

// escape reads one escape sequence and returns its unit and length.
func escape(raw []byte) (unit uint16, size int, ok bool) {
	if len(raw) < 2 {
		return 0, 0, false
	}
	if c := simpleEscapes[raw[1]]; c != 0 {
		return uint16(c), 2, true
	}
	if raw[1] != 'u' || len(raw) < 6 {
		return 0, 0, false
	}
	for _, c := range raw[2:6] {
		digit, ok := hexDigit(c)
		if !ok {
			return 0, 0, false
		}
		unit = unit<<4 | digit
	}
	return unit, 6, true
}

func hexDigit(c byte) (uint16, bool) {
	switch {
	case '0' <= c && c <= '9':
		return uint16(c - '0'), true
	case 'a' <= c && c <= 'f':
		return uint16(c-'a') + 10, true
	case 'A' <= c && c <= 'F':
		return uint16(c-'A') + 10, true
	}
	return 0, false
}
