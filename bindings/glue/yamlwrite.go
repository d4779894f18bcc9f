package glue

import (
	"encoding/base64"
	"math"
	"strings"
	"unicode"

	"github.com/dop251/goja"
	"go.yaml.in/yaml/v3"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/value"
)

// yamlWriter makes a document of a value.
type yamlWriter struct {
	h    *native.Host
	open map[*goja.Object]bool // being written
}

func scalarNode(tag, text string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: text}
}

// node makes the node of v; what names it for errors.
func (w *yamlWriter) node(v goja.Value, what string) *yaml.Node {
	switch {
	case native.Missing(v):
		return scalarNode("!!null", "null")
	case goja.IsString(v):
		return textNode(v.String())
	case goja.IsBigInt(v):
		return scalarNode("!!int", v.String())
	case goja.IsNumber(v):
		return numberNode(v)
	}
	object, ok := v.(*goja.Object)
	if !ok {
		if _, symbol := v.(*goja.Symbol); symbol {
			native.Throw(w.h.Runtime, "yaml.stringify: %s is a symbol", what)
		}
		return scalarNode("!!bool", v.String())
	}
	if data, ok := native.Bytes(v); ok {
		return scalarNode("!!binary", base64.StdEncoding.EncodeToString(data))
	}
	if toJSON, ok := goja.AssertFunction(object.Get("toJSON")); ok {
		result, err := toJSON(object, w.h.Runtime.ToValue(""))
		if err != nil {
			panic(err)
		}
		if result != v {
			return w.node(result, what)
		}
	}
	return w.object(object, what)
}

func (w *yamlWriter) object(object *goja.Object, what string) *yaml.Node {
	if w.open[object] {
		native.Throw(w.h.Runtime, "yaml.stringify: %s contains itself", what)
	}
	if len(w.open) > value.MaxDepth {
		native.Throw(w.h.Runtime, "yaml.stringify: %s is nested more than %d deep", what, value.MaxDepth)
	}
	w.open[object] = true
	defer delete(w.open, object)
	if native.IsArray(object) {
		list := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		for _, item := range native.Elements(w.h.Runtime, object, what) {
			list.Content = append(list.Content, w.node(item, "an element of "+what))
		}
		return list
	}
	if !native.IsPlain(object) {
		native.Throw(w.h.Runtime, "yaml.stringify: %s is %s; make an object, an array or a text of it first", what, native.Describe(object))
	}
	mapping := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	for _, key := range object.Keys() {
		item := object.Get(key)
		if item == nil || goja.IsUndefined(item) {
			continue
		}
		mapping.Content = append(mapping.Content, textNode(key), w.node(item, key))
	}
	return mapping
}

func numberNode(v goja.Value) *yaml.Node {
	f := v.ToFloat()
	switch {
	case math.IsNaN(f):
		return scalarNode("!!float", ".nan")
	case math.IsInf(f, 1):
		return scalarNode("!!float", ".inf")
	case math.IsInf(f, -1):
		return scalarNode("!!float", "-.inf")
	case f == math.Trunc(f) && !strings.ContainsRune(v.String(), 'e'):
		return scalarNode("!!int", v.String())
	}
	return scalarNode("!!float", v.String())
}

// textNode makes a text: in a block if it has several lines and a block keeps
// them as they are, in quotes where it would be something else without.
func textNode(text string) *yaml.Node {
	node := scalarNode("!!str", strings.ToValidUTF8(text, "\ufffd"))
	switch {
	case blockKeeps(text):
		node.Style = yaml.LiteralStyle
	case strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsGraphic(r) }), text == "<<", text == "=":
		node.Style = yaml.DoubleQuotedStyle
	}
	return node
}

// blockKeeps reports whether a text reads well as a block and survives in it.
func blockKeeps(text string) bool {
	if !strings.Contains(text, "\n") || strings.TrimSpace(text[:1]) == "" {
		return false
	}
	for line := range strings.SplitSeq(text, "\n") {
		if strings.TrimRightFunc(line, unicode.IsSpace) != line || strings.ContainsFunc(line, func(r rune) bool { return !unicode.IsGraphic(r) }) {
			return false
		}
	}
	return true
}
