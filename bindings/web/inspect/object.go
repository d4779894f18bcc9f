package inspect

import (
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"strings"

	"github.com/dop251/goja"
)

var (
	proxyType   = reflect.TypeFor[goja.Proxy]()
	bufferType  = reflect.TypeFor[goja.ArrayBuffer]()
	promiseType = reflect.TypeFor[*goja.Promise]()
	mapType     = reflect.TypeFor[[][2]any]()
	setType     = reflect.TypeFor[[]any]()
	symbolType  = reflect.TypeFor[string]()
	bigintType  = reflect.TypeFor[*big.Int]()
)

// shape is how an object is going to look.
type shape struct {
	base    string // what stands for the object itself, "[Function: f]"; may be ""
	open    string
	close   string
	entries func() []string // what comes before the properties; nil if size is 0
	size    int             // how many entries there are
	array   bool            // entries are elements, which may stand in columns
	keys    []goja.Value    // properties to show
	whole   bool            // without properties, base is all there is
}

// object renders an object that is not being rendered already.
func (p *printer) object(object *goja.Object, level int) string {
	name, tag := p.className(object)
	s := p.shape(object, name, tag)
	if len(s.keys) == 0 && s.size == 0 {
		if s.whole {
			return s.base
		}
		return s.open + s.close
	}
	if level > p.depth {
		if s.base != "" && !s.array {
			return s.base
		}
		return p.style("special", "["+strings.TrimSuffix(prefix(name, tag, "Object", ""), " ")+"]")
	}
	parts, elements := p.parts(object, s, level)
	if number, found := p.circular[object]; found {
		mark := fmt.Sprintf("<ref *%d>", number)
		if s.base == "" {
			s.open = mark + " " + s.open
		} else {
			s.base = mark + " " + s.base
		}
	}
	return p.layout(s, parts, elements, object, level)
}

// parts renders what an object holds: its entries, elements of them, and then
// its properties.
func (p *printer) parts(object *goja.Object, s shape, level int) (parts []string, elements int) {
	p.above = append(p.above, object)
	p.deepest = level
	if s.size > 0 {
		parts = s.entries()
	}
	elements = len(parts)
	for _, key := range s.keys {
		parts = append(parts, p.property(object, key, level))
	}
	p.above = p.above[:len(p.above)-1]
	return parts, elements
}

// className finds the name of the class that an object is of, "" if it has no
// prototype, and its Symbol.toStringTag where that says something else.
func (p *printer) className(object *goja.Object) (name, tag string) {
	for at := object; at != nil && name == ""; at = at.Prototype() {
		if constructor, ok := p.own(at, p.rt.ToValue("constructor")).value.(*goja.Object); ok {
			if _, callable := goja.AssertFunction(constructor); callable {
				name = p.functionName(constructor)
			}
		}
	}
	if v := object.GetSymbol(goja.SymToStringTag); v != nil && goja.IsString(v) {
		own := p.own(object, goja.SymToStringTag)
		if tag = v.String(); tag == name || own.exists && own.enumerable {
			tag = ""
		}
	}
	return name, tag
}

// prefix names the class before the bracket: "Foo ", "Set(2) ",
// "Foo [bar] ", "[Object: null prototype] ".
func prefix(name, tag, fallback, size string) string {
	if name == "" {
		if tag != "" && tag != fallback {
			return fmt.Sprintf("[%s%s: null prototype] [%s] ", fallback, size, tag)
		}
		return fmt.Sprintf("[%s%s: null prototype] ", fallback, size)
	}
	if tag != "" {
		return fmt.Sprintf("%s%s [%s] ", name, size, tag)
	}
	return name + size + " "
}

// descriptor is what is known of an own property.
type descriptor struct {
	exists, enumerable bool
	value              goja.Value // nil for an accessor
	get, set           bool
}

func (p *printer) own(object *goja.Object, key goja.Value) descriptor {
	result, err := p.describe(goja.Undefined(), object, key)
	if err != nil {
		panic(err)
	}
	found, ok := result.(*goja.Object)
	if !ok {
		return descriptor{}
	}
	d := descriptor{exists: true, enumerable: found.Get("enumerable").ToBoolean()}
	if value := found.Get("value"); value != nil {
		d.value = value
		return d
	}
	_, d.get = goja.AssertFunction(found.Get("get"))
	_, d.set = goja.AssertFunction(found.Get("set"))
	if !d.get && !d.set {
		d.value = goja.Undefined()
	}
	return d
}

// properties lists the own enumerable keys, symbols last; from skips what the
// entries show already.
func (p *printer) properties(object *goja.Object, skip func(key string) bool) []goja.Value {
	var keys []goja.Value
	for _, key := range object.Keys() {
		if skip == nil || !skip(key) {
			keys = append(keys, p.rt.ToValue(key))
		}
	}
	if p.opts.Sorted {
		slices.SortFunc(keys, func(a, b goja.Value) int { return strings.Compare(a.String(), b.String()) })
	}
	for _, symbol := range object.Symbols() {
		if p.own(object, symbol).enumerable {
			keys = append(keys, symbol)
		}
	}
	return keys
}

// property renders "key: value".
func (p *printer) property(object *goja.Object, key goja.Value, level int) string {
	d := p.own(object, key)
	text := ""
	switch {
	case d.get && d.set:
		text = p.style("special", "[Getter/Setter]")
	case d.get:
		text = p.style("special", "[Getter]")
	case d.set:
		text = p.style("special", "[Setter]")
	default:
		p.indentation += 2
		text = p.value(d.value, level+1, false)
		p.indentation -= 2
	}
	name := ""
	switch symbol, ok := key.(*goja.Symbol); {
	case ok:
		name = "[" + symbolText(symbol) + "]"
	case !d.enumerable:
		name = "[" + key.String() + "]"
	default:
		name = keyText(key.String())
	}
	return name + ": " + text
}

// functionName is a function's own name; "" if it has none.
func (p *printer) functionName(function *goja.Object) string {
	if name := p.own(function, p.rt.ToValue("name")).value; name != nil && goja.IsString(name) {
		return name.String()
	}
	return ""
}
