package value

import (
	"errors"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
)

// native is a function of goja's own.
type native = func(goja.FunctionCall) goja.Value

// Install makes JSON.parse and JSON.stringify of v safe and, for parsing, fast:
// nesting beyond [MaxDepth] is an error, SyntaxErrors say where, and an interrupt
// ends both. What they do is otherwise as the language says. Encoders made
// afterwards use the same JSON.stringify.
func Install(v *vm.VM) error {
	rt := v.Runtime()
	object, ok := rt.Get("JSON").(*goja.Object)
	if !ok {
		return errors.New("JSON is not an object in this runtime")
	}
	stringify, ok := object.Get("stringify").Export().(native)
	if !ok {
		return errors.New("JSON.stringify is not a native function in this runtime")
	}
	arrays, ok := function(rt.Get("Array").ToObject(rt).Get("isArray"))
	if !ok {
		return errors.New("Array.isArray is not a function in this runtime")
	}
	p := &parser{vm: v, rt: rt, decoder: NewDecoder(rt), arrays: arrays}
	p.decoder.pause = v.Checkpoint
	w := &writer{vm: v, rt: rt, stringify: stringify}
	w.replacer = rt.ToValue(w.replace)
	return errors.Join(
		replace(rt, object, "parse", 2, p.parse),
		replace(rt, object, "stringify", 3, w.write))
}

func replace(rt *goja.Runtime, target *goja.Object, name string, length int, call native) error {
	function := rt.ToValue(call).(*goja.Object)
	return errors.Join(
		function.DefineDataProperty("name", rt.ToValue(name), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE),
		function.DefineDataProperty("length", rt.ToValue(length), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE),
		target.DefineDataProperty(name, function, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE))
}

// parser is JSON.parse of one VM.
type parser struct {
	vm      *vm.VM
	rt      *goja.Runtime
	decoder *Decoder
	arrays  native // Array.isArray
}

func (p *parser) parse(call goja.FunctionCall) goja.Value {
	if _, symbol := call.Argument(0).(*goja.Symbol); symbol {
		panic(p.rt.NewTypeError("JSON.parse: cannot convert a Symbol to a string"))
	}
	text := sourceText(call.Argument(0))
	v, err := p.decoder.Decode([]byte(text))
	if err != nil {
		panic(p.failure(text, err))
	}
	if reviver, ok := function(call.Argument(1)); ok {
		root := p.rt.NewObject()
		if err := put(root, "", v); err != nil {
			panic(err)
		}
		return p.revive(reviver, root, "")
	}
	return v
}

// sourceText is the text to parse, in UTF-8.
func sourceText(v goja.Value) string {
	value, ok := v.ToString().(goja.String)
	if !ok {
		return v.String()
	}
	text := value.String()
	if strings.ContainsRune(text, utf8.RuneError) {
		return withEscapes(value)
	}
	return text
}

// withEscapes writes lone surrogates, which UTF-8 cannot express, as escapes.
// These mean the same where they may stand at all: inside strings.
func withEscapes(value goja.String) string {
	const hex = "0123456789abcdef"
	var out strings.Builder
	escaped := false // the next unit is behind a backslash
	for i := 0; i < value.Length(); i++ {
		unit, next := rune(value.CharAt(i)), rune(0)
		if i+1 < value.Length() {
			next = rune(value.CharAt(i + 1))
		}
		switch pair := utf16.DecodeRune(unit, next); {
		case pair != utf8.RuneError:
			out.WriteRune(pair)
			i++
		case utf16.IsSurrogate(unit) && !escaped:
			out.Write([]byte{'\\', 'u', hex[unit>>12], hex[unit>>8&15], hex[unit>>4&15], hex[unit&15]})
		default:
			out.WriteRune(unit)
		}
		escaped = unit == '\\' && !escaped
	}
	return out.String()
}

// failure is the SyntaxError for what Decode returned; positions are in the
// units of JavaScript strings.
func (p *parser) failure(text string, err error) goja.Value {
	var syntax *SyntaxError
	message := err.Error()
	if errors.As(err, &syntax) {
		message = syntax.inUnits(text).String()
	}
	object, made := p.rt.New(p.rt.Get("SyntaxError"), p.rt.ToValue(message))
	if made != nil {
		panic(made)
	}
	return object
}
