package inspect

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/dop251/goja"
)

// kind is what an object is, whatever its class is called.
func (p *printer) kind(object *goja.Object, name string) string {
	class := object.ClassName()
	if _, callable := goja.AssertFunction(object); callable {
		return "Function"
	}
	if class != "Object" {
		return class
	}
	if name == "WeakMap" || name == "WeakSet" {
		return name
	}
	switch object.ExportType() {
	case bufferType:
		return "ArrayBuffer"
	case promiseType:
		return "Promise"
	case mapType:
		return "Map"
	case setType:
		return "Set"
	case symbolType:
		return "Symbol"
	case bigintType:
		return "BigInt"
	}
	if _, ok := typedArray(object); ok {
		return "TypedArray"
	}
	return class
}

// shape decides by the kind of an object.
func (p *printer) shape(object *goja.Object, name, tag string) shape {
	switch kind := p.kind(object, name); kind {
	case "Function":
		return p.functionShape(object, name, tag)
	case "TypedArray":
		return p.typedArrayShape(object, name, tag)
	case "Array":
		return p.arrayShape(object, name, tag)
	case "Map", "Set":
		return p.collectionShape(object, kind, name, tag)
	case "Error":
		return p.errorShape(object, name, tag)
	case "Date":
		return p.literal(object, p.style("date", p.dateLiteral(object)))
	case "RegExp":
		return p.literal(object, p.style("regexp", p.textOf(p.regexp, object)))
	case "Number", "Boolean", "String", "Symbol", "BigInt":
		return p.boxed(object, kind)
	case "ArrayBuffer":
		return p.bufferShape(object, name, tag)
	case "Promise":
		return p.promiseShape(object, name, tag)
	case "WeakMap", "WeakSet":
		s := p.plain(object, name, tag, kind)
		s.size, s.entries = 1, func() []string { return []string{"<items unknown>"} }
		return s
	case "Arguments":
		s := p.plain(object, name, tag, "Object")
		s.open = "[Arguments] {"
		return s
	}
	s := p.plain(object, name, tag, "Object")
	if name == "Object" && tag == "" {
		s.open = "{"
	}
	return s
}

// plain shows the properties in braces after the name of the class.
func (p *printer) plain(object *goja.Object, name, tag, fallback string) shape {
	return shape{open: prefix(name, tag, fallback, "") + "{", close: "}", keys: p.properties(object, nil)}
}

// literal is text that stands for the object unless it has properties.
func (p *printer) literal(object *goja.Object, text string) shape {
	return shape{base: text, open: "{", close: "}", whole: true, keys: p.properties(object, nil)}
}

func (p *printer) textOf(method goja.Callable, object *goja.Object) string {
	text, err := method(object)
	if err != nil {
		panic(err)
	}
	return text.String()
}

func (p *printer) dateLiteral(object *goja.Object) string {
	text, err := p.dateText(object)
	if err != nil {
		return "Invalid Date"
	}
	return text.String()
}

func (p *printer) arrayShape(object *goja.Object, name, tag string) shape {
	length := int(object.Get("length").ToInteger())
	open := "["
	if name != "Array" || tag != "" {
		open = prefix(name, tag, "Array", fmt.Sprintf("(%d)", length)) + "["
	}
	return shape{
		open: open, close: "]", array: true, size: length,
		keys:    p.besidesElements(object, length),
		entries: func() []string { return p.elements(object, length) },
	}
}

// besidesElements lists the properties of an array that are no elements. Of a
// very long one there are none: finding them takes a list of all.
func (p *printer) besidesElements(object *goja.Object, length int) []goja.Value {
	const longest = 10_000
	if length > longest {
		return nil
	}
	return p.properties(object, isIndex)
}

// isIndex reports whether a key is an element's.
func isIndex(key string) bool {
	n, err := strconv.ParseUint(key, 10, 32)
	return err == nil && strconv.FormatUint(n, 10) == key && n < 1<<32-1
}

// elements renders what an array holds; holes are counted.
func (p *printer) elements(object *goja.Object, length int) []string {
	var parts []string
	p.indentation += 2
	defer func() { p.indentation -= 2 }()
	shown, holes := 0, 0
	flush := func() {
		if holes > 0 {
			parts = append(parts, fmt.Sprintf("<%d empty item%s>", holes, plural(holes)))
			holes = 0
			shown++
		}
	}
	i := 0
	for ; i < length && shown < p.elementsShown; i++ {
		element := object.Get(strconv.Itoa(i))
		if element == nil {
			holes = p.holesFrom(object, i, length)
			i += holes - 1
			flush()
			continue
		}
		parts = append(parts, p.value(element, len(p.above), false))
		shown++
	}
	return append(parts, remaining(length-i)...)
}

// holesFrom counts the empty elements from i on. Beyond a few it asks for the
// keys instead of trying one after another.
func (p *printer) holesFrom(object *goja.Object, i, length int) int {
	const few = 1000
	n := 0
	for ; i+n < length && n < few; n++ {
		if object.Get(strconv.Itoa(i+n)) != nil {
			return n
		}
	}
	next := length
	for _, key := range object.Keys() {
		if isIndex(key) {
			if at, _ := strconv.Atoi(key); at >= i+n && at < next {
				next = at
			}
		}
	}
	return next - i
}

func remaining(n int) []string {
	if n <= 0 {
		return nil
	}
	return []string{fmt.Sprintf("... %d more item%s", n, plural(n))}
}

func (p *printer) functionShape(object *goja.Object, name, tag string) shape {
	base := p.style("special", p.functionBase(object, name, tag))
	return shape{base: base, open: "{", close: "}", whole: true, keys: p.properties(object, nil)}
}

func (p *printer) functionBase(object *goja.Object, name, tag string) string {
	own := p.functionName(object)
	source := p.textOf(p.functionText, object)
	if strings.HasPrefix(source, "class") && strings.HasSuffix(source, "}") {
		return p.classBase(object, own)
	}
	kind := "Function"
	if strings.HasSuffix(name, kind) {
		kind = name // AsyncFunction, GeneratorFunction
	}
	base := "[" + kind
	if name == "" {
		base += " (null prototype)"
	}
	if own == "" {
		base += " (anonymous)"
	} else {
		base += ": " + own
	}
	base += "]"
	if name != "" && name != kind {
		base += " " + name
	}
	if tag != "" && tag != kind && name != tag {
		base += " [" + tag + "]"
	}
	return base
}

func (p *printer) classBase(object *goja.Object, own string) string {
	if own == "" {
		own = "(anonymous)"
	}
	base := "[class " + own
	parent := object.Prototype()
	switch {
	case parent == nil:
		base += " extends [null prototype]"
	case parent != p.functionPrototype:
		if name := p.functionName(parent); name != "" {
			base += " extends " + name
		}
	}
	return base + "]"
}

func (p *printer) boxed(object *goja.Object, class string) shape {
	var inner goja.Value
	skip := func(string) bool { return false }
	switch class {
	case "String":
		inner = object.ToString()
		skip = isIndex
	case "Number":
		inner = object.ToNumber()
	case "Symbol":
		return p.literal(object, "[Symbol: "+p.textOf(p.symbolText, object)+"]")
	case "BigInt":
		return p.literal(object, "[BigInt: "+object.String()+"n]")
	default:
		inner = p.rt.ToValue(object.Export())
	}
	return shape{
		base: "[" + class + ": " + p.value(inner, 0, false) + "]",
		open: "{", close: "}", whole: true, keys: p.properties(object, skip),
	}
}
