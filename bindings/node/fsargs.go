package node

import (
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

// pathOf reads a path: a text, bytes, or a URL of a file.
func pathOf(h *native.Host, v goja.Value, what string) string {
	if goja.IsString(v) {
		return v.String()
	}
	if data, ok := native.Bytes(v); ok {
		return string(data)
	}
	if object, ok := v.(*goja.Object); ok && object.Get("href") != nil {
		address, err := url.Parse(object.Get("href").String())
		if err != nil || address.Scheme != "file" || address.Host != "" || strings.Contains(strings.ToLower(address.EscapedPath()), "%2f") {
			native.Throw(h.Runtime, "%s must be a URL such as file:///data/a.txt, got %s", what, object.Get("href"))
		}
		if drive := strings.TrimPrefix(address.Path, "/"); windows && filepath.VolumeName(drive) != "" {
			return drive // of file:///C:/a
		}
		return address.Path
	}
	native.Throw(h.Runtime, "%s must be a string, a Buffer or a file: URL, got %s", what, native.Describe(v))
	return ""
}

// options reads an option bag, or the encoding in its place.
type options struct {
	h      *native.Host
	what   string
	object *goja.Object // nil if there is none
	text   string       // the encoding given instead
}

func optionsOf(h *native.Host, v goja.Value, what string) options {
	o := options{h: h, what: what}
	switch {
	case native.Missing(v):
	case goja.IsString(v):
		o.text = v.String()
	default:
		o.object = native.Object(h.Runtime, v, what+": the options")
	}
	return o
}

func (o options) get(name string) goja.Value {
	if o.object == nil {
		return nil
	}
	v := o.object.Get(name)
	if native.Missing(v) {
		return nil
	}
	return v
}

func (o options) is(name string) bool {
	v := o.get(name)
	return v != nil && native.Boolean(o.h.Runtime, v, o.what+": "+name)
}

// encodings are those of Buffer.
var encodings = []string{"utf8", "utf-8", "latin1", "binary", "ascii", "base64", "base64url", "hex", "utf16le", "utf-16le", "ucs2"}

// encoding is "" for bytes.
func (o options) encoding() string {
	name := o.text
	if v := o.get("encoding"); v != nil {
		name = native.String(o.h.Runtime, v, o.what+": encoding")
	}
	name = strings.ToLower(name)
	if name != "" && name != "buffer" && !slices.Contains(encodings, name) {
		native.Throw(o.h.Runtime, "%s: unknown encoding %q; use one of %s", o.what, name, strings.Join(encodings, ", "))
	}
	return strings.TrimSuffix(name, "buffer")
}

// mode reads permission bits: a number, or octal digits.
func (o options) mode(standard os.FileMode) os.FileMode {
	return modeOf(o.h, o.get("mode"), standard, o.what)
}

func modeOf(h *native.Host, v goja.Value, standard os.FileMode, what string) os.FileMode {
	if native.Missing(v) {
		return standard
	}
	if goja.IsString(v) {
		bits, err := strconv.ParseUint(v.String(), 8, 12)
		if err != nil {
			native.Throw(h.Runtime, "%s: the mode %q is not octal", what, v.String())
		}
		return os.FileMode(bits)
	}
	return os.FileMode(native.Integer(h.Runtime, v, what+": the mode", 0, 0o7777))
}

// flags are what Node writes for those of the system.
var flags = map[string]int{
	"r": os.O_RDONLY, "rs": os.O_RDONLY, "r+": os.O_RDWR, "rs+": os.O_RDWR,
	"w": os.O_WRONLY | os.O_CREATE | os.O_TRUNC, "wx": os.O_WRONLY | os.O_CREATE | os.O_TRUNC | os.O_EXCL,
	"w+": os.O_RDWR | os.O_CREATE | os.O_TRUNC, "wx+": os.O_RDWR | os.O_CREATE | os.O_TRUNC | os.O_EXCL,
	"a": os.O_WRONLY | os.O_CREATE | os.O_APPEND, "ax": os.O_WRONLY | os.O_CREATE | os.O_APPEND | os.O_EXCL,
	"a+": os.O_RDWR | os.O_CREATE | os.O_APPEND, "ax+": os.O_RDWR | os.O_CREATE | os.O_APPEND | os.O_EXCL,
}

func flagOf(h *native.Host, v goja.Value, standard, what string) int {
	name := standard
	switch {
	case native.Missing(v):
	case goja.IsNumber(v):
		return native.Integer(h.Runtime, v, what+": the flags", 0, 1<<30)
	default:
		name = native.String(h.Runtime, v, what+": the flag")
	}
	flag, known := flags[name]
	if !known {
		native.Throw(h.Runtime, "%s: unknown flag %q; use r, r+, w, wx, w+, wx+, a, ax, a+ or ax+", what, name)
	}
	return flag
}

// dataOf reads what is to be written: a text in some encoding, or bytes, which
// are copied.
func dataOf(h *native.Host, v goja.Value, encoding, what string) []byte {
	if goja.IsString(v) {
		if encoding == "" || encoding == "utf8" || encoding == "utf-8" {
			return []byte(v.String())
		}
		v = h.Encode(v, encoding)
	}
	data, ok := native.Bytes(v)
	if !ok {
		native.Throw(h.Runtime, "%s: the data must be a string, a Buffer, or an ArrayBuffer or a view of one, got %s", what, native.Describe(v))
	}
	return slices.Clone(data)
}

// decoded is a result: bytes as a Buffer, or as text.
func decoded(h *native.Host, data []byte, encoding string) any {
	switch encoding {
	case "":
		return data
	case "utf8", "utf-8":
		return strings.ToValidUTF8(string(data), "\ufffd")
	}
	return func() goja.Value { return h.Decode(data, encoding) }
}
