package glue

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

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

// required is a text that must be there.
func (b bag) required(name string) string {
	return native.NonEmpty(b.h.Runtime, b.get(name), b.label(name))
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

// choice is one of several texts.
func (b bag) choice(name, standard string, of ...string) string {
	text := b.text(name, standard)
	if !slices.Contains(of, text) {
		native.Throw(b.h.Runtime, "%s must be one of %s, got %q", b.label(name), strings.Join(of, ", "), text)
	}
	return text
}

func (b bag) duration(name string, standard time.Duration) time.Duration {
	if v := b.get(name); v != nil {
		return duration(b.h, v, b.label(name))
	}
	return standard
}

// texts is a list of strings, or one of them alone.
func (b bag) texts(name string) []string {
	v := b.get(name)
	if v == nil {
		return nil
	}
	if goja.IsString(v) {
		return []string{v.String()}
	}
	return stringList(b.h, v, b.label(name))
}

func stringList(h *native.Host, v goja.Value, what string) []string {
	var list []string
	for i, item := range native.Elements(h.Runtime, v, what) {
		list = append(list, native.String(h.Runtime, item, what+"["+strconv.Itoa(i)+"]"))
	}
	return list
}

// duration reads "90s", "1h30m" or "2d", or a number of milliseconds.
func duration(h *native.Host, v goja.Value, what string) time.Duration {
	var d time.Duration
	if goja.IsString(v) {
		var err error
		if d, err = parseDuration(v.String()); err != nil {
			native.Throw(h.Runtime, "%s must be a duration such as '30s', '1h30m' or '7d', got %q", what, v.String())
		}
	} else {
		ms := native.Float(h.Runtime, v, what)
		if ms > math.MaxInt64/float64(time.Millisecond) {
			native.Throw(h.Runtime, "%s is too long", what)
		}
		d = time.Duration(ms * float64(time.Millisecond))
	}
	if d <= 0 {
		native.Throw(h.Runtime, "%s must be longer than zero", what)
	}
	return d
}

func parseDuration(text string) (time.Duration, error) {
	days, rest, found := strings.Cut(text, "d")
	if !found {
		return time.ParseDuration(text)
	}
	n, err := strconv.ParseFloat(days, 64)
	if err != nil || n < 0 || n > 100_000 {
		return 0, strconv.ErrSyntax
	}
	d := time.Duration(n * 24 * float64(time.Hour))
	if rest == "" {
		return d, nil
	}
	more, err := time.ParseDuration(rest)
	return d + more, err
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
