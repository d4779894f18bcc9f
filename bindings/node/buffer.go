package node

import (
	"bytes"
	_ "embed"
	"unicode/utf8"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

//go:embed buffer.js
var bufferScript string

//go:embed numbers.js
var numbersSource string

// numbers are the methods of Buffer that read and write numbers.
var numbers = newShared("numbers", numbersSource)

// bufferNatives are what buffer.js cannot do fast. It has checked the arguments.
var bufferNatives = []member{
	nodeErrors.member(),
	numbers.member(),
	{Name: "encode", Call: func(h *native.Host, call goja.FunctionCall) goja.Value {
		return h.Runtime.ToValue(h.Runtime.NewArrayBuffer(encodeText(textOf(call.Argument(0)), call.Argument(1).String())))
	}},
	{Name: "decode", Call: func(h *native.Host, call goja.FunctionCall) goja.Value {
		data, _ := native.Bytes(call.Argument(0))
		return decodeText(h.Runtime, data[call.Argument(1).ToInteger():call.Argument(2).ToInteger()], call.Argument(3).String())
	}},
	{Name: "byteLength", Call: func(h *native.Host, call goja.FunctionCall) goja.Value {
		return h.Value(len(call.Argument(0).String()))
	}},
	{Name: "write", Call: writeText},
	{Name: "fill", Call: func(_ *native.Host, call goja.FunctionCall) goja.Value {
		data, _ := native.Bytes(call.Argument(0))
		pattern, _ := native.Bytes(call.Argument(1))
		repeat(data[call.Argument(2).ToInteger():call.Argument(3).ToInteger()], bytes.Clone(pattern))
		return goja.Undefined()
	}},
	{Name: "compare", Call: func(h *native.Host, call goja.FunctionCall) goja.Value {
		a, _ := native.Bytes(call.Argument(0))
		b, _ := native.Bytes(call.Argument(1))
		return h.Value(bytes.Compare(a, b))
	}},
	{Name: "indexOf", Call: func(h *native.Host, call goja.FunctionCall) goja.Value { return h.Value(indexOf(call)) }},
	{Name: "isUtf8", Call: func(h *native.Host, call goja.FunctionCall) goja.Value {
		data, _ := native.Bytes(call.Argument(0))
		return h.Value(utf8.Valid(data))
	}},
	{Name: "isAscii", Call: func(h *native.Host, call goja.FunctionCall) goja.Value {
		data, _ := native.Bytes(call.Argument(0))
		return h.Value(bytes.IndexFunc(data, func(r rune) bool { return r >= utf8.RuneSelf }) < 0)
	}},
	{Name: "swap", Call: func(_ *native.Host, call goja.FunctionCall) goja.Value {
		data, _ := native.Bytes(call.Argument(0))
		size := int(call.Argument(1).ToInteger())
		for ; len(data) >= size; data = data[size:] {
			for i := range size / 2 {
				data[i], data[size-1-i] = data[size-1-i], data[i]
			}
		}
		return goja.Undefined()
	}},
	{Name: "maxLength", Value: func(h *native.Host) goja.Value { return h.Value(h.VM.Options().MaxBytes) }},
}

func textOf(v goja.Value) goja.String {
	text, _ := v.ToString().(goja.String)
	return text
}

// writeText takes bytes, a text, where to begin, how many bytes at most, and the
// encoding. It writes no part of a character, and gives how many bytes it wrote.
func writeText(h *native.Host, call goja.FunctionCall) goja.Value {
	data, _ := native.Bytes(call.Argument(0))
	from, most := int(call.Argument(2).ToInteger()), int(call.Argument(3).ToInteger())
	encoded, encoding := encodeText(textOf(call.Argument(1)), call.Argument(4).String()), call.Argument(4).String()
	n := min(len(encoded), most)
	switch {
	case encoding == encUTF16:
		n &^= 1
	case encoding == encUTF8:
		for n > 0 && n < len(encoded) && !utf8.RuneStart(encoded[n]) {
			n--
		}
	}
	copy(data[from:], encoded[:n])
	return h.Value(n)
}

// repeat fills data with a pattern that is not empty.
func repeat(data, pattern []byte) {
	n := copy(data, pattern)
	for n < len(data) {
		n += copy(data[n:], data[:n])
	}
}

// indexOf takes bytes, bytes to find, where to begin, whether to go forward, and
// how wide a unit is.
func indexOf(call goja.FunctionCall) int {
	data, _ := native.Bytes(call.Argument(0))
	wanted, _ := native.Bytes(call.Argument(1))
	from, forward, width := int(call.Argument(2).ToInteger()), call.Argument(3).ToBoolean(), int(call.Argument(4).ToInteger())
	for from >= 0 && from <= len(data) {
		at := -1
		if forward {
			if at = bytes.Index(data[from:], wanted); at >= 0 {
				at += from
			}
		} else {
			at = bytes.LastIndex(data[:min(from+len(wanted), len(data))], wanted)
		}
		if at < 0 || at%width == 0 {
			return at
		}
		from = at + 1
		if !forward {
			from = at - 1
		}
	}
	return -1
}
