package node

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/web"
)

// Encodings of Buffer by the names that buffer.js gives them.
const (
	encUTF8      = "utf8"
	encUTF16     = "utf16le"
	encLatin1    = "latin1"
	encASCII     = "ascii"
	encBase64    = "base64"
	encBase64URL = "base64url"
	encHex       = "hex"
)

// encodeText gives the bytes of a text.
func encodeText(text goja.String, encoding string) []byte {
	switch encoding {
	case encUTF16:
		return encodeUTF16(text)
	case encLatin1, encASCII:
		return encodeLatin1(text)
	case encBase64, encBase64URL:
		return decodeBase64(text.String())
	case encHex:
		return decodeHex(text.String())
	default:
		return []byte(text.String())
	}
}

func encodeUTF16(text goja.String) []byte {
	n := text.Length()
	data := make([]byte, 2*n)
	for i := range n {
		unit := text.CharAt(i)
		data[2*i], data[2*i+1] = byte(unit), byte(unit>>8)
	}
	return data
}

func encodeLatin1(text goja.String) []byte {
	n := text.Length()
	source := text.String()
	if len(source) == n { // ASCII alone
		return []byte(source)
	}
	data := make([]byte, n)
	for i := range n {
		data[i] = byte(text.CharAt(i))
	}
	return data
}

// decodeText makes a text of bytes.
func decodeText(rt *goja.Runtime, data []byte, encoding string) goja.Value {
	switch encoding {
	case encUTF16:
		units := make([]uint16, len(data)/2)
		for i := range units {
			units[i] = uint16(data[2*i]) | uint16(data[2*i+1])<<8
		}
		return goja.StringFromUTF16(units)
	case encLatin1:
		return latin1Text(rt, data)
	case encASCII:
		masked := make([]byte, len(data))
		for i, b := range data {
			masked[i] = b & 0x7f
		}
		return rt.ToValue(string(masked))
	case encBase64:
		return rt.ToValue(base64.StdEncoding.EncodeToString(data))
	case encBase64URL:
		return rt.ToValue(base64.RawURLEncoding.EncodeToString(data))
	case encHex:
		return rt.ToValue(hex.EncodeToString(data))
	default:
		if utf8.Valid(data) {
			return rt.ToValue(string(data))
		}
		return web.DecodeUTF8(data)
	}
}

func latin1Text(rt *goja.Runtime, data []byte) goja.Value {
	ascii := true
	for _, b := range data {
		ascii = ascii && b < utf8.RuneSelf
	}
	if ascii {
		return rt.ToValue(string(data))
	}
	units := make([]uint16, len(data))
	for i, b := range data {
		units[i] = uint16(b)
	}
	return goja.StringFromUTF16(units)
}

// decodeHex decodes up to the first pair that is none.
func decodeHex(text string) []byte {
	data := make([]byte, len(text)/2)
	n, _ := hex.Decode(data, []byte(text[:len(data)*2]))
	return data[:n]
}

// digits are the values of both alphabets of base64; what is in neither is 0xff.
var digits = func() (table [256]byte) {
	for i := range table {
		table[i] = 0xff
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	for i := range len(alphabet) {
		table[alphabet[i]] = byte(i)
	}
	table['+'], table['-'], table['/'], table['_'] = 62, 62, 63, 63
	return table
}()

// decodeBase64 decodes both alphabets up to the first =, and passes over what is
// in neither.
func decodeBase64(text string) []byte {
	if data, err := base64.StdEncoding.Strict().DecodeString(text); err == nil && !strings.ContainsAny(text, "\r\n") {
		return data
	}
	data := make([]byte, 0, len(text)/4*3+3)
	var bits uint32
	count := 0
	for i := range len(text) {
		if text[i] == '=' {
			break
		}
		digit := digits[text[i]]
		if digit == 0xff {
			continue
		}
		bits = bits<<6 | uint32(digit)
		if count++; count == 4 {
			data = append(data, byte(bits>>16), byte(bits>>8), byte(bits))
			bits, count = 0, 0
		}
	}
	switch count {
	case 2:
		data = append(data, byte(bits>>4))
	case 3:
		data = append(data, byte(bits>>10), byte(bits>>2))
	}
	return data
}
