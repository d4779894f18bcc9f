package vm

import (
	"strconv"
	"strings"

	"github.com/dop251/goja"
)

// Bounds of a preview.
const (
	previewDepth = 3
	previewItems = 20
	previewBytes = 500
)

// preview shows a thrown value that is no error, much as its JSON would.
func (d *description) preview(object *goja.Object) string {
	if _, function := goja.AssertFunction(object); function {
		return "a function was thrown"
	}
	p := previewer{description: d}
	p.object(object, 0)
	if text := p.out.String(); text != "{}" {
		return text
	}
	if text := d.string(object); text != "" {
		return text
	}
	return "an object was thrown"
}

type previewer struct {
	*description
	out strings.Builder
}

func (p *previewer) full() bool { return p.out.Len() >= previewBytes }

func (p *previewer) object(object *goja.Object, depth int) {
	if depth == previewDepth {
		p.out.WriteString("…")
		return
	}
	var keys []string
	_ = p.run.vm.rt.Try(func() { keys = object.Keys() })
	list := object.ClassName() == "Array"
	begin, end := "{", "}"
	if list {
		begin, end = "[", "]"
	}
	p.out.WriteString(begin)
	for i, key := range keys {
		if i > 0 {
			p.out.WriteByte(',')
		}
		if i == previewItems || p.full() {
			p.out.WriteString("…")
			break
		}
		if !list {
			p.out.WriteString(strconv.Quote(key))
			p.out.WriteByte(':')
		}
		p.value(p.property(object, key), depth+1)
	}
	p.out.WriteString(end)
}

func (p *previewer) value(value goja.Value, depth int) {
	if object, ok := value.(*goja.Object); ok {
		if _, function := goja.AssertFunction(object); function {
			p.out.WriteString("function")
			return
		}
		p.object(object, depth)
		return
	}
	text := p.string(value)
	switch {
	case value == nil || goja.IsUndefined(value):
		text = "undefined"
	case goja.IsNull(value):
		text = "null"
	case goja.IsString(value):
		if room := previewBytes - p.out.Len(); len(text) > room {
			text = strings.ToValidUTF8(text[:max(room, 0)], "") + "…"
		}
		text = strconv.Quote(text)
	}
	p.out.WriteString(text)
}
