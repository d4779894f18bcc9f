package vm

import (
	"errors"
	"strconv"
	"strings"
	"unicode"
)

var (
	errPropertyName = errors.New(`\p must be followed by a property in braces, as in \p{L}`)
	errPropertyEnd  = errors.New(`the closing brace of \p{…} is missing`)
)

// expandUnicode writes out the property escapes \p{…} and \P{…} of a pattern
// with the u flag as explicit ranges.
func expandUnicode(pattern string) (string, error) {
	if !strings.Contains(pattern, `\p`) && !strings.Contains(pattern, `\P`) {
		return pattern, nil
	}
	var out strings.Builder
	inClass := false
	for i := 0; i < len(pattern); {
		size := 1
		switch c := pattern[i]; {
		case c == '\\' && i+1 < len(pattern) && pattern[i+1]|0x20 == 'p':
			ranges, length, err := propertyEscape(pattern[i:])
			if err != nil {
				return "", err
			}
			writeRanges(&out, ranges, inClass)
			i += length
			continue
		case c == '\\' && i+1 < len(pattern):
			size = 2
		case c == '[':
			inClass = true
		case c == ']':
			inClass = false
		}
		out.WriteString(pattern[i : i+size])
		i += size
	}
	return out.String(), nil
}

// propertyEscape reads the escape that text begins with, and gives its code
// points and its length.
func propertyEscape(text string) (ranges []runeRange, length int, err error) {
	if len(text) < 3 || text[2] != '{' {
		return nil, 0, errPropertyName
	}
	end := strings.IndexByte(text, '}')
	if end < 0 {
		return nil, 0, errPropertyEnd
	}
	ranges, err = property(text[3:end])
	if err == nil && text[1] == 'P' {
		ranges = complement(ranges)
	}
	return ranges, end + 1, err
}

func writeRanges(out *strings.Builder, ranges []runeRange, inClass bool) {
	if !inClass {
		out.WriteByte('[')
		defer out.WriteByte(']')
	}
	for _, r := range ranges {
		writeRune(out, r.low)
		if r.high > r.low {
			out.WriteByte('-')
			writeRune(out, r.high)
		}
	}
}

func writeRune(out *strings.Builder, r rune) {
	out.WriteString(`\u{`)
	out.WriteString(strconv.FormatInt(int64(r), 16))
	out.WriteByte('}')
}

// runeRange is the code points from low to high. Lists of them are sorted and
// have gaps between, unless said otherwise.
type runeRange struct{ low, high rune }

// tables are the code points of any of the tables.
func tables(list ...*unicode.RangeTable) []runeRange {
	var ranges []runeRange
	for _, table := range list {
		ranges = appendTable(ranges, table)
	}
	return merge(ranges)
}

func appendTable(ranges []runeRange, table *unicode.RangeTable) []runeRange {
	add := func(low, high, stride rune) {
		if stride == 1 {
			ranges = append(ranges, runeRange{low, high})
			return
		}
		for r := low; r <= high; r += stride {
			ranges = append(ranges, runeRange{r, r})
		}
	}
	for _, r := range table.R16 {
		add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
	}
	for _, r := range table.R32 {
		add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
	}
	return ranges
}
