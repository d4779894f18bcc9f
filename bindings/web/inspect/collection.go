package inspect

import (
	"fmt"
	"strings"

	"github.com/dop251/goja"
)

// Item is one item of a Map, or of a Set: then Key is nil.
type Item struct{ Key, Value goja.Value }

// Collection returns the items of a Map or a Set in order; ok is false for any
// other object.
func (i *Inspector) Collection(object *goja.Object) (items []Item, ok bool) {
	isMap := object.ExportType() == mapType
	each := i.setEach
	switch {
	case isMap:
		each = i.mapEach
	case object.ExportType() != setType || object.ClassName() == "Array":
		return nil, false
	}
	_, err := each(object, i.rt.ToValue(func(call goja.FunctionCall) goja.Value {
		item := Item{Value: call.Argument(0)}
		if isMap {
			item.Key = call.Argument(1)
		}
		items = append(items, item)
		return goja.Undefined()
	}))
	return items, err == nil // a Go slice looks like a set
}

// collectionShape is a Map or a Set.
func (p *printer) collectionShape(object *goja.Object, class, name, tag string) shape {
	items, ok := p.Collection(object)
	if !ok {
		return p.plain(object, name, tag, class)
	}
	return shape{
		open: prefix(name, tag, class, fmt.Sprintf("(%d)", len(items))) + "{", close: "}",
		keys: p.properties(object, nil),
		size: len(items), entries: func() []string { return p.items(items) },
	}
}

func (p *printer) items(items []Item) []string {
	p.indentation += 2
	defer func() { p.indentation -= 2 }()
	var parts []string
	for i, item := range items {
		if i == p.elementsShown {
			break
		}
		text := ""
		if item.Key != nil {
			text = p.value(item.Key, len(p.above), false) + " => "
		}
		parts = append(parts, text+p.value(item.Value, len(p.above), false))
	}
	return append(parts, remaining(len(items)-p.elementsShown)...)
}

func (p *printer) bufferShape(object *goja.Object, name, tag string) shape {
	s := p.plain(object, name, tag, "ArrayBuffer")
	s.size, s.entries = 1, func() []string {
		buffer, _ := object.Export().(goja.ArrayBuffer)
		data := buffer.Bytes()
		const most = 50
		shown := fmt.Sprintf("% x", data[:min(most, len(data))])
		if over := len(data) - most; over > 0 {
			shown += fmt.Sprintf(" ... %d more byte%s", over, plural(over))
		}
		return []string{"[Uint8Contents]: <" + shown + ">", fmt.Sprintf("byteLength: %d", len(data))}
	}
	return s
}

func (p *printer) promiseShape(object *goja.Object, name, tag string) shape {
	if tag == "Promise" {
		tag = ""
	}
	s := p.plain(object, name, tag, "Promise")
	s.size, s.entries = 1, func() []string {
		promise, _ := object.Export().(*goja.Promise)
		if promise == nil || promise.State() == goja.PromiseStatePending {
			return []string{"<pending>"}
		}
		p.indentation += 2
		defer func() { p.indentation -= 2 }()
		result := p.value(promise.Result(), len(p.above), false)
		if promise.State() == goja.PromiseStateRejected {
			result = "<rejected> " + result
		}
		return []string{result}
	}
	return s
}

// typedArray tells the kind of a view of an ArrayBuffer.
func typedArray(object *goja.Object) (kind string, ok bool) {
	v := object.GetSymbol(goja.SymToStringTag)
	if v == nil || !goja.IsString(v) {
		return "", false
	}
	kind = v.String()
	if !strings.HasSuffix(kind, "Array") || object.ExportType() == nil {
		return "", false
	}
	buffer, isObject := object.Get("buffer").(*goja.Object)
	return kind, isObject && buffer.ExportType() == bufferType
}

func (p *printer) typedArrayShape(object *goja.Object, name, tag string) shape {
	kind, _ := typedArray(object)
	if tag == kind {
		tag = ""
	}
	length := int(object.Get("length").ToInteger())
	if name == "Buffer" {
		return p.literalBuffer(object, length)
	}
	return shape{
		open: prefix(name, tag, kind, fmt.Sprintf("(%d)", length)) + "[", close: "]", array: true, size: length,
		keys:    p.besidesElements(object, length),
		entries: func() []string { return p.elements(object, length) },
	}
}

// literalBuffer is a Buffer as Node shows it: <Buffer 68 69>.
func (p *printer) literalBuffer(object *goja.Object, length int) shape {
	const most = 50
	text := "<Buffer"
	for i := range min(length, most) {
		text += fmt.Sprintf(" %02x", object.Get(itoa(i)).ToInteger())
	}
	if over := length - most; over > 0 {
		text += fmt.Sprintf(" ... %d more byte%s", over, plural(over))
	}
	return shape{base: text + ">", whole: true, keys: p.besidesElements(object, length), open: "{", close: "}"}
}
