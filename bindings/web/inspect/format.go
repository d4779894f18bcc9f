package inspect

import (
	"math"
	"strconv"
	"strings"

	"github.com/dop251/goja"
)

func itoa(i int) string { return strconv.Itoa(i) }

// Format renders the arguments of console.log: a first string may hold %s %d %i
// %f %j %o %O %c and %%, which take the arguments after it; what is left follows
// in order, strings as they are.
func (i *Inspector) Format(args ...goja.Value) string {
	if len(args) == 0 {
		return ""
	}
	var out strings.Builder
	rest := args
	if goja.IsString(orUndefined(args[0])) {
		rest = i.template(&out, args[0].String(), args[1:])
	} else {
		out.WriteString(i.argument(args[0]))
		rest = args[1:]
	}
	for _, v := range rest {
		out.WriteByte(' ')
		out.WriteString(i.argument(v))
	}
	return out.String()
}

func orUndefined(v goja.Value) goja.Value {
	if v == nil {
		return goja.Undefined()
	}
	return v
}

func (i *Inspector) argument(v goja.Value) string {
	if v != nil && goja.IsString(v) {
		return v.String()
	}
	return i.Inspect(v, Options{Depth: DefaultDepth})
}

// template writes text with its directives replaced and returns the arguments
// that none of them took. Without arguments only %% would mean something, and
// stays.
func (i *Inspector) template(out *strings.Builder, text string, args []goja.Value) []goja.Value {
	if len(args) == 0 {
		out.WriteString(text)
		return nil
	}
	for {
		at := strings.IndexByte(text, '%')
		if at < 0 || at == len(text)-1 {
			out.WriteString(text)
			return args
		}
		out.WriteString(text[:at])
		directive := text[at+1]
		switch {
		case directive == '%':
			out.WriteByte('%')
		case len(args) > 0 && strings.IndexByte("sdifjoOc", directive) >= 0:
			out.WriteString(i.directive(directive, args[0]))
			args = args[1:]
		default:
			out.WriteByte('%')
			text = text[at+1:]
			continue
		}
		text = text[at+2:]
	}
}

const objectDepth = 4 // of %o

func (i *Inspector) directive(directive byte, v goja.Value) string {
	switch directive {
	case 's':
		return i.plainText(v)
	case 'd', 'i', 'f':
		return i.number(directive, v)
	case 'j':
		return i.json(v)
	case 'o':
		return i.Inspect(v, Options{Depth: objectDepth})
	case 'O':
		return i.Inspect(v, Options{Depth: DefaultDepth})
	}
	return "" // %c takes a style and shows nothing
}

// plainText is %s: strings as they are, objects with a toString of their own by
// it, others at a glance.
func (i *Inspector) plainText(v goja.Value) string {
	object, ok := v.(*goja.Object)
	if !ok {
		return i.printer(Options{}).primitive(v, true)
	}
	if _, callable := goja.AssertFunction(object); callable {
		return i.sourceOf(object)
	}
	text := i.Inspect(v, Options{Depth: 0})
	if object.ClassName() == "Error" || !i.ownToString(object) {
		return text
	}
	_ = i.rt.Try(func() { text = object.String() })
	return text
}

func (i *Inspector) sourceOf(function *goja.Object) string {
	source, err := i.functionText(function)
	if err != nil {
		return i.Inspect(function, Options{Depth: 0})
	}
	return source.String()
}

// ownToString reports whether a script, and not the language, defines toString.
func (i *Inspector) ownToString(object *goja.Object) bool {
	own := false
	_ = i.rt.Try(func() {
		if method, ok := object.Get("toString").(*goja.Object); ok {
			source, err := i.functionText(method)
			own = err == nil && !strings.Contains(source.String(), "[native code]")
		}
	})
	return own
}

func (i *Inspector) number(directive byte, v goja.Value) string {
	if v != nil && goja.IsBigInt(v) {
		return v.String() + "n"
	}
	if _, symbol := v.(*goja.Symbol); symbol {
		return "NaN"
	}
	text := ""
	if thrown := i.rt.Try(func() { text = i.numberText(directive, v) }); thrown != nil {
		return "NaN"
	}
	return text
}

func (i *Inspector) numberText(directive byte, v goja.Value) string {
	if directive == 'd' {
		n, err := i.numeric(goja.Undefined(), v)
		if err != nil {
			return "NaN"
		}
		return numberText(n)
	}
	f, ok := leadingFloat(v.String())
	if !ok {
		return "NaN"
	}
	if directive == 'i' {
		f = math.Trunc(f)
	}
	return numberText(i.rt.ToValue(f))
}

// leadingFloat is the number that text begins with.
func leadingFloat(text string) (float64, bool) {
	text = strings.TrimSpace(text)
	for end := min(len(text), 40); end > 0; end-- {
		if f, err := strconv.ParseFloat(text[:end], 64); err == nil && !strings.ContainsAny(text[:end], "_xXpPnN") {
			return f, true
		}
	}
	return 0, false
}

func (i *Inspector) json(v goja.Value) string {
	text, err := i.stringify(goja.Undefined(), v)
	if err != nil {
		return "[Circular]"
	}
	return text.String()
}
