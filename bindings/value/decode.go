// Package value moves JSON between bytes and goja values. Going in, text becomes
// JavaScript values directly, with no Go maps between; going out,
// JSON.stringify decides, since only it knows toJSON and the order of keys.
package value

import (
	"bytes"
	"fmt"
	"math"
	"strconv"

	"github.com/dop251/goja"
)

// MaxDepth is how deeply arrays and objects may be nested, in and out. What is
// nested much deeper would hold the runtime for minutes or end the process.
const MaxDepth = 10_000

// SyntaxError says where text stops being JSON that is accepted.
type SyntaxError struct {
	Message string
	Offset  int // in bytes, from 0
	Line    int // from 1
	Column  int // in bytes, from 1
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s at %d:%d", e.Message, e.Line, e.Column)
}

// Decoder turns JSON text into values of one runtime. It keeps the order of
// keys, and makes "__proto__" a key like any other. It may be used again and
// again, by the goroutine that owns the runtime.
type Decoder struct {
	rt   *goja.Runtime
	data []byte
	pos  int
	keys map[string]string
	list []any // elements of the arrays being read, innermost last

	// pause is called now and then; it may panic to end the decoding. May be nil.
	pause  func()
	values int // read so far
}

// pauseEvery is after how many values [Decoder.pause] is called.
const pauseEvery = 1024

// maxKeys bounds the keys a decoder remembers to save their allocation.
const maxKeys = 512

// NewDecoder returns a decoder for rt.
func NewDecoder(rt *goja.Runtime) *Decoder {
	return &Decoder{rt: rt, keys: make(map[string]string)}
}

// Decode reads the one JSON value that data holds. Errors are [*SyntaxError].
func (d *Decoder) Decode(data []byte) (goja.Value, error) {
	d.data, d.pos = data, 0
	defer func() {
		clear(d.list)
		d.data, d.list = nil, d.list[:0]
	}()
	v, err := d.value(0)
	if err != nil {
		return nil, err
	}
	d.space()
	if d.pos < len(d.data) {
		return nil, d.unexpected("after the value")
	}
	return v, nil
}

// Decode reads the one JSON value that data holds into rt.
func Decode(rt *goja.Runtime, data []byte) (goja.Value, error) {
	return NewDecoder(rt).Decode(data)
}

func (d *Decoder) space() {
	for d.pos < len(d.data) {
		switch d.data[d.pos] {
		case ' ', '\n', '\t', '\r':
			d.pos++
		default:
			return
		}
	}
}

func (d *Decoder) value(depth int) (goja.Value, error) {
	if d.values++; d.values%pauseEvery == 0 && d.pause != nil {
		d.pause()
	}
	d.space()
	if d.pos >= len(d.data) {
		return nil, d.fail("unexpected end of the JSON text")
	}
	switch c := d.data[d.pos]; c {
	case '{':
		return d.object(depth + 1)
	case '[':
		return d.array(depth + 1)
	case '"':
		return d.text()
	case 't':
		return d.word("true", d.rt.ToValue(true))
	case 'f':
		return d.word("false", d.rt.ToValue(false))
	case 'n':
		return d.word("null", goja.Null())
	default:
		if c == '-' || '0' <= c && c <= '9' {
			return d.number()
		}
		return nil, d.unexpected("where a value should begin")
	}
}

func (d *Decoder) word(word string, v goja.Value) (goja.Value, error) {
	if !bytes.HasPrefix(d.data[d.pos:], []byte(word)) {
		return nil, d.unexpected("where a value should begin")
	}
	d.pos += len(word)
	return v, nil
}

func (d *Decoder) object(depth int) (goja.Value, error) {
	if depth > MaxDepth {
		return nil, d.tooDeep()
	}
	d.pos++
	object := d.rt.NewObject()
	if d.closes('}') {
		return object, nil
	}
	for {
		if err := d.property(object, depth); err != nil {
			return nil, err
		}
		more, err := d.more('}', "an object")
		if err != nil || !more {
			return object, err
		}
	}
}

func (d *Decoder) property(object *goja.Object, depth int) error {
	d.space()
	if d.pos >= len(d.data) || d.data[d.pos] != '"' {
		return d.unexpected("where a property name in quotes should begin")
	}
	key, err := d.key()
	if err != nil {
		return err
	}
	d.space()
	if d.pos >= len(d.data) || d.data[d.pos] != ':' {
		return d.unexpected("where a colon should follow the property name")
	}
	d.pos++
	v, err := d.value(depth)
	if err != nil {
		return err
	}
	// Setting would ask Object.prototype first, which a script may have changed.
	return object.DefineDataProperty(key, v, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE)
}

func (d *Decoder) array(depth int) (goja.Value, error) {
	if depth > MaxDepth {
		return nil, d.tooDeep()
	}
	d.pos++
	if d.closes(']') {
		return d.rt.NewArray(), nil
	}
	begin := len(d.list)
	for {
		v, err := d.value(depth)
		if err != nil {
			return nil, err
		}
		d.list = append(d.list, v)
		more, err := d.more(']', "an array")
		if err != nil {
			return nil, err
		}
		if !more {
			array := d.rt.NewArray(d.list[begin:]...)
			clear(d.list[begin:])
			d.list = d.list[:begin]
			return array, nil
		}
	}
}

// closes takes the closing bracket of an empty object or array.
func (d *Decoder) closes(bracket byte) bool {
	d.space()
	if d.pos < len(d.data) && d.data[d.pos] == bracket {
		d.pos++
		return true
	}
	return false
}

// more takes a comma, which announces another member, or the closing bracket.
func (d *Decoder) more(bracket byte, what string) (bool, error) {
	d.space()
	if d.pos < len(d.data) {
		switch d.data[d.pos] {
		case ',':
			d.pos++
			return true, nil
		case bracket:
			d.pos++
			return false, nil
		}
	}
	return false, d.unexpected("inside " + what)
}

// number reads what the JSON grammar allows: no leading zero, no lone dot.
func (d *Decoder) number() (goja.Value, error) {
	begin := d.pos
	if d.data[d.pos] == '-' {
		d.pos++
	}
	whole := d.pos
	if !d.digits() || d.data[whole] == '0' && d.pos-whole > 1 {
		return nil, d.badNumber(begin)
	}
	integer := true
	if d.pos < len(d.data) && d.data[d.pos] == '.' {
		integer = false
		d.pos++
		if !d.digits() {
			return nil, d.badNumber(begin)
		}
	}
	if d.pos < len(d.data) && d.data[d.pos]|0x20 == 'e' {
		integer = false
		d.pos++
		if d.pos < len(d.data) && (d.data[d.pos] == '+' || d.data[d.pos] == '-') {
			d.pos++
		}
		if !d.digits() {
			return nil, d.badNumber(begin)
		}
	}
	return d.numeric(d.data[begin:d.pos], integer), nil
}

// maxExactDigits is how many digits a whole number has that a double surely
// holds exactly.
const maxExactDigits = 15

func (d *Decoder) numeric(text []byte, integer bool) goja.Value {
	if integer && len(text) <= maxExactDigits {
		n, negative := int64(0), text[0] == '-'
		for _, c := range text {
			if c != '-' {
				n = n*10 + int64(c-'0')
			}
		}
		if !negative {
			return d.rt.ToValue(n)
		}
		if n != 0 {
			return d.rt.ToValue(-n)
		}
		return d.rt.ToValue(math.Copysign(0, -1))
	}
	f, _ := strconv.ParseFloat(string(text), 64) // out of range gives ±Inf, as JSON.parse does
	return d.rt.ToValue(f)
}

func (d *Decoder) digits() bool {
	begin := d.pos
	for d.pos < len(d.data) && '0' <= d.data[d.pos] && d.data[d.pos] <= '9' {
		d.pos++
	}
	return d.pos > begin
}
