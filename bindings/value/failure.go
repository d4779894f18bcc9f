package value

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf16"
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

// place is a place in a text in the units of JavaScript strings.
type place struct {
	message                string
	position, line, column int
}

// inUnits converts the place of e in text.
func (e *SyntaxError) inUnits(text string) place {
	before := text[:min(e.Offset, len(text))]
	lineStart := strings.LastIndexByte(before, '\n') + 1
	return place{e.Message, units(before), e.Line, units(before[lineStart:]) + 1}
}

func (p place) String() string {
	return fmt.Sprintf("%s in JSON at position %d (line %d column %d)", p.message, p.position, p.line, p.column)
}

// units is how many UTF-16 units text has.
func units(text string) int {
	n := 0
	for _, r := range text {
		n += max(utf16.RuneLen(r), 1)
	}
	return n
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
