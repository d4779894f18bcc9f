package glue

import (
	"slices"
	"strconv"
	"strings"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

// bag reads an object of options. A name that is not known is an error: an
// option that does nothing would be believed to work.
type bag struct {
	h      *native.Host
	what   string // for errors: "csv.parse"
	object *goja.Object
}

// bagOf reads v, which may be missing, as options with these names.
func bagOf(h *native.Host, v goja.Value, what string, names ...string) bag {
	b := bag{h: h, what: what}
	if native.Missing(v) {
		return b
	}
	b.object = native.Object(h.Runtime, v, what+": the options")
	for _, name := range b.object.Keys() {
		if !slices.Contains(names, name) {
			native.Throw(h.Runtime, "%s: unknown option %q; there are %s", what, name, strings.Join(names, ", "))
		}
	}
	return b
}

// get is nil for what is not given.
func (b bag) get(name string) goja.Value {
	if b.object == nil {
		return nil
	}
	if v := b.object.Get(name); !native.Missing(v) {
		return v
	}
	return nil
}

func (b bag) label(name string) string { return b.what + ": " + name }

func (b bag) text(name, standard string) string {
	if v := b.get(name); v != nil {
		return native.String(b.h.Runtime, v, b.label(name))
	}
	return standard
}

func (b bag) flag(name string, standard bool) bool {
	if v := b.get(name); v != nil {
		return native.Boolean(b.h.Runtime, v, b.label(name))
	}
	return standard
}

func (b bag) integer(name string, standard, least, most int) int {
	if v := b.get(name); v != nil {
		return native.Integer(b.h.Runtime, v, b.label(name), least, most)
	}
	return standard
}

func stringList(h *native.Host, v goja.Value, what string) []string {
	var list []string
	for i, item := range native.Elements(h.Runtime, v, what) {
		list = append(list, native.String(h.Runtime, item, what+"["+strconv.Itoa(i)+"]"))
	}
	return list
}

// bytesOf reads data to be sent or stored: a text as UTF-8, or bytes, which are
// copied.
func bytesOf(h *native.Host, v goja.Value, what string) []byte {
	if goja.IsString(v) {
		return []byte(v.String())
	}
	data, ok := native.Bytes(v)
	if !ok {
		native.Throw(h.Runtime, "%s must be a string, a Buffer, or an ArrayBuffer or a view of one, got %s", what, native.Describe(v))
	}
	return slices.Clone(data)
}

// textOf reads a text, or bytes as UTF-8.
func textOf(h *native.Host, v goja.Value, what string) string {
	if data, ok := native.Bytes(v); ok {
		return string(data)
	}
	return native.String(h.Runtime, v, what)
}
