package web

import (
	"unicode/utf16"

	"github.com/dop251/goja"
)

// DecodeUTF8 makes a text of bytes that may be no UTF-8: U+FFFD stands for what
// is none, as the Encoding standard says.
func DecodeUTF8(data []byte) goja.Value {
	units, _, _ := decodeUTF8(data, false)
	return goja.StringFromUTF16(units)
}

// utf8Decoder reads UTF-8 as the Encoding standard says: a sequence that breaks
// off becomes one U+FFFD, and the byte that broke it is read again.
type utf8Decoder struct {
	units      []uint16
	valid      bool
	point      rune
	needed     int
	seen       int
	low, high  byte // what the next byte may be
	sequenceAt int
}

// decodeUTF8 decodes data. rest is how many bytes at the end are the beginning
// of a character, if more bytes follow.
func decodeUTF8(data []byte, more bool) (units []uint16, rest int, valid bool) {
	d := &utf8Decoder{units: make([]uint16, 0, len(data)), valid: true}
	for i := 0; i < len(data); {
		if d.needed == 0 {
			d.sequenceAt = i
			d.begin(data[i])
			i++
			continue
		}
		if d.next(data[i]) {
			i++
		}
	}
	if d.needed > 0 {
		if more {
			return d.units, len(data) - d.sequenceAt, d.valid
		}
		d.broken()
	}
	return d.units, 0, d.valid
}

func (d *utf8Decoder) begin(b byte) {
	d.seen, d.low, d.high = 0, 0x80, 0xbf
	switch {
	case b < 0x80:
		d.units = append(d.units, uint16(b))
	case b >= 0xc2 && b <= 0xdf:
		d.needed, d.point = 1, rune(b&0x1f)
	case b >= 0xe0 && b <= 0xef:
		d.needed, d.point = 2, rune(b&0x0f)
		if b == 0xe0 {
			d.low = 0xa0
		}
		if b == 0xed {
			d.high = 0x9f
		}
	case b >= 0xf0 && b <= 0xf4:
		d.needed, d.point = 3, rune(b&0x07)
		if b == 0xf0 {
			d.low = 0x90
		}
		if b == 0xf4 {
			d.high = 0x8f
		}
	default:
		d.broken()
	}
}

// next reads a byte inside a sequence and reports whether it belongs to it.
func (d *utf8Decoder) next(b byte) bool {
	if b < d.low || b > d.high {
		d.broken()
		return false
	}
	d.low, d.high = 0x80, 0xbf
	d.point = d.point<<6 | rune(b&0x3f)
	if d.seen++; d.seen == d.needed {
		d.units = utf16.AppendRune(d.units, d.point)
		d.needed = 0
	}
	return true
}

func (d *utf8Decoder) broken() {
	d.units = append(d.units, 0xfffd)
	d.valid, d.needed = false, 0
}
