package inspect

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dop251/goja"
	"golang.org/x/text/width"
)

// layout puts the parts of an object on one line, if they are few, short and
// not deep, or below each other; many short elements stand in columns.
func (p *printer) layout(s shape, parts []string, elements int, object *goja.Object, level int) string {
	head := s.open
	if s.base != "" {
		head = s.base + " " + s.open
	}
	const few = 6
	grouped := parts
	if s.array && p.levels > 0 && len(parts) > few && elements == len(parts) {
		grouped = p.columns(parts, object)
	}
	if p.deepest-level < p.levels && len(grouped) == len(parts) && p.fits(s, parts) {
		return head + " " + strings.Join(parts, ", ") + " " + s.close
	}
	margin := "\n" + strings.Repeat(" ", p.indentation)
	return head + margin + "  " + strings.Join(grouped, ","+margin+"  ") + margin + s.close
}

// fits reports whether the parts fit one line.
func (p *printer) fits(s shape, parts []string) bool {
	width := 2*len(parts) + p.indentation + utf8.RuneCountInString(s.open) + utf8.RuneCountInString(s.base) + 10
	for _, part := range parts {
		if width += utf8.RuneCountInString(p.unstyled(part)); width > p.lineWidth || strings.Contains(part, "\n") {
			return false
		}
	}
	return !strings.Contains(s.base, "\n")
}

// columns puts elements into rows of equal columns, about two and a half times
// as wide as high, which is what reads as a block.
func (p *printer) columns(parts []string, object *goja.Object) []string {
	const separator, mostColumns, perLevel = 2, 15, 4
	elements := parts
	if strings.HasPrefix(parts[len(parts)-1], "... ") && len(parts) > p.elementsShown {
		elements = parts[:len(parts)-1]
	}
	total, longest := 0, 0
	widths := make([]int, len(elements))
	for i, part := range elements {
		widths[i] = textWidth(p.unstyled(part))
		total += widths[i] + separator
		longest = max(longest, widths[i])
	}
	widest := longest + separator
	if widest*3+p.indentation >= p.lineWidth || float64(total)/float64(widest) <= 5 && longest > 6 {
		return parts
	}
	bias := math.Sqrt(float64(widest) - float64(total)/float64(len(parts)))
	typical := math.Max(float64(widest)-3-bias, 1)
	count := min(
		int(math.Round(math.Sqrt(2.5*typical*float64(len(elements)))/typical)),
		(p.lineWidth-p.indentation)/widest, p.levels*perLevel, mostColumns)
	if count <= 1 {
		return parts
	}
	rows := p.rows(elements, widths, count, numbers(object, len(elements)))
	return append(rows, parts[len(elements):]...)
}

// rows joins elements, padded to the width of their column: numbers to the
// right, anything else to the left.
func (p *printer) rows(elements []string, widths []int, count int, right bool) []string {
	columns := make([]int, count)
	for i, width := range widths {
		columns[i%count] = max(columns[i%count], width)
	}
	var rows []string
	for begin := 0; begin < len(elements); begin += count {
		var row strings.Builder
		end := min(begin+count, len(elements))
		for i := begin; i < end; i++ {
			padding := strings.Repeat(" ", columns[i-begin]-widths[i])
			if right {
				row.WriteString(padding)
			}
			row.WriteString(elements[i])
			if i < end-1 {
				row.WriteString(", ")
				if !right {
					row.WriteString(padding)
				}
			}
		}
		rows = append(rows, row.String())
	}
	return rows
}

// numbers reports whether the first n elements are all numbers.
func numbers(object *goja.Object, n int) bool {
	numeric := true
	for i := 0; i < n && numeric; i++ {
		v := object.Get(itoa(i))
		numeric = v != nil && (goja.IsNumber(v) || goja.IsBigInt(v))
	}
	return numeric
}

// textWidth is how many columns of a terminal text takes.
func textWidth(text string) int {
	n := 0
	for _, r := range text {
		switch kind := width.LookupRune(r).Kind(); {
		case unicode.Is(unicode.Mn, r) || r == '\u200d':
		case kind == width.EastAsianWide || kind == width.EastAsianFullwidth:
			n += 2
		default:
			n++
		}
	}
	return n
}
