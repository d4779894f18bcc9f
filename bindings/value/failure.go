package value

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

func (d *Decoder) fail(message string) error {
	before := d.data[:min(d.pos, len(d.data))]
	return &SyntaxError{
		Message: message,
		Offset:  len(before),
		Line:    bytes.Count(before, []byte("\n")) + 1,
		Column:  len(before) - bytes.LastIndexByte(before, '\n'),
	}
}

func (d *Decoder) unexpected(where string) error {
	if d.pos >= len(d.data) {
		return d.fail("unexpected end of the JSON text")
	}
	r, _ := utf8.DecodeRune(d.data[d.pos:])
	return d.fail(fmt.Sprintf("unexpected %q %s", r, where))
}

func (d *Decoder) badNumber(begin int) error {
	err := d.fail(fmt.Sprintf("invalid number %q", clip(d.data[begin:min(d.pos+1, len(d.data))])))
	return err
}

func (d *Decoder) tooDeep() error {
	return d.fail(fmt.Sprintf("nested deeper than %d levels", MaxDepth))
}

func clip(text []byte) []byte {
	if len(text) > 40 {
		return text[:40]
	}
	return text
}
