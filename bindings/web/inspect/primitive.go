package inspect

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"unicode/utf16"

	"github.com/dop251/goja"
)

// primitive renders what is no object.
func (p *printer) primitive(v goja.Value, inText bool) string {
	switch {
	case v == nil || goja.IsUndefined(v):
		return p.style("undefined", "undefined")
	case goja.IsNull(v):
		return p.style("null", "null")
	case goja.IsString(v):
		if inText {
			return v.String()
		}
		return p.text(v)
	case goja.IsBigInt(v):
		return p.style("bigint", v.String()+"n")
	case goja.IsNumber(v):
		return p.style("number", numberText(v))
	}
	if symbol, ok := v.(*goja.Symbol); ok {
		return p.style("symbol", symbolText(symbol))
	}
	return p.style("boolean", v.String())
}

func numberText(v goja.Value) string {
	if f := v.ToFloat(); f == 0 && math.Signbit(f) {
		return "-0"
	}
	return v.String()
}

func symbolText(symbol *goja.Symbol) string { return "Symbol(" + symbol.String() + ")" }

// text renders a string in quotes, cut if it is very long, and broken at its
// line ends if it would not fit a line.
func (p *printer) text(v goja.Value) string {
	units, over := p.unitsOf(v)
	rest := ""
	if over > 0 {
		rest = fmt.Sprintf("... %d more character%s", over, plural(over))
	}
	const shortest = 16
	if len(units) > shortest && len(units) > p.lineWidth-p.indentation-4 {
		if lines := splitLines(units); len(lines) > 1 {
			quoted := make([]string, len(lines))
			for i, line := range lines {
				quoted[i] = p.style("string", quote(line))
			}
			return strings.Join(quoted, " +\n"+strings.Repeat(" ", p.indentation+2)) + rest
		}
	}
	return p.style("string", quote(units)) + rest
}

func plural(n int) string {
	if n > 1 {
		return "s"
	}
	return ""
}

// unitsOf returns what is shown of a string, and how many units it has besides.
func (p *printer) unitsOf(v goja.Value) (units []uint16, over int) {
	s, ok := v.(goja.String)
	if !ok {
		return utf16.Encode([]rune(v.String())), 0
	}
	units = make([]uint16, min(s.Length(), p.unitsShown))
	for i := range units {
		units[i] = s.CharAt(i)
	}
	return units, s.Length() - len(units)
}

// splitLines cuts after each newline.
func splitLines(units []uint16) [][]uint16 {
	var lines [][]uint16
	begin := 0
	for i, unit := range units {
		if unit == '\n' && i+1 < len(units) {
			lines = append(lines, units[begin:i+1])
			begin = i + 1
		}
	}
	return append(lines, units[begin:])
}

// quote puts text into the quotes that need the fewest escapes.
func quote(units []uint16) string {
	mark := bestQuote(units)
	var out strings.Builder
	out.WriteByte(mark)
	for i := 0; i < len(units); i++ {
		if !utf16.IsSurrogate(rune(units[i])) {
			writeUnit(&out, units[i], mark)
			continue
		}
		if i+1 < len(units) {
			if r := utf16.DecodeRune(rune(units[i]), rune(units[i+1])); r != '\uFFFD' {
				out.WriteRune(r)
				i++
				continue
			}
		}
		fmt.Fprintf(&out, `\u%04x`, units[i])
	}
	out.WriteByte(mark)
	return out.String()
}

// bestQuote is ', or else one of " and ` that does not occur in the text.
func bestQuote(units []uint16) byte {
	var single, double, back bool
	for i, unit := range units {
		switch unit {
		case '\'':
			single = true
		case '"':
			double = true
		case '`':
			back = true
		case '{':
			back = back || i > 0 && units[i-1] == '$'
		}
	}
	switch {
	case single && !double:
		return '"'
	case single && !back:
		return '`'
	}
	return '\''
}

var escapes = map[uint16]string{
	'\b': `\b`, '\t': `\t`, '\n': `\n`, '\f': `\f`, '\r': `\r`, '\\': `\\`,
}

func writeUnit(out *strings.Builder, unit uint16, mark byte) {
	switch escape, ok := escapes[unit]; {
	case ok:
		out.WriteString(escape)
	case unit == uint16(mark):
		out.WriteByte('\\')
		out.WriteByte(mark)
	case unit < 0x20 || unit >= 0x7f && unit < 0xa0:
		fmt.Fprintf(out, `\x%02X`, unit)
	default:
		out.WriteRune(rune(unit))
	}
}

var plainKey = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z_0-9]*$`)

func keyText(key string) string {
	if plainKey.MatchString(key) {
		return key
	}
	return quote(utf16.Encode([]rune(key)))
}
